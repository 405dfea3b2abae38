"""The examples are true: what slurmfix makes of each `before` is its `after`, as a diff and in place."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import forked
import pytest
from meaning import same_meaning

pytestmark = pytest.mark.slow

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*/before"))


def slurmfix(folder: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    return forked.slurmfix(*options, ".", cwd=folder, environ=dict(os.environ))


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.parent.name)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the example in a repository of its own, so that nothing around it is taken for its project."""
    copy = tmp_path / "job"
    shutil.copytree(request.param, copy)
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    return copy, request.param.parent / "after"


def test_writes_what_the_example_shows(example: tuple[Path, Path]) -> None:
    folder, after = example
    run = slurmfix(folder, "--write", "--accept-unknown")
    assert run.returncode == 0, run.stderr.decode()
    assert contents(folder) == contents(after)


def test_the_diff_gives_the_same_bytes(example: tuple[Path, Path]) -> None:
    folder, after = example
    run = slurmfix(folder)
    assert run.returncode == 1, run.stderr.decode()
    (folder / ".git" / "change.patch").write_bytes(run.stdout)
    subprocess.run(["git", "apply", ".git/change.patch"], cwd=folder, check=True)
    assert contents(folder) == contents(after)


def test_a_second_run_has_nothing_to_do(example: tuple[Path, Path]) -> None:
    folder, _ = example
    slurmfix(folder, "--write", "--accept-unknown")
    again = slurmfix(folder)
    assert (again.returncode, again.stdout) == (0, b"")


def test_the_same_work_is_done(example: tuple[Path, Path]) -> None:
    folder, after = example
    (script,) = folder.glob("*.sh")
    assert same_meaning(script.read_text(), (after / script.name).read_text()) is None


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
