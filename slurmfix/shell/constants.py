"""What a variable holds, where the script itself says so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slurmfix.shell.script import BRANCH, CHAINED, FUNCTION, LOOP, SUBSHELL, SUBSTITUTION, Command, Script, Word
from slurmfix.shell.words import PARAMETER, TEXT, Part

_LOOP = re.compile(r"for\s+(\w+)\s+in\s+([^;\n]*)")
_PLAIN = re.compile(r"[\w./~+-]+\Z")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Value:
    """What a word comes to: `text` with the unknown expansions as they are written, and the values that it may take.

    `possible` is empty where the word is known, or where the script does not list its values.
    """

    text: str
    known: bool
    possible: tuple[str, ...] = ()


def value_of(script: Script, word: Word, command: Command, depth: int = 0) -> Value:
    """Follow the parameters of a word through the assignments that reach its command."""
    pieces: list[str] = []
    known, possible = True, [""]
    for part in word.parts:
        if part.kind == TEXT:
            pieces.append(part.text)
            possible = [value + part.text for value in possible]
            continue
        found = _parameter(script, part, command, depth) if part.kind == PARAMETER else Value(part.source, False)
        pieces.append(found.text)
        known = known and found.known
        values = (found.text,) if found.known else found.possible
        possible = [value + next_ for value in possible for next_ in values][:64]
    return Value("".join(pieces), known, () if known else tuple(dict.fromkeys(possible)))


def _parameter(script: Script, part: Part, command: Command, depth: int) -> Value:
    unknown = Value(part.source, False, (part.default,) if part.default else ())
    if depth > _DEEPEST or not re.match(r"[A-Za-z_]", part.text):
        return unknown
    assigned = [
        (other, assignment)
        for other in script.commands
        if part.text in other.source
        for assignment in other.assignments
        if assignment.name == part.text
        and not (other.words and other.name not in ("export", "declare", "typeset", "readonly", "local"))
    ]
    loops = [place for place in command.within if place.kind == LOOP]
    for place in loops:
        match = _LOOP.match(script.text, place.span.start)
        if match and match[1] == part.text:
            listed = match[2].split()
            return Value(part.source, False, tuple(listed) if listed and all(_PLAIN.match(x) for x in listed) else ())
    if re.search(
        rf"\b(?:read|getopts|mapfile|readarray|printf\s+-v)\b[^\n;]*\b{part.text}\b|\bfor\s+{part.text}\b", script.text
    ):
        return unknown
    before = [(other, a) for other, a in assigned if other.span.start < command.span.start]
    if not before:
        return unknown
    values = [value_of(script, a.word, other, depth + 1) for other, a in before]
    if any(a.operator != "=" for _, a in before):
        return unknown
    last_certain = max((n for n, (other, _) in enumerate(before) if _reaches(other, command)), default=None)
    if last_certain is None:
        listed = tuple(value.text for value in values if value.known)
        return Value(part.source, False, listed if len(listed) == len(values) else ())
    values = values[last_certain:]
    if len({value.text for value in values}) == 1 and all(value.known for value in values):
        return values[0]
    if len(values) == 1:
        # Partly known, as "$HOME/envs/x": the unknown pieces stay as they are written.
        return Value(values[0].text, False, values[0].possible)
    listed = tuple(dict.fromkeys(value.text for value in values if value.known))
    return Value(part.source, False, listed if all(value.known for value in values) else ())


def _reaches(assigning: Command, command: Command) -> bool:
    """Whether the assignment has surely happened where the command runs."""
    optional = (BRANCH, LOOP, FUNCTION, SUBSHELL, SUBSTITUTION, CHAINED)
    return all(place in command.within for place in assigning.within if place.kind in optional)
