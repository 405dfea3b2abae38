"""What is rehearsed: each environment that the given jobs make, with all that they need of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slurmfix import files
from slurmfix.job import programs
from slurmfix.outcome import Outcome
from slurmfix.rehearsal.block import Block, blocks
from slurmfix.shell import Directive, Script, read
from slurmfix.sources import World
from slurmfix.sources.evidence import Evidence
from slurmfix.sources.imports import imports_of
from slurmfix.sources.places import Places, places_of

# What the rewritten job itself calls.
_OURS = frozenset(("virtualenv", "pip", "pip3", "deactivate", "python", "python3", "module", "apptainer"))
_PREPARES = re.compile(r"#\s*((?:python -m )?pip (?:download|wheel) .*)\Z")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One environment, and what is to be seen of it.

    `jobs` are the scripts that make it, `submit` the folder that they are submitted from (absolute), `listings` the
    requirements files by name, `prepares` the commands that fetch what no wheelhouse has, `imports` the modules that
    the job's Python files import and that are not the author's own, `programs` those that the job calls. `image` is
    the Apptainer image of an environment that has one; then there is no block to build.
    """

    environment: str
    jobs: tuple[str, ...]
    submit: str
    block: Block
    listings: tuple[tuple[str, str], ...] = ()
    prepares: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    image: str = ""
    directives: tuple[Directive, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The requirement lines, without comments and options."""
        plain = (re.sub(r"(^|\s)#.*", "", line).strip() for _, text in self.listings for line in text.splitlines())
        return tuple(line for line in plain if line and not line.startswith("-"))

    @property
    def missing(self) -> tuple[str, ...]:
        """The requirements files that the job names and that nobody has."""
        there = {name for name, _ in self.listings}
        return tuple(name for name in self.block.requirements if name not in there)


def rehearsals(outcomes: Iterable[Outcome], world: World) -> tuple[Rehearsal, ...]:
    """The environments of some jobs, rewritten or about to be; what several jobs make alike is one."""
    found: dict[tuple[object, ...], Rehearsal] = {}
    for outcome in outcomes:
        if outcome.error or outcome.broken or not outcome.after:
            continue
        for each in _of_job(outcome, world):
            key = (each.environment, each.submit, each.block.make, each.block.modules, each.listings, each.image)
            found[key] = _both(found[key], each) if key in found else each
    return tuple(found.values())


def _both(one: Rehearsal, other: Rehearsal) -> Rehearsal:
    return replace(
        one,
        jobs=_joined(one.jobs, other.jobs),
        imports=_joined(one.imports, other.imports),
        programs=_joined(one.programs, other.programs),
    )


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _of_job(outcome: Outcome, world: World) -> list[Rehearsal]:
    script = read(outcome.after)
    places = places_of(outcome.path, script, world)
    submit = places.submit
    created = {os.path.realpath(file.path): file.text for file in outcome.created}
    found = []
    for block in blocks(script):
        listings = _listings(block, submit, created)
        own = replace(script, commands=block.commands)
        found.append(
            Rehearsal(
                environment=block.name,
                jobs=(outcome.path,),
                submit=submit,
                block=block,
                listings=listings,
                prepares=_prepares(listings),
                imports=_imports(outcome.path, own, places, world),
                programs=tuple(name for name in programs(own, ()) if name not in _OURS),
                directives=script.directives,
            )
        )
    return found + _images(outcome, script, submit)


def _listings(block: Block, submit: str, created: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The requirements files, as they are or as they are about to be written; none that lies out of the repository."""
    found, bound = [], files.repository_root(submit) or submit
    for name in dict.fromkeys(block.requirements):
        path = os.path.realpath(os.path.join(submit, name))
        if path in created:
            found.append((name, created[path]))
        elif os.path.isfile(path) and files.inside(path, bound):
            found.append((name, files.decode(files.read(path), path)))
    return tuple(found)


def _prepares(listings: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    lines = (_PREPARES.match(line.strip()) for _, text in listings for line in text.splitlines())
    return tuple(dict.fromkeys(match[1] for match in lines if match))


def _imports(path: str, script: Script, places: Places, world: World) -> tuple[str, ...]:
    found = imports_of(world, Evidence(path, script, (), places))
    return tuple(package.name for package in found if package.manager == "import")


def _images(outcome: Outcome, script: Script, submit: str) -> list[Rehearsal]:
    """The environments of a job that an Apptainer image holds."""
    found: dict[str, list[str]] = {}
    for command in script.commands:
        words = [word.literal for word in command.words]
        at = next((at for at, word in enumerate(words) if word.endswith(".sif")), None)
        if command.name in ("apptainer", "singularity") and words[1:2] in (["run"], ["exec"]) and at is not None:
            found.setdefault(words[at], []).extend(words[at + 1 : at + 2])
    return [
        Rehearsal(
            environment=os.path.basename(image).removesuffix(".sif"),
            jobs=(outcome.path,),
            submit=submit,
            block=Block(os.path.basename(image), (), "", "", (), (), ()),
            programs=tuple(dict.fromkeys(name for name in names if re.fullmatch(r"[\w.+-]+", name))),
            image=re.sub(r"\A\$\{?SLURM_SUBMIT_DIR\}?/", "", image),
            directives=script.directives,
        )
        for image, names in found.items()
    ]
