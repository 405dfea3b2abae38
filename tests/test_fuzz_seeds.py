"""The seeds of the fuzzer, and what it has found, hold what the fuzzer asks of every input."""

import hashlib
import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FUZZ = Path(__file__).parents[1] / "fuzz"
sys.path.insert(0, str(FUZZ))
import pinned  # noqa: E402 -- lies with the fuzzer

spec = importlib.util.spec_from_file_location("fuzz_convert", FUZZ / "convert.py")
fuzz = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzz)


@pytest.mark.parametrize("seed", sorted(FUZZ.glob("seeds/*.sh")), ids=lambda path: path.stem)
def test_a_seed_holds(seed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fuzz.failure(seed.read_bytes()) == ""


def test_what_does_not_hold_is_told():
    outcome = fuzz.batch.convert_bytes("job.sh", b"#!/bin/bash\nconda activate a\n", fuzz.TASK)
    assert fuzz.told_of(outcome, b"other bytes") == "the text read is not that of the bytes"


@pytest.mark.parametrize("chance", range(20))
def test_inputs_made_from_the_seeds_hold(chance, tmp_path, monkeypatch):
    """The same on every machine; a promise that breaks is a failure, too."""
    monkeypatch.chdir(tmp_path)
    told = {data: said for data in pinned.inputs(chance, 100) if (said := fuzz.failure(data))}
    assert told == {}


def test_the_inputs_are_the_same_everywhere(monkeypatch):
    monkeypatch.setattr(pinned, "seeds", lambda: [b"#!/bin/bash\nconda activate a\npython b.py\n", b"echo 'c'\n"])
    monkeypatch.setattr(pinned, "words", lambda: [b"conda run -n ", b"<<EOF\n"])
    made = b"\0".join(pinned.inputs(7, 50))
    assert hashlib.sha256(made).hexdigest()[:16] == "53a9f3d9d7d27a69"
