"""Why a script is left for a person as a whole: one finding that needs an environment and cannot have it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

from slurmfix.plan import refusals as said
from slurmfix.plan.answered import guarded
from slurmfix.plan.given import given_inside
from slurmfix.plan.inside import program_word
from slurmfix.plan.job import Job, is_left_there, made, needs_conda
from slurmfix.plan.modules import has_rival, only_python
from slurmfix.plan.nodes import builds_for, several_tasks
from slurmfix.plan.place import in_trap, job_of, on_another_machine
from slurmfix.plan.step import MANUAL, Plan, Served, Site, Step
from slurmfix.remarks import Message, Remark
from slurmfix.rules import Enter, Finding, Program, Start
from slurmfix.shell import BACKGROUND, CHECKED, FUNCTION, PIPELINE, SCRIPT, SUBSTITUTION, Command, Script
from slurmfix.text import excerpt

_HETEROGENEOUS = re.compile(r"^#SBATCH[ \t]+(hetjob|packjob)\b", re.M)
_OF_A_JOB = re.compile(r"(?<!\\\$)(?<!\\\$\{)\bSLURM_(?!SUBMIT)|--wrap")  # not `\$SLURM_…`, which is the inner job's
_ITSELF = re.compile(r"\$\{?(?:0|BASH_SOURCE)\b")
_DOLLARS = re.compile(r"\$\$(?:\(|\{[A-Za-z]|[A-Z]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Check = Callable[[Job, int], str]  # the number of a finding that needs an environment → why it is left; "" for no why


def refusals(job: Job, site: Site) -> dict[int, str]:
    """Why findings are left, by their numbers, as far as the script alone tells; the first reason of each counts."""
    checks = _CHECKS if site.in_job else tuple(check for check in _CHECKS if check not in _IN_JOBS)
    return _kept_whole(job) | _first_reasons(job, checks)


def refusals_by_answers(job: Job, answers: Mapping[str, Served]) -> dict[int, str]:
    """Why findings are left, by their numbers, as far as what is known of the environments tells."""
    found = {at: answers[name.code].refused for at, name in job.names.items()}
    checks = (_other_modules, _no_word, _started_as_tasks)
    found |= {at: why for at in job.names if (why := next(filter(None, (c(job, answers, at) for c in checks)), ""))}
    return {at: why for at, why in found.items() if why}


def uses_nothing(job: Job) -> bool:
    """Whether the script only makes an environment."""
    return bool(made(job))


def left(job: Job, why_left: Mapping[int, str], answers: Mapping[str, Served]) -> Plan:
    """The plan in which all stays as it is."""
    steps = []
    if why_left:
        needs = job.line(job.findings[min(why_left)].span.start)
    else:
        why_left, answers, needs = _used_by_nothing(job, answers), {}, 0  # no environment is served
    for at, finding in enumerate(job.findings):
        why = finding.why or why_left.get(at) or (stays_for(needs, finding) if needs else why_left[min(why_left)])
        steps.append(Step(finding, (), MANUAL, why, job.names[at].name if at in job.names else ""))
    return Plan(tuple(steps), tuple(answers.values()))


def stays_for(needs: int, finding: Finding) -> Remark:
    """What is said of a line that stays for the sake of the line `needs`, which goes on to use conda."""
    return said.STAYS_FOR_ANOTHER.about(needs=needs, source=excerpt(finding.command.source))


def stays_for_code(line: int, finding: Finding) -> Remark:
    """What is said of a line that only brings conda, where a file may use conda that nobody reads."""
    return said.STAYS_FOR_CODE.about(code=line, source=excerpt(finding.command.source))


def _used_by_nothing(job: Job, answers: Mapping[str, Served]) -> dict[int, Remark]:
    """What is said of the environments that a script only makes, by the numbers of the findings that make them."""
    told = {}
    for at, need in made(job).items():
        answer = answers.get(need.named.code)
        name = (answer.named if answer is not None else need.named).name
        told[at] = said.USED_BY_NOTHING.about(job.line(job.findings[at].span.start), environment=name)
    return told


def _kept_whole(job: Job) -> dict[int, str]:
    """What stays with a line that goes on to use conda: all that has no reason of its own; said once, at the first."""
    keeper = next(filter(needs_conda if job.names else _goes_on, job.findings), None)
    kept = [at for at, finding in enumerate(job.findings) if not finding.why]
    if keeper is None or not kept:
        return {}
    first, line = job.line(job.findings[kept[0]].span.start), job.line(keeper.span.start)
    return dict.fromkeys(kept, said.KEPT_WHOLE.about(first, needs=line))


def _goes_on(finding: Finding) -> bool:
    """Whether it is left for a person, and goes on to use conda, or an environment that it names."""
    return needs_conda(finding) or is_left_there(finding)


def _said(message: Message, job: Job, at: int) -> Remark:
    return message.about(environment=job.names[at].name, source=excerpt(job.findings[at].command.source))


def _first_reasons(job: Job, checks: tuple[Check, ...]) -> dict[int, str]:
    found = {}
    for at in job.names:
        why = next(filter(None, (check(job, at) for check in checks)), "")
        if why:
            found[at] = why
    return found


# The reasons, in the order in which they are looked for


def _reads_heredoc(job: Job, at: int) -> str:
    return heredoc_of(job, at) if reads_heredoc(job.findings[at].command) else ""


def heredoc_of(job: Job, at: int) -> Remark:
    """What is said of a command that reads a heredoc, with the line where bash sees the heredoc open."""
    start, text = job.findings[at].command.span.start, job.script.text
    line = text[start:].partition("\n")[0]
    return said.HEREDOC.about(source=excerpt(line, max(line.find("<<"), 0)))


def reads_heredoc(command: Command) -> bool:
    return any(redirect.startswith("<<") for redirect in command.redirects)


def _behind_an_opener(job: Job, at: int) -> str:
    command = job.findings[at].command
    if any(map(job.script.opens_before, (command.span.start, *(place.span.start for place in command.within)))):
        return _said(said.BEHIND_AN_OPENER, job, at)
    return ""


def _unread(job: Job, at: int) -> str:
    if not job.findings[at].command.broken:
        return ""
    line = job.line(min(span.start for span in job.script.unread))
    return said.UNREAD.about(line, unread=line)


def _by_its_rule(job: Job, at: int) -> str:
    return job.findings[at].why


def _odd_name(job: Job, at: int) -> str:
    name = job.names[at]
    if _CONTROL.search(name.name):
        return _said(said.CONTROL_IN_NAME, job, at)
    if not name.known and "$'" in name.name:
        return _said(said.QUOTED_NAME, job, at)
    return ""


def _elsewhere(job: Job, at: int) -> str:
    return _said(said.OTHER_MACHINE, job, at) if on_another_machine(job.findings[at].command) else ""


def _trapped(job: Job, at: int) -> str:
    if in_trap(job.findings[at].command):
        return _said(said.IN_A_TRAP, job, at)
    return ""


def _named_in_a_step(job: Job, at: int) -> str:
    within = job.findings[at].command.within
    steps = (place for place in within[job_of(within) :] if place.kind == SCRIPT and place.note == "srun")
    if any(given_inside(job.script, place, job.names[at]) for place in steps):
        return _said(said.NAMED_IN_A_STEP, job, at)
    return ""


def _named_in_calls(job: Job, at: int) -> str:
    within = job.findings[at].command.within
    functions = (place for place in within[job_of(within) :] if place.kind == FUNCTION)
    if any(
        given_inside(job.script, place, job.names[at]) and _runs_in_background(job.script, place.note)
        for place in functions
    ):
        return _said(said.NAMED_IN_CALLS, job, at)
    return ""


def _runs_in_background(script: Script, function: str) -> bool:
    """Whether something calls a function, or one that calls it, in the background or several times at once."""
    waiting, seen = [function], {function}
    while waiting:
        name = waiting.pop()
        for command in script.commands:
            at_once = command.name == "parallel" and name in command.source.split()
            if command.name != name and not at_once:
                continue
            if at_once or any(place.kind == BACKGROUND for place in command.within):
                return True
            callers = {place.note for place in command.within if place.kind == FUNCTION} - seen
            waiting += callers
            seen |= callers
    return False


def _heterogeneous(job: Job, at: int) -> str:
    text = job.script.text
    if ("hetjob" in text or "packjob" in text) and _HETEROGENEOUS.search(text):
        return _said(said.HETEROGENEOUS, job, at)
    return ""


def _module_follows(job: Job, at: int) -> str:
    """A chain of commands that goes on to load a module, which no place of a block mends."""
    command = job.findings[at].command
    chains = [place.span for place in command.within if place.kind == CHECKED]
    if not chains or not isinstance(job.findings[at].act, Enter):
        return ""
    ours = {finding.command.span for finding in job.findings}
    later = (c for c in job.script.commands if c.span.start > command.span.end and c.span not in ours)
    if any(c.name in ("module", "ml") and any(p.span in chains for p in c.within) for c in later):
        return _said(said.MODULE_FOLLOWS, job, at)
    return ""


def _unconfirmed(job: Job, at: int) -> str:
    confirmed = job.findings[at].command.confirmed
    if confirmed is False or (not confirmed and isinstance(job.findings[at].act, Enter)):
        return _said(said.UNCONFIRMED, job, at)
    return ""


def _on_a_login_node(job: Job, at: int) -> str:
    """What only submits jobs runs where no job is; of a script that its author submits a header or a variable of
    Slurm's tells.
    """
    script = job.script
    if script.directives or job_of(job.findings[at].command.within) or "#PBS" in script.text:
        return ""
    if any(job_of(job.findings[other].command.within) for other in job.names):
        return ""
    own = [command for command in script.commands if not job_of(command.within)]
    shown = ("echo", "printf")
    if any(_OF_A_JOB.search(command.source) for command in own if command.name not in shown):
        return ""
    if any(_ITSELF.search(command.source) for command in own if command.name == "sbatch"):
        return ""
    submits = next((command for command in own if command.name == "sbatch"), None)
    if submits is None:
        return ""
    by_path = isinstance(job.findings[at].act, Program)
    message = said.PATH_FOR_JOBS if by_path else said.ON_A_LOGIN_NODE
    return message.about(environment=job.names[at].name, submits=job.line(submits.span.start))


def _without_effect(job: Job, at: int) -> str:
    """The shell that activates ends with that: part of a pipeline, or the end of a substitution."""
    command = job.findings[at].command
    if not isinstance(job.findings[at].act, Enter) or not command.within:
        return ""
    place = command.within[-1]
    ends = place.kind in (PIPELINE, BACKGROUND)
    if place.kind == SUBSTITUTION:
        ends = not any(c.span.start > command.span.end and place in c.within for c in job.script.commands)
    if not ends:
        return ""
    return _said(said.WITHOUT_EFFECT, job, at)


def _guarded(job: Job, at: int) -> str:
    return _said(said.GUARDED, job, at) if guarded(job.script, job.findings, job.findings[at].command) else ""


def _filled_by_dollars(job: Job, at: int) -> str:
    """A template of string.Template, which takes `$$` for a dollar sign and `$NAME` for a field."""
    return said.FILLED_BY_DOLLARS.about() if _DOLLARS.search(job.script.text) else ""


_CHECKS: tuple[Check, ...] = (
    _filled_by_dollars,
    _reads_heredoc,
    _behind_an_opener,
    _unread,
    _by_its_rule,
    _odd_name,
    _elsewhere,
    _trapped,
    _named_in_a_step,
    _named_in_calls,
    _heterogeneous,
    _module_follows,
    _unconfirmed,
    _without_effect,
    _guarded,
    _on_a_login_node,
)
_IN_JOBS = (_heterogeneous, _on_a_login_node)  # where jobs only source what a login node has made, these do not matter


def _other_modules(job: Job, answers: Mapping[str, Served], at: int) -> str:
    """One command cannot run in an environment while another one, with another Python, is active."""
    served = answers[job.code(at)]
    if (
        served.image is not None
        or isinstance(job.findings[at].act, Enter | Start)
        or only_python(served.recipe.modules)
    ):
        return ""
    if not has_rival(job, answers, served, job.findings[at].command.within):
        return ""
    return _said(said.OTHER_MODULES, job, at)


def _started_as_tasks(job: Job, answers: Mapping[str, Served], at: int) -> str:
    """Several tasks start the script, and the job that does so does not come to build the environment before."""
    served = answers[job.code(at)]
    starts = next((each for each in job.callers if several_tasks(each) and not builds_for(each)), None)
    if starts is None or not served.is_a_folder:
        return ""
    return said.STARTED_AS_TASKS.about(environment=job.names[at].name, caller=os.path.basename(starts.path))


def _no_word(job: Job, answers: Mapping[str, Served], at: int) -> str:
    """A path inside of an environment that cannot become a call of an image."""
    finding = job.findings[at]
    in_image = answers[job.code(at)].image is not None
    if not isinstance(finding.act, Program) or not in_image or program_word(finding) is not None:
        return ""
    return _said(said.NOT_IN_AN_IMAGE, job, at)
