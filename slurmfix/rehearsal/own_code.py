"""Which requirements pip would build from the author's own folders and archives: a rehearsal runs none of these."""

from __future__ import annotations

import re

_OWN = re.compile(
    r"""[.~]                                    # a folder, from here or from home
        |-e\b|--editable\b
        |.*\bfile:                              # also behind a name, and as git+file:
        |(?:(?!://).)*                          # what is no address:
            (?:/                                # a path
              |\$\{                             # what pip fills in from a variable
              |\.(?:tar(?:\.\w+)?|t[gblx]z2?|zip)(?:\[|\s|\Z)) # an archive
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Where pip looks, and which other lists it reads: these are rehearsed as lists of their own.
_OPTIONS = re.compile(r"-[fi]\b|-[rc]|--(?!editable\b)")
_READS = re.compile(r"(?:-[rc]|--(?:requirement|constraint))[ =]*(.+)")
_ELSEWHERE = re.compile(r"[/~$]|\w+:")  # by the whole path, a variable, or an address
_BUILDS = re.compile(r"--no-binary\b")  # pip would take sources where there is a wheel


def is_own_code(requirement: str) -> bool:
    """Whether a line of a list, or a word of a call of pip, names code on the author's disk that pip would build.

    `lib/`, `.[dev]`, `x @ file:///p/x` and `-e .` do; `numpy>=1`, `x @ https://…`, `-r more.txt` and
    `--find-links /p` do not.
    """
    named = re.split(r"(?:^|\s)#", requirement, maxsplit=1)[0].strip()
    return not _OPTIONS.match(named) and _OWN.match(named) is not None


def is_left_out(line: str) -> bool:
    """Whether a line of a list is not rehearsed: it names the author's own code, or wants sources to be built."""
    reads = _READS.match(line.strip())
    builds = _BUILDS.match(line.strip())
    return is_own_code(line) or builds is not None or (reads is not None and is_elsewhere(reads[1]))


def is_elsewhere(path: str) -> bool:
    """Whether a list is named so that pip would read the author's own file, not the copy without own code."""
    return _ELSEWHERE.match(path) is not None
