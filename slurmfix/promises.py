"""What is promised of every rewrite, checked on its two texts before anything is shown or written."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from slurmfix.ledger import TRACE, Ledger, traces_of
from slurmfix.plan import IDLE, SAFE, Plan
from slurmfix.plan.questions import FILTERS
from slurmfix.remarks import REFUSAL, Message
from slurmfix.shell import (
    BRANCH,
    FUNCTION,
    GROUP,
    LOOP,
    PIPELINE,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    Command,
    Script,
    read,
)
from slurmfix.text import Edit, Span, moved, taken_out

# Says why bash refuses a text; "" where it reads it, None where there is no bash to ask. It is told whether the text
# could be read whole here.
Syntax = Callable[[str, bool], str | None]

_UNREADABLE = "the new text has regions that cannot be read"
_read_once = lru_cache(maxsize=1)(read)  # the new text is read once, for all that is checked on it
_REFUSED = "bash accepts the script and refuses its rewrite"
_STRUCTURE = frozenset((BRANCH, FUNCTION, GROUP, LOOP, SCRIPT, SUBSHELL, SUBSTITUTION))


def verify(script: Script, after: str, edits: tuple[Edit, ...], syntax: Syntax) -> tuple[str, ...]:
    """The promises that the new text breaks: it reads, all other commands stand, and bash says the same of it."""
    broken = []
    new = new_script(script, after, edits)
    torn = len(new.unread) > len(script.unread)
    if torn:
        broken.append(_UNREADABLE)
    if new.shebang != script.shebang:
        broken.append("the shebang changed")
    if [each.line for each in script.directives] != [each.line for each in new.directives]:
        broken.append("the effective #SBATCH lines changed")
    # Behind a region of the author's own that our grammar does not read, it sees other commands than there are.
    blind = torn and not any(region.meets(span) for region in new.unread for span in moved(edits))
    if not blind and not _all_there(script, new, edits):
        broken.append("a command outside of the edits changed")
    if not torn and not _stand_there(script, new, edits):
        broken.append("a command of an inserted block does not stand in the new text")
    refused = syntax(after, not new.unread)
    if refused and not syntax(script.text, False):
        broken.append(f"{_REFUSED}: {refused}")
    return tuple(broken)


def new_script(script: Script, after: str, edits: tuple[Edit, ...]) -> Script:
    """The new text as read: what is set apart in the old one is set apart in it, too, where it has moved to."""
    grown = [(edit.span.end, len(edit.new) - (edit.span.end - edit.span.start)) for edit in edits]
    shifts = [sum(by for end, by in grown if end <= span.start) for span in script.apart]
    moved_there = (Span(span.start + shift, span.end + shift) for span, shift in zip(script.apart, shifts, strict=True))
    return _read_once(after, tuple(moved_there))


def _all_there(old: Script, new: Script, edits: tuple[Edit, ...]) -> bool:
    """Whether every command that no edit touches stands in the new text, word for word, where it has moved to.

    And whether no command appears outside of what the edits wrote.
    """
    ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    there = {(command.span, command.source, _around(command)) for command in new.commands}
    kept: set[tuple[Span, str, tuple[str, ...]]] = set()
    at = shift = 0
    for command in old.commands:
        span = command.span
        while at < len(ordered) and ordered[at].span.end <= span.start:
            shift += len(ordered[at].new) - (ordered[at].span.end - ordered[at].span.start)
            at += 1
        if at < len(ordered) and ordered[at].span.start < span.end:
            continue
        place = (Span(span.start + shift, span.end + shift), command.source, _around(command))
        if place not in there:
            # (An inner script with an edit is not read again where that brings quotes, nor one in an image.)
            inner = [around.span for around in command.within if around.kind == SCRIPT]
            edited = any(around.meets(edit.span) for around in inner for edit in ordered)
            if not inner or not (edited or any(contained.holds(place[0]) for contained in new.containers)):
                return False
        kept.add(place)
    written = sorted(moved(edits))
    starts = [span.start for span in written]
    for command in new.commands:
        if (command.span, command.source, _around(command)) not in kept:
            near = written[max(bisect_left(starts, command.span.start) - 1, 0) : bisect_right(starts, command.span.end)]
            if not any(span.start <= command.span.end and command.span.start <= span.end for span in near):
                return False
    return True


def _stand_there(old: Script, new: Script, edits: tuple[Edit, ...]) -> bool:
    """Whether each command of an inserted block is a command of the new text, at its place: behind the opener of a
    heredoc a block would be nothing but text.
    """
    blocks = [(edit, place) for edit, place in zip(_sorted(edits), moved(edits), strict=True) if _is_block(edit.new)]
    if not blocks:
        return True
    # (In an inner script the commands of a block are written in the quoting of their place.)
    inner = {place.span for command in old.commands for place in command.within if place.kind == SCRIPT}
    there = {(command.span.start, command.source) for command in new.commands}
    return all(
        (place.start + at, source) in there
        for edit, place in blocks
        if not any(span.holds(edit.span) for span in inner)
        for at, source in _commands_of(edit.new)
    )


def _sorted(edits: tuple[Edit, ...]) -> list[Edit]:
    return sorted(edits, key=lambda edit: edit.span)


def _is_block(new: str) -> bool:
    return "\n" in new.strip("\n")


@lru_cache(maxsize=64)
def _commands_of(block: str) -> tuple[tuple[int, str], ...]:
    """The commands of a block, by where they start: those of its first and last line may go on beside it."""
    first, last = block.find("\n"), block.rstrip("\n").rfind("\n")
    return tuple(
        (command.span.start, command.source) for command in read(block).commands
        if not command.layers and first < command.span.start <= last
    )  # fmt: skip


def accounted(script: Script, plan: Plan, ledger: Ledger) -> tuple[str, ...]:
    """The promise that all is accounted for: each word that speaks of conda is an entry, and nothing safe is open."""
    listed = {entry.span.start for entry in ledger.entries if entry.kind == TRACE}
    for match in traces_of(script.text):
        if match.start() not in listed:
            line = script.text.count("\n", 0, match.start()) + 1
            return (f"line {line} speaks of conda and is not accounted for",)
    if ledger.open and any(step.applicability == SAFE and step.edits for step in plan.steps):
        return (f"line {ledger.line(ledger.open[0])} is open, and the change is called safe",)
    return ()


def _around(command: Command) -> tuple[str, ...]:
    """What decides whether, where and how often a command runs; lists may lose members without that."""
    return tuple([place.kind for place in command.within if place.kind in _STRUCTURE])


def _filters_an_answer(command: Command, parts: list[Span]) -> bool:
    """Whether a command only picks from what conda prints: `conda info | grep base`."""
    pipelines = (place.span for place in command.within[-1:] if place.kind == PIPELINE)
    return command.name in FILTERS and any(span.holds(part) for span in pipelines for part in parts)


def lost(script: Script, plan: Plan, after: str) -> tuple[str, ...]:
    """The promise that no edit takes the author's own work away with conda's: all that goes besides is what only asks
    for conda, or complains of its absence, and a value of a name that the new text does not hold. What cannot be read
    may be anybody's.
    """
    taken = sorted(span for edit in plan.edits if (span := taken_out(edit, script.text)).start < span.end)
    for region in script.unread:
        if any(span.meets(region) for span in taken):
            return (f"what cannot be read on line {script.text.count(chr(10), 0, region.start) + 1} goes",)
    ends = [span.end for span in taken]
    parts = [span for step in plan.steps for span in (step.finding.span, step.finding.command.whole)]
    for command in script.commands:
        span = command.span
        for stretch in taken[bisect_right(ends, span.start) :]:
            if not stretch.meets(span):
                break
            gone = script.text[max(stretch.start, span.start) : min(stretch.end, span.end)]
            kept = command.name in IDLE or any(gone in edit.new for edit in plan.edits)
            kept = kept or _filters_an_answer(command, parts)
            if not (kept or _is_unread(command, after)) and not any(part.meets(span) for part in parts):
                line = script.text.count("\n", 0, span.start) + 1
                return (f"the command of line {line}, which is none of conda's, goes",)
    return ()


def _is_unread(command: Command, after: str) -> bool:
    """Whether a command only gives values to names that the new text does not hold."""
    names = [assigned.name for assigned in command.assignments if not command.words]
    return bool(names) and not any(re.search(rf"(?<!\w){name}(?!\w)", after) for name in names)


def stable(new: Script, plan_of: Callable[[Script], Plan], stays: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Run again, nothing is left to do that is not manual; the commands in `stays` were left, and are left again."""
    left = [step for step in plan_of(new).steps if step.edits and step.finding.command.source not in stays]
    if left:
        line = new.text.count("\n", 0, left[0].finding.span.start) + 1
        return (f"run again, it would still change line {line} of the new text ({left[0].finding.rule})",)
    return ()


_JOB = "#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython train.py\n"
REFUSED_BY_BASH = Message(
    id="refused-by-bash",
    kind=REFUSAL,
    subject="the script",
    reason="bash cannot read this script as it stands ({why})",
    action="correct this mistake, and run slurmfix again",
)
NOT_SURE = Message(
    id="not-read-for-sure",
    kind=REFUSAL,
    subject="the script from line {line} on",
    reason="slurmfix is not sure how bash reads these lines, and does not guess",
    action="write these lines more simply, and run slurmfix again. Or convert the script by hand",
)
TOO_ODD = Message(
    id="rewrite-not-read",
    kind=REFUSAL,
    subject="the rewritten script",
    reason="slurmfix is not sure how bash would read the new lines, so nothing is changed",
    action="write the lines around conda more simply, and run slurmfix again",
)
CRLF_IN_THE_WAY = Message(
    id="dos-line-ends-first",
    kind=REFUSAL,
    subject="the line ends of this script",
    reason="bash cannot read a script with Windows (DOS) line ends",
    action="run `dos2unix` on the script, then run slurmfix again",
    bad="#!/bin/bash\r\n#SBATCH --nodes=2\r\nconda activate vision || exit 1\r\nsrun python train.py\r\n",
    good=_JOB,
)


def line_of(refusal: str) -> int:
    """The line that bash names, or 0."""
    named = re.search(r"line (\d+)", refusal)
    return int(named[1]) if named else 0


class Fault(NamedTuple):
    """Why a script cannot be rewritten for sure."""

    why: str


def fault_of_the_script(script: Script, broken: tuple[str, ...], syntax: Syntax) -> Fault | None:
    """Why it is the script that cannot be read, where a promise broke; None where the promise broke for another
    reason.
    """
    refusal = syntax(script.text, False)
    if refusal:
        return Fault(REFUSED_BY_BASH.about(line_of(refusal), why=refusal))
    if script.unread:
        return Fault(NOT_SURE.about(script.text.count("\n", 0, min(span.start for span in script.unread)) + 1))
    if broken == (_UNREADABLE,) and refusal == "":
        # bash reads both texts: where our grammar alone fails, the promises can be neither held nor broken.
        return Fault(TOO_ODD.about())
    if "\r\n" in script.text:
        return Fault(CRLF_IN_THE_WAY.about())
    return None
