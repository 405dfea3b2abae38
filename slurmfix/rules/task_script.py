"""A step starts a file in several tasks, and that activates an environment: the job builds the environment before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from slurmfix.rules import messages
from slurmfix.rules.acts import Enter, Start, Target
from slurmfix.rules.rule import CONDA, Finding
from slurmfix.shell import (
    SEVERAL,
    Command,
    How,
    Kind,
    Script,
    Spread,
    call_of,
    calls_in,
    options_of,
    programs_of,
    read,
    spread_of,
)

_LAUNCHERS = programs_of(*SEVERAL)
_PLAIN = re.compile(r"(?:\$\{?SLURM_SUBMIT_DIR\}?/)?[\w./+-]+")
_ONE = re.compile(r"(1-)?1")


def task_scripts(
    script: Script,
    found: Iterable[Finding],
    beside: Callable[[str], str | None],
    find: Callable[[Script], tuple[Finding, ...]],
) -> Iterator[Finding]:
    """The steps that start a file beside the job, where the file activates an environment that the job has not.

    `find` finds what conda does in a script.
    """
    own = {finding.act.target.text for finding in found if isinstance(finding.act, Enter)}
    for command in script.holding(*_LAUNCHERS):
        name = file_of_tasks(script, command)
        target = _entered(beside(name), find) if name else None
        if target is not None and target.text not in own and not _is_built(script, target):
            says = f"starts {name}, which activates the conda environment {target.text}"
            doubt = messages.STARTS_TASKS.about(script=name)
            yield Finding("activate", Start(target), command.span, says, command, doubt=doubt)


def file_of_tasks(script: Script, command: Command) -> str:
    """The file that a launcher starts several times at once, as it names it; "" where it starts none, or only once."""
    call = call_of(script, command)
    calls = (call, *calls_in(call.text)) if call.how is How.TEXT else (call,)
    words = (each.program.literal for each in calls if each.how is How.FILE and each.program is not None)
    name = next(words, "")
    return name if _PLAIN.fullmatch(name) and starts_several(script, command) else ""


def _entered(text: str | None, find: Callable[[Script], tuple[Finding, ...]]) -> Target | None:
    """The environment that a file activates, by a name or path that stands in it; None without one."""
    if text is None or not CONDA.search(text):
        return None
    entered = (finding.act.target for finding in find(read(text)) if isinstance(finding.act, Enter))
    return next((Target(each.kind, each.text) for each in entered if each.kind in ("name", "path")), None)


def _is_built(script: Script, target: Target) -> bool:
    name = re.escape(target.text.rstrip("/").rpartition("/")[2])
    return re.search(rf"\bvirtualenv\b[^\n]*/{name}[\"'\s]", script.text) is not None


def starts_several(script: Script, command: Command) -> bool:
    """Whether a launcher may start more than one task: it is told so, or the header of its job asks for more."""
    call = call_of(script, command)
    if not any(each.kind is Kind.STEP for each in call.through):
        return any(spread_of(each.name) is Spread.ITEMS for each in call.through)
    own = options_of([tuple(word.literal for word in command.words[1:])])
    header = options_of(each.arguments for each in script.directives)
    tasks = own("--ntasks", "-n", "-np") or header("--ntasks", "-n")
    if tasks:
        return tasks != "1"
    counted = (own(*names) or header(*names) for names in (("--nodes", "-N"), ("--ntasks-per-node",)))
    return any(count is not None and not _ONE.fullmatch(count) for count in counted)
