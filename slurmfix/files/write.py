"""Writes files such that each is either the old one or the new one, and loses neither bytes nor metadata.

How a file is replaced. The new bytes go to a file without a name (O_TMPFILE) beside the target, which gets the target's
owner, mode, ACL and extended attributes, and is synced to the disk. Then it gets a hidden name and is at once renamed
over the target, since Linux can rename over a name but not link over one. Only a kill between these two system calls
leaves the hidden name behind; the next write in that folder removes it. Where the file system has no unnamed files, the
hidden name exists from the start. A new file needs no hidden name: it is linked to its final name, which fails if that
name exists.

How a file is replaced that has several hard links, or whose owner or attributes this user cannot give to another file:
a rename would break the links, so the file itself is written. No system call does that at once. First the old and the
new bytes are stored beside it, under hidden names and on the disk; then the bytes that differ are written, and the
copies removed. An error puts the old bytes back. Killed in between, the file holds the old bytes, the new ones, or, if
the write spans pages or shortens the file, a mixture; then the copy `.slurmfix-…-INODE.old` holds the old bytes, and
the next write in that folder puts them back. Who reads the file in that moment sees the mixture: that is the price of the
hard links.

Several files. All are prepared first, so that a full disk shows before anything has changed. New files come first,
renames last; what was done is undone if a later one fails. A kill between two of them leaves the earlier ones done: a
requirements file that nobody refers to yet, never a script that refers to a file that is not there.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from slurmfix.files import hidden
from slurmfix.files.near import forget
from slurmfix.files.read import Unreadable, kind, reason

PATIENCE = 10.0  # seconds to wait for another process that writes in the same folder
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
# Attributes that say where a file lies or what its bytes hash to, so that a copy must have its own.
_OWN = ("lustre.", "trusted.lov", "trusted.lma", "trusted.link", "trusted.som", "security.ima", "security.evm")
_NOT_ALLOWED = (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.EINVAL)
_NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_CHANGED = "changed since it was read; nothing was written"


class Unwritable(Unreadable):
    """A file that could not be written; it holds what it held before."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file is to hold. `before` is what was read from it; None where it must not exist yet."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a change goes: the folder's descriptor, the last step of the real path, the file itself if there is one."""

    change: Change
    folder: int
    name: str
    target: int | None


@dataclass(frozen=True, slots=True)
class _Staged:
    """A change whose bytes are on the disk. `fresh` is the new file, and `hidden` its name unless it has none yet."""

    place: _Place
    fresh: int
    hidden: str = ""
    old_copy: int | None = None  # only where the target is written in place


def write_all(changes: Sequence[Change]) -> None:
    """Writes all of these files or none.

    Raises Unwritable, with the path of the file that stands in the way: it is read-only, it changed since it was read,
    it exists although it should not, the disk is full, …; all files then hold what they held before. Symbolic links
    stay, and what they point to is written. Signals that would end the process wait until the files are whole.
    """
    with ExitStack() as held:
        places = [_open(change, held) for change in changes]
        _refuse_twice(places)
        _lock(places, held)
        with _undisturbed():
            for folder, change in {_identity(place.folder): (place.folder, place.change) for place in places}.values():
                with _speaking_of(change):
                    hidden.sweep(folder)
            _write(places)
            for place in places:  # a power cut before this finds the old file or the new one: no reason to fail
                with suppress(OSError):
                    os.fsync(place.folder)
    forget()


def _write(places: Sequence[_Place]) -> None:
    with ExitStack() as descriptors, ExitStack() as done, ExitStack() as undo:
        staged = sorted((_stage(place, descriptors, undo) for place in places), key=_order)
        for number, one in enumerate(staged, 1):
            with _speaking_of(one.place.change):
                _commit(one, undo, done, last=number == len(staged))
        undo.pop_all()


def _order(staged: _Staged) -> int:
    return 0 if staged.place.target is None else 1 if staged.old_copy is not None else 2


@contextmanager
def _speaking_of(change: Change) -> Iterator[None]:
    """Turns a system call's error into one that names the file."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Unwritable(change.path, reason(error)) from None


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


def _open(change: Change, held: ExitStack) -> _Place:
    """Opens the folder and the file of a change; refuses what cannot be written. Raises Unwritable."""
    path = change.path if change.before is not None else ""
    with _speaking_of(change):
        real = os.path.realpath(path, strict=True) if path else _real_folder(change.path)
        folder = os.open(os.path.dirname(real), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        held.callback(os.close, folder)
        name = os.path.basename(real)
        if not path:
            _refuse_existing(change, name, folder)
            return _Place(change, folder, name, None)
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if odd := kind(status):
            raise Unwritable(change.path, odd)
        if not status.st_mode & 0o222:  # root could write it all the same, and a rename asks no permission of it
            raise Unwritable(change.path, "is read-only")
        target = os.open(name, _OPEN, dir_fd=folder)
        held.callback(os.close, target)
        return _Place(change, folder, name, target)


def _real_folder(path: str) -> str:
    folder, name = os.path.split(path)
    if not name:
        raise IsADirectoryError(errno.EISDIR, path)
    return os.path.join(os.path.realpath(folder or ".", strict=True), name)


def _refuse_existing(change: Change, name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise Unwritable(change.path, "already exists")


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _refuse_twice(places: Sequence[_Place]) -> None:
    seen: set[tuple[tuple[int, int], str]] = set()
    for place in places:
        what = (_identity(place.folder), place.name) if place.target is None else (_identity(place.target), "")
        if what in seen:
            raise Unwritable(place.change.path, "is to be written twice")
        seen.add(what)


def _lock(places: Sequence[_Place], held: ExitStack) -> None:
    """Locks the folders and then the files, always in the same order, against other slurmfix processes.

    Folders, so that none clears away what another still needs; files, since hard links reach into several folders.
    The locks end when the descriptors are closed. A file system without them goes without.
    """
    wanted = {(0, *_identity(place.folder)): (place.folder, place) for place in places}
    wanted |= {(1, *_identity(place.target)): (place.target, place) for place in places if place.target is not None}
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


def _stage(place: _Place, descriptors: ExitStack, undo: ExitStack) -> _Staged:
    """Puts the new bytes on the disk, beside the target. Raises Unwritable."""
    change = place.change
    with _speaking_of(change):
        if place.target is None:
            return _Staged(place, *_store(change.after, place.folder, ".tmp", descriptors, undo))
        _refuse_changed(place, place.target)
        status = os.fstat(place.target)
        if status.st_nlink == 1:
            fresh, name = _store(change.after, place.folder, ".tmp", descriptors, undo)
            if _dress(fresh, place.target):
                os.fsync(fresh)
                return _Staged(place, fresh, name)
            if name:
                hidden.remove(name, place.folder)
        stem = hidden.name(f"-{status.st_ino}")
        fresh, _ = _store(change.after, place.folder, stem + ".new", descriptors, undo)
        old, _ = _store(change.before or b"", place.folder, stem + ".old", descriptors, undo)
        return _Staged(place, fresh, stem, old)


def _store(data: bytes, folder: int, kind: str, descriptors: ExitStack, undo: ExitStack) -> tuple[int, str]:
    """A synced file with these bytes: its descriptor, and its name if it must have one. `kind`: name or ending."""
    name = kind if kind.startswith(".slurmfix") else hidden.name(kind)
    fresh = hidden.unnamed(folder)
    unnamed = fresh is not None
    if fresh is None:
        undo.callback(hidden.remove, name, folder)
        fresh = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
    descriptors.callback(os.close, fresh)
    hidden.put(fresh, data)
    os.fsync(fresh)
    return fresh, "" if unnamed else name


def _dress(fresh: int, target: int) -> bool:
    """Gives a new file the owner, mode, ACL and attributes of another; whether that could be done in full."""
    old, new = os.fstat(target), os.fstat(fresh)
    try:
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.fchown(fresh, old.st_uid, old.st_gid)
        wanted, present = _attributes(target), _attributes(fresh)
        for name in present.keys() - wanted.keys():
            os.removexattr(fresh, name)
        for name in wanted:
            if present.get(name) != wanted[name]:
                os.setxattr(fresh, name, wanted[name])
        os.fchmod(fresh, stat.S_IMODE(old.st_mode))  # last: a change of owner takes setuid and setgid away
    except OSError as error:
        if error.errno in _NOT_ALLOWED:
            return False
        raise
    new = os.fstat(fresh)
    same = (old.st_uid, old.st_gid, old.st_mode) == (new.st_uid, new.st_gid, new.st_mode)
    return same and _attributes(fresh) == wanted


def _attributes(descriptor: int) -> dict[str, bytes]:
    """The extended attributes, POSIX ACLs among them (system.posix_acl_access)."""
    try:
        names = [name for name in os.listxattr(descriptor) if not name.startswith(_OWN)]
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return {}
        raise
    return {name: os.getxattr(descriptor, name) for name in names}


def _refuse_changed(place: _Place, target: int) -> None:
    """Raises Unwritable unless the target is still the file that was opened, with the bytes that were read."""
    try:
        now = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    except FileNotFoundError:
        raise Unwritable(place.change.path, "was removed since it was read; nothing was written") from None
    if (now.st_dev, now.st_ino) != _identity(target) or hidden.get(target) != place.change.before:
        raise Unwritable(place.change.path, _CHANGED)


def _commit(staged: _Staged, undo: ExitStack, done: ExitStack, last: bool) -> None:
    """Lets a change take effect; `undo` takes it back, `done` clears away what only `undo` needed."""
    place = staged.place
    if place.target is None:
        _appear(staged, undo)
    elif staged.old_copy is not None:
        _write_in_place(staged, staged.old_copy, place.target, undo, done)
    else:
        _take_over(staged, place.target, undo, done, last)


def _appear(staged: _Staged, undo: ExitStack) -> None:
    place = staged.place
    undo.callback(_disappear, staged)
    try:
        if staged.hidden:
            os.link(staged.hidden, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
            hidden.remove(staged.hidden, place.folder)
        else:
            hidden.give_name(staged.fresh, place.name, place.folder)
    except FileExistsError:
        raise Unwritable(place.change.path, "already exists") from None


def _disappear(staged: _Staged) -> None:
    """Takes a new file away again, unless someone has put another one in its place."""
    place = staged.place
    with suppress(FileNotFoundError):
        now = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
        if (now.st_dev, now.st_ino) == _identity(staged.fresh):
            os.unlink(place.name, dir_fd=place.folder)


def _take_over(staged: _Staged, target: int, undo: ExitStack, done: ExitStack, last: bool) -> None:
    place = staged.place
    name = staged.hidden
    if not name:
        name = hidden.name(".tmp")
        undo.callback(hidden.remove, name, place.folder)
        hidden.give_name(staged.fresh, name, place.folder)
    if not last:  # a second link keeps the old file, should a later change fail
        spare = hidden.name(".undo")
        done.callback(hidden.remove, spare, place.folder)
        os.link(place.name, spare, src_dir_fd=place.folder, dst_dir_fd=place.folder, follow_symlinks=False)
        undo.callback(_take_back, staged, spare)
    _refuse_changed(place, target)
    os.rename(name, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)


def _take_back(staged: _Staged, spare: str) -> None:
    place = staged.place
    now = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    if (now.st_dev, now.st_ino) == _identity(staged.fresh):
        os.rename(spare, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)


def _write_in_place(staged: _Staged, old_copy: int, target: int, undo: ExitStack, done: ExitStack) -> None:
    place, change = staged.place, staged.place.change
    old, new = staged.hidden + ".old", staged.hidden + ".new"
    before = change.before or b""
    for name, descriptor in ((new, staged.fresh), (old, old_copy)):  # the old copy last: with it the write has begun
        done.callback(hidden.remove, name, place.folder)
        with suppress(FileExistsError):  # it has its name already where there are no unnamed files
            hidden.give_name(descriptor, name, place.folder)
    os.fsync(place.folder)
    mode = stat.S_IMODE(os.fstat(target).st_mode)
    _refuse_changed(place, target)
    undo.callback(_put_back, target, before, mode)
    hidden.overwrite(target, before, change.after)
    os.fchmod(target, mode)  # a write takes setuid and setgid away


def _put_back(target: int, before: bytes, mode: int) -> None:
    hidden.overwrite(target, hidden.get(target), before)
    os.fchmod(target, mode)
