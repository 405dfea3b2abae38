"""Several folders that have become one environment, of which nobody can tell whether they are one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site

_HOME = re.compile(r"\A(?:\$HOME|\$\{HOME\}|/home/\w+)(?=/)")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    paths: dict[str, set[str]] = {}
    for name in job.names.values():
        if name.path:
            paths.setdefault(name.code, set()).add(_HOME.sub("~", name.path))
    for code, found in paths.items():
        if len(found) > 1:
            yield code, f"stands for several ({', '.join(sorted(found))}): see whether they hold the same"
