"""What a deactivation of conda's comes to in the rewritten job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from slurmfix.plan.active import UNSURE
from slurmfix.plan.job import Job
from slurmfix.plan.place import in_trap
from slurmfix.plan.step import Served


class Leaves(Enum):
    OUTSIDE = "what another shell has activated, and this one cannot deactivate"
    IDLE = "nothing, so it goes"
    IMAGE = "an image"
    MODULES = "what consists of modules, and stays"
    MAYBE = "a virtualenv that may be active"
    BACK = "a virtualenv for the one below it"
    VIRTUALENV = "a virtualenv"


@dataclass(frozen=True, slots=True)
class Leaving:
    """`code` is what is left, of `BACK` what is gone back to. `sure` says whether it is active for sure."""

    leaves: Leaves
    code: str = ""
    sure: bool = True


def leaving(job: Job, answers: Mapping[str, Served], at: int) -> Leaving:
    active, command = job.active.before(at), job.findings[at].command
    if active and not job.active.of(command, own=True):
        if active == UNSURE:
            return Leaving(Leaves.OUTSIDE, sure=False)
        if answers[active[0]].recipe.strategy == "virtualenv":
            return Leaving(Leaves.OUTSIDE, active[0])
    if job.is_idle(at):
        return Leaving(Leaves.IDLE)
    in_images = [code for code, served in answers.items() if served.image is not None]
    if len(in_images) == len(answers) or (active[:1] and active[0] in in_images):
        return Leaving(Leaves.IMAGE)
    if {answers[code].recipe.strategy for code in active if code in answers} == {"modules"}:
        return Leaving(Leaves.MODULES)
    if active == UNSURE or in_trap(command):
        return Leaving(Leaves.MAYBE, sure=False)
    below = active[1] if len(active) > 1 else active[0]
    if below != active[0] and below not in in_images:
        return Leaving(Leaves.BACK, below)
    return Leaving(Leaves.VIRTUALENV, active[0])
