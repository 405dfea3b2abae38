"""What is another thing once a virtualenv stands where conda's environment stood: places, variables, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.flow import UNREACHABLE, Flow
from slurmfix.ledger.build import file_of
from slurmfix.ledger.entries import Entry, trace_pattern
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import Beside
from slurmfix.shell import Command, Region, Script
from slurmfix.text import Span

_JOB = "conda activate myenv\npython train.py\n"
PLACE, RESTS, IS_SET, MEANING = "place of the python", "virtualenv above", "variable that is set", "another meaning"
FIRST_LINE = "first line of a file"
RUN_BY_CONDA = Message(
    id="first-line-of-conda",
    kind=DOUBT,
    subject="`{source}`",
    reason="the first line of this file names conda's Python, which goes on to run the file",
    action="write `#!/usr/bin/env python` there",
    bad=f"{_JOB}./report.py\n-- report.py --\n#!/home/ana/miniconda3/envs/myenv/bin/python\nimport numpy\n",
    good=f"{_JOB}./report.py\n-- report.py --\n#!/usr/bin/env python\nimport numpy\n",
)
MESSAGES_OF_CHANGES = {
    PLACE: Message(
        id="place-of-the-python",
        kind=DOUBT,
        subject="`{source}`",
        reason="the folder of this Python is another one now, and holds nothing but Python packages",
        action="check what the job looks for there",
        bad=f"{_JOB}export LD_LIBRARY_PATH=$(dirname $(which python))/../lib\npython b.py\n",
        good=_JOB,
    ),
    RESTS: Message(
        id="virtualenv-above",
        kind=DOUBT,
        subject="`{source}`",
        reason="this virtualenv stood above the environment of conda, and takes its place now",
        action="install its packages in the new environment, and take this line out",
        bad=f"{_JOB}source ~/venvs/extra/bin/activate\npython b.py\n",
        good=_JOB,
    ),
    IS_SET: Message(
        id="virtual-env-is-set",
        kind=DOUBT,
        subject="`{source}`",
        reason="VIRTUAL_ENV is set in the new environment, and was not set in conda's",
        action="check which way the job is to go",
        bad=f'{_JOB}if [ -z "$VIRTUAL_ENV" ]; then exit 1; fi\npython b.py\n',
        good=_JOB,
    ),
    FIRST_LINE: RUN_BY_CONDA,
    MEANING: Message(
        id="own-meaning",
        kind=DOUBT,
        subject="`{source}`",
        reason="the new lines call this command, and the script gives the name another meaning",
        action="give the function or the alias another name",
        bad=f"pip() {{ echo none; }}\n{_JOB}",
        good=_JOB,
    ),
}
_CALLED = ("virtualenv", "pip", "module", "source", "deactivate")  # by the lines that build an environment
_PATTERNS = (
    (
        re.compile(
            r"\$\((?=[^\n]*\b(?:which|command -v|type -[pP])\s+\"?python)[^\n]*\bdirname\b"
            r"|\bsys\.(?:base_|exec_)?prefix\b|\bpython[\d.]*-config\b|\$\{PATH%%:|\bsysconfig\.get"
        ),
        PLACE,
    ),
    (re.compile(r"(?:-[nz]|\[\[)\s+\"?\$\{?VIRTUAL_ENV\b|\$\{VIRTUAL_ENV:?[-+=?]"), IS_SET),
)
_VIRTUALENV = re.compile(
    r"(?:source|\.)\s+\S*/bin/activate[\"']?\s*\Z|(?:\S*/)?python[\d.]*\s+-m\s+(?:venv|virtualenv)\s|virtualenv\s"
)
_ALIAS = re.compile(rf"alias\s+(?:\S+=\S+\s+)*(?:{'|'.join(_CALLED)})=")


def changed_entries(script: Script, plan: Plan, flow: Flow, beside: Beside) -> Iterator[Entry]:
    """The lines to which something is another thing than before."""
    if not any(step.edits for step in plan.steps):
        return
    yield from _own_meanings(script)
    yield from _run_by_conda(script, beside)
    ours = {step.finding.command.span for step in plan.steps}
    for command in script.holding("activate", "venv", "virtualenv"):
        if command.span not in ours and _VIRTUALENV.match(command.source) and _is_active(flow, command):
            yield Entry(RESTS, command.span, RESTS, command)
    for pattern, kind in _PATTERNS:
        for match in pattern.finditer(script.text):
            if script.region(match.start()) is Region.COMMENT:
                continue
            following = next((c for c in script.commands if c.span.end > match.start()), None)
            if following is not None and _is_active(flow, following):
                yield Entry(kind, Span(*match.span()), kind, following)


def _own_meanings(script: Script) -> Iterator[Entry]:
    for name, span in script.functions:
        if name in _CALLED:
            yield Entry(MEANING, Span(span.start, span.start + len(name)), MEANING)
    for command in script.holding("alias"):
        if _ALIAS.match(command.source):
            yield Entry(MEANING, command.span, MEANING, command)


def _run_by_conda(script: Script, beside: Beside) -> Iterator[Entry]:
    """The files at hand that a line starts by their path, and that name a Python of conda's in their first line."""
    for command in script.holding("/"):
        text = beside(path) if (path := file_of(script, command)) else None
        if text is not None and text.startswith("#!") and trace_pattern().search(text.partition("\n")[0]):
            yield Entry(FIRST_LINE, command.span, FIRST_LINE, command)


def _is_active(flow: Flow, command: Command) -> bool:
    """Whether an environment of the plan's is, or may be, active before a command."""
    state = flow.before.get(command.span, UNREACHABLE)
    return state is not UNREACHABLE and (bool(state.stack) or state.open)
