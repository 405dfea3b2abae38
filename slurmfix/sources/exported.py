"""What conda itself says of an environment that no file tells of, where the cluster is to be asked."""

from __future__ import annotations

import os
from dataclasses import replace

from slurmfix import files
from slurmfix.environment import BadEnvironment, read_environment
from slurmfix.sources.evidence import Found, Question
from slurmfix.sources.world import World


def exported(world: World, question: Question) -> Found | None:
    """`conda env export`, and the prefix that conda tells; None where conda is not asked."""
    cluster, named = world.cluster, question.named
    if cluster is None or named.base or not named.known:
        return None
    path = cluster.prefix(named.name)
    if path and files.exists(os.path.join(path, "conda-meta")):
        return Found(world.read(path))
    try:
        texts = [read_environment(text, "environment.yml") for text in cluster.export(named.name)]
    except BadEnvironment:
        return None
    if not texts:
        return None
    asked, listing = texts[0], texts[-1]
    by_pip = tuple(package for package in listing.packages if package.manager == "pip")
    packages = (*(package for package in asked.packages if package.manager != "pip"), *by_pip)
    return Found(replace(asked, packages=packages, origin=f"conda env export -n {named.name}", pip_options=()))
