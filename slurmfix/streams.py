"""Standard input, output and error: that they are there, and that a run says so where one of them takes no more."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn, TextIO

UNTOLD = 2  # the exit status of a run that could not say what it had to say
INTERRUPTED = 130  # as shells tell that SIGINT ended a program


def open_all() -> None:
    """Opens those that the caller closed: else the next file that is opened takes their number, and what is printed
    lands in it.

    Who closes standard error wants no remarks. A closed standard output is an error, as it is to GNU's programs, but
    only where there is something to print: one that can only be read from refuses it.
    """
    for number, how in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, how)  # takes the lowest number that is free
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 -- they stay open to the end
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


@contextmanager
def ending_tidily() -> Iterator[None]:
    """Ends the run with a line and a status where a stream takes no more, or where the user interrupts it."""
    try:
        yield
    except KeyboardInterrupt:
        atexit.register(_keep_status)
        _end("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _end("", UNTOLD)
    except (MemoryError, SystemError):  # (CPython's own parts answer with the second where memory ends)
        _end_at_once("there is too little memory")
    except ImportError as error:
        if not str(error.path).endswith(".so"):
            raise
        _end_at_once(f"there is too little memory, or a library is damaged: {error}")
    except OSError as error:
        where = f"{error.filename}: " if isinstance(error.filename, str) else ""
        _end(f"{where}{error.strerror or error}", UNTOLD)


def _keep_status() -> None:
    """Python ends by SIGINT where that came while a text was compiled, also if the interrupt was handled."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _end_at_once(message: str) -> NoReturn:
    """Without the exception that ends Python: where memory ends, it can be lost on its way, and the status with it."""
    with suppress(SystemExit):
        _end(message, UNTOLD)
    os._exit(UNTOLD)


def _end(message: str, status: int) -> NoReturn:
    with suppress(OSError):  # where there is nobody left to tell, the status tells
        if message:
            sys.stderr.write(f"slurmfix: {message.encode('ascii', 'backslashreplace').decode()}\n")
    for stream in (sys.stdout, sys.stderr):
        _unburden(stream)
    sys.exit(status)


def _unburden(stream: TextIO) -> None:
    """Lets go of what a stream could not take: Python tries again at the end, and changes the status if that fails."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
