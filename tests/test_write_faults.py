"""Writing: whatever fails or is killed, each file is the old or the new one, with its owner, mode, ACL and links."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from slurmfix import files
from slurmfix.files import Change, Unreadable, Unwritable, hidden, read, replace, sweep, write, write_all

pytestmark = pytest.mark.slow

OLD = b"#!/bin/bash\n#SBATCH --time=1:00\nconda activate x\n"
NEW = b"#!/bin/bash\n#SBATCH --time=1:00\nmodule load python/3.11\n"
LONG_OLD = OLD + b"echo old line\n" * 1000
LONG_NEW = NEW + b"date\n" * 900
ROOT = os.geteuid() == 0
NOBODY = 65534


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".slurmfix"))


def refusal(*changes: Change) -> str:
    with pytest.raises(Unwritable) as caught:
        write_all(changes)
    return caught.value.reason


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "job.sh"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach and write; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="slurmfix-test-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without the administrator's powers, as other users are."""
    if not ROOT:
        yield
        return
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.fixture(params=["unnamed", "named", "unlinkable"])
def temporaries(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ways a file system may make temporary files: without a name, only with one, without one but for ever."""
    if request.param == "named":
        monkeypatch.setattr(hidden, "unnamed", lambda folder, mode: None)
    if request.param == "unlinkable":

        def refuse(descriptor: int, new: str, folder: int) -> None:
            raise hidden.NoLinks

        monkeypatch.setattr(hidden, "give_name", refuse)
    return str(request.param)


# What is kept


def test_replaces_and_creates(script: Path, temporaries: str) -> None:
    new = script.with_name("requirements.txt")
    write_all([Change(str(script), OLD, NEW), Change(str(new), None, b"numpy\n")])
    assert (script.read_bytes(), new.read_bytes(), leftovers(script.parent)) == (NEW, b"numpy\n", [])


def test_nothing_to_write_is_fine() -> None:
    write_all([])


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664, 0o2755, 0o4711, 0o200 | 0o444])
@pytest.mark.parametrize("links", [1, 2])
def test_keeps_the_mode(script: Path, mode: int, links: int, temporaries: str) -> None:
    if links == 2:
        os.link(script, script.with_name("twin"))
    script.chmod(mode)
    write_all([Change(str(script), OLD, NEW)])
    assert stat.S_IMODE(script.stat().st_mode) == mode


def test_a_new_file_obeys_the_umask(tmp_path: Path, temporaries: str) -> None:
    for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        before = os.umask(mask)
        try:
            write_all([Change(str(tmp_path / oct(mask)), None, b"x")])
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / oct(mask)).stat().st_mode) == mode


@pytest.mark.skipif(not ROOT, reason="only the administrator gives files away")
def test_keeps_the_owner(script: Path, temporaries: str) -> None:
    os.chown(script, 1234, 2345)
    write_all([Change(str(script), OLD, NEW)])
    assert (script.stat().st_uid, script.stat().st_gid, script.read_bytes()) == (1234, 2345, NEW)


@pytest.mark.skipif(not ROOT, reason="only the administrator gives files away")
def test_a_colleagues_file_stays_theirs(open_folder: Path, temporaries: str) -> None:
    """Who may write a file but not give files away writes it in place."""
    script = open_folder / "job.sh"
    script.write_bytes(OLD)
    script.chmod(0o666)
    os.chown(script, 1234, 2345)
    inode = script.stat().st_ino
    with unprivileged():
        write_all([Change(str(script), OLD, NEW)])
    status = script.stat()
    assert (status.st_uid, status.st_gid, status.st_ino, script.read_bytes()) == (1234, 2345, inode, NEW)
    assert leftovers(open_folder) == []


def test_keeps_extended_attributes(script: Path, temporaries: str) -> None:
    attempt(lambda: os.setxattr(script, "user.origin", b"lab \0 book"))
    write_all([Change(str(script), OLD, NEW)])
    assert os.getxattr(script, "user.origin") == b"lab \0 book"


ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", *entry)
    for entry in ((1, 6, 2**32 - 1), (2, 6, 4321), (4, 4, 2**32 - 1), (0x10, 6, 2**32 - 1), (0x20, 0, 2**32 - 1))
)  # user::rw- user:4321:rw- group::r-- mask::rw- other::---


def attempt(action: Callable[[], None]) -> None:
    try:
        action()
    except OSError as error:
        pytest.skip(f"this file system does not offer it: {error}")


def test_keeps_the_acl(script: Path, temporaries: str) -> None:
    attempt(lambda: os.setxattr(script, "system.posix_acl_access", ACL))
    mode = script.stat().st_mode
    write_all([Change(str(script), OLD, NEW)])
    assert os.getxattr(script, "system.posix_acl_access") == ACL
    assert (script.stat().st_mode, script.read_bytes()) == (mode, NEW)


def test_a_folders_default_acl_does_not_reach_an_old_file(script: Path, temporaries: str) -> None:
    attempt(lambda: os.setxattr(script.parent, "system.posix_acl_default", ACL))
    mode = script.stat().st_mode
    write_all([Change(str(script), OLD, NEW)])
    assert (os.listxattr(script), script.stat().st_mode) == ([], mode)


def test_keeps_symbolic_links(script: Path, temporaries: str) -> None:
    folder = script.with_name("links")
    folder.mkdir()
    link = folder / "l.sh"
    link.symlink_to("../job.sh")
    again = folder / "again.sh"
    again.symlink_to("l.sh")
    write_all([Change(str(again), OLD, NEW)])
    assert (link.is_symlink(), again.is_symlink(), script.is_symlink(), script.read_bytes()) == (True, True, False, NEW)
    assert leftovers(folder) == leftovers(script.parent) == []


@pytest.mark.parametrize(
    ("before", "after"), [(OLD, NEW), (NEW, OLD), (LONG_OLD, LONG_NEW), (LONG_NEW, LONG_OLD), (OLD, b"")]
)
def test_keeps_hard_links(script: Path, before: bytes, after: bytes, temporaries: str) -> None:
    script.write_bytes(before)
    elsewhere = script.with_name("elsewhere")
    elsewhere.mkdir()
    twin = elsewhere / "twin.sh"
    os.link(script, twin)
    write_all([Change(str(twin), before, after)])
    assert (script.read_bytes(), twin.read_bytes(), twin.samefile(script)) == (after, after, True)
    assert leftovers(elsewhere) == leftovers(script.parent) == []


@pytest.mark.parametrize("name", [b"caf\xe9.sh", b"two\nlines.sh", b" space .sh", b"-n.sh", b"\x1b[31m.sh"])
def test_any_name_will_do(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(OLD)
    write_all([Change(str(path), OLD, NEW)])
    assert read(str(path)) == NEW


def test_a_relative_path_is_seen_from_the_working_folder(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(script.parent)
    write_all([Change("job.sh", OLD, NEW), Change("r.txt", None, b"numpy\n")])
    assert (script.read_bytes(), Path("r.txt").read_bytes()) == (NEW, b"numpy\n")


# What is refused


def test_a_file_that_changed_since_it_was_read(script: Path) -> None:
    script.write_bytes(OLD + b"echo mine\n")
    new = script.with_name("r.txt")
    assert refusal(Change(str(new), None, b"x"), Change(str(script), OLD, NEW)) == replace.CHANGED
    assert (script.read_bytes(), new.exists(), leftovers(script.parent)) == (OLD + b"echo mine\n", False, [])


@pytest.mark.parametrize("save", ["in place", "by rename", "remove", "fifo"])
@pytest.mark.parametrize("links", [1, 2])
def test_an_edit_in_the_last_moment(script: Path, monkeypatch: pytest.MonkeyPatch, save: str, links: int) -> None:
    """The user saves after everything is prepared, an instant before the new bytes take their place."""
    if links == 2:
        os.link(script, script.with_name("twin"))
    mine = OLD + b"echo mine\n"

    def give_name(descriptor: int, new: str, folder: int, real: Any = hidden.give_name) -> None:
        real(descriptor, new, folder)
        if save == "in place":
            script.write_bytes(mine)
            return
        script.unlink(missing_ok=True)
        if save == "by rename":
            script.write_bytes(mine)
        elif save == "fifo":
            os.mkfifo(script)

    monkeypatch.setattr(hidden, "give_name", give_name)
    if links == 2 and save == "fifo":
        pytest.skip("said twice: the name is taken when the second copy gets its own")
    assert "since it was read" in refusal(Change(str(script), OLD, NEW))
    assert leftovers(script.parent) == []
    if save in ("in place", "by rename"):
        assert script.read_bytes() == mine


def test_a_new_file_never_replaces_another(script: Path, temporaries: str) -> None:
    taken = script.with_name("requirements.txt")
    taken.write_bytes(b"mine\n")
    assert refusal(Change(str(script), OLD, NEW), Change(str(taken), None, b"numpy\n")) == "already exists"
    assert (script.read_bytes(), taken.read_bytes(), leftovers(script.parent)) == (OLD, b"mine\n", [])


def test_a_new_file_does_not_follow_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "r.txt").symlink_to("elsewhere.txt")
    assert refusal(Change(str(tmp_path / "r.txt"), None, b"x")) == "already exists"
    assert not (tmp_path / "elsewhere.txt").exists()


def test_a_new_file_that_appears_in_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporaries: str
) -> None:
    path = tmp_path / "r.txt"
    stage = replace._stage

    def stage_and_lose(*arguments: Any) -> Any:
        staged = stage(*arguments)
        path.write_bytes(b"mine\n")
        return staged

    monkeypatch.setattr(replace, "_stage", stage_and_lose)
    assert refusal(Change(str(path), None, b"x")) == "already exists"
    assert (path.read_bytes(), leftovers(tmp_path)) == (b"mine\n", [])


def test_a_read_only_file(script: Path) -> None:
    script.chmod(0o444)
    assert refusal(Change(str(script), OLD, NEW)) == "is read-only"
    assert script.read_bytes() == OLD


def test_a_file_of_someone_else(open_folder: Path) -> None:
    script = open_folder / "job.sh"
    script.write_bytes(OLD)
    script.chmod(0o644 if ROOT else 0o444)
    with unprivileged():
        assert refusal(Change(str(script), OLD, NEW)) in ("permission denied", "is read-only")
    assert (script.read_bytes(), leftovers(open_folder)) == (OLD, [])


def test_a_read_only_folder(open_folder: Path) -> None:
    script = open_folder / "job.sh"
    script.write_bytes(OLD)
    script.chmod(0o666)
    open_folder.chmod(0o555)
    with unprivileged():
        assert refusal(Change(str(script), OLD, NEW)) == "permission denied"
        assert refusal(Change(str(open_folder / "r.txt"), None, NEW)) == "permission denied"
    assert (script.read_bytes(), list(open_folder.iterdir())) == (OLD, [script])


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(Change(str(tmp_path / "fifo"), b"", NEW)) == "is a FIFO"
    assert refusal(Change(str(tmp_path), b"", NEW)) == "is a folder"
    assert refusal(Change("/dev/null", b"", NEW)) == "is a device"
    assert refusal(Change(str(tmp_path / "none"), b"", NEW)) == "no such file"
    assert refusal(Change(str(tmp_path / "none" / "r.txt"), None, NEW)) == "no such file"
    assert "circle" in refusal(Change(str(tmp_path / "loop"), b"", NEW))
    assert "NUL" in refusal(Change(str(tmp_path / "a\0b"), b"", NEW))
    assert refusal(Change(str(tmp_path / ("n" * 300)), None, NEW)) == "its name is too long"


def test_one_file_twice(script: Path) -> None:
    twin = script.with_name("twin.sh")
    os.link(script, twin)
    assert refusal(Change(str(script), OLD, NEW), Change(str(twin), OLD, NEW)) == "is to be written twice"
    one, two = str(script.with_name("r.txt")), str(script.parent / "." / "r.txt")
    assert refusal(Change(one, None, NEW), Change(two, None, NEW)) == "is to be written twice"


def test_a_file_whose_lock_is_held(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "PATIENCE", 0.05)
    with script.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert refusal(Change(str(script), OLD, NEW)) == "another process holds its lock"
    write_all([Change(str(script), OLD, NEW)])


def test_a_file_system_without_locks(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(descriptor: int, how: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    write_all([Change(str(script), OLD, NEW)])
    assert script.read_bytes() == NEW


# Full disks, real ones


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="slurmfix-disk-"))
    try:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        mounted = ROOT and subprocess.run(command, capture_output=True).returncode == 0
        if not mounted:
            pytest.skip("mounting a small disk is not permitted here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    finally:
        folder.rmdir()


@pytest.mark.parametrize("links", [1, 2])
def test_a_full_disk(links: int, temporaries: str) -> None:
    with small_disk("64k") as folder:
        script = folder / "job.sh"
        script.write_bytes(LONG_OLD)
        if links == 2:
            os.link(script, folder / "twin.sh")
        other = folder / "other.sh"
        other.write_bytes(OLD)
        changes = [Change(str(other), OLD, NEW), Change(str(script), LONG_OLD, NEW + b"x" * 60_000)]
        assert refusal(*changes) == "no space left on the disk"
        assert (script.read_bytes(), other.read_bytes(), leftovers(folder)) == (LONG_OLD, OLD, [])


def test_a_read_only_disk() -> None:
    with small_disk("64k") as folder:
        script = folder / "job.sh"
        script.write_bytes(OLD)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        assert refusal(Change(str(script), OLD, NEW)) == "the file system is read-only"


@pytest.mark.parametrize("links", [1, 2])
def test_a_limit_on_file_sizes(script: Path, links: int, temporaries: str) -> None:
    if links == 2:
        os.link(script, script.with_name("twin.sh"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        assert "larger than the limit" in refusal(Change(str(script), OLD, LONG_NEW))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (script.read_bytes(), leftovers(script.parent)) == (OLD, [])


def started(action: Callable[[], object], deadly: signal.Signals = signal.SIGTERM) -> int:
    """Another process that is about to do something, and dies of a signal, or of old age."""
    ready, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        os.read(ready, 1)
        os.close(ready)
        return child
    code = 1
    try:
        signal.signal(deadly, signal.SIG_DFL)
        signal.alarm(30)
        os.write(tell, b".")
        action()
        code = 0
    finally:
        os._exit(code)  # never back into pytest


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# A fault at each single system call


class FaultyOs:
    """The os module, in which the call with this number fails, is interrupted, or is the process's last one."""

    def __init__(self, number: int, fault: str) -> None:
        self.number, self.fault = number, fault
        self.calls = 0
        self.struck = ""

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if isinstance(real, type) or not callable(real) or name in ("fsencode", "urandom", "uname"):
            return real
        real = (lambda descriptor: None) if name == "fsync" else real  # its time is not what is tested here

        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls != self.number:
                return real(*arguments, **options)
            self.struck = name
            if self.fault.endswith("after"):
                real(*arguments, **options)
            if self.fault.startswith("killed"):
                os._exit(9)
            if self.fault.startswith("interrupted"):
                raise KeyboardInterrupt
            raise OSError(getattr(errno, self.fault), "injected")

        return call


def four_files(folder: Path) -> list[Change]:
    """One file to replace, one with two links to shorten, one to create, one more to replace."""
    folder.mkdir()
    (folder / "a.sh").write_bytes(OLD)
    (folder / "b.sh").write_bytes(LONG_OLD)
    os.link(folder / "b.sh", folder / "twin.sh")
    (folder / "c.sh").write_bytes(LONG_OLD)
    (folder / "c.sh").chmod(0o750)
    return [
        Change(str(folder / "a.sh"), OLD, NEW),
        Change(str(folder / "b.sh"), LONG_OLD, LONG_NEW),
        Change(str(folder / "r.txt"), None, b"numpy\n"),
        Change(str(folder / "c.sh"), LONG_OLD, LONG_NEW),
    ]


def verdicts(changes: list[Change]) -> set[str]:
    """ "old", "new" or "torn", of each file."""
    found = set()
    for change in changes:
        path = Path(change.path)
        held = path.read_bytes() if path.exists() else None
        found.add("old" if held == change.before else "new" if held == change.after else "torn")
    folder = Path(changes[0].path).parent
    assert (folder / "twin.sh").samefile(folder / "b.sh")
    assert stat.S_IMODE((folder / "c.sh").stat().st_mode) == 0o750
    return found


def strike(monkeypatch: pytest.MonkeyPatch, changes: list[Change], number: int, fault: str) -> tuple[FaultyOs, str]:
    """Writes with a fault at one system call; how that ended."""
    faulty = FaultyOs(number, fault)
    with monkeypatch.context() as patch:
        patch.setattr(write, "os", faulty)
        patch.setattr(replace, "os", faulty)
        patch.setattr(hidden, "os", faulty)
        try:
            write_all(changes)
        except (Unwritable, KeyboardInterrupt) as error:
            return faulty, type(error).__name__
    return faulty, "written"


def each_call(tmp_path: Path) -> Iterator[tuple[int, list[Change]]]:
    for number in range(1, 1000):
        yield number, four_files(tmp_path / str(number))
    raise AssertionError("there is no end of system calls")


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC", "EPERM", "EDQUOT"])
def test_an_error_at_any_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporaries: str, fault: str) -> None:
    for number, changes in each_call(tmp_path):
        faulty, end = strike(monkeypatch, changes, number, fault)
        left = leftovers(tmp_path / str(number))
        assert verdicts(changes) == ({"new"} if end == "written" else {"old"}), (number, faulty.struck, end)
        assert left == [] or faulty.struck == "unlink", (number, faulty.struck, left)
        sweep(str(tmp_path / str(number)))
        assert leftovers(tmp_path / str(number)) == []
        if not faulty.struck:
            break


@pytest.mark.parametrize("fault", ["interrupted before", "interrupted after"])
def test_an_interrupt_at_any_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporaries: str, fault: str
) -> None:
    for number, changes in each_call(tmp_path):
        faulty, _ = strike(monkeypatch, changes, number, fault)
        left = leftovers(tmp_path / str(number))
        assert len(verdicts(changes) - {"torn"}) == len(verdicts(changes)) == 1, (number, faulty.struck)
        assert left == [] or faulty.struck == "unlink", (number, faulty.struck, left)
        if not faulty.struck:
            break


@pytest.mark.parametrize("fault", ["killed before", "killed after"])
def test_a_kill_at_any_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporaries: str, fault: str) -> None:
    for number, changes in each_call(tmp_path):
        code = ended(started(partial(strike, monkeypatch, changes, number, fault)))
        folder = tmp_path / str(number)
        if "torn" in verdicts(changes):
            assert [name for name in leftovers(folder) if (folder / name).read_bytes() == LONG_OLD], number
            with pytest.raises(Unreadable, match="cut short"):
                read(str(folder / "twin.sh"))
        sweep(str(folder))
        assert verdicts(changes) <= {"old", "new"}, number
        assert leftovers(folder) == [], number
        assert code in (0, 9)
        if code == 0:
            break


def test_a_disk_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one call on every call that writes fails, also those that would undo: the old bytes are still to be had."""

    class Dying(FaultyOs):
        def __getattr__(self, name: str) -> Any:
            if name in ("pwrite", "ftruncate", "rename", "link", "unlink", "fchmod") and self.calls >= self.number:
                self.struck, self.fault, self.calls = name, "EIO", self.number - 1
            return super().__getattr__(name)

    monkeypatch.setattr(sys.modules[__name__], "FaultyOs", Dying)
    for number, changes in each_call(tmp_path):
        faulty, end = strike(monkeypatch, changes, number, "EIO")
        folder = tmp_path / str(number)
        for change in changes:
            path = Path(change.path)
            held = path.read_bytes() if path.exists() else None
            copies = [(folder / name).read_bytes() for name in leftovers(folder)]
            assert held in (change.before, change.after) or change.before in copies, (number, end)
        sweep(str(folder))
        assert verdicts(changes) <= {"old", "new"}, number
        if not faulty.struck:
            break


# Real signals, real rivals


def alternate(path: str, twin: str) -> None:
    """Writes a short and a long text in turn, for ever."""
    texts = (LONG_OLD, LONG_NEW)
    for turn in range(10**9):
        before, after = texts[turn % 2], texts[(turn + 1) % 2]
        if read(path) == before:
            write_all([Change(path, before, after), Change(twin, before, after)])


def test_sigkill_at_random_moments(open_folder: Path) -> None:
    one, two = open_folder / "one.sh", open_folder / "two.sh"
    chance = random.Random(7)
    for _ in range(60):
        for path in (one, two):
            path.write_bytes(LONG_OLD)
        if not (open_folder / "twin.sh").exists():
            os.link(two, open_folder / "twin.sh")
        child = started(partial(alternate, str(one), str(two)))
        time.sleep(chance.random() * 0.03)
        os.kill(child, signal.SIGKILL)
        assert ended(child) == -signal.SIGKILL
        assert one.read_bytes() in (LONG_OLD, LONG_NEW)
        sweep(str(open_folder))
        assert two.read_bytes() in (LONG_OLD, LONG_NEW)
        assert leftovers(open_folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_other_signals_wait_until_the_files_are_whole(open_folder: Path, number: signal.Signals) -> None:
    one, two = open_folder / "one.sh", open_folder / "two.sh"
    chance = random.Random(8)
    for _ in range(15):
        for path in (one, two):
            path.write_bytes(LONG_OLD)
        child = started(partial(alternate, str(one), str(two)), number)
        time.sleep(chance.random() * 0.03)
        os.kill(child, number)
        assert ended(child) == -number
        assert one.read_bytes() == two.read_bytes()
        assert leftovers(open_folder) == []


def count_up(path: str, times: int) -> None:
    """Adds one to a number in a file, again and again, however often a rival comes first."""
    while times:
        try:
            before = read(path)
            write_all([Change(path, before, b"%d" % (int(before) + 1))])
            times -= 1
        except (Unreadable, ValueError):  # a rival writes in place, or came first
            time.sleep(0.001)


@pytest.mark.parametrize("links", [1, 2])
def test_two_processes_lose_no_change(open_folder: Path, links: int) -> None:
    path = open_folder / "count"
    path.write_bytes(b"100")
    paths = [path, path]
    if links == 2:
        (open_folder / "elsewhere").mkdir()
        paths[1] = open_folder / "elsewhere" / "count"
        os.link(path, paths[1])
    children = [started(partial(count_up, str(mine), 40)) for mine in paths]
    assert ([ended(child) for child in children], path.read_bytes(), leftovers(open_folder)) == ([0, 0], b"180", [])


# What killed runs left


def test_the_next_write_sweeps(script: Path) -> None:
    folder = script.parent
    for kind in (".tmp", ".undo", "-77.new", "-77.old"):
        (folder / hidden.name(kind)).write_bytes(b"x")
    (folder / ".slurmfix-mine").write_bytes(b"the user's own")
    (folder / ".slurmfix.toml").write_bytes(b"the user's own")
    write_all([Change(str(script), OLD, NEW)])
    assert leftovers(folder) == [".slurmfix-mine", ".slurmfix.toml"]


def test_what_another_machine_makes_is_left_alone_for_an_hour(script: Path) -> None:
    name = script.with_name(f".slurmfix-{'0' * 8}-{'1' * 16}.tmp")
    name.write_bytes(b"x")
    sweep(str(script.parent))
    assert name.exists()
    os.utime(name, (0, 0))
    sweep(str(script.parent))
    assert not name.exists()


def test_a_sweep_keeps_off_while_another_process_writes(script: Path) -> None:
    name = script.with_name(hidden.name(".tmp"))
    name.write_bytes(b"x")
    folder = os.open(script.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    sweep(str(script.parent))
    assert name.exists()
    os.close(folder)


@pytest.mark.parametrize(
    ("held", "becomes"),
    [
        (LONG_OLD, LONG_OLD),
        (LONG_NEW, LONG_NEW),
        (LONG_NEW[:4096] + LONG_OLD[4096:], LONG_OLD),
        (LONG_NEW + LONG_OLD[len(LONG_NEW) :], LONG_OLD),
        (LONG_OLD[:4096] + b"\0" * 4096 + LONG_OLD[8192:], LONG_OLD),
        (LONG_OLD + b"echo the user went on\n", None),
        (b"echo all anew\n", None),
    ],
)
def test_a_write_in_place_that_was_cut_short(script: Path, held: bytes, becomes: bytes | None) -> None:
    script.write_bytes(held)
    os.link(script, script.with_name("twin"))
    stem = hidden.name(f"-{script.stat().st_ino}")
    script.with_name(stem + ".old").write_bytes(LONG_OLD)
    script.with_name(stem + ".new").write_bytes(LONG_NEW)
    sweep(str(script.parent))
    if becomes is None:
        assert (read(str(script)), len(leftovers(script.parent))) == (held, 2)
    else:
        assert (read(str(script)), leftovers(script.parent)) == (becomes, [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_nobody_else_can_have_a_file_put_back(script: Path) -> None:
    """In a folder that many write to, anyone can make files with the names of copies."""
    torn = LONG_NEW[:4096] + LONG_OLD[4096:]
    script.write_bytes(torn)
    os.chown(script, 1234, 1234)
    stem = hidden.name(f"-{script.stat().st_ino}")
    for kind, held in ((".old", LONG_OLD), (".new", LONG_NEW)):
        script.with_name(stem + kind).write_bytes(held)
        os.chown(script.with_name(stem + kind), 65534, 65534)
    sweep(str(script.parent))
    assert script.read_bytes() == torn and read(str(script)) == torn


def test_a_sweep_of_what_is_no_folder_is_silent(script: Path) -> None:
    sweep(str(script))
    sweep(str(script.with_name("none")))


def test_the_door_forgets_what_it_saw(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    assert not files.exists(str(path))
    write_all([Change(str(path), None, b"x")])
    assert files.exists(str(path))
