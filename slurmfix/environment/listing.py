"""Reads what conda prints: explicit lists, `conda list --export`, its table, and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from slurmfix.environment.messages import LINE_LEFT_OUT, WITHOUT_PIP
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.environment.requirements import Requirements, logical_lines, read_lines
from slurmfix.environment.specification import is_listing
from slurmfix.environment.specification import read as read_specification
from slurmfix.matchspec import BadSpec, parse
from slurmfix.remarks import phrase

_EXPORTED = re.compile(r"[A-Za-z0-9_][\w.+-]*=[^=<>~!\s]+(?:=[^=\s]+)?$")
_TABLE_HEAD = re.compile(r"^[ \t]*(?:#[ \t]*)?Name[ \t]+Version[ \t]+Build(?:\s|$)", re.MULTILINE)


def read_explicit(text: str, filename: str) -> Environment:
    """`conda list --explicit`, and conda-lock's files for one platform: addresses of packages after `@EXPLICIT`.

    pip's packages are not in the former (https://github.com/conda/conda/issues/8372); conda-lock writes them as
    comments (`# pip name @ url`).
    """
    packages: list[Package] = []
    doubts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if match := re.match(r"# pip (\S+)(?:\s*@\s*(\S+)|\s*==\s*(\S+))", line):
            version = match[3] or _version_in_url(match[1], match[2] or "")
            packages.append(Package(match[1], f"=={version}" if version else "", manager="pip", line=number))
        if not line or line[0] in "#@":
            continue
        try:
            spec = parse(line)
        except BadSpec:
            doubts.append(LINE_LEFT_OUT.about(at=number, why=phrase("the line names no conda package")))
            continue
        packages.append(Package(spec.name, spec.version, spec.build, spec.channel, line=number))
    if not any(package.manager == "pip" for package in packages):
        doubts.append(WITHOUT_PIP.about())
    return _listed(filename, packages, doubts)


def _version_in_url(name: str, url: str) -> str:
    plain = re.sub(r"[-_.]+", "[-_.]+", re.escape(name).replace("\\", ""))
    match = re.search(rf"/{plain}-(\d[A-Za-z0-9.!]*?)(?:-|\.tar|\.zip)", url, re.IGNORECASE)
    return match[1] if match else ""


_CONDA_HEAD = re.compile(r"^[ \t]*#.*\b(?:conda|mamba)[ \t]+(?:env[ \t]+)?(?:create|install|list)\b", re.MULTILINE)


def is_export(text: str) -> bool:
    """Whether a list is for conda: its head says so, or its versions stand behind one equals sign."""
    lines = [line for _, line in logical_lines(text)]
    versions = [line for line in lines if "=" in line]
    if sum(bool(_EXPORTED.match(line)) for line in versions) * 2 > len(versions):
        return True
    return bool(_CONDA_HEAD.search(text)) and not any(re.search(r"[@;]|://|^-", line) for line in lines)


def read_export(text: str, filename: str) -> Environment:
    """`conda list --export`, and lists by hand for `conda create --file`.

    The former has `name=version=build`, where the build of pip's packages is `pypi_0`.
    """
    found = read_lines(logical_lines(text), conda=True)
    return _listed(filename, found.packages, found.doubts, found, export=is_listing(found.packages))


def is_table(text: str) -> bool:
    """Whether the text is what `conda list` or `mamba list` prints."""
    return "# packages in environment at" in text or bool(_TABLE_HEAD.search(text))


def read_table(text: str, filename: str) -> Environment:
    """`conda list`: columns name, version, build, channel."""
    packages: list[Package] = []
    name = ""
    head = _TABLE_HEAD.search(text)  # conda before 4.4 printed none
    rows_from = text.count("\n", 0, head.end(0)) if head else 0
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.search(
            r"packages in environment at (\S+?)[/:]*$|List of packages in environment: \"(.+)\"", line
        ):
            name = PurePath(match[1] or match[2]).name
        words = line.split()
        if (
            number <= rows_from
            or len(words) < 2
            or words[0][0] in "#─-"
            or words[:2] == ["Name", "Version"]
            or line.endswith(":")
        ):
            continue
        version, build, channel = words[1], *(*words[2:4], "", "")[:2]
        if build == "pypi" or (len(words) == 3 and words[2] == "pypi"):
            build, channel = "", "pypi"
        if re.match(r"[A-Za-z0-9_]", words[0]) and re.match(r"[\dA-Za-z]", version):
            packages.append(_installed(words[0], version, build, channel, number))
    return _listed(filename, packages, (), name=name)


def _installed(name: str, version: str, build: str, channel: str, line: int = 0) -> Package:
    if channel == "pypi" or build.startswith("pypi_") or build == "<pip>":
        return Package(name, f"=={version}" if _is_pep440(version) else "", manager="pip", line=line)
    return Package(name, f"=={version}" if version else "", build, channel, line=line)


def _is_pep440(version: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(version)
    except InvalidVersion:
        return False
    return True


def read_json(text: str, filename: str) -> Environment:
    """`conda list --json`, `conda env export --json`."""
    import json

    try:
        document = json.loads(text)
    except json.JSONDecodeError as bad:
        raise BadEnvironment("the file is not JSON ({why})", bad.lineno, bad.colno, why=bad.msg) from None
    except (RecursionError, ValueError):
        raise BadEnvironment("the file is nested too deeply, or has too long a number") from None
    if isinstance(document, dict) and "dependencies" in document:
        return read_specification(text, filename)  # JSON is YAML; what reads the one reads the other
    if isinstance(document, dict) and isinstance(document.get("packages"), list):
        document = document["packages"]
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        raise BadEnvironment("the JSON is neither that of `conda list --json` nor of `conda env export --json`")
    packages = [_from_json(entry) for entry in document if isinstance(entry.get("name"), str) and entry["name"]]
    if not packages:
        raise BadEnvironment("the JSON names no package")
    return _listed(filename, packages, ())


def _from_json(entry: dict[str, Any]) -> Package:
    def text(*keys: str) -> str:
        return next((entry[key] for key in keys if isinstance(entry.get(key), str)), "")

    return _installed(text("name"), text("version"), text("build_string", "build"), text("channel"))


def _listed(
    filename: str,
    packages: Iterable[Package],
    doubts: Iterable[str],
    rest: Requirements = Requirements(),  # noqa: B008 - frozen
    name: str = "",
    export: bool = True,
) -> Environment:
    packages = tuple(packages)
    if not packages:
        raise BadEnvironment("the file lists no package")
    path = PurePath(filename)
    channels = dict.fromkeys(package.channel for package in packages if package.channel)
    return Environment(
        name or path.stem,
        packages,
        str(path),
        tuple(channels),
        pip_options=rest.options,
        doubts=tuple(doubts),
        export=export,
        includes=rest.includes,
    )
