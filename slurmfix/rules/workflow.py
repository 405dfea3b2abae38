"""Another program than conda makes or uses conda environments.

What it finds
    `snakemake --use-conda` (also `--conda-…` options and `--software-deployment-method conda`), `nextflow … -profile
    conda` and `-with-conda`; `conda-pack` and `conda-unpack`; `pixi run` and `pixi shell-hook`; reticulate's
    `use_condaenv` in an `Rscript -e`.

Why it matters
    A workflow manager would make one conda environment a rule, from compute nodes without internet. A packed
    environment is conda's all the same, and R finds one only where conda is.

Instead
    Nothing yet: each rule of the workflow names an environment of its own, which a job script cannot show, nor does it
    what a packed environment holds, or which Python R needs.

Fix safety
    `manual`. Build the environments as modules, virtualenvs or Apptainer images, and name these in the workflow
    (`envmodules:` or `container:` in Snakemake, `module` or `container` in Nextflow).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from slurmfix.rules import messages
from slurmfix.rules.acts import Left, Report
from slurmfix.rules.rule import Finding, Rule, program, subcommand
from slurmfix.shell import Command, Script, Word, value_of

_PIXI = re.compile(r"(?:\S*/)?pixi (?:run|shell|shell-hook|exec)\Z")
_IN_R = re.compile(r"\buse_(?:condaenv|miniconda)\(")

_OF_NEXTFLOW = ("NXF_CONDA_ENABLED", "NXF_CONDA_CACHEDIR")
_OFF = re.compile(r"false|0|", re.I)
_NEEDS_CONDA = Report(Left.NEEDS_CONDA)


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    literals = [word.literal for word in words]
    names = [literal.rsplit("/", 1)[-1] for literal in literals[:4]]
    packs = next((name for name in names[:1] if name in ("conda-pack", "conda-unpack")), "")
    if packs or (words and program(words[0]) and subcommand(words)[0] == "pack"):
        why = messages.PACKED.about()
        yield Finding("workflow", _NEEDS_CONDA, command.span, f"calls {packs or 'conda pack'}", command, why=why)
    elif ("Rscript" in names or "R" in names) and any(_IN_R.search(literal) for literal in literals):
        why = messages.RETICULATE.about()
        yield Finding(
            "workflow", _NEEDS_CONDA, command.span, "R uses a conda environment (reticulate)", command, why=why
        )
    elif any(_PIXI.match(f"{one} {two}") for one, two in pairwise(literals)) and not {"echo", "printf"} & {names[0]}:
        why = messages.PIXI.about()
        yield Finding("workflow", _NEEDS_CONDA, command.span, "runs in an environment of pixi's", command, why=why)
    elif "snakemake" in names:
        found = next((x for x in literals if x.startswith(("--use-conda", "--conda-"))), "")
        if (
            not found
            and any(x.startswith(("--software-deployment-method", "--sdm")) for x in literals)
            and "conda" in " ".join(literals)
        ):
            found = "--software-deployment-method conda"
        if found:
            why = messages.SNAKEMAKE.about()
            yield Finding(
                "workflow",
                _NEEDS_CONDA,
                command.span,
                f"snakemake makes conda environments ({found})",
                command,
                why=why,
            )
    elif "nextflow" in names:
        profiles = (words[n + 1] for n, x in enumerate(literals[:-1]) if x == "-profile")
        profile = next((value_of(script, word, command).text for word in profiles), "")
        if "-with-conda" in literals or "conda" in profile or "mamba" in profile:
            why = messages.NEXTFLOW.about()
            yield Finding("workflow", _NEEDS_CONDA, command.span, "nextflow makes conda environments", command, why=why)
    for assigned in command.assignments:
        if assigned.name in _OF_NEXTFLOW and not _OFF.fullmatch(assigned.word.literal):
            asks = f"it makes nextflow use conda: unset {assigned.name}, and use a profile with Apptainer"
            says = f"tells nextflow of conda ({assigned.name})"
            yield Finding("workflow", _NEEDS_CONDA, command.span, says, command, why=asks)


RULE = Rule(
    "workflow",
    "another program than conda makes or uses conda environments",
    check,
    words=("snakemake", "nextflow", "nxf_", "pack", "use_", "pixi"),
    bad=(
        "snakemake --use-conda -j 8\n",
        "srun snakemake -j 8 --conda-frontend mamba --use-conda\n",
        "nextflow run x -profile conda\n",
        "P=conda\nnextflow run x -profile ${P}\n",
        "export NXF_CONDA_ENABLED=true\nnextflow run x\n",
        "conda-unpack\n",
        "srun pixi run python x.py\n",
        "conda pack -n foo -o foo.tar.gz\n",
        "srun Rscript -e 'library(reticulate); use_condaenv(\"x\")'\n",
    ),
    good=(
        "snakemake -j 8\n",
        "nextflow run x -profile singularity\n",
        "echo pixi run\n",
        "tar xf conda-pack.tar\n",
    ),
    manual=__doc__ or "",
)
