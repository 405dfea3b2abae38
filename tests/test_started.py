"""What is said of scripts beside a job that it starts and that use conda."""

import pytest
from click.testing import CliRunner

from slurmfix import files
from slurmfix.cli import main

SETUP = "source ~/miniconda3/etc/profile.d/conda.sh\nconda activate tf\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "jobs").mkdir()
    for name in ("setup.sh", "jobs/step.sh", "jobs/tf"):
        (tmp_path / name).write_text(f"#!/bin/bash\n{SETUP}")
    (tmp_path / "jobs/plain.sh").write_text("#!/bin/bash\n# once this was: conda activate tf\necho conda\n")
    (tmp_path / "jobs/train.py").write_text("#!/usr/bin/env python\n# conda activate tf\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    files.forget()
    return tmp_path


def said_of(*paths):
    done = CliRunner().invoke(main, list(paths))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return [line for line in done.stderr.splitlines() if ": starts " in line], done.exit_code


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("source step.sh", "jobs/step.sh"),
        (". ./step.sh", "jobs/step.sh"),
        ("cd $SCRATCH && . setup.sh && python x.py", "setup.sh"),
        ('source "$SLURM_SUBMIT_DIR/step.sh"', "jobs/step.sh"),
        ("bash -e ${SLURM_SUBMIT_DIR}/step.sh 1 2", "jobs/step.sh"),
        ("srun --ntasks=2 bash ./step.sh", "jobs/step.sh"),
        ("for i in 1 2; do ./tf $i; done", "jobs/tf"),
        ("sbatch --parsable ../setup.sh", "setup.sh"),
        ("source jobs/step.sh", "jobs/step.sh"),
    ],
)
def test_a_script_that_a_job_starts_is_named(folder, line, named):
    (folder / "jobs/job.sh").write_text(f"#!/bin/bash\n#SBATCH -n 1\n{line}\n")
    assert said_of("jobs/job.sh") == ([f"jobs/job.sh: starts {named}, which uses conda: convert it, too"], 0)


@pytest.mark.parametrize(
    "line",
    [
        "# source step.sh",
        "echo done # bash step.sh",
        "source missing.sh",
        "bash plain.sh",
        "./train.py",
        "source /etc/profile",
        "source ../../outside.sh",
        "source $HOME/step.sh",
        "python step.sh",
        "source job.sh",
    ],
)
def test_nothing_is_said_of_others(folder, line):
    (folder.parent / "outside.sh").write_text(SETUP)
    (folder / "jobs/job.sh").write_text(f"#!/bin/bash\n#SBATCH -n 1\n{line}\n")
    assert said_of("jobs/job.sh") == ([], 0)


def test_it_is_said_once_of_a_script_with_conda_of_its_own(folder):
    (folder / "jobs/job.sh").write_text("#!/bin/bash\nconda activate a\nbash step.sh\nbash step.sh\n. setup.sh\n")
    said, status = said_of("jobs/job.sh")
    assert said == ["jobs/job.sh: starts jobs/step.sh, setup.sh, which use conda: convert them, too"]
    assert status == 1


def test_nothing_is_said_where_both_are_converted(folder):
    (folder / "jobs/job.sh").write_text("#!/bin/bash\n#SBATCH -n 1\nsource step.sh\n")
    assert said_of("jobs/job.sh", "./jobs/step.sh")[0] == []
    assert said_of("jobs")[0] == []
    assert said_of(".")[0] == []
