"""The text of a file that a job script names, where that lies beside it."""

from __future__ import annotations

import re

from slurmfix.files.content import decode
from slurmfix.files.read import Unreadable, read
from slurmfix.files.repository import file_in, folders_up

_PLAIN = re.compile(r"(?:\$\{?SLURM_SUBMIT_DIR\}?/)?([\w./+-]*\w)")


def text_beside(script: str, name: str) -> str | None:
    """What a file says that a job calls `./run.sh` or `$SLURM_SUBMIT_DIR/run.sh`; None where it is not at hand.

    It is looked for in the script's folder and above, up to the repository's root, and nowhere outside of that.
    """
    match = _PLAIN.fullmatch(name)
    if match is None or script == "-":
        return None
    folders = folders_up(script)
    path = file_in(folders, match[1], folders[-1])
    try:
        return decode(read(path), path) if path else None
    except Unreadable:
        return None
