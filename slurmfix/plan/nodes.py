"""How many nodes a job may have, told from its effective `#SBATCH` lines and from what starts tasks in it."""

from __future__ import annotations

import re
from itertools import pairwise

from slurmfix.plan.place import job_of, same_job
from slurmfix.shell import SCRIPT, Command, Place, Script, directives_of, files_of, names_one, options_of

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

# Options of srun's without a value, behind which the program may follow at once.
_ALONE = frozenset(
    """
    -E -H -I -K -O -Q -X -Z -k -l -q -s -u -v --contiguous --disable-status --exact --exclusive --hold --immediate
    --kill-on-bad-exit --label --mem-bind --multi-prog --no-allocate --no-kill --overcommit --overlap --oversubscribe
    --preserve-env --pty --quiet --quit-on-interrupt --reboot --share --spread-job --unbuffered --use-min-nodes
    --verbose --wait-all-nodes --whole
    """.split()
)
_ONE = re.compile(r"(1-)?1")
_SPANS = re.compile(r"--nnodes[= ]\S*SLURM_(JOB_NUM_NODES|NNODES)")


def several_nodes(script: Script, command: Command) -> bool:
    """Whether the job that the command belongs to may run its tasks on more than one node.

    `--nodes` tells it, of a range its upper end. Without it `--ntasks` alone may be spread over nodes, which matters
    only where something starts those tasks. What cannot be read (a variable) may be several.
    """
    depth = job_of(command.within)
    lines = [directive.arguments for directive in script.directives]
    span = None
    if depth:
        span = command.within[depth - 1].span
        lines = _of_inner(script, command.within[: depth - 1], command.within[depth - 1])
    option = options_of(lines)
    nodes = option("--nodes", "-N")
    if nodes:
        return not _ONE.fullmatch(nodes)
    if re.search(r"[,\[]", option("--nodelist", "-w") or ""):
        return True
    if any(_SPANS.search(c.source) for c in script.commands if "--nnodes" in c.source):
        return True  # the author starts its tasks on as many nodes as there are
    steps = [c for c in script.commands if c.name == "srun" and same_job(c.within, command.within)]
    if any(_on_several(step) for step in steps):
        return True
    tasks = option("--ntasks", "-n")
    if not tasks or tasks == "1":
        return False
    # (With --ntasks, --ntasks-per-node is no more than a maximum: sbatch(1).)
    return any(
        other.name.rsplit("/", 1)[-1] in LAUNCHERS
        for other in script.commands
        if span is None or span.holds(other.span)
    )


def starter_of_tasks(script: Script, command: Command) -> str:
    """What starts the file that a command is written to, many times at once: srun, mpirun; "" where nothing does."""
    for at, place in enumerate(command.within):
        if place.kind == SCRIPT and place.note == "file":
            holder = _holder(script, command.within[:at], place)
            files = files_of(holder) if holder is not None else frozenset()
            for other in script.commands:
                name = other.name.rsplit("/", 1)[-1]
                outside = not place.span.holds(other.span)
                if outside and name in (*LAUNCHERS, "parallel") and names_one(other, files):
                    return name
    return ""


def _on_several(step: Command) -> bool:
    """Whether a call of srun asks for more than one node. What follows its program is none of its options."""
    words = [word.literal for word in step.words]
    own = words[:1]
    for before, word in pairwise(words):
        takes = before.startswith("-") and "=" not in before and before not in _ALONE
        if not word.startswith("-") and not (takes and (before.startswith("--") or len(before) == 2)):
            break
        own.append(word)
    return not _ONE.fullmatch(options_of([tuple(own)])("--nodes", "-N") or "1")


def _holder(script: Script, around: tuple[Place, ...], place: Place) -> Command | None:
    """The command that carries an inner script: what follows on the line of `cat > f <<EOF && sbatch f` is another."""
    before = [
        other for other in script.commands
        if other.within == around and other.span.start <= place.span.start and not place.span.holds(other.span)
        and (place.note != "file" or any("<<" in redirect for redirect in other.redirects))
    ]  # fmt: skip
    return max(before, key=lambda other: other.span.start, default=None)


def _of_inner(script: Script, around: tuple[Place, ...], place: Place) -> list[tuple[str, ...]]:
    """The options of a job that the script writes or submits, line by line; sbatch's own come last, and win."""
    body = script.text[place.span.start : place.span.end]
    opening = script.text[: place.span.start].rstrip("\n").rpartition("\n")[2]
    if "<<-" in opening:
        body = re.sub(r"^\t+", "", body, flags=re.M)
    lines = [directive.arguments for directive in directives_of(body.lstrip("'\"\n"))[0]]
    holder = _holder(script, around, place)
    if holder is None:
        return lines
    submitting = [holder] if holder.name == "sbatch" else []
    if place.note == "file":
        files = files_of(holder)
        submitting = [other for other in script.commands if other.name == "sbatch" and names_one(other, files)]
    return lines + [tuple(word.literal for word in other.words[1:]) for other in submitting]
