"""What a variable holds, where the script itself says so."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from slurmfix.shell.command import (
    BACKGROUND,
    BRANCH,
    CHAINED,
    DECLARING,
    FUNCTION,
    LOOP,
    PIPELINE,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    Assignment,
    Command,
    Place,
    Runs,
    Word,
)
from slurmfix.shell.script import Region, Script, places_of
from slurmfix.shell.words import PARAMETER, TEXT, Part, assignment, parts_of

_ELEMENT = re.compile(r"\$\{(\w+)\[[^]@*]+\]\}")
_EACH = re.compile(r"\"?\$\{(\w+)\[[@*]\]\}\"?")
_LOOP = re.compile(r"(?:for|select)\s+(\w+)\s+in\s+([^;\n]*)")
_GIVEN_OPTION = re.compile(r"--?\w[\w-]*=[\w./:${}@-]*\Z")  # `--nnodes=$N`: an option, whatever its value is
_PLAIN = re.compile(r"[\w./~+-]+\Z")
# What these are told of gets a value that no assignment says, or another kind of value.
_READ = re.compile(
    r"\b(?:read|getopts|mapfile|readarray|printf\s+-v|unset|let"
    r"|(?:declare|typeset|local|readonly|export)(?=(?:[ \t]+-\w+)*[ \t]+-\w*[ilnuc]))\b[^\n;]*"
)
_EVALUATED = re.compile(r"\b(?:eval|trap)\b[^\n]*")
_COUNTED = re.compile(r"\(\([^\n]*?\)\)")
_COUNTS = re.compile(r"(?:\+\+|--)\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(?:\+\+|--|(?:<<|>>|[-+*/%&|^])?=(?!=))", re.ASCII)
_DEFAULTED = re.compile(r"\$\{([A-Za-z_]\w*):?=[\"']?([\w./~+-]*)", re.ASCII)
_SHIFTS = re.compile(r"\bshift\b|\bset[ \t]+--")
_ASSIGNED = re.compile(r"(?<!\w)([A-Za-z_]\w*)[\"']?(?:\[[^]]{0,99}\])?\+?=", re.ASCII)
_FOR = re.compile(r"\b(?:for\s+|select\s+(?=\w+\s+in\b))(\w+)")
_WORD = re.compile(r"\w+")
_STARTS = re.compile(r"[A-Za-z_]")
_NAMES = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LOCAL = ("local", "declare", "typeset")  # what these assign in a function is the function's own
_GLOBAL = re.compile(r"\s-\w*g")
_APART = (SUBSHELL, SUBSTITUTION, PIPELINE, BACKGROUND)  # a shell of its own, out of which no value comes
_DEEPEST = 8
_MOST = 64  # assignments, and values, that a name is followed through


@dataclass(frozen=True, slots=True)
class Value:
    """What a word comes to: `text` with the unknown expansions as they are written, and the values that it may take.

    `possible` is empty where the word is known. It may take other values, which the script does not list.
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
        if part.kind == PARAMETER:
            found = _parameter(script, part, command, depth)
        else:
            element = _ELEMENT.fullmatch(part.source)
            found = Value(part.source, False, _elements(script, element[1]) if element else ())
        pieces.append(found.text)
        known = known and found.known
        values = (found.text,) if found.known else found.possible
        possible = [value + next_ for value in possible for next_ in values][:_MOST]
    return Value("".join(pieces), known, () if known else tuple(dict.fromkeys(possible)))


def loop_of(script: Script, place: Place) -> tuple[str, tuple[str, ...] | None] | None:
    """The variable of a `for` or `select`, and the words that it takes, where they are plain; None for other loops."""
    match = _LOOP.match(script.text, place.span.start)
    if match is None:
        bare = _FOR.match(script.text, place.span.start)
        return (bare[1], None) if bare else None
    listed = tuple(word.strip("\"'") for word in match[2].split())
    return match[1], listed if listed and all(_PLAIN.match(word) for word in listed) else None


def _parameter(script: Script, part: Part, command: Command, depth: int) -> Value:
    """What a parameter holds where a command uses it; what is asked twice is followed once."""
    key = (part, command.span, depth)
    if key not in script.followed:
        script.followed[key] = _followed(script, part, command, depth)
    found: Value = script.followed[key]
    if part.default is not None and part.source.startswith(f"${{{part.text}:-"):
        return _not_empty(found, part.default)
    return found


def _not_empty(value: Value, default: str) -> Value:
    """What `${NAME:-default}` comes to: of an empty value the default."""
    possible = tuple(dict.fromkeys(each or default for each in value.possible))
    return Value(value.text or default, value.known and (value.text != "" or "$" not in default), possible)


def _followed(script: Script, part: Part, command: Command, depth: int) -> Value:
    unknown = Value(part.source, False, (part.default,) if part.default else ())
    if depth > _DEEPEST:
        return unknown
    if not _STARTS.match(part.text):
        return _argument(script, part, command, depth) or unknown
    loops = [place for place in command.within if place.kind == LOOP]
    if (taken := _taken_in_turn(script, part, loops)) is not None:
        return taken
    if _is_read(script, part.text):
        defaults = tuple(match[2] for match in _DEFAULTED.finditer(script.text) if match[1] == part.text)
        return Value(part.source, False, unknown.possible + defaults)
    assigned = _assigned(script, part.text)
    # Those before the command, back to the last one that has surely happened.
    at = bisect_left(assigned, command.span.start, key=lambda row: row[0].span.start)
    late = _late(script, part.text, command, loops)
    if not at and not late:
        return unknown
    reaching = []
    certain = False
    for other, a in islice(reversed(assigned), len(assigned) - at, None):
        if (_is_local(other) and _function(other) != _function(command)) or _is_apart(other, command):
            continue
        if a.operator != "=":
            return unknown
        reaching.append((other, a))
        certain = _reaches(other, command)
        if certain:
            break
        if len(reaching) > _MOST:
            return Value(part.source, False)
    if len(late) > _MOST or any(a.operator != "=" for _, a in late):
        return unknown
    reaching[:0] = [row for row in reversed(late) if row not in reaching]
    values = [value_of(script, a.word, other, depth + 1) for other, a in reversed(reaching)]
    listed = tuple(value.text for value in values if value.known)
    if not certain:
        return Value(part.source, False, tuple(dict.fromkeys(listed)))
    if len(set(listed)) == 1 and len(listed) == len(values):
        return values[0]
    if len(values) == 1:
        # Partly known, as "$HOME/envs/x": the unknown pieces stay as they are written.
        return Value(values[0].text, False, values[0].possible)
    return Value(part.source, False, tuple(dict.fromkeys(listed)))


def _argument(script: Script, part: Part, command: Command, depth: int) -> Value | None:
    """What `$1` is in a function, from the calls of that; known where all of them hand over the same."""
    function = _function(command)
    if function is None or not part.text.isdigit() or part.text == "0":
        return None
    repeated = any(place.kind == LOOP for place in command.within)
    if _SHIFTS.search(script.text, function.span.start, function.span.end if repeated else command.span.start):
        return None
    calls = [command for command in script.holding(function.note.lower()) if command.name == function.note]
    given = [_handed_over(script, call, int(part.text), depth) for call in calls[:_MOST]]
    values = tuple(dict.fromkeys(value.text for value in given if value.known))
    named = len(re.findall(rf"(?<![\w-]){re.escape(function.note)}(?![\w-])", script.text))
    if len(values) == 1 and all(value.known for value in given) and len(given) == named - 1:
        return Value(values[0], True)
    return Value(part.source, False, tuple(filter(None, values)))


def _handed_over(script: Script, call: Command, number: int, depth: int) -> Value:
    """The argument of that number which a call hands over; "" where it hands over fewer."""
    values = [value_of(script, word, call, depth + 1) for word in call.words[1 : number + 1]]
    if any("@" in word.source for word in call.words):
        return Value("", False)
    for word, value in zip(call.words[1:], values, strict=False):
        if word.value is None and word.source[:1] != '"' and not (value.known and _PLAIN.match(value.text)):
            return Value("", False)  # it may come to several words, or to none
    return values[number - 1] if number <= len(values) else Value("", True)


def _taken_in_turn(script: Script, part: Part, loops: list[Place]) -> Value | None:
    """The values that the outermost of these loops gives to a parameter; None where none does."""
    for place in loops:
        match = _LOOP.match(script.text, place.span.start)
        if match and match[1] == part.text:
            each = _EACH.fullmatch(match[2].strip())
            words = list(_elements(script, each[1])) if each else match[2].split()
            return Value(part.source, False, tuple(words) if words and all(_PLAIN.match(x) for x in words) else ())
    return None


def elements_of(script: Script, word: Word) -> tuple[str, ...]:
    """The words that `"${NAME[@]}"` comes to, where the script fills the array once and for all; else ()."""
    each = _EACH.fullmatch(word.source)
    return _elements(script, each[1]) if each else ()


def _elements(script: Script, name: str) -> tuple[str, ...]:
    """What an array holds that the script fills once and for all; () where that is not so, or an element is no name."""
    assigned = _assigned(script, name)
    if len(assigned) != 1 or _is_read(script, name):
        return ()
    source = assigned[0][1].word.source
    if assigned[0][1].operator != "=" or source[:1] != "(":
        return ()
    listed = [element.strip("\"'") for element in source.strip("()").split() if element != "\\"]
    return tuple(listed) if all(_PLAIN.match(each) or _GIVEN_OPTION.match(each) for each in listed) else ()


def _late(script: Script, name: str, command: Command, loops: list[Place]) -> list[tuple[Command, Assignment]]:
    """Assignments that may come in between: in another function, which is called who knows when, further down in a loop
    that holds the command, and for a function further down, or in front of a call.
    """
    function = _function(command)
    found = []
    of_its_own = (_is_local(other) and _function(other) == function for other, _ in _assigned(script, name))
    if function is not None and not any(of_its_own):
        found = [
            (other, assigned)
            for other in _assigning(script).get(name, ())
            for assigned in other.assignments
            if assigned.name == name and not function.span.holds(other.span)
            and ((other.words and other.name == function.note)
                 or (not other.within and not other.words and other.span.start > command.span.start))
        ]  # fmt: skip
    for other, assigned in _assigned(script, name):
        if not any(place.kind in (FUNCTION, LOOP) for place in other.within) or _is_apart(other, command):
            continue
        elsewhere = _function(other) not in (None, _function(command))
        local = _is_local(other)
        below = other.span.start > command.span.start and any(place in other.within for place in loops)
        if (elsewhere and not local) or below:
            found.append((other, assigned))
    return found


def _is_local(assigning: Command) -> bool:
    """Whether what a command assigns is its function's own."""
    return assigning.name in _LOCAL and _function(assigning) is not None and not _GLOBAL.search(assigning.source)


def _is_apart(assigning: Command, command: Command) -> bool:
    """Whether what it assigns is gone where the other command stands: it ran in a shell of its own."""
    return any(
        place not in command.within
        for place in assigning.within
        if place.kind in _APART or (place.kind == SCRIPT and place.note not in (Runs.EVAL, Runs.TRAP))
    )


def _function(command: Command) -> Place | None:
    """The innermost function that a command stands in."""
    return next((place for place in reversed(command.within) if place.kind == FUNCTION), None)


_Assigned = list[tuple[Command, Assignment]]


def _assigned(script: Script, name: str) -> _Assigned:
    """The assignments of a name, in order; those in front of a command hold for that command alone."""
    key = (_assigned, name)
    if key not in script.followed:
        script.followed[key] = [
            (command, assigned)
            for command in _assigning(script).get(name, ())
            if command.name in DECLARING or not command.words
            for assigned in _assignments(command)
            if assigned.name == name
        ]
    found: _Assigned = script.followed[key]
    return found


def _quoted_assignment(word: Word) -> Assignment | None:
    """The assignment that a word of `export` is whose name stands in quotes, which are gone when `export` reads it."""
    match = assignment(word.literal)
    if match is None:
        return None
    told = word.literal[match.end() :]
    known = word.value is not None
    parts = (Part(TEXT, told, told),) if known else parts_of(f'"{told}"')
    return Assignment(match[1], match[3], Word(told, parts, word.span, word.text, word.start), word.span)


def _assignments(command: Command) -> Iterator[Assignment]:
    """The assignments of a command, those with a quoted name among them."""
    yield from command.assignments
    if command.name in DECLARING:
        for word in command.words[1:]:
            if "=" in word.source and assignment(word.source) is None and (held := _quoted_assignment(word)):
                yield held


def _assigning(script: Script) -> dict[str, list[Command]]:
    """The commands that may assign to a name, by the name: told by their text, which costs less than their words."""
    if _assigning not in script.followed:
        found: dict[str, list[Command]] = {}
        for command in script.commands:
            if "=" in command.source:
                for name in dict.fromkeys(_ASSIGNED.findall(command.source)):
                    found.setdefault(name, []).append(command)
        script.followed[_assigning] = found
    table: dict[str, list[Command]] = script.followed[_assigning]
    return table


_SPOKEN = ("read", "getopts", "mapfile", "printf", "unset", "let", *DECLARING)
# What gives values: the words that start it, how far it goes, and the names that it has in it.
_SPEAK = (
    (_SPOKEN, _READ, _WORD),
    (("eval", "trap"), _EVALUATED, _ASSIGNED),
    (("for", "select"), _FOR, re.compile(r"(?<=\s)\w+\Z")),
)


def _is_read(script: Script, name: str) -> bool:
    """Whether a name gets a value somewhere in the script in another way than by an assignment: `read`, `for`, `eval`,
    `((…))`, `${NAME:=…}`; or `unset`, or an option of `declare`, makes something else of it.
    """
    return any(_counts(script, at, spoken) for at, spoken in _read_places(script).get(name, ()))


def _counts(script: Script, at: int, spoken: bool) -> bool:
    """Whether a shell of the script reads there what gives a name a value; `spoken`: by a word, which has to be one of
    a command's.
    """
    region = script.region(at)
    if region is Region.HEREDOC:
        return not spoken and script.expands(at)
    return region not in (Region.COMMENT, Region.SINGLE_QUOTED) and not (spoken and _is_shown(script, at))


def _is_shown(script: Script, at: int) -> bool:
    """Whether a word stands in what is printed, or kept: "waits for ENV" gives ENV no value."""
    holders = (command for command in script.commands if command.span.start < at < command.span.end)
    return any(not (command.words or command.broken) or command.name in ("echo", "printf") for command in holders)


_Places = dict[str, list[tuple[int, bool]]]


def _read_places(script: Script) -> _Places:
    """Where a name may get a value in such a way, with whether a word says so."""
    if _read_places not in script.followed:
        found: _Places = {}
        text = script.text
        for words, pattern, names in _SPEAK:
            for at in places_of(words, text):
                match = pattern.match(text, at)
                for name in names.findall(match[0]) if match else ():
                    found.setdefault(name, []).append((at, True))
        for counted in _COUNTED.finditer(text) if "((" in text else ():
            for name in (each for pair in _COUNTS.findall(counted[0]) for each in pair):
                found.setdefault(name, []).append((counted.start(), False))
        for match in _DEFAULTED.finditer(text):
            found.setdefault(match[1], []).append((match.start(), False))
        for span in script.apart:  # what is not read may do anything to what it names
            for name in _NAMES.findall(text, *span):
                found.setdefault(name, []).append((span.start, False))
        script.followed[_read_places] = found
    table: _Places = script.followed[_read_places]
    return table


def _reaches(assigning: Command, command: Command) -> bool:
    """Whether the assignment has surely happened where the command runs."""
    optional = (BRANCH, LOOP, FUNCTION, SUBSHELL, SUBSTITUTION, CHAINED)
    return all(place in command.within for place in assigning.within if place.kind in optional)
