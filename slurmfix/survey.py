"""Writes a first profile of the cluster that it runs on, for a support team to correct."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from slurmfix import knowledge
from slurmfix.knowledge import Bundle, Generation
from slurmfix.programs import located

_PLAIN = re.compile(r"[^\w .()+-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a cluster: `modules` has the full names of a module, () for none, None where nobody answers."""

    modules: Callable[[str], tuple[str, ...] | None]
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)
    program: Callable[[str], str | None] = located

    def first(self, kind: str, known: Callable[[str], object]) -> tuple[str, str]:
        """The first mark of a kind that is here, and what it means."""
        marks = ((row[1], "".join(row[2:3])) for row in knowledge.rows("site_marks") if row[0] == kind)
        return next((mark for mark in marks if known(mark[0])), ("", ""))


def first_profile(survey: Survey, today: date) -> str:
    """The profile as a file, with a comment at what has to be looked at."""
    mark, stack = survey.first("stack", survey.modules)
    own = _modules_of_easybuild(survey) if not stack else []
    extends = stack or ("easybuild" if own else "generic")
    name = _PLAIN.sub("", survey.variables.get("SLURM_CLUSTER_NAME") or survey.variables.get("CC_CLUSTER") or "ours")
    why = f"the module {mark} is here" if mark else "no module tells which stack of software is here"
    return "\n".join(
        (
            "# Written by `slurmfix --make-profile`. Read each line; then take `checked` out.",
            f"extends = {_text(extends)}  # {why if not own else 'Python has the names of EasyBuild'}",
            f"says = {_text(name)}",
            'source = "slurmfix --make-profile on the cluster itself"',
            f'date = "{today}"',
            "checked = false",
            *_section("modules", own),
            *_section("virtualenv", _place(survey, extends)),
            *_section("nodes", _scratch(survey)),
            *_section("image", _tool(survey)),
            "",
        )
    )


def _section(name: str, lines: list[str]) -> list[str]:
    return ["", f"[{name}]", *lines] if lines else []


def _modules_of_easybuild(survey: Survey) -> list[str]:
    """How the modules are named, and the generations whose interpreter is here, the newest first."""
    ways: dict[str, Callable[[Bundle, Generation], str]] = {
        "flat": lambda bundle, generation: bundle.flat,
        "hierarchical": lambda bundle, generation: bundle.ways(generation)[-1],
        "by-class": lambda bundle, generation: bundle.by_class,
    }
    newest = [
        (generation, bundle) for generation in reversed(list(knowledge.generations().values()))
        for bundle in knowledge.bundles_called("python", generation.name) if bundle.version == generation.version
    ]  # fmt: skip
    for naming, spelled in ways.items():
        names = dict.fromkeys(spelled(bundle, generation).rpartition("/")[0] for generation, bundle in newest)
        there = {full for name in names for full in survey.modules(name) or ()}
        found = dict.fromkeys(
            generation.name for generation, bundle in newest if spelled(bundle, generation) in there
        )  # fmt: skip
        if found:
            listed = ", ".join(map(_text, found))
            return [
                f'naming = "{naming}"',
                f"generations = [{listed}]  # the preferred first; behind each, what is loaded before its modules",
            ]
    return []


def _place(survey: Survey, extends: str) -> list[str]:
    base = knowledge.profile(extends)
    variable, _ = survey.first("place", survey.variables.get)
    if base.venv == "job":
        return []
    place = f"${variable}/virtualenvs" if variable else base.place
    return [f"place = {_text(place)}  # one folder for each type of CPU where these differ"]


def _scratch(survey: Survey) -> list[str]:
    variable, _ = survey.first("scratch", survey.variables.get)
    told = "look it up in a job: this was seen where the profile was made"
    scratch = [f"scratch = {_text(f'${variable}')}  # {told}"] if variable else []
    return [*scratch, "internet = false  # true where compute nodes reach PyPI"]


def _tool(survey: Survey) -> list[str]:
    program, tool = survey.first("tool", survey.program)
    return [f"tool = {_text(tool)}  # {program} is here"] if tool else []


def _text(value: str) -> str:
    return json.dumps(value)
