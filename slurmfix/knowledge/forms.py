"""The form of each table, and what is said of a site's table that has another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
_AGAIN = "…"  # in place of a column: the one before it may stand any number of times
_OF_TABLES = {"forms", "tables"}  # no site has its own of these
# The tables whose first column has the words of these forms.
_TOLD_BY = {"generations": "generations", "years": "standard_environments"}


class BadTable(ValueError):
    """A table of a site that cannot be used; the message names the file and the line."""


class Column(NamedTuple):
    """A column of a table: what it holds, and the name of its form. Each but the first may be empty."""

    says: str
    form: str

    def slip(self, cell: str, words: Mapping[str, frozenset[str]]) -> str:
        """What is wrong with a cell; "" for nothing. `words` are those that a form takes, where they are told."""
        pattern, wanted = _forms()[self.form]
        if not re.fullmatch(pattern, cell):
            return f"{self.says} must be {wanted}, not {cell!r}"
        strange = next((word for word in cell.split() if word not in words.get(self.form, cell.split())), "")
        return f"{self.says}: no {strange!r} is known, only {', '.join(sorted(words[self.form]))}" if strange else ""


class Form(NamedTuple):
    """The columns of a table, of which no line may lack the first `least`; the last stands again where it `repeats`."""

    least: int
    columns: tuple[Column, ...]
    repeats: bool

    def slip(self, cells: Sequence[str], words: Mapping[str, frozenset[str]]) -> str:
        """What is wrong with the cells of a line; "" for nothing."""
        columns = [*self.columns, *self.columns[-1:] * (len(cells) - len(self.columns))]
        if len(cells) < self.least or (columns != list(self.columns) and not self.repeats):
            named = ", ".join(column.says for column in self.columns)
            return f"{len(cells)} columns apart by tabs; write {named}{', …' if self.repeats else ''}"
        there = ((cell, column) for cell, column in zip(cells, columns, strict=False) if cell or column is columns[0])
        slips = (column.slip(cell, words) for cell, column in there)
        return next(filter(None, slips), "")


@cache
def known_tables() -> Mapping[str, Form]:
    """The form of each table by its name."""
    return {name: _form(int(least), columns) for name, least, *columns in _own("tables")}


@cache
def _forms() -> Mapping[str, tuple[str, str]]:
    """The forms of columns: a pattern, and how it is described to people."""
    return {name: (pattern, wanted) for name, pattern, wanted in _own("forms")}


def _own(table: str) -> list[list[str]]:
    return [line.split("\t") for _, line in _lines(HERE / f"{table}.tsv")]


def _form(least: int, columns: Sequence[str]) -> Form:
    named = (column.rpartition(": ") for column in columns if column != _AGAIN)
    return Form(least, tuple(Column(says, form) for says, _, form in named), columns[-1:] == [_AGAIN])


def refuse_bad_tables(folders: Sequence[Path]) -> None:
    """Raises BadTable for the first table of these folders, best one first, that has not the form of its name."""
    words = {form: frozenset(_first_words(table, folders)) for form, table in _TOLD_BY.items()}
    for folder in (folder for folder in folders if folder.parent != HERE):  # what ships is held to its form by a test
        if not folder.is_dir():
            raise BadTable(f"{folder}: there is no such folder of tables")
        for path in sorted(folder.glob("*.tsv")):
            _refuse(path, words)


def _first_words(table: str, folders: Sequence[Path]) -> Iterator[str]:
    path = next(path for folder in (*folders, HERE) if (path := folder / f"{table}.tsv").exists())
    return (line.partition("\t")[0] for _, line in _lines(path))


def _refuse(path: Path, words: Mapping[str, frozenset[str]]) -> None:
    known = known_tables().keys() - _OF_TABLES
    if path.stem not in known:
        raise BadTable(f"{path}: there is no table of this name; the tables are {', '.join(sorted(known))}")
    for number, line in _lines(path):
        slip = known_tables()[path.stem].slip(line.split("\t"), words)
        if slip:
            raise BadTable(f"{path}:{number}: {slip}")
        if not line.replace("\t", "").isprintable():
            raise BadTable(f"{path}:{number}: the line has a character that cannot be printed")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines below the head of a table, with their numbers. Raises BadTable for a file that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadTable(f"{path}: {error}") from error
    return ((number, line) for number, line in enumerate(text.splitlines(), 1) if line and line[0] != "#")
