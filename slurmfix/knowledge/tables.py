"""Reads the tables: comment lines that say what each is, then one entry a line, its columns apart by tabs."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def rows(table: str) -> tuple[tuple[str, ...], ...]:
    """The entries of a table, each a tuple of its columns; empty columns at the end of a line are left away."""
    return tuple(tuple(line.split("\t")) for line in lines(table))


@cache
def pairs(table: str) -> dict[str, str]:
    """A table as a mapping of its first column to its second."""
    return {row[0]: row[1] for row in rows(table)}


@cache
def entries(table: str) -> dict[str, str]:
    """The entries of a large table by their first column, the rest of each line as it stands, still to be split."""
    found = (line.partition("\t") for line in lines(table))
    return {name: rest for name, _, rest in found}


@cache
def date(table: str) -> str:
    """The day that a table is of, as its head says it (`2026-08-21`)."""
    with (HERE / f"{table}.tsv").open(encoding="utf-8") as file:
        head = itertools.takewhile(lambda line: line.startswith("#"), file)
        return next((line[7:].strip() for line in head if line.startswith("# Date:")), "")


def lines(table: str) -> list[str]:
    """The lines of a table below its head, read anew."""
    text = (HERE / f"{table}.tsv").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and line[0] != "#"]
