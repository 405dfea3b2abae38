"""The commands in the documents do what the documents show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from slurmfix.remarks import messages

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
EXAMPLE = re.compile(r"<!-- in: ([\w-]+) -->")
DOCUMENTS = [path for path in sorted((ROOT / "docs").glob("*.md")) if BLOCK.search(path.read_text())]


def run(command: str, folder: Path, programs: Path) -> str:
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(folder),
        "XDG_STATE_HOME": f"{folder}-state",
        "LC_ALL": "C.UTF-8",
        "SLURMFIX_TEMPLATES": str(ROOT / "slurmfix" / "templates"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def shown(document: str, folder: Path, programs: Path) -> str:
    """The document with what its commands print today."""

    def played(block: re.Match[str]) -> str:
        lines = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{run(line[2:], folder, programs)}" for line in lines) + "```"

    return BLOCK.sub(played, document)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_shows_what_its_commands_print(path: Path, tmp_path: Path) -> None:
    document = path.read_text()
    example = EXAMPLE.search(document)
    assert example is not None, "it names no example to run its commands in"
    folder = tmp_path / "job"
    shutil.copytree(ROOT / "examples" / example[1] / "before", folder)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".git" / "info" / "exclude").write_text("*.patch\n*.txt\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "slurmfix").write_text(f'#!/bin/sh\nexec {sys.executable} -m slurmfix "$@"\n')
    (programs / "slurmfix").chmod(0o755)
    today = shown(document, folder, programs)
    if os.environ.get("WRITE_DOCS"):
        path.write_text(today)
    assert today == document, f"WRITE_DOCS=1 pytest {Path(__file__).name} writes what they print today"


# A command in an indented block; what stands behind blanks and a `#` is said of it.
TYPED = re.compile(r"^    (slurmfix .*?)(?:\s{2,}#.*)?$", re.M)
# These need what no test has: a cluster to rehearse on, somebody who answers.
NEEDS_MORE = ("--rehearse", " -i ")


def typed_commands() -> list[str]:
    texts = [path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    found = dict.fromkeys(command for text in texts for command in TYPED.findall(text))
    return [command for command in found if not any(each in command for each in NEEDS_MORE)]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("command", typed_commands())
def test_a_command_that_a_document_names_does_its_work(command: str, language: str, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    shutil.copytree(ROOT / "examples" / "gpu-training" / "before", folder)
    shutil.copytree(folder, folder / "scripts")
    (folder / ".bashrc").write_text(
        "# >>> conda initialize >>>\nsource ~/miniconda3/etc/profile.d/conda.sh\n# <<< conda initialize <<<\n"
    )
    for name in (".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"):
        (folder / name).mkdir(parents=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, line in (("slurmfix", f'exec {sys.executable} -m slurmfix "$@"'), ("sbatch", "bash -n")):
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    before = "slurmfix --write --accept-unknown job.sh > done; " if "--undo" in command else ""
    stdin = " < job.sh" if command.endswith(" -") else ""
    told = run(f"export LANGUAGE={language}; ({before}{command}{stdin}); echo status $?", folder, programs)
    assert re.search(r"^status [01]$", told, re.M), told
    assert "Traceback" not in told


def test_there_are_documents() -> None:
    assert {"first-conversion", "support-teams", "premiere-conversion"} <= {path.stem for path in DOCUMENTS}


def test_the_messages_that_the_page_on_what_is_left_names_are_there() -> None:
    names = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", (ROOT / "docs" / "leftovers.md").read_text()))
    assert len(names) > 20
    assert names <= {message.id for message in messages()}


CITED = re.compile(r"`(test_\w+\.py)`(?:: ((?:`\w+`(?:, )?)+))?")


def test_the_tests_that_the_page_on_robustness_names_are_there() -> None:
    cited = CITED.findall((ROOT / "docs" / "robustness.md").read_text())
    assert len(cited) > 30
    for file, names in cited:
        text = (ROOT / "tests" / file).read_text()
        for name in re.findall(r"\w+", names):
            assert f"def test_{name}(" in text, (file, name)
