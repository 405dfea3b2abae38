"""Rehearsals on the login node of a real cluster: what succeeds, what fails first, and what is left behind."""

import json
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from lab import PATIENCE
from login import ENVIRONMENT, JOB, ROOT, TRAIN, Login, index, wheel

pytestmark = pytest.mark.slurm


@pytest.fixture
def login(lab, request):
    name = re.sub(r"\W", "_", request.node.name)
    return Login(lab, lab.root / "scratch" / name)


def test_an_environment_that_is_ready(login):
    done = login.rehearse()
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^vision: \d+ packages, 2 of 2 imports, \d+ s: ready$", done.stdout, re.M)
    assert not (login.folder / "ran").exists()
    assert not list(login.home.rglob("*"))
    assert not list(login.folder.glob("requirements*"))
    assert not list(login.tmp.iterdir())


def test_nothing_of_the_user_s_is_executed(login):
    """Not the job, not the Python files that it names, not what Python or pip would run of its own accord."""
    ran = "open({!r}, 'w').close()\n".format(str(login.folder / "ran"))
    login.write("job.sh", JOB + "touch ran\n").write("train.py", f"import own, six\n{ran}").write("own.py", ran)
    for name in ("sitecustomize.py", "usercustomize.py", "setup.py", "conftest.py"):
        login.write(name, ran)
    login.slurmfix("--write", "job.sh")
    listing = login.folder / "requirements-vision.txt"
    listing.write_text(f"#   pip wheel --no-deps -w wheels .\n{listing.read_text()}-e .\n")
    before, home = sorted(login.folder.rglob("*")), sorted(login.home.rglob("*"))
    for options in ((), ("-y",)):
        done = login.rehearse(*options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "this was not tried: requirements-vision.txt: -e ." in done.stdout
    assert sorted(login.folder.rglob("*")) == before
    assert sorted(login.home.rglob("*")) == home


def test_a_test_job_of_two_environments(login):
    other = JOB.replace("vision", "other")
    login.write("other.sh", other).write("more/environment.yml", ENVIRONMENT.replace("vision", "other"))
    done = login.slurmfix("--test-job", "job.sh", "other.sh")
    assert done.returncode == 0, done.stderr
    result = login.lab.submit(done.stdout, {"train.py": TRAIN}, name="test-job-of-two")
    assert result.states == ("COMPLETED",), result.output
    assert len(re.findall(r"ok +import +2 of 2", result.output)) == 2


def test_a_rewritten_job_is_rehearsed_as_it_is(login):
    assert login.slurmfix("--write", "job.sh").returncode == 0
    told = login.rehearse("-o", "json")
    assert told.returncode == 0, told.stdout + told.stderr
    (found,) = json.loads(told.stdout)["rehearsals"]
    assert found["environment"] == "vision"
    assert found["ready"] is True
    done = [step["step"] for step in found["steps"] if step["result"] == "ok"]
    assert done == ["module", "python", "install", "import"]


def test_the_frozen_list_becomes_the_requirements(login):
    login.slurmfix("--write", "job.sh")
    done = login.rehearse("--lock")
    assert done.returncode == 0, done.stdout + done.stderr
    text = (login.folder / "requirements-vision.txt").read_text()
    assert re.search(r"^click==8\.1\.8", text, re.M)
    assert text.startswith("# Requirements of vision")
    assert login.rehearse().returncode == 0


def test_a_module_that_is_not_here(login):
    login.write("job.sh", JOB.replace("anaconda3", "anaconda3 cuda/99.1"))
    done = login.rehearse()
    assert done.returncode == 1
    assert "a module cannot be loaded" in done.stdout
    assert "cuda/12.2" in done.stdout


def test_a_version_without_a_wheel(login):
    login.slurmfix("--write", "job.sh")
    listing = login.folder / "requirements-vision.txt"
    listing.write_text(listing.read_text().replace("six==1.17.0", "six==1.99.0"))
    done = login.rehearse()
    assert done.returncode == 1
    assert "pip cannot install" in done.stdout
    assert "write six==1.17.0" in done.stdout


def test_a_dummy_wheel(login):
    wheel(login.links, "pyarrow", "17.0.0+dummy.computecanada", ["pyarrow-noinstall==9999"])
    login.slurmfix("--write", "job.sh")
    listing = login.folder / "requirements-vision.txt"
    listing.write_text(listing.read_text() + "pyarrow\n")
    done = login.rehearse()
    assert done.returncode == 1
    assert "module load arrow" in done.stdout


def pebble(login, tag="py3-none-any"):
    return wheel(login.folder.parent / "built", "pebble_x", "1.0", tag=tag)


def with_pebble(login):
    login.slurmfix("--write", "job.sh")
    listing = login.folder / "requirements-vision.txt"
    listing.write_text("#   pip download --no-deps -d wheels pebble-x\n" + listing.read_text() + "pebble-x\n")
    job = login.folder / "job.sh"
    job.write_text(job.read_text().replace(" -r ", ' --find-links "$SLURM_SUBMIT_DIR/wheels" -r '))


def test_a_missing_wheel_that_is_then_prepared(login):
    with_pebble(login)
    login.index = index(login.links.parent / "index", pebble(login))
    refused = login.rehearse()
    assert refused.returncode == 1
    assert "not fetched without being asked for; give -y" in refused.stdout
    assert "pip download --no-deps -d wheels pebble-x" in refused.stdout
    done = login.rehearse("-y")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in (login.folder / "wheels").iterdir()] == ["pebble_x-1.0-py3-none-any.whl"]
    assert login.rehearse().returncode == 0  # from now on the wheel is there


def test_a_manylinux_wheel_is_refused(login):
    with_pebble(login)
    login.index = index(login.links.parent / "many", pebble(login, "py3-none-manylinux2014_x86_64"))
    done = login.rehearse("-y")
    assert done.returncode == 1
    assert "is a manylinux wheel" in done.stdout
    assert not list((login.folder / "wheels").iterdir())


def test_an_import_that_no_requirement_brings(login):
    login.slurmfix("--write", "job.sh")
    login.write("train.py", "import six\nimport yaml\n")
    done = login.rehearse()
    assert done.returncode == 1
    assert "No module named 'yaml'" in done.stdout
    assert re.search(r"add pyyaml to requirements-vision\.txt", done.stdout, re.I)
    kept = re.search(r"the whole log is kept in (\S+)", done.stdout)
    assert kept
    assert "No module named" in Path(kept[1]).read_text()
    Path(kept[1]).unlink()


def test_an_import_that_hangs(login):
    left = login.folder.parent / "left"
    child = f"subprocess.Popen(['sh', '-c', 'echo $$ > {left}; sleep 600'])"
    wheel(login.links, "six", "1.17.0+slow", code=f"import subprocess, time\n{child}\ntime.sleep(600)\n")
    login.seconds = 20
    done = login.rehearse()
    assert done.returncode == 1
    assert "six: no answer within 20 seconds" in done.stdout
    assert login.run("kill", "-0", left.read_text().strip()).returncode == 1  # what it had started ended with it
    assert not [path for path in login.tmp.iterdir() if path.suffix != ".log"]


def test_an_import_that_needs_a_gpu_is_told_apart(login):
    wheel(login.links, "six", "1.17.0+gpu", code="raise ImportError('libcuda.so.1: cannot open shared object file')\n")
    done = login.rehearse()
    assert done.returncode == 0, done.stdout
    assert re.search(r"vision: GPU +import six", done.stdout)


def test_a_home_that_cannot_be_written(login):
    login.home.chmod(0o555)
    done = login.rehearse()
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_interrupt_leaves_nothing(login):
    wheel(login.links, "six", "1.17.0+slow", code="import time; time.sleep(600)\n")
    line = [*login.lab._inside, "env", "-C", str(login.folder), *map(str, login.command), "--rehearse", "job.sh"]
    environ = login.lab._environment | {"HOME": str(login.home)}
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, env=environ, start_new_session=True, **both) as process:
        for told in process.stdout:
            if " install " in told:
                break
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        process.communicate(timeout=PATIENCE)
    assert process.returncode in (130, -signal.SIGINT)
    assert not list(login.tmp.iterdir())


def test_two_at_once(login):
    line = [*login.lab._inside, "env", "-C", str(login.folder), *map(str, login.command), "--rehearse", "job.sh"]
    environ = login.lab._environment | {"HOME": str(login.home)}
    both = [subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_test_job(login, nodes):
    login.write("job.sh", JOB.replace("#SBATCH --time", f"#SBATCH --nodes={nodes}\n#SBATCH --time"))
    done = login.slurmfix("--test-job", "job.sh")
    assert done.returncode == 0, done.stderr
    files = {name: (login.folder / name).read_text() for name in ("job.sh", "train.py", "environment.yml")}
    result = login.lab.submit(done.stdout, files, name=f"test-job-{nodes}")
    assert result.states == ("COMPLETED",), result.output
    assert len(re.findall(r"ok +import +2 of 2", result.output)) == nodes
    assert "ran" not in result.files


def test_the_script_can_be_read_and_run_by_itself(login):
    script = login.slurmfix("--rehearse-script", "job.sh")
    assert script.returncode == 0, script.stderr
    login.write("rehearsal.sh", script.stdout)
    done = login.lab.run("bash", "rehearsal.sh", folder=login.folder, home=login.home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ok +import +2 of 2$", done.stdout, re.M)


def test_a_new_user_s_way_by_the_readme(login):
    """From a job with conda and its environment file to a job that is done, by the README's five commands alone."""
    section = (ROOT / "README.md").read_text().partition("### Know that it will start")[2].partition("\n###")[0]
    commands = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    assert len(commands) <= 5
    (login.folder / ".git").rmdir()
    subprocess.run(["git", "init", "-q", login.folder], check=True)
    programs = login.folder.parent / "programs"
    programs.mkdir()
    *before, command = login.command[:-3], " ".join(login.command[-3:])
    (programs / "slurmfix").write_text(f'#!/bin/bash\nexec {shlex.join(*before)} {command} "$@"\n')
    (programs / "slurmfix").chmod(0o755)
    said = ""
    for each in commands:
        done = login.lab.run("bash", "-c", f"PATH={programs}:$PATH; {each}", folder=login.folder, home=login.home)
        assert done.returncode == 0, f"{each}\n{done.stdout}{done.stderr}"
        said += f"$ {each}\n{done.stdout}{done.stderr}"
    assert "2 of 2 imports" in said
    tasks = login.lab.wait_for(login.folder)
    assert [task.state for task in tasks] == ["COMPLETED", "COMPLETED"], said
    assert (login.folder / "ran").exists()
    Path(os.environ.get("SHOW_THE_WAY", os.devnull)).write_text(said)
