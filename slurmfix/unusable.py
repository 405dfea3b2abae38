"""Tells the paths whose configuration cannot be used from the others: it costs the files that go by it alone."""

from __future__ import annotations

from slurmfix import files
from slurmfix.config import BadConfiguration
from slurmfix.options import Options, fault
from slurmfix.outcome import Outcome
from slurmfix.remarks import phrase


def usable(paths: tuple[str, ...], wanted: Options) -> tuple[tuple[str, ...], list[Outcome]]:
    """The paths whose configuration can be used, and what is wrong with that of the others.

    Raises BadConfiguration where it can be used for none.
    """
    faults = {path: found for path in paths if (found := fault(path, wanted)) is not None}
    rest = tuple(path for path in paths if path not in faults)
    if not rest:
        raise next(iter(faults.values()))
    return rest, list(dict.fromkeys(map(lost, faults.values())))


def lost(found: BadConfiguration) -> Outcome:
    """What is said in the place of the files that go by a configuration."""
    words = "line {line}: {reason}; the files that go by this configuration are left" if found.line else _WITHOUT_LINE
    return Outcome(files.shown(found.path), error=phrase(words, reason=found.reason, line=found.line))


_WITHOUT_LINE = "{reason}; the files that go by this configuration are left"
