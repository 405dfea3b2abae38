"""What the project around a job says that it needs; its own name there is not the environment's."""

from __future__ import annotations

import os

from slurmfix import files
from slurmfix.environment import BadEnvironment, Environment
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.imports import imports_of
from slurmfix.sources.world import World

_PROJECT_FILES = (
    "conda-lock.yml", "conda-linux-64.lock", "pixi.toml", "requirements.txt", "pyproject.toml", "setup.cfg", "setup.py",
)  # fmt: skip


def project(world: World, question: Question) -> Found | None:
    """The project's requirements, where they cover what the job's own files import."""
    folders = question.job.folders
    guess = imports_of(world, question.job)
    found = _nearest(world, folders if guess.packages else folders[:1])
    if found is None or not _covers(found, guess):
        return None
    said = f"its packages are those of {found.origin}, which does not say that it is this environment"
    return Found(found, (said,))


def _nearest(world: World, folders: tuple[str, ...]) -> Environment | None:
    for folder in folders:
        for name in _PROJECT_FILES:
            path = os.path.join(folder, name)
            if files.exists(path) and os.path.isfile(path) and files.inside(path, folders[-1]):
                try:
                    found = world.with_origin(path)
                except (BadEnvironment, files.Unreadable):
                    continue
                if any(package.name != "python" for package in found.packages):
                    return found
    return None


def _covers(project: Environment, guess: Environment) -> bool:
    """Whether a project's requirements are those of the job: they name most of what the job's files import."""
    from slurmfix.knowledge import normalise, pypi_name, pypi_name_of_import

    wanted = {normalise(pypi_name_of_import(package.name) or package.name) for package in guess.packages}
    there = {normalise(pypi_name(package.name) or package.name) for package in project.packages}
    return 2 * len(wanted & there) >= len(wanted)
