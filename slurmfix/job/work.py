"""What a job runs that may need packages: files, modules and texts of Python and R, and what starts more of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from slurmfix.shell import (
    PIPELINE,
    Call,
    Command,
    How,
    Kind,
    Script,
    Word,
    assignment,
    call_of,
    commands_in_options,
    files_of,
    files_read_by,
    here_strings_of,
    kind_of,
    read,
    reads_words_of,
    value_of,
)
from slurmfix.text import Span


class Form(Enum):
    """What a piece of work is, and what its text says."""

    FILE = "a file of Python's, a notebook, or a folder with `__main__.py`"
    MODULE = "a module of Python's, dotted"
    TEXT = "a text for Python"
    TESTS = "a file or a folder of tests"
    R = "a file for R"
    R_TEXT = "a text for R"
    SCRIPT = "a file that a shell reads, or starts by its path"
    MAKE = "the words of make"
    WORKFLOW = "a file of a workflow manager's"
    PROGRAM = "a program that a script at hand calls"
    UNKNOWN = "nothing but the running job knows it; the source of the command"


class Shown(NamedTuple):
    """A program that the job shows to need: `at` is where its command starts."""

    at: int
    text: str


class Work(NamedTuple):
    """One piece of what a job runs: `at` is where the command starts that runs it."""

    at: int
    form: Form
    text: str


_PYTHON = re.compile(r"i?python[\d.]*")
_R = re.compile(r"R|Rscript|littler")
# What takes `-m module`, perhaps after options of its own.
_RUNS_MODULES = re.compile(r"(?:.*/)?(?:i?python[\d.]*|torchrun|accelerate|deepspeed|coverage|kernprof|uv)\Z")
# Modules that run the Python file that follows.
_RUNS_A_FILE = re.compile(
    r"(?:torch\.|accelerate|cProfile|profile|pdb|runpy|trace|mpi4py|coverage|kernprof|line_profiler|memory_profiler"
    r"|scalene|viztracer|debugpy|memray|horovod|deepspeed)\b"
)
_RUN_MAGIC = re.compile(r"\s*%?run\s+([^\s;]+\.(?:py|ipynb))")  # of ipython
_TAKES_A_VALUE = ("-W", "-X", "--check-hash-based-pycs")
_SERVED = re.compile(r"(?:--app[= ])?([A-Za-z_][\w.]*):[A-Za-z_]\w*(?:\(\))?")
# The files that workflow managers read, where the job names none.
_WORKFLOWS = {
    "snakemake": ("Snakefile", "workflow/Snakefile"),
    "nextflow": ("main.nf",),
    "dvc": ("dvc.yaml",),
    "doit": ("dodo.py",),
    "invoke": ("tasks.py",),
}
_OF_A_WORKFLOW = re.compile(r"(?:\S*/)?(?:Snakefile[\w.-]*|[\w.-]+\.(?:smk|nf))\Z")
_SOURCE = re.compile(r"\A[^=%]*\.(?:py|ipynb)\Z")
_FILLED_IN = re.compile(r"\$(?:\w+|\{\w+\})(?=[^/]*\Z)|(?<=[^/])\$(?:\w+|\{\w+\})")  # in a name, not a whole folder
_LOOP = re.compile(r"\bfor\s+(\w+)\s+in\s+([^;\n]*)")
_ARRAY = re.compile(r"\"?\$\{(\w+)\[[@*]\]\}\"?")
_DEEPEST = 4


def work_of(script: Script) -> tuple[Work, ...]:
    """What a script runs, that of the texts which it hands to shells among it, in the order of its commands."""
    if work_of not in script.followed:
        script.followed[work_of] = _work(script, 0)
    found: tuple[Work, ...] = script.followed[work_of]
    return found


@lru_cache(maxsize=256)
def _work_in(text: str, depth: int) -> tuple[Work, ...]:
    return _work(read(text), depth) if depth <= _DEEPEST else ()


def _work(script: Script, depth: int) -> tuple[Work, ...]:
    written = _written(script)
    found: list[Work] = []
    for command in script.commands:
        start = command.span.start
        for text in _texts_for_a_shell(script, command):
            found += (Work(start, form, said) for _, form, said in _work_in(text, depth + 1))
        found += (Work(start, form, said) for form, said in _of_command(script, command))
        if not files_of(command).isdisjoint(written):
            found += (Work(start, Form.TEXT, body) for body in _bodies(script, command))
    return tuple(dict.fromkeys(found))


_Said = Iterator[tuple[Form, str]]


def _written(script: Script) -> set[str]:
    """The names of the Python files that the script starts, where it may write them itself."""
    if not script.heredocs:
        return set()
    started = (text for command in script.commands for form, text in _of_command(script, command) if form is Form.FILE)
    return {text.rpartition("/")[2] for text in started}


def _texts_for_a_shell(script: Script, command: Command) -> Iterator[str]:
    """The texts that a command hands to a shell, and that are not read with the script."""
    call = call_of(script, command)
    if _ARRAY.search(command.source):
        yield _ARRAY.sub(lambda match: _elements(script, match[1]), command.source)
    if call.how is How.TEXT and call.text != command.source and not reads_words_of(script, command):
        yield call.text
    if call.how is How.UNKNOWN and call.name and not call.text.startswith("$"):
        yield call.text  # behind a shell's `-c`, with some values filled in
    if call.how is How.PLAIN and kind_of(call.name) is Kind.SHELL:
        yield from (text for form, text in _input_of(script, command, Form.SCRIPT, Form.TEXT) if form is Form.TEXT)
    yield from (" ".join(word.source for word in words) for words in commands_in_options(command))
    if command.name == "trap" and len(command.words) > 1:
        yield command.words[1].literal


def _elements(script: Script, name: str) -> str:
    """All that an array may hold, as it is written."""
    held = (assigned for command in script.holding(f"{name.lower()}") for assigned in command.assignments)
    lists = (assigned.word.source for assigned in held if assigned.name == name)
    return " ".join(source[1:-1] for source in lists if source.startswith("("))


def _bodies(script: Script, command: Command) -> Iterator[str]:
    for heredoc in script.heredocs_of.get(command.span, ()):
        if not heredoc.is_read:
            yield script.text[heredoc.body.start : heredoc.body.end]


def _of_command(script: Script, command: Command) -> _Said:
    if command.name in ("source", "."):
        yield from ((Form.SCRIPT, word.literal) for word in command.words[1:2])
        return
    call = call_of(script, command)
    named = list(_named(script, command))
    yield from named
    if _PYTHON.fullmatch(call.name):
        yield from () if named else _of_python(script, command, call)
    elif _R.fullmatch(call.name):
        yield from _of_r(script, command, call)
    elif call.how is How.UNKNOWN and call.name and call.text.startswith("$"):  # the text behind a shell's `-c`
        yield Form.UNKNOWN, command.source
    elif call.how is How.FILE and call.program is not None:
        yield Form.SCRIPT, call.program.literal
    elif call.name == "parallel" or kind_of(call.name) is Kind.SHELL:  # what it starts comes by its input
        yield from (each for each in _input_of(script, command, Form.SCRIPT, Form.TEXT) if each[0] is not Form.TEXT)
    elif call.name in _STARTERS:
        yield from _STARTERS[call.name](call.behind)


# What the words of a command name


def _named(script: Script, command: Command) -> _Said:
    """The Python files, notebooks and modules that the words of a command name: the first, and what a module starts."""
    for at, (start, end) in enumerate(command.pieces):
        piece = command.source[start:end]
        if piece != "-m" and not any(each in piece for each in (".py", ".ipynb", "$")):
            continue
        if assignment(piece) and not any(not assignment(command.source[a:b]) for a, b in command.pieces[:at]):
            continue
        texts = list(_texts_of(script, command.word(start, end), command))
        files = [text for text in texts if _SOURCE.search(text)]
        if files:
            yield from ((Form.FILE, _FILLED_IN.sub("*", text)) for text in files)
            return
        if "-m" in texts and _runs_modules([*_literals(command, 0, at), *texts[: texts.index("-m")]]):
            behind = [*texts[texts.index("-m") + 1 :], *_literals(command, at + 1)]
            following = behind[0] if behind else ""
            if re.fullmatch(r"[\w.]+", following):
                yield Form.MODULE, following
                yield from _of_tests(behind[1:]) if following in ("pytest", "unittest") else ()
                if not _RUNS_A_FILE.match(following):
                    return


def _texts_of(script: Script, word: Word, command: Command) -> Iterator[str]:
    """What a word comes to, or may come to: without quotes around it, that may be several words."""
    if word.value is not None:
        yield word.value
        return
    value = value_of(script, word, command)
    for text in (value.text,) if value.known else (value.possible or (value.text,)):
        yield from (text,) if word.source[:1] in ("'", '"') else text.split()


def _runs_modules(before: list[str]) -> bool:
    """Whether one of the words in front is a program that takes `-m module`."""
    literals = (text.split() for text in before)
    return any(_RUNS_MODULES.match(words[0]) for words in literals if words)


def _literals(command: Command, start: int, end: int | None = None) -> list[str]:
    return [command.word(*piece).literal for piece in command.pieces[start:end]]


# Python


def _of_python(script: Script, command: Command, call: Call) -> _Said:
    """What a call of Python runs whose words name no Python file: a text, another file, a module, or its input."""
    words = iter(call.behind)
    for word in words:
        option = word.literal
        if option == "-c":
            yield from _text_of(script, next(words, None), command)
            return
        if option == "-m":
            yield Form.UNKNOWN, command.source
            return
        if option in _TAKES_A_VALUE:
            next(words, None)
        elif option == "-" or option.startswith("<<<"):
            break
        elif not option.startswith("-"):
            yield from _file_of(script, word, command)
            return
    yield from _input_of(script, command, Form.FILE, Form.TEXT)


def _text_of(script: Script, word: Word | None, command: Command) -> _Said:
    if word is None:
        return
    value = word.value if word.value is not None else None
    if value is None:
        told = value_of(script, word, command)
        # Of a text that only has some values filled in, the imports can be read.
        value = told.text if told.known or not told.text.startswith("$") else None
    if value is not None and (match := _RUN_MAGIC.match(value)):
        yield Form.FILE, match[1]
    else:
        yield (Form.UNKNOWN, command.source) if value is None else (Form.TEXT, value)


def _file_of(script: Script, word: Word, command: Command) -> _Said:
    told = [word.value] if word.value is not None else []
    if not told:
        value = value_of(script, word, command)
        told = [value.text] if value.known else list(value.possible)
    told = told or [text for text in _looped(script, word.literal) if _SOURCE.search(text)]
    if not told:
        yield Form.UNKNOWN, command.source
    yield from ((Form.FILE, text) for text in told)


def _looped(script: Script, variable: str) -> Iterator[str]:
    """The words that loops give to a variable, patterns among them."""
    for match in _LOOP.finditer(script.text) if "$" in variable else ():
        if match[1] == variable.strip("${}"):
            yield from (each.strip("\"'") for each in match[2].split())


def _input_of(script: Script, command: Command, of_file: Form, of_text: Form) -> _Said:
    """What a program runs that reads its input."""
    if given := here_strings_of(command):
        yield of_text, given[0]
        return
    if bodies := list(_bodies(script, command)):
        yield from ((of_text, body) for body in bodies)
        return
    files = files_read_by(command)
    yield from ((of_file, name) for name in files)
    if not files and (span := _pipeline(command)) is not None:
        yield from _handed_over(script, command, span, of_text)


def _pipeline(command: Command) -> Span | None:
    """The pipeline whose last part a command is."""
    place = command.within[-1] if command.within else None
    return place.span if place is not None and place.kind == PIPELINE and place.note == "last" else None


def _handed_over(script: Script, command: Command, pipeline: Span, of_text: Form) -> _Said:
    """What the commands in front of one hand over to it, where that is a text of the script."""
    texts: list[str] = []
    for other in script.commands:
        if pipeline.holds(other.span) and other.span.end <= command.span.start:
            if other.name in ("echo", "printf"):
                texts.append("\n".join(word.literal for word in other.words[1:]).replace("\\n", "\n"))
            texts += _bodies(script, other)
            if any(_SOURCE.search(word.literal) for word in other.words[1:]):
                return  # a file that the words name
    yield from ((of_text, text) for text in texts)
    if not texts:
        yield Form.UNKNOWN, command.source


# R, and what starts more than one


def _of_r(script: Script, command: Command, call: Call) -> _Said:
    words = [word.literal for word in call.behind]
    files = [text for text in words if re.search(r"\.[rR]\Z", text)]
    yield from ((Form.R, text) for text in files)
    texts = [text for option, text in pairwise(words) if option in ("-e", "--eval")]
    yield from ((Form.R_TEXT, text) for text in texts)
    if not files and not texts:
        yield from _input_of(script, command, Form.R, Form.R_TEXT)


def _of_make(words: Sequence[Word]) -> _Said:
    yield Form.MAKE, " ".join(word.literal for word in words)


def _of_workflow(name: str) -> Callable[[Sequence[Word]], _Said]:
    def said(words: Sequence[Word]) -> _Said:
        named = [word.literal for word in words if _OF_A_WORKFLOW.match(word.literal)]
        yield from ((Form.WORKFLOW, file) for file in named or _WORKFLOWS[name])

    return said


def _of_pytest(words: Sequence[Word]) -> _Said:
    return _of_tests([word.literal for word in words])


def _of_tests(words: list[str]) -> _Said:
    """The tests that pytest or unittest is given; `.` where it looks for them itself."""
    named = [word.partition("::")[0] for word in words if not word.startswith("-") and re.match(r"[\w./]", word)]
    yield from ((Form.TESTS, name) for name in named or ["."])


def _of_server(words: Sequence[Word]) -> _Said:
    """The module of `gunicorn app:app`."""
    found = (_SERVED.fullmatch(word.literal) for word in words)
    yield from ((Form.MODULE, match[1]) for match in found if match)


def _of_agent(words: Sequence[Word]) -> _Said:
    """`wandb agent SWEEP` starts what the sweep says, which nobody here sees."""
    literals = [word.literal for word in words]
    if literals[:1] == ["agent"]:
        yield Form.UNKNOWN, " ".join(("wandb", *literals))


_STARTERS: dict[str, Callable[[Sequence[Word]], _Said]] = {
    "make": _of_make,
    "gmake": _of_make,
    "pytest": _of_pytest,
    "py.test": _of_pytest,
    "wandb": _of_agent,
    **{name: _of_workflow(name) for name in _WORKFLOWS},
    **dict.fromkeys(("gunicorn", "uvicorn", "hypercorn", "granian", "flask", "waitress-serve"), _of_server),
}
