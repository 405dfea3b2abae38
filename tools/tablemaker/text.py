"""Writes a table, and reads lists of that form: comment lines as its head, then lines of columns apart by tabs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Head(NamedTuple):
    """What the comment lines of a table say."""

    what: str
    columns: str
    source: str
    date: str


def normalise(name: str) -> str:
    """The one spelling of a PyPI name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def age(version: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts the versions of modules by age: numbers count as numbers, letters come before them."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[a-zA-Z]+", version))


def write(path: Path, head: Head, rows: Iterable[tuple[str, ...]]) -> None:
    """Write a table, its rows in the order given, without the empty columns at their ends."""
    comments = (
        f"# What: {head.what}",
        f"# Columns: {head.columns}",
        f"# Source: {head.source}",
        f"# Date: {head.date}",
    )
    lines = ("\t".join(row).rstrip("\t") for row in rows)
    path.write_text("".join(f"{line}\n" for line in (*comments, *lines)), encoding="utf-8")


def read(path: Path) -> Iterator[tuple[str, ...]]:
    """The rows of a list, its comment lines left away."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield tuple(line.split("\t"))


def date_of(path: Path) -> tuple[str, str]:
    """What the head of a list says of its source, in one line, and the newest day that it names."""
    head = [line[1:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    said = " ".join(head)
    source = re.split(r"\b(?:Columns|Read with care|Before):", said.partition("Source:")[2] or said)[0].strip()
    return source, max(re.findall(r"\b20\d\d-\d\d-\d\d\b", source), default="")
