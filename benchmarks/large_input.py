"""What large inputs take: exit status, seconds and megabytes at most of one run each, in a process of its own.

    python benchmarks/large_input.py

The rows are those of docs/robustness.md, "Large input". Each script is an `#SBATCH` line, the lines named, and one
activation at the end; the folder's have 21 lines.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HEAD = "#!/bin/bash\n#SBATCH -n 1\n"
END = "conda activate x\n"


def one_script(body: Callable[[], str]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "job.sh").write_text(f"{HEAD}{body()}{END}")

    return write


def folder_of_scripts(folder: Path) -> None:
    """20,000 scripts, of which each tenth uses conda."""
    for number in range(20_000):
        below = folder / str(number // 1000)
        below.mkdir(exist_ok=True)
        body = "".join(f"echo {number} {line}\n" for line in range(18))
        (below / f"{number}.sh").write_text(f"{HEAD}{body}{'hostname' if number % 10 else END}\n")


def activations(count: int) -> str:
    return "".join(f"conda activate e{number}\npython a.py\nconda deactivate\n" for number in range(count))


INPUTS: dict[str, Callable[[Path], None]] = {
    "a script with one line of 10 MB": one_script(lambda: f"echo {'a' * 10_000_000}\n"),
    "a script of 200,000 lines `echo hi`, one activation": one_script(lambda: "echo hi\n" * 200_000),
    "a script of 200,000 lines `python run.py --number N`, one activation": one_script(
        lambda: "".join(f"python run.py --number {number}\n" for number in range(200_000))
    ),
    "a script of 200 activations of different environments, each with its deactivation": one_script(
        lambda: activations(200)
    ),
    "the same with 1,000": one_script(lambda: activations(1000)),
    "10,000 nested `$(`": one_script(lambda: f"{'$(' * 10_000}a{')' * 10_000}\n"),
    "a script of 50 MB": one_script(lambda: "echo hello\n" * 4_600_000),
    "a folder of 20,000 scripts, 2,000 of them with conda": folder_of_scripts,
}


def measured(what: str) -> str:
    """The cells of a row behind the input: exit status with what is said, seconds, megabytes.

    A process of its own writes the input, since the memory of this one counts as that of the process that it starts.
    """
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, __file__, what, name], check=True)
        asked = "job.sh" if (Path(name) / "job.sh").exists() else "."
        start = time.monotonic()
        with open(os.devnull, "w") as nowhere, tempfile.TemporaryFile() as said:
            done = subprocess.Popen([sys.executable, "-m", "slurmfix", asked], cwd=name, stdout=nowhere, stderr=said)
            _, status, used = os.wait4(done.pid, 0)
            seconds = time.monotonic() - start
            done.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            why = said.read().decode(errors="replace").split("\n")[0] if done.returncode == 2 else ""
    told = f"{done.returncode}: {why}" if why else str(done.returncode)
    return f"{told} | {seconds:.1f} ({used.ru_utime + used.ru_stime:.1f} of CPU) | {used.ru_maxrss // 1024}"


def main() -> None:
    if len(sys.argv) == 3:
        INPUTS[sys.argv[1]](Path(sys.argv[2]))
        return
    for name in INPUTS:
        print(f"| {name} | {measured(name)} |", flush=True)


if __name__ == "__main__":
    main()
