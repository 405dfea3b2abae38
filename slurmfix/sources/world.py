"""What one run has read of the world: environment files, prefixes, the imports of jobs; each is read once."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from slurmfix import files
from slurmfix.callers import Caller, Table, callers_of, table_of
from slurmfix.config import Settings
from slurmfix.environment import BadEnvironment, Environment, Package, own_folders, read_environment, read_prefix
from slurmfix.knowledge import normalise
from slurmfix.sources.messages import CONSTRAINTS_BESIDE, INCLUDED_NOT_READ

if TYPE_CHECKING:
    from slurmfix.cluster import Cluster

_MOST_INCLUDED = 20
_PROJECTS = ("pyproject.toml", "setup.cfg", "setup.py")  # that say what a project of Python needs


@dataclass(slots=True)
class World:
    """Handed to every source; what was read once is kept."""

    settings: Settings
    cluster: Cluster | None = None  # None: it is not asked
    roots: tuple[str, ...] = ()  # the folders that the user named, absolute
    given: frozenset[str] = frozenset()  # the real paths of the files of this run
    home: str = field(default_factory=lambda: os.path.expanduser("~"))
    prefixes: dict[str, str] | None = None
    environments: dict[str, Environment] = field(default_factory=dict)
    described: dict[str, tuple[str, ...]] = field(default_factory=dict)
    callers: dict[str, Table] = field(default_factory=dict)
    recipes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    guesses: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    modules: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # of Python's in a project, by name
    started: dict[tuple[Any, ...], tuple[str, ...]] = field(default_factory=dict)  # by Python files
    leads: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)  # see work.followed
    rewritten: dict[str, bool] = field(default_factory=dict)  # of the scripts that start others as tasks

    def callers_of(self, path: str) -> tuple[Caller, ...]:
        """The scripts of the project that start or source a script; "-" is standard input."""
        if path == "-":
            return ()
        root = files.folders_up(path)[-1]
        if root in ("/", os.path.realpath(self.home)):
            return ()
        if root not in self.callers:
            self.callers[root] = table_of(root)
        return callers_of(path, self.callers[root], self.given)

    def known_prefixes(self) -> dict[str, str]:
        if self.prefixes is None:
            self.prefixes = files.known_prefixes(self.home)
        return self.prefixes

    def tree(self, folders: tuple[str, ...]) -> tuple[str, ...]:
        """What may tell of environments in the last of some folders, which holds the others; not of a whole home."""
        root = folders[-1]
        return () if root in ("/", os.path.realpath(self.home)) else files.project_files(root)

    def descriptions(self, folders: tuple[str, ...]) -> tuple[str, ...]:
        """The YAML files among them that describe environments."""
        if folders[-1] not in self.described:
            paths = [path for path in self.tree(folders) if path.lower().endswith((".yml", ".yaml"))]
            self.described[folders[-1]] = tuple(path for path in paths if files.description(path) is not None)
        return self.described[folders[-1]]

    def own_folders(self) -> tuple[str, ...]:
        """The folders that are the user's own: home and storage."""
        named = (self.home, os.environ.get("SCRATCH", ""), os.environ.get("PROJECT", ""))
        return tuple(os.path.realpath(folder) for folder in named if folder and folder != "/")

    def spelled(self, path: str) -> str:
        """A path with the home folder and the storage folders that every job has; "" where it needs other variables."""
        own = {"HOME": self.home, "USER": os.path.basename(self.home)}
        for variable in ("HOME", "USER", "SCRATCH", "PROJECT"):
            if value := own.get(variable) or os.environ.get(variable, ""):
                path = re.sub(rf"\$(?:{variable}\b|\{{{variable}\}})", lambda _, value=value: value, path)  # type: ignore[misc]
        path = self.home + path[1:] if path.startswith("~/") else path
        return "" if "$" in path or path.startswith("~") else path

    def read(self, path: str, parts: tuple[str, ...] = ()) -> Environment:
        """An environment file with these optional `parts` of it, or a prefix. Raises BadEnvironment and
        files.Unreadable, both with the path.
        """
        key = "\0".join((path, *parts))
        if key not in self.environments:
            if os.path.isdir(path):
                self.environments[key] = _prefix(path)
            else:
                text = files.decode_list(files.read(path), path)
                try:
                    found = read_environment(text, os.path.basename(path), parts)
                    self.environments[key] = with_included(found, path)
                except BadEnvironment as error:
                    words = "{file}:{at}:{on}: {reason}" if error.line else "{file}: {reason}"
                    place = {"file": files.shown(path), "at": error.line, "on": error.column, "reason": error.reason}
                    raise BadEnvironment(words, error.line, error.column, **place) from error
        return self.environments[key]

    def with_origin(self, path: str, parts: tuple[str, ...] = ()) -> Environment:
        """An environment file, called by its path as a person writes it. Raises as `read` does."""
        return replace(self.read(path, parts), origin=files.shown(path))


_INCLUDES = re.compile(r"(?:-r|--requirement|(-c|--constraint))[ =]*(\S.*)$")


def _includes(option: str, name: str) -> re.Match[str] | None:
    """The match of a line of pip's that includes just this file, whose name may be the end of another one's."""
    found = _INCLUDES.match(option)
    return found if found and found[2].strip() == name else None


def with_included(environment: Environment, path: str) -> Environment:
    """An environment with the packages of the files that it includes (`-r more.txt`), and those that they include, and
    of what the author's own folders ask for (`-e .`).

    Only files of the same repository are read, or below the same folder where there is none. A constraints file
    (`-c`) names versions, no packages: it holds those that are asked for.
    """
    bound = files.repository_root(path) or os.path.dirname(path) or "."
    environment = _with_own_folders(environment, os.path.dirname(path), bound)
    waiting, seen = [(path, name) for name in environment.includes], {os.path.realpath(path)}
    while waiting and len(seen) < _MOST_INCLUDED:
        source, name = waiting.pop(0)
        other = os.path.normpath(os.path.join(os.path.dirname(source), name))
        if os.path.realpath(other) in seen or not os.path.isfile(other) or not files.inside(other, bound):
            continue
        constrains = any((found := _includes(option, name)) and found[1] for option in environment.pip_options)
        seen.add(os.path.realpath(other))
        try:
            more = read_environment(files.decode_list(files.read(other), other), os.path.basename(other))
        except (BadEnvironment, files.Unreadable) as error:
            said = INCLUDED_NOT_READ.about(file=files.shown(other), why=error.reason)
            environment = replace(environment, doubts=(*environment.doubts, said))
            continue
        waiting += [(other, inner) for inner in more.includes]
        environment = (_held if constrains else _joined)(environment, more, name)
    return environment


def _with_own_folders(environment: Environment, beside: str, bound: str) -> Environment:
    """An environment with what the author's own folders, which pip installs for it, ask for."""
    for folder in own_folders(environment.pip_options)[:_MOST_INCLUDED]:
        for name in _PROJECTS:
            path = os.path.normpath(os.path.join(beside, folder, name))
            if not os.path.isfile(path) or not files.inside(path, bound):
                continue
            with suppress(BadEnvironment, files.Unreadable):  # a file of settings is no description
                environment = _joined(
                    environment, read_environment(files.decode_list(files.read(path), path), name), name
                )
    return environment


def _held(environment: Environment, more: Environment, name: str) -> Environment:
    """An environment whose packages keep to the versions of a constraints file."""
    bounds = {normalise(package.name): package.version for package in more.packages if package.version}
    packages = tuple(_bounded(package, bounds.get(normalise(package.name), "")) for package in environment.packages)
    options = tuple(option for option in environment.pip_options if not _includes(option, name))
    there = {normalise(package.name) for package in packages}
    others = [f"{other}{bound}" for other, bound in bounds.items() if other not in there]
    said = CONSTRAINTS_BESIDE.about(file=name, packages=", ".join(others))
    doubts = (*environment.doubts, said) if others else environment.doubts
    return replace(environment, packages=packages, pip_options=options, doubts=doubts)


def _bounded(package: Package, bound: str) -> Package:
    if not bound or package.url:
        return package
    return replace(package, version=",".join(filter(None, (package.version, bound))))


def _joined(environment: Environment, more: Environment, name: str) -> Environment:
    """An environment and what it includes; what it said of the file by its name has been followed."""
    there = {package.name.lower() for package in environment.packages}
    added = tuple(package for package in more.packages if package.name.lower() not in there or package.url)
    options = (*(option for option in environment.pip_options if not _includes(option, name)), *more.pip_options)
    doubts = (*(doubt for doubt in environment.doubts if name not in doubt), *more.doubts)
    return replace(environment, packages=environment.packages + added, pip_options=options, doubts=doubts)


def _prefix(path: str) -> Environment:
    found = files.prefix(path)
    if found is None:
        raise BadEnvironment("`{path}` is no conda environment (it holds no conda-meta)", path=files.shown(path))
    return read_prefix(found.history, found.records, found.dist_infos, os.path.basename(path.rstrip("/")))
