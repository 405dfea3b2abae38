"""Asks bash whether it reads a script; the only door to bash, which reads and never runs it (`-n`)."""

from __future__ import annotations

import os
import re
import select
import signal
import tempfile
import time
from functools import lru_cache

from slurmfix import programs

_SECONDS = 20.0
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}  # no BASH_ENV: nothing of the caller's is read


def refusal(text: str, whole: bool = False) -> str | None:
    """What bash says against the text; "" where it reads it; None where there is no bash, or it does not answer.

    Whether another parser could read the `whole` text makes no difference here.
    """
    bash = _bash()
    if bash is None:
        return None
    try:
        status, said = _asked(bash, text.encode("utf-8", "surrogateescape"))
    except OSError:
        return None
    if status == 0:
        return ""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return None if status < 0 else lines[0] if lines else f"status {status}"


class Together:
    """Puts off the question about texts that can be joined, so that bash, which takes longer to start than to read a
    script, is asked once for many.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str, whole: bool) -> str | None:
        """As `refusal`, but "" for a text that is put off."""
        readable = "<<" not in text or len(_HEREDOC.findall(text)) == len(_OPENING.findall(text))
        if not whole or not readable or _bash() is None:
            return refusal(text)
        self.texts.append(text)
        return ""

    def refused(self) -> frozenset[str]:
        """Those of the texts that were put off which bash refuses."""
        return frozenset(text for text in _doubtful(list(dict.fromkeys(self.texts))) if refusal(text))


# A joined text stands inside of three constructs, whose ends come in an order that a text which ends too early, or does
# not end, will hardly offer. What stays open to the letter, such as a quote, eats these ends, and takes the comments
# behind them for more of it: there it ends, before a syntax error. (There are several, as quotes nest; besides,
# only texts are joined that the other parser reads whole.) A heredoc that stays open, which bash allows, eats the ends
# too; it is ended by the line of its delimiter.
_AROUND = ("{ (\nwhile :\ndo :\n", "\n\ndone\n) }\n", 3 * "# ' && && \" && && ` && && )) && && } && && ] && &&\n")
_OPENING = re.compile(r"(?<!<)<<(?!<)")
_HEREDOC = re.compile(r"""(?<!<)<<(?!<)-?[ \t]*(?:'(?=\w+')|"(?=\w+")|\\)?(\w+)""", re.ASCII)


def _joined(text: str) -> str:
    before, after, apart = _AROUND
    delimiters = "".join(f"{name}\n" for name in _HEREDOC.findall(text)) if "<<" in text else ""
    return f"{before}{text}{after}{delimiters}{apart}"


def _doubtful(texts: list[str]) -> list[str]:
    """The texts that bash may refuse: all but those that it reads joined."""
    if len(texts) < 2:
        return texts
    joined = "".join(map(_joined, texts))
    try:
        if _asked(str(_bash()), joined.encode("utf-8", "surrogateescape")) == (0, b""):
            return []
    except OSError:
        return texts
    half = len(texts) // 2
    return _doubtful(texts[:half]) + _doubtful(texts[half:])


@lru_cache(maxsize=1)
def _bash() -> str | None:
    return programs.located("bash")


def _asked(bash: str, data: bytes) -> tuple[int, bytes]:
    """The status of `bash -n`, negative where a signal ended it, and what it said. Raises OSError.

    From a file bash reads blocks, from a pipe letter by letter. `posix_spawn` copies nothing of this process, which a
    folder of scripts asks for thousands of times.
    """
    source = _in_memory(data)
    try:
        ours, its = os.pipe()
        try:
            actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, its, 1), (os.POSIX_SPAWN_DUP2, its, 2)]
            process = os.posix_spawn(bash, [bash, "--norc", "-n"], _ENVIRONMENT, file_actions=actions)
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(its)
    finally:
        os.close(source)
    said = b""
    try:
        end = time.monotonic() + _SECONDS
        while True:
            if not select.select([ours], [], [], max(end - time.monotonic(), 0))[0]:
                os.kill(process, signal.SIGKILL)
                break
            piece = os.read(ours, 1 << 16)
            if not piece:
                break
            said = (said + piece)[: 1 << 16]
    finally:
        os.close(ours)
        _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), said


def _in_memory(data: bytes) -> int:
    """A descriptor of a nameless file with these bytes, at its start."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("script")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
