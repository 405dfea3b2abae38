"""Who has accounted for what: each claimant looks at the entries and names those that it answers for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from slurmfix.at_hand import is_of_a_shell
from slurmfix.flow import SURELY, UNKNOWN
from slurmfix.ledger.at_hand import finds_conda_itself
from slurmfix.ledger.build import EVERY_VARIABLE, file_of, leaves_it_alone
from slurmfix.ledger.case import Case
from slurmfix.ledger.elsewhere import (
    enters_by_itself,
    is_bare,
    needs_nothing,
    runs_a_program_remotely,
    texts_submitted,
)
from slurmfix.ledger.entries import (
    AT_HAND,
    BUILD,
    CODE,
    ELSEWHERE,
    LAUNCHER,
    MODULE,
    OF_A_MODULE,
    PROGRAM,
    SHELL,
    SUBMITS,
    SUBMITS_STEPS,
    TRACE,
    Entry,
    is_script,
    is_shell,
    trace_pattern,
)
from slurmfix.ledger.heredocs import is_handed_on
from slurmfix.ledger.itself import DATA
from slurmfix.ledger.outlives import INTO_AN_IMAGE
from slurmfix.ledger.programs import is_accounted_for
from slurmfix.ledger.system_files import is_of_the_system
from slurmfix.ledger.texts import texts_of
from slurmfix.rules import Start
from slurmfix.shell import (
    FUNCTION,
    LOOP,
    Command,
    Script,
    files_of,
    is_kept,
)

_HOLDING = ("readonly", "declare", "typeset", "local")
_STARTUP = re.compile(r"(?:\S*/)?\.(?:bashrc|bash_profile|bash_login|profile|zshrc|zprofile)")
_EFFECTIVE = re.compile(r"--export|--wrap|--chdir|-D\b")
_OF_MODULES = ("PYTHONPATH", "LD_LIBRARY_PATH", "PATH")
# What keeps from a command what the job's shell has in its environment.
_HIDES = re.compile(
    r"\benv\s+(?:\S+\s+)*?(?:-i\b|--ignore-environment|-\s|-u\s*\w*PATH|--unset=\w*PATH)"
    r"|--export[= ][\"']?(?!ALL\b|\S*,ALL\b)|\bsudo\s"
    r"|\b(?:module|ml)\s+(?:-\S+\s+)*(?:purge|reset|restore|unload|rm|swap|sw|switch)\b"  # in a text for a shell
)
_MODEL = re.compile(r"(?!.*(?:conda|micromamba|mambaforge|/bin/|/envs/|mamba\.sh))[\w./=-]+", re.I)
_ENDS_IN_A_NAME = re.compile(r"\}[A-Za-z]\w*\Z")
_ARGUMENTS = re.compile(r"[\"']?\$\{?(?:[@*#]|\d)")


class Claim(NamedTuple):
    """An entry that is accounted for, and by whom."""

    entry: Entry
    by: str


class Claimant(NamedTuple):
    """Who answers for entries of some kinds, of all where there are none; `ways` are the ways in which code is run.

    `of_commands`: only those that are part of a command.
    """

    name: str
    kinds: tuple[str, ...]
    ways: tuple[str, ...]
    of_commands: bool
    claims: Callable[[Case, Entry], bool]

    def is_asked(self, entry: Entry) -> bool:
        """Whether an entry is of those that the claimant looks at."""
        if self.of_commands and entry.owner is None:
            return False
        return (not self.kinds or entry.kind in self.kinds) and (not self.ways or entry.what in self.ways)


CLAIMANTS: list[Claimant] = []


def _claimant(*kinds: str, ways: tuple[str, ...] = (), of_commands: bool = True) -> Callable[[_Claims], _Claims]:
    """A claimant by the name of a function, which says whether it answers for an entry."""

    def listed(claims: _Claims) -> _Claims:
        CLAIMANTS.append(Claimant(claims.__name__, kinds, ways, of_commands, claims))
        return claims

    return listed


_Claims = Callable[[Case, Entry], bool]


def claims_of(case: Case, claimants: Iterable[Claimant]) -> Iterator[Claim]:
    """All claims on the entries of a case."""
    for claimant in claimants:
        asked = filter(claimant.is_asked, case.entries)
        yield from (Claim(entry, claimant.name) for entry in asked if claimant.claims(case, entry))


@_claimant(TRACE, CODE, of_commands=False)
def by_the_steps(case: Case, entry: Entry) -> bool:
    """A finding is converted, or left and told, with what the edits take out; either way its step answers for it."""
    if entry.given and all(map(case.converted.holds, entry.given)):
        return True
    evaluated = entry.what == "evaluates" and any(entry.span.holds(finding.span) for finding in case.found)
    return evaluated or case.converted.holds(entry.span)


@_claimant(of_commands=False)
def by_comments(case: Case, entry: Entry) -> bool:
    return entry.kind != SHELL and case.comments.holds(entry.span)


@_claimant(of_commands=False)
def by_containers(case: Case, entry: Entry) -> bool:
    """What runs inside a container is not the job's own conda; a path of the job's that goes in is."""
    if entry.kind == INTO_AN_IMAGE:
        return False
    return case.containers.holds(entry.span) or (entry.owner is not None and case.runs_in_a_container(entry.owner))


@_claimant(of_commands=False)
def by_the_header(case: Case, entry: Entry) -> bool:
    """A `#SBATCH` line that gives the job neither its environment nor its commands."""
    return entry.kind != DATA and any(
        each.span.holds(entry.span) and not _EFFECTIVE.search(each.line) for each in case.script.directives
    )


@_claimant(TRACE)
def by_the_model(case: Case, entry: Entry) -> bool:
    """Mamba is a kind of network, too: among the words of a Python program no path into conda is meant."""
    if entry.needs or not entry.command.name.startswith("python"):
        return False
    word = next((each for each in entry.command.words[1:] if each.span.holds(entry.span)), None)
    return word is not None and _MODEL.fullmatch(word.source) is not None


@_claimant(TRACE, ELSEWHERE, SUBMITS, SUBMITS_STEPS)
def by_what_is_shown(case: Case, entry: Entry) -> bool:
    """Words for people, which nothing keeps and nothing reads."""
    command = entry.command
    return command.name in case.showing and not is_handed_on(command) and not is_kept(command)


@_claimant(TRACE, of_commands=False)
def by_heredocs(case: Case, entry: Entry) -> bool:
    """Text that is shown, or goes to a file that nothing runs or expands; and what is commented out there."""
    heredoc = case.heredocs.around(entry.span)
    if heredoc is None:
        return False
    text, start = case.script.text, entry.span.start
    if "#" in text[text.rfind("\n", 0, start) : start] or case.heredocs.is_for_nobody(heredoc):
        return True
    return not entry.needs and case.heredocs.is_only_read(heredoc)


@_claimant(TRACE)
def by_those_who_hold(case: Case, entry: Entry) -> bool:
    """A variable of the script's own that holds a trace does nothing by itself: its uses are entries of their own."""
    command = entry.command
    return not entry.needs and not command.broken and (not command.words or command.name in _HOLDING)


@_claimant()
def by_the_order(case: Case, entry: Entry) -> bool:
    """Code that runs before anything goes finds all that it has found before."""
    ends = entry.kind == AT_HAND or (entry.kind == CODE and entry.what != "sources")
    return ends and entry.command.span.end <= case.first_change and not _runs_again(entry.command)


@_claimant(CODE, ways=("runs", "evaluates"))
def by_constants(case: Case, entry: Entry) -> bool:
    """Code whose program the script itself names, in a variable or a text; where conda stands in that, it is an entry
    of its own. And a program by its path, which needs nothing to be found.
    """
    texts = case.flow.state(entry.command).values.text_of(entry.word.parts) if entry.word is not None else None
    if texts is None:
        return False
    if _ENDS_IN_A_NAME.search(entry.written):  # `${dry}rm`: unset, it is the program behind it
        texts = tuple(text for text in texts if not text.startswith("$")) or texts
    return all(map(_names_its_program, texts))


@_claimant(CODE, ways=("runs",))
def by_the_callers(case: Case, entry: Entry) -> bool:
    """`"$@"` in a function: what its callers hand to it stands in the script, as an entry if it has a trace."""
    in_a_function = any(place.kind == FUNCTION for place in entry.command.within)
    return in_a_function and _ARGUMENTS.match(entry.written) is not None


@_claimant(CODE, ways=("sources",))
def by_system_files(case: Case, entry: Entry) -> bool:
    """Files of the system, or of an installed program, that are known to use no conda."""
    return is_of_the_system(entry.written) and case.beside(entry.written) is None


@_claimant(CODE, ways=("sources",))
def by_startup_files(case: Case, entry: Entry) -> bool:
    """A person's own start-up file, which has to do without the script, before an environment is active."""
    state = case.flow.state(entry.command)
    return not state.stack and not state.open and _STARTUP.fullmatch(entry.written) is not None


@_claimant(CODE, ways=("starts", "sources", "lists"))
def by_what_is_written(case: Case, entry: Entry) -> bool:
    """Scripts that the job writes itself, where they are read as part of this script, or do nothing that matters."""
    name = entry.written.rpartition("/")[2]
    writing = [each for each in case.script.holding("cat", "tee", "echo", "printf") if name in files_of(each)]
    return bool(writing) and (entry.what == "lists" or all(_does_nothing_unread(case.script, each) for each in writing))


@_claimant(CODE, TRACE)
def by_files_at_hand(case: Case, entry: Entry) -> bool:
    """A file that lies beside the script, in which nothing speaks of conda and nothing is run that is not read; its own
    name says nothing.
    """
    if entry.kind == TRACE:
        return any(word.span.holds(entry.span) for word in case.harmless_files)
    if entry.what == "lists" and entry.written in case.told_files:
        return True  # what is said of the file itself says more
    return entry.word in case.harmless_files


@_claimant(AT_HAND)
def by_those_who_find_conda(case: Case, entry: Entry) -> bool:
    """A script at hand that finds conda by itself goes on as before, and what a finding is about is told there."""
    if any(isinstance(finding.act, Start) and finding.command.span == entry.span for finding in case.found):
        return True
    text = case.beside(entry.what)
    return text is not None and finds_conda_itself(entry.what, text)


@_claimant(CODE, ways=("starts",))
def by_programs(case: Case, entry: Entry) -> bool:
    """A program in a folder of the job's, with no ending of a script's: it was compiled, or is in another language."""
    text = case.beside(entry.written)
    if "." in entry.written.rpartition("/")[2] or (text is not None and is_of_a_shell(entry.written, text)):
        return False
    return not any(is_shell(each.literal) for each in entry.command.words)


@_claimant(MODULE)
def by_loaded_modules(case: Case, entry: Entry) -> bool:
    """The modules of an environment are loaded where it is used, and the command sees what they set."""
    state = case.flow.state(entry.command)
    if any(state.modules.has(each) != SURELY for each in case.modules[entry.what]):
        return False
    if runs_a_program_remotely(case.script, entry.command):
        return False
    hidden = any(state.values.of(name) == ("",) for name in _OF_MODULES)
    return not hidden and not any(map(_HIDES.search, _texts_of(case.script, entry.command)))


@_claimant(PROGRAM, OF_A_MODULE)
def by_packages(case: Case, entry: Entry) -> bool:
    """A program of the node's, of an environment's packages, or of a module that is loaded there."""
    return is_accounted_for(entry.what, case.plan.environments, case.flow.state(entry.command).modules.surely)


@_claimant(PROGRAM)
def by_their_paths(case: Case, entry: Entry) -> bool:
    """A program that the script elsewhere runs by its path is the author's own, and is told of there."""
    return entry.what in case.run_by_paths


@_claimant(BUILD, of_commands=False)
def by_what_changes_no_build(case: Case, entry: Entry) -> bool:
    """A line below the last build, and a command that keeps its variables to itself, and holds no build."""
    owner = entry.owner
    if owner is not None and any(owner.whole.holds(span) for span in case.edits):
        return False
    once = (owner is None or not _runs_again(owner)) and entry.what != EVERY_VARIABLE
    below = once and entry.span.start > case.last_build
    return below or leaves_it_alone(case.script, entry) or _starts_what_is_known(case, owner)


@_claimant(SUBMITS)
def by_the_submitted(case: Case, entry: Entry) -> bool:
    """A job that enters an environment by itself, needs none, or starts with an environment of its own."""
    command = entry.command
    if is_bare(command) or enters_by_itself(case.entering, command):
        return True
    at_hand = (case.beside(word.literal) for word in command.words[1:])
    texts = [*filter(None, texts_submitted(case.script, command)), *filter(None, at_hand)]
    return bool(texts) and all(map(needs_nothing, texts))


@_claimant(LAUNCHER, of_commands=False)
def by_the_nodes(case: Case, entry: Entry) -> bool:
    """The job runs on one node, or the environment is built on every one."""
    return case.is_built_everywhere


def _texts_of(script: Script, command: Command) -> Iterator[str]:
    """A command as it is written, and the text that it is given as its input."""
    yield command.source
    for heredoc in script.heredocs_of.get(command.span, ()):
        yield script.text[heredoc.body.start : heredoc.body.end]


def _starts_what_is_known(case: Case, command: Command | None) -> bool:
    """Whether a command starts a file at hand in which nothing speaks of conda."""
    text = case.beside(file_of(case.script, command)) if command is not None else None
    return text is not None and not trace_pattern().search(text)


def _does_nothing_unread(script: Script, command: Command) -> bool:
    """Whether what a command writes is read with the script, or needs no environment and leaves the modules alone."""
    heredocs = script.heredocs_of.get(command.span, ())
    unread = [script.text[slice(*each.body)] for each in heredocs if not each.is_read]
    texts = unread if heredocs else texts_of(command)
    return all(needs_nothing(text) and not _HIDES.search(text) for text in texts)


def _runs_again(command: Command) -> bool:
    return any(place.kind in (FUNCTION, LOOP) for place in command.within)


def _names_its_program(text: str) -> bool:
    first = next(iter(text.split()), "")
    program = first.rpartition("/")[2]
    return program != "" and not program.startswith(("$", "-", UNKNOWN)) and not is_script(first)
