"""What of a script is accounted for: all that matters is listed, and each part of the work claims what it saw to.

The two sides do not know each other. The entries are listed without a thought of what becomes of them; the claims come
from what the plan does, and from what is known. What nobody claims is open, and a script with an open entry is never
safe.
"""

from slurmfix.ledger.account import Ledger, account, graded, reviewed
from slurmfix.ledger.entries import (
    AT_HAND,
    BUILD,
    CODE,
    ELSEWHERE,
    INSTALL,
    LAUNCHER,
    MODULE,
    OF_A_MODULE,
    OF_A_SITE,
    OUTPUT,
    PROGRAM,
    SHELL,
    TRACE,
    UNREAD,
    Entry,
    trace_pattern,
    traces_of,
)

__all__ = [
    "AT_HAND",
    "BUILD",
    "CODE",
    "ELSEWHERE",
    "INSTALL",
    "LAUNCHER",
    "MODULE",
    "OF_A_MODULE",
    "OF_A_SITE",
    "OUTPUT",
    "PROGRAM",
    "SHELL",
    "TRACE",
    "UNREAD",
    "Entry",
    "Ledger",
    "account",
    "graded",
    "reviewed",
    "trace_pattern",
    "traces_of",
]
