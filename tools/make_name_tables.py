"""Generates the name tables of slurmfix/knowledge/ from the mapping that the conda-pypi wheel ships.

    pip download --no-deps conda-pypi==0.13.1
    python tools/make_name_tables.py conda_pypi-0.13.1-py3-none-any.whl

Three tables come out: conda names whose PyPI name differs, conda names that have a Python distribution of the same
name, and import names that differ from the PyPI name. What the mapping has wrong or lacks stands in names_by_hand.tsv
and imports_by_hand.tsv, which are written by hand and win over these.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path

KNOWLEDGE = Path(__file__).resolve().parent.parent / "slurmfix" / "knowledge"
MAPPING = "conda_pypi/grayskull_pypi_mapping.json"
SOURCE = (
    "# Source: grayskull_pypi_mapping.json of conda-pypi 0.13.1 (MIT, Copyright (c) 2022 Jaime Rodríguez-Guerra),\n"
    "#  by tools/make_name_tables.py.\n"
    "# Date: 2025-08-21\n"
)


def normalise(name: str) -> str:
    """The one spelling of a PyPI name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_hash(name: str) -> bool:
    """Some names in the mapping are pieces of a download address, not names."""
    return bool(re.fullmatch(r"[0-9a-f]{50,}", name))


def write(table: str, what: str, columns: str, lines: set[str]) -> None:
    head = f"# What: {what}\n# Columns: {columns}.\n{SOURCE}"
    (KNOWLEDGE / table).write_text(head + "".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")


def main(wheel: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entries = list(json.loads(archive.read(MAPPING)).values())
    same, renamed, imports = set(), dict[str, set[str]](), dict[str, set[str]]()
    for entry in entries:
        conda, pypi = normalise(entry["conda_name"]), normalise(entry["pypi_name"])
        if is_hash(pypi):
            continue
        if conda == pypi:
            same.add(conda)
        else:
            renamed.setdefault(conda, set()).add(pypi)
        top = entry["import_name"].split(".")[0]
        if top.isidentifier() and normalise(top) != pypi:
            imports.setdefault(top, set()).add(pypi)
    # A name that two distributions claim says nothing: those that matter are decided by hand.
    write(
        "names_generated.tsv",
        "conda names whose Python distribution is called otherwise on PyPI.",
        "conda name (normalised), PyPI name (normalised)",
        {f"{conda}\t{next(iter(pypi))}" for conda, pypi in renamed.items() if len(pypi) == 1 and conda not in same},
    )
    write(
        "python_names.tsv",
        "conda names that have a Python distribution of the same name on PyPI.",
        "conda name (normalised)",
        same,
    )
    write(
        "imports_generated.tsv",
        "import names that differ from the name of the one distribution that has them.",
        "import name, PyPI name (normalised)",
        {
            f"{top}\t{next(iter(pypi))}"
            for top, pypi in imports.items()
            if len(pypi) == 1 and normalise(top) not in same
        },
    )


if __name__ == "__main__":
    main(sys.argv[1])
