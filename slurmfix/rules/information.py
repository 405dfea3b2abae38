"""conda is asked about itself, or configured.

What it finds
    `conda info`, `conda list`, `conda env list`, `conda env export`, `conda config`, `conda clean`, `conda --version`.

Why it matters
    Without conda these fail; under `set -e` such a line ends the job.

Instead
    `conda list` becomes `pip list` and `conda env export` becomes `pip freeze`; what only tells about conda goes.
    Where the output is used by other commands, or goes to a file, the line is left for a person.

Fix safety
    `review`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.rules.rule import ASKS, DROP, REPLACE, REPORT, Finding, Rule, program, subcommand
from slurmfix.shell import PIPELINE, SUBSTITUTION, Command, Script, Word

# Output that goes neither to another descriptor nor to a device, such as /dev/null.
_TO_FILE = re.compile(r"""[\d&]*>(?![>|&]?\s*["']?/dev/|&\s*[\d-])""")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if len(words) < 2:
        return
    if words[0].literal in ("which", "command", "type", "hash") and program(words[-1]) and "/" not in words[-1].literal:
        yield Finding("information", ASKS, command.span, "asks whether conda is there", command)
        return
    if not program(words[0]):
        return
    asked, rest = subcommand(words)
    if asked == "env" and rest:
        asked = f"env {rest[0].literal}"
    if asked not in (
        "info",
        "list",
        "env list",
        "env export",
        "env config",
        "config",
        "clean",
        "search",
        "",
        "doctor",
        "notices",
        "package",
        "env",
    ):
        return
    options = [word.literal for word in (rest if asked == "list" else rest[1:])]
    used = ""
    if any(place.kind in (SUBSTITUTION, PIPELINE) for place in command.within):
        used = "is used by another command"
    elif any(_TO_FILE.match(redirect) for redirect in command.redirects):
        used = "goes to a file"
    says = f"asks conda: {command.source.strip()[:60]}"
    if asked == "list" and all(option in ("-v",) for option in options):
        yield Finding("information", REPLACE, command.span, says, command, new="pip list")
    elif asked == "env export":
        yield Finding("information", REPLACE, command.span, says, command, new="pip freeze --local")
    elif used:
        yield Finding(
            "information",
            REPORT,
            command.span,
            says,
            command,
            why=f"its output {used}: see what the job needs of it",
        )
    else:
        yield Finding("information", DROP, command.span, says, command)


RULE = Rule(
    "information",
    "conda is asked about itself, or configured",
    check,
    words=("conda", "mamba"),
    bad=(
        "conda info --envs\n",
        "conda list\n",
        "conda config --add channels bioconda\n",
        "if ! command -v conda; then echo no conda; exit 1; fi\nconda activate x\n",
        "conda env export > env.yml\n",
        "X=$(conda info --base)\n",
        "conda list -n x > packages.txt\n",
    ),
    good=("pip list\n", "echo conda info\n", "module list\n"),
    manual=__doc__ or "",
)
