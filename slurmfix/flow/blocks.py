"""The tree of what commands stand in, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from slurmfix.shell import BRANCH, Command, Place, Script


@dataclass(slots=True)
class Block:
    """Something that commands stand in, with its parts in the order of the file; the script itself has no place."""

    place: Place | None
    parts: list[Block | Command] = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        """Those inside, at whatever depth."""
        waiting = [part for part in self.parts if isinstance(part, Block)]
        while waiting:
            block = waiting.pop()
            yield block
            waiting += [part for part in block.parts if isinstance(part, Block)]


def tree_of(script: Script) -> Block:
    root = Block(None)
    path: list[Block] = [root]  # the blocks around the last command
    before: tuple[Place, ...] = ()  # their places
    known: dict[tuple[int, Place], Block] = {}
    for command in script.commands:
        within = command.within
        if not within:
            root.parts.append(command)
            path, before = [root], ()
            continue
        depth = _shared(before, within)
        before = within
        del path[depth + 1 :]
        for place in within[depth:]:
            block = known.get((id(path[-1]), place))
            if block is None:
                block = known[id(path[-1]), place] = Block(place)
                path[-1].parts.append(block)
            path.append(block)
        path[-1].parts.append(command)
    return root


def _shared(one: tuple[Place, ...], other: tuple[Place, ...]) -> int:
    """How many places two commands have in common, from the outermost on; of thousands, in a few steps."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def arms_of(parts: list[Block | Command], at: int) -> list[Block]:
    """The arms of the `if` or `case` that starts here; none where none does."""
    found: list[Block] = []
    for number in range(at, len(parts)):  # no copy of the rest, which a script of many commands would pay for
        part = parts[number]
        place = part.place if isinstance(part, Block) else None
        if not isinstance(part, Block) or place is None or place.kind != BRANCH:
            break
        if found and found[0].place is not None and found[0].place.note != place.note:
            break
        found.append(part)
    return found
