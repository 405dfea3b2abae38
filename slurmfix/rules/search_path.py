"""PATH, LD_LIBRARY_PATH or PYTHONPATH is made to point into a conda.

What it finds
    `export PATH=$HOME/miniconda3/bin:$PATH`, `PATH=…/envs/foo/bin:$PATH`, `export LD_LIBRARY_PATH=…/envs/foo/lib:…`,
    `export PYTHONPATH=…/envs/foo/lib/python3.9/site-packages`.

Why it matters
    The conda entries come before the modules and the virtualenv: the wrong interpreter or library is found first. On
    the clusters PYTHONPATH also carries what the modules provide, and LD_LIBRARY_PATH is not to be set at all.

Instead
    The conda entries go; a line that holds nothing else goes whole. An entry `…/envs/foo/bin` in front of PATH enters
    the environment foo, as an activation does.

Fix safety
    As the activations of the script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from slurmfix.rules.rule import (
    CONDA,
    ENTER,
    ODDLY_QUOTED,
    PROVIDE,
    PYTHON,
    REPORT,
    Finding,
    Rule,
    Target,
    environment_path,
    is_plain,
)
from slurmfix.shell import DECLARING, Command, Script, Word

_ACROSS = "a quote opens in one entry and closes in another: take conda's entry out by hand"
_PATHS = ("PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "PYTHONPATH", "CPATH", "PKG_CONFIG_PATH", "MANPATH")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if words and words[0].literal not in DECLARING:
        return
    assignments = command.assignments
    for assigned in assignments:
        if assigned.name not in _PATHS or (
            not CONDA.search(assigned.word.source) and "/envs/" not in assigned.word.source
        ):
            continue
        entries = _entries(assigned.word)
        conda = [entry for entry in entries if _points_into_conda(entry[2])]
        if not conda:
            continue
        of_conda = set(conda)
        kept = [entry for entry in entries if entry not in of_conda and entry[2].strip("\"'")]
        only_itself = all(entry[2].strip("\"'") in (f"${assigned.name}", f"${{{assigned.name}}}") for entry in kept)
        whole = only_itself and len(assignments) == 1
        act, target = _meaning(assigned.name, entries, conda)
        says = f"puts {conda[0][2].strip(chr(34))} on {assigned.name}"
        if any(not is_plain(entry.strip('"')) for _, _, entry in conda):
            yield Finding("search-path", REPORT, command.span, says, command, why=ODDLY_QUOTED)
            continue
        if whole:
            yield Finding("search-path", act, command.span, says, command, target)
            continue
        if any(_is_across(assigned.word.source[start:end]) for start, end, _ in conda):
            yield Finding("search-path", REPORT, command.span, says, command, why=_ACROSS)
            continue
        for number, (start, end, _) in enumerate(conda):
            span = assigned.word.part(start, end)
            yield Finding("search-path", act if number == 0 else PROVIDE, span, says, command, target)


def _is_across(entry: str) -> bool:
    return "\n" in entry or any(entry.count(quote) % 2 for quote in "\"'`")


def _meaning(
    name: str, entries: list[tuple[int, int, str]], conda: list[tuple[int, int, str]]
) -> tuple[str, Target | None]:
    """What the line does: enter an environment, bring conda's own Python, or neither."""
    if name != "PATH":
        return PROVIDE, None
    before = entries.index(conda[0])
    appended = any(entry.strip("\"'") in ("$PATH", "${PATH}") for _, _, entry in entries[:before])
    for _, _, entry in conda:
        found = environment_path(entry.strip("\"'").rstrip("/"))
        if found and found[2] == "bin":
            if found[1] != "base" and "$" not in found[1]:
                return (PYTHON if appended else ENTER), Target("path", found[0])
            if found[1] == "base":
                return PYTHON, None
    return PROVIDE, None


def _points_into_conda(entry: str) -> bool:
    entry = entry.strip("\"'")
    if "TMPDIR" in entry:
        return False
    return environment_path(entry.rstrip("/")) is not None or bool(
        re.search(r"\$\{?(CONDA_PREFIX|CONDA_ROOT|CONDA_HOME|CONDA_DIR|CONDA_BASE)\}?/", entry)
        or re.search(r"\$\(conda info --base\)", entry)
    )


def _entries(word: Word) -> list[tuple[int, int, str]]:
    """The entries between the colons: where each stands in the word, with the colon that goes with it, and its text."""
    source, depth, quote = word.source, 0, ""
    cuts = []
    for at, letter in enumerate(source):
        if letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif letter in "'`" and quote in ("", letter):
            quote = "" if quote else letter
        elif letter == ":" and not depth and not quote:
            cuts.append(at)
    bounds = [-1, *cuts, len(source)]
    found = []
    for number, (left, right) in enumerate(pairwise(bounds)):
        entry = source[left + 1 : right]
        start, end = left + 1, right
        # A quote that opens before this entry and closes after it stays.
        start += 1 if entry.startswith('"') and entry.count('"') == 1 else 0
        end -= 1 if entry.endswith('"') and entry.count('"') == 1 and len(entry) > 1 else 0
        if right < len(source):
            end = right + 1
        elif number:
            start -= 1 if source[start - 1 : start] == ":" else 0
        found.append((start, end, entry))
    return found


RULE = Rule(
    "search-path",
    "PATH, LD_LIBRARY_PATH or PYTHONPATH is made to point into a conda",
    check,
    words=("conda", "mamba", "miniforge", "/envs/"),
    bad=(
        "export PATH=$HOME/miniconda3/bin:$PATH\n",
        'export PATH="/x/miniconda3/envs/foo/bin:/opt/tool/bin:$PATH"\n',
        "export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/x/miniconda3/envs/foo/lib/\n",
        "PYTHONPATH=/x/anaconda3/lib/python3.9/site-packages\n",
        'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib:$LD_LIBRARY_PATH"\n',
        'export PATH=/x/"miniconda3/bin:/opt/tool/bin:$PATH"\n',
    ),
    good=("export PATH=$HOME/bin:$PATH\n", "export PYTHONPATH=$PYTHONPATH:$PWD\n", "CONDA_ROOT=/x/miniconda3\n"),
    manual=__doc__ or "",
)
