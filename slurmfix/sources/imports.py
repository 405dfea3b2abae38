"""What a job shows to need: what its Python files and texts import, and the programs that come with wheels."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatch
from typing import NamedTuple

from slurmfix import files, knowledge
from slurmfix.elsewhere import said_by_file
from slurmfix.environment import (
    Environment,
    Package,
    imported_names,
    is_standard,
    loaded_by_r,
    needed_by,
    notebook_source,
    read_imports,
)
from slurmfix.job import Form, Shown, Work
from slurmfix.plan import Named
from slurmfix.remarks import both, listed, phrase
from slurmfix.sources.evidence import Evidence, Found, Question
from slurmfix.sources.work import Place, followed, of_commands, place_of, there
from slurmfix.sources.world import World
from slurmfix.text import Lines

_MOST_SOURCES = 60
_MOST_ANYWHERE = 3  # files of one name
_LARGEST = 2_000_000  # bytes
_SOURCE = re.compile(r"\.(?:py|ipynb)\Z")
_COMMAND = "the command on line {line}"
_CALLER = "a script that sources this one"
# Names that PyPI has as well, and that nearly always are a file of the author's own.
_OFTEN_OWN = frozenset(
    "utils util common helpers helper config configs model models data dataset dataloader main test".split()
)


class Needs(NamedTuple):
    """What a job shows to need in one environment, as a guess at it; what its files do with conda themselves, the R
    packages that they load, the commands of which only the running job knows what they need, and the modules of the
    author's own, by their names, that are not at hand.
    """

    environment: Environment
    uses_conda: tuple[str, ...] = ()
    loaded_by_r: tuple[str, ...] = ()
    unknown: tuple[Work, ...] = ()
    lost: tuple[str, ...] = ()


def guessed(world: World, question: Question) -> Found:
    """A guess from what the job shows; it may be empty."""
    needs = needs_of(world, question.job, question.named)
    return Found(needs.environment, needs.uses_conda)


def imports_of(world: World, job: Evidence) -> tuple[Package, ...]:
    """What a job that has one environment imports and calls, of Python's packages."""
    return shown_by(world, job).environment.packages


def shown_by(world: World, job: Evidence) -> Needs:
    """What a job that has one environment shows of it; the origin is "" where no Python of the job's was at hand."""
    return needs_of(world, job, Named("", ""))


def without_its_file(world: World, job: Evidence) -> tuple[Work, ...]:
    """The Python files that a job which has one environment starts and that are not at hand."""
    work = followed(place_of(job), job.work_in(Named("", "")), world.leads)
    files_of_python = (each for each in work if each.form is Form.FILE and _SOURCE.search(each.text))
    return tuple(each for each in files_of_python if not _source(world, job, each.form, each.text))


def needs_of(world: World, job: Evidence, named: Named) -> Needs:
    """What the job shows to need in one of its environments. Many scripts start the same files."""
    work = followed(place_of(job), job.work_in(named), world.leads)
    lines = Lines(job.script.text)
    inline = tuple((_label(lines, at), text) for at, form, text in work if form is Form.TEXT)
    called = tuple((form, text) for _, form, text in work if form not in (Form.TEXT, Form.UNKNOWN))
    loaded = (job.loaded, job.later, _searches(job))
    key = (job.places.folders, job.places.work, called, inline, job.programs_of(named), *loaded)
    found: Needs | None = world.guesses.get(key)
    if found is None:
        found = world.guesses[key] = _needs(world, job, called, inline, job.programs_of(named))
    return found._replace(unknown=tuple(each for each in work if each.form is Form.UNKNOWN))


def _searches(job: Evidence) -> bool:
    """Whether the job itself says in which folders Python looks."""
    return any(job.script.holding("pythonpath"))


def _label(lines: Lines, at: int) -> str:
    return phrase(_COMMAND, line=lines.position(at)[0]) if at >= 0 else phrase(_CALLER)


_Called = tuple[tuple[Form, str], ...]


def _needs(
    world: World, job: Evidence, called: _Called, inline: tuple[tuple[str, str], ...], programs: tuple[str, ...]
) -> Needs:
    waiting: list[str] = []
    modules: list[str] = []
    for form, text in called:
        paths = _source(world, job, form, text) if form in (Form.FILE, Form.MODULE) else []
        waiting += paths
        if not paths and form is Form.MODULE:
            modules.append(text)
    sources, local = _followed(world, waiting, job.places.folders, _searches(job))
    texts = dict(inline)
    local |= {name.split(".")[0] for text in texts.values() for name in imported_names(text) if _is_own(name, job)}
    shown = {files.shown(path): text for path, text in sources.items()}
    found = read_imports({**shown, **texts}, frozenset(local | _OFTEN_OWN))
    wheels = _wheels(programs, job.loaded)
    held = _held_by_modules((*job.loaded, *job.later))
    served = (each for names in (*wheels.values(), *held.values()) for each in names)
    said = [package for text in sources.values() for package in needed_by(text)]
    names = {knowledge.normalise(package.name) for package in said}
    seen = (each for each in found.packages if knowledge.normalise(_pypi_name(each)) not in names)
    packages = (*said, *seen, *_run_as_modules(modules), *served)
    unique = {package.name: package for package in reversed(packages)}
    once = tuple(unique[name] for name in sorted(unique, key=str.lower))
    environment = replace(
        found, packages=once, origin=_origin([*shown], [*texts], [*modules, *wheels], [*held]), guess=True
    )
    told = ((path, said_by_file(path, "uses")) for path in sources)
    uses = tuple(said.of_a_job(files.shown(path)) for path, said in told if said)
    imported = {name for text in sources.values() for name in imported_names(text)}
    return Needs(environment, uses, _of_r(job, called), lost=tuple(sorted((imported & _OFTEN_OWN) - local)))


def _pypi_name(imported: Package) -> str:
    return knowledge.pypi_name_of_import(imported.name.split(".")[0]) or imported.name


def _origin(shown: list[str], texts: list[str], called: list[str], loaded: list[str]) -> str:
    origin = both([listed(shown, 3), *texts[:1]] if shown else texts[:1])
    told = [phrase("the imports of {files}", files=origin)] if origin else []
    told += [phrase("the commands {programs}", programs=listed([*dict.fromkeys(called)]))] if called else []
    return both([*told, phrase("the modules {modules}", modules=listed(loaded))] if loaded else told)


def _of_r(job: Evidence, called: _Called) -> tuple[str, ...]:
    """The R packages that the job's R files and texts load, without those that come with R."""
    texts = [text for form, text in called if form is Form.R_TEXT]
    for path in (there(place_of(job), text) for form, text in called if form is Form.R):
        with suppress(files.Unreadable):
            texts += [files.decode(files.read(path, _LARGEST), path)] if path else []
    return tuple(name for name in loaded_by_r(texts) if not knowledge.r_package(name)[1])


def _run_as_modules(modules: Iterable[str]) -> list[Package]:
    """`python -m papermill`, where no file of the project is meant."""
    tops = dict.fromkeys(knowledge.program_of_module(name) or name.split(".")[0] for name in modules)
    return [Package(top, manager="import") for top in tops if not is_standard(top) and top not in ("pip", "venv")]


def _wheels(programs: Iterable[str], loaded: tuple[str, ...]) -> dict[str, tuple[Package, ...]]:
    """The packages that the programs which the job calls need, by program; not those whose module the author loads."""
    own = {knowledge.plain_name(name).lower() for name in loaded}
    named = {name: knowledge.wheels_of_program(name) for name in programs}
    kept = {name: wheels for name, wheels in named.items() if wheels and wheels[0].lower() not in own}
    return {name: tuple(Package(wheel, manager="pip") for wheel in wheels) for name, wheels in kept.items()}


def _held_by_modules(loaded: Iterable[str]) -> dict[str, tuple[Package, ...]]:
    """The packages that modules of other clusters hold and that are wheels here, by module."""
    wheels = ((module, knowledge.wheel_of_module(module)) for module in loaded)
    return {module: (Package(wheel, manager="pip"),) for module, wheel in wheels if wheel}


def _followed(
    world: World, waiting: list[str], folders: tuple[str, ...], searches: bool
) -> tuple[dict[str, str], set[str]]:
    """The texts of Python files and of the project's own that these import, and the names of the latter; `searches`
    where the job itself says in which folders Python looks.
    """
    sources: dict[str, str] = {}
    local: set[str] = set()
    waiting = list(waiting)
    while waiting and len(sources) < _MOST_SOURCES:
        path = waiting.pop(0)
        if path in sources:
            continue
        try:
            text = files.decode(files.read(path, _LARGEST), path)
        except files.Unreadable:
            continue
        sources[path] = text = notebook_source(text) if path.endswith(".ipynb") else text
        waiting += _started_by(path, text, folders)
        for name in imported_names(text):
            top, found = _local(path, folders, name)
            if not top and (searches or _SEARCHES.search(text) or name in _OFTEN_OWN):
                found = _anywhere(world, folders, name)
                top = name.partition(".")[0] if found else ""
            local |= {top} if top else set()
            waiting += [other for other in found if files.inside(other, folders[-1])]
    return sources, local


def _source(world: World, job: Evidence, form: Form, call: str) -> list[str]:
    """The files that a call starts: seen from the folders of the job, else the only one of the project that ends so."""
    if form is Form.FILE:
        names = [call] if _SOURCE.search(call) else [call, f"{call}/__main__.py"]
    else:
        path = call.replace(".", "/")
        names = [f"{path}.py", f"{path}/__main__.py"]
    for name in names:
        if "*" in name and (several := _matching(job, name)):
            return several
        if found := there(place_of(job), name):
            return [found]
    if not _SOURCE.search(names[0]):
        return []
    return _by_its_end(_sources_of(world, job.places.folders), names[0], job.places.folders[-1])


def _matching(job: Evidence, pattern: str) -> list[str]:
    """The files that a pattern of the shell stands for, `scripts/*.py`, in the nearest folder with some."""
    place = place_of(job)
    for folder in place.folders:
        top = os.path.dirname(os.path.normpath(os.path.join(folder, pattern)))
        if "*" not in top and files.inside(top, place.bound):
            listed = [os.path.join(top, name) for name in files.names(top)]
            if found := [path for path in listed if fnmatch(path, os.path.join(top, os.path.basename(pattern)))]:
                return found[:_MOST_SOURCES]
    return []


def _sources_of(world: World, folders: tuple[str, ...]) -> tuple[str, ...]:
    key = f"sources {folders[-1]}"
    if key not in world.described:
        world.described[key] = tuple(path for path in world.tree(folders) if _SOURCE.search(path))
    return world.described[key]


def _anywhere(world: World, folders: tuple[str, ...], name: str) -> list[str]:
    """The project's modules of a name, wherever they lie: a file that changes where Python searches may mean any."""
    module = name.replace(".", "/")
    ends = (f"/{module}.py", f"/{module}/__init__.py")
    found = [path for path in _named(world, folders).get(os.path.basename(module), ()) if path.endswith(ends)]
    return [path for path in found if files.inside(path, folders[-1])][:_MOST_ANYWHERE]


def _named(world: World, folders: tuple[str, ...]) -> dict[str, list[str]]:
    """The sources of a project by what an import calls the module: a file's name, or its folder's."""
    if folders[-1] not in world.modules:
        found: dict[str, list[str]] = {}
        for path in _sources_of(world, folders):
            folder, file = os.path.split(path)
            name = os.path.basename(folder) if file == "__init__.py" else file.removesuffix(".py")
            found.setdefault(name, []).append(path)
        world.modules[folders[-1]] = found
    return world.modules[folders[-1]]


def _by_its_end(paths: tuple[str, ...], name: str, bound: str) -> list[str]:
    """The one file of a project whose path ends as an absolute or unknown one does: `/home/me/project/src/train.py`."""
    steps = [step for step in name.split("/") if step not in ("", ".", "..", "~") and "$" not in step]
    for start in range(len(steps)):
        end = "/" + "/".join(steps[start:])
        found = [path for path in paths if path.endswith(end)]
        if found:
            return found if len(found) == 1 and files.inside(found[0], bound) else []
    return []


_SEARCHES = re.compile(r"\bsys\.path\b|\bsite\.addsitedir\b")
_STARTS = re.compile(r"\bsubprocess\b|\bos\.(?:system|popen|exec\w+|spawn\w+)\(|\brunpy\b|\bexec\(|\bPopen\(")
_STARTED = re.compile(
    r"\b(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput|system|popen)\(\s*[\[(]?\s*"
    r"[rbfRBF]*(?P<quote>\"\"\"|'''|[\"'])(?P<said>(?:(?!(?P=quote))[^\\]|\\.)+)(?P=quote)"
)
_FIELD = re.compile(r"\{[^{}\n]*\}")
_QUOTED_SOURCE = re.compile(r"[\w./-]*\w\.py(?=[\s\"'])")


def _started_by(path: str, text: str, folders: tuple[str, ...]) -> Iterator[str]:
    """The Python files at hand that a source names which starts programs, or runs files."""
    if _STARTS.search(text):
        near = Place((os.path.dirname(path), *folders), folders[-1])
        yield from filter(None, (there(near, name) for name in dict.fromkeys(_QUOTED_SOURCE.findall(text))))


def programs_started(world: World, job: Evidence) -> tuple[Shown, ...]:
    """The programs that the files at hand call which a job starts, its scripts and its Python, each at the command that
    starts the file.
    """
    found: dict[Shown, None] = {}
    for each in followed(place_of(job), job.work, world.leads):
        names = (each.text,) if each.form is Form.PROGRAM else _started_in(world, job, each)
        found |= dict.fromkeys(Shown(each.at, name) for name in names)
    return tuple(found)


def _started_in(world: World, job: Evidence, work: Work) -> tuple[str, ...]:
    """The programs that a file or module of Python's starts, and those that it imports of the author's own."""
    paths = _source(world, job, work.form, work.text) if work.form in (Form.FILE, Form.MODULE) else []
    key = (job.places.folders, *paths)
    if paths and key not in world.started:
        sources, _ = _followed(world, paths, job.places.folders, _searches(job))
        world.started[key] = tuple(dict.fromkeys(name for text in sources.values() for name in _programs_in(text)))
    return world.started[key] if paths else ()


def _programs_in(text: str) -> Iterator[str]:
    """The programs that a text of Python starts by their names, alone, in a list, or in a text for a shell."""
    for match in _STARTED.finditer(text) if _STARTS.search(text) else ():
        words = of_commands(_FIELD.sub("x", match["said"]))
        yield from (said for form, said in words if form is Form.PROGRAM)


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
