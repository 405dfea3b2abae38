"""A module that provides a conda is loaded.

What it finds
    `module load anaconda3`, `ml Miniconda3/4.12.0`, `module add python/3.9-anaconda`, and their kin: any module whose
    name or version speaks of conda, mamba or miniforge, alone or among others on one line. Also `spack load miniconda3`
    and `eval $(spack load --sh miniconda3)`.

Why it matters
    The clusters have no such modules, and a failing `module load` also fails those beside it.

Instead
    The conda word goes; the other modules of the line stay. A script that only loads such a module and activates
    nothing runs in conda's base environment: then the line becomes the virtualenv that takes its place.

Fix safety
    As the activations of the script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules.acts import Drop, Provide
from slurmfix.rules.rule import CONDA, Finding, Rule
from slurmfix.shell import Command, Script, Word
from slurmfix.text import Span

_BLANK = re.compile(r"(?:[ \t]|\\\r?\n)\Z")
_BY_SPACK = re.compile(r"eval\s+\"?(?:\$\(|`)\s*spack\s+load\s+--sh\s+([\w@.+\s-]*[\w@.+-])\s*[)`]\"?")
_LOADING = ("load", "add", "try-load", "switch", "swap")
_UNLOADING = ("unload", "rm", "remove", "del", "delete")


def modules_of(words: tuple[Word, ...]) -> tuple[str, tuple[Word, ...]]:
    """`module load a b` → "load", (a, b); `ml a -b` and `spack load a` too. ("", ()) where it is no such command."""
    literals = [word.literal for word in words]
    if not literals or literals[0] not in ("module", "ml", "spack"):
        return "", ()
    rest = [word for word in words[1:] if not word.literal.startswith("-")]
    asked = rest[0].literal if rest else ""
    if asked in _LOADING or asked in _UNLOADING:
        return ("load" if asked in _LOADING else "unload"), tuple(rest[1:])
    if literals[0] == "ml" and asked not in (
        "purge",
        "list",
        "spider",
        "avail",
        "av",
        "reset",
        "restore",
        "save",
        "show",
        "use",
        "unuse",
        "swap",
    ):
        return "load", tuple(rest)
    return "", ()


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if (spack := _BY_SPACK.fullmatch(command.source)) and all(map(CONDA.search, spack[1].split())):
        yield Finding(
            "conda-module", Provide(base=True), command.span, phrase("loads {names}", names=spack[1]), command
        )
        return
    asked, modules = modules_of(words)
    found = [word for word in modules if CONDA.search(word.literal)]
    if not found:
        return
    act: Provide | Drop = Provide(base=True) if asked == "load" else Drop()
    names = ", ".join(word.literal for word in found)
    says = "loads {names}" if asked == "load" else "unloads {names}"
    if words[1].literal in ("switch", "swap") and len(modules) == 2 and len(found) == 1:
        left = next(word for word in modules if word not in found)
        new = f"module {'unload' if left is modules[0] else 'load'} {left.source}"
        swap = Provide(base=True, rest=new) if found[0] is modules[1] and asked == "load" else Drop(new)
        yield Finding("conda-module", swap, command.span, phrase("swaps {names}", names=names), command)
        return
    if len(found) == len(modules):
        yield Finding("conda-module", act, command.span, phrase(says, names=names), command)
        return
    for word in found:
        # The blanks in front go with the word, also those of a continued line: it reads as if it had never been there.
        start = word.span.start
        while (before := _BLANK.search(script.text, max(start - 3, 0), start)) is not None:
            start = before.start()
        yield Finding("conda-module", act, Span(start, word.span.end), phrase(says, names=word.literal), command)


RULE = Rule(
    "conda-module",
    "a module that provides a conda is loaded",
    check,
    words=("conda", "mamba", "miniforge"),
    bad=(
        "module load anaconda3\n",
        "ml Miniconda3/4.12.0\n",
        "module load gcc/9.2.0 conda3 plink2/2.0\n",
        "module add python/3.9-anaconda\n",
        "module unload miniconda\n",
        "module swap python3/intel anaconda3\n",
        "spack load miniconda3@4.10 gcc\n",
        "eval $(spack load --sh miniconda3)\nsource activate x\n",
    ),
    good=("module load python/3.11 gcc\n", "module purge\n", "# module load anaconda3\n", "module list\n"),
    manual=__doc__ or "",
)
