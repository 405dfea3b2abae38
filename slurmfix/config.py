"""The settings of a run, and which of command line, repository, user and site each of them comes from."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple


class Settings(NamedTuple):
    """What can be set; the names with `-` for `_` are those of the configuration file.

    `requirements` is the pattern of the requirements files' names, `{name}` is the environment. `submit_dir` is the
    folder that jobs are submitted from, from the configuration file's folder; "" where the scripts tell. `templates`
    is a folder of a site's own templates. `images` is the folder of Apptainer images, best one of the lab in its
    project space; it counts from the folder that jobs are submitted from, which "" means. `tables` is a folder with
    tables of wheels and modules that take the place of the shipped ones of their names. `seconds` of a processor and
    `megabytes` of memory are what one file may take; 0 is for no limit. `brought` is not to be set: it says what of
    this the repository brings that decides what is written, and where (`tables`, "slurmfix.toml:2").
    """

    profile: str = "alliance"
    python: str = ""
    pins: str = "compatible"
    to: str = "auto"
    requirements: str = "requirements-{name}.txt"
    submit_dir: str = ""
    templates: str = ""
    images: str = ""
    tables: str = ""
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seconds: int = 10
    megabytes: int = 500
    env: tuple[tuple[str, str], ...] = ()
    brought: tuple[tuple[str, str], ...] = ()


class Source(NamedTuple):
    """Where a value comes from: `level` is site, user, repository or command line."""

    level: str
    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f" {self.path}" if self.path else ""
        return f"{self.level}{place}{f':{self.line}' if self.line else ''}"


class Configuration(NamedTuple):
    """Settings, and the source of each that is not a default: (name, source) pairs in the order they were read."""

    settings: Settings = Settings()
    sources: tuple[tuple[str, Source], ...] = ()

    def source(self, key: str) -> Source | None:
        """Where the value that holds comes from; None for a default."""
        return dict(self.sources).get(key)


class BadConfiguration(ValueError):
    """A configuration that cannot be used; `path` and `line` say where, `reason` why.

    `level` is that of its source: what a repository says concerns the files that go by it alone.
    """

    def __init__(self, path: str, line: int, reason: str, level: str = "") -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason, self.level = path, line, reason, level


WAYS = ("auto", "virtualenv", "apptainer", "tykky", "condatainer", "cotainr")  # where an environment goes
_CHOICES = {"pins": ("exact", "compatible", "none"), "to": WAYS}
# The rules that can be ignored. They are listed here again, since a run that finds no conda loads none of them.
RULE_NAMES = (
    "activate", "deactivate", "hook", "startup-file", "conda-module", "search-path", "run", "environment-path",
    "install", "information", "variable", "workflow", "pixi", "uv", "module-line",
)  # fmt: skip
KEYS = tuple(name.replace("_", "-") for name in Settings._fields if name != "brought")
_WRITERS = ("templates", "tables", "profile")  # what decides which lines a job gets
NAMES = (".slurmfix.toml", "slurmfix.toml", "pyproject.toml")  # the first that there is counts, as ruff has it

ASTRAY = "leads out of the repository, which only the user's or the site's own configuration may, or into .git"

Read = Callable[[str], "str | None"]  # a file's text; None where there is no such file
Stays = Callable[[str, str], bool]  # whether a path, its links followed, stays in the repository that a folder is in


def configured(
    folder: str, read: Read, stays: Stays, environ: Mapping[str, str] = os.environ, config: str = "",
    isolated: bool = False,
) -> Configuration:  # fmt: skip
    """What site, user and repository say for the scripts of one folder, the later over the earlier.

    The file `config` stands for that of the repository; with `isolated` no file is read. Raises BadConfiguration.
    """
    found = Configuration()
    if isolated:
        return found
    for level, path, text in _shared(read, environ):
        found = merged(found, text, path, level)
    if config:
        return merged(found, read(config) or "", config, "--config")
    try:
        for level, path, text in _nearest(folder, read, stays):
            _refuse_way_out(merged(Configuration(), text, path, level), os.path.dirname(path), stays)
            found = merged(found, text, path, level)
    except BadConfiguration as error:
        raise BadConfiguration(error.path, error.line, error.reason, "repository") from error
    return found


def brought(found: Configuration) -> tuple[tuple[str, str], ...]:
    """What a repository, whoever wrote it, brings that decides which lines a job gets; and the file and line."""
    told = []
    for key in _WRITERS:
        source = found.source(key)
        own = key != "profile" or "/" in found.settings.profile  # not one of those that are shipped
        if source is not None and source.level == "repository" and own:
            told.append((key, f"{os.path.basename(source.path)}:{source.line}"))
    return tuple(told)


def _refuse_way_out(own: Configuration, folder: str, stays: Stays) -> None:
    """Raises BadConfiguration where a repository wants files to be read or put outside of it."""
    named = {
        "submit-dir": (own.settings.submit_dir,),
        "env": tuple(path for _, path in own.settings.env),
        "profile": (own.settings.profile,) if "/" in own.settings.profile else (),
    }
    for key, source in own.sources:
        if not all(stays(os.path.expanduser(path), folder) for path in named.get(key, ())):
            raise BadConfiguration(source.path, source.line, f"{key} {ASTRAY}")


def unused(folder: str, read: Read, stays: Stays) -> list[tuple[str, str]]:
    """Configuration files beside the one that counts, which therefore say nothing: (the file, the one that counts)."""
    found = _nearest(folder, read, stays)
    if not found:
        return []
    path = found[0][1]
    beside = [os.path.join(os.path.dirname(path), name) for name in NAMES]
    return [
        (other, path)
        for other in beside[beside.index(path) + 1 :]
        if (text := read(other)) is not None and stays(other, folder) and _table(text, other)
    ]


def _shared(read: Read, environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The site's file, then the user's: (level, path, text)."""
    found = []
    site = environ.get("SLURMFIX_CONFIG")
    if site is None:
        folders = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
        paths = [os.path.join(folder, "slurmfix", "slurmfix.toml") for folder in folders if folder.startswith("/")]
        first = next(((path, text) for path in paths if (text := read(path)) is not None), None)
        if first is not None:
            found.append(("site", *first))
    elif site:
        text = read(site)
        if text is None:
            raise BadConfiguration(site, 0, "no such file (SLURMFIX_CONFIG names it)")
        found.append(("site", site, text))
    home = environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    path = os.path.join(home, "slurmfix", "slurmfix.toml")
    text = read(path)
    return [*found, ("user", path, text)] if text is not None else found


def _nearest(folder: str, read: Read, stays: Stays) -> list[tuple[str, str, str]]:
    """The repository's file: the nearest that speaks of slurmfix, from the folder upwards to the repository's root."""
    while True:
        for name in NAMES:
            path = os.path.join(folder, name)
            text = read(path)
            if text is None or (name == "pyproject.toml" and "slurmfix" not in text):
                continue
            if not stays(path, folder):
                raise BadConfiguration(path, 0, "a link that leads out of the repository, or into .git, is not read")
            if _table(text, path) is not None:
                return [("repository", path, text)]
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return []
        folder = parent


def merged(base: Configuration, text: str, path: str, level: str) -> Configuration:
    """A configuration file on top of others; environments that it does not name stay. Raises BadConfiguration."""
    found: dict[str, Any] = {}
    sources = []
    for key, value in (_table(text, path) or {}).items():
        line = _line_of(text, key)
        if key == "tool" and not path.endswith("pyproject.toml"):
            line = _line_of(text, "slurmfix")
            why = "[tool.slurmfix] belongs in pyproject.toml; here the keys stand at the top, under no table"
            raise BadConfiguration(path, line, why)
        if key not in KEYS:
            raise BadConfiguration(path, line, f"unknown key {key!r}{nearest(key, KEYS)}")
        found[key.replace("-", "_")] = _checked(key, value, path, line, os.path.dirname(os.path.abspath(path)))
        sources.append((key, Source(level, path, line)))
    if "env" in found:
        found["env"] = tuple({**dict(base.settings.env), **dict(found["env"])}.items())
    return Configuration(base.settings._replace(**found), (*base.sources, *sources))


def given(base: Configuration, values: Mapping[str, str], env: tuple[tuple[str, str], ...] = ()) -> Configuration:
    """What the command line says, over all files."""
    sources = [*base.sources, *((key, Source("command line")) for key in (*values, *(("env",) if env else ())))]
    named = tuple({**dict(base.settings.env), **dict(env)}.items())
    changed: dict[str, Any] = {**values, "env": named}
    return Configuration(base.settings._replace(**changed), tuple(sources))


def shown(configuration: Configuration) -> str:
    """The settings as a configuration file, each with where it comes from."""
    rows = []
    for key in KEYS:
        value = getattr(configuration.settings, key.replace("-", "_"))
        source = configuration.source(key)
        rows.append((f"{key} = {_toml(value) if value or key != 'env' else '{}'}", f"# {source or 'default'}"))
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"{left:{width}}  {right}" for left, right in rows)


def _toml(value: Any) -> str:
    import json

    if isinstance(value, str):
        return json.dumps(value)  # a TOML basic string is written as JSON's
    if isinstance(value, int):
        return str(value)
    if value and isinstance(value[0], tuple):
        return "{ " + ", ".join(f"{json.dumps(name)} = {json.dumps(path)}" for name, path in value) + " }"
    return "[" + ", ".join(map(_toml, value)) + "]"


def ignorable(names: Iterable[str]) -> tuple[str, ...]:
    """What can be ignored: the rules; where others are named, also the messages that are no refusals."""
    if all(name in RULE_NAMES for name in names):
        return RULE_NAMES
    from slurmfix.remarks import REFUSAL, messages

    return (*RULE_NAMES, *(message.id for message in messages() if message.kind != REFUSAL))


def nearest(word: str, words: tuple[str, ...]) -> str:
    """`, did you mean …?`, where one of the words is near; else ""."""
    import difflib

    from slurmfix.remarks import phrase

    near = difflib.get_close_matches(word, words, 1)
    return phrase(", did you mean {name}?", name=repr(near[0])) if near else ""


def _table(text: str, path: str) -> Mapping[str, Any] | None:
    if path.endswith("pyproject.toml") and "slurmfix" not in text:
        return None
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise BadConfiguration(path, 0, "not TOML that can be read: nested too deeply") from error
    except ValueError as error:  # also for numbers of thousands of digits
        match = re.search(r"\(at line (\d+)", str(error))
        reason = f"not TOML: {str(error).split(' (at')[0]}"
        raise BadConfiguration(path, int(match[1]) if match else 0, reason) from error
    if not path.endswith("pyproject.toml"):
        return document
    tool = document.get("tool")
    table = tool.get("slurmfix") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _line_of(text: str, key: str) -> int:
    """The line of a key in the part of the file that is ours; the file may have other parts with the same key."""
    ours = re.search(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*slurmfix\b", text, re.M)
    start = ours.start() if ours else 0
    written = re.compile(rf"^[ \t]*(?:\[[^\]\n]*?)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", re.M)
    match = written.search(text, start) or re.compile(re.escape(key)).search(text, start)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def _checked(key: str, value: Any, path: str, line: int, folder: str) -> Any:
    def wrong(expected: str) -> BadConfiguration:
        return BadConfiguration(path, line, f"{key} must be {expected}, not {value!r}")

    if key in ("exclude", "ignore"):
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise wrong("a list of strings")
        known = ignorable(value) if key == "ignore" else tuple(value)
        unknown = next((name for name in value if name not in known), None)
        if unknown is not None:
            raise BadConfiguration(path, line, f"ignore names no rule {unknown!r}{nearest(unknown, known)}")
        return tuple(value)
    if key == "env":
        if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
            raise wrong("a table of name = file")
        return tuple((name, _below(folder, entry)) for name, entry in value.items())
    if key in ("seconds", "megabytes"):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
            raise wrong("a whole number, 0 for no limit")
        return value
    if not isinstance(value, str):
        raise wrong("a string")
    problem = problem_of(key, value)
    if problem:
        raise wrong(problem)
    if key in ("templates", "tables") and value:
        place = os.path.expanduser(_below(folder, value))
        if not os.path.isdir(place):
            raise wrong("a folder that is there")
        return place
    if key == "profile" and ("/" in value or value.endswith(".toml")):
        return os.path.expanduser(_below(folder, value))
    return _below(folder, value) if key == "submit-dir" else value


_PLACES = ("requirements", "submit-dir", "images")  # where new files are put


def problem_of(key: str, value: str) -> str:
    """What a value of this key must be, where it is not; else ""."""
    if key in _CHOICES and value not in _CHOICES[key]:
        return "one of " + ", ".join(_CHOICES[key])
    if key == "python" and value and not re.fullmatch(r"[23]\.[0-9]{1,2}", value):
        return "a version such as 3.11"
    if key in _PLACES and ("\0" in value or ".git" in value.split("/")):
        return "a path outside of .git, without NUL"
    if key == "requirements" and (
        "{name}" not in value
        or value.startswith("/")
        or value.endswith("/")
        or not value.isprintable()
        or ".." in value.split("/")
        or re.search(r"[\s\"'`$\\;&|<>()*?\[\]]", value)
    ):
        return "a relative path that holds {name} and no blanks or shell characters"
    if key == "images" and (
        not re.fullmatch(r"(?:~/|\$\w+/?|\$\{\w+\}/?)?[\w.+@/-]*", value, re.ASCII) or ".." in value.split("/")
    ):
        return "a folder without blanks or shell characters but `~/` or a variable in front"
    return ""


def _below(folder: str, path: str) -> str:
    return path if not path or path.startswith(("/", "~")) or not folder else f"{folder}/{path}"
