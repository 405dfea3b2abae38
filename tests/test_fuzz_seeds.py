"""The seeds of the fuzzer, and what it has found, hold what the fuzzer asks of every input."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FUZZ = Path(__file__).parents[1] / "fuzz"
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
