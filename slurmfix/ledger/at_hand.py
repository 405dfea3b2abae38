"""Files beside a script that one of its commands names: those that use conda, or submit jobs of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from slurmfix.at_hand import Said, is_of_a_shell, of_commands, said_by
from slurmfix.ledger.entries import AT_HAND, ELSEWHERE, Entry, trace_pattern
from slurmfix.ledger.lists import lists_run_by
from slurmfix.plan import Plan
from slurmfix.remarks import Remark
from slurmfix.rules import USES, Beside, Provide, find
from slurmfix.shell import Command, Script, read, value_of

SUBMITS = "submits jobs"
_FILE = re.compile(r"(?:\S*[=,])?([\w.~/+-]*[./][\w.+-]*\w)")
_WITHOUT_A_WORD = {"make": ("Makefile", "makefile", "GNUmakefile")}


def entries_at_hand(script: Script, plan: Plan, beside: Beside) -> Iterator[Entry]:
    """The commands that name such a file, with the file as what is said of; not one of which it is said already, as of
    what an environment has to hold.
    """
    if not any(step.edits for step in plan.steps):
        return
    told = _told_of(plan)
    known: dict[str, Said | None] = {}  # what each file does: a script names one many times
    for command in script.commands:
        for name in dict.fromkeys(_names(script, command)):
            if name not in known:
                text = beside(name)
                other = text is not None and text != script.text
                known[name] = said_by(name, text, "uses", "submits") if other else None
            said = known[name]
            if said is not None and said.does == "uses":
                if not any(each.endswith(f"/{os.path.normpath(name)}") for each in told):
                    yield Entry(AT_HAND, command.span, name, command, told=said.of_a_job(name).values)
            elif said is not None:
                yield Entry(ELSEWHERE, command.span, SUBMITS, command)
        for name in (word.literal for word in lists_run_by(script, command)):
            text = beside(name) or ""
            if match := trace_pattern().search(text):
                said = of_commands(text.count("\n", 0, match.start()) + 1)
                yield Entry(AT_HAND, command.span, name, command, told=said.of_a_job(name).values)


def _told_of(plan: Plan) -> tuple[str, ...]:
    """The files of which a doubt about an environment tells."""
    doubts = (doubt for served in plan.environments for doubt in served.doubts if isinstance(doubt, Remark))
    return tuple(f"/{doubt.values['file'].lstrip('/')}" for doubt in doubts if "file" in doubt.values)


def finds_conda_itself(name: str, text: str) -> bool:
    """Whether a file is a shell's script that finds conda by itself, whatever the job has done before."""
    found = find(read(text)) if is_of_a_shell(name, text) else ()
    provides = [each.span for each in found if isinstance(each.act, Provide)]
    uses = [each.span for each in found if isinstance(each.act, USES)]
    return bool(provides and uses) and min(provides) < min(uses)


def _names(script: Script, command: Command) -> Iterator[str]:
    yield from _WITHOUT_A_WORD.get(command.name, ())
    for word in command.words:
        text = word.literal.removeprefix("$SLURM_SUBMIT_DIR/").removeprefix("${SLURM_SUBMIT_DIR}/")
        if "$" in text and word.value is None:
            text = value_of(script, word, command).text
        if named := _FILE.fullmatch(text):
            yield named[1]
