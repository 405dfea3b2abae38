"""The texts of a script that a shell may run later, or another job: what is printed, aliased, or handed on as input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import USES, Finding, Install, Left, Provide, Report, find, named_by
from slurmfix.shell import Command, How, Runs, Script, Spread, call_of, files_of, here_strings_of, programs_of, read
from slurmfix.text import Span

TRACES = ("conda", "mamba", "miniforge", "activate")  # a text without any of these has nothing to do with conda
_SEVERAL_WORDS = re.compile(r"\S\s+\S")
_ALIASED = re.compile(r"[^\s=]+=")
_PASSED_ON = programs_of(Spread.ITEMS) | {"cat", "tee"}  # what hands its input on as it is, or runs it


@lru_cache(maxsize=64)
def uses_conda(text: str) -> bool:
    """Whether a text, read as a script of its own, uses conda. `\\n` in it may be what `printf` makes a line end."""
    low = text.lower()
    if not _SEVERAL_WORDS.search(text) or not any(trace in low for trace in TRACES):
        return False
    # The comment stands for the script around it, whose words tell what a file called activate is.
    return any(map(_goes_on, find(read("# conda\n" + text.replace("\\n", "\n")))))


def _goes_on(finding: Finding) -> bool:
    """Whether it needs conda, or an environment: one of conda's variables may be read by anything."""
    act = finding.act
    return isinstance(act, (*USES, Provide, Install)) or act == Report(Left.NEEDS_CONDA) or named_by(act) is not None


def texts_of(command: Command) -> Iterator[str]:
    """What a command prints, or hands to a shell, or stands for later."""
    words = [word.literal for word in command.words[1:]]
    if command.name == "echo":
        yield " ".join(words)
    elif command.name == "printf":
        yield "\n".join(words)
    elif command.name == "alias":
        yield from (_ALIASED.sub("", word, count=1) for word in words)
    yield from here_strings_of(command)


def texts_that_use_conda(script: Script) -> Iterator[tuple[Command, Span]]:
    """The commands with a text that uses conda, and is not read with the script; and where that stands."""
    for command in script.holding(*TRACES):
        if any(map(uses_conda, texts_of(command))):
            yield command, command.span
    bodies = {heredoc.owner: heredoc.body for heredoc in script.heredocs if not heredoc.is_read}
    for command in script.commands if bodies else ():
        body = bodies.get(command.span)
        if body is not None and command.name in _PASSED_ON and uses_conda(script.text[body.start : body.end]):
            yield command, body


# `!pip install`, `subprocess.run(["pip", "install", …])`, `[sys.executable, "-m", "pip", "install"]`, R's own.
_INSTALLS = re.compile(r"""\bpip[\d.]*["']?[\s,]+["']?install\b|\binstall\.packages\(|\bBiocManager::install\(""")
INSTALLS_IN_A_TEXT = Message(
    id="text-installs",
    kind=DOUBT,
    subject="`{source}`",
    reason="this code installs packages during the job, but compute nodes have no internet",
    action="add the packages to the requirements file, and delete the installation from the code",
    bad="conda activate myenv\nipython <<E\n!pip install seaborn\nE\n",
    good="conda activate myenv\nipython <<E\nimport seaborn\nE\n",
)


def texts_that_install(script: Script) -> Iterator[tuple[Command | None, Span]]:
    """Where a text for Python or R installs packages: behind `-c`, in a heredoc that it reads, or in a file for it."""
    if not _INSTALLS.search(script.text):
        return
    owners = {command.span: command for command in script.commands}
    for heredoc in script.heredocs:
        owner = owners.get(heredoc.owner)
        match = _INSTALLS.search(script.text, heredoc.body.start, heredoc.body.end)
        if match is None or heredoc.is_read:
            continue
        later = script.text[heredoc.end :]
        if heredoc.runs is Runs.OTHER or (owner is not None and any(name in later for name in files_of(owner))):
            yield owner, Span(*match.span())
    for command in script.holding("-c", "-e"):
        if call_of(script, command).how is How.PLAIN and not _IS_PIP.match(command.source):
            words = (w for before, w in pairwise(command.words) if before.literal in ("-c", "-e"))
            yield from ((command, word.span) for word in words if _INSTALLS.search(word.source))


_IS_PIP = re.compile(r"\S*pip")
