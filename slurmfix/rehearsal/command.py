"""What `--rehearse` and its kin do: show the script, print the test job, or rehearse each environment."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import click

from slurmfix import files
from slurmfix.config import Settings
from slurmfix.outcome import Outcome
from slurmfix.rehearsal.run import Result, Step, rehearse
from slurmfix.rehearsal.script import fetches, scripts_of, trial_job
from slurmfix.rehearsal.stage import Rehearsal, rehearsals
from slurmfix.rehearsal.told import covers, record, refusal_record, verdict
from slurmfix.report.records import error_of, report
from slurmfix.report.text import visible
from slurmfix.screen import screen
from slurmfix.sources import World

READY, FAILS, ERROR = 0, 1, 2
_OURS = "(written by slurmfix)"
_TONES = {"ok": "green", "FAIL": "red", "NONE": "red", "GPU": "yellow", "note": "yellow"}


class Say(Protocol):
    """Prints a line at once, where there are colours in the `tone`."""

    def __call__(self, line: str, tone: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: a `form` (`script`, `job`, or a format of the report), `yes` to fetch without asking, `lock`
    to write the frozen list. `color` is auto, always or never.
    """

    form: str = "text"
    yes: bool = False
    lock: bool = False
    color: str = "auto"


def rehearse_all(outcomes: Sequence[Outcome], settings: Settings, wanted: Wanted) -> int:
    """Rehearse the environments of the given jobs, and print what is said; the exit status."""
    failed = [outcome for outcome in outcomes if outcome.error or outcome.broken]
    for outcome in failed:
        sys.stderr.write(f"{outcome.path}: {error_of(outcome)}\n")
    each = found(outcomes, World(settings))
    if not each:
        sys.stderr.write("slurmfix: no environment to rehearse; give a job that conda or slurmfix made one for\n")
        return ERROR if failed else READY
    status = READY
    if wanted.form in ("script", "job"):
        sys.stdout.write(scripts_of(each) if wanted.form == "script" else "\n".join(map(trial_job, each)))
    else:
        status = _run_all(each, wanted)
    return ERROR if failed else status


def _run_all(each: Sequence[Rehearsal], wanted: Wanted) -> int:
    as_data = wanted.form == "json"

    stream = sys.stderr if as_data else sys.stdout
    colored = screen(stream, wanted.color).color

    def say(line: str, tone: str = "") -> None:
        stream.write(f"{click.style(visible(line), fg=tone) if tone and colored else visible(line)}\n")
        stream.flush()

    records, status = run(each, wanted, say)
    if as_data:
        sys.stdout.write(json.dumps({**report([]), "rehearsals": records}, indent=2) + "\n")
    return status


def found(outcomes: Sequence[Outcome], world: World) -> tuple[Rehearsal, ...]:
    """The environments of the given jobs. A job without a trace of conda was not read before: it may be rewritten."""
    return rehearsals([_with_text(outcome) for outcome in outcomes], world)


def _with_text(outcome: Outcome) -> Outcome:
    if outcome.after or outcome.error or outcome.path == "-" or not os.path.isfile(outcome.path):
        return outcome
    text = files.decode(files.read(outcome.path), outcome.path)
    return outcome._replace(before=text, after=text)


def run(each: Sequence[Rehearsal], wanted: Wanted, say: Say) -> tuple[list[dict[str, Any]], int]:
    """Rehearse each environment. Gives the rehearsals as records of the report, and the exit status."""
    records, status = [], READY
    for rehearsal in each:
        refused = _refusal(rehearsal)
        if refused:
            say(f"{rehearsal.environment}: {refused}")
            records.append(refusal_record(rehearsal, refused))
            status = max(status, FAILS)
            continue
        result = rehearse(rehearsal, _fetching(rehearsal, wanted, say), _telling(rehearsal, say))
        say(verdict(result), "green" if result.ready else "red")
        records.append(record(result))
        if result.log_path:
            say(f"{rehearsal.environment}: the whole log is kept in {result.log_path}")
        if not (result.ready or (not result.has_modules and covers(rehearsal))):
            status = max(status, FAILS)
        elif wanted.lock and result.frozen:
            status = max(status, _lock(result, say))
    return records, status


def _telling(rehearsal: Rehearsal, say: Say) -> Callable[[Step], None]:
    def tell(step: Step) -> None:
        say(f"{rehearsal.environment}: {step.how:<4} {step.kind} {step.which}", _TONES.get(step.how, ""))

    return tell


def _refusal(rehearsal: Rehearsal) -> str:
    """Why an environment cannot be rehearsed; "" where it can."""
    if rehearsal.image:
        return ""
    if not rehearsal.block.make:
        held = ", ".join(f"`{command}`" for command in rehearsal.block.skipped[-1:])
        return f"the command {held} holds more than plain words, or makes a folder that stays; rehearse it by hand"
    if rehearsal.missing:
        return f"{files.shown(rehearsal.submit)} holds no {rehearsal.missing[0]}; write it first"
    return ""


def _fetching(rehearsal: Rehearsal, wanted: Wanted, say: Say) -> bool:
    """Whether packages may be fetched from the internet; a person is asked, and asked only once."""
    commands = fetches(rehearsal)
    for command in rehearsal.prepares:
        if command not in commands:
            say(f"{rehearsal.environment}: not run, since it builds your own code: {command}")
    if not commands or wanted.yes:
        return bool(commands)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        say(f"{rehearsal.environment}: packages are not fetched without being asked for; give -y")
        return False
    for command in commands:
        sys.stderr.write(f"    {command}\n")
    sys.stderr.write(f"{rehearsal.environment}: run this in {files.shown(rehearsal.submit)}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "o", "oui")


def _lock(result: Result, say: Say) -> int:
    """Write the frozen list as the requirements file, unless somebody else wrote that."""
    rehearsal = result.rehearsal
    if len(rehearsal.listings) != 1:
        count = len(rehearsal.listings)
        say(f"{rehearsal.environment}: nothing is locked; the job reads {count} requirements files, not one")
        return FAILS
    name, text = rehearsal.listings[0]
    path = os.path.join(rehearsal.submit, name)
    there = files.read(path) if os.path.isfile(path) else None
    if there is not None and _OURS.encode() not in there:
        say(f"{files.shown(path)}: not locked, since slurmfix did not write it; move it away first")
        return FAILS
    head = "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#"))
    frozen = "".join(f"{line}\n" for line in result.frozen.splitlines() if re.match(r"[\w.-]+==", line))
    try:
        files.write_all([files.Change(path, there, files.encode(f"{head}# Frozen by a rehearsal.\n{frozen}"))])
    except files.Unreadable as error:
        say(f"{files.shown(path)}: cannot be written: {error.reason}")
        return ERROR
    say(f"{files.shown(path)}: locked to {len(frozen.splitlines())} packages")
    return READY
