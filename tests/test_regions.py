"""What the reader says of a script's text: its heredocs, what a stretch is to the shell, and the tree of its blocks."""

import pytest

from slurmfix.shell import LOOP, SUBSTITUTION, Block, Region, Runs, read

HEREDOCS = {
    "text": ("cat <<EOF\na $b\nEOF\nc\n", "cat", "a $b\n", "EOF", True, Runs.NOTHING),
    "quoted, tabs": ("cat <<-'E F' | wc\n\ta\n\tE F\n", "cat", "\ta\n", "E F", False, Runs.NOTHING),
    "a backslash": ("cat > x <<\\E; date\na\nE\n", "cat", "a\n", "E", False, Runs.NOTHING),
    "bash": ("bash -s <<E\na\nE\n", "bash -s", "a\n", "E", True, Runs.BASH),
    "a step": ("srun -n 2 bash <<E\na\nE\n", "srun -n 2 bash", "a\n", "E", True, Runs.STEP),
    "a job": ("sbatch <<E\na\nE\n", "sbatch", "a\n", "E", True, Runs.JOB),
    "a file of a script": ("cat > a.sh <<E\na\nE\n", "cat", "a\n", "E", True, Runs.FILE),
    "through a filter": ("cat <<E | sort | bash\na\nE\n", "cat", "a\n", "E", True, Runs.OTHER),
    "piped to sbatch": ("cat <<E | sbatch -n 1\na\nE\n", "cat", "a\n", "E", True, Runs.JOB),
    "python": ("python - <<E\na\nE\n", "python -", "a\n", "E", True, Runs.OTHER),
    "another machine": ("ssh n1 <<E\na\nE\n", "ssh n1", "a\n", "E", True, Runs.REMOTE),
    "a container": (
        "apptainer exec i.sif bash <<E\na\nE\n",
        "apptainer exec i.sif bash",
        "a\n",
        "E",
        True,
        Runs.CONTAINER,
    ),
    "another number": ("bash 3<<E -c 'cat <&3'\na\nE\n", "bash 3<<E -c 'cat <&3'", "a\n", "E", True, Runs.NOTHING),
    "a loop's": (
        "while read x; do b\ndone <<E && c\na\nE\n",
        "while read x; do b\ndone",
        "a\n",
        "E",
        True,
        Runs.NOTHING,
    ),
    "a group's": ("{\n  cat\n} <<E\na\nE\n", "{\n  cat\n}", "a\n", "E", True, Runs.NOTHING),
    "in a substitution": ("x=$(cat <<E\na)\nE\n)\n", "cat", "a)\n", "E", True, Runs.NOTHING),
    "joined lines": ("cat <<E\na \\\nE\nE\n", "cat", "a \\\nE\n", "E", True, Runs.NOTHING),
    "DOS line ends": ("cat <<E\r\na\r\nE\r\nb\r\n", "cat", "a\r\n", "E", True, Runs.NOTHING),
}


@pytest.mark.parametrize("name", HEREDOCS)
def test_a_heredoc_has_an_owner_a_body_and_what_runs_it(name):
    text, *expected = HEREDOCS[name]
    script = read(text)
    (heredoc,) = script.heredocs
    owner, body = (text[span.start : span.end] for span in (heredoc.owner, heredoc.body))
    assert [owner, body, heredoc.delimiter, heredoc.expanded, heredoc.runs] == expected
    assert text[heredoc.opener.start :].startswith("<<")
    assert text[: heredoc.end].splitlines()[-1].lstrip("\t") == heredoc.delimiter
    assert not script.unread


def test_a_command_that_reads_two_heredocs_runs_the_last():
    script = read("bash <<A <<B\nconda activate a\nA\nconda activate b\nB\nconda activate c\n")
    assert [each.delimiter for each in script.heredocs] == ["A", "B"]
    assert [c.source for c in script.commands if c.name == "conda"] == ["conda activate b", "conda activate c"]


def test_what_a_body_expands_is_a_command_in_a_substitution():
    script = read("if x; then\n  cat <<E\n$(conda info) `conda list`, \\$(conda no)\nE\nfi\n")
    commands = [c for c in script.commands if c.name == "conda"]
    assert [c.source for c in commands] == ["conda info", "conda list"]
    assert all(c.within[-1].kind == SUBSTITUTION for c in commands)
    assert all(c.within[:-1] == script.commands[1].within for c in commands)


REGIONS = [
    ("echo @\n", Region.CODE, True),
    ('echo "it\'s @"\n', Region.CODE, True),
    ("echo 'a @'\n", Region.SINGLE_QUOTED, False),
    ("echo $'a @'\n", Region.SINGLE_QUOTED, False),
    ("echo \\@\n", Region.CODE, False),
    ("echo a # it's @\n", Region.COMMENT, False),
    ("cat <<E\nit's @\nE\n", Region.HEREDOC, True),
    ("cat <<E\nit's \\@\nE\n", Region.HEREDOC, False),
    ("cat <<E-F\nit's\nE-F\necho @\n", Region.CODE, True),
    ("cat <<'E'\nit's @\nE\n", Region.HEREDOC, False),
    ("cat <<'E'\nit's\nE\necho @\n", Region.CODE, True),
    ("bash -c 'conda activate a; echo @'\n", Region.CODE, True),
    ("bash <<'E'\nconda activate a; echo @ '\n'\nE\n", Region.CODE, True),
    ("bash <<'E'\nconda activate a; echo ' @ '\nE\n", Region.SINGLE_QUOTED, False),
    ("apptainer exec i.sif bash -c 'conda activate a @'\n", Region.CONTAINER, False),
    ("echo 'never closed\nconda activate a @\n", Region.UNREAD, False),
    ("time { a; }\necho @\n", Region.UNREAD, False),
]


@pytest.mark.parametrize(("text", "region", "expands"), REGIONS)
def test_a_place_is_code_or_something_else(text, region, expands):
    at = text.index("@")
    script = read(text.replace("@", "$"))
    assert script.region(at) is region
    assert script.expands(at) is expands


def test_blocks_are_the_tree_of_the_commands():
    script = read("a\nfor x in 1 2; do\n  b\n  (c; d)\n  e\ndone\nf\n")

    def drawn(block):
        return [drawn(part) if isinstance(part, Block) else part.source for part in block.parts]

    assert drawn(script.blocks) == ["a", ["b", ["c", "d"], "e"], "f"]
    assert script.blocks.place is None
    assert script.blocks.parts[1].place.kind == LOOP
