"""A folder of many scripts whose environments nobody can see: what is said of it, and what is written."""

import re

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
