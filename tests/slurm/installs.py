"""Installs environments as rewritten jobs do: by each job's own lines, with stub wheels, on a real Slurm."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from lab import Job, JobResult, Lab
from packaging.requirements import InvalidRequirement, Requirement
from stub_wheels import make_modules, make_wheelhouse, versions_of, write_wheel

from slurmfix.cli import main

JOB = "#!/bin/bash\n#SBATCH --time=1:00:00\nconda activate {name}\npython train.py\n"
# every line of the requirements that the job was given, held against what is installed; nothing else proves the job
TRAIN = """\
import glob, importlib.metadata as installed
from pip._vendor.packaging.requirements import Requirement
lines = [line.split(" #")[0].strip() for line in open(glob.glob("requirements-*.txt")[0])]
wanted = [Requirement(line) for line in lines if line and line[0] not in "#-"]
for each in wanted:
    version = installed.version(each.name)
    assert each.specifier.contains(version.split("+")[0], prereleases=True), (str(each), version)
print("ALL", len(wanted), "LINES ARE INSTALLED")
"""
DONE = re.compile(r"ALL \d+ LINES ARE INSTALLED")


@dataclass(frozen=True, slots=True)
class Installation:
    """One environment: the rewritten job with the files beside it, and what of it is to be prepared."""

    name: str
    strategy: str
    python: str
    script: str
    files: dict[str, str]
    requirements: tuple[str, ...]
    prepared: tuple[str, ...]
    modules: tuple[str, ...]


def rewritten(text: str, name: str) -> Installation:
    """A job that activates an environment, as slurmfix rewrites it, with its requirements file."""
    found = re.search(r"(?m)^name:[ \t]*[\"']?([^\s\"'#]+)", text)
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        (there / ".git").mkdir()
        (there / "environment.yml").write_text(text)
        (there / "job.sh").write_text(JOB.format(name=found[1] if found else name))
        (there / "train.py").write_text(TRAIN)
        reported = CliRunner().invoke(main, ["--write", "--isolated", "-o", "json", str(there / "job.sh")]).stdout
        told = next(iter(json.loads(reported)["files"][0]["environments"]), None) or {"strategy": ""}
        files = {path.name: path.read_text() for path in there.glob("requirements-*.txt")}
        return Installation(
            name,
            told["strategy"],
            told.get("python", ""),
            (there / "job.sh").read_text(),
            {**files, "train.py": TRAIN},
            tuple(told.get("requirements", ())),
            tuple(each["requirement"] for each in told.get("prepared", ())),
            tuple(told.get("modules", ())),
        )


class StubCluster:
    """The modules of all standard environments, their Pythons and a wheelhouse of stubs, on a running cluster."""

    def __init__(self, lab: Lab, installations: Iterable[Installation]) -> None:
        self.lab, self.root = lab, lab.root / "stubs"
        installations = tuple(installations)
        lines = [line for each in installations for line in each.requirements]
        self.wheels = make_wheelhouse(self.root / "wheelhouse", {name for line in lines if (name := _name(line))})
        conf = self.root / "pip.conf"
        links = f"find-links = {self.root}/wheelhouse {self.root}/pip\n"
        conf.write_text(f"[global]\ndisable-pip-version-check = true\n[install]\n{links}prefer-binary = true\n")
        (self.root / "pip").mkdir()
        for wheel in (lab.software / "wheelhouse").glob("pip-*.whl"):
            (self.root / "pip" / wheel.name).write_bytes(wheel.read_bytes())
        named = {module.partition("/")[0] for each in installations for module in each.modules}
        self.pythons = {python: path for python in _pythons(installations) if (path := _interpreter(lab, python))}
        make_modules(self.root / "modules", named, self.pythons, conf, lab.software / "site")

    def start(self, installation: Installation) -> Job:
        """Submit a job from a login shell that knows these modules and no others."""
        with tempfile.TemporaryDirectory() as folder:
            for line in installation.prepared:
                _prepare(Path(folder), line)
            prepared = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in Path(folder).iterdir()}
        login = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "USER": "root",
            "LANG": "C.UTF-8",
            "LMOD_ALLOW_ROOT_USE": "yes",
            "LMOD_CACHED_LOADS": "no",
            "BASH_ENV": "/usr/share/lmod/lmod/init/bash",
            "SLURM_CONF": f"{self.lab.root}/etc/slurm.conf",
            "MODULEPATH": f"{self.root}/modules/Core",
        }
        name = re.sub(r"[^A-Za-z0-9]+", "-", installation.name)[:40]
        return self.lab.start(installation.script, {**installation.files, **prepared}, name=name, login=login)


def is_installed(result: JobResult) -> bool:
    """Whether the job came to its end with every line of its requirements installed."""
    return set(result.states) == {"COMPLETED"} and bool(DONE.search(result.output))


def _name(line: str) -> str:
    try:
        return Requirement(line.split(" #")[0]).name
    except InvalidRequirement:
        return ""


def _prepare(folder: Path, line: str) -> None:
    """A stub in the place of what a person fetches on a login node."""
    wanted = Requirement(line)
    numbers = re.findall(r"\d[\w.]*\w", str(wanted.specifier)) or ["1.0"]
    near = [*numbers, *(f"{number}.1" for number in numbers), *(version for version, _ in versions_of(wanted.name))]
    version = next(each for each in near if wanted.specifier.contains(each, prereleases=True))
    write_wheel(folder, wanted.name, version)


def _pythons(installations: tuple[Installation, ...]) -> list[str]:
    return sorted({each.python for each in installations if each.python})


def _interpreter(lab: Lab, python: str) -> Path | None:
    """An interpreter with virtualenv: one of the cluster's, else one that is made of this machine's."""
    for folder in (lab.software / "python").glob(f"{python}.*"):
        return folder
    folder = lab.software.parent / "pythons" / python
    if (folder / "bin" / "virtualenv").exists():
        return folder
    candidates = [f"python{python}", *map(str, Path.home().glob(f".pyenv/versions/{python}.*/bin/python"))]
    for candidate in reversed(candidates):
        made = [candidate, "-m", "venv", "--clear", str(folder)]
        try:
            if subprocess.run(made, capture_output=True).returncode == 0:
                install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "virtualenv"]
                if subprocess.run(install, capture_output=True).returncode == 0:
                    return folder
        except FileNotFoundError:
            continue
    return None
