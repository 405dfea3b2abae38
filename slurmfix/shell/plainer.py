"""Plainer letters for what the grammar stumbles over and no command can stand in: expansions, sums, tests, subscripts.

Asked for where the grammar met an error, since it costs a pass over the text. There are as many letters as before, and
a word stays one word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from slurmfix.shell.quoting import Quoting, scan, substitutions

_RUNS = re.compile(r"[`\n]|\$\(|[<>]\(")  # where this stands, commands may
_FUNCTION = re.compile(r"\$\{[ \t\n|]")  # `${ cmd; }` of bash 5.3
_EMPTY = re.compile(r"\$\(\s*\)")
# A function whose name is no plain word: `a\\=b ()`, `'a b' ()`, `<(:) ()`, `function a$b {`.
_NAMED = re.compile(
    r"""(?m)^(?P<before>[ \t]*(?:function[ \t]+)?)
    (?P<name>(?:[^\s()=`;|&<>"'\#\\]|\\.)+|'[^'\n]*'|"[^"\n`$]*"|[<>]\([^()\n`]*\))(?=[ \t]*\([ \t]*\)\s*[{(])
    |^(?P<function>[ \t]*function[ \t]+)(?P<alone>[^\s()=`;|&<>"'\#\\]+)(?=\s*[{(])""",
    re.VERBOSE,
)
_SUM = re.compile(r"(?<=\(\()(?:[^()]|\((?:[^()]|\([^()]*\))*\))+(?=\)\))")
_TEST = re.compile(
    r"""(?<![^\s;&|(!])\[\[(?=[ \t])
    ((?:[^\n"'\\`$]|"(?:[^"\n`\\]|\\.)*"|'[^'\n]*'|\\.|\$\{_+\}|\$[\w@*\#?$!-])*?)(?<=[ \t])\]\](?=[\s;&|)]|\Z)""",
    re.VERBOSE,
)
_SUBSCRIPT = re.compile(r"""(?<![\w$\[{])([A-Za-z_]\w*)\[((?:[^]\n"'`\\]|"[^"\n`]*"|'[^'\n]*'|\\.)*)\](\+?=)?""")
_BOTH_WAYS = re.compile(r"(?:\{\w+\})?<>|\{\w+\}(?=[<>])")
_LET = re.compile(r"(?m)(?<![\w-])let[ \t]+[^\n;|&'\"`]*")
_NO_PARENTHESES = str.maketrans("()", "__")
_PATTERN = re.compile(r"(?<![\s;&|(])[?*+@!]\([^\s()`$]*\)|(?<=[ \t])(?:[?*+@]|!(?=\(\S*[*.|]))\([^\s()`$]*\)")


def plainer(text: str) -> str:
    """The text with plainer letters, in ASCII as before."""
    text = with_plain_expansions(text)
    text = _EMPTY.sub(lambda match: "," * len(match[0]), text)
    text = _NAMED.sub(_with_plain_name, text)
    text = _SUM.sub(lambda match: _letters(match[0]), text)
    text = _TEST.sub(lambda match: f"[[ {_letters(match[1][1:-1])} ]]" if len(match[1]) > 2 else match[0], text)
    text = _SUBSCRIPT.sub(_with_plain_subscript, text)
    text = _LET.sub(lambda match: match[0].translate(_NO_PARENTHESES), text)
    text = _PATTERN.sub(lambda match: "_" * len(match[0]), text)
    return _BOTH_WAYS.sub(lambda match: f"{'< ' if '<>' in match[0] else '':>{len(match[0])}}", text)


def with_plain_expansions(text: str) -> str:
    """With `${____}` for each expansion, or with a word of letters around the commands in it."""
    quoting = scan(text, len(text))
    return "".join(_with_plain_expansions(_with_plain_quotes(text, quoting), quoting))


def _with_plain_quotes(text: str, quoting: Quoting) -> str:
    """With letters for what stands in single quotes in an expansion: a `$(` there runs nothing."""
    pieces: list[str] = []
    done = 0
    for start, end in quoting.single:
        around = bisect_right(quoting.braced, (start,)) - 1
        if around >= 0 and end <= quoting.braced[around][1]:
            pieces += (text[done:start], "_" * (end - start))
            done = end
    return "".join([*pieces, text[done:]])


def _with_plain_expansions(text: str, quoting: Quoting) -> Iterator[str]:
    done = 0
    for start, end in quoting.braced:
        yield text[done:start]
        yield _plain_expansion(text, start, end)
        done = end
    yield text[done:]


def _plain_expansion(text: str, start: int, end: int) -> str:
    if _FUNCTION.match(text, start):
        return text[start:end]
    pieces, done = [], start
    for first, last in substitutions(text, start + 2, end - 1):
        opened = first - (1 if text[first - 1] == "`" else 2)
        pieces += ["_" * (opened - done), text[opened : last + 1]]
        done = last + 1
    return "".join([*pieces, "_" * (end - done)]) if pieces else "${" + "_" * (end - start - 3) + "}"


def _with_plain_name(match: re.Match[str]) -> str:
    before, name = match["before"] or match["function"] or "", match["name"] or match["alone"]
    return match[0] if name.isidentifier() else before + "_" * len(name)


def _with_plain_subscript(match: re.Match[str]) -> str:
    name, inside, assigns = match.groups()
    written = _letters(inside)
    if _RUNS.search(inside):
        return match[0]
    return f"{name}[{written}]{assigns}" if assigns else f"{name}_{written}_"


def _letters(text: str) -> str:
    """As many letters of a name, but for what may hold commands."""
    return text if _RUNS.search(text) else "_" * len(text)
