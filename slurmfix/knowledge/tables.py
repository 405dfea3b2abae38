"""Reads the tables: comment lines that say what each is, then one entry a line, its columns apart by tabs.

The shipped tables lie beside this file. A site's own folder may have some of them in its place: `use` puts it in front.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

HERE = Path(__file__).parent
# The tables, each with the number of columns that no line may lack.
COLUMNS = {
    "at_hand": 4,
    "base_layer": 1,
    "brings": 2,
    "build_variables": 2,
    "bundle_leads": 2,
    "bundle_names": 2,
    "bundles": 4,
    "conda_modules": 3,
    "cran_names": 3,
    "dropped": 2,
    "dropped_reasons": 2,
    "extras": 2,
    "flavours": 2,
    "generations": 6,
    "gone_options": 3,
    "gpu_builds": 3,
    "gpu_packages": 1,
    "image_tools": 4,
    "imports_by_hand": 2,
    "imports_generated": 2,
    "jars": 2,
    "module_builds": 4,
    "module_classes": 2,
    "module_families": 2,
    "module_roles": 2,
    "module_wheels": 2,
    "modules_elsewhere": 2,
    "module_prerequisites": 3,
    "names_by_hand": 2,
    "names_generated": 2,
    "not_on_pypi": 1,
    "nowhere": 2,
    "programs": 2,
    "python_modules": 4,
    "python_names": 1,
    "pythons": 2,
    "read_unnamed": 2,
    "repositories": 2,
    "requires_python": 3,
    "runtime_needs": 3,
    "site_marks": 2,
    "standard_environments": 5,
    "system_files": 2,
    "system_programs": 2,
    "together": 5,
    "traces": 2,
    "traps": 5,
    "wheel_builds": 2,
    "wheel_programs": 2,
    "wheel_versions": 1,
}
_in_front: list[Path] = []  # the folders of a site, best one first
_kept: list[Callable[[], None]] = []  # how to forget what was read
_P = ParamSpec("_P")
_R = TypeVar("_R")


class BadTable(ValueError):
    """A table of a site that cannot be used; the message names the file and the line."""


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
    for path in sorted(path for place in wanted for path in place.glob("*.tsv")):
        _check(path)
    _in_front[:] = wanted
    for forget in _kept:
        forget()


def _check(path: Path) -> None:
    if path.stem not in COLUMNS:
        raise BadTable(f"{path}: there is no table of this name; the tables are {', '.join(COLUMNS)}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadTable(f"{path}: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        columns = line.count("\t") + 1
        if line and line[0] != "#" and (columns < COLUMNS[path.stem] or not line.partition("\t")[0].strip()):
            wanted = f"{COLUMNS[path.stem]} columns apart by tabs, the first not empty"
            raise BadTable(f"{path}:{number}: a line has {columns} columns where there are {wanted}")
        if not line.replace("\t", "").isprintable():
            raise BadTable(f"{path}:{number}: a line has a character that cannot be printed")


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
