"""conda is asked about itself, or configured.

What it finds
    `conda info`, `conda list`, `conda env list`, `conda env export`, `conda config`, `conda clean`, `conda --version`;
    and questions whether conda is there: `which conda`, `[ -x "$(command -v conda)" ]`, `[ -d ~/miniconda3 ]`.

Why it matters
    Without conda these fail; under `set -e` such a line ends the job.

Instead
    `conda list` becomes `pip list` and `conda env export` becomes `pip freeze`; what only tells about conda goes.
    `conda env config vars set` is left for a person, since no virtualenv keeps variables. Where the output is used by
    other commands, or goes to a file, the line is left for a person, but for these two into a file. A guard goes whole
    where it only stops the job when conda is missing; what else depends on the answer is left for a person.

Fix safety
    `review`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import PLAIN, REFUSAL, Message, job, phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Act, Ask, Drop, Left, Replace, Report
from slurmfix.rules.rule import PROGRAMS, Finding, Rule, program, subcommand
from slurmfix.shell import (
    CHECKED,
    PIPELINE,
    SUBSTITUTION,
    Command,
    Script,
    Word,
    assigned_at_a_line_start,
    places_of,
    value_of,
)
from slurmfix.text import Span, excerpt

ASKED_IN_A_TEST = Message(
    id="asked-in-a-test",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this test asks conda a question, and the job no longer has conda",
    action="delete the test, and keep those of its lines that the job needs",
    bad=job("conda activate vision\nif conda env list | grep -q other; then make data; fi\npython train.py"),
    good=PLAIN,
)

# Output that goes neither to another descriptor nor to a device, such as /dev/null.
_TO_FILE = re.compile(r"""[\d&]*>(?![>|&]?\s*["']?/dev/|&\s*[\d-])""")

_LOOKS_UP = re.compile(r"\S+\s+(?:env\s+list|info\s+(?:-e|--envs))\s*\|\s*[ef]?grep\s[^|;&<>]+")

# What of conda's only tells something.
_ASKING = (
    *("info", "list", "env list", "env export", "env config", "config", "clean", "search", ""),
    *("doctor", "notices", "package", "env"),
)


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if len(words) < 2:
        return
    if words[0].literal in _QUESTIONS:
        yield from _question(command, words)
    elif words[0].literal == "test":
        if len(words) == 3 and _FILE_TEST.match(command.source) and is_folder(words[2].source):
            yield _found(Ask(), command.span, phrase("asks whether conda's folder is there"), command)
    elif program(words[0]):
        asked, rest = subcommand(words)
        if asked == "env" and rest:
            asked = f"env {rest[0].literal}"
        if asked in _ASKING:
            options = [word.literal for word in (rest if asked == "list" else rest[1:])]
            yield _asks_conda(command, asked, options, script)


def _asks_conda(command: Command, asked: str, options: list[str], script: Script) -> Finding:
    says = phrase("asks conda: {command}", command=command.source.strip()[:60])
    if asked == "list" and all(option in ("-v",) for option in options):
        return _found(Replace("pip list"), command.span, says, command)
    if asked == "env export":
        return _found(Replace("pip freeze --local"), command.span, says, command)
    if asked == "env config" and options[:2] == ["vars", "set"] and "=" in command.source:
        says, why = (
            phrase("sets variables of the environment"),
            messages.VARIABLES_OF_CONDA.about(source=excerpt(command.source)),
        )
        return _found(Report(Left.ANSWER), command.span, says, command, why=why)
    if _is_tested(command):
        if (looks_up := _looked_up(command, script)) is not None:
            return _found(Ask(), looks_up, phrase("asks conda whether an environment is there"), command)
        why = ASKED_IN_A_TEST.about(source=excerpt(command.source))
        return _found(Report(Left.ANSWER), command.span, says, command, why=why)
    if used := _use_of_its_output(command):
        why = messages.OUTPUT_IS_USED.about(source=excerpt(command.source), used=used)
        return _found(Report(Left.ANSWER), command.span, says, command, why=why)
    return _found(Drop(), command.span, says, command)


def _is_tested(command: Command) -> bool:
    """Whether a condition looks for something in what it prints: `if conda env list | grep -q x`."""
    kinds = [place.kind for place in command.within]
    return PIPELINE in kinds and SUBSTITUTION not in kinds and CHECKED in kinds[: kinds.index(PIPELINE)]


def _looked_up(command: Command, script: Script) -> Span | None:
    """The pipeline in which a condition looks for an environment among conda's: `conda env list | grep -q x`."""
    end = next(place.span.end for place in reversed(command.within) if place.kind == PIPELINE)
    found = _LOOKS_UP.fullmatch(script.text, command.span.start, end)
    return Span(*found.span()) if found is not None and not command.layers else None


def _use_of_its_output(command: Command) -> str:
    """What becomes of what it prints, "" where that is only seen."""
    if any(place.kind in (SUBSTITUTION, PIPELINE) for place in command.within):
        return phrase("another command uses the answer")
    return (
        phrase("the answer goes to a file") if any(_TO_FILE.match(redirect) for redirect in command.redirects) else ""
    )


def _found(act: Act, span: Span, says: str, command: Command, why: str = "") -> Finding:
    return Finding("information", act, span, says, command, why=why, alone=True)


def _question(command: Command, words: tuple[Word, ...]) -> Iterator[Finding]:
    named = [word for word in words[1:] if not word.literal.startswith("-")]
    if any(program(word) and "/" not in word.literal for word in named):
        why = messages.AMONG_OTHER_TOOLS.about(source=excerpt(command.source)) if len(named) > 1 else ""
        yield _found(Ask(), command.span, phrase("asks whether conda is there"), command, why=why)


def asked_elsewhere(script: Script) -> Iterator[Finding]:
    """The questions that no rule sees: in a `[ … ]`, and for each of the tools that a loop lists."""
    for place in places_of(("[", "test"), script.text):
        match = _FILE_TEST.match(script.text, place) if script.text[place - 1 : place] != "[" else None
        if match and is_folder(_told(match["path"], script)):
            at = Span(*match.span())
            following = next((command for command in script.commands if command.span.end > at.start), None)
            if following is not None and not following.span.meets(at):
                yield _found(Ask(), at, phrase("asks whether conda's folder is there"), following)
    for command in script.holding("command -v", "which", "hash", "type"):
        if command.name in _QUESTIONS and "$" in command.source:
            values = [value_of(script, word, command) for word in command.words[1:] if word.value is None]
            if any(name in PROGRAMS for value in values for name in value.possible):
                says = phrase("asks whether conda is there, among other tools")
                why = messages.AMONG_OTHER_TOOLS.about(source=excerpt(command.source))
                yield _found(Ask(), command.span, says, command, why=why)
    functions = {name for name, at in script.functions if _ASKS_FOR_IT.search(script.text, at.start, at.end)}
    for command in script.holding(*PROGRAMS) if functions else ():
        if command.name in functions and any(word.value in PROGRAMS for word in command.words[1:]):
            says = phrase("hands conda to {function}", function=command.name)
            why = messages.HANDED_ON.about(source=excerpt(command.source))
            yield _found(Ask(), command.span, says, command, why=why)


def _told(path: str, script: Script) -> str:
    """A path, where it is a variable what the script sets that to."""
    variable = _VARIABLE.fullmatch(path)
    return path if variable is None else assigned_at_a_line_start(script, variable[1]) or ""


_VARIABLE = re.compile(r"[\"']?\$\{?(\w+)\}?[\"']?")
_QUESTIONS = ("which", "command", "type", "hash")
_ASKS_FOR_IT = re.compile(r"\b(?:command[ \t]+-[vV]|which|type|hash)[ \t][^\n;|&]*\$[1@{*]")
_FILE_TEST = re.compile(r"(?:\[\[?|\btest)[ \t]+(?:![ \t]+)?-[defhrsxL][ \t]+(?P<path>[^\s;|&()<>\]]+)(?:\s*\]\]?)?")
_FOLDER = re.compile(r"(?:\A|/)[^/.]*(?<!se)(?:conda|mamba|miniforge)[^/.]*(?:/|\Z)|/\.conda/", re.I)


def is_folder(path: str) -> bool:
    """Whether a path, as it is written, is a folder of conda's, or in one."""
    return _FOLDER.search(path.strip("\"'")) is not None


RULE = Rule(
    "information",
    "conda is asked about itself, or configured",
    check,
    words=("conda", "mamba"),
    bad=(
        "conda info --envs\n",
        "conda list\n",
        "conda config --add channels bioconda\n",
        "if ! command -v conda; then echo no conda; exit 1; fi\nconda activate x\n",
        "conda env export > env.yml\n",
        "X=$(conda info --base)\n",
        "which conda samtools || exit 1\nconda activate x\n",
        "for tool in conda samtools; do command -v $tool || exit 1; done\nconda activate x\n",
        "need() { command -v $1 || exit 1; }\nneed conda\nconda activate x\n",
        "test -d ~/miniconda3 || exit 1\nconda activate x\n",
        "if [ ! -d ~/miniconda3 ]; then module load python; fi\nconda activate x\n",
        "conda list -n x > packages.txt\n",
    ),
    good=("pip list\n", "echo conda info\n", "module list\n"),
    manual=__doc__ or "",
)
