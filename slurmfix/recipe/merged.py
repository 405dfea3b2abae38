"""Two requests for one package as one, and which of them hold on a node of the cluster."""

from __future__ import annotations

import re
from dataclasses import replace

from slurmfix import knowledge
from slurmfix.recipe.classes import Entry
from slurmfix.recipe.messages import ASKED_TWICE


def merge(entries: tuple[Entry, ...], python: str = "") -> tuple[Entry, ...]:
    """One entry for each PyPI name: conda splits packages (pytorch-cpu), and pip may have asked again, later.

    As long as no Python says which of them hold, what stands under different markers stays apart.
    """
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        name = knowledge.normalise(entry.target)
        marker = entry.marker if entry.line and not python else ""
        before = found.get((name, marker))
        found[name, marker] = _both(before, entry) if before else entry
    return tuple(found[key] for key in sorted(found))


def _both(before: Entry, later: Entry) -> Entry:
    """What meets two requests for one package; the later request alone, and a note, where nothing meets both."""
    last = later if later.specifier else before
    extras = tuple(sorted({*before.extras, *later.extras}))
    both = replace(last, extras=extras, marker=before.marker and later.marker)
    if not (before.line and later.line) or before.line == later.line or before.found or later.found:
        return both  # of what was installed, the later lies over the earlier
    parts = dict.fromkeys(f"{before.line},{later.line}".split(","))
    exact = [part for part in parts if re.fullmatch(r"==[^*]+", part)]
    if not _possible(tuple(parts)):
        first, second = f"{later.target}{before.line}", f"{later.target}{later.line}"
        return replace(both, note=ASKED_TWICE.about(first=first, second=second))
    return replace(
        both,
        line=exact[0] if exact else ",".join(parts),
        specifier=",".join(dict.fromkeys(f"{before.specifier},{later.specifier}".split(","))),
    )


def _possible(parts: tuple[str, ...]) -> bool:
    """Whether some version meets all parts: one that a part names, or that lies just above or below it."""
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(",".join(parts))
    numbers = [[int(piece) for piece in number.split(".")] for number in re.findall(r"\d+(?:\.\d+)*", " ".join(parts))]
    near = {part.lstrip("=") for part in parts if re.fullmatch(r"==[^*=]+", part)}
    for number in numbers:
        below = number[:]
        while below and not below[-1]:
            below.pop()
        if below:
            below[-1] -= 1
        near |= {".".join(map(str, pieces)) for pieces in (number, [*number, 1], [*(below or [0]), 9999])}
    return any(wanted.contains(version, prereleases=True) for version in near)


def requirement(entry: Entry) -> str:
    """The line of a requirements file: `name[extra]>=1 ; marker`."""
    extras = f"[{','.join(sorted(entry.extras))}]" if entry.extras else ""
    marker = f" ; {entry.marker}" if entry.marker else ""
    return f"{entry.target}{extras}{entry.line}{marker}"


_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def is_readable(line: str) -> bool:
    if _NAME.fullmatch(line):
        return True  # packaging would say the same, and takes 30 ms to load
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(line)
    except InvalidRequirement:
        return False
    return line.isprintable()


def holds(marker: str, python: str) -> bool:
    """Whether a marker holds on a cluster node: Linux on x86_64, CPython."""
    from packaging.markers import InvalidMarker, Marker

    node = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "extra": "",
    }
    try:
        return Marker(marker).evaluate(node)
    except InvalidMarker:
        return True
