"""Holds what slurmfix reads in scripts against bashlex and shfmt: `python tools/compare_parsers.py FOLDER…`.

Where bashlex reads a whole script, its simple commands and those of slurmfix must be the same: word by word, and in the
same loops, functions, pipelines, subshells and substitutions. Where shfmt reads it, each command in which a rule finds
something must be one that shfmt sees, with the same words. What the parsers are known to read wrongly is named in
KNOWN, with a script that shows it; what nothing there explains is printed, and the exit status is 1. Scripts are read,
never run.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slurmfix import files
from slurmfix.rules import find
from slurmfix.shell import FUNCTION, LOOP, PIPELINE, SUBSHELL, SUBSTITUTION, Command, Script, read
from slurmfix.shell.source import ascii_of, source_of
from slurmfix.shell.words import _bashlex

Span = tuple[int, int]
Words = tuple[Span, ...]  # where the words of a command stand in the text
Seen = dict[Words, frozenset[str]]  # the commands of a script, and what each stands in

PLACES = frozenset((FUNCTION, LOOP, PIPELINE, SUBSHELL, SUBSTITUTION))
SECONDS = 20  # in some texts bashlex goes round for long


class Refused(Exception):
    """The other parser does not read the script."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands at one place: the words that slurmfix sees there, and the other parser; None for no command.

    With the same words the two differ in what the command stands in, which `places` tells.
    """

    ours: Words | None
    theirs: Words | None
    places: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

    @property
    def start(self) -> int:
        return (self.ours or self.theirs or ((0, 0),))[0][0]

    @property
    def end(self) -> int:
        return max(words[-1][1] for words in (self.ours, self.theirs) if words)

    def shown(self, text: str) -> str:
        """What each of them sees, for a person."""
        ours, theirs = (words and [text[a:b] for a, b in words] for words in (self.ours, self.theirs))
        line = text.count("\n", 0, self.start) + 1
        if self.ours == self.theirs:
            ours, theirs = (f"{ours} in {sorted(places)}" for places in self.places)
        return f"line {line}: slurmfix sees {ours}, the other {theirs}"


@dataclass(slots=True)
class Tree:
    """What bashlex sees in a text, and what its tree tells about its own defects."""

    commands: Seen = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)  # where the substitutions start that it looks into
    words: list[Span] = field(default_factory=list)
    groups: list[Span] = field(default_factory=list)
    lost: list[Span] = field(default_factory=list)  # from a second `elif` to its `fi`


@dataclass(frozen=True, slots=True)
class Reading:
    """A script as slurmfix and bashlex have read it."""

    text: str
    script: Script
    tree: Tree


# What each of them sees


def own_commands(script: Script) -> list[Command]:
    """The commands of the script itself, without those of the scripts inside it."""
    return [command for command in script.commands if not command.layers]


def words_of(command: Command) -> Words:
    return tuple((command.start + start, command.start + end) for start, end in command.pieces)


def seen_by_slurmfix(script: Script) -> Seen:
    """Without `[ … ]`, which is a test to it, and seldom a command."""
    return {
        words_of(command): PLACES & {place.kind for place in command.within}
        for command in own_commands(script)
        if command.pieces and command.name != "["
    }


def seen_by_bashlex(text: str) -> Tree:
    """Raises Refused."""
    waiting: list[tuple[Any, frozenset[str]]] = [(node, frozenset()) for node in _parsed(text)]
    tree = Tree()
    while waiting:
        node, places = waiting.pop()
        match node.kind:
            case "command":
                words = _words(text, [part.pos for part in node.parts if part.kind in ("word", "assignment")])
                if words and text[slice(*words[0])] != "[":
                    tree.commands[words] = places
            case "commandsubstitution" | "processsubstitution":
                tree.opened.add(node.pos[0])
                places |= {SUBSTITUTION}
            case "compound":
                tree.groups.append(node.pos)
                places |= {SUBSHELL} if node.list and getattr(node.list[0], "word", "") == "(" else set()
            case "pipeline":
                places |= {PIPELINE} if any(part.kind == "pipe" for part in node.parts) else set()
            case "function":
                places |= {FUNCTION}
            case "while" | "until":
                places |= {LOOP}
            case "for":
                waiting += [(part, places | {LOOP}) for part in node.parts if part.kind not in ("word", "reservedword")]
                waiting += [(part, places) for part in node.parts if part.kind == "word"]
                continue
            case "if" if any(isinstance(part.word, list) for part in _reserved(node)):
                first = next(part.pos[1] for part in _reserved(node) if part.word == "elif")
                tree.lost.append((first, node.pos[1]))
            case "word" | "assignment":
                tree.words.append(node.pos)
        waiting += [(below, places) for below in _below(node)]
    return tree


def _words(text: str, spans: list[Span]) -> Words:
    r"""The words without the `\` and the new line behind them, which bashlex and shfmt take for a part of one."""
    return tuple((start, end - 2 if text[start:end].endswith("\\\n") else end) for start, end in spans)


def _parsed(text: str) -> list[Any]:
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(SECONDS)
    try:
        return list(_bashlex().parse(text))
    except Exception as error:
        raise Refused(type(error).__name__) from None
    finally:
        signal.alarm(0)


def _too_slow(signum: int, frame: Any) -> None:
    raise TimeoutError


def _reserved(node: Any) -> list[Any]:
    return [part for part in node.parts if part.kind == "reservedword"]


def _below(node: Any) -> Iterator[Any]:
    yield from getattr(node, "parts", ())
    yield from getattr(node, "list", ())
    for name in ("command", "body", "output", "heredoc"):
        below = getattr(node, name, None)
        if hasattr(below, "kind"):
            yield below


def seen_by_shfmt(text: str) -> set[Words]:
    """Raises Refused."""
    program = Path(sys.executable).with_name("shfmt")
    bytes_ = ascii_of(text)  # one byte a character: shfmt counts bytes
    done = subprocess.run([program, "-ln", "bash", "--to-json"], input=bytes_, capture_output=True, text=True)
    if done.returncode:
        raise Refused("syntax")
    return {_words(text, spans) for spans in _calls(json.loads(done.stdout))}


def _calls(tree: Any) -> Iterator[list[Span]]:
    """The words of simple commands and declarations anywhere in shfmt's tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if node.get("Type") in ("CallExpr", "DeclClause"):
                parts = [*node.get("Assigns", ()), node.get("Variant"), *node.get("Args", ())]
                yield [(part["Pos"]["Offset"], part["End"]["Offset"]) for part in parts if part]
            waiting += node.values()


# What they see differently


def _plain(text: str) -> str:
    """The text as slurmfix reads it: of CRLF the LF alone, and a blank for a byte order mark."""
    text = source_of(text).text
    return " " + text[1:] if text.startswith("\ufeff") else text


def compared_with_bashlex(text: str) -> tuple[Reading, list[Difference]]:
    """Raises Refused."""
    script = read(text)
    text = _plain(text)
    tree = seen_by_bashlex(text)
    ours, theirs = seen_by_slurmfix(script), tree.commands
    found = [
        Difference(words, words, (ours[words], theirs[words]))
        for words in ours.keys() & theirs.keys()
        if ours[words] != theirs[words]
    ]
    only_ours = {words[0][0]: words for words in ours.keys() - theirs.keys()}
    only_theirs = {words[0][0]: words for words in theirs.keys() - ours.keys()}
    for start in only_ours.keys() | only_theirs.keys():
        found.append(Difference(only_ours.get(start), only_theirs.get(start)))
    return Reading(text, script, tree), sorted(found, key=lambda difference: difference.start)


def compared_with_shfmt(text: str) -> tuple[Reading, int, list[Difference]]:
    """Also how many commands of the script itself were looked at: those in which a rule finds something.

    What slurmfix cannot read for sure, it leaves to a person: that is not looked at. Raises Refused.
    """
    script = read(text)
    text = _plain(text)
    found = [f.command for f in find(script) if f.command.whole.meets(f.span)]  # others only stand near what is found
    called = {words_of(command) for command in found if not command.layers and not command.broken}
    theirs = seen_by_shfmt(text) if called else set()
    starts = {words[0][0]: words for words in theirs if words}
    missing = sorted(words for words in called if words not in theirs and _untimed(text, words) not in theirs)
    differences = [Difference(words, starts.get(words[0][0])) for words in missing]
    return Reading(text, script, Tree()), len(called), differences


def _untimed(text: str, words: Words) -> Words:
    """The words behind `time`, which is a keyword to shfmt."""
    while words and text[slice(*words[0])] in ("time", "-p"):
        words = words[1:]
    return words


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a parser reads wrongly: which differences it explains, and a script that shows it."""

    name: str
    explains: Callable[[Reading, Difference], bool]
    example: str


def _unread(reading: Reading, difference: Difference) -> bool:
    """slurmfix says itself that it cannot read the script from there on."""
    return any(span.start < difference.end for span in reading.script.unread)


def _backquotes(reading: Reading, difference: Difference) -> bool:
    """The grammar takes two substitutions in backquotes that follow each other for one."""
    pieces = (span for command in own_commands(reading.script) for span in words_of(command))
    return any(
        start <= difference.end and difference.start < end and reading.text.count("`", start, end) > 2
        for start, end in pieces
    )


def _brace(reading: Reading, difference: Difference) -> bool:
    """The grammar takes a `{` for a group that is only the first letter of a word."""
    start = difference.start if difference.theirs else difference.start - 1
    return not (difference.ours and difference.theirs) and bool(re.match(r"\{\S", reading.text[start : start + 2]))


def _bracket(reading: Reading, difference: Difference) -> bool:
    """The grammar takes `[$i = 1]` for a test; the shell looks for a command of that name."""
    return difference.ours is None and bool(re.match(r"\[\S", reading.text[difference.start :][:2]))


def _joined_lines(reading: Reading, difference: Difference) -> bool:
    """The grammar joins the line behind a pipeline to it, where more of them follow."""
    ours, theirs = difference.places
    above = [line for line in reading.text[: difference.start].split("\n") if line.strip()][-3:]
    return ours - theirs == {PIPELINE} and not theirs - ours and any("|" in line for line in above)


def _second_elif(reading: Reading, difference: Difference) -> bool:
    """bashlex has no place in its tree for what follows a second `elif`."""
    return difference.theirs is None and any(a <= difference.start < b for a, b in reading.tree.lost)


_HEREDOC = re.compile(
    r"<<-?[ \t]*[\\'\"]?(?P<end>\w+)['\"]?[^\n]*\n(?P<body>(?:[^\n]*\n)*?)\s*(?P=end)[ \t]*$", re.MULTILINE
)


def _heredoc(reading: Reading, difference: Difference) -> bool:
    """bashlex takes the body for commands where its operator stands behind another redirection in a loop."""
    bodies = [match.span("body") for match in _HEREDOC.finditer(reading.text)]
    return difference.ours is None and any(start <= difference.start < end for start, end in bodies)


def _not_opened(reading: Reading, difference: Difference) -> bool:
    """bashlex does not look into substitutions in heredocs and in `${…}`."""
    if difference.theirs:
        return False
    within = next(c.within for c in own_commands(reading.script) if words_of(c) == difference.ours)
    return any(place.kind == SUBSTITUTION and place.span.start not in reading.tree.opened for place in within)


def _first_line(reading: Reading, difference: Difference) -> bool:
    """bashlex reads the first line of a substitution, and no more."""
    if difference.theirs:
        return False
    within = next(c.within for c in own_commands(reading.script) if words_of(c) == difference.ours)
    starts = [place.span.start + 2 for place in within if place.kind == SUBSTITUTION]
    return any("\n" in reading.text[start : difference.start].lstrip() for start in starts)


def _shifted(reading: Reading, difference: Difference) -> bool:
    r"""bashlex misplaces what stands in a substitution of a word that a `\` carries over a line."""
    return any(
        start <= difference.start < end and "\\\n" in reading.text[start:end] for start, end in reading.tree.words
    )


def _last_backslash(reading: Reading, difference: Difference) -> bool:
    """shfmt takes a backslash that ends the file for a word; bash drops it."""
    last = (difference.theirs or ((0, 0),))[-1]
    return last[1] == len(reading.text) and reading.text[slice(*last)] == "\\"


def _carriage_return(reading: Reading, difference: Difference) -> bool:
    """shfmt takes a carriage return within a line for a blank; to bash it is a letter of the word."""
    return any("\r" in reading.text[start:end] for start, end in difference.ours or ())


def _arithmetic(reading: Reading, difference: Difference) -> bool:
    """bashlex takes `(( … ))` for subshells, and what stands in it for commands."""
    return any(
        start < difference.start < end and reading.text.startswith("((", start) for start, end in reading.tree.groups
    )


def _glued_comment(reading: Reading, difference: Difference) -> bool:
    """bashlex loses the sign of a comment that is glued to an operator: `a;#b c` has a command `b c`."""
    line = reading.text[: difference.start].rsplit("\n", 1)[-1]
    return difference.ours is None and bool(re.search(r"[;&|()]#", line))


KNOWN = (
    Known("slurmfix: says that it cannot read on", _unread, "if a; then\nA=1 B=2\nelif b; then\nc\nfi\n"),
    Known("tree-sitter: backquotes behind backquotes", _backquotes, "echo `date` `date +%s`\n"),
    Known("tree-sitter: a brace that starts a word", _brace, "{content}\n"),
    Known("tree-sitter: a bracket that starts a word", _bracket, "[$i = 1]\n"),
    Known(
        "tree-sitter: a line joined to a pipeline", _joined_lines, "a | b | c\nd 'x' > f\nconda activate x | e > g\n"
    ),
    Known(
        "bashlex: a second elif",
        _second_elif,
        "if a; then b\nelif c; then d\nelif e; then conda activate x\nelse f\nfi\n",
    ),
    Known("bashlex: a heredoc in a loop", _heredoc, "for i in a; do\ncat > ${p} << EOF\nglobal:\nEOF\ndone\n"),
    Known("bashlex: a substitution that is not opened", _not_opened, 'a="${b:-$(conda info)}"\n'),
    Known("bashlex: the second line of a substitution", _first_line, "a=$(b\nconda info)\n"),
    Known("bashlex: a substitution in a continued word", _shifted, 'a "$(basename \\\n/x/envs/foo)"\n'),
    Known("shfmt: a backslash at the end", _last_backslash, "conda activate b \\"),
    Known("shfmt: a carriage return in a word", _carriage_return, "conda activate x\r || exit\n"),
    Known("bashlex: arithmetic as subshells", _arithmetic, "(( runs++ ))\n"),
    Known("bashlex: a glued comment", _glued_comment, "conda activate x;#python y\n"),
)


def known(reading: Reading, difference: Difference) -> str:
    """The known defect that a difference comes from; "" where there is none."""
    return next((defect.name for defect in KNOWN if defect.explains(reading, difference)), "")


# Over a folder


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", nargs="+", type=Path)
    paths = [path for folder in parser.parse_args().folder for path in sorted(folder.rglob("*")) if path.is_file()]
    counts: Counter[str] = Counter()
    told = 0
    for path in paths:
        text = files.decode(path.read_bytes())
        for line in [*_with_bashlex(text, counts), *_with_shfmt(text, counts)]:
            print(f"{path}: {line}")
            told += 1
    print(f"{len(paths)} scripts")
    for name, count in sorted(counts.items(), key=lambda row: (row[0].split()[0], -row[1])):
        print(f"{count:7d}  {name}")
    return 1 if told else 0


def _with_bashlex(text: str, counts: Counter[str]) -> Iterator[str]:
    try:
        reading, found = compared_with_bashlex(text)
    except Refused as reason:
        counts[f"bashlex refuses the script: {reason}"] += 1
        return
    counts["bashlex sees the same commands"] += not found
    yield from _explained("bashlex", reading, found, counts)


def _with_shfmt(text: str, counts: Counter[str]) -> Iterator[str]:
    try:
        reading, asked, found = compared_with_shfmt(text)
    except Refused as reason:
        counts[f"shfmt refuses the script: {reason}"] += 1
        return
    counts["shfmt sees the commands of all findings"] += bool(asked) and not found
    counts["shfmt is not asked: no finding"] += not asked
    yield from _explained("shfmt", reading, found, counts)


def _explained(parser: str, reading: Reading, found: list[Difference], counts: Counter[str]) -> Iterator[str]:
    """Count the known defects of one script, and tell what they do not explain."""
    names = [known(reading, difference) for difference in found]
    counts.update({f"{parser} differs: {name or 'NOT EXPLAINED'}" for name in names})
    for name, difference in zip(names, found, strict=True):
        if not name:
            yield f"{parser}, {difference.shown(reading.text)}"


if __name__ == "__main__":
    sys.exit(main())
