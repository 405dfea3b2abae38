"""Several folders that have become one environment, of which nobody can tell whether they are one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message

SEVERAL_FOLDERS = Message(
    id="several-folders",
    kind=DOUBT,
    subject="the folders {folders}",
    reason="these environments have the same name, so slurmfix makes one environment for all of them",
    action="if their packages are the same, do nothing. Otherwise give the environments different names, and run "
    "slurmfix again",
    bad="""\
#!/bin/bash
#SBATCH --time=0:30:00
# They may be two environments, or one in two ways to write it.
conda activate $SCRATCH/envs/torch
python a.py
conda deactivate
conda activate $PROJECT/envs/torch
python b.py
-- torch.yml --
name: torch
dependencies:
  - python=3.11
  - numpy
""",
    good=PLAIN,
)

_HOME = re.compile(r"\A(?:\$HOME|\$\{HOME\}|/home/\w+)(?=/)")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    paths: dict[str, set[str]] = {}
    for name in job.names.values():
        if name.path:
            paths.setdefault(name.code, set()).add(_HOME.sub("~", name.path))
    for code, found in paths.items():
        if len(found) > 1:
            yield code, SEVERAL_FOLDERS.about(folders=", ".join(sorted(found)))
