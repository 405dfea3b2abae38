"""Which environments are active at a place of a script, as far as that is sure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from slurmfix.flow import UNREACHABLE, Activate, Deactivate, Effect, Flow, Reached
from slurmfix.plan.place import apart, exclusive, same_job, surely
from slurmfix.plan.step import Named
from slurmfix.rules import Enter, Finding, Leave
from slurmfix.shell import LOOP, Command, Place, Script
from slurmfix.text import Span

UNSURE = ("?",)
_MOST_ARMS = 20  # that are tried one by one


class Activations:
    """What the findings of a script activate and deactivate; environments go by the code of their names."""

    def __init__(self, script: Script, findings: tuple[Finding, ...], names: Mapping[int, Named]) -> None:
        self._findings, self._names = findings, names
        self._turns = [(at, finding) for at, finding in enumerate(findings) if isinstance(finding.act, Enter | Leave)]
        effects: dict[Span, Effect] = {
            finding.command.span: Activate(names[at].code) if isinstance(finding.act, Enter) else Deactivate()
            for at, finding in self._turns
        }
        self._flow = Flow(script, effects)
        self._commands = script.commands
        self._starts = [command.span.start for command in script.commands]

    def before(self, at: int) -> tuple[str, ...]:
        """What is active before a finding, by its number."""
        return self.of(self._findings[at].command)

    def of(self, command: Command, own: bool = False) -> tuple[str, ...]:
        """The environments that are surely stacked before a command, the uppermost first; UNSURE where none is for
        sure, and one may be. `own`: only those that the shell of the command has activated itself, which alone it can
        deactivate.
        """
        state = self._state(command, own)
        if state is UNREACHABLE:
            return ()
        return state.stack or (UNSURE if state.open else ())

    def may_be_none(self, command: Command) -> bool:
        """Whether on some way to a command, as far as the script tells, nothing is active."""
        state = self._state(command)
        return state is UNREACHABLE or "" in state.above

    def may_be_more(self, command: Command) -> bool:
        """Whether, below what is surely active before a command, something else may be."""
        state = self._state(command)
        return state is not UNREACHABLE and state.open

    def _state(self, command: Command, own: bool = False) -> Reached:
        states = self._flow.own if own else self._flow.before
        walked = command if command.span in states else self._following(command.within, command.span.start)
        return states.get(walked.span, UNREACHABLE) if walked is not None else UNREACHABLE

    def own_at(self, here: tuple[Place, ...], offset: int, but: int = -1) -> tuple[str, ...]:
        """The same at the start of a statement: what the shell there has activated itself, without what the finding
        `but` activates, which is being moved there.
        """
        command = self._following(here, offset)
        active = self.of(command, own=True) if command is not None else ()
        if but >= 0 and self._findings[but].span.start < offset and active[:1] == (self._names[but].code,):
            return active[1:]
        return active

    def _following(self, here: tuple[Place, ...], offset: int) -> Command | None:
        """The first command behind a place that is none itself, such as a test to the grammar."""
        at = bisect_left(self._starts, offset)
        return next((each for each in self._commands[at:] if each.within[: len(here)] == here), None)

    def below(self, at: int) -> str:
        """The environment that may be active below another one before a finding, where that is not sure; else "". Of
        arms of which one alone runs, each may be the one.
        """
        arms = {turn[1].command.within for turn in self._turns if turn[0] < at}
        found = (self._below(at, arm) for arm in sorted(arms, key=len)[:_MOST_ARMS])
        return next(filter(None, found), "")

    def _below(self, at: int, arm: tuple[Place, ...]) -> str:
        """The same, if what stands in one arm runs."""
        here, stack = self._findings[at].command, [""]
        arms: list[tuple[Place, ...]] = []
        loops = {place for place in here.within if place.kind == LOOP}
        earlier = [turn for turn in self._turns if turn[0] < at]
        round_before = [turn for turn in self._turns if turn[0] > at and loops.intersection(turn[1].command.within)]
        for number, finding in earlier + round_before:
            there = finding.command.within
            if not same_job(there, here.within) or apart(there, here.within) or exclusive(there, arm):
                continue
            if exclusive(there, here.within) or any(exclusive(there, other) for other in arms):
                continue
            if isinstance(finding.act, Enter) and stack[0] != self._names[number].code:
                stack.insert(0, self._names[number].code)
                arms.append(there)
            elif isinstance(finding.act, Leave) and surely(there, here.within) and len(stack) > 1:
                del stack[0], arms[-1]
        return stack[1] if len(stack) > 2 else ""
