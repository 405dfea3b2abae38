"""The manual pages, the man page, completions and the version: all made from one source, and current."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import forked
import pytest
from terminals import Typed, environ

from slurmfix.rules import RULES

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE / "tools"))

import make_rules_page  # noqa: E402
import make_shell_files  # noqa: E402


def slurmfix(folder, *words, **more):
    return forked.slurmfix(*words, cwd=folder, environ=environ(folder, **more), text=True)


def test_the_rules_page_is_current():
    assert make_rules_page.PAGE.read_text(encoding="utf-8") == make_rules_page.rules_page(), (
        "run tools/make_rules_page.py"
    )


@pytest.mark.parametrize("name", make_shell_files.MADE)
def test_the_shells_files_are_current(name):
    made = make_shell_files.MADE[name]()
    assert (make_shell_files.SHARE / name).read_text(encoding="utf-8") == made, "run tools/make_shell_files.py"


def test_the_wheel_carries_them():
    listed = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    for name in make_shell_files.MADE:
        assert f'"share/{Path(name).parent}" = ["share/{name}"]' in listed


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_every_rule_explains_itself(tmp_path, name):
    done = slurmfix(tmp_path, "--explain", name)
    assert done.returncode == 0
    assert all(title in done.stdout for title in ("What it finds", "Why it matters", "Instead", "Fix safety"))


@pytest.mark.parametrize("name", ["safe", "review", "manual", "module", "dropped", "unknown"])
def test_applicabilities_and_classes_explain_themselves(tmp_path, name):
    done = slurmfix(tmp_path, "--explain", name)
    assert done.returncode == 0
    assert "What to do" in done.stdout


def test_what_is_not_there_to_explain_is_named_with_what_is_near(tmp_path):
    done = slurmfix(tmp_path, "--explain", "revue")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'review'?" in done.stderr


def test_rules_are_listed(tmp_path):
    done = slurmfix(tmp_path, "--rules")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [rule.name for rule in RULES]


def test_the_version_says_how_old_the_tables_are(tmp_path):
    first, *rest = slurmfix(tmp_path, "--version").stdout.splitlines()
    assert re.fullmatch(r"slurmfix, version \d+\.\d+\.\d+", first)
    assert rest
    assert all(re.fullmatch(r"tables of \d{4}-\d\d-\d\d: \w+(, \w+)*", line) for line in rest)
    tables = {path.stem for path in (HERE / "slurmfix" / "knowledge").glob("*.tsv")}
    assert {name for line in rest for name in line.split(": ")[1].split(", ")} == tables


@pytest.mark.skipif(not which("groff"), reason="groff is not installed")
def test_the_man_page_is_right_by_groff():
    page = make_shell_files.SHARE / "man/man1/slurmfix.1"
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True, check=True)
    assert done.stderr == ""


# Completion, as the shells do it


def completed(*words):
    """What bash proposes for the last word."""
    script = make_shell_files.SHARE / "bash-completion/completions/slurmfix"
    typed = " ".join(f"'{word}'" for word in words)
    told = f"COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}"
    line = f"source '{script}'; {told}; _slurmfix; echo \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, cwd=HERE)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("slurmfix", "--expl"), ["--explain"]),
        (("slurmfix", "--out"), ["--output-format"]),
        (("slurmfix", "-o", ""), ["diff", "text", "json", "sarif", "github", "html"]),
        (("slurmfix", "--to", "app"), ["apptainer"]),
        (("slurmfix", "--to", "=", "app"), ["apptainer"]),
        (("slurmfix", "--to", "="), ["auto", "virtualenv", "apptainer", "tykky", "condatainer", "cotainr"]),
        (("slurmfix", "--profile", "nar"), ["narval"]),
        (("slurmfix", "--explain", "act"), ["activate"]),
        (("slurmfix", "pyproj"), ["pyproject.toml"]),
        (("slurmfix", "-j", ""), []),
    ],
)
def test_bash_completes(words, expected):
    assert completed(*words) == expected


def test_bash_completes_every_option():
    every = completed("slurmfix", "--")
    assert {"--help", "--version", "--interactive", "--show-config", "--env"} <= set(every)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_completions(shell):
    if not which(shell):
        pytest.skip(f"{shell} is not installed")
    name = {"zsh": "zsh/site-functions/_slurmfix", "fish": "fish/vendor_completions.d/slurmfix.fish"}[shell]
    subprocess.run([shell, "-n", make_shell_files.SHARE / name], check=True, capture_output=True)


# What is typed, and what it becomes: the same for the three shells.
COMPLETED = [
    ("--expl", "--explain"),
    ("--profile narv", "narval"),
    ("--output-format sa", "sarif"),
    ("--explain conda-mo", "conda-module"),
]


@pytest.mark.parametrize(("words", "expected"), COMPLETED)
def test_fish_completes(words, expected, tmp_path):
    if not which("fish"):
        pytest.skip("fish is not installed")
    script = make_shell_files.SHARE / "fish" / "vendor_completions.d" / "slurmfix.fish"
    told = ["fish", "--no-config", "-c", f"source '{script}'; complete -C 'slurmfix {words}'"]
    done = subprocess.run(told, capture_output=True, text=True, check=True, env={**os.environ, "HOME": str(tmp_path)})
    assert expected in [line.split("\t")[0] for line in done.stdout.splitlines()], done


@pytest.mark.parametrize(("words", "expected"), COMPLETED)
def test_bash_completes_what_is_typed(words, expected, tmp_path):
    script = make_shell_files.SHARE / "bash-completion/completions/slurmfix"
    shell = Typed(["bash", "--norc", "--noprofile", "-i"], tmp_path)
    try:
        shell.type(f"source '{script}'; echo REA''DY\n")
        shell.until("READY")
        shell.type(f"slurmfix {words}\t")
        assert f"{expected} " in shell.until(f"{expected} ")
    finally:
        shell.close()


@pytest.mark.parametrize(("words", "expected"), COMPLETED)
def test_zsh_completes(words, expected, tmp_path):
    if not which("zsh"):
        pytest.skip("zsh is not installed")
    folder = make_shell_files.SHARE / "zsh" / "site-functions"
    start = f"fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -u -D; print REA''DY\n"
    shell = Typed(["zsh", "-f", "-i"], tmp_path)
    try:
        shell.type(start)
        shell.until("READY")
        shell.type(f"slurmfix {words}\t")
        assert f"{expected} " in shell.until(f"{expected} ")
    finally:
        shell.close()
