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


def told(named, line=3):
    script = f"the script `{named}`: the job starts this script, which uses conda, too"
    return f"jobs/job.sh:{line}: {script}; run slurmfix on both scripts together"


def said_of(*paths):
    done = CliRunner().invoke(main, list(paths))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return [line for line in done.stderr.splitlines() if " starts " in line], done.exit_code


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
    assert said_of("jobs/job.sh") == ([told(named)], 1)


def test_a_line_that_starts_a_script_is_spoken_of_once(folder):
    (folder / "environment.yml").write_text("name: a\ndependencies: [numpy]\n")
    (folder / "jobs/job.sh").write_text("#!/bin/bash\nconda activate a\nbash step.sh\nbash nowhere.sh\n")
    said = CliRunner().invoke(main, ["jobs/job.sh"]).stderr.splitlines()
    assert [line for line in said if line.startswith("jobs/job.sh:3")] == [told("jobs/step.sh")]
    assert len([line for line in said if line.startswith("jobs/job.sh:4")]) == 1


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
    assert said == [f"{told('jobs/step.sh')} (also line 5 (the script `setup.sh`))"]
    assert status == 1


def test_nothing_is_said_where_both_are_converted(folder):
    (folder / "jobs/job.sh").write_text("#!/bin/bash\n#SBATCH -n 1\nsource step.sh\n")
    assert said_of("jobs/job.sh", "./jobs/step.sh")[0] == []
    assert said_of("jobs")[0] == []
    assert said_of(".")[0] == []


# --- what is no job script

OTHERS = {
    "fit.R": "library(reticulate)\nuse_condaenv('a')\n",
    "Makefile": "all:\n\tconda run -n a python x.py\n",
    "launch.py": "from dask_jobqueue import SLURMCluster\nc = SLURMCluster(job_script_prologue=['conda activate a'])\n",
    "conf/jobqueue.yaml": "jobqueue:\n  slurm: {job-script-prologue: [conda activate a]}\n",
    "starts.py": "import subprocess\nsubprocess.run(['conda', 'run', '-n', 'a', 'b'])\n",
    "jobs.py": "print('#SBATCH --time=1')\nprint('source activate a')\n",
    "conf/submitit.yaml": "hydra:\n  launcher:\n    setup: ['conda activate a']\n",
    "profile/config.yaml": "jobs: 50\nuse-conda: true\n",
    "workflow/Snakefile": "rule a:\n    conda: 'envs/a.yaml'\n",
    "nextflow.config": "process {\n  conda.enabled = true\n}\n",
    "GUIDE.md": "Then `conda activate a`.\n",
    "nb.ipynb": '{"metadata": {"kernelspec": {\n"name": "conda-env-a-py"}}}\n',
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_else_speaks_of_conda_is_named_once_with_its_line(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(OTHERS[name])
    done = CliRunner().invoke(main, ["."])
    line = {"GUIDE.md": 1, "conf/submitit.yaml": 3}.get(name, 2)
    assert [text.startswith(f"{name}:{line}: ") for text in done.stderr.splitlines() if name in text] == [True]


def test_a_folder_with_nothing_but_a_launcher_is_not_empty(folder):
    (folder / "only").mkdir()
    (folder / "only/make.py").write_text(OTHERS["jobs.py"])
    done = CliRunner().invoke(main, ["only"])
    assert "no job script" not in done.stderr and done.exit_code == 1


def test_a_file_that_the_job_reads_is_named_at_the_job(folder):
    (folder / "jobs/fit.R").write_text(OTHERS["fit.R"])
    (folder / "jobs/job.sh").write_text("#!/bin/bash\n#SBATCH -n 1\nRscript fit.R\n")
    done = CliRunner().invoke(main, ["jobs/job.sh"])
    assert "`jobs/fit.R`, line 2: the program asks for a conda environment" in done.stderr and done.exit_code == 1


@pytest.mark.parametrize("path", ["job.sh", "."])
def test_a_program_that_asks_for_condas_variables_is_told_of_once(folder, path):
    """It is a matter of the environment that takes conda's place, and of the file that the job names."""
    (folder / "environment.yml").write_text("name: a\ndependencies: [numpy]\n")
    (folder / "ask.py").write_text("import os\nos.environ['CONDA_PREFIX']\n")
    (folder / "job.sh").write_text("#!/bin/bash\n#SBATCH -n 1\nconda activate a\npython ask.py\n")
    done = CliRunner().invoke(main, [path])
    assert [line for line in done.stderr.splitlines() if "ask.py" in line or "CONDA" in line] == [
        "job.sh:3: [review] `ask.py`, line 2: the program asks for a variable of conda's, and a virtualenv sets "
        "`VIRTUAL_ENV` alone; ask for `VIRTUAL_ENV` in the program"
    ]
