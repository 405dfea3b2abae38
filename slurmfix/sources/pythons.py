"""Which Python a script wants for an environment: what its commands show, what its comments and names tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slurmfix.plan import Named
from slurmfix.plan.doubts.other_python import needs_python_3
from slurmfix.remarks import Phrase, phrase
from slurmfix.shell import Command, Script

# `python3.8`, also in the folder of an environment
_PYTHON = re.compile(
    r"(?:/envs/(?P<of>[^/\s:\"']+)/[^\s:\"']*?)?(?:python(?P<major>[23])\.(?P<minor>\d+)|(?:ana|mini)conda(?:2|/2)\b)",
    re.I,
)
# `python/3.8.3-conda`, `anaconda/py35`, `anaconda-python-3.7`
_OF_A_MODULE = re.compile(
    r"\bpython/(?P<a>[23])\.(?P<b>\d+)[\d.]*-\S*conda|conda\S*?[/-]py(?:thon)?-?(?P<c>[23])\.?(?P<d>\d+)"
    r"|\bpython/\S*conda\d?-(?:(?P<e>2)\.(?P<f>7)|(?P<g>3)\.(?P<h>\d+))\b", re.I
)  # fmt: skip
_LOADS = ("module", "ml")
# `py36_ssd`, `tf-py3.10`, `python27`; `py2` alone as a word
_IN_A_NAME = re.compile(r"(?<![a-z])py(?:thon)?[-_]?(?:([23])[._]?(\d{1,2})(?!\d)|(2)(?![\w.]|-\d))", re.I)
_CREATES = re.compile(r"(?:conda|mamba)[ \t]+create\b[^\n;&|]*")
_PYTHON_ASKED = re.compile(r"(?<![\w.-])python==?([23])\.(\d+)(?![\d.]*\d\w)")
_OLDEST, _NEWEST = {"2": 6, "3": 4}, {"2": 7, "3": 15}  # other numbers are no Python's
_IN_A_COMMENT, _IN_THE_NAME = phrase("in a comment of the script"), phrase("in the name of the environment")


class Hint(NamedTuple):
    """A Python (`3.8`) that nobody asks for in so many words, and where it stands."""

    python: str = ""
    where: Phrase = Phrase("")


def shown_python(script: Script, named: Named) -> str:
    """The Python that a path or a call of the script shows (`3.8`), "" where there is none, or several. The version
    of conda's module is that of its base: an environment has a Python of its own, but for Python 2 most likely.
    """
    held = script.holding("python2.", "python3.", "python/", "conda")
    shown = {(version, command.name) for command in held for version in _pythons_in(command, named)}
    of_base = _LOADS if not named.base else ()
    found = {version for version, name in shown if name not in of_base or version.startswith("2")}
    if found == {"2.7"} and needs_python_3(script):
        return ""
    return found.pop() if len(found) == 1 else ""


def _pythons_in(command: Command, named: Named) -> Iterator[str]:
    """The Pythons that a command shows by a path, a call or the name of a module; not in another environment."""
    found = [each for each in _PYTHON.finditer(command.source) if each["of"] in (None, named.name)]
    found += _OF_A_MODULE.finditer(command.source) if command.name in _LOADS else ()
    for match in found:
        numbers = [value for name, value in match.groupdict().items() if value and name != "of"]
        yield ".".join(numbers) if numbers else "2.7"


def hinted_python(script: Script, named: Named) -> Hint:
    """The Python that a commented `conda create` of the environment asks for, else the one in its name."""
    hints = ((_in_comments(script, named), _IN_A_COMMENT), (_in_name(named), _IN_THE_NAME))
    python, where = next(((python, where) for python, where in hints if python), ("", Phrase("")))
    if python.startswith("2") and needs_python_3(script):
        return Hint()
    return Hint(python, where)


def _in_comments(script: Script, named: Named) -> str:
    name = re.compile(rf"(?:-n|--name)[ =]{re.escape(named.name)}(?![\w.-])")
    made = (each[0] for span in script.comments for each in _CREATES.finditer(script.text[span.start : span.end]))
    found = (_PYTHON_ASKED.search(each) for each in made if named.known and name.search(each))
    return next((_version(*match.groups()) for match in found if match), "")


def _in_name(named: Named) -> str:
    if not named.known or named.base:
        return ""
    versions = {_version(match[1] or match[3], match[2] or "7") for match in _IN_A_NAME.finditer(named.name)}
    versions.discard("")
    return versions.pop() if len(versions) == 1 else ""


def _version(major: str, minor: str) -> str:
    return f"{major}.{minor}" if _OLDEST[major] <= int(minor) <= _NEWEST[major] else ""
