"""What programs are handed that decides what they use: a path into an environment, options that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix import knowledge
from slurmfix.ledger.entries import Entry
from slurmfix.plan import Plan
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import USES, Beside, Finding, Program, names_what_is_not_at_hand
from slurmfix.rules.workflow import called_with, told_to
from slurmfix.shell import Command, How, Script, call_of, is_everywhere

PATH, OPTIONS = "path", "options"
_JOB = "conda activate myenv\npython train.py\n"
PATH_HANDED_ON = Message(
    id="path-handed-on",
    kind=DOUBT,
    subject="`{source}`",
    reason="`{what}` gets a path of the environment, which does not exist in a container or on another machine",
    action="look into `{what}` for `apptainer`, `singularity` or `ssh`. If you find one, start the command "
    "behind that word with the lines from `module load` to `pip install`. Otherwise do nothing",
    bad="./in_container /home/ana/miniconda3/envs/myenv/bin/python train.py\n",
    good="time /home/ana/miniconda3/envs/myenv/bin/python train.py\n",
)
OPTIONS_NOT_SEEN = Message(
    id="options-not-seen",
    kind=DOUBT,
    subject="`{source}`",
    reason="{what} may use conda through an option, a profile or a configuration file that slurmfix cannot read",
    action="look for the word `conda` in those options and files. If you find a setting with `conda`, delete the "
    "setting. Otherwise do nothing",
    bad=f'{_JOB}snakemake --cores 4 "$@"\n',
    good=f"{_JOB}snakemake --cores 4\n",
)
MESSAGES_OF_WHAT_IS_HANDED = {PATH: PATH_HANDED_ON, OPTIONS: OPTIONS_NOT_SEEN}

_MANAGERS = re.compile(r"snakemake|nextflow")
# All arguments of the job, a word that may be any option, and a profile or configuration that a variable names.
_NOT_SEEN = re.compile(
    r"(?<!\S)[\"']?\$\{?[@*]|(?<=\s)\$\w*[@*]"
    r"|(?:(?<!\S)-?-(?:workflow-)?profile|(?<!\S)-[cC])[= ]\S*\$"
    r"|(?:\A|(?<=\s))(?<!-\w )(?<!--\w )\$\{?\w*(?:OPT|ARG|FLAG|PARAM)\w*\}?(?!\S)",
    re.I,
)
_OF_PYTHON = re.compile(r"i?python[\d.]*|pip[\d.]*")


def handed_entries(script: Script, found: tuple[Finding, ...], plan: Plan, beside: Beside) -> Iterator[Entry]:
    """The commands of a plan that changes something whose programs decide by what they are handed."""
    for command, at in _given_paths(script, plan):
        call = call_of(script, command)
        if call.program is not None and call.program.span.end <= at:
            name = call.name or call.program.source
            if call.how is not How.PLAIN or not _is_known(name):
                yield Entry(PATH, command.span, name, command)
    served = any(isinstance(finding.act, USES) for finding in found)
    for command in script.holding("run", "snakemake", "nextflow"):
        called, options = called_with(told_to(command, script), _MANAGERS)
        if called and (not served or _NOT_SEEN.search(options) or names_what_is_not_at_hand(options, beside)):
            yield Entry(OPTIONS, command.span, called, command, needs=not served)  # what a hook is there for stays


def _given_paths(script: Script, plan: Plan) -> Iterator[tuple[Command, int]]:
    """The commands in which the path of a program of an environment stands, or a variable that holds it, and where."""
    for step in plan.changing_what(Program):
        command = step.finding.command
        if command.words:
            yield command, step.finding.span.start
        for name in (each.name for each in command.assignments if each.span.holds(step.finding.span)):
            for other in script.holding(f"${name.lower()}", f"${{{name.lower()}"):
                used = (word for word in other.words if word.source.strip('"') in (f"${name}", f"${{{name}}}"))
                yield from ((other, word.span.start) for word in used)


def _is_known(name: str) -> bool:
    """Whether a program runs here, and makes nothing else of a path than it is."""
    known = is_everywhere(name) or knowledge.is_base_program(name) or knowledge.wheel_of_program(name) is not None
    return known or _OF_PYTHON.fullmatch(name) is not None
