"""The module lines of scripts, held against the standard environment: only where somebody asks for that."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from slurmfix import knowledge
from slurmfix.cli import main
from slurmfix.recipe import moved_modules
from slurmfix.rules import RULES, loaded
from slurmfix.shell import read

PLAIN = "#!/bin/bash\n#SBATCH --time=1\nmodule load gcc/9.3.0 oddly/1.2\n./simulate\n"
RULE = next(rule for rule in RULES if rule.name == "module-line")


@pytest.fixture(autouse=True)
def frozen_tables():
    knowledge.use(str(Path(__file__).parent / "tables"))
    yield
    knowledge.use()


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLURMFIX_CONFIG", str(Path(__file__).parent / "tables" / "slurmfix.toml"))
    (tmp_path / ".git").mkdir()
    path = tmp_path / "job.sh"
    path.write_text(PLAIN, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("loads", "becomes"),
    [
        ("gcc/12.3", {}),
        ("gcc/12", {}),
        ("gcc", {}),
        ("StdEnv/2023 python/3.11.5 gcc/12.3", {}),
        ("gcc/9.3.0", {"gcc/9.3.0": "gcc/12.3"}),  # the next above
        ("mkl", {"mkl": "imkl"}),
        ("GCC/12.3.0", {"GCC/12.3.0": "gcc/12.3"}),
        ("Python/3.11.3-GCCcore-12.3.0", {"Python/3.11.3-GCCcore-12.3.0": "python/3.11"}),
        ("python/3.8.10", {"python/3.8.10": "python/3.10"}),
        ("python/2.7", {"python/2.7": ""}),  # no other Python runs its scripts
        ("oddly/1.2", {"oddly/1.2": ""}),
        ("httpproxy CCEnv arch/avx2", {}),
        ("nixpkgs/16.09 gcc/7.3.0", {"nixpkgs/16.09": "StdEnv/2023", "gcc/7.3.0": "gcc/12.3"}),
        ("StdEnv/2020 gcc/9.3.0", {"StdEnv/2020": "StdEnv/2023", "gcc/9.3.0": "gcc/12.3"}),
        ("StdEnv/2020 python/2.7 gcc/9.3.0", {"StdEnv/2020": ""}),  # which the old one alone has
        ("StdEnv/2020 oddly gcc/9.3.0", {"StdEnv/2020": "StdEnv/2023", "oddly": "", "gcc/9.3.0": "gcc/12.3"}),
        ("StdEnv/2026 gcc/15.3.0", {}),  # a newer one stays
        ("StdEnv/2018.3", {"StdEnv/2018.3": "StdEnv/2023"}),
    ],
)
def test_what_becomes_of_modules(loads, becomes):
    found = moved_modules(tuple(loads.split()), "2023")
    assert {name: moved.here for name, moved in found.items()} == becomes
    again = tuple(found[name].here if name in found and found[name].here else name for name in loads.split())
    assert not any(moved.here for moved in moved_modules(again, "2023").values())  # what was moved stays


def test_a_later_standard_environment_takes_the_place_of_an_older_one():
    moved = moved_modules(("StdEnv/2023", "gcc/12.3"), "2026")
    assert {name: each.here for name, each in moved.items()} == {"StdEnv/2023": "StdEnv/2026", "gcc/12.3": "gcc/15.3.0"}


@pytest.mark.parametrize("text", RULE.bad)
def test_what_the_rule_shows_is_moved(text):
    names = tuple(text[finding.span.start : finding.span.end] for finding in loaded(read(text)))
    assert any(moved.here for moved in moved_modules(names, "2023").values())


@pytest.mark.parametrize("text", RULE.good)
def test_what_the_rule_leaves_stays(text):
    names = tuple(text[finding.span.start : finding.span.end] for finding in loaded(read(text)))
    assert not moved_modules(names, "2023")


def test_without_the_option_a_plain_script_is_not_even_mentioned(job):
    done = CliRunner().invoke(main, ["job.sh"])
    assert (done.exit_code, done.stdout) == (0, "") and "module" not in done.stderr


def test_with_the_option_only_the_module_differs(job):
    done = CliRunner().invoke(main, ["--modules", "--write", "job.sh"])
    assert job.read_text(encoding="utf-8") == PLAIN.replace("gcc/9.3.0", "gcc/12.3")
    assert "oddly/1.2" in done.stderr and done.exit_code == 1
    assert CliRunner().invoke(main, ["--modules", "--write", "job.sh"]).stdout == ""


@pytest.mark.parametrize("option", ["--safe", "--ignore=module-line"])
def test_nothing_of_it_is_safe_and_all_of_it_can_be_ignored(job, option):
    CliRunner().invoke(main, ["--modules", option, "--write", "job.sh"])
    assert job.read_text(encoding="utf-8") == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("oddly/1.2", "# slurmfix: ignore"),
        PLAIN.replace("gcc/9.3.0 oddly/1.2", "$COMPILER"),
        PLAIN.replace("module load gcc/9.3.0 ", "module use /project/ours/modules; module load "),
    ],
)
def test_what_is_ignored_or_not_known_is_left_alone(job, text):
    job.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["--modules", "job.sh"])
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_profile_without_a_standard_environment_is_said(job):
    done = CliRunner().invoke(main, ["--modules", "--profile", "easybuild", "job.sh"])
    assert done.stdout == "" and "`--modules`" in done.stderr


def test_the_census_counts_modules_of_plain_scripts(job):
    rows = CliRunner().invoke(main, ["--modules", "--census", "."]).stdout.splitlines()
    assert "1\tmodule\tgcc\t9.3.0\t" in rows and "1\tmodule\toddly\t1.2\t" in rows
