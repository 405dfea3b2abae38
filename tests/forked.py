"""The command line in a process of its own that need not load anything: a fork of the one that runs the tests.

What a run finds once for its process, such as where bash is, it has from there: a test of a PATH starts Python anew.
"""

import os
import signal
import subprocess
import sys
import tempfile
import traceback

from slurmfix.cli import main

SECONDS = 60


def slurmfix(*arguments, cwd, environ, stdin=b"", text=False):
    """What a run says and how it ends, as subprocess.run tells it; `environ` is all of its environment."""
    words = [*map(str, arguments)]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        pid = os.fork()
        if not pid:
            for number, stream in enumerate((given, out, err)):
                os.dup2(stream.fileno(), number)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS)
            run(words, cwd, environ)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(words, SECONDS)
        told = [_told(stream, text) for stream in (out, err)]
        return subprocess.CompletedProcess(words, status, *told)


def _told(stream, text):
    stream.seek(0)
    data = stream.read()
    return data.decode().replace("\r\n", "\n") if text else data


def run(words, cwd, environ):
    """Goes on as a run with the standard streams that this process has, and ends with it: to be called in a fork."""
    status = 1
    try:
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = ["slurmfix", *words]
        main(words, prog_name="slurmfix")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
