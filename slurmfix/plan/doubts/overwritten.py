"""What may give a variable that names an environment another value, unseen: a file that is read, a text that is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.rules import named_by
from slurmfix.shell import PARAMETER, Command

# What sets up a shell, conda, modules or compilers names no environment of the job's own.
_SETS_UP = re.compile(
    r"rc\b|profile|conda|mamba|activate|/etc/|lmod|modules?\b|setvars|\.venv|git-|functions?\b|/opt/|/usr/"
)
_RUNS_TEXT = re.compile(r"(?:export|declare|typeset|local|readonly)\s+(?:-\w+\s+)*(?:\$\(|`|[\"']?\$[\w{@*])")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names."""
    script, findings = job.script, job.findings
    ours = {finding.command.span for finding in findings}
    opaque = [command for command in script.commands if command.span not in ours and _may_assign(command)]
    for at, name in job.names.items() if opaque else ():
        target, command = named_by(findings[at].act), findings[at].command
        if not name.known or target is None or target.word is None:
            continue
        for part in target.word.parts:
            given = [
                c.span.end for c in script.commands
                if c.span.start < command.span.start and any(a.name == part.text for a in c.assignments)
            ] if part.kind == PARAMETER else []  # fmt: skip
            between = [c for c in opaque if given and given[-1] <= c.span.start < command.span.start]
            if between:
                line = job.line(between[0].span.start)
                yield name.code, f"line {line} may give {part.text} another value: see that it is {name.name}"


def _may_assign(command: Command) -> bool:
    """Whether a command runs what this script does not hold."""
    match command.name:
        case "source" | ".":
            return not _SETS_UP.search(command.source)
        case "eval":
            return "$" in command.source and not _SETS_UP.search(command.source)
        case "export" | "declare" | "typeset" | "local" | "readonly":
            return _RUNS_TEXT.match(command.source) is not None
    return False
