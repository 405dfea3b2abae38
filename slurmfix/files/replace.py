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
the next write in that folder puts them back. Who reads the file in that moment sees the mixture: that is the price of
the hard links.

Several files. All are prepared first, so that a full disk shows before anything has changed. New files come first,
renames last; what was done is undone if a later one fails. A kill between two of them leaves the earlier ones done: a
requirements file that nobody refers to yet, never a script that refers to a file that is not there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from slurmfix.files import hidden
from slurmfix.files.read import Unreadable, reason

# Attributes that say where a file lies or what its bytes hash to, so that a copy must have its own.
_OWN = ("lustre.", "trusted.lov", "trusted.lma", "trusted.link", "trusted.som", "security.ima", "security.evm")
_NOT_ALLOWED = (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.EINVAL)
REPLACED = "its folder was replaced since it was read; nothing was written"
CHANGED = "changed since it was read; nothing was written"


class Unwritable(Unreadable):
    """A file that could not be written; it holds what it held before."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file is to hold. `before` is what was read from it; None where it must not exist yet.

    `folder` is the folder that it lay in then, as `folder_of` tells it; None where that does not matter.
    """

    path: str
    before: bytes | None
    after: bytes
    folder: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change goes: the folder's descriptor, the last step of the real path, the file itself if there is one."""

    change: Change
    folder: int
    name: str
    target: int | None


@dataclass(frozen=True, slots=True)
class _Staged:
    """A change whose bytes are on the disk. `fresh` is the new file, and `hidden` its name unless it has none yet."""

    place: Place
    fresh: int
    hidden: str = ""
    old_copy: tuple[int, str] | None = None  # the same of the old bytes, only where the target is written in place


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to happen at the end, whatever the end (`descriptors`, `done`), and only if it is a bad one (`undo`)."""

    descriptors: ExitStack
    undo: ExitStack
    done: ExitStack
    unnamed: bool


def replace(places: Sequence[Place], unnamed: bool) -> None:
    """Writes all or none of these files; `unnamed`: with temporary files that have no name where the system has them.

    Raises Unwritable, and NoLinks where only `unnamed=False` will do.
    """
    with ExitStack() as descriptors, ExitStack() as done, ExitStack() as undo:
        work = _Work(descriptors, undo, done, unnamed)
        staged = sorted((_stage(place, work) for place in places), key=_order)
        try:
            for number, one in enumerate(staged, 1):
                with speaking_of(one.place.change):
                    _commit(one, work, last=number == len(staged))
        except BaseException:
            if _stands(staged[-1]):  # interrupted when all was done
                undo.pop_all()
            raise
        undo.pop_all()


def _order(staged: _Staged) -> int:
    return 0 if staged.place.target is None else 1 if staged.old_copy is not None else 2


@contextmanager
def speaking_of(change: Change) -> Iterator[None]:
    """Turns a system call's error into one that names the file."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Unwritable(change.path, reason(error)) from None


def identity(descriptor: int) -> tuple[int, int]:
    """What tells one file from all others: its device and inode."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def close(descriptor: int) -> None:
    """Closes a descriptor, come what may."""
    with suppress(OSError):  # what close could still report, fsync has reported
        os.close(descriptor)


def _stage(place: Place, work: _Work) -> _Staged:
    """Puts the new bytes on the disk, beside the target. Raises Unwritable."""
    change = place.change
    with speaking_of(change):
        if place.target is None:
            return _Staged(place, *_store(change.after, place.folder, hidden.name(".tmp"), work, 0o666))
        _refuse_changed(place, place.target)
        status = os.fstat(place.target)
        if status.st_nlink == 1:
            fresh, name = _store(change.after, place.folder, hidden.name(".tmp"), work)
            if _dress(fresh, place.target):
                os.fsync(fresh)
                return _Staged(place, fresh, name)
            if name:
                hidden.remove(name, place.folder)
        if status.st_mode & (stat.S_ISUID | stat.S_ISGID) and os.geteuid() not in (0, status.st_uid):
            raise Unwritable(
                change.path, "would lose its set-user-ID or set-group-ID bit, which only its owner can give"
            )
        fresh, name = _store(change.after, place.folder, hidden.name(".tmp"), work)
        old_copy = _store(change.before or b"", place.folder, hidden.name(".tmp"), work)
        return _Staged(place, fresh, name, old_copy)


def _store(data: bytes, folder: int, name: str, work: _Work, mode: int = 0o600) -> tuple[int, str]:
    """A synced file with these bytes: its descriptor, and its name where the file system has no unnamed files."""
    fresh = hidden.unnamed(folder, mode) if work.unnamed else None
    unnamed = fresh is not None
    if fresh is None:
        work.undo.callback(_discard, name, folder)
        fresh = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode, dir_fd=folder)
    work.descriptors.callback(close, fresh)
    hidden.put(fresh, data)
    os.fsync(fresh)
    return fresh, "" if unnamed else name


def _discard(name: str, folder: int) -> None:
    """Removes a hidden name; where that fails, the next sweep finds it, and what matters is done or told already."""
    with suppress(OSError):
        hidden.remove(name, folder)


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


def _refuse_changed(place: Place, target: int) -> None:
    """Raises Unwritable unless the target is still the file that was opened, with the bytes that were read."""
    try:
        now = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    except FileNotFoundError:
        raise Unwritable(place.change.path, "was removed since it was read; nothing was written") from None
    if (now.st_dev, now.st_ino) != identity(target) or hidden.get(target) != place.change.before:
        raise Unwritable(place.change.path, CHANGED)


def _commit(staged: _Staged, work: _Work, last: bool) -> None:
    """Lets a change take effect. Raises Unwritable, OSError."""
    place = staged.place
    if place.target is None:
        _appear(staged, work)
    elif staged.old_copy is not None:
        _write_in_place(staged, staged.old_copy, place.target, work)
    else:
        _take_over(staged, place.target, work, last)


def _stands(staged: _Staged) -> bool:
    """Whether the new file is at its place."""
    try:
        now = os.stat(staged.place.name, dir_fd=staged.place.folder, follow_symlinks=False)
    except OSError:
        return False
    return (now.st_dev, now.st_ino) == identity(staged.fresh)


@contextmanager
def _taking_back(change: Change, work: _Work, kept: str = "") -> Iterator[None]:
    """Where a change cannot be taken back, keeps the hidden copies and names the one that a person needs."""
    try:
        yield
    except BaseException as error:
        work.done.pop_all()
        if isinstance(error, OSError):
            told = f"; what it held is in {kept} beside it" * bool(kept)
            raise Unwritable(change.path, f"half-way done, and cannot be undone: {reason(error)}{told}") from None
        raise


def _appear(staged: _Staged, work: _Work) -> None:
    """Gives a new file its name; nothing that has the name already is replaced."""
    place = staged.place
    work.undo.callback(_disappear, staged, work)
    try:
        if not staged.hidden:
            hidden.give_name(staged.fresh, place.name, place.folder)
            return
        try:
            os.link(staged.hidden, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
        except OSError as error:
            if error.errno not in (*_NOT_ALLOWED, errno.ENOSYS):
                raise
            _reserve_and_rename(staged.hidden, place)
        _discard(staged.hidden, place.folder)
    except FileExistsError:
        raise Unwritable(place.change.path, "already exists") from None


def _reserve_and_rename(name: str, place: Place) -> None:
    """The same on a file system without hard links; a kill in between leaves the new file empty."""
    os.close(os.open(place.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, dir_fd=place.folder))
    try:
        os.rename(name, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except BaseException:
        hidden.remove(place.name, place.folder)
        raise


def _disappear(staged: _Staged, work: _Work) -> None:
    """Takes a new file away again, unless someone has put another one in its place."""
    with _taking_back(staged.place.change, work):
        if _stands(staged):
            os.unlink(staged.place.name, dir_fd=staged.place.folder)


def _take_over(staged: _Staged, target: int, work: _Work, last: bool) -> None:
    """Renames the new file over the target."""
    place = staged.place
    name = staged.hidden
    if not name:
        name = hidden.name(".tmp")
        work.undo.callback(_discard, name, place.folder)
        hidden.give_name(staged.fresh, name, place.folder)
    if not last:  # a second link keeps the old file, should a later change fail
        spare = hidden.name(".undo")
        work.done.callback(_discard, spare, place.folder)
        os.link(place.name, spare, src_dir_fd=place.folder, dst_dir_fd=place.folder, follow_symlinks=False)
        work.undo.callback(_take_back, staged, spare, work)
    _refuse_changed(place, target)
    try:
        os.rename(name, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except OSError:
        if not _stands(staged):  # NFS may report an error for a rename that it did, when the answer got lost
            raise


def _take_back(staged: _Staged, spare: str, work: _Work) -> None:
    place = staged.place
    with _taking_back(place.change, work, spare):
        if _stands(staged):
            os.rename(spare, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)


def _write_in_place(staged: _Staged, old_copy: tuple[int, str], target: int, work: _Work) -> None:
    """Writes the target itself, with copies of the old and the new bytes beside it until it is done."""
    place, change = staged.place, staged.place.change
    status, before = os.fstat(target), change.before or b""
    stem, mode = hidden.name(f"-{status.st_ino}"), stat.S_IMODE(status.st_mode)
    old, new = stem + ".old", stem + ".new"
    # The old copy gets its name last: where it stands, the write may have begun.
    for name, (descriptor, present) in ((new, (staged.fresh, staged.hidden)), (old, old_copy)):
        work.done.callback(_discard, name, place.folder)
        if present:
            os.rename(present, name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
        else:
            hidden.give_name(descriptor, name, place.folder)
    os.fsync(place.folder)
    _refuse_changed(place, target)
    work.undo.callback(_put_back, change, target, mode, old, work)
    hidden.overwrite(target, before, change.after)
    _keep_mode(target, mode)


def _put_back(change: Change, target: int, mode: int, kept: str, work: _Work) -> None:
    with _taking_back(change, work, kept):
        hidden.overwrite(target, hidden.get(target), change.before or b"")
        _keep_mode(target, mode)


def _keep_mode(target: int, mode: int) -> None:
    """Gives a file back the set-user-ID and set-group-ID bits that a write takes away."""
    if stat.S_IMODE(os.fstat(target).st_mode) != mode:
        os.fchmod(target, mode)
