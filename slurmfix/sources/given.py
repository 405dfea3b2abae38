"""An environment that a person described, or that lies on this disk."""

from __future__ import annotations

import os

from slurmfix import files
from slurmfix.plan import Named
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.world import World


def given(world: World, question: Question) -> Found | None:
    """The file or prefix of `--env`. Raises BadEnvironment and files.Unreadable."""
    for name, path in world.settings.env:
        if name == question.named.name:
            return Found(world.read(os.path.expanduser(path)))
    return None


def on_disk(world: World, question: Question) -> Found | None:
    """The environment itself. Raises BadEnvironment and files.Unreadable."""
    for path in _prefix_paths(world, question.job.places.folders, question.named):
        if files.exists(os.path.join(path, "conda-meta")):
            return Found(world.read(path))
    return None


def _prefix_paths(world: World, folders: tuple[str, ...], named: Named) -> list[str]:
    """Where the environment may lie on this disk."""
    if named.path:
        path = world.spelled(named.path)
        return [os.path.normpath(os.path.join(folder, path)) for folder in folders] if path else []
    known = world.known_prefixes().get(named.name) if named.known and not named.base else None
    return [known] if known else []
