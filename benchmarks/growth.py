"""How a conversion grows with what is read: 77 shapes at n, 2n and 4n letters, each in a process of its own.

    python benchmarks/growth.py [N]

One line a shape: seconds of CPU and megabytes for the three sizes, what came of the last, and `XX` in front where four
times the letters take more than five and a half times as long, or 300 MB. What the parser would take longer for is
refused by a count before it starts (slurmfix/shell/grammar.py), which tests/test_shell.py asks for. The last shapes are
folders, files beside a script, and many scripts.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from slurmfix import batch, files
from slurmfix.config import Settings
from slurmfix.outcome import Outcome

HEAD = "#!/bin/bash\n#SBATCH -n 1\nconda activate x\n"
SHAPES: dict[str, Callable[[int], str]] = {
    "parens close": lambda n: "))" * (n // 2),
    "((((]]": lambda n: "((((]]" * (n // 6),
    "((f()(f() ": lambda n: "((f()(f() " * (n // 10),
    "open parens": lambda n: "(" * n,
    "open braces": lambda n: "{ " * (n // 2),
    "open ifs": lambda n: "if " * (n // 3),
    "if then": lambda n: "if a; then " * (n // 11),
    "import a.a": lambda n: "python -c 'import " + ".".join(["a"] * (n // 2)) + "'\n",
    "import py": lambda n: "import " + ".".join(["a"] * (n // 2)),
    "nested single": lambda n: "bash -c 'conda " + "'\\''" * (n // 4) + "'",
    "nested quote": lambda n: 'bash -c "conda ' + '\\"' * (n // 2) + '"',
    "dollar paren": lambda n: "$(" * (n // 2),
    "backticks": lambda n: "`" * n,
    "dollar brace": lambda n: "${" * (n // 2),
    "heredocs": lambda n: "".join(f"cat <<E{i}\n" for i in range(n // 9)),
    "heredocs closed": lambda n: "cat <<E\nconda\nE\n" * (n // 16),
    "heredocs one line": lambda n: "cat " + "<<E " * (n // 4) + "\n",
    "pipes": lambda n: "a|" * (n // 2) + "a",
    "ands": lambda n: "a&&" * (n // 3) + "a",
    "semicolons": lambda n: "a;" * (n // 2),
    "amps": lambda n: "a&" * (n // 2),
    "redirects": lambda n: "a " + "> b " * (n // 4),
    "brackets": lambda n: "[[ " * (n // 3),
    "brackets2": lambda n: "[ " * (n // 2),
    "]]": lambda n: "]] " * (n // 3),
    "quotes": lambda n: '"' * n,
    "singles": lambda n: "'" * n,
    "backslash": lambda n: "\\" * n,
    "cases": lambda n: "case a in " * (n // 10),
    "case items": lambda n: "case a in " + "b) c;; " * (n // 7) + "esac",
    "functions": lambda n: "f() { " * (n // 6),
    "functions2": lambda n: "f(){ a;};" * (n // 9),
    "loops": lambda n: "for x in a; do " * (n // 15),
    "whiles": lambda n: "while a; do " * (n // 12),
    "assign": lambda n: "A=1\n" * (n // 4),
    "assign chain": lambda n: "A=$A$A\n" * (n // 7) + "conda activate $A\n",
    "assign line": lambda n: "A=1 " * (n // 4),
    "conda": lambda n: "conda activate a\n" * (n // 17),
    "conda line": lambda n: "conda activate a;" * (n // 17),
    "comments": lambda n: "# conda\n" * (n // 8),
    "sbatch": lambda n: "#SBATCH -n 1\n" * (n // 13),
    "long word": lambda n: "a" * n,
    "long words": lambda n: "echo " + "a " * (n // 2),
    "conda words": lambda n: "conda " + "a " * (n // 2),
    "tests": lambda n: "[ a == b ] && " * (n // 14) + "c",
    "arith": lambda n: "((" * (n // 2),
    "arith2": lambda n: "$((" * (n // 3),
    "array": lambda n: "a=(" * (n // 3),
    "subst nested": lambda n: "$(a " * (n // 4) + ")" * (n // 4),
    "nested subshell": lambda n: "( a; " * (n // 6) + ")" * (n // 6),
    "blank lines": lambda n: "\n" * n,
    "tabs": lambda n: "\t" * n,
    "evals": lambda n: "eval 'conda activate a'\n" * (n // 24),
    "traps": lambda n: "trap 'conda activate a' 0\n" * (n // 26),
    "heredoc parens": lambda n: "cat <<E\n" + "$(" * (n // 2) + "\nE\n",
    "equal": lambda n: "a == " * (n // 5),
    "bang": lambda n: "! { " * (n // 4),
    "calls": lambda n: "".join(f"f{i}() {{ f{i + 1}; }}\n" for i in range(n // 18)) + "f0\n",
    "calls twice": lambda n: "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }}\n" for i in range(n // 24)) + "f0\n",
    "ifs": lambda n: "if a; then b; fi\n" * (n // 17),
    "ifs that exit": lambda n: "if a; then exit; fi\n" * (n // 20),
    "recipes in comments": lambda n: "# conda create -n x numpy\n" * (n // 26),
    "values in a row": lambda n: "".join(f"A{i}=$A{i - 1}/b\n" for i in range(1, n // 12)) + "python $A9\n",
    "sums": lambda n: "x=$((x + 1))\n" * (n // 13),
    "quotes in braces": lambda n: "\"${a#'$('b}\" " * (n // 13),
}


def nested_folders(n: int) -> None:
    """As deep as a path may be, from n = 15,000 on at four times that."""
    for _ in range(n // 100):
        os.mkdir("d")
        os.chdir("d")
    Path("job.sh").write_text(f"{HEAD}python a.py\n")


def nested_imports(n: int) -> None:
    """Files that import each other in a row."""
    for number in range(n // 100):
        Path(f"m{number}.py").write_text(f"import numpy, m{number + 1}\n")
    Path("job.sh").write_text(f"{HEAD}python m0.py\n")


def environments_and_files(n: int) -> None:
    """Files of environments, of which the script enters each several times."""
    for number in range(n // 400):
        Path(f"e{number}.yml").write_text(f"name: e{number}\ndependencies: [numpy]\n")
    entered = "".join(f"conda activate e{number}\npython a{number}.py\n" for number in range(min(n // 400, 400)))
    Path("job.sh").write_text(f"#!/bin/bash\n#SBATCH -n 1\n{entered}")


def tasks_in_a_ring(n: int) -> None:
    """Scripts that start each other as tasks, the last one the first."""
    count = n // 200
    for number in range(count):
        text = f"#!/bin/bash\nconda activate x\nsrun bash j{(number + 1) % count}.sh\n"
        Path(f"j{number}.sh").write_text(text)
    Path("job.sh").write_text("#!/bin/bash\n#SBATCH -n 4\nconda activate x\nsrun bash j0.sh\n")


def modules_and_requirements(n: int) -> None:
    Path("requirements.txt").write_text("".join(f"pkg{number}==1.{number}\n" for number in range(n // 20)))
    loads = "".join(f"module load m{number}/1.0\n" for number in range(n // 40))
    Path("job.sh").write_text(f"#!/bin/bash\n#SBATCH -n 1\n{loads}conda activate x\npython a.py\n")


FOLDERS: dict[str, Callable[[int], None]] = {
    "nested folders": nested_folders,
    "imports in a row": nested_imports,
    "environments and files": environments_and_files,
    "tasks in a ring": tasks_in_a_ring,
    "modules and requirements": modules_and_requirements,
    "environment.yml": lambda n: beside("environment.yml", "name: x\ndependencies:\n" + "- numpy\n" * (n // 8)),
    "yaml brackets": lambda n: beside("environment.yml", "name: x\ndependencies: " + "[" * n),
    "requirements": lambda n: beside("requirements.txt", "numpy\n" * (n // 6)),
    "python import": lambda n: beside("a.py", "import " + ".".join(["a"] * (n // 2)) + "\n"),
    "python brackets": lambda n: beside("a.py", "x = " + "(" * n + "\n"),
    "configuration": lambda n: beside("slurmfix.toml", "exclude = [" + "'a', " * (n // 5) + "]\n"),
    "gitignore": lambda n: beside(".gitignore", "*a*b\n" * (n // 5)),
}


def beside(name: str, text: str) -> None:
    Path(name).write_text(text)
    Path("job.sh").write_text(f"{HEAD}python a.py\n")


def converted(name: str, n: int) -> list[Outcome]:
    """What comes of a shape, in the working folder."""
    task = batch.Task(Settings())
    if name in FOLDERS:
        return [batch.convert_bytes(place.path, place.data or b"", task) for place in files.find(["."])]
    return [batch.convert_bytes("job.sh", f"{HEAD}{SHAPES[name](n)}\npython a.py\n".encode(), task)]


def prepare(name: str, n: int) -> None:
    """Lay out the files of a shape in the working folder, and have all loaded that a first conversion loads."""
    here = os.getcwd()
    batch.convert_bytes("job.sh", f"{HEAD}python a.py\n".encode(), batch.Task(Settings()))
    files.forget()
    batch.prepared.cache_clear()
    if name in FOLDERS:
        FOLDERS[name](n)
        os.chdir(here)


def measured(name: str, n: int) -> tuple[float, int, str]:
    """Seconds of CPU, megabytes at most, and what came of one shape."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        prepare(name, n)
        start = time.process_time()
        outcomes = converted(name, n)
        seconds = time.process_time() - start
        told = "; ".join(dict.fromkeys(each.error or " ".join(each.broken) or each.status for each in outcomes))
        os.chdir("/")
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, told


def grown(name: str, n: int) -> str:
    """The line of one shape."""
    rows = []
    for size in (n, 2 * n, 4 * n):
        done = subprocess.run([sys.executable, __file__, name, str(size)], capture_output=True, text=True, timeout=600)
        rows.append(json.loads(done.stdout) if done.returncode == 0 else (60.0, 0, "ended by a signal or an error"))
    (first, *_), _, (last, most, told) = rows
    bad = (last > 0.15 and last > 5.5 * first) or most > 300
    figures = "  ".join(f"{seconds:.3f} s {size} MB" for seconds, size, _ in rows)
    return f"{'XX' if bad else '  '} {name:20} {figures}  {told}"


def main(arguments: list[str]) -> None:
    if len(arguments) == 2:
        print(json.dumps(measured(arguments[0], int(arguments[1]))))
        return
    for name in (*SHAPES, *FOLDERS):
        print(grown(name, int(arguments[0]) if arguments else 12_000), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
