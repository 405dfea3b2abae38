"""How the work of a conversion grows with what it reads, counted in lines of Python that run: the same on every machine.

What C does in one call, such as a search, is not counted; benchmarks/growth.py, whose shapes these are, takes the time.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import growth

pytestmark = pytest.mark.slow

SIZE = 1500  # letters; four times as many are about a long job script
LINEAR, SLACK = 2.5, 2000  # what comes in double the letters costs twice as much; and some lines, whatever there is


def lines_run(name, n, folder):
    """How many lines of Python a conversion runs."""
    growth.prepare(name, n)
    count = 0

    def local(frame, event, argument):
        nonlocal count
        count += event == "line"
        return local

    before = sys.gettrace()
    sys.settrace(local)
    try:
        growth.converted(name, n)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", [*growth.SHAPES, *growth.FOLDERS])
def test_the_work_is_linear(name, tmp_path, monkeypatch):
    counts = []
    for times in (1, 2, 4):
        folder = tmp_path / str(times)
        folder.mkdir()
        monkeypatch.chdir(folder)
        counts.append(lines_run(name, times * SIZE, folder))
    first, second, third = counts
    assert third - second <= LINEAR * max(second - first, 0) + SLACK, counts


def test_a_square_is_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(growth, "converted", lambda name, n: [0 for _ in range(n) for _ in range(n // 100)])
    one, two, four = (lines_run("conda", times * SIZE, tmp_path) for times in (1, 2, 4))
    assert four - two > LINEAR * (two - one) + SLACK
