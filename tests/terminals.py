"""A program in a terminal of its own: what it was told, and what came out, as a terminal gets it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
from dataclasses import dataclass
from pathlib import Path

import forked

HERE = Path(__file__).parent.parent
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Run:
    output: str
    returncode: int


def environ(folder, **more):
    """Nothing of the caller's that colours, pages or configures."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(HERE), "TERM": "xterm-256color",
        "XDG_STATE_HOME": f"{folder}-state",
        "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "XDG_CONFIG_DIRS": str(folder / "none"), "PAGER": "", **more,
    }  # fmt: skip


def in_terminal(folder, *words, answers="", size=(24, 80), end=False, **more):
    """Run slurmfix there; `answers` are typed one line a prompt, and with `end` the input then ends."""
    pid, master = pty.fork()
    if pid == 0:
        forked.run(words, folder, environ(folder, **more))
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    typed = [f"{line}\n" for line in answers.split()] + (["\x04"] if end else [])
    output = b""
    asked = 0
    while select.select([master], [], [], SECONDS)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side is gone
            break
        if not piece:
            break
        output += piece
        while output.count(b"]? ") > asked and asked < len(typed):
            os.write(master, typed[asked].encode())
            asked += 1
    _, status = os.waitpid(pid, 0)
    os.close(master)
    return Run(output.decode("utf-8", "replace").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status))


class Typed:
    """Another program in a terminal of its own, that is typed to as it answers."""

    def __init__(self, command, folder):
        self.seen = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {**environ(folder), "TERM": "dumb", "COLUMNS": "200"})

    def type(self, text):
        self.seen = ""
        os.write(self.master, text.encode())

    def until(self, wanted):
        """What was printed since the last text was typed, as soon as `wanted` is in it, or nothing more comes."""
        while wanted not in self.seen and select.select([self.master], [], [], SECONDS)[0]:
            self.seen += os.read(self.master, 4096).decode(errors="replace")
        return self.seen

    def close(self):
        os.close(self.master)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
