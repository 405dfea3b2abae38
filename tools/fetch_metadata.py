"""Asks PyPI what each wheel of the wheelhouse requires, for tools/make_tables.py --metadata.

    python tools/fetch_metadata.py metadata.jsonl

One line a name: `{"name": "numba", "versions": {"0.58.1": ["numpy <1.27,>=1.22", …], …}}`, the lines of Requires-Dist
of the wheel on PyPI of each version that slurmfix/knowledge/wheel_versions.tsv has, where there is one. A name that the
file has already is not asked for again, so that a run which was interrupted goes on. About 17,000 requests: an hour or
two.
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Set
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

sys.path.insert(0, str(Path(__file__).parent))

from tablemaker.text import read
from tablemaker.wheels import by_python

KNOWLEDGE = Path(__file__).resolve().parent.parent / "slurmfix" / "knowledge"
INDEX = "https://pypi.org/simple"
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
AT_ONCE, TRIES = 8, 6
TAIL = 100_000  # bytes at a wheel's end, which hold its list of files and most often its metadata
_REQUIRES = re.compile(r"^Requires-Dist:\s*(.*)$", re.MULTILINE)


def versions_of_wheels(table: Path) -> dict[str, set[str]]:
    """The versions of each name, whatever the Python; without those that have a dummy."""
    return {name: set().union(*versions.values()) for name, versions in by_python(read(table)).items()}


def asked(address: str, headers: dict[str, str] | None = None) -> str | None:
    """The answer to a request; None where there is no such thing. A server that is busy is asked again."""
    for attempt in range(TRIES):
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}), timeout=30) as answer:
                return str(answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
        except OSError:
            pass
        time.sleep(attempt + 1)
    raise OSError(f"{address}: no answer after {TRIES} tries")


def required(name: str, versions: Set[str]) -> dict[str, list[str]]:
    """The lines of Requires-Dist of each version that has a wheel on PyPI."""
    page = asked(f"{INDEX}/{name}/", JSON)
    wheels: dict[str, dict[str, Any]] = {}
    for file in json.loads(page)["files"] if page else ():
        version = _version(file["filename"])
        if version in versions and (version not in wheels or _rank(file) > _rank(wheels[version])):
            wheels[version] = file
    texts = {version: _metadata(file["url"]) for version, file in sorted(wheels.items())}
    return {version: _REQUIRES.findall(text.partition("\n\n")[0]) for version, text in texts.items() if text}


def _metadata(address: str) -> str:
    """The metadata of a wheel, beside it or, for many old ones, only in it; "" where it cannot be read."""
    if text := asked(f"{address}.metadata"):
        return text
    try:
        with zipfile.ZipFile(Remote(address)) as wheel:
            name = next((name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")), "")
            return wheel.read(name).decode("utf-8", "replace") if name else ""
    except (OSError, zipfile.BadZipFile):
        return ""


class Remote(io.RawIOBase):
    """A file on a server, of which only the parts are fetched that are read."""

    def __init__(self, address: str) -> None:
        self._address, self._at = address, 0
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=30) as answer:
            self._size = int(answer.headers["Content-Length"])
        self._tail_at = max(0, self._size - TAIL)
        self._tail = self._fetched(self._tail_at, self._size)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        start, end = self._at, self._size if size < 0 else min(self._size, self._at + size)
        self._at = max(start, end)
        if end <= start:
            return b""
        if start >= self._tail_at:
            return self._tail[start - self._tail_at : end - self._tail_at]
        return self._fetched(start, end)

    def _fetched(self, start: int, end: int) -> bytes:
        part = urllib.request.Request(self._address, headers={"Range": f"bytes={start}-{end - 1}"})
        with urllib.request.urlopen(part, timeout=60) as answer:
            return bytes(answer.read())


def _rank(file: dict[str, Any]) -> tuple[bool, bool]:
    name = file["filename"]
    return name.endswith("none-any.whl"), "manylinux" in name


@lru_cache(maxsize=100_000)
def _plain(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        return ""


def _version(file: str) -> str:
    return _plain(file.split("-")[1]) if file.endswith(".whl") else ""


def main(path: Path) -> None:
    """Ask for each name that the file does not have yet, and write a line as soon as it is known."""
    there = {json.loads(line)["name"] for line in path.read_text().splitlines()} if path.exists() else set()
    wanted = {
        name: found for name, found in versions_of_wheels(KNOWLEDGE / "wheel_versions.tsv").items() if name not in there
    }
    with path.open("a", encoding="utf-8") as file, ThreadPoolExecutor(AT_ONCE) as pool:
        for name, versions in zip(wanted, pool.map(required, wanted, wanted.values()), strict=True):
            file.write(json.dumps({"name": name, "versions": versions}) + "\n")
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
