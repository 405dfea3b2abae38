"""A purge by force, which takes the standard environment away as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix import knowledge
from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, Message, job

FORCED_PURGE = Message(
    id="purge-by-force",
    kind=DOUBT,
    subject="`{source}`",
    reason="this line also unloads {standard}, without which most modules are not found",
    action="write `module purge` instead, which keeps {standard}",
    bad=job("module --force purge\nmodule load gcc\nconda activate vision\npython train.py"),
    good=job("module purge\nmodule load gcc\nconda activate vision\npython train.py"),
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of the first environment, by the code of its name."""
    name = knowledge.standard_module()
    standard = [code for code, each in answers.items() if any(m.startswith(f"{name}/") for m in each.recipe.modules)]
    for command in job.script.holding("purge") if standard else ():
        words = [word.literal for word in command.words]
        if words[:1] in (["module"], ["ml"]) and "purge" in words and {"--force", "-f"}.intersection(words):
            yield standard[0], FORCED_PURGE.about(job.line(command.span.start), source=command.source, standard=name)
