"""What the project around a job says that it needs, without saying that it is this environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from slurmfix import files
from slurmfix.environment import BadEnvironment, Environment
from slurmfix.remarks import phrase
from slurmfix.sources.coverage import covered_share
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.imports import needs_of
from slurmfix.sources.messages import NOT_SAID_TO_BE_IT, PASSED_OVER
from slurmfix.sources.world import World

_PROJECT_FILES = (
    "conda-lock.yml", "conda-linux-64.lock", "anaconda-project-lock.yml", "anaconda-project.yml", "pixi.toml",
    "requirements.txt", "pyproject.toml", "setup.cfg", "setup.py",
)  # fmt: skip
_PLAIN_NAMES = frozenset(
    {"base", "root", "env", "environment", "myenv", "test"}
)  # these tell no environment from others
_LONGEST_LIST = 1_000_000  # bytes
_MOST_LISTS = 20


class _Candidate(NamedTuple):
    path: str
    other: str = ""  # the environment that it says it is
    own: bool = True  # it describes an environment, which a project's list of requirements does not


def project(world: World, question: Question) -> Found | None:
    """The nearest description that names no environment or another one, where it covers what the job's files import.

    Where nothing tells what they import: one that names no other environment, a project's list beside the job alone.
    """
    if question.installed.lost:  # it is made from a file that is not here
        return None
    made_from = set(question.installed.files) - question.installed.lists
    guess = needs_of(world, question.job, question.named).environment
    nearest = question.job.places.folders[0]
    for each in _candidates(world, question.job.places.folders):
        found = _read(world, each.path)
        if found is None or each.path in made_from or (each.own and not question.named.known):
            continue
        if guess.packages:
            fits = 2 * covered_share(found, guess) >= 1
        else:
            fits = not each.other and (not question.named.base if each.own else os.path.dirname(each.path) == nearest)
        if fits:
            about = phrase(_OTHER, name=each.other) if each.other else phrase("names no environment")
            said = NOT_SAID_TO_BE_IT.about(environment=question.named.name, origin=found.origin, about=about)
            return Found(found, (said,))
    return None


_OTHER, _OF_ANOTHER = "describes `{name}`", "the file describes `{name}`"


def passed_over(world: World, question: Question) -> tuple[str, ...]:
    """The nearest description of an environment that is not taken for this one, with the way to take it."""
    for each in _candidates(world, question.job.places.folders):
        if each.own and each.path not in question.installed.files and _read(world, each.path) is not None:
            path = files.shown(each.path)
            about = phrase(_OF_ANOTHER, name=each.other) if each.other else phrase("the file names no environment")
            return (PASSED_OVER.about(environment=question.named.name, path=path, about=about),)
    return ()


def _candidates(world: World, folders: tuple[str, ...]) -> Iterator[_Candidate]:
    """What lies in each folder, the nearest first; then the environment file that is the only one of the project."""
    for folder in folders:
        yield from (_described(path) for path in files.environment_files(folder))
        yield from (_Candidate(path) for path in _lists(world, folder))
        paths = (os.path.join(folder, name) for name in _PROJECT_FILES)
        yield from (
            _Candidate(path, own=False) for path in paths if files.exists(path) and files.inside(path, folders[-1])
        )
    only = [path for path in world.descriptions(folders) if files.inside(path, folders[-1])]
    if len(only) == 1:
        yield _described(only[0])


def _described(path: str) -> _Candidate:
    names = [name for name in files.description(path) or () if name.lower() not in _PLAIN_NAMES]
    return _Candidate(path, names[0] if names else "")


def _lists(world: World, folder: str) -> tuple[str, ...]:
    """Lists of conda's in a folder: explicit ones, exported ones, and what `conda list` prints; looked for once."""
    key = f"lists {folder}"
    if key not in world.described:
        world.described[key] = tuple(_lists_in(world, folder))
    return world.described[key]


def _lists_in(world: World, folder: str) -> list[str]:
    paths = [path for path in world.tree((folder,)) if os.path.dirname(path) == folder]
    found = []
    for path in [path for path in paths if path.endswith((".txt", ".lock"))][:_MOST_LISTS]:
        try:
            head = files.read(path, _LONGEST_LIST)[:4000]
        except files.Unreadable:
            continue
        if any(mark in head for mark in (b"@EXPLICIT", b"conda create --name", b"# packages in environment at")):
            found.append(path)
    return found


def _read(world: World, path: str) -> Environment | None:
    if not os.path.isfile(path):
        return None
    try:
        found = world.with_origin(path)
    except (BadEnvironment, files.Unreadable):
        return None
    return found if any(package.name != "python" for package in found.packages) else None
