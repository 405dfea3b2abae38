"""How people say that they make an environment: set-up scripts, a job's own comments, guides, container files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from slurmfix import files
from slurmfix.environment import BadEnvironment, Environment, Package, read_environment
from slurmfix.job import pip_requirements
from slurmfix.plan import named as name_of
from slurmfix.remarks import listed, phrase
from slurmfix.rules import USES, Install, TooManyFindings, find
from slurmfix.shell import read
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.messages import FROM_COMMENTS, FROM_GUIDE, FROM_SCRIPT, OTHER_SCRIPTS
from slurmfix.sources.world import World, with_included

_MOST_NAMED = 3
_FEWEST_TOLD = 2  # packages
_MOST = 60  # files of a project that are read as recipes
_LONGEST = 200_000  # bytes
_MAKES = re.compile(
    rb"(?:conda|mamba)[ \t]+(?:env[ \t]+)?(?:create|install|update)\b|pip3?[ \t]+install\b", re.IGNORECASE
)
_CREATES = re.compile(r"\b(?:conda|mamba|micromamba)[ \t]+(?:env[ \t]+)?create\b")
_ENTERS = re.compile(r"(?:source|\.|conda|mamba|micromamba)[ \t]+activate[ \t]")
_NAMES = re.compile(rb"conda|mamba")
_COMMAND = re.compile(
    r"[ \t>]*(?:[-*][ \t]+)?(?:(?:\$|%|#+|RUN)[ \t]+|\([\w.-]+\)[ \t]*\$?[ \t]*)?`{0,3}@?"
    r"((?:(?:source|\.)[ \t]+activate|(?:\S*/)?(?:conda|mamba|micromamba|python3?[ \t]+-m[ \t]+pip|(?:uv[ \t]+)?pip3?))"
    r"[ \t]+[^`\n]*)"
)
_PROSE = re.compile(r"[,;]?[ \t](?:and|then|to|which|in order|if|or)[ \t]+[a-z]+\b")  # people go on behind a command
_SHELL = (".sh", ".bash", ".sbatch", ".slurm", ".job")


class Recipe(NamedTuple):
    """What a text says of how environments are made, by their names; "" is one that it does not name. It
    installs into those that it does not create.
    """

    path: str
    environments: dict[str, Environment]
    creates: frozenset[str] = frozenset()


def set_up(world: World, question: Question) -> Found | None:
    """A script of the project that creates the environment or installs into it, the nearest first."""
    return _of(world, question, "scripts", _is_script, _commands)


def commented(world: World, question: Question) -> Found | None:
    """The commands in the job's own comments that make the environment."""
    text = _comments(question)
    name = question.named.name
    # What the job itself installs is no comment; a comment on one package alone makes no environment.
    if not question.named.known or question.installed.packages or not _CREATES.search(text):
        return None
    recipes = _read(world, question.job.path, _lines(text)).environments
    found = recipes.get(name) or (recipes.get("") if not question.job.has_several else None)
    if found is None:
        return None
    origin = phrase("the comments of {file}", file=files.shown(question.job.path))
    return Found(replace(found, origin=origin), (FROM_COMMENTS.about(environment=question.named.name, origin=origin),))


def told_in_comments(world: World, question: Question) -> Environment | None:
    """What commands in the job's comments install into the environment, or into one that they do not name; a comment
    on one package alone tells nothing of an environment.
    """
    if not question.named.known or question.installed.packages or question.job.has_several:
        return None
    recipes = _read(world, question.job.path, _lines(_comments(question))).environments
    named = [recipes[name] for name in ("", question.named.name) if name in recipes]
    found = reduce(_grown, named) if named else None
    if found is None or len(found.packages) < _FEWEST_TOLD:
        return None
    return replace(found, pip_options=(), origin=phrase("the comments of {file}", file=files.shown(question.job.path)))


def _comments(question: Question) -> str:
    """The comments of a job as lines, among those that enter an environment: what is installed below one is for it."""
    lines = (line.lstrip() for line in question.job.script.text.splitlines())
    return "\n".join(line.lstrip("#") for line in lines if line.startswith("#") or _ENTERS.match(line))


def guide(world: World, question: Question) -> Found | None:
    """A README, another guide or a Dockerfile that tells how the environment is made."""
    found = _of(world, question, "guides", _is_guide, _lines)
    if found is None:
        return None
    said = FROM_GUIDE.about(environment=question.named.name, origin=found.environment.origin)
    return Found(found.environment, (said, *found.doubts))


def nameless(world: World, folders: tuple[str, ...]) -> list[tuple[str, Environment]]:
    """What guides and scripts install that name no environment at all, the nearest first. What another job installs is
    for that job.
    """
    of_guides = _recipes(world, folders, "guides", _is_guide, _lines)
    of_scripts = _recipes(world, folders, "scripts", _is_script, _commands)
    found = [
        (recipe.path, replace(recipe.environments[""], origin=files.shown(recipe.path)))
        for recipe in (*of_guides, *of_scripts)
        if set(recipe.environments) == {""} and not _is_a_job(recipe.path)
    ]
    return sorted(found, key=lambda each: (os.path.relpath(each[0], folders[0]).count("/"), each[0]))


def _is_a_job(path: str) -> bool:
    try:
        return b"#SBATCH" in files.read(path, _LONGEST)
    except files.Unreadable:
        return False


def _of(
    world: World, question: Question, kind: str, wanted: Callable[[str], bool], commands: Callable[[str], str]
) -> Found | None:
    named, folders = question.named, question.job.places.folders
    if not named.known or named.base:
        return None
    own = os.path.realpath(question.job.path)
    known = [
        recipe
        for recipe in _recipes(world, folders, kind, wanted, commands)
        if named.name in recipe.environments and recipe.path != own
    ]
    if not known:
        return None
    known.sort(key=lambda each: (os.path.relpath(each.path, folders[0]).count("/"), each.path))
    makers = [each for each in known if kind == "guides" or named.name in each.creates]
    first, *others = makers or known[:1]
    fillers = [each for each in known if each not in makers and each is not first]
    # What is nearer has the last word.
    found = reduce(_grown, [each.environments[named.name] for each in (*reversed(fillers), first)])
    asked = _asked(first.environments[named.name])
    others = [each for each in others if _asked(each.environments[named.name]) != asked]
    origin = listed([files.shown(each.path) for each in (first, *fillers)], _MOST_NAMED)
    doubts: list[str] = []
    if kind == "scripts":
        doubts.append(FROM_SCRIPT.about(environment=named.name, path=origin))
    if others:
        names = ", ".join(files.shown(each.path) for each in others)
        doubts.append(OTHER_SCRIPTS.about(environment=named.name, others=names))
    return Found(replace(found, origin=origin), tuple(doubts))


def _asked(environment: Environment) -> set[tuple[str, str]]:
    return {(package.name, package.version) for package in environment.packages}


def _recipes(
    world: World, folders: tuple[str, ...], kind: str, wanted: Callable[[str], bool], commands: Callable[[str], str]
) -> tuple[Recipe, ...]:
    key = f"{kind} {folders[-1]}"
    if key not in world.recipes:
        found, looked = [], 0
        for path in world.tree(folders):
            if not wanted(path) or looked >= _MOST:
                continue
            try:
                data = files.read(path, _LONGEST)
                text = files.decode(data, path) if _MAKES.search(data) and _NAMES.search(data) else ""
            except files.Unreadable:
                continue
            if text:
                looked += 1
                found.append(_read(world, path, commands(text)))
        world.recipes[key] = tuple(found)
    return world.recipes[key]


def _is_script(path: str) -> bool:
    return path.lower().endswith(_SHELL)


def _is_guide(path: str) -> bool:
    name = os.path.basename(path).lower()
    return (
        name.endswith((".md", ".rst"))
        or re.match(r"(?:.*\.)?(?:dockerfile|makefile|readme|install)\b", name) is not None
    )


def _commands(text: str) -> str:
    return text


def _lines(text: str) -> str:
    """The lines of a guide, or of comments, that are commands of conda and pip, without their prompts."""
    whole = re.sub(r"\\[ \t]*\n[ \t#]*", " ", text)
    found = [_PROSE.split(match[1])[0] for line in whole.splitlines() if (match := _COMMAND.match(line))]
    return "".join(f"{line}\n" for line in found if "<" not in line)


def _read(world: World, path: str, text: str) -> Recipe:
    """What the commands of a text put into each environment."""
    try:
        script = read(text)
        findings = find(script)
    except (RecursionError, TooManyFindings):
        return Recipe(path, {})
    found: dict[str, Environment] = {}
    current, creates = "", set()
    for _, name, act in sorted(_events(script, findings), key=lambda each: each[0]):
        if act is None:
            current = name
            continue
        target = name or current
        if isinstance(act, Install) and act.creates:
            current = target = name or _named_by_files(world, path, act.files)
            creates.add(target)
        environment = _installed(world, path, act)
        if environment is not None:
            found[target] = _grown(found[target], environment) if target in found else environment
    return Recipe(path, {name: each for name, each in found.items() if _tells(each)}, frozenset(creates))


def _tells(environment: Environment) -> bool:
    return any(package.name != "python" for package in environment.packages)


def _events(script, findings) -> Iterator[tuple[int, str, Install | tuple[str, ...] | None]]:  # type: ignore[no-untyped-def]
    """What happens to environments: where, to which ("" is the current one), and what: it becomes the current one
    (None), conda installs, or pip does (its words).
    """
    for finding in findings:
        if isinstance(finding.act, Install):
            name = name_of(script, finding).name if finding.act.target is not None else ""
            yield finding.span.start, name, finding.act
        elif isinstance(finding.act, USES):
            named = name_of(script, finding)
            yield finding.command.span.start, named.name if named.known else "", None
    for command in script.holding("pip"):
        words = pip_requirements(command)
        if words:
            yield command.span.start + 1, "", words


def _named_by_files(world: World, path: str, listed: tuple[str, ...]) -> str:
    names = [files.description(found) or ("",) for name in listed if (found := _there(path, name))]
    return names[0][0] if names and names[0] else ""


def _there(path: str, name: str) -> str:
    """Where a file lies that a recipe names: beside it, or above it in its repository."""
    folders = files.folders_up(path)
    return files.file_in(folders, name, folders[-1])


def _installed(world: World, path: str, act: Install | tuple[str, ...]) -> Environment | None:
    try:
        if isinstance(act, Install):
            found = asked_of_conda(act.packages) if act.packages else None
            for name in act.files:
                if there := _there(path, name):
                    more = world.read(there)
                    found = _grown(found, more) if found else more
            return found
        projects = [world.read(each) for word in act if word.startswith("-e ") and (each := _project(path, word[3:]))]
        lines = "".join(f"{word}\n" for word in act if not word.startswith("-e "))
        listed = read_environment(lines, os.path.join(os.path.dirname(path), "requirements.txt")) if lines else None
        parts = [*([with_included(listed, path)] if listed else []), *projects]
        return reduce(_grown, parts) if parts else None
    except (BadEnvironment, files.Unreadable):
        return None


def _project(path: str, folder: str) -> str:
    """The file that describes the project which a recipe installs from a folder; "" where there is none."""
    plain = folder.partition("[")[0]
    paths = (_there(path, os.path.join(plain, name)) for name in ("pyproject.toml", "setup.cfg", "setup.py"))
    return next(filter(None, paths), "") if plain.startswith(".") else ""


def asked_of_conda(packages: tuple[str, ...]) -> Environment:
    """The packages of a command as an environment, which no build among them makes a listing of a whole one."""
    lines = "".join(f"  - {_quoted(package)}\n" for package in packages)
    return replace(read_environment(f"name: job\ndependencies:\n{lines}", "environment.yml"), export=False)


def _quoted(package: str) -> str:
    """A package as an entry of an environment file."""
    return "'" + re.sub(r"[\x00-\x1f]", " ", package).replace("'", "''") + "'"


def _grown(environment: Environment, more: Environment) -> Environment:
    later = {package.name.lower() for package in more.packages}
    kept: tuple[Package, ...] = tuple(each for each in environment.packages if each.name.lower() not in later)
    return replace(environment, packages=kept + more.packages, pip_options=environment.pip_options + more.pip_options)
