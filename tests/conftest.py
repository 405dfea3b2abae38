"""How the property tests search, which tests are fast or stay together, and what skips without a package index."""

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings

# At random by hand, so that a run may find something new; in CI the same each time.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
if os.environ.get("CI"):
    settings.load_profile("ci")


_NOT_FAST = {"slow", "install", "browser", "slurm"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """`pytest -m fast`: all that no module or test marks as slow, or as needing more than Python.

    Where tests run side by side, those that share a Slurm, a browser or an index stay in one process.
    """
    for item in items:
        marks = _NOT_FAST.intersection(mark.name for mark in item.iter_markers())
        if not marks:
            item.add_marker(pytest.mark.fast)
        for mark in marks - {"slow"}:
            item.add_marker(pytest.mark.xdist_group(mark))


@pytest.fixture(scope="session")
def package_index(tmp_path_factory):
    """Skips where pip reaches no package index."""
    folder = tmp_path_factory.mktemp("pip")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "setuptools"]
    if subprocess.run(download, capture_output=True).returncode:
        pytest.skip("nothing can be installed: pip reaches no package index here")


JOB = b"#!/bin/bash\n#SBATCH --nodes=2\nsource ~/miniconda3/bin/activate a\nfor i in 1 2; do srun python a.py; done\n"


@pytest.fixture(scope="session", autouse=True)
def loaded(tmp_path_factory):
    """A run works in a process of its own, which has what this one has: rooms, tables and patterns, loaded once."""
    from slurmfix import files
    from slurmfix.batch import Task, convert_bytes
    from slurmfix.config import Settings

    folder = tmp_path_factory.mktemp("loaded")
    (folder / "environment.yml").write_text("name: a\ndependencies: [python=3.11, numpy=1.26, pyarrow, samtools]\n")
    outcome = convert_bytes(str(folder / "job.sh"), JOB, Task(Settings()))
    assert outcome.changes
    files.forget()
