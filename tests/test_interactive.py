"""`--interactive` in a terminal: what is asked, what is written, and that no answer breaks a script."""

import subprocess
import sys

import pytest
from terminals import environ, in_terminal

pytestmark = pytest.mark.slow

JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
python train.py
conda info
conda deactivate
"""
AGREED = ["conda activate myenv", "miniconda3", "conda deactivate", "profile.d"]


@pytest.fixture
def folder(tmp_path):
    lab = tmp_path / "lab"
    (lab / ".git").mkdir(parents=True)
    (lab / "environment.yml").write_text("name: myenv\ndependencies:\n  - python=3.11\n  - numpy\n")
    (lab / "job.sh").write_text(JOB)
    return lab


def text(folder, name="job.sh"):
    return (folder / name).read_bytes().decode()


def converted(folder):
    """The script as --write makes it."""
    done = subprocess.run(
        [sys.executable, "-m", "slurmfix", "--write", "--accept-unknown", "job.sh"],
        cwd=folder, env=environ(folder), capture_output=True
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = text(folder)
    (folder / "job.sh").write_text(JOB)
    (folder / "requirements-myenv.txt").unlink()
    return found


def test_yes_to_all_is_write(folder):
    expected = converted(folder)
    done = in_terminal(folder, "-i", "job.sh", answers="y y")
    assert "(1/2) Apply this change to job.sh [y,n,a,d,q,e,?]? " in done.output
    assert text(folder) == expected
    assert (folder / "requirements-myenv.txt").exists()
    assert done.returncode == 0


def test_a_applies_the_rest_of_the_script(folder):
    expected = converted(folder)
    assert in_terminal(folder, "-i", "job.sh", answers="a").returncode == 0
    assert text(folder) == expected


def test_the_rewrite_is_one_question_and_what_stands_alone_another(folder):
    in_terminal(folder, "-i", "job.sh", answers="y n")
    assert "conda info" in text(folder)
    assert not any(words in text(folder) for words in AGREED)


def test_the_other_way_round_everything_that_belongs_together_stays(folder):
    done = in_terminal(folder, "-i", "job.sh", answers="n y")
    assert text(folder) == JOB.replace("conda info\n", "")
    assert not (folder / "requirements-myenv.txt").exists()
    assert done.returncode == 1


@pytest.mark.parametrize("answers", ["n n", "d", "q"])
def test_no_changes_nothing(folder, answers):
    assert in_terminal(folder, "-i", "job.sh", answers=answers).returncode == 1
    assert text(folder) == JOB
    assert not (folder / "requirements-myenv.txt").exists()


def test_the_end_of_the_input_means_no(folder):
    assert in_terminal(folder, "-i", "job.sh", end=True).returncode == 1
    assert text(folder) == JOB


def test_what_was_agreed_to_before_the_end_is_written(folder):
    in_terminal(folder, "-i", "job.sh", answers="y", end=True)
    assert "virtualenv" in text(folder)
    assert "conda info" in text(folder)


@pytest.mark.parametrize("typed", [b"y\ny\n", b""])
def test_without_a_terminal_nothing_is_asked(folder, typed):
    done = subprocess.run(
        [sys.executable, "-m", "slurmfix", "-i", "job.sh"], cwd=folder, input=typed, capture_output=True,
        env=environ(folder), check=False,
    )  # fmt: skip
    assert text(folder) == JOB
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"asks in a terminal" in done.stderr


def test_q_ends_all_scripts_and_d_only_one(folder):
    (folder / "other.sh").write_text(JOB)
    in_terminal(folder, "-i", "job.sh", "other.sh", answers="d a")
    assert (text(folder), "virtualenv" in text(folder, "other.sh")) == (JOB, True)
    (folder / "other.sh").write_text(JOB)
    in_terminal(folder, "-i", "job.sh", "other.sh", answers="q a")
    assert (text(folder), text(folder, "other.sh")) == (JOB, JOB)


def test_a_question_mark_explains_and_asks_again(folder):
    done = in_terminal(folder, "-i", "job.sh", answers="? what q")
    assert done.output.count("(1/2)") == 3
    assert "y - apply this change" in done.output


def test_each_question_shows_its_change_and_why(folder):
    done = in_terminal(folder, "-i", "job.sh", answers="y n", NO_COLOR="1")
    first, second = done.output.split("(1/2)")
    assert "-conda activate myenv" in first
    assert "+numpy" in first
    assert "-conda info" not in first
    assert "job.sh:5:1: activate [review] activates the conda environment myenv" in first
    assert "-conda info" in second


def edited(folder, script, answers):
    """With an editor that runs a sed script."""
    editor = folder / "editor.sh"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    return in_terminal(folder, "-i", "job.sh", answers=answers, EDITOR=str(editor))


def test_e_writes_what_the_person_made_of_it(folder):
    done = edited(folder, "sed -i 's/--no-download/--no-download --clear/' \"$1\"", "e n")
    assert "virtualenv --no-download --clear" in text(folder)
    assert "conda info" in text(folder)
    assert (folder / "requirements-myenv.txt").exists()
    assert done.returncode == 1


def test_e_that_leaves_the_script_as_it_was_means_no(folder):
    edited(folder, ': > "$1"', "e n")
    assert text(folder) == JOB


def test_e_that_breaks_a_promise_writes_nothing(folder):
    done = edited(folder, "sed -i 's/^#SBATCH.*/#SBATCH --time=9:00:00/' \"$1\"", "e n")
    assert text(folder) == JOB
    assert not (folder / "requirements-myenv.txt").exists()
    assert "#SBATCH" in done.output.rsplit("(2/2)", 1)[1]
    assert done.returncode == 3


def test_e_in_the_place_of_another_question_asks_again(folder):
    done = edited(folder, "sed -i '/^conda info/d' \"$1\"", "e n n")
    assert "another question is about" in done.output
    assert text(folder) == JOB


def test_an_edit_that_is_no_text_asks_again(folder):
    done = edited(folder, "printf '\\0x' >> \"$1\"", "e q")
    assert "it holds NUL bytes" in done.output and "Traceback" not in done.output
    assert text(folder) == JOB


def test_e_without_an_editor_says_why(folder):
    done = in_terminal(folder, "-i", "job.sh", answers="e q")
    assert "neither VISUAL nor EDITOR names an editor" in done.output


def test_an_editor_that_fails_asks_again(folder):
    done = edited(folder, "exit 3", "e q")
    assert "the editor ended with status 3" in done.output
    assert text(folder) == JOB


def test_crlf_stays_crlf(folder):
    (folder / "job.sh").write_bytes(JOB.replace("\n", "\r\n").encode())
    edited(folder, "sed -i 's/--no-download/--no-download --clear/' \"$1\"", "e n")
    assert "--clear" in text(folder)
    assert text(folder).count("\n") == text(folder).count("\r\n")


def test_an_environment_file_is_one_question(folder):
    in_terminal(folder, "-i", "environment.yml", answers="n")
    assert not (folder / "requirements-myenv.txt").exists()
    in_terminal(folder, "-i", "environment.yml", answers="y")
    assert "numpy" in text(folder, "requirements-myenv.txt")


@pytest.mark.parametrize("words", [("-o", "json"), ("--check",), ("-",), ("--write",)], ids=" ".join)
def test_it_goes_with_no_other_output(folder, words):
    done = subprocess.run(
        [sys.executable, "-m", "slurmfix", "-i", "job.sh", *words], cwd=folder, capture_output=True,
        env=environ(folder), check=False, input=b"",
    )  # fmt: skip
    assert done.returncode == 2
    assert b"Usage" in done.stderr
