"""A run in one line: what is said of files that have nothing to do, too, and so loads nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from slurmfix.outcome import Outcome


def summary(outcomes: Sequence[Outcome]) -> str:
    """One line on the whole run."""
    count = Counter(outcome.status for outcome in outcomes)
    said = [
        f"{count['fixable']} to change" if count["fixable"] else "",
        f"{count['fixed']} changed" if count["fixed"] else "",
        f"{count['manual']} left for a person" if count["manual"] else "",
        f"{count['error']} with errors" if count["error"] else "",
        f"{count['clean']} with nothing to do" if count["clean"] else "",
    ]
    files = "1 file" if len(outcomes) == 1 else f"{len(outcomes)} files"
    return f"{files}: " + ", ".join(part for part in said if part) + "." if outcomes else "no files."
