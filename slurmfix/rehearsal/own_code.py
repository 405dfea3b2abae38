"""Which requirements pip would build from the author's own folders and archives: a rehearsal runs none of these."""

from __future__ import annotations

import re

_OWN = re.compile(
    r"""[.~]                                         # a folder, from here or from home
        |-e\b|--editable\b
        |.*\bfile:                                   # also behind a name, and as git+file:
        |(?:(?!://).)*(?:/|\.(?:tar\.\w+|tgz|zip)\Z) # a path or an archive that is no address
    """,
    re.VERBOSE,
)
_OPTIONS = re.compile(r"-[fi]\b|--(?!editable\b)")  # where pip looks


def is_own_code(requirement: str) -> bool:
    """Whether a line of a list, or a word of a call of pip, names code on the author's disk that pip would build.

    `lib/`, `.[dev]`, `x @ file:///p/x` and `-e .` do; `numpy>=1`, `x @ https://…` and `--find-links /p` do not.
    """
    named = re.split(r"(?:^|\s)#", requirement, maxsplit=1)[0].strip()
    return not _OPTIONS.match(named) and _OWN.match(named) is not None
