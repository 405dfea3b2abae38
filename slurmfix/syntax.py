"""Asks bash whether it reads a script; the only door to bash, which reads and never runs it (`-n`)."""

from __future__ import annotations

import shutil
import subprocess

_SECONDS = 20


def refusal(text: str) -> str | None:
    """What bash says against the text; "" where it reads it; None where there is no bash, or it does not answer."""
    bash = shutil.which("bash")
    if bash is None:
        return None
    try:
        run = subprocess.run(
            [bash, "--norc", "-n"],
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=_SECONDS,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},  # no BASH_ENV: nothing of the caller's is read
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if run.returncode == 0:
        return ""
    lines = run.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines else f"status {run.returncode}"
