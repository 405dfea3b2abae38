"""What a run prints: the report on standard output, and on standard error what a person is to look at."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from slurmfix import files
from slurmfix.outcome import Outcome
from slurmfix.screen import Screen, screen, show

if TYPE_CHECKING:
    from slurmfix.report.text import Row

_OBEYED = r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"


class CannotPrint(OSError):
    """Standard output takes no more."""


class Wish(NamedTuple):
    """What is to be shown of a run, and how: `output_format` is one of the formats, or "none".

    `repeated` are the options that a proposed command takes over, `slips` what had no effect.
    """

    output_format: str = "diff"
    color: str = "auto"
    quiet: bool = False
    statistics: bool = False
    census: bool = False
    write: bool = False
    repeated: Sequence[str] = ()
    paths: Sequence[str] = ()
    slips: Sequence[str] = ()


def print_report(results: Sequence[Outcome], wish: Wish) -> None:
    """Raises CannotPrint, BrokenPipeError."""
    out, err = screen(sys.stdout, wish.color), screen(sys.stderr, wish.color)
    if wish.statistics:
        from slurmfix.report.statistics import statistics

        _write(statistics(results), out)
    elif wish.census:
        from slurmfix.report.census import census

        _write(census(results), out)
    elif not _is_left_to_the_summary(wish, out):
        text = _FORMATS[wish.output_format](results, out)
        _write(text, out if wish.output_format in ("diff", "text") else Screen())
    _tell(results, wish, err)


def _is_left_to_the_summary(wish: Wish, out: Screen) -> bool:
    """A person who has written sees what was written, and no diff that runs off the screen."""
    return wish.output_format == "none" or (wish.write and wish.output_format == "diff" and out.terminal)


def print_text(result: Outcome) -> None:
    """The new text of standard input. Raises CannotPrint, BrokenPipeError."""
    _write(result.after, Screen())


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
    return re.sub(_OBEYED, lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


_FORMATS: dict[str, Callable[[Sequence[Outcome], Screen], str]] = {
    "diff": _diff,
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "html": _html,
}


def _tell(results: Sequence[Outcome], wish: Wish, err: Screen) -> None:
    # A workflow reads standard error for commands, too, and the annotations say all there is to say.
    shown = wish.output_format != "github"
    if wish.quiet:
        _say([row for result in results if result.error or result.broken for row in _rows(result)], err)
    elif shown and (wish.slips or any(map(_says_something, results))):
        _tell_all(results, wish, err)
    elif len(results) != 1:
        from slurmfix.report.summary import summary

        sys.stderr.write(summary(results) + "\n")


def _says_something(result: Outcome) -> bool:
    return bool(result.error or result.broken or result.notes or result.steps or result.changes)


def _rows(result: Outcome) -> list[Row]:
    from slurmfix.report.text import remarks

    return remarks(result)


def _tell_all(results: Sequence[Outcome], wish: Wish, err: Screen) -> None:
    from slurmfix.language import tr
    from slurmfix.report.overview import is_long, overview
    from slurmfix.report.summary import summary
    from slurmfix.report.text import following, said_once, visible, written

    told = [row for result in results for row in _rows(result)]
    if len(results) > 1 and is_long(told):
        sys.stderr.write(overview(results))
    else:
        _say(said_once(told), err, results)
    _say(written(results), err)
    for slip in wish.slips:
        sys.stderr.write(f"slurmfix: {visible(tr(slip))}\n")
    if len(results) != 1 or told or err.terminal:
        sys.stderr.write(summary(results) + "\n")
    if err.terminal or any(result.written for result in results):
        _say(following(results, wish.paths, wish.repeated), err)


def _say(rows: Sequence[Row], err: Screen, results: Sequence[Outcome] = ()) -> None:
    from slurmfix.report.terminal import excerpt, remark_line

    texts = {result.path: result.before for result in results} if err.terminal else {}
    for row in rows:
        sys.stderr.write(remark_line(row, err) + "\n" + excerpt(row, texts.get(row.path, ""), err))


def _write(text: str, out: Screen) -> None:
    """Standard output as bytes: a diff holds what the files hold."""
    sys.stdout.flush()
    try:
        show(files.encode(text), out)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotPrint(f"standard output: {error.strerror}") from error
