"""Times slurmfix against the tools it is measured by, in one run: `python benchmarks/speed.py [FOLDER]`.

FOLDER holds the folders `conda` and `plain` with job scripts; without it one of the same size and mix is generated.
Each round runs every command once, so that what else the machine does falls on all of them; the table has medians, the
spread (largest less smallest), what the processors worked, and the ratios of the medians, of which that of the time
that passes is held against its target. On a machine that is busy the ratio of the processors' work tells more. Each
command runs in the folder that it is about, since slurmfix looks for environments where a job is submitted. slurmfix
is the command that stands beside this Python, its peers come with `pip install .[bench]`; one that is missing is left
out.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = os.path.dirname(sys.executable)
CONDA, PLAIN = 2518, 4307  # scripts of each kind in the folder that the targets were set for
OURS = [os.path.join(HERE, "slurmfix")]
JOB = """#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --mem=16G
#SBATCH --job-name=job{n}
# What this job does is told in notes/{n}.md
module purge
{conda}
export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
cd "$SLURM_SUBMIT_DIR"
mkdir -p results/{n}
for seed in 1 2 3; do
    if [ ! -f results/{n}/$seed.json ]; then
        srun python -u train.py --seed $seed --lr 0.{n} \\
            --data "$SCRATCH/data/{n}" --out results/{n}/$seed.json > log.$seed 2>&1
    fi
done
echo "done: $(date)"
"""


def generated(top: Path, conda: int = CONDA, plain: int = PLAIN) -> Path:
    forms = ("module load anaconda3\nsource activate env{e}", 'eval "$(conda shell.bash hook)"\nconda activate env{e}')
    for kind, count in (("conda", conda), ("plain", plain)):
        (top / kind).mkdir(parents=True)
        for n in range(count):
            lines = forms[n % 2].format(e=n % 7) if kind == "conda" else "module load python/3.11 gcc"
            (top / kind / f"{n}.sh").write_text(JOB.format(n=n, conda=lines))
    return top


def python_files(top: Path, scripts: list[Path]) -> Path:
    """A Python file of as many lines for each script."""
    top.mkdir()
    for n, script in enumerate(scripts):
        lines = script.read_bytes().count(b"\n")
        body = "".join(
            f"def f{m}(a, b):\n    return [a + b for _ in range({m})]\n\n\n" for m in range((lines - 4) // 4)
        )
        (top / f"m{n}.py").write_text(f"import sys\nimport os\n\n{body}print(os.name, sys.argv, {n})\n")
    return top


class Took(NamedTuple):
    """Seconds that passed, and that processors worked."""

    passed: float
    worked: float


def took(command: list[str], folder: Path) -> Took:
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    passed, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def program(name: str) -> str | None:
    beside = os.path.join(HERE, name)
    return beside if os.path.exists(beside) else shutil.which(name)


def peak(command: list[str]) -> float:
    """Megabytes of the largest process that the command starts, in a process of its own."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3, stderr=-3);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True).stdout
    return int(told) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    # As pip compiles what it installs; a checkout that was changed since would be compiled at every start.
    compileall.compile_dir(Path(__file__).resolve().parents[1] / "slurmfix", quiet=1)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = (wanted.folder or generated(scratch / "jobs")).resolve()
        scripts = [path for path in folder.rglob("*") if path.is_file()]
        code = python_files(scratch / "python", scripts)
        one = generated(scratch / "one", 1, 1)
        long_script = one / "long.sh"
        long_script.write_text((one / "conda" / "0.sh").read_text() + "python x.py --n 1\n" * 80)
        long_python = scratch / "long.py"
        long_python.write_text("import os\n" + "print( os.name,1 )\n" * 100)
        grown = {n: generated(scratch / f"grown{n}", n, 0) for n in (20, 2000)}
        lines = {n: scratch / f"lines{n}.sh" for n in (500, 50_000)}
        for n, path in lines.items():
            path.write_text("#!/bin/bash\nsource activate a\n" + "python x.py --n 1\n" * n)
        plain = str(folder / "plain")
        commands: dict[str, list[str | None]] = {
            "slurmfix, the folder": [*OURS, "-j2", str(folder)],
            "shfmt -d": [program("shfmt"), "-d", str(folder)],
            "shellcheck -f diff": [program("shellcheck"), "-f", "diff", *map(str, scripts)],
            "isort --diff, as many lines of Python": [program("isort"), "--diff", str(code)],
            "ruff check --diff --no-cache, the same": [program("ruff"), "check", "--diff", "--no-cache", str(code)],
            "slurmfix, nothing to do": [*OURS, "-j2", plain],
            "grep -rlE conda": [program("grep"), "-rlE", "conda", plain],
            "slurmfix, a clean file": [*OURS, str(one / "plain" / "0.sh")],
            "python -c 'import click'": [sys.executable, "-c", "import click"],
            "slurmfix, a script of 100 lines": [*OURS, str(long_script)],
            "black --diff, a file of 100 lines": [program("black"), "--diff", str(long_python)],
            "slurmfix --version": [*OURS, "--version"],
            "python -c pass": [sys.executable, "-c", "pass"],
            "20 scripts": [*OURS, "-j1", str(grown[20])],
            "2,000 scripts": [*OURS, "-j1", str(grown[2000])],
            "500 lines": [*OURS, str(lines[500])],
            "50,000 lines": [*OURS, str(lines[50_000])],
        }
        within = dict.fromkeys(("slurmfix, the folder", "slurmfix, nothing to do"), folder)
        times: dict[str, list[Took]] = {said: [] for said, command in commands.items() if None not in command}
        for number in range(wanted.rounds):
            for said in times:
                if said.startswith("shellcheck") and number:
                    continue  # one round of it takes longer than all others together
                command = [word for word in commands[said] if word is not None]
                times[said].append(took(command, within.get(said, one)))
        show(times, peak([*OURS, "-j2", str(folder)]))


TARGETS = (
    ("slurmfix, the folder", "shfmt -d", 4.0),
    ("slurmfix, the folder", "shellcheck -f diff", 1 / 15),
    ("slurmfix, the folder", "isort --diff, as many lines of Python", 1.0),
    ("slurmfix, the folder", "ruff check --diff --no-cache, the same", None),
    ("slurmfix, nothing to do", "grep -rlE conda", 7.0),
    ("slurmfix, a clean file", "python -c 'import click'", 1.2),
    ("slurmfix, a script of 100 lines", "black --diff, a file of 100 lines", 0.7),
    ("2,000 scripts", "20 scripts", 110.0),
    ("50,000 lines", "500 lines", 110.0),
)


def show(times: dict[str, list[Took]], megabytes: float) -> None:
    medians = {said: Took(*map(statistics.median, zip(*all_, strict=True))) for said, all_ in times.items()}
    print(f"{'':44}{'median ms':>12}{'spread ms':>12}{'worked ms':>12}")
    for said, all_ in times.items():
        passed = [each.passed for each in all_]
        spread = max(passed) - min(passed)
        print(f"{said:44}{medians[said].passed * 1e3:12.0f}{spread * 1e3:12.0f}{medians[said].worked * 1e3:12.0f}")
    print(f"\n{'':74}{'ratio':>8}{'worked':>8}{'target':>10}")
    for ours, theirs, target in TARGETS:
        if ours in medians and theirs in medians:
            ratio, work = (mine / other for mine, other in zip(medians[ours], medians[theirs], strict=True))
            met = "" if target is None else f"{target:10.2f}  {'met' if ratio <= target else 'missed'}"
            print(f"{ours + ' / ' + theirs:74}{ratio:8.2f}{work:8.2f}{met}")
    over = (medians["slurmfix --version"].passed - medians["python -c pass"].passed) * 1e3
    print(f"{'--version over a bare python, ms':74}{over:8.0f}{'':8}{50:10}  {'met' if over <= 50 else 'missed'}")
    print(
        f"{'peak memory of a process, MB':74}{megabytes:8.0f}{'':8}{150:10}  {'met' if megabytes < 150 else 'missed'}"
    )


if __name__ == "__main__":
    main()
