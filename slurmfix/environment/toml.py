"""Values of a TOML file, whatever they turn out to be, and versions as Poetry and pixi write them there."""

from __future__ import annotations

import re
from typing import Any


def table_in(value: Any, key: str) -> dict[str, Any]:
    inside = value.get(key) if isinstance(value, dict) else None
    return inside if isinstance(inside, dict) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    return [each for each in listed(value) if isinstance(each, str)]


def text_in(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def as_table(wanted: Any) -> dict[str, Any]:
    """What is asked of a dependency; a version alone stands for a table with nothing else."""
    return wanted if isinstance(wanted, dict) else {"version": wanted}


def address_in(table: dict[str, Any]) -> str:
    """Where a dependency is fetched from, as pip writes it: `git+https://…`, an address or a path; "" for none."""
    url = next((text_in(table, key) for key in ("git", "url", "path") if text_in(table, key)), "")
    return f"git+{url}" if "git" in table and url and not url.startswith("git+") else url


def version_of(version: str) -> str:
    """Poetry's `^1.2` and `~1.2` as PEP 440; source: https://python-poetry.org/docs/dependency-specification/."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    version = version.partition("||")[0].partition(" | ")[0]
    specifier = ",".join(filter(None, (_clause(clause.strip()) for clause in version.split(","))))
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier:
        return ""
    return specifier


def _clause(clause: str) -> str:
    match = re.fullmatch(r"([\^~]?)\s*v?(\d+(?:\.\d+)*)((?:\.?(?:a|b|rc|post|dev)\d*)?)(\.\*)?", clause)
    if match is None:
        return "" if clause == "*" else re.sub(r"\s+", "", clause)
    operator, release, suffix, star = match.groups()
    if not operator:
        return f"=={release}{suffix}{star or ''}"
    numbers = [int(part) for part in release.split(".")]
    if operator == "~":
        kept = min(len(numbers), 2)
    else:  # the first number that is not 0 must not change
        kept = next((place + 1 for place, number in enumerate(numbers) if number), len(numbers))
    upper = [*numbers[: kept - 1], numbers[kept - 1] + 1]
    return f">={release}{suffix},<{'.'.join(map(str, upper))}"
