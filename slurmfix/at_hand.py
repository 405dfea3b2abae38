"""What a file at hand says that matters once conda is gone: what it does with conda, where, and what to put there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from slurmfix import knowledge
from slurmfix.remarks import DOUBT, Message, Phrase, Remark, phrase

USES_CONDA_TOO = Message(
    id="file-uses-conda",
    kind=DOUBT,
    subject="`{file}`, line {at}",
    reason="{reason}",
    action="{action}",
    bad="conda activate myenv\nmake all\n-- Makefile --\nall:\n\tconda run -n myenv python train.py\n",
    good="conda activate myenv\nmake all\n-- Makefile --\nall:\n\tpython train.py\n",
)

_WORDS = {
    "{runs}": r"(?:\b(?:source|\.)[ \t]+activate\b|\b(?:conda|mamba|micromamba)[ \t]+(?:activate|run)\b"
    r"|\buse_(?:condaenv|miniconda)\s*\(|[\"'](?:conda|mamba)[\"']\s*,\s*[\"'](?:run|activate)[\"']"
    r"|\bconda(?:\.sh|_env\b)|\benvs/[\w.-]+/bin/\w|(?:mini|ana)conda3?/bin)",
    "{lists}": r"[\"'](?:conda|mamba|micromamba)[\"']\s*,\s*[\"'](?:run|activate)[\"']",
    "{makes}": r"\b(?:conda|mamba|micromamba)[ \t]+(?:install|create|env)\b",
    "{variables}": r"(?<![\w$])CONDA_(?:PREFIX|DEFAULT_ENV|EXE|PYTHON_EXE|SHLVL)\b",
}
_COMMENTS = ("#", "//", "%")
_SCRIPT = re.compile(r"\S*\.(?:sh|bash|zsh|ksh|slurm|sbatch)\Z")
_SHELL = re.compile(r"#!.*sh\b")


class Said(NamedTuple):
    """What a file does with conda, the line that says so, and what people are told: the table has the words of each."""

    does: str
    line: int
    subject: str
    reason: str
    action: str

    def of_a_job(self, file: str) -> Remark:
        """What is said of this file, said of the job that runs or reads it."""
        return USES_CONDA_TOO.about(file=file, at=self.line, reason=self.reason, action=self.action)


class _Row(NamedTuple):
    does: str
    name: str
    text: str
    at: str
    subject: str = ""
    reason: str = ""
    action: str = ""


def may_say(name: str) -> bool:
    """Whether the table speaks of files with this name."""
    return _names().search(name) is not None


@knowledge.kept
def _names() -> re.Pattern[str]:
    """All names in one pattern: a folder may hold many files."""
    return re.compile("|".join(f"(?:{row.name})" for row in _rows()))


def told_of_files() -> frozenset[str]:
    """All that people are told of such files, for the catalogues of languages."""
    return frozenset(part for row in _rows() for part in (row.subject, row.reason, row.action) if part)


def is_of_a_shell(name: str, text: str) -> bool:
    """Whether a file is a shell's script, by its name or its first line."""
    return _SCRIPT.fullmatch(name) is not None or _SHELL.match(text) is not None


@lru_cache(maxsize=256)
def said_by(name: str, text: str, *does: str) -> Said | None:
    """What a file of this name and text does of the things asked for, the first of them before the others; None where
    it does none of them. A shell's script is read.
    """
    if is_of_a_shell(name, text):
        line = line_in_a_script(text) if "uses" in does else 0
        return of_commands(line) if line else None
    for each in does:
        for row in _rows():
            fits = row.does == each and re.search(row.name, name) and re.search(row.text, text)
            if fits and (line := _line(row.at, text)):
                return Said(row.does, line, *map(Phrase, (row.subject, row.reason, row.action)))
    return None


def of_commands(line: int) -> Said:
    """What a list of commands does that a program of the job runs, where one of its lines uses conda."""
    return Said("uses", line, "", _SCRIPT_USES, _CHANGE_IT)


_SCRIPT_USES = phrase("the job runs or reads this file, which uses conda")
_CHANGE_IT = phrase("change this file as well")


def line_in_a_script(text: str) -> int:
    """The first line of a shell's script that uses conda; 0 where none does."""
    from slurmfix.rules import TooManyFindings, find
    from slurmfix.shell import read

    try:
        at = next((finding.span.start for finding in find(read(text))), -1)
    except (RecursionError, TooManyFindings):
        return 1
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _line(at: str, text: str) -> int:
    if at == "{profile}":
        from slurmfix.rules import line_of_conda_in_a_profile

        return line_of_conda_in_a_profile(text)
    return _first_line(_pattern(at), text)


def _rows() -> tuple[_Row, ...]:
    return tuple(_Row(*row) for row in knowledge.rows("at_hand"))


@lru_cache(maxsize=64)
def _pattern(at: str) -> re.Pattern[str]:
    for word, meaning in _WORDS.items():
        at = at.replace(word, meaning)
    return re.compile(at, re.MULTILINE)


def _first_line(pattern: re.Pattern[str], text: str) -> int:
    """The line of the first match that stands in no comment line; 0 without one."""
    for match in pattern.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        if not text[start : match.end()].lstrip().startswith(_COMMENTS):
            return text.count("\n", 0, match.end()) + 1
    return 0
