"""Writes what shells and `man` read about slurmfix into share/, from the command's own options.

python tools/make_shell_files.py
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from slurmfix import __version__  # noqa: E402
from slurmfix.cli import main  # noqa: E402
from slurmfix.completion import completion, options, values  # noqa: E402

SHARE = HERE / "share"
EXIT = (
    ("0", "Nothing to do, or all that there was to do is applied."),
    ("1", "Something would change, or something is left for a person."),
    ("2", "The command was used wrongly, or a file could not be read."),
    ("3", "A rewritten script did not keep what is promised: nothing of it was written."),
)
ENVIRONMENT = (
    (
        "SLURMFIX_CONFIG",
        "The site's configuration file; empty for none. Else slurmfix/slurmfix.toml in XDG_CONFIG_DIRS.",
    ),
    ("SLURMFIX_PAGER, PAGER", "What shows output that is longer than the screen; `cat' or empty for none."),
    ("VISUAL, EDITOR", "What --interactive opens for e."),
    ("NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE", "Whether colours are used, where --color does not say."),
)
SEEN = (
    ("slurmfix job.sh", "Show what would change."),
    ("slurmfix scripts/ > conda.patch", "Keep it as a patch, for `git apply' or `patch -p1'."),
    ("slurmfix -o html scripts/ > report.html", "The same as a page to read and click through."),
    ("slurmfix --write job.sh", "Change it."),
    ("slurmfix --env myenv=environment.yml job.sh", "Say which file describes an environment."),
)


def man() -> str:
    lines = [
        f'.TH SLURMFIX 1 "" "slurmfix {__version__}" "User Commands"',
        ".SH NAME",
        "slurmfix \\- rewrite Slurm job scripts from conda to modules and a virtualenv",
        ".SH SYNOPSIS",
        ".B slurmfix",
        "[\\fIOPTIONS\\fR] \\fIPATH\\fR...",
        ".SH DESCRIPTION",
    ]
    for paragraph in (main.help or "").partition("Exit status")[0].strip().split("\n\n"):
        lines += [_roff(" ".join(line.strip() for line in paragraph.split("\n"))), ".PP"]
    lines[-1] = ".SH OPTIONS"
    for option in options(main):
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in option.opts)
        found = values(option)
        if isinstance(option.type, click.Choice):
            names += " " + "|".join(f"\\fI{_roff(value)}\\fR" for value in found or ())
        elif found is not None:
            names += f" \\fI{_roff(option.metavar or 'VALUE')}\\fR"
        lines += [".TP", names, _roff(option.help or "")]
    for title, rows in (("EXIT STATUS", EXIT), ("ENVIRONMENT", ENVIRONMENT), ("EXAMPLES", SEEN)):
        lines.append(f".SH {title}")
        for name, says in rows:
            lines += [".TP", f"\\fB{_roff(name)}\\fR", _roff(says)]
    lines += [
        ".SH FILES",
        ".TP",
        "\\fIslurmfix.toml\\fR, \\fI.slurmfix.toml\\fR, \\fIpyproject.toml\\fR",
        "The configuration of a repository: the nearest file above a script that speaks of slurmfix.",
        ".TP",
        "\\fI$XDG_CONFIG_HOME/slurmfix/slurmfix.toml\\fR",
        _roff("The configuration of a user, under that of the repository. `slurmfix --show-config' tells what holds."),
        ".SH SEE ALSO",
        ".BR sbatch (1),",
        ".BR patch (1)",
    ]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


MADE = {
    "bash-completion/completions/slurmfix": partial(completion, "bash", main),
    "zsh/site-functions/_slurmfix": partial(completion, "zsh", main),
    "fish/vendor_completions.d/slurmfix.fish": partial(completion, "fish", main),
    "man/man1/slurmfix.1": man,
}

if __name__ == "__main__":
    for name, make in MADE.items():
        (SHARE / name).parent.mkdir(parents=True, exist_ok=True)
        (SHARE / name).write_text(make(), encoding="utf-8")
