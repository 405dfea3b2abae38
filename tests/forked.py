"""The command line in a process of its own that need not load anything: a fork of the one that runs the tests.

What a run finds once for its process, such as where bash is, it has from there: a test of a PATH starts Python anew.
"""

import io
import os
import signal
import subprocess
import sys
import tempfile
import traceback

from slurmfix.cli import main


def slurmfix(*arguments, cwd, environ, seconds=60):
    """What a run says and how it ends, as subprocess.run tells it; `environ` is all of its environment."""
    words = ["slurmfix", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if not pid:
            _run(words, cwd, environ, seconds, (out.fileno(), err.fileno()))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        for stream in (out, err):
            stream.seek(0)
        if status == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(words, seconds)
        return subprocess.CompletedProcess(words, status, out.read(), err.read())


def _run(words, cwd, environ, seconds, streams):
    status = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        for number, stream in enumerate((os.open(os.devnull, os.O_RDONLY), *streams)):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(number, mode, closefd=False), encoding="utf-8", errors=errors)
            for number, mode, errors in ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
        )
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = words
        main(words[1:], prog_name="slurmfix")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)
