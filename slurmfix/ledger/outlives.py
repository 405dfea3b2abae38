"""What leads out of the job, or to another Python: kernels by name, paths that outlive it, jars for commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix import knowledge
from slurmfix.flow import Flow
from slurmfix.ledger.entries import Entry
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import Beside
from slurmfix.shell import Command, Script, call_of

KERNEL, LASTING, UNSET, JAR = "kernel", "lasting path", "variable that is unset", "jar"
INTO_AN_IMAGE = "path into an image"
_JOB = "conda activate myenv\npython train.py\n"
MESSAGES_OF_WHAT_OUTLIVES = {
    KERNEL: Message(
        id="kernel-by-name",
        kind=DOUBT,
        subject="`{source}`",
        reason="a Jupyter kernel runs the Python that made the kernel, perhaps that of conda",
        action="write the kernel name `python3`, which is the Python of this job",
        bad=f"{_JOB}papermill -k vision in.ipynb out.ipynb\n",
        good=f"{_JOB}papermill -k python3 in.ipynb out.ipynb\n",
    ),
    LASTING: Message(
        id="path-outlives-the-job",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line saves a path into the virtualenv, which is deleted when the job ends",
        action="write a Python that stays instead, such as that of a virtualenv in your project folder",
        bad=f"{_JOB}ln -sf $(which python) $HOME/bin/labpython\n",
        good=_JOB,
    ),
    INTO_AN_IMAGE: Message(
        id="path-into-an-image",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line gives a container a path of the virtualenv, and the container does not have this Python",
        action="write `python`, which is that of the container, and install the packages in the container",
        bad=f"{_JOB}apptainer exec a.sif $(which python) b.py\n",
        good=f"{_JOB}apptainer exec a.sif python b.py\n",
    ),
    UNSET: Message(
        id="variable-of-conda-unset",
        kind=DOUBT,
        subject="`{source}`",
        reason="only conda sets CONDA_PROMPT_MODIFIER, so the variable is now empty",
        action="delete CONDA_PROMPT_MODIFIER from this line",
        bad=f'set -eu\n{_JOB}echo "$CONDA_PROMPT_MODIFIER"\n',
        good=f"set -eu\n{_JOB}",
    ),
    JAR: Message(
        id="program-is-a-jar",
        kind=DOUBT,
        subject="`{source}`",
        reason="the module has this program as a Java file, and no command of this name",
        action="write `{what}` in place of the program's name",
        bad="conda activate myenv\npicard MarkDuplicates I=a.bam O=b.bam M=m.txt\n",
        good="conda activate myenv\nsamtools sort a.bam\n",
    ),
}
_PYTHON = r"(?:\$\(|`)\s*(?:which|command -v|type -[pP])\s+[\"']?(?:i?python|pip)[\d.]*"
_PATTERNS = (
    (KERNEL, re.compile(
        r"(?s)\b(?:papermill|jupyter|nbconvert|quarto)\b.*"
        r"\s(?:-k|--kernel(?:[-_]name)?|--\S*kernel_name)(?:[ =])[\"']?(?!python3[\"']?(?:\s|\Z))[\w.$-]")),
    (LASTING, re.compile(r"\bipykernel\s+install\b(?!.*--sys-prefix)")),
    (LASTING, re.compile(r"(?:ln|sed|crontab|tee)\s.*" + _PYTHON, re.S)),
    (INTO_AN_IMAGE, re.compile(r"(?:apptainer|singularity)\s.*" + _PYTHON, re.S)),
    (UNSET, re.compile(r"\$(?:CONDA_PROMPT_MODIFIER\b|\{CONDA_PROMPT_MODIFIER\})")),
)  # fmt: skip
_ASKS_OR_PRINTS = re.compile(
    r"(?:which|command\s+-v|type\s+-[pP])\s+[\"']?i?python|(?:echo|printf)\s.*" + _PYTHON, re.S
)
_INTO_A_FILE = re.compile(r"1?>{1,2}\s*[\"']?(?!/dev/|&)")
_LATER = ("at", "batch", "crontab")
_EXECUTES = re.compile(r"papermill|--execute|jupyter[ -]execute|nbval")
_KERNEL_OF = re.compile(r'"kernelspec"\s*:\s*\{[^}]*"name"\s*:\s*"(?!python3")')


def outliving_entries(script: Script, plan: Plan, flow: Flow, beside: Beside) -> Iterator[Entry]:
    """The commands, where an environment is active, that lead out of the job or to another Python by a name."""
    ours = {step.finding.command.span for step in plan.steps}
    jars = {row[0]: row[1] for row in knowledge.rows("jars")}
    for command in script.commands:
        if command.span in ours or not flow.is_active(command):
            continue
        for kind in dict.fromkeys(_kinds(script, command, beside)):
            yield Entry(kind, command.span, kind, command)
        if call := jars.get(call_of(script, command).name):
            yield Entry(JAR, command.span, call, command)


def _kinds(script: Script, command: Command, beside: Beside) -> Iterator[str]:
    yield from (kind for kind, pattern in _PATTERNS if pattern.search(command.source))
    if _ASKS_OR_PRINTS.match(command.source) and any(map(_INTO_A_FILE.match, command.redirects)):
        yield LASTING
    if command.name in _LATER:
        yield LASTING
    if ".ipynb" in command.source and _EXECUTES.search(command.source):
        texts = (beside(word.literal) or "" for word in command.words)
        yield from (KERNEL for text in texts if _KERNEL_OF.search(text))
