"""Keeps and drops files that are slurmfix's own: what it remembers, and what it made and takes back."""

from __future__ import annotations

import os
from contextlib import suppress

from slurmfix.files.near import forget


def keep(path: str, data: bytes) -> None:
    """A file for the user alone, whole or not at all, in a folder that is made where it is missing. Raises OSError."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    beside = f"{path}.{os.getpid()}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        raise


def drop(path: str) -> None:
    """Raises OSError."""
    os.unlink(path)
    forget()
