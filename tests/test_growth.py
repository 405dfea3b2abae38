"""How the work of a conversion grows with what it reads, counted in lines of Python that run, as on any machine.

What C does in one call, such as a search, is not counted: benchmarks/growth.py, whose shapes these are, takes the time.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import growth

pytestmark = pytest.mark.slow

SIZE = 1500  # letters; four times as many are about a long job script
LINEAR, SQUARE = 2.5, 4.1  # how much more work double the letters may be
SLACK = 2000  # lines, whatever there is to do
# Uses of conda are compared with each other, up to a number of them that is the limit.
USES = ("conda", "conda line", "evals", "traps")


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


def grows(name, tmp_path, monkeypatch):
    """The work of one, two and four times the size."""
    counts = []
    for times in (0.5, 1, 2, 4):  # the first loads what is loaded once
        folder = tmp_path / str(times)
        folder.mkdir()
        monkeypatch.chdir(folder)
        counts.append(lines_run(name, int(times * SIZE), folder))
    return counts[1:]


@pytest.mark.parametrize("name", [*growth.SHAPES, *growth.FOLDERS])
def test_the_work_is_linear(name, tmp_path, monkeypatch):
    one, two, four = grows(name, tmp_path, monkeypatch)
    most = SQUARE if name in USES else LINEAR
    assert two <= most * one + SLACK, (one, two, four)
    assert four <= most * two + SLACK, (one, two, four)


@pytest.mark.parametrize("name", USES)
def test_uses_of_conda_have_a_limit(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    growth.prepare(name, 8 * SIZE)
    (outcome,) = growth.converted(name, 16 * SIZE)
    assert "more than 500" in outcome.error


def test_a_square_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "converted", lambda name, n: [0 for _ in range(n) for _ in range(n // 100)])
    one, two, four = grows("conda", tmp_path, monkeypatch)
    assert four > LINEAR * two + SLACK > two + SLACK > LINEAR * one / 2
