"""Tasks of a step start the script, and the job that starts them builds its environments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.nodes import several_tasks
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message

BUILT_BY_THE_JOB = Message(
    id="built-by-the-job",
    kind=DOUBT,
    subject="the script `{caller}`",
    reason="`{caller}` builds the environment `{environment}` once, and its tasks then start this script",
    action="run `slurmfix --write` on `{caller}` and this script together, so that both change",
    bad="""\
#!/bin/bash
conda activate vision
python train.py
-- run.sh --
#!/bin/bash
#SBATCH --ntasks=4
srun ./job.sh
-- command --
slurmfix job.sh run.sh
""",
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    caller = next(filter(several_tasks, job.callers), None)
    if caller is not None:
        for code, served in answers.items():
            yield code, BUILT_BY_THE_JOB.about(environment=served.named.name, caller=os.path.basename(caller.path))
