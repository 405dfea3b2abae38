"""What a terminal gets: colours, links, the pager, the progress bar, and never a control character of the input."""

import os
import re
import subprocess
import sys

import forked
import pytest
from terminals import environ, in_terminal

from slurmfix.screen import has_links, wants_color

pytestmark = pytest.mark.slow

JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3 samtools
conda activate myenv
python train.py
conda deactivate
"""
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
LINKS = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")


@pytest.fixture
def folder(tmp_path):
    lab = tmp_path / "lab"
    (lab / ".git").mkdir(parents=True)
    (lab / "environment.yml").write_text("name: myenv\ndependencies:\n  - python=3.11\n  - numpy\n  - perl-json\n")
    (lab / "slurmfix.toml").write_text('to = "virtualenv"\n')
    (lab / "job.sh").write_text(JOB)
    return lab


def piped(folder, *words, **more):
    return forked.slurmfix(*words, cwd=folder, environ=environ(folder, **more))


# When to colour


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {"TERM": "xterm"}, True),
        ("auto", False, {"TERM": "xterm"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", True, {}, False),
        ("auto", True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "xterm", "CLICOLOR": "0"}, False),
        ("auto", True, {"TERM": "xterm", "CLICOLOR": "1"}, True),
        ("auto", False, {"CLICOLOR": "1"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ("auto", True, {"FORCE_COLOR": "0", "TERM": "xterm"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1", "TERM": "xterm"}, False),
    ],
)
def test_when_colours_are_used(choice, terminal, environment, expected):
    assert wants_color(choice, terminal, environment) is expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6800"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4200"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "screen", "VTE_VERSION": "6800"}, False),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"TERM": "screen", "FORCE_HYPERLINK": "1"}, True),
    ],
)
def test_where_links_are_used(environment, expected):
    assert has_links(environment) is expected


def test_a_pipe_gets_no_colours(folder):
    done = piped(folder, "job.sh")
    assert b"\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("words", [("job.sh",), ("--check", "job.sh"), ("-o", "text", ".")], ids=" ".join)
def test_colours_are_all_that_always_adds(folder, words):
    plain, colored = piped(folder, *words), piped(folder, "--color=always", *words)
    for before, after in ((plain.stdout, colored.stdout), (plain.stderr, colored.stderr)):
        assert ESCAPES.sub("", after.decode()) == before.decode()
        assert not before or before != after


def test_colours_are_all_that_always_adds_to_odd_bytes_too(folder):
    (folder / "job.sh").write_bytes(
        JOB.replace("train.py", "'\xe9t\xe9.py' \x07 \r").encode("latin-1").replace(b"\n", b"\r\n")
    )  # fmt: skip
    plain, colored = piped(folder, "job.sh").stdout, piped(folder, "--color=always", "job.sh").stdout
    assert b"\xe9" in plain
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", colored) == plain


@pytest.mark.parametrize("output_format", ["json", "sarif", "github", "html"])
def test_reports_for_programs_have_no_colours(folder, output_format):
    assert b"\x1b" not in piped(folder, "--color=always", "-o", output_format, "job.sh").stdout


def test_a_terminal_gets_colours_and_the_changed_word_stands_out(folder):
    output = in_terminal(folder, "job.sh", size=(100, 80)).output
    assert "\x1b[31m-conda activate myenv\x1b[m" in output
    assert "\x1b[7mminiconda3 \x1b[27msamtools" in output or "\x1b[7m miniconda3\x1b[27m samtools" in output
    assert "\x1b" not in in_terminal(folder, "job.sh", NO_COLOR="1").output
    assert "\x1b" not in in_terminal(folder, "job.sh", TERM="dumb").output


# What the input may not do


HOSTILE = "\x1b[2J\x1b]0;owned\x07\x08\x9b31m\u202e\u2028\r"


@pytest.mark.parametrize("words", [(), ("--check",)], ids=["diff", "check"])
def test_control_characters_never_reach_a_terminal(folder, words):
    (folder / "job.sh").write_text(JOB.replace("myenv", f"'my{HOSTILE}env'"))
    (folder / f"b{HOSTILE}.sh").write_text(JOB)
    for more in ({}, {"NO_COLOR": "1"}):
        output = in_terminal(folder, *words, "job.sh", f"b{HOSTILE}.sh", size=(200, 200), **more).output
        left = LINKS.sub("", ESCAPES.sub("", output)).replace("\x1b[K", "")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", left)
        assert "\\x1b" in left


def test_bytes_are_exact_where_no_terminal_is(folder):
    (folder / "job.sh").write_bytes(JOB.replace("train.py", "'\x1b[2J\x07\xff'").encode("latin-1"))
    assert b"\x1b[2J\x07\xff" in piped(folder, "job.sh").stdout


# What a person can act on


def test_what_to_check_and_what_to_do_next(folder):
    output = ESCAPES.sub("", in_terminal(folder, "job.sh", size=(100, 200)).output)
    assert "job.sh:4: [review] `perl-json` of the environment `myenv`: slurmfix leaves this package out" in output
    assert "1 file: 1 to change." in output
    assert "next: read the diff, then slurmfix --write job.sh" in output


def test_what_was_done(folder):
    done = piped(folder, "--write", "--accept-unknown", "job.sh")
    assert b"requirements-myenv.txt: new\n" in done.stderr
    assert b"avail_wheels --requirement requirements-myenv.txt --python 3.11 --not-available" in done.stderr
    assert b"next: on a login node: slurmfix --rehearse job.sh\n" in done.stderr
    assert b"1 file: 1 changed." in done.stderr


def test_links_lead_to_the_file(folder):
    output = in_terminal(folder, "job.sh", size=(100, 200), FORCE_HYPERLINK="1").output
    addresses = [address for address in LINKS.findall(output) if address]
    assert addresses
    assert all(re.fullmatch(r"file://[^/]*/.*/lab/job\.sh", address) for address in addresses)
    assert not LINKS.search(in_terminal(folder, "job.sh", size=(100, 200)).output)


@pytest.mark.parametrize("width", [50, 72, 120])
def test_remarks_keep_to_the_width(folder, width):
    output = ESCAPES.sub("", in_terminal(folder, "job.sh", size=(100, width)).output)
    remarks = output[output.index("job.sh:4: [review]") :].split("1 file:")[0]
    assert all(len(line) <= width for line in remarks.splitlines())
    assert " ".join(remarks.split()).startswith(
        "job.sh:4: [review] `perl-json` of the environment `myenv`: slurmfix leaves"
    )


# The pager


def pager(folder, script="cat > paged.txt"):
    file = folder / "pager.sh"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_what_is_longer_than_the_screen_goes_through_the_pager(folder):
    in_terminal(folder, "job.sh", size=(10, 80), PAGER=pager(folder))
    assert "conda activate myenv" in (folder / "paged.txt").read_text()


def test_what_fits_does_not(folder):
    in_terminal(folder, "job.sh", size=(200, 80), PAGER=pager(folder))
    assert not (folder / "paged.txt").exists()


def test_slurmfix_pager_wins_and_may_have_words(folder):
    words = {"SLURMFIX_PAGER": f"{pager(folder)} --fast", "PAGER": "false"}
    in_terminal(folder, "job.sh", size=(10, 80), **words)
    assert (folder / "paged.txt").exists()


@pytest.mark.parametrize("named", ["", "cat", "no-such-program", "'unclosed"])
def test_without_a_pager_it_is_printed(folder, named):
    output = in_terminal(folder, "job.sh", size=(10, 80), SLURMFIX_PAGER=named, PAGER=pager(folder)).output
    assert "virtualenv" in output
    assert not (folder / "paged.txt").exists()


def test_less_is_told_what_git_tells_it(folder):
    in_terminal(folder, "job.sh", size=(10, 80), PAGER=pager(folder, "echo $LESS > paged.txt"))
    assert (folder / "paged.txt").read_text() == "FRX\n"
    in_terminal(folder, "job.sh", size=(10, 80), PAGER=pager(folder, "echo $LESS > paged.txt"), LESS="-S")
    assert (folder / "paged.txt").read_text() == "-S\n"


def test_a_pager_that_is_left_early_is_no_error(folder):
    done = in_terminal(folder, "job.sh", size=(10, 80), PAGER=pager(folder, "exit 0"))
    assert done.returncode == 1
    assert "Traceback" not in done.output


def test_a_pipe_has_no_pager(folder):
    piped(folder, "job.sh", PAGER=pager(folder))
    assert not (folder / "paged.txt").exists()


def test_a_pipe_that_closes_is_no_traceback(folder):
    for number in range(50):
        (folder / f"job{number}.sh").write_text(JOB)
    read, write = os.pipe()
    run = subprocess.Popen(
        [sys.executable, "-m", "slurmfix", "."], cwd=folder, env=environ(folder), stdout=write, stderr=subprocess.PIPE
    )  # fmt: skip
    os.close(write)
    os.close(read)
    _, errors = run.communicate()
    assert b"Traceback" not in errors
    assert run.returncode == 2


# The progress bar


def test_the_bar_is_gone_afterwards(folder):
    for number in range(300):
        (folder / f"job{number}.sh").write_text(JOB)
    output = in_terminal(folder, "--check", "-j", "1", ".", size=(50, 60)).output
    drawn = re.findall(r"\r([^\r\n]*? of 301 files)", output)
    assert drawn
    assert all(len(bar) <= 60 for bar in drawn)
    assert re.search(r"of 301 files\r\x1b\[K", output)
    assert " of 301 files" not in output.rsplit("\r\x1b[K", 1)[1]


def test_there_is_no_bar_where_no_terminal_is(folder):
    for number in range(60):
        (folder / f"job{number}.sh").write_text(JOB)
    assert b"\r" not in piped(folder, "--check", ".").stderr
    assert " of 61 files" not in in_terminal(folder, "--check", ".", TERM="dumb").output
