"""Finds the programs of this machine that are run, and never one that lies in the folder that is worked on."""

from __future__ import annotations

import os
from collections.abc import Iterable

_worked_on: tuple[str, ...] = ()


def keep_out_of(folders: Iterable[str]) -> None:
    """From now on no program is run that lies in one of these folders, or below: who wrote what is there is not known.

    A folder that holds the user's home is passed over.
    """
    global _worked_on
    home = os.path.realpath(os.path.expanduser("~"))
    real = dict.fromkeys(map(os.path.realpath, folders))
    _worked_on = tuple(folder for folder in real if not _is_below(home, folder))


def search_path() -> str:
    """PATH without its relative folders, and without those that are worked on: `.` or an empty entry would mean the
    folder that somebody else's scripts, and perhaps a program called `bash`, lie in.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if os.path.isabs(folder) and is_ours(folder))


def located(name: str) -> str | None:
    """The absolute path of a program; a name with a slash counts as it is written."""
    import shutil  # 3 ms, and most runs start no program

    return shutil.which(name, path=search_path())


def is_ours(path: str) -> bool:
    """Whether a path, its links followed, lies in none of the folders that are worked on."""
    real = os.path.realpath(path)
    return not any(_is_below(real, folder) for folder in _worked_on)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
