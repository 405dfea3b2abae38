"""The lists of wheels and modules in pages of the wiki, as their source text (MediaWiki tables)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tablemaker.wheels import Listed

_WHEEL = re.compile(r"^\|\s*(?P<names>[^|\n]+?)\s*\|\|\s*(?P<versions>[^|\n]*)$", re.MULTILINE)
_LINK = re.compile(r"^\[\S+\s+(?P<name>[^\]]+)\]$")
_CELL = re.compile(r"^\|\s*align=\"center\"\s*\|(?P<text>.*)$", re.MULTILINE)


def pages_of_wheels(text: str) -> list[str]:
    """The Pythons whose pages the page of available wheels shows, as it shows them."""
    return re.findall(r"\{\{:Wheels(\d+\.\d+)\}\}", text)


def wheels(python: str, text: str) -> Iterator[Listed]:
    """The lines of the page of one Python: a name or its spellings, and the versions, apart by commas."""
    for row in _WHEEL.finditer(text):
        for name in row["names"].split(","):
            yield Listed(name.strip(), python, tuple(row["versions"].replace(",", " ").split()))


def modules(texts: Iterable[str], tree: str) -> Iterator[tuple[str, str, str]]:
    """The rows of a page of modules: name, CPU tree, versions apart by blanks."""
    for text in texts:
        for row in text.split("\n|-\n"):
            cells = [cell["text"].strip() for cell in _CELL.finditer(row)]
            if len(cells) >= 3:
                link = _LINK.match(cells[0])
                yield (link["name"] if link else cells[0]).strip(), tree, cells[2].replace(",", " ")
