"""Reads a script: tree-sitter says where each command stands, bashlex what it says, and both must agree."""

from slurmfix.shell.constants import Value, value_of
from slurmfix.shell.container import calls_one
from slurmfix.shell.nested import read
from slurmfix.shell.script import (
    BACKGROUND,
    BRANCH,
    CHAINED,
    CHECKED,
    DECLARING,
    FUNCTION,
    GROUP,
    LOOP,
    PIPELINE,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    Assignment,
    Command,
    Directive,
    Place,
    Script,
    Word,
    directives_of,
    options_of,
)
from slurmfix.shell.source import KEEP, KEPT, quoted
from slurmfix.shell.words import OTHER, PARAMETER, TEXT, Part, assignment, parts_of
from slurmfix.shell.written import files_of, names_one

__all__ = [
    "BACKGROUND",
    "BRANCH",
    "CHAINED",
    "CHECKED",
    "DECLARING",
    "FUNCTION",
    "GROUP",
    "KEEP",
    "KEPT",
    "LOOP",
    "OTHER",
    "PARAMETER",
    "PIPELINE",
    "SCRIPT",
    "SUBSHELL",
    "SUBSTITUTION",
    "TEXT",
    "Assignment",
    "Command",
    "Directive",
    "Part",
    "Place",
    "Script",
    "Value",
    "Word",
    "assignment",
    "calls_one",
    "directives_of",
    "files_of",
    "names_one",
    "options_of",
    "parts_of",
    "quoted",
    "read",
    "value_of",
]
