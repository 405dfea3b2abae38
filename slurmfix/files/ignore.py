"""Answers what git would ignore below a folder: .gitignore files from the repository's root down, and info/exclude."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, NamedTuple

from slurmfix.files.read import Unreadable, read

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


_MOST_STARS = 4  # in one step of a path: each more makes a search in a long name a hundred times longer


class Ignored(NamedTuple):
    """What holds in one folder: the rules of its .gitignore, and the folder above with the rules that reach down."""

    folder: str  # absolute
    rules: tuple[GitIgnoreSpec, ...] = ()
    above: Ignored | None = None  # None also where it says nothing

    @property
    def says_anything(self) -> bool:
        return bool(self.rules) or self.above is not None

    def matches(self, path: str, is_folder: bool) -> bool:
        """Whether git would ignore this absolute path; the nearest .gitignore that says anything decides."""
        level: Ignored | None = self
        while level:
            relative = path[len(level.folder) :].lstrip("/") + "/" * is_folder
            for rules in level.rules:
                if (verdict := rules.check_file(relative).include) is not None:
                    return verdict
            level = level.above
        return False


def patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """Rules in the syntax of .gitignore; a line that git would not understand is left out, as git does, and so is one
    of many stars.
    """
    from pathspec import GitIgnoreSpec  # 30 ms, and most folders of job scripts have no .gitignore

    good: list[str] = []
    for line in lines:
        if any(step.count("*") > _MOST_STARS for step in line.split("/")):
            continue
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):  # `[z-a]`
            continue
        good.append(line)
    return GitIgnoreSpec.from_lines(good)


def below(folder: str, above: Ignored | None, names: Container[str] = (".git", ".gitignore")) -> Ignored:
    """What holds in a folder (absolute), given what holds in the folder above; `names` are those that stand in it."""
    wanted = [os.path.join(folder, ".gitignore")] if ".gitignore" in names else []
    if ".git" in names and os.path.lexists(os.path.join(folder, ".git")):
        wanted.append(os.path.join(_git_folder(folder), "info", "exclude"))
        above = None  # a repository within a repository has rules of its own
    if above is not None and not above.says_anything:
        above = None
    return Ignored(folder, tuple(rules for path in wanted if (rules := _rules(path)) is not None), above)


def reaching(folder: str, root: str | None) -> Ignored | None:
    """What the folders above a named one say, from the repository's root down; both absolute.

    Where git would ignore the named folder itself, nothing that is above it holds: the user wants to see inside.
    """
    if root is None or folder == root:
        return None
    parent = os.path.dirname(folder)
    above = below(parent, reaching(parent, root))
    return None if above.matches(folder, True) else above


def _git_folder(folder: str) -> str:
    """Where a repository keeps its info/: `.git`, or for a linked worktree the main repository's."""
    git = os.path.join(folder, ".git")
    pointer = _line(git)
    if not pointer.startswith("gitdir:"):
        return git
    git = os.path.join(folder, pointer[7:].strip())
    common = _line(os.path.join(git, "commondir"))
    return os.path.join(git, common) if common else git


def _line(path: str) -> str:
    try:
        return os.fsdecode(read(path, 10_000)).strip()
    except Unreadable:
        return ""


def _rules(path: str) -> GitIgnoreSpec | None:
    try:
        text = os.fsdecode(read(path, 1_000_000))
    except Unreadable:
        return None
    return patterns(text.splitlines())
