"""The census: what the environments of a folder's scripts ask for and the cluster lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from slurmfix.cli import main


def test_the_census_counts_what_scripts_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    listed = "name: tools\ndependencies:\n  - python=3.11\n  - numpy=1.11\n  - nowhere-package\n"
    (tmp_path / "environment.yml").write_text(listed, encoding="utf-8")
    for name in ("a.sh", "b.sh"):
        loads = "module load oddly/1.2\n" if name == "a.sh" else ""
        script = f"#!/bin/bash\n#SBATCH --time=1\n{loads}conda activate tools\npython x.py\n"
        (tmp_path / name).write_text(script, encoding="utf-8")
    done = CliRunner().invoke(main, ["--census", "--to", "virtualenv", "."])
    assert done.exit_code == 1
    head, *rows = (line.split("\t") for line in done.stdout.splitlines())
    assert head == ["scripts", "lack", "name", "asked for", "environments"]
    assert ["2", "version", "numpy", "==1.11.*", "tools"] in rows and ["1", "module", "oddly", "1.2", "tools"] in rows
    assert any(row[:1] == ["2"] and row[2] == "nowhere-package" for row in rows)
    assert [int(row[0]) for row in rows] == sorted((int(row[0]) for row in rows), reverse=True)


@pytest.mark.parametrize("profile", ["alliance", "easybuild"])
def test_the_census_counts_what_an_image_alone_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "environment.yml").write_text(
        "name: tools\ndependencies: [r-nowhere, perl-nowhere]\n", encoding="utf-8"
    )
    script = "#!/bin/bash\n#SBATCH --time=1\nconda activate tools\nperl x.pl\n"
    (tmp_path / "a.sh").write_text(script, encoding="utf-8")
    done = CliRunner().invoke(main, ["--census", "--profile", profile, "."])
    assert "1\tpackage\tperl-nowhere\t\ttools\n" in done.stdout


def test_the_census_counts_what_no_module_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "environment.yml").write_text(
        "name: tools\ndependencies: [numpy, rich-argparse=1.4]\n", encoding="utf-8"
    )
    script = "#!/bin/bash\n#SBATCH --time=1\nconda activate tools\npython x.py\n"
    (tmp_path / "a.sh").write_text(script, encoding="utf-8")
    done = CliRunner().invoke(main, ["--census", "--profile", "easybuild", "."])
    assert done.stdout.splitlines()[1:] == ["1\tpip\trich-argparse\t==1.4.*\ttools"]


def test_the_census_of_a_folder_that_lacks_nothing_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sh").write_text("#!/bin/bash\n#SBATCH --time=1\npython x.py\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["--census", "."]).stdout == ""
