"""Golden cases: what becomes of a job script, and why. tests/golden.py tells how a case is written.

With WRITE_CASES=1 what slurmfix does is written into the cases instead of being held against them.
"""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import golden
import pytest
import sbatch
from click.testing import CliRunner
from golden import text_of
from meaning import same_meaning, trace

from slurmfix import batch, files, knowledge
from slurmfix.cli import main

CASES = {case.name: case for case in golden.all_cases()}
FROZEN = Path(__file__).parent / "tables" / "slurmfix.toml"
WRITE = bool(os.environ.get("WRITE_CASES"))


class Laid:
    """A case, laid out as on its author's disk in a folder of its own."""

    def __init__(self, case, folder):
        self.case, self.folder, self.script = case, folder, folder / case.script
        for name, data in {**case.files, case.script: case.before}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def run(self, *options):
        batch.prepared.cache_clear()  # each command starts without a memory
        files.forget()
        done = CliRunner().invoke(main, [*options, *self.case.words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def files(self):
        found = {path for path in self.folder.rglob("*") if path.is_file()}
        return {str(path.relative_to(self.folder)) for path in found}


@pytest.fixture
def laid(request, tmp_path, monkeypatch):
    """A case by its name; `shipped_…` sees the shipped tables, all others those of tests/tables/, which stay."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SLURMFIX_CONFIG", "" if request.param.startswith("shipped_") else str(FROZEN))
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / ".git").mkdir()  # a repository of its own: nothing above is looked at
    monkeypatch.chdir(folder)
    yield Laid(CASES[request.param], folder)
    knowledge.use()


def each(names):
    return pytest.mark.parametrize("laid", names, indirect=True)


JOBS = [name for name, case in CASES.items() if case.is_job]


@each(CASES)
def test_what_becomes_of_the_script(laid):
    """What is said, what is written, and that a second run changes nothing."""
    case, before = laid.case, laid.files()
    shown = laid.run()
    assert laid.files() == before
    assert laid.script.read_bytes() == case.before
    laid.run("--write", "--accept-unknown")
    found = replace(
        case,
        after=laid.script.read_bytes(),
        said=f"{shown.stderr}exit {shown.exit_code}\n",
        creates={name: (laid.folder / name).read_text() for name in laid.files() - before},
    )
    if WRITE:
        golden.path_of(case.name).write_bytes(golden.write(found))
    else:
        assert text_of(found.after) == text_of(case.after)
        assert found.creates == case.creates
        assert found.said == case.said
    assert bool(shown.stdout) == (case.before != found.after or bool(found.creates))
    assert laid.run("--write", "--accept-unknown").stdout == ""
    assert laid.script.read_bytes() == found.after


def test_cases_are_written_as_they_are_read():
    for case in CASES.values():
        assert golden.path_of(case.name).read_bytes() == golden.write(case)


@each(JOBS)
def test_bash_reads_what_comes_out_as_well_as_what_went_in(laid):
    def accepts(text):
        return subprocess.run(["bash", "--norc", "-n"], input=text, capture_output=True).returncode == 0

    assert accepts(laid.case.after) >= accepts(laid.case.before)


@each([name for name in JOBS if not CASES[name].not_compared])
def test_the_same_work_is_done(laid):
    before, after = text_of(laid.case.before), text_of(laid.case.after)
    if before.startswith("#!") and "sh" not in before.split("\n", 1)[0]:
        pytest.skip("no shell runs it")
    beside = {name: data.decode() for name, data in laid.case.files.items()}
    assert same_meaning(before, after, files=beside) is None
    assert trace(before, beside).calls


@pytest.mark.skipif(bool(sbatch.MISSING), reason=sbatch.MISSING)
@each(JOBS)
def test_sbatch_understands_the_same_options(laid, tmp_path):
    before = sbatch.understood(laid.case.before, tmp_path)
    assert sbatch.understood(laid.case.after, tmp_path) == before
    if b"\r" not in laid.case.before and laid.case.before.startswith(b"#!"):
        assert before is not None
