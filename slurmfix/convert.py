"""The story of one job script: find, plan, edit, verify."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from slurmfix.outcome import Outcome
from slurmfix.plan import IDLE, MANUAL, REVIEW, Plan, Serve, Style, clean_up, make_plan
from slurmfix.rules import CONTAINER, ENTER, INSTALL, LEAVE, PROVIDE, PYTHON, RUN, Finding, find
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
    calls_one,
    files_of,
    is_kept,
    read,
)
from slurmfix.text import Edit, Span, apply, line_ending, moved, taken_out

# Says why bash refuses a text; "" where it reads it, None where there is no bash to ask. It is told whether the text
# could be read whole here.
Syntax = Callable[[str, bool], str | None]


_read = lru_cache(maxsize=1)(read)  # the new text is read once, for all that is checked on it
_SPEAKS = re.compile(r"(?m)^[^#\n]*?\b(?:conda|mamba|micromamba|source|\.)[ \t]+(?:activate|run)\b")
_CARRIED = re.compile(
    r"(?:(?<![\w#-])|(?<=\\n))"
    r"(?:(?:conda|mamba|micromamba)[ \t]+(?:activate|run)|(?:source|\.)[ \t]+activate)(?![\w./-])"
    r"|\$\{?\w*(?i:conda|mamba)\w*\}?\"?[ \t]+(?:activate|run)(?![\w./-])"
)
_IN_TEXT = re.compile(
    rf"{_CARRIED.pattern}|(?:conda|mamba|miniforge)\w*/envs/[\w.-]+/bin/\w|\buse_condaenv\(|[\"']conda[\"'],\s*[\"'](?:activate|run)[\"']"
)
_HEREDOC = re.compile(r"<<-?[ \t]*[\"'\\]?(\w+)")
_RUNS_TEXT = re.compile(r"parallel|xargs|Rscript|R|i?python[\d.]*")
_TO_A_SHELL = re.compile(r"\|[^|\n]*\b(?:bash|sh|ssh)\b")
_EXPORTED = re.compile(r"(?:PATH|PRELOAD|HOME)=[^\s,]*(?:(?<!se)conda|mamba|miniforge)", re.I)
_SHOWS = ("echo", "printf", "cat", "grep", "sed", "awk", "logger", "say")  # their words are for people, if not written
_IGNORE = re.compile(r"#\s*slurmfix:\s*ignore\s*\Z")
_REFUSED = "bash accepts the script and refuses its rewrite"
_UNREADABLE = "the new text has regions that cannot be read"
_STRUCTURE = frozenset((BRANCH, FUNCTION, GROUP, LOOP, SCRIPT, SUBSHELL, SUBSTITUTION))
_EMPTY_LINE = re.compile(r"\n\r?\n")
_IGNORE_FILE = re.compile(r"#\s*slurmfix:\s*ignore-file\b")


def convert(
    path: str,
    text: str,
    serve_for: Callable[[Script, tuple[Finding, ...]], Serve],
    style: Style,
    safe_only: bool = False,
    syntax: Syntax = lambda text, whole: None,
    startup: bool = False,
    rules_off: tuple[str, ...] = (),
) -> Outcome:
    """Convert one script, or a start-up file of the shell (`startup`). `serve_for` looks up its environments.

    What the rules of `rules_off` find is left alone, as are ignored lines. Raises TemplateFailed,
    TooManyFindings.
    """
    script = read(text)
    found = find(script)
    findings = _without_ignored(script, found, rules_off)
    ignored = () if len(findings) == len(found) else tuple(finding for finding in found if finding not in findings)
    if not findings:
        said = () if ignored else _torn(script) or _overlooked(script, ())
        return Outcome(path, text, text, notes=said + _containers(script), unhandled=bool(said), ignored=ignored)

    def plan_of(script: Script, findings: tuple[Finding, ...]) -> Plan:
        return (
            clean_up(script, findings) if startup else make_plan(script, findings, serve_for(script, findings), style)
        )

    plan = plan_of(script, findings)
    outcome = edited(path, script, _only_safe(plan) if safe_only else plan, syntax)._replace(ignored=ignored)
    refused = dict.fromkeys(served.refused for served in plan.environments if served.refused)
    if refused:
        return outcome._replace(error="; ".join(refused))
    if said := _overlooked(script, found):
        outcome = outcome._replace(notes=(*outcome.notes, *said), unhandled=True)
    if outcome.changes and not safe_only:
        broken = _stable(outcome.after, plan_of, rules_off)
        outcome = _taken_back(outcome, broken) if broken else outcome
    if outcome.broken and (refusal := syntax(text, False)):
        outcome = _left_to_a_person(outcome, "bash does not read this script: mend that first")
        return outcome._replace(notes=(*outcome.notes, f"bash does not read it ({refusal})"))
    if outcome.broken and script.unread:
        line = text.count("\n", 0, min(span.start for span in script.unread)) + 1
        why = f"the script cannot be read for sure from line {line} on, nor what it becomes"
        return _left_to_a_person(outcome, why)
    if outcome.broken == (_UNREADABLE,) and syntax(text, False) == "":
        # bash reads both texts: where our grammar alone fails, the promises can be neither held nor broken.
        return _left_to_a_person(outcome, "what it becomes cannot be read for sure: write its lines more plainly")
    if outcome.broken and "\r\n" in text:
        return _left_to_a_person(outcome, "with DOS line ends bash does not read what it becomes: dos2unix it first")
    return outcome


def _left_to_a_person(outcome: Outcome, why: str) -> Outcome:
    """What cannot be read cannot be rewritten for sure: that is the script's fault, and no promise of ours."""
    steps = tuple(replace(step, edits=(), applicability=MANUAL, why=why) for step in outcome.steps)
    return outcome._replace(plan=Plan(steps), broken=(), unhandled=True)


def edited(path: str, script: Script, plan: Plan, syntax: Syntax) -> Outcome:
    """The outcome of a plan, with the promises that can be checked on the two texts."""
    text = script.text
    edits = _with_line_ends(plan.edits, text)
    try:
        after = apply(text, edits)
    except ValueError as error:
        return Outcome(path, text, text, plan, broken=(str(error),), notes=_notes(script))
    created = plan.files if after != text else ()
    outcome = Outcome(path, text, after, plan, edits, created, notes=_notes(script))
    broken = (*verify(script, after, edits, syntax), *_lost(script, plan)) if after != text else ()
    return _taken_back(outcome, broken) if broken else outcome


def _taken_back(outcome: Outcome, broken: tuple[str, ...]) -> Outcome:
    return outcome._replace(after=outcome.before, edits=(), created=(), broken=broken)


def _with_line_ends(edits: tuple[Edit, ...], text: str) -> tuple[Edit, ...]:
    ending = line_ending(text)
    if ending == "\n":
        return edits
    return tuple(Edit(edit.span, edit.new.replace("\n", ending)) for edit in edits)


def _only_safe(plan: Plan) -> Plan:
    steps = tuple(replace(step, edits=()) if step.applicability == REVIEW else step for step in plan.steps)
    return replace(plan, steps=steps, environments=plan.environments if any(s.edits for s in steps) else ())


def _without_ignored(
    script: Script, findings: tuple[Finding, ...], rules_off: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    if "slurmfix:" not in script.text and not rules_off:
        return findings
    empty = _EMPTY_LINE.search(script.text, script.header_end)
    head = empty.start() if empty else len(script.text)
    if any(s.start < head and _IGNORE_FILE.match(script.text[s.start : s.end]) for s in script.comments):
        return ()
    ignored = [span for span in script.comments if _IGNORE.search(script.text[span.start : span.end])]

    def stands_there(finding: Finding) -> bool:
        return any(
            "\n" not in script.text[min(finding.command.whole.end, span.start) : span.start]
            and finding.span.start < span.start
            for span in ignored
        )

    kept = tuple(f for f in findings if f.rule not in rules_off and not stands_there(f))
    if any(finding.act in (ENTER, RUN, INSTALL) for finding in findings if finding not in kept):
        # A command of conda's that stays needs what makes conda available.
        kept = tuple(finding for finding in kept if finding.act not in (PROVIDE, PYTHON))
    left = _left_again(findings)
    return tuple(finding for finding in kept if finding not in left or left[finding] in kept)


def _left_again(findings: tuple[Finding, ...]) -> dict[Finding, Finding]:
    """Each deactivation with the activation above it that it ends: it stays where that stays."""
    active: list[Finding] = []
    left: dict[Finding, Finding] = {}
    for finding in findings:
        if finding.act == ENTER:
            active.append(finding)
        elif finding.act == LEAVE and active:
            left[finding] = active.pop()
    return left


def _notes(script: Script) -> tuple[str, ...]:
    notes = []
    if "\r\n" in script.text:
        notes.append("has DOS line ends (CRLF), which sbatch refuses: dos2unix mends that")
    if script.text.startswith("\ufeff"):
        notes.append("starts with a byte order mark, which sbatch refuses")
    late = _late(script)
    if late is not None:
        line = script.text.count("\n", 0, late) + 1
        notes.append(f"sbatch ignores its #SBATCH lines from line {line} on, since a command stands above them")
    return (*notes, *_containers(script))


def _late(script: Script) -> int | None:
    """Where the first `#SBATCH` line stands that sbatch does not obey; an inner script has a header of its own."""
    inner = {place.span for command in script.commands for place in command.within if place.kind == SCRIPT}
    for span in script.comments:
        if (
            span.start >= script.header_end
            and script.text.startswith("#SBATCH", span.start)
            and script.text[span.start - 1 : span.start] == "\n"
            and not any(place.holds(span) for place in inner)
        ):
            return span.start
    return None


def _containers(script: Script) -> tuple[str, ...]:
    if not script.containers:
        return ()
    lines = sorted({script.text.count("\n", 0, span.start) + 1 for span in script.containers})
    return (f"what runs inside a container is left alone (line {', '.join(map(str, lines))})",)


def _torn(script: Script) -> tuple[str, ...]:
    """What to say where nothing was found, and where conda stands in what could not be read."""
    if not script.unread:
        return ()
    first = min(span.start for span in script.unread)
    start = script.text.rfind("\n", 0, first) + 1
    for match in _SPEAKS.finditer(script.text, start):
        if not any(span.start <= match.start() < span.end for span in script.comments):
            line = script.text.count("\n", 0, first) + 1
            return (f"cannot be read for sure from line {line} on, and speaks of conda there: `bash -n` may tell why",)
    return ()


def _overlooked(script: Script, found: tuple[Finding, ...]) -> tuple[str, ...]:
    """What to say of commands that carry an activation or a run of conda's where no rule follows it: in a variable, an
    alias, the text of a script that is written or handed on, an option of the job.
    """
    lines = {
        script.text.count("\n", 0, match.start()) + 1
        for span in script.unread
        for match in _CARRIED.finditer(script.text, span.start, span.end)
        if "#" not in script.text[script.text.rfind("\n", 0, match.start()) + 1 : match.start()]
    }
    lines |= {script.text.count("\n", 0, at) + 1 for at in (*_in_options(script), *_in_heredocs(script))}
    known = {script.text.count("\n", 0, finding.command.span.start) + 1 for finding in found}
    for command in script.holding("activate", " run"):
        if not _CARRIED.search(command.source) or any(command.whole.meets(span) for span in script.containers):
            continue
        if CONTAINER.search(command.source) or calls_one((word.source for word in command.words), script.contained):
            continue
        handed_on = any(place.kind == PIPELINE and place.note != "last" for place in command.within)
        written = handed_on or is_kept(command)
        if command.name in _SHOWS and not written:
            continue
        if not any(finding.command.whole.meets(command.whole) for finding in found):
            lines.add(script.text.count("\n", 0, command.span.start) + 1)
    told = ", ".join(map(str, sorted(lines - known)))
    return (f"speaks of conda in a way that is not followed (line {told}): see what becomes of that",) if told else ()


def _in_options(script: Script) -> Iterator[int]:
    """Where a `#SBATCH` line gives the job a path into conda, which holds from its start."""
    for directive in script.directives:
        if "--export" in directive.line and _EXPORTED.search(directive.line):
            yield directive.span.start


def _in_heredocs(script: Script) -> Iterator[int]:
    """Where the text that a command is fed uses conda: lines that `parallel` runs, a program for Python or R, or a file
    that the job uses further down. What a shell reads is read as a script of its own, and what is shown runs nothing.
    """
    text = script.text
    if "<<" not in text:
        return
    for command in script.commands:
        opening = next((match for redirect in command.redirects if (match := _HEREDOC.match(redirect))), None)
        start = text.find("\n", command.whole.end) + 1
        if opening is None or not start or command.text.layers:
            continue
        end = re.compile(rf"^\t*{re.escape(opening[1])}\r?$", re.M).search(text, start)
        body = Span(start, end.start() if end else len(text))
        carried = [match.start() for match in _IN_TEXT.finditer(text, body.start, body.end)]
        if not carried or any(body.holds(other.span) for other in script.commands):
            continue
        if any(body.meets(span) for span in script.containers):
            continue
        runs = any(_RUNS_TEXT.fullmatch(word.literal.rsplit("/", 1)[-1]) for word in command.words)
        runs = runs or _TO_A_SHELL.search(text, command.whole.start, start) is not None
        if runs or any(name in text[body.end :] for name in files_of(command)):
            yield from (at for at in carried if "#" not in text[text.rfind("\n", 0, at) + 1 : at])


def verify(script: Script, after: str, edits: tuple[Edit, ...], syntax: Syntax) -> tuple[str, ...]:
    """The promises that the new text breaks: it reads, all other commands stand, and bash says the same of it."""
    broken = []
    new = _read(after)
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
    refused = syntax(after, not new.unread)
    if refused and not syntax(script.text, False):
        broken.append(f"{_REFUSED}: {refused}")
    return tuple(broken)


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
            inner = [around.span for around in command.within if around.kind == SCRIPT]
            if not any(around.meets(edit.span) for around in inner for edit in ordered):
                # (An inner script that no longer speaks of conda is not read again; its bytes are the same.)
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


def _around(command: Command) -> tuple[str, ...]:
    """What decides whether, where and how often a command runs; lists may lose members without that."""
    return tuple([place.kind for place in command.within if place.kind in _STRUCTURE])


def _lost(script: Script, plan: Plan) -> tuple[str, ...]:
    """The promise that no edit takes the author's own work away with conda's: all that goes besides is what only asks
    for conda, or complains of its absence.
    """
    taken = sorted(span for edit in plan.edits if (span := taken_out(edit, script.text)).start < span.end)
    ends = [span.end for span in taken]
    parts = [span for step in plan.steps for span in (step.finding.span, step.finding.command.whole)]
    for command in script.commands:
        span = command.span
        for stretch in taken[bisect_right(ends, span.start) :]:
            if not stretch.meets(span):
                break
            gone = script.text[max(stretch.start, span.start) : min(stretch.end, span.end)]
            kept = command.name in IDLE or any(gone in edit.new for edit in plan.edits)
            if not kept and not any(part.meets(span) for part in parts):
                line = script.text.count("\n", 0, span.start) + 1
                return (f"the command of line {line}, which is none of conda's, goes",)
    return ()


def _stable(
    after: str, plan_of: Callable[[Script, tuple[Finding, ...]], Plan], rules_off: tuple[str, ...]
) -> tuple[str, ...]:
    """Run again, nothing is left to do that is not manual."""
    script = _read(after)
    findings = _without_ignored(script, find(script), rules_off)
    left = [step for step in plan_of(script, findings).steps if step.edits] if findings else []
    if left:
        line = after.count("\n", 0, left[0].finding.span.start) + 1
        return (f"run again, it would still change line {line} of the new text ({left[0].finding.rule})",)
    return ()
