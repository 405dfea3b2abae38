"""What the build of an environment rests on: variables of Slurm's, pip's and Python's, and who may change them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from slurmfix import knowledge
from slurmfix.ledger.entries import BUILD, Entry, Holders, Spot
from slurmfix.remarks import DOUBT, Message, job, phrase
from slurmfix.shell import DECLARING, SUBSTITUTION, Command, How, Runs, Script, call_of
from slurmfix.text import Span

BUILD_VARIABLE = Message(
    id="build-variable",
    kind=DOUBT,
    subject="`{source}`",
    reason="this line {what}, which can disturb the new environment",
    action="if the job does not need this line, delete the line. Otherwise move it below the activation (`source "
    "…/bin/activate`)",
    bad="export PIP_TARGET=$HOME/packages\nconda activate myenv\npython train.py\n",
    good="conda activate myenv\npython train.py\nexport PIP_TARGET=$HOME/packages\n",
)

NARROW_EXPORT = Message(
    id="narrow-export",
    kind=DOUBT,
    subject="`{source}`",
    reason="the job gets only these variables, and the command `module` may need others",
    action="write `ALL,` in front of the names",
    bad=job("#SBATCH --export=HOME,PATH\nconda activate vision\npython train.py"),
    good=job("#SBATCH --export=ALL,SEED=1\nconda activate vision\npython train.py"),
)

EXPORT = "variables of the header"
EVERY_VARIABLE, MODULES, FAMILY = "every variable", "the modules", "the variables of the job"
LIMIT = "the size of files"
_TOLD = {
    EVERY_VARIABLE: "hides the variables of the job from a command",
    MODULES: "changes which modules are loaded",
    FAMILY: "may change the variables of the job",
    LIMIT: "limits the size of files",
}
_SETS = frozenset({"unset", "printf", "read", "mapfile", "readarray", "getopts", "let", "eval", "source", "."}) | set(
    DECLARING
)
_WITHOUT_ANY = re.compile(
    r"(?s).*?(?:\benv\s+(?:\S+\s+)*?(?:-[a-z]*i[a-z]*\b|--ignore-environment\b|-\s)"
    r"|\bsudo\s(?!.*(?:-E\b|--preserve-env))|\bsu\s+-|\bmachinectl\s)"
)
# What changes where modules are found, or which are loaded, in a way that the script does not tell.
_OF_MODULES = re.compile(r"(?:module|ml)\s+(?:-\S+\s+)*(?:unuse|restore)\b|unset\s+-f\s+(?:\S+\s+)*(?:module|ml)\b")
_WHERE_MODULES_ARE = "where modules are found"  # of the table
_LIMITS_FILES = re.compile(r"ulimit\s+(?:-\w+\s+)*-\w*f\s+\d")  # some wheels unpack to files of gigabytes
_WARNINGS_END_PIP = re.compile(r"(?:\w+\s+)?PYTHONWARNINGS=[\"']?\S*error\b")
_SPOTS = (
    Spot(BUILD, MODULES, ("unuse", "restore", "unset"), _OF_MODULES),
    Spot(BUILD, EVERY_VARIABLE, ("env", "sudo", "su "), _WITHOUT_ANY),
    Spot(BUILD, LIMIT, ("ulimit",), _LIMITS_FILES),
    Spot(BUILD, "PYTHONWARNINGS", ("pythonwarnings",), _WARNINGS_END_PIP),
)
_NAMES_ALONE = re.compile(r"--export[= ][\"']?(?!ALL\b|NONE\b|NIL\b|\S*,ALL\b)\w")  # NONE has Slurm load the user's own
_KEPT = re.compile(r"(\w+)=[\"']?\$\{\1:?[-=]")  # `X=${X:-…}` keeps what Slurm gives it


@cache
def build_pattern() -> re.Pattern[str]:
    """A variable of the build by its name, but where it is expanded; and all of a family's: `${!SLURM_@}`, `^SLURM`."""
    names = "|".join(pattern for pattern, _ in knowledge.rows("build_variables"))
    return re.compile(
        rf"(?<![\w$.-])(?<!\$\{{)(?P<name>{names})(?![\w.-])"
        r"|\$\{!(?:SLURM|PIP|PYTHON|VIRTUALENV)\w*[@*]\}|(?<![\w$#{/])\^?(?:SLURM|PIP)_?(?![\w./-])"
    )


def module_entries(script: Script) -> Iterator[Entry]:
    """The lines that may change which modules there are, on which an environment rests that was made before the job."""
    variables = [re.compile(row[0]) for row in knowledge.rows("build_variables") if row[1] == _WHERE_MODULES_ARE]
    for entry in build_entries(script):
        named = any(each.fullmatch(entry.what) for each in variables)
        if entry.what in (MODULES, EXPORT) or (named and _takes_away(entry)):
            yield entry


def _takes_away(entry: Entry) -> bool:
    """Whether a line may take away what a variable has, to which it adds nothing."""
    if entry.owner is None or entry.owner.name == "unset":
        return True
    new = [each.word.source for each in entry.owner.assignments if each.name == entry.what]
    return any(not re.search(rf"\$\{{?{entry.what}\b", source) for source in new)


def build_entries(script: Script) -> Iterator[Entry]:
    """The lines that may change what a build rests on, and commands that run without the job's environment."""
    holders = Holders(script)
    data = [each.body for each in script.heredocs if not each.is_read and each.runs is Runs.NOTHING]
    aside = (*script.comments, *script.containers, *data)
    for match in build_pattern().finditer(script.text):
        span = Span(*match.span())
        if not any(each.holds(span) for each in aside):
            yield Entry(BUILD, span, match["name"] or FAMILY, holders.of(span.start))
    for spot in _SPOTS:
        yield from spot.entries(script)
    yield from (Entry(EXPORT, each.span, EXPORT) for each in script.directives if _NAMES_ALONE.search(each.line))


def change_of(entry: Entry) -> str:
    """What the line of an entry does to what the build rests on, as a part of a sentence."""
    if entry.what in _TOLD:
        return phrase(_TOLD[entry.what])
    sets = entry.owner is not None and any(assigned.name == entry.what for assigned in entry.owner.assignments)
    return phrase("changes {name}", name=entry.what) if sets else phrase("may change {name}", name=entry.what)


def leaves_it_alone(script: Script, entry: Entry) -> bool:
    """Whether the command that an entry stands in changes nothing for the commands below it, nor for what it runs."""
    command = entry.owner
    if command is None or entry.what in (MODULES, LIMIT):
        return False
    if entry.what == EVERY_VARIABLE:
        return call_of(script, command).how not in (How.FILE, How.UNKNOWN, How.TEXT)
    if any(each[1] == entry.what for each in _KEPT.finditer(command.source)):
        return True
    kept = any(place.kind == SUBSTITUTION for place in command.within)  # `unset $(env | grep ^SLURM_)`
    sets = command.name in _SETS and (command.name != "printf" or "-v" in command.source)
    return bool(command.words) and not (sets or kept or command.broken)


def file_of(script: Script, command: Command) -> str:
    """The file that a command starts, as it is named; "" where it starts none."""
    call = call_of(script, command)
    return call.program.literal if call.how is How.FILE and call.program is not None else ""
