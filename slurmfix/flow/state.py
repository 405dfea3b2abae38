"""What holds at one place of a script while it runs, what an effect makes of it, and what is sure where ways meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from slurmfix.shell import PARAMETER, TEXT, Part

_MOST_VALUES = 8  # that one variable may have
_MOST_NAMES = 200  # variables that are followed in one script
_LONGEST = 1000  # characters of a value that is followed

SURELY, PERHAPS, NEVER = "surely", "perhaps", "never"


class Loaded(NamedTuple):
    """The modules that are surely loaded, in their order, and those that may be, as the script names them.

    What the login, or the site, loads before the script starts is among neither.
    """

    surely: tuple[str, ...] = ()
    perhaps: frozenset[str] = frozenset()

    def has(self, module: str) -> str:
        """SURELY, PERHAPS or NEVER: whether a module is loaded, by `name` or `name/version`."""
        if any(_is_meant(each, module) for each in self.surely):
            return SURELY
        return PERHAPS if any(_is_meant(each, module) for each in self.perhaps) else NEVER

    def load(self, module: str) -> Loaded:
        """Another version of what is loaded takes its place."""
        name = _without_version(module)
        kept = tuple([each for each in self.surely if _without_version(each) != name])
        return Loaded((*kept, module), frozenset(each for each in self.perhaps if _without_version(each) != name))

    def unload(self, module: str) -> Loaded:
        kept = tuple([each for each in self.surely if not _is_meant(each, module)])
        return Loaded(kept, frozenset(each for each in self.perhaps if not _is_meant(each, module)))

    def unsure(self) -> Loaded:
        """What is known after something that may unload them all."""
        return Loaded((), self.perhaps.union(self.surely))


def _without_version(module: str) -> str:
    """`gcc` of gcc/12.3; where a class stands before the name, with that: `lang/Python`."""
    return module.rpartition("/")[0] or module


def _is_meant(loaded: str, asked: str) -> bool:
    return loaded == asked or loaded.startswith(f"{asked}/")


UNKNOWN = "\ufffd"  # stands in a text for a part that nobody can tell, such as what a command prints
_ALL_OF = re.compile(r"\$\{(\w+)\[[@*]\]\}", re.ASCII)

Value = tuple[str, ...] | None
"""The texts that a variable may hold, its own unset ones as they are written; None where nobody can tell anything."""


class Values:
    """What the script's variables hold; what it never sets stands for itself: `$HOME`. `lost`: of all others nothing is
    known. Nothing changes one.
    """

    __slots__ = ("_hash", "_held", "lost")

    def __init__(self, held: dict[str, Value] | None = None, lost: bool = False) -> None:
        self._held = held or {}
        self.lost = lost
        self._hash = hash((frozenset(self._held.items()), lost))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and (
            self is other or (self._hash == other._hash and self._held == other._held and self.lost == other.lost)
        )

    def __hash__(self) -> int:
        return self._hash

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def of(self, name: str) -> Value:
        return self._held.get(name, None if self.lost else (f"${name}",) if name.isidentifier() else None)

    def given(self, name: str, value: Value) -> Values:
        if name in self._held:
            return self if self._held[name] == value else Values({**self._held, name: value}, self.lost)
        if len(self._held) >= _MOST_NAMES:
            return Values(self._held, lost=True)
        return Values({**self._held, name: value}, self.lost)

    def put_back(self, names: frozenset[str], earlier: Values) -> Values:
        """These names as they were earlier: those that a function declares for itself."""
        if not names:
            return self
        held = {name: value for name, value in self._held.items() if name not in names}
        held |= {name: earlier._held[name] for name in names if name in earlier._held}
        return Values(held, self.lost or earlier.lost)

    def text_of(self, parts: tuple[Part, ...]) -> Value:
        """What a word comes to."""
        pieces: list[tuple[str, ...]] = []
        count = 1
        for part in parts:
            value: Value = (part.text,)
            if part.kind == PARAMETER and part.default is None:
                value = self.of(part.text)
            elif part.kind != TEXT:
                every = _ALL_OF.fullmatch(part.source)
                value = self.of(f"{every[1]}[@]") if every else None
            value = value or (UNKNOWN,)
            count *= len(value)
            if count > _MOST_VALUES:
                return None
            pieces.append(value)
        texts = sorted({"".join(chosen) for chosen in product(*pieces)})
        return tuple(texts) if all(text != UNKNOWN and len(text) <= _LONGEST for text in texts) else None

    def joined(self, other: Values) -> Values:
        if self == other:
            return self
        held: dict[str, Value] = {}
        for name in self._held.keys() | other._held.keys():
            ours, theirs = self.of(name), other.of(name)
            values = None if ours is None or theirs is None else tuple(sorted({*ours, *theirs}))
            held[name] = values if values is None or len(values) <= _MOST_VALUES else None
        return Values(held, self.lost or other.lost)


class State(NamedTuple):
    """What is surely so. `stack` are the active environments, the uppermost first; `open`: below that, something
    unknown may be active. `folder` is where the shell stands as the script names it, "" for where the job starts and
    None where that is unknown. `above` are all that may be the uppermost, as far as the script tells; "" is none.
    """

    stack: tuple[str, ...] = ()
    open: bool = False
    modules: Loaded = Loaded()
    values: Values = Values()
    folder: str | None = ""
    above: frozenset[str] = frozenset({""})

    def __str__(self) -> str:
        return " ".join([*self.stack, *("?" if self.open else ())]) or "-"


START = State()
UNSURE = State((), True, Loaded(), Values(lost=True), None, frozenset())
Reached = State | None
UNREACHABLE: None = None
"""No command runs there: it stands behind `exit`."""


class Activate(NamedTuple):
    """An environment is activated, and its modules are loaded with it."""

    name: str
    modules: tuple[str, ...] = ()


class Deactivate(NamedTuple):
    """The uppermost environment is deactivated."""


class Load(NamedTuple):
    """Modules are loaded."""

    modules: tuple[str, ...]


class Nothing(NamedTuple):
    """A command that is known to change nothing, whatever it looks like."""


Effect = Activate | Deactivate | Load | Nothing


def after(state: State, effect: Effect) -> State:
    """What an effect makes of a state."""
    match effect:
        case Activate(name, modules):
            stack = _stacked(state.stack, name)
            return state._replace(stack=stack, modules=_with(state.modules, modules), above=frozenset(stack[:1]))
        case Deactivate():
            return state._replace(stack=state.stack[1:], above=frozenset(state.stack[1:2] or ("",)))
        case Load(modules):
            return state._replace(modules=_with(state.modules, modules))
        case Nothing():
            return state


def _stacked(stack: tuple[str, ...], name: str) -> tuple[str, ...]:
    """What is active is activated anew, and what lies right below is stepped back to: conda stacks neither (conda's
    `activate.py`, `build_activate`).
    """
    if stack[:1] == (name,):
        return stack
    return stack[1:] if stack[1:2] == (name,) else (name, *stack)


def _with(loaded: Loaded, modules: tuple[str, ...]) -> Loaded:
    for module in modules:
        loaded = loaded.load(module)
    return loaded


def joined(one: Reached, other: Reached) -> Reached:
    """What is sure where two ways meet: the uppermost environments that both have, and the modules."""
    if one is UNREACHABLE or one == other:
        return other
    if other is UNREACHABLE:
        return one
    shared = 0
    while one.stack[shared : shared + 1] == other.stack[shared : shared + 1] != ():
        shared += 1
    stack_differs = one.stack != other.stack or one.open or other.open
    return State(
        one.stack[:shared],
        stack_differs,
        _loaded_of_both(one.modules, other.modules),
        one.values.joined(other.values),
        one.folder if one.folder == other.folder else None,
        one.above | other.above,
    )


def _loaded_of_both(one: Loaded, other: Loaded) -> Loaded:
    if one == other:
        return one
    surely = tuple([each for each in one.surely if each in other.surely])
    every = {*one.surely, *other.surely, *one.perhaps, *other.perhaps}
    return Loaded(surely, frozenset(every.difference(surely)))
