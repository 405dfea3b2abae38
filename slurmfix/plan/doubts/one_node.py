"""pip that adds to an environment on one node, where the job has an environment on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job, installed_by_pip
from slurmfix.plan.nodes import several_nodes
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message

PIP_ON_ONE_NODE = Message(
    id="pip-on-one-node",
    kind=DOUBT,
    subject="`pip install` on line {line}",
    reason="each node has its own environment, but this line installs on the first node only",
    action="add the packages to the requirements file, and delete this line",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --nodes=2
conda activate myenv
pip install wandb
srun python train.py
""",
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    for finding, code, lists in installed_by_pip(job):
        listed = code in answers and set(lists) & set(answers[code].lists)
        if code in answers and not listed and several_nodes(job.script, finding.command):
            yield code, PIP_ON_ONE_NODE.about(job.line(finding.span.start))
