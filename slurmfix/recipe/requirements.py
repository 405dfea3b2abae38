"""Writes the requirements file of a recipe, its comment head first."""

from __future__ import annotations

import re
import shlex

from slurmfix.knowledge import role_of
from slurmfix.language import tr
from slurmfix.recipe.recipe import Changed, LeftOut, Recipe
from slurmfix.remarks import phrase

_HEADINGS = (
    ("module", "Served by modules:"),
    ("unknown", "Left out, nothing known serves it:"),
    ("dropped", "Left out, not needed:"),
)
_OPENED = "The exact versions of the full listing are opened to later releases; --pins exact keeps them."
_EMPTY = "EMPTY: nothing tells what the environment holds. Write it here, or export it where it lives:"
_GUESS = "GUESS: nobody could see the environment; this list is from {origin}. The real one:"
_OF_MODULES = "GUESS: nobody could see the environment; this list has only what its modules need. The real one:"
# The last words are those by which a rehearsal knows the file again.
_FROM = "Requirements of {name} for Python {python}, from {origin} (written by slurmfix)"
_OF = "Requirements of {name} for Python {python} (written by slurmfix)"
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_PACKAGE = re.compile(r"^[^#\s]", re.M)
_FOR_PIP = ("start", "interpreter")  # roles of the modules that pip needs
_SHORT = 12  # a full listing drops hundreds of names: their reasons are said once for each


def requirements_text(recipe: Recipe) -> str:
    """The requirements file: a comment head that says where it came from and what was left out, then the lines.

    Names and reasons come from files that anybody may have written: no character of theirs can end a comment line.
    """
    head = [_origin(recipe)]
    if recipe.environment.guess:
        head += _guess(recipe)
    if recipe.requirements and recipe.modules and recipe.wheelhouse:
        command = f"avail_wheels --requirement THIS_FILE --python {recipe.python} --not-available"
        head.append(tr(phrase("Check on the cluster: {command}", command=command)))
    if recipe.modules:
        head.append(
            tr(phrase("Goes with: {command}", command=f"module load {' '.join(recipe.all_modules or recipe.modules)}"))
        )
    head += _preparation(recipe)
    if recipe.environment.export and any("~=" in line or ">=" in line for line in recipe.requirements):
        head.append(tr(_OPENED))
    for kind, heading in _HEADINGS:
        lines = _left_out([out for out in recipe.left_out if out.kind == kind])
        head += [tr(heading), *lines] if lines else []
    asked = {_name(change.name): change for change in recipe.changed}
    told = (_with_comment(line, asked.get(_name(line))) for line in recipe.requirements)
    return "".join(f"{line}\n" for line in (*map(_comment, head), *_grouped(recipe, [*told])))


def _preparation(recipe: Recipe) -> list[str]:
    """What a person runs before the job: the commands that fetch what no wheel of the cluster provides."""
    if not recipe.prepared:
        return []
    return [
        tr("Prepare once, on a login node, in the folder of this file (the job looks for it in wheels/):"),
        f"  module load {' '.join(name for name in recipe.modules if role_of(name) in _FOR_PIP)}",
        *(f"  {each.command}" for each in recipe.prepared),
    ]


def _with_comment(line: str, change: Changed | None) -> str:
    """A requirement, and behind it what was asked for where it is another version."""
    if change is None:
        return _one_line(line)
    why = tr(change.why).rstrip(".")
    if change.asked:
        asked = tr(phrase("asked for {requirement}", requirement=f"{change.name}{change.asked}"))
        why = f"{asked}: {why}"
    return _one_line(f"{line}  # {why}")


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;@]", requirement, maxsplit=1)[0]).lower()


def _guess(recipe: Recipe) -> list[str]:
    """The head of a list that is a guess, or that is empty: how the real one is got."""
    name = shlex.quote(recipe.environment.name or "NAME")
    export = f"  {recipe.environment.listed_by or f'conda env export --no-builds -n {name} > environment.yml'}"
    origin = recipe.environment.origin
    if not recipe.requirements and not (origin and any(left.kind == "module" for left in recipe.left_out)):
        return [tr(_EMPTY), export]
    return [tr(phrase(_GUESS, origin=origin) if origin else _OF_MODULES), export]


def _grouped(recipe: Recipe, lines: list[str]) -> list[str]:
    """The lines, those that only the job shows to need at the end under a heading of their own."""
    added = [line for line in lines if _name(line) in recipe.environment.added]
    if not added:
        return lines
    origin = recipe.environment.origin or phrase("its source")
    heading = _comment(tr(phrase("The job needs these, and {origin} does not say so:", origin=origin)))
    return [*(line for line in lines if line not in added), heading, *added]


def _origin(recipe: Recipe) -> str:
    name, origin = recipe.environment.name or phrase("the environment"), recipe.environment.origin
    if recipe.environment.guess and not recipe.requirements:
        origin = ""  # what was looked at told nothing
    return tr(phrase(_FROM if origin else _OF, name=name, python=recipe.python, origin=origin))


def _left_out(found: list[LeftOut]) -> list[str]:
    if len(found) <= _SHORT:
        return [f"  {out.name}: {tr(out.why)}" for out in found]
    reasons: dict[str, list[str]] = {}
    for out in found:
        reasons.setdefault(tr(out.why), []).append(out.name)
    return [f"  {', '.join(names)}: {why}" for why, names in reasons.items()]


def _one_line(text: str) -> str:
    """No control character, no line separator: `str.splitlines` and pip know more of them than the newline."""
    return _BREAKS.sub(" ", text)


def _comment(text: str) -> str:
    return f"# {_one_line(text)}"


def somebody_filled(text: str) -> bool:
    """Whether a list that was written empty holds packages now."""
    return _comment(tr(_EMPTY)) in text and bool(_PACKAGE.search(text))


def _telling(texts: list[str]) -> list[str]:
    """The parts without those all of whose packages stand in another."""
    packages = {text: {line for line in text.splitlines() if _PACKAGE.match(line)} for text in texts}
    kept: list[str] = []
    for text in sorted(packages, key=lambda text: -len(packages[text])):
        if not any(packages[text] <= packages[other] for other in kept):
            kept.append(text)
    return [text for text in packages if text in kept]


def merged_requirements(texts: list[str]) -> str:
    """One requirements file for several jobs that name the same: all comment lines in order, then all lines, sorted.

    The head of a part that adds nothing to the others goes: it would call a full list empty.
    """
    comments: dict[str, None] = {}
    lines: dict[str, None] = {}
    for text in _telling(texts):
        for line in text.splitlines():
            (comments if line.startswith("#") else lines)[line] = None
    named: dict[str, str] = {}
    for line in sorted(filter(None, lines), key=len):
        # Of two lines for one package the longer, with its version, is the better known.
        named[re.split(r"[\s\[<>=!~;@]", line, maxsplit=1)[0].lower().replace("_", "-")] = line
    return "".join(f"{line}\n" for line in (*comments, *sorted(named.values(), key=str.lower)))
