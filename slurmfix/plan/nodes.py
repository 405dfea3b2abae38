"""How many nodes a job may have, told from its effective `#SBATCH` lines and from what starts tasks in it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from slurmfix.callers import Caller, How
from slurmfix.plan.place import job_of, same_job
from slurmfix.rules import file_of_tasks, starts_several
from slurmfix.shell import (
    Command,
    Kind,
    Place,
    Runs,
    Script,
    Spread,
    directives_of,
    files_of,
    is_kept,
    names_one,
    options_of,
    pattern_of,
    programs_of,
    read,
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
# A launcher as a word of a command, of a text that it carries, or of a value: whatever stands around it may start it.
_LAUNCHER = re.compile(pattern_of(Kind.STEP, Spread.NODES))
_SHOWS = programs_of(Kind.TELLS)
_PBS = re.compile(r"^#PBS[ \t]+-l[ \t].*?(?:nodes|select)=(\d+)", re.M)


def several_nodes(script: Script, command: Command, callers: tuple[Caller, ...] = ()) -> bool:
    """Whether the job that the command belongs to may run its tasks on more than one node, as it says itself or one of
    its `callers` does.

    `--nodes` tells it, of a range its upper end. Without it, several tasks or GPUs may be spread over nodes, which
    matters only where something starts those tasks. What cannot be read (a variable) may be several. (With --ntasks,
    --ntasks-per-node is no more than a maximum: sbatch(1).)
    """
    if callers and not job_of(command.within):
        called = [(each, called_by(each)) for each in callers]
        submitted = [(words_of(at),) for each, (_, at) in called if each.how is How.SUBMITS and at is not None]
        others = [(other, at) for each, (other, at) in called if each.how is not How.SUBMITS and at is not None]
        return any(_several_nodes(script, command, lines) for lines in (*submitted, ())) or any(
            several_nodes(other, at) for other, at in others
        )
    return _several_nodes(script, command)


def _several_nodes(script: Script, command: Command, more: tuple[tuple[str, ...], ...] = ()) -> bool:
    option = options_of([*_lines_of(script, command), *more])
    nodes = option("--nodes", "-N")
    if not nodes and not job_of(command.within) and option("--ignore-pbs") is None:
        nodes = _nodes_of_pbs(script)
    if nodes:
        return not _ONE.fullmatch(nodes)
    if option("--nodefile", "-F") is not None or re.search(r"[,\[]", option("--nodelist", "-w") or ""):
        return True
    if any(_SPANS.search(c.source) for c in script.commands if "--nnodes" in c.source):
        return True  # the author starts its tasks on as many nodes as there are
    if any(_on_several(step) for step in script.holding("srun") if same_job(step.within, command.within)):
        return True
    tasks = option("--ntasks", "-n")
    spread = tasks != "1" if tasks else _gpus(option("--gpus", "-G") or "") > 1
    return spread and _starts_tasks(script, command.within)


@lru_cache(maxsize=64)
def called_by(caller: Caller) -> tuple[Script, Command | None]:
    """The script of a caller, and the command of it that calls."""
    script = read(caller.text)
    inside = (command for command in script.commands if command.whole.start <= caller.at < command.whole.end)
    return script, max(inside, key=lambda command: command.span.start, default=None)


def words_of(command: Command) -> tuple[str, ...]:
    return tuple(word.literal for word in command.words[1:])


def several_tasks(caller: Caller) -> bool:
    """Whether a caller may start the script more than once at a time."""
    script, command = called_by(caller)
    if caller.how is not How.AT_ONCE or command is None:
        return False
    return starts_several(script, command)


def builds_for(caller: Caller) -> bool:
    """Whether the rewritten caller builds the environment for the tasks that it starts."""
    script, command = called_by(caller)
    return caller.is_given and command is not None and file_of_tasks(script, command) != ""


# What srun takes for options of every step of a job, and what would part the build from its one task a node.
_OBEYED = re.compile(r"SLURM_(?:HOSTFILE|DISTRIBUTION|NTASKS_PER_(?:GPU|CORE|SOCKET|TRES))\Z")


def obeyed_by_steps(script: Script, command: Command) -> tuple[str, ...]:
    """The variables of the job that a command belongs to, set by its header or by itself, that srun would obey."""
    option = options_of(_lines_of(script, command))
    found = []
    if option("--ntasks-per-gpu") is not None:
        found.append("SLURM_NTASKS_PER_GPU")
    if (option("--distribution", "-m") or "").startswith("arbitrary"):
        found.append("SLURM_DISTRIBUTION")
    for other in script.holding("slurm_"):
        if same_job(other.within, command.within):
            found += [assigned.name for assigned in other.assignments if _OBEYED.match(assigned.name)]
    return tuple(dict.fromkeys(found))


def _lines_of(script: Script, command: Command) -> list[tuple[str, ...]]:
    """The options of the job that a command belongs to, line by line."""
    depth = job_of(command.within)
    if depth:
        return _of_inner(script, command.within[: depth - 1], command.within[depth - 1])
    return [directive.arguments for directive in script.directives]


def _nodes_of_pbs(script: Script) -> str:
    """What `#PBS` lines ask for, which sbatch reads as well."""
    end = min((command.span.start for command in script.commands), default=len(script.text))
    match = _PBS.search(script.text, 0, end) if "#PBS" in script.text else None
    return match[1] if match else ""


def _gpus(asked: str) -> int:
    """How many GPUs `a100:4,v100:4` or `8` are."""
    counts = [each.rpartition(":")[2] for each in asked.split(",")]
    return sum(int(count) if count.isdecimal() else 1 for count in counts if asked)


def _starts_tasks(script: Script, within: tuple[Place, ...]) -> bool:
    """Whether something in a job may start its tasks: a launcher behind any word, in a value, in a text that is run."""
    depth = job_of(within)
    span = within[depth - 1].span if depth else None
    commands = (c for c in script.commands if c.name != "sbatch" and same_job(c.within, within))
    if any(_LAUNCHER.search(c.source) for c in commands if c.name not in _SHOWS or is_kept(c)):
        return True
    texts = (each for each in script.heredocs if not each.is_read and each.runs is not Runs.JOB)
    return any(
        _LAUNCHER.search(script.text, each.body.start, each.body.end)
        for each in texts
        if span is None or span.holds(each.body)
    )


def _on_several(step: Command) -> bool:
    """Whether a call of srun asks for more than one node. What follows its program is none of its options."""
    words = [word.literal for word in step.words]
    at = next((at for at, word in enumerate(words) if word.rsplit("/", 1)[-1] == "srun"), len(words))
    own = words[at : at + 1]
    for before, word in pairwise(words[at:]):
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
