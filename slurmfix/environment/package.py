"""What an environment is made of, whatever form it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from slurmfix.remarks import Phrase, Remark, phrase


@dataclass(frozen=True, slots=True)
class Package:
    """One thing that the environment asks for, as it was written.

    `version` is the constraint in conda's spelling (`=1.26`, `>=2,<3`, `==1.2.3`) for manager "conda", in pip's
    (PEP 440 specifiers) for manager "pip"; empty where none was given. `url` is a direct reference (`git+https://…`,
    a file).
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
    pypi: str = ""  # the PyPI name, where an installed distribution told it
    installed: str = ""  # the version that a prefix really has, where `version` is only what was asked for
    later: bool = False  # of manager "import": only functions import it, when they are called


@dataclass(frozen=True, slots=True)
class Environment:
    """A conda environment: what was asked for, and where slurmfix learnt it.

    `name` is the file's stem where the file names none. `origin` says it in words for a person (`environment.yml`,
    `conda-meta/history of x`, `imports of train.py`). `guess` is true where the packages come from imports only.
    `doubts` are sentences for the reviewer.
    """

    name: str
    packages: tuple[Package, ...] = ()
    origin: str = ""
    channels: tuple[str, ...] = ()
    guess: bool = False
    pip_options: tuple[
        str, ...
    ] = ()  # lines of a pip section that are no package: "--extra-index-url …", "-e .", "-r x"
    doubts: tuple[str, ...] = ()
    export: bool = False  # a full listing: its exact versions only say what was installed, not what was wanted
    includes: tuple[str, ...] = ()  # the files that `-r` and `-c` name, as written
    programs: tuple[str, ...] = ()  # what lies in its bin folder, where it was read from disk
    added: tuple[str, ...] = ()  # normalised PyPI names of packages that only the job shows to need
    optional: tuple[str, ...] = ()  # of a guess: the names of imports that the sources go on without
    listed_by: str = ""  # the command that writes its list; "" for conda's with the name
    holds: tuple[str, ...] = ()  # the normalised names of all that is installed, where it was read from disk


class BadEnvironment(ValueError):
    """An environment file that cannot be read. The words say why, with the names in braces filled in; `line` and
    `column` count from 1 (0: none).
    """

    def __init__(self, words: str, line: int = 0, column: int = 0, **values: object) -> None:
        self.reason = words if isinstance(words, Phrase | Remark) else phrase(words, **values)
        super().__init__(self.reason)
        self.line, self.column = line, column
