"""Scripts within scripts: heredocs, `-c` strings, `--wrap`, `eval` and `trap`, each read in its own quoting."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from slurmfix.shell.command import PIPELINE, SCRIPT, Command, Place, Runs
from slurmfix.shell.container import RUNTIMES, calls_one, container_words, may_start_one, starts_one
from slurmfix.shell.reading import Held, Reading
from slurmfix.shell.script import Heredoc, Script, directives_of, lowered
from slurmfix.shell.source import DOUBLE, HEREDOC, SINGLE, VERBATIM, Source, source_of
from slurmfix.shell.tree import read_source
from slurmfix.shell.written import files_of, is_script, names_one, started_by
from slurmfix.text import Span
from slurmfix.vocabulary import Kind, Spread, kind_of, spread_of

_SHELLS = re.compile(r"(?:/\S*/)?(?:ba|z|k|da)?sh\Z")
_CONTAINER = re.compile(
    rf"(?<![a-z])({'|'.join(RUNTIMES)})(?![a-z])|\.(sif|simg|sqsh)\Z|\A--container-",
    re.I,
)
# In what carries a script in its words one of these stands.
_CARRIES = re.compile(r"-\w*c\b|--wrap|\b(?:eval|parallel|trap|ssh)\b")
_JOB = re.compile(r"\A\s*#!.*sh\b|^#SBATCH", re.M)
# How what starts a shell runs its script.
_STARTED = {Kind.STEP: "srun", Kind.REMOTE: "ssh", Kind.JOB: "sbatch"}
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_DEEPEST = 4


def read(text: str, apart: tuple[Span, ...] = ()) -> Script:
    """The script, with the commands of its inner scripts among its own.

    `apart`: whole statements at its top, line by line, that are set apart, so that what stands behind them is read.
    """
    whole = _Whole(may_start_one(lowered(text)))
    # The last is where the first region starts that could not be read, in what is around: behind it nothing is sure.
    waiting: list[tuple[Source, tuple[Place, ...], int]] = [(source_of(text), (), sys.maxsize)]
    while waiting:
        source, within, torn = waiting.pop()
        reading = read_source(source, within, () if within else apart)
        torn = min([torn, *(span.start for span in reading.unread)])
        whole.add(reading, torn)
        for command, inner, place in _all_inner(reading, whole):
            if place.note == "container":
                whole.containers.append(place.span)
            elif len(inner.layers) <= _DEEPEST:
                waiting.append((inner, (*command.within, place), torn))
    return whole.script(text, apart)


class _Whole:
    """What the script and its inner ones come to, as they are read one by one."""

    def __init__(self, contains: bool) -> None:
        self.contains = contains
        self.contained: set[str] = set()
        self.commands: list[Command] = []
        self.comments: list[Span] = []
        self.unread: list[Span] = []
        self.torn: list[Span] = []
        self.functions: list[tuple[str, Span]] = []
        self.containers: list[Span] = []
        self.heredocs: list[Heredoc] = []
        self.sources: list[tuple[Span, Source]] = []

    def add(self, reading: Reading, torn: int) -> None:
        if torn < sys.maxsize:
            self.commands += [each.torn() if each.whole.end > torn else each for each in reading.commands]
        else:
            self.commands += reading.commands
        self.comments += reading.comments
        self.functions += reading.functions
        self.unread += reading.unread
        stretch = reading.source.span(0, len(reading.source.text))
        self.sources.append((stretch, reading.source))
        if torn < stretch.end:
            self.torn.append(Span(max(torn, stretch.start), stretch.end))
        if self.contains:
            self.contained = container_words(reading.commands, self.contained)

    def script(self, text: str, apart: tuple[Span, ...]) -> Script:
        directives, header_end = directives_of(text)
        return Script(
            text,
            tuple(sorted(self.commands, key=lambda command: (command.span.start, -command.span.end))),
            directives,
            tuple(sorted(self.comments)),
            tuple(sorted((*self.unread, *apart))),
            tuple(self.functions),
            tuple(sorted(self.containers)),
            header_end,
            frozenset(self.contained),
            tuple(sorted(self.heredocs)),
            tuple(self.sources),
            (*self.torn, *apart),
            apart,
        )


def _all_inner(reading: Reading, whole: _Whole) -> Iterator[tuple[Command, Source, Place]]:
    """The inner scripts of one source, each with the command that runs it; its heredocs are noted."""
    # Who reads several reads the last.
    last = {held.owner: held for held in reading.heredocs if held.is_input}
    starts = {command.span.start: command for command in reversed(reading.commands)} if reading.heredocs else {}
    for held in reading.heredocs:
        is_input = held is last.get(held.owner)
        yield from _of_heredoc(reading, held, starts.get(held.owner.start), is_input, whole)
    for command in reading.commands if _CARRIES.search(reading.source.text) else ():
        if _CARRIES.search(command.source):
            for inner, place in _inner_scripts(command, whole.contained):
                yield command, inner, place


def _of_heredoc(
    reading: Reading, held: Held, owner: Command | None, is_input: bool, whole: _Whole
) -> Iterator[tuple[Command, Source, Place]]:
    """The script that a heredoc is, where something runs it."""
    source, opened = held.source, held.opened
    start, end = opened.body
    span, runs, is_read = source.span(start, end), Runs.NOTHING, False
    if owner is not None and is_input:
        reader, runs = _what_runs(reading, owner, source.text[start:end], whole.contained)
        if runs not in (Runs.NOTHING, Runs.OTHER):
            inner = source.inner(start, end, HEREDOC if opened.expanded else VERBATIM)
            is_read = runs is not Runs.CONTAINER and len(inner.layers) <= _DEEPEST
            yield reader, inner, Place(SCRIPT, span, runs.value)
    below = source.span(opened.below, opened.below).start
    opener = source.span(opened.start, opened.end)
    reads = held.owner if owner is None else owner.span
    whole.heredocs.append(Heredoc(opener, reads, span, below, opened.delimiter, opened.expanded, runs, is_read))


def _what_runs(reading: Reading, reader: Command, body: str, contained: set[str]) -> tuple[Command, Runs]:
    """What runs the text that a command is fed, and the command that does: of `cat <<EOF | bash` the second."""
    files = files_of(reader)
    runs = _how(_names_of(reader), body, files, contained)
    if runs == "file" and _container_starts(reading, files, contained):
        return reader, Runs.CONTAINER
    if runs == "file" and (started := _started(reading, files)):
        return reader, started
    if not runs and not files:
        for at, following in enumerate(_rest_of_pipeline(reading, reader)):
            runs = _how(_names_of(following), body, files_of(following), contained)
            if runs:  # who stands between may change the text
                return (following, Runs(runs)) if not at and reader.name in ("cat", "echo") else (reader, Runs.OTHER)
    return reader, Runs(runs)


def _started(reading: Reading, files: frozenset[str]) -> Runs:
    """How the script that writes a file starts it; `srun --multi-prog` takes it from another file."""
    started = started_by(reading.commands, files)
    if started or not any("--multi-prog" in command.source for command in reading.commands):
        return started
    listed = re.compile(rf"^[\d,*-]+[ \t]+(?:\S*/)?(?:{'|'.join(map(re.escape, files))})(?![\w.-])", re.M)
    text = reading.source.text
    return Runs.STEP if any(listed.search(text, *held.opened.body) for held in reading.heredocs) else Runs.NOTHING


def _rest_of_pipeline(reading: Reading, command: Command) -> Iterator[Command]:
    """The commands behind one in the pipeline that it is a part of."""
    if command.within and command.within[-1].kind == PIPELINE:
        pipeline = command.within[-1].span
        first = bisect_left(reading.commands, command.whole.end, key=lambda each: each.span.start)
        for each in islice(reading.commands, first, None):
            if not pipeline.holds(each.span):
                return
            yield each


def _names_of(command: Command) -> list[str]:
    return [command.source[a:b].strip("\"'") for a, b in command.pieces]


def _inner_scripts(command: Command, contained: set[str]) -> list[tuple[Source, Place]]:
    """The scripts that a command carries in its words, and how it runs them."""
    found: list[tuple[Source, Place]] = []
    names = _names_of(command)
    for at, name in enumerate(names):
        start, end = command.pieces[at]
        how = ""
        if at and re.fullmatch(r"-[a-z]*c", name.split("=")[0]) and at + 1 < len(names):
            shell = next((word for word in reversed(names[:at]) if not word.startswith("-")), "")
            if _SHELLS.match(shell):
                how = _runner(names[: names.index(shell)], contained) or "bash"
                start, end = command.pieces[at + 1]
        elif names[0] == "sbatch" and name.startswith("--wrap"):
            how = "sbatch"
            if name == "--wrap":
                if at + 1 == len(names):
                    continue
                start, end = command.pieces[at + 1]
            else:
                start += name.index("=") + 1 if "=" in name else len(name)
        elif names[0] == "eval" and at == 1 and len(names) == 2:
            how = "eval"
        elif names[0] == "parallel" and at and " " in name and not any(" " in other for other in names[1:at]):
            how = "bash"
        elif names[0] == "trap" and at == 1 and len(names) > 2:
            how = "trap"
        elif names[0] == "ssh" and at == len(names) - 1 and at > 1:
            how = "ssh"
        if not how:
            continue
        source = command.source[start:end]
        layer = {"'": SINGLE, '"': DOUBLE}.get(source[:1])
        if layer is None or len(source) < 2 or source[-1] != source[0]:
            continue
        if (layer == SINGLE and "'" in source[1:-1]) or (layer == DOUBLE and not _is_closed(source)):
            continue
        if how == "eval" and re.fullmatch(r'"(\$\(.*\)|`.*`|\$\w+|\$\{\w+\})"', source, re.S):
            continue  # what it evaluates is printed by a command, which is read where it stands
        inner = command.text.inner(command.start + start + 1, command.start + end - 1, layer)
        found.append((inner, Place(SCRIPT, command.text.span(command.start + start, command.start + end), how)))
    return found


def _is_closed(quoted: str) -> bool:
    """Whether the last double quote closes what the first one, or one between them, has opened."""
    bare = _ESCAPED.sub("", quoted)
    return bare.endswith('"') and bare.count('"') % 2 == 0


def _how(names: list[str], body: str, files: frozenset[str], contained: set[str]) -> str:
    """How a heredoc's body is run: by what reads it; "" where it is data."""
    first = names[0].rsplit("/", 1)[-1] if names else ""
    if _in_container(names, contained):
        return "container"
    if first == "sbatch":
        return "sbatch"
    if first in ("cat", "tee", "echo"):
        return "file" if _JOB.search(body) or any(map(is_script, files)) else ""
    if _SHELLS.match(names[-1] if names else "") or any(_SHELLS.match(name) for name in names):
        return _runner(names, contained) or "bash"
    if first == "ssh":
        return "ssh"
    others = (kind_of(name) is Kind.INTERPRETER or spread_of(name) is Spread.ITEMS for name in names)
    return "other" if any(others) else ""


def _in_container(names: list[str], contained: set[str]) -> bool:
    return any(_CONTAINER.search(name) for name in names) or calls_one(names, contained)


def _container_starts(reading: Reading, files: frozenset[str], contained: set[str]) -> bool:
    """Whether a container runs a file that is written here."""
    return any(
        names_one(other, files)
        and (starts_one(other.source, contained) or calls_one([word.source for word in other.words], contained))
        for other in reading.commands
    )


def _runner(names: list[str], contained: set[str]) -> str:
    """What starts the inner shell: srun, mpirun, ssh, a container, or nothing."""
    if _in_container(names, contained):
        return "container"
    for name in names:
        kind = kind_of(name)
        if kind in _STARTED:
            return _STARTED[kind]
    return ""
