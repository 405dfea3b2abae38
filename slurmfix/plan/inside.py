"""Which commands of a job run inside of an environment's image, and how they are called there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slurmfix.plan.active import UNSURE
from slurmfix.plan.going import Going
from slurmfix.plan.image import prefix
from slurmfix.plan.job import Job
from slurmfix.plan.place import apart, exclusive, job_of, same_job
from slurmfix.plan.step import Dialect, Image, Served, Site
from slurmfix.rules import USES, Enter, Finding, Leave
from slurmfix.shell import (
    CHAINED,
    CHECKED,
    FUNCTION,
    SCRIPT,
    Command,
    Kind,
    Place,
    Script,
    Spread,
    Word,
    directives_of,
    options_of,
    programs_of,
    quoted,
    value_of,
)
from slurmfix.shell.source import DOUBLE, SINGLE
from slurmfix.text import Edit, Span

_FEW = 3  # so many commands are edited where they stand; for more of them functions are easier to read
SHELLS = programs_of(Kind.SHELL)
# What runs the command that its words name: a shell function is nothing to it.
_RUNNERS = programs_of(
    Kind.WRAPPER, Kind.EVALUATES, Kind.SEARCH, Kind.STEP, Spread.NODES
) - programs_of(Spread.WORKERS)  # fmt: skip
_ASKS = frozenset({"type", "hash"})
# A script that is called by its path runs in what its first line names.
SUFFIXES = {".py": "python", ".r": "Rscript", ".pl": "perl", ".sh": "", ".bash": ""}
# Tools that every system has: they stay outside, whatever the environment has by these names.
_EVERYDAY = frozenset(
    """
    awk sed grep egrep gzip gunzip zcat bzip2 xz tar curl wget bash sh cat ls cp mv rm mkdir touch date hostname tr cut
    head tail sort uniq wc find tee diff echo printf test true false sleep env which git make openssl ssh rsync less
    more clear tput reset perl-config srun mpirun mpiexec activate deactivate conda mamba x86_64-conda-linux-gnu-ld id
    """.split()
)
_HOME = re.compile(r"(?:^|[\s=:\"'])~(?:/|$|\s)|\$\{?HOME\b|(?:^|[\s=:\"'])/home/")


@dataclass(frozen=True, slots=True)
class Call:
    """A command that runs inside: `word` names its program; `direct` where a shell function would be called.

    `at` is the number of the activation that is in force.
    """

    at: int
    command: Command
    code: str
    word: Word
    program: str
    direct: bool
    inner: str = ""  # the quoting inside the word that the program stands in
    asks: bool = False  # `command -v x`: asks where the program is


@dataclass(frozen=True, slots=True)
class Inside:
    """The commands that run inside an image, and what each image needs for them, by the code of its environment."""

    calls: tuple[Call, ...] = ()
    images: Mapping[str, Image] = field(default_factory=dict)


def what_runs_inside(job: Job, answers: Mapping[str, Served], going: Going) -> Inside:
    images = {code: answer.image for code, answer in answers.items() if answer.image is not None}
    if not images:
        return Inside()
    script = job.script
    ours = {f.command.span for f in job.findings if isinstance(f.act, (*USES, Leave))} | going.commands
    texts = frozenset(place for finding in job.findings for place in _inner_scripts(finding.command))
    others = [
        command for command in script.commands if command.span not in ours and texts.issuperset(_inner_scripts(command))
    ]
    calls = tuple(filter(None, (_call(job, answers, command, texts) for command in others)))
    home = any(_HOME.search(command.source) for command in others)
    alone = len(answers) == 1 and not job.dialect.crlf
    return Inside(
        calls,
        {
            code: replace(
                image,
                functions=_functions(job, calls, code) if alone else (),
                home=home,
                gpu=any(asks_for_gpu(script, job.findings[at].command) for at in job.names if job.code(at) == code),
            )
            for code, image in images.items()
        },
    )


def with_images(answers: Mapping[str, Served], inside: Inside) -> dict[str, Served]:
    return {
        code: replace(answer, image=inside.images[code]) if code in inside.images else answer
        for code, answer in answers.items()
    }


def edits_of(job: Job, inside: Inside, site: Site) -> dict[int, tuple[Edit, ...]]:
    """The edits of the commands that run inside, by the number of the activation that is in force where they stand.

    Raises TemplateFailed.
    """
    edits: dict[int, tuple[Edit, ...]] = {}
    for call in inside.calls:
        image = inside.images[call.code]
        if call.direct and call.program in image.functions:
            continue
        gpu = asks_for_gpu(job.script, call.command)
        edit = _edit(job.script, call, prefix(replace(image, gpu=gpu), site))
        edits[call.at] = (*edits.get(call.at, ()), edit)
    return edits


def _inner_scripts(command: Command) -> list[Place]:
    return [place for place in command.within if place.kind == SCRIPT]


def _call(job: Job, answers: Mapping[str, Served], command: Command, texts: frozenset[Place]) -> Call | None:
    """How a command is called inside; `texts` are the inner scripts with a finding, whose commands are looked at."""
    if command.broken or any(span.holds(command.span) for span in job.script.containers):
        return None
    at = in_force(command, job)
    if at is None or answers[job.code(at)].image is None:
        return None
    same = _same_shell(job.findings[at].command, command)
    call = _called(job.script, command, answers[job.code(at)].provides, same, texts)
    return call and replace(call, at=at, code=job.code(at))


def _functions(job: Job, calls: tuple[Call, ...], code: str) -> tuple[str, ...]:
    """The programs for which the activation defines a function: those of several calls, or of one that asks."""
    entered = [job.findings[at] for at in job.names if job.code(at) == code]
    entered = [finding for finding in entered if isinstance(finding.act, Enter)]
    direct = [call for call in calls if call.code == code and call.direct]
    many = len(direct) > _FEW or any(call.asks for call in direct)
    if not (many and entered and all(_is_plain(finding.command) for finding in entered)):
        return ()
    return tuple(sorted({call.program for call in direct if _is_name(call.program, job.dialect)}))


def in_force(command: Command, job: Job) -> int | None:
    """The activation that is in force where a command stands, as far as the script tells; None where there is none."""
    active = job.active.of(command)
    entered = [
        at for at in job.names
        if isinstance(job.findings[at].act, Enter) and same_job(job.findings[at].command.within, command.within)
    ]  # fmt: skip
    before = [at for at in entered if _reaches(job.findings[at].command, command)]
    if active == UNSURE:  # at one of several calls, or behind one arm
        several = {job.code(at) for at in entered} if any(place.kind == FUNCTION for place in command.within) else {}
        return next(reversed(before), entered[0] if len(several) == 1 else None)
    ours = [at for at in entered if active[:1] == (job.code(at),)]
    return next((at for at in reversed(ours) if at in before), ours[0] if ours else None)


def _reaches(entering: Command, command: Command) -> bool:
    """Whether an activation stands above a command, and what it does to its shell is not gone there."""
    there, here = entering.within, command.within
    return entering.span.start < command.span.start and not exclusive(there, here) and not apart(there, here)


def _same_shell(entering: Command, command: Command) -> bool:
    """Whether functions that are defined at the activation are known where the command runs."""
    return all(place in entering.within for place in command.within if place.kind == SCRIPT)


def _is_plain(command: Command) -> bool:
    """Whether definitions may stand where the activation stands."""
    return not any(place.kind in (CHECKED, CHAINED) for place in command.within[-1:])


def _is_name(program: str, dialect: Dialect) -> bool:
    """Whether the script's shell takes the program's name for a function's: plain sh takes no `fastq-dump`."""
    return bool(re.fullmatch(r"[A-Za-z_]\w*" if dialect.source == "." else r"[A-Za-z_][\w.+-]*", program, re.ASCII))


def _called(
    script: Script, command: Command, programs: frozenset[str], same: bool, texts: frozenset[Place]
) -> Call | None:
    """How a command calls a program of the environment; None where it does not."""
    words = command.words
    behind = False
    for at, word in enumerate(words):
        text = _text(script, word, command)
        first = text.split()[0] if text.split() else ""
        base = first.rsplit("/", 1)[-1]
        if _has(first, programs):
            inner = ""
            if behind and word.source[:1] in "\"'" and " " in text:
                inner = DOUBLE if word.source[0] == '"' else SINGLE
            named = word.value == first
            return Call(-1, command, "", word, first, same and not behind and named, inner)
        if _is_script(first, programs):
            return Call(-1, command, "", word, first, False)
        if base in SHELLS:
            followed = any(_near(place, command) for place in texts)
            runs = not followed and _runs_ours(script, command, words[at + 1 :], programs)
            return Call(-1, command, "", word, base, False) if runs else None
        if at == 0 and (base == "which" or base in _ASKS or [w.literal for w in words[:2]] == ["command", "-v"]):
            asked = [w.literal for w in words[1:] if not w.literal.startswith("-")]
            if any(_has(name, programs) for name in asked):
                return Call(-1, command, "", word, asked[0], same and base != "which", asks=base != "which")
            return None
        if at == 0 and base not in _RUNNERS:
            return None
        behind = True
    return None


def _has(name: str, programs: frozenset[str]) -> bool:
    # Packages are called trim-galore and nanoplot where the programs are trim_galore and NanoPlot.
    return (name in programs or name.lower().replace("_", "-") in programs) and name not in _EVERYDAY


def _text(script: Script, word: Word, command: Command) -> str:
    if word.value is not None:
        return word.value
    return value_of(script, word, command).text if word.source[:1] in '$"' else word.literal


def _is_script(path: str, programs: frozenset[str]) -> bool:
    """Whether a path names a script that runs by its first line in the environment's interpreter."""
    match = re.search(r"/[^/]*?(\.\w+)\Z", path)
    interpreter = SUFFIXES.get(match[1].lower()) if match else None
    return interpreter is not None and (not interpreter or interpreter in programs)


def _runs_ours(script: Script, command: Command, rest: tuple[Word, ...], programs: frozenset[str]) -> bool:
    """Whether a shell that the job starts calls programs of the environment: then it runs inside as a whole."""
    for at, word in enumerate(rest):
        if re.fullmatch(r"-[a-z]*c", word.literal):
            text = _text(script, rest[at + 1], command) if at + 1 < len(rest) else ""
            return any(_has(name, programs) for name in re.findall(r"[A-Za-z_][\w.+-]*", text))
        if not word.literal.startswith("-"):
            return True
    return any(redirect.startswith("<<") for redirect in command.redirects)


def _near(place: Place, command: Command) -> bool:
    """Whether an inner script stands in a command, or is the heredoc below it."""
    return command.whole.start <= place.span.start <= command.whole.end + 1


def asks_for_gpu(script: Script, command: Command) -> bool:
    """Whether the job that a command belongs to asks for a GPU."""
    directives, depth = script.directives, job_of(command.within)
    if depth:
        span = command.within[depth - 1].span
        directives, _ = directives_of(script.text[span.start : span.end].lstrip("'\"\n"))
    option = options_of(directive.arguments for directive in directives)
    if any(option(name) for name in ("--gpus", "--gpus-per-node", "--gpus-per-task", "--gpus-per-socket")):
        return True
    if option("-G") or "gpu" in (option("--gres") or "") or "gpu" in (option("--tres-per-node") or ""):
        return True
    return bool(re.search(r"--gres[=\s]\S*gpu|--gpus(?:-per-\w+)?[=\s]", command.source))


def _edit(script: Script, call: Call, front: str) -> Edit:
    span, layers = call.word.span, call.command.layers
    written = script.text[span.start : span.end]
    if call.asks:
        words = call.command.words
        last = words[1] if words[0].literal == "command" else words[0]
        return Edit(Span(span.start, last.span.end), quoted(f"{front} which", layers))
    if call.inner:
        opening = 1 + sum(layer == DOUBLE for layer in layers)  # `\"` inside double quotes
        opening = written.index(call.word.source[0]) + 1 if call.word.source[0] in written else opening
        new = quoted(front + " ", (*layers, call.inner))
        return Edit(span, written[:opening] + new + written[opening:])
    return Edit(span, quoted(front + " ", layers) + written)


def program_word(finding: Finding) -> Word | None:
    """The word that calls a program by its path; None where the path is a value or an argument."""
    words = finding.command.words
    for at, word in enumerate(words):
        if word.span.holds(finding.span):
            return word if at == 0 or words[0].literal.rsplit("/", 1)[-1] in _RUNNERS else None
    return None


def inside_path(new: str) -> str:
    """What one of conda's variables comes to inside of an image."""
    return {"${VIRTUAL_ENV}": "/opt/conda", "${VIRTUAL_ENV##*/}": "base"}.get(new, new)
