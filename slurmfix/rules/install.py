"""Packages are installed, or an environment is made, while the job runs.

What it finds
    `conda install`, `conda create`, `conda env create`, `conda env update`, `conda update`, `conda remove` (also
    mamba and micromamba), and `pip install` in a job that uses conda.

Why it matters
    Most compute nodes have no internet. Where they have, every run gets other versions, and every task of an array
    changes the one environment that all the others are using.

Instead
    What conda would install or make goes into the requirements of the environment, and the line goes. `pip install`
    gets `--no-index`, so that it takes the cluster's wheels, and loses `--user`, which pip refuses in a virtualenv.
    What only a module has (`opencv-python`, `pyarrow`) is found by pip where the module is loaded before the virtualenv
    is made. A cluster without wheels of its own (the profile `generic`) keeps the line.

Fix safety
    `review`. What `pip install` puts only into an environment that has to be made first (`if [ ! -d … ]`) is named: it
    belongs into the requirements. A `pip install` of something that is no wheel (an address, an editable folder with
    dependencies) is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Drop, Install, Left, Pip, Report
from slurmfix.rules.rule import (
    Finding,
    Rule,
    arguments,
    program,
    subcommand,
    target_of,
)
from slurmfix.shell import PIPELINE, SUBSTITUTION, Command, Script, Word
from slurmfix.text import Span, excerpt

_INSTALLER = re.compile(r"(?:\A|/)(?:(?:mini|ana)conda|miniforge|mambaforge)[\w.-]*\.sh\Z", re.I)
_INSTALLS = ("wget", "curl", "bash", "sh", "chmod", "rm")
_PYTHON = re.compile(r"python\d\.\d+")
# Options of `pip install` that change nothing of what is installed where: with a word behind, and alone.
_ONE_MORE = frozenset(
    """
    -i --index-url --extra-index-url -f --find-links --trusted-host --timeout --default-timeout --retries
    --progress-bar --exists-action --cache-dir --log --proxy
    """.split()
)
_ALONE = frozenset(
    """
    -q -qq -qqq --quiet -v -vv --verbose -U --upgrade -I --ignore-installed --no-cache-dir --no-cache --user
    --prefer-binary --disable-pip-version-check --no-warn-script-location --no-input --force-reinstall
    --no-warn-conflicts --break-system-packages
    """.split()
)
_LISTS = ("-r", "--requirement")
_EDITABLE = ("-e", "--editable")
_INDEXES = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host")  # of no use without one
# The mark of PyTorch's own wheels, behind the version; those of the cluster have another one.
_BUILD = re.compile(r"==[\w.*]+(\+(?:cu\d+|cpu|rocm[\d.]+))[\"']?\Z")
_INTO_HOME = phrase("pip installs into the home folder in the job")
_FROM_INDEX = phrase("pip asks an index on the internet in the job")
_FROM_INTERNET = phrase("pip installs from the internet in the job")
_ADDRESS = re.compile(r"(git|hg|svn)\+|https?://|ssh://")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if not words:
        return
    if _installs_conda(command, words):
        says = phrase("fetches or installs conda itself")
        yield Finding("install", Drop(), command.span, says, command, alone=True)
        return
    if program(words[0]):
        asked, rest = subcommand(words)
        if asked == "env" and rest:
            asked, rest = f"env {rest[0].literal}", rest[1:]
        if asked in ("install", "create", "update", "upgrade", "env create", "env update"):
            yield _conda(command, asked, rest)
        elif asked in ("remove", "uninstall", "env remove"):
            doubt = "" if asked == "env remove" else messages.REMOVED_PACKAGE.about(source=excerpt(command.source))
            yield Finding(
                "install", Drop(), command.span, phrase("conda {asked} in the job", asked=asked), command, doubt=doubt
            )
        if asked != "run":
            return
        words = rest
    yield from _pip(command, words)


def _installs_conda(command: Command, words: tuple[Word, ...]) -> bool:
    """`wget …/Miniconda3-latest-Linux-x86_64.sh`, `bash Miniconda3-latest-Linux-x86_64.sh -b`, and what tidies up."""
    named = [word.literal for word in words if _INSTALLER.search(word.literal)]
    if not named or any(place.kind in (PIPELINE, SUBSTITUTION) for place in command.within):
        return False
    return words[0].literal in _INSTALLS or named[0] == words[0].literal


def _conda(command: Command, asked: str, rest: tuple[Word, ...]) -> Finding:
    target, packages, files = None, [], []
    creates = asked in ("create", "env create")
    for option, value, _ in arguments(rest):
        if value is None:
            continue
        if not option:
            packages.append(value.literal)
        elif option in ("--name", "--prefix"):
            target = target_of(value)
        elif option == "--file":
            files.append(value.literal)
        elif option == "--clone":
            creates = False  # what a clone holds is known from its original alone
    if asked in ("install", "update", "upgrade") and any(
        re.match(r"(conda|mamba)([<>=].*)?\Z", name) for name in packages
    ):
        packages = [name for name in packages if not re.match(r"(conda|mamba)([<>=].*)?\Z", name)]
        if not packages and not files:
            return Finding(
                "install", Drop(), command.span, phrase("conda {asked} of conda itself", asked=asked), command
            )
    act = Install(target, tuple(packages), tuple(files), creates)
    return Finding("install", act, command.span, phrase("conda {asked} in the job", asked=asked), command)


def _pip(command: Command, words: tuple[Word, ...]) -> Iterator[Finding]:
    literals = [word.literal for word in words]
    at = next((n for n, word in enumerate(literals) if re.match(r"(.*/)?pip[\d.]*\Z", word)), None)
    if (
        at is None
        or literals[at - 1 : at] == ["uv"]  # it has a rule of its own
        or "install" not in literals[at : at + 3]
        or "--no-index" in literals
        or literals[0] in ("echo", "printf")
    ):
        return
    place = literals.index("install", at)
    if (at > 2 and not program(command.words[0])) or "--help" in literals or place + 1 == len(literals):
        return
    indexes = _indexes(words[place:])
    asked = [word for word in words[place:] if not any(span.holds(word.span) for span in indexes)]
    if any(_ADDRESS.search(word.literal) for word in asked):
        says, why = (
            phrase("pip installs from an address in the job"),
            messages.PIP_FROM_ADDRESS.about(source=excerpt(command.source)),
        )
        yield Finding("install", Report(Left.PIP), command.span, says, command, why=why)
        return
    files, lists = _lists(words[place:])
    alone = () if lists else files
    for before, word in zip(words[place:], words[place + 1 :], strict=False):
        if word.literal == "--user":  # pip refuses it in a virtualenv
            span = Span(before.span.end, word.span.end)
            yield Finding("install", Pip("", alone), span, _INTO_HOME, command)
    marks = ((word, match) for word in asked if (match := _BUILD.search(word.source)))
    builds = (Span(word.span.start + match.start(1), word.span.start + match.end(1)) for word, match in marks)
    for span in (*indexes, *builds):
        yield Finding("install", Pip("", alone), span, _FROM_INDEX, command)
    if by_version := _PYTHON.fullmatch(words[at - 2].source) if at >= 2 else None:  # no other Python is in a virtualenv
        says = phrase("calls pip of {python}, which the virtualenv may not have", python=by_version[0])
        yield Finding("install", Pip("python", alone), words[at - 2].span, says, command)
    span = Span(words[place].span.end, words[place].span.end)
    yield Finding("install", Pip(" --no-index", files, lists), span, _FROM_INTERNET, command)


def _indexes(words: tuple[Word, ...]) -> tuple[Span, ...]:
    """Where the options of `install` stand that name an index by its address, each with the blank before it."""
    found = []
    for before, word, after in zip(words, words[1:], (*words[2:], None), strict=False):
        option, equals, value = word.literal.partition("=")
        if option in _INDEXES and equals and "://" in value:
            found.append(Span(before.span.end, word.span.end))
        elif option in _INDEXES and after is not None and ("://" in after.literal or option == "--trusted-host"):
            found.append(Span(before.span.end, after.span.end))
    return tuple(found)


def _lists(words: tuple[Word, ...]) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """The lists that `install` is told to read, and where they stand in the command if it also installs packages that
    it names; nothing where it installs into another place, or another option is not known.
    """
    files: list[str] = []
    spans: list[Span] = []
    more = False
    at = 1
    while at < len(words):
        start, word = at, words[at].literal
        option, equals, value = word.partition("=")
        at += 1 + (option in (*_LISTS, *_EDITABLE, *_ONE_MORE) and not equals)
        if option in _LISTS or word.startswith("-r"):
            last = words[min(at, len(words)) - 1]
            files.append(value if equals else word[2:] if option not in _LISTS else last.literal)
            spans.append(Span(words[start - 1].span.end, last.span.end))
        elif option in _EDITABLE or not word.startswith("-"):
            more = True
        elif option not in _ONE_MORE and word not in _ALONE:
            return (), ()
    return tuple(files), tuple(spans) if more else ()


RULE = Rule(
    "install",
    "packages are installed, or an environment is made, while the job runs",
    check,
    words=(".sh", "install", "create", "update", "upgrade", "remove"),
    bad=(
        "conda install -y numpy\n",
        "conda create -y -n foo python=3.9 numpy\n",
        "conda env create -f environment.yml\n",
        "mamba env update -n foo --file env.yml\n",
        "conda create -yp=$HOME/envs/foo -cconda-forge numpy\n",
        "conda env remove -y -n foo\n",
        "wget https://x.org/Miniconda3-latest-Linux-x86_64.sh\nbash Miniconda3-latest-Linux-x86_64.sh -b\n"
        "conda activate x\n",
        "conda activate x\npip install numpy\n",
        "conda env create -f - <<EOF\nname: x\nEOF\nconda activate x\n",
        "conda activate x\npip install git+https://example.org/x.git\n",
    ),
    good=(
        "pip install --no-index numpy\n",
        "pip install\n",
        "echo conda install numpy\n",
        "# conda install numpy\n",
        "apt install conda\n",
    ),
    manual=__doc__ or "",
)
