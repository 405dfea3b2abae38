"""The habits that people bring from other tools: options, slips that are named, the way back, and what is proposed."""

import json
import re

import pytest
from terminals import in_terminal
from test_cli import CHANGES, ENVIRONMENT, ERROR, JOB, NOTHING, contents, folder, run

__all__ = ["folder"]  # the fixture
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\")


def test_without_arguments_the_help_is_shown(folder):
    done = run()
    assert done.exit_code == ERROR
    assert "Usage: " in done.output and "--write" in done.output


def test_quiet_says_nothing_but_errors(folder):
    assert run("-q", "job.sh").stderr == ""
    assert run("-q", "absent.sh").stderr == "absent.sh: no such file\n"


def test_the_version_has_a_letter(folder):
    assert run("-V").output == run("--version").output


# Which findings, which files, which configuration


def test_selected_rules_alone_find(folder):
    report = json.loads(run("-o", "json", "--select", "activate", "job.sh").stdout)
    assert [each["rule"] for each in report["files"][0]["findings"]] == ["activate"]


def test_an_ignored_rule_finds_nothing(folder):
    report = json.loads(run("-o", "json", "--ignore", "conda-module,deactivate", "job.sh").stdout)
    assert "conda-module" not in [each["rule"] for each in report["files"][0]["findings"]]


def test_an_ignored_message_is_not_said_and_makes_nothing_safe(folder):
    (folder / "environment.yml").write_text(ENVIRONMENT + "  - perl-json\n")
    options = ("--to", "virtualenv", "-o", "json", "job.sh")
    before = json.loads(run(*options).stdout)["files"][0]
    after = json.loads(run("--ignore", "left-out", *options).stdout)["files"][0]
    assert "left-out" in [each["id"] for each in before["remarks"]]
    assert "left-out" not in [each["id"] for each in after["remarks"]]
    assert {each["applicability"] for each in after["findings"]} == {"review"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--select", "activat", "job.sh"), "did you mean 'activate'"),
        (("--ignore", "left-ou", "job.sh"), "did you mean 'left-out'"),
        (("--profile", "narvall", "job.sh"), "did you mean 'narval'"),
        (("--explain", "condamodule"), "did you mean 'conda-module'"),
        (("--config", "absent.toml", "job.sh"), "absent.toml: no such file"),
        (("--config", "job.sh", "--isolated", "job.sh"), "--isolated wants none"),
        (("--stdin-filename", "x.sh", "job.sh"), "goes with - alone"),
    ],
)
def test_a_slip_in_an_option_is_named_with_what_is_near(folder, words, said):
    done = run(*words)
    assert done.exit_code == ERROR
    assert said in " ".join(done.stderr.split())


def test_excluded_files_are_left_out(folder):
    (folder / "old").mkdir()
    (folder / "old" / "job.sh").write_text(JOB)
    paths = [each["path"] for each in json.loads(run("-o", "json", "--exclude", "old/", ".").stdout)["files"]]
    assert paths == ["job.sh"]


def test_a_configuration_can_be_named_or_left_unread(folder):
    (folder / "slurmfix.toml").write_text('python = "3.12"\n')
    (folder / "other.toml").write_text('python = "3.10"\n')

    def python(*words):
        return re.search(r"python/([\d.]+)", run(*words, "job.sh").stdout)[1]

    assert (python(), python("--config", "other.toml"), python("--isolated")) == ("3.12", "3.10", "3.11")


def test_the_cluster_names_the_profile(folder, monkeypatch):
    monkeypatch.setenv("CC_CLUSTER", "trillium")
    done = run("job.sh")
    assert 'source "$HOME/virtualenvs/myenv/bin/activate"' in done.stdout
    assert "the profile: slurmfix takes trillium" in done.stderr
    assert "$SLURM_TMPDIR" in run("--profile", "alliance", "job.sh").stdout
    monkeypatch.setenv("CC_CLUSTER", "elsewhere")
    assert "$SLURM_TMPDIR" in run("job.sh").stdout


# What has no effect is said


def test_an_environment_that_no_script_uses_is_named(folder):
    assert (
        "`--env myemv=environment.yml`: the option does nothing"
        in run("--env", "myemv=environment.yml", "job.sh").stderr
    )


def test_a_template_that_nothing_uses_is_named(folder):
    (folder / "site").mkdir()
    (folder / "site" / "biuld.sh.j2").write_text("true\n")
    (folder / "slurmfix.toml").write_text('templates = "site"\n')
    assert "did you mean 'build.sh.j2'" in run("job.sh").stderr


def test_a_configuration_that_is_not_read_is_named(folder):
    (folder / "slurmfix.toml").write_text('python = "3.11"\n')
    (folder / "pyproject.toml").write_text('[tool.slurmfix]\npython = "3.12"\n')
    assert "pyproject.toml: slurmfix does not read this file" in run("job.sh").stderr


def test_a_table_in_the_wrong_file_is_told_where_it_belongs(folder):
    (folder / "slurmfix.toml").write_text('[tool.slurmfix]\npython = "3.12"\n')
    done = run("job.sh")
    assert done.exit_code == ERROR and "slurmfix.toml:1: [tool.slurmfix] belongs in pyproject.toml" in done.stderr


def test_asking_where_nobody_answers_is_said(folder, monkeypatch):
    for name in ("LMOD_CMD", "CONDA_EXE", "MAMBA_EXE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert "`--ask`: the option does nothing here" in run("--ask", "job.sh").stderr


def test_safe_says_what_it_holds_back(folder):
    (folder / "environment.yml").unlink()
    (folder / "train.py").write_text("import numpy\n")
    done = run("--safe", "--write", "--accept-unknown", "job.sh")
    assert done.exit_code == CHANGES
    assert re.search(r"^job\.sh:4: \[review\] `conda activate myenv`: --safe leaves this line", done.stderr, re.M)


# The way back


def test_undo_takes_back_what_write_wrote(folder):
    before = contents(folder)
    run("--write", "--accept-unknown", "job.sh")
    assert contents(folder) != before
    done = run("--undo")
    assert (done.exit_code, contents(folder)) == (NOTHING, before)
    assert "job.sh: as it was before\n" in done.stderr and "requirements-myenv.txt: removed\n" in done.stderr


def test_undo_leaves_what_changed_since(folder):
    run("--write", "--accept-unknown", "job.sh")
    (folder / "job.sh").write_text("something else\n")
    done = run("--undo")
    assert done.exit_code == ERROR
    assert (folder / "job.sh").read_text() == "something else\n"
    assert not (folder / "requirements-myenv.txt").exists()
    assert "job.sh: left as it is" in done.stderr


def test_undo_without_a_run_before_says_so(folder):
    done = run("--undo")
    assert done.exit_code == ERROR and "nothing to undo" in done.stderr


# Editors


def test_an_editor_gets_the_new_text(folder):
    done = run("--write", "--accept-unknown", "--stdin-filename", "job.sh", "-", input=JOB)
    assert done.stdout.startswith("#!/bin/bash\n") and "virtualenv --no-download" in done.stdout
    assert (folder / "job.sh").read_text() == JOB
    assert (folder / "requirements-myenv.txt").exists()
    assert done.exit_code == NOTHING


def test_an_editor_gets_its_own_text_where_nothing_changes(folder):
    plain = "#!/bin/bash\n#SBATCH --time=1\npython train.py\n"
    assert run("--write", "--accept-unknown", "--stdin-filename", "job.sh", "-", input=plain).stdout == plain


# What is proposed


def test_a_proposed_command_repeats_the_options(folder):
    told = ESCAPES.sub(
        "", in_terminal(folder, "--python", "3.11", "--to", "virtualenv", "job.sh", size=(200, 200)).output
    )
    assert "next: read the diff, then slurmfix --write --to virtualenv --python 3.11 job.sh" in told


def test_after_writing_the_next_steps_name_the_new_file_and_the_folder(folder):
    (folder / "jobs").mkdir()
    (folder / "job.sh").rename(folder / "jobs" / "job.sh")
    done = run("--write", "--accept-unknown", "jobs/job.sh")
    made = re.search(r"^(\S*requirements-myenv\.txt): new$", done.stderr, re.M)[1]
    assert f"next: git add {made}\n" in done.stderr
    assert "next: submit from the folder of the new file: " in done.stderr
    assert "slurmfix --undo" in done.stderr


def test_in_a_terminal_write_shows_what_was_written_and_no_diff(folder):
    shown = ESCAPES.sub("", in_terminal(folder, "--write", "--accept-unknown", "job.sh", size=(100, 200)).output)
    assert "@@" not in shown
    assert "job.sh: rewritten in 1 place\n" in shown


def test_the_line_that_a_remark_is_about_is_shown_in_a_terminal(folder):
    (folder / "environment.yml").write_text(ENVIRONMENT + "  - perl-json\n")
    shown = ESCAPES.sub("", in_terminal(folder, "--to", "virtualenv", "job.sh", size=(200, 200)).output)
    assert "  4 | conda activate myenv\n    | ^^^^^^^^^^^^^^^^^^^^\n" in shown


# Many files


def test_many_files_are_told_on_one_screen(folder):
    for number in range(60):
        lines = f"conda activate lab{number % 4}\nconda run --cwd /x -n lab{number % 4} python a{number}.py\n"
        (folder / f"job{number}.sh").write_text(f"#!/bin/bash\n#SBATCH --time=1:00:00\n{lines}")
    done = run(".")
    assert len(done.stderr.splitlines()) <= 60
    assert "Left for a person: " in done.stderr and " and 59 other files: " in done.stderr
    assert len(run("-o", "text", ".").stdout.splitlines()) >= 120


def test_statistics_count_findings_and_remarks(folder):
    (folder / "b.sh").write_text(JOB)
    done = run("--statistics", ".")
    assert re.search(r"^ *2  activate \[safe\] in 2 files$", done.stdout, re.M)


# Comments for slurmfix


@pytest.mark.parametrize(
    ("comment", "stays", "said"),
    [
        ("# slurmfix: ignore", True, ""),
        ("# slurmfix: ignore until the wheels are there", True, ""),
        ("# slurmfix: ignore[activate] for now", True, ""),
        ("# slurmfix: ignore[install]", False, ""),
        ("# slurmfix ignore", True, "a colon belongs behind the name slurmfix"),
        ("# slurmfix: ingore", False, "slurmfix knows the words ignore and ignore-file only"),
        ("# slurmfix: ignore[activat]", False, "slurmfix has no rule of the name `activat`"),
        ("# slurmfix: ignore-file", False, "ignore-file counts only above the first empty line"),
        ("# slurmfix is what made this", False, ""),
    ],
)
def test_a_comment_takes_a_line_out_and_its_slips_are_named(folder, comment, stays, said):
    job = "#!/bin/bash\n#SBATCH --time=1:00:00\nmodule list\n\nconda activate myenv  {}\npython train.py\n"
    (folder / "job.sh").write_text(job.format(comment))
    done = run("job.sh")
    assert ("\n-conda activate myenv" not in done.stdout) == stays
    assert said in done.stderr if said else "comment" not in done.stderr


def test_a_rule_can_be_ignored_in_a_whole_file(folder):
    (folder / "job.sh").write_text(JOB.replace("#SBATCH", "# slurmfix: ignore-file[conda-module] ours\n#SBATCH"))
    report = json.loads(run("-o", "json", "job.sh").stdout)
    assert [each["rule"] for each in report["files"][0]["findings"]] == ["activate"]
