"""Reads what a workspace of pixi's needs: its dependencies, and those of the features of one environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slurmfix.environment.messages import ACTIVATION, ENTRY_LEFT_OUT, FEATURES, NO_NAME
from slurmfix.environment.package import Environment, Package
from slurmfix.environment.toml import address_in, as_table, table_in, text_in, texts, version_of
from slurmfix.matchspec import BadSpec, parse
from slurmfix.remarks import phrase


@dataclass(slots=True)
class _Read:
    packages: dict[tuple[str, str], Package] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def read_pixi(pixi: dict[str, Any], parts: tuple[str, ...] = ()) -> Environment:
    """What pixi's tables ask for. `parts` is the environment that is meant: it has the features that the table
    `environments` gives it; source: pixi.sh, "Manifest reference".
    """
    read = _Read()
    features, environments = table_in(pixi, "feature"), table_in(pixi, "environments")
    wanted: list[str] = []
    for part in parts:
        about = environments.get(part)
        inner = about if isinstance(about, dict) else {"features": about}
        wanted += texts(inner.get("features"))
        if inner.get("no-default-feature") is not True:
            wanted.insert(0, "")
    for name in dict.fromkeys(wanted or [""]):
        _add(read, table_in(features, name) if name else pixi)
    known = all(part in environments or part == "default" for part in parts)
    if features and not (parts and known):
        read.doubts.append(FEATURES.about(features=", ".join(sorted(features))))
    about = table_in(pixi, "workspace") or table_in(pixi, "project")
    packages = sorted(read.packages.values(), key=lambda each: each.manager)
    return Environment(
        text_in(about, "name"), tuple(packages), channels=tuple(texts(about.get("channels"))), doubts=tuple(read.doubts)
    )


def _add(read: _Read, feature: dict[str, Any]) -> None:
    """What one feature adds; what it says again is said otherwise."""
    target = table_in(table_in(feature, "target"), "linux-64") or table_in(table_in(feature, "target"), "linux")
    for source in (feature, target):
        for package in _of_conda(read, table_in(source, "dependencies")):
            read.packages["conda", package.name] = package
        for package in _of_pypi(table_in(source, "pypi-dependencies")):
            read.packages["pip", package.name] = package
        if names := (
            *table_in(table_in(source, "activation"), "env"),
            *texts(table_in(source, "activation").get("scripts")),
        ):
            read.doubts.append(ACTIVATION.about(names=", ".join(names)))


def _of_conda(read: _Read, dependencies: dict[str, Any]) -> Iterator[Package]:
    for name, wanted in dependencies.items():
        table = as_table(wanted)
        try:
            found = parse(f"{name} {text_in(table, 'version')}")
        except BadSpec:
            read.doubts.append(ENTRY_LEFT_OUT.about(entry=name, why=phrase(NO_NAME, entry=name)))
            continue
        yield Package(found.name, found.version, text_in(table, "build") or found.build, text_in(table, "channel"))


def _of_pypi(dependencies: dict[str, Any]) -> Iterator[Package]:
    for name, wanted in dependencies.items():
        table = as_table(wanted)
        if table.get("path") in (".", "./"):
            continue  # the project itself
        version, extras = version_of(text_in(table, "version")), tuple(texts(table.get("extras")))
        yield Package(name, version, manager="pip", extras=extras, url=address_in(table))
