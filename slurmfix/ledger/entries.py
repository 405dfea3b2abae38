"""What matters in a script, listed without a thought of what becomes of it: rather too much than too little."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from slurmfix import knowledge
from slurmfix.ledger.lists import lists_run_by
from slurmfix.ledger.texts import TRACES, texts_that_use_conda, uses_conda
from slurmfix.rules import PROGRAMS, Finding, Run, named_by
from slurmfix.rules.folders import environment_path
from slurmfix.shell import (
    PIPELINE,
    Command,
    How,
    Kind,
    Script,
    Word,
    call_behind,
    call_of,
    commands_in_options,
    files_read_by,
    kind_of,
    lowered,
    places_of,
    programs_of,
)
from slurmfix.text import Span

TRACE, CODE, MODULE, LAUNCHER, SHELL, PROGRAM = "trace", "code", "module", "launcher", "shell", "program"
OUTPUT, UNREAD = "output", "unread"
OF_A_SITE, OF_A_MODULE = "program of another cluster", "program of a module"
ABOVE = "program above the environment"
BUILD, INSTALL, AT_HAND = "build", "install", "at hand"
ELSEWHERE, SUBMITS, SUBMITS_STEPS = "elsewhere", "submits a job", "submits steps"

_SHELLS = re.compile(r"(?:\S*/)?(?:ba|z|da|k)?sh")
_SCRIPT = re.compile(r"\S*\.(?:sh|bash|zsh|ksh|slurm|sbatch)|\.{1,2}/\S+")
_OTHER = re.compile(r"\.(?:py|R|pl|jl|m|rb|out|exe|x)\Z")
_STARTING = programs_of(Kind.STEP, Kind.WRAPPER, Kind.REMOTE, Kind.SHELL, Kind.EVALUATES, Kind.SEARCH) | {
    "source", ".", "conda", "mamba", "micromamba", "pixi",
}  # fmt: skip
_PATH = re.compile(r"[/~$][\w./~${}+-]*/[\w./~${}+-]+")


_AROUND_A_PATH = "\n \t=:|,;\"'`()"
_UP_TO_THE_NEXT = re.compile(f"[^{re.escape(_AROUND_A_PATH)}]*")
_A_PATH = re.compile(r"(?:[\w./~+-]|\$(?:\w+|\{\w+\}))+")
_PROGRAM = re.compile(r"bin/(?!(?:de)?activate\b|\S*\.sh\Z)[\w.+-]+")  # no file that is sourced
_FIRST_LINE = re.compile(r"[\ufeff\s\"']*(#!.*)")

# A program of the author's own folder: a shell's script as often as a compiled one.
_MAY_BE_ONE = re.compile(r"\.{1,2}/(?:[\w.-]+/)*[\w-]+")

IN_A_TEXT = "hands on a text"  # what an entry is whose command prints a text that uses conda


class Entry(NamedTuple):
    """Something that has to be accounted for: where it stands, what it is, and which command it is part of.

    `word` is what runs, for code; `given` where a variable got the trace that is used here. `needs`: it calls conda,
    which has to be there. `told` are the values of what is said of it, beyond these.
    """

    kind: str
    span: Span
    what: str
    owner: Command | None = None
    word: Word | None = None
    needs: bool = False
    given: tuple[Span, ...] = ()
    told: Mapping[str, str] = {}

    @property
    def command(self) -> Command:
        """The command that it is part of, where it is known to be part of one."""
        assert self.owner is not None
        return self.owner

    @property
    def written(self) -> str:
        """The word that runs, without its quotes; "" where none does."""
        return self.word.literal if self.word is not None else ""


class Spot(NamedTuple):
    """Commands that are entries by their text alone: `words` are cheap to find, in lower case, and the pattern matches
    from the start of the command.
    """

    kind: str
    what: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def entries(self, script: Script) -> Iterator[Entry]:
        for command in script.holding(*self.words):
            if self.pattern.match(command.source):
                yield Entry(self.kind, command.span, self.what, command)


def entries_of(script: Script, findings: Iterable[Finding]) -> tuple[Entry, ...]:
    """All entries of a script, in its order."""
    holders = Holders(script)
    found = [*_shells(script), *_traces(script, holders), *_prefixes(script, findings, holders)]
    found += _code(script, findings)
    return tuple(sorted(found, key=lambda entry: (entry.span, entry.kind)))


class Holders:
    """Which command a place of the text belongs to."""

    def __init__(self, script: Script) -> None:
        self._commands = sorted(script.commands, key=lambda command: (command.whole.start, -command.whole.end))
        self._starts = [command.whole.start for command in self._commands]

    def of(self, at: int) -> Command | None:
        """The innermost command that holds it; None where it stands in none."""
        for number in range(bisect_right(self._starts, at) - 1, max(bisect_right(self._starts, at) - 40, -1), -1):
            if at < self._commands[number].whole.end:
                return self._commands[number]
        return None


@cache
def trace_pattern() -> re.Pattern[str]:
    """Whatever speaks of conda; the group `use` matches where conda is called."""
    rows = knowledge.rows("traces")
    uses = "|".join(pattern for kind, pattern in rows if kind == "use")
    mentions = "|".join(pattern for kind, pattern in rows if kind == "mention")
    return re.compile(f"(?P<use>{uses})|{mentions}", re.IGNORECASE)


@lru_cache(maxsize=16)
def traces_of(text: str) -> tuple[re.Match[str], ...]:
    """All that speaks of conda in the text of a script. Only lines that hold such a word are searched: a pattern in
    either case is slow.
    """
    found: list[re.Match[str]] = []
    end = 0
    for at in places_of(TRACES, lowered(text)):
        if at >= end:
            start, end = max(text.rfind("\n", 0, at) + 1, end), text.find("\n", at) + 1 or len(text)
            beyond = text.find("\n", end) + 1 or len(text)  # a list in Python goes on there
            found += [match for match in trace_pattern().finditer(text, start, beyond) if match.start() < end]
            end = max(end, found[-1].end() if found else 0)
    return tuple(found)


def _shells(script: Script) -> Iterator[Entry]:
    """The first lines, of the script and of those inside, that call a shell of conda's."""
    for place, _ in script.sources:
        line = _FIRST_LINE.match(script.text, place.start)
        if line is not None and trace_pattern().search(line[1]):
            yield Entry(SHELL, Span(*line.span(1)), "reads the script")


class _Programs:
    """Which places of a text are part of the path of a program in an environment: whoever reads it goes on to run that.

    It is asked from the start of the text to its end, and looks at each word once.
    """

    def __init__(self, text: str) -> None:
        self._text, self._end, self._is_one = text, 0, False

    def holds(self, at: int) -> bool:
        if at >= self._end:
            start = max(self._text.rfind(sign, self._end, at) for sign in _AROUND_A_PATH) + 1
            word = _UP_TO_THE_NEXT.match(self._text, start)
            path = _A_PATH.match(self._text, start)
            inside = environment_path(path[0]) if path is not None else None
            self._end = word.end() if word is not None else at
            self._is_one = inside is not None and _PROGRAM.fullmatch(inside.rest) is not None
        return self._is_one


def _traces(script: Script, holders: Holders) -> Iterator[Entry]:
    programs = _Programs(script.text)
    calling = {each.span for each in script.holding(*PROGRAMS) if each.name.rsplit("/", 1)[-1] in PROGRAMS}
    for match in traces_of(script.text):
        owner = holders.of(match.start())
        calls = owner is not None and owner.span in calling
        holds = owner is not None and not owner.words  # a variable, whose uses are entries of their own
        needs = calls or match["use"] is not None or (not holds and programs.holds(match.start()))
        yield Entry(TRACE, Span(*match.span()), "speaks of conda", owner, needs=needs)
    yield from _uses_of_variables(script)
    for command, place in texts_that_use_conda(script):
        trace = trace_pattern().search(script.text, *place)
        yield Entry(TRACE, Span(*trace.span()) if trace else place, IN_A_TEXT, command, needs=True)


def _uses_of_variables(script: Script) -> Iterator[Entry]:
    """The uses of variables, aliases and arrays that hold a trace."""
    tainted: dict[str, list[tuple[Span, bool]]] = {}
    for command in script.holding(*TRACES):
        for assigned in command.assignments:
            if _NUMBER_OF_A_JOB.match(assigned.word.source):
                continue
            match, text = trace_pattern().search(assigned.word.source), uses_conda(assigned.word.literal)
            if match or text:
                needs = text or (match is not None and match["use"] is not None)
                tainted.setdefault(assigned.name, []).append((assigned.span, needs))
    for command in script.holding("$") if tainted else ():
        for name in dict.fromkeys(_expanded(command.source)):
            if given := tainted.get(name):
                needs = any(use for _, use in given)
                spans = tuple(span for span, _ in given)
                yield Entry(TRACE, command.span, f"uses ${name}", command, needs=needs, given=spans)


def _expanded(source: str) -> Iterator[str]:
    return (match[1] for match in _EXPANSION.finditer(source))


_NUMBER_OF_A_JOB = re.compile(r"[\"']?(?:\$\(|`)\s*(?:\w+=\S*\s+)*sbatch\s")
_EXPANSION = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)", re.ASCII)


def _prefixes(script: Script, findings: Iterable[Finding], holders: Holders) -> Iterator[Entry]:
    """The folders of the script's own environments, by whatever path it activates or makes them."""
    targets = (named_by(finding.act) for finding in findings)
    paths = {
        target.text.rstrip("/") for target in targets
        if target is not None and target.kind == "path" and _PATH.match(target.text)
    }  # fmt: skip
    for path in paths:
        for match in re.finditer(rf"{re.escape(path)}(?![\w.-])", script.text):
            yield Entry(TRACE, Span(*match.span()), f"uses {path}", holders.of(match.start()))


def _code(script: Script, findings: Iterable[Finding]) -> Iterator[Entry]:
    """What runs, and is no text of the script."""
    ends = {finding.command.span: finding.span.end for finding in findings if isinstance(finding.act, Run)}
    for command in script.commands:
        if command.words and _may_run_more(command.name):
            at = ends.get(command.span)
            for what, word in _unread(script, command, at):
                span = command.span if at is None else word.span
                yield Entry(CODE, span, what, command, word)
    yield from (Entry(UNREAD, span, "is not read") for span in script.apart)


def _may_run_more(name: str) -> bool:
    """A cheap test for most commands, by their first word."""
    return name in _STARTING or any(sign in name for sign in "$/`~")


def _unread(script: Script, command: Command, behind: int | None) -> Iterator[tuple[str, Word]]:
    """What a command runs that is not read with it, and the words that say so; `behind` is where conda's own end."""
    words = command.words
    if command.name in ("eval", "source", "."):
        yield from (("evaluates" if command.name == "eval" else "sources", word) for word in words[1:2])
        return
    yield from (("lists", word) for word in lists_run_by(script, command))
    calls = [call_of(script, command) if behind is None else call_behind(script, command, behind)]
    if found := [call_behind(script, command, each[0].span.start) for each in commands_in_options(command) if each]:
        calls = found
    for call in calls:
        if call.program is None:
            continue
        if call.how is How.UNKNOWN:
            yield "runs", call.program
        elif call.how is How.FILE:
            by_a_shell = any(is_shell(word.literal) for word in words if word.span.end <= call.program.span.start)
            if by_a_shell or is_script(call.program.literal) or _MAY_BE_ONE.fullmatch(call.program.literal):
                yield "starts", call.program
        elif any("--multi-prog" in each.options for each in call.through):
            yield "lists", call.program
        elif kind_of(call.name) is Kind.SHELL and _reads_its_input(script, command):
            yield "starts", call.program


def _reads_its_input(script: Script, command: Command) -> bool:
    """Whether a shell is given its commands by a pipe or from a file, which nobody reads here."""
    piped = any(place.kind == PIPELINE and place.note == "last" for place in command.within[-1:])
    return (piped or bool(files_read_by(command))) and command.span not in script.heredocs_of


def is_shell(path: str) -> bool:
    """Whether a program is a shell."""
    return _SHELLS.fullmatch(path) is not None


def is_script(path: str) -> bool:
    """Whether a program's path may be that of a shell's script."""
    return "/" in path and _SCRIPT.fullmatch(path) is not None and _OTHER.search(path) is None
