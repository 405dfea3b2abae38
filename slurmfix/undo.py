"""Remembers in the user's state folder what a run with --write changes, so that --undo can take it back."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from slurmfix import files
from slurmfix.files import Unreadable
from slurmfix.outcome import Outcome
from slurmfix.remarks import RUN, Message, phrase

NOTHING_TO_UNDO = Message(
    id="nothing-to-undo",
    kind=RUN,
    subject="`--undo`",
    reason="there is nothing to undo, since slurmfix remembers no --write in this folder",
    action="go to the folder where you ran `slurmfix --write`, and run `slurmfix --undo` there",
)
ALREADY_UNDONE = Message(
    id="already-undone",
    kind=RUN,
    subject="`--undo`",
    reason="all files are as they were before the last --write",
)
_LEFT = "{file}: left as it is, since {why}"


class Record(NamedTuple):
    """One file of a run: its bytes before (None where it was new), and the digest of what was written."""

    path: str
    before: bytes | None
    after: str


def _journal(folder: str, environ: Mapping[str, str] = os.environ) -> str:
    """Where the last run in a folder is remembered."""
    home = environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(home, "slurmfix", "undo", f"{_digest(os.fsencode(folder))[:24]}.json")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def remember(outcomes: Sequence[Outcome]) -> None:
    """What is about to be written, before it is: so a run that is cut short can be taken back, too.

    Where the state folder cannot be written, there is nothing to undo later, and the run goes on.
    """
    written = (each for each in outcomes if not (each.error or each.broken or each.path == "-"))
    rows = [row for outcome in written for row in _records(outcome)]
    if not rows:
        return
    told = [[row.path, _coded(row.before), row.after] for row in rows]
    with suppress(OSError):
        files.keep(_journal(os.getcwd()), json.dumps({"files": told}).encode("ascii"))


def _records(outcome: Outcome) -> list[Record]:
    found = []
    if outcome.after != outcome.before and not outcome.piped:
        after = _digest(files.encode(outcome.after))
        found.append(Record(os.path.abspath(outcome.path), files.encode(outcome.before), after))
    for file in outcome.created:
        found.append(Record(os.path.abspath(file.path), None, _digest(files.encode(file.text))))
    return found


def _coded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def undo() -> tuple[list[str], bool]:
    """Takes back what the last run with --write in this folder wrote: what is to be said, and whether files are left.

    A file that changed since is left as it is, and named.
    """
    journal = _journal(os.getcwd())
    try:
        rows = _read(journal)
    except (OSError, Unreadable, ValueError, TypeError):
        return [NOTHING_TO_UNDO.about()], True
    said, left = [], False
    for row in dict.fromkeys(rows):
        line, fine = _taken_back(row)
        said += [line] if line else []
        left |= not fine
    if not left:
        with suppress(OSError):
            files.drop(journal)
    return said or [ALREADY_UNDONE.about()], left


def _read(journal: str) -> list[Record]:
    rows = json.loads(files.read(journal, most=1 << 30))["files"]
    return [Record(path, None if data is None else base64.b64decode(data), after) for path, data, after in rows]


def _taken_back(row: Record) -> tuple[str, bool]:
    shown = files.shown(row.path)
    try:
        now = files.read(row.path)
    except Unreadable as error:
        gone = not os.path.lexists(row.path)
        return ("", True) if gone and row.before is None else (phrase(_LEFT, file=shown, why=error.reason), False)
    if now == row.before:
        return "", True
    if _digest(now) != row.after:
        return phrase(_LEFT, file=shown, why=phrase("the file was changed after slurmfix wrote it")), False
    try:
        if row.before is None:
            files.drop(row.path)
            return phrase("{file}: removed", file=shown), True
        files.write_all([files.Change(row.path, now, row.before)])
    except Unreadable as error:
        return phrase(_LEFT, file=shown, why=error.reason), False
    except OSError as error:
        return phrase(_LEFT, file=shown, why=files.reason(error)), False
    return phrase("{file}: as it was before", file=shown), True
