"""The tools that put a conda environment into an image, or into a folder of its own."""

from __future__ import annotations

from typing import NamedTuple

from slurmfix.knowledge.tables import kept, rows


class ImageTool(NamedTuple):
    """A tool: the ending of what it makes, the shell's test that this is there, and its name for people."""

    name: str
    ending: str
    test: str
    words: str
    runs_by: str = ""  # "image" where the program that runs images has to be there

    @property
    def is_default(self) -> bool:
        """Whether it is the tool whose templates have no name of a tool in theirs."""
        return self.name == next(iter(_image_tools()))


@kept
def _image_tools() -> dict[str, ImageTool]:
    return {row[0]: ImageTool(*row) for row in rows("image_tools")}


def image_tool(name: str) -> ImageTool:
    """The tool of a name. Raises KeyError."""
    return _image_tools()[name]


def is_image_tool(name: str) -> bool:
    """Whether a way to serve an environment is a tool that makes images."""
    return name in _image_tools()
