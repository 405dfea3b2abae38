"""Both hooks under the real pre-commit, which installs slurmfix as it does for anybody."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns, which

import pytest
import yaml

pytestmark = pytest.mark.install

HERE = Path(__file__).parent.parent
HOOKS = HERE / ".pre-commit-hooks.yaml"
JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
python train.py
"""
ENVIRONMENT = """\
name: myenv
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy=1.26
"""
FILES = {
    "job.sh": JOB,
    "environment.yml": ENVIRONMENT,
    "train.py": "import numpy\n",
    "lib.sh": "greet() { echo hello; }\n",
    "notes.txt": "conda activate myenv\n",
}


def git(folder, *words):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory, package_index):
    """This work tree as the git repository that pre-commit installs from, and the commit in it."""
    if not which("git"):
        pytest.skip("pre-commit needs git")
    folder = tmp_path_factory.mktemp("slurmfix")
    copytree(HERE / "slurmfix", folder / "slurmfix", ignore=ignore_patterns("__pycache__"))
    copytree(HERE / "share", folder / "share")
    for name in ("pyproject.toml", ".pre-commit-hooks.yaml"):
        (folder / name).write_bytes((HERE / name).read_bytes())
    (folder / "README.md").touch()  # the build wants one; what it says does not matter here
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it stands")
    return folder, git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def pre_commit_home(tmp_path_factory):
    """pre-commit's cache: one installation for all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def run(tmp_path, hooks, pre_commit_home):
    """A research repository that uses both hooks, and a function that runs one of them over all its files."""
    folder, commit = hooks
    config = {"repos": [{"repo": str(folder), "rev": commit, "hooks": [{"id": "slurmfix"}, {"id": "slurmfix-fix"}]}]}
    for name, text in {**FILES, ".pre-commit-config.yaml": yaml.safe_dump(config)}.items():
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "start")

    def pre_commit(hook):
        git(tmp_path, "add", "-A")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"PRE_COMMIT_HOME": str(pre_commit_home)}
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never", hook]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return pre_commit


def test_the_reporting_hook_fails_with_the_diff_and_changes_nothing(run, tmp_path):
    done = run("slurmfix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "-conda activate myenv\n" in done.stdout
    assert '+source "$SLURM_TMPDIR/myenv/bin/activate"' in done.stdout
    assert "files were modified" not in done.stdout
    assert {name: (tmp_path / name).read_text() for name in FILES} == FILES


def test_the_fixing_hook_changes_the_script_and_then_both_pass(run, tmp_path):
    fixed = run("slurmfix-fix")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified" in fixed.stdout
    assert "conda" not in (tmp_path / "job.sh").read_text()
    assert "numpy" in (tmp_path / "requirements-myenv.txt").read_text()
    for hook in ("slurmfix-fix", "slurmfix"):
        done = run(hook)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Passed" in done.stdout


def test_files_without_ending_that_are_no_scripts_do_not_fail_the_hooks(run, tmp_path):
    (tmp_path / "job.sh").unlink()
    (tmp_path / "Makefile").write_text("all:\n\tsbatch job.sh\n")
    (tmp_path / "LICENSE").write_text("Do as you like.\n")
    done = run("slurmfix")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        *((f"a/job{end}", True) for end in (".sh", ".bash", ".slurm", ".sbatch", ".sb", ".sub", ".job", ".batch")),
        *((f"job{end}", True) for end in (".sl", ".slm", ".qsub", ".cmd", "")),
        ("v1.2/submit", True),
        ("train.py", False),
        ("notes.txt", False),
        ("environment.yml", False),
        ("job.sh.txt", False),
        (".bashrc", False),
    ],
)
def test_the_hooks_take_job_scripts_by_name(path, taken):
    patterns = {hook["files"] for hook in yaml.safe_load(HOOKS.read_text())}
    assert [bool(re.search(pattern, path)) for pattern in patterns] == [taken]
