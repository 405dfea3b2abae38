"""Reads the text files of a git directory at one commit, without a work tree."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Stored(NamedTuple):
    """A git directory; `commit` and `day` (`2026-08-22`) are those of the newest commit."""

    path: Path
    commit: str
    day: str


def stored(path: Path) -> Stored:
    """The newest commit of a git directory. Raises CalledProcessError where there is none."""
    commit, day = _git(path, "log", "-1", "--format=%H %cs").decode().split()
    return Stored(path, commit, day)


def texts(source: Stored, *folders: str) -> Iterator[tuple[str, str]]:
    """Each file below some folders, as its path and its text, in the order of the paths."""
    listed = _git(source.path, "ls-tree", "-r", "-z", source.commit, *folders).decode()
    entries = [entry.split("\t", 1) for entry in listed.split("\0") if " blob " in entry]
    blobs = [(entry.split(" ")[2], name) for entry, name in entries]
    asked = "".join(f"{blob}\n" for blob, _ in blobs).encode()
    answer, at = _git(source.path, "cat-file", "--batch", given=asked), 0
    for _, name in blobs:
        start = answer.index(b"\n", at) + 1
        size = int(answer[at:start].split()[2])
        yield name, answer[start : start + size].decode("utf-8", "replace")
        at = start + size + 1


def names(source: Stored, folder: str) -> Iterator[str]:
    """The paths of all files below a folder, without their texts."""
    listed = _git(source.path, "ls-tree", "-r", "-z", "--name-only", source.commit, folder).decode()
    yield from filter(None, listed.split("\0"))


def _git(path: Path, *words: str, given: bytes = b"") -> bytes:
    return subprocess.run(["git", "-C", str(path), *words], input=given, capture_output=True, check=True).stdout
