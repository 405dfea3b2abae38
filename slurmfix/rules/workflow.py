"""Another program than conda makes or uses conda environments.

What it finds
    `snakemake --use-conda` (also `--conda-…` options and `--software-deployment-method conda`), `nextflow … -profile
    conda` and `-with-conda`, and the same in a Snakemake profile or a `nextflow.config` that the line reads;
    `cwltool --beta-conda-dependencies`, `mlflow run --env-manager conda`; `conda-pack` and `conda-unpack`, and an
    archive with conda in its path that is unpacked and then activated; reticulate's `use_condaenv` in an `Rscript -e`.

Why it matters
    A workflow manager would make one conda environment a rule, from compute nodes without internet. A packed
    environment is conda's all the same, and R finds one only where conda is.

Instead
    Nothing yet: each rule of the workflow names an environment of its own, which a job script cannot show, nor does it
    what a packed environment holds, or which Python R needs.

Fix safety
    `manual`. What the line needs of conda stays with it, the activation as well. Build the environments as modules,
    virtualenvs or Apptainer images, and name these in the workflow (`envmodules:` or `container:` in Snakemake,
    `module` or `container` in Nextflow).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from slurmfix.remarks import PLAIN, REFUSAL, Message, job, phrase
from slurmfix.rules.acts import Left, Report
from slurmfix.rules.rule import Finding, Rule, program, subcommand
from slurmfix.shell import Command, Script, Word, call_of, value_of
from slurmfix.text import excerpt

PACKED = Message(
    id="packed",
    kind=REFUSAL,
    subject="`{source}`",
    reason="the packed environment is still a conda environment",
    action="where conda is, run `conda env export -n NAME > environment.yml` (NAME: your environment). Copy that "
    "file beside this script, write `conda activate NAME` here, and run slurmfix again",
    bad=job("conda-pack -n vision\nsource vision/bin/activate"),
    good=PLAIN,
)
RETICULATE = Message(
    id="reticulate",
    kind=REFUSAL,
    subject="`use_condaenv` in R",
    reason="R finds this environment only with conda",
    action="in the R code, write `use_virtualenv(Sys.getenv('VIRTUAL_ENV'))` instead. In the job, write `conda "
    "activate NAME` above this line, and run slurmfix again, which converts that line",
    bad=job("Rscript -e 'reticulate::use_condaenv(\"vision\")'"),
    good=PLAIN,
)
SNAKEMAKE = Message(
    id="snakemake-use-conda",
    kind=REFUSAL,
    subject="`snakemake --use-conda`",
    reason="with `use-conda`, snakemake makes a conda environment for each rule of the workflow",
    action='in the Snakefile, replace each `conda: …` with `envmodules: "MODULE/VERSION"` (found with `module '
    "spider TOOL`). Then replace `--use-conda` with `--use-envmodules` here",
    bad=job("snakemake --use-conda --cores 4"),
    good=PLAIN,
)
NEXTFLOW = Message(
    id="nextflow-conda",
    kind=REFUSAL,
    subject="`nextflow` with conda",
    reason="nextflow would make a conda environment for each process of the workflow",
    action="write `-profile apptainer` instead. If the workflow has no such profile, write `apptainer.enabled = "
    "true` into nextflow.config",
    bad=job("nextflow run x.nf -profile conda"),
    good=PLAIN,
)
OTHER_WORKFLOW = Message(
    id="workflow-conda",
    kind=REFUSAL,
    subject="`{source}`",
    reason="with this option, each step of the workflow makes a conda environment",
    action="in the workflow, name a module or container for each step. Then delete this option",
    bad=job("cwltool --beta-conda-dependencies flow.cwl"),
    good=PLAIN,
)
NEXTFLOW_VARIABLE = Message(
    id="nextflow-variable",
    kind=REFUSAL,
    subject="the variable {name}",
    reason="because of this variable, nextflow makes a conda environment for each process of the workflow",
    action="delete this variable, and run nextflow with `-profile apptainer`. If the workflow has no such profile, "
    "write `apptainer.enabled = true` into nextflow.config",
    bad=job("export NXF_CONDA_ENABLED=true\nnextflow run x.nf"),
    good=job("nextflow run x.nf"),
)
_IN_R = re.compile(r"\buse_(?:condaenv|miniconda)\(")

_OF_NEXTFLOW = ("NXF_CONDA_ENABLED", "NXF_CONDA_CACHEDIR")
_OFF = re.compile(r"false|0|", re.I)
NEEDS_CONDA = Report(Left.NEEDS_CONDA)
# What may stand in front of a program that is called: its folder, Python, `conda run` with its options.
_IN_FRONT = r"(?:(?:\S*/)?(?:conda|mamba|micromamba) run (?:\S+ )*?)?(?:(?:\S*/)?python[\d.]* -m )?(?:\S*/)?"
_ALL_OF_AN_ARRAY = re.compile(r"\$\{(\w+)\[[@*]\]\}")


class _Tool(NamedTuple):
    """A workflow manager, by its names; where `asks` matches its words it makes or uses conda environments."""

    names: re.Pattern[str]
    asks: re.Pattern[str]
    says: str
    message: Message


_TOOLS = (
    _Tool(
        re.compile(r"snakemake"),
        re.compile(
            r"(?<!\S)--use-c(?:onda)?(?!\S)|(?<!\S)--conda-[\w-]+"
            r"|(?<!\S)--(?:sdm|(?:software-)?deployment(?:-method)?)[= ](?:[^-\s]\S* )*?conda(?!\S)"
        ),
        "snakemake makes conda environments",
        SNAKEMAKE,
    ),
    _Tool(
        re.compile(r"nextflow"),
        re.compile(r"(?<!\S)-with-conda(?!\S)|(?<!\S)-profile[= ]\S*(?:conda|mamba)"),
        "nextflow makes conda environments",
        NEXTFLOW,
    ),
    _Tool(
        re.compile(r"cwltool|cwl-runner|toil-cwl-runner|toil-wdl-runner"),
        re.compile(r"(?<!\S)--beta-conda-dependencies(?!\S)"),
        "the workflow manager makes conda environments",
        OTHER_WORKFLOW,
    ),
    _Tool(
        re.compile(r"mlflow"),
        re.compile(r"(?<!\S)--env-manager[= ]conda(?!\S)"),
        "the workflow manager makes conda environments",
        OTHER_WORKFLOW,
    ),
)


_UNPACKING = ("tar", "bsdtar", "unzip", "pigz", "unpigz")
_ARCHIVE = re.compile(r"conda\S*\.(?:tar|tgz|tbz2?|txz|zip)\b", re.I)


def _enters(script: Script) -> bool:
    """Whether the script enters an environment by its own script, as what conda-pack made is entered."""
    return any(command.source.rstrip("\"'").endswith("/bin/activate") for command in script.holding("/bin/activate"))


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    literals = [word.literal for word in words]
    names = [literal.rsplit("/", 1)[-1] for literal in literals[:4]]
    packed = PACKED.about(source=excerpt(command.source))
    packs = next((name for name in names[:1] if name in ("conda-pack", "conda-unpack")), "")
    if names and names[0] in _UNPACKING and any(_ARCHIVE.search(each) for each in literals) and _enters(script):
        yield Finding("workflow", NEEDS_CONDA, command.span, phrase("unpacks an environment"), command, why=packed)
    elif packs or (words and program(words[0]) and subcommand(words)[0] == "pack"):
        says = phrase("calls {program}", program=packs or "conda pack")
        yield Finding("workflow", NEEDS_CONDA, command.span, says, command, why=packed)
    elif ("Rscript" in names or "R" in names) and any(_IN_R.search(literal) for literal in literals):
        says, why = phrase("R uses a conda environment (reticulate)"), RETICULATE.about()
        yield Finding("workflow", NEEDS_CONDA, command.span, says, command, why=why)
    else:
        yield from _managed(command, script)
    for assigned in command.assignments:
        if assigned.name in _OF_NEXTFLOW and not _OFF.fullmatch(assigned.word.literal):
            asks = NEXTFLOW_VARIABLE.about(name=assigned.name)
            says = phrase("tells nextflow of conda ({name})", name=assigned.name)
            yield Finding("workflow", NEEDS_CONDA, command.span, says, command, why=asks)


def _managed(command: Command, script: Script) -> Iterator[Finding]:
    told = told_to(command, script)
    for tool in _TOOLS:
        called, options = called_with(told, tool.names)
        if called and (found := tool.asks.search(options)):
            says = phrase("{use} ({option})", use=phrase(tool.says), option=found[0].strip())
            yield Finding(
                "workflow",
                NEEDS_CONDA,
                command.span,
                says,
                command,
                why=tool.message.about(source=excerpt(told, found.start())),
            )


_SUBMITS = ("--cluster", "--cluster-sync", "--cluster-generic-submit-cmd", "--drmaa")  # what stands behind is a command


def told_to(command: Command, script: Script) -> str:
    """The words of a command behind its launchers, parted by single blanks; constants and arrays are followed. The
    command that submits each step has options of its own, and is left out.
    """
    first = call_of(script, command).program
    words = [word for word in command.words if first is None or word.span.start >= first.span.start]
    kept = [*words[:1], *(word for before, word in pairwise(words) if before.literal not in _SUBMITS)]
    return " ".join(text for word in kept for text in _values(word, command, script))


def called_with(told: str, names: re.Pattern[str]) -> tuple[str, str]:
    """The name of a program of these names that a command calls, also by `python -m`, and its options; else ""."""
    match = re.match(rf"{_IN_FRONT}({names.pattern})(?!\S)", told)
    return (match[1], told[match.end() :]) if match else ("", "")


def _values(word: Word, command: Command, script: Script) -> Iterator[str]:
    """What a word comes to, in pieces; of an array all elements that the script gives it anywhere."""
    if match := _ALL_OF_AN_ARRAY.search(word.source):
        for other in script.holding(match[1].lower()):
            for assigned in other.assignments:
                if assigned.name == match[1]:
                    yield from (piece.strip("\"'") for piece in assigned.word.source.strip("()").split())
        return
    value = value_of(script, word, command)
    yield from " ".join((value.text, *value.possible)).split()


RULE = Rule(
    "workflow",
    "another program than conda makes or uses conda environments",
    check,
    words=(
        "snakemake",
        "nextflow",
        "nxf_",
        "pack",
        "use_",
        "--use-c",
        "cwl",
        "toil",
        "mlflow",
        ".tar",
        ".tgz",
        ".zip",
    ),
    bad=(
        "snakemake --use-conda -j 8\n",
        "srun snakemake -j 8 --conda-frontend mamba --use-conda\n",
        "snakemake --sdm apptainer conda --cores 4\n",
        "srun --ntasks=1 --cpus-per-task 8 --mem 4G python -m snakemake --software-deployment-method=conda\n",
        "OPTIONS='--use-conda --cores 8'\nsnakemake $OPTIONS\n",
        'OPTIONS=(--cores 8)\nOPTIONS+=(--use-conda)\nsnakemake "${OPTIONS[@]}"\n',
        "conda run -n smk snakemake --use-conda\n",
        "nextflow run x -profile conda\n",
        "P=conda\nnextflow run x -profile ${P}\n",
        "export NXF_CONDA_ENABLED=true\nnextflow run x\n",
        "conda-unpack\n",
        "conda pack -n foo -o foo.tar.gz\n",
        "tar -xzf ~/conda_envs/e.tar.gz -C $SLURM_TMPDIR/e\nsource $SLURM_TMPDIR/e/bin/activate\n",
        "srun Rscript -e 'library(reticulate); use_condaenv(\"x\")'\n",
    ),
    good=(
        "snakemake -j 8\n",
        "snakemake -j 8 --sdm apptainer --config conda\n",
        "nextflow run x -profile singularity\n",
        "tar xf conda-pack.tar\n",
        "tar -xzf ~/envs/e.tar.gz -C $SLURM_TMPDIR/e\nsource $SLURM_TMPDIR/e/bin/activate\n",
    ),
    manual=__doc__ or "",
)
