"""Tells which repository a path belongs to."""

from __future__ import annotations

import os
from functools import lru_cache


@lru_cache(maxsize=10_000)
def repository_root(path: str) -> str | None:
    """The absolute path of the nearest folder with a `.git`, from this file or folder upwards; None outside of one."""
    folder = os.path.realpath(path)
    if os.path.lexists(os.path.join(folder, ".git")):
        return folder
    parent = os.path.dirname(folder)
    return None if parent == folder else repository_root(parent)
