"""Fuzzes slurmfix for a while from the seeds beside this file: `python fuzz/run.py --seconds 60`.

Exit status 1 where something was found; the inputs and what is wrong with them are then in the folder of findings.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()) / "slurmfix-findings")
    parser.add_argument("--corpus", type=Path, help="where inputs that reach new code are kept; default: nowhere")
    parser.add_argument("--seed", type=int, default=0, help="search the same way each time; default: at random")
    parser.add_argument("--runs", type=int, default=-1, help="how many inputs at most; default: what the time allows")
    parser.add_argument(
        "--harm-only", action="store_true",
        help="exit status 0 also where a promise broke: slurmfix saw that itself, and writes nothing of such a file",
    )  # fmt: skip
    wanted = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("skipped: atheris is not installed here (it has wheels for some Pythons on Linux only)")
        return 0
    wanted.findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        corpus = wanted.corpus or Path(scratch)
        corpus.mkdir(parents=True, exist_ok=True)
        status = subprocess.run(
            [
                *_same_addresses(wanted.seed),
                sys.executable, str(HERE / "convert.py"), str(corpus), str(HERE / "seeds"),
                f"-max_total_time={wanted.seconds}", f"-runs={wanted.runs}", f"-dict={HERE / 'words.dict'}",
                "-timeout=20", "-rss_limit_mb=2000",
                f"-seed={wanted.seed}", "-verbosity=0", "-max_len=4096", "-print_final_stats=1",
                f"-artifact_prefix={wanted.findings}/",
            ],
            env={**os.environ, "PYTHONHASHSEED": "0", "SLURMFIX_FUZZ_FINDINGS": str(wanted.findings)},
            check=False,
        ).returncode  # fmt: skip
    found = sorted(wanted.findings.glob("*.txt")) + sorted(wanted.findings.glob("[cot]*-*"))
    harm = 0
    for path in found:
        told = path.read_text().strip() if path.suffix == ".txt" else "ended the process"
        harm += not (wanted.harm_only and told.startswith("broken promise"))
        print(f"{path}: {told}")
        print(f"    {(path.with_suffix('.sh') if path.suffix == '.txt' else path).read_bytes()!r}")
    return 1 if status or harm else 0


def _same_addresses(seed: int) -> tuple[str, ...]:
    """What makes a search with a seed the same each time: what libFuzzer finds new depends on where memory lies."""
    command = ("setarch", "-R")
    if not seed or shutil.which(command[0]) is None:
        return ()
    allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if allowed else ()


if __name__ == "__main__":
    sys.exit(main())
