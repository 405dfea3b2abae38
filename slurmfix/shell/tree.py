"""Where each command of a script stands and inside what."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter

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
    Place,
)
from slurmfix.shell.grammar import Node, parse
from slurmfix.shell.pieces import end_of_list
from slurmfix.shell.quoting import Opened, blanked, substitutions
from slurmfix.shell.reading import Children, Held, Reading, is_inert, note_openers, span_of
from slurmfix.shell.simple import take
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
_CLOSING = ('"', ")")
_DEEPEST = 2500  # bash itself gives up at some thousands of nested commands, and each holds the places of all above it
_MOST_SUBSTITUTIONS = 100  # in each other: the text of each is gone over for the word that it is in
_BACKGROUND = re.compile(r"&(?![&>])(?<![&<>|]&)")  # (What starts with a letter is found faster.)
_KEPT = re.compile(r"1?>[>|]?(?![>|]|[ \t]*(?:&|[\"']?/dev/))")


def read_source(source: Source, within: tuple[Place, ...] = (), apart: Sequence[Span] = ()) -> Reading:
    """All commands of one source, in order, without those of its inner scripts and of the statements that are set
    apart. Raises RecursionError.
    """
    reading = Reading(source)
    parsed = parse(_without(ascii_of(source.text), [(source.offset(a), source.offset(b)) for a, b in apart]))
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
            reading.comments.append(span_of(source, node))
        elif kind in _COMMANDS:
            stack += reversed(take(reading, text, node, places, outer))
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


def _without(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """The text with blanks for some of its lines."""
    for start, end in stretches:
        text = text[:start] + blanked(text[start:end]) + text[end:]
    return text


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


def _visit(
    reading: Reading, text: str, node: Node, kind: str, places: tuple[Place, ...], outer: Node | None
) -> Children:
    """Take in one node and say which of its children to visit, inside what; `outer` holds its redirections."""
    if kind in _INERT and is_inert(text, node):
        if kind == "test_command" and _overflows(text, node):
            reading.unread.append(span_of(reading.source, node))
        return []
    _note_unread(reading, text, node, kind)
    if node.is_missing:
        return []
    match kind:
        case "list":
            return _operands(reading, text, node, places, outer)
        case "pipeline":
            return _members(reading.source, node, places, outer)
        case "redirected_statement":
            return _redirected(reading, text, node, places, outer)
        case "if_statement" | "elif_clause" | "while_statement":
            return _arms(reading.source, node, places)
        case "for_statement" | "c_style_for_statement":
            body = node.child_by_field_name("body")
            loop = (*places, Place(LOOP, span_of(reading.source, node)))
            return [(child, loop if child == body else places, None) for child in node.named_children]
        case "negated_command":
            return _statements(reading, text, node, (*places, Place(CHECKED, span_of(reading.source, node))), outer)
    return _statements(reading, text, node, _inside(reading, text, node, kind, places), None)


def _note_unread(reading: Reading, text: str, node: Node, kind: str) -> None:
    """Note what the grammar did not read, or read as something else than it is."""
    source = reading.source
    if kind == "test_command" and _overflows(text, node):
        reading.unread.append(span_of(source, node))
    if node.is_missing or kind == "ERROR":
        opened = node.parent if kind in _CLOSING and node.parent is not None else node  # all that is left open
        reading.unread.append(source.span(opened.start_byte, max(node.end_byte, node.start_byte + 1)))


def _inside(reading: Reading, text: str, node: Node, kind: str, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """What the statements in a node stand in."""
    source = reading.source
    match kind:
        case "command_substitution" | "process_substitution":
            if len(places) > _MOST_SUBSTITUTIONS < sum(place.kind == SUBSTITUTION for place in places):
                raise RecursionError
            return (*places, Place(SUBSTITUTION, span_of(source, node), _holding(source, node)))
        case "subshell":
            return (*places, Place(SUBSHELL, span_of(source, node)))
        case "compound_statement":
            if node.start_byte in reading.negated:
                places = (*places, Place(CHECKED, span_of(source, node)))
            return (*places, Place(GROUP, span_of(source, node)))
        case "function_definition":
            name = node.child_by_field_name("name")
            span = span_of(source, node)
            written = source.text[name.start_byte : name.end_byte] if name else ""
            reading.functions.append((written.replace("\\", ""), span))
            return (*places, Place(FUNCTION, span, reading.functions[-1][0]))
        case "else_clause" | "case_item":
            return (*places, Place(BRANCH, span_of(source, node), _statement(source, node)))
    return places


def _statements(reading: Reading, text: str, node: Node, places: tuple[Place, ...], passed: Node | None) -> Children:
    """The parts of a node that holds statements; commands are taken in at once."""
    source = reading.source
    below: Children = []
    if not node.has_error and not _BACKGROUND.search(text, node.start_byte, node.end_byte):
        for child in node.named_children:  # most of a script: taken in here, they need not wait on the stack
            inner = child.type
            if inner == "comment":
                reading.comments.append(source.span(child.start_byte, child.end_byte))
            elif inner in _COMMANDS:
                below += take(reading, text, child, places, passed)
            else:
                below.append((child, places, passed))
        return below
    siblings = node.children
    for at, child in enumerate(siblings):
        if child.is_named or child.is_missing:
            background = at + 1 < len(siblings) and siblings[at + 1].type == "&"
            inside = (*places, Place(BACKGROUND, span_of(source, child))) if background else places
            below.append((child, inside, passed))
    return below


def _redirected(reading: Reading, text: str, node: Node, places: tuple[Place, ...], outer: Node | None) -> Children:
    """A statement with redirections: these are told to its body."""
    if reading.openers:
        note_openers(reading, text, node)
    body = node.child_by_field_name("body")
    kept = _goes_to_a_file(text, node, body)
    inside = (*places, Place(REDIRECTED, span_of(reading.source, node))) if kept else places
    return [
        (child, inside, node if outer is None else outer) if child == body else (child, places, node)
        for child in node.named_children
    ]


def _operands(reading: Reading, text: str, node: Node, places: tuple[Place, ...], outer: Node | None) -> Children:
    """`a && b`: the status of all but the last is the author's to handle."""
    span = reading.source.span(node.start_byte, node.end_byte if outer is None else end_of_list(text, node, outer))
    operands = node.named_children
    below: Children = []
    for at, child in enumerate(operands):
        last = at == len(operands) - 1
        # `a && b > f`: the grammar hangs the redirection on the list, bash on its last command.
        below.append((child, (*places, Place(CHAINED if last else CHECKED, span)), outer if last else None))
    return below


def _members(source: Source, node: Node, places: tuple[Place, ...], outer: Node | None) -> Children:
    span = span_of(source, node)
    members = node.named_children
    return [
        (
            child,
            (*places, Place(PIPELINE, span, "last" if at == len(members) - 1 else "")),
            outer if at == len(members) - 1 else None,
        )
        for at, child in enumerate(members)
    ]


def _arms(source: Source, node: Node, places: tuple[Place, ...]) -> Children:
    """`if`, `elif`, `while` and `until`: what stands before `then` or `do` is a condition."""
    statement = node.parent if node.type == "elif_clause" and node.parent is not None else node
    span = span_of(source, statement)
    loop = node.type == "while_statement"
    below: Children = []
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
            place = (*inside, Place(BACKGROUND, span_of(source, child))) if background else inside
            below.append((child, place, None))
    return below


def _statement(source: Source, arm: Node) -> str:
    """What the arms of one `if` or `case` share: where it stands in the file, as `start:end`."""
    node = arm.parent
    if node is not None and node.type == "elif_clause":
        node = node.parent
    if node is None:
        return ""
    span = span_of(source, node)
    return f"{span.start}:{span.end}"


_LISTS = frozenset(
    "program do_group compound_statement subshell case_item else_clause command_substitution process_substitution "
    "if_statement elif_clause while_statement ERROR".split()
)


def _holding(source: Source, node: Node) -> str:
    """Where the statement stands that a substitution is part of, as `start:end`."""
    while node.parent is not None and node.parent.type not in _LISTS:
        node = node.parent
    span = span_of(source, node)
    return f"{span.start}:{span.end}"
