"""Where a script gives a value to the variables that the name of an environment is made of."""

from __future__ import annotations

import re

from slurmfix.plan.step import Named
from slurmfix.shell import FUNCTION, KEEP, SCRIPT, Place, Script, is_given_between

# What only the tasks of a step know.
_OF_A_TASK = frozenset(
    """
    SLURM_PROCID SLURM_LOCALID SLURM_NODEID SLURMD_NODENAME SLURM_STEP_ID SLURM_STEPID SLURM_TASK_PID PMI_RANK PMIX_RANK
    OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_LOCAL_RANK MPI_LOCALRANKID
    """.split()
)
_VARIABLES = re.compile(r"\$\{?(\w+|[@*])")


def given_inside(script: Script, place: Place, name: Named) -> bool:
    """Whether the value of a name that only the running job knows is given inside of a place."""
    if name.known:
        return False
    variables = set(_VARIABLES.findall(name.name))
    in_step = place.kind == SCRIPT and place.note == "srun"
    if in_step and variables & _OF_A_TASK:
        return True
    start, end = place.span
    if place.kind == FUNCTION and _are_given(script, variables, start, len(script.text)):
        return True  # it has one value at one call, and another one at the next
    takes_arguments = place.kind == FUNCTION or in_step or (place.kind == SCRIPT and place.note == "bash")
    if takes_arguments and any(variable.isdigit() or variable in "@*" for variable in variables):
        return True
    return _are_given(script, variables, start, end)


def may_be_another(script: Script, code: str, start: int, end: int) -> bool:
    """Whether a name that only the running job knows may be another one further down, between two places."""
    if KEEP not in code:
        return False
    return _are_given(script, set(re.findall(r"\$\{?([A-Za-z_]\w*)", code)), start, end)


def _are_given(script: Script, variables: set[str], start: int, end: int) -> bool:
    return any(is_given_between(script, variable, start, end) for variable in variables)
