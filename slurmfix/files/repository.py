"""Tells which repository a path belongs to, and whether it stays inside of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=10_000)
def repository_root(path: str) -> str | None:
    """The absolute path of the nearest folder with a `.git`, from this file or folder upwards; None outside of one."""
    folder = os.path.realpath(path)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def folders_up(script: str) -> tuple[str, ...]:
    """Where to look for what a script refers to: its folder, then upwards to the repository's root; absolute paths."""
    return folders_above(os.path.join(os.getcwd(), script))


@lru_cache(maxsize=1_000)
def folders_above(script: str) -> tuple[str, ...]:
    """The same for an absolute path."""
    folder = os.path.dirname(os.path.realpath(script))
    root = repository_root(folder)
    folders = [folder]
    while root is not None and folders[-1] != root:
        folders.append(os.path.dirname(folders[-1]))
    return tuple(folders)


def worked_on(paths: Iterable[str]) -> frozenset[str]:
    """The folders that a run over some paths has to do with, and the working folder; with the roots of repositories."""
    folders = {os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path)) for path in (".", *paths)}
    return frozenset((*folders, *filter(None, map(repository_root, folders))))


def leads_astray(folder: str, bound: str) -> bool:
    """Whether a folder, with its symbolic links followed, lies outside of another one, or in a .git."""
    return not inside(folder, bound) or ".git" in os.path.realpath(folder).split("/")


def inside(path: str, folder: str) -> bool:
    """Whether a path, with its symbolic links followed, ends in this folder or below."""
    real, top = os.path.realpath(path), os.path.realpath(folder)
    return real == top or real.startswith(top.rstrip("/") + "/")


def file_in(folders: Iterable[str], name: str, *bounds: str) -> str:
    """The first file of this name in these folders that lies in one of the bounds, links followed; "" without one."""
    paths = (os.path.normpath(os.path.join(folder, name)) for folder in folders)
    there = (path for path in paths if os.path.isfile(path) and any(inside(path, bound) for bound in bounds))
    return next(there, "")


def folder_of(path: str) -> tuple[int, int] | None:
    """What tells the real folder of a file from all others, whatever it is called: its device and inode."""
    try:
        status = os.stat(os.path.dirname(os.path.realpath(path)))
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
