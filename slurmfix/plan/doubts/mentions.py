"""Where a script speaks of an environment's folder: of the old one, where nothing is any more, or of the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from slurmfix.plan.doubts.overwritten import UNSEEN
from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.shell import Command
from slurmfix.text import Span

OLD_FOLDER = Message(
    id="old-folder",
    kind=DOUBT,
    subject="`{folder}` on line {line}",
    reason="slurmfix builds the environment elsewhere, so nothing of the job is in this folder any more",
    action="if this line only served the environment, delete the line. Otherwise do nothing",
    bad=UNSEEN,
    good=PLAIN,
)
IN_OLD_FOLDER = Message(
    id="file-in-old-folder",
    kind=DOUBT,
    subject="`{file}` on line {line}",
    reason="the job still uses this file, which lies in the folder of the conda environment",
    action="copy the file into your project, and write its new path on this line",
    bad=job("conda activate /scratch/envs/vision\npython /scratch/envs/vision/tool/run.py"),
    good=PLAIN,
)
NEW_FOLDER = Message(
    id="new-folder",
    kind=DOUBT,
    subject="`{folder}` on line {line}",
    reason="the rewritten job builds its environment in a folder of the same name",
    action="give your folder on this line another name",
    bad=UNSEEN,
    good=PLAIN,
)

OF_OLD_FOLDERS = (OLD_FOLDER, IN_OLD_FOLDER)

_INSIDE = re.compile(r"/(?!bin/)[\w./-]*[\w-]\.\w+(?![\w./-])")  # the rest of a file's path
_FOR_PEOPLE = ("echo", "printf")
_MOST = 50  # mentions that are looked at


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names."""
    known = {name.code: name for name in job.names.values() if name.known and not name.base}
    script, variable = job.script, site.variable
    ours = [span for finding in job.findings for span in (finding.span, finding.command.whole)]
    for code, name in known.items():
        old, new = rf"envs/{re.escape(name.name)}", rf"\$(?:{variable}|\{{{variable}\}})/{re.escape(name.name)}"
        said = set()
        found = re.finditer(rf"(?P<old>{old})(?![\w.-])|{new}(?![\w.-])", script.text)
        for match in islice(found, _MOST):
            here = Span(match.start(), match.end())
            if any(span.holds(here) for span in (*script.comments, *ours)):
                continue
            holders = (command for command in script.holding("envs/", variable.lower()) if command.whole.holds(here))
            if any(command.name in _FOR_PEOPLE or _only_names(command) for command in holders):
                continue
            if (kind := bool(match["old"])) in said:
                continue
            said.add(kind)
            line = job.line(match.start())
            if match["old"] and (inside := _INSIDE.match(script.text, match.end())):
                yield code, IN_OLD_FOLDER.about(line, file=f"{match['old']}{inside[0]}")
            elif match["old"]:
                yield code, OLD_FOLDER.about(line, folder=match["old"])
            elif site.in_job:
                yield code, NEW_FOLDER.about(line, folder=match[0])


def _only_names(command: Command) -> bool:
    """Whether a command only gives variables a value, of which their uses tell, and changes no search path."""
    return bool(command.assignments) and not any(assigned.name.endswith("PATH") for assigned in command.assignments)
