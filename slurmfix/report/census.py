"""What the environments of many scripts ask for and this cluster lacks, by number of scripts: a table to act on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from slurmfix.outcome import Outcome
from slurmfix.recipe import Recipe
from slurmfix.rules import module_line

_HEAD = "scripts\tlack\tname\tasked for\tenvironments\n"
_MOST = 8  # so many names in one cell


def census(outcomes: Sequence[Outcome]) -> str:
    """A table of columns apart by tabs: how many scripts, what they lack, its name, the versions, the environments.

    What is lacking is `package` (neither a wheel nor a module is known), `wheel` (it has to be fetched before the job),
    `pip` (no module of a site without wheels has it), `version` (it is there in others than the one asked for), or
    `module` (a script loads it, and it is not here).
    """
    scripts: dict[tuple[str, str], set[str]] = {}
    asked: dict[tuple[str, str], dict[str, None]] = {}
    named: dict[tuple[str, str], dict[str, None]] = {}
    for outcome in outcomes:
        for environment, lack, name, version in _lacking_in(outcome):
            scripts.setdefault((lack, name), set()).add(outcome.path)
            asked.setdefault((lack, name), {}).update(dict.fromkeys(filter(None, [version])))
            named.setdefault((lack, name), {}).update(dict.fromkeys(filter(None, [environment])))
    rows = sorted(scripts.items(), key=lambda row: (-len(row[1]), row[0]))
    lines = (
        "\t".join((str(len(paths)), *map(_cell, (*key, _few(asked[key]), _few(named[key]))))) for key, paths in rows
    )
    return _HEAD + "".join(f"{line}\n" for line in lines) if rows else ""


def _lacking_in(outcome: Outcome) -> Iterator[tuple[str, str, str, str]]:
    """What is lacking in which environment; that of modules is "", where their lines were asked for."""
    for served in outcome.environments:
        yield from ((served.named.name, *each) for each in _lacking(served.recipe))
    for step in outcome.steps:
        if step.finding.rule == module_line.RULE.name:
            span = step.finding.span
            yield "", "module", *outcome.before[span.start : span.end].partition("/")[::2]


def _lacking(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    """What is lacking, its name, and the version that was asked for."""
    unknown = (each for each in (*recipe.left_out, *recipe.image_alone) if each.kind == "unknown")
    yield from (("package", each.name, "") for each in unknown)
    yield from (("wheel", *_parts(each.requirement)) for each in recipe.prepared)
    if not recipe.wheelhouse:
        yield from (("pip", *_parts(line)) for line in recipe.requirements)
    yield from (("version", each.name, each.asked) for each in recipe.changed if each.asked)
    yield from (("module", *name.partition("/")[::2]) for name in recipe.absent)


def _parts(requirement: str) -> tuple[str, str]:
    name = re.split(r"[\s\[<>=!~;@]", requirement, maxsplit=1)[0]
    return name, requirement.removeprefix(name).partition(";")[0].strip()


def _few(names: dict[str, None]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return " ".join(list(names)[:_MOST]) + more


def _cell(text: str) -> str:
    """A name of a script's, that ends no cell and no line."""
    return re.sub(r"[^\S ]|[\x00-\x1f\x7f]", " ", text)
