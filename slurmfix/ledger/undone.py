"""What files at hand, and traps, do with an environment that is built: empty its folder, take its modules away, start
tasks on other nodes, submit jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.at_hand import is_of_a_shell
from slurmfix.flow import Flow
from slurmfix.ledger.at_hand import files_named
from slurmfix.ledger.elsewhere import MESSAGES_OF_ELSEWHERE, needs_nothing
from slurmfix.ledger.entries import LAUNCHER, SUBMITS, Entry
from slurmfix.ledger.served import launches, modules_of
from slurmfix.plan import Plan
from slurmfix.plan.doubts.folder import EVERYDAY, is_spoken_of
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import Beside
from slurmfix.shell import Command, Kind, Script, calls_in, pattern_of

SUBMITS_IN_A_FILE = "a file that submits a job"
EMPTIES, HIDES, AT_THE_END = "empties the folder", "hides modules", "empties the folder at the end"
_JOB = "conda activate myenv\npython train.py\n"
_ARROW = "-- environment.yml --\nname: myenv\ndependencies: [python=3.11, pyarrow]\n"
MESSAGES_OF_WHAT_IS_UNDONE = {
    SUBMITS_IN_A_FILE: MESSAGES_OF_ELSEWHERE[SUBMITS],
    EMPTIES: Message(
        id="emptied-by-a-file",
        kind=DOUBT,
        subject="`{source}`",
        reason="`{what}` deletes files in $SLURM_TMPDIR, where the virtualenv of this job is",
        action="change `{what}` so that only your own files are deleted",
        bad="conda activate myenv\nsource stage.sh\npython train.py\n-- stage.sh --\nrm -rf $SLURM_TMPDIR/*\n",
        good="conda activate myenv\nsource stage.sh\npython train.py\n-- stage.sh --\nrm -rf $SLURM_TMPDIR/data\n",
    ),
    HIDES: Message(
        id="hidden-by-a-file",
        kind=DOUBT,
        subject="`{source}`",
        reason="`{what}` changes the loaded modules or PYTHONPATH, by which Python finds packages of this job",
        action="delete these lines of `{what}`, or copy the `module load` line of this job below them",
        bad=f"{_JOB}bash step.sh\n-- step.sh --\nmodule purge\npython b.py\n{_ARROW}",
        good=f"{_JOB}bash step.sh\n-- step.sh --\npython b.py\n{_ARROW}",
    ),
    AT_THE_END: Message(
        id="emptied-by-a-trap",
        kind=DOUBT,
        subject="`{source}`",
        reason="this trap deletes the virtualenv in $SLURM_TMPDIR before its last commands run",
        action="write the deletion at the end of the trap",
        bad=f"trap 'rm -rf $SLURM_TMPDIR/*; python notify.py' EXIT\n{_JOB}",
        good=f"trap 'python notify.py; rm -rf $SLURM_TMPDIR/*' EXIT\n{_JOB}",
    ),
}


def undoing_entries(script: Script, plan: Plan, flow: Flow, beside: Beside, variable: str) -> Iterator[Entry]:
    """The commands that run such a file where an environment is active, and such traps."""
    in_folder = any(served.is_a_folder for served in plan.environments)
    empties = re.compile(
        rf"\brm[ \t]+-\S*[rR][^;&|\n]*?\$\{{?{variable}\b[^}}/\s]*\}}?[\"']?(?:/[\"']?\*?[\"']?)?(?=[\s;'\"]|\Z)"
    )

    def _empties(text: str, command: Command) -> bool:
        return bool(empties.search(text)) or (variable in command.source and bool(_DELETES.search(text)))

    deletes = re.compile(rf"(?s)\A(?=.*{variable}).*\brmtree\(")
    modules = modules_of(plan)
    for command in script.commands:
        if command.name == "trap" and in_folder and is_spoken_of(script, variable):
            found = empties.search(command.source)
            if found and any(call.name not in EVERYDAY for call in calls_in(_text(command.source, found.end()))):
                yield Entry(AT_THE_END, command.span, "", command)
        elif flow.is_active(command):
            for name in dict.fromkeys(files_named(script, command, flow)):
                text = beside(name)
                if text is None or text == script.text:
                    continue
                python, shell = name.endswith(".py"), is_of_a_shell(name, text)
                if in_folder and ((python and deletes.search(text)) or (shell and _empties(text, command))):
                    yield Entry(EMPTIES, command.span, name, command)
                if in_folder and (python or shell) and launches(text):
                    yield Entry(LAUNCHER, command.span, "starts tasks", command)
                if shell and _submits(text, beside):
                    yield Entry(SUBMITS_IN_A_FILE, command.span, name, command)
                if shell and modules and _HIDES.search(text):
                    yield Entry(HIDES, command.span, name, command)


def _submits(text: str, beside: Beside) -> bool:
    """Whether a file submits a job that may need the environment."""
    lines = [line for line in text.splitlines() if _SUBMITS.match(line)]
    jobs = [job for line in lines for name in _JOB_SCRIPT.findall(line) if (job := beside(name)) is not None]
    return bool(lines) and not (len(jobs) == len(lines) and all(map(needs_nothing, jobs)))


_DELETES = re.compile(r"(?m)^[^#\n]*?\brm[ \t]+-\S*[rR]")
_JOB_SCRIPT = re.compile(r"[\w./-]*\w\.(?:sh|bash|slurm|sbatch|job)\b")
_SUBMITS = re.compile(rf"[^#\n]*?(?<![\w./-]){pattern_of(Kind.JOB)}")
_HIDES = re.compile(
    r"(?m)^[^#\n]*\b(?:module|ml)[ \t]+(?:-\S+[ \t]+)*(?:purge|reset|restore|unload|rm|swap|switch)\b"
    r"|^[ \t]*(?:export[ \t]+)?PYTHONPATH=(?![^\n]*\$\{?PYTHONPATH)"
)


def _text(source: str, at: int) -> str:
    """What a trap runs behind a place of it."""
    return source[at:].lstrip("\"'/* ;").rpartition("'")[0] or source[at:].lstrip("\"'/* ;").rpartition('"')[0]
