"""A folder of many scripts whose environments nobody can see: what is said of it, and what is written."""

import re

import pytest
from test_cli import folder, run

__all__ = ["folder"]  # the fixture
SCRIPTS, ENVIRONMENTS = 40, 5
JOB = "#!/bin/bash\n#SBATCH --time=1:00:00\nconda activate env{}\nhostname\n"


def lay(folder):
    """The texts of the scripts by their paths; the project says of no environment what it holds."""
    for name in ("job.sh", "environment.yml"):
        (folder / name).unlink()
    (folder / "jobs").mkdir()
    texts = {folder / f"jobs/job{n}.sh": JOB.format(n % ENVIRONMENTS) for n in range(SCRIPTS)}
    for path, text in texts.items():
        path.write_text(text)
    return texts


def test_an_environment_is_spoken_of_once(folder):
    lay(folder)
    said = run(".").stderr.splitlines()
    messages = [line for line in said if "[review]" in line]
    for number in range(ENVIRONMENTS):
        assert len([line for line in messages if re.search(rf"\benv{number}\b", line)]) <= 1
    assert 1 <= len(messages) <= ENVIRONMENTS
    names = " ".join(f"env{number}" for number in range(ENVIRONMENTS))
    assert len([line for line in said if f"for name in {names}; do conda env export" in line]) == 1


def test_no_empty_list_is_written_that_nobody_asked_for(folder):
    texts = lay(folder)
    done = run("--write", ".")
    assert {path: path.read_text() for path in texts} == texts
    assert list(folder.rglob("requirements*")) == []
    assert done.exit_code == 1


def test_empty_lists_are_written_when_asked_for_and_say_so(folder):
    texts = lay(folder)
    run("--write", "--accept-unknown", ".")
    lists = sorted(folder.rglob("requirements*"))
    assert [path.name for path in lists] == [f"requirements-env{number}.txt" for number in range(ENVIRONMENTS)]
    assert all("# EMPTY" in path.read_text() for path in lists)
    assert all("conda activate" not in path.read_text() for path in texts)


UNKNOWN = {
    "a module serves the program that the job calls": "samtools view a.bam\n",
    "the only import is the author's own": "python -m analysis.step\n",
    "the only import has no known package": "python -c 'import nobody_knows_this'\n",
    "a module carries the only package that is called": "srun python -m mpi4py.futures run.py\n",
}


@pytest.mark.parametrize("lines", UNKNOWN.values(), ids=UNKNOWN)
def test_a_list_that_comes_out_empty_is_written_on_demand_only(folder, lines):
    (folder / "environment.yml").unlink()
    text = f"#!/bin/bash\nconda activate vision\n{lines}"
    (folder / "job.sh").write_text(text)
    done = run("--write", "job.sh")
    assert (folder / "job.sh").read_text() == text and not list(folder.glob("requirements*"))
    assert "--accept-unknown" in done.stderr
    run("--write", "--accept-unknown", "job.sh")
    assert (folder / "requirements-vision.txt").exists()


NOTHING_TO_LIST = {
    "the job installs by itself": (
        "",
        "conda create -y -n vision python=3.11\nconda activate vision\npip install -e .\n",
    ),
    "another environment is beside it": (
        "name: vision\ndependencies: [samtools]\n",
        "conda activate vision\nsamtools view a.bam\nconda activate other\npython train.py\n",
    ),
}


@pytest.mark.parametrize("description, lines", NOTHING_TO_LIST.values(), ids=NOTHING_TO_LIST)
def test_a_known_environment_of_which_nothing_is_to_install_gets_no_list(folder, description, lines):
    (folder / "environment.yml").unlink()
    (folder / "other.yml").write_text("name: other\ndependencies: [numpy]\n")
    if description:
        (folder / "environment.yml").write_text(description)
    (folder / "job.sh").write_text(f"#!/bin/bash\n{lines}")
    run("--write", "job.sh")
    written = (folder / "job.sh").read_text()
    assert "$SLURM_TMPDIR/vision" in written and "conda activate" not in written
    assert "requirements-vision" not in written and not list(folder.glob("requirements-vision*"))


def test_a_list_of_several_jobs_is_not_called_empty_when_one_of_them_fills_it(folder):
    (folder / "environment.yml").unlink()
    (folder / "a.sh").write_text("#!/bin/bash\nconda activate vision\nhostname\n")
    (folder / "b.sh").write_text("#!/bin/bash\nconda activate vision\npython -c 'import numpy'\n")
    run("--write", "--accept-unknown", "a.sh", "b.sh")
    listed = (folder / "requirements-vision.txt").read_text()
    assert "numpy" in listed.splitlines() and "EMPTY" not in listed


def test_the_scripts_that_make_an_environment_and_those_that_use_it_share_one_list_with_one_head(folder):
    (folder / "environment.yml").unlink()
    (folder / "setup.sh").write_text(
        "#!/bin/bash\nconda create -y -n vision python=3.11 numpy\nconda activate vision\n"
    )
    (folder / "more.sh").write_text("#!/bin/bash\nconda install -y -n vision scipy\n")
    (folder / "job.sh").write_text("#!/bin/bash\nconda activate vision\npython train.py\n")
    run("--write", ".")
    [listed] = [path.read_text() for path in folder.rglob("requirements*")]
    assert [line for line in listed.splitlines() if not line.startswith("#")] == ["numpy", "scipy"]
    assert listed.count("Requirements of vision") == 1


def test_tasks_stay_as_they_are_where_the_job_that_starts_them_does(folder):
    """They would wait for an environment that nobody builds."""
    head = "#!/bin/bash\n#SBATCH --ntasks=4\nmodule load miniconda3\nsrun ./task.sh\nconda activate myenv\n"
    (folder / "task.sh").write_text("#!/bin/bash\nconda activate myenv\npython train.py\n")
    (folder / "job.sh").write_text(f"{head}snakemake --use-conda --cores 4\n")
    refused = run("job.sh", "task.sh")
    assert refused.stdout == ""
    assert [line[: line.index("]") + 1] for line in refused.stderr.splitlines() if line.startswith("task.sh")] == [
        "task.sh:2: [manual]"
    ]
    (folder / "job.sh").write_text(f"{head}python train.py\n")
    assert "+++ b/task.sh" in run("job.sh", "task.sh").stdout
