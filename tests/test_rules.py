"""The examples and the manual pages of all rules."""

import re

import golden
import pytest

from slurmfix.convert import convert
from slurmfix.environment import Environment, Package
from slurmfix.outcome import Outcome
from slurmfix.plan import MANUAL, Served, Site
from slurmfix.recipe import make_recipe
from slurmfix.rules import RULES, _called, _concerned, find
from slurmfix.shell import read
from slurmfix.syntax import refusal

SECTIONS = ("What it finds", "Why it matters", "Instead", "Fix safety")


def examples(kind):
    return [
        pytest.param(rule, text, id=f"{rule.name}-{number}")
        for rule in RULES
        if not rule.on_request
        for number, text in enumerate(getattr(rule, kind))
    ]


def converted(text) -> Outcome:
    """What becomes of a script whose environments all hold numpy alone."""

    def answer(script, findings, needs):
        return {need.named.code: answer_to(need.named) for need in needs}

    def answer_to(named):
        environment = Environment(named.name, (Package("python"), Package("numpy")), origin="a list")
        return Served(named, make_recipe(environment), f"requirements-{named.name}.txt")

    return convert("job.sh", text, answer, Site(), syntax=refusal)


@pytest.mark.parametrize(("rule", "text"), examples("bad"))
def test_a_bad_example_is_found_and_rewritten_or_left_with_a_reason(rule, text):
    assert rule.name in [finding.rule for finding in find(read(text))]
    outcome = converted(text)
    assert not outcome.broken
    for step in outcome.steps:
        if step.edits:
            assert step.applicability != MANUAL
        else:
            assert step.applicability == MANUAL
            assert len(step.why.split()) > 3
    assert rule.name in [step.finding.rule for step in outcome.steps]


@pytest.mark.parametrize(("rule", "text"), examples("bad"))
def test_a_bad_example_is_found_at_its_place_in_a_longer_script(rule, text):
    """Below other lines, with DOS line ends and other characters, the same is found, and shown at the same words."""
    head = "#!/bin/bash\n#SBATCH --time=1\necho 'été \u2713'\n"
    alone, below = read(text), read(head + text)
    dos = read((head + text).replace("\n", "\r\n"))

    def shown(script):
        return [
            (finding.rule, type(finding.act), script.text[finding.span.start : finding.span.end].replace("\r\n", "\n"))
            for finding in find(script)
        ]

    assert shown(below) == shown(alone)
    assert shown(dos) == shown(alone)


@pytest.mark.parametrize(("rule", "text"), examples("good"))
def test_a_good_example_is_left_alone(rule, text):
    found = [finding for command in read(text).commands for finding in rule.check(command, command.words, read(text))]
    assert found == []
    assert rule.name not in [finding.rule for finding in find(read(text))]


@pytest.mark.parametrize(("rule", "text"), examples("good"))
def test_a_good_example_is_left_alone_beside_an_activation(rule, text):
    """What surely belongs to no conda does not become conda's because the script uses conda elsewhere."""
    beside = "source activate slurmfix_test\n"
    outcome = converted(beside + text)
    assert not outcome.broken
    if rule.name != "startup-file":
        assert rule.name == "activate" or rule.name not in [step.finding.rule for step in outcome.steps]
    assert text in outcome.after


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_a_manual_page_with_all_sections(rule):
    lines = rule.manual.strip().split("\n")
    assert re.fullmatch(r"[A-Za-z].*\.", lines[0])
    headings = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert tuple(headings) == SECTIONS
    for number, line in enumerate(lines):
        if line in SECTIONS:
            assert lines[number - 1] == ""
            assert re.match(r"    \S", lines[number + 1])


def test_rules_have_names_that_differ_and_one_sentence_each():
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
        assert rule.says[0] == rule.says[0].lower() or rule.says.split()[0].isupper() or rule.says.startswith("PATH")
        assert not rule.says.endswith(".")
        assert rule.bad
        assert rule.good


SCRIPTS = [parameter.values[1] for kind in ("bad", "good") for parameter in examples(kind)] + [
    golden.text_of(case.before) for case in golden.all_cases()
]


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.on_request], ids=lambda rule: rule.name)
def test_a_rule_speaks_of_no_command_without_one_of_its_words(rule):
    """What it would say of a command, it says although it is asked about those alone that hold its words."""
    for script in map(read, SCRIPTS):
        for command in script.commands:
            words = _called(command.words)
            if any(True for _ in rule.check(command, words, script)):
                assert rule in _concerned(command, words), command.source
