"""The promises, each held against an edit that is wrong on purpose."""

import pytest
from test_ledger import HEAD, answer

from slurmfix.convert import convert, edited
from slurmfix.ledger import Ledger, account
from slurmfix.plan import MANUAL, REVIEW, SAFE, Plan, Site, Step, gather, make_plan, needs
from slurmfix.promises import accounted, stable
from slurmfix.rules import find
from slurmfix.shell import read
from slurmfix.syntax import refusal
from slurmfix.text import Edit, Span

JOB = HEAD + "conda activate myenv\nif true; then\n    python train.py\nfi\ncat > notes <<E\ntext\nE\n"
BLOCK = "module load python/3.11\nvirtualenv x\nsource x/bin/activate"


def plan_of(text):
    script = read(text)
    findings = find(script)
    job = gather(script, findings, Site())
    return script, findings, make_plan(job, answer(script, findings, needs(job)), Site())


def broken_by(*edits, text=JOB):
    """What breaks where the only edits put texts in the places of others."""
    script, findings, _ = plan_of(text)
    made = []
    for old, new in edits:
        at = text.index(old)
        made.append(Edit(Span(at, at + len(old)), new))
    return edited("job.sh", script, Plan((Step(findings[0], tuple(made), SAFE, ""),)), refusal).broken


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("conda activate myenv", "if true; then", "cannot be read"),
        ("conda activate myenv", "echo 'open", "cannot be read"),
        ("#!/bin/bash", "#!/bin/sh", "shebang"),
        ("#SBATCH --time=1:00:00", "#SBATCH --time=2:00:00", "#SBATCH"),
        ("if true; then", "for i in 1; do", "cannot be read"),
        ("conda activate myenv", ")", "refuses"),
    ],
)
def test_a_wrong_edit_breaks_a_promise(old, new, said):
    assert any(said in each for each in broken_by((old, new)))


def test_an_edit_that_takes_work_away_breaks_a_promise():
    text = HEAD + "conda activate myenv\npython train.py\nmake results\n"
    assert broken_by(("make results\n", ""), text=text) == ("the command of line 5, which is none of conda's, goes",)


def test_edits_that_put_a_command_into_a_branch_break_a_promise():
    text = HEAD + "conda activate myenv\npython train.py\nconda deactivate\n"
    edits = (("conda activate myenv", "if true; then"), ("conda deactivate", "fi"))
    assert "a command outside of the edits changed" in broken_by(*edits, text=text)


def test_two_edits_of_one_place_break_a_promise():
    assert "overlap" in broken_by(("conda activate", "a"), ("activate myenv", "b"))[0]


def test_a_block_behind_the_opener_of_a_heredoc_breaks_a_promise():
    text = HEAD + "conda activate myenv; cat <<E # notes\ntext\nE\n"
    inside = (" # notes", f" # notes\n{BLOCK}")
    assert broken_by(inside, text=text) == ("a command of an inserted block does not stand in the new text",)
    assert broken_by(("conda activate myenv", BLOCK.replace("\n", "; ")), text=text) == ()


def test_what_is_left_to_do_breaks_a_promise():
    _, _, plan = plan_of(JOB)
    (why,) = stable(read(JOB), lambda script: plan)
    assert "line 3" in why
    assert stable(read(JOB), lambda script: Plan(())) == ()


def test_a_trace_that_is_no_entry_breaks_a_promise():
    script, findings, plan = plan_of(JOB)
    assert accounted(script, plan, account(script, findings, plan)) == ()
    assert "line 3" in accounted(script, plan, Ledger(script, (), ()))[0]


def test_what_is_open_and_called_safe_breaks_a_promise():
    script, findings, plan = plan_of(JOB + 'eval "$WORK"\n')
    assert {step.applicability for step in plan.steps} == {SAFE}
    assert "called safe" in accounted(script, plan, account(script, findings, plan))[0]


def test_the_line_whose_change_breaks_a_promise_is_left_and_the_rest_is_done():
    def refused(text, whole):
        return "" if "conda init bash" in text else "it reads nothing else"

    outcome = convert(
        "job.sh", HEAD + "conda init bash\nconda activate myenv\npython a.py\n", answer, Site(), syntax=refused
    )
    assert not outcome.broken
    assert "virtualenv" in outcome.after
    assert [step.applicability for step in outcome.steps] == [MANUAL, REVIEW]
