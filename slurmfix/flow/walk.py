"""One walk through a script in the order in which it runs: the state before each command.

Arms are joined, loops run until nothing changes, subshells work on a copy, functions run where they are called, and
`exit`, `return`, `break` and `continue` lead where they lead. The walk knows no conda: what a command does beyond the
shell comes in by its span.

What it takes for granted: a file that is sourced changes nothing but modules; each command succeeds; a function is
known to no other shell; in `elif`, the conditions run before all arms.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import pairwise

from slurmfix.flow.blocks import Block, arms_of, tree_of
from slurmfix.flow.commands import after_command
from slurmfix.flow.state import START, UNREACHABLE, UNSURE, Effect, Reached, State, after, joined
from slurmfix.shell import (
    BACKGROUND,
    FUNCTION,
    PIPELINE,
    SUBSHELL,
    SUBSTITUTION,
    Command,
    Place,
    Runs,
    Script,
    files_of,
    loop_of,
    names_one,
)
from slurmfix.text import Span

_COPIES = (SUBSHELL, SUBSTITUTION, PIPELINE, BACKGROUND)
_ANOTHER_JOB = ("sbatch", "file", "ssh")
_JUMPS = ("return", "break", "continue")
_ELSE = re.compile(r"else\b|\(?[ \t]*(?:[^()\n;|]*\|[ \t]*)?\*[ \t]*\)")
# Commands whose words are not run, though one may be the name of a function.
_NO_CALLS = frozenset("echo printf export unset declare typeset local readonly type which hash command alias".split())
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_MOST_STATES = 16  # in which one function is followed; with more of them, what they have in common
_MOST_STEPS = 200  # for each command: more of them take too long, and nothing is sure

States = dict[Span, Reached]


class _GivenUp(Exception):
    """The script takes more steps than are followed."""


class _Walk:
    """A walk on its way; `before` is what it leaves."""

    def __init__(self, script: Script, effects: Mapping[Span, Effect], own: bool) -> None:
        self.before: States = {}
        self._script, self._effects, self._own = script, effects, own
        # To where a `return`, `break` or `continue` leads, by how many loops it leaves: the state that it brings.
        self._jumped: dict[tuple[str, int], Reached] = {}
        self._calling: list[str] = []  # the functions around; outside of one, bash refuses `return` and goes on
        self._rounds = 0  # the loops around, for `break` and `continue`
        self._known: dict[tuple[str, State], Reached] = {}  # what a call makes of a state
        self._entered: dict[str, int] = defaultdict(int)  # in how many states a function was followed
        self._in_common: dict[str, Reached] = defaultdict(lambda: UNREACHABLE)  # what all of these have in common
        self._functions: dict[str, list[Block]] = defaultdict(list)
        self._locals: dict[str, frozenset[str]] = {}
        self._written: list[tuple[Block, frozenset[str]]] = []  # scripts that the script writes, with their files
        self._waiting: frozenset[Span] = frozenset()  # where these stand: they run where they are started
        self._left = _MOST_STEPS * (len(script.commands) + 50)
        self._root = tree_of(script)
        written = {each.span: files_of(each) for each in script.commands if each.span in script.heredocs_of}
        files = {each.body: written[each.owner] for each in script.heredocs if each.owner in written}
        for block in self._root.blocks():
            place = block.place
            if place is not None and place.kind == FUNCTION:
                self._functions[place.note].append(block)
            elif place is not None and place.note in (Runs.BASH, Runs.STEP) and files.get(place.span):
                self._written.append((block, files[place.span]))
        self._waiting = frozenset(block.place.span for block, _ in self._written if block.place is not None)
        for name, blocks in self._functions.items():
            self._locals[name] = frozenset(declared for block in blocks for declared in _declared(block))

    def run(self) -> States:
        parts = self._root.parts
        state: Reached = START
        for stretch in self._script.apart:
            behind = bisect_left(parts, stretch.end, key=_start_of)
            state = _behind_unread(self._run(parts[:behind], state), self._script.text[slice(*stretch)])
            parts = parts[behind:]
        self._run(parts, state)
        for block, _ in self._written:
            if not any(each.span in self.before for each in block.parts if isinstance(each, Command)):
                self._apart(block, UNSURE)  # nobody can say when it is started
        return self.before

    def _run(self, parts: list[Block | Command], state: Reached) -> Reached:
        at = 0
        while at < len(parts):
            arms = arms_of(parts, at)
            part = parts[at]
            if arms:
                state = self._choose(arms, state)
            elif isinstance(part, Block):
                state = self._block(part, state)
            else:
                state = self._command(part, state)
            at += len(arms) or 1
        return state

    def _choose(self, arms: list[Block], state: Reached) -> Reached:
        out = UNREACHABLE if _is_exhaustive(self._script.text, arms) else state
        for arm in arms:
            out = joined(out, self._run(arm.parts, state))
        return out

    def _block(self, block: Block, state: Reached) -> Reached:
        place = block.place
        assert place is not None
        match place.kind:
            case "function":
                return state  # runs where it is called
            case "loop":
                return self._repeat(lambda now: self._run(block.parts, self._in_a_round(place, now)), state)
            case "chained":
                return joined(state, self._run(block.parts, state))
            case "script" if place.note != "eval":
                if place.span not in self._waiting:
                    self._apart(block, self._at_the_start(place, state))
                return state
            case kind if kind in _COPIES:
                self._apart(block, state)
                return state
        return self._run(block.parts, state)

    def _in_a_round(self, place: Place, state: Reached) -> Reached:
        """With a value in the variable of a `for`."""
        named = loop_of(self._script, place)
        if named is None or state is UNREACHABLE:
            return state
        name, listed = named
        return state._replace(values=state.values.given(name, listed))

    def _at_the_start(self, place: Place, state: Reached) -> Reached:
        """What holds where an inner script starts."""
        if state is UNREACHABLE:
            return UNREACHABLE
        if place.note == "trap":
            return UNSURE
        if place.note in _ANOTHER_JOB:
            return START._replace(values=state.values)
        return state._replace(stack=(), open=False, above=START.above) if self._own else state

    def _apart(self, block: Block, state: Reached) -> None:
        """Run a block in a shell of its own: neither its state nor its jumps come out."""
        outer, self._jumped = self._jumped, {}
        self._run(block.parts, state)
        self._jumped = outer

    def _repeat(self, turn: Callable[[Reached], Reached], state: Reached) -> Reached:
        """Run something any number of times, until nothing new is known: each join leaves less that is sure."""
        outer, self._jumped = self._jumped, {}
        self._rounds += 1
        head = state
        while True:
            ended = joined(turn(head), self._jumped.pop(("continue", 1), UNREACHABLE))
            if (known := joined(head, ended)) == head:
                break
            head = known
        self._rounds -= 1
        out = joined(head, self._jumped.pop(("break", 1), UNREACHABLE))
        inner, self._jumped = self._jumped, outer
        for (kind, level), brought in inner.items():
            self._jump(kind, level if kind == "return" else level - 1, brought)
        return out

    def _jump(self, kind: str, level: int, state: Reached) -> None:
        self._jumped[kind, level] = joined(self._jumped.get((kind, level), UNREACHABLE), state)

    def _command(self, command: Command, state: Reached) -> Reached:
        self._left -= 1
        if not self._left:
            raise _GivenUp
        self.before[command.span] = joined(self.before.get(command.span, UNREACHABLE), state)
        if state is UNREACHABLE:
            return UNREACHABLE
        if (effect := self._effects.get(command.span)) is not None:
            return after(state, effect)
        self._start(command, state)
        if command.broken:  # what looks like a jump there may be anything
            return state
        name = command.name
        if name == "exit" or (name == "exec" and len(command.words) > 1):
            return UNREACHABLE
        if name in _JUMPS and (self._calling if name == "return" else self._rounds):
            self._jump(name, 1 if name == "return" else _level(command, self._rounds), state)
            return UNREACHABLE
        if name in self._functions:
            return self._call(name, state)
        if self._functions and name not in _NO_CALLS:
            state = self._handed_on(command, state)
            if state is UNREACHABLE:
                return UNREACHABLE
        return after_command(state, command)

    def _start(self, command: Command, state: Reached) -> None:
        """Run what the script has written where one of its commands starts it; one that starts itself runs once."""
        waiting = self._written
        for block, files in waiting:
            if names_one(command, files) and not files & files_of(command) and block.place is not None:
                self._written = [each for each in waiting if each[0] is not block]
                self._apart(block, self._at_the_start(block.place, state))
        self._written = waiting

    def _handed_on(self, command: Command, state: Reached) -> Reached:
        """`retry work` calls work any number of times; `trap clean EXIT` calls clean when nobody can say."""
        for name in self._functions.keys() & {word.strip("\"'") for word in command.source.split()[1:]}:
            if command.name == "trap":
                self._call(name, UNSURE)
            else:
                state = self._repeat(lambda now, name=name: self._call(name, now), state)  # type: ignore[misc]
        return state

    def _call(self, name: str, state: Reached) -> Reached:
        if state is UNREACHABLE:
            return UNREACHABLE
        if name in self._calling:  # calls itself
            return UNSURE
        if (name, state) not in self._known and self._entered[name] >= _MOST_STATES:
            state = joined(self._in_common[name], state) or state
        if (name, state) not in self._known:
            self._entered[name] += 1
            self._in_common[name] = joined(self._in_common[name], state)
            self._calling.append(name)
            outer, self._jumped = self._jumped, {}
            rounds, self._rounds = self._rounds, 0
            out: Reached = UNREACHABLE
            for function in self._functions[name]:  # one of them, where there are several of the same name
                out = joined(out, self._run(function.parts, state))
            out = joined(out, self._jumped.get(("return", 1), UNREACHABLE))
            if out is not UNREACHABLE:
                out = out._replace(values=out.values.put_back(self._locals[name], state.values))
            self._known[name, state] = out
            self._jumped, self._rounds = outer, rounds
            self._calling.pop()
        return self._known[name, state]


def _start_of(part: Block | Command) -> int:
    span = part.span if isinstance(part, Command) else part.place and part.place.span
    return span.start if span else 0


def _behind_unread(state: Reached, text: str) -> Reached:
    """What is known behind statements that could not be read: no variable that they name, no folder, no module."""
    if state is UNREACHABLE:
        return UNREACHABLE
    values = state.values
    for name in dict.fromkeys(_WORD.findall(text)):
        values = values.given(name, None)
    return state._replace(values=values, folder=None, modules=state.modules.unsure())


def _level(command: Command, rounds: int) -> int:
    """How many loops `break 2` leaves."""
    told = command.words[1].literal if len(command.words) > 1 else "1"
    return min(int(told), rounds) if told.isdecimal() and int(told) else 1


def _declared(block: Block) -> list[str]:
    """The variables that a function declares for itself."""
    found: list[str] = []
    parts = list(block.parts)
    while parts:
        part = parts.pop()
        if isinstance(part, Block):
            if part.place is not None and part.place.kind != FUNCTION:
                parts += part.parts
        elif part.name in ("local", "declare", "typeset") and "-g" not in part.source.split():
            found += [word.literal.partition("=")[0] for word in part.words[1:] if not word.literal.startswith("-")]
    return found


def _is_exhaustive(text: str, arms: list[Block]) -> bool:
    """Whether one of these arms surely runs: the last is an `else` or a `*)`, and none is missing, as one is in which
    no command stands.
    """
    places = [arm.place for arm in arms if arm.place is not None]
    last = places[-1]
    if not _ELSE.match(text, last.span.start):
        return False
    statement = last.statement
    gaps = [text[statement.start : places[0].span.start]]
    gaps += [text[one.span.end : other.span.start] for one, other in pairwise(places)]
    missing = ";;" if text.startswith("case", statement.start) else "then"
    if missing == "then" and not text.startswith("then", places[0].span.start):
        return False
    return not any(missing in gap for gap in gaps)


class Flow:
    """The state before each command, by its span; None where no command runs there. It walks when it is first asked."""

    def __init__(self, script: Script, effects: Mapping[Span, Effect]) -> None:
        self._script, self._effects = script, effects

    @cached_property
    def before(self) -> States:
        return _states(self._script, self._effects, own=False)

    def state(self, command: Command) -> State:
        """What holds before a command; where none is known to run, nothing is sure."""
        return self.before.get(command.span) or UNSURE

    def is_reached(self, command: Command) -> bool:
        """Whether a command may run."""
        return self.before.get(command.span, UNREACHABLE) is not UNREACHABLE

    def is_active(self, command: Command) -> bool:
        """Whether an environment is, or may be, active before a command that runs."""
        state = self.before.get(command.span, UNREACHABLE)
        return state is not UNREACHABLE and (bool(state.stack) or state.open)

    @cached_property
    def own(self) -> States:
        """The same with only what the shell that runs a command has activated itself, which alone it can deactivate: a
        `bash -c`, or a step, starts with nothing of its own.
        """
        return _states(self._script, self._effects, own=True)


def _states(script: Script, effects: Mapping[Span, Effect], own: bool) -> States:
    walk = _Walk(script, effects, own)
    try:
        before = walk.run()
    except (_GivenUp, RecursionError):
        return {command.span: UNSURE for command in script.commands}
    for command in script.commands:
        if command.span not in before:  # in a function that nobody calls: nothing is known of it
            unknown = any(place.kind == FUNCTION for place in command.within)
            before[command.span] = UNSURE if unknown else UNREACHABLE
    return before
