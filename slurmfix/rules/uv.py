"""uv makes a virtualenv, installs into it, or runs a command in the project's own.

What it finds
    `uv venv`, `uv pip install`, `uv sync`, `uv run COMMAND …`, and `source X/bin/activate` of a virtualenv that uv
    makes; `uv add` and `uv tool run` (`uvx`).

Why it matters
    uv takes packages from PyPI, which many compute nodes do not reach, and reads neither pip's configuration nor the
    cluster's wheels. A virtualenv in the home folder is tens of thousands of small files.

Instead
    The virtualenv is built in `$SLURM_TMPDIR` from the cluster's wheels, and pip installs there. `uv run` and `uv sync`
    take what the `pyproject.toml` beside the script asks for, with the groups and extras that they name. Nothing
    changes on a cluster without wheels of its own.

Fix safety
    `review`: uv.lock may hold other versions than there are wheels of. `manual` where uv makes or changes the project,
    and for options that change where the command runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import REFUSAL, Message, job, phrase
from slurmfix.rules.acts import Act, Drop, Enter, Install, Manifest, Pip, Replace, Report, Run, Target
from slurmfix.rules.rule import Argument, Finding, Rule, options, told
from slurmfix.rules.run import is_program
from slurmfix.shell import Command, Script, Word, call_of, value_of
from slurmfix.text import Span, excerpt

FROM_THE_INTERNET = Message(
    id="uv-from-the-internet",
    kind=REFUSAL,
    subject="`{source}`",
    reason="uv takes packages from the internet, which compute nodes may not reach",
    action="run this line once on a login node. Or delete the line, and add the package to the requirements file",
    bad=job("uv add numpy\nuv run python train.py"),
    good=job("uv run python train.py"),
)
OPTION = Message(
    id="uv-option",
    kind=REFUSAL,
    subject="`{option}` of `uv run`",
    reason="the job no longer has uv, and no other command has this option",
    action="delete the option, and write its effect above this line, such as `cd FOLDER` or `export NAME=VALUE`. "
    "Then run slurmfix again",
    bad=job("uv run --env-file .env python train.py"),
    good=job("uv run --frozen python train.py"),
)
BEFORE_ACTIVATION = Message(
    id="uv-before-activation",
    kind=REFUSAL,
    subject="`{source}`",
    reason="pip does not find the virtualenv, which is not active yet",
    action="move this line below the one that activates the virtualenv (`source …/bin/activate`), and run slurmfix "
    "again",
    bad=job("uv venv\nuv pip install 'torch[opt]>=2' git+https://example.org/x\nuv run --no-project python train.py"),
    good=job("uv venv\nsource .venv/bin/activate\nuv pip install numpy\npython train.py"),
)
IN_A_VARIABLE = Message(
    id="uv-in-a-variable",
    kind=REFUSAL,
    subject="the variable `{name}`",
    reason="this line puts a command of uv into the variable, and slurmfix does not convert such commands",
    action="write the command itself where the variable stands. Then run slurmfix again",
    bad=job('RUN="uv run"\n$RUN python train.py'),
    good=job("uv run python train.py"),
)
_WITH_VALUE = frozenset(
    """
    -p --python -d --directory --project --package --extra --no-extra --group --only-group --no-group --env-file -w
    --with --with-editable --with-requirements -i --index-url --extra-index-url --index --default-index -f --find-links
    --index-strategy --keyring-provider --resolution --prerelease --fork-strategy --exclude-newer --link-mode -C
    --config-setting --no-build-isolation-package --no-build-package --no-binary-package --refresh-package -P
    --upgrade-package --reinstall-package --cache-dir --config-file --color --allow-insecure-host --python-platform
    --python-version --torch-backend -r --requirement -c --constraint --override -b --build-constraint -e --editable
    --target --prefix --prompt --only-binary --no-binary
    """.split()
)
# Options of `uv run` that change more than which packages there are.
_CHANGES_MORE = ("-d", "--directory", "--env-file", "-s", "--script", "--with-editable", "--gui-script")
# What `uv pip install` takes and pip does not; those of `_WITH_VALUE` with their value.
_NOT_OF_PIP = frozenset(
    """
    -p --python --system --index --default-index --index-strategy --keyring-provider --resolution --prerelease
    --fork-strategy --exclude-newer --link-mode --no-build-isolation-package --no-build-package --no-binary-package
    --refresh --refresh-package --reinstall --reinstall-package --upgrade-package --cache-dir --config-file --offline
    --native-tls --no-config --no-progress --compile-bytecode --torch-backend --python-version --python-platform
    --override --exact --strict --all-extras --extra --group --managed-python --no-managed-python --no-sources
    """.split()
)
_ALL = {"--all-extras", "--all-groups"}
_REACHES_OUT = ("add", "remove", "tool", "lock", "init", "upgrade")
_OWN = ".venv"  # where uv makes a virtualenv that nobody names
_VERSION = re.compile(r"(?:\w*python)?(3\.\d+)")
_PACKAGE = re.compile(r"[A-Za-z][\w.-]*(?:(?:==|>=|<=|<|>|~=)[\w.*]+)?")
_COMMAND = re.compile(r"uv (?:run|pip|venv|sync)\b|uvx ")
_PYTHON_FILE = re.compile(r"\S+\.pyw?")
_MAKES = phrase("uv makes a virtualenv")
_CALLED = phrase("a variable calls uv")
_INSTALLS = phrase("uv installs from the internet in the job")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    yield from _in_variables(command, script)
    if words and words[0].literal in ("source", ".") and len(words) > 1:
        yield from _entered(command, words[1], script)
        return
    called = call_of(script, command)
    if called.name not in ("uv", "uvx") or called.program is None:
        return
    if called.program.value is None and len(value_of(script, called.program, command).text.split()) != 1:
        return  # a variable with more than the program
    before, skipped = options(called.behind, _WITH_VALUE)
    rest = called.behind[skipped:]
    start = called.program.span.start
    match [word.literal for word in rest[:2]]:
        case _ if called.name == "uvx":
            yield _left(command)
        case ["run", *_]:
            yield _run(command, before, rest, start, script)
        case ["venv", *_]:
            yield _venv(command, rest[1:], script)
        case ["sync", *_]:
            given, _ = options(rest[1:], _WITH_VALUE)
            target = _project([*before, *given], script)
            yield _found(Install(target, creates=True), command.span, _MAKES, command)
        case ["pip", "install" | "sync"]:
            yield from _pip(command, rest, start, script)
        case ["pip", "list" | "show" | "freeze" | "check" | "uninstall"]:
            yield _found(Replace("pip"), Span(start, rest[0].span.end), phrase("asks uv what is installed"), command)
        case ["python", "install"]:
            yield _found(Drop(), command.span, phrase("uv fetches a Python"), command)
        case [asked, *_] if asked in _REACHES_OUT:
            yield _left(command)


def _in_variables(command: Command, script: Script) -> Iterator[Finding]:
    """A variable with a command of uv in it that some line calls."""
    for name, _, value, _ in command.assignments:
        calls = (each.words[0].source for each in script.holding("$") if each.words)
        if _COMMAND.match(value.literal) and any(source in (f"${name}", f"${{{name}}}") for source in calls):
            yield _found(Report(), command.span, _CALLED, command, IN_A_VARIABLE.about(name=name))


def _found(act: Act, span: Span, says: str, command: Command, why: str = "") -> Finding:
    return Finding("uv", act, span, says, command, why=why, indexed=True)


def _left(command: Command) -> Finding:
    why = FROM_THE_INTERNET.about(source=excerpt(command.source))
    return _found(Report(), command.span, _INSTALLS, command, why)


# Which virtualenv is meant


def _folder(word: Word, command: Command, script: Script) -> str:
    return value_of(script, word, command).text.rstrip("/")


def _made(script: Script) -> tuple[str, ...]:
    """The folders in which uv makes a virtualenv, as the script names them."""
    found: list[str] = []
    for command in script.holding("uv ", "uv_project_environment"):
        found += [
            _folder(assigned.word, command, script) for assigned in command.assignments
            if assigned.name == "UV_PROJECT_ENVIRONMENT"
        ]  # fmt: skip
        literals = [word.literal for word in command.words]
        if "venv" in literals and call_of(script, command).name == "uv":
            rest = command.words[literals.index("venv") + 1 :]
            _, at = options(rest, _WITH_VALUE)
            found += [_folder(word, command, script) for word in rest[at : at + 1]]
    return tuple(dict.fromkeys(found))


def _own(script: Script, manifest: Manifest | None = None) -> Target:
    """The virtualenv of a command that names none: the only one that the script makes, else the project's."""
    made = _made(script)
    return Target("path", made[0] if len(made) == 1 else _OWN, None, manifest)


def _entered(command: Command, word: Word, script: Script) -> Iterator[Finding]:
    """`source X/bin/activate`, where uv makes X."""
    path = _folder(word, command, script)
    folder = path.removesuffix("/bin/activate")
    if folder == path or not any(call_of(script, c).name == "uv" for c in script.holding("uv ")):
        return
    own = folder.rpartition("/")[2] == _OWN
    if own or folder in _made(script):
        target = _own(script) if own else Target("path", folder, None)
        yield _found(
            Enter(target), command.span, phrase("activates the virtualenv {name} of uv's", name=folder), command
        )


def _project(given: list[Argument], script: Script) -> Target:
    """The virtualenv of a project, with what the options say of its packages."""
    names = {each.option for each in given}
    folder = next((f"{text.rstrip('/')}/" for text in _values(given, "--project")), "")
    parts = [".", *_values(given, "--extra", "--group", "--only-group"), *("*" for _ in names & _ALL)]
    packages = [each for text in _values(given, "-w", "--with") for each in text.split(",")] + _python(given)
    lists = tuple(_values(given, "--with-requirements"))
    if "--no-project" in names:
        return _own(script, Manifest((), (), tuple(packages), lists))
    return _own(script, Manifest((f"{folder}pyproject.toml",), tuple(parts), tuple(packages), lists))


def _python(given: list[Argument]) -> list[str]:
    """The Python that is asked for, as a package."""
    return [f"python={match[1]}" for text in _values(given, "-p", "--python") if (match := _VERSION.match(text))]


def _values(given: list[Argument], *names: str) -> list[str]:
    return [each.value.literal for each in given if each.option in names and each.value is not None]


# What uv is told to do


def _run(command: Command, before: list[Argument], rest: tuple[Word, ...], start: int, script: Script) -> Finding:
    given, behind = options(rest[1:], _WITH_VALUE)
    work, says = rest[1 + behind :], phrase("runs a command in a virtualenv of uv's")
    more = next((each.option for each in (*before, *given) if each.option in _CHANGES_MORE), "")
    if more:
        return _found(Report(), command.span, says, command, OPTION.about(option=more))
    module = any(each.option in ("-m", "--module") for each in given)
    if not work or not (module or is_program(work[0])):
        return _found(Report(), command.span, says, command, FROM_THE_INTERNET.about(source=excerpt(command.source)))
    front = "python -m " if module else "python " if _PYTHON_FILE.fullmatch(work[0].literal) else ""
    target = _project([*before, *given], script)
    return _found(Run(target, front), Span(start, work[0].span.start), says, command)


def _venv(command: Command, rest: tuple[Word, ...], script: Script) -> Finding:
    given, at = options(rest, _WITH_VALUE)
    named = rest[at : at + 1]
    late, _ = options(rest[at + 1 :], _WITH_VALUE)
    target = Target("path", _folder(named[0], command, script), None) if named else Target("path", _OWN, None)
    packages = tuple(_python([*given, *late])) or ("python",)
    return _found(Install(target, packages, creates=True), command.span, _MAKES, command)


def _pip(command: Command, rest: tuple[Word, ...], start: int, script: Script) -> Iterator[Finding]:
    """`uv pip install …` as pip has it; where nothing is active yet, the virtualenv has it from the start."""
    words, is_sync = rest[2:], rest[1].literal == "sync"
    files, packages, foreign = _listed(rest[1:], is_sync)
    if not _is_entered(command, script) and any(script.holding("uv venv", "uv sync", "uv run")):
        if packages is None:
            why = BEFORE_ACTIVATION.about(source=excerpt(command.source))
            yield _found(Report(), command.span, _INSTALLS, command, why)
        else:
            yield _found(Install(_own(script), packages, files), command.span, _INSTALLS, command)
        return
    lists = files if packages == () else ()
    end = words[0].span.start if words and is_sync else rest[1].span.end
    new = "pip install --no-index -r " if is_sync else "pip install --no-index"
    yield _found(Pip(new, lists), Span(start, end), _INSTALLS, command)
    for span in foreign:
        yield _found(Pip("", lists), span, phrase("is an option of uv's that pip does not have"), command)


def _is_entered(command: Command, script: Script) -> bool:
    """Whether a virtualenv or an environment is activated above a command."""
    above = (each for each in script.holding("activate") if each.span.end <= command.span.start)
    return any(each.name in ("source", ".", "conda", "mamba", "micromamba") for each in above)


def _listed(words: tuple[Word, ...], is_sync: bool) -> tuple[tuple[str, ...], tuple[str, ...] | None, list[Span]]:
    """Of the words from `install` on, the lists that are installed; the packages, None where one is more than a name
    and a version; and where what stands that pip does not take, with the blank in front of it.
    """
    files: list[str] = []
    packages: list[str] = []
    foreign: list[Span] = []
    plain = True
    given = [each._replace(at=each.at + 1) for each in told(words[1:], _WITH_VALUE)]
    for each, at in zip(given, (*(following.at for following in given[1:]), len(words)), strict=True):
        name, text = each.option, each.value.literal if each.value is not None else ""
        if name in ("-r", "--requirement") or (is_sync and not name):
            files.append(text)
        elif name in _NOT_OF_PIP:
            foreign.append(Span(words[each.at - 1].span.end, words[at - 1].span.end))
        elif name in ("-e", "--editable") or not (name or _PACKAGE.fullmatch(text)):
            plain = False
        elif not name:
            packages.append(text)
    return tuple(files), tuple(packages) if plain else None, foreign


RULE = Rule(
    "uv",
    "uv makes a virtualenv, installs into it, or runs a command in the project's own",
    check,
    words=("uv ", "uvx", "uv}", 'uv"', "/bin/activate"),
    bad=(
        "uv venv\nsource .venv/bin/activate\nuv pip install -r requirements.txt\npython x.py\n",
        "uv venv -p 3.11 $SLURM_TMPDIR/e\n. $SLURM_TMPDIR/e/bin/activate\nuv pip install numpy\npython x.py\n",
        "srun uv run x.py\n",
        "uv sync --frozen --extra gpu\nuv run --no-sync python -m x\n",
        "uv run --directory /x python x.py\n",
        "uvx ruff .\n",
        "uv add numpy\nuv run x.py\n",
        'RUN="uv run"\n$RUN python x.py\n',
    ),
    good=(
        "echo uv run x.py\n",
        'USAGE="uv run x.py"\necho $USAGE\n',
        "source .venv/bin/activate\npython x.py\n",
        "uv --version\n",
        "suv run x\n",
    ),
    manual=__doc__ or "",
)
