"""What the reviewer should know of how commands run inside an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.plan.inside import SHELLS, SUFFIXES, Call, Inside
from slurmfix.plan.job import Job
from slurmfix.rules import Enter

_UNUSED = "no command is known to need its image: put `apptainer run` in front of those that do, as the wiki does"
_MPI = "MPI over several nodes needs an MPI in the image that fits the cluster's: see the wiki's page on Apptainer"
_PARALLEL = ("mpirun", "mpiexec", "mpiexec.hydra", "ibrun")


def check(job: Job, inside: Inside) -> Iterator[tuple[str, str]]:
    """What to say of environments that have become images, by the code of their names."""
    for code in inside.images:
        mine = [call for call in inside.calls if call.code == code]
        entered = any(job.code(at) == code and isinstance(job.findings[at].act, Enter) for at in job.names)
        if not mine and entered:
            yield code, _UNUSED
        yield from ((code, said) for said in _of_calls(job, mine))


def _of_calls(job: Job, calls: list[Call]) -> Iterator[str]:
    wholes = [call for call in calls if call.program in SHELLS or SUFFIXES.get(_suffix(call.program)) == ""]
    if wholes:
        lines = _lines(job, wholes)
        yield f"a script runs in the image as a whole (line {lines}): it finds no module, srun or sbatch there"
    installs = [call for call in calls if re.search(r"\bpip3?\s+install\b", call.command.source)]
    if installs:
        yield (
            f"an image is read-only, so pip installs nothing into it (line {_lines(job, installs)}): "
            "add that to its environment file, and take the command out"
        )
    if any(call.command.name.rsplit("/", 1)[-1] in _PARALLEL for call in calls):
        yield _MPI


def _suffix(path: str) -> str:
    return "." + path.rsplit(".", 1)[-1].lower() if "." in path else ""


def _lines(job: Job, calls: list[Call]) -> str:
    return ", ".join(map(str, sorted({job.line(call.word.span.start) for call in calls})))
