"""The profiles of clusters: TOML files, those that ship and a site's own, each perhaps on top of another."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from slurmfix.knowledge.forms import HERE
from slurmfix.knowledge.tables import kept

_SUFFIX = ".toml"
_SHIPPED = "profile-"  # so the shipped ones are told from other files of their folder
_DEEPEST = 8  # profiles on top of one another
_LARGEST = 100_000  # bytes


@dataclass(frozen=True, slots=True)
class Profile:
    """One cluster, or a family of clusters, as far as a rewritten job depends on it.

    `stdenv` is the standard environment that is used, empty where there are no such modules; `tree` is the CPU tree
    whose modules its nodes see (`x86-64-v4`), "" where the job may run on any. `naming` is how modules of EasyBuild
    are named: "flat", "hierarchical" or "by-class", "" where the site has none; `generations` are then the toolchain
    generations that the site has, the preferred first, each with the modules to load before all others. `wheelhouse`
    says whether pip reads the cluster's own wheels, of which the tables tell. `venv` is "job" (made in the job's own
    folder) or "home" (made once, only sourced in the job), `made_on` then the kind of node to make it on ("login" or
    "compute"), `place` the folder that holds virtualenvs, as bash reads it in double quotes. `scratch_option` is what
    a job's header must ask for to have its own folder. `internet` says whether
    compute nodes reach the network. `binds` are folders that an image is to see, `image_tool` makes images,
    `image_module` is the module with the program that runs it, "" where it needs none. `checked` is False where
    somebody has yet to verify it on the cluster. `tables` is a folder of tables that go with it, "" for none.
    """

    name: str
    says: str = ""
    stdenv: str = ""
    tree: str = ""
    naming: str = ""
    generations: tuple[str, ...] = ()
    python_command: str = "python3 -m venv"
    install_options: tuple[str, ...] = ()
    wheelhouse: bool = False
    tmpdir: str = "${TMPDIR:-/tmp}"
    place: str = "${TMPDIR:-/tmp}/$SLURM_JOB_ID"
    venv: str = "job"
    made_on: str = "login"
    scratch_option: str = ""
    internet: bool = False
    binds: tuple[str, ...] = ()
    image_tool: str = "apptainer"
    image_module: str = ""
    notes: tuple[str, ...] = ()
    tables: str = ""
    checked: bool = True
    source: str = ""
    date: str = ""

    @property
    def has_modules(self) -> bool:
        """Whether anything is known of the site's modules."""
        return bool(self.stdenv or self.naming)


class UnknownProfile(ValueError):
    """A profile that does not exist; the message lists those that do."""


class BadProfile(UnknownProfile):
    """A profile that cannot be used; the message names the file and the line."""


class _Key(NamedTuple):
    """What a key of a profile's file sets, and what its value must look like: a pattern for text, or a type."""

    field: str
    kind: str  # text, flag, list
    pattern: str = r"[^\x00-\x1f\x7f]*"
    wanted: str = "a line of text"


# What bash reads in double quotes as a place, with nothing that runs: names, slashes, variables; never below the folder
# that the job happens to be in.
_PLACE = r"(?=[/$])(?a:[\w./+@%:,=-]|\$\w+|\$\{\w+(?::-[\w./+@%-]*)?\})*"
_WORDS = r"(?a:[\w./=+:@%,-]+(?: [\w./=+:@%,-]+)*)"
_KEYS = {
    "says": _Key("says", "text"),
    "source": _Key("source", "text"),
    "date": _Key("date", "text", r"\d{4}-\d\d-\d\d", "a day such as 2026-11-29"),
    "checked": _Key("checked", "flag"),
    "notes": _Key("notes", "list"),
    "tables": _Key("tables", "text"),
    "modules.standard-environment": _Key("stdenv", "text", r"[\w.-]*", "the year of a standard environment"),
    "modules.cpu-tree": _Key("tree", "text", r"[\w.-]*", "a CPU tree such as x86-64-v4"),
    "modules.naming": _Key("naming", "text", r"|flat|hierarchical|by-class", "flat, hierarchical or by-class"),
    "modules.generations": _Key("generations", "list", r"\w+(?: [\w./+-]+)*", "generations, modules behind each"),
    "packages.wheelhouse": _Key("wheelhouse", "flag"),
    "packages.pip-options": _Key("install_options", "list", r"--?[\w-]+(?:=[\w./:@%+-]+)?", "options of pip"),
    "virtualenv.make": _Key("python_command", "text", _WORDS, "a command without shell characters"),
    "virtualenv.made": _Key("venv", "text", r"job|home", "job or home"),
    "virtualenv.made-on": _Key("made_on", "text", r"login|compute", "login or compute"),
    "virtualenv.place": _Key(
        "place", "text", _PLACE, "a folder that begins with / or a variable: names, slashes and variables"
    ),
    "nodes.scratch": _Key(
        "tmpdir", "text", _PLACE, "a folder that begins with / or a variable: names, slashes and variables"
    ),
    "nodes.scratch-option": _Key("scratch_option", "text", r"|--[\w-]+=[\w:.,-]+", "an option of sbatch"),
    "nodes.internet": _Key("internet", "flag"),
    "image.tool": _Key("image_tool", "text", r"apptainer|condatainer|cotainr|tykky", "a tool that makes images"),
    "image.module": _Key("image_module", "text", r"[\w./+-]*", "a module's name"),
    "image.binds": _Key("binds", "list", r"/[\w./+@%-]*", "folders that begin with /"),
}


def profile_folders() -> tuple[Path, ...]:
    """The folders of a site's own profiles: $SLURMFIX_PROFILES, apart by colons."""
    return tuple(Path(place) for place in os.environ.get("SLURMFIX_PROFILES", "").split(":") if place)


def profile_names() -> tuple[str, ...]:
    """The names that `profile` knows, sorted."""
    shipped = {path.stem.removeprefix(_SHIPPED) for path in HERE.glob(f"{_SHIPPED}*{_SUFFIX}")}
    own = {path.stem for folder in profile_folders() for path in folder.glob(f"*{_SUFFIX}")}
    return tuple(sorted(shipped | own))


def profile(name: str) -> Profile:
    """The profile of a name, or of a file's path (with a slash, or ending in .toml).

    Raises UnknownProfile, and BadProfile for a file that cannot be used.
    """
    where = str(Path(name).expanduser().absolute()) if is_path(name) else name
    return _profile(where, os.environ.get("SLURMFIX_PROFILES", ""))


@kept
def _profile(name: str, folders: str) -> Profile:
    values: dict[str, Any] = {}
    for path in reversed(list(_chain(name))):
        values |= _values(path)
    return Profile(name=Path(name).stem if is_path(name) else name, **values)


def profiles_listed() -> str:
    """One line a profile: its name, what it is for, and its date. Raises BadProfile."""
    found = [profile(name) for name in profile_names()]
    width = max(len(each.name) for each in found)
    ends = ((each, "" if each.checked else ", not checked on the cluster") for each in found)
    return "\n".join(f"{each.name:{width}}  {each.says} ({each.date or 'no date'}{end})" for each, end in ends)


def is_path(name: str) -> bool:
    """Whether a profile's name is the path of its file."""
    return "/" in name or name.endswith(_SUFFIX)


def _file(name: str, beside: Path | None = None) -> Path:
    if is_path(name):
        path = Path(name).expanduser()
        return path if beside is None else beside / path
    places = [*(folder / f"{name}{_SUFFIX}" for folder in profile_folders()), HERE / f"{_SHIPPED}{name}{_SUFFIX}"]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise UnknownProfile(f"there is no profile `{name}`; the profiles are {', '.join(profile_names())}")
    return found


def _chain(name: str) -> Iterator[Path]:
    """The file of a profile, then the one that it extends, and so on."""
    path = _file(name)
    for _ in range(_DEEPEST):
        yield path
        extended = _document(path).get("extends", "")
        if not isinstance(extended, str):
            raise BadProfile(f"{path}: extends must be the name or the path of a profile, not {extended!r}")
        if not extended:
            return
        path = _file(extended, path.parent)
    raise BadProfile(f"{path}: profiles that extend each other, or more than {_DEEPEST} on top of one another")


@kept
def _document(path: Path) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = _text(path)
        return tomllib.loads(text)
    except OSError as error:
        raise BadProfile(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise BadProfile(f"{path}: not TOML that can be read: {error}") from error


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"larger than {_LARGEST} bytes")
    return data.decode("utf-8")


def _values(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in _flat(path, _document(path)):
        if name == "extends":
            continue
        if name not in _KEYS:
            from difflib import get_close_matches

            near = "".join(f", did you mean {each!r}?" for each in get_close_matches(name, _KEYS, 1))
            raise BadProfile(f"{_place(path, name)}: unknown key {name!r}{near}")
        found[_KEYS[name].field] = _checked(path, name, value)
    if found.get("tables"):
        found["tables"] = str(path.parent / Path(found["tables"]).expanduser())
    return found


def _flat(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Keys with the name of their section in front: `modules.cpu-tree`."""
    sections = {name.partition(".")[0] for name in _KEYS if "." in name}
    for name, value in document.items():
        if name in sections and not isinstance(value, dict):
            raise BadProfile(f"{_place(path, name)}: {name} must be a section, not {value!r}")
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def _checked(path: Path, name: str, value: Any) -> Any:
    key = _KEYS[name]
    if key.kind == "flag" and isinstance(value, bool):
        return value
    if key.kind == "list" and isinstance(value, list) and all(_reads(key, entry) for entry in value):
        return tuple(value)
    if key.kind == "text" and _reads(key, value):
        return value
    wanted = {"flag": "true or false", "list": f"a list of {key.wanted}", "text": key.wanted}[key.kind]
    raise BadProfile(f"{_place(path, name)}: {name} must be {wanted}, not {value!r}")


def place_of(key: str, name: str) -> str:
    """The file that says a key of a profile (`modules.generations`), with the line."""
    section, _, last = key.rpartition(".")
    said = (path for path in _chain(name) if last in (_document(path).get(section, {}) if section else _document(path)))
    return next((_place(path, key) for path in said), name)


def _reads(key: _Key, value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(key.pattern, value) is not None


def _place(path: Path, name: str) -> str:
    """The file, with the line where a key is written."""
    last = re.escape(name.rpartition(".")[2])
    for number, line in enumerate(_text(path).splitlines(), 1):
        if re.match(rf"\s*(?:\[?[\w.\"'-]*\.)?[\"']?{last}[\"']?\s*[=\].]", line):
            return f"{path}:{number}"
    return str(path)
