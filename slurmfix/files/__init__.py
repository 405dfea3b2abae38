"""Finds job scripts, reads bytes, writes them safely; the only door to the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slurmfix.files.content import decode, encode, has_trace, is_job_script, language
from slurmfix.files.find import Found, find
from slurmfix.files.near import (
    PrefixFiles,
    environment_files,
    exists,
    folders_up,
    forget,
    inside,
    known_prefixes,
    prefix,
    python_sources,
    repository_root,
)
from slurmfix.files.read import MOST, Unreadable, read, reason

if TYPE_CHECKING:
    from slurmfix.files.replace import Change, Unwritable
    from slurmfix.files.write import sweep, write_all

__all__ = (
    "MOST",
    "Change",
    "Found",
    "PrefixFiles",
    "Unreadable",
    "Unwritable",
    "decode",
    "encode",
    "environment_files",
    "exists",
    "find",
    "folders_up",
    "forget",
    "has_trace",
    "inside",
    "is_job_script",
    "known_prefixes",
    "language",
    "prefix",
    "python_sources",
    "read",
    "reason",
    "repository_root",
    "sweep",
    "write_all",
)

_WRITING = {"Change": "replace", "Unwritable": "replace", "sweep": "write", "write_all": "write"}


def __getattr__(name: str) -> Any:
    """Loads the rooms that write when they are first asked for: most runs only read."""
    if name not in _WRITING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"slurmfix.files.{_WRITING[name]}"), name)
