"""Reads an environment that is installed: what was asked of it, and what it holds."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from slurmfix.environment.messages import NO_PACKAGE, RECORDS_NOT_READ
from slurmfix.environment.package import Environment, Package
from slurmfix.matchspec import BadSpec, MatchSpec, parse


@dataclass(frozen=True, slots=True)
class _Record:
    """One file of conda-meta/: an installed package."""

    name: str
    version: str
    build: str
    channel: str
    depends: tuple[str, ...]  # names
    dists: tuple[tuple[str, str], ...]  # PyPI names and versions of the distributions among its files
    programs: tuple[str, ...] = ()  # the names of its files in bin/


def read_prefix(history: str, records: Mapping[str, str], dist_infos: Iterable[str], name: str) -> Environment:
    """An installed environment, cut down to what was asked for.

    `history` is the text of conda-meta/history (may be empty), `records` the texts of conda-meta/*.json by file name,
    `dist_infos` the names of the `*.dist-info` and `*.egg-info` folders in site-packages. What history asks for and is
    still there counts; without such a word, what no other package depends on (`export` is set then). Distributions that
    no record owns were installed by pip. Damaged records become a doubt.
    """
    found, doubts = _records(records)
    asked = {key: spec for key, spec in requested(history).items() if key in found or not found}
    exact = sum(bool(spec.build) and spec.version.startswith("==") for spec in asked.values())
    if asked and exact * 2 <= len(asked):
        conda = [_asked(spec, found.get(key)) for key, spec in asked.items()]
        listing = False
    else:  # created from a full listing, cloned, or without a history
        conda = [_whole(found[key]) for key in roots({key: record.depends for key, record in found.items()})]
        listing = True
    if "python" in found and not any(package.name == "python" for package in conda):
        conda.append(_whole(found["python"]))  # everything else was chosen for its version
    pip = _from_pip(dist_infos, found)
    if not conda and not pip:
        doubts.append(NO_PACKAGE.about())
    channels = dict.fromkeys(record.channel for record in found.values() if record.channel)
    return Environment(
        name,
        (*conda, *pip),
        f"conda-meta/history of {name}" if not listing else f"conda-meta of {name}",
        tuple(channels),
        doubts=tuple(doubts),
        export=listing,
        programs=tuple(sorted({program for record in found.values() for program in record.programs})),
        holds=_holds(found, pip),
    )


def _holds(records: Mapping[str, _Record], pip: list[Package]) -> tuple[str, ...]:
    names = {name for record in records.values() for name in (record.name, *(name for name, _ in record.dists))}
    return tuple(sorted({_normal(name) for name in (*names, *(package.name for package in pip))}))


def _asked(spec: MatchSpec, record: _Record | None) -> Package:
    """What was asked for, with what was installed for it."""
    package = Package(spec.name, spec.version, spec.build, spec.channel)
    if record is None:
        return package
    return replace(package, channel=spec.channel or record.channel, pypi=_pypi(record), installed=record.version)


def _whole(record: _Record) -> Package:
    version = f"=={record.version}" if record.version else ""
    return Package(record.name, version, record.build, record.channel, pypi=_pypi(record), installed=record.version)


def _pypi(record: _Record) -> str:
    """The one distribution that a package is; some bring others along (ray-core brings what it vendors)."""
    names = [name for name, _ in record.dists]
    same = [name for name in names if _normal(name) == _normal(record.name)]
    if same:
        return same[0]
    versioned = [name for name, version in record.dists if version == record.version]
    if len(versioned) == 1:
        return versioned[0]
    return names[0] if len(names) == 1 else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _from_pip(dist_infos: Iterable[str], records: Mapping[str, _Record]) -> list[Package]:
    owned = {(_normal(name), version) for record in records.values() for name, version in record.dists}
    names = {_normal(name) for name, _ in owned}
    packages: dict[str, Package] = {}
    for folder in sorted(dist_infos):
        if (dist := _dist(folder)) is None:
            continue
        name, version = dist
        # A distribution of conda's in another version is one that pip has replaced.
        replaced = _normal(name) in names and (_normal(name), version) not in owned and bool(version)
        if (_normal(name) in names and not replaced) or name.startswith("~"):
            continue
        specifier = f"=={version}" if re.fullmatch(r"[A-Za-z0-9.!+]+", version) else ""
        packages[_normal(name)] = Package(name, specifier, manager="pip", pypi=name, installed=version)
    return list(packages.values())


_LONGEST = 256  # no file system has longer names; a damaged record may
_DIST = re.compile(
    r"(?:.*/)?([A-Za-z0-9][A-Za-z0-9._+-]*?)(?:-(\d[^-/]*|v?\d[^/]*?))?(?:-py\d[\d.]*)?\.(?:dist|egg)-info$"
)


def _dist(folder: str) -> tuple[str, str] | None:
    """Name and version of `scikit_learn-1.4.2.dist-info` or `torch-2.1.0-py3.11.egg-info`."""
    match = _DIST.match(folder.rstrip("/")) if len(folder) < _LONGEST else None
    if match is None:
        return None
    return match[1].replace("_", "-"), match[2] or ""


def _records(texts: Mapping[str, str]) -> tuple[dict[str, _Record], list[str]]:
    found: dict[str, _Record] = {}
    bad: list[str] = []
    for file, text in sorted(texts.items()):
        try:
            record = _record(json.loads(text))
        except (ValueError, RecursionError):
            record = None
        if record is None:
            bad.append(file)
        else:
            found[record.name] = record
    if not bad:
        return found, []
    return found, [RECORDS_NOT_READ.about(count=len(bad), file=bad[0])]


def _record(document: object) -> _Record | None:
    if not isinstance(document, dict) or not isinstance(document.get("name"), str) or not document["name"]:
        return None

    def text(key: str) -> str:
        value = document.get(key)
        return value if isinstance(value, str) else ""

    def texts(key: str) -> list[str]:
        value = document.get(key)
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

    depends = tuple(entry.split()[0].partition("=")[0].lower() for entry in texts("depends") if entry.split())
    folders = dict.fromkeys(
        match[1]
        for file in texts("files")
        if (match := re.match(r"(?:.*/)?site-packages/([^/]+\.(?:dist|egg)-info)(?:/|$)", file))
    )
    dists = tuple(dist for folder in folders if (dist := _dist(folder)) is not None)
    channel = re.sub(r"/(?:noarch|linux-\w+|osx-\w+|win-\w+)/?$", "", text("channel").rstrip("/")).rpartition("/")[2]
    programs = tuple(match[1] for file in texts("files") if (match := re.fullmatch(r"bin/([^/]+)", file)))
    return _Record(document["name"].lower(), text("version"), text("build"), channel, depends, dists, programs)


def roots(depends: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The packages that no other one depends on; of a ring of packages that need one another, its first."""
    needed = {name for key, names in depends.items() for name in names if name != key}
    found = [key for key in depends if key not in needed]
    reached = set[str]()
    for key in [*found, *depends]:
        if key in reached:
            continue
        if key in needed:
            found.append(key)
        waiting = [key]
        while waiting:
            now = waiting.pop()
            if now in depends and now not in reached:
                reached.add(now)
                waiting += depends[now]
    return found


_SPECS = re.compile(r"#\s*(update|install|create|remove|neutered|uninstall)\s+specs\s*:\s*(.*)$")


def requested(history: str) -> dict[str, MatchSpec]:
    """What people asked of an environment and did not take back, by name, from the text of conda-meta/history.

    Source: `History.get_requested_specs_map` in conda/history.py: later lines win, a neutered spec replaces its own.
    """
    wanted: dict[str, MatchSpec] = {}
    for transaction in re.split(r"^==>.*$", history, flags=re.MULTILINE):
        lines = sorted(
            (_TURN.get(match[1], 1), match[2])
            for line in transaction.splitlines()
            if (match := _SPECS.match(line.strip()))
        )
        for turn, texts in lines:
            for spec in _specs(texts):
                if turn == 0:
                    wanted.pop(spec.name, None)
                else:
                    wanted[spec.name] = spec
    return {name: spec for name, spec in wanted.items() if not name.startswith("__")}


# Within one transaction conda takes removals first, however they are written, and neutered specs last.
_TURN = {"remove": 0, "uninstall": 0, "neutered": 2}


def _specs(texts: str) -> Iterator[MatchSpec]:
    for text in _listed(texts):
        with contextlib.suppress(BadSpec):
            yield parse(text)


def _listed(text: str) -> list[str]:
    """The texts of a Python or JSON list, or of conda's older `a,b >=1,<2,c`."""
    text = text.strip()
    if text.startswith("["):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            value = re.findall(r"""["']([^"']+)["']""", text)
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
    return [piece.strip() for piece in re.split(r",(?=\s*[A-Za-z_][\w.-]*)(?!\s*\d)", text) if piece.strip()]
