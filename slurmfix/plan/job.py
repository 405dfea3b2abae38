"""What a script comes to: its findings in the order of the file, the environments that they name, what is active."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from slurmfix.callers import Caller
from slurmfix.plan.active import UNSURE, Activations
from slurmfix.plan.answered import with_answers
from slurmfix.plan.authors import authors_own
from slurmfix.plan.base import unused
from slurmfix.plan.filled import is_filled_in
from slurmfix.plan.names import named
from slurmfix.plan.place import exclusive, in_trap, same_job
from slurmfix.plan.purge import Purges
from slurmfix.plan.step import Dialect, Named, Need
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import (
    USES,
    Enter,
    Finding,
    Install,
    Leave,
    Left,
    Manifest,
    Pip,
    Program,
    Provide,
    Report,
    Run,
    Start,
    Target,
    brings_base,
    by_pip,
    named_by,
    rest_of,
)
from slurmfix.shell import SCRIPT, Place, Script, is_idle
from slurmfix.templates import in_double_quotes
from slurmfix.text import Lines, Span, excerpt

_ENDS = ("exit", "wait", "time", "trap")
_SOURCES = ("source", ".")
_PIP = ("pip", "pip3")
_PLAIN = re.compile(r"(?:/usr/bin/env\s+|\S*/)?(?:sh|dash)\b")
_SHEBANG = re.compile(r"[\"'\s]*#![ \t]*([^\n]*)")
_BY_SH = re.compile(r"(?:^|[\s/;|&(])(?:sh|dash)(?:\s+-\w+)*\s+(?:-\w*c\s*\Z|<<)")


BASE_FOR_OTHERS = Message(
    id="base-for-others",
    kind=DOUBT,
    subject="`{source}`",
    reason="other scripts that source this file may rely on conda's base environment",
    action="run slurmfix on those scripts together with this file. If there are none, do nothing",
    bad="module load anaconda3\necho ready\n",
    good="#!/bin/bash\n#SBATCH --time=1:00\nmodule load anaconda3\necho ready\n",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One script for the passes. `names` holds, by the number of a finding, the environment that it needs."""

    script: Script
    findings: tuple[Finding, ...]
    names: Mapping[int, Named]
    active: Activations
    purges: Purges
    lines: Lines
    dialect: Dialect
    callers: tuple[Caller, ...] = ()  # the scripts of the project that start or source this one
    refused: Mapping[int, str] = field(default_factory=dict)  # why findings are left, as far as the script alone tells

    def line(self, offset: int) -> int:
        return self.lines.position(offset)[0]

    def code(self, at: int) -> str:
        """The environment that a finding needs, by the code of its name."""
        return self.names[at].code

    def codes_of(self, within: tuple[Place, ...]) -> list[str]:
        """The environments that the job uses which a place belongs to, each as often as it is used."""
        return [name.code for at, name in self.names.items() if same_job(self.findings[at].command.within, within)]

    def is_idle(self, at: int) -> bool:
        """Whether a deactivation finds nothing active: people leave conda's base first."""
        command = self.findings[at].command
        return not self.names or (not self.active.before(at) and not in_trap(command))

    def until_the_next(self, at: int) -> Span:
        """What stands between a finding and the next activation."""
        entered = (f.command.span.start for f in self.findings[at + 1 :] if isinstance(f.act, Enter))
        return Span(self.findings[at].command.span.end, next(entered, len(self.script.text)))


def read_job(script: Script, findings: tuple[Finding, ...], wheelhouse: bool) -> Job:
    """The job of a script. Without a `wheelhouse` pip may install from the internet, and that is no matter of ours."""
    if not wheelhouse:
        findings = tuple(finding for finding in findings if not _asks_an_index(finding))
    findings = with_answers(script, _without_idle_base(script, _promoted(script, findings)))
    names = {at: named(script, finding) for at, finding in enumerate(findings) if isinstance(finding.act, USES)}
    names = _with_paths(_told_apart(names))
    active, purges = Activations(script, findings, names), Purges(script)
    return Job(script, findings, names, active, purges, Lines(script.text), dialect_of(script))


def dialect_of(script: Script, within: tuple[Place, ...] = ()) -> Dialect:
    """What the shell asks for that reads a script, or the inner script that these places lead to."""
    inner = next((place for place in reversed(within) if place.kind == SCRIPT), None)
    plain = _PLAIN.match(script.shebang) if inner is None else _is_plain(script.text, inner)
    return Dialect("." if plain else "source", "\r\n" in script.text, not is_filled_in(script))


def _is_plain(text: str, inner: Place) -> bool:
    """Whether plain sh reads an inner script: the text of `sh -c` and of `--wrap` (sbatch(1)), `sh <<EOF`."""
    if shebang := _SHEBANG.match(text, inner.span.start, inner.span.end):
        return _PLAIN.match(shebang[1]) is not None
    if inner.note == "sbatch":
        return True
    line = text[text.rfind("\n", 0, max(inner.span.start - 1, 0)) + 1 : inner.span.start]
    return _BY_SH.search(line) is not None


def made(job: Job) -> dict[int, Need]:
    """What a script makes or fills that uses no environment, by the numbers of the findings; where only the file tells
    the name of an environment, it has none.
    """
    if job.names:
        return {}
    return {
        at: Need(
            Named("", f"made-{at}") if _is_named_by_its_file(finding.act) else named(job.script, finding),
            finding.act.packages,
            finding.act.files,
        )
        for at, finding in enumerate(job.findings)
        if isinstance(finding.act, Install)
    }


def _is_named_by_its_file(act: Install) -> bool:
    return act.creates and act.target is None


def needs(job: Job) -> tuple[Need, ...]:
    """What is to be known of each environment: its name, the packages and files that the script itself puts into it.

    None where the script is left anyway.
    """
    first: dict[str, int] = {}
    if job.refused:
        return ()
    if not job.names:
        return tuple(made(job).values())
    for at, name in job.names.items():
        first.setdefault(name.code, at)
    runs = _commands_of_each(job) if len(first) > 1 else {}
    return tuple(_need(job, at, frozenset(runs.get(code, ()))) for code, at in first.items())


def _commands_of_each(job: Job) -> dict[str, list[int]]:
    """Where the commands start that run in each environment, by its code; where several may be active, in that which
    the file enters last.
    """
    found: dict[str, list[int]] = {}
    turns = {finding.command.span: at for at, finding in enumerate(job.findings)}
    entered: list[str] = []
    for command in job.script.commands:
        at = turns.get(command.span, -1)
        act = job.findings[at].act if at >= 0 else None
        if isinstance(act, Enter):
            entered.append(job.code(at))
        elif isinstance(act, Leave):
            del entered[-1:]
        active = (job.code(at),) if at in job.names else job.active.of(command)
        code = entered[-1:] if active == UNSURE else active[:1]
        found.setdefault("".join(code), []).append(command.span.start)
    return found


def _need(job: Job, at: int, runs: frozenset[int]) -> Need:
    packages: list[str] = []
    files: list[str] = []
    only = len({name.code for name in job.names.values()}) == 1
    for number, finding in enumerate(job.findings):
        act = finding.act
        if not isinstance(act, Install):
            continue
        if act.target is not None and act.target.kind != "base":
            meant = named(job.script, finding).code == job.code(at)
        else:
            meant = only or job.active.before(number)[:1] == (job.code(at),)
        if meant:
            packages += act.packages
            files += act.files
    lists = [path for number in range(len(job.findings)) for path in lists_of(job, number, job.code(at))]
    manifest = _manifest(job, job.code(at))
    packages += manifest.packages
    files += manifest.lists
    return Need(job.names[at], tuple(packages), tuple(files), runs, tuple(dict.fromkeys(lists)), manifest)


def _manifest(job: Job, code: str) -> Manifest:
    """What all commands together say of the description of an environment."""
    targets = ((finding, named_by(finding.act)) for finding in job.findings)
    told = (
        each.manifest for finding, each in targets if each and each.manifest and named(job.script, finding).code == code
    )
    return sum(told, Manifest())


def lists_of(job: Job, at: int, code: str) -> tuple[str, ...]:
    """The files that a finding installs with pip into an environment that is surely active."""
    act = job.findings[at].act
    if not isinstance(act, Pip) or job.active.before(at)[:1] != (code,):
        return ()
    return act.files


def installed_by_pip(job: Job) -> Iterator[tuple[Finding, str, tuple[str, ...]]]:
    """What pip installs: the finding, the environment that is surely active there, by its code, and its lists."""
    for at, finding in enumerate(job.findings):
        if isinstance(finding.act, Pip) and finding.act.new:
            yield from ((finding, code, lists_of(job, at, code)) for code in job.active.before(at)[:1])


def needs_conda(finding: Finding) -> bool:
    """Whether it is left for a person and calls conda all the same."""
    return isinstance(finding.act, Report) and finding.act.left == Left.NEEDS_CONDA


def is_left_there(finding: Finding) -> bool:
    """Whether it is left for a person, and goes on to use an environment that it names."""
    return isinstance(finding.act, Report) and finding.act.target is not None


def _asks_an_index(finding: Finding) -> bool:
    return finding.indexed or (by_pip(finding.act) and finding.act != Pip(""))


def only_makes(script: Script, findings: tuple[Finding, ...]) -> bool:
    """Whether a script makes an environment, and runs nothing in it."""
    makes = any(isinstance(finding.act, Install) and finding.act.creates for finding in findings)
    return makes and only_fills(script, findings)


def only_fills(script: Script, findings: tuple[Finding, ...]) -> bool:
    """Whether a script runs nothing in an environment but what installs packages into it."""
    fills = any(isinstance(finding.act, Install) or by_pip(finding.act) for finding in findings)
    if not fills or any(isinstance(finding.act, Run | Program | Start) for finding in findings):
        return False
    return all(is_idle(script, c) or c.name in (*_ENDS, *_PIP) for c in authors_own(script, findings))


def runs_nothing(script: Script, findings: tuple[Finding, ...]) -> bool:
    """Whether a script only sets something up, or tells something, beside what conda does in it."""
    own = {*_ENDS, *(name for name, _ in script.functions)}
    others = authors_own(script, [finding for finding in findings if not by_pip(finding.act)])
    return all(c.name not in _SOURCES and (is_idle(script, c) or c.name in own) for c in others)


def _promoted(script: Script, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A script that brings conda's own Python and names no environment runs in that: such a line enters it, and of
    several with nothing in between the last.
    """
    if any(isinstance(finding.act, USES) or needs_conda(finding) or is_left_there(finding) for finding in findings):
        return findings
    if only_makes(script, findings):
        return findings
    targets = [finding.act.target for finding in findings if isinstance(finding.act, Provide)]
    if runs_nothing(script, findings) and all(target is None or target.kind == "base" for target in targets):
        return findings if script.directives else tuple(map(_for_others, findings))
    # What only adds packages to a Python does so where no line brings a Python.
    bringing = [at for at, finding in enumerate(findings) if brings_base(finding.act)]
    bringing = [at for at in bringing if not findings[at].doubt] or bringing
    if bringing and (said := unused(script, findings[bringing[0]], findings)):
        return tuple(replace(f, doubt=f.doubt or said) if at == bringing[0] else f for at, f in enumerate(findings))
    return tuple(
        _entered(finding) if at in bringing and _runs_before(script, findings, at, bringing) else finding
        for at, finding in enumerate(findings)
    )


def _runs_before(script: Script, findings: tuple[Finding, ...], at: int, bringing: list[int]) -> bool:
    """Whether anything runs between a line that brings conda's Python and the next such line, or none follows."""
    if at == bringing[-1]:
        return True
    after = findings[bringing[bringing.index(at) + 1]].command.whole
    start = findings[at].command.whole.end
    between = (c for c in authors_own(script, findings, start) if c.span.start < after.start)
    return not all(is_idle(script, c) for c in between)


def _entered(finding: Finding) -> Finding:
    """What brings conda's Python, as what enters it."""
    act, command = finding.act, finding.command
    if finding.span.holds(command.span):  # a block of several statements
        command = command.moved(finding.span)
    return replace(finding, command=command, act=Enter(named_by(act) or Target("base", "base"), rest_of(act)))


def _for_others(finding: Finding) -> Finding:
    """What brings conda's own Python in a file that runs nothing: the scripts that source it may."""
    return (
        replace(finding, doubt=finding.doubt or BASE_FOR_OTHERS.about(source=excerpt(finding.command.source)))
        if brings_base(finding.act)
        else finding
    )


def _without_idle_base(script: Script, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """conda's base that is activated only to activate another environment at once only provides conda."""
    kept = list(findings)
    ours = {f.command.span for f in findings}
    for at, finding in enumerate(findings):
        if not isinstance(finding.act, Enter) or not named(script, finding).base:
            continue
        within = finding.command.within
        entered = (f.command for f in findings[at + 1 :] if isinstance(f.act, Enter))
        following = next((command for command in entered if same_job(command.within, within)), None)
        if following is None and script.directives and runs_nothing(script, findings):
            kept[at] = replace(finding, act=Provide(base=True, rest=finding.act.rest))
        if following is None or exclusive(within, following.within):
            continue
        stretch = Span(finding.command.span.end, following.span.start)
        between = (c for c in script.commands if stretch.start <= c.span.start < stretch.end and c.span not in ours)
        if all(is_idle(script, c) for c in between):
            kept[at] = replace(finding, act=Provide(base=True, rest=finding.act.rest))
    return tuple(kept)


def _with_paths(names: dict[int, Named]) -> dict[int, Named]:
    """An environment that one line names and another calls a program of by its path has that path."""
    paths = {name.code: name.path for name in reversed(names.values()) if name.path}
    return {at: name if name.path else replace(name, path=paths.get(name.code, "")) for at, name in names.items()}


def _told_apart(names: dict[int, Named]) -> dict[int, Named]:
    """Environments that end alike in different folders are different: the folder goes into the name."""
    paths: dict[str, list[str]] = {}
    for name in names.values():
        plain = name.path.startswith("/") and "$" not in name.path  # `$HOME/x` may be `/home/a/x` in other words
        if plain and name.known and not name.base and name.path not in paths.setdefault(name.code, []):
            paths[name.code].append(name.path)
    told = {}
    for at, name in names.items():
        several = paths.get(name.code, [])
        if name.path in several[1:]:
            text = f"{name.name}-{several.index(name.path) + 1}"
            name = replace(name, name=text, code=in_double_quotes(text))
        told[at] = name
    return told
