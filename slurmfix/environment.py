"""Reads every form that a conda environment comes in: files, exports, lock files, prefixes on disk, imports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """One thing that the environment asks for, as it was written.

    `version` is the constraint in conda's spelling (`=1.26`, `>=2,<3`, `==1.2.3`) for manager "conda", in pip's (PEP 440
    specifiers) for manager "pip"; empty where none was given. `url` is a direct reference (`git+https://…`, a file).
    """

    name: str
    version: str = ""
    build: str = ""
    channel: str = ""
    manager: str = "conda"  # "conda", "pip" or "import" (a guess from an import statement: name is the import name)
    extras: tuple[str, ...] = ()
    marker: str = ""
    url: str = ""
    line: int = 0  # where it stands in its file, counted from 1; 0 where it has no line


@dataclass(frozen=True, slots=True)
class Environment:
    """A conda environment: what was asked for, and where slurmfix learnt it.

    `origin` says it in words for a person (`environment.yml`, `conda-meta/history of /home/a/envs/x`, `imports of
    train.py`). `guess` is true where the packages come from imports only. `doubts` are sentences for the reviewer.
    """

    name: str
    packages: tuple[Package, ...] = ()
    origin: str = ""
    channels: tuple[str, ...] = ()
    guess: bool = False
    pip_options: tuple[str, ...] = ()  # lines such as "--extra-index-url …" that stood in a pip section
    doubts: tuple[str, ...] = ()


class BadEnvironment(ValueError):
    """An environment file that cannot be read; the message names the reason, `line` and `column` count from 1 (0: none)."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


def read_environment(text: str, filename: str) -> Environment:
    """The environment that a file describes, told by its name and content.

    Raises BadEnvironment.
    """
    raise BadEnvironment("not read yet")
