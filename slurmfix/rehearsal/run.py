"""Runs a rehearsal; the only door to the processes that it starts."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from slurmfix import programs
from slurmfix.rehearsal.script import script_of
from slurmfix.rehearsal.stage import Rehearsal

NO_MODULES = 4  # the status of a rehearsal where there is no module command
_ENDING = (signal.SIGTERM, signal.SIGHUP)  # a session that is closed, a login node that ends what runs too long
_DECIDE = frozenset("PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_CONSTRAINT PIP_ONLY_BINARY PIP_PROXY".split())
_LATE = ": no answer within "
_LOG, _FROZEN = "log", "frozen"
_LITTLE = 1_000_000  # bytes that are left of a disk that is full
_PATIENCE = 10  # seconds that a rehearsal has to end after it was interrupted


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `how` it went (`ok`, `FAIL`, `GPU`, `later`, `skip`, `note`, `NONE`), `kind` of step, and `which`."""

    how: str
    kind: str
    which: str

    @property
    def fails(self) -> bool:
        return self.how == "FAIL"

    @property
    def is_late(self) -> bool:
        """Whether it took longer than it may."""
        return _LATE in self.which

    @property
    def of(self) -> str:
        """The command, the module or the like that the step is about."""
        return self.which.partition(_LATE)[0]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a rehearsal.

    `frozen` is the list of what was installed, "" where it did not come to that; `log` is all that was printed, and
    `log_path` where it is kept (only after a failure, "" where nothing could be kept). `seconds` is how long it took.
    `is_full` says that the disk of the temporary `folder` was full at the end. `variables` are those of the shell that
    decide where pip looks.
    """

    rehearsal: Rehearsal
    steps: tuple[Step, ...]
    status: int
    frozen: str
    log: str
    log_path: str
    seconds: float
    is_full: bool = False
    folder: str = ""
    variables: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return self.status == 0 and not any(step.fails for step in self.steps)

    @property
    def has_modules(self) -> bool:
        return self.status != NO_MODULES

    @property
    def failing(self) -> Step | None:
        """The first thing that fails."""
        return next((step for step in self.steps if step.fails), None)


def folder_for(environ: Mapping[str, str]) -> str:
    """Where to work: $TMPDIR, or /tmp where that is not set, is not there, or lies in $HOME or $SCRATCH."""
    base = environ.get("TMPDIR", "")
    kept = [os.path.realpath(path) for name in ("HOME", "SCRATCH") if (path := environ.get(name, ""))]
    real = os.path.realpath(base) if base else ""
    if not base or not os.path.isdir(base) or any(f"{real}/".startswith(f"{path}/") for path in kept if path != "/"):
        return "/tmp"
    return base


def rehearse(rehearsal: Rehearsal, fetch: bool, tell: Callable[[Step], None]) -> Result:
    """Rehearse one environment; `tell` hears of each step when it is done.

    Whatever ends it, the folder that it works in is gone afterwards. Raises KeyboardInterrupt, SystemExit at another
    signal, FileNotFoundError where there is no bash.
    """
    bash = programs.located("bash")
    if bash is None:
        raise FileNotFoundError("there is no bash")
    begun = time.monotonic()
    top = Path(tempfile.mkdtemp(prefix="slurmfix-rehearsal.", dir=folder_for(os.environ)))
    steps: list[Step] = []
    with _obeying_signals(), _removed(top):
        status = _followed(_started(bash, rehearsal, top, fetch), steps, tell)
        said = _text(top / _LOG)
        return Result(
            rehearsal,
            tuple(steps),
            status,
            _text(top / _FROZEN),
            said,
            _kept(said, rehearsal.environment) if status not in (0, NO_MODULES) else "",
            time.monotonic() - begun,
            _is_full(top),
            str(top.parent),
            tuple(sorted(name for name in os.environ if name in _DECIDE)),
        )


@contextmanager
def _removed(top: Path) -> Iterator[None]:
    """The folder goes at the end, also where somebody interrupts again who does not want to wait for that."""
    try:
        yield
    finally:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *_ENDING})
        shutil.rmtree(top, ignore_errors=True)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _obeying_signals() -> Iterator[None]:
    """What ends the run ends it by an exception, so that the folder goes."""
    handlers = {number: signal.getsignal(number) for number in _ENDING}
    try:
        for number, handler in handlers.items():
            if handler is not signal.SIG_IGN:  # as nohup wants it
                signal.signal(number, _ended)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _started(bash: str, rehearsal: Rehearsal, top: Path, fetch: bool) -> subprocess.Popen[str]:
    script = top / "rehearsal.sh"
    script.write_text(script_of(rehearsal), errors="surrogateescape")
    told = {"SLURMFIX_LOG": str(top / _LOG), "SLURMFIX_FROZEN": str(top / _FROZEN), "SLURMFIX_TOP": str(top)}
    return subprocess.Popen(
        [bash, "--noprofile", "--norc", str(script), *(["-y"] if fetch else [])],
        cwd=rehearsal.submit,
        env={**os.environ, "PATH": programs.search_path(), **told},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
        start_new_session=True,  # so that all that it starts can be ended with it
    )


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _is_full(top: Path) -> bool:
    try:
        usage = shutil.disk_usage(top)
    except OSError:
        return False
    return usage.free < _LITTLE


def _ended(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _followed(process: subprocess.Popen[str], steps: list[Step], tell: Callable[[Step], None]) -> int:
    """Hear of the steps of a rehearsal until it ends."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            how, kind, which = [*line.rstrip("\n").split(None, 2), "", ""][:3]
            steps.append(Step(how, kind, which))
            tell(steps[-1])
        return process.wait()
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[str]) -> None:
    """End a rehearsal and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=_PATIENCE)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _kept(log: str, environment: str) -> str:
    """Keeps the log of a rehearsal that failed, and says where; "" where it cannot be kept."""
    name = re.sub(r"[^\w.-]", "_", environment)
    path = ""
    try:
        handle, path = tempfile.mkstemp(prefix=f"slurmfix-{name}-", suffix=".log", dir=folder_for(os.environ))
        with os.fdopen(handle, "w", errors="replace") as file:
            file.write(log)
    except OSError:  # a full disk: the verdict says more than no log
        if path:
            os.unlink(path)
        return ""
    return path
