"""What `slurmfix --version` says: the version, and how old the tables of knowledge are; and when they are too old."""

from __future__ import annotations

import os
from datetime import date, timedelta

from slurmfix import __version__, knowledge

_CHANGE_WITH_THE_CLUSTER = ("wheel_versions", "module_builds")
_TOO_OLD = timedelta(days=200)


def version() -> str:
    """The version, then each date with the tables that are of it."""
    tables: dict[str, list[str]] = {}
    for name in knowledge.known_tables():
        tables.setdefault(knowledge.date(name), []).append(name)
    lines = [f"tables of {day}: {', '.join(tables[day])}" for day in sorted(tables, reverse=True) if day]
    return "\n".join([f"slurmfix, version {__version__}", *lines])


def old_tables() -> str:
    """What is to be said of tables of wheels and modules that are over 200 days old; "" where they are not.

    SOURCE_DATE_EPOCH (seconds since 1970), where it is set, stands for now.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    today = date.fromtimestamp(int(given)) if given.isdecimal() else date.today()
    days = [day for table in _CHANGE_WITH_THE_CLUSTER if (day := _day(knowledge.date(table)))]
    if not days or today - min(days) <= _TOO_OLD:
        return ""
    return (
        f"tables of {min(days)}: the cluster may have newer wheels and modules by now; "
        "update slurmfix, or make the tables anew (docs/tables.md)."
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
