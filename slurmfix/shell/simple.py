"""One command as the grammar has it: its words, its redirections, and what else the grammar takes for a part of it."""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from slurmfix.shell.command import Command, Place
from slurmfix.shell.grammar import Node
from slurmfix.shell.pieces import (
    REDIRECTS,
    belong_together,
    dash_in_front,
    is_torn,
    own_words,
    pieces_of,
    split_at_newlines,
    word_pieces,
    words_behind,
)
from slurmfix.shell.reading import Children, Reading, is_inert, note_openers, span_of
from slurmfix.text import Span

# Where one of these stands, a command may be several, be something else, or hold others.
_MANIFOLD = re.compile(r"[#\n<>;]")
_MORE = re.compile(r"[#\n<>;(`]")


def take(reading: Reading, text: str, node: Node, places: tuple[Place, ...], outer: Node | None) -> Children:
    """One command; then its arguments, for the substitutions in them."""
    source = reading.source
    start, end = node.start_byte, node.end_byte
    more = _MORE.search(text, start, end)
    if more and reading.openers and node.type == "command":
        note_openers(reading, text, node)
    plain = outer is None and not (more and _MANIFOLD.search(text, start, end)) and not text.startswith("time", start)
    if plain and not node.has_error:
        span = source.span(start, end)
        split = partial(pieces_of, node, text, start)
        reading.commands.append(Command(source.text[start:end], span, span, places, (), False, source, start, split))
        return _held(text, node, places) if more else []
    children = [node] if node.type == "variable_assignment" else node.children
    # Behind `A=1 > log` the grammar misses a name, which is a word without letters.
    reading.comments += [span_of(source, c) for c in children if c.type == "comment"]
    children = [c for c in children if c.type not in ("\n", ";", "comment") and c.end_byte > c.start_byte] or [node]
    if len(children) > 1 and text[children[0].start_byte : children[1].end_byte].split() == ["time", "{"]:
        reading.unread.append(span_of(source, node))  # the grammar knows no `time { …; }`
    behind = _behind(reading, text, node, outer)
    runs = split_at_newlines(text, children)
    _doubt_joined(reading, text, [children[first] for first, _ in runs[1:]], behind.following)
    for first, last in runs:
        _take_words(reading, text, children[first : last + 1], places, behind, last == len(children) - 1)
    for line in behind.following:
        start, end = line[0][0], line[-1][1]
        span = source.span(start, end)
        split = partial(word_pieces, text, line, start)
        reading.commands.append(Command(source.text[start:end], span, span, places, (), False, source, start, split))
    return _held(text, node, places)


class _Behind(NamedTuple):
    """What the grammar hangs on a command: its redirections, its own words behind them, the commands of the next lines,
    and where it ends with all that is its own.
    """

    redirects: tuple[str, ...]
    words: list[tuple[int, int]]
    following: list[list[tuple[int, int]]]
    end: int


def _behind(reading: Reading, text: str, node: Node, outer: Node | None) -> _Behind:
    source, words, following = reading.source, [], []
    if outer is None or outer.type != "redirected_statement":
        return _Behind((), [], [], source.span(node.start_byte, node.end_byte).end)
    operators = [c for c in outer.named_children if c.type in REDIRECTS]
    # `<your environment>` at the end of a line is no redirection to what stands in the next one.
    torn = [c for c in operators if c.type == "file_redirect" and is_torn(text[c.start_byte : c.end_byte])]
    reading.unread += [span_of(source, c) for c in torn]
    for c in operators:
        words += [word for word in dash_in_front(text, c) if word[0] >= node.end_byte]
        if c not in torn and c.type == "file_redirect":
            own, later = words_behind(text, c)
            words += own
            following += later
    redirects = tuple(source.text[c.start_byte : c.end_byte].split("\n", 1)[0] for c in operators)
    end = max([node.end_byte] + [c.end_byte for c in operators])
    end = text.rfind("\n", 0, following[0][0][0]) if following else end
    return _Behind(redirects, words, following, source.span(node.start_byte, end).end)


def _doubt_joined(reading: Reading, text: str, firsts: list[Node], following: list[list[tuple[int, int]]]) -> None:
    """Note what of the lines that the grammar joined to a command may be part of a statement."""
    source = reading.source
    heads = [(node.start_byte, node.end_byte) for node in firsts] + [words[0] for words in following]
    if not belong_together(text, heads):
        reading.unread.append(source.span(heads[0][0], heads[0][1]))
    if len(following) > 1:  # so much cannot be one command's: statements may be among it
        reading.unread.append(source.span(*following[1][0]))


def _take_words(
    reading: Reading,
    text: str,
    words: list[Node],
    places: tuple[Place, ...],
    behind: _Behind,
    is_last: bool,
) -> None:
    """The command of some words; what stands behind hangs on the last command of a node."""
    source = reading.source
    start, end = words[0].start_byte, words[-1].end_byte
    spans = own_words(text, words)
    if is_last and behind.words:
        spans, end = spans + behind.words, behind.words[-1][1]
    if not spans:  # `> file` alone, which is a command to the grammar in some places only
        return
    span = source.span(start, end)
    if text[start : start + 1] == "#":  # the grammar takes some comments for commands
        reading.comments.append(span)
        return
    whole = Span(span.start, behind.end) if is_last else span
    own = source.text[start:end]
    split = partial(word_pieces, text, spans, start)
    reading.commands.append(Command(own, span, whole, places, behind.redirects, False, source, start, split))


def _held(text: str, node: Node, places: tuple[Place, ...]) -> Children:
    """The pieces of a command that may hold others."""
    below: Children = []
    for child in node.children:
        # An assignment in front of a command, or after `export`, is part of it; the substitutions in it are not.
        parts = child.children if child.type == "variable_assignment" else (child,)
        below += [(part, places, None) for part in parts if part.child_count and not _is_leaf(text, part)]
    return below


def _is_leaf(text: str, part: Node) -> bool:
    """Whether there is nothing to visit in a piece of a command."""
    return is_inert(text, part)
