"""What a rehearsal says: its verdict, what fails first, and what to change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from slurmfix.knowledge import normalise, pypi_name_of_import, python_module
from slurmfix.rehearsal import sentences
from slurmfix.rehearsal.by_table import covered, unmet
from slurmfix.rehearsal.run import Result, Step
from slurmfix.rehearsal.sentences import Said, detail, here
from slurmfix.rehearsal.stage import Rehearsal

_NO_VERSION = re.compile(r"requirement (\S+(?: *[<>=!~]=? *[\w.*+]+)*) \(from versions: ([^)]*)\)")
_DUMMY = re.compile(r"([\w.-]+?)[-_]noinstall\b|dummy wheel", re.I)
_UNKNOWN_MODULE = re.compile(r"module\(s\) are unknown:\s+\"([^\"]+)\"|locate a modulefile for '([^']+)'", re.I)
_NO_MODULE_NAMED = re.compile(r"No module named '?([\w.]+)")
# A build that lacks what builds: pip names the backend, or the package that it does not find.
_BUILDERS = "setuptools|wheel|pkg_resources|hatchling|poetry[-_]core|flit[-_]core|scikit[-_]build[-_]core|Cython"
_BUILD = re.compile(
    rf"Cannot import '({_BUILDERS})\b|No module named '({_BUILDERS})'|satisfies the requirement ({_BUILDERS})\b"
)
_FULL = re.compile(r"No space left on device|Disk quota exceeded", re.I)
_MOST_NAMED = 3


def verdict(result: Result) -> str:
    """One line in the language of the run: `vision: 14 packages, 9 of 9 imports, 21 s: ready`."""
    rehearsal = result.rehearsal
    if not result.has_modules:
        return f"{rehearsal.environment}: {_without_a_cluster(rehearsal).here}"
    counts: list[str] = []
    for step in result.steps:
        if step.how == "ok" and (match := re.fullmatch(r"(\d+) packages", step.which)):
            counts.append(Said(sentences.PACKAGES, count=match[1]))
        elif step.how == "ok" and step.kind == "import":
            done, _, count = step.which.split()
            counts.append(Said(sentences.IMPORTS, done=done, count=count))
    counts.append(Said(sentences.SECONDS, count=f"{result.seconds:.0f}"))
    return f"{rehearsal.environment}: {', '.join(map(here, counts))}: {here(_end(result))}"


def _end(result: Result) -> Said:
    failing = result.failing
    if failing is not None:
        return Said(sentences.FAILS_AND_CHANGE, fails=fails(failing), change=change(result, failing))
    if not result.ready:
        return Said(sentences.ENDED)
    end = Said(sentences.READY)
    if later := [step.which.partition(":")[0] for step in result.steps if step.how == "later"]:
        packages = ", ".join(_package(name) for name in later)
        end = Said(sentences.LATER, verdict=end, names=", ".join(later), packages=packages, listing=_listing(result))
    left = not_tried(result)
    if left:
        shown = ", ".join(left[:_MOST_NAMED]) + (", …" if len(left) > _MOST_NAMED else "")
        end = Said(sentences.NOT_TRIED, verdict=end, what=shown)
    return end


def not_tried(result: Result) -> list[str]:
    """What of the job the rehearsal left out."""
    own = [step.which.partition(" ")[0] for step in result.steps if step.how == "skip" and step.kind != "step"]
    return [*map(str, result.rehearsal.skipped), *own]


def fails(step: Step) -> Said:
    """What fails, as a sentence."""
    return Said(sentences.FAILS.get(step.kind, sentences.FAILS[""]), which=detail(step.which))


def change(result: Result, step: Step) -> str:
    """What to change where a step fails: an imperative."""
    if result.is_full or _FULL.search(result.log):
        return Said(sentences.DISK_IS_FULL, folder=result.folder)
    if step.is_late:
        return Said(sentences.IN_A_TEST_JOB if step.kind == "import" else sentences.BY_HAND, command=step.of)
    known = _CHANGES.get(step.kind)
    said = (known(result, step) if known else "") or Said(sentences.SEE_LOG, path=result.log_path)
    if step.kind in ("install", "fetch") and result.variables:
        return Said(sentences.WITHOUT_VARIABLES, change=said, names=", ".join(result.variables))
    return said


def _listing(result: Result) -> str:
    return result.rehearsal.listing or Said(sentences.THE_LIST)


def _module(result: Result, step: Step) -> str:
    match = _UNKNOWN_MODULE.search(result.log)
    asked = next(filter(None, match.groups()), "") if match else ""
    name = asked.partition("/")[0] or step.which.split()[-1].partition("/")[0]
    there = re.findall(rf"(?<![\w/.-]){re.escape(name)}/[\w.+-]*\w", result.log)
    near = [found for found in dict.fromkeys(there) if found not in step.which.split()]
    if near:
        return Said(sentences.LOAD_NEAR, names=", ".join(near[:4]))
    return Said(sentences.SPIDER, name=name)


def _install(result: Result, step: Step) -> str:
    if (match := _DUMMY.search(result.log)) is not None:
        return _load_for(normalise(match[1] or _wanted(result.log)))
    if said := _build(result):
        return said
    match = _NO_VERSION.search(result.log)
    if match is None:
        return ""
    versions = [version.strip() for version in match[2].split(",") if version.strip() not in ("", "none")]
    nearest = _nearest(match[1], versions)
    if nearest:
        return Said(sentences.WRITE_NEAREST, nearest=nearest, listing=_listing(result))
    name = re.split(r"[<>=!~ ]", match[1])[0]
    archives = [each.which.partition(" ")[0] for each in result.steps if each.kind == "wheels"]
    own = [path for path in archives if normalise(path.rpartition("/")[2]).startswith(f"{normalise(name)}-")]
    return Said(sentences.BUILD_WHEEL, path=own[0]) if own else Said(sentences.FETCH_ONCE, name=name)


def _build(result: Result) -> str:
    """What to do where a build lacks what builds; "" where that is not so."""
    match = _BUILD.search(result.log)
    name = next(filter(None, match.groups())) if match else ""
    return Said(sentences.BUILD_NEEDS, name=_package(name), listing=_listing(result)) if name else ""


def _load_for(name: str) -> Said:
    module = python_module(name)
    return Said(sentences.LOAD_FOR_PACKAGE, name=name, module=module.module if module else name)


def _wanted(log: str) -> str:
    match = re.search(r"No matching distribution found for ([\w.-]+)", log)
    return match[1] if match else ""


def _nearest(asked: str, versions: list[str]) -> str:
    """The version next to the one that was asked for: the first at or above it, else the newest."""
    try:
        requirement = Requirement(asked.replace(" ", ""))
        there = sorted(Version(version) for version in versions)
        pinned = [Version(each.version.rstrip(".*")) for each in requirement.specifier]
    except (InvalidRequirement, InvalidVersion):
        return ""
    if not there:
        return ""
    above = [version for version in there if not pinned or version >= pinned[0]]
    return f"{requirement.name}=={(above or there[-1:])[0].public}"


def _fetch(result: Result, step: Step) -> str:
    if "manylinux" in step.which:
        return Said(sentences.MANYLINUX)
    return _build(result) or Said(sentences.BY_HAND, command=step.which)


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return pypi_name_of_import(top) or top


def _import(result: Result, step: Step) -> str:
    match = _NO_MODULE_NAMED.search(step.which)
    if match is None:
        return ""
    name = _package(match[1])
    if result.rehearsal.image is not None:
        return Said(sentences.ADD_TO_IMAGE, name=name, listing=_listing(result))
    if python_module(normalise(name)) is not None:
        return _load_for(normalise(name))
    return Said(sentences.ADD, name=name, listing=_listing(result))


def _program(result: Result, step: Step) -> str:
    image = result.rehearsal.image
    if image is not None and image.tool != step.which:
        return Said(sentences.ADD_TO_IMAGE, name=step.which, listing=_listing(result))
    return Said(sentences.FIND_PROGRAM, name=step.which)


def _image(result: Result, step: Step) -> str:
    said = detail(step.which)
    if isinstance(said, Said) and "file" in said.values:
        return Said(sentences.BUILD_IMAGE, file=said.values["file"])
    return "" if isinstance(said, Said) else Said(sentences.DESCRIBE_IMAGE, path=result.rehearsal.jobs[0])


_CHANGES: dict[str, Callable[[Result, Step], str]] = {
    "module": _module,
    "fetch": _fetch,
    "install": _install,
    "import": _import,
    "program": _program,
    "image": _image,
}


def _without_a_cluster(rehearsal: Rehearsal) -> Said:
    """What can be said where there are no modules and no wheelhouse: by the tables."""
    if not rehearsal.wheelhouse:
        return Said(sentences.NOTHING_HERE)
    lines, bare = unmet(rehearsal), [name for name in rehearsal.imports if not covered(name, rehearsal)]
    said = Said(
        sentences.NOT_HERE,
        met=len(rehearsal.lines) - len(lines),
        lines=len(rehearsal.lines),
        covered=len(rehearsal.imports) - len(bare),
        imports=len(rehearsal.imports),
    )
    left = [*lines, *(f"import {name}" for name in bare)]
    return Said(sentences.SEE_TO, said=said, what=", ".join(left)) if left else said


def record(result: Result) -> dict[str, Any]:
    """A rehearsal as the JSON report holds it, in English."""
    failing = result.failing
    reason = fails(failing) if failing else None if result.has_modules else _without_a_cluster(result.rehearsal)
    return {
        "environment": result.rehearsal.environment,
        "ready": result.ready,
        "steps": [{"step": step.kind, "result": step.how.lower(), "detail": step.which} for step in result.steps],
        "fails": reason,
        "change": change(result, failing) if failing else None,
        "not_tried": not_tried(result),
    }


def refusal_record(rehearsal: Rehearsal, why: str, then: str) -> dict[str, Any]:
    return {
        "environment": rehearsal.environment,
        "ready": False,
        "steps": [],
        "fails": why,
        "change": then or None,
        "not_tried": list(map(str, rehearsal.skipped)),
    }
