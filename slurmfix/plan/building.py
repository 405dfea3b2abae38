"""Where each environment is built, once, and what stands where it is activated, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from slurmfix.plan.active import UNSURE
from slurmfix.plan.authors import authors_own
from slurmfix.plan.block import ACTIVATE, ASIDE, FULL, Shape, activates
from slurmfix.plan.given import given_inside, may_be_another
from slurmfix.plan.going import Going
from slurmfix.plan.job import Job
from slurmfix.plan.leaving import Leaves, leaving
from slurmfix.plan.modules import has_rival, of_all_environments, only_python, still_to_load
from slurmfix.plan.nodes import obeyed_by_steps, several_nodes, several_tasks
from slurmfix.plan.place import (
    calls_function,
    exclusive,
    handled,
    is_statement,
    job_of,
    repeated,
    same_job,
    statement_before,
    statement_of,
    surely,
)
from slurmfix.plan.step import Served
from slurmfix.rules import Drop, Enter, Finding, Leave, Program, Provide, Run, Start, rest_of
from slurmfix.shell import (
    CHAINED,
    CHECKED,
    FUNCTION,
    PIPELINE,
    REDIRECTED,
    SUBSTITUTION,
    Command,
    Place,
    Script,
    is_idle,
    is_kept,
)
from slurmfix.text import Span

_IN_FRONT = re.compile(
    r"(?:(?<![^\s;&|({])(?:time(?:[ \t]+-p)?|!)[ \t]+)*\Z"
)  # words of the shell that belong to a statement
_FINDS_PYTHON = ("PATH", "VIRTUAL_ENV")  # by these the environment comes first


@dataclass(frozen=True, slots=True)
class Build:
    """Commands that build an environment, given by its code, activate it, or both; `shape` is what the place asks."""

    code: str
    shape: Shape
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is built in front of a statement, and the places around that."""

    build: Build
    statement: Span
    around: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Building:
    """What one finding needs: what stands `ahead` of it, and `here`, in its place, or behind the command `behind`.

    Where its environment is active already, that is nothing.
    """

    ahead: Ahead | None = None
    here: Build | None = None
    behind: Command | None = None


@dataclass(frozen=True, slots=True)
class _Built:
    """What has been built further up."""

    code: str
    within: tuple[Place, ...]
    at: int
    modules: tuple[str, ...]
    apart: bool = False  # in a subshell, with which its modules end


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is known when one finding is looked at: the script, the environments, and what has been built further up."""

    job: Job
    answers: Mapping[str, Served]
    going: Going
    built: tuple[_Built, ...] = ()


def where_to_build(job: Job, answers: Mapping[str, Served], going: Going) -> dict[int, Building]:
    """What each finding that builds or activates something needs, by its number; `answers` come with their images."""
    ground, found = _Ground(job, answers, going, _built_before(job, answers)), {}
    for at, finding in enumerate(job.findings):
        building, new = _building(ground, at, finding)
        if building is not None:
            found[at] = building
        ground = replace(ground, built=(*ground.built, *new))
    return found


def unmade(job: Job, buildings: Mapping[int, Building]) -> frozenset[Span]:
    """The activations in whose place nothing stands: what they enter is active there, or is entered elsewhere."""
    return frozenset(
        job.findings[at].command.span for at, building in buildings.items()
        if isinstance(job.findings[at].act, Enter) and building.here is None
        and job.findings[at].span == job.findings[at].command.span and not rest_of(job.findings[at].act)
    )  # fmt: skip


def _built_before(job: Job, answers: Mapping[str, Served]) -> tuple[_Built, ...]:
    """What the job that starts this script as tasks has built before the step."""
    if not any(map(several_tasks, job.callers)):
        return ()
    return tuple(_Built(code, (), -1, ()) for code, served in answers.items() if served.is_a_folder)


_Found = tuple[Building | None, tuple[_Built, ...]]


def _building(ground: _Ground, at: int, finding: Finding) -> _Found:
    match finding.act:
        case Enter():
            return _entering(ground, at, finding) if at not in ground.going.retries else (None, ())
        case Run() if _runs_where_it_is(ground, at):
            return None, ()
        case Start() if not ground.answers[ground.job.code(at)].is_a_folder:
            return None, ()
        case Run() | Program() | Start():
            command = finding.command
            outer = _outer(ground.job, at, command.within)
            place = statement_of(command) if outer is None else statement_before(ground.job.script, command, outer)
            ahead, new = _ahead(ground, at, command, *place)
            return Building(ahead), new
        case Leave():
            left = leaving(ground.job, ground.answers, at)
            if left.leaves == Leaves.BACK:
                shape = _shape(ground.job, ground.going, finding.command)
                return Building(here=_activation(ground, left.code, at, finding.command, shape)), ()
    return None, ()


def _runs_where_it_is(ground: _Ground, at: int) -> bool:
    """Whether a command runs where its environment is active."""
    code = ground.job.code(at)
    return ground.answers[code].image is None and ground.job.active.before(at)[:1] == (code,)


def _entering(ground: _Ground, at: int, finding: Finding) -> _Found:
    job, command, code = ground.job, finding.command, ground.job.code(at)
    if _is_active(ground, at, command):
        return Building(), ()
    shape = _shape(job, ground.going, command)
    if finding.span != command.span or rest_of(finding.act):
        # One entry of a PATH, or one module of several: the block follows the line.
        here, new = _block(ground, code, at, command, replace(shape, grouped=False))
        return Building(here=here), new
    outer = _outer(job, at, command.within)
    if outer is not None:
        ahead, new = _ahead(ground, at, command, *statement_before(job.script, command, outer))
        if not activates(ground.answers[code]):
            return Building(ahead), new
        ground = replace(ground, built=(*ground.built, *new))
        return Building(ahead, _activation(ground, code, at, command, shape)), new
    behind = modules_after(job, finding)
    here, new = _block(ground, code, at, behind or command, shape)
    return Building(here=here, behind=behind), new


def _is_active(ground: _Ground, at: int, command: Command) -> bool:
    """Whether the same shell has surely activated an environment already, with all that it needs."""
    name = ground.job.names[at]
    active = ground.job.active.of(command, own=True)
    plain = name.known and only_python(ground.answers[name.code].recipe.modules)
    return plain and active[:1] == (name.code,) and is_statement(command) and not _moves_the_path(ground.job)


def _moves_the_path(job: Job) -> bool:
    """Whether a line of the author's may put something else in front on PATH: activated again, nothing is."""
    return any(
        each.name in ("source", ".", "eval") or any(given.name in _FINDS_PYTHON for given in each.assignments)
        for each in authors_own(job.script, job.findings)
    )


def _outer(job: Job, at: int, within: tuple[Place, ...]) -> int | None:
    """Which place to leave so that the environment is built once: none in which its name is set, and no function's
    body, in front of which nothing can stand.
    """
    outer = repeated(within)
    while outer is not None and (
        any(given_inside(job.script, place, job.names[at]) for place in within[outer:])
        or (outer and within[outer - 1].kind == FUNCTION)
    ):
        outer = repeated(within, outer + 1)
    return outer


def _block(ground: _Ground, code: str, at: int, command: Command, shape: Shape) -> tuple[Build, tuple[_Built, ...]]:
    """The commands at the place of an activation; what was built before is only activated."""
    job, within, start = ground.job, command.within, command.span.start
    if _is_built(ground, code, within, start):
        return _activation(ground, code, at, command, shape), ()
    modules = _modules(ground, code, within, start)
    leave = _to_leave(ground, within, start, at) if modules else ""
    guard = _may_be_built(ground, code, within, start)
    shape = _on_nodes(job, command, replace(shape, guard=guard, leave=leave))
    return Build(code, shape, modules), (_Built(code, within, start, modules),)


def _activation(ground: _Ground, code: str, at: int, command: Command, shape: Shape) -> Build:
    """The commands that activate what was built, with its modules where others may have taken their place."""
    served, within, start = ground.answers[code], command.within, command.span.start
    before = [built for built in ground.built if built.code == code]
    purged = ground.job.purges.between(max((built.at for built in before), default=0), start, within)
    needed = (
        purged or any(built.apart for built in before) or has_rival(ground.job, ground.answers, served, within)
    )  # fmt: skip
    modules = (purged and served.recipe.all_modules) or served.recipe.modules
    modules = modules if needed and not only_python(modules) else ()
    leave = _to_leave(ground, within, start, at) if modules else ""
    return Build(code, replace(shape, parts=ACTIVATE, leave=leave), modules)


def _ahead(
    ground: _Ground, at: int, command: Command, span: Span, around: tuple[Place, ...]
) -> tuple[Ahead | None, tuple[_Built, ...]]:
    """What is built before the statement in `span`, for a command in it, unless that has been done."""
    job, code = ground.job, ground.job.code(at)
    in_front = _IN_FRONT.search(job.script.text, 0, span.start)
    span = Span(in_front.start() if in_front else span.start, span.end)
    there = any(b.code == code and b.at == span.start and b.within == around for b in ground.built)
    if there or _is_built(ground, code, around, span.start):
        return None, ()
    modules = _modules(ground, code, around, span.start)
    active = _to_leave(ground, around, span.start) if modules else ""
    shape = Shape(
        ASIDE,
        guard=_may_be_built(ground, code, around, span.start),
        leave=active,
        quiet=_is_kept(job.script, around),
        apart=bool(active),
        later=_always_handled(job, code),
        bare=not job.dialect.braces,
    )
    shape = _on_nodes(job, command, shape)
    built = _Built(code, around, span.start, () if active else modules, bool(active))
    return Ahead(Build(code, shape, modules), span, around), (built,)


def _on_nodes(job: Job, command: Command, shape: Shape) -> Shape:
    if not several_nodes(job.script, command, job.callers):
        return shape
    return replace(shape, nodes=True, without=obeyed_by_steps(job.script, command))


# What a place asks of the commands that stand there


def _shape(job: Job, going: Going, command: Command) -> Shape:
    chained = not is_statement(command) and not handled(command.within)
    if _only_retries_follow(job, going, command):
        return Shape(FULL)
    quiet = _is_kept(job.script, command.within)
    if bare := _chained_by_and(job, command):
        chained = False
    return Shape(FULL, handled=bare or handled(command.within), grouped=chained, quiet=quiet, bare=bare)


def _chained_by_and(job: Job, command: Command) -> bool:
    """Whether several commands joined by `&&` mean the same in the place of a command of a list, and must do so
    without braces.
    """
    lists = [place.span.start for place in command.within if place.kind in (CHECKED, CHAINED)]
    if job.dialect.braces or not lists:
        return False
    return not any(each in job.script.text[lists[-1] : command.span.start] for each in "|!;\n")


def _only_retries_follow(job: Job, going: Going, command: Command) -> bool:
    """Whether all of the list that handles the command's failure are retries, which go."""
    outer = next((place.span for place in command.within if place.kind == CHECKED), None)
    if outer is None or not going.retries or outer.start != command.span.start:
        return False
    kept = {job.findings[at].command.span for at in going.retries} | {command.span}
    return all(c.span in kept for c in job.script.commands if outer.holds(c.span))


def _is_kept(script: Script, within: tuple[Place, ...]) -> bool:
    """Whether what is printed there is used, or kept, as the output of something else: also by who calls it."""
    inside = within[job_of(within) :]
    functions = {place.note for place in inside if place.kind == FUNCTION}
    calls = [c for c in script.commands if any(calls_function(c, name) for name in functions)]
    kinds = {place.kind for place in (*inside, *(place for call in calls for place in call.within))}
    return not kinds.isdisjoint((SUBSTITUTION, PIPELINE, REDIRECTED)) or any(map(is_kept, calls))


def _always_handled(job: Job, code: str) -> bool:
    """Whether the author handles the failure of each activation of an environment, and nothing else uses it."""
    uses = [job.findings[at] for at, name in job.names.items() if name.code == code]
    return all(isinstance(finding.act, Enter) and handled(finding.command.within) for finding in uses)


def _to_leave(ground: _Ground, here: tuple[Place, ...], offset: int, but: int = -1) -> str:
    """Whether an environment has to be left before modules are loaded: "", "sure" or "maybe"."""
    active = ground.job.active.own_at(here, offset, but)
    reached = (served for code, served in ground.answers.items() if code in active or active == UNSURE)
    if not any(served.recipe.strategy == "virtualenv" for served in reached):  # nothing else has a `deactivate`
        return ""
    behind_another = any(place.kind == CHAINED for place in here)  # which failed, and may have got nowhere
    return "maybe" if active == UNSURE or behind_another else "sure"


# What has been built, and loaded, further up


def _is_built(ground: _Ground, code: str, within: tuple[Place, ...], at: int) -> bool:
    return any(
        built.code == code and built.at < at and surely(built.within, within)
        and not may_be_another(ground.job.script, code, built.at, at)
        for built in ground.built
    )  # fmt: skip


def _may_be_built(ground: _Ground, code: str, within: tuple[Place, ...], at: int) -> bool:
    """Whether it was built before in some runs of the job only, or here in an earlier round."""
    return repeated(within) is not None or any(
        built.code == code and built.at < at and same_job(built.within, within) and not exclusive(built.within, within)
        for built in ground.built
    )


def _modules(ground: _Ground, code: str, within: tuple[Place, ...], at: int) -> tuple[str, ...]:
    """The modules to load, without those that an earlier block has surely loaded.

    The first block of a job loads those of all its environments with the same Python, since none may be loaded once
    one of them is active.
    """
    before = [
        built for built in ground.built
        if built.at <= at and surely(built.within, within) and not ground.job.purges.between(built.at, at, within)
    ]  # fmt: skip
    if not before:
        return of_all_environments(ground.job, ground.answers, ground.answers[code], within)
    loaded = tuple(module for built in before for module in built.modules)
    return still_to_load(ground.answers[code].recipe.modules, loaded)


def modules_after(job: Job, finding: Finding) -> Command | None:
    """The last module command of the author's that follows the activation with nothing in between that needs it."""
    command = finding.command
    if not is_statement(command):
        return None
    found = None
    others = {other.command.span: other for other in job.findings if other is not finding}
    for later in job.script.commands:
        if later.span.start <= command.span.start:
            continue
        if later.within != command.within:
            deeper = later.span.start > command.span.end and later.within[: len(command.within)] == command.within
            if deeper and not is_idle(job.script, later):
                break
            continue
        other = others.get(later.span)
        if other is not None:
            if _needs_more(other, later):
                break
        elif loads_modules(later):
            if not is_statement(later) or later.layers:
                return None
            found = later
        elif not is_idle(job.script, later) or later.source.lstrip().startswith(("source ~", ". ~")):
            break
    return found


def _needs_more(finding: Finding, command: Command) -> bool:
    return not isinstance(finding.act, Provide | Drop) or "$CONDA" in command.source


def loads_modules(command: Command) -> bool:
    """Whether a command changes what modules are loaded, or where they are found."""
    if command.name not in ("module", "ml"):
        return False
    asked = command.words[1].literal if len(command.words) > 1 else ""
    if command.name == "ml":
        return asked not in ("", "list", "avail", "spider")
    return asked in ("load", "add", "purge", "unload", "swap", "restore", "reset", "use")
