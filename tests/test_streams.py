"""Standard streams that are closed, full, endless or broken, and a run that is interrupted: the status tells."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from pathlib import Path

import pytest

from slurmfix.cli import FORMATS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCRIPT = "#!/bin/bash\n#SBATCH --time=1\nconda activate myenv\npython train.py\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "job.sh").write_text(SCRIPT)
    return tmp_path


# Seconds after which a run is taken to hang: a guard, and no measure of anything.
PATIENCE = 600
# A template that is at work for years, so that what happens meanwhile does not depend on the machine's speed.
ENDLESS = "{% for x in range(99999) %}{% for y in range(99999) %}{% for z in range(99999) %}{% endfor %}"
ENDLESS += "{% endfor %}{% endfor %}"


def shell(command, cwd, **given):
    """A shell runs the command. `$S` in it is slurmfix, `| true` at its end a pipe that nobody reads. The status is
    that of the first command of a pipe.
    """
    if command.endswith("| true"):
        nobody, end = os.pipe()
        os.close(nobody)
        try:
            return shell(f"{{ {command.removesuffix('| true')}; }} >&{end}", cwd, pass_fds=(end,), **given)
        finally:
            os.close(end)
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(cwd),
        "XDG_STATE_HOME": f"{cwd}-state",
        "S": f"{sys.executable} -m slurmfix",
    }
    return subprocess.run(
        ["bash", "-c", f"{command}\nexit ${{PIPESTATUS[0]}}"],
        cwd=cwd,
        env=environ,
        capture_output=True,
        timeout=PATIENCE,
        **given,
    )


def check_written(folder):
    assert "virtualenv" in (folder / "job.sh").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["job.sh", "requirements-myenv.txt"]


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_closed_standard_output_is_an_error(output_format, folder):
    done = shell(f"$S -o {output_format} job.sh >&-", folder)
    assert (done.returncode, done.stderr) == (2, b"slurmfix: standard output: Bad file descriptor\n")
    assert (folder / "job.sh").read_text() == SCRIPT


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_reader_that_leaves_is_an_error_without_a_word(output_format, folder):
    done = shell(f"$S -o {output_format} job.sh 2>told | true", folder)
    assert done.returncode == 2
    assert (folder / "told").read_bytes() == b""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("where", "said"),
    [("(ulimit -f 100; trap '' XFSZ; $S . > part)", "File too large"), ("$S . | head -c 65536", "")],
    ids=["a full disk", "a reader that leaves"],
)
def test_an_output_that_ends_half_way_is_an_error(where, said, unbuffered, folder):
    """Also where Python writes without a buffer, and is told only how much of it was taken."""
    for number in range(250):  # more than a pipe holds beside what its reader took
        (folder / f"job{number}.sh").write_text(SCRIPT.replace("myenv", f"env{number}"))
    done = shell(f"export PYTHONUNBUFFERED={unbuffered}; {where} 2> told", folder)
    assert done.returncode == 2
    assert (folder / "told").read_text() == (f"slurmfix: standard output: {said}\n" if said else "")


@pytest.mark.parametrize("said", ["--help", "--version", "--rules", "--explain hook", "--show-config"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-", "| true"])
def test_pages_that_cannot_be_printed_are_an_error(said, where, folder):
    done = shell(f"$S {said} {where}", folder)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == (where != "| true")


def test_remarks_that_cannot_be_printed_are_an_error(folder):
    assert shell("$S job.sh 2>/dev/full", folder).returncode == 2
    assert shell("$S none.sh 2>/dev/full", folder).returncode == 2
    assert shell("$S --none 2>/dev/full", folder).returncode == 2


def test_who_closes_standard_error_wants_no_remarks(folder):
    assert shell("$S job.sh 2>&-", folder).returncode == 1
    done = shell("$S none.sh 2>&-", folder)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", ">&-", ">/dev/full", "<&-", "<&- >&- 2>&-", "| true"])
def test_what_is_written_is_whole_whatever_becomes_of_the_streams(streams, folder):
    """No stream's number is given to a file that is written: what is printed would land in it."""
    done = shell(f"$S --write --accept-unknown job.sh {streams}", folder)
    assert done.returncode == (0 if streams in ("2>&-", "<&-") else 2)
    assert b"Traceback" not in done.stderr
    check_written(folder)
    alone = folder / "alone"
    alone.mkdir()
    (alone / "job.sh").write_text(SCRIPT)
    shell("$S --write --accept-unknown job.sh", alone)
    assert (alone / "job.sh").read_bytes() == (folder / "job.sh").read_bytes()
    assert (alone / "requirements-myenv.txt").read_bytes() == (folder / "requirements-myenv.txt").read_bytes()


def test_a_closed_standard_input_is_empty(folder):
    done = shell("$S - <&-", folder)
    assert done.returncode == 2
    assert done.stderr.startswith(b"-: the file is empty\n")


def test_a_standard_input_without_end_is_an_error(folder):
    done = shell("ulimit -v 2000000; $S - </dev/zero", folder)
    assert done.returncode == 2
    assert done.stderr.startswith(b"-: larger than 20 MB\n")


def test_a_working_folder_that_is_gone(folder):
    for words in ("$OLDPWD/job.sh", "--write $OLDPWD/job.sh", ".", "-"):
        done = shell(f"mkdir gone; cd gone; rmdir ../gone; $S {words} </dev/null", folder)
        assert done.returncode == 2
        assert done.stderr == b"slurmfix: the working folder: no such file\n"
    assert (folder / "job.sh").read_text() == SCRIPT


@pytest.mark.parametrize("unset", ["-u HOME", "-u PATH", "-i"])
def test_an_environment_without_the_usual_variables(unset, folder):
    wanted = shell("$S job.sh", folder)
    done = shell(f"env {unset} PYTHONPATH={ROOT} $S job.sh", folder)
    assert (done.returncode, done.stdout) == (1, wanted.stdout)


# Processes


def endless(folder, count):
    """A folder of scripts, each of which takes for ever."""
    (folder / "slow" / "site").mkdir(parents=True)
    (folder / "slow" / "site" / "modules.sh.j2").write_text(ENDLESS)
    (folder / "slow" / ".slurmfix.toml").write_text('templates = "site"\nseconds = 0\n')
    for number in range(count):
        (folder / "slow" / f"job{number}.sh").write_text(SCRIPT)


def many(folder):
    for number in range(150):
        (folder / f"job{number}.sh").write_text(SCRIPT.replace("myenv", f"env{number}") + "echo\n" * 50)


def started(folder, *words, **given):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), "XDG_STATE_HOME": f"{folder}-state"}
    return subprocess.Popen(
        [sys.executable, "-m", "slurmfix", *words],
        cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given,
    )  # fmt: skip


def workers(process, count):
    """The processes that work for it, once there are so many."""
    while process.poll() is None:
        found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if len(found) >= count:
            return [int(each) for each in found]
        time.sleep(0.01)
    raise AssertionError(process.communicate())


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def check_gone(pids):
    end = time.monotonic() + PATIENCE
    while any(map(is_there, pids)):
        assert time.monotonic() < end, "a process still works for nobody"
        time.sleep(0.02)


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="tells processes by /proc")


@needs_proc
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_ends_it_with_a_line(jobs, folder):
    endless(folder, 50)
    process = started(
        folder, f"-j{jobs}", "slow",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's `&` ignores it
    )  # fmt: skip
    left = workers(process, jobs)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes of the run
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert (out, err.strip()) == (b"", b"slurmfix: interrupted")
    check_gone(left)


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_a_run_that_is_ended(how, folder):
    endless(folder, 50)
    obeyed = None if how is signal.SIGKILL else lambda: signal.signal(how, signal.SIG_DFL)  # nohup ignores SIGHUP
    with started(folder, "-j2", "slow", preexec_fn=obeyed) as process:
        left = workers(process, 2)
        process.send_signal(how)
        process.communicate(timeout=PATIENCE)
    check_gone(left)


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_costs_the_file_that_it_was_at(how, folder):
    endless(folder, 1)
    with started(folder, "-j1", "-o", "json", "slow/job0.sh", "job.sh") as process:
        os.kill(workers(process, 1)[0], how)
        out, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert b"Traceback" not in said
    told = {entry["path"]: entry["error"] for entry in json.loads(out)["files"]}
    assert told["job.sh"] is None
    assert told["slow/job0.sh"].startswith("not converted, since its process ")


@needs_proc
def test_one_file_is_killed_one_is_stopped_and_one_eats_memory_among_300(folder):
    """Each costs itself: a line each, and the others are done."""
    endless(folder, 2)
    (folder / "slow" / ".slurmfix.toml").write_text('templates = "site"\nseconds = 2\n')
    (folder / "fat" / "site").mkdir(parents=True)
    (folder / "fat" / "site" / "modules.sh.j2").write_text("{% set x = 'module load python' * 900000000 %}{{ x }}")
    (folder / "fat" / ".slurmfix.toml").write_text('templates = "site"\nmegabytes = 100\nseconds = 0\n')
    (folder / "fat" / "job.sh").write_text(SCRIPT)
    for number in range(296):
        (folder / f"job{number}.sh").write_text(SCRIPT)
    paths = ["slow/job0.sh", "slow/job1.sh", "fat", *(f"job{number}.sh" for number in range(296)), "job.sh"]
    with started(folder, "-j2", "-o", "json", *paths) as process:
        first = workers(process, 1)[0]
        os.kill(first, signal.SIGKILL)
        second = first
        while second == first:
            second = workers(process, 1)[-1]
        os.kill(second, signal.SIGSTOP)
        out, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2 and b"Traceback" not in said
    told = {entry["path"]: entry["error"] for entry in json.loads(out)["files"]}
    assert len(told) == 300
    lost = {path: error for path, error in told.items() if error}
    assert sorted(lost) == ["fat/job.sh", "slow/job0.sh", "slow/job1.sh"]
    assert "was killed" in lost["slow/job0.sh"] and "more than 2 s" in lost["slow/job1.sh"]
    assert "more than 100 MB" in lost["fat/job.sh"]
    assert sum(line.endswith(tuple(lost.values())) for line in said.decode().splitlines()) in (0, 3)


def test_what_an_interrupted_run_has_written_is_printed(folder):
    """So that the patch of what was done can be taken back."""
    many(folder)
    with started(folder, "-j2", "--write", "--accept-unknown", ".") as process:
        while "virtualenv" not in (folder / "job.sh").read_text() and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate()
    written = [path for path in folder.glob("*.sh") if "virtualenv" in path.read_text()]
    assert printed.count(b"\n+++ b/job") + printed.startswith(b"--- a/job") >= len(written)
    if len(written) < 151:
        assert process.returncode == 130
        assert said.endswith(b"slurmfix: interrupted\n")


def test_too_little_memory_ends_in_a_line(tmp_path):
    """From where Python can load the command line on, at each limit (`ulimit -v`)."""
    (tmp_path / "job.sh").write_text("#!/bin/bash\n#SBATCH --time=1\nconda activate myenv\npython train.py\n")

    def limited(megabytes, *words):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

        environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, preexec_fn=limit)

    def loads(megabytes):
        return not limited(megabytes, "-c", "import slurmfix.cli").returncode

    least = bisect_left(range(1000), True, lo=8, key=loads)
    runs = [limited(size, "-m", "slurmfix", "job.sh") for size in (*range(least, least + 24, 2), least + 100)]
    # CPython's compiler and its import have errors of their own where memory ends: a few limits meet one of these.
    told = [run for run in runs if b"Traceback" not in run.stderr]
    assert len(told) >= len(runs) - 4
    assert {run.returncode for run in told} == {1, 2}
    for run in told:
        assert (run.returncode == 1) == (b"virtualenv" in run.stdout)
        assert run.stderr
