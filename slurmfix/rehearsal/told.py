"""What a rehearsal says: its verdict, what fails first, and what to change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from slurmfix.knowledge import normalise, pypi_name_of_import, python_module, role_of, wheel_versions
from slurmfix.rehearsal.run import Result, Step
from slurmfix.rehearsal.stage import Rehearsal

_NO_VERSION = re.compile(r"requirement (\S+(?: *[<>=!~]=? *[\w.*+]+)*) \(from versions: ([^)]*)\)")
_DUMMY = re.compile(r"([\w.-]+?)[-_]noinstall\b|dummy wheel", re.I)
_UNKNOWN_MODULE = re.compile(r"module\(s\) are unknown:\s+\"([^\"]+)\"|locate a modulefile for '([^']+)'", re.I)
_NO_MODULE_NAMED = re.compile(r"No module named '?([\w.]+)")


def verdict(result: Result) -> str:
    """One line: `vision: 14 packages, 9 of 9 imports, 21 s: ready`."""
    rehearsal = result.rehearsal
    if not result.has_modules:
        return f"{rehearsal.environment}: {_without_a_cluster(rehearsal)}"
    counts = [step.which for step in result.steps if step.how == "ok" and step.kind == "install"]
    counts += [f"{step.which} imports" for step in result.steps if step.how == "ok" and step.kind == "import"]
    counts.append(f"{result.seconds:.0f} s")
    failing = result.failing
    if failing is None:
        end = "ready" if result.ready else "ended before its end"
    else:
        end = f"{fails(failing)}; {change(result, failing)}"
    return f"{rehearsal.environment}: {', '.join(counts)}: {end}"


def fails(step: Step) -> str:
    """What fails, as a sentence."""
    return f"{_FAILS.get(step.kind, 'this failed')}: {step.which}"


_FAILS = {
    "module": "a module cannot be loaded",
    "fetch": "a package cannot be fetched",
    "python": "the virtualenv cannot be made",
    "install": "pip cannot install the requirements",
    "import": "an import fails",
    "program": "a program of the job is missing",
    "image": "the image is not there",
}


def change(result: Result, step: Step) -> str:
    """What to change where a step fails: an imperative."""
    known = _CHANGES.get(step.kind)
    return (known(result, step) if known else "") or f"see {result.log_path}"


def _module(result: Result, step: Step) -> str:
    match = _UNKNOWN_MODULE.search(result.log)
    asked = next(filter(None, match.groups()), "") if match else ""
    name = asked.partition("/")[0] or step.which.split()[-1].partition("/")[0]
    there = re.findall(rf"(?<![\w/.-]){re.escape(name)}/[\w.+-]*\w", result.log)
    near = [found for found in dict.fromkeys(there) if found not in step.which.split()]
    if near:
        return f"load one that is here: {', '.join(near[:4])}"
    return f"ask the cluster what it has: module spider {name}"


def _install(result: Result, step: Step) -> str:
    if (match := _DUMMY.search(result.log)) is not None:
        name = normalise(match[1] or _wanted(result.log))
        module = python_module(name)
        loaded = module.module if module else name
        return f"load the module that carries {name} before the environment: module load {loaded}"
    match = _NO_VERSION.search(result.log)
    if match is None:
        return ""
    listing = next((name for name, _ in result.rehearsal.listings), "the requirements file")
    versions = [version.strip() for version in match[2].split(",") if version.strip() not in ("", "none")]
    nearest = _nearest(match[1], versions)
    if nearest:
        return f"write {nearest} in {listing}, or fetch the version that you need on this login node"
    name = re.split(r"[<>=!~ ]", match[1])[0]
    return f"fetch it once, on this login node: pip download --no-deps -d wheels {name}"


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
        return "the clusters' Python takes no manylinux wheel: ask support for a wheel of the cluster's own"
    return f"try it by hand on this login node: {step.which}"


def _import(result: Result, step: Step) -> str:
    match = _NO_MODULE_NAMED.search(step.which)
    listing = next((name for name, _ in result.rehearsal.listings), "the requirements file")
    if match is None:
        return "" if "no answer" not in step.which else "try it in a test job: slurmfix --test-job"
    top = match[1].partition(".")[0]
    name = pypi_name_of_import(top) or top
    module = python_module(normalise(name))
    if module is not None:
        return f"load the module that carries it before the environment: module load {module.module}"
    return f"add {name} to {listing}"


def _program(result: Result, step: Step) -> str:
    return f"load the module that has it, or add it to the environment: module spider {step.which}"


def _image(result: Result, step: Step) -> str:
    return "build the image as the head of its .def file says"


_CHANGES: dict[str, Callable[[Result, Step], str]] = {
    "module": _module,
    "fetch": _fetch,
    "install": _install,
    "import": _import,
    "program": _program,
    "image": _image,
}


def _without_a_cluster(rehearsal: Rehearsal) -> str:
    """What can be said where there are no modules and no wheelhouse: by the tables."""
    python = _python(rehearsal)
    unmet = [line for line in rehearsal.lines if not _is_met(line, python)]
    bare = [name for name in rehearsal.imports if not _is_covered(name, rehearsal)]
    met = f"{len(rehearsal.lines) - len(unmet)} of {len(rehearsal.lines)} lines have a wheel by the table"
    covered = f"{len(rehearsal.imports) - len(bare)} of {len(rehearsal.imports)} imports are covered"
    said = f"modules and wheelhouse are not on this machine; {met}, {covered}"
    left = [*unmet, *(f"import {name}" for name in bare)]
    return f"{said}; see to {', '.join(left)}" if left else said


def covers(rehearsal: Rehearsal) -> bool:
    """Whether the tables meet each line, and the lines cover each import."""
    python = _python(rehearsal)
    return all(_is_met(line, python) for line in rehearsal.lines) and all(
        _is_covered(name, rehearsal) for name in rehearsal.imports
    )


def _python(rehearsal: Rehearsal) -> str:
    words = [word for command in rehearsal.block.modules for word in command.split()]
    versions = [word.partition("/")[2] for word in words if role_of(word) == "interpreter"]
    return ".".join(versions[-1].split(".")[:2]) if versions else ""


def _is_met(line: str, python: str) -> bool:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    versions = wheel_versions(normalise(requirement.name), python)
    return any(requirement.specifier.contains(version, prereleases=True) for version in versions)


def _is_covered(name: str, rehearsal: Rehearsal) -> bool:
    package = normalise(pypi_name_of_import(name) or name.replace("_", "-"))
    there = {normalise(re.split(r"[\[<>=!~;@ ]", line, maxsplit=1)[0]) for line in rehearsal.lines}
    module = python_module(package)
    loaded = " ".join(rehearsal.block.modules)
    return package in there or (module is not None and f"{module.module}/" in loaded)


def record(result: Result) -> dict[str, Any]:
    """A rehearsal as the JSON report holds it."""
    failing = result.failing
    return {
        "environment": result.rehearsal.environment,
        "ready": result.ready,
        "steps": [{"step": step.kind, "result": step.how.lower(), "detail": step.which} for step in result.steps],
        "fails": fails(failing) if failing else None if result.has_modules else _without_a_cluster(result.rehearsal),
        "change": change(result, failing) if failing else None,
    }


def refusal_record(rehearsal: Rehearsal, why: str) -> dict[str, Any]:
    return {"environment": rehearsal.environment, "ready": False, "steps": [], "fails": why, "change": None}
