"""What surely is of conda where no rule finds anything: its files are run, sourced, copied or searched."""

from __future__ import annotations

import re

from slurmfix.ledger.entries import SHELL, TRACE, Entry, trace_pattern
from slurmfix.remarks import REFUSAL, Message, job
from slurmfix.rules.folders import keeps_environments
from slurmfix.shell import Command, Script, Word, call_of, value_of
from slurmfix.text import Cover

FILES = "files of conda"
FILES_OF_CONDA = Message(
    id="files-of-conda",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line uses files of conda, and slurmfix knows no replacement",
    action="if this line only sets up conda, delete the line. Otherwise write `module load {python}` and `source "
    "FOLDER/bin/activate` instead (FOLDER: a virtualenv with your packages)",
    bad=job("rsync -a ~/miniconda3/envs/vision $SLURM_TMPDIR/\nexport PATH=$SLURM_TMPDIR/vision/bin:$PATH"),
    good=job("rsync -a ~/data/vision $SLURM_TMPDIR/\nexport PATH=$SLURM_TMPDIR/vision/bin:$PATH"),
)

_COPIES = ("cp", "rsync", "scp", "mv", "ln", "tar", "unzip", "pigz", "bsdtar")
_SEARCHED = re.compile(r"(?!SINGULARITY|APPTAINER)\w*(?:PATH|PRELOAD)")
_IS_NO_FOLDER = re.compile(r"\.(?:ya?ml|txt|sif|simg|img|lock|json|log|out)\b", re.I)
_FILE_FOR_CONDA = re.compile(r"/[\w.-]*conda[\w-]*(?:\.\w+)?\Z", re.I)
_OF_AN_INSTALLER = re.compile(r"\.?(?:(?:ana|mini)conda|miniforge|mambaforge)", re.I)


def surely(script: Script, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The open entries that are conda's beyond doubt, whatever the script is about."""
    header = Cover(each.span for each in script.directives)
    owners = {entry.owner.span: entry.owner for entry in entries if entry.kind == TRACE and entry.owner is not None}
    using = {span for span, owner in owners.items() if _uses_files(script, owner)}
    found = []
    for entry in entries:
        if entry.needs or entry.kind == SHELL or (entry.kind == TRACE and header.holds(entry.span)):
            found.append(entry)
        elif entry.kind == TRACE and entry.owner is not None and entry.owner.span in using:
            found.append(entry._replace(kind=FILES, span=entry.owner.span))
    return tuple(found)


def _uses_files(script: Script, command: Command) -> bool:
    """Whether a command runs, sources or copies a file of conda's, or looks for its libraries there."""
    if any(_SEARCHED.fullmatch(each.name) and _names_conda(script, each.word, command) for each in command.assignments):
        return True
    if command.name in ("source", ".") and any(map(_FILE_FOR_CONDA.search, [each.literal for each in command.words])):
        return True
    if command.name in (*_COPIES, "source", "."):
        return any(_names_conda(script, word, command) for word in command.words[1:])
    program = call_of(script, command).program
    return program is not None and "/bin/" in program.source and _names_conda(script, program, command)


def _names_conda(script: Script, word: Word, command: Command) -> bool:
    """Whether a word is a path into a folder of conda's, itself or by what the script puts into its variables."""
    texts = (word.literal, value_of(script, word, command).text)
    return any(
        _OF_AN_INSTALLER.match(part) or (trace_pattern().search(part) and keeps_environments(part))
        for text in texts if "/" in text and not _IS_NO_FOLDER.search(text) for part in text.split("/")
    )  # fmt: skip
