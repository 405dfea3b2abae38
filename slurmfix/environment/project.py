"""Reads what a Python or pixi project needs: pyproject.toml, pixi.toml, setup.cfg, setup.py (never run)."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from slurmfix.environment.messages import (
    COMPUTED,
    LINE_LEFT_OUT,
    LISTED_ELSEWHERE,
    PROJECT_ITSELF,
    SEVERAL_CONSTRAINTS,
    TOO_MANY,
)
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.environment.requirements import read_lines
from slurmfix.environment.toml import address_in, as_table, listed, table_in, text_in, texts, version_of
from slurmfix.environment.workspace import read_pixi
from slurmfix.remarks import phrase


def _made(
    filename: str,
    name: str,
    lines: Iterable[tuple[int, str]],
    python: str = "",
    packages: Iterable[Package] = (),
    doubts: Iterable[str] = (),
    channels: tuple[str, ...] = (),
    includes: Iterable[str] = (),
) -> Environment:
    found = read_lines(iter(list(lines)))
    path = PurePath(filename)
    interpreter = (Package("python", re.sub(r"\s+", "", python)),) if python.strip() else ()
    return Environment(
        name or PurePath(path.parent).name or path.stem,
        (*interpreter, *packages, *found.packages),
        str(path),
        channels,
        pip_options=found.options,
        doubts=(*doubts, *found.doubts),
        includes=(*includes, *found.includes),
    )


# Python itself takes a dotted name apart in time and memory that grow with the square of its length.
_MOST_DOTS = 2000


def parse_python(source: str) -> ast.Module:
    """The syntax tree of a Python text, silently. Raises BadEnvironment with line and column."""
    longest = max((line.count(".") for line in source.replace("\\\n", "").splitlines()), default=0)
    if longest > _MOST_DOTS:
        raise BadEnvironment("the file is not Python 3 (a line holds more dots than a parser takes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as bad:
        raise BadEnvironment(
            phrase("the file is not Python 3 ({why})", why=bad.msg), bad.lineno or 0, bad.offset or 0
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise BadEnvironment("the file is not Python 3") from None


def read_setup_py(text: str, filename: str) -> Environment:
    """`install_requires` and `python_requires` of a setup.py, where they are literal. Raises BadEnvironment."""
    tree = parse_python(text)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == "setup"]
    if not calls:
        raise BadEnvironment("the Python file does not call setup()")
    given = {keyword.arg: keyword.value for keyword in calls[-1].keywords if keyword.arg}
    doubts: list[str] = []
    requires = list(_strings(given.get("install_requires"), constants, doubts))
    python = next((text for _, text in _strings(given.get("python_requires"), constants, [])), "")
    name = next((text for _, text in _strings(given.get("name"), constants, [])), "")
    includes = _named_files(tree) if doubts else ()
    return _made(filename, name, requires, python, doubts=doubts, includes=includes)


def _named_files(tree: ast.Module) -> tuple[str, ...]:
    """The requirements files that a setup.py mentions: it most likely reads its requirements from there."""
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return tuple(dict.fromkeys(text for text in texts if re.fullmatch(r"[\w./-]*require[\w./-]*\.(?:txt|in)", text)))


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


_MOST_STEPS = 20_000  # parts of a list: sums of sums grow without end


_COMPUTED = phrase("setup.py computes these requirements, and slurmfix never runs it")


def _strings(
    node: ast.expr | None,
    constants: dict[str, ast.expr],
    doubts: list[str],
    depth: int = 0,
    steps: list[int] | None = None,
) -> Iterator[tuple[int, str]]:
    """The literal texts of a list, with their lines; what is computed becomes a doubt."""
    steps = [0] if steps is None else steps
    steps[0] += 1
    if steps[0] > _MOST_STEPS:
        if steps[0] == _MOST_STEPS + 1:
            doubts.append(TOO_MANY.about())
        return
    match node:
        case None | ast.Constant(value=None):
            return
        case ast.Constant(value=str(text)):
            yield from ((node.lineno, line.strip()) for line in text.splitlines() if line.strip())
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            for element in elements:
                yield from _strings(element, constants, doubts, depth + 1, steps)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if depth < 50:
            yield from _strings(left, constants, doubts, depth + 1, steps)
            yield from _strings(right, constants, doubts, depth + 1, steps)
        case ast.Name(id=name) if name in constants and depth < 50:
            rest = {key: value for key, value in constants.items() if key != name}
            yield from _strings(constants[name], rest, doubts, depth + 1, steps)
        case _:
            line = getattr(node, "lineno", 0)
            doubts.append(LINE_LEFT_OUT.about(at=line, why=_COMPUTED))


def read_setup_cfg(text: str, filename: str) -> Environment:
    """`install_requires` of a setup.cfg. Raises BadEnvironment."""
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text, filename)
    except configparser.Error as bad:
        errors = getattr(bad, "errors", None) or [(getattr(bad, "lineno", 0), "")]
        raise BadEnvironment("the file has not the form of a setup.cfg", int(errors[0][0] or 0)) from None
    requires = parser.get("options", "install_requires", fallback="")
    python = parser.get("options", "python_requires", fallback="")
    name = parser.get("metadata", "name", fallback="")
    files = [
        file.strip()
        for file in requires.strip().removeprefix("file:").split(",")
        if requires.strip().startswith("file:")
    ]
    doubts = [LISTED_ELSEWHERE.about(file="setup.cfg", files=", ".join(files))] if files else []
    lines = [] if files else [(0, line.strip()) for line in requires.splitlines() if line.strip()]
    return _made(filename, name, lines, python, doubts=doubts, includes=files)


def read_toml(text: str, filename: str, pixi: bool = False, parts: tuple[str, ...] = ()) -> Environment:
    """pyproject.toml (PEP 621, Poetry, pixi) or pixi.toml, with these optional parts of it. Raises BadEnvironment with
    line and column.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as bad:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(bad))
        reason = str(bad).partition(" (at ")[0]
        raise BadEnvironment(
            phrase("the file is not TOML ({why})", why=reason), *(map(int, where.groups()) if where else (0, 0))
        ) from None
    except (RecursionError, ValueError):
        raise BadEnvironment("the TOML of the file cannot be read") from None
    tool = table_in(document, "tool")
    if pixi or "pixi" in tool:
        found = read_pixi(document if pixi else table_in(tool, "pixi"), parts)
        if found.packages:
            return _made(filename, found.name, (), "", found.packages, found.doubts, found.channels)
    project = table_in(document, "project")
    if project.get("dependencies") is not None or "poetry" not in tool:
        if not project:
            raise BadEnvironment("the TOML has no [project], no [tool.poetry] and none of pixi's tables")
        lines = [(0, line) for line in (*texts(project.get("dependencies")), *_optional(document, parts))]
        doubts, includes = _dynamic(project, tool)
        if "." in parts and "build-system" in document:
            doubts = (*doubts, PROJECT_ITSELF.about(name=text_in(project, "name")))
        python = text_in(project, "requires-python")
        return _made(filename, text_in(project, "name"), lines, python, doubts=doubts, includes=includes)
    return _poetry(table_in(tool, "poetry"), filename)


def _optional(document: dict[str, Any], parts: tuple[str, ...]) -> Iterator[str]:
    """What the extras and groups of a project add; source: packaging.python.org, "Dependency Groups"."""
    extras, groups = (
        table_in(table_in(document, "project"), "optional-dependencies"),
        table_in(document, "dependency-groups"),
    )
    waiting = [*extras, *groups] if "*" in parts else list(parts)
    for part in waiting:  # which grows by the groups that a group includes
        yield from texts(extras.get(part))
        yield from texts(groups.get(part))
        included = (text_in(each, "include-group") for each in listed(groups.get(part)) if isinstance(each, dict))
        waiting += [name for name in included if name and name not in waiting]


def _dynamic(project: dict[str, Any], tool: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A doubt where the dependencies are not in the file, and the files that setuptools is told to take them from."""
    if "dependencies" not in listed(project.get("dynamic")):
        return (), ()
    files = table_in(table_in(table_in(tool, "setuptools"), "dynamic"), "dependencies").get("file")
    names = tuple(name for name in ([files] if isinstance(files, str) else listed(files)) if isinstance(name, str))
    said = LISTED_ELSEWHERE.about(file="pyproject.toml", files=", ".join(names)) if names else COMPUTED.about()
    return (said,), names


def _poetry(poetry: dict[str, Any], filename: str) -> Environment:
    doubts: list[str] = []
    packages: list[Package] = []
    python = ""
    for name, wanted in table_in(poetry, "dependencies").items():
        if isinstance(wanted, list):
            doubts.append(SEVERAL_CONSTRAINTS.about(package=name))
            wanted = wanted[0] if wanted else "*"
        table = as_table(wanted)
        if table.get("optional") is True:
            continue
        version = version_of(text_in(table, "version"))
        if name == "python":
            python = version
            continue
        extras, marker = tuple(texts(table.get("extras"))), text_in(table, "markers")
        packages.append(Package(name, version, manager="pip", extras=extras, marker=marker, url=address_in(table)))
    return _made(filename, text_in(poetry, "name"), (), python, packages, doubts)
