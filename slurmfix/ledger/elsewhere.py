"""What runs on other nodes, or as another job: neither has the folder that an environment is built in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slurmfix import knowledge
from slurmfix.flow import Flow
from slurmfix.ledger.entries import ELSEWHERE, SUBMITS, SUBMITS_STEPS, Entry
from slurmfix.ledger.programs import texts_run_by
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import USES, find
from slurmfix.shell import (
    SCRIPT,
    Call,
    Command,
    How,
    Kind,
    Runs,
    Script,
    call_of,
    calls_in,
    files_of,
    is_everywhere,
    pattern_of,
    read,
)

MESSAGES_OF_ELSEWHERE = {
    SUBMITS: Message(
        id="submits-while-active",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line submits another job, in which the environment of this job is not active",
        action="look at the script that this line submits. If the script needs the environment, write `conda activate "
        "NAME` into it, and run slurmfix on that script. Otherwise do nothing",
        bad="conda activate myenv\nls jobs/*.sh | xargs -n1 sbatch\n",
        good="conda activate myenv\npython train.py\nconda deactivate\nsbatch next.sh\n",
    ),
    ELSEWHERE: Message(
        id="started-elsewhere",
        kind=DOUBT,
        subject="`{source}`",
        reason="this command runs on another machine or in another job, where your environment does not exist",
        action="if the command needs no packages, do nothing. Otherwise copy the lines from `module load` to "
        "`pip install` into that command, before its first program",
        bad="conda activate myenv\nsrun --jobid 1234 python train.py\n",
        good="conda activate myenv\nsrun python train.py\n",
    ),
    SUBMITS_STEPS: Message(
        id="workflow-submits-steps",
        kind=DOUBT,
        subject="`{source}`",
        reason="the workflow submits each step as a job of its own, where the environment is not active",
        action="name in the workflow the modules that each step loads (snakemake: `envmodules:` in each rule, and "
        "`--use-envmodules`). Steps that need no program of the environment can stay as they are",
        bad=job("conda activate vision\nsnakemake --cluster sbatch -j 10"),
        good=PLAIN,
    ),
}

# What submits jobs: a program, or hydra by its launcher.
_JOBS = re.compile(rf"{pattern_of(Kind.JOB)}|\bsubmitit_slurm\b")
_REMOTE = re.compile(pattern_of(Kind.REMOTE) + r"(?![/@:])")
# Another allocation, into which variables go along: not `--jobid $SLURM_JOB_ID`, which is the own one.
_ALLOCATION = re.compile(
    r"(?<![\w./-])salloc(?![\w.-])|\bsrun\b[^\n;&|]*\s--jobid(?![ =][\"']?\$\{?SLURM_JOB_?ID\b)"
    r"|\bparallel\b[^\n;&|]*?\s(?:-S|--sshlogin(?:file)?|--slf)[ =]?\S"
)
# A workflow manager that submits its steps: by an option, or by a profile that says so in its name.
_STEPS = re.compile(
    r"(?:(?:time|nohup|exec|srun|env)\s+(?:-\S+\s+)*)*"
    r"(?:\S*/)?(?:snakemake\b.*\s(?:--executor[ =](?!local)|--cluster\b|--slurm\b|--drmaa\b)"
    r"|nextflow[\w.-]*\s.*?\brun\b.*(?:\s-profile[ =]\S*slurm|executor[ =]slurm)"
    r"|toil[\w-]*\b.*\s--batchSystem[ =]slurm)", re.S
)  # fmt: skip
_BARE = re.compile(r"--export[= ](?:NONE|NIL)\b")


def elsewhere_entries(script: Script, plan: Plan, flow: Flow) -> Iterator[Entry]:
    """The commands that start something elsewhere: a job while an environment is active, or what the plan rewrites."""
    edits = [edit.span for edit in plan.edits]
    for command in filter(flow.is_reached, script.commands):
        active = flow.is_active(command) or command.name == "trap"
        holds_edits = any(command.whole.holds(span) for span in edits)
        if not active and not holds_edits:
            continue
        texts = (command.source, *texts_run_by(script, command, flow.state(command)))
        if active and _STEPS.match(command.source):
            yield Entry(SUBMITS_STEPS, command.span, "submits steps", command)
        elif active and any(map(_JOBS.search, texts)):
            yield Entry(SUBMITS, command.span, "submits a job", command)
        elif any(map(_ALLOCATION.search, texts)) or (holds_edits and any(map(_REMOTE.search, texts))):
            yield Entry(ELSEWHERE, command.span, "runs on another node", command)


def needs_nothing(text: str) -> bool:
    """Whether a job of this text enters an environment by itself, or runs nothing that needs one."""
    script = read(text)
    if any(isinstance(finding.act, USES) for finding in find(script)):
        return True
    return not script.torn and all(_is_plain(call) for call in calls_in(text))


def _is_plain(call: Call) -> bool:
    known = call.name == "" or is_everywhere(call.name) or knowledge.is_base_program(call.name)
    plain = call.how is How.PLAIN and known
    return call.how in (How.TEXT, How.ASKS) or plain


def runs_a_program_remotely(script: Script, command: Command) -> bool:
    """Whether ssh and its like start a program that may need what the job has loaded: no node hands that on."""
    call = call_of(script, command)
    remote = any(through.kind is Kind.REMOTE for through in call.through)
    return remote and not all(_is_plain(each) for each in (call, *calls_in(call.text)))


def is_bare(command: Command) -> bool:
    """Whether a job starts without the environment of the one that submits it, before and after."""
    return _BARE.search(command.source) is not None


def texts_submitted(script: Script, command: Command) -> Iterable[str]:
    """The texts that a command submits as jobs, as far as they stand in the script."""
    for heredoc in script.heredocs_of.get(command.span, ()):
        if heredoc.runs is Runs.JOB:
            yield script.text[heredoc.body.start : heredoc.body.end]
    named = {word.literal.rpartition("/")[2] for word in command.words[1:]}
    for writing in script.holding("cat", "tee"):
        if not files_of(writing).isdisjoint(named) and writing.span.end <= command.span.start:
            for heredoc in script.heredocs_of.get(writing.span, ()):
                yield script.text[heredoc.body.start : heredoc.body.end]


def enters_by_itself(found: Iterable[Command], command: Command) -> bool:
    """Whether one of these commands, which enter environments, stands in the job that a command submits."""
    return any(place.kind == SCRIPT and command.whole.holds(place.span) for other in found for place in other.within)
