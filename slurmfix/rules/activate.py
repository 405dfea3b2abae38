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

from slurmfix.rules.acts import Enter, Target
from slurmfix.rules.rule import (
    CONDA,
    ODDLY_QUOTED,
    Finding,
    Rule,
    arguments,
    base_target,
    is_plain,
    program,
    subcommand,
    target_of,
)
from slurmfix.shell import Command, Script, Word

_STACKED = "of two virtualenvs only one is active: put the packages of both environments into one, and activate that"
_ASKED = re.compile(r"(?:\$\(|`)[^)`]*\b(?:conda|mamba|micromamba)\s")
_OWN_FOLDER = re.compile(r"\$\(\s*(?:conda|mamba) info --base\s*\)")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    target = _activated(words)
    if target is not None:
        name = {"base": "conda's base environment", "word": f"the environment {target.text}"}.get(
            target.kind, f"the conda environment {target.text}"
        )
        why = _STACKED if any(word.literal == "--stack" for word in words) else ""
        if target.word is None and any(not is_plain(word.source) for word in words[1:2] if "/" in word.source):
            why = ODDLY_QUOTED  # the environment is told from its path
        if target.word is not None and _ASKED.search(_OWN_FOLDER.sub("", target.text)):
            why = f"without conda nobody answers {target.text}: write the name of the environment here"
        yield Finding("activate", Enter(target), command.span, f"activates {name}", command, why=why)


def _activated(words: tuple[Word, ...]) -> Target | None:
    match [word.literal for word in words]:
        case ["source" | ".", "activate", *_]:
            return _named(words[2:])
        case ["source" | ".", path, *given] if path.endswith("/activate") and not all(x.startswith("-") for x in given):
            return _named(words[2:])  # that of a virtualenv takes no name
        case ["source" | ".", path, *_] if path.endswith("/bin/activate"):
            if "TMPDIR" in path:
                return None
            return _by_script(words[1]) if CONDA.search(path) else None
        case ["activate", name, *_] if not name.startswith("-"):
            return _named(words[1:])
        case [_, *_] if program(words[0]):
            asked, rest = subcommand(words)
            return _named(rest) if asked == "activate" else None
    return None


def _named(words: tuple[Word, ...]) -> Target:
    """The environment among the words after `activate`; base where they name none."""
    for option, value, _ in arguments(words):
        if value is not None and option in ("", "--name", "--prefix"):
            return target_of(value)
    return base_target()


def _by_script(word: Word) -> Target:
    """`source /x/envs/foo/bin/activate` is foo; `source /x/miniconda3/bin/activate` is base."""
    prefix = word.literal[: -len("/bin/activate")]
    parent, _, name = prefix.rpartition("/")
    if parent.rsplit("/", 1)[-1] in ("envs", "env"):
        if "$" in name or "`" in name:
            return Target("word", name)
        return Target("path", prefix) if "$" not in prefix else Target("name", name)
    return base_target()


RULE = Rule(
    "activate",
    "a conda environment is activated",
    check,
    words=("activate",),
    bad=(
        "conda activate myenv\n",
        "mamba activate myenv\n",
        "micromamba activate ./env\n",
        "source activate myenv\n",
        "source activate\n",
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
        "conda activate $(conda env list | grep torch)\n",
        "if conda activate x; then python y; fi\n",
    ),
    good=(
        "source venv/bin/activate\n",
        'source "$SLURM_TMPDIR/conda/bin/activate"\n',
        "# conda activate myenv\n",
        "echo conda activate myenv\n",
        "cat <<EOF\nconda activate myenv\nEOF\n",
    ),
    manual=__doc__ or "",
)
