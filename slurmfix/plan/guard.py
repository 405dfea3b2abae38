"""The guards of a script: statements that hold nothing but conda's commands, questions about it, and complaints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slurmfix.plan.place import is_statement
from slurmfix.rules.information import is_folder
from slurmfix.rules.rule import CONDA
from slurmfix.shell import BRANCH, CHAINED, CHECKED, SUBSTITUTION, Command, Place, Script, is_kept, uses_of
from slurmfix.text import Span

# What a condition may ask without doing anything: an `if` of which nothing else is left goes whole.
_ASKS = ("command", "which", "type", "hash", "test", "[")
_STOPS = ("exit", "return", "false", "fail", "die", "error")
_TELLS = ("echo", "printf", "true", ":", "sleep")
IDLE = frozenset((*_ASKS, *_STOPS, *_TELLS))  # the only ones of the author's that may go with conda's


def emptied(script: Script, gone: frozenset[Span], asked: frozenset[Span]) -> tuple[Span, ...]:
    """The statements of which only a question or a complaint would be left; the outermost ones.

    `gone` are the commands that go, `asked` the questions whether conda is there.
    """
    tests = [span for span in asked if all(command.span != span for command in script.commands)]  # in a `[ … ]`
    found = set()
    for command in script.commands:
        if command.span in gone or command.span in asked or any(_around(command, test) for test in tests):
            found |= _statements(script, command)
    return _outermost(span for span in found if _only_goes(script, span, gone, asked))


def on_the_answer(script: Script, name: str, gone: frozenset[Span], asked: frozenset[Span]) -> tuple[Span, ...]:
    """The guards on a variable that holds the answer: `[ -n "$CONDA" ] || exit 1`."""
    used = uses_of(script, name)
    found = set()
    for command in script.commands:
        if any(_around(command, use) for use in used):
            found |= {span for span in _statements(script, command) if any(span.holds(use) for use in used)}
    return _outermost(span for span in found if _only_goes(script, span, gone, asked, name))


def _around(command: Command, span: Span) -> bool:
    """Whether a command stands in a statement that also holds the span, which no command is."""
    return any(place.kind in (CHECKED, CHAINED, BRANCH) and _whole(place).holds(span) for place in command.within)


def _whole(place: Place) -> Span:
    """The statement that a condition, or an arm, is part of."""
    return place.statement if place.kind == BRANCH else place.span


def _statements(script: Script, command: Command) -> set[Span]:
    """The `if`s, `case`s, loops and lists that a command stands in, but those whose answer something else looks at."""
    found = set()
    for place in command.within:
        if place.kind in (CHECKED, CHAINED, BRANCH):
            span = _whole(place)
            around = tuple(p for p in command.within if p.span.holds(span) and p.span != span)
            looked_at = around and around[-1].kind == SUBSTITUTION
            if is_statement(command.moved(span, around)) and not looked_at:
                found.add(span)
    return found


def _outermost(spans: Iterable[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not any(outer.holds(span) for outer in kept):
            kept.append(span)
    return tuple(kept)


def _only_goes(script: Script, span: Span, gone: frozenset[Span], asked: frozenset[Span], answer: str = "") -> bool:
    """Whether a statement holds nothing but what goes, questions, and complaints that follow from them."""
    comments = [comment for comment in script.comments if span.holds(comment)]
    if any(not CONDA.search(script.text[c.start : c.end]) for c in comments):
        return False
    if any(region.start < span.end for region in script.unread):  # behind one nothing is sure
        return False
    inside = [command for command in script.commands if span.holds(command.span)]
    goes = [command.whole for command in inside if command.span in gone or command.span in asked]
    goes += [test for test in asked if any(test.holds(c.span) and test != c.span for c in inside)]  # a pipeline
    rest = [command for command in inside if not any(whole.holds(command.span) for whole in goes)]
    complains = [command for command in rest if command.name in (*_STOPS, *_TELLS) and not is_kept(command)]
    if not all(command in complains or command.name in _ASKS for command in rest):
        return False
    if not complains:
        return True
    marks = [(comment, " ") for comment in comments]
    marks += [(whole, _YES) for whole in goes]
    marks += [(command.whole, _STOP if command.name in _STOPS else _TELL) for command in complains]
    return _needs_no_conda(_drawn(script.text, span, marks), answer)


# A statement is drawn with one sign for each thing in it, which no script holds: what works, or is there, in a job that
# uses conda; its contrary; what stops the job; what only tells; what an answer printed.
_YES, _NO, _STOP, _TELL, _PRINTED = "\ue000\ue001\ue002\ue003\ue004"


def _drawn(text: str, span: Span, marks: list[tuple[Span, str]]) -> str:
    pieces, at = [], span.start
    for mark, sign in sorted(marks, key=lambda mark: (mark[0].start, -mark[0].end)):
        if mark.start >= at:
            pieces += [text[at : mark.start], sign]
            at = mark.end
    return "".join([*pieces, text[at : span.end]]).replace("\\\n", " ")


_MILD, _ANY = f"[{_YES}{_TELL}]", f"[{_YES}{_TELL}{_STOP}]"
_THEN, _ELSE, _FI = r"\s*;?\s*then\s*", r"\s*;?\s*else\s*", r"\s*;?\s*fi\b"
# What a part of a drawing comes to: a guard that nothing but conda's absence sets off comes to yes or no.
_COMES_TO = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (rf"!\s*{_YES}", _NO),
        (rf"!\s*{_NO}", _YES),
        (rf"(?:\{{\s*({_ANY})\s*;?\s*\}}|\(\s*({_ANY})\s*;?\s*\))(?:\s*[12]?>(?:&[12]|/dev/\w+))*", r"\1\2"),
        (rf"{_YES}\s*[;\n]\s*{_YES}|{_YES}\s*&&\s*{_MILD}|{_YES}\s*\|\|\s*{_ANY}|{_NO}\s*\|\|\s*{_MILD}", _YES),
        (rf"{_MILD}\s*[;\n]\s*{_STOP}|{_STOP}\s*[;\n]\s*{_ANY}|{_TELL}\s*&&\s*{_STOP}|{_STOP}\s*\|\|\s*{_STOP}", _STOP),
        (rf"{_MILD}\s*[;\n]\s*{_TELL}|{_TELL}\s*[;\n]\s*{_YES}", _TELL),
        (rf"{_NO}\s*(?:&&|\|\|)\s*{_NO}|{_NO}\s*&&\s*{_ANY}", _NO),
        (rf"\bif\s*{_YES}{_THEN}{_MILD}(?:\s*;?\s*elif\s*{_YES}{_THEN}{_MILD})*(?:{_ELSE}{_ANY})?{_FI}", _YES),
        (rf"\bif\s*{_NO}{_THEN}{_ANY}(?:{_ELSE}{_MILD})?{_FI}", _YES),
        (rf"\b(?:while\s*{_NO}|until\s*{_YES})\s*;?\s*do\s*{_ANY}\s*;?\s*done\b", _YES),
    )
)
_SUBSTITUTION = re.compile(rf'"?(?:\$\(\s*{_YES}\s*\)|`\s*{_YES}\s*`)"?')
_TEST = re.compile(
    rf"(?:\[\[?|\btest)\s+(?P<no>!\s+)?(?:(?P<empty>-z\s+)?(?:-[nxef]\s+)?{_PRINTED}(?:\s*(?P<sign>!?==?)\s*(?:\"\"|''))?"
    r"|-[defhrsxL]\s+(?P<path>[^\s;|&()<>]+))(?:\s*\]\]?)?"
)


def _needs_no_conda(drawn: str, answer: str) -> bool:
    """Whether nothing but conda's absence sets off what a statement holds."""
    if answer:
        drawn = re.sub(rf'"?\$(?:{answer}\b|\{{{answer}(?::?-)?\}})"?', _PRINTED, drawn)
    drawn = _TEST.sub(_answer_of, _SUBSTITUTION.sub(_PRINTED, drawn))
    before = ""
    while before != drawn:
        before = drawn
        for pattern, sign in _COMES_TO:
            drawn = pattern.sub(sign, drawn)
    return drawn.strip() in (_YES, _NO)


def _answer_of(test: re.Match[str]) -> str:
    """What a test says of conda where conda is there."""
    if test["path"] and not is_folder(test["path"]):
        return test[0]
    no = bool(test["no"]) + bool(test["empty"]) + (test["sign"] in ("=", "=="))
    return _NO if no % 2 else _YES
