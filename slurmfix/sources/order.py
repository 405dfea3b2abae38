"""The sources of an environment, the best first, and what the best of them says."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from slurmfix import files, knowledge
from slurmfix.environment import Environment
from slurmfix.plan import Named, file_name
from slurmfix.remarks import Remark, both, listed, phrase
from slurmfix.rules import Install
from slurmfix.sources.coverage import lacking, pypi_name_of
from slurmfix.sources.described import by_list, by_name
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.exported import exported
from slurmfix.sources.given import given, on_disk
from slurmfix.sources.imports import Needs, guessed, needs_of
from slurmfix.sources.messages import (
    FROM_A_PROJECT,
    GUESSED,
    IMPORT_NOT_KNOWN,
    INSTALLED_IN_THE_JOB,
    LACKS_IMPORTS,
    LOST_FILE,
    NEED_NOT_FOLLOWED,
    OUTSIDE_FILE,
    R_PACKAGES_LACKING,
    UNKNOWN,
)
from slurmfix.sources.project import passed_over, project
from slurmfix.sources.recipes import asked_of_conda, commented, guide, set_up, told_in_comments
from slurmfix.sources.world import World
from slurmfix.text import Lines, excerpt

_BY_UV = "uv pip freeze > requirements.txt"  # where a project's file is not here, which uv goes on without


def guessed_with_comments(world: World, question: Question) -> Found:
    """A guess from what the job shows, with what its comments say is installed."""
    shown = guessed(world, question)
    told = told_in_comments(world, question)
    if told is None:
        return shown
    there = {pypi_name_of(package) for package in told.packages}
    packages = tuple(each for each in shown.environment.packages if pypi_name_of(each) not in there)
    origin = both([each for each in (told.origin, shown.environment.origin) if each])
    return replace(shown, environment=replace(shown.environment, packages=told.packages + packages, origin=origin))


class Source(NamedTuple):
    """Where an environment is looked for; `name` is for people. `find` gives None where the source does not know it.

    `sure`: whoever asks it knows the environment itself, whatever the job says of how it is made. `guess`: it does not
    name the environment, and knows nothing that the job itself installs. `made`: it tells how the environment is made,
    which a job that makes it itself tells better.
    """

    name: str
    find: Callable[[World, Question], Found | None]
    sure: bool = False
    guess: bool = False
    made: bool = False


SOURCES = (
    Source("`--env NAME=FILE`", given, sure=True),
    Source("the environment itself, if it is on this machine", on_disk, sure=True),
    Source("the environment file whose `name:` or `prefix:` it is", by_name),
    Source("a list of conda's that is called by its name", by_list),
    Source("a script of the project that makes it", set_up, made=True),
    Source("the commands in the job's comments that make it", commented, made=True),
    Source("conda, with `--ask`", exported),
    Source("a guide or a Dockerfile that says how it is made", guide, guess=True),
    Source("what describes an environment or the project without its name", project, guess=True),
    Source("what the job imports and calls", guessed_with_comments, guess=True),
)


def environment_of(world: World, question: Question) -> tuple[Environment, list[str]]:
    """The best description of an environment that there is, and what is doubtful about it.

    Raises BadEnvironment and files.Unreadable, where the source that knows it cannot be read.
    """
    installed = question.installed
    below = _first(world, question, [source for source in SOURCES if source.sure])
    added = [
        world.with_origin(path, installed.parts) for path in installed.files if below is None or path in installed.lists
    ]
    # A file that names the environment describes it, as one does that it is made from.
    described = any(installed.all or each.name == question.named.name for each in added)
    if below is None and not described:
        others = [each for each in SOURCES if not each.sure and not (installed.all and (each.guess or each.made))]
        below = _first(world, question, others)
        only_lost = bool(installed.lost) and below is not None and not below.environment.packages
        if below is not None and below.environment.guess:
            advice = _advice(world, question, below.environment)[only_lost:]
            below = replace(below, doubts=(*advice, *below.doubts))
    doubts = list(below.doubts) if below is not None else []
    if installed.described and added:
        doubts.append(FROM_A_PROJECT.about(environment=question.named.name, origin=added[-1].origin))
    if below is None or below.environment.guess:
        doubts += [lost_file(world, question, name) for name in installed.lost]
    if installed.packages:
        origin = phrase("what the script installs" if below or added else "what the script itself installs")
        added.append(replace(asked_of_conda(installed.packages), origin=origin))
        doubts += _installed_in(question)
    if below is not None:
        lists = {files.shown(path) for path in installed.lists}
        added = [_beyond(below.environment, each) if each.origin in lists else each for each in added]
        added = [each for each in added if each.origin != below.environment.origin]
    found = reduce(_updated, [below.environment, *added] if below is not None else added)
    found, more = completed(world, question, found)
    listed_by = _BY_UV if installed.described else _by_conda(question)
    return replace(found, name=question.named.name, listed_by=listed_by), [*doubts, *more]


def _installed_in(question: Question) -> list[Remark]:
    """What is said of the packages that a script installs, at the first such line; of Python alone, nothing."""
    names = question.installed.packages
    at = [f.span.start for f in question.job.findings if isinstance(f.act, Install) and f.act.packages]
    place = Lines(question.job.script.text).position(at[0]) if at else (0, 0)
    told = INSTALLED_IN_THE_JOB.about(
        *place, question.named.name, packages=listed([*dict.fromkeys(names)]), list=_LIST, all=_ALL_OF_IT
    )
    return [told] if at and not all(map(_INTERPRETER.match, names)) else []


def listed_in(doubts: Iterable[str], place: str) -> list[str]:
    """What is said of packages that go into a list, where that list is not the requirements file."""
    return [
        Remark(said.message, said.line, said.column, said.environment, {**said.values, "list": place, "all": place})
        if isinstance(said, Remark) and said.message in (INSTALLED_IN_THE_JOB, LACKS_IMPORTS)
        else said
        for said in doubts
    ]


_LIST = phrase("the requirements file")
_ALL_OF_IT = phrase("the requirements file and the comments at its top")
_INTERPRETER = re.compile(r"python(?![\w.-])")


def lost_file(world: World, question: Question, name: str) -> str:
    """What is said of a file that the script makes an environment from, and that is not read."""
    path = world.spelled(name)
    if os.path.isabs(path) and files.exists(path):
        bound = files.shown(question.job.places.folders[-1])
        option = f"--env {question.named.name}={files.shown(path)}"
        return OUTSIDE_FILE.about(path=name, bound=bound, option=option)
    return LOST_FILE.about(environment=question.named.name, path=name)


def completed(world: World, question: Question, found: Environment) -> tuple[Environment, list[str]]:
    """An environment with what it lacks of what the job imports and calls, and what is said of that."""
    if found.guess:
        return found, []
    needs = needs_of(world, question.job, question.named)
    with_installed = replace(found, packages=found.packages + question.job.installed_in(question.named))
    missing = lacking(with_installed, needs.environment.packages, question.job.loaded)
    known = tuple(package for package in missing if pypi_name_of(package))
    unknown = [*(package.name for package in missing if not pypi_name_of(package)), *needs.lost]
    doubts = [*needs.uses_conda, *_of_r(world, question, found, needs), *_not_followed(question, needs)]
    if known:
        names = ", ".join(package.name for package in known)
        origin = found.origin or question.named.name
        doubts.append(
            LACKS_IMPORTS.about(
                environment=question.named.name,
                origin=origin,
                names=names,
                needs=needs.environment.origin,
                list=_LIST,
            )
        )
    if unknown:
        doubts.append(IMPORT_NOT_KNOWN.about(names=", ".join(unknown), needs=needs.environment.origin))
    names_added = tuple(pypi_name_of(package) for package in known)
    return replace(found, packages=found.packages + known, added=names_added), doubts


def _not_followed(question: Question, needs: Needs) -> Iterator[str]:
    """What is said of the commands of which only the running job knows what they need."""
    lines = Lines(question.job.script.text)
    for each in needs.unknown:
        place = lines.position(each.at) if each.at >= 0 else (0, 0)
        yield NEED_NOT_FOLLOWED.about(*place, question.named.name, source=excerpt(each.text))


def _of_r(world: World, question: Question, found: Environment, needs: Needs) -> Iterator[str]:
    """What is said of R packages that an environment without any lacks, where the job loads no R itself."""
    has_some = any(package.name.lower().startswith(("r-", "bioconductor-")) for package in found.packages)
    own_r = any(name.partition("/")[0].lower() == "r" for name in question.job.loaded)
    only_r = not any(package.name.lower() != "r-base" for package in found.packages if package.name.startswith("r-"))
    if needs.loaded_by_r and not own_r and (not has_some or only_r):
        names = ", ".join(needs.loaded_by_r)
        r = " ".join(knowledge.words_to_load("r", knowledge.profile(world.settings.profile))) or "R"
        yield R_PACKAGES_LACKING.about(0, 0, question.named.name, names=names, origin=found.origin, r=r)


def _first(world: World, question: Question, sources: list[Source]) -> Found | None:
    return next((found for source in sources if (found := source.find(world, question)) is not None), None)


def _advice(world: World, question: Question, guess: Environment) -> tuple[str, ...]:
    """How the real list is got, where only a guess is known, and then which files are passed over."""
    named = question.named
    if not named.known or question.installed.described:
        return ()
    message = GUESSED if any(map(pypi_name_of, guess.packages)) else UNKNOWN
    ask, file = export_command(named), _exported_to(question)
    said = message.about(environment=named.name, origin=guess.origin, ask=ask, file=file)
    return (said, *passed_over(world, question))


def _by_conda(question: Question) -> str:
    return f"{export_command(question.named)} > {_exported_to(question)}" if question.named.known else ""


def _exported_to(question: Question) -> str:
    """The file into which conda is to write an environment: each of several has one of its own."""
    return f"{file_name(question.named.name)}.yml" if question.job.has_several else "environment.yml"


def export_command(named: Named) -> str:
    """The command that writes all of an environment, with what pip installed, where it lives."""
    by_path = named.path and not named.path.startswith(("$(conda info", "$(mamba info"))
    which = f"-p {_pasted(named.path)}" if by_path else f"-n {shlex.quote(named.name)}"
    return f"conda env export --no-builds {which}"


def _beyond(environment: Environment, listed: Environment) -> Environment:
    """A list without what is there already: pip leaves that as it is, where the list asks for no version."""
    there = {package.name.lower() for package in environment.packages if package.manager != "import"}
    packages = tuple(p for p in listed.packages if p.version or p.url or p.extras or p.name.lower() not in there)
    return replace(listed, packages=packages)


def _updated(environment: Environment, more: Environment) -> Environment:
    """An environment into which more is installed: what is asked for last counts."""
    later = {package.name.lower() for package in more.packages}
    kept = tuple(package for package in environment.packages if package.name.lower() not in later)
    return replace(
        environment,
        packages=kept + more.packages,
        origin=both([each for each in (environment.origin, more.origin) if each]),
        channels=tuple(dict.fromkeys((*environment.channels, *more.channels))),
        pip_options=environment.pip_options + more.pip_options,
        doubts=environment.doubts + more.doubts,
        export=environment.export or more.export,
    )


def _pasted(path: str) -> str:
    """A path as it can be pasted into a shell, where `~` and plain variables mean what they mean."""
    return path if re.fullmatch(r"[\w./~${}+@:=,-]+", path) else shlex.quote(path)
