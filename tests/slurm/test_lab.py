"""The cluster itself: it keeps to itself, and says in one line why it cannot run."""

import os
from pathlib import Path

import lab as lab_room
import pytest
from lab import LabError

pytestmark = pytest.mark.slurm
PORTS = {6817, 6821, 6822, 6823}  # of cluster/etc/slurm.conf


def ports(table):
    """The local ports of a table of sockets as the kernel prints it."""
    return {int(line.split()[1].split(":")[1], 16) for line in table.splitlines()[1:]}


def test_no_port_of_the_cluster_is_open_on_this_machine(lab):
    inside = lab.run("cat", "/proc/net/tcp", folder=lab.root).stdout
    outside = Path("/proc/self/net/tcp").read_text()
    assert ports(inside) >= PORTS
    ours = {line.split()[9] for line in inside.splitlines()[1:]}  # inodes
    assert not ours & {line.split()[9] for line in outside.splitlines()[1:]} - {"0"}


def test_a_job_reaches_nothing_but_its_own_machine(lab):
    script = "#!/bin/bash\n(: </dev/tcp/192.0.2.77/80) 2>&1\n(: </dev/tcp/example.org/80) 2>&1\nls /sys/class/net\n"
    output = lab.submit(script, name="network").output
    assert "Network is unreachable" in output
    assert "resolution" in output or "not known" in output
    assert lab.run("cat", "/proc/net/dev", folder=lab.root).stdout.count("lo:") == 1


def test_nodes_have_a_tmp_of_their_own(lab):
    result = lab.submit("#!/bin/bash\n#SBATCH --nodes=2\nsrun bash -c 'echo $(hostname) >> /tmp/mark; cat /tmp/mark'\n")
    assert sorted(result.output.split()) == ["node1", "node2"]
    left = tuple(path for path in lab.left_on_nodes() if "/tmp/" in path)  # other jobs' scratch goes in its own time
    assert left == ("node1/tmp/mark", "node2/tmp/mark")
    for path in left:
        (lab.root / "nodes" / path).unlink()
    assert not Path("/tmp/mark").exists()


def test_a_job_cannot_write_into_the_software(lab):
    output = lab.submit(f"#!/bin/bash\ntouch {lab.software}/mark 2>&1\n", name="software").output
    assert "Read-only file system" in output


def test_a_user_who_is_not_root_is_told_so(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="needs root"):
        lab_room.Lab()


def test_the_cluster_does_not_lie_under_tmp(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/cache")
    assert not lab_room._cache().is_relative_to("/tmp")
