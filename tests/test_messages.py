"""What slurmfix says to people: each message occurs where its example says, and reads as a sentence for everybody."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from slurmfix import batch, files
from slurmfix.cli import main
from slurmfix.promises import fault_of_the_script
from slurmfix.remarks import KINDS, RUN, Message, Remark, messages
from slurmfix.report.manual import message_table
from slurmfix.shell import read

ROOT = Path(__file__).parent.parent
MESSAGES = messages()
PART = re.compile(r"^-- (.+?) --\n", re.M)
LONGEST = 20  # words of a sentence
# A clause that starts with one of these makes its reader look for the noun.
NO_NOUN = re.compile(r"\A(?:it|its|that|what|them|they)\b", re.I)


def each(rows):
    return pytest.mark.parametrize("message", rows, ids=lambda message: message.id)


def said_of(example, folder, monkeypatch):
    """The ids of what is said of an example: of its lines, and of why a finding is left."""
    files_of = report_of(example, folder, monkeypatch)["files"]
    left = {name for file in files_of for finding in file["findings"] for name in finding.get("remark_ids", ())}
    return left | {remark["id"] for file in files_of for remark in file["remarks"]}


def report_of(example, folder, monkeypatch, *options):
    """The report on an example, whose files are written into a folder."""
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.chdir(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    job, *rest = PART.split(example)
    command = "slurmfix job.sh"
    for name, text in [("job.sh", job), *zip(rest[::2], rest[1::2], strict=True)]:
        if name == "command":
            command = text.strip()
        elif " -> " in name:  # the first file of the two moves there, and leaves a link
            link, target = map(Path, name.split(" -> "))
            link.rename(target)
            link.symlink_to(target)
        else:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(text.encode("utf-8", "surrogateescape"))
    if command.startswith("cd "):
        place, command = command.removeprefix("cd ").split(" && ")
        monkeypatch.chdir(folder / place)
    batch.prepared.cache_clear()
    files.forget()
    done = CliRunner().invoke(main, ["-o", "json", *options, *command.split()[1:]])
    return json.loads(done.stdout)


SHOWN = tuple(message for message in MESSAGES if message.bad)
# What an example cannot show: a fault of our own grammar, twenty thousand requirements, a cluster that answers. (No
# script shows what is said of a run.)
WITHOUT_EXAMPLE = (
    "change-held-back",
    "not-read-for-sure",
    "refused-by-bash",
    "rewrite-not-read",
    "too-many-requirements",
    "way-to-a-module",
)


def test_all_others_have_an_example():
    lacking = [each.id for each in MESSAGES if not (each.bad and each.good) and each.kind != RUN]
    assert tuple(lacking) == WITHOUT_EXAMPLE


def test_what_has_no_example_is_said_where_only_the_grammar_fails():
    script = read("#!/bin/bash\necho 'a\n")
    broken = ("the new text has regions that cannot be read",)
    assert fault_of_the_script(script, broken, lambda text, whole: "").why.id == "not-read-for-sure"
    assert fault_of_the_script(script, broken, lambda text, whole: "line 2: odd").why.id == "refused-by-bash"
    assert fault_of_the_script(read("true\n"), broken, lambda text, whole: "").why.id == "rewrite-not-read"


@each(SHOWN)
def test_a_message_is_said_of_its_bad_example(message, tmp_path, monkeypatch):
    assert message.id in said_of(message.bad, tmp_path, monkeypatch)


@each(SHOWN)
def test_a_message_is_not_said_of_its_good_example(message, tmp_path, monkeypatch):
    assert message.id not in said_of(message.good, tmp_path, monkeypatch)


# What only the Alliance's clusters have, by its name there.
OF_THE_ALLIANCE = re.compile(
    r"module load (?:python|r|cuda|picard)\b(?!/)|avail_wheels|StdEnv|no wheel|--no-download|--no-index|alliancecan"
)
NAME_WHAT_A_SITE_HAS = (
    "build-the-image", "conda-in-a-text", "conda-not-followed", "files-of-conda", "mpi-in-an-image",
    "on-another-machine",
    "pip-from-an-address", "pip-without-wheel", "program-of-a-module", "program-is-a-jar", "purge-by-force",
    "python-outside", "r-packages-lacking", "run-by-a-virtualenv", "starts-in-another-folder", "uv-from-the-internet",
)  # fmt: skip


@pytest.mark.parametrize("profile", ["easybuild", "hpc2n", "eessi"])
@each([message for message in MESSAGES if message.id in NAME_WHAT_A_SITE_HAS])
def test_a_message_names_what_the_site_has(message, profile, tmp_path, monkeypatch):
    report = report_of(message.bad, tmp_path, monkeypatch, "--profile", profile)
    said = [f"{remark['message']} {remark['action']}" for file in report["files"] for remark in file["remarks"]]
    assert [each for each in said if OF_THE_ALLIANCE.search(each)] == []


@each(MESSAGES)
def test_a_message_is_a_sentence_for_everybody(message):
    clauses = [clause for part in message.parts for clause in re.split(r"[:;,.] ", part) if clause]
    assert [clause for clause in clauses if NO_NOUN.match(clause)] == []
    sentences = [f"{message.subject} {message.reason}", *re.split(r"[.] ", message.action)]
    assert [sentence for sentence in sentences if len(sentence.split()) > LONGEST] == []
    assert not re.search(r"[.;:]\Z", message.reason) and not message.action.endswith(".")
    assert re.match(r"[`{a-z]|Python ", message.subject)
    assert message.kind in KINDS and re.fullmatch(r"[a-z][a-z0-9-]*", message.id)


def test_no_two_messages_have_one_name():
    rows = (ROOT / "slurmfix").rglob("*.py")
    names = [name for path in rows for name in re.findall(r'^ +id="([^"]+)"', path.read_text(), re.M)]
    assert sorted(names) == [message.id for message in MESSAGES]


def test_the_table_of_messages_is_that_of_today():
    path = ROOT / "docs" / "messages.md"
    if os.environ.get("WRITE_DOCS"):
        path.write_text(message_table())
    assert path.read_text() == message_table()


NEED = Message("need", "refusal", "the function `{function}`", "line {line} calls for conda", "check line {line}")


def test_a_remark_is_its_sentence_and_knows_its_parts():
    remark = NEED.about(line=7, function="need")
    assert remark == "the function `need`: line 7 calls for conda; check line 7"
    assert remark.parts == ("the function `need`", "line 7 calls for conda", "check line 7")
    assert (remark.id, remark.kind, remark.line) == ("need", "refusal", 7)


def test_a_remark_survives_the_way_between_processes():
    import pickle

    remark = NEED.about(line=7, column=2, environment="a", function="need")
    again = pickle.loads(pickle.dumps(remark))
    assert again == remark and isinstance(again, Remark)
    assert (again.message, again.column, again.environment, again.values) == (NEED, 2, "a", {"function": "need"})


def test_a_value_with_braces_stays_as_it_is():
    assert "`{line}`" in NEED.about(line=3, function="{line}")


def test_a_missing_value_is_told_at_once():
    with pytest.raises(KeyError):
        NEED.about(line=3)


@each(MESSAGES)
def test_explain_shows_a_message(message):
    done = CliRunner().invoke(main, ["--explain", message.id])
    assert done.exit_code == 0
    assert message.reason in done.output
