"""Reads the Python of a Jupyter notebook's cells."""

from __future__ import annotations

import json
import re

_MAGIC = re.compile(r"^[ \t]*[%!?].*|^.*\?[ \t]*$", re.M)


def notebook_source(text: str) -> str:
    """The code of a notebook's cells, without its magics; "" where it is no notebook, or of another language."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(read, dict) or _language(read) not in ("", "python"):
        return ""
    cells = read.get("cells")
    listed = cells if isinstance(cells, list) else []
    code = [cell for cell in listed if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return "\n".join(_MAGIC.sub("", _source(cell)) for cell in code)


def _source(cell: dict[str, object]) -> str:
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return "" if text.startswith("%%") and not text.startswith(("%%time", "%%capture")) else text


def _language(read: dict[str, object]) -> str:
    metadata = read.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return str(kernel.get("language", "")) if isinstance(kernel, dict) else ""
