"""What a job shows to need: what its Python files and texts import, and the programs that come with wheels."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from slurmfix import files, knowledge
from slurmfix.elsewhere import remark_on
from slurmfix.environment import Environment, Package, imported_names, is_standard, read_imports
from slurmfix.job import Shown, python_calls
from slurmfix.plan import Named
from slurmfix.shell import How, call_of, read
from slurmfix.sources.evidence import Evidence, Found, Question
from slurmfix.sources.world import World
from slurmfix.text import Lines

_MOST_SOURCES = 60
_LARGEST_SCRIPT = 200_000  # bytes
_COMMAND = "the command of line {}"
# Names that PyPI has as well, and that nearly always are a file of the author's own.
_OFTEN_OWN = frozenset(
    "utils util common helpers helper config configs model models data dataset dataloader main test".split()
)


class Needs(NamedTuple):
    """What a job shows to need in one environment, as a guess at it, and what its files do with conda themselves."""

    environment: Environment
    uses_conda: tuple[str, ...] = ()


def guessed(world: World, question: Question) -> Found:
    """A guess from what the job shows; it may be empty."""
    needs = needs_of(world, question.job, question.named)
    return Found(needs.environment, needs.uses_conda)


def imports_of(world: World, job: Evidence) -> tuple[Package, ...]:
    """What a job that has one environment imports and calls, of Python's packages."""
    return needs_of(world, job, Named("", "")).environment.packages


def needs_of(world: World, job: Evidence, named: Named) -> Needs:
    """What the job shows to need in one of its environments. Many scripts start the same files."""
    calls, texts = job.of((*job.calls, *_of_started(job)), named), job.of(job.texts, named)
    programs = job.programs_of(named)
    key = (job.places.folders, job.places.work, tuple(call.text for call in calls), texts, programs, job.loaded)
    found: Needs | None = world.guesses.get(key)
    if found is None:
        found = world.guesses[key] = _needs(world, job, calls, texts, programs)
    return found


def _needs(
    world: World, job: Evidence, calls: tuple[Shown, ...], texts: tuple[Shown, ...], programs: tuple[str, ...]
) -> Needs:
    waiting: list[str] = []
    modules: list[str] = []
    for call in calls:
        paths = _source(world, job, call.text)
        waiting += paths
        if not paths and not call.text.endswith(".py"):
            modules.append(call.text)
    sources, local = _followed(waiting, job.places.folders)
    lines = Lines(job.script.text)
    inline = {_COMMAND.format(lines.position(each.at)[0]): each.text for each in texts}
    local |= {name.split(".")[0] for text in inline.values() for name in imported_names(text) if _is_own(name, job)}
    shown = {files.shown(path): text for path, text in sources.items()}
    found = read_imports({**shown, **inline}, frozenset(local | _OFTEN_OWN))
    packages = (*found.packages, *_run_as_modules(modules), *_wheels(programs, job.loaded))
    origin = ", ".join((*list(shown)[:3], *list(inline)[:1])) + (" and others" if len(shown) > 3 else "")
    called = [package.name for package in packages if package.manager != "import"]
    told = [f"imports of {origin}"] if origin else []
    told += [f"calls of {', '.join(dict.fromkeys((*modules, *called)))}"] if modules or called else []
    unique = {package.name: package for package in reversed(packages)}
    packages = tuple(unique[name] for name in sorted(unique, key=str.lower))
    uses = tuple(
        f"line {said[0].line} of {name}: {said[0].parts.subject} {said[0].parts.reason}; {said[0].parts.action}"
        for path, name in zip(sources, shown, strict=True)
        if (said := remark_on(path))
    )
    return Needs(replace(found, packages=packages, origin=" and ".join(told), guess=True), uses)


def _run_as_modules(modules: Iterable[str]) -> list[Package]:
    """`python -m papermill`, where no file of the project is meant."""
    tops = dict.fromkeys(name.split(".")[0] for name in modules)
    return [Package(top, manager="import") for top in tops if not is_standard(top) and top not in ("pip", "venv")]


def _wheels(programs: Iterable[str], loaded: tuple[str, ...]) -> list[Package]:
    """The packages that bring the programs which the job calls; not those whose module the author loads."""
    own = {name.partition("/")[0].lower() for name in loaded}
    found = {wheel: None for name in programs if (wheel := knowledge.wheel_of_program(name))}
    return [Package(wheel, manager="pip") for wheel in found if wheel.lower() not in own]


def _followed(waiting: list[str], folders: tuple[str, ...]) -> tuple[dict[str, str], set[str]]:
    """The texts of Python files and of the project's own that these import, and the names of the latter."""
    sources: dict[str, str] = {}
    local: set[str] = set()
    waiting = list(waiting)
    while waiting and len(sources) < _MOST_SOURCES:
        path = waiting.pop(0)
        if path in sources:
            continue
        try:
            sources[path] = files.decode(files.read(path, 2_000_000), path)
        except files.Unreadable:
            continue
        for name in imported_names(sources[path]):
            top, found = _local(path, folders, name)
            local |= {top} if top else set()
            waiting += [other for other in found if files.inside(other, folders[-1])]
    return sources, local


def _source(world: World, job: Evidence, call: str) -> list[str]:
    """The files that a call starts: seen from the folders of the job, else the only one of the project that ends so."""
    path = call.replace(".", "/")
    names = [call] if call.endswith(".py") else [f"{path}.py", f"{path}/__main__.py"]
    bound = job.places.folders[-1]
    for name in names:
        if found := _seen_from(job, name):
            return [found]
    return _by_its_end(world.tree(job.places.folders), names[0], bound)


def _seen_from(job: Evidence, name: str) -> str:
    """The file of this name in one of the folders of the job, "" where there is none."""
    plain = re.sub(r"^(?:\$\w+|\$\{\w+\}|\.|~)/", "", name)
    paths = (os.path.normpath(os.path.join(folder, plain)) for folder in (*job.places.work, *job.places.folders))
    return next((path for path in paths if os.path.isfile(path) and files.inside(path, job.places.folders[-1])), "")


def _of_started(job: Evidence) -> Iterator[Shown]:
    """The Python files and modules that the shell scripts start which the job starts or sources, one step deep."""
    for command in job.script.commands:
        call = call_of(job.script, command)
        name = call.program.literal if call.how is How.FILE and call.program is not None else ""
        if command.name in ("source", ".") and len(command.words) > 1:
            name = command.words[1].literal
        path = _seen_from(job, name) if name and not name.endswith(".py") else ""
        try:
            text = files.decode(files.read(path, _LARGEST_SCRIPT), path) if path else ""
        except files.Unreadable:
            continue
        started = python_calls(read(text)) if text and "\0" not in text else ()
        yield from (Shown(command.span.start, each.text) for each in started)


def _by_its_end(paths: tuple[str, ...], name: str, bound: str) -> list[str]:
    """The one file of a project whose path ends as an absolute or unknown one does: `/home/me/project/src/train.py`."""
    steps = [step for step in name.split("/") if step not in ("", ".", "..", "~") and "$" not in step]
    for start in range(len(steps)):
        end = "/" + "/".join(steps[start:])
        found = [path for path in paths if path.endswith(end)]
        if found:
            return found if len(found) == 1 and files.inside(found[0], bound) else []
    return []


def _is_own(name: str, job: Evidence) -> bool:
    return any(
        _local(os.path.join(folder, "-"), job.places.folders, name)[0]
        for folder in (*job.places.work, job.places.folders[0])
    )


def _local(path: str, folders: tuple[str, ...], name: str) -> tuple[str, list[str]]:
    """The top-level name of an import that is the author's own ("" where it is not), and the files that it reads."""
    dots = len(name) - len(name.lstrip("."))
    parts = [part for part in name.split(".") if part]
    if dots:
        folder = os.path.normpath(os.path.join(os.path.dirname(path), *[".."] * (dots - 1)))
        return "", _modules(os.path.join(folder, *parts))
    for folder in dict.fromkeys((os.path.dirname(path), *folders)):
        top = os.path.join(folder, parts[0])
        # A folder without Python in it is data: wandb/ beside a script that imports wandb.
        if os.path.isfile(f"{top}.py") or (os.path.isdir(top) and files.python_sources(top, 1)):
            return parts[0], [*_modules(os.path.join(folder, *parts)), *_modules(top)]
    return "", []


def _modules(path: str) -> list[str]:
    return [file for file in (f"{path}.py", os.path.join(path, "__init__.py")) if os.path.isfile(file)]
