"""What is rehearsed: each environment that the given jobs make, with all that they need of it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from slurmfix import files
from slurmfix.job import Form, programs, work_of
from slurmfix.knowledge import Profile, profile
from slurmfix.outcome import Outcome
from slurmfix.rehearsal.block import Block, Skipped, blocks, modules_of, skipped_at
from slurmfix.rehearsal.images import Image, Use, images_of
from slurmfix.rehearsal.own_code import is_left_out, is_own_code
from slurmfix.shell import Directive, Script, read
from slurmfix.sources import World
from slurmfix.sources.evidence import Evidence
from slurmfix.sources.imports import shown_by, without_its_file
from slurmfix.sources.places import Places, places_of
from slurmfix.text import Lines

# What the rewritten job itself calls.
_OURS = frozenset(("virtualenv", "pip", "pip3", "deactivate", "python", "python3", "module", "apptainer"))
_PREPARES = re.compile(r"#\s*((?:python -m )?pip (?:download|wheel) .*)\Z")
_INCLUDES = re.compile(r"(?:-[rc]|--(?:requirement|constraint))[ =]*(\S+)")
_CONSTRAINS = re.compile(r"-c|--constraint")
_READS_A_LIST = re.compile(r"-[rc]|--(?:requirement|constraint)\b")


class Listing(NamedTuple):
    """A list that pip reads: its `name` as seen from the folder of submission; a constraint asks for nothing itself."""

    name: str
    text: str
    is_constraint: bool = False

    @property
    def rehearsed(self) -> str:
        """The text without the lines that would build the author's own code."""
        lines = self.text.rstrip("\n").split("\n")
        return "\n".join(f"# not rehearsed: {line}" if is_left_out(line) else line for line in lines)

    @property
    def left_out(self) -> tuple[Skipped, ...]:
        return tuple(Skipped(self.name, line.strip()) for line in self.text.splitlines() if is_left_out(line))

    @property
    def lines(self) -> tuple[str, ...]:
        """The requirements, without comments and options."""
        plain = (re.sub(r"(^|\s)#.*", "", line).strip() for line in self.text.splitlines())
        return tuple(line for line in plain if line and not line.startswith("-"))


class Imports(NamedTuple):
    """The modules that the job's Python files import and that are not the author's own.

    `first` when they are read, `later` when a function is called; they go on without the `optional` ones. `seen` says
    whether any Python of the job's was at hand.
    """

    first: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    seen: bool = False

    def joined(self, other: Imports) -> Imports:
        """Those of two jobs; what one of them needs sooner is needed sooner."""
        first = _joined(self.first, other.first)
        later = tuple(name for name in _joined(self.later, other.later) if name not in first)
        spare = _joined(self.optional, other.optional)
        optional = tuple(name for name in spare if name not in (*first, *later))
        return Imports(first, later, optional, self.seen or other.seen)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One environment, and what is to be seen of it.

    `jobs` are the scripts that make it, `submit` the folder that they are submitted from (absolute), `listings` the
    lists that pip reads, `missing` those that the job names and that nobody has, `prepares` the commands that fetch
    what no wheelhouse has, `programs` those that the job calls. `image` is the image of an environment that has one;
    then the block holds modules alone. `skipped` is what of the job is not rehearsed. `wheelhouse` says
    whether pip reads the cluster's own wheels, `wanted` what its requirements file is to be called.
    """

    environment: str
    jobs: tuple[str, ...]
    submit: str
    block: Block
    listings: tuple[Listing, ...] = ()
    missing: tuple[str, ...] = ()
    prepares: tuple[str, ...] = ()
    needs: Imports = field(default_factory=Imports)
    programs: tuple[str, ...] = ()
    image: Image | None = None
    directives: tuple[Directive, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    wheelhouse: bool = True
    wanted: str = ""

    @property
    def depth(self) -> int:
        return _depth(self.submit)

    @property
    def imports(self) -> tuple[str, ...]:
        return (*self.needs.first, *self.needs.later)

    @property
    def lines(self) -> tuple[str, ...]:
        """The requirement lines, without comments and options."""
        return tuple(line for each in self.listings if not each.is_constraint for line in each.lines)

    @property
    def fetches(self) -> tuple[str, ...]:
        """The commands that fetch packages and run no code of the author's: what builds that is for the author."""
        return tuple(command for command in self.prepares if not _may_build_own_code(command))

    @property
    def is_known(self) -> bool:
        """Whether anything tells what it is to hold."""
        left_out = [each for each in self.listings if each.left_out]
        named = [command for command in self.block.installs if _names_packages(command)]
        signs = (self.lines, left_out, named, self.programs, self.image, self.needs.seen, not self.block.entered)
        return any(map(bool, signs))

    @property
    def listing(self) -> str:
        """The name of the list to which what is missing is added."""
        if self.image is not None:
            return f"{self.image.name}.yml"
        return next((each.name for each in self.listings if not each.is_constraint), "")


def _may_build_own_code(command: str) -> bool:
    return any(is_own_code(word) or _READS_A_LIST.match(word) for word in command.split())


def _names_packages(install: str) -> bool:
    words = [word for word in install.split()[2:] if not word.startswith("-") and word not in ("install", "pip")]
    return "-r" not in install.split() and bool(words)


def rehearsals(outcomes: Iterable[Outcome], world: World) -> tuple[Rehearsal, ...]:
    """The environments of some jobs, rewritten or about to be; what several jobs make alike is one."""
    found: dict[tuple[object, ...], Rehearsal] = {}
    for outcome in outcomes:
        if outcome.error or outcome.broken or not outcome.after:
            continue
        for each in _of_job(outcome, world):
            key = (each.environment, each.submit, each.block.actions, each.listings, each.image)
            found[key] = _both(found[key], each) if key in found else each
    return tuple(found.values())


def _both(one: Rehearsal, other: Rehearsal) -> Rehearsal:
    return replace(
        one,
        jobs=_joined(one.jobs, other.jobs),
        needs=one.needs.joined(other.needs),
        programs=_joined(one.programs, other.programs),
        skipped=tuple(dict.fromkeys((*one.skipped, *other.skipped))),
    )


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _of_job(outcome: Outcome, world: World) -> Iterator[Rehearsal]:
    script = read(outcome.after)
    places = places_of(outcome.path, script, world)
    images = images_of(script)
    for use in images:
        yield _of_image(outcome, script, use, places, world)
    for block in blocks(script):
        if block.entered or (not images and (outcome.environments or _runs_python(script))):
            yield _of_block(outcome, script, block, places, world)


def _of_image(outcome: Outcome, script: Script, use: Use, places: Places, world: World) -> Rehearsal:
    block = replace(modules_of(script), name=use.image.name)
    needs, not_seen = _needs(outcome, replace(script, commands=use.commands), places, world)
    return Rehearsal(
        environment=block.name,
        jobs=(outcome.path,),
        submit=places.submit,
        block=block,
        needs=needs,
        programs=use.programs,
        image=use.image,
        directives=script.directives,
        skipped=tuple(dict.fromkeys((*block.skipped, *not_seen))),
        wheelhouse=False,
    )


def _of_block(outcome: Outcome, script: Script, block: Block, places: Places, world: World) -> Rehearsal:
    created = {os.path.realpath(file.path): file.text for file in outcome.created}
    if not block.entered:
        served = outcome.environments
        block = replace(block, name=served[0].named.name if served else os.path.basename(outcome.path))
    elif not block.made:
        block = _made_before(block, places.submit, created, world)
    listings, missing = _listings(block, places.submit, created)
    own = replace(script, commands=block.commands)
    needs, not_seen = _needs(outcome, own, places, world)
    found = Rehearsal(
        environment=block.name,
        jobs=(outcome.path,),
        submit=places.submit,
        block=block,
        listings=listings,
        missing=missing,
        prepares=_prepares(listings),
        needs=needs,
        programs=tuple(name for name in programs(own, ()) if name not in _OURS),
        directives=script.directives,
        wheelhouse=profile(world.settings.profile).wheelhouse,
        wanted=world.settings.requirements.replace("{name}", block.name),
    )
    not_run = [Skipped(found.listing, command) for command in found.prepares if command not in found.fetches]
    left_out = [skipped for each in listings for skipped in each.left_out]
    return replace(found, skipped=tuple(dict.fromkeys((*block.skipped, *left_out, *not_run, *not_seen))))


def _needs(outcome: Outcome, own: Script, places: Places, world: World) -> tuple[Imports, list[Skipped]]:
    """What the commands of an environment import, and what of it cannot be seen or tried."""
    job = Evidence(outcome.path, own, (), places)
    shown = shown_by(world, job)
    names = [package for package in shown.environment.packages if package.manager == "import"]
    needs = Imports(
        tuple(package.name for package in names if not package.later),
        tuple(package.name for package in names if package.later),
        shown.environment.optional,
        seen=bool(shown.environment.origin),
    )
    unseen = {each.at for each in (*shown.unknown, *without_its_file(world, job))}
    commands = [command for command in own.commands if command.span.start in unseen]
    of_r = [Skipped("R", f"library({name})") for name in shown.loaded_by_r]
    return needs, [*(skipped_at(Lines(own.text), each) for each in commands), *of_r]


def _runs_python(script: Script) -> bool:
    return any(each.form in (Form.FILE, Form.MODULE, Form.TEXT) for each in work_of(script))


def _made_before(block: Block, submit: str, created: dict[str, str], world: World) -> Block:
    """A virtualenv that jobs only enter, as the profile of the cluster makes it from its requirements file."""
    site: Profile = profile(world.settings.profile)
    listing = world.settings.requirements.replace("{name}", block.name)
    path = os.path.realpath(os.path.join(submit, listing))
    if path not in created and not os.path.isfile(path):
        return block
    install = " ".join(("pip install", *site.install_options, "-r", f'"$SLURM_SUBMIT_DIR/{listing}"'))
    return block.made_by(f'{site.python_command} "$SLURM_TMPDIR/{block.name}"', install, listing)


def _listings(block: Block, submit: str, created: dict[str, str]) -> tuple[tuple[Listing, ...], tuple[str, ...]]:
    """The lists, as they are or as they are about to be written, with those that they include; and those that are not
    there, or lie out of the repository.
    """
    found: dict[str, Listing] = {}
    missing, bound = [], files.repository_root(submit) or submit
    waiting = [(name, name in block.constraints) for name in block.requirements]
    while waiting:
        name, bounds = waiting.pop(0)
        path = os.path.realpath(os.path.join(submit, name))
        if name in found or name in missing:
            continue
        is_there = path in created or (os.path.isfile(path) and files.inside(path, bound))
        if not is_there or os.path.normpath(name).split("/").count("..") > _depth(submit):
            missing.append(name)
            continue
        text = created.get(path) or files.decode(files.read(path), path)
        found[name] = Listing(name, text, bounds)
        folder = os.path.dirname(name)
        for line in text.splitlines():
            if (match := _INCLUDES.match(line.strip())) and not is_left_out(line):
                inner = os.path.normpath(os.path.join(folder, match[1]))
                waiting.append((inner, bounds or _CONSTRAINS.match(line.strip()) is not None))
    return tuple(found.values()), tuple(missing)


def _depth(submit: str) -> int:
    """How far below the root of its repository the folder of submission lies: what `../` may lead through."""
    below = os.path.relpath(os.path.realpath(submit), files.repository_root(submit) or os.path.realpath(submit))
    return 0 if below == "." else below.count("/") + 1


def _prepares(listings: tuple[Listing, ...]) -> tuple[str, ...]:
    """The commands that the heads of the lists give, quoted anew: whoever wrote a list may have written more."""
    lines = (_PREPARES.match(line.strip()) for each in listings for line in each.text.splitlines())
    return tuple(dict.fromkeys(shlex.join(words) for match in lines if match and (words := _words(match[1]))))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []
