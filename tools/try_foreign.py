"""Converts anybody's shell scripts with an activation put in: `python tools/try_foreign.py FOLDER… [--lines 3]`.

What nobody wrote for slurmfix shows what slurmfix does not expect. An activation is put in at top-level lines: bash
reads what stands in front of such a line as a whole script, and the whole with the activation. So one thing alone must
come of it, the lines of the new environment in the place of the activation, and each other byte as it was. What else
comes is counted in rows, with the scripts below; the exit status is 1 unless all rows are 0. Scripts are read, never
run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from slurmfix import batch, files
from slurmfix.config import Settings
from slurmfix.files import Found
from slurmfix.outcome import Outcome

ACTIVATION = "conda activate foreign\n"
BLOCK = (("module load ",), ("virtualenv ",), ("source ", ". "), ("pip install ",))  # how its commands start
ROWS = ("crash", "broken promise", "refusal", "stray bytes", "block that is no command")
_LONGEST = 200_000  # bytes
_ENDINGS = (".sh", ".bash", ".tests", ".sub", ".bats", ".sbatch", ".slurm")


class Trial(NamedTuple):
    """A script with an activation in it: what stands before and behind."""

    path: Path
    line: int
    head: str
    tail: str

    @property
    def text(self) -> str:
        return self.head + ACTIVATION + self.tail


class Fault(NamedTuple):
    """What came of a trial that should not have: a row, and what was said."""

    trial: Trial
    row: str
    said: str


def scripts(folders: Sequence[Path]) -> Iterator[Path]:
    """The shell scripts below some folders, by their names and first lines."""
    for path in sorted(each for folder in folders for each in folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LONGEST:
            continue
        data = path.read_bytes()
        if b"\0" not in data and files.language(data) in ("", "bash", "sh"):
            first = data.split(b"\n", 1)[0]
            if path.name.endswith(_ENDINGS) or (first.startswith(b"#!") and b"sh" in first):
                yield path


def is_whole(text: str) -> bool:
    """Whether bash reads a text as a whole script: nothing is open at its end, no heredoc either."""
    done = subprocess.run(
        ["bash", "--norc", "-n"],
        input=text.encode("utf-8", "surrogateescape"),
        capture_output=True,
        env={"LC_ALL": "C"},
    )
    return not (done.returncode or done.stderr)


def trials(path: Path, count: int) -> Iterator[Trial]:
    """At most `count` trials of a script, at top-level lines spread over it."""
    try:
        text = files.decode(path.read_bytes(), str(path))
    except files.Unreadable:
        return
    if "conda" in text or "\r" in text or not is_whole(text):
        return
    lines = text.splitlines(keepends=True)
    found = 0
    for part in range(count):
        # The first of a part is not always at the top: then one of the next few is.
        start = 1 + part * len(lines) // count
        for at in range(start, min(start + 12, 1 + (part + 1) * len(lines) // count)):
            head, tail = "".join(lines[:at]), "".join(lines[at:])
            at_its_own_line = head.endswith("\n") and not head.endswith("\\\n")
            if at_its_own_line and is_whole(head) and is_whole(head + ACTIVATION + tail):
                found += 1
                yield Trial(path, at + 1, head, tail)
                break
    if not found and (not text or text.endswith("\n")) and not text.endswith("\\\n"):
        yield Trial(path, len(lines) + 1, text, "")


def fault(trial: Trial, outcome: Outcome) -> Fault | None:
    """What is wrong with an outcome; None where all is as it must be."""
    if outcome.broken:
        return Fault(trial, "broken promise", outcome.broken[0])
    if outcome.error:
        is_crash = outcome.error.startswith("not converted")
        return Fault(trial, "crash" if is_crash else "refusal", outcome.error)
    if outcome.after == outcome.before:
        why = next((step.why for step in outcome.steps if step.why), "nothing is changed")
        return Fault(trial, "refusal", str(why))
    if not (outcome.after.startswith(trial.head) and outcome.after.endswith(trial.tail)):
        return Fault(trial, "stray bytes", "what stands around the activation is not as it was")
    block = outcome.after[len(trial.head) : len(outcome.after) - len(trial.tail)]
    starts = [line.lstrip() for line in block.splitlines()]
    complete = all(any(line.startswith(start) for line in starts) for start in BLOCK)
    if not complete or "conda" in block or not is_whole(trial.head + block):
        return Fault(trial, "block that is no command", block)
    return None


def tried(found: Sequence[Trial], jobs: int) -> Iterator[tuple[Trial, Fault | None]]:
    """Each trial, and what is wrong with what came of it; converted in an empty folder that knows the environment."""
    task = batch.Task(Settings(), roots=())
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("foreign.yml").write_text("name: foreign\ndependencies: [python=3.11, numpy]\n")
            places = [Found(f"{number}.sh", True, None, files.encode(trial.text)) for number, trial in enumerate(found)]
            for trial, outcome in zip(found, batch.outcomes(places, task, jobs), strict=True):
                yield trial, fault(trial, outcome)
        finally:
            os.chdir(here)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--lines", type=int, default=3, help="at how many lines of a script; default: 3")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="default: the cores")
    wanted = parser.parse_args()
    paths = [path.resolve() for path in scripts(wanted.folders)]
    found = [trial for path in paths for trial in trials(path, wanted.lines)]
    faults = [wrong for _, wrong in tried(found, wanted.jobs) if wrong is not None]
    print(f"{len(paths)} scripts, {len({trial.path for trial in found})} that bash reads, {len(found)} activations")
    for row in ROWS:
        print(f"{row:25} {sum(each.row == row for each in faults)}")
    for trial, row, said in faults:
        print(f"{trial.path}:{trial.line}: {row}: {said.strip()}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
