"""The rehearsal as a bash script that can be read first, and as a short job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from slurmfix.rehearsal.block import INSTALL, MODULE, PYTHON
from slurmfix.rehearsal.stage import Rehearsal
from slurmfix.shell import Directive, options_of
from slurmfix.templates import render_file

# Seconds that one import may take; the first import of a large package from a network disk takes 20. Loading modules
# may take three times as long.
SECONDS = 60
PATIENCE = 1200  # seconds that any other step may take, such as one call of pip
_MINUTES = 5  # of a test job, for each environment
# What a job says of whom it is for and where it runs; a rehearsal asks for the same.
_KEPT = (("--account", "-A"), ("--partition", "-p"), ("--qos", "-q"), ("--reservation",), ("--constraint", "-C"))
_NODES = ("--nodes", "-N")
FETCH = "fetch"


def script_of(rehearsal: Rehearsal) -> str:
    """A bash script that rehearses one environment.

    With the argument -y it also fetches what the requirements file prepares; without it, it asks on a terminal. It
    works in a folder of its own, in $SLURMFIX_TOP where that is set. It prints a line a step (`ok`, `FAIL`, `GPU`,
    `later`, `skip`, `note`, what, and which), and ends with 0 where all is well, 1 where something fails, 4 where
    there are no modules.
    """
    return "#!/bin/bash\n" + _body(rehearsal) + "\n"


def scripts_of(each: Sequence[Rehearsal]) -> str:
    """The scripts of several rehearsals as one."""
    return "#!/bin/bash\n" + _bodies(each)


def trial_job(each: Sequence[Rehearsal]) -> str:
    """A job of five minutes for each environment, which rehearses them one after the other on a compute node, and on
    each one where a job has several. It asks for what the first job asks for.
    """
    option = _options(each[0].directives)
    header = [f"#SBATCH {names[0]}={value}" for names in _KEPT if (value := option(*names))]
    nodes = max((_options(one.directives)(*_NODES) or "1" for one in each), key=_most)
    body = _bodies(each)
    if nodes != "1":
        end = _delimiter("SLURMFIX_REHEARSAL", body)
        launch = 'srun --label --nodes="$SLURM_NNODES" --ntasks="$SLURM_NNODES" --ntasks-per-node=1'
        body = f"{launch} bash -c 'eval \"$(cat)\"' <<'{end}'\n{body}{end}\n"
    lines = [
        "#!/bin/bash",
        f"#SBATCH --job-name={trial_name(each)}",
        f"#SBATCH --output={trial_name(each)}-%j.out",
        f"#SBATCH --time=0:{_MINUTES * len(each):02}:00",
        f"#SBATCH --nodes={nodes}",
        "#SBATCH --ntasks-per-node=1",
        "#SBATCH --mem=4000M",
        *header,
        body,
    ]
    return "\n".join(lines)


def trial_name(each: Sequence[Rehearsal]) -> str:
    """What the test job is called, and what its output begins with."""
    return f"rehearse-{re.sub(r'[^A-Za-z0-9_.-]', '_', each[0].environment)}"


def other_headers(each: Sequence[Rehearsal]) -> tuple[str, ...]:
    """The jobs whose account, partition or the like is another one than that of the first, which the test job has."""
    asked = [tuple(_options(one.directives)(*names) for names in _KEPT) for one in each]
    return tuple(one.jobs[0] for one, wanted in zip(each, asked, strict=True) if wanted != asked[0])


def _options(directives: Iterable[Directive]) -> Callable[..., str | None]:
    return options_of(each.arguments for each in directives)


def _most(nodes: str) -> int:
    """The most nodes of `2` or `2-4`."""
    return max(map(int, re.findall(r"\d+", nodes)), default=1)


def _bodies(each: Sequence[Rehearsal]) -> str:
    """The rehearsals, where there are several each in a shell of its own, so that all are run."""
    bodies = [_body(rehearsal) for rehearsal in each]
    if len(bodies) == 1:
        return bodies[0] + "\n"
    shells = "".join(f"(\n{body}\n) || failing=1\n\n" for body in bodies)
    return f"failing=0\n{shells}exit $failing\n"


def _body(rehearsal: Rehearsal) -> str:
    block = rehearsal.block
    return render_file(
        "rehearsal.sh",
        "",
        name=_plain(rehearsal.environment),
        ready=shlex.quote(f"{_plain(rehearsal.environment)} is ready"),
        not_ready=shlex.quote(f"{_plain(rehearsal.environment)} is not ready"),
        job=_plain(" and ".join(rehearsal.jobs[:2]) + (" and others" if len(rehearsal.jobs) > 2 else "")),
        seconds=SECONDS,
        patience=PATIENCE,
        groups=list(_groups(rehearsal)),
        fetches=_fetches(rehearsal),
        listings=[(shlex.quote(each.name), each.rehearsed) for each in rehearsal.listings],
        delimiter=_delimiter("SLURMFIX_REQUIREMENTS", "\n".join(each.text for each in rehearsal.listings)),
        folder=block.folder,
        submit="submit" + "/below" * rehearsal.depth,
        first=_quoted(rehearsal.needs.first),
        later=_quoted(rehearsal.needs.later),
        optional=_quoted(rehearsal.needs.optional),
        count=len(rehearsal.imports),
        programs=_quoted(rehearsal.programs),
        image=rehearsal.image,
        skipped=_quoted(map(_plain, map(str, rehearsal.skipped))),
    )


def _groups(rehearsal: Rehearsal) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The actions in the order of the job, those of one kind together: each as bash runs it, and as it is told.

    What is to be fetched comes behind the modules, which bring pip.
    """
    fetches = _fetches(rehearsal)
    for kind, actions in groupby(rehearsal.block.actions, key=lambda action: action.kind):
        if kind != MODULE and fetches:
            yield FETCH, fetches
            fetches = []
        commands = [action.command for action in actions]
        run = map(_from_wheels, commands) if kind == INSTALL else commands
        yield kind, list(zip(run, _quoted(commands), strict=True))


def _fetches(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [(command, shlex.quote(command)) for command in rehearsal.fetches]


def _from_wheels(install: str) -> str:
    """A call of pip that takes wheels alone where it reads no index: an sdist beside them may be the author's own."""
    local = re.search(r" (?:--no-index|--find-links|-f)\b", install)
    return f"{install} --only-binary=:all:" if local else install


def _quoted(words: Iterable[str]) -> list[str]:
    return [shlex.quote(word) for word in words]


def _plain(text: str) -> str:
    """Text as a comment may hold it: on one line."""
    return re.sub(r"[^ -~\xa0-\U0010ffff]+", " ", text)


def _delimiter(word: str, text: str) -> str:
    while re.search(rf"^{word}$", text, re.M):
        word += "_"
    return word


__all__ = [
    "FETCH",
    "INSTALL",
    "MODULE",
    "PYTHON",
    "other_headers",
    "script_of",
    "scripts_of",
    "trial_job",
    "trial_name",
]
