"""What `--rehearse` and its kin do: show the script, print the test job, or rehearse each environment."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import click

from slurmfix import files
from slurmfix.config import Settings
from slurmfix.outcome import Outcome
from slurmfix.rehearsal import sentences
from slurmfix.rehearsal.by_table import covers
from slurmfix.rehearsal.lock import lock
from slurmfix.rehearsal.run import Result, Step, folder_for, rehearse
from slurmfix.rehearsal.script import other_headers, scripts_of, trial_job, trial_name
from slurmfix.rehearsal.sentences import Said, detail, here
from slurmfix.rehearsal.stage import Rehearsal, rehearsals
from slurmfix.rehearsal.told import record, refusal_record, verdict
from slurmfix.report.records import error_of, printable, report
from slurmfix.report.records import record as record_of_file
from slurmfix.report.text import visible
from slurmfix.screen import screen
from slurmfix.sources import World

READY, FAILS, ERROR = 0, 1, 2
INTERRUPTED, NOBODY_READS = 130, 141  # as shells tell that SIGINT or SIGPIPE ended a program
_TONES = {"ok": "green", "FAIL": "red", "NONE": "red", "GPU": "yellow", "note": "yellow", "later": "yellow"}


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
    try:
        return _all(outcomes, settings, wanted)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again at its end
        return NOBODY_READS


def _all(outcomes: Sequence[Outcome], settings: Settings, wanted: Wanted) -> int:
    failed = [outcome for outcome in outcomes if outcome.error or outcome.broken]
    for outcome in failed:
        sys.stderr.write(f"{visible(outcome.path)}: {visible(error_of(outcome))}\n")
    each = found(outcomes, World(settings))
    status = ERROR if failed else READY
    left = [outcome for outcome in outcomes if outcome.left and not _has(each, outcome)]
    for outcome in left:
        _complain(f"{outcome.path}: {Said(sentences.CONDA_STAYS, path=files.shown(outcome.path)).here}")
        status = max(status, FAILS)
    if not each and not left and not failed:
        _complain(f"slurmfix: {Said(sentences.NOTHING).here}")
    if wanted.form in ("script", "job"):
        if each:
            sys.stdout.write(scripts_of(each) if wanted.form == "script" else trial_job(each))
            sys.stdout.flush()
        if wanted.form == "job" and each:
            _complain(f"slurmfix: {Said(sentences.VERDICT_IN, path=f'{trial_name(each)}-JOBID.out').here}")
            if others := other_headers(each):
                _complain(Said(sentences.OTHER_HEADER, paths=", ".join(others)).here)
        return status
    return max(status, _run_all(each, failed, wanted))


def _complain(line: str) -> None:
    sys.stderr.write(f"{visible(line)}\n")


def _has(each: Sequence[Rehearsal], outcome: Outcome) -> bool:
    return any(outcome.path in rehearsal.jobs for rehearsal in each)


def _run_all(each: Sequence[Rehearsal], failed: Sequence[Outcome], wanted: Wanted) -> int:
    """As data there is one object on standard output, whatever ends the run."""
    as_data = wanted.form == "json"
    stream = sys.stderr if as_data else sys.stdout
    colored = screen(stream, wanted.color).color

    def say(line: str, tone: str = "") -> None:
        stream.write(f"{click.style(visible(line), fg=tone) if tone and colored else visible(line)}\n")
        stream.flush()

    records: list[dict[str, Any]] = []
    error = "" if each else sentences.NOTHING
    try:
        return max((one_run(rehearsal, wanted, say, records) for rehearsal in each), default=READY)
    except (KeyboardInterrupt, SystemExit):
        error = sentences.INTERRUPTED
        raise
    finally:
        if as_data:
            sys.stdout.write(data(failed, records, error))
            sys.stdout.flush()


def data(failed: Sequence[Outcome], records: list[dict[str, Any]], error: str = "") -> str:
    """The JSON report of a run that rehearses; `error` says why it ended early, or has nothing to say."""
    entries = [record_of_file(outcome) for outcome in failed]
    told = {**report(entries), "rehearsals": records, **({"error": printable(error)} if error else {})}
    return json.dumps(told, indent=2) + "\n"


def found(outcomes: Sequence[Outcome], world: World) -> tuple[Rehearsal, ...]:
    """The environments of the given jobs. A job without a trace of conda was not read before: it may be rewritten."""
    return rehearsals([_with_text(outcome) for outcome in outcomes], world)


def _with_text(outcome: Outcome) -> Outcome:
    if outcome.after or outcome.error or outcome.path == "-" or not os.path.isfile(outcome.path):
        return outcome
    text = files.decode(files.read(outcome.path), outcome.path)
    return outcome._replace(before=text, after=text)


def one_run(rehearsal: Rehearsal, wanted: Wanted, say: Say, records: list[dict[str, Any]]) -> int:
    """Rehearse one environment. Adds it to the records of the report; the exit status."""

    def refuse(why: Said, then: str = "") -> int:
        say(f"{rehearsal.environment}: {here(why)}{f'; {here(then)}' if then else ''}", "red")
        records.append(refusal_record(rehearsal, why, then))
        return FAILS

    if refused := _refusal(rehearsal):
        return refuse(*refused)
    try:
        result = rehearse(rehearsal, _fetching(rehearsal, wanted), _telling(rehearsal, say))
    except BrokenPipeError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        change = Said(sentences.DISK_IS_FULL, folder=folder_for(os.environ)) if full else ""
        return refuse(Said(sentences.CANNOT, reason=error.strerror or str(error)), change)
    say(verdict(result), "green" if result.ready else "red")
    records.append(record(result))
    if result.log_path:
        say(f"{rehearsal.environment}: {Said(sentences.LOG_KEPT, path=result.log_path).here}")
    if not (result.ready or (not result.has_modules and covers(rehearsal))):
        return FAILS
    return _lock(result, say) if wanted.lock and result.frozen else READY


def _lock(result: Result, say: Say) -> int:
    done, said = lock(result)
    for line in said:
        say(line.here)
    return READY if done else FAILS


def _telling(rehearsal: Rehearsal, say: Say) -> Callable[[Step], None]:
    def tell(step: Step) -> None:
        say(f"{rehearsal.environment}: {step.how:<5} {step.kind} {here(detail(step.which))}", _TONES.get(step.how, ""))

    return tell


def _refusal(rehearsal: Rehearsal) -> tuple[Said, Said] | None:
    """Why an environment cannot be rehearsed, and what to do; None where it can."""
    block, name = rehearsal.block, rehearsal.environment
    submit = files.shown(rehearsal.submit)
    if rehearsal.image:
        return None
    if block.made and not block.make:
        return Said(sentences.STAYS, command=f"`{block.made}`"), Said(sentences.REHEARSE_BY_HAND)
    if rehearsal.missing:
        return Said(sentences.NO_LIST, folder=submit, name=rehearsal.missing[0]), Said(sentences.WRITE_LIST)
    if block.entered and not block.make:
        why = Said(sentences.ONLY_ENTERED, folder=block.entered, submit=submit, name=rehearsal.wanted)
        return why, Said(sentences.WRITE_WHAT_IT_HOLDS)
    if not rehearsal.is_known:
        listing = rehearsal.listing or Said(sentences.THE_LIST)
        return Said(sentences.UNKNOWN), Said(sentences.GIVE_LIST, name=listing, environment=name)
    return None


def _fetching(rehearsal: Rehearsal, wanted: Wanted) -> bool:
    """Whether packages may be fetched from the internet; a person is asked, and asked only once."""
    commands = rehearsal.fetches
    if not commands or wanted.yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return bool(commands) and wanted.yes
    for command in commands:
        _complain(f"    {command}")
    question = Said(sentences.RUN_THIS, folder=rehearsal.submit).here
    sys.stderr.write(f"{rehearsal.environment}: {visible(question)} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "o", "oui")
