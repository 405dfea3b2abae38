"""Where a job unloads all its modules, those of an environment among them."""

from __future__ import annotations

from slurmfix.plan.place import apart, exclusive, same_job
from slurmfix.shell import LOOP, Place, Script

UNLOADING = ("purge", "reset", "restore")


class Purges:
    """The author's `module purge`, and what else leaves none of the modules that were loaded before it."""

    def __init__(self, script: Script) -> None:
        self._found = [
            command for command in script.holding(*UNLOADING)
            if command.name in ("module", "ml") and any(word.literal in UNLOADING for word in command.words[1:])
        ]  # fmt: skip

    def between(self, start: int, end: int, within: tuple[Place, ...]) -> bool:
        """Whether one may come between two places of the file, or has come in an earlier round of a loop around."""
        loops = {place for place in within if place.kind == LOOP}
        return any(
            (start < purge.span.start < end or loops.intersection(purge.within))
            and same_job(purge.within, within) and not apart(purge.within, within)
            and not exclusive(purge.within, within)
            for purge in self._found
        )  # fmt: skip
