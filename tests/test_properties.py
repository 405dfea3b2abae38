"""What holds for any script: no byte changes outside of the edits, promises hold, and the diff gives those bytes."""

import re
import subprocess
from itertools import pairwise
from shutil import copytree, which

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from scripts import job_scripts, nested_job_scripts, torn_job_scripts

from slurmfix import files
from slurmfix.batch import Task, convert_bytes
from slurmfix.cli import main
from slurmfix.config import Settings
from slurmfix.rules import find
from slurmfix.shell import read
from slurmfix.text import Edit, Hunk, Lines, Span, apply, hunks, line_ending, moved, split_lines

pytestmark = pytest.mark.slow

ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
# What a rewrite may have a reason to touch, line by line.
OURS = re.compile(r"(?i)conda|mamba|activate|envs/|bashrc|module|\bml\b|\b(?:if|then|else|fi)\b|ENV=|pip |pushd|\bcd\b")

SCRIPTS = job_scripts() | nested_job_scripts() | torn_job_scripts()


@st.composite
def job_files(draw, scripts=SCRIPTS):
    """The bytes of a job script: in UTF-8 or Latin-1, with tabs, with or without a last newline."""
    script = draw(scripts)
    match draw(st.sampled_from(["as it is"] * 4 + ["latin-1", "no end", "tabs"])):
        case "latin-1":
            return script.replace("\ufeff", "").encode("latin-1", "replace")
        case "no end":
            return script.rstrip("\r\n").encode()
        case "tabs":
            return script.replace("    ", "\t").encode()
        case _:
            return script.encode()


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """An empty folder, where no environment is described."""
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def converted(data):
    return convert_bytes("job.sh", data, Task(Settings()))


@settings(ANY, max_examples=120)
@given(job_files())
@example(b"source activate a\nfor ((|i = 0; i < 3; i++)); do\n  if command -v conda; then\n    echo a\n  fi\ndone\n")
@example(
    b"source activate a\nfor ((#i = 0; i < 3; i++)); do\n  if command -v conda > /dev/null; then\n    b\n  fi\ndone\n"
)
@example(b'#!/bin/bash\n#SBATCH -n 4\na;srun bash -lc "conda activate myenv && python x.py"\n')
def test_no_byte_changes_outside_of_the_edits(alone, data):
    outcome = converted(data)
    assume(not outcome.error)
    assert not outcome.broken
    if outcome.before == outcome.after:
        return
    assert files.encode(outcome.before) == data
    old = new = 0
    ordered = sorted(outcome.edits, key=lambda edit: (edit.span.start, edit.span.end))
    for edit, place in zip(ordered, moved(ordered), strict=True):
        assert outcome.before[old : edit.span.start] == outcome.after[new : place.start]
        assert outcome.after[place.start : place.end] == edit.new
        old, new = edit.span.end, place.end
    assert outcome.before[old:] == outcome.after[new:]


@settings(ANY, max_examples=120)
@given(job_files(job_scripts()))  # (in others a command of ours may end on a line that names nothing of conda)
def test_a_line_that_is_none_of_our_business_stays_in_its_order(alone, data):
    outcome = converted(data)
    assume(outcome.after)
    # (Of blank lines around one that goes, one stays.)
    theirs = [line for line in split_lines(outcome.before) if line.strip() and not OURS.search(line)]
    kept = iter(split_lines(outcome.after))
    assert [line for line in theirs if line not in kept] == []  # `in` goes on from where the last one was found


@settings(ANY, max_examples=200)
@given(job_scripts())
def test_no_rule_finds_anything_in_a_script_without_a_trace(script):
    assert files.has_trace(files.encode(script)) or not find(read(script))


@settings(ANY, max_examples=120)
@given(job_files())
def test_a_second_run_changes_nothing(alone, data):
    outcome = converted(data)
    assume(outcome.changes)
    again = converted(files.encode(outcome.after))
    assert not again.changes
    assert not again.broken
    assert not outcome.broken


@settings(ANY, max_examples=120)
@given(job_files())
def test_new_lines_end_as_the_lines_of_the_file(alone, data):
    outcome = converted(data)
    if line_ending(outcome.before) == "\r\n":
        written = "".join(edit.new for edit in outcome.edits)
        assert not re.search(r"(?<!\r)\n", written)


@settings(ANY, max_examples=150)
@given(SCRIPTS)
def test_the_spans_of_commands_are_their_text(script):
    seen = read(script)
    lines = Lines(script)
    for command in seen.commands:
        assert seen.text[command.span.start : command.span.end] or not command.source
        assert command.whole.start <= command.span.start
        if not command.layers and "\r" not in script:
            assert script[command.span.start : command.span.end] == command.source
            for word in command.words:
                assert script[word.span.start : word.span.end] == word.source
        line, column = lines.position(command.span.start)
        assert lines.starts[line - 1] + column - 1 == command.span.start


# The laws of text.py


@st.composite
def edited_texts(draw):
    """A text, and edits of it that do not overlap."""
    text = draw(st.text(alphabet="ab \n\r\té✓", max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        edits.append(Edit(Span(start, end), draw(st.text(alphabet="xy\n\r", max_size=6))))
    return text, edits


@settings(ANY, max_examples=300)
@given(edited_texts())
def test_edits_are_applied_where_they_say(pair):
    text, edits = pair
    after = apply(text, edits)
    assert apply(text, []) == text
    assert apply(text, [Edit(edit.span, text[edit.span.start : edit.span.end]) for edit in edits]) == text
    places = moved(edits)
    assert [after[place.start : place.end] for place in places] == [edit.new for edit in edits]
    assert apply(text, list(reversed(edits))) == after or len({edit.span.start for edit in edits}) < len(edits)
    back = [Edit(place, text[edit.span.start : edit.span.end]) for edit, place in zip(edits, places, strict=True)]
    assert apply(after, back) == text


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_edits_that_overlap_are_refused(a, b, c, d):
    one, other = Span(min(a, b), max(a, b)), Span(min(c, d), max(c, d))
    assume(max(one.start, other.start) < min(one.end, other.end))
    with pytest.raises(ValueError, match="overlap"):
        apply("abcde", [Edit(one, "x"), Edit(other, "y")])
    assert one.meets(other)


def patched(text: str, found: tuple[Hunk, ...]) -> str:
    """What a patch program makes of hunks: each old line must be there."""
    old, new, at = split_lines(text), [], 0
    for hunk in found:
        new += old[at : hunk.old - 1]
        at = hunk.old - 1
        assert len(new) == hunk.new - 1
        for sign, line in hunk.lines:
            if sign == "+":
                new.append(line)
                continue
            assert old[at] == line
            new += [line] if sign == " " else []
            at += 1
    return "".join(new + old[at:])


@settings(ANY, max_examples=400)
@given(edited_texts(), st.integers(0, 3))
@example(("a", [Edit(Span(1, 1), "\n")]), 3)
@example(("a\nb", [Edit(Span(3, 3), "\n")]), 0)
@example(("\n\n", [Edit(Span(0, 0), "\n")]), 1)
def test_hunks_lead_from_one_text_to_the_other(pair, context):
    text, edits = pair
    after = apply(text, edits)
    found = hunks(text, after, edits, context)
    assert patched(text, found) == after
    assert bool(found) == (text != after)
    for hunk in found:
        signs = "".join(sign for sign, _ in hunk.lines)
        assert signs.strip()
        assert len(signs) - len(signs.lstrip()) <= context
        assert len(signs) - len(signs.rstrip()) <= context
    for one, other in pairwise(found):
        assert one.old + sum(sign != "+" for sign, _ in one.lines) <= other.old


@given(st.text(alphabet="a\r\né", max_size=30), st.integers(0, 30))
def test_lines_and_offsets_lead_to_each_other(text, offset):
    assume(offset <= len(text))
    lines = Lines(text)
    line, column = lines.position(offset)
    assert text.count("\n", 0, offset) == line - 1
    assert text[lines.start(offset) : offset].count("\n") == 0
    assert lines.start(offset) + column - 1 == offset
    assert lines.start(offset) <= lines.end(offset) <= lines.after(offset) <= len(text)
    assert "".join(split_lines(text)) == text


# The diff, as `git apply` and `patch -p1` take it

JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
# été
module load miniconda3
source ~/miniconda3/etc/profile.d/conda.sh

conda activate myenv
python train.py
"""
ENVIRONMENT = "name: myenv\ndependencies:\n  - python=3.11\n  - numpy=1.26\n"
FORMS = [
    pytest.param("job.sh", JOB, id="LF"),
    pytest.param("job.sh", JOB.replace("\n", "\r\n"), id="CRLF"),
    pytest.param("job.sh", JOB.replace("\npython train.py\n", ""), id="no final newline"),
    pytest.param("job.sh", "\ufeff" + JOB, id="byte order mark"),
    pytest.param("my job.sh", JOB, id="a name with a blank"),
    pytest.param("jobs/2026/job.sh", JOB, id="a folder below"),
    pytest.param("été-✓.sh", JOB, id="a name with other letters"),
    pytest.param('a"b\\c.sh', JOB, id="a name with a quote and a backslash"),
]
TOOLS = {
    "git apply": ["git", "apply", "-"],
    "patch -p1": ["patch", "-p1", "--no-backup-if-mismatch", "--binary"],
}


@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(("name", "text"), FORMS)
def test_the_diff_applies(name, text, tool, absolute, tmp_path, monkeypatch):
    """With new files, and to the same bytes as --write."""
    if not which(tool.split()[0]):
        pytest.skip(f"needs {tool.split()[0]}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    written, patched_folder = tmp_path / "written", tmp_path / "patched"
    written.mkdir()
    (written / ".git").mkdir()
    (written / "environment.yml").write_text(ENVIRONMENT)
    (written / name).parent.mkdir(parents=True, exist_ok=True)
    (written / name).write_bytes(text.encode())
    copytree(written, patched_folder)
    monkeypatch.chdir(patched_folder)
    done = CliRunner().invoke(main, [str(patched_folder / name) if absolute else name])
    assert done.exit_code == 1
    (patched_folder / ".git").rmdir()  # git takes the folder for one that is in no repository
    subprocess.run(TOOLS[tool], input=done.stdout_bytes, cwd=patched_folder, check=True, capture_output=True)
    monkeypatch.chdir(written)
    assert CliRunner().invoke(main, ["--write", name]).exit_code == 0
    (written / ".git").rmdir()

    def contents(folder):
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert contents(patched_folder) == contents(written)
    assert contents(written)[name] != text.encode()
    assert any(path.endswith("requirements-myenv.txt") for path in contents(written))
