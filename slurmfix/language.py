"""The language of what people read: English, or a catalogue of its sentences in another language."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache

from slurmfix.remarks import Parts, Phrase, Remark, filled

ENGLISH = "en"
HERE = os.path.join(os.path.dirname(__file__), "locale")
_ENTRY = r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)'
_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}
_chosen = ENGLISH  # one for the run: all that a run prints is in one language


def languages() -> tuple[str, ...]:
    """Those that there is a catalogue for, and English."""
    return (ENGLISH, *sorted(name[:-3] for name in os.listdir(HERE) if name.endswith(".po")))


def choose(wanted: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """Sets the language of this run: the one that is wanted, else that of the locale; what is not there is English."""
    global _chosen
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    names = [wanted] if wanted else [*environ.get("LANGUAGE", "").split(":"), locale] if locale not in ("", "C") else []
    short = (re.split(r"[_.@]", name or "")[0] for name in names)
    _chosen = next((name for name in short if name in languages()), ENGLISH)
    return _chosen


def chosen() -> str:
    return _chosen


def tr(text: str) -> str:
    """A sentence or a part of one in the language of the run; in English where the catalogue does not have it."""
    if _chosen == ENGLISH:
        return text
    if isinstance(text, Remark):
        return sentence(text)
    if isinstance(text, Phrase):
        words = catalogue(_chosen).get(text.words, text.words)
        return words.format_map(told(text.values)) if text.values else words
    return catalogue(_chosen).get(text, text)


def counted(one: str, several: str, count: int) -> str:
    """One of two sentences with a `{count}`, as gettext's ngettext chooses: French says "0 message"."""
    is_one = count <= 1 if zero_is_one(_chosen) else count == 1
    return tr(one if is_one else several).format(count=count)


def subject(remark: Remark, line: int = 0) -> str:
    """What a remark is about, in the language of the run."""
    return _parts(remark, line).subject


def _parts(remark: Remark, line: int) -> Parts:
    said = Parts(*map(tr, remark.message.parts))
    return filled(said, remark.line or line, remark.environment, told(remark.values))


def sentence(remark: Remark, line: int = 0) -> str:
    """A remark in the language of the run; `line` is that of its finding, where it has none of its own."""
    parts = _parts(remark, line)
    return tr("{subject}: {reason}; {action}" if parts.action else "{subject}: {reason}").format(**parts._asdict())


def told(values: Mapping[str, str]) -> dict[str, str]:
    """What is filled into a sentence, in the language of the run: names stay as they are, phrases do not."""
    return {key: tr(value) if isinstance(value, Phrase | Remark) else value for key, value in values.items()}


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """A gettext catalogue (`.po`), without its head and its entries that wait for a translation."""
    return {original: said for original, said in _entries(language).items() if original and said}


@lru_cache
def zero_is_one(language: str) -> bool:
    """Whether the head of a language's catalogue says that the plural begins with two."""
    return language != ENGLISH and "plural=(n > 1)" in _entries(language)[""]


def _entries(language: str) -> dict[str, str]:
    with open(os.path.join(HERE, f"{language}.po"), encoding="utf-8") as file:
        return {_plain(match[1]): _plain(match[2]) for match in re.finditer(_ENTRY, file.read(), re.M)}


def _plain(quoted: str) -> str:
    inner = "".join(re.findall(r'"(.*)"', quoted))
    return re.sub(r'\\[nt"\\]', lambda match: _ESCAPES[match[0]], inner)
