"""What the project around a job says that it needs, without saying that it is this environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from slurmfix import files
from slurmfix.environment import BadEnvironment, Environment
from slurmfix.remarks import phrase
from slurmfix.sources.coverage import covered_share, pypi_name_of
from slurmfix.sources.described import lists_of_pip
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.imports import needs_of
from slurmfix.sources.messages import NOT_SAID_TO_BE_IT, PASSED_OVER
from slurmfix.sources.recipes import nameless
from slurmfix.sources.world import World

_PROJECT_FILES = (
    "conda-lock.yml", "conda-linux-64.lock", "anaconda-project-lock.yml", "anaconda-project.yml", "pixi.toml",
    "requirements.txt", "pyproject.toml", "setup.cfg", "setup.py",
)  # fmt: skip
# Words that tell no environment from others.
_PLAIN_WORDS = frozenset("base root env envs environment myenv my conda test".split())
_WORD = re.compile(r"[a-z]+")
_LONGEST_LIST = 1_000_000  # bytes
_MOST_LISTS = 20


class _Candidate(NamedTuple):
    path: str
    other: str = ""  # the environment that it says it is, if the name tells one from another
    named: str = ""  # its name, also one like `env`
    own: bool = True  # it describes an environment, which a project's list of requirements does not
    one_of_several: bool = False  # a project may have such lists for several uses: only imports tell which is meant
    found: Environment | None = None  # what it says, where that has been read


class _Fit(NamedTuple):
    """How well a candidate fits; the larger is the better."""

    alike: int  # the words that its name shares with the environment's
    share: float  # how much of what the job imports it has


def project(world: World, question: Question) -> Found | None:
    """The nearest description that names no environment or another one, where it covers what the job's files import,
    or has a name like this one's; of several that are as near, the one that fits best.

    Where nothing tells what they import: one that names no other environment, or the project's list where the job runs
    files that are not at hand.
    """
    if question.installed.lost:  # it is made from a file that is not here
        return None
    passed = {*question.installed.files, os.path.realpath(question.job.path)} - question.installed.lists
    guess = needs_of(world, question.job, question.named).environment
    # An import that no package is known for is most often the author's own, and tells no list from another.
    guess = replace(guess, packages=tuple(filter(pypi_name_of, guess.packages)))
    fits = _by_imports(question, guess) if guess.packages else _by_name(question)
    for group in _groups(world, question.job.places.folders):
        best: tuple[_Fit, _Candidate, Environment] | None = None
        for each in group:
            found = each.found or _read(world, each.path)
            if found is None or each.path in passed or (each.own and not question.named.known):
                continue
            fit = fits(each, found)
            if fit is not None and (best is None or fit > best[0]):
                best = fit, each, found
        if best is not None:
            _, each, found = best
            about = phrase(_OTHER, name=each.named) if each.named else phrase("names no environment")
            said = NOT_SAID_TO_BE_IT.about(environment=question.named.name, origin=found.origin, about=about)
            return Found(found, (said,))
    return None


_OTHER, _OF_ANOTHER = "describes `{name}`", "the file describes `{name}`"
_Fits = Callable[[_Candidate, Environment], _Fit | None]


def _by_imports(question: Question, guess: Environment) -> _Fits:
    def fits(each: _Candidate, found: Environment) -> _Fit | None:
        fit = _Fit(_alike(each.other, question.named.name), covered_share(found, guess))
        return fit if 2 * fit.share >= 1 or (fit.alike and fit.share) else None

    return fits


def _by_name(question: Question) -> _Fits:
    """What fits a job that shows no import."""
    nearest, runs = question.job.places.folders[0], bool(question.job.work_in(question.named))

    def fits(each: _Candidate, found: Environment) -> _Fit | None:
        fit = _Fit(_alike(each.other, question.named.name), 0)
        if each.own:
            return fit if fit.alike or not (each.other or question.named.base) else None
        beside = os.path.dirname(each.path) == nearest
        return fit if not each.one_of_several and (beside or (runs and not question.named.base)) else None

    return fits


def _alike(other: str, name: str) -> int:
    """How many words two names share, where all words of one are among those of the other: `old_torch` and `torch2`."""
    mine, theirs = _words(name), _words(other)
    return len(mine & theirs) if mine <= theirs or theirs <= mine else 0


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name.lower())) - _PLAIN_WORDS


def passed_over(world: World, question: Question) -> tuple[str, ...]:
    """The nearest description of an environment that is not taken for this one, with the way to take it."""
    for group in _groups(world, question.job.places.folders):
        for each in group:
            asked = each.own and each.found is None and each.path not in question.installed.files
            if asked and _read(world, each.path) is not None:
                path = files.shown(each.path)
                about = phrase(_OF_ANOTHER, name=each.named) if each.named else phrase("the file names no environment")
                return (PASSED_OVER.about(environment=question.named.name, path=path, about=about),)
    return ()


def _groups(world: World, folders: tuple[str, ...]) -> Iterator[list[_Candidate]]:
    """What lies in each folder, the nearest first; then the environment file that is the only one of the project, the
    commands that install without a name, and lists of requirements elsewhere in the project.
    """
    others = [_Candidate(path, own=False, one_of_several=True) for path in lists_of_pip(world, folders)[:_MOST_LISTS]]
    for folder in folders:
        described = [_described(path) for path in files.environment_files(folder)]
        described += [_Candidate(path) for path in _lists(world, folders, folder)]
        yield described
        paths = [os.path.join(folder, name) for name in _PROJECT_FILES]
        yield from (
            [_Candidate(path, own=False)] for path in paths if files.exists(path) and files.inside(path, folders[-1])
        )
        yield [each for each in others if os.path.dirname(each.path) == folder]
    only = [path for path in world.descriptions(folders) if files.inside(path, folders[-1])]
    if len(only) == 1:
        yield [_described(only[0])]
    yield [_Candidate(path, found=found) for path, found in nameless(world, folders)]
    yield others


def _described(path: str) -> _Candidate:
    names = files.description(path) or ()
    telling = [name for name in names if _words(name)]
    return _Candidate(path, telling[0] if telling else "", named=names[0] if names else "")


def _lists(world: World, folders: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Lists of conda's in a folder: explicit ones, exported ones, and what `conda list` prints; looked for once."""
    key = f"lists {folder}"
    if key not in world.described:
        paths = [path for path in world.tree(folders) if os.path.dirname(path) == folder]
        world.described[key] = tuple(_of_conda([path for path in paths if path.endswith((".txt", ".lock"))]))
    return world.described[key]


def _of_conda(paths: list[str]) -> list[str]:
    found = []
    for path in paths[:_MOST_LISTS]:
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
