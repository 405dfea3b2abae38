"""Where the words of a command are among the nodes of the grammar, which parts some words, joins the commands of
several lines, and takes words of a command for parts of its redirections.
"""

from __future__ import annotations

import re
from itertools import pairwise

from slurmfix.shell.grammar import Node

REDIRECTS = ("file_redirect", "herestring_redirect")
_TORN = re.compile(r"\d*[<>&|]+(?:[ \t]|\\\n)*\n")
_DASH = re.compile(r"(?:^|[ \t])(?P<word>-(?=[ \t]*\Z)|-\S+\Z)")
_BLANK = re.compile("[ \t\n]")


def pieces_of(node: Node, text: str, start: int) -> tuple[tuple[int, int], ...]:
    """Where the words of a command are that stands by itself on one line."""
    words = [node] if node.type == "variable_assignment" else node.children
    return word_pieces(text, [(word.start_byte, word.end_byte) for word in words], start)


def word_pieces(text: str, spans: list[tuple[int, int]], start: int) -> tuple[tuple[int, int], ...]:
    """Words, from the start of their command. What the grammar splits is joined: `$A/$B.py`, and a word that a
    backslash carries over a line.
    """
    pieces: list[tuple[int, int]] = []
    for at, stop in spans:
        if pieces and not text[start + pieces[-1][1] : at].replace("\\\n", ""):
            pieces[-1] = (pieces[-1][0], stop - start)
        else:
            pieces.append((at - start, stop - start))
    return tuple(pieces)


def own_words(text: str, children: list[Node]) -> list[tuple[int, int]]:
    """The words among the children; what is glued to the file of a redirection is part of its name."""
    spans: list[tuple[int, int]] = []
    file_end = -1
    for child in children:
        glued = file_end != -1 and not _BLANK.search(text, file_end, child.start_byte)
        if glued or child.type in REDIRECTS:
            file_end = child.end_byte
        else:
            file_end = -1
            spans.append((child.start_byte, child.end_byte))
    return spans


def words_behind(text: str, redirection: Node) -> tuple[list[tuple[int, int]], list[list[tuple[int, int]]]]:
    """The command's own words behind a redirection, and those of the next lines, where the grammar went on into them.

    `conda activate 2> /dev/null myenv` has one. What is glued to the file is part of its name: `> $A/$B.log`.
    """
    files = [child for child in redirection.named_children if child.type not in ("file_descriptor", "comment")]
    words: list[tuple[int, int]] = []
    lines: list[list[tuple[int, int]]] = []
    for before, node in pairwise(files):
        between = text[before.end_byte : node.start_byte].replace("\\\n", "")
        if "\n" in between:
            lines.append([])
        held = lines[-1] if lines else words
        if _BLANK.search(between):
            held.append((node.start_byte, node.end_byte))
        elif held:
            held[-1] = (held[-1][0], node.end_byte)
    return words, lines


def dash_in_front(text: str, redirection: Node) -> list[tuple[int, int]]:
    """The word in front that the grammar may have no place for: `python - <<EOF`, `matlab -nojvm<<EOF`."""
    operator = redirection.start_byte
    line = text.rfind("\n", 0, operator) + 1
    if text.find("-", line, operator) == -1:
        return []
    lost = _DASH.search(text[line:operator])
    return [(line + lost.start("word"), line + lost.end("word"))] if lost else []


def is_torn(redirection: str) -> bool:
    """Whether a newline, which no backslash takes away, parts the operator from its file."""
    return "\n" in redirection and _TORN.match(redirection) is not None


def end_of_list(text: str, node: Node, outer: Node) -> int:
    """Where a list ends, with the redirections and words of its last command that the grammar hangs on `outer`."""
    end = node.end_byte
    for child in outer.named_children:
        if child.type in REDIRECTS and child.start_byte >= end:
            following = words_behind(text, child)[1] if child.type == "file_redirect" else []
            end = text.rfind("\n", 0, following[0][0][0]) if following else child.end_byte
            if following:
                break
    return end


def split_at_newlines(text: str, children: list[Node]) -> list[tuple[int, int]]:
    """`A=1 B=2` and the command of the next line are one node in the grammar: part them at the newline."""
    if "\n" not in text[children[0].start_byte : children[-1].end_byte]:
        return [(0, len(children) - 1)]
    runs, first = [], 0
    for at in range(1, len(children)):
        between = text[children[at - 1].end_byte : children[at].start_byte]
        if "\n" in between.replace("\\\n", ""):
            runs.append((first, at - 1))
            first = at
    return [*runs, (first, len(children) - 1)]


_RESERVED = frozenset("if then elif else fi for while until select case do done esac function { }".split())


def belong_together(text: str, starts: list[tuple[int, int]]) -> bool:
    """Whether the commands of later lines that the grammar joined to one are commands, and no parts of a statement."""
    return not any(text[start:end] in _RESERVED for start, end in starts)
