"""Uses of the job's own folder as a whole: the virtualenv lies there now, where the author expects the job's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from slurmfix import knowledge
from slurmfix.ledger.entries import Entry
from slurmfix.plan import Plan
from slurmfix.plan.doubts.folder import is_spoken_of, named, stays_above
from slurmfix.plan.place import in_trap
from slurmfix.remarks import DOUBT, Message
from slurmfix.shell import DECLARING, FUNCTION, PIPELINE, SUBSTITUTION, Command, Script, Word, is_everywhere, value_of

FOLDER = "folder of the job"
FOLDER_AS_A_WHOLE = Message(
    id="folder-as-a-whole",
    kind=DOUBT,
    subject="`{source}`",
    reason="this command works on all of ${what}, and so on the virtualenv in there, too",
    action="name your own files instead. Or work in a new folder (`mkdir ${what}/work`), and name that folder here",
    bad="conda activate myenv\ngit clone ~/project $SLURM_TMPDIR\npython train.py\n",
    good="conda activate myenv\ngit clone ~/project $SLURM_TMPDIR/project\npython train.py\n",
)

_ENTERS = ("cd", "pushd", "popd")
# These go to the folder, tell of it, or make it; what they are handed besides is no matter.
_HARMLESS = frozenset("cd pushd popd mkdir echo printf test [ [[ df du module ml trap true : stat".split()) | {""}
_INTO = ("cp", "mv", "rsync", "scp", "ln", "install")
_UNPACKS = re.compile(r"(?:bsd)?tar\s+(?:-\S+\s+)*?-?[A-Za-z]*x|(?:un|g?un)zip\b|7za?\s+x")
# What works on all of the current folder where it is given no name.
_TAKES_ALL = re.compile(r"ls\b(?:\s+-\S+)*\s*\Z|git\s+clean\b|[ef]?grep\s+(?:-\S+\s+)*?-\w*[rR]")
_FOR_A_SHELL = re.compile(r"(?:srun|salloc)\s.*\s(?:ba|z|k)?sh\s+-\w*c\b", re.S)
_WILD = re.compile(r"[*?\[]")
_NAME_OF_THE_JOB = re.compile(r"\$(?:SLURM_JOB_NAME\b|\{SLURM_JOB_NAME\})")
_NAMES_THE_JOB = re.compile(r"#SBATCH\s.*?(?:--job-name[= ]|-J\s*)[\"']?([\w.-]+)")


def folder_entries(script: Script, plan: Plan, variable: str) -> Iterator[Entry]:
    """The commands that take what lies in the folder that `variable` names, beyond those that the plan tells of."""
    names = {served.named.name for served in plan.environments if served.is_a_folder}
    if not names or not is_spoken_of(script, variable):
        return
    own = {step.finding.command.span for step in plan.steps}
    told = " ".join(step.why for step in plan.steps)
    inside = False
    for command in script.commands:
        found = [name for name in _named(script, command, variable, inside) if _is_any(name, names)]
        if command.name in _ENTERS:
            inside = "" in found
        line = script.text.count("\n", 0, command.span.start) + 1
        if not found or command.span in own or re.search(rf"\b{line}\b", told):
            continue
        if not _is_harmless(script, command, found, names):
            yield Entry(FOLDER, command.span, variable, command)


def _is_any(name: str, names: set[str]) -> bool:
    """Whether it is the folder itself, or a pattern that an environment's name matches."""
    return not name or any(fnmatchcase(each, name) for each in names)


def _named(script: Script, command: Command, variable: str, inside: bool) -> Iterator[str]:
    """What the words of a command name in the folder: its first part, "" for the folder itself, `*` for all in it."""
    for word in (*command.words[1:], *(each.word for each in command.assignments)):
        for text in _texts(script, command, word):
            path = _behind(text, variable, inside)
            first = next((part for part in path.split("/") if part not in ("", ".")), "") if path is not None else None
            if path is not None and ".." in path.split("/"):
                yield ""
            elif first is not None and (first not in word.source or _WILD.search(first) or not first):
                yield first  # (a name that stands there as it is the plan tells of)
    if inside and _TAKES_ALL.match(command.source):
        yield "*"


def _texts(script: Script, command: Command, word: Word) -> Iterator[str]:
    """What a word may come to, and each word of an array."""
    if word.source.startswith("("):
        yield from word.source.strip("()").replace('"', "").split()
    value = value_of(script, word, command)
    job = next((found[1] for line in script.directives if (found := _NAMES_THE_JOB.match(line.line))), None)
    for text in dict.fromkeys((word.literal, value.text, *value.possible)):
        yield _NAME_OF_THE_JOB.sub(job, text) if job else text


def _behind(text: str, variable: str, inside: bool) -> str | None:
    """The path in the folder; None for what lies elsewhere."""
    found = named(variable).match(text)
    if found is not None:
        rest = text[found.end() :]
        return rest if rest[:1] in ("", "/") else None  # `${SLURM_TMPDIR}_old`
    return text if inside and text and text[0] not in "/$~-" else None


def _is_harmless(script: Script, command: Command, found: list[str], names: set[str]) -> bool:
    """Whether a command leaves what lies in the folder alone."""
    wild = any(found)  # a pattern, or the very name of an environment
    if command.name in _HARMLESS or command.name in DECLARING:
        return not (wild and command.assignments)
    if in_trap(command):
        return True  # the plan tells of what a trap takes along
    if command.name in _INTO:
        sources = [word.literal.rstrip("/\"'").rpartition("/")[2] for word in command.words[1:-1]]
        return not wild and not names.intersection(sources)
    if _UNPACKS.match(command.source):
        return True
    if command.name in ("rm", "rmdir"):
        return not _is_for_a_signal(script, command)  # of all others the plan tells
    if command.name == "find" and stays_above([word.literal for word in command.words]):
        return True
    if command.name == "ls":
        return not any(place.kind in (SUBSTITUTION, PIPELINE) for place in command.within)
    own = any(command.name == name for name, _ in script.functions)
    known = is_everywhere(command.name) or knowledge.is_base_program(command.name)
    return not (wild or own or known or _FOR_A_SHELL.match(command.source))


def _is_for_a_signal(script: Script, command: Command) -> bool:
    """Whether it stands in a function that a signal calls, after which the job may go on."""
    names = [re.escape(place.note) for place in command.within if place.kind == FUNCTION]
    return any(
        re.match(rf"trap\s+[\"']?{name}[\"']?\s+(?!EXIT\b|0\b|-)\S", other.source)
        for name in names for other in script.holding("trap")
    )  # fmt: skip
