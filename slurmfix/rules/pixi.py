"""pixi runs a command in an environment of its own.

What it finds
    `pixi run COMMAND …` and `eval "$(pixi shell-hook)"`, with `-e NAME` and `--manifest-path`; `pixi install`; `pixi
    shell` and `pixi exec`.

Why it matters
    pixi's environments are conda's in another folder: they bring their own libraries instead of the tuned ones, and are
    made from channels of conda, which compute nodes without internet do not reach.

Instead
    As for `conda run` and `conda activate`, with the packages that the `pixi.toml`, or the `pyproject.toml`, beside the
    script lists for that environment.

Fix safety
    `review`: pixi.lock may hold other versions than there are wheels of. `manual` where the project's file is not at
    hand, and for a task of pixi's: its command has to stand in the script first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from slurmfix.remarks import PLAIN, REFUSAL, Message, job, phrase
from slurmfix.rules.acts import Enter, Install, Manifest, Report, Run, Target
from slurmfix.rules.configured import Beside
from slurmfix.rules.rule import Argument, Finding, Rule, options
from slurmfix.rules.run import is_program
from slurmfix.shell import Command, Script, Word, call_of
from slurmfix.text import Span, excerpt

_TOML = "-- pixi.toml --\n[workspace]\nname = 'x'\nchannels = []\n[dependencies]\nnumpy = '*'\n"
PIXI = Message(
    id="pixi-environment",
    kind=REFUSAL,
    subject="`{source}`",
    reason="pixi makes a conda environment of its own",
    action="run `pixi workspace export conda-environment environment.yml`, and write `conda activate NAME` here "
    "(NAME: the name in that file). Then run slurmfix again, which converts this line",
    bad=job("pixi run python train.py"),
    good=PLAIN,
)
TASK = Message(
    id="pixi-task",
    kind=REFUSAL,
    subject="`{task}`, a task of {file}",
    reason="only pixi knows the command of this task, and the job no longer has pixi",
    action="look up its command in {file}, write the command here instead, and run slurmfix again",
    bad=job("pixi run train") + _TOML + "[tasks]\ntrain = 'python train.py'\n",
    good=job("pixi run python train.py") + _TOML,
)
_WITH_VALUE = frozenset(
    """
    -e --environment -m --manifest-path -w --workspace -p --platform -s --shell --color --auth-file --config-file
    --concurrent-downloads --concurrent-solves --pinning-strategy --pypi-keyring-provider --change-ps1
    --tls-root-certs
    """.split()
)
_FILES = ("pixi.toml", "pyproject.toml")
_SECTION = re.compile(r"\s*\[([\w.\"' -]+)\]")
_KEY = re.compile(r"\s*([\w\"'-]+)\s*[=.]")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    called = call_of(script, command)
    if called.name != "pixi" or called.program is None:
        return
    before, skipped = options(called.behind, _WITH_VALUE)
    rest = called.behind[skipped:]
    if not rest or called.program.value is None:  # `$RUN python a.py`: there is no place for what is written instead
        return
    given, behind = options(rest[1:], _WITH_VALUE)
    target = _target([*before, *given])
    work = rest[1 + behind :]
    left = Finding(
        "pixi", Report(), command.span, phrase("runs in an environment of pixi's"), command,
        why=PIXI.about(source=excerpt(command.source)),
    )  # fmt: skip
    says = phrase("runs a command in the environment {name} of pixi's", name=target.text)
    match rest[0].literal:
        case "run" | "r" if work and work[0].value is not None and is_program(work[0]):
            yield Finding("pixi", Run(target), Span(called.program.span.start, work[0].span.start), says, command)
        case "shell-hook" if (reader := _reader(script, command)) is not None:
            says = phrase("activates the environment {name} of pixi's", name=target.text)
            yield Finding("pixi", Enter(target), reader.span, says, reader)
        case "install" | "i":
            says = phrase("makes the environment {name} of pixi's", name=target.text)
            yield Finding("pixi", Install(target, creates=True), command.span, says, command)
        case "run" | "r" | "shell" | "shell-hook" | "exec" | "x":
            yield left


def _target(given: list[Argument]) -> Target:
    """The environment that the options name, and the project that it is of."""
    told = {each.option: each.value for each in given if each.value is not None}
    environment = told.get("-e") or told.get("--environment")
    where = next((told[name] for name in ("-m", "--manifest-path", "-w", "--workspace") if name in told), None)
    files: tuple[str, ...] = _FILES
    name = "pixi"
    if where is not None:
        path = where.literal.rstrip("/")
        is_file = path.endswith(".toml")
        files = (path,) if is_file else tuple(f"{path}/{file}" for file in _FILES)
        folder = path.rpartition("/")[0] if is_file else path
        name = folder.rpartition("/")[2].strip(".~$") or name
    if environment is None:
        return Target("name", name, None, Manifest(files, ("default",)))
    part = environment.literal
    kind = "name" if environment.value is not None else "word"
    return Target(kind, environment.source if kind == "word" else part, environment, Manifest(files, (part,)))


def _reader(script: Script, inner: Command) -> Command | None:
    """The command that reads what `pixi shell-hook` prints: `eval "$(…)"`, `source <(…)`."""
    around = (c for c in script.holding("pixi") if c.span.holds(inner.span) and c.span != inner.span)
    return next((c for c in around if c.name in ("eval", "source", ".")), None)


def with_tasks(finding: Finding, beside: Beside) -> Finding:
    """A finding, left to a person where the project's file is not at hand, or knows the command as a task's name."""
    act = finding.act
    if finding.rule != "pixi" or not isinstance(act, Run | Enter | Install) or act.target is None:
        return finding
    names = act.target.manifest.files if act.target.manifest else ()
    name, text = next(((name, text) for name in names if (text := beside(name)) is not None), ("", ""))
    if not name:
        said = PIXI.about(source=excerpt(finding.command.source))
        return replace(finding, act=Report(), span=finding.command.span, why=said)
    ran = next((word.literal for word in finding.command.words if word.span.start >= finding.span.end), "")
    if isinstance(act, Run) and ran in tasks_of(text):
        return replace(finding, act=Report(), span=finding.command.span, why=TASK.about(task=ran, file=name))
    return finding


def tasks_of(text: str) -> frozenset[str]:
    """The names of the tasks that a project's file defines."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        if section := _SECTION.match(line):
            path = section[1].split(".")
            inside = path[-1] == "tasks"
            found += path[path.index("tasks") + 1 :][:1] if "tasks" in path else []
        elif inside and (key := _KEY.match(line)):
            found.append(key[1])
    return frozenset(name.strip("\"' ") for name in found)


RULE = Rule(
    "pixi",
    "pixi runs a command in an environment of its own",
    check,
    words=("pixi",),
    bad=(
        "srun pixi run python x.py\n",
        'eval "$(pixi shell-hook -e gpu)"\npython x.py\n',
        "pixi run --manifest-path /x/lake/pixi.toml -e gpu python x.py\n",
        "pixi shell\n",
        "pixi shell-hook > hook.sh\n. ./hook.sh\n",
    ),
    good=("echo pixi run\n", "pixi --version\n", "cp pixi.toml /x\n"),
    manual=__doc__ or "",
)
