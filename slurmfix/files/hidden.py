"""Makes the files that exist only while something is written, and clears away what a killed run left of them.

Their names are `.slurmfix-HOST-RANDOM.KIND`, HOST being a mark of the machine that made them:

    .tmp        the new bytes, for the instant between getting a name and taking the target's place
    .undo       a second link to the old file, while several files of one script take their places
    -INODE.old  the old bytes of a file that is written in place (see replace.py), INODE being that file's number
    -INODE.new  the bytes that it is to have
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import zlib
from collections.abc import Container
from contextlib import suppress

_NAME = re.compile(r"\.slurmfix-([0-9a-f]{8})-[0-9a-f]{16}(?:\.tmp|\.undo|-(\d+)\.(?:old|new))")
_FOREIGN = 3600  # seconds after which what another machine left is nobody's any more; a lock may not reach that far
_MOST = 1 << 26  # bytes


def name(kind: str) -> str:
    """A new name that nobody can guess; `kind` is its ending."""
    return f".slurmfix-{_host()}-{os.urandom(8).hex()}{kind}"


def _host() -> str:
    return f"{zlib.crc32(os.uname().nodename.encode()):08x}"


class NoLinks(Exception):
    """A file system that makes unnamed files and then refuses to name them."""


def unnamed(folder: int, mode: int) -> int | None:
    """A descriptor for a new file without a name in a folder: should the process die, the system frees it.

    None where the file system has no such files (NFS, some FUSE) or no /proc is there to name it. Raises OSError.
    """
    try:
        descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode, dir_fd=folder)
    except OSError as error:
        if error.errno in _NOT_OFFERED:
            return None
        raise
    if os.path.exists(f"/proc/self/fd/{descriptor}"):
        return descriptor
    os.close(descriptor)
    return None


# Old kernels say EISDIR, file systems without it EOPNOTSUPP, some network ones EINVAL or ENOENT (open(2)).
_NOT_OFFERED = (errno.EISDIR, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOENT, errno.ENOSYS)
_NOT_LINKED = (errno.EPERM, errno.EACCES, errno.EXDEV, errno.ENOENT, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


def give_name(descriptor: int, new: str, folder: int) -> None:
    """Gives an unnamed file its name; never replaces. Raises FileExistsError, NoLinks, OSError."""
    try:
        os.link(f"/proc/self/fd/{descriptor}", new, dst_dir_fd=folder, follow_symlinks=True)
    except OSError as error:
        if error.errno in _NOT_LINKED:
            raise NoLinks from error
        raise


def put(descriptor: int, data: bytes, at: int = 0) -> None:
    """Writes all of `data` at an offset. Raises OSError."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written


def get(descriptor: int) -> bytes:
    """All that a file holds, whatever its offset. Raises OSError."""
    pieces: list[bytes] = []
    at = 0
    while piece := os.pread(descriptor, 1 << 18, at):
        pieces.append(piece)
        at += len(piece)
        if at > _MOST:
            break  # it grows as fast as it is read
    return b"".join(pieces)


def remove(entry: str, folder: int) -> None:
    """Removes a name if it is there. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(entry, dir_fd=folder)


def sweep(folder: int) -> None:
    """Clears a folder, whose lock is held, of what killed runs left, and ends what they began. Raises OSError.

    A file that was being written in place gets its old bytes back where it holds a mixture of old and new; where it
    holds anything else, someone has edited it since, and both copies stay.
    """
    entries = {entry: found for entry in os.listdir(folder) if (found := _NAME.fullmatch(entry))}
    for entry, found in sorted(entries.items()):
        with suppress(OSError):  # what cannot be cleared away is in nobody's way
            if found[1] == _host() or time.time() - _age(entry, folder) > _FOREIGN:
                _clear(entry, found[2], entries, folder)


def _age(entry: str, folder: int) -> float:
    return os.stat(entry, dir_fd=folder, follow_symlinks=False).st_mtime


def _clear(entry: str, inode: str | None, entries: Container[str], folder: int) -> None:
    if inode is None:
        remove(entry, folder)
    elif entry.endswith(".old"):
        partner = entry[:-4] + ".new"
        if partner not in entries or _end(entry, partner, int(inode), folder):
            remove(entry, folder)  # first: the copy of the new bytes alone means that nothing was begun
            remove(partner, folder)
    elif entry[:-4] + ".old" not in entries:
        remove(entry, folder)


def _end(old_name: str, new_name: str, inode: int, folder: int) -> bool:
    """Ends a write in place that was cut short; whether its copies are of no more use."""
    for entry in os.listdir(folder):
        status = os.stat(entry, dir_fd=folder, follow_symlinks=False)
        if status.st_ino != inode or not stat.S_ISREG(status.st_mode):
            continue
        old, new = (_bytes_of(copy, folder, status.st_uid) for copy in (old_name, new_name))
        target = os.open(entry, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            held = get(target)
            if held in (old, new):
                return True
            if not mixture(held, old, new):
                return False
            overwrite(target, held, old)
        finally:
            os.close(target)
        return True
    return False


def _bytes_of(entry: str, folder: int, owner: int) -> bytes:
    """What a copy of a file of this owner holds. Raises OSError, also where somebody else may have made it: in a folder
    that many write to, anyone can give a file such a name.
    """
    descriptor = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if status.st_uid not in (0, os.geteuid(), owner) or status.st_nlink != 1 or not stat.S_ISREG(status.st_mode):
            raise PermissionError(errno.EPERM, entry)
        return get(descriptor)
    finally:
        os.close(descriptor)


def cut_short(folder: str, inode: int, owner: int, held: bytes) -> str:
    """The name of the copy with a file's old bytes, if `held` is a mixture of old and new ones; else empty."""
    for old_name in (entry for entry in os.listdir(folder or ".") if entry.endswith(f"-{inode}.old")):
        with suppress(OSError):
            if _NAME.fullmatch(old_name):
                descriptor = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    old, new = (_bytes_of(old_name[:-4] + kind, descriptor, owner) for kind in (".old", ".new"))
                finally:
                    os.close(descriptor)
                if held not in (old, new) and mixture(held, old, new):
                    return old_name
    return ""


def mixture(held: bytes, old: bytes, new: bytes) -> bool:
    """Whether bytes are what a cut short overwriting of `old` by `new` can leave.

    Each byte is the old one, the new one, or zero: after a power cut a block may have its place but not its content.
    """
    shorter, longer = sorted((old, new), key=len)
    if not len(shorter) <= len(held) <= len(longer):
        return False
    padded = shorter.ljust(len(longer), b"\0")
    return all(byte in (0, one, other) for byte, one, other in zip(held, padded, longer, strict=False))


def overwrite(target: int, held: bytes, wanted: bytes) -> None:
    """Turns the bytes that a file holds into others, in place and on the disk; touches only those that differ.

    Growing is one write, so that for what fits into a page a kill finds the file before or after it, not within.
    """
    shorter = min(len(held), len(wanted))
    same = next((at for at in range(shorter) if held[at] != wanted[at]), shorter)
    tail = 0
    if len(held) == len(wanted):
        while tail < len(held) - same and held[-1 - tail] == wanted[-1 - tail]:
            tail += 1
    put(target, wanted[same : len(wanted) - tail], same)
    if len(wanted) < len(held):
        os.ftruncate(target, len(wanted))
    os.fsync(target)
