"""Composes the commands of a rewritten job from the templates: how they fail, how they are indented, who runs them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace

from slurmfix.knowledge import role_of
from slurmfix.plan.image import definitions, opening
from slurmfix.plan.library import library_lines
from slurmfix.plan.step import Dialect, Served, Site
from slurmfix.recipe import WHEELS, Recipe
from slurmfix.templates import render

_PLAIN_MODULE = re.compile(r"[\w./+@:-]+")
_FUNCTION = re.compile(r"[\w.+-]+\(\) \{")
_OPENS_HEREDOC = re.compile(r"<<-?\s*'?\w+'?\s*\Z")
_HEREDOC = re.compile(r"<<'?(\w+)'?(?:\s|$)")
FULL, ASIDE, ACTIVATE = "full", "aside", "activate"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a place asks of the block that takes it.

    `parts` is FULL (build and activate), ASIDE (build only, the shell stays as it is) or ACTIVATE.
    `handled`: the author handles the failure, so the block hands its status on. `nodes`: built on every node.
    `guard`: only where it is not there yet. `leave`: an environment is active and modules come now. `quiet`: standard
    output belongs to someone.
    """

    parts: str
    handled: bool = False
    nodes: bool = False
    guard: bool = False
    leave: str = ""  # "", "sure" or "maybe"
    quiet: bool = False
    grouped: bool = False  # several commands must stand where one stood
    bare: bool = False  # several commands that hand their status on may stand without braces around them
    later: bool = False  # built before the place where the author handles a failure: it must fail there, not here
    without: tuple[str, ...] = ()  # variables of the job's that a step on every node must not obey
    apart: bool = False  # in a subshell: an environment is active whose modules must stay as they are


def commands(
    served: Served, site: Site, dialect: Dialect, shape: Shape, modules: tuple[str, ...], script_text: str
) -> str:
    """The block as text, unindented; the lines of a heredoc are marked so that `indented` leaves them in place."""
    if served.image is not None:
        return _for_image(served, site, dialect, shape, modules)
    listing = f"{site.submit_dir}/{served.requirements}" if served.requirements else ""
    values = _values(served.recipe, served.named.code, listing, site, dialect)
    builds = shape.parts != ACTIVATE and served.recipe.strategy != "modules" and site.in_job
    listed: list[str] = []
    if builds and values["wheels"]:
        # Before all else, so that an unprepared job ends in its first minute.
        handled = shape.handled or shape.later
        listed += render("wheels", site.templates, handled=handled, braces=dialect.braces, **values)
    if modules and site.modules:
        listed += _loading(site, dialect, shape, modules)
    if shape.parts != ACTIVATE:
        listed += library_lines(served.recipe, site)
    if builds:
        listed += _building(served, site, shape, values, script_text)
    # Where it is not needed it is filled in all the same, once for all: a broken template is told of.
    needed = shape.parts == ACTIVATE or (shape.parts == FULL and (shape.nodes or shape.guard or not site.in_job))
    activate = render("activate", site.templates, **(values if needed else dict.fromkeys(values, "")))
    if needed and served.recipe.strategy != "modules":
        listed += activate
    if shape.parts == ACTIVATE:
        shape = replace(shape, quiet=False)  # an activation prints nothing
    return _failing_later(listed, shape, values["folder"]) if shape.later and listed else _joined(listed, shape)


def _loading(site: Site, dialect: Dialect, shape: Shape, modules: tuple[str, ...]) -> tuple[str, ...]:
    """The commands that load modules, once what is active is left."""
    loads = render("modules", site.templates, modules=tuple(map(_word, modules)))
    match shape.leave:
        case "sure":
            return (*render("deactivate", site.templates), *loads)
        case "maybe":
            return (deactivate_if_active(dialect), *loads)
    return loads


def _building(served: Served, site: Site, shape: Shape, values: dict[str, str], script_text: str) -> tuple[str, ...]:
    """The commands that make a virtualenv, once, on each node."""
    if shape.nodes:
        inner = render("build", site.templates, **(values | {"source": "source"}))  # it is bash that reads it
        delimiter = _delimiter(script_text)
        build = render(
            "every_node",
            site.templates,
            commands="\n".join(inner),
            delimiter=f"'{delimiter}'" if served.named.known else delimiter,
            without=f"env{''.join(f' -u {name}' for name in shape.without)} " if shape.without else "",
            **values,
        )
    else:
        build = render("build" if shape.parts == FULL else "build_aside", site.templates, **values)
    if shape.guard:
        return (_guarded(list(build), values["folder"], shape.handled or shape.later),)
    return build


def _failing_later(listed: list[str], shape: Shape, folder: str) -> str:
    """What is half built must not be activated: then the activation fails, and the author's handler has its say."""
    instead = f'rm -f "{folder}/bin/activate"'
    if shape.apart:
        return _joined(listed, shape).removesuffix("exit 1") + instead
    if len(listed) == 1 and not shape.quiet and not shape.guard:
        return _with_suffix(listed[0], f" || {instead}")
    return _joined(listed, replace(shape, handled=True)) + f" || {instead}"


def made_before(recipe: Recipe, code: str, requirements: str, loaded: tuple[str, ...], site: Site) -> tuple[str, ...]:
    """What makes the virtualenv once, on a login node, where jobs only source it; () where they build their own."""
    if site.in_job or recipe.strategy == "modules":
        return ()
    there = {role_of(name) for name in recipe.modules}
    own = (name for name in loaded if role_of(name) in {"start", "interpreter"} - there)
    modules = recipe.all_modules or sorted((*own, *recipe.modules), key=lambda name: role_of(name) != "start")
    lines = render("modules", site.templates, modules=tuple(map(_word, modules))) if modules and site.modules else ()
    values = _values(recipe, code, requirements, site, Dialect())  # a person's shell reads it
    return (*lines, *render("build", site.templates, **values))


def _values(recipe: Recipe, code: str, requirements: str, site: Site, dialect: Dialect) -> dict[str, str]:
    """What the templates of a virtualenv may name; `code` is the name of its environment, as the shell reads it."""
    return {
        "folder": f"{site.tmpdir}/{code}",
        "make": site.make,
        "pip_options": site.pip_options,
        "requirements": requirements,
        "wheels": posixpath.join(_folder_of(requirements), WHEELS) if recipe.prepared else "",
        "python": recipe.python,
        "source": dialect.source,
    }


def _folder_of(path: str) -> str:
    """The folder of a path as a shell reads it: a slash inside an expansion (`${name##*/}`) parts nothing."""
    masked = re.sub(r"\$\{[^{}]*\}", lambda match: "x" * len(match[0]), path)
    return path[: max(masked.rfind("/"), 0)]


def _for_image(served: Served, site: Site, dialect: Dialect, shape: Shape, modules: tuple[str, ...]) -> str:
    """Nothing is built in the job: the image is looked for, and the programs that are in it may become functions."""
    listed = opening(served, site, modules, shape.handled or dialect.crlf) if shape.parts in (FULL, ASIDE) else []
    if shape.parts in (FULL, ACTIVATE):
        listed += definitions(served, site)
    return _joined(listed, replace(shape, apart=False))


def deactivate_if_active(dialect: Dialect) -> str:
    """Asks for the function: sbatch hands the variable VIRTUAL_ENV of the submitting shell to a job, which has none."""
    asks = "command -v" if dialect.source == "." else "declare -f"
    return f"if {asks} deactivate > /dev/null; then deactivate; fi"


def activates(served: Served) -> bool:
    """Whether anything stands where the environment was activated, once it is there."""
    if served.image is not None:
        return bool(served.image.functions)
    return served.recipe.strategy != "modules"


def _word(module: str) -> str:
    return module if _PLAIN_MODULE.fullmatch(module) else "'" + module.replace("'", "'\\''") + "'"


def _delimiter(text: str) -> str:
    """A heredoc delimiter that no line of the script holds."""
    number, name = 1, "SLURMFIX"
    while name in text:
        number += 1
        name = f"SLURMFIX{number}"
    return name


def _guarded(build: list[str], folder: str, handled: bool) -> str:
    joined = " &&\n".join(_with_suffix(command, "") for command in build)
    if not handled:
        joined = "\n".join(_with_suffix(command, " || exit 1") for command in build)
    return (
        f'if [ ! -f "{folder}/bin/activate" ]; then\n'
        + "\n".join(_in(line, "    ") for line in _marked(joined))
        + "\nfi"
    )


def _joined(listed: list[str], shape: Shape) -> str:
    if not listed:
        return ":"
    if shape.apart:
        inner = "\n".join(_with_suffix(command, " || exit 1") for command in listed)
        aside = " >&2" if shape.quiet else ""
        return "(\n" + "\n".join(_in(line, "    ") for line in _marked(inner)) + f"\n){aside} || exit 1"
    if shape.handled:
        if len(listed) == 1 and not shape.quiet:
            return listed[0]
        body = "\n".join(_with_suffix(command, " &&") for command in listed[:-1])
        text = (body + "\n" if body else "") + listed[-1]
        lines = _marked(text)
        if shape.bare and not shape.quiet and not lines[-1].startswith(_RAW):
            return "\n".join([lines[0], *(_in(line, "    ") for line in lines[1:])])
        first, rest = lines[0], [_in(line, "    ") for line in lines[1:]]
        end = "\n}" if lines[-1].startswith(_RAW) else "; }"  # the end of a heredoc has a line for itself
        return "{ " + "\n".join([first, *rest]) + end + (" >&2" if shape.quiet else "")
    text = "\n".join(_with_suffix(command, " || exit 1") for command in listed)
    if shape.grouped or shape.quiet:
        return "{\n" + "\n".join(_in(line, "    ") for line in _marked(text)) + "\n}" + (" >&2" if shape.quiet else "")
    return text


def _with_suffix(command: str, suffix: str) -> str:
    """Append to a command's first line, before its heredoc; a compound command handles its own failures."""
    first, newline, rest = command.partition("\n")
    own = first.startswith("export ") or first.endswith("exit 1; }") or _FUNCTION.match(first)
    if suffix == " || exit 1" and own:
        return command
    if not suffix.startswith(" &&") and (first.startswith(("if ", "#")) or first.endswith("; fi")):
        return command
    if first.startswith("if ") and newline:
        return command + suffix
    if "<<" in first and _OPENS_HEREDOC.search(first):
        return first + suffix + newline + rest
    return command + suffix


_RAW = "\ue002"


def _marked(text: str) -> list[str]:
    """The lines, those of heredocs marked to stay at the left margin."""
    lines, delimiter = [], ""
    for line in text.split("\n"):
        if delimiter:
            lines.append(line if line.startswith(_RAW) else _RAW + line)
            if line.lstrip(_RAW) == delimiter:
                delimiter = ""
            continue
        match = _HEREDOC.search(line) if "<<" in line else None
        delimiter = match[1] if match else ""
        lines.append(line)
    return lines


def _in(line: str, indent: str) -> str:
    return line if line.startswith(_RAW) or not line else indent + line


def indented(text: str, indent: str, first: str = "") -> str:
    """The block with its place's indentation: `first` before the first line, `indent` before the others."""
    lines = _marked(text)
    shaped = [first + lines[0], *(_in(line, indent) for line in lines[1:])]
    return "\n".join(line.lstrip(_RAW) for line in shaped)
