"""Reads the bytes of regular files, and says in one line why something else could not be read."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

MOST = 20_000_000  # bytes; the longest job script ever seen is a hundredth of it


class Unreadable(Exception):
    """A file that is of no use, and `reason` in a few words for a person.

    `path` is spelled as the user gave it and may hold any character: quote it before it goes to a terminal.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


_REASONS = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file: a part of its path is not a folder",
    errno.EACCES: "permission denied",
    errno.EPERM: "the system does not permit it",
    errno.EISDIR: "is a folder",
    errno.ELOOP: "its symbolic links go round in a circle",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "larger than the limit on file sizes (ulimit -f)",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reports an error",
    errno.ESTALE: "the file server no longer knows it",
    errno.ETXTBSY: "is being run as a program",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
}
_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a FIFO"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


def reason(error: OSError | ValueError) -> str:
    """What a system call's error means to a person who edits job scripts."""
    if not isinstance(error, OSError) or error.errno is None:
        return "its name holds a NUL character"  # the only ValueError that os raises for a str
    return _REASONS.get(error.errno) or os.strerror(error.errno).lower()


def kind(status: os.stat_result) -> str:
    """What stands in the place of a regular file ("is a FIFO"); empty for a regular file."""
    return next((words for test, words in _KINDS if test(status.st_mode)), "")


def read(path: str, most: int = MOST) -> bytes:
    """All bytes of a regular file.

    Raises Unreadable, also for anything but a regular file and for more than `most` bytes. Never waits: a FIFO or a
    device is not opened, and one that takes the file's place in that moment is opened without blocking.
    """
    try:
        if odd := kind(os.stat(path)):
            raise Unreadable(path, odd)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if odd := kind(status):
                raise Unreadable(path, odd)
            data = contents(descriptor, most) if status.st_size <= most else None
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise Unreadable(path, reason(error)) from None
    if data is None:
        raise Unreadable(path, f"larger than {most / 1e6:g} MB")
    if status.st_nlink > 1 or status.st_uid != os.geteuid():
        _refuse_cut_short(path, status, data)
    return data


def _refuse_cut_short(path: str, status: os.stat_result, data: bytes) -> None:
    """Raises Unreadable for a file that is being written in place at this moment, or was when its writer was killed."""
    from slurmfix.files.hidden import cut_short  # few files can be in that state

    with suppress(OSError):
        if copy := cut_short(os.path.dirname(os.path.realpath(path)), status.st_ino, status.st_uid, data):
            raise Unreadable(path, f"a write of it was cut short; what it held is in {copy} beside it")


def contents(descriptor: int, most: int) -> bytes | None:
    """What a descriptor still has to give; None where that is more than `most` bytes. Raises OSError."""
    pieces: list[bytes] = []
    room = most + 1
    while room and (piece := os.read(descriptor, min(room, 1 << 18))):
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces) if room else None


def names(folder: str) -> list[str]:
    """What a folder holds; nothing where it cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []
