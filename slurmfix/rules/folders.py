"""Which folders are conda's: what its installers and conda itself make and name, and what the script says is one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from slurmfix.rules.acts import named_by
from slurmfix.rules.rule import Finding
from slurmfix.shell import Script, value_of

# What an installer calls its folder: `miniconda3`, `anaconda3-2020.11`, `Miniconda3-py39_4.12`, `mambaforge-pypy3`. A
# folder that only holds the letters is another matter: `conda_torch`, `miniconda_envs`.
_INSTALLED = re.compile(
    r"\.?(?:(?:(?:ana|mini)conda|miniforge|mambaforge)[23](?:[-_.](?!envs?\b)[\w.-]+)?"
    r"|(?:(?:ana|mini)?conda|miniforge|mambaforge|(?:micro)?mamba)\d*(?:-pypy\d?)?"
    r"(?:[-_.]?(?:(?:py|v)?\d[\w.-]*|latest|x86_64))?)\Z",
    re.I,
)
# What people make of such a name: `miniconda_frontier`, `myconda3`, `3.7-anaconda-2019.10`.
_OF_CONDA = re.compile(r"(?:(?:ana|mini)conda|miniforge|mambaforge|conda[23]\Z)(?![\w.-]*envs?\Z)", re.I)
# A folder in which environments are kept elsewhere: `.conda`, `conda_envs`, `miniconda-env`.
_KEEPS_ENVIRONMENTS = re.compile(r"\.conda\Z|(?:conda|mamba)\d*[-_.]?env(?:ironment)?s?\Z|\Aenvs?[-_.]?conda\Z", re.I)
_VERSION = re.compile(r"(?:py|python|v)?[\d.]+[\w.-]*\Z", re.I)
_IN_ENVS = re.compile(r"(?P<prefix>.*/envs/(?P<name>[^/:]+))(?:/(?P<rest>[^:]*))?\Z", re.S)
_IN_CONDA = re.compile(
    r"(?P<prefix>(?:.*/)?(?P<above>[^/:]*)/(?P<last>[^/:]+))/(?P<rest>(?:bin|condabin|lib|include)(?:/[^:]*)?)\Z", re.S
)
# `${X:-/x/envs/foo/bin}`: the path is inside of the expansion, and is one of the values that the word may take.
_CUT_THROUGH = re.compile(r"\$\{\w+:?[-=+?][^}]*/[^}]*\}\Z")
_HOMES = ("~", "$HOME", "${HOME}")
_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\})(?=/)")


class Inside(NamedTuple):
    """A path in an environment: the environment's folder, its name ("base" is conda itself), and the rest."""

    prefix: str
    name: str
    rest: str


def is_installation(folder: str) -> bool:
    """Whether the last part of a path is what an installer of conda's calls its folder."""
    return _INSTALLED.match(folder) is not None


def keeps_environments(folder: str) -> bool:
    """Whether the last part of a path says that conda's environments are kept in it."""
    return folder == "envs" or is_installation(folder) or _KEEPS_ENVIRONMENTS.search(folder) is not None


def environment_path(path: str, own: Iterable[str] = ()) -> Inside | None:
    """`/x/envs/foo/bin/python` → its prefix, name and the rest; for conda's own prefix the name is "base".

    `own` are folders that the script itself says are environments. None where the path does not point into a conda.
    """
    for prefix in own:
        if path == prefix or path.startswith(prefix + "/"):
            return Inside(prefix, prefix.rpartition("/")[2], path[len(prefix) + 1 :])
    if _CUT_THROUGH.search(path):
        return None
    if match := _IN_ENVS.match(path):
        return Inside(match["prefix"], match["name"], match["rest"] or "")
    match = _IN_CONDA.match(path)
    if match is None:
        return None
    last, above = match["last"], match["above"]
    # `anaconda3`, and `anaconda3/2020.02`, are conda itself; `conda_envs/foo` is an environment kept elsewhere.
    if (
        is_installation(last)
        or _OF_CONDA.search(last)
        or (is_installation(above) and (_VERSION.match(last) or "$" in last))
    ):
        return Inside(match["prefix"], "base", match["rest"])
    return Inside(match["prefix"], last, match["rest"]) if keeps_environments(above) else None


def made_by_the_script(script: Script, found: Iterable[Finding]) -> tuple[str, ...]:
    """The folders that the script activates or makes as environments, in each of their spellings; longest first."""
    folders: set[str] = set()
    for finding in found:
        target = named_by(finding.act)
        if target is None or target.kind == "base" or target.word is None:
            continue
        path = value_of(script, target.word, finding.command).text if target.kind == "word" else target.text
        path = path.rstrip("/")
        if "/" in path and path.strip("./~") and "`" not in path and "$(" not in path:
            home = _HOME.match(path)
            folders |= {spelled + path[home.end() :] for spelled in _HOMES} if home else {path}
    return tuple(sorted(folders, key=len, reverse=True))
