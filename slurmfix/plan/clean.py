"""The plan for a shell's start-up file: all of conda goes, and nothing takes its place."""

from __future__ import annotations

from slurmfix.plan.going import TAKEN_AWAY
from slurmfix.plan.grade import in_one_edit
from slurmfix.plan.refusals import OF_THE_STARTUP_FILE
from slurmfix.plan.remove import removal
from slurmfix.plan.step import MANUAL, REVIEW, Plan, Step
from slurmfix.remarks import phrase
from slurmfix.rules import Enter, Finding
from slurmfix.shell import Script
from slurmfix.text import Edit, Lines, excerpt


def clean_up(script: Script, findings: tuple[Finding, ...]) -> Plan:
    lines = Lines(script.text)
    gone = frozenset(f.command.span for f in findings if isinstance(f.act, (*TAKEN_AWAY, Enter)))
    steps = []
    for finding in findings:
        if finding.command.broken or not isinstance(finding.act, (*TAKEN_AWAY, Enter)):
            why = finding.why or OF_THE_STARTUP_FILE.about(source=excerpt(finding.command.source))
            steps.append(Step(finding, (), MANUAL, why))
            continue
        command = finding.command
        if finding.span != command.span and finding.span.holds(command.span):
            command = command.moved(finding.span)
        whole = finding.span.holds(command.span)
        edit = removal(script, lines, command, gone) if whole else Edit(finding.span, "")
        steps.append(Step(finding, (edit,), REVIEW, phrase("jobs load modules and make a virtualenv instead")))
    return Plan(in_one_edit(script, lines, tuple(steps)))
