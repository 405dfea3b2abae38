"""Environments installed by the lines of the rewritten job: a real pip, and wheels that have only their metadata."""

from pathlib import Path

import pytest
from installs import StubCluster, is_installed, rewritten
from stub_wheels import depends, make_wheelhouse, write_wheel

pytestmark = pytest.mark.slurm

ENVIRONMENTS = sorted((Path(__file__).parent / "environments").glob("*.yml"))


@pytest.fixture(scope="module")
def started(lab):
    """All jobs at once, by the name of the environment."""
    found = [rewritten(path.read_text(), path.stem) for path in ENVIRONMENTS]
    cluster = StubCluster(lab, found)
    return {each.name: cluster.start(each) for each in found if each.python in cluster.pythons}


@pytest.mark.parametrize("name", [path.stem for path in ENVIRONMENTS])
def test_the_lines_of_the_job_install_every_requirement(started, name):
    if name not in started:
        pytest.skip("this machine has no such Python")
    result = started[name].result()
    assert is_installed(result), result.output


def test_a_job_whose_wheels_nobody_prepared_ends_at_once(lab):
    path = next(path for path in ENVIRONMENTS if path.stem == "address")
    job = rewritten(path.read_text(), path.stem)
    result = lab.submit(job.script, job.files, name="unprepared")
    assert set(result.states) == {"FAILED"}
    assert "make it on a login node" in result.output


def test_compiled_wheels_are_for_one_python_and_dummies_refuse(tmp_path):
    make_wheelhouse(tmp_path, ["numpy", "pyarrow"])
    names = {path.name for path in tmp_path.iterdir()}
    assert "numpy-1.26.4+computecanada-cp311-cp311-linux_x86_64.whl" in names
    assert [name for name in names if name.startswith("pyarrow")] == [
        "pyarrow-9999+dummy.computecanada-py3-none-any.whl"
    ]


def test_stubs_require_what_the_real_packages_do():
    assert "torch==2.1.*" in depends("torchvision", "0.16.2")
    assert any(line.startswith("pyarrow") for line in depends("datasets", "2.19.1"))


def test_a_stub_is_a_wheel_that_pip_reads(tmp_path):
    write_wheel(tmp_path, "some.name", "1.0", requires=["numpy"])
    assert [path.name for path in tmp_path.iterdir()] == ["some_name-1.0-py3-none-any.whl"]
