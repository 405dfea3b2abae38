"""How often each rule found something, and each message was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from slurmfix.language import counted
from slurmfix.outcome import Outcome
from slurmfix.report.remarks import told


def statistics(outcomes: Sequence[Outcome]) -> str:
    """One line each, the most frequent first: how often, in how many files, the name, and the grade or kind."""
    times: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], set[str]] = {}
    for outcome in outcomes:
        rows = [(step.finding.rule, step.applicability) for step in outcome.steps]
        rows += [(each.id, each.kind) for each in told(outcome)]
        for row in rows:
            times[row] += 1
            where.setdefault(row, set()).add(outcome.path)
    if not times:
        return ""
    wide = max(len(str(count)) for count in times.values())
    lines = []
    for (name, grade), count in sorted(times.items(), key=lambda row: (-row[1], row[0])):
        files = len(where[name, grade])
        where_said = counted("in {count} file", "in {count} files", files)
        lines.append(f"{count:{wide}}  {name} [{grade}] {where_said}\n")
    return "".join(lines)
