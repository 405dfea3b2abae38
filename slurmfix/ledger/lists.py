"""Files whose lines are commands that a program runs: GNU parallel's input, a list for GLOST."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from slurmfix.shell import Command, Script, Word, call_of, files_read_by
from slurmfix.shell.words import parts_of

_GIVEN_ALL = ("glost_launch",)  # GLOST 0.3: each line of the file that it is given is a command
_GIVES = ("-a", "--arg-file", "::::", "::::+")  # parallel(1)
# The line stands where the program would: nothing, `{}`, or a separator of arguments; in a text as the first word.
_LINE_IS_PROGRAM = re.compile(r"parallel\Z|:::|\{\d*\}")
_LINE_IN_A_TEXT = re.compile(r"(?:\A|[;&|(]\s*|\s-\w*c\s+[\"']?)\{\d*\}")


def lists_run_by(script: Script, command: Command) -> Iterator[Word]:
    """The files of commands that a command runs, as words of it."""
    call = call_of(script, command)
    names = [*(through.name for through in call.through), call.name]
    words = command.words
    if any(name in _GIVEN_ALL for name in names):
        yield from (w for before, w in pairwise(words) if before.literal.rpartition("/")[2] in _GIVEN_ALL)
    elif "parallel" in names and (_LINE_IS_PROGRAM.match(call.name) or _LINE_IN_A_TEXT.search(call.text)):
        yield from (word for before, word in pairwise(words) if before.literal in _GIVES)
        yield from (words[0]._replace(source=name, parts=parts_of(name)) for name in files_read_by(command))
