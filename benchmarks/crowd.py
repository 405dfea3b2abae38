"""What files around the scripts cost: 300 scripts with 40 environments, alone and among 20,000 files, in CPU time.

python benchmarks/crowd.py [COMMAND...]

Target: at most 1.3 times the time without the files, in the median of the rounds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 3
SCRIPTS, ENVIRONMENTS, FOLDERS, FILES = 300, 40, 40, 500
MOST = 1.3
JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
source ~/.bashrc
conda activate env{environment}
python prog{number}.py --seed {number}
"""


def lay(folder: Path, folders: int) -> None:
    """The scripts of a repository, and so many folders of data beside theirs."""
    (folder / ".git").mkdir()
    (folder / "jobs").mkdir()
    for number in range(SCRIPTS):
        text = JOB.format(environment=number % ENVIRONMENTS, number=number)
        (folder / "jobs" / f"job{number}.sh").write_text(text)
    for each in range(folders):
        (folder / f"data{each}").mkdir()
        for number in range(FILES):
            (folder / f"data{each}" / f"x{number}.txt").write_text("1\n")


def seconds(command: list[str], folder: Path) -> float:
    """The CPU time of one run over the whole folder."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, "-j", "1", "."], cwd=folder, **quiet)
    _, _, used = os.wait4(process.pid, 0)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print each round, and whether the target holds."""
    command = sys.argv[1:] or [sys.executable, "-m", "slurmfix"]
    with tempfile.TemporaryDirectory() as name:
        alone, among = Path(name, "alone"), Path(name, "among")
        for folder, folders in ((alone, 0), (among, FOLDERS)):
            folder.mkdir()
            lay(folder, folders)
        times = []
        for _ in range(ROUNDS):
            without, with_them = seconds(command, alone), seconds(command, among)
            times.append(with_them / without)
            print(f"alone {without:.2f} s, among {FOLDERS * FILES} files {with_them:.2f} s: {times[-1]:.2f} times")
    median = statistics.median(times)
    print(f"median: {median:.2f} times (target {MOST})")
    sys.exit(median > MOST)


if __name__ == "__main__":
    main()
