"""Links that lead out of a repository, and what its own configuration names: nothing of the kind is read or printed."""

import json
import os

import forked
import pytest

pytestmark = pytest.mark.slow

SECRET = "quince-4711"
JOB = "#!/bin/bash\n#SBATCH --time=1\n{}conda activate myenv\npython train.py\n"
KNOWN = "name: myenv\ndependencies:\n- python=3.11\n- numpy\n- pip:\n  - {}\n"
LIST = f"numpy\n{SECRET}==1\n"
FILE = f"name: myenv\ndependencies:\n- numpy\n- {SECRET}\n"


def slurmfix(*arguments, cwd, **environ):
    """The command line in a process of its own, in a home folder beside the folder that is worked on."""
    own = {"HOME": str(cwd.parent / "home"), "XDG_STATE_HOME": str(cwd.parent / "state")}
    return forked.slurmfix(*arguments, cwd=cwd, environ={**os.environ, **own, **environ})


@pytest.fixture
def work(tmp_path):
    """A repository, beside a home folder."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work" / ".git").mkdir(parents=True)
    return tmp_path / "work"


def linked(work, name, text):
    """A link of the repository to a file in the home folder."""
    (work.parent / "home" / "private").write_text(text)
    (work / name).parent.mkdir(exist_ok=True)
    (work / name).symlink_to(work.parent / "home" / "private")


@pytest.mark.parametrize(
    ("name", "text", "above", "beside"),
    [
        ("requirements-myenv.txt", LIST, "", KNOWN.format("scipy")),
        ("requirements-myenv.txt", f"export TOKEN={SECRET}\n", "", KNOWN.format("scipy")),
        ("requirements-myenv.txt", LIST, "", ""),
        ("environment.yml", FILE, "", ""),
        ("envs/myenv.yml", FILE, "", ""),
        ("myenv.yml", FILE, "", ""),
        ("myenv.txt", f"@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/noarch/{SECRET}-1-py_0.conda\n", "", ""),
        ("requirements.txt", LIST, "", ""),
        ("more.txt", LIST, "", KNOWN.format("-r more.txt")),
        ("more.txt", LIST, "", KNOWN.format("-c more.txt")),
        ("pins.txt", f"numpy==1.26.4\n{SECRET}==1\n", "", KNOWN.format("-c pins.txt")),
        ("list.yml", FILE, "conda env create -f list.yml\n", ""),
        ("list.txt", LIST, "conda create -n myenv --file list.txt\n", ""),
        ("list.txt", LIST, "pip install -r list.txt\n", ""),
        ("setup.sh", f"conda create -n myenv numpy {SECRET}\n", "", ""),
        ("README.md", f"conda create -n myenv numpy {SECRET}\n", "", ""),
        ("train.py", f"import numpy\nimport {SECRET.replace('-', '_')}\n", "", ""),
        ("own.sh", f"conda activate {SECRET}\n", "source own.sh\n", ""),
        ("slurmfix.toml", f"{SECRET} = 1\n", "", ""),
        ("slurmfix.toml", f"python = '{SECRET}'\n", "", ""),
        ("pyproject.toml", f"[tool.slurmfix]\npython = '{SECRET}'\n", "", ""),
        ("pyproject.toml", f"[project]\nname = 'x'\nversion = '1'\ndependencies = ['numpy', '{SECRET}']\n", "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("arguments", [["job.sh"], ["-o", "json", "."]], ids=["job", "folder"])
def test_nothing_that_a_link_leads_out_to_is_shown(name, text, above, beside, arguments, work):
    if beside:
        (work / "environment.yml").write_text(beside)
    linked(work, name, text)
    (work / "job.sh").write_text(JOB.format(above))
    done = slurmfix(*arguments, cwd=work)
    told = (done.stdout + done.stderr).decode()
    assert done.returncode in (1, 2), told
    assert "Traceback" not in told
    assert SECRET not in told and SECRET.replace("-", "_") not in told


def test_the_requirements_of_an_environment_file_are_not_read_through_a_link(work):
    (work / "environment.yml").write_text(KNOWN.format("scipy"))
    linked(work, "requirements-myenv.txt", LIST)
    done = slurmfix("environment.yml", cwd=work)
    assert done.returncode == 2
    assert b"the file `requirements-myenv.txt`: slurmfix wants to write its requirements file here" in done.stderr
    assert SECRET.encode() not in done.stdout + done.stderr


def test_a_link_within_the_repository_is_read(work):
    (work / "environment.yml").write_text(KNOWN.format("scipy"))
    (work / "lists").mkdir()
    (work / "lists" / "myenv.txt").write_text(LIST)
    (work / "requirements-myenv.txt").symlink_to("lists/myenv.txt")
    (work / "job.sh").write_text(JOB.format(""))
    done = slurmfix("job.sh", cwd=work)
    assert done.returncode == 1
    assert f"only the file has {SECRET}==1" in done.stderr.decode()


@pytest.mark.parametrize("path", ["~/private", "../home/private", "{}/private", "link"])
def test_a_repository_names_no_environment_outside_of_it(path, work):
    (work.parent / "home" / "private").write_text(LIST)
    (work / "link").symlink_to("../home/private")
    (work / "slurmfix.toml").write_text(f"env = {{ myenv = {json.dumps(path.format(work.parent / 'home'))} }}\n")
    (work / "job.sh").write_text(JOB.format(""))
    done = slurmfix("job.sh", cwd=work)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"slurmfix.toml:1: env leads out of the repository" in done.stderr
    assert SECRET.encode() not in done.stderr


def test_a_user_names_environments_wherever_they_are(work):
    home = work.parent / "home"
    (home / "list.txt").write_text("numpy\n")
    (home / ".config" / "slurmfix").mkdir(parents=True)
    (home / ".config" / "slurmfix" / "slurmfix.toml").write_text('env = { myenv = "~/list.txt" }\n')
    (work / "job.sh").write_text(JOB.format(""))
    done = slurmfix("job.sh", cwd=work)
    assert done.returncode == 1 and b"+numpy" in done.stdout
    (home / ".config" / "slurmfix" / "slurmfix.toml").unlink()
    assert b"+numpy" in slurmfix("--env", "myenv=~/list.txt", "job.sh", cwd=work).stdout


def test_a_configuration_of_the_user_may_be_a_link(work):
    home = work.parent / "home"
    (home / "dotfiles").mkdir()
    (home / "dotfiles" / "slurmfix.toml").write_text('python = "3.10"\n')
    (home / ".config").mkdir()
    (home / ".config" / "slurmfix").symlink_to("../dotfiles")
    assert b'python = "3.10"' in slurmfix("--show-config", ".", cwd=work).stdout


@pytest.mark.parametrize("name", ["requirements-myenv.txt", "../home/private"])
def test_a_rehearsal_shows_no_list_from_outside(name, work):
    linked(work, "requirements-myenv.txt", LIST)
    (work / "job.sh").write_text(
        '#!/bin/bash\n#SBATCH --time=1\nmodule load python/3.11\nvirtualenv --no-download "$SLURM_TMPDIR/myenv"\n'
        'source "$SLURM_TMPDIR/myenv/bin/activate"\n'
        f'pip install --no-index -r "$SLURM_SUBMIT_DIR/{name}"\npython train.py\n'
    )
    done = slurmfix("--rehearse-script", "job.sh", cwd=work)
    assert b"virtualenv" in done.stdout
    assert SECRET.encode() not in done.stdout + done.stderr


def test_a_script_that_is_a_link_says_where_its_requirements_belong(work):
    (work / "environment.yml").write_text(KNOWN.format("scipy"))
    (work / "lib").mkdir()
    (work / "lib" / "real.sh").write_text(JOB.format(""))
    (work / "job.sh").symlink_to("lib/real.sh")
    done = slurmfix("job.sh", cwd=work)
    assert b"+++ b/lib/requirements-myenv.txt" in done.stdout and b"[safe]" not in done.stdout
    assert b"the job finds its requirements file only if you run sbatch in `lib`" in done.stderr
    (work / "train.py").write_text("import numpy\n")  # it tells that the job is submitted from the link's folder
    done = slurmfix("job.sh", cwd=work)
    assert b"+++ b/requirements-myenv.txt" in done.stdout and b"a link to" not in done.stderr
