"""What a run prints: the report on standard output, and on standard error what a person is to look at."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence

from slurmfix import files
from slurmfix.outcome import Outcome
from slurmfix.screen import Screen, screen, show

_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class CannotPrint(OSError):
    """Standard output takes no more."""


def print_report(results: Sequence[Outcome], output_format: str, color: str, paths: Sequence[str]) -> None:
    """Raises CannotPrint, BrokenPipeError."""
    out, err = screen(sys.stdout, color), screen(sys.stderr, color)
    if output_format != "none":
        text = _FORMATS[output_format](results, out)
        _write(text, out if output_format in ("diff", "text") else Screen())
    _tell(results, output_format, err, paths)


def _diff(results: Sequence[Outcome], out: Screen) -> str:
    changing = [result for result in results if result.changes]
    if not changing:
        return ""
    from slurmfix.report.diff import diff

    shown: dict[str, str] = {}
    text = "".join(diff(result, shown) for result in changing)
    if not (out.terminal or out.color):
        return text
    from slurmfix.report.terminal import colored_diff

    return colored_diff(text, out)


def _text(results: Sequence[Outcome], out: Screen) -> str:
    from slurmfix.report.text import findings

    found = [remark for result in results for remark in findings(result)]
    if not (out.terminal or out.color):
        return "".join(f"{remark}\n" for remark in found)
    from slurmfix.report.terminal import remark_line

    return "".join(remark_line(remark, out) + "\n" for remark in found)


def _json(results: Sequence[Outcome], out: Screen) -> str:
    from slurmfix.report.records import record, report

    shown: dict[str, str] = {}
    return _dumped(report([record(result, shown) for result in results]))


def _sarif(results: Sequence[Outcome], out: Screen) -> str:
    from slurmfix.report.sarif import sarif

    return _dumped(sarif(results, os.getcwd()))


def _github(results: Sequence[Outcome], out: Screen) -> str:
    from slurmfix.report.github import workflow_commands

    return workflow_commands(results)


def _html(results: Sequence[Outcome], out: Screen) -> str:
    from slurmfix.report.html import page

    return page(results)


def _dumped(document: object) -> str:
    import json

    # Some terminals obey these, and JSON may write them in another way.
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


_FORMATS: dict[str, Callable[[Sequence[Outcome], Screen], str]] = {
    "diff": _diff,
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "html": _html,
}


def _tell(results: Sequence[Outcome], output_format: str, err: Screen, paths: Sequence[str]) -> None:
    # A workflow reads standard error for commands, too, and the annotations say all there is to say.
    if output_format != "github" and any(map(_says_something, results)):
        _tell_all(results, err, paths, output_format)
    elif len(results) != 1:
        from slurmfix.report.summary import summary

        sys.stderr.write(summary(results) + "\n")


def _says_something(result: Outcome) -> bool:
    return bool(result.error or result.broken or result.notes or result.steps or result.changes)


def _tell_all(results: Sequence[Outcome], err: Screen, paths: Sequence[str], output_format: str) -> None:
    from slurmfix.report.summary import summary
    from slurmfix.report.terminal import remark_line
    from slurmfix.report.text import following, remarks

    told = [remark for result in results for remark in remarks(result)]
    sys.stderr.write("".join(remark_line(remark, err) + "\n" for remark in told))
    if len(results) != 1 or told or err.terminal:
        sys.stderr.write(summary(results) + "\n")
    if err.terminal or any(result.written for result in results):
        for remark in following(results, paths):
            sys.stderr.write(remark_line(remark, err) + "\n")


def _write(text: str, out: Screen) -> None:
    """Standard output as bytes: a diff holds what the files hold."""
    sys.stdout.flush()
    try:
        show(files.encode(text), out)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotPrint(f"standard output: {error.strerror}") from error
