"""Which modules of environments go together, and which of them a place of the job still has to load."""

from __future__ import annotations

from collections.abc import Mapping

from slurmfix.knowledge import plain_name, role_of
from slurmfix.plan.job import Job
from slurmfix.plan.step import Served
from slurmfix.shell import Place


def python_of(modules: tuple[str, ...]) -> str:
    """The Python that these modules end with; "" where they load none."""
    return next((module for module in reversed(modules) if role_of(module) == "interpreter"), "")


def only_python(modules: tuple[str, ...]) -> bool:
    """Whether they bring nothing but a Python, which a virtualenv finds without them."""
    return all(map(role_of, modules))


def clash(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists of modules name one module in two versions."""
    versions = {plain_name(module): module for module in one}
    return any(versions.get(plain_name(module), module) != module for module in other)


def has_rival(job: Job, answers: Mapping[str, Served], served: Served, within: tuple[Place, ...]) -> bool:
    """Whether another environment of the same job needs a module of this one in another version."""
    return any(clash(answers[code].recipe.modules, served.recipe.modules) for code in set(job.codes_of(within)))


def of_all_environments(
    job: Job, answers: Mapping[str, Served], served: Served, within: tuple[Place, ...]
) -> tuple[str, ...]:
    """The modules of an environment and of all others of its job with the same Python that they go together with."""
    wanted = served.recipe.modules
    for code in job.codes_of(within):
        theirs = answers[code].recipe.modules
        if python_of(theirs) == python_of(wanted) and not clash(theirs, wanted):
            wanted += tuple(module for module in theirs if module not in wanted)
    return wanted


def still_to_load(wanted: tuple[str, ...], loaded: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are wanted, without those that are surely loaded: all of them where the two do not go together."""
    if (python_of(wanted) and python_of(loaded) != python_of(wanted)) or clash(loaded, wanted):
        return wanted
    return tuple(module for module in wanted if module not in loaded)
