"""An environment that a file describes under its name, wherever in the project that file lies."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import replace

from slurmfix import files
from slurmfix.environment import BadEnvironment, Environment, Package
from slurmfix.plan import file_name
from slurmfix.recipe import somebody_filled
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.messages import SAME_NAME_TWICE
from slurmfix.sources.world import World

_LONGEST = 1_000_000  # bytes of a list of requirements
_LISTS = (".txt", ".lock", "-linux-64.lock", "-linux-64.txt")  # what people call a list of an environment's packages


def by_name(world: World, question: Question) -> Found | None:
    """The environment file whose `name:` it is, or the last part of whose `prefix:`, the nearest first; else one whose
    file is called so. Another one that says otherwise is named. Raises BadEnvironment and files.Unreadable.
    """
    named, folders = question.named, question.job.places.folders
    if not named.known or (named.base and not named.path):
        return None
    near = [path for folder in folders for path in _of_that_name(world, folder, named.name)]
    far = [
        path
        for path in world.descriptions(folders)
        if _is_called(path, named.name, files.description(path)) and files.inside(path, folders[-1])
    ]
    paths = [*near, *sorted(far, key=lambda path: _distance(path, folders[0]))]
    return Found(_first_of(world, list(dict.fromkeys(paths)))) if paths else None


def _is_called(path: str, name: str, names: tuple[str, ...] | None) -> bool:
    if names is None:
        return False
    return name in names or (_stem(path) == name and not set(names) - {"base", "root"})


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _distance(path: str, folder: str) -> tuple[int, str]:
    """How many steps lead from a folder to a file."""
    return os.path.relpath(path, folder).count("/"), path


def _of_that_name(world: World, folder: str, name: str) -> list[str]:
    found: list[str] = []
    paths = files.environment_files(folder)
    for path in paths:
        try:
            environment = world.read(path)
        except (BadEnvironment, files.Unreadable):
            if found:
                continue
            if _stem(path) == name or len(paths) == 1:
                raise
            continue
        names = (*filter(None, (environment.name,)), *(files.description(path) or ()))
        if name in names or _is_called(path, name, names):
            found.append(path)
    return found


def _first_of(world: World, paths: list[str]) -> Environment:
    """What the likeliest file says, with a doubt where another has the name, too, and other packages."""
    first = world.with_origin(paths[0])
    others = []
    for path in paths[1:]:
        with contextlib.suppress(BadEnvironment, files.Unreadable):
            if _asked_for(world.read(path)) != _asked_for(first):
                others.append(files.shown(path))
    if not others:
        return first
    said = SAME_NAME_TWICE.about(environment=first.name, taken=first.origin, others=", ".join(others))
    return replace(first, doubts=(*first.doubts, said))


def _asked_for(environment: Environment) -> set[Package]:
    return {replace(package, line=0) for package in environment.packages}


def by_list(world: World, question: Question) -> Found | None:
    """A list of conda's that is called by the environment's name: explicit, exported, printed or locked."""
    folders, named = question.job.places.folders, question.named
    if named.base or not named.known:
        return None
    plain = file_name(named.name)
    for folder in (inner for outer in folders for inner in (outer, f"{outer}/envs") if files.exists(inner)):
        for path in (f"{folder}/{plain}{ending}" for ending in _LISTS):
            if not os.path.isfile(path) or not files.inside(path, folders[-1]):
                continue
            with contextlib.suppress(BadEnvironment, files.Unreadable):
                found = world.with_origin(path)
                if any(package.manager == "conda" for package in found.packages):
                    return Found(found)
    return _frozen(world, question)


def _frozen(world: World, question: Question) -> Found | None:
    """What `pip freeze` printed, or a list of requirements, with the environment's name in that of the file."""
    folders, plain = question.job.places.folders, re.escape(file_name(question.named.name))
    called = re.compile(rf"(?:.*[-_.])?{plain}(?:[-_.].*)?\.(?:txt|in)", re.I)
    for path in lists_of_pip(world, folders):
        if not called.fullmatch(os.path.basename(path)):
            continue
        with contextlib.suppress(BadEnvironment, files.Unreadable):
            if (found := world.with_origin(path)).packages:
                return Found(found)
    return None


def lists_of_pip(world: World, folders: tuple[str, ...]) -> tuple[str, ...]:
    """The lists of requirements of a project, those of this tool left out; the nearest to the script first."""
    key = f"pip {folders[-1]}"
    if key not in world.described:
        paths = (path for path in world.tree(folders) if path.endswith((".txt", ".in")))
        listed = (path for path in paths if _OF_PIP.search("/".join(path.rsplit("/", 2)[-2:])))
        world.described[key] = tuple(path for path in listed if not _is_own(path))
    return tuple(sorted(world.described[key], key=lambda path: _distance(path, folders[0])))


def _is_own(path: str) -> bool:
    """Whether this tool wrote what a list says, which comes from elsewhere."""
    try:
        text = files.read(path, _LONGEST).decode("utf-8", "replace")
    except files.Unreadable:
        return True
    return "(written by slurmfix)" in text[:1000] and not somebody_filled(text)


_OF_PIP = re.compile(r"freeze|frozen|requirements|reqs|pip", re.I)
