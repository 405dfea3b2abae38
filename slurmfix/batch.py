"""A run over many files: each is read, converted and, if asked, written; one bad file never stops the others."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

from slurmfix import files
from slurmfix.callers import Caller, How
from slurmfix.config import Settings
from slurmfix.files import Found, Unreadable
from slurmfix.outcome import Outcome
from slurmfix.remarks import DOUBT, NOTE, Message, Remark, job, phrase
from slurmfix.triage import is_environment, is_startup_file, told_by_bytes
from slurmfix.workers import Limits, Workers

if TYPE_CHECKING:
    from slurmfix.cluster import Cluster
    from slurmfix.convert import Syntax
    from slurmfix.plan import NewFile, Site
    from slurmfix.sources import Answers, World

_CHUNK = 32  # files that a process takes at a time, and bash is asked about together
_LAST = 8  # the same of the last ones, so that no process waits long for another
_WORTH_A_PROCESS = 48  # with fewer files that need a parse, starting processes costs more than it saves


_TRAIN = "conda activate vision\npython train.py"
_ABOVE = '-- slurmfix.toml --\nsubmit-dir = "."\n'
APPLY_THERE = Message(
    id="apply-there",
    kind=NOTE,
    subject="the new file of this job",
    reason="the diff starts at {folder}, since the new file lies above this folder",
    action="run `cd {folder}` before you apply the diff",
    bad=job(_TRAIN, "numpy") + f"-- jobs/job.sh --\n{job(_TRAIN)}{_ABOVE}-- command --\ncd jobs && slurmfix job.sh\n",
    good=job(_TRAIN, "numpy") + f"-- jobs/job.sh --\n{job(_TRAIN)}{_ABOVE}-- command --\nslurmfix jobs/job.sh\n",
)
NOT_WRITTEN = Message(
    id="not-written",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="slurmfix found no list of its packages, so --write leaves this job unchanged",
    action="where conda is, run `{ask} > {file}`, and run slurmfix again. Without a list, add "
    "`--accept-unknown`, which writes an empty one",
    bad=job(_TRAIN, command="slurmfix --write job.sh"),
    good=job(_TRAIN, "numpy"),
)


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with each file; `roots` are the folders that the user named, absolute, and `given` the real paths of
    all files of the run. `modules`: module lines are looked at, too.
    """

    settings: Settings
    safe: bool = False
    ask: bool = False
    roots: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    modules: bool = False


def outcomes(found: Sequence[Found], task: Task, jobs: int) -> Iterator[Outcome]:
    """What becomes of each file, in order; many are shared out, and each is held to the limits."""
    from slurmfix import convert, sources  # noqa: F401 -- loaded once here, then shared with the processes

    many = jobs > 1 and len(found) >= _WORTH_A_PROCESS and not task.ask  # each process would ask the cluster anew
    limits = Limits(task.settings.seconds, task.settings.megabytes)
    workers = Workers(partial(_convert_all, task), _lost, limits, jobs if many else 1)
    return workers.results_of(found, _chunks(len(found), jobs if many else 1))


def _chunks(count: int, jobs: int) -> list[range]:
    bounds = [*range(0, max(count - 2 * jobs * _CHUNK, 0), _CHUNK)]
    bounds += range(bounds[-1] + _CHUNK if bounds else 0, count, _LAST)
    return [range(start, end) for start, end in pairwise([*bounds, count])]


def _lost(place: Found, reason: str) -> Outcome:
    return Outcome(place.path, error=phrase("not converted, since {reason}", reason=reason))


def clear_up(found: Iterable[Found]) -> None:
    """Before a run that writes reads anything: what killed runs left beside these files goes, and a file whose writing
    was cut short gets its old bytes back.
    """
    for folder in {os.path.dirname(os.path.realpath(place.path)) for place in found if place.error is None}:
        files.sweep(folder)


def _convert_all(task: Task, chunk: Sequence[Found], started: Callable[[int], None]) -> list[Outcome]:
    """What becomes of some files. bash is asked about all their new texts together; the few files with a text that it
    refuses are converted again, to be told by themselves.
    """
    from slurmfix.syntax import Together, refusal

    together = Together()
    done: list[Outcome] = []
    asked: list[list[str]] = []
    for at, place in enumerate(chunk):
        started(at)
        before = len(together.texts)
        done.append(_convert(place, task, together))
        asked.append(together.texts[before:])
    refused = together.refused()
    for at, texts in enumerate(asked):
        if not refused.isdisjoint(texts):
            done[at] = _convert(chunk[at], task, refusal)
    return done


def _convert(found: Found, task: Task, syntax: Syntax) -> Outcome:
    try:
        data = found.data if found.data is not None else files.read(found.path)
    except Unreadable as error:
        return Outcome(found.path, error=error.reason)
    outcome = convert_bytes(found.path, data, task, found.named, syntax)
    folders = ((found.path, found.folder), *((new.path, files.folder_of(new.path)) for new in outcome.created))
    return outcome._replace(folders=folders) if outcome.changes else outcome


def convert_bytes(
    path: str, data: bytes, task: Task, named: bool = True, syntax: Syntax | None = None, is_caller: bool = False
) -> Outcome:
    """What becomes of a file's bytes; "-" is standard input. `syntax` asks bash; None is for asking it right away.
    `is_caller`: it is asked for another script, which this one starts.
    """
    told = told_by_bytes(path, data, named, task.modules)
    if told is not None:
        return told
    from slurmfix import knowledge
    from slurmfix.convert import convert
    from slurmfix.rules import TooManyFindings
    from slurmfix.shell import TooMuchOpen
    from slurmfix.syntax import refusal
    from slurmfix.templates import TemplateFailed

    try:
        text = files.decode(data, path)
        knowledge.use(task.settings.tables, knowledge.profile(task.settings.profile).tables)
        answers, site = prepared(task)
        if named and is_environment(path, data):
            return _environment(path, text, answers)
        startup = is_startup_file(path)
        off = task.settings.ignore
        callers = answers.world.callers_of(path)
        if not is_caller:
            callers = tuple(_as_it_comes(caller, answers.world, task) for caller in callers)
        answer = partial(answers.for_script, path, callers)
        beside = partial(files.text_beside, path)
        outcome = convert(path, text, answer, site, task.safe, syntax or refusal, startup, off, beside, callers)
    except Unreadable as error:
        return Outcome(path, error=error.reason)
    except (TemplateFailed, TooManyFindings, TooMuchOpen) as error:
        return Outcome(path, error=str(error))
    except RecursionError:
        return Outcome(path, error=phrase("the file is nested too deeply to be read"))
    except MemoryError:
        return Outcome(path, error=phrase("the file takes more memory than there is"))
    return outcome._replace(diff_path=diff_path(path), muted=off)


def _as_it_comes(caller: Caller, world: World, task: Task) -> Caller:
    """A script that starts another one as tasks; this run gives it only if it rewrites it: the tasks wait for it."""
    if not caller.is_given or caller.how is not How.AT_ONCE:
        return caller
    if caller.path not in world.rewritten:
        try:
            outcome = convert_bytes(caller.path, files.read(caller.path), task, is_caller=True)
        except Unreadable:
            outcome = Outcome(caller.path)
        world.rewritten[caller.path] = outcome.changes and not outcome.error
    return caller._replace(is_given=world.rewritten[caller.path])


@lru_cache(maxsize=2)
def prepared(task: Task) -> tuple[Answers, Site]:
    """What all files of a run share: where to look for environments, and how the commands are written."""
    from slurmfix import knowledge
    from slurmfix.plan import Site
    from slurmfix.sources import Answers, World

    settings = task.settings
    profile = knowledge.profile(settings.profile)
    site = Site(
        profile=settings.profile,
        make=profile.python_command,
        pip_options=" ".join(profile.install_options),
        tmpdir=profile.place,
        requirements=settings.requirements,
        templates=settings.templates,
        workdir=profile.tmpdir,
        binds=profile.binds,
        images=re.sub(r"\A~/", "$HOME/", settings.images),
        modules=profile.has_modules,
        image_module=profile.image_module,
        wheelhouse=profile.wheelhouse,
        in_job=profile.venv == "job",
        made_on_nodes=profile.venv != "job" and profile.made_on == "compute",
        scratch_option=profile.scratch_option if profile.venv == "job" else "",
        brought=settings.brought,
        modules_of=profile.stdenv if task.modules else "",
        stdenv=profile.stdenv,
        tree=profile.tree,
    )
    return Answers(World(settings, _cluster() if task.ask else None, task.roots, task.given), site), site


@lru_cache(maxsize=1)
def _cluster() -> Cluster:
    """The cluster, one for all settings of a run, so that it is asked each thing once."""
    from slurmfix.cluster import Cluster

    return Cluster()


def _environment(path: str, text: str, answers: Answers) -> Outcome:
    """An environment file becomes the requirements file that serves it."""
    from slurmfix.environment import BadEnvironment
    from slurmfix.plan import Plan

    try:
        served, notes = answers.requirements_for(path, text)
    except BadEnvironment as error:
        if not error.line:
            return Outcome(path, error=error.reason)
        where = phrase("line {line}, column {column}", line=error.line, column=error.column)
        return Outcome(path, error=phrase("{reason} ({where})", reason=error.reason, where=where))
    return Outcome(path, text, text, Plan((), (served,)), created=served.files, notes=notes)


def diff_path(path: str) -> str:
    """The name in a diff: as seen from the working folder where the file lies below it, else from the root."""
    return path if path == "-" else files.shown(path).lstrip("/")


def seen_from_the_root(done: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes; where a new file lies above the working folder, in its repository, the whole diff is named from the
    repository's root, and the first outcome says so: no path of a patch may lead upwards.
    """
    root = files.repository_root(os.getcwd())
    above = [file.path for outcome in done for file in outcome.created if file.path.startswith("/")]
    if root is None or not above or not all(files.inside(path, root) for path in (*above, *_paths(done))):
        return list(done)
    said = APPLY_THERE.about(folder=root)

    def moved(outcome: Outcome) -> Outcome:
        name = os.path.relpath(os.path.realpath(outcome.path), root)
        created = tuple(
            replace(file, diff_path=os.path.relpath(os.path.realpath(file.path), root)) for file in outcome.created
        )
        notes = (said,) if any(file.path == above[0] for file in outcome.created) else ()
        return outcome._replace(diff_path=name, created=created, notes=(*outcome.notes, *notes))

    return [moved(outcome) if outcome.changes and outcome.path != "-" else outcome for outcome in done]


def _paths(done: Sequence[Outcome]) -> list[str]:
    return [outcome.path for outcome in done if outcome.changes and outcome.path != "-"]


def merged(done: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes, where scripts that need the same new file all get one that serves them all."""
    listed = list(done)
    wanted: dict[str, list[NewFile]] = {}
    for outcome in listed:
        for file in outcome.created:
            wanted.setdefault(file.path, []).append(file)
    several = {path: versions for path, versions in wanted.items() if len({file.text for file in versions}) > 1}
    if not several:
        return listed
    from slurmfix.recipe import merged_requirements

    texts = {
        # The files of an image have a hash of their content in their name: they differ in remarks only.
        path: versions[0].text
        if path.endswith((".def", ".yml"))
        else merged_requirements([file.text for file in versions])
        for path, versions in several.items()
    }
    return [
        outcome._replace(created=tuple(replace(file, text=texts.get(file.path, file.text)) for file in outcome.created))
        if any(file.path in texts for file in outcome.created) else outcome
        for outcome in listed
    ]  # fmt: skip


def _left(outcome: Outcome, name: str) -> Outcome:
    """A job that is not written, since nothing is known of an environment: with one message on that instead of two."""
    from slurmfix.plan import Plan
    from slurmfix.sources.messages import UNKNOWN

    def is_it(said: str) -> bool:
        return isinstance(said, Remark) and said.id == UNKNOWN.id and said.environment == name

    doubts = [doubt for served in outcome.environments for doubt in served.doubts if is_it(doubt)]
    asked = next((doubt.values for doubt in doubts if isinstance(doubt, Remark)), {})
    kept = [replace(each, doubts=tuple(d for d in each.doubts if not is_it(d))) for each in outcome.environments]
    plan = Plan(outcome.steps, tuple(kept))
    ask, file = asked.get("ask", "conda env export --no-builds"), asked.get("file", "environment.yml")
    said = NOT_WRITTEN.about(environment=name, ask=ask, file=file)
    return outcome._replace(plan=plan, notes=(*outcome.notes, said))


def write(outcome: Outcome, done: dict[str, str], accept_unknown: bool = True) -> Outcome:
    """Write a script and its new files, all or none; `done` holds the new files that this run has written already.

    Without `accept_unknown` a job stays as it is of whose environment nothing at all is known, and that is said.
    """
    if not outcome.changes or outcome.error or outcome.broken:
        return outcome
    if outcome.unknown and not accept_unknown:
        return _left(outcome, outcome.unknown[0])
    changes, folders = [], dict(outcome.folders)
    if outcome.after != outcome.before and not outcome.piped:
        old, new = files.encode(outcome.before), files.encode(outcome.after)
        changes.append(files.Change(outcome.path, old, new, folders.get(outcome.path)))
    fresh = [file for file in outcome.created if file.path not in done]
    changes += [files.Change(file.path, None, files.encode(file.text), folders.get(file.path)) for file in fresh]
    try:
        files.write_all(changes)
    except Unreadable as error:
        told = error.reason if error.path == outcome.path else f"{error.path}: {error.reason}"
        return outcome._replace(after=outcome.before, edits=(), created=(), error=told)
    done.update({file.path: file.text for file in fresh})
    return outcome._replace(written=True)
