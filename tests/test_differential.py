"""What slurmfix reads in a script is what bashlex and shfmt read in it, outside of the defects that are known.

The comparison and the list of defects are those of tools/compare_parsers.py, which does the same over a folder.
"""

from pathlib import Path

import golden
import pytest
from compare_parsers import (
    KNOWN,
    Difference,
    Refused,
    compared_with_bashlex,
    compared_with_shfmt,
    known,
    words_of,
)
from hypothesis import HealthCheck, assume, example, given, settings
from scripts import job_scripts, nested_job_scripts, torn_job_scripts

from slurmfix import files

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
FOLDERS = (
    "examples/*/*.sh",
    "fuzz/seeds/*.sh",
    "tests/slurm/jobs/*/*.sh",
)
PATHS = sorted(path for folder in FOLDERS for path in HERE.parent.glob(folder))
WRITTEN = {str(path.relative_to(HERE.parent)): path.read_bytes() for path in PATHS}
WRITTEN |= {f"{case.name} before": case.before for case in golden.all_cases()}
WRITTEN |= {f"{case.name} after": case.after for case in golden.all_cases()}
SEARCH = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], max_examples=150
)
ANY = job_scripts() | nested_job_scripts() | torn_job_scripts()


def unexplained(reading, found):
    return [difference.shown(reading.text) for difference in found if not known(reading, difference)]


@settings(SEARCH)
@given(ANY)
@example("#!/bin/bash\nconda run -n a python - 2> $LOGS/$NAME.log\n")
@example("a | b | c\nd 'x' > f\nconda activate x | e > g\n")
def test_bashlex_reads_the_same_commands_in_a_script(script):
    try:
        reading, found = compared_with_bashlex(script)
    except Refused:
        assume(False)
    assert not unexplained(reading, found)


@settings(SEARCH, max_examples=100)
@given(ANY)
def test_shfmt_sees_the_commands_that_a_rule_finds_something_in(script):
    try:
        reading, asked, found = compared_with_shfmt(script)
    except Refused:
        assume(False)
    assume(asked)
    assert not unexplained(reading, found)


@pytest.mark.parametrize("name", WRITTEN)
def test_both_read_the_same_in_the_scripts_of_this_repository(name):
    script = files.decode(WRITTEN[name])
    read_by = []
    for compared in (compared_with_bashlex, compared_with_shfmt):
        try:
            reading, *_, found = compared(script)
        except Refused:
            continue
        read_by.append(compared)
        assert not unexplained(reading, found)
    if not read_by:
        pytest.skip("neither reads it")


# The defects: each is still there, and explains no more than it says


@pytest.mark.parametrize("defect", KNOWN, ids=lambda defect: defect.name)
def test_a_known_defect_is_still_there(defect):
    """Where this fails, a parser was mended, and the defect is to be taken from the list."""
    compared = compared_with_shfmt if defect.name.startswith("shfmt") else compared_with_bashlex
    reading, *_, found = compared(defect.example)
    assert found
    assert {known(reading, difference) for difference in found} == {defect.name}


@pytest.mark.parametrize(
    "script",
    [
        "if a; then\n  conda activate x\nelif b; then\n  conda activate y\nfi\n",
        "for i in 1 2; do\n  conda activate x | tee log\ndone\n",
        'x="$(conda info)" conda activate `date` > log\n',
        "cat <<EOF > file\nsome text\nEOF\nconda activate x # why\n",
    ],
)
def test_no_defect_explains_a_command_that_slurmfix_does_not_see_or_reads_otherwise(script):
    reading, found = compared_with_bashlex(script)
    assert not found
    for command in reading.script.commands:
        words = words_of(command)
        shorter = words[:-1] or None
        for wrong in (Difference(None, words), Difference(shorter, words), Difference(words, shorter)):
            assert known(reading, wrong) == ""


def test_words_that_shfmt_reads_otherwise_are_told():
    reading, asked, found = compared_with_shfmt("conda activate a\r || exit\n")
    assert asked == len(found) == 1
    assert known(reading, found[0]) == "shfmt: a carriage return in a word"
