"""How long a rewritten job takes until its first own command, beside the documented recipe written by hand.

Runs both in turn on the tests' Slurm cluster (tests/slurm/cluster/README.md tells its needs), one job at a time, and
prints a table of seconds. The clock starts with the job's first line and stops where the author's own program starts.

    python benchmarks/startup_of_jobs.py [ROUNDS]
"""

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "tests" / "slurm"))

from lab import Lab, LabError  # noqa: E402 (the cluster lives with the tests)

ENVIRONMENT = """\
name: myenv
dependencies:
  - python=3.11
  - numpy=1.26.4
  - six=1.17.0
  - click=8.1.8
"""
HEAD = """\
#!/bin/bash
#SBATCH --time=0:10:00
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
echo "START $(date +%s.%N)"
"""
WORK = 'echo "WORK $(date +%s.%N)"\n'
CONDA = "source ~/miniconda3/etc/profile.d/conda.sh\nconda activate myenv\n"
INSTALL = """\
virtualenv --no-download $SLURM_TMPDIR/env
source $SLURM_TMPDIR/env/bin/activate
pip install --no-index --upgrade pip
pip install --no-index -r requirements.txt
"""
BY_HAND = {
    1: f"module load python/3.11\n{INSTALL}",
    2: "module load python/3.11\n"
    f"srun --ntasks $SLURM_NNODES --tasks-per-node=1 bash << EOF\n{INSTALL}EOF\n"
    "source $SLURM_TMPDIR/env/bin/activate\n",
}
REQUIREMENTS = "numpy==1.26.4\nsix==1.17.0\nclick==8.1.8\n"


def rewritten(script):
    """The script and its new files, through the command line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.sh").write_text(script)
        (folder / "environment.yml").write_text(ENVIRONMENT)
        subprocess.run([sys.executable, "-m", "slurmfix", "--write", "."], cwd=folder, check=True, capture_output=True)
        files = {path.name: path.read_text() for path in folder.iterdir()}
        return files.pop("job.sh"), files


def seconds(lab, script, files):
    """From the job's first line to its own first command."""
    result = lab.submit(script, files)
    start, work = (
        float(re.search(rf"^{mark} ([\d.]+)$", result.output, re.MULTILINE)[1]) for mark in ("START", "WORK")
    )
    return work - start


def main(rounds):
    try:
        lab = Lab()
    except LabError as why:
        sys.exit(str(why))
    try:
        print(f"{'':22}{'by hand':>26}{'rewritten':>26}   median (least to most), s, {rounds} rounds")
        for nodes in (1, 2):
            head = HEAD.format(nodes=nodes)
            versions = {
                "by hand": (head + BY_HAND[nodes] + WORK, {"requirements.txt": REQUIREMENTS}),
                "rewritten": rewritten(head + CONDA + WORK),
            }
            # in turn, so that what else the machine does meets both
            times = [{name: seconds(lab, *version) for name, version in versions.items()} for _ in range(rounds)]
            cells = []
            for name in versions:
                column = [row[name] for row in times]
                cells.append(f"{statistics.median(column):.2f} ({min(column):.2f} to {max(column):.2f})")
            print(f"{f'{nodes} node' + 's' * (nodes > 1):22}{cells[0]:>26}{cells[1]:>26}")
    finally:
        lab.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
