"""Makes a wheelhouse of stubs from the table of wheels, and the modules that the tables name: enough for a real pip.

A stub has a name, a version, tags and the dependencies of the real package, and no code. So pip finds, refuses and
resolves as it would on the cluster, and nothing can be imported that is not there.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from slurmfix import knowledge

HERE = Path(__file__).parent
LABEL = "computecanada"
NOT_STUBS = {"pip"}  # a stub of it could install nothing
DUMMY = "9999"  # the version that the list gives to a wheel that refuses


def versions_of(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each version of a wheel, with the Pythons it is listed under."""
    found: dict[str, tuple[str, ...]] = {}
    for python in knowledge.wheel_pythons(name):
        for version in knowledge.wheel_versions(name, python):
            found[version] = (*found.get(version, ()), python)
    yield from found.items()


_ASKED: dict[str, dict[str, tuple[str, ...]]] = {}  # what versions require, as PyPI answered: in the place of the table


def read_metadata(path: Path) -> None:
    """Let the stubs require what PyPI told of each version: the lines that tools/fetch_metadata.py wrote."""
    for line in path.read_text().splitlines():
        told = json.loads(line)
        versions = {version: tuple(filter(_is_well_formed, lines)) for version, lines in told["versions"].items()}
        _ASKED.setdefault(knowledge.normalise(told["name"]), {}).update(versions)


@cache
def _is_well_formed(line: str) -> bool:
    """Whether pip would take this line; of older packages it takes some that are not."""
    try:
        return bool(Requirement(line).name)
    except InvalidRequirement:
        return False


@cache
def _dependencies() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for line in (HERE / "dependencies.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, versions, requires = line.split("\t")
            found.setdefault(name, []).append((versions, tuple(requires.split(" | "))))
    return found


def depends(name: str, version: str) -> tuple[str, ...]:
    """What a version of a package requires, as its metadata has it; without what the wheelhouse has never had."""
    lines = _ASKED.get(knowledge.normalise(name), {}).get(version)
    if lines is None:
        rows = _dependencies().get(knowledge.normalise(name), ())
        met = (lines for versions, lines in rows if SpecifierSet(versions).contains(version, prereleases=True))
        lines = tuple(line for lines in met for line in lines)
    return tuple(line for line in lines if _is_known(Requirement(line).name))


def _is_known(name: str) -> bool:
    return knowledge.is_dummy(name) or bool(knowledge.wheel_pythons(name))


def closure(names: Iterable[str]) -> set[str]:
    """The names, with all that some version of theirs requires."""
    found: set[str] = set()
    waiting = [knowledge.normalise(name) for name in names]
    while waiting:
        if (name := waiting.pop()) in found:
            continue
        found.add(name)
        rows = (*(lines for _, lines in _dependencies().get(name, ())), *_ASKED.get(name, {}).values())
        lines = {line for lines in rows for line in lines}
        waiting += [knowledge.normalise(Requirement(line).name) for line in lines]
    return found


def make_wheelhouse(folder: Path, names: Iterable[str]) -> int:
    """Write the stubs of all versions of these packages, and of what they require; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name in sorted(closure(names) - NOT_STUBS):
        for wheel in _wheels(name):
            write_wheel(folder, *wheel)
            count += 1
    return count


def _wheels(name: str) -> Iterator[tuple[str, str, str, tuple[str, ...], str]]:
    """Name, version, tag, dependencies and Requires-Python of each wheel of a package."""
    if knowledge.is_dummy(name):
        label = f"{DUMMY}+dummy.{LABEL}"
        yield name, label, "py3-none-any", (f"{name}-noinstall=={label}",), ""
        return
    requires = _requires_python(name)
    for version, pythons in versions_of(name):
        told = depends(name, version)
        if knowledge.is_pure(name, version) or version in requires:
            yield name, f"{version}+{LABEL}", "py3-none-any", told, requires.get(version, "")
            continue
        for python in pythons:
            tag = f"cp{python.replace('.', '')}"
            yield name, f"{version}+{LABEL}", f"{tag}-{tag}-linux_x86_64", told, ""


def _requires_python(name: str) -> dict[str, str]:
    rows = (row for row in knowledge.rows("requires_python") if row[0] == name)
    return {version: specifier for _, specifier, versions in rows for version in versions.split()}


def write_wheel(
    folder: Path, name: str, version: str, tag: str = "py3-none-any", requires: Iterable[str] = (), python: str = ""
) -> None:
    """One wheel that holds nothing but its metadata."""
    plain = re.sub(r"[-_.]+", "_", name)
    info = f"{plain}-{version}.dist-info"
    extras = {extra for line in requires for extra in re.findall(r"extra == .(\w+)", line)}
    lines = [f"Requires-Python: {python}"] if python else []
    lines += [f"Provides-Extra: {extra}" for extra in sorted(extras)]
    lines += [f"Requires-Dist: {line}" for line in requires]
    pure = "true" if tag.endswith("any") else "false"
    with zipfile.ZipFile(folder / f"{plain}-{version}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{info}/METADATA", _metadata(name, version, lines))
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: stub\nRoot-Is-Purelib: {pure}\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


def _metadata(name: str, version: str, lines: Iterable[str] = ()) -> str:
    return "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, ""])


def make_modules(folder: Path, names: set[str], pythons: dict[str, Path], pip_conf: Path, site: Path) -> None:
    """Write the modules of all standard environments, and, for those named, the Python packages that they carry.

    `pythons` are the interpreters that stand behind the modules of Python, by minor version.
    """
    for standard in knowledge.standard_environments():
        year, tree = standard.year, folder / "of" / standard.year
        loads = "".join(f'load("{name}")\n' for name in standard.loads)
        settings = f'setenv("PIP_CONFIG_FILE", "{pip_conf}")\nprepend_path("PYTHONPATH", "{site}")\n'
        path = f'family("stdenv")\nprepend_path("MODULEPATH", "{tree}")\n'
        _write(folder / "Core" / "StdEnv" / f"{year}.lua", path + loads + settings)
        for default in (*standard.loads, f"python/{standard.pythons[standard.python]}"):
            _write(tree / default.partition("/")[0] / ".modulerc.lua", f'module_version("{default}", "default")\n')
        for name, builds in knowledge.modules(year).items():
            for version in {build.version for build in builds}:
                same = [build for build in builds if build.version == version]
                _write(tree / name / f"{version}.lua", _module(folder, same, names, pythons))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _module(folder: Path, builds: list[knowledge.Module], names: set[str], pythons: dict[str, Path]) -> str:
    """The file of one version of a module: what must be loaded before, and where its Python packages are."""
    name, version = builds[0].name, builds[0].version
    minor = ".".join(version.split(".")[:2])
    family = knowledge.module_families().get(name)
    lines = [f'family("{family}")'] if family else []
    if name == "python" and minor in pythons:
        lines.append(f'prepend_path("PATH", "{pythons[minor]}/bin")')
    ways = [way for build in builds for way in build.prerequisites]
    if ways and all(ways):
        first = dict.fromkeys(way[0] for way in ways)
        lines.append(f"prereq_any({', '.join(json.dumps(each) for each in first)})")
    if name in names:
        prefix = folder / "packages" / name / version
        for build in builds:
            _carry(prefix, build)
        lines.append(f'prepend_path("EBPYTHONPREFIXES", "{prefix}")')
    return "".join(f"{line}\n" for line in lines)


def _carry(prefix: Path, build: knowledge.Module) -> None:
    for python in build.pythons:
        there = prefix / "lib" / f"python{python}" / "site-packages"
        for name, version in build.packages.items():
            _write(there / f"{name.replace('-', '_')}-{version}.dist-info" / "METADATA", _metadata(name, version))
