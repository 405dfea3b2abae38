"""What is another thing once a virtualenv stands where conda's environment stood: places, variables, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.flow import Flow
from slurmfix.ledger.build import file_of
from slurmfix.ledger.entries import Entry, Spot, trace_pattern
from slurmfix.ledger.failures import MESSAGES_OF_FAILURES, failure_entries
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import Beside, Program, Run, brings_base
from slurmfix.shell import (
    LOOP,
    SCRIPT,
    Call,
    How,
    Region,
    Runs,
    Script,
    Word,
    call_of,
)
from slurmfix.text import Cover, Span

_JOB = "conda activate myenv\npython train.py\n"
PLACE, RESTS, IS_SET, MEANING = "place of the python", "virtualenv above", "variable that is set", "another meaning"
FIRST_LINE, OUTSIDE = "first line of a file", "python outside"
SHARED_INPUT = "input of a loop"
RUN_BY_CONDA = Message(
    id="first-line-of-conda",
    kind=DOUBT,
    subject="`{source}`",
    reason="the first line of this file names conda's Python, which the job no longer uses",
    action="write `#!/usr/bin/env python` as the first line of the file",
    bad=f"{_JOB}./report.py\n-- report.py --\n#!/home/ana/miniconda3/envs/myenv/bin/python\nimport numpy\n",
    good=f"{_JOB}./report.py\n-- report.py --\n#!/usr/bin/env python\nimport numpy\n",
)
MESSAGES_OF_CHANGES = {
    **MESSAGES_OF_FAILURES,
    PLACE: Message(
        id="place-of-the-python",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line uses the folder of `python`, which now is a virtualenv with Python packages only",
        action="if the line looks there for Python packages, do nothing. For another program or library, find the "
        "module with `module spider NAME`",
        bad=f"{_JOB}export LD_LIBRARY_PATH=$(dirname $(which python))/../lib\npython b.py\n",
        good=_JOB,
    ),
    RESTS: Message(
        id="virtualenv-above",
        kind=DOUBT,
        subject="`{source}`",
        reason="this virtualenv was active on top of the conda environment, and now replaces the new environment",
        action="run `pip freeze` in this virtualenv, and add the packages to the requirements file. Then delete "
        "this line",
        bad=f"{_JOB}source ~/venvs/extra/bin/activate\npython b.py\n",
        good=_JOB,
    ),
    IS_SET: Message(
        id="virtual-env-is-set",
        kind=DOUBT,
        subject="`{source}`",
        reason="the new environment always sets VIRTUAL_ENV, which the conda environment did not",
        action="if this test asked for a virtualenv of your own, delete the test. Otherwise do nothing",
        bad=f'{_JOB}if [ -z "$VIRTUAL_ENV" ]; then exit 1; fi\npython b.py\n',
        good=_JOB,
    ),
    FIRST_LINE: RUN_BY_CONDA,
    OUTSIDE: Message(
        id="python-outside",
        kind=DOUBT,
        subject="`{source}`",
        reason="no environment is active here, so this line uses the Python of `module load {python}`, without your "
        "packages",
        action="if the line needs no packages, do nothing. Otherwise move the line below the activation (`source "
        "…/bin/activate`)",
        bad=f"source ~/miniconda3/etc/profile.d/conda.sh\n{_JOB}conda deactivate\npython3 plot.py\n",
        good=f"source ~/miniconda3/etc/profile.d/conda.sh\n{_JOB}",
    ),
    SHARED_INPUT: Message(
        id="input-of-a-loop",
        kind=DOUBT,
        subject="`{source}`",
        reason="under `conda run` this program had no input, but now reads the lines meant for the loop",
        action="write `< /dev/null` at the end of this line",
        bad="while read -r line; do\n    conda run -n myenv python train.py $line\ndone < list.txt\n",
        good="for line in a b; do\n    conda run -n myenv python train.py $line\ndone\n",
    ),
    MEANING: Message(
        id="own-meaning",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line gives another meaning to a command that the new lines call",
        action="delete the alias or function if the job does not need it. Otherwise choose another name",
        bad=f"pip() {{ echo none; }}\n{_JOB}",
        good=_JOB,
    ),
}
_CALLED = ("virtualenv", "pip", "module", "source", "deactivate")  # by the lines that build an environment
_PATTERNS = (
    (
        re.compile(
            r"\$\((?=[^\n]{0,200}\b(?:which|command -v|type -[pP])\s+\"?python)[^\n]{0,200}\bdirname\b"
            r"|\bsys\.(?:base_|exec_)?prefix\b|\bpython[\d.]*-config\b|\$\{PATH%%:|\bsysconfig\.get"
        ),
        PLACE,
    ),
    (re.compile(r"(?:-[nz]|\[\[)\s+\"?\$\{?VIRTUAL_ENV\b|\$\{VIRTUAL_ENV:?[-+=?]"), IS_SET),
)
_VIRTUALENV = re.compile(
    r"(?:source|\.)\s+\S*/bin/activate[\"']?\s*\Z|(?:\S*/)?python[\d.]*\s+-m\s+(?:venv|virtualenv)\s|virtualenv\s"
)
_LOADS_PYTHON = re.compile(r"\bmodule load\b.*\bpython/|\bml\b.*\bpython/", re.IGNORECASE)
_OWN_PYTHON = re.compile(r"(?:source|\.)\s+\S*/bin/activate\b|(?:module|ml)\s+(?:\S+\s+)*?python/")
_FINDS_PYTHON = re.compile(r"#!\s*/usr/bin/env (?:-S )?i?python")
_PYTHON = re.compile(r"i?python[\d.]*|pip[\d.]*")
_OTHER_JOBS = (Runs.JOB, Runs.REMOTE, Runs.CONTAINER)
_BY_CONDA = re.compile(r"(?:\S*/)?(?:conda|mamba|micromamba)\s")
_ALIAS = re.compile(rf"alias\s+(?:\S+=\S+\s+)*(?:{'|'.join(_CALLED)})=")
_ALIASES = Spot(MEANING, MEANING, ("alias",), _ALIAS)
_RESTS = Spot(RESTS, RESTS, ("activate", "venv", "virtualenv"), _VIRTUALENV)


def changed_entries(script: Script, plan: Plan, flow: Flow, beside: Beside) -> Iterator[Entry]:
    """The lines to which something is another thing than before."""
    yield from _own_meanings(script, plan)
    yield from _run_by_conda(script, beside)
    yield from _outside(script, plan, flow, beside)
    yield from failure_entries(script, plan, beside)
    yield from _in_loops_that_read(script, plan)
    yield from _beside_a_program(script, plan)
    ours = {step.finding.command.span for step in plan.steps}
    rests = (entry for entry in _RESTS.entries(script) if entry.command.span not in ours)
    yield from (entry for entry in rests if flow.is_active(entry.command))
    for pattern, kind in _PATTERNS:
        at = 0
        for match in pattern.finditer(script.text):
            if script.region(match.start()) is Region.COMMENT:
                continue
            while at < len(script.commands) and script.commands[at].span.end <= match.start():
                at += 1
            following = script.commands[at] if at < len(script.commands) else None
            if following is not None and flow.is_active(following):
                yield Entry(kind, Span(*match.span()), kind, following)


def _beside_a_program(script: Script, plan: Plan) -> Iterator[Entry]:
    """The commands that take the folder of a program from a variable that the plan gives another value."""
    commands = [step.finding.command for step in plan.changing_what(Program)]
    names = "|".join({assigned.name for each in commands for assigned in each.assignments})
    takes = re.compile(rf"dirname\s+[\"']?\$\{{?(?:{names})\b|\$\{{(?:{names})%")
    for command in script.holding("dirname", "%") if names else ():
        if takes.search(command.source):
            yield Entry(PLACE, command.span, PLACE, command)


def _own_meanings(script: Script, plan: Plan) -> Iterator[Entry]:
    steps = any("srun --" in edit.new for edit in plan.edits)
    for name, span in script.functions:
        if name in _CALLED or (steps and name == "srun"):
            yield Entry(MEANING, Span(span.start, span.start + len(name)), MEANING)
    yield from _ALIASES.entries(script)


def _run_by_conda(script: Script, beside: Beside) -> Iterator[Entry]:
    """The files at hand that a line starts by their path, and that name a Python of conda's in their first line."""
    for command in script.holding("/"):
        text = beside(path) if (path := file_of(script, command)) else None
        if text is not None and text.startswith("#!") and trace_pattern().search(text.partition("\n")[0]):
            yield Entry(FIRST_LINE, command.span, FIRST_LINE, command)


def _outside(script: Script, plan: Plan, flow: Flow, beside: Beside) -> Iterator[Entry]:
    """The calls of Python below the first build where no environment is active: the module brings one."""
    if any(brings_base(step.finding.act) or step.environment == "base" for step in plan.steps):
        return  # conda's base ran these lines, and a doubt tells of them
    builds = [edit.span.start for step in plan.steps for edit in step.edits if _LOADS_PYTHON.search(edit.new)]
    ours = Cover(step.finding.command.whole for step in plan.steps)
    own = [each.span.start for each in script.holding("activate", "python/") if _OWN_PYTHON.match(each.source)]
    own = [start for start in own if not ours.holds(Span(start, start))]
    for command in script.holding("python", "pip", "/") if builds else ():
        state = flow.state(command)  # of what never runs nothing is sure
        inside = state.stack or state.open or ours.holds(command.span)
        inside = inside or any(place.note in _OTHER_JOBS for place in command.within if place.kind == SCRIPT)
        if inside or not min(builds) <= command.span.start <= min(own, default=len(script.text)):
            continue
        if _calls_python(call_of(script, command), beside) and not any(map(_is_version, command.words)):
            yield Entry(OUTSIDE, command.span, OUTSIDE, command)


def _calls_python(call: Call, beside: Beside) -> bool:
    """Whether a call runs the Python that is found first, by its name or by the first line of a file at hand."""
    if call.how is How.FILE and call.program is not None:
        return _FINDS_PYTHON.match(beside(call.program.literal) or "") is not None
    return call.how is How.PLAIN and _PYTHON.fullmatch(call.name) is not None


def _is_version(word: Word) -> bool:
    return word.literal in ("-V", "--version")


def _in_loops_that_read(script: Script, plan: Plan) -> Iterator[Entry]:
    """The calls by `conda run` in loops that read a list: it closes the input of its program."""
    reading = {place for each in script.holding("read") if each.name == "read" for place in each.within}
    for command in (step.finding.command for step in plan.changing_what(Run)):
        is_given = "--no-capture-output" in command.source or any("<" in each for each in command.redirects)
        shared = [place for place in command.within if place.kind == LOOP and place in reading]
        if shared and not is_given and _BY_CONDA.match(command.source):
            yield Entry(SHARED_INPUT, command.span, SHARED_INPUT, command)
