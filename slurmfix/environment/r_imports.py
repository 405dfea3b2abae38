"""Reads which packages R sources load."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMMENT = re.compile(r"#[^\n]*")
_LOADS = re.compile(
    r"\b(?:library|require|requireNamespace|loadNamespace)\(\s*(?:package\s*=\s*)?[\"']?([A-Za-z][\w.]*)"
    r"|(?<![\w.])([A-Za-z][\w.]*):::?[A-Za-z.]"
)
_SEVERAL = re.compile(r"\bp_load\(([^()]*)\)")


def loaded_by_r(sources: Iterable[str]) -> tuple[str, ...]:
    """The names of the R packages that some sources load or name, each once."""
    found: dict[str, None] = {}
    for source in sources:
        text = _COMMENT.sub("", source)
        found |= dict.fromkeys(first or second for first, second in _LOADS.findall(text))
        for listed in _SEVERAL.findall(text):
            found |= dict.fromkeys(re.findall(r"[A-Za-z][\w.]*", listed))
    return tuple(name for name in found if name != "character.only")
