"""The story of one job script: find, plan, edit, verify."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from slurmfix.apart import read_for_sure
from slurmfix.author_lines import said_without_environment
from slurmfix.callers import Caller
from slurmfix.ledger import Ledger, account, graded, reviewed
from slurmfix.module_lines import with_module_lines
from slurmfix.noticed import containers, notes, torn
from slurmfix.outcome import Outcome
from slurmfix.plan import MANUAL, REVIEW, Need, Plan, Served, Site, Step, clean_up, gather, make_plan, needs
from slurmfix.plan.doubts.mentions import OF_OLD_FOLDERS
from slurmfix.promises import Fault, Syntax, accounted, fault_of_the_script, line_of, lost, new_script, stable, verify
from slurmfix.remarks import DOUBT, REFUSAL, Message, Remark, apart, job, phrase
from slurmfix.rules import RULES, USES, Beside, Finding, find, slips, without_ignored
from slurmfix.shell import Script
from slurmfix.text import Edit, Lines, apply, line_ending

_NAMES = tuple(rule.name for rule in RULES)


CHANGE_HELD_BACK = Message(
    id="change-held-back",
    kind=REFUSAL,
    subject="the change of this line",
    reason="slurmfix checks each change, and this change failed the check ({why})",
    action="convert this line by hand, and run slurmfix again",
)


class _Planned(NamedTuple):
    """What is to become of a script, and what of it is accounted for, where it `uses_conda`."""

    ignored: tuple[Finding, ...]
    plan: Plan
    ledger: Ledger
    uses_conda: bool = True
    said: tuple[str, ...] = ()


class _Proposed(NamedTuple):
    """What the rules find in a script, what of it the author ignores, and the plan before it is accounted for."""

    found: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    plan: Plan
    uses_conda: bool = True


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a script is converted with, whatever it holds."""

    answer: Callable[[Script, tuple[Finding, ...], tuple[Need, ...]], Mapping[str, Served]]
    site: Site
    safe_only: bool
    syntax: Syntax
    startup: bool
    rules_off: tuple[str, ...]
    beside: Beside
    callers: tuple[Caller, ...]

    def planned(self, script: Script) -> _Planned:
        proposed = self._proposed(script)
        ledger = self._account(script, proposed)
        plan = graded(proposed.plan, ledger)
        if said := self._said_of_modules(script, proposed, plan):
            plan = reviewed(plan)
        plan = self._with_module_lines(script, plan)
        return _Planned(proposed.ignored, plan, ledger, uses_conda=proposed.uses_conda, said=said)

    def _said_of_modules(self, script: Script, proposed: _Proposed, plan: Plan) -> tuple[str, ...]:
        """What is said of the author's modules where no environment is made, which tells of them otherwise."""
        if plan.environments or not plan.changing or self.startup:
            return ()
        return said_without_environment(script, proposed.found, self.site)

    def again(self, script: Script) -> Plan:
        """The plan alone: one that changes nothing stays as it is, whatever its account says."""
        proposed = self._proposed(script)
        plan = proposed.plan
        return self._with_module_lines(script, graded(plan, self._account(script, proposed)) if plan.changing else plan)

    def _proposed(self, script: Script) -> _Proposed:
        found = find(script, self.beside)
        findings = without_ignored(script, found, self.rules_off, _NAMES)
        ignored = tuple(finding for finding in found if finding not in findings) if len(findings) < len(found) else ()
        if self.startup:
            return _Proposed(found, ignored, clean_up(script, findings), uses_conda=False)
        if not findings:
            return _Proposed(found, ignored, Plan(()), uses_conda=False)
        job = gather(script, findings, self.site, self.callers)
        return _Proposed(found, ignored, make_plan(job, self.answer(script, findings, needs(job)), self.site))

    def _account(self, script: Script, proposed: _Proposed) -> Ledger:
        if self.startup:
            return Ledger(script, (), ())
        if proposed.uses_conda:
            return account(script, proposed.found, proposed.plan, self.beside, site=self.site)
        return account(script, proposed.found, proposed.plan, self.beside, site=self.site).surely

    def _with_module_lines(self, script: Script, plan: Plan) -> Plan:
        return plan if self.startup else with_module_lines(script, plan, self.site, self.rules_off)


def convert(
    path: str,
    text: str,
    answer: Callable[[Script, tuple[Finding, ...], tuple[Need, ...]], Mapping[str, Served]],
    site: Site,
    safe_only: bool = False,
    syntax: Syntax = lambda text, whole: None,
    startup: bool = False,
    rules_off: tuple[str, ...] = (),
    beside: Beside = lambda name: None,
    callers: tuple[Caller, ...] = (),
) -> Outcome:
    """Convert one script, or a start-up file of the shell (`startup`). `answer` looks up what it needs, `beside` the
    text of a file that the script names, and `callers` are the scripts of the project that start or source it.

    What the rules of `rules_off` find is left alone, as are ignored lines. Raises TemplateFailed,
    TooManyFindings.
    """
    return _converted(path, text, _Asked(answer, site, safe_only, syntax, startup, rules_off, beside, callers))


def _converted(path: str, text: str, asked: _Asked) -> Outcome:
    script = read_for_sure(text, asked.syntax)
    amiss = slips(script, _NAMES)
    ignored, plan, ledger, uses_conda, of_modules = asked.planned(script)
    if not plan.steps:
        told = () if ignored else torn(script) or ledger.remarks
        return Outcome(
            path, text, text, notes=(*amiss, *told, *containers(script)), unhandled=bool(told), ignored=ignored
        )
    outcome = _carried_out(path, script, plan, ledger if uses_conda else None, asked)
    held = _held_back(plan, text) if asked.safe_only else ()
    said = (*amiss, *outcome.notes, *of_modules, *held, *ledger.said_beside(_left(plan, text)))
    outcome = outcome._replace(ignored=ignored, notes=said, unhandled=ledger.is_unhandled)
    if refused := [*dict.fromkeys(served.refused for served in plan.environments if served.refused)]:
        return outcome._replace(error=refused[0] if len(refused) == 1 else "; ".join(refused))
    return _held_against_the_rest(outcome, script, asked)


def _left(plan: Plan, text: str) -> frozenset[int]:
    """The lines that a plan leaves to a person, or of which it says what becomes of a folder of conda's."""
    lines = Lines(text)
    left = frozenset(lines.position(s.finding.span.start)[0] for s in plan.steps if s.applicability == MANUAL)
    doubts = (doubt for served in plan.environments for doubt in served.doubts if isinstance(doubt, Remark))
    return left.union(doubt.line for doubt in doubts if doubt.message in OF_OLD_FOLDERS)


def _carried_out(path: str, script: Script, plan: Plan, ledger: Ledger | None, asked: _Asked) -> Outcome:
    """What the plan makes of the script; where a promise breaks, without the line that breaks it. `ledger` is None
    where nothing of conda goes.
    """
    outcome = edited(path, script, _only_safe(plan) if asked.safe_only else plan, asked.syntax)
    if ledger is not None and (broken := accounted(script, plan, ledger)):
        return _taken_back(outcome, broken)
    if not outcome.broken:
        return outcome
    outcome = _without_one(outcome, script, asked.syntax)
    if outcome.changes and not asked.safe_only and _converted(path, outcome.after, asked).changes:
        # What was held back would not be the next time.
        return _taken_back(outcome, ("run again, it would change a line that was held back",))
    return outcome


def _held_against_the_rest(outcome: Outcome, script: Script, asked: _Asked) -> Outcome:
    """The outcome held against a second run, and against bash."""
    if outcome.changes and not asked.safe_only:
        stays = frozenset(step.finding.command.source for step in outcome.steps if not step.edits)
        new = new_script(script, outcome.after, outcome.edits)
        broken = stable(new, asked.again, stays)
        outcome = _taken_back(outcome, broken) if broken else outcome
    if outcome.broken and (fault := fault_of_the_script(script, outcome.broken, asked.syntax)) is not None:
        return _left_to_a_person(outcome, fault)
    if outcome.changes and not outcome.broken and (refusal := asked.syntax(outcome.after, True)):
        return _doubted(outcome, refusal)
    return outcome


def _doubted(outcome: Outcome, refusal: str) -> Outcome:
    """A script that bash refuses before and after: nobody knows for sure what its commands are."""
    steps = tuple(replace(step, applicability=REVIEW) if step.edits else step for step in outcome.steps)
    plan = Plan(steps, outcome.environments)
    return outcome._replace(plan=plan, notes=(*outcome.notes, MISTAKE.about(line_of(refusal), why=refusal)))


def edited(path: str, script: Script, plan: Plan, syntax: Syntax) -> Outcome:
    """The outcome of a plan, with the promises that can be checked on the two texts."""
    text = script.text
    edits = _with_line_ends(plan.edits, text)
    try:
        after = apply(text, edits)
    except ValueError as error:
        return Outcome(path, text, text, plan, broken=(str(error),), notes=notes(script))
    created = plan.files if after != text else ()
    outcome = Outcome(path, text, after, plan, edits, created, notes=notes(script))
    broken = (*verify(script, after, edits, syntax), *lost(script, plan, after)) if after != text else ()
    return _taken_back(outcome, broken) if broken else outcome


def _without_one(outcome: Outcome, script: Script, syntax: Syntax) -> Outcome:
    """The outcome without the one line whose change breaks a promise, where leaving that line would do."""
    for at, step in enumerate(outcome.steps):
        if not step.edits or isinstance(step.finding.act, USES) or outcome.plan is None:
            continue
        why = CHANGE_HELD_BACK.about(why=outcome.broken[0])
        kept = [replace(each, applicability=REVIEW) if each.edits else each for each in outcome.steps]
        kept[at] = replace(step, edits=(), applicability=MANUAL, why=why)
        mended = edited(outcome.path, script, replace(outcome.plan, steps=tuple(kept)), syntax)
        if not mended.broken:
            return mended
    return outcome


def _left_to_a_person(outcome: Outcome, fault: Fault) -> Outcome:
    """What cannot be read cannot be rewritten for sure: that is the script's fault, and no promise of ours."""
    steps = tuple(replace(step, edits=(), applicability=MANUAL, why=fault.why) for step in outcome.steps)
    return outcome._replace(plan=Plan(steps), broken=(), unhandled=True)


def _taken_back(outcome: Outcome, broken: tuple[str, ...]) -> Outcome:
    return outcome._replace(after=outcome.before, edits=(), created=(), broken=broken)


def _with_line_ends(edits: tuple[Edit, ...], text: str) -> tuple[Edit, ...]:
    ending = line_ending(text)
    if ending == "\n":
        return edits
    return tuple(Edit(edit.span, edit.new.replace("\n", ending)) for edit in edits)


def _only_safe(plan: Plan) -> Plan:
    steps = tuple(replace(step, edits=()) if step.applicability == REVIEW else step for step in plan.steps)
    return replace(plan, steps=steps, environments=plan.environments if any(s.edits for s in steps) else ())


MISTAKE = Message(
    id="bash-refuses-it",
    kind=DOUBT,
    subject="the script as it stands",
    reason="bash cannot read this script, before or after the change ({why})",
    action="correct this mistake in the script, too, or the job fails there",
    bad="#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython train.py\nif true; then\necho\n",
    good="#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython train.py\n",
)
HELD_BACK = Message(
    id="held-back",
    kind=DOUBT,
    subject="`{words}`",
    reason="--safe leaves this line unchanged, since its change wants a look ({why})",
    action="run slurmfix without --safe to see the change",
    bad=job("conda activate vision\npython train.py", command="slurmfix --safe job.sh"),
    good="""\
#!/bin/bash
#SBATCH --time=1:00
conda activate vision
python train.py
""",
)


def _held_back(plan: Plan, text: str) -> tuple[Remark, ...]:
    """What --safe leaves, once for each reason, at the first line that it is the reason for."""
    first: dict[str, Step] = {}
    for step in plan.steps:
        if step.applicability == REVIEW and step.edits:
            first.setdefault(step.why, step)
    lines = Lines(text)
    held = []
    for why, step in first.items():
        span = step.finding.span
        words = _short(text[span.start : span.end])
        first_of_all, *more = apart(why)[1:] or (why,)  # what the change is comes first, then each doubt
        if isinstance(first_of_all, Remark):
            first_of_all = first_of_all.without_action
        told = phrase("{why}, and {count} more reasons", why=first_of_all, count=len(more)) if more else first_of_all
        held.append(HELD_BACK.about(*lines.position(span.start), step.environment, words=words, why=told))
    return tuple(held)


def _short(words: str) -> str:
    line = words.strip().split("\n", 1)[0].rstrip("\\ ")
    return line if len(line) <= 60 else f"{line[:57]}…"


__all__ = ["Syntax", "convert", "edited"]
