"""A conda environment is activated.

What it finds
    `conda activate NAME` (also mamba and micromamba), `source activate NAME`, `. activate NAME`, bare `activate NAME`,
    and `source CONDA/bin/activate [NAME]`; by name, by path, by a variable, or conda's own base.

Why it matters
    conda is not recommended on the clusters: it brings its own libraries instead of the tuned ones, and an environment
    in the home folder is tens of thousands of small files. The wiki's way is modules and a virtualenv in the job.

Instead
    The modules are loaded, a virtualenv is built in `$SLURM_TMPDIR` from the cluster's wheels, and activated.

Fix safety
    Safe where the environment was read from a file or from disk and everything in it is served; `review` where packages
    were guessed, left out or changed, or where the script itself sets `$SLURM_TMPDIR`, or empties it too early. `conda
    activate --stack` is left: of two virtualenvs only one can be active.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Enter, Report, Target
from slurmfix.rules.folders import is_installation, keeps_environments
from slurmfix.rules.rule import (
    CONDA,
    PROGRAMS,
    Finding,
    Rule,
    arguments,
    base_target,
    is_plain,
    program,
    subcommand,
    target_of,
)
from slurmfix.shell import Command, Script, Word, value_of
from slurmfix.text import excerpt

_VIRTUALENV = re.compile(r"[\"']?\S*bin/activate[\"']?")
_SAYS = {"base": "activates conda's base environment", "word": "activates the environment {name}"}
_ASKED = re.compile(r"(?:\$\(|`)[^)`]*\b(?:conda|mamba|micromamba)\s")
_ACTIVATE = re.compile(r"(?:/|\A)activate\Z|\A\"?\$\{?\w*(?:conda\w*activate|activate\w*conda)\w*\}?\"?\Z", re.I)
_CONDAS = re.compile(r"\$\{?\w*(?:conda|mamba|miniforge)\w*\}?\Z|\A\$\(conda info --base\)\Z", re.I)
# A folder in front of PATH that is neither the system's nor a person's own: `/vol/myvenv/bin`.
_FOLDER_OF_PROGRAMS = re.compile(
    r"\"?(?!(?:/usr(?:/local)?|\$HOME|\$\{HOME\}|~|\S*/\.local)?/bin\b)[^:\s\"]+/bin/?[\":]"
)
_VERSION = re.compile(r"(?:py|python|v)?[\d.]+[\w.-]*\Z", re.I)
_OWN_FOLDER = re.compile(r"\$\(\s*(?:conda|mamba) info --base\s*\)")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    target, why = _activated(words, command, script), ""
    if target is not None and target.text == "base" and (folder := _folder_on_path(words, command, script)):
        says, why = phrase("activates what PATH finds first"), messages.OF_A_VIRTUALENV.about(folder=folder)
        yield Finding("activate", Report(), command.span, says, command, why=why)
    elif target is not None:
        says = phrase(_SAYS.get(target.kind, "activates the conda environment {name}"), name=target.text)
        if any(word.literal == "--stack" for word in words):
            why = messages.STACKED.about()
        if target.word is None and any(not is_plain(word.source) for word in words[1:2] if "/" in word.source):
            why = messages.ODDLY_QUOTED.about(path=excerpt(words[1].source))  # the environment is told from its path
        if target.word is not None and _ASKED.search(_OWN_FOLDER.sub("", target.text)):
            why = messages.NAME_ASKED_OF_CONDA.about(asked=target.text)
        yield Finding("activate", Enter(target), command.span, says, command, why=why)


def _activated(words: tuple[Word, ...], command: Command, script: Script) -> Target | None:
    match [word.literal for word in words]:
        case ["source" | ".", "activate", *_]:
            return _named(words[2:])
        case ["source" | ".", _, *given]:
            alone = all(x.startswith("-") for x in given)
            return _by_file(words[1], command, script) if alone else _by_name(words, command, script)
        case ["activate", name, *_] if not name.startswith("-"):
            return _named(words[1:])
        case [_, *_] if program(words[0]):
            asked, rest = subcommand(words)
            return _named(rest) if asked == "activate" else None
    return None


def _folder_on_path(words: tuple[Word, ...], command: Command, script: Script) -> str:
    """The folder that the script puts on PATH, of which `source activate` finds the `activate`, and nothing up to there
    says conda; "" where there is none.
    """
    if [word.literal for word in words[1:]] != ["activate"]:
        return ""
    condas = (each for each in script.commands if each.span.end <= command.span.start or each.name in PROGRAMS)
    if CONDA.search(script.text) and any(CONDA.search(each.source) for each in condas):
        return ""
    above = (each for each in script.holding("path=") if each.span.end <= command.span.start)
    values = [assigned.word.source for each in above for assigned in each.assignments if assigned.name == "PATH"]
    found = [match[0].strip('":').rstrip("/") for value in values if (match := _FOLDER_OF_PROGRAMS.match(value))]
    return found[-1] if found else ""


def place_of_a_virtualenv(command: Command) -> int:
    """Where a command activates a virtualenv that is none of conda's; 0 for any other."""
    activates = command.name in ("source", ".") and len(command.words) > 1
    plain = activates and _VIRTUALENV.fullmatch(command.words[1].source) and not CONDA.search(command.source)
    return command.span.start if plain else 0


def _named(words: tuple[Word, ...]) -> Target:
    """The environment among the words after `activate`; base where they name none."""
    for option, value, _ in arguments(words):
        if value is not None and option in ("", "--name", "--prefix"):
            return target_of(value)
    return base_target()


def _by_name(words: tuple[Word, ...], command: Command, script: Script) -> Target | None:
    """`source X/activate NAME`, and the same where a variable holds that file: that of a virtualenv takes no name.

    None where nothing in the script says conda: a virtualenv's file takes no notice of a name that it is handed.
    """
    file = words[1].literal
    if not _ACTIVATE.search(file) and "$" in file:
        file = value_of(script, words[1], command).text
    if not _ACTIVATE.search(file) or ("$" not in file and not CONDA.search(script.text)):
        return None
    return _named(words[2:])


def _by_file(word: Word, command: Command, script: Script) -> Target | None:
    """`source /x/envs/foo/bin/activate` is foo; `source /x/miniconda3/bin/activate` is base.

    None where nothing says that the folder is conda's: then it is a virtualenv.
    """
    path = word.literal if "$" not in word.literal else value_of(script, word, command).text
    if not path.endswith("/bin/activate") or "TMPDIR" in path:
        return None
    prefix = path[: -len("/bin/activate")]
    above, _, name = prefix.rpartition("/")
    folder = above.rsplit("/", 1)[-1]
    if is_installation(name) or (is_installation(folder) and _VERSION.match(name)) or _CONDAS.search(name):
        return Target("base", prefix)
    if CONDA.search(name) and any(each.name in PROGRAMS for each in script.holding(*PROGRAMS)):
        return Target("base", prefix)  # `source ~/my_conda/bin/activate`, and then `conda activate x`
    if not keeps_environments(folder) or not CONDA.search(above):
        return None
    if "$" in name or "`" in name:
        return Target("word", name)
    return Target("path", prefix) if "$" not in prefix else Target("name", name)


RULE = Rule(
    "activate",
    "a conda environment is activated",
    check,
    words=("activate", "source $", 'source "$', ". $", '. "$'),
    bad=(
        "conda activate myenv\n",
        "mamba activate myenv\n",
        "micromamba activate ./env\n",
        "source activate myenv\n",
        "source activate\n",
        "export PATH=$HOME/bin:$PATH\nsource activate\n",
        "export PATH=/vol/me/myvenv/bin:$PATH\nsource activate\n",
        ". activate myenv\n",
        'source "activate" myenv\n',
        ". \\\n  activate myenv\n",
        'source "$HOME/miniconda3/bin/activate" myenv\n',
        "source ~/miniconda3/bin/activate\n",
        'CONDA_BIN=$(dirname $(which conda))\nsource "$CONDA_BIN/activate" myenv\n',
        "source ~/miniconda3/envs/x/bin/activate\n",
        'conda activate "$ENV"\n',
        "micromamba activate -nmyenv\n",
        'micromamba -r /x activate --prefix="$ENV"\n',
        "conda activate\n",
        "D=$HOME/anaconda3\nsource $D/bin/activate myenv\n",
        "A=$HOME/anaconda3/bin/activate\nsource $A myenv\n",
        "source ${CONDA_ACTIVATE} ${CONDA_NAME}\n",
        "source ~/my_conda/bin/activate\nconda activate myenv\n",
        "conda activate $(conda env list | grep torch)\n",
        "if conda activate x; then python y; fi\n",
    ),
    good=(
        "source venv/bin/activate\n",
        "source /data/venvs/vision/bin/activate vision\n",
        "source ~/venvs/conda_free/bin/activate\n",
        "E=$HOME/envs/foo\nsource $E/bin/activate\n",
        'source "$SLURM_TMPDIR/conda/bin/activate"\n',
        "# conda activate myenv\n",
        "echo conda activate myenv\n",
        "cat <<EOF\nconda activate myenv\nEOF\n",
    ),
    manual=__doc__ or "",
)
