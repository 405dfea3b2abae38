"""A folder of submission beside stand-ins for the programs of a cluster."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Each makes a note of its call beside itself; what pip freezes and how it ends stands in files there.
VIRTUALENV = """#!/bin/bash
echo "virtualenv $*" >> "${0%/*}/calls"
for folder in "$@"; do :; done
mkdir -p "$folder/bin" && touch "$folder/bin/activate"
"""
PIP = """#!/bin/bash
here=${0%/*}
case $1 in
    freeze) cat "$here/frozen" 2>/dev/null || true ;;
    check) ;;
    *)
        echo "pip $* in $PWD with $(ls "$SLURM_SUBMIT_DIR"/wheels 2>/dev/null | tr '\\n' ' ')" >> "$here/calls"
        [ ! -f "$here/fails" ] || { cat "$here/fails"; exit 1; }
        [ ! -f "$here/hangs" ] || sleep 600
        ;;
esac
"""


class Site:
    """A folder of submission in a repository, and the programs of a cluster outside of it."""

    def __init__(self, top):
        self.work, self.bin, self.tmp = top / "work", top / "bin", top / "tmp"
        for folder in (self.work / ".git", self.bin, self.tmp, top / "home"):
            folder.mkdir(parents=True)
        for name, text in (("virtualenv", VIRTUALENV), ("pip", PIP)):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        (self.bin / "python").symlink_to(sys.executable)
        self.environ = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(top / "home"),
            "TMPDIR": str(self.tmp),
            "PYTHONPATH": str(ROOT),
            "BASH_FUNC_module%%": "() { :; }",
            "LC_ALL": "C.UTF-8",
        }
        self.write("train.py", "import json\n")

    def write(self, name, text):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return self

    def run(self, *words, **more):
        environ = {**self.environ, **more}
        both = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
        return subprocess.run([sys.executable, "-m", "slurmfix", *words], cwd=self.work, env=environ, **both)

    def bash(self, script, *words):
        both = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
        return subprocess.run(["bash", "-c", script, "bash", *words], cwd=self.work, env=self.environ, **both)

    @property
    def calls(self):
        path = self.bin / "calls"
        return path.read_text().splitlines() if path.exists() else []
