"""The sources of an environment, the best first, and what the best of them says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from slurmfix.environment import Environment, read_environment
from slurmfix.plan import Named
from slurmfix.sources.described import by_list, by_name
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.exported import exported
from slurmfix.sources.given import given, on_disk
from slurmfix.sources.imports import guessed
from slurmfix.sources.project import project
from slurmfix.sources.world import World


class Source(NamedTuple):
    """Where an environment is looked for; `name` is for people. `find` gives None where the source does not know it.

    `sure`: whoever asks it knows the environment itself, whatever the job says of how it is made. `guess`: it does not
    name the environment, and knows nothing that the job itself installs.
    """

    name: str
    find: Callable[[World, Question], Found | None]
    sure: bool = False
    guess: bool = False


SOURCES = (
    Source("`--env NAME=FILE`", given, sure=True),
    Source("the environment itself, if it is on this machine", on_disk, sure=True),
    Source("the environment file whose `name:` it is", by_name),
    Source("a list of conda's that is called by its name", by_list),
    Source("conda, with `--ask`", exported),
    Source("the project's requirements", project, guess=True),
    Source("the imports of the job's Python files", guessed, guess=True),
)


def environment_of(world: World, question: Question) -> tuple[Environment, list[str]]:
    """The best description of an environment that there is, and what is doubtful about it.

    Raises BadEnvironment and files.Unreadable, where the source that knows it cannot be read.
    """
    installed = question.installed
    doubts: list[str] = []
    below = _first(world, question, [source for source in SOURCES if source.sure])
    added = [world.with_origin(path) for path in installed.files] if below is None else []
    # A file that names the environment describes it, as one does that it is made from.
    described = any(installed.all or each.name == question.named.name for each in added)
    if below is None and not described:
        others = [source for source in SOURCES if not source.sure and not (source.guess and installed.all)]
        below = _first(world, question, others)
        if below is not None and below.environment.guess:
            below = replace(below, doubts=_advice(question.named, below.environment))
    if below is not None:
        doubts += below.doubts
    if below is None or below.environment.guess:
        doubts += [
            f"{path}, from which the script makes it, is not here: give it with --env" for path in installed.lost
        ]
    if installed.packages:
        origin = "what the script installs" if below or added else "what the script itself installs"
        added.append(replace(_environment_of(installed.packages), origin=origin))
        doubts.append("what the script installs with conda is in the requirements now")
    found = reduce(_updated, [below.environment, *added] if below is not None else added)
    return replace(found, name=question.named.name), doubts


def _first(world: World, question: Question, sources: list[Source]) -> Found | None:
    return next((found for source in sources if (found := source.find(world, question)) is not None), None)


def _advice(named: Named, guess: Environment) -> tuple[str, ...]:
    """How the real list is got, where only a guess is known."""
    if not named.known:
        return ()
    told = (
        "its packages are a guess from the imports of the job's Python files"
        if guess.packages
        else "its packages are unknown"
    )
    by_path = named.path and not named.path.startswith(("$(conda info", "$(mamba info"))
    which = f"-p {_pasted(named.path)}" if by_path else f"-n {shlex.quote(named.name)}"
    ask = "conda list --export" if named.base else f"conda env export --from-history {which}"
    return (f"{told}: run `{ask}` where it lives, and give the file with --env",)


def _updated(environment: Environment, more: Environment) -> Environment:
    """An environment into which more is installed: what is asked for last counts."""
    later = {package.name.lower() for package in more.packages}
    kept = tuple(package for package in environment.packages if package.name.lower() not in later)
    return replace(
        environment,
        packages=kept + more.packages,
        origin=" and ".join(filter(None, (environment.origin, more.origin))),
        channels=tuple(dict.fromkeys((*environment.channels, *more.channels))),
        pip_options=environment.pip_options + more.pip_options,
        doubts=environment.doubts + more.doubts,
        export=environment.export or more.export,
    )


def _environment_of(packages: tuple[str, ...]) -> Environment:
    lines = "".join(f"  - {_yaml(package)}\n" for package in packages)
    return read_environment(f"name: job\ndependencies:\n{lines}", "environment.yml")


def _yaml(package: str) -> str:
    return "'" + re.sub(r"[\x00-\x1f]", " ", package).replace("'", "''") + "'"


def _pasted(path: str) -> str:
    """A path as it can be pasted into a shell, where `~` and plain variables mean what they mean."""
    return path if re.fullmatch(r"[\w./~${}+@:=,-]+", path) else shlex.quote(path)
