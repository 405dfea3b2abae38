"""Tells what was asked for or configured and had no effect, a slip most often; and what took effect unasked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from slurmfix import files, templates
from slurmfix.config import nearest, unused
from slurmfix.options import CLUSTER, Options, configuration, settings, stays, text_of
from slurmfix.outcome import Outcome

_PLAIN = re.compile(r"[\w.+-]+", re.ASCII)


def slips(paths: Sequence[str], wanted: Options, outcomes: Sequence[Outcome], ask: bool) -> list[str]:
    """One sentence for each, for a person."""
    found = [*_cluster(paths, wanted), *_environments(wanted, outcomes), *_templates(paths, wanted)]
    if not wanted.config and not wanted.isolated:
        found += _configurations(paths)
    if ask:
        found += _nobody()
    found += _unseen(outcomes)
    return list(dict.fromkeys(found))


def _cluster(paths: Sequence[str], wanted: Options) -> Iterator[str]:
    for path in paths:
        found = configuration(path, wanted)
        source = found.source("profile")
        if source is not None and source.level == CLUSTER:
            yield f"the profile is {found.settings.profile}, the cluster that CC_CLUSTER names; --profile takes another"


def _environments(wanted: Options, outcomes: Sequence[Outcome]) -> Iterator[str]:
    named = {served.named.name for outcome in outcomes for served in outcome.environments}
    named |= {step.environment for outcome in outcomes for step in outcome.steps if step.environment}
    for name, path in wanted.env:
        if name not in named:
            near = nearest(name, tuple(sorted(named)))
            yield f"--env {name}={path} has no effect: no script uses an environment {name!r}{near}"


def _unseen(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """One loop that exports all environments which nobody could see, where there are several."""
    guessed = [
        each.named
        for outcome in outcomes
        for each in outcome.environments
        if each.recipe.environment.guess and each.named.known
    ]
    plain = [
        name for name in dict.fromkeys(named.name for named in guessed if not named.path) if _PLAIN.fullmatch(name)
    ]
    if len(plain) > 1:
        loop = f'for name in {" ".join(plain)}; do conda env export --no-builds -n "$name" > envs/"$name".yml; done'
        yield f"nobody could see {len(plain)} environments: run `mkdir -p envs; {loop}` where they live"


def _templates(paths: Sequence[str], wanted: Options) -> Iterator[str]:
    for folder in dict.fromkeys(settings(path, wanted).templates for path in paths):
        if not folder:
            continue
        known = templates.names()
        for name in sorted(files.names(folder)):
            if name.endswith(".j2") and name not in known:
                near = nearest(name, known)
                yield f"{os.path.join(folder, name)}: this template has no effect: slurmfix has none of that name{near}"


def _configurations(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        folder = os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path) or ".")
        for other, counts in unused(folder, text_of, stays):
            yield f"{files.shown(other)}: this configuration has no effect: {files.shown(counts)} comes before it"


def _nobody() -> Iterator[str]:
    from slurmfix.cluster import reachable

    there = reachable()
    if not there:
        yield "--ask has no effect: there is no module command, no avail_wheels and no conda here to be asked"
    elif "avail_wheels" not in there:
        yield f"--ask asks {' and '.join(there)} only: there is no avail_wheels here"
