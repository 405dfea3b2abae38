"""What holds before each command of a script: environments active, modules loaded, values of variables, folder."""

from slurmfix.flow.state import (
    NEVER,
    PERHAPS,
    SURELY,
    UNKNOWN,
    UNREACHABLE,
    UNSURE,
    Activate,
    Deactivate,
    Effect,
    Load,
    Loaded,
    Nothing,
    Reached,
    State,
    Values,
)
from slurmfix.flow.walk import Flow

__all__ = [
    "NEVER",
    "PERHAPS",
    "SURELY",
    "UNKNOWN",
    "UNREACHABLE",
    "UNSURE",
    "Activate",
    "Deactivate",
    "Effect",
    "Flow",
    "Load",
    "Loaded",
    "Nothing",
    "Reached",
    "State",
    "Values",
]
