"""What of an environment is not in its requirements file, each with the reason."""

from __future__ import annotations

from slurmfix import knowledge
from slurmfix.environment import Environment
from slurmfix.recipe.classes import Entry, is_interpreter
from slurmfix.recipe.modules import Loading
from slurmfix.recipe.recipe import LeftOut, names_a_list
from slurmfix.recipe.shelf import Shelf
from slurmfix.remarks import phrase


def left_out(
    environment: Environment, entries: tuple[Entry, ...], loading: Loading, shelf: Shelf
) -> tuple[LeftOut, ...]:
    """What modules serve, what needs nothing in its place, and what nothing serves."""
    absent = {choice.need.module for choice in loading.choices if choice.version is None}
    named = {entry.target for entry in entries if entry.kind == "module"}
    programs = tuple(
        LeftOut(choice.need.by, _not_there(choice.need.module, shelf), "unknown")
        for choice in loading.choices
        if choice.version is None and choice.need.module not in named and not choice.need.maybe
    )
    own = tuple(_of_entry(entry, loading, absent, shelf) for entry in entries if entry.kind != "python")
    return (*own, *programs, *options(environment, True))


def _of_entry(entry: Entry, loading: Loading, absent: set[str], shelf: Shelf) -> LeftOut:
    if entry.kind != "module":
        return LeftOut(entry.name, entry.why, entry.kind)
    if entry.target in absent:
        return LeftOut(entry.name, _not_there(entry.target, shelf), "unknown")
    if entry.why and not entry.package:
        return LeftOut(entry.name, entry.why, "module")
    module = loading.name(entry.target)
    if entry.package:
        return LeftOut(entry.name, phrase("the module {module} has it ({why})", module=module, why=entry.why), "module")
    return LeftOut(entry.name, phrase("the module {module} has it", module=module), "module")


def _not_there(module: str, shelf: Shelf) -> str:
    standard = shelf.environment.full_name
    if shelf.versions(module):
        return phrase("its module {module} cannot be loaded beside the others", module=module)
    others = [each.full_name for each in knowledge.standard_environments() if knowledge.modules(each.year).get(module)]
    if others:
        return phrase(_ONLY_THERE, module=module, standard=standard, other=others[0])
    return phrase("its module {module} is not in {standard}", module=module, standard=standard)


_ONLY_THERE = "its module {module} is not in {standard}, only in {other}"


def options(environment: Environment, wheelhouse: bool) -> tuple[LeftOut, ...]:
    """Lines of a pip section that are no packages; `wheelhouse` says whether pip reads the cluster's own wheels."""
    folder, other = (_OWN_FOLDER, _NO_INDEX) if wheelhouse else (_OWN_FOLDER_FROM_PYPI, _OPTION)
    found = []
    for option in environment.pip_options:
        if names_a_list(option):
            found.append(LeftOut(option, phrase("another file, whose packages have to be added by hand"), "unknown"))
        elif option.startswith(("-e", "--editable", ".", "/")):
            found.append(LeftOut(option, phrase(folder), "unknown"))
        else:
            found.append(LeftOut(option, phrase(other), "dropped" if wheelhouse else "unknown"))
    return tuple(found)


_OWN_FOLDER = "a folder of your own, which the job has to install with `pip install --no-index --no-deps`"
_NO_INDEX = "with --no-index, pip reads the cluster's own packages only"
_OWN_FOLDER_FROM_PYPI = "a folder of your own; install it once with `pip install` in the virtualenv"
_OPTION = "an option of pip; write it into the requirements file where pip needs it"


def interpreters(environment: Environment, why: str) -> tuple[LeftOut, ...]:
    """Python itself, which is no line of the file."""
    return tuple(LeftOut(package.name, why, "dropped") for package in environment.packages if is_interpreter(package))
