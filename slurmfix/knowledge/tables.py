"""Reads the tables: comment lines that say what each is, then one entry a line, its columns apart by tabs.

The shipped tables lie beside this file. A site's own folder may have some of them in its place: `use` puts it in front.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from slurmfix.knowledge.forms import HERE, refuse_bad_tables

_in_front: list[Path] = []  # the folders of a site, best one first
_kept: list[Callable[[], None]] = []  # how to forget what was read
_P = ParamSpec("_P")
_R = TypeVar("_R")


def kept(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Keep what a function makes of the tables, until other tables are used."""
    cached = cache(function)
    _kept.append(cached.cache_clear)
    return cached  # type: ignore[return-value] # it takes what the function takes


def use(*folders: str) -> None:
    """Take tables from these folders first, best one first; "" stands for none. Raises BadTable for a wrong one."""
    wanted = [Path(folder) for folder in folders if folder]
    if wanted == _in_front:
        return
    refuse_bad_tables(wanted)
    _in_front[:] = wanted
    for forget in _kept:
        forget()


def path_of(table: str) -> Path:
    """The file that a table is read from."""
    return next((path for place in _in_front if (path := place / f"{table}.tsv").exists()), HERE / f"{table}.tsv")


@kept
def rows(table: str) -> tuple[tuple[str, ...], ...]:
    """The entries of a table, each a tuple of its columns; empty columns at the end of a line are left away."""
    return tuple(tuple(line.split("\t")) for line in lines(table))


@kept
def pairs(table: str) -> dict[str, str]:
    """A table as a mapping of its first column to its second."""
    return {row[0]: row[1] for row in rows(table)}


@kept
def entries(table: str) -> dict[str, str]:
    """The entries of a large table by their first column, the rest of each line as it stands, still to be split."""
    found = (line.partition("\t") for line in lines(table))
    return {name: rest for name, _, rest in found}


@kept
def date(table: str) -> str:
    """The day that a table is of, as its head says it (`2026-08-21`); "" where it says none."""
    with path_of(table).open(encoding="utf-8") as file:
        head = itertools.takewhile(lambda line: line.startswith("#"), file)
        return next((line[7:].strip() for line in head if line.startswith("# Date:")), "")


def lines(table: str) -> list[str]:
    """The lines of a table below its head, read anew."""
    text = path_of(table).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and line[0] != "#"]
