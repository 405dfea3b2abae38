"""The settings of a run: what the command line, the repository's configuration and the profile say, in that order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set; the names with `-` for `_` are those of the configuration file.

    `requirements` is the pattern of the requirements files' names, `{name}` is the environment. `submit_dir` is the
    folder that jobs are submitted from, from the configuration file's folder; "" where the scripts tell. `templates`
    is a folder of a site's own templates.
    """

    profile: str = "alliance"
    python: str = ""
    pins: str = "compatible"
    to: str = "auto"
    requirements: str = "requirements-{name}.txt"
    submit_dir: str = ""
    templates: str = ""
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()


class BadConfiguration(ValueError):
    """A configuration that cannot be used; `path` and `line` say where, `reason` why."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason = path, line, reason


_CHOICES = {"pins": ("exact", "compatible", "none"), "to": ("auto", "virtualenv", "apptainer")}
KEYS = tuple(field.name.replace("_", "-") for field in fields(Settings))


def settings_from(text: str, path: str, folder: str, base: Settings | None = None) -> Settings | None:
    """The settings of a configuration file's text on top of others; None where it holds none for slurmfix.

    `folder` is what relative paths in it count from. Raises BadConfiguration with the nearest valid key.
    """
    table = _table(text, path)
    if table is None:
        return None
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            raise BadConfiguration(
                path, _line_of(text, key), f"unknown key {key!r}" + (f", did you mean {near[0]!r}?" if near else "")
            )
        found[key.replace("-", "_")] = _checked(key, value, path, _line_of(text, key), folder)
    return replace(base or Settings(), **found)


def _table(text: str, path: str) -> Mapping[str, Any] | None:
    try:
        import tomllib
    except ImportError:  # Python 3.10
        import tomli as tomllib  # type: ignore[no-redef]
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at line (\d+)", str(error))
        raise BadConfiguration(
            path, int(match[1]) if match else 0, f"not TOML: {str(error).split(' (at')[0]}"
        ) from error
    if not path.endswith("pyproject.toml"):
        return document
    tool = document.get("tool")
    table = tool.get("slurmfix") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _line_of(text: str, key: str) -> int:
    match = re.search(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", text, re.M) or re.search(
        re.escape(key), text
    )
    return text.count("\n", 0, match.start()) + 1 if match else 0


def _checked(key: str, value: Any, path: str, line: int, folder: str) -> Any:
    def wrong(expected: str) -> BadConfiguration:
        return BadConfiguration(path, line, f"{key} must be {expected}, not {value!r}")

    if key in ("exclude", "ignore"):
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise wrong("a list of strings")
        return tuple(value)
    if key == "env":
        if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
            raise wrong("a table of name = file")
        return tuple((name, _below(folder, entry)) for name, entry in value.items())
    if not isinstance(value, str):
        raise wrong("a string")
    problem = problem_of(key, value)
    if problem:
        raise wrong(problem)
    return _below(folder, value) if key in ("submit-dir", "templates") else value


def problem_of(key: str, value: str) -> str:
    """What a value of this key must be, where it is not; else ""."""
    if key in _CHOICES and value not in _CHOICES[key]:
        return "one of " + ", ".join(_CHOICES[key])
    if key == "python" and value and not re.fullmatch(r"[23]\.\d{1,2}", value):
        return "a version such as 3.11"
    if key == "requirements" and (
        "{name}" not in value
        or value.startswith("/")
        or ".." in value.split("/")
        or re.search(r"[\s\"'`$\\;&|<>()*?\[\]]", value)
    ):
        return "a relative path that holds {name} and no blanks or shell characters"
    return ""


def _below(folder: str, path: str) -> str:
    return path if path.startswith(("/", "~")) or not folder else f"{folder}/{path}"
