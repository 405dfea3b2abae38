"""Writes the edits of each finding, from what goes, what is built where, and what runs inside an image."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from slurmfix.plan.block import commands, deactivate_if_active, indented
from slurmfix.plan.building import Ahead, Build, Building
from slurmfix.plan.going import RETRY, Going
from slurmfix.plan.image import leaving as leaving_images
from slurmfix.plan.image import prefix
from slurmfix.plan.inside import in_force, inside_path, program_word
from slurmfix.plan.job import Job, dialect_of, lists_of
from slurmfix.plan.leaving import Leaves, leaving
from slurmfix.plan.place import layers_of, on_another_machine
from slurmfix.plan.refusals import (
    NOTHING_ACTIVE,
    OTHER_MACHINE,
    PROGRAM_OF_AN_IMAGE,
    SEARCHED_IN_AN_IMAGE,
)
from slurmfix.plan.refuse import heredoc_of, reads_heredoc
from slurmfix.plan.remove import removal
from slurmfix.plan.step import MANUAL, REVIEW, Served, Site, Step
from slurmfix.plan.tidy import comment_behind
from slurmfix.remarks import joined, phrase
from slurmfix.rules import (
    Ask,
    Drop,
    Enter,
    Finding,
    Install,
    Leave,
    Pip,
    Program,
    Provide,
    Replace,
    Report,
    Run,
    Start,
    Value,
    rest_of,
    unknown,
)
from slurmfix.shell import Command, Place, quoted
from slurmfix.text import Edit, Span, excerpt

_INDENT = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?\n")
_Written = tuple[tuple[Edit, ...], str]  # the edits of a finding, none where it is left for a person, and why


class Draft(NamedTuple):
    """What the edits are written from. `answers` are the environments with their images and doubts; `inside` are the
    edits of what runs in an image, by the activation that is in force.
    """

    job: Job
    answers: Mapping[str, Served]
    going: Going
    buildings: Mapping[int, Building]
    inside: Mapping[int, tuple[Edit, ...]]
    site: Site


def step_of(draft: Draft, at: int) -> Step:
    """What becomes of a finding, where that hangs on no other edit. Raises TemplateFailed."""
    finding = draft.job.findings[at]
    if on_another_machine(finding.command):
        name = draft.job.names[at].name if at in draft.job.names else "conda"
        return Step(finding, (), MANUAL, OTHER_MACHINE.about(environment=name))
    edits, why = _written(draft, at, finding)
    name = draft.job.names[at].name if at in draft.job.names else ""
    return Step(finding, (*edits, *draft.inside.get(at, ())), REVIEW if edits else MANUAL, why, name)


def _written(draft: Draft, at: int, finding: Finding) -> _Written:
    match finding.act:
        case Enter():
            return _enter(draft, at, finding)
        case Leave():
            return _leave(draft, at, finding)
        case Run():
            return _run(draft, at, finding)
        case Program(_, path):
            return _program(draft, at, finding, path)
        case Start():
            return _ahead(draft, draft.buildings[at].ahead), _why(draft.answers[draft.job.code(at)])
        case Replace() | Value() | Pip() if draft.going.statement_around(finding) is not None:
            return _away(draft, finding), phrase("goes with the rest of its statement")
        case Value(new):
            return _value(draft, at, finding, new)
        case Pip(new, _, lists) if _is_listed(draft, at):
            rest = (_edit(finding.span, new, finding.command), *(Edit(span, "") for span in lists))
            return rest if lists else (_removal(draft, finding.command),), phrase(_LISTED)
        case Replace(new) | Pip(new):
            return (_edit(finding.span, new, finding.command),), phrase("the same without conda")
        case _ if reads_heredoc(finding.command):
            return (), heredoc_of(draft.job, at)
        case Install():
            return _away(draft, finding), phrase(_LISTED)
        case Provide() | Drop() | Ask() | Report():
            return _away(draft, finding), finding.doubt or phrase("not needed without conda")
        case _ as act:
            unknown(act)


_LISTED = "its packages are in the requirements of the environment"


def _is_listed(draft: Draft, at: int) -> bool:
    """Whether all that pip installs there is in the requirements of the environment, which is made before."""
    served = (draft.answers[code] for code in draft.job.active.before(at)[:1] if code in draft.answers)
    return any(
        each.recipe.strategy == "virtualenv" and (wanted := lists_of(draft.job, at, each.named.code))
        and set(wanted) <= set(each.lists)
        for each in served
    )  # fmt: skip


# What goes


def _away(draft: Draft, finding: Finding) -> tuple[Edit, ...]:
    if (statement := draft.going.statement_around(finding)) is not None:
        return (without(draft.job, statement, draft.going.commands),)
    command = finding.command
    if rest := rest_of(finding.act):
        return (_edit(finding.span, rest, command),)
    if finding.span == command.span:
        return (_removal(draft, command),)
    if finding.span.holds(command.span):  # a block of several statements
        return (_removal(draft, command.moved(finding.span)),)
    return (Edit(finding.span, ""),)


def without(job: Job, statement: Span, gone: frozenset[Span]) -> Edit:
    """The edit that takes a whole statement out; `gone` are all commands that go."""
    command = next(c for c in job.script.commands if statement.holds(c.span))
    around = tuple(p for p in command.within if p.span.holds(statement) and p.span != statement)
    return removal(job.script, job.lines, command.moved(statement, around), gone)


def _removal(draft: Draft, command: Command) -> Edit:
    return removal(draft.job.script, draft.job.lines, command, draft.going.commands | {command.span})


# Variables of conda's


def _value(draft: Draft, at: int, finding: Finding, new: str) -> _Written:
    job = draft.job
    if not job.active.before(at):
        return (), NOTHING_ACTIVE.about(variable=job.script.text[slice(*finding.span)])
    entered = in_force(finding.command, job)
    if entered is not None and draft.answers[job.code(entered)].image is not None and inside_path(new) != new:
        words = finding.command.words
        if words and words[0].span.start <= finding.span.start < words[0].span.end:
            return (), PROGRAM_OF_AN_IMAGE.about(path=words[0].source)
        if _is_searched(job, finding.command):
            return (), SEARCHED_IN_AN_IMAGE.about(source=excerpt(finding.command.source))
        new = inside_path(new)
    return (_edit(finding.span, new, finding.command),), phrase("the same without conda")


def _is_searched(job: Job, command: Command) -> bool:
    """Whether a search path of the job takes a variable that the command sets."""
    names = "|".join(assigned.name for assigned in command.assignments)
    return bool(names and re.search(rf"PATH=\S*\$\{{?(?:{names})\b", job.script.text))


# Environments


def _enter(draft: Draft, at: int, finding: Finding) -> _Written:
    command = finding.command
    if at in draft.going.retries:
        match = RETRY.search(draft.job.script.text, 0, command.whole.start)
        start = match.start() if match else command.whole.start
        return (Edit(Span(start, command.whole.end), ""),), phrase("the same activation in other words")
    building = draft.buildings[at]
    if building == Building():
        return _away(draft, finding), phrase("{name} is active here already", name=draft.job.names[at].name)
    served, here = draft.answers[draft.job.code(at)], building.here
    why = _why(served)
    if here is None:
        return (*_ahead(draft, building.ahead), _removal(draft, command)), why
    if finding.span != command.span or rest_of(finding.act):
        rest = _edit(finding.span, rest_of(finding.act), command)
        return (rest, _behind(draft, here, command)), why
    if building.behind is not None:
        why = phrase(_AFTER_MODULES, what=why)
        return (_removal(draft, command), _behind(draft, here, building.behind)), why
    return (*_ahead(draft, building.ahead), *_here(draft, here, command)), why


def _here(draft: Draft, build: Build, command: Command) -> tuple[Edit, ...]:
    """The block in the place of a command, which goes where nothing is to be done there."""
    block = _block(draft, build, command.within)
    if block == ":":
        return (_removal(draft, command),)
    indent = _indent(draft, command.whole.start)
    new = quoted(indented(block, indent), command.layers)
    comment = comment_behind(draft.job.script, command) if "\n" in block else None
    if comment is None:
        return (Edit(command.whole, new),)
    said = draft.job.script.text[comment.start : comment.end].lstrip()
    return Edit(command.whole, f"{said}\n{indent}{new}"), Edit(comment, "")


def _block(draft: Draft, build: Build, within: tuple[Place, ...]) -> str:
    served, job = draft.answers[build.code], draft.job
    return commands(served, draft.site, dialect_of(job.script, within), build.shape, build.modules, job.script.text)


def _behind(draft: Draft, build: Build, command: Command) -> Edit:
    """The block behind the line of a command, which keeps its comment."""
    indent = _indent(draft, command.whole.start)
    block = indented(_block(draft, build, command.within), indent, indent)
    if end := _REST_OF_LINE.match(draft.job.script.text, command.whole.end):
        return _edit(Span(end.end(), end.end()), block + "\n", command)
    return _edit(Span(command.whole.end, command.whole.end), "\n" + block, command)


def _ahead(draft: Draft, ahead: Ahead | None) -> tuple[Edit, ...]:
    """What is built in front of the statement that uses an environment."""
    if ahead is None:
        return ()
    start = ahead.statement.start
    indent = _indent(draft, start)
    text = indented(_block(draft, ahead.build, ahead.around), indent) + "\n"
    return (Edit(Span(start, start), quoted(text, layers_of(draft.job.script, ahead.around)) + indent),)


def _run(draft: Draft, at: int, finding: Finding) -> _Written:
    served = draft.answers[draft.job.code(at)]
    building = draft.buildings.get(at)
    ahead = _ahead(draft, building.ahead if building is not None else None)
    if served.image is not None:
        new = prefix(served.image, draft.site) + " "
    elif building is None or served.recipe.strategy == "modules":
        new = ""
    else:
        new = f'env PATH="{draft.site.tmpdir}/{served.named.code}/bin:$PATH" '
    new += finding.act.front if isinstance(finding.act, Run) else ""
    return (*ahead, _edit(finding.span, new, finding.command)), _why(served)


def _program(draft: Draft, at: int, finding: Finding, path: str) -> _Written:
    served, command = draft.answers[draft.job.code(at)], finding.command
    ahead = _ahead(draft, draft.buildings[at].ahead)
    word = program_word(finding)
    if served.image is not None and word is not None:
        new = f"{prefix(served.image, draft.site)} {path.rpartition('/')[2]}"
        return (*ahead, _edit(word.span, new, command)), _why(served)
    new = f"{draft.site.tmpdir}/{served.named.code}{path}"
    words = (word.span for word in command.words if word.span.start <= finding.span.start < word.span.end)
    before = draft.job.script.text[next(words, command.span).start : finding.span.start]
    if before.endswith("'"):
        new = f"'\"{new}\"'"
    elif not before.endswith('"'):
        new = f'"{new}"'
    return (*ahead, _edit(finding.span, new, command)), _why(served)


def _leave(draft: Draft, at: int, finding: Finding) -> _Written:
    command, left = finding.command, leaving(draft.job, draft.answers, at)
    match left.leaves:
        case Leaves.OUTSIDE:
            new = 'PATH=${PATH#"$VIRTUAL_ENV/bin:"}'
            new = new if left.sure else f'if [ -n "${{VIRTUAL_ENV:-}}" ]; then {new}; fi'
            why = phrase("this shell has no `deactivate` for what was activated outside of it")
        case Leaves.IDLE:
            return _away(draft, finding), phrase("nothing is active here")
        case Leaves.MODULES:
            return (_removal(draft, command),), phrase("nothing is active here")
        case Leaves.IMAGE:
            new = "; ".join(text for served in draft.answers.values() if (text := leaving_images(served)))
            if not new:
                return (_removal(draft, command),), phrase("nothing of an image is active")
            why = phrase("the programs of the image are themselves again")
        case Leaves.MAYBE:
            new = deactivate_if_active(dialect_of(draft.job.script, command.within))
            why = phrase("deactivates where something is active")
        case Leaves.BACK:
            here = draft.buildings[at].here
            indent = _indent(draft, command.whole.start)
            new = indented(_block(draft, here, command.within), indent) if here is not None else ":"
            why = phrase("conda goes back to {name} here", name=draft.answers[left.code].named.name)
        case Leaves.VIRTUALENV:
            new, why = "deactivate", phrase("the virtualenv has a deactivate of its own")
    return (_edit(command.whole, new, command),), why


def _why(served: Served) -> str:
    recipe, origin = served.recipe, served.recipe.environment.origin
    told = phrase(_FROM if origin else "the environment {name}", name=served.named.name, origin=origin)
    if served.image is not None:
        told = phrase("{what}; to Apptainer, since {why}", what=told, why=recipe.reason)
    return joined((told, *served.doubts, *recipe.doubts))


_FROM = "the environment {name}, from {origin}"
_AFTER_MODULES = "{what}; after the modules that are loaded further down, since none may be loaded once it is active"


def _indent(draft: Draft, offset: int) -> str:
    match = _INDENT.match(draft.job.script.text, draft.job.lines.start(offset))
    return match[0] if match else ""


def _edit(span: Span, new: str, command: Command) -> Edit:
    return Edit(span, quoted(new, command.layers))
