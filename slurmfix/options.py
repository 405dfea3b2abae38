"""What the command line asks for, over the configuration that is nearest to each file: the settings of every path."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import NamedTuple

from slurmfix import files
from slurmfix.config import (
    RULE_NAMES,
    BadConfiguration,
    Configuration,
    Settings,
    Source,
    brought,
    configured,
    given,
    ignorable,
    nearest,
    problem_of,
)
from slurmfix.remarks import Phrase, phrase

_NOTHING_THERE = "{path}: no such file or folder, which is to describe {name}"
_NO_RULE = "there is no rule {rule}{near}; slurmfix --rules lists them"
_NO_PROFILE = "there is no profile {name}{near}; the profiles are {known}"
CLUSTER = "environment variable"  # the level of a value that the cluster's own variable gives


class BadOption(ValueError):
    """A value that an option does not take; `option` names it."""

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(reason)
        self.option = option


class Options(NamedTuple):
    """What the command line sets: `values` are (key, value) pairs of the configuration, `env` (name, path) pairs.

    `config` takes the place of the configuration file that is found, and with `isolated` none is read.
    """

    values: tuple[tuple[str, str], ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    config: str = ""
    isolated: bool = False


def options(
    values: dict[str, str | None], env: tuple[str, ...] = (), exclude: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (), select: tuple[str, ...] = (), config: str | None = None, isolated: bool = False,
) -> Options:  # fmt: skip
    """The options as they were typed, checked. Raises BadOption."""
    wanted = {key: value for key, value in values.items() if value is not None}
    for key, value in wanted.items():
        if problem := problem_of(key, value):
            said = phrase("must be {problem}, not {value}", problem=Phrase(problem), value=repr(value))
            raise BadOption(f"--{key}", said)
    named = tuple(map(_environment, env))
    if config is not None and isolated:
        raise BadOption("--config", phrase("names a configuration, and --isolated wants none"))
    if config is not None and not os.path.isfile(config):
        raise BadOption("--config", phrase("{path}: no such file", path=config))
    off, on = _names("--ignore", ignore), _names("--select", select)
    return Options(tuple(wanted.items()), named, exclude, off, on, config or "", isolated)


def _environment(entry: str) -> tuple[str, str]:
    name, equals, path = entry.partition("=")
    if not equals or not name or not path:
        raise BadOption("--env", phrase("{entry} is not NAME=FILE", entry=repr(entry)))
    if not os.path.exists(os.path.expanduser(path)):
        raise BadOption("--env", phrase(_NOTHING_THERE, path=path, name=name))
    return name, path


def _names(option: str, lists: tuple[str, ...]) -> tuple[str, ...]:
    """Rules, and for --ignore also messages; several stand behind one option with commas."""
    found = tuple(name for entry in lists for name in entry.replace(" ", "").split(",") if name)
    known = RULE_NAMES if option == "--select" else ignorable(found)
    unknown = next((name for name in found if name not in known), None)
    if unknown is not None:
        raise BadOption(option, phrase(_NO_RULE, rule=repr(unknown), near=nearest(unknown, known)))
    return found


def settings(path: str, wanted: Options) -> Settings:
    """The settings for a file or folder. Raises BadConfiguration, BadOption."""
    return configuration(path, wanted).settings


def configuration(path: str, wanted: Options) -> Configuration:
    """The settings for a file or folder, with where each comes from. Raises as `settings` does."""
    found = _configuration(_folder(path), wanted, os.environ.get("CC_CLUSTER", ""))
    if isinstance(found, BadConfiguration):
        raise found
    return found


def fault(path: str, wanted: Options) -> BadConfiguration | None:
    """What is wrong with the repository's configuration for a file or folder, which costs these files alone.

    Raises as `settings` does for what costs all files.
    """
    try:
        configuration(path, wanted)
    except BadConfiguration as error:
        if error.level == "repository":
            return error
        raise
    return None


def _folder(path: str) -> str:
    return os.path.abspath("." if path == "-" else path if os.path.isdir(path) else os.path.dirname(path) or ".")


@lru_cache
def _configuration(folder: str, wanted: Options, cluster: str) -> Configuration | BadConfiguration:
    """Of all files in one folder."""
    try:
        return _checked(folder, wanted, cluster)
    except BadConfiguration as error:
        return error


def _checked(folder: str, wanted: Options, cluster: str) -> Configuration:
    found = configured(folder, text_of, stays, config=wanted.config, isolated=wanted.isolated)
    found = _with_cluster(found, cluster)
    found = given(found, dict(wanted.values), wanted.env)
    own = found.settings
    off = (*own.ignore, *wanted.ignore)
    if wanted.select:
        off = (*off, *(name for name in RULE_NAMES if name not in wanted.select))
    own = own._replace(exclude=(*own.exclude, *wanted.exclude), ignore=off, brought=brought(found))
    found = found._replace(settings=own)
    _refuse_unknown_profile(found)
    _refuse_bad_tables(found)
    return found


def _with_cluster(found: Configuration, cluster: str) -> Configuration:
    """With the profile of the cluster that the environment names, where no configuration file names one."""
    if not cluster or found.source("profile") is not None:
        return found
    from slurmfix.knowledge import profile_names

    if cluster not in profile_names():
        return found
    source = Source(CLUSTER, "CC_CLUSTER")
    return found._replace(
        settings=found.settings._replace(profile=cluster), sources=(*found.sources, ("profile", source))
    )


def _refuse_bad_tables(found: Configuration) -> None:
    name, own = found.settings.profile, found.settings.tables
    if name == Settings().profile and not own:
        return
    from slurmfix.knowledge import BadProfile, BadTable, profile, refuse_unknown_generations, use

    try:
        use(own, profile(name).tables)
        refuse_unknown_generations(name)
    except (BadTable, BadProfile) as error:
        source = found.source("tables") or found.source("profile") or Source("")
        if source.path:
            raise BadConfiguration(source.path, source.line, str(error), source.level) from error
        raise BadOption("--profile", str(error)) from error


def _refuse_unknown_profile(found: Configuration) -> None:
    name = found.settings.profile
    if name == Settings().profile and not os.environ.get("SLURMFIX_PROFILES"):  # nearly every run: no table is loaded
        return
    from slurmfix.knowledge import UnknownProfile, is_path, profile, profile_names

    known = profile_names()
    why: str = phrase(_NO_PROFILE, name=repr(name), near=nearest(name, known), known=", ".join(known))
    if name in known or is_path(name):
        try:
            profile(name)
        except UnknownProfile as error:
            why = str(error)
        else:
            return
    source = found.source("profile") or Source("")
    if source.path:
        raise BadConfiguration(source.path, source.line, why, source.level)
    raise BadOption("--profile", why)


def stays(path: str, folder: str) -> bool:
    """Whether a path, its links followed, stays in the repository that a folder is in, or in the folder itself."""
    return not files.leads_astray(path, files.repository_root(folder) or folder)


@lru_cache
def text_of(path: str) -> str | None:
    """The text of a configuration file; None where there is none. Raises BadConfiguration."""
    try:
        return files.decode(files.read(path), path) if os.path.isfile(path) else None
    except files.Unreadable as error:
        raise BadConfiguration(path, 0, error.reason) from error
