"""The account of one script: entries without claims, what is said of them, and the grade that they leave."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from slurmfix.flow import Activate, Deactivate, Effect, Flow
from slurmfix.ledger.claims import CLAIMANTS, Case, Claim, Claimant
from slurmfix.ledger.entries import CODE, TRACE, Entry, entries_of
from slurmfix.plan import MANUAL, REVIEW, SAFE, Plan, Step
from slurmfix.remarks import DOUBT, REFUSAL, Message, Remark
from slurmfix.rules import Enter, Finding, Leave
from slurmfix.shell import Script
from slurmfix.text import Span

_LONGEST = 60  # characters of a command that is shown

NOT_READ = Message(
    id="code-not-read",
    kind=DOUBT,
    subject="`{source}`",
    reason="the text that runs there is not read, and may use conda",
    action="look there before you apply the change",
    bad="source ~/miniconda3/etc/profile.d/conda.sh\nconda activate myenv\nsource settings.sh\npython train.py\n",
    good="source ~/miniconda3/etc/profile.d/conda.sh\nconda activate myenv\npython train.py\n",
)
NOT_FOLLOWED = Message(
    id="conda-not-followed",
    kind=REFUSAL,
    subject="`{source}`",
    reason="conda is used there in a way that is not followed",
    action="write the call as a plain command",
    bad="conda activate myenv\nWORK='conda run -n other python b.py'\neval \"$WORK\"\n",
    good="conda activate myenv\nWORK='python b.py'\neval \"$WORK\"\n",
)
STILL_NAMED = Message(
    id="conda-still-named",
    kind=DOUBT,
    subject="`{source}`",
    reason="conda is still named there",
    action="see whether the job needs that",
    bad="conda activate myenv\nexport TOOLS=$HOME/miniconda3/pkgs\npython train.py\n",
    good="conda activate myenv\nexport TOOLS=$HOME/tools\npython train.py\n",
)


class Ledger(NamedTuple):
    """What matters in a script, and who answers for it."""

    script: Script
    entries: tuple[Entry, ...]
    claims: tuple[Claim, ...]

    @property
    def open(self) -> tuple[Entry, ...]:
        """The entries that nobody claims."""
        claimed = {id(claim.entry) for claim in self.claims}
        return tuple(entry for entry in self.entries if id(entry) not in claimed)

    @property
    def needs_conda(self) -> Entry | None:
        """The first open entry that calls conda: nothing of the script can do without it."""
        return next((entry for entry in self.open if entry.needs), None)

    @property
    def is_unhandled(self) -> bool:
        """Whether conda is left in the script where no step tells so."""
        return any(entry.kind == TRACE for entry in self.open)

    def line(self, entry: Entry) -> int:
        return self.script.text.count("\n", 0, entry.span.start) + 1

    @property
    def surely(self) -> Ledger:
        """The account of a script in which nothing is found: what only names conda may be anything else."""

        def matters(entry: Entry) -> bool:
            return entry.needs or (
                entry.kind == TRACE and any(each.span.holds(entry.span) for each in self.script.directives)
            )

        return self._replace(entries=tuple(filter(matters, self.entries)))

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is said of the open entries, once for each line."""
        told: dict[int, Remark] = {}
        for entry in self.open:
            line = self.line(entry)
            if line not in told or entry.needs:
                message = NOT_READ if entry.kind == CODE else NOT_FOLLOWED if entry.needs else STILL_NAMED
                told[line] = message.about(line, source=_shown(entry, self.script.text))
        return tuple(told[line] for line in sorted(told))


def _shown(entry: Entry, text: str) -> str:
    """The command, or the line, that an entry is about."""
    start = text.rfind("\n", 0, entry.span.start) + 1
    end = text.find("\n", entry.span.end)
    source = text[entry.span.start : entry.span.end] if entry.kind == CODE else text[start : end if end >= 0 else None]
    line = " ".join(source.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def account(
    script: Script, found: tuple[Finding, ...], plan: Plan, claimants: tuple[Claimant, ...] = CLAIMANTS
) -> Ledger:
    """The account of a script and its plan; `found` are all findings, also those that the author ignores."""
    effects: dict[Span, Effect] = {}
    for step in plan.steps:
        act, command = step.finding.act, step.finding.command
        if isinstance(act, Enter):
            effects[command.span] = Activate(step.environment)
        elif isinstance(act, Leave):
            effects[command.span] = Deactivate()
    entries = entries_of(script, found)
    case = Case(script, found, plan, Flow(script, effects), entries)
    claims = tuple(Claim(entry, claimant.__name__) for claimant in claimants for entry in claimant(case))
    return Ledger(script, entries, claims)


def graded(plan: Plan, ledger: Ledger) -> Plan:
    """The plan as far as the account allows it: whole, with a second look, or not at all."""
    if not ledger.open or not any(step.edits for step in plan.steps):
        return plan
    needing = ledger.needs_conda
    if needing is not None:
        why = f"stays as long as what line {ledger.line(needing)} needs has to stay"
        return Plan(tuple(_left(step, why) for step in plan.steps))
    return replace(plan, steps=tuple(_reviewed(step) for step in plan.steps))


def _left(step: Step, why: str) -> Step:
    return step if step.applicability == MANUAL else replace(step, edits=(), applicability=MANUAL, why=why)


def _reviewed(step: Step) -> Step:
    return replace(step, applicability=REVIEW) if step.applicability == SAFE else step
