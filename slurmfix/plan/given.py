"""Where a script gives a value to the variables that the name of an environment is made of."""

from __future__ import annotations

import re

from slurmfix.plan.step import Named
from slurmfix.shell import FUNCTION, KEEP, SCRIPT, Place, Script

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
    if place.kind == FUNCTION and any(_gives(script.text[place.span.start :], variable) for variable in variables):
        return True  # it has one value at one call, and another one at the next
    takes_arguments = place.kind == FUNCTION or in_step or (place.kind == SCRIPT and place.note == "bash")
    if takes_arguments and any(variable.isdigit() or variable in "@*" for variable in variables):
        return True
    text = script.text[place.span.start : place.span.end]
    return any(_gives(text, variable) for variable in variables)


def may_be_another(script: Script, code: str, start: int, end: int) -> bool:
    """Whether a name that only the running job knows may be another one further down, between two places."""
    if KEEP not in code:
        return False
    variables = set(re.findall(r"\$\{?([A-Za-z_]\w*)", code))
    return any(_gives(script.text[start:end], variable) for variable in variables)


def _gives(text: str, variable: str) -> bool:
    """Whether a text gives a variable a value."""
    if variable.isdigit() or variable in "@*":
        return bool(re.search(r"\bshift\b|\bset[ \t]+--", text))
    variable = re.escape(variable)
    counted = rf"(?:\(\(|\blet\b)[^\n;]*(?:(?:\+\+|--){variable}\b|\b{variable}\s*(?:\+\+|--|[-+*/%]?=))"
    loops = rf"\bselect[ \t]+{variable}\b|\b(?:for|read|getopts|mapfile)\b[^\n;]*\b{variable}\b"
    return bool(re.search(rf"(?<![\w$]){variable}\+?=|{variable}\[[^]\n]*\]\+?=|{loops}|{counted}", text))
