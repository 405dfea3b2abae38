"""What a cluster says of itself: the file names of its wheels, and Lmod's own account of its modules."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from tablemaker.bundles import Bundle, Levels, Row
from tablemaker.modules import Build
from tablemaker.site import YEAR
from tablemaker.text import normalise
from tablemaker.wheels import DUMMY, Listed


def wheels(names: Iterable[str], pythons: Sequence[str]) -> Iterator[Listed]:
    """From file names of wheels, one a line, as `avail_wheels --raw` or a listing of the wheelhouse has them.

    A wheel for any Python counts for each of `pythons`. A dummy's local version says so; its version becomes 9999.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in names:
        file = line.strip().rpartition("/")[2]
        try:
            name, version, _, tags = parse_wheel_filename(file)
        except InvalidWheelFilename:
            continue
        plain = DUMMY if "dummy" in (version.local or "") else version.public
        for python in pythons:
            if any(_serves(tag.interpreter, tag.abi, python) for tag in tags):
                found[name, python].append(plain)
    return (Listed(name, python, tuple(versions)) for (name, python), versions in found.items())


def _serves(interpreter: str, abi: str, python: str) -> bool:
    major, _, minor = python.partition(".")
    if interpreter in (f"py{major}", f"py{major}{minor}", f"cp{major}{minor}"):
        return True
    oldest = re.fullmatch(rf"cp{major}(\d+)", interpreter)  # the stable interface holds for all that come after
    return abi == f"abi{major}" and oldest is not None and int(oldest[1]) <= int(minor)


def modules(text: str, tree: str, year: str, windows: Mapping[tuple[str, str], tuple[str, ...]]) -> Iterator[Build]:
    """From what Lmod's `spider -o jsonSoftwarePage $MODULEPATH` prints.

    `year` is the standard environment of modules whose way to them names none. Lmod does not say for which Pythons a
    module has a part: `windows` has what is known of that, by module and version. Raises ValueError for other text.
    """
    for package in _listed(text):
        for each in package["versions"]:
            module, version = each["full"].rpartition("/")[::2]
            carried = tuple(extension.replace("/", "==") for extension in each.get("provides", ()))
            for way in each.get("parent") or [[]]:
                own = next((name.partition("/")[2] for name in way if name.startswith("StdEnv/")), year)
                before = tuple(name for name in way if name.partition("/")[0] not in ("StdEnv", "gentoo", "CCconfig"))
                yield Build(module, own, tree, version, before, windows.get((module, version), ()), carried)


def _listed(text: str) -> list[dict[str, Any]]:
    try:
        packages = json.loads(text)
    except ValueError as error:
        raise ValueError(f"no JSON of Lmod's spider: {error}; write it with `spider -o jsonSoftwarePage`") from error
    if not isinstance(packages, list) or not all(isinstance(each, dict) and "versions" in each for each in packages):
        raise ValueError("no list of Lmod's software; write it with `spider -o jsonSoftwarePage $MODULEPATH`")
    return packages


def of_easybuild(text: str, generations: Sequence[Row]) -> Iterator[tuple[Bundle, str, dict[str, str]]]:
    """The modules of EasyBuild in what `spider` prints, each with its generation, "" for all, and its packages.

    `generations` are rows of generations.tsv. In a hierarchy the modules before a module tell its toolchain.
    """
    levels = Levels.of(generations)
    families = {toolchain.rpartition("-")[0] for toolchain in levels.generations}
    for each in (version for package in _listed(text) for version in package["versions"]):
        name, version = each["full"].split("/")[-2:]  # a class may stand before the name
        carried = {
            normalise(part): number for part, _, number in (one.partition("/") for one in each.get("provides", ()))
        }
        of_a_year = YEAR.fullmatch(version) and name not in families
        known = (Bundle(name, version, ""), "") if of_a_year else levels.bundle(f"{name}/{version}")
        ways = each.get("parent") or ()
        behind = [found for way in ways for row in generations if (found := _toolchain(way, row))]
        compiled = any(module.partition("/")[0] in families for way in ways for module in way)
        if known and (known[1] or not compiled):
            yield (*known, carried)
        number, _, suffix = version.partition("-")
        for toolchain, generation in behind if known and not known[1] else ():
            yield Bundle(name, number, f"-{toolchain}{f'-{suffix}' if suffix else ''}"), generation, carried


def _toolchain(way: Sequence[str], generation: Row) -> tuple[str, str] | None:
    """The toolchain that the modules before a module make, and its generation."""
    name, _, compiler, mpi, low, high = generation[:6]
    if compiler not in way:
        return None
    return (high if mpi in way else low).split()[0], name
