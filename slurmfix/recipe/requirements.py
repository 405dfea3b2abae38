"""Writes the requirements file of a recipe, its comment head first."""

from __future__ import annotations

import re
import shlex

from slurmfix.recipe.recipe import LeftOut, Recipe

_HEADINGS = (
    ("module", "Served by modules:"),
    ("unknown", "Left out, nothing known serves it:"),
    ("dropped", "Left out, not needed:"),
)
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_SHORT = 12  # a full listing drops hundreds of names: their reasons are said once for each


def requirements_text(recipe: Recipe) -> str:
    """The requirements file: a comment head that says where it came from and what was left out, then the lines.

    Names and reasons come from files that anybody may have written: no character of theirs can end a comment line.
    """
    head = [_origin(recipe)]
    if recipe.environment.guess:
        head += [
            "GUESS: nobody could see the environment; these are the imports of the job's Python files. The real list:",
            f"  conda env export --from-history -n {shlex.quote(recipe.environment.name or 'NAME')} > environment.yml",
        ]
    if recipe.requirements and recipe.modules:
        head.append(
            f"Check on the cluster: avail_wheels --requirement THIS_FILE --python {recipe.python} --not-available"
        )
    if recipe.modules:
        head.append(f"Goes with: module load {' '.join(recipe.modules)}")
    for kind, heading in _HEADINGS:
        lines = _left_out([out for out in recipe.left_out if out.kind == kind])
        head += [heading, *lines] if lines else []
    return "".join(f"{line}\n" for line in (*map(_comment, head), *map(_one_line, recipe.requirements)))


def _origin(recipe: Recipe) -> str:
    name = recipe.environment.name or "the environment"
    origin = f", from {recipe.environment.origin}" if recipe.environment.origin else ""
    return f"Requirements of {name} for Python {recipe.python}{origin} (written by slurmfix)"


def _left_out(found: list[LeftOut]) -> list[str]:
    if len(found) <= _SHORT:
        return [f"  {out.name}: {out.why}" for out in found]
    reasons: dict[str, list[str]] = {}
    for out in found:
        reasons.setdefault(out.why, []).append(out.name)
    return [f"  {', '.join(names)}: {why}" for why, names in reasons.items()]


def _one_line(text: str) -> str:
    """No control character, no line separator: `str.splitlines` and pip know more of them than the newline."""
    return _BREAKS.sub(" ", text)


def _comment(text: str) -> str:
    return f"# {_one_line(text)}"


def merged_requirements(texts: list[str]) -> str:
    """One requirements file for several jobs that name the same: all comment lines in order, then all lines, sorted."""
    comments: dict[str, None] = {}
    lines: dict[str, None] = {}
    for text in texts:
        for line in text.splitlines():
            (comments if line.startswith("#") else lines)[line] = None
    named: dict[str, str] = {}
    for line in sorted(filter(None, lines), key=len):
        # Of two lines for one package the longer, with its version, is the better known.
        named[re.split(r"[\s\[<>=!~;@]", line, maxsplit=1)[0].lower().replace("_", "-")] = line
    return "".join(f"{line}\n" for line in (*comments, *sorted(named.values(), key=str.lower)))
