"""What may go wrong around a whole run: pipes that close, full devices, files that change, kills, odd names."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import forked
import pytest
from click.testing import CliRunner

from slurmfix import batch
from slurmfix.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCRIPT = "#!/bin/bash\n#SBATCH --time=1\nsource activate env{}\npython train.py\n"


def own(cwd):
    return {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(cwd), "XDG_STATE_HOME": f"{cwd}-state"}


def started(*arguments, cwd, **given):
    return subprocess.Popen([sys.executable, "-m", "slurmfix", *map(str, arguments)], cwd=cwd, env=own(cwd), **given)


def run(*arguments, cwd, **given):
    if not given:
        done = forked.slurmfix(*arguments, cwd=cwd, environ=own(cwd))
        return done.returncode, done.stdout, done.stderr
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | given
    process = started(*arguments, cwd=cwd, **given)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def filled(folder, count):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"job{number}.sh").write_text(SCRIPT.format(number))
    return folder


def test_a_pipe_that_closes_ends_it_quietly(tmp_path):
    filled(tmp_path, 20)
    process = started(".", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    told = process.stderr.read()
    assert process.wait(60) == 2
    assert b"Traceback" not in told
    assert b"BrokenPipe" not in told


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("output_format", ["diff", "text", "json", "sarif", "github", "html"])
def test_a_full_standard_output_is_an_error(output_format, tmp_path):
    filled(tmp_path, 1)
    with open("/dev/full", "wb") as full:
        status, _, told = run("-o", output_format, ".", cwd=tmp_path, stdout=full)
    assert status == 2
    assert b"no space left" in told.lower()
    assert b"Traceback" not in told


def test_two_at_once_write_each_file_once(tmp_path):
    filled(tmp_path, 12)
    wanted = run(".", cwd=tmp_path)[1]
    both = [
        started("--write", "--accept-unknown", ".", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in both]
    assert not any(b"Traceback" in err for _, err in told)
    written = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(path.name for path in written) == sorted(
        [f"job{n}.sh" for n in range(12)] + [f"requirements-env{n}.txt" for n in range(12)]
    )
    assert run(".", cwd=tmp_path)[0] in (0, 1)
    undone = subprocess.run(["git", "apply", "-R"], input=wanted, cwd=tmp_path, capture_output=True)
    assert undone.returncode == 0, undone.stderr
    assert (tmp_path / "job3.sh").read_text() == SCRIPT.format(3)


@pytest.mark.parametrize("change", ["edited", "gone", "link", "folder", "fifo"])
def test_a_file_that_changes_after_it_was_read_is_left(change, tmp_path, monkeypatch):
    filled(tmp_path, 2)
    other = tmp_path / "other.txt"
    other.write_text("other\n")
    target = tmp_path / "job0.sh"
    write = batch.write

    def late(outcome, *rest):
        if outcome.path.endswith("job0.sh"):
            if change == "edited":
                target.write_text("edited\n")
            else:
                target.unlink()
            if change == "link":
                target.symlink_to(other)
            elif change == "folder":
                target.mkdir()
            elif change == "fifo":
                os.mkfifo(target)
        return write(outcome, *rest)

    monkeypatch.setattr(batch, "write", late)
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", str(tmp_path)])
    assert done.exit_code == 2, done.output
    assert other.read_text() == "other\n"
    assert not (tmp_path / "requirements-env0.txt").exists()
    assert "virtualenv" in (tmp_path / "job1.sh").read_text()
    if change == "edited":
        assert target.read_text() == "edited\n"


@pytest.mark.parametrize("change", ["file", "link", "folder", "fifo", "socket"])
def test_what_takes_the_place_of_the_requirements_is_kept(change, tmp_path, monkeypatch):
    """Between the time at which there was nothing and that at which they are written; the script stays as it was."""
    monkeypatch.chdir(tmp_path)  # a socket's path has at most 108 bytes
    filled(tmp_path, 2)
    target, other = Path("requirements-env0.txt"), Path("other.txt")
    other.write_text("other\n")
    write = batch.write

    def late(outcome, *rest):
        if outcome.path.endswith("job0.sh"):
            if change == "file":
                target.write_text("mine\n")
            elif change == "link":
                target.symlink_to(other)
            elif change == "folder":
                target.mkdir()
            elif change == "fifo":
                os.mkfifo(target)
            else:
                with socket.socket(socket.AF_UNIX) as server:
                    server.bind(str(target))
        return write(outcome, *rest)

    monkeypatch.setattr(batch, "write", late)
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", "."])
    assert done.exit_code == 2, done.output
    assert "already exists" in done.output
    assert (other.read_text(), Path("job0.sh").read_text()) == ("other\n", SCRIPT.format(0))
    assert "virtualenv" in Path("job1.sh").read_text()
    assert sorted(os.listdir()) == ["job0.sh", "job1.sh", "other.txt", "requirements-env0.txt", "requirements-env1.txt"]


@pytest.mark.parametrize("there", ["nothing", "another script"])
def test_a_folder_that_becomes_a_link_is_not_written_through(there, tmp_path, monkeypatch):
    folder, elsewhere = tmp_path / "scripts", tmp_path / "elsewhere"
    filled(folder, 1)
    elsewhere.mkdir()
    if there == "another script":
        (elsewhere / "job0.sh").write_text("another\n")
    before = {path.name: path.read_bytes() for path in elsewhere.iterdir()}
    write = batch.write

    def late(outcome, *rest):
        folder.rename(tmp_path / "moved")
        folder.symlink_to(elsewhere)
        return write(outcome, *rest)

    monkeypatch.setattr(batch, "write", late)
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", str(folder)])
    assert done.exit_code == 2, done.output
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == before
    assert (tmp_path / "moved" / "job0.sh").read_text() == SCRIPT.format(0)


@pytest.mark.parametrize("how", ["link", "folder"])
@pytest.mark.parametrize("works_in", ["", "scripts"], ids=["beside", "in it"])
def test_nothing_is_written_to_what_takes_the_place_of_a_folder(how, works_in, tmp_path, monkeypatch):
    """Though the same scripts lie there."""
    folder, moved = filled(tmp_path / "scripts", 1), tmp_path / "moved"
    other = filled(tmp_path / "elsewhere", 1) if how == "link" else None
    monkeypatch.chdir(tmp_path / works_in)
    write = batch.write

    def late(*given):
        folder.rename(moved)
        if other:
            folder.symlink_to(other)
        else:
            filled(folder, 1)
        return write(*given)

    monkeypatch.setattr(batch, "write", late)
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", str(folder)])
    assert done.exit_code == 2, done.output
    assert "its folder was replaced since it was read" in done.stderr
    for place in (folder, moved):
        assert [path.name for path in place.iterdir()] == ["job0.sh"]
        assert (place / "job0.sh").read_text() == SCRIPT.format(0)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 kB, on which a script of 10 kB fits once, and not twice."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_script_and_folder_as_they_were(small_disk):
    script = SCRIPT.format(0) + "echo\n" * 2000
    (small_disk / "job0.sh").write_text(script)
    status, _, told = run("--write", "--accept-unknown", "job0.sh", cwd=small_disk)
    assert (status, b"no space left" in told, b"Traceback" in told) == (2, True, False)
    assert {path.name: path.read_text() for path in small_disk.iterdir()} == {"job0.sh": script}


def test_no_room_for_the_requirements_leaves_the_script(small_disk, tmp_path):
    """The script lies on another disk than the folder that its jobs are submitted from."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "slurmfix.toml").write_text('submit-dir = "disk"\n')
    filled(tmp_path / "scripts", 1)
    (small_disk / "filler").write_bytes(b"x" * (1 << 14))
    status, _, told = run("--write", "--accept-unknown", "scripts/job0.sh", cwd=tmp_path)
    assert (status, b"no space left" in told, b"Traceback" in told) == (2, True, False)
    assert (tmp_path / "scripts" / "job0.sh").read_text() == SCRIPT.format(0)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    assert [path.name for path in (tmp_path / "scripts").iterdir()] == ["job0.sh"]


def test_a_full_folder_for_temporary_files_is_not_needed(small_disk, tmp_path, monkeypatch):
    filled(tmp_path / "scripts", 1)
    (small_disk / "filler").write_bytes(b"x" * (1 << 14))
    monkeypatch.setenv("TMPDIR", str(small_disk))
    assert run("--write", "--accept-unknown", "job0.sh", cwd=tmp_path / "scripts")[0] == 0
    assert "virtualenv" in (tmp_path / "scripts" / "job0.sh").read_text()
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_a_file_that_vanishes_before_it_is_read_is_an_error_of_that_file_alone(tmp_path):
    filled(tmp_path, 2)
    status, out, told = run("job0.sh", "gone.sh", "job1.sh", cwd=tmp_path)
    assert status == 2
    assert b"gone.sh" in told
    assert out.count(b"+++ b/job") == 2


def test_whatever_is_killed_each_file_is_old_or_new(tmp_path):
    """And where a script is new, its requirements are there; a later run ends what is left."""
    count = 25
    reference = filled(tmp_path / "reference", count)
    run("--write", "--accept-unknown", ".", cwd=reference)
    new = {path.name: path.read_bytes() for path in reference.iterdir()}
    delays = random.Random(7)
    struck = 0
    for number in range(12):
        folder = filled(tmp_path / f"killed{number}", count)
        process = started(
            "--write", "--accept-unknown", "-j1", ".", cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        begun = time.monotonic()
        while process.poll() is None and not list(folder.glob("requirements-*")) and time.monotonic() - begun < 30:
            time.sleep(0.001)
        time.sleep(delays.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        struck += process.wait() == -signal.SIGKILL
        for n in range(count):
            data = (folder / f"job{n}.sh").read_bytes()
            assert data in (SCRIPT.format(n).encode(), new[f"job{n}.sh"])
            if data == new[f"job{n}.sh"]:
                assert (folder / f"requirements-env{n}.txt").read_bytes() == new[f"requirements-env{n}.txt"]
        run("--write", "--accept-unknown", ".", cwd=folder)
        after = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert after == new
    assert struck, "no run was killed before its end"


def test_names_that_are_not_utf_8_are_read_and_written(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9 \xff.sh"
    with open(path, "w") as file:
        file.write(SCRIPT.format(""))
    for output_format in ("diff", "text", "json", "sarif", "github", "html"):
        status, out, told = run("-o", output_format, ".", cwd=tmp_path)
        assert status == 1, told
        assert b"Traceback" not in told
        if output_format not in ("diff", "text"):
            out.decode("utf-8")
    diff = run(".", cwd=tmp_path)[1]
    assert run("--write", "--accept-unknown", ".", cwd=tmp_path)[0] in (0, 1)
    with open(path) as file:
        assert "virtualenv" in file.read()
    undone = subprocess.run(["git", "apply", "-R"], input=diff, cwd=tmp_path, capture_output=True)
    assert undone.returncode == 0, undone.stderr


def test_fifos_sockets_and_links_in_a_circle_hang_nothing(tmp_path):
    filled(tmp_path, 1)
    os.mkfifo(tmp_path / "fifo.sh")
    (tmp_path / "null.sh").symlink_to("/dev/zero")
    (tmp_path / "a.sh").symlink_to("b.sh")
    (tmp_path / "b.sh").symlink_to("a.sh")
    (tmp_path / "loop").symlink_to(tmp_path)
    status, out, told = run(".", cwd=tmp_path)
    assert status == 1, told
    assert out.count(b"+++ b/job") == 1
    for name in ("fifo.sh", "null.sh", "a.sh"):
        status, _, told = run(name, cwd=tmp_path)
        assert status == 2
        assert told.startswith(name.encode())


def test_what_a_killed_run_left_is_cleared_before_anything_is_read(tmp_path, monkeypatch):
    filled(tmp_path, 2)
    events = []
    sweep, read = batch.files.sweep, batch.files.read
    monkeypatch.setattr(batch.files, "sweep", lambda folder: (events.append("sweep"), sweep(folder))[1], raising=False)
    monkeypatch.setattr(batch.files, "read", lambda *given: (events.append("read"), read(*given))[1])
    CliRunner().invoke(main, ["--write", "--accept-unknown", str(tmp_path / "job0.sh")])
    assert "read" in events
    assert events.index("sweep") < events.index("read")
