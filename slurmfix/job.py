"""What a job itself runs: its programs, its Python files, the modules that it loads, the folders that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slurmfix.rules import USES, Finding, Pip, Program, Replace, Run, Value
from slurmfix.rules.conda_module import modules_of
from slurmfix.shell import (
    FUNCTION,
    LOOP,
    SCRIPT,
    Command,
    How,
    Kind,
    Script,
    Word,
    assignment,
    call_behind,
    call_of,
    calls_in,
    files_of,
    is_everywhere,
    kind_of,
    value_of,
)

# What takes `-m module`, perhaps after options of its own.
_RUNS_MODULES = re.compile(r"(?:.*/)?(?:i?python[\d.]*|torchrun|accelerate|deepspeed|coverage|kernprof)\Z")
_STARTS_PYTHON = (".py", " -m ")
_PYTHON = re.compile(r"i?python[\d.]*")
_PYTHON_OR_VALUE = re.compile(r"(?<![\w.-])python[\d.]*\s[^|;&]*\$|\A[\"']?\$|[;&|(]\s*\$")
_PIP = re.compile(r"(?:.*/)?pip[\d.]*")
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]*")
_PIP_TAKES = re.compile(
    r"-[rcefit]|--(?:requirement|constraint|editable|find-links|(?:extra-)?index-url|target|prefix|root|src|cache-dir"
    r"|platform|python-version|implementation|abi|no-binary|only-binary|progress-bar|timeout|retries|upgrade-strategy"
    r"|trusted-host|proxy|log|exists-action|config-settings|global-option|report|python)"
)
_RELATIVE = re.compile(r"(?:\./)?[\w.-]+(?:/[\w.-]+)*(?:/|\.\w{1,6})")
_ODD = re.compile(r"[\\\"'`({<>&;|#\n]|[^\x00-\x7f]")
_NAMES_NO_PATHS = ("echo", "printf", "module", "ml")
_MOST_PATHS = 50


class Shown(NamedTuple):
    """Something of Python's or a program that the job shows to need: `at` is where its command starts."""

    at: int
    text: str


def python_calls(script: Script) -> tuple[Shown, ...]:
    """The Python files (`train.py`) and modules (`-m pkg.train`, as `pkg.train`) that the job starts, as it names
    them.
    """
    if not any(each in script.text for each in _STARTS_PYTHON):
        return ()
    found: list[Shown] = []
    for command in script.holding(*_STARTS_PYTHON, "python", "$"):
        if any(each in command.source for each in _STARTS_PYTHON) or _PYTHON_OR_VALUE.search(command.source):
            found += (Shown(command.span.start, each) for each in _started_by(script, command))
    return tuple(dict.fromkeys(found))


def _started_by(script: Script, command: Command) -> Iterator[str]:
    """The Python files and modules that a command starts: the first, and what `python -m torch.…` starts."""
    for at, (start, end) in enumerate(command.pieces):
        piece = command.source[start:end]
        if piece != "-m" and ".py" not in piece and "$" not in piece:
            continue
        if assignment(piece) and not any(not assignment(command.source[a:b]) for a, b in command.pieces[:at]):
            continue
        texts = list(_texts_of(script, command.word(start, end), command))
        files = [text for text in texts if text.endswith(".py") and "=" not in text]
        if files:
            yield from files
            return
        if "-m" in texts and _runs_modules(command, at):
            following = command.word(*command.pieces[at + 1]).literal if at + 1 < len(command.pieces) else ""
            if re.fullmatch(r"[\w.]+", following):
                yield following
                if not following.startswith(("torch.", "accelerate")):
                    return


def _texts_of(script: Script, word: Word, command: Command) -> Iterator[str]:
    """What a word comes to, or may come to: without quotes around it, that may be several words."""
    if word.value is not None:
        yield word.value
        return
    value = value_of(script, word, command)
    for text in (value.text,) if value.known else (value.possible or (value.text,)):
        yield from (text,) if word.source[:1] in ("'", '"') else text.split()


def python_texts(script: Script) -> tuple[Shown, ...]:
    """The Python texts that the job carries in itself: behind `python -c`, in heredocs that Python reads, and in
    those that become the files that it starts.
    """
    found: list[Shown] = []
    for command in script.holding("-c"):
        words = command.words
        for before, option, text in zip(words, words[1:], words[2:], strict=False):
            if option.literal == "-c" and _PYTHON.fullmatch(before.literal.rpartition("/")[2]):
                found.append(Shown(command.span.start, text.value if text.value is not None else text.literal))
    started = {each.text.rpartition("/")[2] for each in python_calls(script)} if script.heredocs else set()
    for command in script.commands if script.heredocs else ():
        heredocs = script.heredocs_of.get(command.span, ())
        if heredocs and (files_of(command) & started or _reads_its_input(script, command)):
            found += (Shown(command.span.start, script.text[each.body.start : each.body.end]) for each in heredocs)
    return tuple(found)


def _reads_its_input(script: Script, command: Command) -> bool:
    """Whether a command calls Python without a file, a module or a text: what it runs is its input."""
    call = call_of(script, command)
    if call.program is None or not _PYTHON.fullmatch(call.name):
        return False
    behind = [word.literal for word in command.words if word.span.start > call.program.span.start]
    operand = next((word for word in behind if word in ("-", "-c", "-m") or not word.startswith("-")), "-")
    return operand == "-"


def _runs_modules(command: Command, before: int) -> bool:
    """Whether a word in front of this one is a program that takes `-m module`."""
    literals = (command.word(start, end).literal.split() for start, end in command.pieces[:before])
    return any(_RUNS_MODULES.match(words[0]) for words in literals if words)


_ONLY_TELLS = ("--version", "-version", "-V", "--help", "-h")
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
    functions = {name for name, _ in script.functions}
    first = min((finding.command.span.start for finding in findings), default=0)
    found: list[Shown] = []
    for command in script.commands:
        if command.span.end <= first and not _runs_again(command):
            continue
        if command.span in ours or not command.name or _inside(script, command):
            continue
        for name in _programs_of(script, command, inside.get(command.span)):
            if _PROGRAM.fullmatch(name) and not is_everywhere(name) and name not in functions:
                found.append(Shown(command.span.start, name))
    return tuple(dict.fromkeys(found))


def _runs_again(command: Command) -> bool:
    """Whether a command may run further down as well."""
    return any(place.kind in (FUNCTION, LOOP, SCRIPT) for place in command.within)


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


def programs(script: Script, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The names of these programs, each once."""
    return tuple(dict.fromkeys(call.text for call in program_calls(script, findings)))


def installed_by_pip(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """What the job's own `pip install` asks for by name, as requirements: `numpy`, `numpy<2`."""
    found: list[str] = []
    for finding in findings:
        if not isinstance(finding.act, Pip) or not finding.act.new:
            continue
        words = iter(word for word in finding.command.words if word.span.start >= finding.span.end)
        for word in words:
            if _PIP_TAKES.fullmatch(word.literal):
                next(words, None)
            elif word.value is not None and not word.value.startswith("-"):
                found.append(word.value)
    return tuple(dict.fromkeys(found))


def pip_requirements(command: Command) -> tuple[str, ...]:
    """What a `pip install` asks for, as lines of a requirements file; () for any other command of pip."""
    literals = [word.literal for word in command.words]
    if "install" not in literals or not any(_PIP.fullmatch(word) for word in literals[: literals.index("install")]):
        return ()
    found: list[str] = []
    words = iter(literals[literals.index("install") + 1 :])
    for word in words:
        if word in ("-r", "--requirement"):
            found.append(f"-r {next(words, '')}")
        elif _PIP_TAKES.fullmatch(word):
            next(words, None)
        elif not word.startswith(("-", ".", "/", ">", "$")):
            found.append(word)
    return tuple(dict.fromkeys(found))


def _inside(script: Script, command: Command) -> bool:
    return any(span.holds(command.span) for span in script.containers)


def loaded_modules(script: Script, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The modules that the author has surely loaded, and that stay, where the first environment is needed."""
    first = _first_use(script, findings)
    found: list[str] = []
    for command in script.commands:
        if command.span.start >= first or command.name not in ("module", "ml") or command.within:
            continue
        words = command.words
        if len(words) > 1 and words[1].literal in ("purge", "reset", "restore"):
            found.clear()
        asked, modules = modules_of(words)
        kept = _kept(modules, findings)
        if asked == "load":
            found += kept
        elif asked == "unload":
            found = [name for name in found if name not in kept and name.split("/")[0] not in kept]
    return tuple(dict.fromkeys(found))


def modules_loaded_later(script: Script, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The modules that the author loads behind the first activation, whatever becomes of them then."""
    first = _first_use(script, findings)
    found: list[str] = []
    for command in script.holding("module", "ml"):
        if command.span.start > first and not command.within:
            asked, modules = modules_of(command.words)
            found += _kept(modules, findings) if asked == "load" else ()
    return tuple(dict.fromkeys(found))


def _first_use(script: Script, findings: tuple[Finding, ...]) -> int:
    """Where the first environment is needed."""
    return min((f.span.start for f in findings if isinstance(f.act, USES)), default=len(script.text))


def _kept(modules: tuple[Word, ...], findings: tuple[Finding, ...]) -> list[str]:
    """The modules of a command without conda's own, which go."""
    gone = [finding.span for finding in findings]
    return [word.value for word in modules if word.value and not any(span.holds(word.span) for span in gone)]


def _words_of(command: Command) -> list[str]:
    """The words without their quotes, as they are written."""
    if not _ODD.search(command.source):  # blanks part them
        return command.source.split()
    return [command.source[start:end].strip("\"'") for start, end in command.pieces]


def relative_paths(script: Script) -> tuple[str, ...]:
    """Words of the author's commands that look like relative paths: what the job expects where it is submitted."""
    found: dict[str, None] = {}
    for command in script.commands:
        if not ("." in command.source or "/" in command.source) or command.name in _NAMES_NO_PATHS:
            continue
        for piece in _words_of(command)[:12]:
            if ("." in piece or "/" in piece) and piece[0] != "-" and _RELATIVE.fullmatch(piece):
                found[piece] = None
        if len(found) >= _MOST_PATHS:
            break
    return tuple(found)[:_MOST_PATHS]
