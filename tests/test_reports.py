"""Reports for programs: JSON, SARIF and GitHub's workflow commands, from real runs."""

import base64
import json
import os
import re
import urllib.request
from pathlib import Path
from urllib.parse import unquote

import forked
import jsonschema
import pytest

from slurmfix.remarks import RUN, messages

HERE = Path(__file__).parent.parent
SCHEMA = json.loads((HERE / "slurmfix" / "report" / "schema.json").read_text(encoding="utf-8"))

JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3 samtools
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
conda info
python train.py
conda deactivate
"""
ENVIRONMENT = "name: myenv\ndependencies:\n  - python=3.11\n  - numpy=1.26\n  - perl-json\n"
MANUAL = "#!/bin/bash\n#SBATCH --time=1\nconda activate myenv | tee log\npython x.py\n"
IGNORED = "#!/bin/bash\n#SBATCH --time=1\nconda info # slurmfix: ignore\nsource activate myenv\npython x.py\n"
HOSTILE = "a,b:c%\n::error::x\r\x1b[2J\u2028é.sh"


def slurmfix(folder, *words, stdin=b""):
    return forked.slurmfix(*words, cwd=folder, environ={**os.environ, "HOME": str(folder)}, stdin=stdin)


@pytest.fixture
def folder(tmp_path):
    lab = tmp_path / "lab dir"
    lab.mkdir()
    (lab / "environment.yml").write_text(ENVIRONMENT)
    (lab / "slurmfix.toml").write_text('to = "virtualenv"\n')
    (lab / "train.sh").write_text(JOB)
    (lab / "crlf.sh").write_bytes(JOB.replace("\n", "\r\n").replace("train.py", "entraîné.py").encode())
    (lab / "latin.sh").write_bytes(JOB.replace("train.py", "'entraîné.py'").encode("latin-1"))
    (lab / "manual.sh").write_text(MANUAL)
    (lab / "ignored.sh").write_text(IGNORED)
    (lab / "clean.sh").write_text("#!/bin/bash\n#SBATCH --time=1\necho hello\n")
    (lab / HOSTILE).write_text(JOB)
    (lab / "binary.sh").write_bytes(b"#!/bin/bash\n#SBATCH -n 1\0conda activate x\n")
    return lab


@pytest.fixture
def report(folder):
    return json.loads(slurmfix(folder, "-o", "json", ".", "binary.sh").stdout)


def files_of(report):
    return {os.path.basename(entry["path"]): entry for entry in report["files"]}


def test_the_json_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_follows_its_schema(report):
    jsonschema.validate(report, SCHEMA, cls=jsonschema.Draft202012Validator)
    statuses = {name: entry["status"] for name, entry in files_of(report).items()}
    assert statuses["train.sh"] == "fixable"
    assert statuses["manual.sh"] == "manual"
    assert statuses["clean.sh"] == "clean"
    assert statuses["binary.sh"] == "error"


@pytest.mark.parametrize("words", [("--write",), ("--safe",), ("missing.sh",), ("environment.yml",)], ids=" ".join)
def test_json_follows_its_schema_whatever_is_asked(folder, words):
    done = slurmfix(folder, "-o", "json", "train.sh", *words)
    jsonschema.validate(json.loads(done.stdout), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_json_of_standard_input(folder):
    found = json.loads(slurmfix(folder, "-o", "json", "-", stdin=JOB.encode()).stdout)
    jsonschema.validate(found, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert [entry["path"] for entry in found["files"]] == ["-"]


def test_json_says_where_findings_stand(report):
    lines = JOB.splitlines()
    found = files_of(report)["train.sh"]["findings"]
    told = {each["rule"]: lines[each["line"] - 1][each["column"] - 1 : each["end_column"] - 1] for each in found}
    assert told["conda-module"].strip() == "miniconda3"
    assert told["activate"] == "conda activate myenv"


def test_json_lists_no_ignored_findings(report):
    assert "information" not in [each["rule"] for each in files_of(report)["ignored.sh"]["findings"]]


# GitHub

COMMAND = re.compile(r"::(notice|warning|error) ([^:]*)::(.*)\Z")


def annotations(folder, *words):
    done = slurmfix(folder, "-o", "github", *words)
    found = []
    for line in done.stdout.decode().split("\n")[:-1]:
        match = COMMAND.match(line)
        assert match, line
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        found.append((match[1], {key: unquote(value) for key, value in properties.items()}, unquote(match[3])))
    return found


def test_every_line_for_github_is_one_command(folder):
    found = annotations(folder, ".", "binary.sh")
    assert {"notice", "warning", "error"} == {level for level, _, _ in found}
    place = next(each for _, each, _ in found if each["file"].endswith("train.sh") and "activate" in each["title"])
    assert (place["line"], place["col"], place["endLine"]) == ("5", "1", "5")


def test_a_hostile_name_stays_inside_its_property(folder):
    done = slurmfix(folder, "-o", "github", ".")
    for stream in (done.stdout, done.stderr):
        lines = re.split(r"[\r\n\u2028]", stream.decode())
        assert not any(line.lstrip().startswith(("::error::", "##[")) for line in lines)
        assert b"\x1b" not in stream
    names = {each["file"] for _, each, _ in annotations(folder, ".")}
    assert any("a,b:c%\n::error::x\r" in name for name in names)


# SARIF


def sarif(folder, *words):
    return json.loads(slurmfix(folder, "-o", "sarif", *words).stdout)


def official_schema(cache):
    """The OASIS schema: the file that SARIF_SCHEMA names, else as it is published."""
    named = os.environ.get("SARIF_SCHEMA")
    if named:
        return json.loads(Path(named).read_text(encoding="utf-8"))
    kept = cache.get("sarif/schema", None)
    if kept is None:
        address = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                kept = json.load(answer)
        except (OSError, ValueError):
            pytest.skip("the SARIF schema cannot be fetched from docs.oasis-open.org: name a copy in SARIF_SCHEMA")
        cache.set("sarif/schema", kept)
    return kept


def test_sarif_is_valid_by_the_official_schema(folder, pytestconfig):
    schema = official_schema(pytestconfig.cache)
    validator = jsonschema.validators.validator_for(schema)
    for words in ((".",), ("--write", "."), ("missing.sh",)):
        assert [error.message for error in validator(schema).iter_errors(sarif(folder, *words))] == []


def run_of(folder, *words):
    return sarif(folder, *words)["runs"][0]


def results_of(run, name):
    return [
        each for each in run["results"]
        if each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith(name)
    ]  # fmt: skip


def inserted(content):
    return base64.b64decode(content["binary"]) if "binary" in content else content["text"].encode()


def test_all_fixes_together_are_what_write_writes(folder):
    run = run_of(folder, ".")
    texts = {}
    changes = [
        change for result in run["results"] for fix in result.get("fixes", []) for change in fix["artifactChanges"]
    ]
    for change in changes:
        name = unquote(change["artifactLocation"]["uri"], errors="surrogateescape")
        texts.setdefault(name, []).extend(change["replacements"])
    expected = {}
    for name, replacements in texts.items():
        data = (folder / name).read_bytes() if (folder / name).exists() else b""
        if name.endswith(".txt"):
            replacements = replacements[:1]  # several scripts bring the same one
        for each in sorted(replacements, key=lambda each: -each["deletedRegion"]["byteOffset"]):
            start = each["deletedRegion"]["byteOffset"]
            data = (
                data[:start] + inserted(each["insertedContent"]) + data[start + each["deletedRegion"]["byteLength"] :]
            )
        expected[name] = data
    assert {"train.sh", "crlf.sh", "latin.sh", "requirements-myenv.txt"} <= set(expected)
    slurmfix(folder, "--write", ".")
    assert {name: (folder / name).read_bytes() for name in expected} == expected


def test_regions_agree_in_all_their_units(folder):
    data = (folder / "crlf.sh").read_bytes()
    for result in results_of(run_of(folder, "crlf.sh"), "crlf.sh"):
        region = result["locations"][0]["physicalLocation"]["region"]
        text = data.decode()
        by_chars = text[region["charOffset"] : region["charOffset"] + region["charLength"]]
        by_bytes = data[region["byteOffset"] : region["byteOffset"] + region["byteLength"]].decode()
        line = text.split("\n")[region["startLine"] - 1]
        assert by_chars == by_bytes
        if region["startLine"] == region["endLine"]:
            assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == by_chars


def fingerprints(folder, name, of_findings=False):
    found = results_of(run_of(folder, name), name)
    if of_findings:
        found = [each for each in found if "kind" not in each.get("properties", {})]
    return {each["partialFingerprints"]["slurmfix/v1"] for each in found}


def test_fingerprints_stay_when_lines_move(folder):
    before = fingerprints(folder, "train.sh")
    (folder / "train.sh").write_text(JOB.replace("#SBATCH", "# a new line\n\n#SBATCH"))
    assert fingerprints(folder, "train.sh") == before
    assert len(before) > len(fingerprints(folder, "train.sh", of_findings=True)) == 5


def test_two_findings_of_the_same_words_have_two_fingerprints(folder):
    (folder / "train.sh").write_text(JOB + "conda info\n")
    assert len(fingerprints(folder, "train.sh", of_findings=True)) == 6


def test_addresses_are_relative_and_escaped(folder):
    run = run_of(folder, ".", "missing.sh")
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == "file://" + str(folder).replace(" ", "%20") + "/"
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"] for each in run["results"]]
    assert {place["uriBaseId"] for place in places} == {"SRCROOT"}
    assert all(re.fullmatch(r"[\w./%~-]+", place["uri"]) for place in places)
    outside = run_of(folder.parent / "lab dir", str(folder / "train.sh"))["results"][0]
    assert outside["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "train.sh"


def test_ignored_findings_are_suppressed(folder):
    told = {
        each["ruleId"]: each["suppressions"] for each in results_of(run_of(folder, "ignored.sh"), "ignored.sh")
    }  # fmt: skip
    assert told["information"] == [{"kind": "inSource"}]
    assert told["activate"] == []


def test_rules_carry_their_manual_pages(folder):
    listed = run_of(folder, "train.sh")["tool"]["driver"]["rules"]
    own = [rule for rule in listed if "kind" not in rule.get("properties", {})]
    assert 10 < len(own) < 25
    for rule in own:
        assert "Why it matters" in rule["help"]["text"], rule["id"]


def test_each_message_is_a_rule_with_its_kind(folder):
    run = run_of(folder, ".")
    rules = run["tool"]["driver"]["rules"]
    kinds = {rule["id"]: rule["properties"]["kind"] for rule in rules if "kind" in rule.get("properties", {})}
    assert set(kinds.values()) <= {"refusal", "doubt", "note"}
    assert {message.id for message in messages() if message.kind != RUN} <= set(kinds)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["ruleId"] not in kinds or result["properties"]["kind"] == kinds[result["ruleId"]]


def test_errors_are_notifications(folder):
    invocation = run_of(folder, ".", "binary.sh")["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert any(each["level"] == "error" for each in invocation["toolExecutionNotifications"])
