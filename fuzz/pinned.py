"""Makes inputs from the seeds that are the same on every machine: seeds cut, joined and mended by a counted chance."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
_PIECES = re.compile(rb"[ \t]+|\n|[^\s\w]|\w+")
_MARKS = (
    b"'",
    b'"',
    b"`",
    b"\\",
    b"$(",
    b")",
    b"{",
    b"}",
    b"<<E",
    b"\nE\n",
    b"#",
    b";",
    b"|",
    b"&&",
    b"==",
    b"\r",
    b"\t",
)


def seeds() -> list[bytes]:
    return [path.read_bytes() for path in sorted((HERE / "seeds").glob("*.sh"))]


def words() -> list[bytes]:
    """The words of the fuzzer's dictionary, each in quotes on a line of its own."""
    lines = (HERE / "words.dict").read_text().splitlines()
    quoted = (line.partition('"')[2].rpartition('"')[0] for line in lines if line.strip().endswith('"'))
    return [text.encode("latin-1").decode("unicode_escape").encode("latin-1") for text in quoted]


def inputs(chance: int, count: int) -> Iterator[bytes]:
    """So many inputs by one chance: a number, on which alone they depend."""
    random_ = random.Random(chance)
    known, grown = seeds(), [*words(), *_MARKS]
    for _ in range(count):
        data = known[random_.randrange(len(known))]
        for _ in range(random_.randint(1, 4)):
            data = _changed(data, random_, known, grown)
        yield data


def _changed(data: bytes, chance: random.Random, known: list[bytes], grown: list[bytes]) -> bytes:
    """With one more mistake, or one more thing that somebody might write."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    what = chance.randrange(7)
    if what == 0:  # a line goes
        return b"\n".join(lines[:at] + lines[at + 1 :])
    if what == 1:  # a line comes again elsewhere
        to = chance.randrange(len(lines))
        return b"\n".join([*lines[:to], lines[at], *lines[to:]])
    if what == 2:  # lines of another script
        other = known[chance.randrange(len(known))].split(b"\n")
        start = chance.randrange(len(other))
        return b"\n".join([*lines[:at], *other[start : start + chance.randint(1, 6)], *lines[at:]])
    pieces = _PIECES.findall(lines[at]) or [b""]
    place = chance.randrange(len(pieces))
    if what == 3:  # a piece of a line goes
        del pieces[place]
    elif what == 4:  # two pieces change places
        other_place = chance.randrange(len(pieces))
        pieces[place], pieces[other_place] = pieces[other_place], pieces[place]
    elif what == 5:  # a line ends early, and goes on below
        pieces.insert(place, b"\n")
    else:
        pieces.insert(place, grown[chance.randrange(len(grown))])
    return b"\n".join([*lines[:at], b"".join(pieces), *lines[at + 1 :]])
