"""What one simple command says, word by word; the only door to bashlex."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

TEXT, PARAMETER, OTHER = "text", "parameter", "other"

_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]", re.ASCII)
_BRACED = re.compile(r"\$\{([A-Za-z_]\w*|[0-9@*])(:?[-=?])?(.*)\}\Z", re.ASCII | re.DOTALL)
_LITERAL = re.compile(r"[^\\\"'`$]+")
_SPECIAL = re.compile(r"[\\\"'`$]")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^]]*\])?(\+?=)", re.ASCII)


class Part(NamedTuple):
    """A piece of a word: literal text, a parameter by its name, or another expansion by its source.

    `default` is that of `${NAME:-default}`, with its own parameters as they are written; None where there is none.
    """

    kind: str
    text: str
    source: str
    default: str | None = None


def parts_of(source: str) -> tuple[Part, ...]:
    """The pieces of a word as bash reads them: quotes and escapes taken off, expansions apart."""
    if source and not _SPECIAL.search(source):
        return (Part(TEXT, source, source),)
    parts: list[Part] = []
    literal: list[str] = []
    at, start, double = 0, 0, False

    def flush(end: int) -> None:
        if literal or end > start:
            parts.append(Part(TEXT, "".join(literal), source[start:end]))
            literal.clear()

    while at < len(source):
        letter = source[at]
        if letter == '"' or (letter == "$" and not double and source[at + 1 : at + 2] == '"'):
            double = not double  # $"…" is a translated string: the quotes alone count
            at += 1 if letter == '"' else 2
        elif _opens_expansion(source, at, double):
            flush(at)
            end = _expansion_end(source, at)
            parts.append(_expansion(source[at:end]))
            at = start = end
        else:
            text, at = _text_at(source, at, double)
            literal.append(text)
    flush(len(source))
    return tuple(parts)


def _text_at(source: str, at: int, double: bool) -> tuple[str, int]:
    """The text that starts at `at`, without the quotes or the backslash that protect it, and where it ends."""
    letter = source[at]
    if letter == "\\" and at + 1 < len(source):
        following = source[at + 1]
        if following == "\n":
            return "", at + 2
        return following if not double or following in '$`"\\' else letter + following, at + 2
    if letter == "'" and not double:
        end = source.find("'", at + 1)
        end = len(source) if end == -1 else end
        return source[at + 1 : end], end + 1
    run = _LITERAL.match(source, at)
    return (run[0], run.end()) if run else (letter, at + 1)


def _opens_expansion(source: str, at: int, double: bool) -> bool:
    if source[at] != "$":
        return source[at] == "`"
    following = source[at + 1 : at + 2]
    return following in ("(", "{", "[") or (following == "'" and not double) or bool(_NAME.match(source, at + 1))


def _expansion_end(source: str, at: int) -> int:
    """Where the expansion that starts at `at` ends."""
    if source[at] == "`":
        end = at + 1
        while end < len(source) and source[end] != "`":
            end += 2 if source[end] == "\\" else 1
        return min(end + 1, len(source))
    opening = source[at + 1]
    if opening == "'":
        end = at + 2
        while end < len(source) and source[end] != "'":
            end += 2 if source[end] == "\\" else 1
        return min(end + 1, len(source))
    closing = {"(": ")", "{": "}", "[": "]"}.get(opening)
    if closing is None:
        match = _NAME.match(source, at + 1)
        return match.end() if match else at + 1
    depth, end, quote = 0, at + 1, ""
    while end < len(source):
        letter = source[end]
        if letter == "\\":
            end += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'" and not (letter == "'" and opening == "{"):
            quote = letter
        elif letter == opening:
            depth += 1
        elif letter == closing:
            depth -= 1
            if not depth:
                return end + 1
        end += 1
    return len(source)


def _expansion(source: str) -> Part:
    if source.startswith("$'"):
        return Part(OTHER, source, source)
    if source.startswith("${"):
        if source.endswith("}") and (match := _BRACED.match(source)):
            name, operator, rest = match.groups()
            if operator in ("?", ":?") or not (rest or operator):  # without a value the script ends there
                return Part(PARAMETER, name, source)
            if operator and "-" in operator:
                inner = parts_of(rest)
                told = [part.text for part in inner if part.kind == TEXT]
                plain = all(part.kind == TEXT or (part.kind == PARAMETER and part.default is None) for part in inner)
                if plain and (told or not inner):
                    default = "".join(part.text if part.kind == TEXT else part.source for part in inner)
                    return Part(PARAMETER, name, source, default)
        return Part(OTHER, source, source)
    if source[0] == "$" and len(source) > 1 and source[1] not in "([":
        return Part(PARAMETER, source[1:], source)
    return Part(OTHER, source, source)


def assignment(source: str) -> re.Match[str] | None:
    """`NAME=`, `NAME+=` or `NAME[…]=` at the start of a word: groups name, subscript, operator."""
    return _ASSIGNMENT.match(source)


# Where the words of a command are is no matter of opinion while it holds nothing but plain letters, parameters,
# `$(plain words)` and quotes around such: blanks part them. bashlex says the same of these (tests/test_words.py) and is
# not asked, for its import alone costs more than reading a whole script.
_EXPANSION = r"\$[A-Za-z_]\w*|\$[1-9@*]|\$\{\w[\w:%*/@+,.=\[\]#-]*\}|\$\{\w+\[\$\w+\]\}|\$\([\w./:=+,@%^\x20-]+\)"
_QUOTED = r"[^\"\\$`]*"
_PLAIN = re.compile(  # no piece of it can be read in two ways, so that it never goes back over what it has read
    rf"""(?:[\w./:=+,@%^*?{{}}\[\]-]+|{_EXPANSION}
         |"{_QUOTED}(?:(?:{_EXPANSION}){_QUOTED})*"
         |'[^'$`]*'|(?<![\w"'$}}])~)+""",
    re.VERBOSE | re.ASCII,
)
_ARITHMETIC = re.compile(r"(?:[^~'\"\\#`]|\\\n)*\$\(\(")
_LINES = re.compile(r"[\w./](?:[^'\"\\`${(\n<]|<(?!<)|\\\n)*\n\s*[^\s#]")
_BLANKS = re.compile(r"(?:[ \t]|\\\n)*")
_RESERVED = frozenset(
    "if then elif else fi case esac for select while until do done function time in coproc { } ! [[ ]]".split()
)


def _plain_spans(command: str) -> tuple[tuple[int, int], ...] | None:
    """Where the words of a plain command are; None where it is not as plain as that."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(command):
        match = _PLAIN.match(command, at)
        if match is None:
            return None
        spans.append(match.span())
        blanks = _BLANKS.match(command, match.end())
        at = blanks.end() if blanks else match.end()
        apart = command[match.end() : at].strip(
            "\\\n"
        )  # in `a\` before a new line that starts with `b` nothing parts them
        if at < len(command) and not apart:
            return None
    named = next((word for word in (command[a:b] for a, b in spans) if not assignment(word)), "")
    braces = any(command[a:b] in ("{", "}") for a, b in spans)  # bashlex takes a word behind one for a reserved one
    return None if braces or named in _RESERVED or not spans else tuple(spans)


@lru_cache(maxsize=4096)
def word_spans(command: str) -> tuple[tuple[int, int], ...] | None:
    """Where the words (assignments too) of one simple command are; None where bashlex does not read it as one."""
    plain = _plain_spans(command)
    if plain is not None:
        return plain
    return None if _is_refused(command) else _bashlex_spans(command)


def _is_refused(command: str) -> bool:
    """Whether bashlex surely refuses it, or sees no simple command: arithmetic, a reserved word in front, two lines."""
    reserved = not _RESERVED.isdisjoint(command.split(maxsplit=1)[:1])
    return reserved or _ARITHMETIC.match(command) is not None or _LINES.match(command) is not None


@lru_cache(maxsize=1)
def _bashlex() -> Any:
    """bashlex, which costs more than everything else here together: only when a command looks like ours."""
    import bashlex
    from bashlex import subst

    expand: Any = getattr(subst, "_paramexpand", None)

    def checked(parser: Any, string: str, start: int) -> Any:
        # bashlex 0.18 goes round for ever in a `${` that nothing closes.
        if string[start + 1 : start + 2] == "{" and string.find("}", start + 2) == -1:
            raise ValueError("an open ${")
        return expand(parser, string, start)

    if expand is not None:
        subst._paramexpand = checked
    return bashlex


def _bashlex_spans(command: str) -> tuple[tuple[int, int], ...] | None:
    bashlex = _bashlex()
    try:
        trees = bashlex.parse(command, strictmode=False)
    except (RecursionError, Exception):
        return None
    if len(trees) != 1 or trees[0].kind != "command":
        return None
    parts = trees[0].parts
    spans = tuple((part.pos[0], part.pos[1]) for part in parts if part.kind in ("word", "assignment"))
    return spans if len(spans) == len([part for part in parts if part.kind != "redirect"]) else None
