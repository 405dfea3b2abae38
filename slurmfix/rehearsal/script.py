"""The rehearsal as a bash script that can be read first, and as a short job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from slurmfix.rehearsal.own_code import is_own_code
from slurmfix.rehearsal.stage import Rehearsal
from slurmfix.shell import options_of
from slurmfix.templates import render_file

SECONDS = 60  # that one import may take; the first import of a large package from a network disk takes 20
# What a job says of whom it is for and where it runs; a rehearsal asks for the same.
_KEPT = (("--account", "-A"), ("--partition", "-p"), ("--qos", "-q"), ("--reservation",), ("--constraint", "-C"))
_NODES = ("--nodes", "-N")


def script_of(rehearsal: Rehearsal, fetch: bool = True) -> str:
    """A bash script that rehearses one environment.

    Its first argument is the folder to work in, which it removes; without one it makes a folder of its own. With
    `fetch` it also fetches what the requirements file prepares. It prints a line a step (`ok`, `FAIL`, `GPU`, `note`,
    what, and which), and ends with 0 where all is well, 1 where something fails, 4 where there are no modules.
    """
    return "#!/bin/bash\n" + _body(rehearsal, fetch) + "\n"


def fetches(rehearsal: Rehearsal) -> tuple[str, ...]:
    """The commands that fetch packages and run no code of the author's: what builds that is for the author to run."""
    return tuple(command for command in rehearsal.prepares if not any(map(is_own_code, command.split())))


def trial_job(rehearsal: Rehearsal) -> str:
    """A job of five minutes that rehearses an environment on a compute node, on each one where the job has several."""
    option = options_of(each.arguments for each in rehearsal.directives)
    header = [f"#SBATCH {names[0]}={value}" for names in _KEPT if (value := option(*names))]
    nodes = option(*_NODES) or "1"
    body = _body(rehearsal, fetch=False)
    if nodes != "1":
        end = _delimiter("SLURMFIX_REHEARSAL", body)
        launch = 'srun --label --nodes="$SLURM_NNODES" --ntasks="$SLURM_NNODES" --ntasks-per-node=1'
        body = f"{launch} bash -c 'eval \"$(cat)\"' <<'{end}'\n{body}\n{end}"
    lines = [
        "#!/bin/bash",
        f"#SBATCH --job-name=rehearse-{re.sub(r'[^A-Za-z0-9_.-]', '_', rehearsal.environment)}",
        "#SBATCH --time=0:05:00",
        f"#SBATCH --nodes={nodes}",
        "#SBATCH --ntasks-per-node=1",
        "#SBATCH --mem=4000M",
        *header,
        body,
    ]
    return "\n".join(lines) + "\n"


def _body(rehearsal: Rehearsal, fetch: bool) -> str:
    block = rehearsal.block
    texts = "\n".join(text for _, text in rehearsal.listings)
    fetched = fetches(rehearsal) if fetch else ()
    told = {
        "fetches": _quoted(fetched),
        "modules": _quoted(block.modules),
        "installs": _quoted(block.installs),
        "make": shlex.quote(block.make),
        "loaded": shlex.quote("; ".join(block.modules)),
    }
    return render_file(
        "rehearsal.sh",
        "",
        name=_plain(rehearsal.environment),
        job=_plain(" and ".join(rehearsal.jobs[:2]) + (" and others" if len(rehearsal.jobs) > 2 else "")),
        seconds=SECONDS,
        commands=bool(block.make),
        fetches=fetched,
        modules=block.modules,
        listings=tuple((shlex.quote(name), _own_code_out(text)) for name, text in rehearsal.listings),
        delimiter=_delimiter("SLURMFIX_REQUIREMENTS", texts),
        make=block.make,
        folder=block.folder,
        installs=block.installs,
        imports=_quoted(rehearsal.imports),
        programs=_quoted(rehearsal.programs),
        image=shlex.quote(rehearsal.image),
        told=told,
    )


def scripts_of(each: Sequence[Rehearsal]) -> str:
    """The scripts of several rehearsals as one: each in a shell of its own, so that all are run."""
    scripts = [script_of(rehearsal) for rehearsal in each]
    if len(scripts) == 1:
        return scripts[0]
    shells = "".join(f"(\n{script.rstrip()}\n) || failing=1\n\n" for script in scripts)
    return f"#!/bin/bash\nfailing=0\n{shells}exit $failing\n"


def _quoted(words: Iterable[str]) -> list[str]:
    return [shlex.quote(word) for word in words]


def _plain(text: str) -> str:
    """Text as a comment may hold it: on one line."""
    return re.sub(r"[^ -~\xa0-\U0010ffff]+", " ", text)


def _own_code_out(text: str) -> str:
    """A requirements file without the lines that would build the author's own folder."""
    lines = text.rstrip("\n").split("\n")
    return "\n".join(f"# not rehearsed: {line}" if is_own_code(line) else line for line in lines)


def _delimiter(word: str, text: str) -> str:
    while re.search(rf"^{word}$", text, re.M):
        word += "_"
    return word
