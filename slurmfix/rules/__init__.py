"""The rules, one file each: they find what conda does in a script, and decide nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from slurmfix.rules import (
    activate,
    conda_module,
    deactivate,
    environment_path,
    hook,
    information,
    install,
    messages,
    module_line,
    pixi,
    run,
    search_path,
    startup_file,
    uv,
    variable,
    workflow,
)
from slurmfix.rules.activate import place_of_a_virtualenv
from slurmfix.rules.acts import (
    USES,
    WHOLE,
    Act,
    Ask,
    Drop,
    Enter,
    Install,
    Leave,
    Left,
    Manifest,
    Pip,
    Program,
    Provide,
    Replace,
    Report,
    Run,
    Start,
    Target,
    Value,
    brings_base,
    by_pip,
    named_by,
    rest_of,
    unknown,
)
from slurmfix.rules.configured import Beside, configured, line_of_conda_in_a_profile, names_what_is_not_at_hand
from slurmfix.rules.folders import is_installation, made_by_the_script
from slurmfix.rules.ignored import slips, without_ignored
from slurmfix.rules.module_line import loaded
from slurmfix.rules.rule import (
    CONTAINER,
    PROGRAMS,
    Finding,
    Rule,
)
from slurmfix.rules.task_script import file_of_tasks, starts_several, task_scripts
from slurmfix.shell import Command, Region, Script, Word, calls_one, is_everywhere, is_idle, places_of
from slurmfix.text import Span, excerpt

RULES: tuple[Rule, ...] = (
    activate.RULE,
    deactivate.RULE,
    hook.RULE,
    startup_file.RULE,
    conda_module.RULE,
    search_path.RULE,
    run.RULE,
    environment_path.RULE,
    install.RULE,
    information.RULE,
    variable.RULE,
    workflow.RULE,
    pixi.RULE,
    uv.RULE,
    module_line.RULE,
)

# A command must hold one of these for any rule to look at it, or call a program by a path in a variable, or put such a
# path on a search path.
_TRACES = (
    "conda", "mamba", "miniforge", "activate", "env/", "envs/", "pip", "bashrc", "profile", "zshrc", "bash_login",
    "pixi", "nextflow", "nxf_", "snakemake", "uv ", "uvx", "uv}", "uv\"",
)  # fmt: skip
_MAYBE = ("$", "path=")
_NAMES_ONE = ("conda", "mamba", "miniforge", "envs")
_LOOP = re.compile(r"\b(?:for|select)[ \t]+\w+[ \t]+in\b[^;\n]*")
_BY_VARIABLE = re.compile(
    r"^(?:source|\.|eval)[ \t]+[\"']?\$|(?:^|[\s=\"'])\$\{?\w+(?:\[[^]\s]+\])?\}?/[\w.+/-]*(?:[\s\"']|$)"
    r"|(?:path|home)=\S*?\$\{?(?!(?:\w*path|home|user|pwd|scratch|slurm\w*)\b)[a-z_]", re.I
)  # fmt: skip


class TooManyFindings(Exception):
    """A script uses conda more often than anyone would read."""


_MOST = 500  # five times as many as in any script of the field, and what a plan takes grows with their square


def find(script: Script, beside: Beside = lambda name: None) -> tuple[Finding, ...]:
    """All that the rules find in a script, in its order; what lies inside a larger finding is part of it. `beside`
    reads the files that the script names.

    Raises TooManyFindings.
    """
    found = _found(script, beside)
    return _in_order([*found, *task_scripts(script, found, beside, find)])


def _in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: (finding.span.start, -finding.span.end)))


def _found(script: Script, beside: Beside) -> tuple[Finding, ...]:
    found: list[Finding] = []
    by_variable = _may_name_one(script)
    if not (by_variable or variable.READ.search(script.text)) and not any(
        _CONDA_ALONE.search(c.source) for c in script.holding(*_ALONE)
    ):
        return ()
    for command in script.holding(*_TRACES, *(_MAYBE if by_variable else ())):
        if _is_of_interest(command.source):
            words = _called(command.words)
            for rule in _concerned(command, words):
                found += rule.check(command, words, script)
            if len(found) > _MOST:
                raise TooManyFindings(f"uses conda in more than {_MOST} places, which is more than is followed")
    found += _in_its_own_folders(script, found)
    found += configured(script, found, beside)
    found = [pixi.with_tasks(finding, beside) for finding in found]
    found = [each for each in found if not startup_file.is_at_hand(each, beside)]
    found = _outermost([finding for finding in found if not _in_container(finding, script)])
    if not any(_speaks_of_conda(x) for x in found):
        return tuple(_read_elsewhere(script, []))  # a guard on its variable alone: what else there is may be no conda's
    found += _read_elsewhere(script, found)
    virtualenv = next(filter(None, map(place_of_a_virtualenv, script.holding("activate"))), 0)
    found = [x for x in found if x.rule != "startup-file" or not _serves_own_programs(x, found, script)]
    if not _needs_startup_file(found):
        clear = any(isinstance(x.act, USES) or brings_base(x.act) or x.rule == "hook" for x in found)
        unclear = not virtualenv and not clear
        found = [_may_bring_base(x) if unclear else x for x in found if unclear or x.rule != "startup-file"]
    if not any(isinstance(x.act, USES) or brings_base(x.act) for x in found):
        found = [_from_outside(x, script, virtualenv) if isinstance(x.act, Leave) else x for x in found]
    return _in_order(found)


def _serves_own_programs(finding: Finding, found: list[Finding], script: Script) -> bool:
    """Whether a start-up file may be there for programs of the author's own: such ones are called below it, and only
    then a module brings conda.
    """
    starts = [x.span.start for x in found if x.rule == "conda-module" and x.span.start > finding.span.end]
    if not starts or any(finding.span.end < x.span.start < min(starts) for x in found):
        return False
    between = (c for c in script.commands if finding.span.end < c.span.start < min(starts))
    return any(c.name and not is_idle(script, c) and not is_everywhere(c.name) for c in between)


def _from_outside(finding: Finding, script: Script, virtualenv: int) -> Finding:
    """The end of an environment that no line of the script activates, perhaps for a virtualenv that one does."""
    if virtualenv > finding.span.start:
        line = script.text.count("\n", 0, virtualenv) + 1
        return replace(finding, doubt=messages.RUN_BY_A_VIRTUALENV.about(activation=line))
    return replace(finding, doubt=messages.LEFT_FROM_OUTSIDE.about(source=excerpt(finding.command.source)))


def _may_bring_base(finding: Finding) -> Finding:
    """A start-up file of a script that activates nothing, and calls conda."""
    if finding.rule != "startup-file":
        return finding
    why = messages.BASE_OF_STARTUP.about(source=excerpt(finding.command.source))
    return replace(finding, act=Report(), why=why, doubt="")


def _in_its_own_folders(script: Script, found: list[Finding]) -> Iterator[Finding]:
    """What else is done with the folders that the script activates, or makes, as environments."""
    own = made_by_the_script(script, found)
    last = {folder.rpartition("/")[2].lower() for folder in own}
    for command in script.holding("$", *last) if own else ():
        words = _called(command.words)
        for check in (environment_path.check, search_path.check):
            yield from (each for each in check(command, words, script, own) if each not in found)


def _may_name_one(script: Script) -> bool:
    """Whether the script gives some variable a path that may lead into an environment, as `$E/bin/python` needs."""
    if any("=" in command.source for command in script.holding(*_NAMES_ONE)):
        return True
    loops = (_LOOP.match(script.text, at) for at in places_of(("for", "select"), script.text))
    return any(part in loop[0].lower() for loop in loops if loop for part in _NAMES_ONE)


# The numbers of the rules that a word concerns.
_CONCERNED = {
    word: frozenset(number for number, rule in enumerate(RULES) if word in rule.words)
    for word in dict.fromkeys(word for rule in RULES if not rule.on_request for word in rule.words)
}


def _concerned(command: Command, words: tuple[Word, ...]) -> list[Rule]:
    """The rules that have to look at a command, in their order."""
    text = "\n".join([command.source, *[word.literal for word in words]]).lower()
    numbers: set[int] = set()
    for word, concerned in _CONCERNED.items():
        if word in text:
            numbers |= concerned
    return [RULES[number] for number in sorted(numbers)]


def _is_of_interest(source: str) -> bool:
    low = source.lower()
    return any(trace in low for trace in _TRACES) or ("$" in source and _BY_VARIABLE.search(source) is not None)


def _read_elsewhere(script: Script, found: list[Finding]) -> list[Finding]:
    """conda's variables where no rule looks at a command: in `[ … ]`, `${…:?}`, and heredocs that are expanded.

    And the questions whether conda is there, in a script that uses it.
    """
    others = (*information.asked_elsewhere(script), *environment_path.read_from(script)) if found else ()
    others = (*others, *variable.read_elsewhere(script))
    return [x for x in others if _is_read(script, x.span) and not _is_part(x.span, found)]


def _is_part(at: Span, found: list[Finding]) -> bool:
    """Whether what stands there is part of what is found."""
    return any(x.span.meets(at) or (isinstance(x.act, WHOLE) and x.command.whole.meets(at)) for x in found)


def _is_read(script: Script, at: Span) -> bool:
    """Whether a shell of the job reads what stands there; where the script cannot be read, it may."""
    return script.expands(at.start) or script.region(at.start) is Region.UNREAD


def _called(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words without what only says how the command is looked up: `command`, `builtin`, `time`.

    `command -v conda` is another matter: it asks.
    """
    at = 0
    while at + 1 < len(words) and words[at].source in ("time", "command", "builtin"):
        at += 2 if words[at].source == "time" and words[at + 1].source == "-p" else 1
        if words[at : at + 1] and words[at].source.startswith("-"):
            return words
    return words[at:]


def _in_container(finding: Finding, script: Script) -> bool:
    """Whether a container runs the command that is found."""
    if not isinstance(finding.act, Run | Program | Report):
        return False
    command = finding.command
    before = [word.source for word in command.words if word.span.end <= finding.span.start]
    in_front = command.source[: finding.span.start - command.span.start]
    if command.layers:  # the file has other offsets than the command's own text
        in_front = " ".join([*before, ""])
    return bool(CONTAINER.search(in_front)) or calls_one(before, script.contained)


def _outermost(found: list[Finding]) -> list[Finding]:
    """The findings that are not part of a larger one."""
    kept: list[Finding] = []
    reach = -1  # how far the larger ones go that start before
    spans = sorted({finding.span for finding in found}, key=lambda span: (span.start, -span.end))
    there: dict[Span, list[Finding]] = {span: [] for span in spans}
    for finding in found:
        there[finding.span].append(finding)
    for span in spans:
        if span.end > reach:
            # What two shells might read, in a text that one hands to the other, the outer one reads.
            outer = min(len(finding.command.layers) for finding in there[span])
            kept += [finding for finding in there[span] if len(finding.command.layers) == outer]
        for finding in there[span]:
            if isinstance(finding.act, (*WHOLE, Run, Program)):  # with a whole command go its redirections
                reach = max(reach, finding.command.whole.end if span == finding.command.span else span.end)
    return kept


# Words that nothing but conda uses; `envs/` alone may be a folder of virtualenvs.
_ALONE = ("conda", "mamba", "miniforge", "activate", "pixi", "uv ", "uvx ", "uv}", 'uv"')
_CONDA_ALONE = re.compile(
    r"conda(?<!seconda)|mamba|miniforge|\bpixi\s+(?:run|shell|exec)|\buv[}\"]*\s+(?:run|venv|sync|pip)\b|\buvx\s|(?:source|\.)(?:\s|\\\n)+[\"']?(?:de)?activate\b"
    r"|(?:source|\.)[ \t]+\S*/activate[\"']?[ \t]+[\w\"'$]",
    re.I,  # (that of a virtualenv takes no name)
)


def _speaks_of_conda(finding: Finding) -> bool:
    """Whether this finding alone makes the job one that uses conda: a `pip install` or a start-up file does not."""
    if finding.indexed:
        return not isinstance(finding.act, Drop)
    if isinstance(finding.act, Ask) or by_pip(finding.act) or (finding.alone and finding.rule in _BESIDE):
        return False
    if finding.act == Report(Left.NEEDS_CONDA):
        return True
    target = named_by(finding.act)
    source = f"{finding.command.source}\n{target.text if target else ''}"
    named = finding.rule == "activate" and len(finding.command.words) > 2  # that of a virtualenv takes no name
    return named or bool(_CONDA_ALONE.search(source))


_BESIDE = ("startup-file", "install")  # what starts or installs conda is no use of it
_WITHOUT_CONDA = (pixi.RULE.name, uv.RULE.name)  # programs of their own
_FOR_LATER = re.compile(r"(?:conda|mamba)\"?\s+init\b")  # writes into the start-up file, which has to be read then


def _needs_startup_file(found: list[Finding]) -> bool:
    """Whether conda becomes available in no other way: `conda activate` needs a hook, `source activate` a PATH."""
    entered = [x for x in found if isinstance(x.act, Enter | Run) and x.rule not in _WITHOUT_CONDA]
    if any(x.rule == "hook" and not _FOR_LATER.search(x.command.source) for x in found) or not entered:
        return False
    base = any(brings_base(x.act) for x in found)
    return not base or any(x.command.name not in ("source", ".") for x in entered)


__all__ = [
    "CONTAINER",
    "PROGRAMS",
    "RULES",
    "USES",
    "WHOLE",
    "Act",
    "Ask",
    "Beside",
    "Drop",
    "Enter",
    "Finding",
    "Install",
    "Leave",
    "Left",
    "Manifest",
    "Pip",
    "Program",
    "Provide",
    "Replace",
    "Report",
    "Rule",
    "Run",
    "Start",
    "Target",
    "TooManyFindings",
    "Value",
    "brings_base",
    "by_pip",
    "file_of_tasks",
    "find",
    "is_installation",
    "line_of_conda_in_a_profile",
    "loaded",
    "named_by",
    "names_what_is_not_at_hand",
    "place_of_a_virtualenv",
    "rest_of",
    "slips",
    "starts_several",
    "unknown",
    "without_ignored",
]
