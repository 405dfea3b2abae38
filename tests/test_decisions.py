"""Whatever part of the changes a person agrees to: the script that comes out keeps every promise."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts import job_scripts

from slurmfix.batch import Task, convert_bytes
from slurmfix.config import Settings
from slurmfix.convert import edited
from slurmfix.decisions import decisions
from slurmfix.plan import Plan
from slurmfix.report.diff import diff
from slurmfix.report.terminal import colored_diff
from slurmfix.screen import Screen
from slurmfix.shell import read
from slurmfix.syntax import refusal
from slurmfix.text import apply

TASK = Task(Settings(to="virtualenv"))


def outcome_of(text):
    return convert_bytes("job.sh", text.encode("utf-8", "surrogateescape"), TASK)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(job_scripts())
def test_all_decisions_together_are_the_rewrite(text):
    outcome = outcome_of(text)
    edits = [edit for decision in decisions(outcome) for edit in decision.edits]
    assert apply(outcome.before, edits) == outcome.after


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(job_scripts(), st.data())
def test_any_of_them_keep_the_promises(text, data):
    outcome = outcome_of(text)
    for decision in decisions(outcome):
        if data.draw(st.booleans()):
            taken = {id(step) for step in decision.steps}
            steps = [step if id(step) in taken else replace(step, edits=()) for step in outcome.steps]
            assert edited("job.sh", read(outcome.before), Plan(tuple(steps)), refusal).broken == ()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(job_scripts())
def test_colours_are_all_that_they_add(text):
    text = text.replace("\x1b", "")
    outcome = outcome_of(text)
    plain = diff(outcome, {}) if outcome.changes else ""
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored_diff(plain, Screen(color=True))) == plain


def test_what_stands_at_one_place_keeps_its_order():
    """The first block loads the modules that the others need."""
    body = "".join(f"    conda activate {name}\n    python a.py\n" for name in ("one", "two", "three", "four"))
    outcome = outcome_of(f"#!/bin/bash\n#SBATCH -n 1\nwork() {{\n{body}}}\nwork\n")
    edits = [edit for decision in decisions(outcome) for edit in decision.edits]
    assert apply(outcome.before, edits) == outcome.after
    assert outcome.after.count("module load") == 1


@pytest.mark.parametrize("line", ["conda info", "conda info && conda list", "conda info; conda activate myenv"])
def test_what_shares_a_statement_is_decided_together(line):
    outcome = outcome_of(f"#!/bin/bash\n#SBATCH -n 1\nconda activate myenv\n{line}\npython a.py\n")
    edits = [edit for decision in decisions(outcome) for edit in decision.edits]
    assert apply(outcome.before, edits) == outcome.after
