"""Files beside a script that one of its commands names: those that use conda, or submit jobs of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from slurmfix import knowledge
from slurmfix.at_hand import Said, is_of_a_shell, of_commands, said_by
from slurmfix.flow import Flow, State
from slurmfix.ledger.entries import AT_HAND, SUBMITS_STEPS, Entry, trace_pattern
from slurmfix.ledger.lists import lists_run_by
from slurmfix.plan import Plan
from slurmfix.remarks import files_told_of
from slurmfix.rules import USES, Beside, Provide, find
from slurmfix.shell import Command, Script, call_of, read, value_of

_FILE = re.compile(r"(?:\S*[=,])?([\w.~/+-]*[./][\w.+-]*\w)")
_WORD = re.compile(r"[\w./-]*\w")
_PLAIN = re.compile(r"[\w./-]+")
_VARIABLE = re.compile(r"\{([A-Z_]+)\}")
_DIRECTORY = re.compile(r"\s(?:-C|-S|-d|--directory)[ =]?[\"']?([\w./-]+)")
# `include: "rules/a.smk"`, `include x.mk`, `includeConfig 'x.config'`, `include { A } from './modules/a'`
_INCLUDING = re.compile(r"(?:Snakefile[\w.-]*|[Mm]akefile[\w.-]*|\.(?:smk|mk|nf|config))\Z")
_INCLUDES = re.compile(
    r"^[ \t]*-?(?:include|includeConfig|snakefile)(?:\s*\{[^}]*\}\s*from)?[ \t:]+[\"']?([\w./-]+)", re.MULTILINE
)
# `os.system("bash post.sh")`, `subprocess.run(["bash", "post.sh"])`
_STARTS = re.compile(r"\b(?:system|popen|Popen|run|call|check_\w+)\([^)\n]*?([\w./-]+\.(?:sh|bash|slurm|sbatch))\b")
_DEEPEST = 3


def entries_at_hand(script: Script, plan: Plan, flow: Flow, beside: Beside) -> Iterator[Entry]:
    """The commands that name such a file, with the file as what is said of; not one of which it is said already, as of
    what an environment has to hold.
    """
    told = files_told_of(doubt for served in plan.environments for doubt in served.doubts)
    known: dict[str, tuple[str, Said | None]] = {}  # what each file does: a script names one many times
    for command in script.commands:
        for name in dict.fromkeys(files_named(script, command, flow)):
            if name not in known:
                known[name] = _with_included(name, beside) if beside(name) != script.text else (name, None)
            file, said = known[name]
            if said is not None and said.does == "uses":
                if not any(each.endswith(f"/{os.path.normpath(file)}") for each in told):
                    yield Entry(AT_HAND, command.span, file, command, told=said.of_a_job(file).values)
            elif said is not None:
                yield Entry(SUBMITS_STEPS, command.span, "submits steps", command)
        for name in (word.literal for word in lists_run_by(script, command)):
            text = beside(name) or ""
            if match := trace_pattern().search(text):
                said = of_commands(text.count("\n", 0, match.start()) + 1)
                yield Entry(AT_HAND, command.span, name, command, told=said.of_a_job(name).values)


def _with_included(name: str, beside: Beside, depth: int = 0) -> tuple[str, Said | None]:
    """What a file does, or one that it includes, with the name of that."""
    text = beside(name)
    said = said_by(name, text, "uses", "submits") if text is not None else None
    leads = _STARTS if name.endswith(".py") else _INCLUDES if _INCLUDING.search(name) else None
    if said or text is None or depth == _DEEPEST or leads is None:
        return name, said
    folder = os.path.dirname(name)
    paths = (os.path.normpath(os.path.join(folder, each[1])) for each in leads.finditer(text))
    found = (_with_included(path, beside, depth + 1) for path in paths for path in (path, f"{path}.nf"))
    return next((each for each in found if each[1]), (name, None))


def finds_conda_itself(name: str, text: str) -> bool:
    """Whether a file is a shell's script that finds conda by itself, whatever the job has done before."""
    found = find(read(text)) if is_of_a_shell(name, text) else ()
    provides = [each.span for each in found if isinstance(each.act, Provide)]
    uses = [each.span for each in found if isinstance(each.act, USES)]
    return bool(provides and uses) and min(provides) < min(uses)


def files_named(script: Script, command: Command, flow: Flow) -> Iterator[str]:
    """The files that a command names, and those that its program reads without a name, where the command runs."""
    state = flow.state(command)
    folder = state.folder or ""
    folders = ["", *([folder.rstrip("/") + "/"] if _PLAIN.fullmatch(folder) else [])]
    folders += [f"{given.rstrip('/')}/" for given in _DIRECTORY.findall(command.source)]
    for name in _unnamed(script, command, state):
        yield from (f"{each}{name}" for each in folders)
    for word in command.words:
        text = word.literal.removeprefix("$SLURM_SUBMIT_DIR/").removeprefix("${SLURM_SUBMIT_DIR}/")
        if "$" in text and word.value is None:
            text = value_of(script, word, command).text
        if named := _FILE.fullmatch(text):
            yield named[1]


def _unnamed(script: Script, command: Command, state: State) -> Iterator[str]:
    call = call_of(script, command)
    for program, file in knowledge.rows("read_unnamed"):
        if not re.fullmatch(program, call.name):
            continue
        if "{word}" in file:
            yield from (file.replace("{word}", word) for word in dict.fromkeys(_WORD.findall(command.source)))
        elif variable := _VARIABLE.match(file):
            values = state.values.of(variable[1]) or ()
            yield from (f"{value}{file[variable.end() :]}" for value in values)
        else:
            yield file
