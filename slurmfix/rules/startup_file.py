"""A start-up file of the shell is sourced for conda's sake.

What it finds
    `source ~/.bashrc` (also .bash_profile, .profile, .zshrc, .condarc-like files) before an activation, in a script
    that makes conda available in no other way: then the conda block in that file is what the line is for.

Why it matters
    What a person's own start-up file does is invisible to everyone else who runs the job.

Instead
    Nothing.

Fix safety
    `review`: the file may set other things that the job needs; then keep the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Provide
from slurmfix.rules.configured import Beside
from slurmfix.rules.rule import Finding, Rule
from slurmfix.shell import Command, Script, Word

_SHELLS = r"(?:bashrc|bash_profile|bash_login|profile|zshrc|zprofile)"
# A program may bring a `bashrc` of its own, as OpenFOAM does: without the dot it is the shell's in a home alone.
_STARTUP = re.compile(
    rf"(?:.*/)?\.{_SHELLS}\Z|(?:~\w*|\$HOME|\$\{{HOME\}}|/home/\w+)/{_SHELLS}\Z"
    r"|(?:.*/)?\.?(?:bash_conda|condainit|conda_init|bashrc_conda|conda_bashrc|bashrc\.conda)\Z"
)
_CONDA_FILE = re.compile(r"(?:.*/)?[\w.-]*(?:conda|mamba)[\w.-]*(?:\.sh|rc|\.bash|init\w*|setup\w*|env\w*|)\Z", re.I)


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    match [word.literal for word in words]:
        case ["source" | ".", path, *_] if path != "/etc/profile" and "profile.d/" not in path:
            if _STARTUP.match(path):
                says = phrase("sources {file}, for the conda set up there", file=path)
            elif _CONDA_FILE.match(path) and not path.endswith("activate"):
                says = phrase("sources {file}, which sets conda up", file=path)
            else:
                return
            doubt = messages.STARTUP_FILE.about(file=path)
            yield Finding("startup-file", Provide(), command.span, says, command, doubt=doubt, alone=True)


def is_at_hand(finding: Finding, beside: Beside) -> bool:
    """Whether it is a file beside the script that only bears conda's name: it is read as any file that is sourced."""
    words = [word.literal for word in finding.command.words]
    if finding.rule != "startup-file" or len(words) < 2 or _STARTUP.match(words[1]):
        return False
    return beside(words[1]) is not None


RULE = Rule(
    "startup-file",
    "a start-up file of the shell is sourced for conda's sake",
    check,
    words=("rc", "profile", "bash_login", "conda", "mamba"),
    bad=(
        "source ~/.bashrc\nconda activate x\n",
        ". $HOME/.bash_profile\nsource activate x\n",
        "source ~/conda_init.sh\nconda activate x\n",
    ),
    good=(
        "source $HOME/OpenFOAM/OpenFOAM-10/etc/bashrc WM_LABEL_SIZE=64\n",
        "source /etc/profile\n",
        ". /etc/bashrc\n",
        "source ./settings.sh\n",
        "source /etc/profile.d/modules.sh\n",
    ),
    manual=__doc__ or "",
)
