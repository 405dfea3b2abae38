"""The new files of a conversion, held against what stands there already."""

from __future__ import annotations

import os
import re

from slurmfix import files
from slurmfix.remarks import joined, phrase
from slurmfix.sources.messages import KEPT_AS_IT_IS, PLACE_TAKEN


def _refuse_way_out(target: str, submit: str) -> None:
    """Raises files.Unreadable where a link in the way of a new file leads elsewhere than its name says.

    What such a link leads to is not read either: with somebody else's repository it may be anything of the user's.
    """
    bound = files.repository_root(submit) or submit
    folder = os.path.dirname(target)
    if folder != submit and files.leads_astray(folder, bound):
        raise files.Unreadable(target, phrase("its folder is a link that leads out of the repository, or into .git"))
    if os.path.islink(target) and files.leads_astray(target, bound):
        raise files.Unreadable(target, phrase("it is a link that leads out of the repository, or into .git"))


def compare(target: str, text: str, submit: str) -> str | None:
    """None where the file is to be made, "" where it says the same already, else how it differs.

    Raises files.Unreadable.
    """
    _refuse_way_out(target, submit)
    if not files.exists(target):
        return None
    there = files.decode(files.read(target), target)
    difference = _difference(_lines(text), _lines(there))
    return difference and KEPT_AS_IT_IS.about(path=files.shown(target), difference=difference)


def taken(target: str, error: files.Unreadable) -> str:
    """What is said where something stands in the place of a new file that cannot be read."""
    return PLACE_TAKEN.about(file=files.shown(target), why=error.reason)


def described_already(folder: str, name: str) -> str:
    """The name of an image with the same content that is described in a folder, whatever its environment was called."""
    digest = name.rpartition("-")[2]
    try:
        there = sorted(os.listdir(folder or "."))
    except OSError:
        return name
    same = [file[: -len(".yml")] for file in there if file.endswith(f"-{digest}.yml")]
    return same[0] if same and name not in same else name


def _lines(text: str) -> dict[str, str]:
    """The lines of a requirements file by the package that each names, without blanks and comments."""
    found = {}
    for line in text.splitlines():
        plain = " ".join(re.sub(r"(^|\s)#.*$", "", line).split())
        spelled = re.sub(r"\s*([<>=!~,;\[\]])\s*", r"\1", plain)
        name = re.split(r"[\[<>=!~;@ ]", spelled, maxsplit=1)[0] if re.match(r"[A-Za-z0-9]", spelled) else spelled
        if spelled:
            found[re.sub(r"[-_.]+", "-", name).lower()] = spelled
    return found


def _difference(mine: dict[str, str], theirs: dict[str, str]) -> str:
    """What a requirements file lacks, has besides and says otherwise, against what it should hold; "" for the same."""
    lacks = [line for name, line in mine.items() if name not in theirs]
    besides = [line for name, line in theirs.items() if name not in mine]
    other = [
        phrase("{theirs} instead of {mine}", theirs=theirs[name], mine=line)
        for name, line in mine.items()
        if name in theirs and theirs[name].lower().replace("_", "-") != line.lower().replace("_", "-")
    ]
    parts = (
        phrase("the file lacks {lines}", lines=", ".join(lacks)),
        phrase("only the file has {lines}", lines=", ".join(besides)),
        phrase("other versions stand in the file, {lines}", lines=joined(other, ", ")),
    )
    there = [part for part, lines in zip(parts, (lacks, besides, other), strict=True) if lines]
    return joined(there) if there else ""
