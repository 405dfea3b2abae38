"""What a job reads of its own text by the number of a line, and the output that it keeps as data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.ledger.entries import Entry
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import Beside, Enter
from slurmfix.shell import Command, Script
from slurmfix.text import Span

OWN_LINES, DATA = "lines of the script", "output as data"
MESSAGES_OF_ITSELF = {
    OWN_LINES: Message(
        id="own-lines",
        kind=DOUBT,
        subject="`{source}`",
        reason="this command reads lines of this script by their numbers, which change in the rewritten script",
        action="copy those lines into a file of their own, and read that file on this line",
        bad='conda activate myenv\npython train.py $(sed -n "$((SLURM_ARRAY_TASK_ID + 6))p" "$0")\n',
        good='conda activate myenv\npython train.py $(sed -n "${SLURM_ARRAY_TASK_ID}p" arguments.txt)\n',
    ),
    DATA: Message(
        id="output-is-data",
        kind=DOUBT,
        subject="`{source}`",
        reason="this file gets all that the job prints, so also the messages of `module` and `pip`",
        action="name another file here, such as `job-%j.log`. Then write `> FILE` behind "
        "the program that makes the data",
        bad="exec > results.json\nconda activate myenv\npython train.py\n",
        good="exec > job.log\nconda activate myenv\npython train.py\n",
    ),
}
_READS_LINES = ("sed", "head", "tail", "awk", "gawk", "mawk", "cut", "mapfile", "readarray", "read")
_ITSELF = re.compile(r"[\"'<\s]*\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})[\"']*")
_FOLDER = re.compile(r"\$\{?(?:SLURM_SUBMIT_DIR|PWD)\}?/")
_FILE = re.compile(r"[\w./-]*\w\.\w+")
_DATA = r"[\"']?\S*\.(jsonl?|csv|tsv|dat|xml|ya?ml|parquet|npy|fast[aq]|bed|vcf|sam)[\"']?"
_EXEC = re.compile(rf"exec\s+1?>>?\s*{_DATA}(?=\s|\Z)")
_OUTPUT = re.compile(rf"#SBATCH\s.*?(?:--output[= ]|-o\s*){_DATA}(?=\s|\Z)")
_ERRORS = re.compile(rf"#SBATCH\s.*?(?:--error[= ]|-e\s*){_DATA}(?=\s|\Z)")  # beside them, the output is a log, too


def entries_of_itself(script: Script, plan: Plan, beside: Beside) -> Iterator[Entry]:
    """The commands that read the script by line numbers, and the lines that name the job's output as a file of data."""
    for command in script.holding(*_READS_LINES):
        if command.name in _READS_LINES and any(_is_itself(script, beside, each) for each in _named(command)):
            yield Entry(OWN_LINES, command.span, OWN_LINES, command)
    entered = [step.finding.span.start for step in plan.changing_what(Enter)]
    for command in script.holding("exec"):
        if command.span.start < max(entered, default=0) and _EXEC.match(script.text, command.whole.start):
            yield Entry(DATA, command.span, DATA, command)
    errors = {match[1] for match in map(_ERRORS.match, (each.line for each in script.directives)) if match}
    for line in script.directives if entered else ():
        if (match := _OUTPUT.match(line.line)) and match[1] not in errors:
            yield Entry(DATA, Span(line.span.start, line.span.end), DATA)


def _named(command: Command) -> Iterator[str]:
    """What a command may read: its words, and the file of its input."""
    yield from (word.source for word in command.words[1:])
    yield from command.redirects


def _is_itself(script: Script, beside: Beside, named: str) -> bool:
    """Whether it is the script that is named: by `$0`, or as a file of the folder that the job is submitted from."""
    name = _FOLDER.sub("", named.strip("\"'< \t"))
    return _ITSELF.fullmatch(named) is not None or (_FILE.fullmatch(name) is not None and beside(name) == script.text)
