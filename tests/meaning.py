"""Runs two job scripts among stub commands and tells whether they do the same work.

The only door to a shell that runs a job script. Only scripts written for this repository run here, and of real programs
only those of REAL: all else is a stub of meaning.sh, which records what it was called with. The author's own commands
must be the same, in their order, with their words, folders and environments; what makes and activates environments may
differ. Commands that read a pipe are compared without an order, and all of a script that starts one in the background.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from shutil import which

STUBS = Path(__file__).with_suffix(".sh")
REAL = ("basename", "bash", "cat", "chmod", "dirname", "mkdir", "seq", "tr", "wc")  # read, or write in the sandbox
CALLED_BY_EXEC = ("env", "mpiexec", "mpirun", "python", "python3", "Rscript", "srun")  # exec and xargs know no function
# modules that an environment brings along: they come and go with it
OF_ENVIRONMENTS = re.compile(r"(?i)\b(conda|anaconda|miniconda|mamba|miniforge|mambaforge|python|StdEnv|gcc)|conda")
ABSOLUTE = re.compile(
    r"""(?P<before>(?:^|[\s=:(<>`]|[\s=:(<>`]["']))
        (?P<path>/(?!dev/)[\w.+-]+[\w.+/-]*)""",
    re.VERBOSE | re.MULTILINE,
)
_BACKGROUND = re.compile(r"(?<![&>|;])&[ \t]*(?:#.*)?$", re.M)
SUBMITS = re.compile(r"sbatch\b")  # a job of its own, which enters an environment by itself
CONDA_FOLDER = re.compile(r"^.*?/(?:miniconda|anaconda|miniforge|mambaforge|conda)[23]?(?=/|$)")


@dataclass(frozen=True, slots=True)
class Call:
    """One of the author's own commands, as it was called."""

    words: str  # quoted for a shell
    folder: str
    environment: str  # its name; empty for none
    modules: frozenset[str]
    piped: bool

    def __str__(self) -> str:
        place = f" in environment {self.environment}" if self.environment else " in no environment"
        return f"{self.words} (in {self.folder},{place})"


@dataclass(frozen=True, slots=True)
class Trace:
    """What a script did: its own calls, what it printed, and how it ended."""

    calls: tuple[Call, ...]
    machinery: tuple[Call, ...]  # what makes, activates and leaves environments, and loads modules
    printed: str
    status: int
    background: bool = False  # whether the script starts anything without waiting for it


def same_meaning(
    before: str, after: str, *, files: Mapping[str, str] | None = None, environment_fails: bool = False
) -> str | None:
    """None where both scripts do the same work, else the first difference, in words.

    With `environment_fails`, activating a conda environment and making a virtualenv both fail: for scripts whose author
    handles that.
    """
    return difference(trace(before, files, environment_fails), trace(after, files, environment_fails))


def difference(before: Trace, after: Trace, *, base_is_told: bool = False) -> str | None:
    """The first difference of two traces, in words. With `base_is_told`, what ran in conda's base may run in no
    environment: that was said, and no file tells what base held.
    """
    names: dict[str, str] = {}
    for old, new in zip_longest(_in_order(before), _in_order(after)):
        if old is None or new is None:
            return f"only {'the rewritten' if old is None else 'the original'} script calls: {old or new}"
        if (old.words, old.folder) != (new.words, new.folder):
            return f"the original calls: {old}\nthe rewritten one: {new}"
        if missing := _own(old.modules) - new.modules:
            return f"without the author's modules {', '.join(sorted(missing))}: {new}"
        if not new.environment and _own(new.modules) - old.modules:
            continue  # modules serve what was asked of the environment
        if old.environment == "base" and not new.environment and (base_is_told or SUBMITS.match(old.words)):
            continue
        if bool(old.environment) != bool(new.environment) or names.setdefault(old.environment, new.environment) != (
            new.environment
        ):
            return f"not the same environment: {old}\nafter rewriting: {new}"
    for new_name in set(names.values()):
        if len({old for old, new in names.items() if new == new_name}) > 1:
            return f"two environments have become one: {new_name}"
    if before.printed != after.printed:
        return f"the original prints {before.printed!r}, the rewritten one {after.printed!r}"
    if before.status != after.status:
        return f"the original ends with status {before.status}, the rewritten one with {after.status}"
    return None


def _own(modules: frozenset[str]) -> frozenset[str]:
    """Without those that every environment brings along."""
    return frozenset(name for name in modules if not OF_ENVIRONMENTS.search(name))


def _in_order(trace: Trace) -> list[Call]:
    """The calls; those that read a pipe ran at the same time as others, and come last, sorted by what is called (not
    by the environment, which is what is compared). In a script that starts something in the background all may have.
    """
    loose = trace.calls if trace.background else [call for call in trace.calls if call.piped]
    kept = [] if trace.background else [call for call in trace.calls if not call.piped]
    return kept + sorted(loose, key=lambda call: (call.words, call.folder))


def trace(script: str, files: Mapping[str, str] | None = None, environment_fails: bool = False) -> Trace:
    """Run a script among the stubs, in a folder that holds these files."""
    with tempfile.TemporaryDirectory(prefix="meaning-") as name:
        root = Path(name).resolve()
        for folder in ("submit", "home", "tmp", "stubs", "conda", "scratch"):
            (root / folder).mkdir()
        for real in REAL:
            (root / "stubs" / real).symlink_to(which(real) or f"/bin/{real}")
        for path, content in (files or {}).items():
            target = root / "submit" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        for stub in CALLED_BY_EXEC:
            _executable(root / "stubs" / stub)
        (root / "home" / ".bashrc").touch()
        for link in ("miniconda3", "anaconda3", "miniforge3"):
            (root / "home" / link).symlink_to(root / "conda")
        for environment, program in re.findall(r"envs/([\w.-]+)/bin/([\w.-]+)", script):
            _executable(root / "conda" / "envs" / environment / "bin" / program)
        job = root / "job.sh"
        job.write_bytes(_inside(script, root).encode("utf-8", "surrogateescape"))
        done = subprocess.run(
            ["bash", str(job)],
            cwd=root / "submit",
            env=_environment(root, environment_fails),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
        )
        records = (root / "trace").read_text(errors="surrogateescape") if (root / "trace").exists() else ""
        here = str(root)
        calls, machinery = [], []
        for line in records.replace(here, "").split("\n")[:-1]:
            kind, folder, environment, modules, words = line.split("\x1f", 4)
            words = re.sub(r"^\S*/(?:envs|tmp)/\S+/bin/", "", words.strip())
            call = Call(words, folder, environment, frozenset(modules.split()), kind == "piped")
            (machinery if kind == "machinery" else calls).append(call)
        printed = done.stdout.decode(errors="surrogateescape").replace(here, "")
        background = _BACKGROUND.search(script) is not None
        return Trace(tuple(calls), tuple(machinery), printed, done.returncode, background)


def _environment(root: Path, fails: bool) -> dict[str, str]:
    return {
        "PATH": f"{root}/stubs",
        "HOME": f"{root}/home",
        "USER": "alice",
        "LC_ALL": "C.UTF-8",
        "ROOT": str(root),
        "TRACE": f"{root}/trace",
        "BASH_ENV": str(STUBS),
        "FAILING": "yes" if fails else "",
        "SCRATCH": f"{root}/scratch",
        "SLURM_TMPDIR": f"{root}/tmp",
        "SLURM_SUBMIT_DIR": f"{root}/submit",
        "SLURM_JOB_ID": "1",
        "SLURM_ARRAY_TASK_ID": "1",
        "SLURM_NNODES": "2",
        "SLURM_JOB_NUM_NODES": "2",
        "SLURM_NTASKS": "4",
        "SLURM_CPUS_PER_TASK": "2",
    }


def _inside(script: str, root: Path) -> str:
    """The script with every absolute path moved into the sandbox; what stands in a bin folder becomes a stub."""

    def moved(found: re.Match[str]) -> str:
        path = CONDA_FOLDER.sub("/conda", found["path"])
        if Path(path).parent.name == "bin" and Path(path).name not in {"activate", "deactivate"}:
            _executable(root / path[1:])
        return f"{found['before']}{root}{path}"

    shebang = re.match(r"#!.*\n", script)
    start = shebang.end() if shebang else 0
    return script[:start] + ABSOLUTE.sub(moved, script[start:])


def _executable(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(f'#!{which("bash")}\n_called "$0" "$@"\n')
        path.chmod(0o755)
