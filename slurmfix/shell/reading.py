"""What reading one source yields, as it comes together."""

from __future__ import annotations

import re
from typing import NamedTuple

from slurmfix.shell.command import Command, Place
from slurmfix.shell.grammar import Node
from slurmfix.shell.quoting import Opened
from slurmfix.shell.source import Source
from slurmfix.text import Span

_HOLDS = re.compile("[(`#]")

Children = list[tuple[Node, tuple[Place, ...], Node | None]]  # nodes, what each stands in, what holds its redirections


class Held(NamedTuple):
    """A heredoc, the source that it stands in, and the command, or the statement of several, that reads it: as its
    input, or else by another number (`3<<EOF`).
    """

    owner: Span
    opened: Opened
    source: Source
    is_input: bool


class Reading:
    """What one source yields: its commands and regions, all in offsets of the file."""

    __slots__ = ("commands", "comments", "functions", "heredocs", "negated", "openers", "source", "unread")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.commands: list[Command] = []
        self.comments: list[Span] = []
        self.unread: list[Span] = []
        self.functions: list[tuple[str, Span]] = []
        self.heredocs: list[Held] = []
        # Where a `<<` is → its redirection, and who reads it.
        self.openers: dict[int, tuple[Node, Span] | None] = {}
        self.negated: set[int] = set()  # where `! {` starts in the source


def note_openers(reading: Reading, text: str, node: Node) -> None:
    """Note which of the redirections of a statement, or of a command, open a heredoc, and who reads that."""
    reader = node
    while reader.type in ("redirected_statement", "list", "pipeline") and reader.named_children:
        reader = reader.child_by_field_name("body") or reader.named_children[-1]
    owner = span_of(reading.source, reader)
    for child in node.named_children:
        if child.type == "file_redirect" and (at := text.find("<", child.start_byte)) in reading.openers:
            reading.openers[at] = (child, owner)


def span_of(source: Source, node: Node) -> Span:
    return source.span(node.start_byte, node.end_byte)


def is_inert(text: str, node: Node) -> bool:
    """Whether there is neither a command nor a comment inside, nor anything that could not be read."""
    return not node.has_error and not _HOLDS.search(text, node.start_byte, node.end_byte)
