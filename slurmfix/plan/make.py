"""From all findings of one script to one decision: what changes, what stays, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from slurmfix.callers import Caller
from slurmfix.plan.building import unmade, where_to_build
from slurmfix.plan.doubts import all_doubts, with_doubts
from slurmfix.plan.filled import puts_in_braces
from slurmfix.plan.going import goes_along, what_goes
from slurmfix.plan.grade import graded, in_one_edit
from slurmfix.plan.inside import edits_of, what_runs_inside, with_images
from slurmfix.plan.job import Job, read_job
from slurmfix.plan.questions import last_steps, waits
from slurmfix.plan.refusals import FILLED_IN
from slurmfix.plan.refuse import left, refusals, refusals_by_answers, uses_nothing
from slurmfix.plan.step import Plan, Served, Site, Step
from slurmfix.plan.unread import without_unread
from slurmfix.plan.writing import Draft, step_of
from slurmfix.rules import Finding, Start
from slurmfix.shell import Script


def gather(script: Script, findings: tuple[Finding, ...], site: Site, callers: tuple[Caller, ...] = ()) -> Job:
    """What the findings of a script come to, before anything is known of its environments. `callers` are the scripts of
    the project that start or source this one.
    """
    job = replace(read_job(script, findings, wheelhouse=site.wheelhouse), callers=callers)
    return replace(job, refused=refusals(job, site))


def make_plan(job: Job, answers: Mapping[str, Served], site: Site) -> Plan:
    """One plan for a script. `answers` are what is known of the environments that `needs(job)` names, by their codes.

    Raises TemplateFailed where a site's template does.
    """
    if job.refused or uses_nothing(job):
        return left(job, job.refused, answers)
    if refused := refusals_by_answers(job, answers):
        return left(job, refused, answers)
    going = what_goes(job)
    inside = what_runs_inside(job, answers, going)
    answers = with_images(answers, inside)
    answers = with_doubts(answers, all_doubts(job, answers, inside, site))
    buildings = where_to_build(job, answers, going)
    going = replace(going, commands=going.commands | unmade(job, buildings))
    draft = Draft(job, answers, going, buildings, edits_of(job, inside, site), site)
    steps = graded(_all_steps(draft), answers.values())
    steps = without_unread(job.script, job.lines, steps)
    if not job.dialect.braces and puts_in_braces(job.script, (edit for step in steps for edit in step.edits)):
        return left(job, dict.fromkeys(job.names, FILLED_IN.about()), answers)
    return Plan(in_one_edit(job.script, job.lines, steps), tuple(answers.values()))


def _all_steps(draft: Draft) -> list[Step]:
    """The steps in the order of the findings; those that hang on the edits of the others come last."""
    job, going = draft.job, draft.going
    own = [at for at, f in enumerate(job.findings) if not goes_along(job, going, f) and not _is_built(draft, at)]
    waiting = [at for at in own if waits(going, job.findings[at])]
    steps = {at: step_of(draft, at) for at in own if at not in waiting}
    steps |= last_steps(job, going, waiting, [edit for step in steps.values() for edit in step.edits])
    return [steps[at] for at in own]


def _is_built(draft: Draft, at: int) -> bool:
    """Whether nothing is to be built for the tasks that a finding starts."""
    building = draft.buildings.get(at)
    return isinstance(draft.job.findings[at].act, Start) and (building is None or building.ahead is None)
