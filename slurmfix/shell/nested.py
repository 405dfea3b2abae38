"""Scripts within scripts: heredocs, `-c` strings, `--wrap`, `eval` and `trap`, each read in its own quoting."""

from __future__ import annotations

import re
import sys

from slurmfix.shell.container import RUNTIMES, calls_one, container_words, may_start_one, starts_one
from slurmfix.shell.script import SCRIPT, Command, Place, Script, directives_of, holds_one, lowered, places_of
from slurmfix.shell.source import DOUBLE, HEREDOC, SINGLE, VERBATIM, Source, source_of
from slurmfix.shell.tree import Reading, read_source
from slurmfix.shell.written import files_of, is_script, names_one
from slurmfix.text import Span

_SHELLS = re.compile(r"(?:/\S*/)?(?:ba|z|k|da)?sh\Z")
_CONTAINER = re.compile(
    rf"(?<![a-z])({'|'.join(RUNTIMES)})(?![a-z])|\.(sif|simg|sqsh)\Z|\A--container-",
    re.I,
)
_TRACE = re.compile(r"conda|mamba|activate|miniforge|envs/|pip\s+install|CONDA", re.I)
_TRACES = ("conda", "mamba", "activate", "miniforge", "envs/", "pip")  # what holds none of these has no _TRACE
# In what carries a script in its words one of these stands.
_CARRIES = re.compile(r"-\w*c\b|--wrap|\b(?:eval|parallel|trap|ssh)\b")
_JOB = re.compile(r"\A\s*#!.*sh\b|^#SBATCH", re.M)
_DEEPEST = 4


def read(text: str) -> Script:
    """The script, with the commands of its inner scripts among its own."""
    outermost = source_of(text)
    commands: list[Command] = []
    comments: list[Span] = []
    unread: list[Span] = []
    functions: list[tuple[str, Span]] = []
    containers: list[Span] = []
    contained: set[str] = set()
    contains = may_start_one(lowered(text))
    # The last is where the first region starts that could not be read, in what is around: behind it nothing is sure.
    waiting: list[tuple[Source, tuple[Place, ...], int]] = [(outermost, (), sys.maxsize)]
    while waiting:
        source, within, torn = waiting.pop()
        reading = read_source(source, within)
        torn = min([torn, *(span.start for span in reading.unread)])
        if torn < sys.maxsize:
            commands += [each.torn() if each.whole.end > torn else each for each in reading.commands]
        else:
            commands += reading.commands
        comments += reading.comments
        functions += reading.functions
        unread += reading.unread
        if contains:
            contained = container_words(reading.commands, contained)
        places = places_of(_TRACES, lowered(source.text))
        for command in reading.commands:
            if command.span.start not in reading.heredocs and not (
                holds_one(places, command.start, command.start + len(command.source))
                and _CARRIES.search(command.source)
            ):
                continue
            for inner, place in _inner_scripts(reading, command, contained):
                if place.note == "container":
                    containers.append(place.span)
                elif len(inner.layers) <= _DEEPEST:
                    waiting.append((inner, (*command.within, place), torn))
    commands.sort(key=lambda command: (command.span.start, -command.span.end))
    directives, header_end = directives_of(text)
    return Script(
        text,
        tuple(commands),
        directives,
        tuple(sorted(comments)),
        tuple(sorted(unread)),
        tuple(functions),
        tuple(sorted(containers)),
        header_end,
        frozenset(contained),
    )


def _inner_scripts(reading: Reading, command: Command, contained: set[str]) -> list[tuple[Source, Place]]:
    """The scripts that a command carries in its words or its heredoc, and how it runs them."""
    found: list[tuple[Source, Place]] = []
    names = [reading.source.text[command.start + a : command.start + b].strip("\"'") for a, b in command.pieces]
    if command.span.start in reading.heredocs:
        start, end, quoted = reading.heredocs[command.span.start]
        body = reading.source.text[start:end]
        how = _how(names, body, files_of(command), contained)
        if how == "file" and _container_starts(reading, files_of(command), contained):
            how = "container"
        if how and _TRACE.search(body):
            inner = reading.source.inner(start, end, VERBATIM if quoted else HEREDOC)
            found.append((inner, Place(SCRIPT, reading.source.span(start, end), how)))
    if not _TRACE.search(command.source):
        return found
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
        source = reading.source.text[command.start + start : command.start + end]
        layer = {"'": SINGLE, '"': DOUBLE}.get(source[:1])
        if layer is None or len(source) < 2 or source[-1] != source[0] or not _TRACE.search(source):
            continue
        if layer == SINGLE and "'" in source[1:-1]:
            continue
        if how == "eval" and re.fullmatch(r'"(\$\(.*\)|`.*`|\$\w+|\$\{\w+\})"', source, re.S):
            continue  # what it evaluates is printed by a command, which is read where it stands
        inner = reading.source.inner(command.start + start + 1, command.start + end - 1, layer)
        found.append((inner, Place(SCRIPT, reading.source.span(command.start + start, command.start + end), how)))
    return found


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
    return "ssh" if first == "ssh" else ""


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
        if name in ("srun", "mpirun", "mpiexec", "mpiexec.hydra", "ibrun", "jsrun"):
            return "srun"
        if name in ("ssh", "sbatch"):
            return name
    return ""
