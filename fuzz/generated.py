"""Holds slurmfix to generated scripts of known structure for a while: `python fuzz/generated.py --seconds 60`.

The scripts are those of tests/scripts.py. Any of them must hold what fuzz/convert.py asks of every input; one that can
run must do the same work among the stubs of tests/meaning.py. Each way to fail is told once, with the smallest script
for it, which is kept in the folder of findings. Exit status 1 where something was found.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import convert  # noqa: E402 -- lies beside this file
import scripts  # noqa: E402 -- lies with the tests, as the next two
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from meaning import difference, trace  # noqa: E402
from test_rewritten_meaning import BASE, told_of  # noqa: E402

PIECE = 400  # scripts of one search
# Said of a script whose work differs for that reason, or is the same once a person has done something.
EXCUSES = re.compile(r"\[manual\]|conda may go back|conda's base became active")


def holds(script: str) -> str:
    """What is wrong with what becomes of any script; "" where all is well."""
    return convert.failure(script.encode("utf-8", "replace"))


def same_work(script: str) -> str:
    """How the work of a script that can run differs from that of its rewritten form; "" where it does not."""
    told = holds(script)
    with tempfile.TemporaryDirectory() as folder:
        after, said = told_of(script, Path(folder))
    if told or EXCUSES.search(said):
        return told
    return difference(trace(script), trace(after), base_is_told=BASE.search(said) is not None) or ""


KINDS: tuple[tuple[Callable[[], st.SearchStrategy[str]], Callable[[str], str]], ...] = (
    (scripts.job_scripts, holds),
    (scripts.nested_job_scripts, holds),
    (scripts.torn_job_scripts, holds),
    (scripts.runnable_job_scripts, same_work),
    (scripts.nested_runnable_job_scripts, same_work),
)


def searched(chance: int, until: float, known: set[str]) -> tuple[int, str, str]:
    """One search by a chance: how many scripts, the smallest that fails in a way not known, and what is wrong."""
    strategy, check = KINDS[chance % len(KINDS)]
    tried, found = 0, ("", "")

    @seed(chance)
    @settings(
        max_examples=PIECE, deadline=None, database=None, verbosity=Verbosity.quiet, print_blob=False,
        phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy())
    def search(script: str) -> None:
        nonlocal tried, found
        if time.monotonic() > until and not found[0]:
            return
        tried += 1
        try:
            told = check(script)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
        if told and kind_of(told) not in known:
            found = script, told
            raise AssertionError(told)

    try:
        search()
    except BaseException:
        if not found[0]:
            raise
    return tried, *found


def kind_of(told: str) -> str:
    """The way to fail: what was told without the words of the script."""
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"|`[^`]*`", "N", told.split("\n")[0])[:60]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="which scripts: the same ones each time")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()) / "slurmfix-findings")
    wanted = parser.parse_args()
    empty = wanted.findings.resolve() / "empty"  # a folder without environments
    empty.mkdir(parents=True, exist_ok=True)
    os.chdir(empty)
    until, total, known = time.monotonic() + wanted.seconds, 0, set[str]()
    chance = wanted.seed * 100_000
    while time.monotonic() < until:
        tried, script, told = searched(chance, until, known)
        total, chance = total + tried, chance + 1
        if script:
            known.add(kind_of(told))
            (empty.parent / f"{chance}.sh").write_bytes(script.encode("utf-8", "replace"))
            (empty.parent / f"{chance}.txt").write_text(told + "\n")
            print(f"found: {told}\n    {script!r}", flush=True)
    print(f"{total} scripts in {wanted.seconds} s, {len(known)} ways to fail")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
