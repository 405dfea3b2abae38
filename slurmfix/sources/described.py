"""An environment that a file describes: by the name in it, or by the name that the file has."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

from slurmfix import files
from slurmfix.environment import BadEnvironment, Environment, Package
from slurmfix.plan import file_name
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.world import World

_LISTS = (".txt", ".lock", "-linux-64.lock", "-linux-64.txt")  # what people call a list of an environment's packages


def by_name(world: World, question: Question) -> Found | None:
    """The environment file whose `name:` it is, the nearest first; else one whose file is named so."""
    named = question.named
    if named.base or not named.known:
        return None
    for folder in question.job.folders:
        paths = _of_that_name(world, folder, named.name)
        if paths:
            return Found(_first_of(world, paths))
    return None


def _of_that_name(world: World, folder: str, name: str) -> list[str]:
    found: list[str] = []
    for path in files.environment_files(folder):
        stem = os.path.splitext(os.path.basename(path))[0]
        try:
            environment = world.read(path)
        except (BadEnvironment, files.Unreadable):
            if found:
                continue
            if stem == name or len(files.environment_files(folder)) == 1:
                raise
            continue
        if environment.name == name or (stem == name and environment.name in ("", name, "base")):
            found.append(path)
    return found


def _first_of(world: World, paths: list[str]) -> Environment:
    """What the likeliest file says, with a doubt where another has the name, too, and other packages."""
    first = world.with_origin(paths[0])
    others = [path for path in paths[1:] if _asked_for(world.read(path)) != _asked_for(first)]
    if not others:
        return first
    named = ", ".join(files.shown(path) for path in others)
    said = f"{first.origin} is taken, but {named} has other packages under the same name: say which with --env"
    return replace(first, doubts=(*first.doubts, said))


def _asked_for(environment: Environment) -> set[Package]:
    return {replace(package, line=0) for package in environment.packages}


def by_list(world: World, question: Question) -> Found | None:
    """A list of conda's that is called by the environment's name: explicit, exported, printed or locked."""
    folders, named = question.job.folders, question.named
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
    return None
