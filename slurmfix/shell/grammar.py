"""The tree of a text by tree-sitter's grammar of bash, and what is mended before it reads; the only door to both.

The grammar is wrong in known ways. Each repair writes other letters for what it stumbles over, as many as there were,
so that each node stands where it stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import tree_sitter
import tree_sitter_bash

from slurmfix.shell.plainer import plainer, with_plain_expansions
from slurmfix.shell.quoting import Opened, scan, without_heredocs
from slurmfix.shell.script import places_of

Node = tree_sitter.Node


class TooMuchOpen(ValueError):
    """A text that the parser takes more than linear time for, as letters in it open or close nothing; no script does
    so. Its text says what there is too much of.
    """


# What the parser goes over again and again where it stands in an error, and how many of it a text may have: a hundred
# times what real scripts have, and under a second. The letters in front are counted first, which costs next to nothing.
_STRAY = (
    ("<<<", re.compile(r"<<<"), 500, "here-strings"),
    ("=(", re.compile(r"\w[+]?=\("), 1500, "arrays"),
    ("|", re.compile(r"[]!*=<(|]\||\|[ \t]*!"), 1500, "pipes without a command"),
    ("(", re.compile(r"\([ \t]*\)|\)\("), 1500, "empty parentheses"),
    ("|", re.compile(r"[ \t\w]\|(?=[ \ta-z\n])"), 2500, "pipes"),
)
_PARENTHESES = re.compile(r"[()]")
_MOST_PARENTHESES = 1000


class Parsed(NamedTuple):
    """A tree, the text as the grammar read it, the heredocs that are no part of that, and where `! {` starts, whose
    `{` stands in the place of the `!` in the tree.
    """

    root: Node
    text: str
    heredocs: tuple[Opened, ...]
    negated: set[int]


_ESCAPED_BLANK = re.compile(r"(?<!\\)\\[ \t]")
_ESCAPED_COMMAND = re.compile(r"(?<!\\)\n\\(?=[A-Za-z_])")
_ASSIGNS = re.compile(r"[ \t]*[A-Za-z_]\w*=(?!\()")
_NEGATED_GROUP = re.compile(
    r"(?P<before>(?:(?<![^\n;&|(])|(?<![\w-])(?:if|elif|while|until|then|do|else))[ \t]*)"
    r"(?P<not>!)(?P<blank>[ \t]+)\{(?=\s)"
)
_NEGATES = re.compile(r"![ \t]+\{")
_LONE_DOLLAR = re.compile(r"(?<![\\$])\$(?=[ \n;)|`])")
_JOINS_NOTHING = re.compile(r"\\(?=(?:\n\s*)?\Z)")
_QUOTED_OPENER = re.compile(r"\$\{[^}'\n]{1,200}'[^'\n]{0,200}(?:\$\(|`)")  # "${a#'$('}", which opens nothing
_NUMBERED = re.compile(r"(?m)^([ \t]*\w+)#")  # to the grammar the `#` in a command's name starts a comment
_LAST_DOLLAR = re.compile(r"\\\$(?=\n)")
# Comparisons are words but for a test and for arithmetic, which end at their line where nothing continues it.
_COMPARISON = re.compile(
    r"(?P<test>(?<![^\s;&|(!])\[\[?(?=\s))|(?P<tested>(?<=\s)\]\]?(?![^\s;&|)]))|(?P<sum>\(\()|(?P<summed>\)\))"
    r"|(?<=[ \t])(?P<word>==|=~)(?=[ \t])"
)
# What the text must hold, and the repair: `$` that stands for itself, behind which the grammar loses count of words and
# lines; a backslash in front of a blank that starts a word, which it skips; a pattern that it does not read in
# `[[ … ]]`; `\\rm` at the start of a line, which it takes for a part of the line above.
_REPAIRS = (
    (("$\n", "$ ", "$;", "$)", "$|", "$`"), _LONE_DOLLAR, ","),
    (("\\$\n",), _LAST_DOLLAR, ",,"),
    (("#",), _NUMBERED, r"\1,"),
    (("\\ ", "\\\t"), _ESCAPED_BLANK, ",,"),
    (("-?*",), re.compile(r"-\?\*"), "xxx"),
    (("\n\\",), _ESCAPED_COMMAND, "\n%"),
)


@lru_cache(maxsize=1)
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def parse(text: str) -> Parsed:
    """The tree of a text in ASCII."""
    heredocs: tuple[Opened, ...] = ()
    if "<<" in text:  # the grammar ends a heredoc's delimiter elsewhere than bash, and loses what is behind it
        heredocs = scan(text, text.rfind("<<") + 1).heredocs
        text = without_heredocs(text, heredocs)
    text = text.replace("\r", ",")  # a blank to the grammar, and a letter to bash where it is no part of a line's end
    if text.rstrip().endswith("\\"):  # the grammar calls what joins nothing an error; bash drops it
        text = _JOINS_NOTHING.sub(" ", text)
    for needles, pattern, instead in _REPAIRS:
        if any(needle in text for needle in needles):
            text = pattern.sub(instead, text)
    if _QUOTED_OPENER.search(text):
        text = with_plain_expansions(text)
    negated: set[int] = set()
    if _NEGATES.search(text):  # it knows no `! { …; }`
        negated = {match.start("not") for match in _NEGATED_GROUP.finditer(text)}
        text = _NEGATED_GROUP.sub(r"\g<before>{\g<blank> ", text)
    text = _with_plain_comparisons(_with_plain_assignments(text))
    _refuse_too_much(text)
    root = _parser().parse(text.encode("ascii")).root_node
    if root.has_error and (written := plainer(text)) != text:
        again = _parser().parse(written.encode("ascii")).root_node
        if not again.has_error:
            text, root = written, again
    return Parsed(root, text, heredocs, negated)


def _refuse_too_much(text: str) -> None:
    """Raise TooMuchOpen for what only an attack, or no script at all, holds."""
    for letters, pattern, most, what in _STRAY:
        if text.count(letters) > most and sum(1 for _ in pattern.finditer(text)) > most:
            raise TooMuchOpen(f"holds more than {most} {what}: no script that can be read")
    if text.count("(") + text.count(")") <= _MOST_PARENTHESES:
        return
    opened = stray = 0
    for match in _PARENTHESES.finditer(text):
        if match[0] == "(":
            opened += 1
        elif opened:
            opened -= 1
        else:
            stray += 1
    if opened + stray > _MOST_PARENTHESES:
        raise TooMuchOpen(f"holds {opened + stray} parentheses without their counterpart: no script that can be read")


def _with_plain_assignments(text: str) -> str:
    """The text with `A,1 > log` for a line `A=1 > log`: the grammar takes the line below that for a part of it."""
    places, done = [], 0
    for at in places_of(("<", ">"), text):
        start = text.rfind("\n", 0, at) + 1
        if start >= done and (match := _ASSIGNS.match(text, start, at)):
            places.append(match.end() - 1)
            done = at
    return _replaced(text, places, 1)


def _with_plain_comparisons(text: str) -> str:
    """The text with `test a ,, b` for `test a == b`: the grammar takes all up to the next `)` or `}` for the pattern
    that `==` compares with, also where no `[[ … ]]` stands around.
    """
    if " == " not in text and " =~ " not in text:
        return text
    words: list[int] = []
    end = -1
    for at in places_of((" == ", " =~ "), text):
        if at > end:
            start, end = _joined_lines(text, at)
            words += _words_that_compare(text, start, end)
    return _replaced(text, words, 2)


_JOINS = ("\\", "&&", "||")


def _joined_lines(text: str, at: int) -> tuple[int, int]:
    """The line that a place stands in, with the lines that are joined to it."""
    start = text.rfind("\n", 0, at)
    while start > 0 and text.endswith(_JOINS, 0, start):
        start = text.rfind("\n", 0, start)
    end = text.find("\n", at)
    while end != -1 and text.endswith(_JOINS, 0, end):
        end = text.find("\n", end + 1)
    return start + 1, len(text) if end == -1 else end


def _words_that_compare(text: str, start: int, end: int) -> Iterator[int]:
    """Where `==` and `=~` are words in a line: outside of tests and sums."""
    tests = sums = 0  # how many are open
    for match in _COMPARISON.finditer(text, start, end):
        match match.lastgroup:
            case "test":
                tests = 1
            case "tested":
                tests = 0
            case "sum":
                sums += 1
            case "summed":
                sums = max(sums - 1, 0)
            case _ if not tests and not sums:
                yield match.start()


def _replaced(text: str, places: list[int], count: int) -> str:
    """The text with commas for so many letters at each place; the places are in order."""
    if not places:
        return text
    pieces: list[str] = []
    done = 0
    for at in places:
        pieces += (text[done:at], "," * count)
        done = at + count
    return "".join([*pieces, text[done:]])
