"""Who has accounted for what: each claimant looks at the entries and names those that it answers for."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from slurmfix.at_hand import is_of_a_shell
from slurmfix.flow import SURELY, UNKNOWN, UNREACHABLE, UNSURE, Flow
from slurmfix.ledger.at_hand import finds_conda_itself
from slurmfix.ledger.build import EVERY_VARIABLE, build_pattern, file_of, leaves_it_alone
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
    PROGRAM,
    SHELL,
    SUBMITS,
    SUBMITS_STEPS,
    TRACE,
    Entry,
    entries_of,
    is_script,
    is_shell,
    trace_pattern,
)
from slurmfix.ledger.heredocs import are_named, are_only_read, files_of_idle, is_handed_on
from slurmfix.ledger.itself import DATA
from slurmfix.ledger.outlives import INTO_AN_IMAGE
from slurmfix.ledger.programs import is_accounted_for
from slurmfix.ledger.served import is_on_one_node, is_told_of_several, modules_of
from slurmfix.ledger.system_files import is_of_the_system
from slurmfix.ledger.texts import texts_of
from slurmfix.plan import Plan
from slurmfix.rules import CONTAINER, USES, Beside, Finding, Run, Start
from slurmfix.shell import (
    FUNCTION,
    LOOP,
    Command,
    Script,
    calls_one,
    files_of,
    is_kept,
    read,
)
from slurmfix.text import Cover

_SHOWS = frozenset("echo printf logger say".split())  # their words are for people, if nothing keeps them
_SHOWS_ONLY = _SHOWS | {"exit", "return", "date", "local", "tput", "true", ":", ""}
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


class Case(NamedTuple):
    """What the claimants look at."""

    script: Script
    found: tuple[Finding, ...]  # with those that the author ignores
    plan: Plan
    flow: Flow
    entries: tuple[Entry, ...]
    beside: Beside

    @property
    def traces(self) -> Iterator[tuple[Entry, Command]]:
        """The traces that are part of a command, with that."""
        return ((each, each.owner) for each in self.entries if each.kind == TRACE and each.owner is not None)

    def code(self, *whats: str) -> Iterator[tuple[Entry, Command, str]]:
        """The code that is run in one of these ways, with its command, and its word as it is written."""
        for entry in self.entries:
            if entry.kind == CODE and entry.what in whats and entry.word is not None and entry.owner is not None:
                yield entry, entry.owner, entry.word.literal


class Claim(NamedTuple):
    """An entry that is accounted for, and by whom."""

    entry: Entry
    by: str


Claimant = Callable[[Case], Iterable[Entry]]


def by_the_steps(case: Case) -> Iterator[Entry]:
    """A finding is converted, or left and told, with what the edits take out; either way its step answers for it."""
    # (What stands behind `conda run` is the author's own.)
    spans = [each.span if isinstance(each.act, Run) else each.command.whole for each in case.found]
    spans += [finding.span for finding in case.found]
    spans += [edit.span for step in case.plan.steps for edit in step.edits]
    covered = Cover(spans)
    for entry in case.entries:
        if entry.kind not in (TRACE, CODE):
            continue
        given = bool(entry.given) and all(map(covered.holds, entry.given))
        evaluated = entry.what == "evaluates" and any(entry.span.holds(finding.span) for finding in case.found)
        if given or evaluated or covered.holds(entry.span):
            yield entry


def by_comments(case: Case) -> Iterator[Entry]:
    directives = {each.span.start for each in case.script.directives}
    comments = Cover(span for span in case.script.comments if span.start not in directives)
    return (entry for entry in case.entries if entry.kind != SHELL and comments.holds(entry.span))


def by_containers(case: Case) -> Iterator[Entry]:
    """What runs inside a container is not the job's own conda."""
    script, containers = case.script, Cover(case.script.containers)
    for entry in case.entries:
        owner = entry.owner
        if entry.kind == INTO_AN_IMAGE:
            continue  # a path of the job's that goes in
        if containers.holds(entry.span) or (owner is not None and _runs_in_one(owner, script)):
            yield entry


def by_the_header(case: Case) -> Iterator[Entry]:
    """A `#SBATCH` line that gives the job neither its environment nor its commands."""
    lines = Cover(each.span for each in case.script.directives if not _EFFECTIVE.search(each.line))
    return (entry for entry in case.entries if entry.kind != DATA and lines.holds(entry.span))


def by_the_model(case: Case) -> Iterator[Entry]:
    """Mamba is a kind of network, too: among the words of a Python program no path into conda is meant."""
    for entry, owner in case.traces:
        word = next((each for each in owner.words[1:] if each.span.holds(entry.span)), None)
        if word is not None and not entry.needs and owner.name.startswith("python") and _MODEL.fullmatch(word.source):
            yield entry


def by_what_is_shown(case: Case) -> Iterator[Entry]:
    """Words for people, which nothing keeps and nothing reads."""
    shows = _SHOWS | _functions_that_show(case.script)
    for entry in case.entries:
        owner = entry.owner
        said = entry.kind in (TRACE, ELSEWHERE, SUBMITS, SUBMITS_STEPS) and owner is not None and owner.name in shows
        if said and owner is not None and not is_handed_on(owner) and not is_kept(owner):
            yield entry


def by_heredocs(case: Case) -> Iterator[Entry]:
    """Text that is shown, or goes to a file that nothing runs or expands; and what is commented out there."""
    text = case.script.text
    traces = sorted((entry for entry in case.entries if entry.kind == TRACE), key=lambda entry: entry.span)
    starts = [entry.span.start for entry in traces]
    owners = {command.span: command for command in case.script.commands} if case.script.heredocs else {}
    for heredoc in case.script.heredocs:
        if heredoc.is_read:
            continue
        within = slice(bisect_left(starts, heredoc.body.start), bisect_right(starts, heredoc.body.end))
        inside = [entry for entry in traces[within] if heredoc.body.holds(entry.span)]
        files = files_of_idle(heredoc, owners.get(heredoc.owner), text) if inside else None
        if files is not None and not (files and are_named(files, text[heredoc.end :])):
            yield from inside
        elif files and not heredoc.expanded and are_only_read(files, heredoc.end, case.script):
            yield from (each for each in inside if not each.needs)
        yield from (each for each in inside if "#" in text[text.rfind("\n", 0, each.span.start) : each.span.start])


def by_those_who_hold(case: Case) -> Iterator[Entry]:
    """A variable of the script's own that holds a trace does nothing by itself: its uses are entries of their own."""
    for entry, owner in case.traces:
        if not entry.needs and not owner.broken and (not owner.words or owner.name in _HOLDING):
            yield entry


def by_the_order(case: Case) -> Iterator[Entry]:
    """Code that runs before anything goes finds all that it has found before."""
    goes = [step.finding.command.span.start for step in case.plan.steps if step.edits]
    first = min(goes, default=0)
    for entry in case.entries:
        owner = entry.owner
        lasts = entry.kind not in (CODE, AT_HAND) or entry.what == "sources"
        if not lasts and owner and owner.span.end <= first and not _runs_again(owner):
            yield entry


def by_constants(case: Case) -> Iterator[Entry]:
    """Code whose program the script itself names, in a variable or a text; where conda stands in that, it is an entry
    of its own. And a program by its path, which needs nothing to be found.
    """
    for entry, owner, word in case.code("runs", "evaluates"):
        state = case.flow.before.get(owner.span, UNREACHABLE)
        texts = state.values.text_of(entry.word.parts) if state is not UNREACHABLE and entry.word else None
        if texts is not None and _ENDS_IN_A_NAME.search(word):  # `${dry}rm`: unset, it is the program behind it
            texts = tuple(text for text in texts if not text.startswith("$")) or texts
        if texts is not None and all(_names_its_program(text) for text in texts):
            yield entry


def by_the_callers(case: Case) -> Iterator[Entry]:
    """`"$@"` in a function: what its callers hand to it stands in the script, as an entry if it has a trace."""
    for entry, owner, word in case.code("runs"):
        if _ARGUMENTS.match(word) and any(place.kind == FUNCTION for place in owner.within):
            yield entry


def by_system_files(case: Case) -> Iterator[Entry]:
    """Files of the system, or of an installed program, that are known to use no conda."""
    named = ((entry, word) for entry, _, word in case.code("sources") if is_of_the_system(word))
    return (entry for entry, word in named if case.beside(word) is None)


def by_startup_files(case: Case) -> Iterator[Entry]:
    """A person's own start-up file, which has to do without the script, before an environment is active."""
    for entry, owner, word in case.code("sources"):
        state = case.flow.before.get(owner.span, UNREACHABLE)
        if state is not UNREACHABLE and not state.stack and not state.open and _STARTUP.fullmatch(word):
            yield entry


def by_what_is_written(case: Case) -> Iterator[Entry]:
    """Scripts that the job writes itself, where they are read as part of this script, or do nothing that matters."""
    writing = [(files_of(each), each) for each in case.script.holding("cat", "tee", "echo", "printf")]
    lists = {name for names, _ in writing for name in names}
    scripts = set(lists)
    for names, each in writing:
        if names and not _does_nothing_unread(case.script, each):
            scripts -= names
    for entry, _, word in case.code("starts", "sources", "lists"):
        if word.rpartition("/")[2] in (lists if entry.what == "lists" else scripts):
            yield entry


def by_files_at_hand(case: Case) -> Iterator[Entry]:
    """A file that lies beside the script, in which nothing speaks of conda and nothing is run that is not read; its own
    name says nothing.
    """
    told = {entry.what for entry in case.entries if entry.kind == AT_HAND}
    for entry, _, word in case.code("starts", "sources", "lists"):
        text = case.beside(word)
        if entry.what == "lists" and word in told:
            yield entry  # what is said of the file itself says more
        elif text is not None and not _matters(text) and not entries_of(read(text), ()):
            yield entry
            if entry.word is not None:
                yield from (e for e in case.entries if e.kind == TRACE and entry.word.span.holds(e.span))


def by_those_who_find_conda(case: Case) -> Iterator[Entry]:
    """A script at hand that finds conda by itself goes on as before, and what a finding is about is told there."""
    told = {finding.command.span for finding in case.found if isinstance(finding.act, Start)}
    for entry in case.entries:
        if entry.kind == AT_HAND and entry.span in told:
            yield entry
        text = case.beside(entry.what) if entry.kind == AT_HAND else None
        if text is not None and finds_conda_itself(entry.what, text):
            yield entry


def by_programs(case: Case) -> Iterator[Entry]:
    """A program in a folder of the job's, with no ending of a script's: it was compiled, or is in another language."""
    for entry, owner, word in case.code("starts"):
        text = case.beside(word)
        if text is not None and is_of_a_shell(word, text):
            continue
        if "." not in word.rpartition("/")[2] and not any(is_shell(each.literal) for each in owner.words):
            yield entry


def by_loaded_modules(case: Case) -> Iterator[Entry]:
    """The modules of an environment are loaded where it is used, and the command sees what they set."""
    modules = modules_of(case.plan)
    for entry in case.entries:
        if entry.kind != MODULE or entry.owner is None:
            continue
        state = case.flow.before.get(entry.owner.span, UNREACHABLE)
        loaded = state is not UNREACHABLE and all(state.modules.has(each) == SURELY for each in modules[entry.what])
        hidden = state is UNREACHABLE or any(state.values.of(name) == ("",) for name in _OF_MODULES)
        hidden = hidden or runs_a_program_remotely(case.script, entry.owner)
        if loaded and not hidden and not any(map(_HIDES.search, _texts_of(case.script, entry.owner))):
            yield entry


def by_packages(case: Case) -> Iterator[Entry]:
    """A program of the node's, of an environment's packages, or of a module that is loaded there."""
    for entry in case.entries:
        if entry.kind == PROGRAM and entry.owner is not None:
            state = case.flow.before.get(entry.owner.span) or UNSURE
            if is_accounted_for(entry.what, case.plan.environments, state.modules.surely):
                yield entry


def by_what_changes_no_build(case: Case) -> Iterator[Entry]:
    """A line below the last build, and a command that keeps its variables to itself, and holds no build."""
    uses = [step for step in case.plan.steps if isinstance(step.finding.act, USES) and step.edits]
    last = max((edit.span.start for step in uses for edit in step.edits), default=0)
    edits = [edit.span for step in case.plan.steps for edit in step.edits]
    for entry in case.entries:
        if entry.kind != BUILD:
            continue
        owner = entry.owner
        below = entry.span.start > last and (owner is None or not _runs_again(owner)) and entry.what != EVERY_VARIABLE
        holds = owner is not None and any(owner.whole.holds(span) for span in edits)
        if not holds and (below or leaves_it_alone(case.script, entry) or _starts_what_is_known(case, owner)):
            yield entry


def by_the_submitted(case: Case) -> Iterator[Entry]:
    """A job that enters an environment by itself, needs none, or starts with an environment of its own."""
    entering = [finding.command for finding in case.found if isinstance(finding.act, USES)]
    for entry in case.entries:
        owner = entry.owner
        if entry.kind != SUBMITS or owner is None:
            continue
        texts = [*texts_submitted(case.script, owner), *(case.beside(word.literal) for word in owner.words[1:])]
        known = [text for text in texts if text]
        if is_bare(owner) or enters_by_itself(entering, owner) or (known and all(map(needs_nothing, known))):
            yield entry


def _texts_of(script: Script, command: Command) -> Iterator[str]:
    """A command as it is written, and the text that it is given as its input."""
    yield command.source
    for heredoc in script.heredocs_of.get(command.span, ()):
        yield script.text[heredoc.body.start : heredoc.body.end]


def by_the_nodes(case: Case) -> Iterator[Entry]:
    """The job runs on one node, or the environment is built on every one."""
    built = any("srun" in edit.new for step in case.plan.steps for edit in step.edits)
    if built or (is_on_one_node(case.script) and not is_told_of_several(case.script, case.beside)):
        yield from (entry for entry in case.entries if entry.kind == LAUNCHER)


CLAIMANTS: tuple[Claimant, ...] = (
    by_the_steps,
    by_comments,
    by_containers,
    by_the_header,
    by_the_model,
    by_what_is_shown,
    by_heredocs,
    by_those_who_hold,
    by_the_order,
    by_constants,
    by_the_callers,
    by_system_files,
    by_startup_files,
    by_what_is_written,
    by_files_at_hand,
    by_those_who_find_conda,
    by_programs,
    by_loaded_modules,
    by_packages,
    by_what_changes_no_build,
    by_the_submitted,
    by_the_nodes,
)


def _matters(text: str) -> bool:
    """Whether a file speaks of conda, or of a variable that a build rests on."""
    return trace_pattern().search(text) is not None or build_pattern().search(text) is not None


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


def _runs_in_one(command: Command, script: Script) -> bool:
    return CONTAINER.search(command.source) is not None or calls_one(
        (word.source for word in command.words), script.contained
    )


def _functions_that_show(script: Script) -> set[str]:
    """The script's own functions that do nothing but show something, and end the job: `fail "no conda"`."""
    does: dict[str, set[str]] = {}
    for command in script.commands if script.functions else ():
        for place in command.within:
            if place.kind == FUNCTION:
                does.setdefault(place.note, set()).add(command.name)
    return {name for name, names in does.items() if names <= _SHOWS_ONLY and names & _SHOWS}


def _runs_again(command: Command) -> bool:
    return any(place.kind in (FUNCTION, LOOP) for place in command.within)


def _names_its_program(text: str) -> bool:
    first = next(iter(text.split()), "")
    program = first.rpartition("/")[2]
    return program != "" and not program.startswith(("$", "-", UNKNOWN)) and not is_script(first)
