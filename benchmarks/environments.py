"""What a large environment costs: a job whose environment file has 300 lines against one of 3, in CPU time and memory.

python benchmarks/environments.py [COMMAND...]

Targets: at most 150 ms and 20 MB more. The packages are drawn from the wheelhouse's table, half of them with a version.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from slurmfix import knowledge

TIMES = 15
PYTHON = knowledge.standard_environments()[0].python


def lay(folder: Path, lines: int) -> None:
    """A job, and the file of its environment with so many packages."""
    chance = random.Random(3)
    names = sorted(row[0] for row in knowledge.rows("wheel_versions") if knowledge.wheel_versions(row[0], PYTHON))
    listed = [f"python={PYTHON}"]
    for name in chance.sample(names, lines - 1):
        version = f"={chance.choice(knowledge.wheel_versions(name, PYTHON))}" if chance.random() < 0.5 else ""
        listed.append(f"{name}{version}")
    (folder / "environment.yml").write_text("name: big\ndependencies:\n" + "".join(f"  - {line}\n" for line in listed))
    (folder / "job.sh").write_text("#!/bin/bash\n#SBATCH --time=1:00:00\nconda activate big\npython train.py\n")
    (folder / ".git").mkdir()


def measured(command: list[str], lines: int) -> tuple[float, float]:
    """The least CPU time of several runs in milliseconds, and the most memory of one in megabytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay(folder, lines)
        best, most = 1e9, 0.0
        for _ in range(TIMES):
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            process = subprocess.Popen([*command, "job.sh"], cwd=folder, **quiet)
            _, _, used = os.wait4(process.pid, 0)
            best = min(best, 1e3 * (used.ru_utime + used.ru_stime))
            most = max(most, used.ru_maxrss / 1024)
        return best, most


def main() -> None:
    """Print both, and whether the targets hold."""
    command = sys.argv[1:] or [sys.executable, "-m", "slurmfix"]
    small, large = measured(command, 3), measured(command, 300)
    for lines, (milliseconds, megabytes) in ((3, small), (300, large)):
        print(f"{lines:4} lines: {milliseconds:6.0f} ms {megabytes:6.1f} MB")
    longer, bigger = large[0] - small[0], large[1] - small[1]
    print(f"more: {longer:.0f} ms (target 150), {bigger:.1f} MB (target 20)")
    sys.exit(longer > 150 or bigger > 20)


if __name__ == "__main__":
    main()
