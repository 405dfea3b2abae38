"""Whether the repository itself says what a job gets, which somebody else may have written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message

BROUGHT_ALONG = Message(
    id="brought-along",
    kind=DOUBT,
    subject="{place} of the repository",
    reason="this project configures its own {what} for slurmfix, so the new lines are not slurmfix's alone",
    action="if you trust this project, do nothing. Otherwise read each new line before you submit the job",
    bad=f"{PLAIN}-- slurmfix.toml --\ntemplates = 'site'\n-- site/modules.sh.j2 --\nmodule load python\n",
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment, by the code of its name."""
    for what, place in site.brought:
        said = BROUGHT_ALONG.about(place=place, what=what)
        yield from ((code, said) for code in answers)
