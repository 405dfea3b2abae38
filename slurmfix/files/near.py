"""Finds what lies near a job script: its repository, environment files, Python sources, and conda prefixes."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from slurmfix.files.read import Unreadable, read
from slurmfix.files.repository import folders_above, inside, repository_root
from slurmfix.files.tree import project_files

_DOTTED = re.compile(r"//|(?:\A|/)\.\.?(?:/|\Z)|/\Z|\A\Z")
_HEAD = 1 << 14  # bytes of a YAML file in which its top-level keys must show
_MOST_LISTED = 2_000  # names looked at in one folder; a folder of data may hold millions
_MOST_FILES = 200
_ENVIRONMENT_FOLDERS = ("envs", "environments", "env", "conda", ".conda", "binder", ".binder", "workflow/envs")
_LOOKS_LIKE_ENVIRONMENT = re.compile(rb"(?:^(?:\xef\xbb\xbf)?|[{,][ \t]*)[\"']?dependencies[\"']?[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PrefixFiles:
    """What a conda environment on disk says of itself.

    `history` is the text of conda-meta/history, `records` maps a file's name (`numpy-1.26.4-py311h64a7726_0.json`) to
    its text, `dist_infos` holds the names of the folders `*.dist-info` and `*.egg-info` in its site-packages.
    """

    path: str
    history: str
    records: Mapping[str, str]
    dist_infos: tuple[str, ...]


def forget() -> None:
    """Forgets what was seen; needed after files were written."""
    for remembered in _REMEMBERED:
        remembered.cache_clear()


@lru_cache(maxsize=10_000)
def exists(path: str) -> bool:
    """Whether something stands at this path, be it a file, a folder or a link that leads somewhere."""
    try:
        os.stat(path)
    except (OSError, ValueError):
        return False
    return True


def shown(path: str) -> str:
    """A path as a person would write it from the working folder: absolute where it does not lie below that."""
    if not _DOTTED.search(path):  # as os.path.relpath says, which takes long
        here = f"{os.getcwd()}/"
        if not path.startswith("/"):
            return path
        if path.startswith(here):
            return path[len(here) :]
    if ".." in path.split("/"):  # behind a link, `link/..` is not where the words say
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    near = os.path.relpath(path)
    return os.path.abspath(path) if near.startswith("..") else near


@lru_cache(maxsize=1_000)
def environment_files(directory: str) -> tuple[str, ...]:
    """The files in a folder, and in its `envs/` and the like, that look like a conda environment; the likeliest first.

    Told by a top-level `dependencies:` in the head. At most 200; links that lead out of the repository are left out.
    """
    bound = repository_root(directory) or directory
    found: list[str] = []
    for folder in (directory, *(os.path.join(directory, name) for name in _ENVIRONMENT_FOLDERS)):
        names = [name for name in _names(folder) if name.lower().endswith((".yml", ".yaml"))]
        for name in sorted(names, key=_likelihood):
            path = os.path.join(folder, name)
            if len(found) < _MOST_FILES and inside(path, bound) and _LOOKS_LIKE_ENVIRONMENT.search(_head(path)):
                found.append(path)
    return tuple(found)


_NAMED = re.compile(rb"^(name|prefix)[ \t]*:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_LONGEST = 1_000_000  # bytes of an environment file that is met by chance


@lru_cache(maxsize=4_000)
def description(path: str) -> tuple[str, ...] | None:
    """The names by which a YAML file calls the environment that it describes: its `name:`, the last part of its
    `prefix:`. None where it describes none, or is larger than 1 MB.
    """
    if not _LOOKS_LIKE_ENVIRONMENT.search(_head(path)):
        return None
    try:
        data = read(path, _LONGEST)
    except Unreadable:
        return None
    found = {key: value.decode("utf-8", "replace") for key, value in _NAMED.findall(data)}
    names = (found.get(b"name", ""), found.get(b"prefix", "").rstrip("/").rpartition("/")[2])
    return tuple(dict.fromkeys(name for name in names if name not in ("", "null", "~")))


def _likelihood(name: str) -> tuple[int, str]:
    low = name.lower()
    return (0 if low in ("environment.yml", "environment.yaml") else 1 if low.startswith("env") else 2), name


@lru_cache(maxsize=1_000)
def python_sources(directory: str, depth: int = 3) -> tuple[str, ...]:
    """The Python files in a folder and `depth` levels below, the upper first; at most 200, none of an environment."""
    level, found = [directory], list[str]()
    for _ in range(depth + 1):
        deeper: list[str] = []
        for folder in level:
            names = _names(folder)
            if folder != directory and ("conda-meta" in names or "pyvenv.cfg" in names or "site-packages" in names):
                continue
            found += [os.path.join(folder, name) for name in names if name.endswith(".py")]
            paths = [os.path.join(folder, name) for name in names if "." not in name and name not in _NO_SOURCES]
            deeper += [path for path in paths if os.path.isdir(path) and not os.path.islink(path)]
        level = deeper
        if len(found) >= _MOST_FILES:
            break
    return tuple(path for path in found[:_MOST_FILES] if os.path.isfile(path))


_NO_SOURCES = frozenset({"node_modules", "__pycache__", "data", "logs", "results"})


@lru_cache(maxsize=100)
def prefix(path: str) -> PrefixFiles | None:
    """The conda environment at a path; None where there is no `conda-meta/`. At most 5,000 records, 100 MB of text."""
    meta = os.path.join(path, "conda-meta")
    names = _names(meta)
    if not names:
        return None
    records: dict[str, str] = {}
    room = 100_000_000
    for name in names:
        if name.endswith(".json") and len(records) < 5_000 and room > 0:
            text = _text(os.path.join(meta, name), room)
            if text:
                records[name] = text
                room -= len(text)
    history = _text(os.path.join(meta, "history"), 5_000_000)
    return PrefixFiles(path, history, records, tuple(_dist_infos(path)))


def _dist_infos(path: str) -> Iterator[str]:
    library = os.path.join(path, "lib")
    for python in (name for name in _names(library) if name.startswith("python")):
        packages = os.path.join(library, python, "site-packages")
        yield from (name for name in _names(packages, 20_000) if name.endswith((".dist-info", ".egg-info")))


def known_prefixes(home: str, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The conda environments that a user has, by name; `base` is the installation itself. The first of a name wins.

    From $CONDA_ENVS_PATH, $MAMBA_ROOT_PREFIX and $CONDA_EXE (in `variables`; None: this process's), `envs_dirs` in
    ~/.condarc, the usual folders below `home`, and ~/.conda/environments.txt.
    """
    given = os.environ if variables is None else variables
    roots = [given.get("MAMBA_ROOT_PREFIX", ""), os.path.dirname(os.path.dirname(given.get("CONDA_EXE", "")))]
    roots += [
        os.path.join(home, name) for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")
    ]
    roots = [root for root in roots if root]
    shelves = [shelf for shelf in given.get("CONDA_ENVS_PATH", "").split(":") if shelf]
    shelves += _envs_dirs(home) + [os.path.join(root, "envs") for root in (os.path.join(home, ".conda"), *roots)]
    found: dict[str, str] = {}
    for shelf in shelves:
        for name in _names(shelf):
            _note(found, name, os.path.join(shelf, name))
    for line in _text(os.path.join(home, ".conda", "environments.txt"), 1_000_000).splitlines():
        path = line.strip().rstrip("/")
        if path:
            _note(found, "base" if os.path.isdir(os.path.join(path, "condabin")) else os.path.basename(path), path)
    for root in roots:
        _note(found, "base", root)
    return found


def _note(found: dict[str, str], name: str, path: str) -> None:
    if name not in found and os.path.isdir(os.path.join(path, "conda-meta")):
        found[name] = path


def _envs_dirs(home: str) -> list[str]:
    text = _text(os.path.join(home, ".condarc"), 1_000_000) or _text(os.path.join(home, ".conda", "condarc"), 1_000_000)
    if "envs_" not in text:
        return []
    import yaml  # 30 ms and some 290 file-system calls, and few people set envs_dirs

    try:
        settings = yaml.load(text, Loader=yaml.BaseLoader)  # text, lists and mappings: no tag is followed
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    settings = settings if isinstance(settings, dict) else {}
    listed = settings.get("envs_dirs") or settings.get("envs_path") or []
    listed = [listed] if isinstance(listed, str) else listed if isinstance(listed, list) else []
    user = os.path.basename(home.rstrip("/"))
    written = [entry for entry in listed if isinstance(entry, str)]
    return [_expanded(entry, home, user) for entry in written]


def _expanded(path: str, home: str, user: str) -> str:
    path = home + path[1:] if path == "~" or path.startswith("~/") else path
    for variable, value in (("HOME", home), ("USER", user)):
        path = path.replace("${%s}" % variable, value)  # noqa: UP031 -- braces within braces read worse
        path = re.sub(rf"\${variable}\b", lambda _, value=value: value, path)  # type: ignore[misc]
    return os.path.expandvars(path)


def _names(folder: str, most: int = _MOST_LISTED) -> list[str]:
    """The sorted names in a folder, at most `most` of them; none where it cannot be listed."""
    names: list[str] = []
    try:
        with os.scandir(folder or ".") as listing:
            for entry in listing:
                names.append(entry.name)
                if len(names) >= most:
                    break
    except (OSError, ValueError):
        return []
    return sorted(names)


def _head(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            return os.read(descriptor, _HEAD) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        finally:
            os.close(descriptor)
    except OSError:
        return b""


def _text(path: str, most: int) -> str:
    """The text of a file, with marks in the place of bytes that are not UTF-8; empty where it cannot be read."""
    try:
        return read(path, most).decode("utf-8", "replace")
    except Unreadable:
        return ""


_REMEMBERED = (
    exists, repository_root, folders_above, environment_files, description, python_sources, prefix, project_files,
)  # fmt: skip
