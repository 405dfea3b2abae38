"""The manual pages: of the rules, of the applicabilities, and of the classes that a dependency can end in."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from slurmfix.language import ENGLISH, chosen, tr
from slurmfix.remarks import KINDS, Message, Parts, messages
from slurmfix.rules import RULES, Rule

APPLICABILITIES = {
    "safe": """\
The change needs no second look.

What it means
    Everything that the script does with conda is known, every environment was read from a file or from disk, and all
    that it holds is served by a wheel or a module. `slurmfix --write --safe` applies such changes alone.

What to do
    Nothing. Read the diff if you like.""",
    "review": """\
The change is most likely right, and a person should look at it once.

What it means
    Something was guessed, left out or said in another way: an environment that nobody could see (its requirements are
    then what the job's own Python files import), a package that neither a wheel nor a module serves, a version that the
    cluster does not have, packages that the job itself installs. The report says which.

What to do
    Read what the report says about the environment, and the head of the requirements file. Then `slurmfix --write`, or
    `slurmfix --interactive` to take some changes and leave others.""",
    "manual": """\
The line stays as it is: a person has to see to it.

What it means
    No rewrite is known that surely does the same, or what the script says depends on what only the running job knows.
    All that belongs to such a line stays too: a script is converted whole, or not at all.

What to do
    The report says why, and what can be done. To leave a line for good, end it with `# slurmfix: ignore`.""",
}
_WIDTH = 120
CLASSES = {
    "module": """\
A module serves the dependency.

What it means
    A program (samtools, gmx), a library, or a Python package that no wheel carries (pyarrow, opencv, mpi4py) comes with
    `module load`. The rewritten job loads it before the virtualenv is made, in a version that fits the Python.

What to do
    Nothing.""",
    "dropped": """\
The dependency needs nothing in its place.

What it means
    It is part of the interpreter (python, pip, openssl), of the standard environment (compilers, the BLAS under NumPy),
    or of conda itself.

What to do
    Nothing. If the job does need it, `module spider NAME` on the cluster tells where it is.""",
    "unknown": """\
Nothing that serves the dependency is known.

What it means
    Neither the wheelhouse nor the modules are known to have it. It stands in the head of the requirements file, with
    the reason, and is not installed.

What to do
    If the job does without it, nothing. Else, on a login node: `avail_wheels NAME` and `module spider NAME`; where both
    find nothing, `pip download --no-deps NAME`, and put the path of the wheel into the requirements file; or ask the
    cluster's support team for it. `--to apptainer` keeps the environment as it is, in an image.""",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One manual page: `kind` is "rule", "applicability", "class" or "message"."""

    kind: str
    name: str
    says: str
    text: str


def pages() -> tuple[Page, ...]:
    """The pages of rules, applicabilities and classes, in the language of the run."""
    found = [Page("rule", rule.name, tr(rule.says), _told(rule.manual)) for rule in RULES]
    for kind, texts in (("applicability", APPLICABILITIES), ("class", CLASSES)):
        told = {name: _told(text) for name, text in texts.items()}
        found += [Page(kind, name, text.split("\n", 1)[0], text) for name, text in told.items()]
    return tuple(found)


def words_of_pages() -> tuple[str, ...]:
    """The first lines, headings and paragraphs of these pages, for the catalogues of languages."""
    texts = (*(rule.manual for rule in RULES), *APPLICABILITIES.values(), *CLASSES.values())
    return tuple(dict.fromkeys(words for text in texts for part in _parts(text) for words in part))


def _parts(text: str) -> Iterator[tuple[str, ...]]:
    """The first line of a page, then each heading with its paragraph on one line."""
    for part in text.strip().split("\n\n"):
        heading, *body = part.split("\n")
        yield (heading, " ".join(line.strip() for line in body)) if body else (heading,)


def _told(text: str) -> str:
    """A page in the language of the run, its paragraphs moved in and as wide as in English."""
    if chosen() == ENGLISH:
        return text.strip()
    return "\n\n".join("\n".join((tr(part[0]), *map(_filled, map(tr, part[1:])))) for part in _parts(text))


def _filled(paragraph: str) -> str:
    moved = "    "
    return textwrap.fill(
        paragraph, _WIDTH, initial_indent=moved, subsequent_indent=moved, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip


def message_pages() -> tuple[Page, ...]:
    return tuple(Page("message", each.id, _title(each), message_page(each)) for each in messages())


def page(name: str) -> Page | None:
    return next((each for each in (*pages(), *message_pages()) if each.name == name), None)


def _title(message: Message) -> str:
    return f"{message.subject}: {message.reason}"


def message_page(message: Message) -> str:
    """The manual page of a message: what it says, what its kind means, and the two scripts that show it."""
    said = Parts(*map(tr, message.parts))
    whole = tr("{subject}: {reason}").format_map({"subject": said.subject, "reason": said.reason})
    parts = [_sentence(whole)]
    parts.append(
        f"{tr('Kind')}\n    {tr('{subject}: {reason}').format(subject=message.kind, reason=tr(KINDS[message.kind]))}."
    )
    if message.page:
        parts.append(_moved_in(tr("What it means"), tr(message.page)))
    if message.action:
        parts.append(f"{tr('What to do')}\n{_filled(_sentence(said.action))}")
    if message.bad:
        parts.append(_moved_in(tr("A script of which it is said"), message.bad))
    if message.good:
        parts.append(_moved_in(tr("A script of which it is not"), message.good))
    return "\n\n".join(parts)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _moved_in(title: str, text: str) -> str:
    return title + "".join(f"\n    {line}".rstrip(" ") for line in text.strip("\n").split("\n"))


def summary_of(rule: Rule) -> str:
    """The first sentence of a rule's page."""
    return rule.manual.strip().split("\n", 1)[0]


def listing() -> str:
    """All pages, one line each."""
    found = pages()
    width = max(len(each.name) for each in found)
    rules = [f"{each.name:{width}}  {each.says}" for each in found if each.kind == "rule"]
    return "\n".join(rules)


def message_table() -> str:
    """docs/messages.md: all messages for those who proofread them."""
    lines = [
        "# What slurmfix says",
        "",
        "Names in braces are filled in from the script. `slurmfix --explain ID` shows one with its examples.",
        "This page is made from the messages themselves: `WRITE_DOCS=1 pytest tests/test_messages.py`.",
    ]
    for kind, meaning in KINDS.items():
        lines += ["", f"## {kind}: {meaning}", "", "| id | subject | reason | what to do |", "|---|---|---|---|"]
        rows = [(each.id, *each.parts) for each in messages() if each.kind == kind]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
