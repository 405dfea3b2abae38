"""What is said of a script beside its findings: line ends, a header that sbatch does not obey, containers, text that
carries conda where no rule follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.rules import CONTAINER, Finding
from slurmfix.shell import PIPELINE, SCRIPT, Runs, Script, calls_one, files_of, is_kept

_SPEAKS = re.compile(r"(?m)^[^#\n]*?\b(?:conda|mamba|micromamba|source|\.)[ \t]+(?:activate|run)\b")
_CARRIED = re.compile(
    r"(?:(?<![\w#-])|(?<=\\n))"
    r"(?:(?:conda|mamba|micromamba)[ \t]+(?:activate|run)|(?:source|\.)[ \t]+activate)(?![\w./-])"
    r"|\$\{?\w*(?i:conda|mamba)\w*\}?\"?[ \t]+(?:activate|run)(?![\w./-])"
)
_IN_TEXT = re.compile(
    rf"{_CARRIED.pattern}|(?:conda|mamba|miniforge)\w*/envs/[\w.-]+/bin/\w|\buse_condaenv\(|[\"']conda[\"'],\s*[\"'](?:activate|run)[\"']"
)
_EXPORTED = re.compile(r"(?:PATH|PRELOAD|HOME)=[^\s,]*(?:(?<!se)conda|mamba|miniforge)", re.I)
_SHOWS = ("echo", "printf", "cat", "grep", "sed", "awk", "logger", "say")  # their words are for people, if not written


def notes(script: Script) -> tuple[str, ...]:
    found = []
    if "\r\n" in script.text:
        found.append("has DOS line ends (CRLF), which sbatch refuses: dos2unix mends that")
    if script.text.startswith("\ufeff"):
        found.append("starts with a byte order mark, which sbatch refuses")
    late = _late(script)
    if late is not None:
        line = script.text.count("\n", 0, late) + 1
        found.append(f"sbatch ignores its #SBATCH lines from line {line} on, since a command stands above them")
    return (*found, *containers(script))


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


def containers(script: Script) -> tuple[str, ...]:
    if not script.containers:
        return ()
    lines = sorted({script.text.count("\n", 0, span.start) + 1 for span in script.containers})
    return (f"what runs inside a container is left alone (line {', '.join(map(str, lines))})",)


def torn(script: Script) -> tuple[str, ...]:
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


def overlooked(script: Script, found: tuple[Finding, ...]) -> tuple[str, ...]:
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
    for heredoc in script.heredocs:
        if heredoc.is_read or heredoc.runs is Runs.CONTAINER or script.layers(heredoc.opener.start):
            continue
        carried = [match.start() for match in _IN_TEXT.finditer(text, heredoc.body.start, heredoc.body.end)]
        if not carried or any(heredoc.body.meets(span) for span in script.containers):
            continue
        files = [name for each in script.commands if each.span == heredoc.owner for name in files_of(each)]
        if heredoc.runs is not Runs.NOTHING or any(name in text[heredoc.body.end :] for name in files):
            yield from (at for at in carried if "#" not in text[text.rfind("\n", 0, at) + 1 : at])
