"""The table of Requires-Python: for which Pythons pip takes a version of a pure wheel, which is listed under each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from tablemaker.text import age


def rows(pages: Iterable[str], versions: Set[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """One row a name and Requires-Python: name, Requires-Python, the versions that have it.

    `pages` are a package index's answers in its JSON form (PEP 691), one a name; `versions` are the names and versions
    that the wheelhouse has, to which the rows are held.
    """
    for page in pages:
        answer = json.loads(page)
        found: dict[str, set[str]] = defaultdict(set)
        for file in answer["files"]:
            requires, version = file.get("requires-python") or "", _version(file["filename"])
            if requires and (answer["name"], version) in versions:
                found[requires.replace(" ", "")].add(version)
        for requires in sorted(found, key=lambda each: min(map(age, found[each]))):
            yield answer["name"], requires, " ".join(sorted(found[requires], key=age))


def _version(file: str) -> str:
    try:
        parsed = parse_wheel_filename(file)[1] if file.endswith(".whl") else parse_sdist_filename(file)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""
    return str(parsed)
