"""conda is made available in the job's shell.

What it finds
    `source …/etc/profile.d/conda.sh` (and mamba.sh), `eval "$(conda shell.bash hook)"` in its spellings, `conda init`;
    `source $CONDA_SH` and `eval "$CONDA_HOOK"`, where a site sets a variable with conda in its name; a command such as
    `init_conda` that the script does not define; and the block that `conda init` writes into a `~/.bashrc`, pasted into
    a job, with or without its markers.

Why it matters
    These lines serve the activation only; what `conda shell.bash hook` prints, and so the pasted block, also enters
    conda's base (`conda.sh` does not). The pasted block names one person's home folder and breaks for all others.

Instead
    Nothing: without conda there is nothing to make available. Where nothing else is activated, a hook that enters base
    becomes the virtualenv that takes base's place.

Fix safety
    As the activations of the script: where one of them has to stay, its hooks stay too. A pasted block that holds a
    command of the author's own is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Provide, Report
from slurmfix.rules.folders import is_installation
from slurmfix.rules.rule import CONDA, Finding, Rule, program, subcommand
from slurmfix.shell import BRANCH, Command, Place, Script, Word, value_of
from slurmfix.text import Span

_HOOK_FILE = re.compile(r"/etc/profile\.d/(?:conda|mamba|micromamba)\.(?:sh|csh|fish)\Z|/etc/profile\.d/conda\b[^/]*\Z")
# A file of that name anywhere else is conda's only in a folder of conda's, or in one that a variable names so.
_NAMED_ALIKE = re.compile(
    r"(?:(?:.*/)?(?P<folder>[^/]+)/)(?:(?:bin|condabin|etc|shell)/)?(?:conda|mamba|micromamba)\.sh\Z"
)
_CONDAS_VARIABLE = re.compile(r"\$\{?\w*(?:CONDA|MAMBA)\w*\}?\Z", re.I)
# What `mamba init` adds to the block, and the marker below.
_BELOW = re.compile(
    r"[ \t\r]*\n(?:\s*if \[ -f [^\n]*mamba\.sh\"? ?\]; then\n[^\n]*mamba\.sh\"?\s*\n\s*fi\s*?\n)?"
    r"(?:[ \t]*# ?<<<[^\n]*(?:conda|mamba)[^\n]*)"
)
_OF_THE_BLOCK = re.compile(r"conda|mamba|MAMBA_EXE|^\s*(?:(?:export\s+)?PATH=|unset\b|\[|test\b|:|true\b|\$\?)")
_LINE_OF_THE_BLOCK = re.compile(r"conda|mamba|MAMBA_EXE|PATH=|^\s*(?:#|(?:if|elif|else|fi|then|unset|:|true)\b|:)")
_FUNCTIONS = re.compile(r"-[a-z]*f[a-z]*")
_CONDAS_FUNCTION = re.compile(r"(?:__)?(?:conda|mamba|micromamba)(?:_\w+)?\Z|__add_sys_prefix_to_path\Z")
_CONDAS_HOOK = re.compile(r"shell\.(?:bash|posix|zsh)\b|\bconda[\"']?\s+[\"']?shell[\"']?\s")
_NO_BASE = re.compile(r"auto_activate(?:_base)?[\"']?(?:\s+|=)[\"']?(?:false|no|0)\b", re.I)
_VARIABLE = re.compile(r"\"?\$(?:\w+|\{\w+(?::?[?-][^{}$`]*)?\})\"?")
# What a site's module or a start-up file defines, by its name.
_SETS_CONDA_UP = re.compile(
    r"(?:bootstrap|init|initialize|set_?up|load|enable)[_-](?:ana|mini|micro)?(?:conda|mamba)\d?"
    r"|(?:conda|mamba)[_-](?:init|set_?up|bootstrap)"
)
_MARKER = re.compile(r"[ \t]*(?:# ?(>>>|!!|<<<).*(conda|mamba)|export MAMBA_(?:EXE|ROOT_PREFIX)=).*\n?")


def _prints_a_hook(text: str) -> bool:
    """Whether it is the output of `conda shell.bash hook` or of its relatives, or a variable that holds it."""
    low = text.lower()
    if "__conda_setup" in low or "__mamba_setup" in low:
        return True
    words = low.split()
    for number, (called, asked) in enumerate(pairwise(words), 1):
        if ("conda" in called or "mamba" in called) and asked.lstrip("\"'").startswith("shell"):
            return any(kind in word for word in words[number:] for kind in ("hook", "bash", "zsh", "posix"))
    return False


def _is_a_hook(path: str) -> bool:
    """Whether a file is the one that conda's installers write for shells to read."""
    if _HOOK_FILE.search(path):
        return True
    alike = _NAMED_ALIKE.match(path)
    folder = alike["folder"] if alike else ""
    return is_installation(folder) or _CONDAS_VARIABLE.match(folder) is not None


def _is_what_a_hook_prints(value: str) -> bool:
    """Whether a value is what conda prints for a hook, and nothing else."""
    return re.fullmatch(r"\"?(?:\$\(|`)[^()`]*(?:\)|`)\"?", value) is not None and _prints_a_hook(value)


def _all_condas(names: list[str]) -> bool:
    return bool(names) and all(_CONDAS_FUNCTION.match(name) for name in names)


def _enters_base(text: str) -> bool:
    """Whether what a hook prints ends with `conda activate base`, as conda's own does (conda/activate.py, hook) and
    micromamba's does not.
    """
    return _CONDAS_HOOK.search(text) is not None


_AVAILABLE = phrase("makes conda available")


def _leaves_base_alone(script: Script) -> bool:
    """Whether the script tells conda not to enter base by itself."""
    return any(_NO_BASE.search(command.source) for command in script.holding("auto_activate"))


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if not words and any(a.name in ("__conda_setup", "__mamba_setup") for a in command.assignments):
        span = _block(command, script)
        own = _own(span, script)
        if own:
            why = messages.OWN_COMMAND_IN_THE_BLOCK.about(command=own)
            yield Finding("hook", Report(), span, phrase("is the block that conda init writes"), command, why=why)
            return
        base = "conda" in command.source and not _leaves_base_alone(script)
        yield Finding("hook", Provide(base), span, phrase("is the block that conda init writes"), command)
        return
    if not words and len(command.assignments) == 1 and _is_what_a_hook_prints(command.assignments[0].word.source):
        yield Finding("hook", Provide(), command.span, phrase("asks conda for its hook"), command)
    match [word.literal for word in words]:
        case ["source" | ".", path] if _is_a_hook(path):
            yield Finding("hook", Provide(), command.span, _AVAILABLE, command)
        case ["eval" | "source" | ".", *rest] if _prints_a_hook(" ".join(rest)) and CONDA.search(command.source):
            base = _enters_base(" ".join(rest)) and not _leaves_base_alone(script)
            yield Finding("hook", Provide(base), command.span, _AVAILABLE, command)
        case ["source" | "." | "eval" as called, word] if _VARIABLE.fullmatch(word):
            yield from _by_variable(called, words[1], command, script)
        case ["export" | "declare" | "typeset", flag, *names] if _FUNCTIONS.fullmatch(flag) and _all_condas(names):
            yield Finding("hook", Provide(), command.span, phrase("hands conda's functions to other shells"), command)
        case [name] if _SETS_CONDA_UP.fullmatch(name) and all(name != own for own, _ in script.functions):
            doubt = messages.COMMAND_OF_THE_SITE.about(command=name)
            yield Finding("hook", Provide(), command.span, _AVAILABLE, command, doubt=doubt)
        case [_, *_] if program(words[0]):
            asked, _ = subcommand(words)
            if asked == "init" or asked in ("shell", "shell.bash", "shell.zsh", "shell.posix"):
                yield Finding(
                    "hook",
                    Provide(),
                    command.span,
                    phrase("sets conda up for later shells ({asked})", asked=asked),
                    command,
                )


def _by_variable(called: str, word: Word, command: Command, script: Script) -> Iterator[Finding]:
    """`source $CONDA_SH` and `eval "$CONDA_HOOK"`: by what the script gives the variable, else by its name."""
    value = value_of(script, word, command)
    text, says = value.text, _AVAILABLE
    if called == "eval" and _prints_a_hook(text) and CONDA.search(text):
        base = _enters_base(text) and not _leaves_base_alone(script)
        yield Finding("hook", Provide(base), command.span, says, command)
    elif called != "eval" and _is_a_hook(text):
        yield Finding("hook", Provide(), command.span, says, command)
    elif _VARIABLE.fullmatch(text) and not value.possible and CONDA.search(text):
        base = called == "eval" or "activate" in text.lower()
        doubt = messages.HOOK_OF_THE_SITE.about(variable=text.strip('"'))
        yield Finding("hook", Provide(base), command.span, says, command, doubt=doubt)


def _own(span: Span, script: Script) -> str:
    """What stands in the block that is not conda's; not all of it is a command: `(( x++ ))` is none."""
    for command in script.commands:
        said = command.source.split()  # where a word is missing, the grammar sees a command of none
        if said and span.holds(command.span) and not _OF_THE_BLOCK.search(command.source):
            return said[0]
    lines = script.text[span.start : span.end].splitlines()
    return next((line.strip() for line in lines if line.strip() and not _LINE_OF_THE_BLOCK.search(line)), "")


def _statement_end(place: Place) -> int:
    """Where the statement ends that a place is of; a branch notes that of all its arms."""
    return place.statement.end if place.kind == BRANCH else place.span.end


def _block(command: Command, script: Script) -> Span:
    """From the assignment of `__conda_setup` (or the markers above it) to its `unset` (or the marker below it)."""
    start, end = command.span.start, command.whole.end
    for later in script.commands:
        if later.span.start < start or later.within != command.within or later.layers != command.layers:
            continue
        if later.name == "unset" and ("__conda_setup" in later.source or "__mamba_setup" in later.source):
            end = max(end, later.whole.end)
            break
    else:
        # No unset beside it: the `if` that follows the assignment is the block's body.
        ends = (
            _statement_end(place)
            for later in script.commands
            if later.span.start > start and "__conda_setup" in later.source
            for place in later.within
            if place not in command.within
        )
        end = max([end, *ends])
    text = script.text
    # The lines around it that are the block's own: markers above, a mamba.sh sourced and the marker below.
    while True:
        line = text.rfind("\n", 0, max(text.rfind("\n", 0, start), 0)) + 1
        above = text[line : text.rfind("\n", 0, start) + 1]
        if start == 0 or not _MARKER.fullmatch(above):
            break
        start = line + len(above) - len(above.lstrip(" \t"))
    below = _BELOW.match(text, end)
    return Span(start, below.end() if below else end)


RULE = Rule(
    "hook",
    "conda is made available in the job's shell",
    check,
    words=("conda", "mamba", "source $", 'source "$', ". $", '. "$', "eval $", 'eval "$'),
    bad=(
        "source <(conda shell.bash hook)\nconda activate foo\n",
        "source ~/miniconda3/etc/profile.d/conda.sh\n",
        '. "$(conda info --base)/etc/profile.d/conda.sh"\n',
        'eval "$(conda shell.bash hook)"\n',
        "if a; then\n    b\nelse\n    source $(conda info --base)/etc/profile.d/conda.sh\nfi\n",
        "eval \"$(${HOME}/miniconda3/bin/conda 'shell.bash' 'hook' 2> /dev/null)\"\n",
        'eval "$(micromamba shell hook --shell bash)"\n',
        "conda init bash\n",
        "source ~/miniconda3/etc/profile.d/conda.sh\nexport -f conda __conda_activate\nconda activate x\n",
        "source ~/miniconda3/conda.sh\n",
        'HOOK="$(conda shell.bash hook)"\neval "$HOOK"\nconda activate x\n',
        'eval "$CONDA_HOOK"\nconda activate x\n',
        "source ${CONDA_ACTIVATE:?}\nconda activate x\n",
        "module load anaconda/mini\nbootstrap_conda\nconda activate x\n",
        "S=~/miniconda3/etc/profile.d/conda.sh\n. $S\nconda activate x\n",
        "__conda_setup=\"$('/x/bin/conda' 'shell.bash' 'hook' 2> /dev/null)\"\n"
        'if [ $? -eq 0 ]; then\n    eval "$__conda_setup"\nfi\nunset __conda_setup\n',
        "__conda_setup=\"$('/x/bin/conda' 'shell.bash' 'hook' 2> /dev/null)\"\n"
        'if [ $? -eq 0 ]; then\n    eval "$__conda_setup"\nelse\n    export PATH="/x/miniconda3/bin:$PATH"\nfi\n',
    ),
    good=(
        "source /etc/profile.d/modules.sh\n",
        'eval "$(ssh-agent)"\n',
        "source ~/miniconda3/etc/profile.d/conda.sh myenv\n",
        "CONDA_SH=./settings.sh\nsource $CONDA_SH\n",
        "init_conda() {\n    ls\n}\ninit_conda\n",
        "# >>> conda initialize >>>\n",
    ),
    manual=__doc__ or "",
)
