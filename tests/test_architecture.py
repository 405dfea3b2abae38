"""The table of ARCHITECTURE.md, held against the code."""

import ast
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
PACKAGE = HERE / "slurmfix"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| ?(.*?) ?\| ?(.*?) ?\|$", re.M)
TABLE = {
    room: (set(filter(None, imports.split(", "))), set(filter(None, doors.split(", "))))
    for room, _, imports, doors in ROW.findall((HERE / "ARCHITECTURE.md").read_text())
}
ORDER = list(TABLE)
STANDARD = sys.stdlib_module_names | {"tomllib"}  # of Python 3.11; where it is missing, tomli stands in
# Of the standard library, what reaches other programs and processes.
WATCHED = {"subprocess", "multiprocessing", "socket", "urllib.request", "http.client", "ctypes"}


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


SOURCES = {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
ROOMS = sorted({room_of(path) for path in SOURCES} - {"__init__"})


def imported(tree):
    """The modules that a module imports anywhere, also inside of functions and for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name the whole path"
            if node.module == "slurmfix":
                yield from (f"slurmfix.{alias.name}" for alias in node.names)
            else:
                yield node.module


def imports_of(room):
    return {name for path, tree in SOURCES.items() if room_of(path) == room for name in imported(tree)}


def test_the_table_lists_all_rooms():
    assert sorted(TABLE) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_its_row_names(room):
    found = {name.split(".")[1] for name in imports_of(room) if name.startswith("slurmfix.")}
    assert found - {room, "__version__"} == TABLE[room][0]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_further_down(room):
    assert {other for other in TABLE[room][0] if ORDER.index(other) <= ORDER.index(room)} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_stands_where_the_table_says(room):
    outside = {name for name in imports_of(room) if name.split(".")[0] not in ("slurmfix", "__future__")}
    found = {name.split(".")[0] for name in outside if name.split(".")[0] not in STANDARD}
    assert found | (outside & WATCHED) == TABLE[room][1]


def test_the_two_wings_do_not_know_each_other():
    for script in ("shell", "rules"):
        assert TABLE[script][0] & {"environment", "recipe", "knowledge"} == set()
    for packages in ("environment", "recipe", "knowledge", "matchspec"):
        assert TABLE[packages][0] & {"shell", "rules", "plan"} == set()


def test_only_doors_to_the_disk_open_files():
    """`open` and the reading methods of paths stand in `files`; others read only what belongs to the package itself."""
    opening = set()
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if name in ("open", "read_text", "read_bytes", "write_text", "write_bytes", "urlopen", "fdopen"):
                    opening.add(room_of(path))
    assert "rules" not in opening
    assert opening & {"shell", "text", "rules", "plan", "recipe", "environment", "convert", "matchspec"} == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_opens_with_a_sentence(path):
    said = ast.get_docstring(SOURCES[path])
    assert said
    assert re.match(r"[A-Za-z`*].*[.:]", said.split("\n\n")[0], re.DOTALL)
    assert path.stem not in ("utils", "helpers", "common", "types", "misc")
