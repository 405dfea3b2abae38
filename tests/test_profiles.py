"""Profiles as files: on top of another, from a site's folder or by path, checked as a configuration is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from slurmfix import knowledge
from slurmfix.cli import main

OURS = """
extends = "alliance"
says = "our cluster"
date = "2026-11-29"
[virtualenv]
make = "python3 -m venv --system-site-packages"
place = "$OUR_SCRATCH/${SLURM_JOB_ID:-0}"
[packages]
pip-options = ["--no-index", "--no-cache-dir"]
"""
JOB = "#!/bin/bash\n#SBATCH --time=1:00:00\nconda activate tools\npython work.py\n"
ENVIRONMENT = "name: tools\ndependencies: [python=3.11, numpy]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SLURMFIX_PROFILES", raising=False)
    monkeypatch.delenv("CC_CLUSTER", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "job.sh").write_text(JOB, encoding="utf-8")
    (tmp_path / "environment.yml").write_text(ENVIRONMENT, encoding="utf-8")
    (tmp_path / "ours.toml").write_text(OURS, encoding="utf-8")
    return tmp_path


def test_a_profile_stands_on_top_of_another(folder: Path) -> None:
    ours, base = knowledge.profile(str(folder / "ours.toml")), knowledge.profile("alliance")
    assert ours.says == "our cluster" and ours.install_options == ("--no-index", "--no-cache-dir")
    assert ours.stdenv == base.stdenv and ours.binds == base.binds and ours.notes == base.notes


def test_a_job_is_rewritten_as_the_sites_own_profile_says(folder: Path) -> None:
    (folder / "slurmfix.toml").write_text('profile = "./ours.toml"\n', encoding="utf-8")
    done = CliRunner().invoke(main, ["job.sh"])
    assert '+python3 -m venv --system-site-packages "$OUR_SCRATCH/${SLURM_JOB_ID:-0}/tools"' in done.stdout
    assert "+pip install --no-index --no-cache-dir -r" in done.stdout


@pytest.mark.parametrize(
    ("header", "told"), [("", True), ("#SBATCH --gres=gpu:1\n", True), ("#SBATCH --gres=localscratch:5G\n", False)]
)
def test_scratch_that_has_to_be_asked_for_is_told(folder: Path, header: str, told: bool) -> None:
    text = f'{OURS}[nodes]\nscratch-option = "--gres=localscratch:20G"\n'
    (folder / "ours.toml").write_text(text, encoding="utf-8")
    (folder / "job.sh").write_text(JOB.replace("conda", f"{header}conda", 1), encoding="utf-8")
    done = CliRunner().invoke(main, ["--profile", "./ours.toml", "job.sh"])
    assert ("write `#SBATCH --gres=localscratch:20G` below the other `#SBATCH` lines" in done.stderr) is told


def test_of_an_environment_that_nobody_knows_nothing_is_written(folder: Path) -> None:
    (folder / "environment.yml").unlink()
    done = CliRunner().invoke(main, ["--profile", "hpc2n", "--write", "job.sh"])
    assert (folder / "job.sh").read_text(encoding="utf-8") == JOB and "accept-unknown" in done.stderr


def test_a_sites_folder_of_profiles_is_asked_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURMFIX_PROFILES", f"/nowhere:{folder}")
    assert "ours" in knowledge.profile_names() and "fir" in knowledge.profile_names()
    done = CliRunner().invoke(main, ["--profile", "ours", "job.sh"])
    assert "$OUR_SCRATCH" in done.stdout and done.exit_code == 1


def test_tables_lie_beside_a_profile(folder: Path) -> None:
    (folder / "tables").mkdir()
    (folder / "tables/wheel_versions.tsv").write_text("numpy\t3.11:0.1\n", encoding="utf-8")
    (folder / "ours.toml").write_text(f'tables = "tables"\n{OURS}', encoding="utf-8")
    assert knowledge.profile(str(folder / "ours.toml")).tables == str(folder / "tables")
    try:
        CliRunner().invoke(main, ["--profile", "./ours.toml", "job.sh"])
        assert knowledge.wheel_versions("numpy", "3.11") == ("0.1",)
    finally:
        knowledge.use()


def test_a_wrong_table_beside_a_profile_is_an_error_of_use(folder: Path) -> None:
    (folder / "wheel_versions.tsv").write_text("\t3.11:0.1\n", encoding="utf-8")
    (folder / "ours.toml").write_text(f'tables = "."\n{OURS}', encoding="utf-8")
    done = CliRunner().invoke(main, ["--profile", "./ours.toml", "job.sh"])
    assert done.exit_code == 2 and "wheel_versions.tsv:1: package must be a name" in done.stderr


def test_the_profiles_are_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURMFIX_PROFILES", str(folder))
    (folder / "ours.toml").write_text(f"checked = false\n{OURS}", encoding="utf-8")
    done = CliRunner().invoke(main, ["--profiles"])
    listed = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert set(listed) == set(knowledge.profile_names()) and done.exit_code == 0
    assert listed["ours"].endswith("our cluster (2026-11-29, not checked on the cluster)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[modules]\ncpu-tre = 'x'\n", "ours.toml:2: unknown key 'modules.cpu-tre', did you mean 'modules.cpu-tree'?"),
        ("\nstdenv = '2023'\n", "ours.toml:2: unknown key 'stdenv'"),
        ("modules = 3\n", "modules must be a section"),
        ("[packages]\nwheelhouse = 'yes'\n", "ours.toml:2: packages.wheelhouse must be true or false, not 'yes'"),
        ("[packages]\npip-options = '--no-index'\n", "packages.pip-options must be a list of options of pip"),
        ("[packages]\npip-options = ['--no-index; reboot']\n", "packages.pip-options must be a list of options of pip"),
        ("[virtualenv]\nmake = 'virtualenv $(reboot)'\n", "virtualenv.make must be a command without shell characters"),
        ("[virtualenv]\nplace = '$(reboot)'\n", "virtualenv.place must be a folder"),
        ("[virtualenv]\nplace = 'venvs'\n", "virtualenv.place must be a folder that begins with / or a variable"),
        ("[virtualenv]\nplace = '/a\"b'\n", "virtualenv.place must be a folder"),
        ("[virtualenv]\nplace = '${A:-`reboot`}'\n", "virtualenv.place must be a folder"),
        ("[virtualenv]\nmade = 'never'\n", "virtualenv.made must be job or home, not 'never'"),
        ("[image]\nbinds = ['project']\n", "image.binds must be a list of folders that begin with /"),
        ("says = 'one\\ntwo'\n".replace("'", '"'), "says must be a line of text"),
        ("date = 'today'\n", "ours.toml:1: date must be a day such as 2026-11-29"),
        ("extends = 3\n", "extends must be the name or the path of a profile"),
        ("extends = 'nowhere'\n", "there is no profile `nowhere`"),
        ("extends = './ours.toml'\n", "profiles that extend each other"),
        ("extends = './gone.toml'\n", "gone.toml: No such file"),
        ("[modules]\ngenerations = ['2023z 2023']\n", "ours.toml:2: no table knows the generation '2023z'; take"),
        ("tables = 'nowhere'\n", "nowhere: there is no such folder of tables"),
        ("what = = 3\n", "not TOML that can be read"),
        ("# " + "x" * 200_000, "larger than 100000 bytes"),
    ],
)
def test_a_profile_that_is_wrong_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / "ours.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["--profile", "./ours.toml", "job.sh"])
    assert done.exit_code == 2 and said in done.stderr and done.stdout == ""


def test_a_profile_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "ours.toml").write_bytes("says = 'é'\n".encode("latin-1"))
    with pytest.raises(knowledge.BadProfile, match="not TOML that can be read"):
        knowledge.profile(str(folder / "ours.toml"))


@pytest.mark.parametrize("name", knowledge.profile_names())
def test_the_shipped_profiles_are_read_and_say_where_they_come_from(name: str) -> None:
    found = knowledge.profile(name)
    assert found.says and found.source and found.date
    assert found.stdenv in ("", *(each.year for each in knowledge.standard_environments()))
