"""Reads lock files: conda-lock.yml and pixi.lock, for linux-64."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from slurmfix.environment.messages import OTHER_PLATFORM
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.environment.specification import entries, items, text_of, top_of
from slurmfix.matchspec import BadSpec, parse

PLATFORM = "linux-64"  # what the clusters are


def read_conda_lock(text: str, filename: str) -> Environment:
    """conda-lock's unified file: every package of every platform. Raises BadEnvironment.

    Source: https://conda.github.io/conda-lock/, version 1 of the file.
    """
    root = top_of(text)
    locked = items(entries(root).get("package"))
    platforms = sorted({text_of(node, "platform") for node in locked} - {""})
    platform = PLATFORM if PLATFORM in platforms or not platforms else platforms[0]
    here = [node for node in locked if text_of(node, "platform") in ("", platform)]
    packages = [_locked(node) for node in here if text_of(node, "category") in ("", "main") and text_of(node, "name")]
    if not packages:
        raise BadEnvironment("the lock file names no package")
    metadata = entries(entries(root).get("metadata"))
    channels = tuple(filter(None, (text_of(node, "url") for node in items(metadata.get("channels")))))
    return Environment(
        PurePath(filename).stem,
        _roots(packages, [_depends(node) for node in here]),
        filename,
        channels,
        doubts=_other_platform(platform),
        export=True,
    )


def _other_platform(platform: str) -> tuple[str, ...]:
    return () if platform == PLATFORM else (OTHER_PLATFORM.about(platform=PLATFORM, taken=platform),)


def _locked(node: Any) -> Package:
    name, version, manager = (text_of(node, key) for key in ("name", "version", "manager"))
    line = node.start_mark.line + 1
    version = f"=={version}" if version else ""
    if manager == "pip":
        return Package(name, version, manager="pip", line=line)
    try:
        archive = parse(text_of(node, "url"))
    except BadSpec:
        return Package(name, version, line=line)
    return Package(name, version, archive.build, archive.channel, line=line)


def _depends(node: Any) -> tuple[str, ...]:
    return tuple(entries(entries(node).get("dependencies")))


def _roots(packages: list[Package], depends: list[tuple[str, ...]]) -> tuple[Package, ...]:
    """Those that nothing else in the lock needs, and Python, whose version the others were chosen for."""
    needed = {name.lower() for names in depends for name in names}
    kept = tuple(package for package in packages if package.name.lower() not in needed or package.name == "python")
    return kept if any(package.name != "python" for package in kept) else tuple(packages)


def read_pixi_lock(text: str, filename: str) -> Environment:
    """pixi.lock: the default environment's packages. Raises BadEnvironment."""
    root = top_of(text)
    environments = entries(entries(root).get("environments"))
    chosen = environments.get("default") or next(iter(environments.values()), None)
    platforms = entries(entries(chosen).get("packages"))
    platform = PLATFORM if PLATFORM in platforms or not platforms else next(iter(platforms))
    details = {
        text_of(node, kind): node for node in items(entries(root).get("packages")) for kind in ("pypi", "url", "conda")
    }
    packages = []
    for node in items(platforms.get(platform)):
        if url := text_of(node, "conda"):
            try:
                found = parse(url)
            except BadSpec:
                continue
            packages.append(
                Package(found.name, found.version, found.build, found.channel, line=node.start_mark.line + 1)
            )
        elif url := text_of(node, "pypi"):
            name, version = text_of(details.get(url), "name"), text_of(details.get(url), "version")
            if name:
                version = f"=={version}" if version else ""
                packages.append(Package(name, version, manager="pip", line=node.start_mark.line + 1))
    if not packages:
        raise BadEnvironment("the pixi.lock names no package for its default environment")
    channels = tuple(filter(None, (text_of(node, "url") for node in items(entries(chosen).get("channels")))))
    path = PurePath(filename)
    return Environment(path.stem, tuple(packages), filename, channels, doubts=_other_platform(platform), export=True)
