"""Takes a command out of a script so that what stands around it still reads and means the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slurmfix.rules.rule import CONDA
from slurmfix.shell import (
    BRANCH,
    CHAINED,
    CHECKED,
    FUNCTION,
    GROUP,
    LOOP,
    PIPELINE,
    REDIRECTED,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    Command,
    Place,
    Script,
    is_kept,
)
from slurmfix.text import Cover, Edit, Lines, Span

_HEADER_LATER = re.compile(r"^#SBATCH", re.M)
_STATUS_IS_READ = re.compile(r"(?:[;\s]|#[^\n]*(?:\n|\Z))*[^;\n#]*\$\?")  # it works today: `:` says the same
_AFTER = re.compile(r"[ \t]*;(?![;&])[ \t]*")
_BEFORE = re.compile(r"[ \t]*(?<!;);[ \t]*\Z")
_TO_COMMENT = re.compile(r"[ \t]*(?:;(?!;)[ \t]*)?(?=#)")
_BODIES = (BRANCH, FUNCTION, GROUP, LOOP, SUBSHELL, SUBSTITUTION)
_ASKED_WHOLE = (FUNCTION, GROUP, SUBSHELL)
_SUCCEEDS = ("echo", "printf", "true", ":", "export", "set", "unset", "shopt", "")
_GIVES_UP = ("exit", "echo", "return", "printf", "false", "fail", "die", "error", "true", ":")


def removal(script: Script, lines: Lines, command: Command, gone: frozenset[Span]) -> Edit:
    """The edit that takes the command out; `gone` are the spans of all commands that go."""
    whole, text = command.whole, script.text
    above = lines.start(whole.start) == 0 and text.startswith("#!", lines.after(whole.end))
    if not command.within and (above or _ends_the_header(script, command, gone)):
        return Edit(whole, ":")  # what stands below must not become a shebang or a header that sbatch obeys
    if _ends_the_job_well(script, command, gone):
        return Edit(whole, ":")
    if _ends_behind_a_condition(script, command, gone) or _ends_what_is_asked(script, command, gone):
        return Edit(whole, ":")  # it ends well, whatever stands before it
    last = command.within[-1] if command.within else None
    if last is not None and last.kind in (CHECKED, CHAINED):
        return _from_list(script, lines, command, last.kind == CHECKED, gone)
    in_words = last is not None and last.kind == SUBSTITUTION and not _fills_lines(lines, whole, text)
    if (
        in_words
        or (last is not None and last.kind == PIPELINE)
        or (command.layers and "\n" not in text[whole.start : whole.end] and _one_line(command, text))
    ):
        return _in_quotes(command, text) or Edit(whole, ":")
    if _is_last_one(script, command, gone) or _STATUS_IS_READ.match(text, whole.end):
        return Edit(whole, ":")
    return _statement(lines, whole, text)


def joint(lines: Lines, text: str, edits: Iterable[Edit]) -> dict[Edit, Edit]:
    """For removals that meet in the `;` between two statements of a line: the one edit that takes them all out."""
    row: list[tuple[Edit, list[Edit]]] = []
    for edit in sorted({edit for edit in edits if not edit.new}, key=lambda edit: (edit.span.start, edit.span.end)):
        members = [edit]
        while row and _meet(text, row[-1][0].span, edit.span):
            before, earlier = row.pop()
            members = [*earlier, *members]
            both = text[before.span.start : edit.span.end]
            start = before.span.start + len(both) - len(both.lstrip("; \t"))
            edit = _statement(lines, Span(start, edit.span.end - len(both) + len(both.rstrip("; \t"))), text)
        row.append((edit, members))
    return {member: edit for edit, members in row if len(members) > 1 for member in members}


def _meet(text: str, one: Span, other: Span) -> bool:
    """Whether two removals of a line share the `;` between them, or stand next to each other behind one."""
    before, after = text[one.start : one.end].rstrip(" \t"), text[other.start : other.end]
    touch = one.start < other.start <= one.end and not after.endswith("\n")
    shared = text[other.start : one.end]
    in_list = after.rstrip(" \t").endswith("&&")  # what follows it stays, and with it what parts that from the rest
    return touch and before.endswith(";") and not shared.strip("; \t") and not in_list


def _ends_the_header(script: Script, command: Command, gone: frozenset[Span]) -> bool:
    """Whether nothing but what goes keeps sbatch from obeying `#SBATCH` lines further down, which it ignores today."""
    late = _HEADER_LATER.search(script.text, command.whole.end)
    if late is None:
        return False
    going = Cover((*gone, command.whole))
    return all(going.holds(other.span) for other in script.commands if other.span.start < late.start())


def _ends_the_job_well(script: Script, command: Command, gone: frozenset[Span]) -> bool:
    """Whether it is a deactivation at the end of the script, which succeeds, whatever stays before it."""
    if command.within or "deactivate" not in command.source or script.commands[-1].span.start > command.whole.end:
        return False
    stays = (c for c in reversed(script.commands) if c.span.end <= command.span.start and not c.within)
    before = next((c for c in stays if c.span not in gone), None)
    return before is not None and before.name not in _SUCCEEDS


def _ends_behind_a_condition(script: Script, command: Command, gone: frozenset[Span]) -> bool:
    """Whether the last command of a script or function stands behind a list such as `[ -n "$x" ] && …`, which may well
    fail.
    """
    around = command.within
    if any(place.kind not in (FUNCTION, GROUP, SUBSHELL, REDIRECTED) for place in around):
        return False
    inside = [c for c in script.commands if c.within[: len(around)] == around]
    if inside[-1].span.start > command.whole.end:
        return False
    going = [span for span in gone if span.end <= command.span.start]
    stays = (  # (A question to conda goes as well, later.)
        c for c in reversed(inside)
        if c.span.end <= command.span.start and not CONDA.search(c.source)
        and not any(span.holds(c.span) for span in going)
    )  # fmt: skip
    before = next(stays, None)
    marks = [(place.kind, script.text[place.span.start : place.span.end]) for place in before.within] if before else []
    return any((kind == CHAINED and "&&" in text) or (kind == CHECKED and text.startswith("!")) for kind, text in marks)


def _ends_what_is_asked(script: Script, command: Command, gone: frozenset[Span]) -> bool:
    """Whether it is the last command of a group or function whose status something looks at, and what stays before it
    may fail.
    """
    bodies = [at for at, place in enumerate(command.within) if place.kind in _BODIES]
    if not bodies or command.within[bodies[-1]].kind not in _ASKED_WHOLE:
        return False
    around = command.within[: bodies[-1] + 1]
    if any(place.kind in (CHECKED, CHAINED, PIPELINE) for place in command.within[len(around) :]):
        return False
    inside = [c for c in script.commands if c.within[: len(around)] == around and not command.whole.holds(c.span)]
    stays = [c for c in inside if not any(span.holds(c.span) for span in gone)]
    if not stays or stays[-1].span.start > command.span.start or stays[-1].name in _SUCCEEDS:
        return False
    while around and (body := around[-1]).kind in _ASKED_WHOLE:  # the body of a function is a group
        around = around[:-1]
        calls = [c for c in script.commands if c.name == body.note] if body.kind == FUNCTION else []
        if any(_is_asked(script, c.within, c.whole.end) for c in calls) or _is_asked(script, around, body.span.end):
            return True
    return False


def _is_asked(script: Script, within: tuple[Place, ...], end: int) -> bool:
    """Whether something looks at the status of what stands there."""
    looked_at = bool(within) and within[-1].kind in (CHECKED, CHAINED)
    return looked_at or _STATUS_IS_READ.match(script.text, end) is not None


def _fills_lines(lines: Lines, whole: Span, text: str) -> bool:
    """Whether a statement shares its lines with nothing else."""
    return not (text[lines.start(whole.start) : whole.start] + text[whole.end : lines.end(whole.end)]).strip()


def _statement(lines: Lines, whole: Span, text: str) -> Edit:
    start, end = lines.start(whole.start), lines.end(whole.end)
    before, after = text[start : whole.start], text[whole.end : end]
    if not before.strip():
        if not after.strip():
            return Edit(Span(start, lines.after(whole.end)), "")
        comment = _TO_COMMENT.match(after)
        if comment:
            tail = after[comment.end() :]
            if tail.startswith("#SBATCH") or (start == 0 and tail.startswith("#!")):
                return Edit(whole, ":")  # it would come true
            return Edit(Span(whole.start, whole.end + comment.end()), "")
    match = _AFTER.match(text, whole.end, end)
    if match:
        return Edit(Span(whole.start, match.end()), "")
    ahead = _BEFORE.search(before)
    if ahead and before[: ahead.start()].strip():
        return Edit(Span(start + ahead.start(), whole.end), "")
    return Edit(whole, ":")


def _one_line(command: Command, text: str) -> bool:
    """Whether the command stands in a quoted script of one line, where a separator may be the outer shell's."""
    place = next((p for p in reversed(command.within) if p.kind == "script"), None)
    return (
        place is not None
        and "\n" not in text[place.span.start : place.span.end]
        and text[place.span.start : place.span.start + 1] in "'\""
    )


def _in_quotes(command: Command, text: str) -> Edit | None:
    """Out of a quoted script of one line, with the `;` behind it, where more of the script follows."""
    place = command.within[-1] if command.within else None
    if place is None or place.kind != SCRIPT or text[place.span.start] not in "'\"":
        return None
    match = _AFTER.match(text, command.whole.end, place.span.end - 1)
    return Edit(Span(command.whole.start, match.end()), "") if match and match.end() < place.span.end - 1 else None


def _is_last_one(script: Script, command: Command, gone: frozenset[Span]) -> bool:
    """Whether a body (`then …`, `{ … }`, `do …`) would be left empty, which bash does not read."""
    body = next((p for p in reversed(command.within) if p.kind in _BODIES), None)
    if body is None:
        return False
    others = [other for other in script.commands if body in other.within and body.span.holds(other.span)]
    # What stands in a substitution of a command goes with it: `source $(conda info --base)/…`.
    leaving = [command.span, *gone]
    others = [other for other in others if not any(span.holds(other.span) for span in leaving)]
    if body.kind in (LOOP, BRANCH):
        others = [other for other in others if not _is_condition(other, body.span)]
    if others:
        return False
    # All of the body goes: the first of them leaves a `:`, so that one stands there.
    first = min((s for s in gone if body.span.holds(s)), default=command.span)
    return first.start == command.span.start or command.span not in gone


def _is_condition(command: Command, statement: Span) -> bool:
    return bool(command.within) and any(p.kind == CHECKED and p.span == statement for p in command.within)


def _from_list(script: Script, lines: Lines, command: Command, left: bool, gone: frozenset[Span]) -> Edit:
    """Out of `a && b || c`: with its operator where that changes nothing, else as `:`."""
    text, whole = script.text, command.whole
    place = command.within[-1]
    if place.span.end <= whole.end and text.startswith("!", place.span.start):
        return Edit(whole, ":")  # `! conda info && …`: what follows hangs on the contrary
    others = [c for c in script.commands if not command.span.holds(c.span) and place.span in [p.span for p in c.within]]
    rest = text[place.span.start : whole.start]
    outermost = not (len(command.within) > 1 and command.within[-2].kind in (CHECKED, CHAINED, PIPELINE))
    after = re.match(r"\s*(&&|\|\|)\s*", text[whole.end :])
    before = re.search(r"(&&|\|\|)\Z", text[: whole.start].rstrip())
    if outermost and not _is_last_one(script, command, gone | {c.span for c in others}):
        if (
            left
            and after
            and after[1] == "||"
            and not rest.strip()
            and all(c.name in _GIVES_UP and not is_kept(c) for c in others)
        ):
            return _statement(lines, _whole(place.span, others, command), text)
        if (
            not left
            and before
            and before[1] == "&&"
            and re.fullmatch(r"(\[.*\]|test\s.*)", rest.rstrip().removesuffix("&&").rstrip(), re.S)
            and not others
        ):
            return _statement(lines, _whole(place.span, others, command), text)
    if left and after and after[1] == "&&" and not before:
        return Edit(Span(whole.start, whole.end + after.end()), "")
    if before and before[1] == "&&" and after and after[1] == "&&":
        return Edit(Span(whole.end - (whole.end - whole.start), whole.end + after.end()), "")
    return Edit(whole, ":")


def _whole(span: Span, others: list[Command], command: Command) -> Span:
    return Span(span.start, max([span.end, command.whole.end] + [c.whole.end for c in others]))
