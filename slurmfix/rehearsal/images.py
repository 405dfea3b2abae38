"""The environments of a job that an image holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slurmfix.outcome import Outcome
from slurmfix.shell import Command, Script

_MEANS_MORE = re.compile(r'[\\"`]|\$(?!\w|\{\w+\})')  # between double quotes
_SUBMIT = re.compile(r"\A\$\{?SLURM_SUBMIT_DIR\}?/")
# What images are called, and what of a word names one: `PATH=x.tykky/bin:$PATH`.
_IMAGE = re.compile(r"(?:\w+=)?([^:=]+\.(?:sif|sqf|tykky))(?:/bin(?:[:/].*)?)?\Z")
_OUTER = ("[", "test", "echo", "module", "ls")


class Image(NamedTuple):
    """An image: its name, its path as a shell word, and the programs that the job calls in it."""

    name: str
    path: str
    programs: tuple[str, ...]


def images_of(outcome: Outcome, script: Script, submit: str) -> list[Image]:
    found: dict[str, list[str]] = {}
    for command in script.commands:
        if command.name in _OUTER:
            continue
        for image, program in _calls(command):
            found.setdefault(image, []).append(program)
    return [
        Image(
            image.rpartition("/")[2].rpartition(".")[0],
            f'"{_MEANS_MORE.sub(lambda each: chr(92) + each[0], _SUBMIT.sub("", image))}"',
            tuple(dict.fromkeys(name for name in names if re.fullmatch(r"[\w.+-]+", name))),
        )
        for image, names in found.items()
    ]


def _calls(command: Command) -> Iterator[tuple[str, str]]:
    """The images that a command names, and the program that it calls in each."""
    words = [word.literal for word in command.words]
    for at, word in enumerate(words):
        if (match := _IMAGE.match(word)) is not None and not word.startswith("-"):
            yield match[1], next(iter(words[at + 1 : at + 2]), "")
