"""What a script tells of its job, whichever of its environments is asked for; found out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from slurmfix.callers import Caller, How
from slurmfix.environment import BadEnvironment, Environment, Package, read_environment
from slurmfix.job import (
    Shown,
    Work,
    installed_by_pip,
    loaded_modules,
    modules_loaded_later,
    program_calls,
    work_of,
)
from slurmfix.module_lines import instead
from slurmfix.plan import Named
from slurmfix.plan import named as name_of
from slurmfix.plan.place import job_of
from slurmfix.recipe import Moved
from slurmfix.rules import USES, Finding, Install, brings_base, by_pip
from slurmfix.shell import Script, read
from slurmfix.sources.places import Places

_T = TypeVar("_T", Shown, Work)


@dataclass(frozen=True)
class Evidence:
    """A script, what was found in it, and its places.

    `path` is the script's own, "-" for standard input. `runs` is where the commands start that run in each of several
    environments, by the code of its name.
    """

    path: str
    script: Script
    findings: tuple[Finding, ...]
    places: Places
    runs: Mapping[str, frozenset[int]] = field(default_factory=dict)
    callers: tuple[Caller, ...] = ()  # the scripts of the project that start or source it
    moved: Mapping[str, Moved] = field(default_factory=dict)  # what becomes of modules that it loads
    started: tuple[Shown, ...] = ()  # the programs that scripts at hand call which it starts

    @cached_property
    def programs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(call.text for call in self.program_calls))

    @cached_property
    def program_calls(self) -> tuple[Shown, ...]:
        theirs = (Shown(-1, name.text) for script in self.sourced_by for name in program_calls(script, ()))
        return (*program_calls(self.script, self.findings), *theirs, *self.started)

    def programs_of(self, named: Named) -> tuple[str, ...]:
        """The names of those that the job calls in one environment, each once."""
        return tuple(dict.fromkeys(call.text for call in self.of(self.program_calls, named)))

    def of(self, shown: tuple[_T, ...], named: Named) -> tuple[_T, ...]:
        """What of the things shown is for one environment: what its commands show."""
        if len(self.runs) < 2:
            return shown
        return tuple(each for each in shown if each.at in self.runs.get(named.code, ()))

    @cached_property
    def work(self) -> tuple[Work, ...]:
        theirs = (Work(-1, form, text) for script in self.sourced_by for _, form, text in work_of(script))
        return (*work_of(self.script), *theirs)

    @cached_property
    def sourced_by(self) -> tuple[Script, ...]:
        """The scripts that go on in the environment that this one, which they source, leaves active."""
        return tuple(read(each.text) for each in self.callers if each.how is How.SOURCES)

    def work_in(self, named: Named) -> tuple[Work, ...]:
        """What the job runs in one environment."""
        return self.of(self.work, named)

    @cached_property
    def loaded(self) -> tuple[str, ...]:
        return instead(loaded_modules(self.script, self.findings), self.moved)

    @cached_property
    def later(self) -> tuple[str, ...]:
        return instead(modules_loaded_later(self.script, self.findings), self.moved)

    def installed_in(self, named: Named) -> tuple[Package, ...]:
        """What its own `pip install` asks for in one environment."""
        theirs = self.runs.get(named.code, ()) if self.has_several else None
        there = tuple(each for each in self.findings if theirs is None or each.command.span.start in theirs)
        lines = "".join(f"{' '.join(asked.split())}\n" for asked in installed_by_pip(there))
        try:
            return read_environment(lines, "requirements.txt").packages if lines else ()
        except BadEnvironment:  # pip will say so
            return ()

    @cached_property
    def installs(self) -> bool:
        return any(isinstance(finding.act, Install) or by_pip(finding.act) for finding in self.findings)

    @cached_property
    def gpu(self) -> bool:
        """Whether the job asks for a GPU."""
        counted = self.script.option("--gpus", "-G", "--gpus-per-node", "--gpus-per-task", "--gpus-per-socket")
        return counted is not None or "gpu" in (self.script.option("--gres") or "")

    @property
    def has_several(self) -> bool:
        """Whether it uses more than one environment."""
        return len(self.runs) > 1

    @cached_property
    def may_be_none(self) -> bool:
        """Whether it uses an environment where no `#SBATCH` line tells that it is a job."""
        used = (
            f for f in self.findings if (isinstance(f.act, USES) or brings_base(f.act)) and not job_of(f.command.within)
        )
        headers = (self.script, *(read(each.text) for each in self.callers))
        return not any(script.directives for script in headers) and next(used, None) is not None


def makes(job: Evidence, name: Named, listed: tuple[str, ...]) -> bool:
    """Whether a script itself makes an environment, into which `listed` are the files that it installs.

    `conda env create` need not name it: the file does.
    """
    return any(
        isinstance(finding.act, Install)
        and finding.act.creates
        and (
            any(path in finding.act.files for path in listed)
            if finding.act.target is None
            else name_of(job.script, finding).code == name.code
        )
        for finding in job.findings
    )


@dataclass(frozen=True, slots=True)
class Installed:
    """What a script itself puts into an environment: packages, and files on this disk that list some.

    `all` says that it holds nothing else; `lost` are files that it names and that are not here, `lists` those of the
    files that pip installs. `described`: the file of a project is to describe it, which takes these `parts` of it.
    """

    packages: tuple[str, ...]
    files: tuple[str, ...]
    all: bool
    lost: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    described: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One environment of one job."""

    job: Evidence
    named: Named
    installed: Installed


@dataclass(frozen=True, slots=True)
class Found:
    """What a source says of an environment, and what is doubtful about that."""

    environment: Environment
    doubts: tuple[str, ...] = ()
