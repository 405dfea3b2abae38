"""What the author's own project, which the job installs with pip, asks for from an address."""

from __future__ import annotations

import os
import re

from slurmfix import files
from slurmfix.rules import Pip
from slurmfix.sources.evidence import Evidence
from slurmfix.sources.messages import PROJECT_BY_ADDRESS

_PROJECT = re.compile(r"\./?(?:\[[\w., -]+\])?")
_DESCRIPTIONS = ("pyproject.toml", "setup.cfg", "setup.py")
_DIRECT = re.compile(
    rb"[\"'\s]([\w.-]+)(?:\[[^\]]*\])?\s*@\s*((?:git|hg|svn)\+[^\s\"',;\]]+|(?:https?|ssh)://[^\s\"',;\]]+)"
)
_LARGEST = 1_000_000


def by_address(job: Evidence) -> list[str]:
    """What is said of each address that a project installed in the job asks for, itself or by an extra."""
    installing = [
        finding.command
        for finding in job.findings
        if isinstance(finding.act, Pip) and any(_PROJECT.fullmatch(word.literal) for word in finding.command.words)
    ]
    if not installing:
        return []
    line = job.script.text.count("\n", 0, installing[0].span.start) + 1
    found: list[str] = []
    for name in _DESCRIPTIONS:
        path = os.path.join(job.places.folders[0], name)
        if not files.exists(path) or not files.inside(path, job.places.folders[-1]):
            continue
        try:
            data = files.read(path, _LARGEST)
        except files.Unreadable:
            continue
        for match in _DIRECT.finditer(data):
            package, address = (part.decode(errors="replace") for part in match.groups())
            found.append(PROJECT_BY_ADDRESS.about(line, file=name, package=package, address=address))
    return found
