"""Which environments are active at a place of a script, as far as that is sure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slurmfix.plan.place import apart, calls_function, exclusive, job_of, same_job, shell_of, surely
from slurmfix.plan.step import Named
from slurmfix.rules import Enter, Finding, Leave
from slurmfix.shell import FUNCTION, LOOP, Place, Script


class Activations:
    """What the findings of a script activate and deactivate; environments go by the code of their names."""

    def __init__(self, script: Script, findings: tuple[Finding, ...], names: Mapping[int, Named]) -> None:
        self._script, self._findings, self._names = script, findings, names
        self._turns = [(at, finding) for at, finding in enumerate(findings) if isinstance(finding.act, Enter | Leave)]

    def before(self, at: int) -> tuple[str, ...]:
        """What is active before a finding, by its number."""
        command = self._findings[at].command
        return self.at(command.within, command.span.start)

    def at(self, here: tuple[Place, ...], offset: int, but: int = -1, own: bool = False) -> tuple[str, ...]:
        """The environments that are surely stacked at a place, the uppermost first; ("?",) where that is not sure.

        The finding `but` is left out: the one that is being moved there. `own`: only those that the shell of the place
        has activated itself, which alone it can deactivate.
        """
        shell = here[: shell_of(here)] if own else ()
        around = len(shell) if own else job_of(here)  # the places that say nothing: what they repeat starts empty
        stack: list[str] = []
        unsure = loose = False  # loose: a function that may be called anywhere deactivates
        for number, finding in self._turns:
            there = finding.command.within
            if finding.command.span.start >= offset or number == but:
                continue
            if (
                there[: len(shell)] != shell
                or not same_job(there, here)
                or apart(there, here)
                or exclusive(there, here)
            ):
                continue
            if any(p.kind == FUNCTION and p not in here and not self._spoken_of(p, offset) for p in there):
                continue
            if not surely(there, here):
                unsure = unsure or isinstance(finding.act, Enter) or bool(stack)
                loose = loose or any(place.kind == FUNCTION for place in there)
            elif isinstance(finding.act, Enter):
                if stack[:1] != [self._names[number].code]:  # conda does not stack an environment on itself
                    stack.insert(0, self._names[number].code)
            elif stack:
                stack.pop(0)
        function = next((p for p in here[around:] if p.kind == FUNCTION), None)
        if function is not None and not stack:  # what is active where it is called
            unsure = unsure or any(
                isinstance(finding.act, Enter) and function not in finding.command.within
                for _, finding in self._turns
                if finding.command.within[: len(shell)] == shell
            )
        for place in here[around:]:
            if place.kind != LOOP and not (place.kind == FUNCTION and self._runs_again(place)):
                continue
            turns = (finding for _, finding in self._turns if place in finding.command.within)
            inside = [type(finding.act) for finding in turns if not apart(finding.command.within, here)]
            if inside.count(Enter) != inside.count(Leave) or inside[:1] == [Leave]:
                unsure = True
        return ("?",) if unsure or (loose and stack) else tuple(stack)

    def below(self, at: int) -> str:
        """The environment that may be active below another one before a finding, where that is not sure; else ""."""
        here, stack = self._findings[at].command, [""]
        arms: list[tuple[Place, ...]] = []
        loops = {place for place in here.within if place.kind == LOOP}
        earlier = [turn for turn in self._turns if turn[0] < at]
        round_before = [turn for turn in self._turns if turn[0] > at and loops.intersection(turn[1].command.within)]
        for number, finding in earlier + round_before:
            there = finding.command.within
            if not same_job(there, here.within) or apart(there, here.within):
                continue
            if exclusive(there, here.within) or any(exclusive(there, arm) for arm in arms):
                continue
            if isinstance(finding.act, Enter) and stack[0] != self._names[number].code:
                stack.insert(0, self._names[number].code)
                arms.append(there)
            elif isinstance(finding.act, Leave) and surely(there, here.within) and len(stack) > 1:
                del stack[0], arms[-1]
        return stack[1] if len(stack) > 2 else ""

    def _runs_again(self, function: Place) -> bool:
        """Whether a function may be called more than once."""
        calls = [
            command for command in self._script.commands
            if calls_function(command, function.note) and not function.span.holds(command.span)
        ]  # fmt: skip
        return len(calls) > 1 or any(
            call.name != function.note or any(place.kind in (LOOP, FUNCTION) for place in call.within) for call in calls
        )

    def _spoken_of(self, function: Place, end: int) -> bool:
        """Whether the script names a function between its definition and a place: only then it may have run."""
        name = rf"(?<![\w-]){re.escape(function.note)}(?![\w-])"
        return bool(re.search(name, self._script.text[function.span.end : end]))
