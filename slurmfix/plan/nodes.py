"""How many nodes a job may have, told from its effective `#SBATCH` lines and from what starts tasks in it."""

from __future__ import annotations

import re

from slurmfix.plan.place import job_of
from slurmfix.shell import Command, Script, directives_of, options_of

LAUNCHERS = (
    "srun",
    "mpirun",
    "mpiexec",
    "mpiexec.hydra",
    "ibrun",
    "jsrun",
    "aprun",
    "prun",
    "orterun",
    "torchrun",
    "pdsh",
    "clush",
)


def several_nodes(script: Script, command: Command) -> bool:
    """Whether the job that the command belongs to may run its tasks on more than one node.

    `--nodes` tells it, of a range its upper end. Without it `--ntasks` alone may be spread over nodes, which matters
    only where something starts those tasks. What cannot be read (a variable) may be several.
    """
    depth = job_of(command.within)
    directives = script.directives
    span = None
    if depth:
        span = command.within[depth - 1].span
        directives, _ = directives_of(script.text[span.start : span.end].lstrip("'\"\n"))
    option = options_of(directives)
    nodes = option("--nodes", "-N")
    if nodes:
        return not re.fullmatch(r"(1-)?1", nodes)
    tasks = option("--ntasks", "-n")
    if not tasks or tasks == "1":
        return False
    if any(option(name) for name in ("--ntasks-per-node", "--tasks-per-node")) and tasks == option("--ntasks-per-node"):
        return False
    return any(
        other.name.rsplit("/", 1)[-1] in LAUNCHERS
        for other in script.commands
        if span is None or span.holds(other.span)
    )
