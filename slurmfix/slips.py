"""Tells what was asked for or configured and had no effect, a slip most often; and what took effect unasked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from slurmfix import files, templates
from slurmfix.config import unused
from slurmfix.options import CLUSTER, Options, configuration, settings, stays, text_of
from slurmfix.outcome import Outcome
from slurmfix.remarks import RUN, Message, phrase

PROFILE_OF_THE_CLUSTER = Message(
    id="profile-of-the-cluster",
    kind=RUN,
    subject="the profile",
    reason="slurmfix takes {profile}, since CC_CLUSTER says that this is the cluster",
    action="if you submit your jobs here, do nothing. Otherwise choose another profile with `--profile NAME`",
)
ENV_WITHOUT_EFFECT = Message(
    id="env-without-effect",
    kind=RUN,
    subject="`--env {name}={file}`",
    reason="the option does nothing, since no script uses an environment `{name}`{near}",
    action="write the name as in the `conda activate` lines of the scripts",
)
SEVERAL_UNSEEN = Message(
    id="several-unseen",
    kind=RUN,
    subject="{count} environments",
    reason="slurmfix found no list of their packages",
    action="where conda is, run this command, copy the folder envs here, and run slurmfix again: `{command}`",
)
MANY_UNSEEN = Message(
    id="many-unseen",
    kind=RUN,
    subject="{count} environments",
    reason="slurmfix found no list of their packages",
    action="where conda is, run `conda env export --no-builds -n NAME > envs/NAME.yml` for each (NAME). "
    "Copy the folder envs here, and run slurmfix again",
)
TEMPLATE_WITHOUT_EFFECT = Message(
    id="template-without-effect",
    kind=RUN,
    subject="the template {file}",
    reason="slurmfix never uses this template, since it has none of this name{near}",
    action="rename the file, or delete it",
)
CONFIGURATION_WITHOUT_EFFECT = Message(
    id="configuration-without-effect",
    kind=RUN,
    subject="the configuration {file}",
    reason="slurmfix does not read this file, since it reads {other} instead",
    action="copy the settings to {other}, and delete {file}",
)
NOBODY_TO_ASK = Message(
    id="nobody-to-ask",
    kind=RUN,
    subject="`--ask`",
    reason="the option does nothing here, since this machine has no `module`, `avail_wheels` or `conda` command",
    action="run slurmfix on a login node of the cluster",
)
NO_AVAIL_WHEELS = Message(
    id="no-avail-wheels",
    kind=RUN,
    subject="`--ask`",
    reason="this machine has no `avail_wheels` command, so slurmfix asked {there} only",
    action="if this is enough, do nothing. Otherwise run slurmfix on a login node of an Alliance cluster",
)
MODULES_WITHOUT_EFFECT = Message(
    id="modules-without-effect",
    kind=RUN,
    subject="`--modules`",
    reason="the option has no effect, since the profile {profile} names no standard environment",
    action="choose another one with --profile",
)
_MOST_NAMED = 8  # in a command that a person copies
_PLAIN = re.compile(r"[\w.+-]+", re.ASCII)


def slips(
    paths: Sequence[str], wanted: Options, outcomes: Sequence[Outcome], ask: bool, modules: bool = False
) -> list[str]:
    """One sentence for each, for a person."""
    found = [*_modules(paths, wanted)] if modules else []
    found += [*_cluster(paths, wanted), *_environments(wanted, outcomes), *_templates(paths, wanted)]
    if not wanted.config and not wanted.isolated:
        found += _configurations(paths)
    if ask:
        found += _nobody()
    found += _unseen(outcomes)
    return list(dict.fromkeys(found))


def _modules(paths: Sequence[str], wanted: Options) -> Iterator[str]:
    """Where module lines are to be held against a standard environment, and the profile has none."""
    from slurmfix.knowledge import profile

    for name in dict.fromkeys(settings(path, wanted).profile for path in paths):
        if not profile(name).stdenv:
            yield MODULES_WITHOUT_EFFECT.about(profile=name)


def _near(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, 1)
    return phrase(" (did you mean {name}?)", name=repr(near[0])) if near else ""


def _cluster(paths: Sequence[str], wanted: Options) -> Iterator[str]:
    for path in paths:
        found = configuration(path, wanted)
        source = found.source("profile")
        if source is not None and source.level == CLUSTER:
            yield PROFILE_OF_THE_CLUSTER.about(profile=found.settings.profile)


def _environments(wanted: Options, outcomes: Sequence[Outcome]) -> Iterator[str]:
    named = {served.named.name for outcome in outcomes for served in outcome.environments}
    named |= {step.environment for outcome in outcomes for step in outcome.steps if step.environment}
    for name, path in wanted.env:
        if name not in named:
            near = _near(name, tuple(sorted(named)))
            yield ENV_WITHOUT_EFFECT.about(name=name, file=path, near=near)


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
        if len(plain) > _MOST_NAMED:
            yield MANY_UNSEEN.about(count=len(plain))
            return
        loop = f'for name in {" ".join(plain)}; do conda env export --no-builds -n "$name" > envs/"$name".yml; done'
        yield SEVERAL_UNSEEN.about(count=len(plain), command=f"mkdir -p envs; {loop}")


def _templates(paths: Sequence[str], wanted: Options) -> Iterator[str]:
    for folder in dict.fromkeys(settings(path, wanted).templates for path in paths):
        if not folder:
            continue
        known = templates.names()
        for name in sorted(files.names(folder)):
            if name.endswith(".j2") and name not in known:
                near = _near(name, known)
                yield TEMPLATE_WITHOUT_EFFECT.about(file=os.path.join(folder, name), near=near)


def _configurations(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        folder = os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path) or ".")
        for other, counts in unused(folder, text_of, stays):
            yield CONFIGURATION_WITHOUT_EFFECT.about(file=files.shown(other), other=files.shown(counts))


def _nobody() -> Iterator[str]:
    from slurmfix.cluster import reachable

    there = reachable()
    if not there:
        yield NOBODY_TO_ASK.about()
    elif "avail_wheels" not in there:
        yield NO_AVAIL_WHEELS.about(there=", ".join(there))
