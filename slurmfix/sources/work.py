"""Follows what a job runs into the files at hand: its scripts, Makefiles, workflows and tests lead to Python and R."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from slurmfix import files, knowledge
from slurmfix.job import Form, Work, loaded_modules, modules_loaded_later, program_calls, work_of
from slurmfix.shell import read
from slurmfix.sources.evidence import Evidence

_LARGEST = 200_000  # bytes of a script or a workflow
_MOST = 200  # pieces of work
_NAMED = re.compile(r"[\w./{}$-]*\w\.(?:py|ipynb|smk|nf|[rR])(?![\w.])")
_FOLDERS = ("", "scripts", "bin", "workflow/scripts")  # where workflow managers look for the scripts of their rules
_TEST = re.compile(r"(?:test_[^/]*|[^/]*_test|conftest)\.py\Z")


class Place(NamedTuple):
    """Where the files of a job are looked for: the folders, the nearest first, and the one that holds them all."""

    folders: tuple[str, ...]
    bound: str


Known = dict[tuple[Place, Form, str], tuple[tuple[Form, str], ...]]  # what a piece of work leads to, seen from a place


def place_of(job: Evidence) -> Place:
    return Place((*job.places.work, *job.places.folders), job.places.folders[-1])


def there(place: Place, name: str) -> str:
    """The file of this name in one of the folders, "" where there is none."""
    plain = re.sub(r"^(?:\$\w+|\$\{\w+\}|\.|~)/", "", name)
    return files.file_in(place.folders, plain, place.bound)


def followed(place: Place, work: Iterable[Work], known: Known) -> tuple[Work, ...]:
    """The work, with what the scripts, Makefiles, workflows and tests among it lead to in their place.

    `known` is what others led to, and is added to: many scripts of a run start the same files.
    """
    waiting, seen = list(work), dict[Work, None]()
    leaves: dict[Work, None] = {}
    while waiting and len(seen) < _MOST:
        each = waiting.pop(0)
        if each in seen:
            continue
        seen[each] = None
        lead = _LEADS.get(each.form)
        if lead is None:
            leaves[each] = None
        else:
            key = (place, each.form, each.text)
            if key not in known:
                known[key] = tuple(lead(place, each.text))
            waiting += (Work(each.at, form, text) for form, text in known[key])
    return tuple(leaves)


Said = Iterator[tuple[Form, str]]


def _of_script(place: Place, name: str) -> Said:
    """What a file starts that a shell reads or starts; its first line says which language it is."""
    path = there(place, name)
    text = _text(path)
    match files.language(text.encode("utf-8", "replace")[:200]):
        case "python":
            yield Form.FILE, path
        case "r":
            yield Form.R, path
        case "" | "bash" | "sh" | "zsh" | "ksh" if text:
            if path.endswith((".py", ".ipynb")):
                yield Form.FILE, path
            else:
                yield from of_commands(text)


def of_commands(text: str) -> Said:
    """What the commands of a text start, and the programs that they call. A text that sees to its own environment, by
    conda or by modules, answers for its programs.
    """
    script = read(text)
    yield from ((form, said) for _, form, said in work_of(script))
    if files.has_trace(text.encode("utf-8", "replace")):
        return
    loaded = {
        knowledge.plain_name(each).lower() for each in (*loaded_modules(script, ()), *modules_loaded_later(script, ()))
    }
    for call in program_calls(script, ()):
        module = knowledge.program_module(call.text)
        is_known = module is not None or knowledge.wheel_of_program(call.text) is not None
        if module not in loaded and (is_known or not loaded):  # a module of its own may have what no table knows
            yield Form.PROGRAM, call.text


def _text(path: str) -> str:
    try:
        return files.decode(files.read(path, _LARGEST), path) if path else ""
    except files.Unreadable:  # a program, for example
        return ""


def _of_workflow(place: Place, name: str) -> Said:
    """The files of Python and R, and other workflows, that a workflow names, and its own imports."""
    path = there(place, name)
    text = _text(path)
    if text and not path.endswith((".nf", ".yaml")):
        yield Form.FILE, path
        for words in _rules(text):
            yield from of_commands(words)
    near = Place((os.path.dirname(path), *place.folders), place.bound)
    for named in dict.fromkeys(_NAMED.findall(text)):
        found = next(filter(None, (there(near, os.path.join(folder, named)) for folder in _FOLDERS)), "")
        if found.endswith((".smk", ".nf")):
            yield Form.WORKFLOW, found
        elif found:
            yield (Form.R if found.endswith((".r", ".R")) else Form.FILE), found


_QUOTED = r"\"\"\"([\s\S]*?)\"\"\"|'''([\s\S]*?)'''|\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'"
_STRING = re.compile(_QUOTED)
_SHELL = re.compile(rf"^[ \t]+shell[ \t]*:((?:\s|#[^\n]*|[rf]*(?:{_QUOTED}))+)", re.M)
_OWN_ENVIRONMENT = re.compile(r"^[ \t]+(?:conda|envmodules|container|containerized|singularity)[ \t]*:", re.M)


def _rules(text: str) -> Iterator[str]:
    """What the rules of a Snakefile hand to a shell; not where rules bring environments of their own."""
    if not _OWN_ENVIRONMENT.search(text):
        for match in _SHELL.finditer(text):
            words = "".join("".join(filter(None, each.groups())) for each in _STRING.finditer(match[1]))
            yield re.sub(r"\{[\w.,\[\]:]*\}", "x", words)


def _of_tests(place: Place, name: str) -> Said:
    """The files of the tests in a folder; unittest takes a module by its name, too."""
    named = there(place, name) or there(place, f"{name.replace('.', '/')}.py")
    if named:
        yield Form.FILE, named
        return
    folders = (os.path.normpath(os.path.join(folder, name)) for folder in place.folders)
    folder = next((each for each in folders if os.path.isdir(each) and files.inside(each, place.bound)), "")
    if folder:
        yield from ((Form.FILE, path) for path in files.python_sources(folder) if _TEST.search(path))


# Makefiles

_RULE = re.compile(r"^([^\s:#=][^:#=\n]*?)\s*::?(?!=)([^\n]*)\n?((?:(?:\t[^\n]*|[ \t]*(?:#[^\n]*)?)(?:\n|\Z))*)", re.M)
_VALUE = re.compile(r"^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*([^\n#]*)", re.M)
_USE = re.compile(r"\$[({](\w+)[)}]")
_PREFIX = re.compile(r"^[\t ]*[@+-]*", re.M)


def _of_make(place: Place, words: str) -> Said:
    """What the recipes run that a call of make leads to; all of them where the Makefile does not tell which."""
    named = words.split()
    given = {option: value for option, value in pairwise(named) if option in ("-C", "-f")}
    folder = given.get("-C", ".")
    names = (given["-f"],) if "-f" in given else ("GNUmakefile", "makefile", "Makefile")
    paths = (there(place, os.path.join(folder, name)) for name in names)
    path = next(filter(None, paths), "")
    text = re.sub(r"\\\n[ \t]*", " ", _text(path))
    if not text:
        yield Form.UNKNOWN, f"make {words}"
    targets = [word for word in named if re.match(r"[\w./]", word) and "=" not in word and word not in given.values()]
    for recipe in _recipes(text, targets) if text else ():
        near = os.path.relpath(os.path.dirname(path), place.bound)
        for form, said in of_commands(recipe):
            yield form, (there(Place((os.path.dirname(path),), place.bound), said) or said) if near != "." else said


def _recipes(text: str, targets: list[str]) -> Iterator[str]:
    values = dict(_VALUE.findall(text))
    rules = [(match[1].split(), match[2].split(), match[3]) for match in _RULE.finditer(text)]
    by_name = {name: (needs, recipe) for names, needs, recipe in rules for name in names if not name.startswith(".")}
    waiting = list(targets) or list(by_name)[:1]
    if any(target not in by_name for target in waiting):
        waiting = list(by_name)
    seen: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in by_name:
            continue
        seen[name] = None
        needs, recipe = by_name[name]
        waiting += needs
        yield _PREFIX.sub("", _USE.sub(lambda match: values.get(match[1], match[0]).strip(), recipe))


_LEADS: dict[Form, Callable[[Place, str], Said]] = {
    Form.SCRIPT: _of_script,
    Form.WORKFLOW: _of_workflow,
    Form.TESTS: _of_tests,
    Form.MAKE: _of_make,
}
