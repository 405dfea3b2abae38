"""Finds the programs of this machine that are run, and never one that lies in the folder that is worked on."""

from __future__ import annotations

import os


def search_path() -> str:
    """PATH without its relative folders: `.` or an empty entry would mean the folder that somebody else's scripts, and
    perhaps a program called `bash`, lie in.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if os.path.isabs(folder))


def located(name: str) -> str | None:
    """The absolute path of a program; a name with a slash counts as it is written."""
    import shutil  # 3 ms, and most runs start no program

    return shutil.which(name, path=search_path())
