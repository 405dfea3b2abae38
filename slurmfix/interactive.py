"""Asks change by change, as `git add -p` does, and writes what was agreed to; what is not agreed to stays."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TextIO

from slurmfix import files, programs
from slurmfix.decisions import Decision, decisions
from slurmfix.language import tr
from slurmfix.outcome import Outcome
from slurmfix.plan import Plan, Step
from slurmfix.remarks import Remark, apart, phrase
from slurmfix.report.diff import diff
from slurmfix.report.terminal import colored_diff, remark_line
from slurmfix.report.text import findings, visible
from slurmfix.screen import Screen, screen
from slurmfix.text import Edit, Lines, Span, apply, split_lines

YES, NO, ALL, NONE, QUIT, EDIT = "y", "n", "a", "d", "q", "e"
HELP = (
    "y - apply this change",
    "n - leave this place as it is",
    "a - apply this change and all later ones of this script",
    "d - leave this place and all later ones of this script",
    "q - leave this place and all that follows, in every script",
    "e - write the new text yourself, in your editor",
    "? - print this help",
)


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A decision that was agreed to; `edits` are its own, or those that a person wrote instead."""

    decision: Decision
    edits: tuple[Edit, ...]


def ask_about(outcomes: Sequence[Outcome], color: str) -> list[Outcome]:
    """What became of each file after a person was asked; nothing else is written. Without a terminal all is left."""
    asker = _Asker(_answer, screen(_seen(), color))
    if not sys.stdin.isatty():
        sys.stderr.write(
            f"slurmfix: {tr('--interactive asks in a terminal, and this is none, so nothing is changed')}\n"
        )
        asker.over = True
    return [asker.ask(outcome) for outcome in outcomes]


def _seen() -> TextIO:
    """The stream that a person sees: standard output may be on its way to a file."""
    return sys.stdout if sys.stdout.isatty() else sys.stderr


def _answer(question: str) -> str:
    """What a person answers, with its newline; "" is the end of the input. An interrupt ends the run."""
    _seen().write(question)
    _seen().flush()
    try:
        return sys.stdin.readline()
    except UnicodeDecodeError:
        return ""


class _Asker:
    """Walks the decisions; `over` is true when no more questions are wanted."""

    def __init__(self, answer: Callable[[str], str], shown: Screen) -> None:
        self.answer, self.shown = answer, shown
        self.over = False
        self.written: dict[str, str] = {}

    def ask(self, outcome: Outcome) -> Outcome:
        if not outcome.changes or outcome.error or outcome.broken:
            return outcome
        listed = decisions(outcome)
        if not listed:  # all that there is to an environment file is the new file
            return self._environment(outcome)
        agreed = self._agreed(outcome, listed)
        return self._write(outcome, agreed) if agreed else _left(outcome)

    def _environment(self, outcome: Outcome) -> Outcome:
        if self.over:
            return _left(outcome)
        self._print(colored_diff(diff(outcome, {}), self.shown))
        answer = self._question(tr(phrase("Write this file ({path})", path=visible(outcome.path))), editable=False)
        return self._written(outcome) if answer in (YES, ALL) else _left(outcome)

    def _agreed(self, outcome: Outcome, listed: Sequence[Decision]) -> list[_Agreed]:
        agreed: list[_Agreed] = []
        rest = ""
        for number, decision in enumerate(listed, 1):
            if self.over or rest == NONE:
                break
            if rest == ALL:
                agreed.append(_Agreed(decision, decision.edits))
                continue
            self._show(outcome, decision)
            while True:
                where = f"({number}/{len(listed)})"
                asked = tr(phrase("{where} Apply this change to {path}", where=where, path=visible(outcome.path)))
                answer = self._question(asked)
                edits = self._edited(outcome, decision, listed) if answer == EDIT else decision.edits
                if edits is not None:
                    break
            if answer in (YES, ALL) or (answer == EDIT and edits):
                agreed.append(_Agreed(decision, edits))
            rest = answer if answer in (ALL, NONE) else ""
        return agreed

    def _question(self, question: str, editable: bool = True) -> str:
        keys = "ynadqe?" if editable else "ynadq?"
        while True:
            asked = f"{question} [{','.join(keys)}]? "
            line = self.answer(f"\x1b[1;34m{asked}\x1b[m" if self.shown.color else asked)
            if not line:
                self.over = True
                self._print("\n")
                return NO
            letter = line.strip().lower()[:1]
            if letter == QUIT:
                self.over = True
                return NO
            if letter and letter in keys and letter != "?":
                return letter
            lines = [line for line in HELP if editable or not line.startswith("e ")]
            self._print("".join(f"{tr(line)}\n" for line in lines))

    def _show(self, outcome: Outcome, decision: Decision) -> None:
        after = apply(outcome.before, decision.edits)
        alone = outcome._replace(after=after, edits=decision.edits, created=decision.files)
        self._print(colored_diff(diff(alone, dict(self.written)), self.shown))
        told = findings(outcome._replace(plan=Plan(decision.steps)))
        for remark, step in zip(told, decision.steps, strict=True):
            change, *doubts = apart(step.why)
            rows = [replace(remark, text=f"{remark.text}: {visible(tr(change))}")]
            for doubt in doubts:
                line = doubt.line if isinstance(doubt, Remark) else 0
                where = visible(f"{outcome.path}:{line}") if line else remark.where
                rows.append(replace(remark, where=where, text=f"[{step.applicability}] {visible(tr(doubt))}"))
            self._print("".join(f"{remark_line(row, self.shown)}\n" for row in rows))

    def _print(self, text: str) -> None:
        stream = _seen()
        stream.flush()
        stream.buffer.write(files.encode(text))
        stream.buffer.flush()

    def _edited(self, outcome: Outcome, decision: Decision, listed: Sequence[Decision]) -> tuple[Edit, ...] | None:
        """What a person makes of the script with this change in it; () where nothing is wanted, None to ask again."""
        proposed = apply(outcome.before, decision.edits)
        text, problem = _in_editor(proposed, outcome.path)
        if text is None:
            self._print(tr(phrase("This cannot be edited: {problem}", problem=problem)) + "\n")
            return None
        if not text.strip() or text == outcome.before:
            return ()
        edits = decision.edits if text == proposed else between(outcome.before, text)
        others = [edit for other in listed if other is not decision for edit in other.edits]
        if any(_meets(edit, other) for edit in edits for other in others):
            self._print(tr("This cannot be applied: another question is about the same place.") + "\n")
            return None
        return edits

    def _write(self, outcome: Outcome, agreed: Sequence[_Agreed]) -> Outcome:
        from slurmfix.apart import read_for_sure
        from slurmfix.convert import edited
        from slurmfix.syntax import refusal

        taken = {id(step): row for row in agreed for step in row.decision.steps}
        new = {id(step): edits for row in agreed for step, edits in _shared_out(row)}
        plan = Plan(tuple(replace(step, edits=new.get(id(step), ())) for step in outcome.steps))
        result = edited(outcome.path, read_for_sure(outcome.before, refusal), plan, refusal)
        told = tuple(step if id(step) in taken else replace(step, edits=()) for step in outcome.steps)
        return self._written(
            outcome._replace(
                after=result.after,
                edits=result.edits,
                broken=result.broken,
                plan=Plan(told, outcome.environments),
                created=tuple(file for row in agreed for file in row.decision.files) if result.changes else (),
            )
        )

    def _written(self, outcome: Outcome) -> Outcome:
        from slurmfix.batch import write

        return write(outcome, self.written)


def _shared_out(row: _Agreed) -> Iterator[tuple[Step, tuple[Edit, ...]]]:
    """The steps of a decision with their edits; what a person wrote belongs to no single one, and goes to the first."""
    for step in row.decision.steps:
        if row.edits is row.decision.edits:
            yield step, step.edits
        elif step is row.decision.steps[0]:
            yield step, tuple(Edit(edit.span, edit.new.replace("\r\n", "\n")) for edit in row.edits)


def _left(outcome: Outcome) -> Outcome:
    """A file that stays as it is although something would change."""
    steps = tuple(replace(step, edits=()) for step in outcome.steps)
    plan = Plan(steps, outcome.environments) if outcome.plan is not None else None
    return outcome._replace(after=outcome.before, edits=(), created=(), plan=plan, unhandled=not steps)


def _meets(edit: Edit, other: Edit) -> bool:
    return edit.span.meets(other.span) or edit.span == other.span


def between(before: str, after: str) -> tuple[Edit, ...]:
    """Edits of whole lines that lead from one text to the other."""
    old, new = split_lines(before), split_lines(after)
    starts = [*Lines(before).starts[: len(old)], len(before)]
    rows = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [row[1:] for row in rows if row[0] != "equal"]
    return tuple(Edit(Span(starts[a], starts[b]), "".join(new[c:d])) for a, b, c, d in changed)


def _in_editor(text: str, path: str) -> tuple[str | None, str]:
    """The text as a person leaves it, or None and why it could not be edited."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not named:
        return None, "neither VISUAL nor EDITOR names an editor"
    with tempfile.TemporaryDirectory(prefix="slurmfix-") as folder:
        file = Path(folder) / (os.path.basename(path) or "script")
        try:
            file.write_bytes(files.encode(text))
            name, *options = shlex.split(named)
            editor = programs.located(name)
            if editor is None:
                return None, f"there is no program {name}"
            status = subprocess.run([editor, *options, str(file)], check=False).returncode
            if status:
                return None, f"the editor ended with status {status}"
            return files.decode(file.read_bytes(), path), ""
        except files.Unreadable as error:
            return None, error.reason
        except (OSError, ValueError) as error:
            return None, str(error)
