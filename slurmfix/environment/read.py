"""Tells what kind of environment file a text is, and has it read."""

from __future__ import annotations

import re
from pathlib import PurePath

import slurmfix.environment.anaconda_project as anaconda_project
import slurmfix.environment.listing as listing
import slurmfix.environment.locked as locked
import slurmfix.environment.project as project
import slurmfix.environment.requirements as requirements
import slurmfix.environment.specification as specification
from slurmfix.environment.package import BadEnvironment, Environment
from slurmfix.remarks import phrase

LONGEST = 64_000_000  # characters; the largest lock files have a tenth of that

_KEYS = re.compile(r"^[\"']?(?:dependencies|channels|packages)[\"']?[ \t]*:", re.MULTILINE)
_KEY_IN_FLOW = re.compile(r"[{,]\s*dependencies\s*:")  # YAML in flow style; JSON would have it in quotes
_ENV_SPECS = re.compile(r"^env_specs[ \t]*:", re.MULTILINE)
_LOCK = re.compile(r"^(?:metadata|environments|package|packages)[ \t]*:", re.MULTILINE)


def read_environment(text: str, filename: str, parts: tuple[str, ...] = ()) -> Environment:
    """The environment that a file describes, told by its name and content. Of a project's TOML it takes these optional
    `parts`: groups and extras ("*": all), the project itself ("."), or an environment of pixi's.

    `filename` may be a path. Files that are named in it (`-r other.txt`) are listed, not read. Raises BadEnvironment.
    """
    if len(text) > LONGEST:
        raise BadEnvironment("the file is too long for an environment file")
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise BadEnvironment(
            phrase("the file is binary (it holds a NUL character)"), text.count("\n", 0, text.index("\0")) + 1
        )
    if not text.strip():
        raise BadEnvironment("the file is empty")
    path = PurePath(filename)
    match path.name.lower(), path.suffix.lower():
        case "setup.py", _:
            return project.read_setup_py(text, filename)
        case "setup.cfg", _:
            return project.read_setup_cfg(text, filename)
        case "pixi.lock", _:
            return locked.read_pixi_lock(text, filename)
        case name, ".toml":
            return project.read_toml(text, filename, name == "pixi.toml", parts)
        case _, ".json":
            return listing.read_json(text, filename)
        case _, ".py":
            return project.read_setup_py(text, filename)
        case _, ".yml" | ".yaml" if "@EXPLICIT" not in text:
            return _read_yaml(text, filename)
        case _:
            return _read_lines(text, filename)


def _read_yaml(text: str, filename: str) -> Environment:
    top = {match[0].rstrip(": \t") for match in _LOCK.finditer(text)}
    if _ENV_SPECS.search(text) or PurePath(filename).stem.lower() == "anaconda-project":
        return anaconda_project.read_anaconda_project(text, filename)
    if {"metadata", "package"} <= top:
        return locked.read_conda_lock(text, filename)
    if {"environments", "packages"} <= top:
        return locked.read_pixi_lock(text, filename)
    if text.lstrip().startswith("{") and not _KEY_IN_FLOW.search(text):
        return listing.read_json(text, filename)
    return specification.read(text, filename)


def _read_lines(text: str, filename: str) -> Environment:
    """A file whose name tells nothing: people write all of these into `.txt` files."""
    if re.search(r"^[ \t]*@EXPLICIT\s*?$", text, re.MULTILINE):
        return listing.read_explicit(text, filename)
    if listing.is_table(text):
        return listing.read_table(text, filename)
    if text.lstrip()[0] in "{[":
        return listing.read_json(text, filename)
    if _KEYS.search(text):
        return _read_yaml(text, filename)
    if listing.is_export(text):
        return listing.read_export(text, filename)
    return requirements.read(text, filename)
