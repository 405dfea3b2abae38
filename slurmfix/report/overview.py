"""A run over many files on one screen: the environments, then what is left for a person, each message once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from slurmfix.language import counted, tr
from slurmfix.outcome import Outcome
from slurmfix.report.remarks import UNNAMED
from slurmfix.report.text import Row, remarks, visible

if TYPE_CHECKING:
    from slurmfix.plan import Served

_SHORT = 20  # rows that a person still reads one by one
_MOST = {"left": 14, "look": 12, "error": 5, "note": 3}  # messages shown of each kind
_MOST_ENVIRONMENTS = 12
_TITLES = {
    "error": "Could not be handled",
    "left": "Left for a person",
    "look": "To look at once",
    "note": "Good to know",
}
_SAID_OF = "{where}: {said}"
_VARIES = re.compile(r"`[^`]*`|'[^']*'|\d+")


def is_long(rows: Sequence[Row]) -> bool:
    """Whether rows are better told together than one by one."""
    return len(rows) > _SHORT


def overview(outcomes: Sequence[Outcome]) -> str:
    lines = list(_environments(outcomes))
    rows = [row for outcome in outcomes for row in remarks(outcome)]
    for kind in ("error", "left", "look", "note"):
        lines += _messages(kind, [row for row in rows if row.kind == kind])
    lines.append(tr("Each line by itself: slurmfix -o text; all of it on one page: slurmfix -o html"))
    return "".join(f"{line}\n" for line in lines)


def way_of(served: Served) -> str:
    """What becomes of an environment, in one word: installs, prepared, empty, modules or image."""
    recipe = served.recipe
    if served.image is not None:
        return "image"
    if not recipe.has_list:
        return "modules"
    if recipe.prepared:
        return "prepared"
    return "installs" if recipe.requirements else "empty"


def _environments(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Each environment once: its name, where its packages are known from, what becomes of it, who uses it."""
    used: dict[tuple[str, str, str], int] = {}
    for outcome in outcomes:
        for served in outcome.environments:
            row = (
                visible(served.named.name),
                visible(tr(served.recipe.environment.origin)) or tr("unknown"),
                tr(way_of(served)),
            )
            used[row] = used.get(row, 0) + 1
    if not used:
        return
    listed = sorted(used.items(), key=lambda entry: (-entry[1], entry[0]))
    yield tr("Environments: {count}").format(count=len(used))
    wide = [min(max(len(row[at]) for row, _ in listed[:_MOST_ENVIRONMENTS]), 40) for at in range(3)]
    for row, count in listed[:_MOST_ENVIRONMENTS]:
        cells = "  ".join(f"{_cut(cell):{width}}" for cell, width in zip(row, wide, strict=True))
        yield f"  {cells}  " + counted("{count} script", "{count} scripts", count)
    if len(listed) > _MOST_ENVIRONMENTS:
        yield "  " + tr("… and {count} more").format(count=len(listed) - _MOST_ENVIRONMENTS)


def _cut(text: str, room: int = 40) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _messages(kind: str, rows: list[Row]) -> Iterator[str]:
    """The same message once, whole, with the places where it is said: what to do stands at its end."""
    if not rows:
        return
    groups: dict[str, list[Row]] = {}
    for row in rows:
        named = "" if row.id in UNNAMED.values() else row.id
        groups.setdefault(named or _VARIES.sub("…", row.text), []).append(row)
    places = len({row.path for row in rows})
    said = counted("{count} message", "{count} messages", len(groups))
    where = counted("in {count} file", "in {count} files", places)
    yield tr("{title}: {said} {where}").format(title=tr(_TITLES[kind]), said=said, where=where)
    listed = sorted(groups.values(), key=lambda group: -len({row.path for row in group}))
    for group in listed[: _MOST[kind]]:
        paths = len({row.path for row in group})
        more = f" {counted('and {count} other file', 'and {count} other files', paths - 1)}" if paths > 1 else ""
        yield f"  {tr(_SAID_OF).format(where=f'{group[0].where}{more}', said=group[0].text)}"
    if len(listed) > _MOST[kind]:
        yield "  " + tr("… and {count} more").format(count=len(listed) - _MOST[kind])
