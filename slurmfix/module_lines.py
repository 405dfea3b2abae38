"""The module lines of a script, held against the standard environment: what moves, and what is left, as steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from slurmfix.plan import MANUAL, REVIEW, SAFE, Plan, Site, Step
from slurmfix.recipe import Moved, moved_modules
from slurmfix.rules import RULES, Finding, Replace, loaded, without_ignored
from slurmfix.shell import Script
from slurmfix.text import Edit

_NAMES = tuple(rule.name for rule in RULES)


def moved_in(script: Script, site: Site, rules_off: tuple[str, ...]) -> dict[str, Moved]:
    """What becomes of the modules that a script loads; nothing where nobody asked for that."""
    return _moved(script, _loaded(script, rules_off), site) if site.modules_of else {}


def instead(modules: Iterable[str], moved: Mapping[str, Moved]) -> tuple[str, ...]:
    """Modules as the rewritten script loads them; those that are nowhere stay out, since they are told of as such."""
    found = ((name, moved.get(name)) for name in modules)
    names = ((each.here or ("" if each.gone else name)) if each else name for name, each in found)
    return tuple(dict.fromkeys(filter(None, names)))


def with_module_lines(script: Script, plan: Plan, site: Site, rules_off: tuple[str, ...]) -> Plan:
    """A plan with the steps of the module lines. Where one moves, the whole script wants a look."""
    if not site.modules_of:
        return plan
    found = _loaded(script, rules_off)
    ours = tuple(module for served in plan.environments for module in served.recipe.modules)
    moved = _moved(script, found, site, ours)
    taken = [edit.span for edit in plan.edits]
    steps = [
        _step(finding, each)
        for finding in found
        if (each := moved.get(_name(script, finding))) and not any(span.meets(finding.span) for span in taken)
    ]
    if not steps:
        return plan
    old = [replace(step, applicability=REVIEW) if step.applicability == SAFE else step for step in plan.steps]
    return replace(plan, steps=tuple(sorted((*old, *steps), key=lambda step: step.finding.span)))


def _loaded(script: Script, rules_off: tuple[str, ...]) -> tuple[Finding, ...]:
    return without_ignored(script, loaded(script), rules_off, _NAMES)


def _name(script: Script, finding: Finding) -> str:
    return script.text[finding.span.start : finding.span.end]


def _moved(script: Script, found: tuple[Finding, ...], site: Site, ours: tuple[str, ...] = ()) -> dict[str, Moved]:
    """What becomes of the modules that a script loads, before those of `ours` that are loaded with its environments."""
    moved = moved_modules((*(_name(script, each) for each in found), *ours), site.modules_of, site.tree)
    own_folder = any(len(c.words) > 1 and c.words[1].literal == "use" for c in script.holding("module use", "ml use"))
    return {name: each for name, each in moved.items() if not (own_folder and each.gone)}


def _step(finding: Finding, moved: Moved) -> Step:
    if not moved.here:
        return Step(finding, (), MANUAL, moved.said)
    swap = replace(finding, act=Replace(moved.here), doubt=moved.said)
    return Step(swap, (Edit(finding.span, moved.here),), REVIEW, moved.said)
