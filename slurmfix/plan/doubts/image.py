"""What the reviewer should know of how commands run inside an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.plan.inside import SHELLS, SUFFIXES, Call, Inside
from slurmfix.plan.job import Job
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import Enter
from slurmfix.shell import Spread, spread_of

_TRAIN = "conda activate vision\npython train.py"
UNUSED_IMAGE = Message(
    id="unused-image",
    kind=DOUBT,
    subject="the image of this environment",
    reason="slurmfix knows no command of the job that needs the image",
    action="write `apptainer run IMAGE` in front of the commands that need it (IMAGE: the .sif file)",
    bad=job("conda activate vision\n./run", "python=3.11", "numpy", command="slurmfix --to apptainer job.sh"),
    good=PLAIN,
)
MPI_IN_IMAGE = Message(
    id="mpi-in-an-image",
    kind=DOUBT,
    subject="the MPI in the image of this environment",
    reason="on several nodes, this MPI has to fit that of the cluster",
    action='read "Apptainer and MPI applications" on apptainer.org/docs, and test on two nodes',
    bad=job(
        "conda activate vision\nmpirun -n 4 python train.py",
        "python=3.11",
        "mpi4py",
        command="slurmfix --to apptainer job.sh",
    ).replace("#SBATCH --time=1:00", "#SBATCH --time=1:00 --nodes=2"),
    good=job(_TRAIN, "python=3.11", "numpy", command="slurmfix --to apptainer job.sh"),
)
SCRIPT_IN_IMAGE = Message(
    id="script-in-an-image",
    kind=DOUBT,
    subject="the script on line {lines}",
    reason="the whole script runs in the image, which has no `module`, `srun` or `sbatch`",
    action="if the script uses none of these, do nothing. Otherwise run only its programs in the image",
    bad="""\
#!/bin/bash
#SBATCH --time=3:00:00
#SBATCH --ntasks=4
set -euo pipefail
module load miniconda3
source activate scaffolds
for sample in a b; do
    bwa mem ref.fa $sample.fq | samtools sort -o $sample.bam -
    samtools index $sample.bam
    n=$(samtools view -c $sample.bam)
    echo "$sample: $n"
done
medusa-scaffolder -i a.bam
srun medusa-scaffolder --part $SLURM_NTASKS
ls *.bam | xargs -n1 samtools flagstat
time samtools depth a.bam > depth.txt
srun bash -c 'samtools idxstats $SLURM_JOB_ID.bam'
python summary.py --out ~/results
conda deactivate
-- environment.yml --
name: scaffolds
channels: [bioconda, conda-forge, defaults]
dependencies:
  - bwa=0.7.17=h7132678_9
  - samtools=1.18
  - medusa-scaffolder
  - python=3.11
""",
    good=PLAIN,
)
PIP_IN_IMAGE = Message(
    id="pip-in-an-image",
    kind=DOUBT,
    subject="`pip install` on line {lines}",
    reason="an image cannot be changed, so pip installs nothing into it",
    action="add the packages to environment.yml, build the image again, and delete this line",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# An image takes nothing once it is built.
conda activate myenv
pip install tqdm
python train.py
-- command --
slurmfix --to apptainer job.sh
""",
    good=PLAIN,
)


def check(job: Job, inside: Inside) -> Iterator[tuple[str, str]]:
    """What to say of environments that have become images, by the code of their names."""
    for code in inside.images:
        mine = [call for call in inside.calls if call.code == code]
        entered = any(job.code(at) == code and isinstance(job.findings[at].act, Enter) for at in job.names)
        if not mine and entered:
            yield code, UNUSED_IMAGE.about()
        yield from ((code, said) for said in _of_calls(job, mine))


def _of_calls(job: Job, calls: list[Call]) -> Iterator[str]:
    wholes = [call for call in calls if call.program in SHELLS or SUFFIXES.get(_suffix(call.program)) == ""]
    if wholes:
        lines = _lines(job, wholes)
        yield SCRIPT_IN_IMAGE.about(lines=lines)
    installs = [call for call in calls if re.search(r"\bpip3?\s+install\b", call.command.source)]
    if installs:
        yield PIP_IN_IMAGE.about(lines=_lines(job, installs))
    if any(spread_of(call.command.name) is Spread.RANKS for call in calls):
        yield MPI_IN_IMAGE.about()


def _suffix(path: str) -> str:
    return "." + path.rsplit(".", 1)[-1].lower() if "." in path else ""


def _lines(job: Job, calls: list[Call]) -> str:
    return ", ".join(map(str, sorted({job.line(call.word.span.start) for call in calls})))
