"""The programs that a job calls, and what its own pip installs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slurmfix.job.work import Shown
from slurmfix.rules import Finding, Pip, Program, Replace, Run, Value
from slurmfix.shell import (
    FUNCTION,
    LOOP,
    SCRIPT,
    Command,
    How,
    Kind,
    Script,
    call_behind,
    call_of,
    calls_in,
    is_everywhere,
    kind_of,
)

_PIP = re.compile(r"(?:.*/)?pip[\d.]*")
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]*")
_FOLDER = re.compile(r"\.{1,2}(?:/[\w./-]*)?(?:\[[\w., -]*\])?")
_PIP_TAKES = re.compile(
    r"-[rcefit]|--(?:requirement|constraint|editable|find-links|(?:extra-)?index-url|target|prefix|root|src|cache-dir"
    r"|platform|python-version|implementation|abi|no-binary|only-binary|progress-bar|timeout|retries|upgrade-strategy"
    r"|trusted-host|proxy|log|exists-action|config-settings|global-option|report|python)"
)
_IN_A_LIST = {"-r": "-r", "--requirement": "-r", "-e": "-e", "--editable": "-e"}
_OF_A_BUILD = re.compile(r"\+(?:cu\d+|cpu|rocm[\d.]+)\Z")  # PyTorch's own wheels
_ONLY_TELLS = ("--version", "-version", "-V", "--help", "-h")
_RUN_BY = {".R": "Rscript", ".r": "Rscript"}  # what the first line of a file with this ending calls
_START_OTHERS = (Kind.STEP, Kind.WRAPPER, Kind.SHELL, Kind.EVALUATES)


def program_calls(script: Script, findings: tuple[Finding, ...]) -> tuple[Shown, ...]:
    """The programs that the job calls by name from the first line about conda on, without the shell's own and the
    everyday ones: what is called above has what it needs.
    """
    ours = {
        finding.command.span
        for finding in findings
        if not isinstance(finding.act, Run | Program | Replace | Value | Pip)
    }
    inside = {finding.command.span: finding.span.end for finding in findings if isinstance(finding.act, Run)}
    ours |= {finding.command.span for finding in findings if isinstance(finding.act, Run) and finding.act.front}
    by_paths = {f.command.span: f.act.path.rpartition("/")[2] for f in findings if isinstance(f.act, Program)}
    functions = {name for name, _ in script.functions}
    first = min((finding.command.span.start for finding in findings), default=0)
    found: list[Shown] = []
    for command in script.commands:
        if command.span.end <= first and not _runs_again(command):
            continue
        if command.span in ours or not command.name or _inside(script, command):
            continue
        by_path = by_paths.get(command.span)
        for called in (by_path,) if by_path else _programs_of(script, command, inside.get(command.span)):
            name = _run_by(called) or _with_its_command(called, command)
            if _PROGRAM.fullmatch(name) and not is_everywhere(name) and name not in functions:
                found.append(Shown(command.span.start, name))
    return tuple(dict.fromkeys(found))


def _runs_again(command: Command) -> bool:
    """Whether a command may run further down as well."""
    return any(place.kind in (FUNCTION, LOOP, SCRIPT) for place in command.within)


def _run_by(name: str) -> str:
    """The program that runs a file of the job's own which is called like one, `./fit.R`; "" for any other."""
    return _RUN_BY.get(name[name.rfind(".") :], "") if "/" in name else ""


def _with_its_command(name: str, command: Command) -> str:
    """The program that jupyter starts for its first word, `jupyter-lab` for `jupyter lab`; any other as it is."""
    literals = [word.literal.rpartition("/")[2] for word in command.words]
    if name != "jupyter" or name not in literals:
        return name
    behind = literals[literals.index(name) + 1 :]
    return f"{name}-{behind[0]}" if behind and behind[0].isalpha() else name


def _programs_of(script: Script, command: Command, behind: int | None) -> Iterator[str]:
    """The names of what a command calls, and a text in it; `behind` is where what conda runs starts."""
    name = command.name
    if len(command.words) == 2 and command.words[1].literal in _ONLY_TELLS:
        return  # whether the program is there is the ledger's matter, and no reason to load a module
    if behind is None and name[0] != "$" and kind_of(name) not in _START_OTHERS:
        yield name
        return
    call = call_of(script, command) if behind is None else call_behind(script, command, behind)
    for each in (call, *(calls_in(call.text) if call.how is How.TEXT else ())):
        if not any(through.kind is Kind.REMOTE for through in each.through):
            yield from (through.name for through in each.through)
            if each.how in (How.PLAIN, How.CONTAINER):
                yield each.name
            elif each.how is How.FILE:
                yield f"./{each.name}"


def programs(script: Script, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The names of these programs, each once."""
    return tuple(dict.fromkeys(call.text for call in program_calls(script, findings)))


def installed_by_pip(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """What the job's own `pip install` asks for by name, as requirements: `numpy`, `numpy<2`."""
    found: list[str] = []
    cut = [finding.span for finding in findings if isinstance(finding.act, Pip) and not finding.act.new]
    for finding in findings:
        if isinstance(finding.act, Pip) and finding.act.new:
            behind = (word for word in finding.command.words if word.span.start >= finding.span.end)
            words = [word.value for word in behind if not any(span.holds(word.span) for span in cut)]
            found += map(_without_a_build, _asked_by_name("-" if word is None else word for word in words))
    return tuple(dict.fromkeys(found))


def _without_a_build(asked: str) -> str:
    return _OF_A_BUILD.sub("", asked)


def _asked_by_name(words: Iterable[str]) -> Iterator[str]:
    return (said for option, said in _arguments(words) if not option and not said.startswith("-"))


def pip_requirements(command: Command) -> tuple[str, ...]:
    """What a `pip install` asks for, as lines of a requirements file, folders behind `-e`; () for other commands."""
    literals = [word.literal for word in command.words]
    if "install" not in literals or not any(_PIP.fullmatch(word) for word in literals[: literals.index("install")]):
        return ()
    arguments = _arguments(literals[literals.index("install") + 1 :])
    return tuple(dict.fromkeys(filter(None, (_line(*argument) for argument in arguments))))


def _arguments(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The arguments of pip: an option with its value, or "" with any other word."""
    waiting = iter(words)
    for word in waiting:
        yield (word, next(waiting, "")) if _PIP_TAKES.fullmatch(word) else ("", word)


def _line(option: str, said: str) -> str:
    """The line of a requirements file that says the same as an argument; "" for one that no such line says."""
    if _FOLDER.fullmatch(said) and not option:
        return f"-e {said}"
    if option in _IN_A_LIST:
        return f"{_IN_A_LIST[option]} {said}"
    return "" if option or said.startswith(("-", ".", "/", ">", "$")) else said


def _inside(script: Script, command: Command) -> bool:
    return any(span.holds(command.span) for span in script.containers)
