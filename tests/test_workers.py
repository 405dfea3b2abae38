"""Processes that work on files: limits, and what a broken one costs."""

import os
import signal
import time
from itertools import pairwise

import pytest

from slurmfix.workers import Limits, Workers

NO_LIMITS = Limits(0, 0)


def double(items, started):
    found = []
    for at, item in enumerate(items):
        started(at)
        found.append(act(item))
    return found


def act(item):
    """What an item does to the process that works on it."""
    match item:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(600)
        case "eat":
            kept = []
            while True:
                kept.append(bytearray(os.urandom(1000) * 10_000))
        case "raise":
            raise ValueError(item)
    return item * 2


def lost(item, reason):
    return f"{item}: {reason}"


def chunks(count, size):
    bounds = [*range(0, count, size), count]
    return [range(start, end) for start, end in pairwise(bounds)]


def results(items, limits=NO_LIMITS, count=2, size=4):
    return list(Workers(double, lost, limits, count).results_of(items, chunks(len(items), size)))


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_results_come_in_the_order_of_the_items(count, size):
    items = list(range(50))
    assert results(items, count=count, size=size) == [item * 2 for item in items]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("kill", "its process was killed, as happens where memory runs out"),
        ("crash", "its process ended by SIGSEGV, as happens where memory runs out"),
        ("stop", "the file takes more than 1 s; --show-config names the limit"),
        ("spin", "the file takes more than 1 s; --show-config names the limit"),
        ("sleep", "the file takes more than 1 s; --show-config names the limit"),
        ("eat", "the file takes more than 300 MB of memory; --show-config names the limit"),
    ],
)
def test_a_bad_item_costs_itself_alone(bad, reason):
    seconds = 1 if "more than 1 s" in reason else 0
    items = ["a", "b", bad, "c", "d", "e"]
    expected = ["aa", "bb", f"{bad}: {reason}", "cc", "dd", "ee"]
    assert results(items, Limits(seconds, 300), count=2, size=6) == expected


def test_many_bad_items_among_many():
    items = ["kill" if at % 7 == 3 else "ok" for at in range(60)]
    found = results(items, size=8)
    assert [result for result in found if result == "okok"] == ["okok"] * items.count("ok")
    assert sum(result.startswith("kill: its process was killed") for result in found) == items.count("kill")


def test_an_error_of_our_own_is_told_as_one():
    assert results(["a", "raise", "b"], size=3) == [
        "aa", "raise: slurmfix has a fault (ValueError: raise); report it with the file", "bb",
    ]  # fmt: skip


def test_no_process_stays_where_the_results_are_not_wanted_any_more():
    workers = Workers(double, lost, NO_LIMITS, 2)
    first = workers.results_of(["a", "sleep", "b"], [range(0, 1), range(1, 3)])
    assert next(first) == "aa"
    pids = [worker.pid for worker in workers.running]
    first.close()
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
