"""Builds from the records that EasyBuild keeps of what it installed: one file a build, read as data and never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tablemaker.modules import Build
from tablemaker.text import age

Toolchain = tuple[str, str]
_SYSTEM: Toolchain = ("system", "system")
_PYTHON = frozenset({"PythonPackage", "PythonBundle"})
# What of a toolchain is a module that is loaded before. GCCcore, FlexiBLAS and the like are loaded with them.
_LEVELS = {
    "GCC": "gcc",
    "iccifort": "intel",
    "intel-compilers": "intel",
    "NVHPC": "nvhpc",
    "llvm-compilers": "llvm",
    "rocm-compilers": "rocm-compilers",
    "OpenMPI": "openmpi",
    "impi": "intelmpi",
    "CUDA": "cuda",
    "CUDAcore": "cuda",
}
_ORDER = tuple(dict.fromkeys(_LEVELS.values()))
# Names that the site's naming scheme changes besides writing them in small letters.
_NAMES = {
    "fftw.mpi": "fftw-mpi",
    "gcccore": "gcc",
    "impi": "intelmpi",
    "intel-compilers": "intel",
    "iccifort": "intel",
    "llvm-compilers": "llvm",
}
_NOT_SHOWN = frozenset({"ModuleRC", "Toolchain"})  # an alias, a default, a definition: no module of its own


class Recipe(NamedTuple):
    """What a build record says, as far as it is written in literals."""

    year: str
    name: str
    module: str
    version: str
    kind: str
    toolchain: Toolchain
    dependencies: tuple[tuple[Any, ...], ...]
    pythons: tuple[str, ...]
    packages: tuple[str, ...]


def recipe(path: str, text: str) -> Recipe | None:
    """What a record at `YEAR/Name/Name-version….eb` says; None where it cannot be read, or names no software."""
    try:
        found = _values(ast.parse(text))
    except (SyntaxError, ValueError):
        return None
    name, version = found.get("name"), found.get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        return None
    year, _, file = path.split("/")
    alias = _text(found.get("modaltsoftname")).replace("%(namelower)s", name.lower()).replace("%(name)s", name)
    mpi = "-mpi" if file.endswith("-mpi.eb") else ""  # so the site's hooks name what they build twice
    return Recipe(
        year,
        name,
        (alias or _NAMES.get(name.lower(), name) + mpi).lower(),
        _file_version(file, name) if name in _LEVELS else version,
        _text(found.get("easyblock")),
        _toolchain(found.get("toolchain")),
        tuple(each for each in found.get("dependencies") or () if isinstance(each, tuple)),
        _pythons(found),
        tuple(_packages(found, name, version)),
    )


class Levels:
    """What the toolchains of one standard environment mean as modules to load."""

    def __init__(self, recipes: Iterable[Recipe]) -> None:
        known = list(recipes)
        self._chains = {(each.name, each.version): each for each in known if each.kind == "Toolchain"}
        self._versions: dict[str, set[str]] = {}
        for each in known:
            if each.kind not in _NOT_SHOWN and each.name in _LEVELS and each.module == _LEVELS[each.name]:
                self._versions.setdefault(_LEVELS[each.name], set()).add(each.version)

    def way(self, each: Recipe) -> tuple[str, ...]:
        """The modules to load before a build: compiler, MPI, CUDA."""
        found: dict[str, str] = {}
        self._collect(each.toolchain, found)
        found.pop(_LEVELS.get(each.name, ""), None)
        return tuple(f"{level}/{found[level]}" for level in _ORDER if level in found)

    def _collect(self, toolchain: Toolchain, found: dict[str, str]) -> None:
        name, version = toolchain
        if level := _LEVELS.get(name):
            found.setdefault(level, self._shown(level, version.partition("-")[0]))
        for part in self._chains[toolchain].dependencies if toolchain in self._chains else ():
            self._collect((str(part[0]), str(part[1])), found)

    def _shown(self, level: str, version: str) -> str:
        """The module's version: a toolchain says 12.3.0 where the module is 12.3."""
        parts = version.split(".")
        shorter = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        return next((one for one in shorter if one in self._versions.get(level, ())), version)


def builds(recipes: Iterable[Recipe], levels: Levels, tree: str) -> Iterator[Build]:
    """The builds among the recipes of one standard environment and tree."""
    for each in recipes:
        if each.kind in _NOT_SHOWN or each.version == "default":
            continue
        yield Build(each.module, each.year, tree, each.version, levels.way(each), each.pythons, each.packages)


def _file_version(file: str, name: str) -> str:
    """A compiler's version as its file has it: the module is gcc/12.3, the version in the record 12.3.0."""
    return file.removeprefix(f"{name}-").removesuffix(".eb").partition("-")[0]


def _pythons(found: Mapping[str, Any]) -> tuple[str, ...]:
    several = found.get("multi_deps")
    if isinstance(several, dict) and isinstance(several.get("Python"), list):
        return tuple(sorted({_minor(str(python)) for python in several["Python"]}, key=age))
    needed = [each for each in found.get("dependencies") or () if isinstance(each, tuple) and each[0] == "Python"]
    return tuple(_minor(str(each[1]).replace("%(version)s", str(found["version"]))) for each in needed)


def _packages(found: Mapping[str, Any], name: str, version: str) -> Iterator[str]:
    kind = found.get("easyblock")
    if kind == "PythonPackage":
        yield f"{name}=={version}"
    if kind not in _PYTHON and found.get("exts_defaultclass") != "PythonPackage":
        return
    for each in found.get("exts_list") or ():
        if isinstance(each, tuple) and len(each) > 1 and isinstance(each[1], str):
            yield f"{each[0]}=={each[1]}"


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _toolchain(value: Any) -> Toolchain:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return value["name"], str(value.get("version", ""))
    return _SYSTEM


class _Unknown(ValueError):
    """A value that is not written in literals."""


def _values(tree: ast.Module) -> dict[str, Any]:
    """The names of a record that are given literals, lists put together and text filled in from these."""
    found: dict[str, Any] = {"SYSTEM": {"name": "system", "version": "system"}}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = _known(value, found)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                more = _known(value, found)
                found[name] = None if more is None or found.get(name) is None else found[name] + more
    return found


def _value(node: ast.expr, found: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in found:
            return found[name]
        case ast.Tuple(elts=parts):
            return tuple(_value(part, found) for part in parts)
        case ast.List(elts=parts):
            return [_known(part, found) for part in parts]
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {_value(key, found): _known(value, found) for key, value in pairs if key is not None}
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, found) + _value(right, found)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left, found) * _value(right, found)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return str(_value(left, found)) % _value(right, found)
        case ast.Subscript(value=of, slice=key):
            return _value(of, found)[_value(key, found)]
        case ast.JoinedStr(values=parts):
            return "".join(str(_value(part, found)) for part in parts)
        case ast.FormattedValue(value=value):
            return _value(value, found)
    raise _Unknown


def _known(node: ast.expr, found: Mapping[str, Any]) -> Any:
    """A part of a list: one that cannot be read costs the list no more than itself."""
    try:
        return _value(node, found)
    except (_Unknown, KeyError, TypeError, IndexError):
        return None


def is_record(path: str) -> bool:
    """Whether a stored file is a build record."""
    return re.fullmatch(r"\d{4}/[^/]+/[^/]+\.eb", path) is not None
