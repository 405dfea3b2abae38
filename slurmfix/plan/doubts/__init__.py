"""What is doubtful about environments, one file a doubt: each says what to look at, and of which environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from slurmfix.plan.doubts import (
    again,
    as_tasks,
    brought_along,
    chdir,
    early,
    folder,
    forced_purge,
    gone_options,
    image,
    left,
    lists_not_read,
    mentions,
    modules_behind,
    one_arm,
    one_node,
    only_made,
    other_python,
    overwritten,
    python_path,
    scratch,
    several_folders,
    submitted_from,
    under_a_test,
    unpacked,
)
from slurmfix.plan.inside import Inside
from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site

Check = Callable[[Job, Mapping[str, Served], Site], Iterator[tuple[str, str]]]

# These speak of the folder that a virtualenv is built in, or of what is found in it.
OF_VIRTUALENVS: tuple[Check, ...] = (
    folder.check, as_tasks.check, scratch.check, mentions.check, overwritten.check, early.check,
    modules_behind.check, one_node.check, lists_not_read.check,
)  # fmt: skip
OF_ALL: tuple[Check, ...] = (
    one_arm.check, several_folders.check, again.check, python_path.check, submitted_from.check, left.check,
    only_made.check, other_python.check, chdir.check, brought_along.check, gone_options.check, forced_purge.check,
    under_a_test.check, unpacked.check,
)  # fmt: skip


def all_doubts(job: Job, answers: Mapping[str, Served], inside: Inside, site: Site) -> Iterator[tuple[str, str]]:
    """Sentences for the reviewer, by the code of the environment that each is about."""
    yield from image.check(job, inside)
    for check in OF_VIRTUALENVS:
        for code, said in check(job, answers, site):
            if answers[code].image is None and answers[code].recipe.strategy != "modules":
                yield code, said
    for check in OF_ALL:
        yield from check(job, answers, site)


def with_doubts(answers: Mapping[str, Served], doubts: Iterator[tuple[str, str]]) -> dict[str, Served]:
    told = dict(answers)
    for code, said in doubts:
        if said not in told[code].doubts:
            told[code] = replace(told[code], doubts=(*told[code].doubts, said))
    return told
