"""Finds the job scripts among files and folders that the user names."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple

from slurmfix.files import ignore
from slurmfix.files.content import holds_job_script, named_as_job_script, never_a_job_script
from slurmfix.files.read import MOST, Unreadable, contents, kind, reason
from slurmfix.files.repository import inside, repository_root

_SKIPPED = frozenset({".git", ".hg", ".svn", ".bzr", "node_modules", "__pycache__", ".snakemake"})
_INSTALLED = ("conda-meta", "pyvenv.cfg")  # a folder with one of these is a conda environment, a virtualenv
_HEAD = 1 << 16  # bytes; enough for nearly every script, so one read does
_KEPT_BYTES = 1 << 20  # bytes handed on with a Found, so that nobody needs to read the file again


class Found(NamedTuple):
    """A file to look at, or the reason why a place could not be looked at.

    `path` is joined to the argument as it was given, without a leading `./`: `scripts/` gives `scripts/a.sh`, `.` gives
    `a.sh`, an absolute argument absolute paths. `named` means that the user named this very file. `data` is what was
    read to recognise a script in a folder; None for a named file, which nobody has read yet. `folder` is what folder_of
    says, where somebody asked in time.
    """

    path: str
    named: bool = False
    error: Unreadable | None = None
    data: bytes | None = None
    folder: tuple[int, int] | None = None


def find(paths: Iterable[str], exclude: tuple[str, ...] = ()) -> Iterator[Found]:
    """The files that the user named, and all job scripts in the folders that the user named, in a stable order.

    `exclude` holds patterns in the syntax of .gitignore, seen from the working folder and from the folder that is
    walked; they and .gitignore have no say over a file that is named. Links to folders are not followed, nor are links
    that lead out of the folder, or out of its repository where it has one: who made them may not be who named the
    folder. Links to files come after the files, and each real file comes once, under whatever name is met first. A
    folder that cannot be listed, and an argument without any job script, give a row with an error.
    """
    seen: set[tuple[int, int]] = set()
    excluded = ignore.patterns(exclude).match_file if exclude else None
    for given in paths:
        path = tidy(given)
        try:
            status = os.stat(given)
        except (OSError, ValueError) as error:
            yield _refused(path or given, reason(error))
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _in_folder(path, excluded, seen)
        elif odd := kind(status):
            yield _refused(path, odd)
        elif _first_time(status, seen):
            yield Found(path, named=True)


def tidy(path: str) -> str:
    """A path without `.` steps, doubled and trailing slashes; the working folder is the empty string.

    `..` stays: what it means depends on symbolic links.
    """
    steps = "/".join(step for step in path.split("/") if step not in ("", "."))
    return "/" + steps if path.startswith("/") else steps


def _refused(path: str, why: str, named: bool = True) -> Found:
    return Found(path, named, Unreadable(path, why))


def _first_time(status: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _in_folder(top: str, excluded: Callable[[str], bool] | None, seen: set[tuple[int, int]]) -> Iterator[Found]:
    """The job scripts in a named folder, or the row that says there are none."""
    links: list[str] = []
    met = False
    for path in _walk(top, excluded, links):
        row = path if isinstance(path, Found) else _row(path, seen)
        met = met or row is not None
        if row and (row.error or row.path):
            yield row
    bound = repository_root(top) or top
    for path in links:
        row = _row(path, seen) if inside(path, bound) else None
        met = met or row is not None
        if row and row.path:
            yield row
    if not met:
        yield _refused(top or ".", "no job script in this folder")


def _walk(top: str, excluded: Callable[[str], bool] | None, links: list[str]) -> Iterator[str | Found]:
    """Paths of regular files below a folder, sorted, and rows for what cannot be listed; links are left in `links`.

    Without recursion: a path of 4,096 bytes can be 2,048 folders deep.
    """
    absolute = os.path.realpath(top or ".")
    above = ignore.reaching(absolute, repository_root(absolute))
    entered: set[tuple[int, int]] = set()
    levels = [iter([(top, absolute, True)])]
    rules: list[ignore.Ignored | None] = [above]
    while levels:
        step = next(levels[-1], None)
        if step is None:
            levels.pop()
            rules.pop()
            continue
        path, here, is_folder = step
        if not is_folder:
            yield path
            continue
        try:
            if not _first_time(os.stat(path or "."), entered):
                continue  # a folder that is mounted into itself
            with os.scandir(path or ".") as listing:
                entries = sorted(listing, key=attrgetter("name"))
        except OSError as error:
            yield _refused(path or ".", reason(error), named=False)
            continue
        names = {entry.name for entry in entries}
        if path != top and not names.isdisjoint(_INSTALLED):
            continue
        holds = ignore.below(here, rules[-1], names)
        kept = _kept(top, path, here, holds, excluded)
        levels.append(iter(list(_wanted(path, here, entries, kept, links))))
        rules.append(holds)


def _kept(
    top: str, folder: str, absolute: str, rules: ignore.Ignored, excluded: Callable[[str], bool] | None
) -> Callable[[str, bool], bool] | None:
    """Whether a name in a folder is to be looked at; None where nothing is said against any."""
    if excluded is None and not rules.says_anything:
        return None

    def kept(name: str, is_folder: bool) -> bool:
        if rules.matches(os.path.join(absolute, name), is_folder):
            return False
        path, slash = os.path.join(folder, name), "/" * is_folder
        return excluded is None or not (
            excluded(path[len(top) :].lstrip("/") + slash) or excluded(os.path.relpath(path) + slash)
        )

    return kept


def _wanted(
    folder: str,
    absolute: str,
    entries: list[os.DirEntry[str]],
    kept: Callable[[str, bool], bool] | None,
    links: list[str],
) -> Iterator[tuple[str, str, bool]]:
    """Path, absolute path and whether it is a folder, of each entry that is to be looked at."""
    start = os.path.join(folder, "")
    for entry in entries:
        name, what = entry.name, _kind(entry)
        if not what or (_nobodys(name) if what == "folder" else never_a_job_script(name)):
            continue
        is_folder = what == "folder"
        if kept is not None and not kept(name, is_folder):
            continue
        if what == "link":
            links.append(start + name)
        else:
            yield start + name, os.path.join(absolute, name) if is_folder else "", is_folder


def _nobodys(name: str) -> bool:
    return name in _SKIPPED or name.startswith(".nextflow")


def _kind(entry: os.DirEntry[str]) -> str:
    """ "folder", "file", "link" to a file; empty for links to folders, FIFOs, sockets, devices, what has vanished."""
    try:
        if entry.is_file(follow_symlinks=False):
            return "file"
        if entry.is_symlink():
            return "link" if entry.is_file() else ""
        return "folder" if entry.is_dir(follow_symlinks=False) else ""
    except OSError:
        return ""


def _row(path: str, seen: set[tuple[int, int]]) -> Found | None:
    """The row of a file met in a folder: None where it is no job script, without a path where it came before.

    A file that is large or binary is told by its first bytes. One that cannot be read is reported if its name is that
    of a job script; what else lies in a folder is nobody's concern.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) in seen:
                return Found("")
            data = _text(descriptor, status)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None  # it vanished since the folder was listed
    except OSError as error:
        return _refused(path, reason(error), named=False) if named_as_job_script(path) else None
    if data is None or not holds_job_script(path, data):
        return None
    _first_time(status, seen)
    return Found(path, data=data if len(data) <= _KEPT_BYTES else None)


def _text(descriptor: int, status: os.stat_result) -> bytes | None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > MOST:
        return None
    head = os.read(descriptor, _HEAD)
    if b"\0" in head and b"\n#SBATCH" not in head:  # a job script with NUL bytes is an error to be named
        return None
    return head if len(head) < _HEAD else head + (contents(descriptor, MOST) or b"")
