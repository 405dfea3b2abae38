"""Whether conda's base is used where a script brings it: nothing of conda runs in many a job that loads its module."""

from __future__ import annotations

import re

from slurmfix import knowledge
from slurmfix.plan.authors import authors_own
from slurmfix.remarks import DOUBT, PLAIN, Message, Remark, job
from slurmfix.rules import Finding, loaded, place_of_a_virtualenv
from slurmfix.rules.messages import RUN_BY_A_VIRTUALENV
from slurmfix.rules.rule import CONDA
from slurmfix.shell import Call, How, Kind, Script, calls_of, is_everywhere, is_idle, kind_of
from slurmfix.text import excerpt

BASE_NOT_USED = Message(
    id="base-not-used",
    kind=DOUBT,
    subject="`{source}`",
    reason="nothing in this script uses Python or another program of conda, so slurmfix only removes this line",
    action="if the job runs without it, do nothing. Otherwise put the line back",
    bad=job("module load anaconda3 apptainer\napptainer run tool.sif"),
    good=PLAIN,
)
_READS = ("source", ".")  # a file that may use conda
_START_OTHERS = (Kind.STEP, Kind.WRAPPER, Kind.REMOTE, Kind.SHELL)  # what they read tells what they start
_COMPILED = re.compile(r"/\S*?/[\w+-]+(?:\.(?:x|exe))?")


def unused(script: Script, finding: Finding, findings: tuple[Finding, ...]) -> Remark | None:
    """What is said of a line that brings conda's base, where nothing runs in that; `findings` are all of the script."""
    own = authors_own(script, findings, finding.span.end)
    later = [command for command in own if not is_idle(script, command) or command.name in _READS]
    if later and (at := place_of_a_virtualenv(later[0])):
        return RUN_BY_A_VIRTUALENV.about(activation=script.text.count("\n", 0, at) + 1)
    names = (script.text[each.span.start : each.span.end] for each in loaded(script))
    modules = frozenset(knowledge.plain_name(name).lower() for name in names)
    if not later or script.torn or not all(_needs_no_base(call, script, modules) for call in calls_of(script, later)):
        return None
    return BASE_NOT_USED.about(source=excerpt(finding.command.source))


def _needs_no_base(call: Call, script: Script, modules: frozenset[str]) -> bool:
    """Whether a program is none of conda's: of every node, of a module that the author loads, compiled, in an image."""
    if call.how in (How.CONTAINER, How.ASKS, How.TEXT):
        return True  # (what a text calls is looked at by itself)
    if call.how is How.FILE and call.program is not None:
        return _COMPILED.fullmatch(call.program.literal) is not None and not CONDA.search(call.program.literal)
    name = call.name
    known = is_everywhere(name) or knowledge.is_base_program(name) or (knowledge.program_module(name) or "-") in modules
    return call.how is How.PLAIN and name not in _READS and kind_of(name) not in _START_OTHERS and (not name or known)
