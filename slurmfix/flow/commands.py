"""What the shell's own commands, and `module`, make of a state: assignments, `cd`, loads and unloads."""

from __future__ import annotations

import re

from slurmfix.flow.state import Loaded, State, Value, Values
from slurmfix.shell import DECLARING, Assignment, Command, Word, parts_of

_LOADING = ("load", "add")
_UNLOADING = ("unload", "rm", "remove", "del", "delete")
_SWAPPING = ("swap", "switch", "sw")
_UNKNOWN = ("purge", "reset", "restore", "r")
# What `ml` takes for a command of `module`'s; any other word is a module to load.
_OF_ML = frozenset(
    """
    list spider avail av overview whatis keyword help show display disp use unuse save describe savelist sl is-loaded
    is-avail category cache
    """.split()
)
_READS = ("read", "getopts", "mapfile", "readarray", "let", "select")
_ELEMENT = re.compile(r"(\w+)\[", re.ASCII)
_GIVEN = re.compile(r"(?<![\w$])([A-Za-z_]\w*)\+?=", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


def after_command(state: State, command: Command) -> State:
    """What one command that is not called by a name of the script's own leaves."""
    name = command.name
    if name in ("module", "ml"):
        return state._replace(modules=_modules_after(state.modules, name, command.words[1:]))
    if name in ("cd", "pushd", "popd"):
        return state._replace(folder=_folder_after(state, command))
    if name in ("source", "."):
        return state._replace(modules=state.modules.unsure())
    values = _values_after(state.values, command)
    return state if values is state.values else state._replace(values=values)


def _modules_after(loaded: Loaded, program: str, words: tuple[Word, ...]) -> Loaded:
    literals = [word.literal for word in words]
    forced = "--force" in literals or "-f" in literals
    plain = [word for word in literals if not word.startswith("-") or (program == "ml" and _unloads(word))]
    asked, named = (plain[0], plain[1:]) if plain else ("", [])
    if asked == "try-load":
        return Loaded(loaded.surely, loaded.perhaps.union(named))
    if asked in _UNKNOWN:
        return Loaded() if asked == "purge" and forced else loaded.unsure()
    if asked in _UNLOADING:
        for module in named:
            loaded = loaded.unload(module)
        return loaded
    if asked in _SWAPPING and named:
        return loaded.unload(named[0]).load(named[-1])
    if program == "ml" and asked not in _LOADING and asked not in _OF_ML:
        named = plain
    elif asked not in _LOADING:
        return loaded
    for module in named:
        loaded = loaded.unload(module[1:]) if _unloads(module) else loaded.load(module)
    return loaded


def _unloads(word: str) -> bool:
    """`ml -gcc` unloads; `ml --terse` and `ml -t` are options."""
    return word.startswith("-") and not word.startswith("--") and len(word) > 2


def _folder_after(state: State, command: Command) -> str | None:
    words = [word for word in command.words[1:] if word.literal not in ("-P", "-L", "--")]
    if command.name != "cd" or len(words) > 1:
        return None
    if not words:
        return "~"
    texts = state.values.text_of(words[0].parts)
    if texts is None or len(texts) != 1 or texts[0] == "-":
        return None
    (to,) = texts
    if to.startswith(("/", "~", "$")):
        return to.rstrip("/") or "/"
    if state.folder is None or ".." in to.split("/"):
        return None
    steps = [step for step in to.split("/") if step not in ("", ".")]
    return "/".join([*([state.folder] if state.folder else []), *steps])


def _values_after(values: Values, command: Command) -> Values:
    if command.name == "unset":
        for word in command.words[1:]:
            if _NAME.match(word.literal):
                values = values.given(word.literal, ("",))
        return values
    if command.name in _READS or (command.name == "printf" and command.words[1:2] and command.words[1].source == "-v"):
        for word in command.words[1:]:
            if _NAME.match(word.literal):
                values = values.given(word.literal, None)
        return values
    if command.name == "eval" or command.name in DECLARING:
        values = _evaluated(values, command)
    if "=" not in command.source or (command.words and command.name not in DECLARING):
        return values  # what stands in front of a command holds for that alone
    elements = frozenset(_ELEMENT.findall(command.source)) if "[" in command.source else frozenset()
    for assigned in command.assignments:
        values = _assigned(values, assigned, assigned.name in elements)
    return values


def _evaluated(values: Values, command: Command) -> Values:
    """The variables that `eval NAME=a` and `export "NAME=a"` give a value, in quotes that hide it."""
    known = {assigned.name for assigned in command.assignments} if command.name != "eval" else set()
    for name in _GIVEN.findall(command.source):
        if name not in known:
            values = values.given(name, None)
    return values


def _assigned(values: Values, assigned: Assignment, is_element: bool) -> Values:
    """With one more value; `is_element`: it is that of one element of an array."""
    source, name = assigned.word.source, assigned.name
    if is_element:
        return values.given(name, None).given(f"{name}[@]", None)
    if source.startswith("("):
        listed = values.text_of(parts_of(source.strip("()")))
        every = f"{name}[@]"
        if assigned.operator == "+=":
            listed = _one_behind_the_other(values.of(every), listed, " ")
        return values.given(name, None).given(every, listed)
    value = values.text_of(assigned.word.parts)
    return values.given(name, _one_behind_the_other(values.of(name), value) if assigned.operator == "+=" else value)


def _one_behind_the_other(one: Value, other: Value, between: str = "") -> Value:
    if one is None or other is None or len(one) != 1 or len(other) != 1:
        return None
    return (one[0] + between + other[0],)
