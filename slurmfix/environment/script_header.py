"""Reads what a Python file itself says that it needs, in the comments at its head (inline script metadata)."""

from __future__ import annotations

import re
import sys

from slurmfix.environment.package import Package
from slurmfix.environment.requirements import read_lines
from slurmfix.environment.toml import texts

# As https://packaging.python.org/en/latest/specifications/inline-script-metadata/ has it.
_HEADER = re.compile(r"^# /// script[ \t]*\r?\n((?:^#(?: .*)?\r?\n)+?)^# ///[ \t]*\r?$", re.M)


def needed_by(source: str) -> tuple[Package, ...]:
    """The packages in a file's own header, with their versions; () where it has none that can be read."""
    found = _HEADER.search(source)
    if found is None:
        return ()
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads("\n".join(line[2:].rstrip("\r") for line in found[1].split("\n")))
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    return read_lines((0, line) for line in texts(document.get("dependencies"))).packages
