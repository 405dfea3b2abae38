"""What a job's own Python files import, and the files of the repository that these import."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from slurmfix import files
from slurmfix.environment import Environment, imported_names, read_imports
from slurmfix.sources.evidence import Evidence, Found, Question
from slurmfix.sources.world import World

_MOST_SOURCES = 60


def guessed(world: World, question: Question) -> Found:
    """A guess from the imports of the job's Python files; it may be empty."""
    return Found(replace(imports_of(world, question.job), guess=True))


def imports_of(world: World, job: Evidence) -> Environment:
    """What the job's Python files import; many scripts start the same ones."""
    key = (job.folders, job.calls)
    if key not in world.guesses:
        world.guesses[key] = _imports(*key)
    return world.guesses[key]


def _imports(folders: tuple[str, ...], calls: tuple[str, ...]) -> Environment:
    sources: dict[str, str] = {}
    waiting = [path for call in calls for path in _source(folders, call)]
    local: set[str] = set()
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
    origin = ", ".join(files.shown(path) for path in list(sources)[:3]) + (" and others" if len(sources) > 3 else "")
    if not sources:
        return Environment("", guess=True)
    guess = read_imports({files.shown(path): text for path, text in sources.items()}, frozenset(local))
    return replace(guess, origin=f"imports of {origin}")


def _source(folders: tuple[str, ...], call: str) -> list[str]:
    names = (
        [call] if call.endswith(".py") else [call.replace(".", "/") + ".py", call.replace(".", "/") + "/__main__.py"]
    )
    found = []
    for name in names:
        plain = re.sub(r"^(\$\w+|\$\{\w+\}|\.)/", "", name)
        for folder in folders:
            path = os.path.join(folder, plain)
            if os.path.isfile(path) and files.inside(path, folders[-1]):
                found.append(path)
                break
    return found


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
