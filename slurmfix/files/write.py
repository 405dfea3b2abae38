"""Opens and locks what is to be written, refuses what must not be, and writes all files of one script or none."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from slurmfix.files import hidden
from slurmfix.files.near import forget
from slurmfix.files.read import kind
from slurmfix.files.replace import REPLACED, Change, Place, Unwritable, close, identity, replace, speaking_of

PATIENCE = 10.0  # seconds to wait for another process that writes in the same folder
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def write_all(changes: Sequence[Change]) -> None:
    """Writes all of these files or none.

    Raises Unwritable, with the path of the file that stands in the way: it is read-only, it changed since it was read,
    it exists although it should not, the disk is full, …; all files then hold what they held before. Symbolic links
    stay, and what they point to is written. Signals that would end the process wait until the files are whole.
    """
    if not changes:
        return
    with speaking_of(changes[0]), ExitStack() as held:
        places = [_open(change, held) for change in changes]
        _refuse_twice(places)
        _lock(places, held)
        with _undisturbed():
            for folder in {identity(place.folder): place.folder for place in places}.values():
                hidden.sweep(folder)
            try:
                replace(places, unnamed=True)
            except hidden.NoLinks:
                replace(places, unnamed=False)
            for place in places:  # a power cut before this finds the old file or the new one: no reason to fail
                with suppress(OSError):
                    os.fsync(place.folder)
    forget()


def sweep(folder: str) -> None:
    """Clears a folder of what killed runs left, and gives a file whose writing was cut short its old bytes back.

    `write_all` does this itself; who is going to read first and write then does it before reading. Never fails.
    """
    with suppress(OSError, ValueError), ExitStack() as held:
        descriptor = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        held.callback(close, descriptor)
        if _locked(descriptor):
            with _undisturbed():
                hidden.sweep(descriptor)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets signals that end a process wait: Python would otherwise die of SIGTERM without any clearing up."""
    import signal  # 4 ms, and only who writes needs it

    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU, signal.SIGUSR1)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open(change: Change, held: ExitStack) -> Place:
    """Opens the folder and the file of a change; refuses what cannot be written. Raises Unwritable."""
    path = change.path if change.before is not None else ""
    with speaking_of(change):
        real = os.path.realpath(path, strict=True) if path else _real_folder(change.path)
        folder = os.open(os.path.dirname(real), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        held.callback(close, folder)
        if change.folder not in (None, identity(folder)):
            raise Unwritable(change.path, REPLACED)
        name = os.path.basename(real)
        if not path:
            _refuse_existing(change, name, folder)
            return Place(change, folder, name, None)
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if odd := kind(status):
            raise Unwritable(change.path, odd)
        if not status.st_mode & 0o222:  # root could write it all the same, and a rename asks no permission of it
            raise Unwritable(change.path, "is read-only")
        target = os.open(name, _OPEN, dir_fd=folder)
        held.callback(close, target)
        return Place(change, folder, name, target)


def _real_folder(path: str) -> str:
    folder, name = os.path.split(path)
    if not name:
        raise IsADirectoryError(errno.EISDIR, path)
    return os.path.join(os.path.realpath(folder or ".", strict=True), name)


def _refuse_existing(change: Change, name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise Unwritable(change.path, "already exists")


def _refuse_twice(places: Sequence[Place]) -> None:
    seen: set[tuple[tuple[int, int], str]] = set()
    for place in places:
        what = (identity(place.folder), place.name) if place.target is None else (identity(place.target), "")
        if what in seen:
            raise Unwritable(place.change.path, "is to be written twice")
        seen.add(what)


def _lock(places: Sequence[Place], held: ExitStack) -> None:
    """Locks the folders and then the files, always in the same order, against other slurmfix processes.

    Folders, so that none clears away what another still needs; files, since hard links reach into several folders.
    The locks end when the descriptors are closed. A file system without them goes without.
    """
    wanted = {(0, *identity(place.folder)): (place.folder, place) for place in places}
    wanted |= {(1, *identity(place.target)): (place.target, place) for place in places if place.target is not None}
    end = time.monotonic() + PATIENCE
    for _, (descriptor, place) in sorted(wanted.items()):
        while not _locked(descriptor):
            if time.monotonic() > end:
                raise Unwritable(place.change.path, "another process holds its lock")
            time.sleep(0.01)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _NO_LOCKS
    return True
