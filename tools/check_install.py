"""Builds the sdist and the wheel, installs the wheel into fresh environments without a network, and runs it there.

`python tools/check_install.py [PYTHON...]`: each PYTHON is an interpreter to install for; default: this one. Needs
`build`. The wheels of the dependencies are downloaded once per interpreter; the install itself sees that folder alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = (
    "slurmfix/py.typed",
    "slurmfix/templates/build.sh.j2",
    "slurmfix/report/schema.json",
    "slurmfix/report/page.css",
)
JOB = "#!/bin/bash\n#SBATCH --time=1\nsource activate myenv\npython x.py\n"


def run(*command: str | Path, **given: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **given)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return str(done.stdout)


def main() -> None:
    pythons = sys.argv[1:] or [sys.executable]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT)
        (wheel,) = (folder / "dist").glob("*.whl")
        held = zipfile.ZipFile(wheel).namelist()
        missing = [path for path in DATA if path not in held]
        tables = [
            f"slurmfix/knowledge/{path.name}" for path in (ROOT / "slurmfix" / "knowledge").iterdir() if path.is_file()
        ]
        missing += [path for path in tables if path not in held]
        if missing or any(path.startswith("tests") for path in held):
            sys.exit(f"the wheel lacks {missing}, or holds tests")
        for number, python in enumerate(pythons):
            wheels, venv = folder / f"wheels{number}", folder / f"venv{number}"
            run(python, "-m", "pip", "download", "-q", "-d", wheels, wheel)
            run(python, "-m", "venv", venv)
            run(venv / "bin" / "pip", "install", "-q", "--no-index", "--find-links", wheels, "slurmfix")
            job = folder / "job.sh"
            job.write_text(JOB)
            environ = {"PATH": os.environ["PATH"], "HOME": name}
            done = subprocess.run(
                [venv / "bin" / "slurmfix", "job.sh"], cwd=folder, env=environ, capture_output=True, text=True
            )
            if done.returncode != 1 or "+virtualenv --no-download" not in done.stdout:
                sys.exit(f"{python}: {done.stdout}{done.stderr}")
            print(f"{run(venv / 'bin' / 'python', '-V').strip()}: installed offline, and a script is converted")


if __name__ == "__main__":
    main()
