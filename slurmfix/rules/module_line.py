"""A module is loaded that the standard environment does not have (with `--modules` alone).

What it finds
    With `--modules`, also in scripts without conda: each module of `module load`, `module add`, `ml` and their kin that
    the tables do not have for the standard environment, in that version or at all; and an older standard environment.

Why it matters
    A missing module fails the whole line, and the job goes on without the others of it, or ends there.

Instead
    The name or version that the standard environment has: the same minor release, else the same major one at or above,
    else the same major one, else the next above. `StdEnv/2020` becomes the standard environment of the cluster, unless
    a module of the script is in the old one alone.

Fix safety
    Always `review`: another version is another program. What is nowhere, or only behind another compiler, is left.
"""

from __future__ import annotations

from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules.acts import Report
from slurmfix.rules.conda_module import modules_of
from slurmfix.rules.rule import CONDA, Finding, Rule
from slurmfix.shell import Command, Script, Word
from slurmfix.text import Span


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    """Each module that a command loads, where it is written out; whether it is there, the tables tell."""
    asked, modules = modules_of(words)
    if asked != "load" or words[0].literal == "spack":
        return
    for word in modules:
        span = _name(word, script)
        if span is not None and not CONDA.search(word.literal):
            yield Finding("module-line", Report(), span, phrase("loads {names}", names=word.literal), command)


def _name(word: Word, script: Script) -> Span | None:
    """Where the name of a module stands as it is, perhaps in quotes; None where it is put together."""
    start, end = word.span
    quoted = 1 if script.text[start:end] in (f'"{word.value}"', f"'{word.value}'") else 0
    return Span(start + quoted, end - quoted) if script.text[start + quoted : end - quoted] == word.value else None


def loaded(script: Script) -> tuple[Finding, ...]:
    """Each module that the commands of a script load."""
    return tuple(found for command in script.holding("module", "ml") for found in check(command, command.words, script))


RULE = Rule(
    "module-line",
    "a module is loaded that the standard environment does not have (--modules)",
    check,
    words=("module", "ml"),
    bad=(
        "module load gcc/5.4.0\n",
        "ml hdf5/1.8.18\n",
        "module load StdEnv/2020 python/3.8\n",
        "module add Python/3.8.6-GCCcore-10.2.0\n",
    ),
    good=("module purge\n", "module load $COMPILER\n", "# module load gcc/5.4.0\n", "module list\n"),
    manual=__doc__ or "",
    on_request=True,
)
