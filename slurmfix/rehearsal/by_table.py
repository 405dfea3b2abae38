"""What the dated tables say of an environment where there is no cluster to ask."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement

from slurmfix.knowledge import normalise, pypi_name_of_import, python_module, role_of, wheel_versions
from slurmfix.rehearsal.stage import Rehearsal


def covers(rehearsal: Rehearsal) -> bool:
    """Whether the tables meet each line, and the lines cover each import."""
    return rehearsal.wheelhouse and not unmet(rehearsal) and all(covered(name, rehearsal) for name in rehearsal.imports)


def unmet(rehearsal: Rehearsal) -> list[str]:
    """The requirement lines that no wheel meets."""
    python = _python(rehearsal)
    return [line for line in rehearsal.lines if not _is_met(line, python)]


def _python(rehearsal: Rehearsal) -> str:
    words = [word for command in rehearsal.block.modules for word in command.split()]
    versions = [word.rpartition("/")[2] for word in words if role_of(word) == "interpreter"]
    return ".".join(versions[-1].split(".")[:2]) if versions else ""


def _is_met(line: str, python: str) -> bool:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    versions = wheel_versions(normalise(requirement.name), python)
    return any(requirement.specifier.contains(version, prereleases=True) for version in versions)


def covered(name: str, rehearsal: Rehearsal) -> bool:
    """Whether the lines, or the modules, hold what an import wants."""
    package = normalise(pypi_name_of_import(name) or name.replace("_", "-"))
    there = {normalise(re.split(r"[\[<>=!~;@ ]", line, maxsplit=1)[0]) for line in rehearsal.lines}
    module = python_module(package)
    loaded = " ".join(rehearsal.block.modules)
    return package in there or (module is not None and f"{module.module}/" in loaded)
