"""Where each command of a script stands and inside what."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from slurmfix.shell.command import (
    BACKGROUND,
    BRANCH,
    CHAINED,
    CHECKED,
    FUNCTION,
    GROUP,
    LOOP,
    PIPELINE,
    REDIRECTED,
    SUBSHELL,
    SUBSTITUTION,
    Command,
    Place,
)
from slurmfix.shell.grammar import Node, parse
from slurmfix.shell.quoting import Opened, substitutions
from slurmfix.shell.source import Source, ascii_of
from slurmfix.text import Span

_LEAVES = frozenset("word number raw_string variable_name string_content heredoc_end regex ansi_c_string".split())
_COMMANDS = {"command", "declaration_command", "unset_command", "variable_assignment", "variable_assignments"}
# Inside these there is no command without a substitution, and none of them is worth a walk.
_INERT = frozenset(
    """
    concatenation string array expansion simple_expansion test_command file_redirect herestring_redirect heredoc_body
    binary_expression unary_expression subscript translated_string command_name
    """.split()
)
_DEEPEST = 2500  # bash itself gives up at some thousands of nested commands, and each holds the places of all above it
_BLANK = re.compile("[ \t\n]")
_HOLDS = re.compile("[(`#]")
_BACKGROUND = re.compile(r"&(?![&>])(?<![&<>|]&)")  # (What starts with a letter is found faster.)
# Where one of these stands, a command may be several, be something else, or hold others.
_MANIFOLD = re.compile(r"[#\n<>;]")
_MORE = re.compile(r"[#\n<>;(`]")
_TORN = re.compile(r"\d*[<>&|]+(?:[ \t]|\\\n)*\n")
_KEPT = re.compile(r"1?>[>|]?(?![>|]|[ \t]*(?:&|[\"']?/dev/))")
_DASH = re.compile(r"(?:^|[ \t])(?P<word>-(?=[ \t]*\Z)|-\S+\Z)")


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


def read_source(source: Source, within: tuple[Place, ...] = ()) -> Reading:
    """All commands of one source, in order, without those of its inner scripts. Raises RecursionError."""
    reading = Reading(source)
    parsed = parse(ascii_of(source.text))
    text, reading.negated = parsed.text, parsed.negated
    reading.openers = dict.fromkeys(heredoc.start for heredoc in parsed.heredocs)
    # An explicit stack: a hostile script nests deeper than Python recurses.
    stack: list[tuple[Node, tuple[Place, ...], Node | None]] = [(parsed.root, within, None)]
    while stack:
        node, places, outer = stack.pop()
        if len(places) > _DEEPEST:
            raise RecursionError
        kind = node.type
        if kind == "comment":
            reading.comments.append(_span(source, node))
        elif kind in _COMMANDS:
            stack += reversed(_take(reading, text, node, places, outer))
        elif kind not in _LEAVES:
            stack += reversed(_visit(reading, text, node, kind, places, outer))
    reading.commands.sort(key=attrgetter("span"))
    for inner in [each for heredoc in parsed.heredocs for each in _take_heredoc(reading, heredoc)]:
        reading.commands += inner.commands
        reading.comments += inner.comments
        reading.functions += inner.functions
        reading.unread += inner.unread
        reading.heredocs += inner.heredocs
    if parsed.heredocs:
        reading.commands.sort(key=attrgetter("span"))
    return reading


def _note_openers(reading: Reading, text: str, node: Node) -> None:
    """Note which of the redirections of a statement, or of a command, open a heredoc, and who reads that."""
    reader = node
    while reader.type in ("redirected_statement", "list", "pipeline") and reader.named_children:
        reader = reader.child_by_field_name("body") or reader.named_children[-1]
    owner = _span(reading.source, reader)
    for child in node.named_children:
        if child.type == "file_redirect" and (at := text.find("<", child.start_byte)) in reading.openers:
            reading.openers[at] = (child, owner)


def _take_heredoc(reading: Reading, heredoc: Opened) -> list[Reading]:
    """Note whose input it is, and read the substitutions in its body."""
    source, noted = reading.source, reading.openers[heredoc.start]
    if noted is None or not heredoc.closed:
        reading.unread.append(source.span(heredoc.start, heredoc.start + 1))
    if noted is None:
        return []
    redirection, owner = noted
    number = source.text[redirection.start_byte : heredoc.start]
    reading.heredocs.append(Held(owner, heredoc, source, number in ("", "0")))
    if not heredoc.expanded:
        return []
    first = bisect_left(reading.commands, owner.start, key=lambda command: command.span.start)
    within = reading.commands[first].within if first < len(reading.commands) else ()
    around = tuple(place for place in within if place.span.holds(owner) and place.span != owner)
    found = []
    for start, end in substitutions(source.text, *heredoc.body):
        place = Place(SUBSTITUTION, source.span(start - 1, end + 1), _holding(source, redirection))
        found.append(read_source(source.part(start, end), (*around, place)))
    return found


def _span(source: Source, node: Node) -> Span:
    return source.span(node.start_byte, node.end_byte)


def _is_inert(text: str, node: Node) -> bool:
    """Whether there is neither a command nor a comment inside, nor anything that could not be read."""
    return not node.has_error and not _HOLDS.search(text, node.start_byte, node.end_byte)


def _overflows(text: str, test: Node) -> bool:
    """Whether a `[ … ]` goes on in the next line: `! [ a ] 2> /dev/null` may take whole branches in."""
    inside = test.named_children
    return (
        len(inside) == 1
        and inside[0].type == "redirected_statement"
        and "\n" in text[test.start_byte : test.end_byte].replace("\\\n", "")
    )


def _goes_to_a_file(text: str, node: Node, body: Node | None) -> bool:
    """Whether the standard output of a statement of several commands is kept for itself."""
    while body is not None and body.type in ("list", "pipeline") and body.named_children:
        body = body.named_children[-1]  # (It is the last one's, and the grammar gives it to all of them.)
    if body is None or body.type in _COMMANDS:
        return False
    redirects = [text[c.start_byte : c.end_byte] for c in node.named_children if c.type == "file_redirect"]
    return any(map(_KEPT.match, redirects)) and not any(redirect.startswith("2>&1") for redirect in redirects)


_Children = list[tuple[Node, tuple[Place, ...], Node | None]]


def _visit(
    reading: Reading, text: str, node: Node, kind: str, places: tuple[Place, ...], outer: Node | None
) -> _Children:
    """Take in one node and say which of its children to visit, inside what; `outer` holds its redirections."""
    source = reading.source
    if kind == "test_command" and _overflows(text, node):
        reading.unread.append(_span(source, node))
    if kind in _INERT and _is_inert(text, node):
        return []
    if node.is_missing or kind == "ERROR":
        opened = node.parent if kind == '"' and node.parent is not None else node  # all that a quote holds left open
        reading.unread.append(source.span(opened.start_byte, max(node.end_byte, node.start_byte + 1)))
        if node.is_missing:
            return []
    match kind:
        case "command_substitution" | "process_substitution":
            places = (*places, Place(SUBSTITUTION, _span(source, node), _holding(source, node)))
        case "subshell":
            places = (*places, Place(SUBSHELL, _span(source, node)))
        case "compound_statement":
            if node.start_byte in reading.negated:
                places = (*places, Place(CHECKED, _span(source, node)))
            places = (*places, Place(GROUP, _span(source, node)))
        case "negated_command":
            places = (*places, Place(CHECKED, _span(source, node)))
        case "function_definition":
            name = node.child_by_field_name("name")
            span = _span(source, node)
            reading.functions.append((text[name.start_byte : name.end_byte] if name else "", span))
            places = (*places, Place(FUNCTION, span, reading.functions[-1][0]))
        case "list":
            return _operands(reading, text, node, places, outer)
        case "pipeline":
            return _members(source, node, places, outer)
        case "redirected_statement":
            if reading.openers:
                _note_openers(reading, text, node)
            body = node.child_by_field_name("body")
            below: _Children = []
            inside = (*places, Place(REDIRECTED, _span(source, node))) if _goes_to_a_file(text, node, body) else places
            for child in node.named_children:
                if child == body:
                    below.append((child, inside, node if outer is None else outer))
                else:
                    below.append((child, places, node))
            return below
        case "if_statement" | "elif_clause" | "while_statement":
            return _arms(source, node, places)
        case "else_clause" | "case_item":
            places = (*places, Place(BRANCH, _span(source, node), _statement(source, node)))
        case "for_statement" | "c_style_for_statement":
            body = node.child_by_field_name("body")
            loop = (*places, Place(LOOP, _span(source, node)))
            return [(child, loop if child == body else places, None) for child in node.named_children]
    passed = outer if kind == "negated_command" else None
    below = []
    if not node.has_error and not _BACKGROUND.search(text, node.start_byte, node.end_byte):
        for child in node.named_children:  # most of a script: taken in here, they need not wait on the stack
            inner = child.type
            if inner == "comment":
                reading.comments.append(source.span(child.start_byte, child.end_byte))
            elif inner in _COMMANDS:
                below += _take(reading, text, child, places, passed)
            else:
                below.append((child, places, passed))
        return below
    siblings = node.children
    for at, child in enumerate(siblings):
        if child.is_named or child.is_missing:
            background = at + 1 < len(siblings) and siblings[at + 1].type == "&"
            inside = (*places, Place(BACKGROUND, _span(source, child))) if background else places
            below.append((child, inside, passed))
    return below


def _operands(reading: Reading, text: str, node: Node, places: tuple[Place, ...], outer: Node | None) -> _Children:
    """`a && b`: the status of all but the last is the author's to handle."""
    span = reading.source.span(node.start_byte, node.end_byte if outer is None else _end(text, node, outer))
    operands = node.named_children
    below: _Children = []
    for at, child in enumerate(operands):
        last = at == len(operands) - 1
        # `a && b > f`: the grammar hangs the redirection on the list, bash on its last command.
        below.append((child, (*places, Place(CHAINED if last else CHECKED, span)), outer if last else None))
    return below


def _members(source: Source, node: Node, places: tuple[Place, ...], outer: Node | None) -> _Children:
    span = _span(source, node)
    members = node.named_children
    return [
        (
            child,
            (*places, Place(PIPELINE, span, "last" if at == len(members) - 1 else "")),
            outer if at == len(members) - 1 else None,
        )
        for at, child in enumerate(members)
    ]


def _arms(source: Source, node: Node, places: tuple[Place, ...]) -> _Children:
    """`if`, `elif`, `while` and `until`: what stands before `then` or `do` is a condition."""
    statement = node.parent if node.type == "elif_clause" and node.parent is not None else node
    span = _span(source, statement)
    loop = node.type == "while_statement"
    below: _Children = []
    inside: tuple[Place, ...] = (*places, Place(LOOP, span)) if loop else places
    inside = (*inside, Place(CHECKED, span))
    siblings = node.children
    for at, child in enumerate(siblings):
        if child.type == "then":
            end = next(
                (later.start_byte for later in siblings[at:] if later.type in ("elif_clause", "else_clause", "fi")),
                node.end_byte,
            )
            inside = (*places, Place(BRANCH, source.span(child.start_byte, end), _statement(source, child)))
        elif child.type in ("elif_clause", "else_clause"):
            below.append((child, places, None))
        elif child.type == "do_group":
            below.append((child, (*places, Place(LOOP, span)), None))
        elif child.is_named or child.is_missing:
            background = at + 1 < len(siblings) and siblings[at + 1].type == "&"
            place = (*inside, Place(BACKGROUND, _span(source, child))) if background else inside
            below.append((child, place, None))
    return below


def _statement(source: Source, arm: Node) -> str:
    """What the arms of one `if` or `case` share: where it stands in the file, as `start:end`."""
    node = arm.parent
    if node is not None and node.type == "elif_clause":
        node = node.parent
    if node is None:
        return ""
    span = _span(source, node)
    return f"{span.start}:{span.end}"


_LISTS = frozenset(
    "program do_group compound_statement subshell case_item else_clause command_substitution process_substitution "
    "if_statement elif_clause while_statement ERROR".split()
)


def _holding(source: Source, node: Node) -> str:
    """Where the statement stands that a substitution is part of, as `start:end`."""
    while node.parent is not None and node.parent.type not in _LISTS:
        node = node.parent
    span = _span(source, node)
    return f"{span.start}:{span.end}"


_REDIRECTS = ("file_redirect", "herestring_redirect")


def _take(reading: Reading, text: str, node: Node, places: tuple[Place, ...], outer: Node | None) -> _Children:
    """One command; then its arguments, for the substitutions in them."""
    source = reading.source
    start, end = node.start_byte, node.end_byte
    more = _MORE.search(text, start, end)
    if more and reading.openers and node.type == "command":
        _note_openers(reading, text, node)
    plain = outer is None and not (more and _MANIFOLD.search(text, start, end)) and not text.startswith("time", start)
    if plain and not node.has_error:
        span = source.span(start, end)
        split = partial(_pieces_of, node, text, start)
        reading.commands.append(Command(source.text[start:end], span, span, places, (), False, source, start, split))
        return _held(text, node, places) if more else []
    children = [node] if node.type == "variable_assignment" else node.children
    # Behind `A=1 > log` the grammar misses a name, which is a word without letters.
    reading.comments += [_span(source, c) for c in children if c.type == "comment"]
    children = [c for c in children if c.type not in ("\n", ";", "comment") and c.end_byte > c.start_byte] or [node]
    redirects: tuple[str, ...] = ()
    after: list[tuple[int, int]] = []
    following: list[list[tuple[int, int]]] = []  # the commands of the next lines
    whole = source.span(start, end)
    if outer is not None and outer.type == "redirected_statement":
        operators = [c for c in outer.named_children if c.type in _REDIRECTS]
        # `<your environment>` at the end of a line is no redirection to what stands in the next one.
        torn = [c for c in operators if c.type == "file_redirect" and _torn(text[c.start_byte : c.end_byte])]
        reading.unread += [_span(source, c) for c in torn]
        for c in operators:
            after += [word for word in _dash_in_front(text, c) if word[0] >= node.end_byte]
            if c not in torn and c.type == "file_redirect":
                behind, later = _words_behind(text, c)
                after += behind
                following += later
        redirects = tuple(source.text[c.start_byte : c.end_byte].split("\n", 1)[0] for c in operators)
        end = max([node.end_byte] + [c.end_byte for c in operators])
        end = text.rfind("\n", 0, following[0][0][0]) if following else end
        whole = source.span(node.start_byte, end)
    if len(children) > 1 and text[children[0].start_byte : children[1].end_byte].split() == ["time", "{"]:
        reading.unread.append(_span(source, node))  # the grammar knows no `time { …; }`
    runs = _split(text, children)
    heads = [(children[first].start_byte, children[first].end_byte) for first, _ in runs[1:]]
    heads += [words[0] for words in following]
    if not _belong_together(text, heads):
        reading.unread.append(source.span(heads[0][0], heads[0][1]))
    for first, last in runs:
        words = children[first : last + 1]
        start, end = words[0].start_byte, words[-1].end_byte
        spans = _own_words(text, words)
        if after and last == len(children) - 1:
            spans, end = spans + after, after[-1][1]
        if not spans:  # `> file` alone, which is a command to the grammar in some places only
            continue
        span = source.span(start, end)
        if text[start : start + 1] == "#":  # the grammar takes some comments for commands
            reading.comments.append(span)
            continue
        reading.commands.append(
            Command(
                source.text[start:end],
                span,
                Span(span.start, whole.end) if last == len(children) - 1 else span,
                places,
                redirects,
                False,
                source,
                start,
                partial(_pieces, text, spans, start),
            )
        )
    if len(following) > 1:  # so much cannot be one command's: statements may be among it
        reading.unread.append(source.span(*following[1][0]))
    for line in following:
        start, end = line[0][0], line[-1][1]
        span = source.span(start, end)
        split = partial(_pieces, text, line, start)
        reading.commands.append(Command(source.text[start:end], span, span, places, (), False, source, start, split))
    return _held(text, node, places)


def _held(text: str, node: Node, places: tuple[Place, ...]) -> _Children:
    """The pieces of a command that may hold others."""
    below: _Children = []
    for child in node.children:
        # An assignment in front of a command, or after `export`, is part of it; the substitutions in it are not.
        parts = child.children if child.type == "variable_assignment" else (child,)
        below += [(part, places, None) for part in parts if part.child_count and not _is_leaf(text, part)]
    return below


def _pieces_of(node: Node, text: str, start: int) -> tuple[tuple[int, int], ...]:
    """Where the words of a command are that stands by itself on one line."""
    words = [node] if node.type == "variable_assignment" else node.children
    return _pieces(text, [(word.start_byte, word.end_byte) for word in words], start)


def _pieces(text: str, spans: list[tuple[int, int]], start: int) -> tuple[tuple[int, int], ...]:
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


def _is_leaf(text: str, part: Node) -> bool:
    """Whether there is nothing to visit in a piece of a command."""
    return _is_inert(text, part)


def _own_words(text: str, children: list[Node]) -> list[tuple[int, int]]:
    """The words among the children; what is glued to the file of a redirection is part of its name."""
    spans: list[tuple[int, int]] = []
    file_end = -1
    for child in children:
        glued = file_end != -1 and not _BLANK.search(text, file_end, child.start_byte)
        if glued or child.type in _REDIRECTS:
            file_end = child.end_byte
        else:
            file_end = -1
            spans.append((child.start_byte, child.end_byte))
    return spans


def _words_behind(text: str, redirection: Node) -> tuple[list[tuple[int, int]], list[list[tuple[int, int]]]]:
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


def _dash_in_front(text: str, redirection: Node) -> list[tuple[int, int]]:
    """The word in front that the grammar may have no place for: `python - <<EOF`, `matlab -nojvm<<EOF`."""
    operator = redirection.start_byte
    line = text.rfind("\n", 0, operator) + 1
    if text.find("-", line, operator) == -1:
        return []
    lost = _DASH.search(text[line:operator])
    return [(line + lost.start("word"), line + lost.end("word"))] if lost else []


def _torn(redirection: str) -> bool:
    """Whether a newline, which no backslash takes away, parts the operator from its file."""
    return "\n" in redirection and _TORN.match(redirection) is not None


def _end(text: str, node: Node, outer: Node) -> int:
    """Where a list ends, with the redirections and words of its last command that the grammar hangs on `outer`."""
    end = node.end_byte
    for child in outer.named_children:
        if child.type in _REDIRECTS and child.start_byte >= end:
            following = _words_behind(text, child)[1] if child.type == "file_redirect" else []
            end = text.rfind("\n", 0, following[0][0][0]) if following else child.end_byte
            if following:
                break
    return end


def _split(text: str, children: list[Node]) -> list[tuple[int, int]]:
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


def _belong_together(text: str, starts: list[tuple[int, int]]) -> bool:
    """Whether the commands of later lines that the grammar joined to one are commands, and no parts of a statement."""
    return not any(text[start:end] in _RESERVED for start, end in starts)
