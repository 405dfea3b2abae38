"""Throws bytes at the conversion of a file; the only door to atheris. fuzz/run.py starts it, with a limit of time.

An input is of interest where slurmfix raises, breaks a promise, writes a report that is no JSON, gives a diff that does
not lead from the old bytes to the new ones, or would change its own result again. It is kept in the folder of findings,
one for each way to fail, and the search goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import traceback
from pathlib import Path

from slurmfix import batch, files
from slurmfix.config import Settings
from slurmfix.outcome import Outcome

TASK = batch.Task(Settings())
SECONDS = 20  # an input that takes longer is a finding of libFuzzer's


def failure(data: bytes, path: str = "job.sh") -> str:
    """What is wrong with what slurmfix makes of these bytes; "" where all is well."""
    try:
        outcome = batch.convert_bytes(path, data, TASK)
        return told_of(outcome, data)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {place.name}, {Path(place.filename).name}: {error}"


def told_of(outcome: Outcome, data: bytes) -> str:
    """What is wrong with an outcome."""
    from slurmfix.report.diff import diff
    from slurmfix.report.records import record, report

    if outcome.broken:
        return f"broken promise: {outcome.broken[0]}"
    json.loads(json.dumps(report([record(outcome)])))
    if outcome.error or not outcome.changes:
        return ""
    if files.encode(outcome.before) != data:
        return "the text read is not that of the bytes"
    shown = diff(outcome)
    if outcome.after != outcome.before and patched(outcome.before, shown) != outcome.after:
        return "the diff does not lead to the new text"
    again = batch.convert_bytes(outcome.path, files.encode(outcome.after), TASK)
    if again.after != again.before:  # both are empty where nothing of conda is left to look at
        return "run again, it changes its own result"
    return ""


def patched(before: str, shown: str) -> str:
    """The text after the first file's hunks, applied by the line numbers alone."""
    old, new, at = re.split(r"(?<=\n)", before), [], 0
    taken = 0
    lines = re.split(r"(?<=\n)", shown)
    for number, line in enumerate(lines):
        header = re.match(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@", line)
        if not taken and header:
            start = int(header[1]) - (header[2] != "0")
            new += old[at:start]
            at, taken = start, int(header[2] or 1) + int(header[3] or 1)
        elif not taken and line.startswith("--- ") and new:
            break
        elif taken and line[:1] in " +-":
            body = line[1:]
            if lines[number + 1 : number + 2] and lines[number + 1].startswith("\\"):
                body = body.removesuffix("\n")
            at += line[0] in " -"
            taken -= 2 if line[0] == " " else 1
            if line[0] in " +":
                new.append(body)
    return "".join([*new, *old[at:]])


def main() -> None:
    import atheris

    findings = Path(os.environ.get("SLURMFIX_FUZZ_FINDINGS", "findings")).resolve()
    empty = findings / "empty"  # a folder without environments, so that an input alone decides
    empty.mkdir(parents=True, exist_ok=True)
    arguments = [sys.argv[0], *(str(Path(a).resolve()) if os.path.exists(a) else a for a in sys.argv[1:])]
    os.chdir(empty)
    seen: set[str] = set()

    def one_input(data: bytes) -> None:
        told = failure(data)
        kind = re.sub(r"\d+", "N", told.split("\n")[0])[:90]
        if told and kind not in seen:
            seen.add(kind)
            name = hashlib.sha1(data).hexdigest()[:12]
            (findings / f"{name}.sh").write_bytes(data)
            (findings / f"{name}.txt").write_text(told + "\n")
            print(f"found: {told}", file=sys.stderr, flush=True)

    with atheris.instrument_imports(include=["slurmfix", "bashlex"]):
        import bashlex  # noqa: F401

        import slurmfix.convert
        import slurmfix.sources
    for module in (batch, files, slurmfix.convert):
        for value in vars(module).values():
            if callable(value) and getattr(value, "__module__", "") == module.__name__ and hasattr(value, "__code__"):
                atheris.instrument_func(value)
    atheris.Setup(arguments, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
