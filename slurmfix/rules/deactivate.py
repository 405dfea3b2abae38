"""A conda environment is deactivated.

What it finds
    `conda deactivate` (also mamba and micromamba), `source deactivate`, `. deactivate`, `source CONDA/bin/deactivate`.

Why it matters
    The virtualenv that takes the environment's place has a `deactivate` of its own.

Instead
    `deactivate`; where nothing was active yet (people leave base first), the line goes. Where conda would go back to
    the environment below on its stack, that one is activated again.

Fix safety
    As the activation it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules.acts import Leave
from slurmfix.rules.rule import Finding, Rule, program, subcommand
from slurmfix.shell import Command, Script, Word


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    match [word.literal for word in words]:
        case ["source" | ".", "deactivate", *_]:
            pass
        case ["source" | ".", path, *_] if path.endswith("/bin/deactivate"):
            pass
        case [_, *_] if program(words[0]) and subcommand(words)[0] == "deactivate":
            pass
        case _:
            return
    yield Finding("deactivate", Leave(), command.span, phrase("deactivates a conda environment"), command)


RULE = Rule(
    "deactivate",
    "a conda environment is deactivated",
    check,
    words=("deactivate",),
    bad=("conda deactivate\n", "source deactivate\n", ". ~/miniconda3/bin/deactivate\n", "micromamba deactivate\n"),
    good=("deactivate\n", "echo conda deactivate\n", "# conda deactivate\n"),
    manual=__doc__ or "",
)
