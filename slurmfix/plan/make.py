"""From all findings of one script to one decision: what changes, what stays, and why."""

from __future__ import annotations

import re
from dataclasses import replace

from slurmfix.plan.building import where_to_build
from slurmfix.plan.doubts import all_doubts, with_doubts
from slurmfix.plan.going import goes_along, what_goes
from slurmfix.plan.grade import graded, in_one_edit
from slurmfix.plan.inside import edits_of, what_runs_inside, with_images
from slurmfix.plan.job import gather, needs
from slurmfix.plan.questions import last_steps, waits
from slurmfix.plan.refuse import left, refusals, refusals_by_answers, uses_nothing
from slurmfix.plan.step import Plan, Serve, Step, Style
from slurmfix.plan.writing import Draft, step_of
from slurmfix.rules import Finding
from slurmfix.shell import Script


def make_plan(script: Script, findings: tuple[Finding, ...], serve: Serve, style: Style) -> Plan:
    """One plan for a script. Raises TemplateFailed where a site's template does."""
    style = _in_its_dialect(style, script)
    job = gather(script, findings, wheelhouse=bool(style.pip_options))
    refused = refusals(job, style)
    if refused or uses_nothing(job):
        return left(job, refused, {})
    answers = {need.named.code: serve(need.named, need.packages, need.files) for need in needs(job)}
    if refused := refusals_by_answers(job, answers):
        return left(job, refused, answers)
    going = what_goes(job)
    inside = what_runs_inside(job, answers, going, style)
    answers = with_images(answers, inside)
    answers = with_doubts(answers, all_doubts(job, answers, inside, style))
    buildings = where_to_build(job, answers, going)
    draft = Draft(job, answers, going, buildings, edits_of(job, inside, style), style)
    steps = graded(_all_steps(draft), answers.values())
    return Plan(in_one_edit(script, job.lines, steps), tuple(answers.values()))


def _all_steps(draft: Draft) -> list[Step]:
    """The steps in the order of the findings; those that hang on the edits of the others come last."""
    job, going = draft.job, draft.going
    own = [at for at, finding in enumerate(job.findings) if not goes_along(job, going, finding)]
    waiting = [at for at in own if waits(going, job.findings[at])]
    steps = {at: step_of(draft, at) for at in own if at not in waiting}
    steps |= last_steps(job, going, waiting, [edit for step in steps.values() for edit in step.edits])
    return [steps[at] for at in own]


def _in_its_dialect(style: Style, script: Script) -> Style:
    """The style with what the script's own shell asks for."""
    plain = re.match(r"(?:/usr/bin/env\s+|\S*/)?(?:sh|dash)\b", script.shebang) is not None
    return replace(style, source="." if plain else style.source, crlf="\r\n" in script.text)
