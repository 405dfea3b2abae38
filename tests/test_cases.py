"""Golden cases: folders that tell what becomes of a job script, and why.

`before.sh` is the script as its author wrote it and `after.sh` what it has to become; `creates/` holds the files that
come along, `said.txt` what a person is told on standard error and the exit status, `command.txt` how slurmfix is
called where that is not `slurmfix job.sh`. All else in a folder lies beside the script.
"""

import subprocess
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
import sbatch
from click.testing import CliRunner
from meaning import same_meaning, trace

from slurmfix import batch, files
from slurmfix.cli import main

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())
OF_THE_CASE = ("before*", "after*", "creates", "said.txt", "command.txt")
# Why the stub commands of meaning.py cannot tell about a case.
NOT_COMPARED = {
    "activation_as_the_last_line": "it only prepares work",
    "answers_kept_in_files": "pip lists the packages instead of conda",
    "array_without_a_folder_for_each_job": "to the stubs `python3 -m venv` is a step of the job",
    "base_above_what_stays": "its last line is left for a person",
    "command_and_builtin": "the stubs are no builtins",
    "dos_line_ends": "bash does not run it",
    "dos_line_ends_on_several_nodes": "bash does not run it",
    "gnu_parallel": "the words of the inner script are compared as one",
    "conda_by_a_variable": "two of its parts are left to a person, in conda",
    "conda_from_spack": "to the stubs spack is a step of the job, whose words change",
    "conda_in_a_substitution": "`which` is no program of the environment to the stubs",
    "conda_run_in_a_step": "the step's own words change",
    "constants": "the stubs know no environment outside of conda's folder",
    "condas_variable_without_an_activation": "nobody knows which environment it is",
    "dollar_in_a_path": "the stubs know no environment outside of conda's folder",
    "environment_behind_the_path": "the stubs tell an environment by its activation, not by PATH",
    "environment_in_a_constant": "the stubs know no environment outside of conda's folder",
    "environment_made_before_the_job": "the stubs have no virtualenv that was made before",
    "folder_that_the_job_empties": "the stubs see the virtualenv in the folder, and show its name for the `*`",
    "folder_that_the_job_copies": "the stubs see the virtualenv in the folder, and show its name for the `*`",
    "folder_that_the_job_sets": "its second activation is one to look at, and fails",
    "function_in_the_background": "three commands at a time have no order",
    "guard_on_condas_variable": "the guard is left for a person, who has to see to it first",
    "guard_on_condas_variable_alone": "the guard ends it before anything else runs",
    "guards_that_go": "to the stubs conda is no program that `which` finds",
    "guards_that_stay": "the guards are left for a person, who has to see to them first",
    "jobs_that_the_job_submits": "the stub of sbatch runs a job where it is submitted, in this job's folder",
    "lists_of_what_goes": "the base folder is printed by the stub that stands for `conda info`",
    "libraries_of_conda": "to the stubs a program that is no file says what is on its search path",
    "in_the_background": "two commands at a time have no order",
    "interpreter_by_its_path": "the step's own words change",
    "made_where_it_is_missing": "the stub of pip takes --no-index for a sign of the rewrite",
    "name_of_two_lines": "the stubs write a line for each call",
    "only_a_conda_module": "the stub of `module` brings no base environment",
    "packages_by_pythonpath": "the stubs tell an environment by its activation, not by PYTHONPATH",
    "pip_install_in_the_job": "the stub of pip takes --no-index for a sign of the rewrite",
    "pip_install_in_an_image": "the stub of pip takes --no-index for a sign of the rewrite",
    "pip_install_of_what_a_module_has": "the stub of pip takes --no-index for a sign of the rewrite",
    "placeholder": "bash runs nothing of it",
    "python_before_the_activation": "the stub of pip takes --no-index for a sign of the rewrite",
    "python_after_the_deactivation": "the last line runs in base, of which nothing is known",
    "quote_left_open": "bash runs nothing of it",
    "run_behind_conda_info": "the stub of conda has no path",
    "script_that_another_sources": "it only prepares work",
    "search_path_for_one_command": "the words of the step hold the whole PATH",
    "search_path_through_a_variable": "the stubs tell an environment by its activation, not by PATH",
    "search_paths": "the stubs tell an environment by its activation, not by PATH",
    "shell_in_single_quotes": "the words of the inner script are compared as one",
    "shifted_arguments": "the job is called without arguments",
    "timed_group_beside_others": "one line is left for a person",
    "variable_with_two_values_in_turn": "the job is called without arguments",
    "job_in_a_heredoc_with_tabs": "the job is called without arguments",
    "what_cannot_be_read": "bash runs nothing of it",
    "zsh": "the stubs are bash's",
}


class Case:
    """One folder, laid out as on its author's disk in a folder of its own."""

    def __init__(self, name, folder):
        self.source, self.folder = CASES / name, folder
        copytree(self.source, folder, ignore=ignore_patterns(*OF_THE_CASE), dirs_exist_ok=True)
        command = self.source / "command.txt"
        self.words = (command.read_text() if command.exists() else "slurmfix job.sh").split()[1:]
        self.script = folder / self.words[-1]
        self.script.parent.mkdir(parents=True, exist_ok=True)
        self.script.write_bytes(self.before)

    @property
    def before(self):
        return next(self.source.glob("before*")).read_bytes()

    @property
    def after(self):
        return next(self.source.glob("after*")).read_bytes()

    @property
    def said(self):
        return (self.source / "said.txt").read_text()

    @property
    def creates(self):
        there = self.source / "creates"
        return {str(path.relative_to(there)): path.read_text() for path in there.rglob("*") if path.is_file()}

    def run(self, *options):
        batch.prepared.cache_clear()  # each command starts without a memory
        files.forget()
        done = CliRunner().invoke(main, [*options, *self.words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def files(self):
        found = {path for path in self.folder.rglob("*") if path.is_file()}
        return {str(path.relative_to(self.folder)) for path in found}


@pytest.fixture
def case(request, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / ".git").mkdir()  # a repository of its own: nothing above is looked at
    found = Case(request.param, folder)
    monkeypatch.chdir(folder)
    return found


def each(names):
    return pytest.mark.parametrize("case", names, indirect=True)


@each(NAMES)
def test_the_script_becomes_what_it_has_to_become(case):
    before = case.files()
    case.run("--write")
    assert case.script.read_bytes().decode("latin-1") == case.after.decode("latin-1")
    assert {name: (case.folder / name).read_text() for name in case.files() - before} == case.creates


@each(NAMES)
def test_what_is_said(case):
    before = case.files()
    done = case.run()
    assert f"{done.stderr}exit {done.exit_code}\n" == case.said
    assert case.files() == before
    assert case.script.read_bytes() == case.before
    assert bool(done.stdout) == (case.before != case.after or bool(case.creates))


@each(NAMES)
def test_a_second_run_changes_nothing(case):
    case.run("--write")
    again = case.run("--write")
    assert again.stdout == ""
    assert case.script.read_bytes() == case.after


@each([name for name in NAMES if (CASES / name / "after.sh").exists()])
def test_bash_reads_what_comes_out_as_well_as_what_went_in(case):
    def accepts(text):
        return subprocess.run(["bash", "--norc", "-n"], input=text, capture_output=True).returncode == 0

    assert accepts(case.after) >= accepts(case.before)


@each([name for name in NAMES if (CASES / name / "after.sh").exists() and name not in NOT_COMPARED])
def test_the_same_work_is_done(case):
    before, after = (text.decode("utf-8", "surrogateescape") for text in (case.before, case.after))
    if before.startswith("#!") and "sh" not in before.split("\n", 1)[0]:
        pytest.skip("no shell runs it")
    names = case.files() - {case.words[-1]}
    files = {name: (case.folder / name).read_text() for name in names}
    assert same_meaning(before, after, files=files) is None
    assert trace(before, files).calls


def test_no_reason_is_kept_for_a_case_that_is_gone():
    assert set(NOT_COMPARED) <= set(NAMES)


@pytest.mark.skipif(bool(sbatch.MISSING), reason=sbatch.MISSING)
@each([name for name in NAMES if (CASES / name / "after.sh").exists()])
def test_sbatch_understands_the_same_options(case, tmp_path):
    before = sbatch.understood(case.before, tmp_path)
    assert sbatch.understood(case.after, tmp_path) == before
    if b"\r" not in case.before and case.before.startswith(b"#!"):
        assert before is not None
