"""A run in one line: what is said of files that have nothing to do, too, and so loads nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from slurmfix.language import counted, tr
from slurmfix.outcome import Outcome

_WORDS = {
    "fixable": "{count} to change",
    "fixed": "{count} changed",
    "manual": "{count} left for a person",
    "error": "{count} with errors",
    "clean": "{count} with nothing to do",
}


def summary(outcomes: Sequence[Outcome]) -> str:
    """One line on the whole run."""
    count = Counter(outcome.status for outcome in outcomes)
    said = [tr(words).format(count=count[status]) for status, words in _WORDS.items() if count[status]]
    files = counted("{count} file", "{count} files", len(outcomes))
    told = tr("{subject}: {reason}").format(subject=files, reason=", ".join(said))
    return f"{told}." if outcomes else tr("no files.")
