"""What is said of a use of conda that nothing converts: by a line, in a text, by a variable, by a workflow."""

from __future__ import annotations

from slurmfix.ledger.entries import IN_A_TEXT, Entry
from slurmfix.ledger.handed import OPTIONS
from slurmfix.remarks import REFUSAL, Message

NOT_FOLLOWED = Message(
    id="conda-not-followed",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line uses conda in a way that slurmfix cannot convert",
    action="if only conda needs this line, delete the line. Otherwise write `module load {python}` and "
    "`source FOLDER/bin/activate` instead of conda (FOLDER: your virtualenv)",
    bad="conda activate myenv\nsrun $(ws_find conda)/conda/envs/other/bin/python b.py\n",
    good="conda activate myenv\nsrun python b.py\n",
)
TEXT_NOT_CONVERTED = Message(
    id="conda-in-a-text",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this command is in a text (quotes or heredoc) for another script, which slurmfix does not convert",
    action="in this text, write `module load {python}` and `source FOLDER/bin/activate` instead of conda "
    "(FOLDER: a virtualenv with your packages)",
    bad="conda activate myenv\necho 'conda activate other' >> next.sh\n",
    good="conda activate myenv\necho 'python b.py' >> next.sh\n",
)
VARIABLE_NOT_CONVERTED = Message(
    id="conda-in-a-variable",
    kind=REFUSAL,
    subject="the variable `${name}`",
    reason="line {at} puts a command with conda into this variable, and slurmfix does not convert such commands",
    action="on line {at}, write the command without conda. Above that line, write `conda activate NAME` "
    "(NAME: your environment), and run slurmfix again, which converts `conda activate`",
    bad="conda activate myenv\nWORK='conda run -n other python b.py'\neval \"$WORK\"\n",
    good="conda activate myenv\nWORK='python b.py'\neval \"$WORK\"\n",
)
WORKFLOW_MAY_USE = Message(
    id="workflow-may-use-conda",
    kind=REFUSAL,
    subject="`{source}`",
    reason="{what} may use the conda that this script sets up, since no line activates an environment",
    action="if the workflow does not use conda, delete the lines that set up conda. "
    "Otherwise name a module or container for each step in the workflow",
    bad="source ~/miniconda3/etc/profile.d/conda.sh\nnextflow run flow.nf -profile cluster\n",
    good="nextflow run flow.nf -profile cluster\n",
)


def said_of_need(entry: Entry, text: str) -> tuple[Message, dict[str, str]]:
    """The message about an entry of the script `text` that needs conda, and its values beside those of any entry."""
    if entry.kind == OPTIONS:
        return WORKFLOW_MAY_USE, {}
    if entry.given:
        at = text.count("\n", 0, entry.given[0].start) + 1
        return VARIABLE_NOT_CONVERTED, {"name": entry.what.partition("$")[2], "at": str(at)}
    return (TEXT_NOT_CONVERTED if entry.what == IN_A_TEXT else NOT_FOLLOWED), {}
