"""What else in a project speaks of conda and is no job script: where, and what to put there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from slurmfix import files
from slurmfix.outcome import Outcome
from slurmfix.remarks import NOTE, Message, Parts, Phrase, Remark

_MOST_READ = 1_500  # files of one folder
_LONGEST = 500_000  # bytes
_NAMED = re.compile(rb"conda|mamba", re.IGNORECASE)

CONDA_ELSEWHERE = Message(
    id="conda-elsewhere",
    kind=NOTE,
    subject="{subject}",
    reason="{reason}",
    action="{action}",
    bad="#!/bin/bash\n#SBATCH --time=1\nRscript fit.R\n-- fit.R --\nlibrary(reticulate)\nuse_condaenv('scvi')\n",
    good="#!/bin/bash\n#SBATCH --time=1\nRscript fit.R\n-- fit.R --\nlibrary(ggplot2)\n",
    page="The line belongs to a file that is no job script: a program, a configuration or a guide. slurmfix does not "
    "rewrite these. Put there what a converted job script of the project has in the place of its activation.",
)

_USE = (
    r"(?:\b(?:source|\.)[ \t]+activate\b|\b(?:conda|mamba|micromamba)[ \t]+(?:activate|run|install|create|env)\b"
    r"|\buse_(?:condaenv|miniconda)\s*\(|[\"'](?:conda|mamba)[\"']\s*,\s*[\"'](?:run|activate)[\"']"
    r"|\bconda(?:\.sh|_env\b)|\benvs/[\w.-]+/bin/\w|(?:mini|ana)conda3?/bin)"
)


class _Kind(NamedTuple):
    """A kind of file: `name` and `text` tell it, the line that `at` finds is shown. `runs`: it is more than a guide.
    The subject, the reason and the action are words of phrases.
    """

    name: str
    text: str
    at: str
    subject: str
    reason: str
    action: str
    runs: bool = True


_MODULES = "put the module and activation lines of a converted job there"
_KINDS = (
    _Kind(r"\.py$", r"SLURMCluster\(|dask_jobqueue", _USE, "dask-jobqueue", "the workers start in conda",
          "put these lines of a converted job into `job_script_prologue`"),
    _Kind(r"\.py$", r"submitit", _USE, "submitit", "the jobs start in conda",
          "put the lines of a converted job into `slurm_setup`"),
    _Kind(r"\.py$", r"#SBATCH", _USE, "this Python file", "the program writes job scripts that use conda", _MODULES),
    _Kind(r"\.py$", r"", _USE, "this Python file", "the program starts others in a conda environment",
          "start the programs from the virtualenv of the job, without conda"),
    _Kind(r"\.py$", r"", r"(?<![\w$])CONDA_(?:PREFIX|DEFAULT_ENV|EXE|PYTHON_EXE|SHLVL)\b", "this Python file",
          "the program asks for a variable of conda's, and a virtualenv sets `VIRTUAL_ENV` alone",
          "ask for `VIRTUAL_ENV` in the program"),
    _Kind(r"\.[rR]$", r"", _USE, "this R file", "the program asks for a conda environment",
          "name the virtualenv of the job: `use_virtualenv(Sys.getenv(\"VIRTUAL_ENV\"))`"),
    _Kind(r"\.ya?ml$", r"submitit|hydra", _USE, "the launcher's configuration", "the jobs start in conda",
          "put the lines of a converted job into `setup`"),
    _Kind(r"\.ya?ml$", r"", r"^[ \t]*(?:use-conda[ \t]*:[ \t]*[\"']?[Tt]rue"
          r"|(?:software-deployment-method|deployment-method|sdm)[ \t]*:.*conda)", "the Snakemake profile",
          "each rule gets a conda environment", "say `use-envmodules: true`, and give the rules `envmodules:` lines"),
    _Kind(r"(?:^|/)Snakefile[\w.-]*$|\.smk$", r"", r"^[ \t]+conda[ \t]*:", "this rule",
          "the rule asks for a conda environment",
          "give the rule `envmodules:` with the modules that `slurmfix envs/*.yaml` names"),
    _Kind(r"\.config$", r"", r"\bconda\.enabled[ \t]*=[ \t]*true|\bconda[ \t]*=|" + _USE, "the nextflow configuration",
          "the processes start in conda", "give the processes `module` lines instead"),
    _Kind(r"(?:^|/)(?:GNU)?[Mm]akefile[\w.-]*$|\.mk$", r"", _USE, "the Makefile", "the commands use conda",
          "call the programs of the virtualenv or of modules"),
    _Kind(r"(?:^|/)kernel\.json$", r"", _USE, "the Jupyter kernel", "the kernel's Python is conda's",
          "make a kernel of a virtualenv: `python -m ipykernel install --user`"),
    _Kind(r"\.ipynb$", r"", r"\"(?:name|display_name)\": \"(?:conda-|Python \[conda)|[!%](?:conda|mamba)[ \t]+\w",
          "the notebook", "the kernel or a cell uses conda", "run the notebook with the kernel of a virtualenv",
          runs=False),
    _Kind(r"\.(?:md|rst)$", r"", _USE, "this guide", "the text tells people to use conda",
          "point people to the converted job scripts", runs=False),
)  # fmt: skip


def remark_on(path: str) -> tuple[Remark, bool] | None:
    """What is said of a file that uses conda and is no job script, and whether it runs; None where there is nothing."""
    kinds = [kind for kind in _KINDS if re.search(kind.name, path)]
    if not kinds:
        return None
    try:
        data = files.read(path, _LONGEST)
        text = files.decode(data, path) if _NAMED.search(data) or b"activate" in data else ""
    except files.Unreadable:
        return None
    for kind in kinds if text else ():
        if re.search(kind.text, text) and (line := _first_line(text, kind.at)):
            parts = {name: Phrase(getattr(kind, name)) for name in Parts._fields}
            return Remark(CONDA_ELSEWHERE, line, values=parts), kind.runs
    return None


def _first_line(text: str, pattern: str) -> int:
    """The line of the first match that stands in no comment line; 0 without one."""
    for match in re.finditer(pattern, text, re.MULTILINE):
        start = text.rfind("\n", 0, match.start()) + 1
        if not text[start : match.start()].lstrip().startswith(("#", "//", "%")):
            return text.count("\n", 0, match.start()) + 1
    return 0


def with_elsewhere(outcomes: Sequence[Outcome], paths: Sequence[str]) -> list[Outcome]:
    """The outcomes, and one for each other file of the folders among `paths` that uses conda.

    What it says takes the place of the word that a folder has no job script.
    """
    found = [outcome for path in paths if os.path.isdir(path) for outcome in _in_folder(path, outcomes)]
    if not any(outcome.unhandled for outcome in found):
        return [*outcomes, *found]
    empty = {files.tidy(path) or "." for path in paths}
    return [*(each for each in outcomes if not (each.error and each.path in empty)), *found]


def _in_folder(folder: str, outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    there = {os.path.realpath(outcome.path) for outcome in outcomes}
    looked = 0
    for path in files.project_files(os.path.realpath(folder)):
        if path in there or looked >= _MOST_READ or not any(re.search(kind.name, path) for kind in _KINDS):
            continue
        looked += 1
        if said := remark_on(path):
            yield Outcome(files.shown(path), notes=(said[0],), unhandled=said[1])


def of_another_file(remark: Remark, subject: str) -> Remark:
    """What is said of a file, said of the job that reads it; the subject names the file and the line."""
    return Remark(remark.message, values={**remark.values, "subject": subject})
