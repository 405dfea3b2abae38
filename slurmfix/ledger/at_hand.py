"""Files beside a script that one of its commands names: those that use conda, or submit jobs of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from slurmfix import knowledge
from slurmfix.ledger.entries import AT_HAND, ELSEWHERE, Entry, trace_pattern
from slurmfix.ledger.lists import lists_run_by
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import USES, Beside, Provide, TooManyFindings, find
from slurmfix.shell import Command, Script, read, value_of
from slurmfix.shell.written import is_script

USES_CONDA_TOO = Message(
    id="file-uses-conda",
    kind=DOUBT,
    subject="`{source}`",
    reason="the job runs or reads the file `{what}`, which uses conda",
    action="change `{what}` as well",
    bad="conda activate myenv\nmake all\n-- Makefile --\nall:\n\tconda run -n myenv python train.py\n",
    good="conda activate myenv\nmake all\n-- Makefile --\nall:\n\tpython train.py\n",
)
SUBMITS = "submits jobs"
_FILE = re.compile(r"(?:\S*[=,])?([\w.~/+-]*[./][\w.+-]*\w)")
_WITHOUT_A_WORD = {"make": ("Makefile", "makefile", "GNUmakefile")}
_SHELL = re.compile(r"#!.*sh\b")


def entries_at_hand(script: Script, plan: Plan, beside: Beside) -> Iterator[Entry]:
    """The commands that name such a file, with the file as what is said of."""
    if not any(step.edits for step in plan.steps):
        return
    known: dict[str, str] = {}  # what each file does: a script names one many times
    for command in script.commands:
        for name in dict.fromkeys(_names(script, command)):
            if name not in known:
                text = beside(name)
                known[name] = _does(name, text) if text is not None and text != script.text else ""
            if known[name] == "uses":
                yield Entry(AT_HAND, command.span, name, command)
            elif known[name] == "submits":
                yield Entry(ELSEWHERE, command.span, SUBMITS, command)
        for name in (word.literal for word in lists_run_by(script, command)):
            if trace_pattern().search(beside(name) or ""):
                yield Entry(AT_HAND, command.span, name, command)


def finds_conda_itself(name: str, text: str) -> bool:
    """Whether a file is a shell's script that finds conda by itself, whatever the job has done before."""
    found = find(read(text)) if is_of_a_shell(name, text) else ()
    provides = [each.span for each in found if isinstance(each.act, Provide)]
    uses = [each.span for each in found if isinstance(each.act, USES)]
    return bool(provides and uses) and min(provides) < min(uses)


def is_of_a_shell(name: str, text: str) -> bool:
    """Whether a file is a shell's script, by its name or its first line."""
    return is_script(name) or _SHELL.match(text) is not None


def _names(script: Script, command: Command) -> Iterator[str]:
    yield from _WITHOUT_A_WORD.get(command.name, ())
    for word in command.words:
        text = word.literal.removeprefix("$SLURM_SUBMIT_DIR/").removeprefix("${SLURM_SUBMIT_DIR}/")
        if "$" in text and word.value is None:
            text = value_of(script, word, command).text
        if named := _FILE.fullmatch(text):
            yield named[1]


@lru_cache(maxsize=256)
def _does(name: str, text: str) -> str:
    """What a file does of which a table tells; a shell's script is read."""
    if is_of_a_shell(name, text):
        try:
            return "uses" if find(read(text)) else ""
        except (RecursionError, TooManyFindings):
            return "uses"
    for does, file, pattern in knowledge.rows("at_hand"):
        if re.search(file, name) and re.search(pattern, text, re.MULTILINE):
            return does
    return ""
