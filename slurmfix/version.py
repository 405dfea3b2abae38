"""What `slurmfix --version` says: the version, and how old the tables of knowledge are.

It reads no more than their first lines, and loads nothing that a conversion needs.
"""

from __future__ import annotations

import os

from slurmfix import __version__

_TABLES = os.path.join(os.path.dirname(__file__), "knowledge")


def version() -> str:
    """The version, then each date with the tables that are of it."""
    tables: dict[str, list[str]] = {}
    for name in sorted(os.listdir(_TABLES)):
        if name.endswith(".tsv"):
            tables.setdefault(_date(os.path.join(_TABLES, name)), []).append(name[:-4])
    lines = [f"tables of {date}: {', '.join(tables[date])}" for date in sorted(tables, reverse=True) if date]
    return "\n".join([f"slurmfix, version {__version__}", *lines])


def _date(path: str) -> str:
    """From the comment lines that a table begins with."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                return ""
            if line.startswith("# Date:"):
                return line[7:].strip().rstrip(".")
    return ""
