"""The images that a job calls programs in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slurmfix.shell import Command, Script

_MEANS_MORE = re.compile(r'[\\"`]|\$(?!\w|\{\w+\})')  # between double quotes
_SUBMIT = re.compile(r"\A\$\{?SLURM_SUBMIT_DIR\}?/")
# What images are called, and what of a word names one: `PATH=x.tykky/bin:$PATH`.
_IMAGE = re.compile(r"(?:\w+=)?([^:=]+\.(?:sif|sqf|tykky))(?:/bin(?:[:/].*)?)?\Z")
_RUNS = re.compile(r"(?:.*/)?(apptainer|singularity)\Z")
_OUTER = ("[", "test", "echo", "module", "ls")
# By the ending of an image: the words that run a program in "$image", and the test that "$1" is a program there. The
# first is filled in with what the job itself calls: `run` goes through what the image says of itself, `exec` does not.
_INSIDE = '"${inside[@]}" sh -c \'command -v "$1"\' sh "$1"'
_WAYS = {
    "sif": ('{} "$image"', _INSIDE),
    "sqf": ('condatainer exec -o "$image"', _INSIDE),
    "tykky": ('env PATH="$image/bin:$PATH"', '[ -x "$image/bin/$1" ]'),
}


class Image(NamedTuple):
    """An image: its name, its path as a shell word, the words that run a program in it, and the test of a program."""

    name: str
    path: str
    inside: str
    test: str

    @property
    def tool(self) -> str:
        """The program that runs it."""
        return self.inside.partition(" ")[0]


class Use(NamedTuple):
    """What a job does with an image: the programs that it calls in it, and the commands that do so."""

    image: Image
    programs: tuple[str, ...]
    commands: tuple[Command, ...]


def images_of(script: Script) -> list[Use]:
    """The images that a job uses, in the order of the job."""
    found: dict[Image, list[tuple[str, Command]]] = {}
    for command in script.commands:
        for image, program in () if command.name in _OUTER else _calls(command):
            found.setdefault(image, []).append((program, command))
    return [
        Use(
            image,
            tuple(dict.fromkeys(program for program, _ in calls if re.fullmatch(r"[\w.+-]+", program))),
            tuple(command for _, command in calls),
        )
        for image, calls in found.items()
    ]


def _calls(command: Command) -> Iterator[tuple[Image, str]]:
    """The images that a command names, and the program that it calls in each."""
    words = [word.literal for word in command.words]
    for at, word in enumerate(words):
        if (match := _IMAGE.match(word)) is not None and not word.startswith("-"):
            yield _image(match[1], words[:at]), next(iter(words[at + 1 : at + 2]), "")


def _image(path: str, before: list[str]) -> Image:
    """The image of a path, and how it is entered, by the words in front of it."""
    name, _, ending = path.rpartition("/")[2].rpartition(".")
    runs = [match[1] for word in before if (match := _RUNS.match(word))]
    how = [word for word in before if word in ("run", "exec")]
    inside, test = _WAYS[ending]
    quoted = _MEANS_MORE.sub(lambda each: f"\\{each[0]}", _SUBMIT.sub("", path))
    called = f"{(runs or ['apptainer'])[0]} {(how or ['run'])[0]}"
    return Image(name, f'"{quoted}"', inside.format(called), test)
