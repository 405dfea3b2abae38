"""A first profile of a cluster: from its modules, its variables and its programs, and read again as a profile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from slurmfix import knowledge
from slurmfix.cli import main
from slurmfix.survey import Survey, first_profile

FLAT = {"Python": ("Python/3.11.3-GCCcore-12.3.0", "Python/3.10.8-GCCcore-12.2.0", "Python/3.9.6-GCCcore-11.2.0")}
DEEP = {"Python": ("Python/3.11.3", "Python/3.12.3")}
DAY = date(2026, 11, 30)


def made(
    folder: Path,
    modules: Mapping[str, tuple[str, ...]],
    variables: Mapping[str, str] | None = None,
    programs: tuple[str, ...] = (),
) -> knowledge.Profile:
    survey = Survey(
        lambda name: modules.get(name, ()), variables or {}, lambda name: name if name in programs else None
    )
    (folder / "ours.toml").write_text(first_profile(survey, DAY), encoding="utf-8")
    return knowledge.profile(str(folder / "ours.toml"))


def test_a_flat_tree_of_easybuild(tmp_path: Path) -> None:
    found = made(tmp_path, FLAT, {"VSC_DATA": "/data", "TMPDIR": "/tmp"}, ("apptainer",))
    assert (found.naming, found.generations) == ("flat", ("2023a", "2022b"))
    assert (found.place, found.tmpdir, found.image_tool) == ("$VSC_DATA/virtualenvs", "$TMPDIR", "apptainer")
    assert not found.checked and found.date == "2026-11-30" and not found.wheelhouse


def test_a_hierarchy_of_easybuild(tmp_path: Path) -> None:
    found = made(tmp_path, DEEP, programs=("conda-containerize",))
    assert (found.naming, found.generations, found.image_tool) == ("hierarchical", ("2024a", "2023a"), "tykky")


def test_modules_that_are_sorted_by_class(tmp_path: Path) -> None:
    found = made(tmp_path, {"lang/Python": ("lang/Python/3.11.5-GCCcore-13.2.0",)})
    assert (found.naming, found.generations) == ("by-class", ("2023b",))


@pytest.mark.parametrize(("module", "wanted"), [("StdEnv", "alliance"), ("EESSI", "eessi")])
def test_a_stack_is_told_by_its_module(tmp_path: Path, module: str, wanted: str) -> None:
    found, base = made(tmp_path, {module: (f"{module}/2023",), **FLAT}), knowledge.profile(wanted)
    assert (found.stdenv, found.generations, found.wheelhouse) == (base.stdenv, base.generations, base.wheelhouse)


def test_a_cluster_of_which_nothing_is_known_stands_on_the_generic_one(tmp_path: Path) -> None:
    found = made(tmp_path, {}, {"SLURM_CLUSTER_NAME": 'evil"\n[image]\n'})
    assert found.says == "evilimage" and not found.has_modules and found.image_tool == "apptainer"


def test_the_option_asks_lmod_and_prints_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lmod = tmp_path / "lmod"
    said = "\n".join(FLAT["Python"])
    lmod.write_text(f"#!/bin/sh\n[ \"$4\" = Python ] && printf '%s\\n' '{said}' >&2\n", encoding="utf-8")
    lmod.chmod(0o755)
    monkeypatch.setenv("LMOD_CMD", str(lmod))
    done = CliRunner().invoke(main, ["--make-profile"])
    assert done.exit_code == 0 and 'extends = "easybuild"' in done.stdout
    assert 'generations = ["2023a", "2022b"]' in done.stdout


def test_the_option_asks_for_names_behind_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lmod = tmp_path / "lmod"
    said = "lang/Python/3.11.5-GCCcore-13.2.0"
    lmod.write_text(f"#!/bin/sh\n[ \"$4\" = lang/Python ] && printf '%s\\n' '{said}' >&2\n", encoding="utf-8")
    lmod.chmod(0o755)
    monkeypatch.setenv("LMOD_CMD", str(lmod))
    assert 'naming = "by-class"' in CliRunner().invoke(main, ["--make-profile"]).stdout
