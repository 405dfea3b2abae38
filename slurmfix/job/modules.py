"""The modules that a job loads itself, before its environment and behind it."""

from __future__ import annotations

from slurmfix.rules import USES, Finding
from slurmfix.rules.conda_module import modules_of
from slurmfix.shell import BRANCH, FUNCTION, LOOP, Command, Script, Word, value_of


def loaded_modules(script: Script, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The modules that the author has surely loaded, and that stay, where the first environment is needed."""
    first = _first_use(script, findings)
    found: list[str] = []
    for command in script.commands:
        if command.span.start >= first or command.name not in ("module", "ml") or command.within:
            continue
        words = command.words
        if len(words) > 1 and words[1].literal in ("purge", "reset", "restore"):
            found.clear()
        asked, modules = modules_of(words)
        kept = _kept(script, command, modules, findings)
        if asked == "load":
            found += kept
        elif asked == "unload":
            found = [name for name in found if name not in kept and name.split("/")[0] not in kept]
    return tuple(dict.fromkeys(found))


def modules_loaded_later(script: Script, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The modules that the author loads elsewhere: behind the first activation, in a function, a branch or an inner
    script.
    """
    first = _first_use(script, findings)
    uses = [finding.command for finding in findings if isinstance(finding.act, USES)]
    found: list[str] = []
    for command in script.holding("module", "ml"):
        if uses and all(_in_another_arm(command, use) for use in uses):
            continue
        if command.span.start > first or command.within:
            asked, modules = modules_of(command.words)
            found += _kept(script, command, modules, findings) if asked == "load" else ()
    return tuple(dict.fromkeys(found))


def _in_another_arm(one: Command, other: Command) -> bool:
    """Whether no run of the script comes by both commands: they stand in different arms of an `if` or a `case`, which
    runs once.
    """
    if any(place.kind in (FUNCTION, LOOP) for place in one.within):
        return False
    arms = {place.note: place for place in one.within if place.kind == BRANCH}
    return any(place.kind == BRANCH and arms.get(place.note, place) != place for place in other.within)


def _first_use(script: Script, findings: tuple[Finding, ...]) -> int:
    """Where the first environment is needed."""
    return min((f.span.start for f in findings if isinstance(f.act, USES)), default=len(script.text))


def _kept(script: Script, command: Command, modules: tuple[Word, ...], findings: tuple[Finding, ...]) -> list[str]:
    """The modules of a command without conda's own, which go; constants of the script are filled in."""
    gone = [finding.span for finding in findings]
    stay = [word for word in modules if not any(span.holds(word.span) for span in gone)]
    values = (value_of(script, word, command) for word in stay)
    return [name for value in values if value.known for name in value.text.split()]
