"""The page for many scripts: its size, and how long headless Chromium takes until it can be read and worked with.

python benchmarks/html_report.py [SCRIPTS]
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import which

ENVIRONMENTS = {
    "torch": ["python=3.10", "pytorch=2.1", "numpy", "pandas", "pyarrow", "scikit-learn", "wandb", "cudatoolkit"],
    "bio": ["python=3.11", "pysam", "samtools", "biopython", "numpy", "nobodyknows"],
    "climate": ["python=3.11", "xarray", "netcdf4", "dask", "cartopy", "mpi4py"],
}
WORK = (
    'python train.py --data "$SCRATCH/data" --epochs 10 --lr 0.001',
    "srun python solve.py --steps 1000 > log.txt 2>&1",
    'for f in "$SCRATCH"/*.csv; do\n    python step.py "$f"\ndone',
    "samtools view -b in.sam | tee out.bam",
    'if [ -n "$SLURM_ARRAY_TASK_ID" ]; then\n    python part.py "$SLURM_ARRAY_TASK_ID"\nfi',
    "# what comes out goes to the project's folder\ncp -r results ~/projects/def-prof/",
    "export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK",
)
HOOKS = (
    "module load anaconda3",
    "source ~/miniconda3/etc/profile.d/conda.sh",
    'eval "$(conda shell.bash hook)"',
    "module load StdEnv/2023 miniconda3 cuda",
)


def generate(folder: Path, count: int) -> None:
    chance = random.Random(2)
    for name, packages in ENVIRONMENTS.items():
        listed = "".join(f"  - {package}\n" for package in packages)
        (folder / f"{name}.yml").write_text(f"name: {name}\ndependencies:\n{listed}")
    for number in range(count):
        name = chance.choice(list(ENVIRONMENTS))
        lines = [
            "#!/bin/bash", f"#SBATCH --job-name=job{number}", "#SBATCH --account=def-prof", "#SBATCH --time=3:00:00",
            f"#SBATCH --mem={chance.randint(1, 64)}G", "", chance.choice(HOOKS), f"conda activate {name}", "",
            *chance.sample(WORK, chance.randint(2, 6)), "", "conda deactivate",
        ]  # fmt: skip
        group = folder / f"group{number % 40:02}"
        group.mkdir(exist_ok=True)
        (group / f"job{number:04}.sh").write_text("\n".join(lines) + "\n")


def opened(page: Path, times: int = 5) -> list[float]:
    """Seconds from asking for the page until its first script is shown and a key has been answered."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        for _ in range(times):
            tab = browser.new_page(viewport={"width": 1400, "height": 1000})
            began = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="load")
            tab.locator("main article h2").wait_for()
            tab.keyboard.press("j")
            tab.locator("#list li:nth-child(2) a[aria-current]").wait_for()
            found.append(time.perf_counter() - began)
            tab.close()
        browser.close()
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "lab"
        folder.mkdir()
        generate(folder, count)
        page = Path(top) / "report.html"
        began = time.perf_counter()
        with page.open("wb") as file:
            command = [sys.executable, "-m", "slurmfix", "-o", "html", str(folder)]
            subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=False)
        print(f"{count} scripts: made in {time.perf_counter() - began:.1f} s")
        print(f"size: {page.stat().st_size / 1e6:.2f} MB")
        if which("chromium") is None:
            print("load time: not measured, Chromium is not installed (apt-get install chromium)")
            return
        times = sorted(opened(page))
        print(f"load time: {times[0]:.2f} s at best, {times[len(times) // 2]:.2f} s in the middle, of {len(times)}")


if __name__ == "__main__":
    main()
