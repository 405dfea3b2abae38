"""Finds job scripts, reads bytes, writes them safely; the only door to the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slurmfix.files.content import (
    ENDINGS,
    decode,
    decode_list,
    encode,
    has_trace,
    is_job_script,
    language,
    named_as_job_script,
)
from slurmfix.files.find import Found, find, tidy
from slurmfix.files.read import MOST, Unreadable, names, read, reason
from slurmfix.files.repository import file_in, folder_of, folders_up, inside, leads_astray, repository_root, worked_on

if TYPE_CHECKING:
    from slurmfix.files.beside import text_beside
    from slurmfix.files.kept import drop, keep
    from slurmfix.files.near import (
        PrefixFiles,
        description,
        environment_files,
        exists,
        forget,
        known_prefixes,
        prefix,
        python_sources,
        shown,
    )
    from slurmfix.files.replace import Change, Unwritable
    from slurmfix.files.tree import project_files
    from slurmfix.files.write import sweep, write_all

__all__ = (
    "ENDINGS",
    "MOST",
    "Change",
    "Found",
    "PrefixFiles",
    "Unreadable",
    "Unwritable",
    "decode",
    "decode_list",
    "description",
    "drop",
    "encode",
    "environment_files",
    "exists",
    "file_in",
    "find",
    "folder_of",
    "folders_up",
    "forget",
    "has_trace",
    "inside",
    "is_job_script",
    "keep",
    "known_prefixes",
    "language",
    "leads_astray",
    "named_as_job_script",
    "names",
    "prefix",
    "project_files",
    "python_sources",
    "read",
    "reason",
    "repository_root",
    "shown",
    "sweep",
    "text_beside",
    "tidy",
    "worked_on",
    "write_all",
)

_LATER = {
    "Change": "replace",
    "Unwritable": "replace",
    "drop": "kept",
    "keep": "kept",
    "project_files": "tree",
    "sweep": "write",
    "text_beside": "beside",
    "write_all": "write",
} | dict.fromkeys(
    (
        "PrefixFiles",
        "description",
        "environment_files",
        "exists",
        "forget",
        "known_prefixes",
        "prefix",
        "python_sources",
        "shown",
    ),
    "near",
)


def __getattr__(name: str) -> Any:
    """Loads what writes, and what looks around a script, when it is first asked for: most files need neither."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"slurmfix.files.{_LATER[name]}"), name)
    return found
