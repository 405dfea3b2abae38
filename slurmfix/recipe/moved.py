"""What becomes of each module that a script loads itself, where the chosen standard environment does not have it."""

from __future__ import annotations

import re
from typing import NamedTuple

from slurmfix import knowledge
from slurmfix.knowledge import StandardEnvironment
from slurmfix.recipe.author import standard_environment
from slurmfix.recipe.nearest import nearest_of
from slurmfix.recipe.recipe import NOT_ASKED
from slurmfix.recipe.shelf import Shelf, order
from slurmfix.remarks import DOUBT, REFUSAL, Message, Remark, job

_ASKED = "slurmfix --modules job.sh"
MODULE_MOVED = Message(
    id="module-moved",
    kind=DOUBT,
    subject="the module {theirs}",
    reason="{environment} does not have this module, so the job loads {here} instead",
    action="test once whether your programs run with {here}",
    bad=job("module load gcc/9.3.0\n./simulate", command=_ASKED),
    good=job("module load gcc/12.3\n./simulate", command=_ASKED),
)
ENVIRONMENT_MOVED = Message(
    id="standard-environment-moved",
    kind=DOUBT,
    subject="the module {theirs}",
    reason="the job loads {here} instead, the standard modules of this cluster",
    action="if the job runs no programs that you compiled, do nothing. Otherwise compile them again with "
    "the modules of {here}",
    bad=job("module load StdEnv/2020 gcc/9.3.0\n./simulate", command=_ASKED),
    good=job("module load StdEnv/2023 gcc/12.3\n./simulate", command=_ASKED),
)
ENVIRONMENT_KEPT = Message(
    id="standard-environment-kept",
    kind=REFUSAL,
    subject="the module {theirs}",
    reason="{here} does not have {modules}, so slurmfix changes no module of this script",
    action="run `module spider NAME` for each of these modules (NAME), and write a version that {here} has. "
    "Then load {here} instead of {theirs}",
    bad=job("module load StdEnv/2020 python/2.7\npython train.py", command=_ASKED),
    good=job("module load StdEnv/2020 python/3.10\npython train.py", command=_ASKED),
)
MODULE_NOT_THERE = Message(
    id="module-not-there",
    kind=REFUSAL,
    subject="the module {theirs}",
    reason="slurmfix knows no such module in {environment}, so this line would fail",
    action="if the job does not need the module, delete it from this line. Otherwise look for its name here "
    "with `module spider`",
    bad=job("module load foobar/1.2\n./simulate", command=_ASKED),
    good=job("module load gcc/12.3\n./simulate", command=_ASKED),
)
MODULE_ELSEWHERE = Message(
    id="module-elsewhere",
    kind=REFUSAL,
    subject="the module {theirs}",
    reason="{environment} does not have this module, but {other} has",
    action="write `module load {other}` above this line. If the job does not need the module, delete it instead",
    bad=job("module load python/2.7\npython train.py", command=_ASKED),
    good=job("module load gcc/12.3\n./simulate", command=_ASKED),
)
MODULE_BEHIND_ANOTHER = Message(
    id="module-behind-another",
    kind=REFUSAL,
    subject="the module {theirs}",
    reason="{environment} has this module only once {before} is loaded",
    action="write {before} in front of it. Then write a version that `module spider {theirs}` lists",
    bad=job("module load intel/2023.2.1 bcftools/1.9\nbcftools view a.vcf", command=_ASKED),
    good=job("module load gcc/12.3 bcftools/1.9\nbcftools view a.vcf", command=_ASKED),
)
_TOOLCHAIN = re.compile(r"-[A-Za-z].*")  # EasyBuild names the toolchain behind the version


class Moved(NamedTuple):
    """A module that is not there as a script names it: `here` takes its place, "" where nothing does. `gone` says that
    there is none of it in the standard environment that the script ends up with.
    """

    here: str
    said: Remark
    gone: bool = False


def moved_modules(names: tuple[str, ...], year: str, tree: str = "") -> dict[str, Moved]:
    """What becomes of those modules that the standard environment of `year` lacks, in the order they are loaded in.

    A script that loads a newer one itself keeps it; one that loads an older one is moved, but for a script with a
    module that the older one alone has.
    """
    own = [name for name in names if _is_standard(name)]
    chosen, theirs = standard_environment(year), _own(own)
    if theirs is not None and order(theirs.year) >= order(chosen.year):
        return _each(names, theirs, tree)
    found = _each(names, chosen, tree)
    if theirs is not None:
        kept = _each(names, theirs, tree)
        only_there = [name for name, each in found.items() if each.gone and (name not in kept or kept[name].here)]
        if only_there:
            said = ENVIRONMENT_KEPT.about(theirs=own[-1], here=_full(chosen), modules=", ".join(only_there))
            return {**kept, own[-1]: Moved("", said)}
    for name in own:
        found[name] = Moved(_full(chosen), ENVIRONMENT_MOVED.about(theirs=name, here=_full(chosen)))
    return found


def _is_standard(name: str) -> bool:
    plain, _, version = name.partition("/")
    return bool(version) and (
        plain == knowledge.standard_module() or knowledge.name_elsewhere(plain) == knowledge.standard_module()
    )


def _own(names: list[str]) -> StandardEnvironment | None:
    """The standard environment that a script loads last, where a table knows it."""
    loaded = names[-1].removeprefix(f"{knowledge.standard_module()}/") if names else ""
    return next((each for each in knowledge.standard_environments() if each.year == loaded), None)


def _full(environment: StandardEnvironment) -> str:
    return environment.full_name


def _each(names: tuple[str, ...], environment: StandardEnvironment, tree: str) -> dict[str, Moved]:
    """What becomes of each module in one standard environment; compilers and MPIs count for those behind them."""
    shelf, families = Shelf(environment, tree, NOT_ASKED), knowledge.module_families()
    base = {families[plain]: full for full in environment.loads if (plain := full.partition("/")[0]) in families}
    found: dict[str, Moved] = {}
    for name in names:
        if name.partition("/")[0] == knowledge.standard_module() or _is_standard(name) or knowledge.is_untabled(name):
            continue
        moved = _one(name, shelf, base)
        if moved is not None:
            found[name] = moved
        here = moved.here if moved is not None else name
        if family := families.get(here.partition("/")[0]):
            base[family] = here
    return found


def _one(theirs: str, shelf: Shelf, base: dict[str, str]) -> Moved | None:
    """What becomes of one module behind a compiler and an MPI; None where it is there."""
    plain, _, version = theirs.partition("/")
    name = knowledge.module_here(plain)
    environment = _full(shelf.environment)
    if not name:
        return Moved("", MODULE_NOT_THERE.about(theirs=theirs, environment=environment), gone=True)
    version = _TOOLCHAIN.sub("", version) if name != plain else version
    there = _versions(name, shelf)
    taken = _nearest(version, tuple(there)) if there else ""
    if not taken or (knowledge.role_of(name) == "interpreter" and order(taken)[:1] != order(version or taken)[:1]):
        return _elsewhere(theirs, name, version, shelf.environment)
    if name == plain and (not version or _has(shelf, name, version)):
        return None
    behind = [each for each in there if _stands_on(name, each, shelf, base)]
    if not behind:
        ways = next(entry for entry in shelf.versions(name) if entry.version == taken).prerequisites
        before = " ".join(ways[0])
        return Moved("", MODULE_BEHIND_ANOTHER.about(theirs=theirs, environment=environment, before=before))
    here = f"{name}/{_nearest(version, tuple(behind))}" if version else name
    return Moved(here, MODULE_MOVED.about(theirs=theirs, environment=environment, here=here))


def _versions(name: str, shelf: Shelf) -> list[str]:
    """The versions of a module as people name them: of an interpreter the minor release is enough."""
    full = list(dict.fromkeys(entry.version for entry in shelf.versions(name)))
    if knowledge.role_of(name) != "interpreter":
        return full
    return sorted(shelf.environment.pythons, key=order)


def _has(shelf: Shelf, name: str, version: str) -> bool:
    return any(_is_that(version, entry.version) for entry in shelf.versions(name))


def _is_that(version: str, full: str) -> bool:
    """Whether a version, or the part of it that people write, is this one."""
    return full == version or full.startswith((f"{version}.", f"{version}-"))


def _stands_on(name: str, version: str, shelf: Shelf, base: dict[str, str]) -> bool:
    """Whether a version is seen once these compilers and MPIs are loaded; a compiler is seen at once."""
    families = knowledge.module_families()
    ways = [way for entry in shelf.versions(name) if entry.version == version for way in entry.prerequisites]
    needed = [[full for full in way if full.partition("/")[0] in families] for way in ways]
    loaded = base.values()
    return name in families or not ways or any(all(full in loaded for full in way) for way in needed)


def _elsewhere(theirs: str, name: str, version: str, environment: StandardEnvironment) -> Moved:
    """A module that another standard environment alone has."""
    for other in knowledge.standard_environments():
        shelf = Shelf(other, "", NOT_ASKED)
        minor = [full for full in _versions(name, shelf) if order(full)[:2] == order(version)[:2] or not version]
        if minor and other.year != environment.year:
            said = MODULE_ELSEWHERE.about(theirs=theirs, environment=_full(environment), other=_full(other))
            return Moved("", said, gone=True)
    return Moved("", MODULE_NOT_THERE.about(theirs=theirs, environment=_full(environment)), gone=True)


def _nearest(version: str, there: tuple[str, ...]) -> str:
    """The version of a module nearest to another, as `nearest` has it for wheels."""
    wanted, ordered = order(version), sorted(there, key=order)
    if not wanted:
        return ordered[-1]
    return nearest_of(ordered, [each for each in ordered if order(each) >= wanted], wanted, order)
