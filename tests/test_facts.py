"""What the reader tells of a script besides its commands: its variables, and what its commands read."""

import pytest

from slurmfix.shell import (
    assigned_at_a_line_start,
    files_read_by,
    here_strings_of,
    is_given_between,
    read,
    uses_of,
)

GIVEN = [
    ("E=a\n", "E", True),
    ("export E+=a\n", "E", True),
    ("E[2]=a\n", "E", True),
    ("for E in a b; do :; done\n", "E", True),
    ("read -r D E\n", "E", True),
    ("while getopts ab E; do :; done\n", "E", True),
    ("((E++))\n", "E", True),
    ("let E+=1\n", "E", True),
    ("shift\n", "1", True),
    ("set -- a b\n", "@", True),
    ("set -e\n", "1", False),
    ("echo $E; ME=a; x --E=a\n", "X", False),
    ("ME=a\n", "E", False),
]


@pytest.mark.parametrize(("text", "name", "given"), GIVEN)
def test_a_variable_is_given_a_value(text, name, given):
    assert is_given_between(read(text), name, 0, len(text)) is given


def test_a_value_that_is_given_elsewhere_does_not_count():
    assert not is_given_between(read("E=a\necho b\nE=c\n"), "E", 4, 11)


def test_the_uses_of_a_variable_are_whole_names():
    script = read("echo $A ${A:-b} \"$AB\" '$A'\n")
    assert [script.text[use.start : use.end] for use in uses_of(script, "A")] == ["$A", "${A", "$A"]
    assert uses_of(script, "B") == ()


def test_a_line_of_its_own_gives_a_variable_its_value():
    script = read("x; E=no\n  export E=/a/b # c\nE=later\nF=\n")
    assert assigned_at_a_line_start(script, "E") == "/a/b"
    assert assigned_at_a_line_start(script, "F") == ""
    assert assigned_at_a_line_start(script, "G") is None


@pytest.mark.parametrize(
    ("text", "read_files", "given"),
    [
        ("sort < a.txt > b.txt", ("a.txt",), ()),
        ('sort 0<"a b.txt"', (), ()),
        ("sort <'a.txt'", ("a.txt",), ()),
        ("python <<< 'import a'", (), ("import a",)),
        ('bash <<<"$X y"', (), ("$X y",)),
        ("cat <(ls) <&3", (), ()),
    ],
)
def test_what_a_command_reads(text, read_files, given):
    command = read(text + "\n").commands[0]
    assert files_read_by(command) == read_files
    assert here_strings_of(command) == given
