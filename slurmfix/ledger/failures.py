"""Who of the author's answers when a line fails: the new lines end the job, and a line that goes no longer fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.ledger.entries import Entry
from slurmfix.plan import Plan
from slurmfix.plan.doubts.folder import EVERYDAY
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import Beside, Enter
from slurmfix.shell import CHAINED, CHECKED, FUNCTION, GROUP, SUBSHELL, Command, Script

_JOB = "conda activate myenv\npython train.py\n"
HANDLED, TRAPPED, RETRIED, FALLBACK = "handled failure", "trapped failure", "retried failure", "way without a line"
MESSAGES_OF_FAILURES = {
    HANDLED: Message(
        id="failure-is-handled",
        kind=DOUBT,
        subject="`{source}`",
        reason="the script goes on when this line fails, but a failing new line ends the job",
        action="if the job may end then, do nothing. Otherwise delete `|| exit 1` from the new lines",
        bad="start() { conda activate myenv; }\nstart || python3 other.py\npython train.py\n",
        good="start() { conda activate myenv; }\nstart\npython train.py\n",
    ),
    TRAPPED: Message(
        id="failure-is-trapped",
        kind=DOUBT,
        subject="`{source}`",
        reason="this trap runs when a command fails, but not when `|| exit 1` ends the job",
        action="if the job may end without the trap, do nothing. Otherwise delete `|| exit 1` from the new lines",
        bad=f"trap 'touch FAILED' ERR\n{_JOB}",
        good=f"trap 'touch ENDED' EXIT\n{_JOB}",
    ),
    RETRIED: Message(
        id="failure-is-retried",
        kind=DOUBT,
        subject="`{source}`",
        reason="this loop repeats the activation until it works, but the environment is now built once, above the loop",
        action="delete the loop, and keep the new lines",
        bad="until conda activate myenv; do\n    sleep 5\ndone\npython train.py\n",
        good=_JOB,
    ),
    FALLBACK: Message(
        id="fallback-never-runs",
        kind=DOUBT,
        subject="`{source}`",
        reason="the command behind `||` ran when conda was missing, and now never runs",
        action="if only conda needs it, delete this line. Otherwise write it on a line of its own",
        bad=f"module load anaconda3 || source /usr/share/lmod/lmod/init/bash\n{_JOB}",
        good=f"module load anaconda3\n{_JOB}",
    ),
}
_ASKS_FOR_THE_STATUS = re.compile(r"^(?![;\s]*(?:echo|printf)\b)[^#\n]*\$\?", re.M)
_ON_ERRORS = re.compile(r"trap\s.*\sERR\b", re.S)
_ON_ERRORS_IN_A_FILE = re.compile(r"(?m)^[ \t]*trap[ \t][^\n]*[ \t]ERR\b")
_UNTIL = re.compile(r"\b(?:until|while)\s+(?:!\s+)?\Z")
_OR = re.compile(r"\s*\|\|")


def failure_entries(script: Script, plan: Plan, beside: Beside) -> Iterator[Entry]:
    """The lines that do something when an activation, or what else goes, fails."""
    enters = [step.finding.command for step in plan.changing_what(Enter)]
    yield from _handled(script, enters)
    for command in script.holding("trap", "source", ".") if enters else ():
        sourced = beside(command.words[1].literal) if command.name in ("source", ".") and command.words[1:] else ""
        if _ON_ERRORS.match(command.source) or _ON_ERRORS_IN_A_FILE.search(sourced or ""):
            yield Entry(TRAPPED, command.span, TRAPPED, command)
    for command in enters:
        if _UNTIL.search(script.text, 0, command.whole.start):
            yield Entry(RETRIED, command.span, RETRIED, command)
    for edit in plan.edits:
        if edit.new == ":" and _OR.match(script.text, edit.span.end):
            owner = next((each for each in script.commands if edit.span.holds(each.span)), None)
            yield Entry(FALLBACK, edit.span, "", owner)


def _handled(script: Script, enters: list[Command]) -> Iterator[Entry]:
    """The calls of functions, the subshells and the groups that activate an environment, and whose failure the script
    handles.
    """
    plain = [each for each in enters if not any(place.kind in (CHECKED, CHAINED) for place in each.within[-1:])]
    names = {place.note for each in plain for place in each.within if place.kind == FUNCTION}
    calls = [command for command in script.commands if command.name in names]
    for command in calls:
        if any(place.kind == CHECKED for place in command.within):
            yield Entry(HANDLED, command.span, HANDLED, command)
    for command in plain:
        around = [place.kind for place in command.within if place.kind in (CHECKED, SUBSHELL, GROUP)]
        if around[:1] == [CHECKED] and around[1:2] in ([SUBSHELL], [GROUP]):
            yield Entry(HANDLED, command.span, HANDLED, command)
    for command in (*enters, *calls):
        below = (each.span for each in script.commands if each.name and each.name not in EVERYDAY)
        first = min((each.start for each in below if each.start > command.span.end), default=len(script.text))
        if _ASKS_FOR_THE_STATUS.search(script.text[command.span.end : first]):
            yield Entry(HANDLED, command.span, HANDLED, command)
