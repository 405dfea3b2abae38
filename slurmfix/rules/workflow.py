"""A workflow manager is told to make conda environments.

What it finds
    `snakemake --use-conda` (also `--conda-…` options and `--software-deployment-method conda`), `nextflow … -profile
    conda` and `-with-conda`.

Why it matters
    The manager would make one conda environment a rule, from compute nodes without internet.

Instead
    Nothing yet: each rule of the workflow names an environment of its own, which a job script cannot show.

Fix safety
    `manual`. Build the environments as modules, virtualenvs or Apptainer images, and name these in the workflow
    (`envmodules:` or `container:` in Snakemake, `module` or `container` in Nextflow).
"""

from __future__ import annotations

from collections.abc import Iterator

from slurmfix.rules.rule import REPORT, Finding, Rule
from slurmfix.shell import Command, Script, Word


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    literals = [word.literal for word in words]
    if "snakemake" in [literal.rsplit("/", 1)[-1] for literal in literals[:4]]:
        found = next((x for x in literals if x.startswith(("--use-conda", "--conda-"))), "")
        if (
            not found
            and any(x.startswith(("--software-deployment-method", "--sdm")) for x in literals)
            and "conda" in " ".join(literals)
        ):
            found = "--software-deployment-method conda"
        if found:
            why = "each rule names an environment: give the rules `envmodules:` or `container:`, then drop the option"
            yield Finding(
                "workflow", REPORT, command.span, f"snakemake makes conda environments ({found})", command, why=why
            )
    elif "nextflow" in [literal.rsplit("/", 1)[-1] for literal in literals[:4]]:
        profile = next((literals[n + 1] for n, x in enumerate(literals[:-1]) if x == "-profile"), "")
        if "-with-conda" in literals or "conda" in profile or "mamba" in profile:
            why = "use a profile with Apptainer (`-profile apptainer` or `singularity`)"
            yield Finding("workflow", REPORT, command.span, "nextflow makes conda environments", command, why=why)


RULE = Rule(
    "workflow",
    "a workflow manager is told to make conda environments",
    check,
    words=("snakemake", "nextflow"),
    bad=(
        "snakemake --use-conda -j 8\n",
        "srun snakemake -j 8 --conda-frontend mamba --use-conda\n",
        "nextflow run x -profile conda\n",
    ),
    good=("snakemake -j 8\n", "nextflow run x -profile singularity\n"),
    manual=__doc__ or "",
)
