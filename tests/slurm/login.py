"""A user on the login node of the cluster: a folder with a job, a home, wheels of one's own, and slurmfix."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess

from lab import Lab

ROOT = Path(__file__).parent.parent.parent
JOB = """\
#!/bin/bash
#SBATCH --time=0:30:00
module load anaconda3
source activate vision
python train.py
"""
TRAIN = "import six, click\nopen('ran', 'w').close()\n"
ENVIRONMENT = "name: vision\ndependencies: [python=3.11, six=1.17.0, click=8.1]\n"


class Login:
    """A folder with a job on the cluster's disk, and a shell of the login node."""

    def __init__(self, lab: Lab, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.lab, self.folder, self.home = lab, folder, folder.parent / f"{folder.name}-home"
        self.tmp = folder.parent / f"{folder.name}-tmp"
        (folder / ".git").mkdir(parents=True)
        self.home.mkdir()
        self.tmp.mkdir()
        self.index = "file:///nowhere"
        self.seconds = 600  # that an import may take: no test but that of an import that hangs is to wait for it
        self.links = folder.parent / f"{folder.name}-wheels"
        self.environ = environ
        self.write("job.sh", JOB).write("train.py", TRAIN).write("environment.yml", ENVIRONMENT)

    def write(self, name: str, text: str) -> Login:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return self

    @property
    def settings(self) -> list[str]:
        """What is set beside a login shell's own."""
        wheels = f"PIP_FIND_LINKS={self.links} {self.lab.software}/wheelhouse"
        own = [f"PYTHONPATH={ROOT}", wheels, f"SLURMFIX_SECONDS={self.seconds}", f"PIP_INDEX_URL={self.index}"]
        return [f"TMPDIR={self.tmp}", *own]

    @property
    def command(self) -> list[str]:
        return ["env", *self.settings, sys.executable, "-m", "slurmfix"]

    def run(self, *command: object) -> CompletedProcess[str]:
        return self.lab.run(*command, folder=self.folder, home=self.home, login=self.environ)

    def slurmfix(self, *options: object) -> CompletedProcess[str]:
        return self.run(*self.command, *options)

    def rehearse(self, *options: object) -> CompletedProcess[str]:
        return self.slurmfix("--rehearse", *options, "job.sh")


def wheel(
    folder: Path, name: str, version: str, requires: Iterable[str] = (), code: str = "", tag: str = "py3-none-any"
) -> Path:
    """A small wheel in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", code)
        lines = "".join(f"Requires-Dist: {each}\n" for each in requires)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def index(folder: Path, *wheels: Path) -> str:
    """A package index with these wheels, as a folder; gives its address."""
    for path in wheels:
        name = path.name.partition("-")[0].replace("_", "-").lower()
        there = folder / "simple" / name
        there.mkdir(parents=True, exist_ok=True)
        (there / path.name).write_bytes(path.read_bytes())
        links = "".join(f'<a href="{each.name}">{each.name}</a>\n' for each in sorted(there.glob("*.whl")))
        (there / "index.html").write_text(links)
    return f"file://{folder}/simple"
