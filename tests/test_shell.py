"""Reading a script: where commands stand, what they say, and what is not to be relied on."""

import pytest
import sbatch

from slurmfix.shell import (
    BACKGROUND,
    BRANCH,
    CHAINED,
    CHECKED,
    FUNCTION,
    GROUP,
    LOOP,
    PIPELINE,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    TooMuchOpen,
    parts_of,
    quoted,
    read,
    value_of,
)


def words(script, *, of="conda"):
    """The words of each command of this name, without quotes and escapes."""
    return [[word.literal for word in c.words] for c in script.commands if c.name == of]


def found(text, source):
    """The one command whose text this is."""
    (command,) = [command for command in read(text).commands if command.source == source]
    return command


def places(text, source):
    return [place.kind for place in found(text, source).within]


def is_sure(script, source):
    """Whether a command is read, and nothing is doubtful about it."""
    return any(c.source == source and c.confirmed and not c.broken for c in script.commands)


# What the parsers read wrongly (their trees are right nowhere else in these scripts).

RIGHT = [
    pytest.param(
        "if [ $(((a / 5) % 2)) == 0 ]; then b; else c; fi\nconda activate a\n",
        [["conda", "activate", "a"]],
        id="a comparison of a sum",
    ),
    pytest.param(
        '(\n  test "$S" == 1 && mkdir out\n  conda activate a\n)\n',
        [["conda", "activate", "a"]],
        id="a comparison in a subshell",
    ),
    pytest.param(
        "f() {\n  test $1 == $2\n  conda activate a\n}\n",
        [["conda", "activate", "a"]],
        id="a comparison in a function",
    ),
    pytest.param(
        "if a; then\n  test $1 =~ b || exit\n  conda activate a\nfi\n",
        [["conda", "activate", "a"]],
        id="a pattern in a branch",
    ),
    pytest.param(
        "{ [[ $a == b && $c == (x|y) ]] && [ $a == b ]; test $a == b; conda activate a; }\n",
        [["conda", "activate", "a"]],
        id="comparisons of each kind in a group",
    ),
    pytest.param(
        "x=$(expr $a == b\nconda activate a)\n",
        [["conda", "activate", "a"]],
        id="a comparison in a substitution",
    ),
    pytest.param(
        "(( a == b )) && for ((i=0; i == 3; i++)); do test i == 3; conda activate a; done\n",
        [["conda", "activate", "a"]],
        id="a comparison in arithmetic",
    ),
    pytest.param(
        "cat <<'EOF'; conda activate a\nbody\nEOF\n",
        [["conda", "activate", "a"]],
        id="a command behind <<'EOF'",
    ),
    pytest.param(
        "cat <<'EOF' > f | grep g\nbody\nEOF\nconda activate a\n",
        [["conda", "activate", "a"]],
        id="a pipeline behind <<'EOF'",
    ),
    pytest.param(
        "sbatch <<E'O'F\nconda activate a\nEOF\n",
        [["conda", "activate", "a"]],
        id="a delimiter that is quoted in parts",
    ),
    pytest.param(
        "cat <<EOF; date\n$HOME\nEOF\nconda activate a\n",
        [["conda", "activate", "a"]],
        id="a semicolon ends a delimiter",
    ),
    pytest.param(
        "cat <<INI || {\nseed=1\nINI\n  exit 5\n}\nconda activate a\n",
        [["conda", "activate", "a"]],
        id="a group goes on behind the body",
    ),
    pytest.param(
        "cat <<A 3<<-B\nconda activate a\nA\n\tconda activate b\n\tB\nconda activate c\n",
        [["conda", "activate", "c"]],
        id="two heredocs on a line",
    ),
    pytest.param(
        "x=$(cat <<EOF | sort\nit's (\nEOF\n)\nconda activate a\n",
        [["conda", "activate", "a"]],
        id="a quote and a parenthesis in a body",
    ),
    pytest.param(
        "cat <<EOF &&\n`date`\nEOF\nconda activate a\n",
        [["conda", "activate", "a"]],
        id="a body stands in the middle of a list",
    ),
    pytest.param(
        "j=`sbatch <<-E | cut -c1\n\tconda activate a\nE`\n",
        [["conda", "activate", "a"]],
        id="the end of backticks ends a heredoc in them",
    ),
    pytest.param(
        'echo $((1<<2)) "<<EOF" # <<EOF\n((x<<=1))\nconda activate a\n',
        [["conda", "activate", "a"]],
        id="a shift, a quote and a comment open nothing",
    ),
    pytest.param(
        'cat <<"E F"\nx\nE F\nconda activate a\n',
        [["conda", "activate", "a"]],
        id="a delimiter with a blank",
    ),
    pytest.param(
        "if [[ $x = -?* || -n $y ]]; then conda activate a; fi\n",
        [["conda", "activate", "a"]],
        id="tree-sitter stops at a pattern with -?* in [[ ]]",
    ),
    pytest.param(
        "if a; then b\nelif c; then conda activate x\nelif d; then conda activate y\nelse conda activate z\nfi\n",
        [["conda", "activate", "x"], ["conda", "activate", "y"], ["conda", "activate", "z"]],
        id="bashlex loses all from the second elif on",
    ),
    pytest.param(
        'conda activate "$(basename \\\n/x/envs/foo)"\nconda activate b\n',
        [["conda", "activate", "$(basename \\\n/x/envs/foo)"], ["conda", "activate", "b"]],
        id="bashlex shifts words behind a continued line inside of a word",
    ),
    pytest.param(
        "conda activate foo\\\n\npython x.py\n",
        [["conda", "activate", "foo"]],
        id="bashlex keeps a continuation in the word",
    ),
    pytest.param(
        "conda \\\n    activate \\\n\tfoo  # why\n", [["conda", "activate", "foo"]], id="words on three continued lines"
    ),
    pytest.param("x[3]=v\nconda activate a\n", [["conda", "activate", "a"]], id="bashlex takes x[i]=v for a command"),
    pytest.param(
        "(( runs++ ))\nconda activate a\n", [["conda", "activate", "a"]], id="bashlex takes (( )) for subshells"
    ),
    pytest.param(
        "A=\"it's\" conda activate 'x'$y'z'\n",
        [["conda", "activate", "x$yz"]],
        id="bashlex loses quotes of mixed words",
    ),
    pytest.param(
        "conda activate x;#python y\n", [["conda", "activate", "x"]], id="bashlex loses a glued comment's sign"
    ),
    pytest.param("conda activate x\r\npython y\r\n", [["conda", "activate", "x"]], id="bashlex takes CR for a letter"),
    pytest.param(
        "conda activate x\ry\r || a\n",
        [["conda", "activate", "x\ry\r"]],
        id="which it is within a line: a blank to others",
    ),
    pytest.param(
        "conda activate $A/$B.v2\n", [["conda", "activate", "$A/$B.v2"]], id="tree-sitter splits $A/$B.py in two"
    ),
    pytest.param("conda activate ${A}/$B/${C}x\n", [["conda", "activate", "${A}/$B/${C}x"]], id="and ${A}/$B/${C}x"),
    pytest.param("a=(1 2\n  3)\nconda activate a\n", [["conda", "activate", "a"]], id="bashlex refuses arrays"),
    pytest.param(
        "case $1 in\n  a) conda activate a ;;\n  *) conda activate b;;\nesac\n",
        [["conda", "activate", "a"], ["conda", "activate", "b"]],
        id="bashlex refuses case",
    ),
    pytest.param(
        "for ((i = 0; i < 3; i++)); do conda activate a; done\n",
        [["conda", "activate", "a"]],
        id="bashlex refuses for (( ))",
    ),
    pytest.param(
        "A=1 B=2\nconda activate a\n", [["conda", "activate", "a"]], id="tree-sitter joins assignments to the next line"
    ),
    pytest.param(
        "A= > log\nconda activate a:\n$B\n", [["conda", "activate", "a:"]], id="and one that makes a file, too"
    ),
    pytest.param(
        "if ! { if a; then b; fi && conda activate a; }; then exit 1; fi\n",
        [["conda", "activate", "a"]],
        id="tree-sitter takes the brace of ! { } for a command",
    ),
    pytest.param(
        "conda activate a\np# | b\n", [["conda", "activate", "a"]], id="tree-sitter sees a comment in a command's name"
    ),
    pytest.param("export X=$[1 + 2]\nconda activate a\n", [["conda", "activate", "a"]], id="bashlex refuses $[ ]"),
    pytest.param("conda activate a\\", [["conda", "activate", "a"]], id="tree-sitter refuses a last backslash"),
    pytest.param(
        "while a\nb\ndo conda activate a; done\n",
        [["conda", "activate", "a"]],
        id="bashlex refuses a list as a condition",
    ),
    pytest.param("conda activate 2>/dev/null a\n", [["conda", "activate", "a"]], id="a redirection between the words"),
    pytest.param("conda 2>/dev/null activate a\n", [["conda", "activate", "a"]], id="and one further in front"),
    pytest.param("conda activate a>log\n", [["conda", "activate", "a"]], id="and one that is glued on"),
    pytest.param(
        "conda activate a > $LOGS/$NAME.log\n",
        [["conda", "activate", "a"]],
        id="tree-sitter splits the file of a redirection in two",
    ),
    pytest.param("conda activate 2> $A/$B.log a$C/$D\n", [["conda", "activate", "a$C/$D"]], id="and the word behind"),
    pytest.param(
        "conda activate /x/\\\nenvs/a\n",
        [["conda", "activate", "/x/envs/a"]],
        id="tree-sitter splits a word that a backslash carries over a line",
    ),
    pytest.param(
        "conda activate a\n\\rm -rf out\n\\conda activate b\n",
        [["conda", "activate", "a"], ["conda", "activate", "b"]],
        id="tree-sitter joins a backslash at the start of a line to the word above",
    ),
    pytest.param(
        "conda env create -f - <<EOF\nname: x\nEOF\n",
        [["conda", "env", "create", "-f", "-"]],
        id="tree-sitter loses a - before a heredoc",
    ),
    pytest.param("conda run python - 2> log\n", [["conda", "run", "python", "-"]], id="and before another redirection"),
    pytest.param("conda run python - > log -x\n", [["conda", "run", "python", "-", "-x"]], id="and with one behind it"),
    pytest.param(
        "conda run -n a matlab -nojvm<<-EOF\nplot\nEOF\n",
        [["conda", "run", "-n", "a", "matlab", "-nojvm"]],
        id="and an option that is glued to one",
    ),
]


@pytest.mark.parametrize(("text", "expected"), RIGHT)
def test_a_wrong_tree_is_read_rightly(text, expected):
    script = read(text)
    assert words(script) == expected
    assert not script.unread
    for command in script.commands:
        if command.name == "conda":
            assert command.confirmed
            assert not command.broken


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param("time { conda activate a; }\n", "conda activate a", id="a timed group"),
        pytest.param(
            "case x in\n[]-]) a ;;\nesac\nconda activate a\n",
            "conda activate a",
            id="a bracket in a pattern",
        ),
        pytest.param('x="never closed\nconda activate a\n', 'x="never closed\nconda activate a', id="an open value"),
        pytest.param('echo "never closed\nconda activate a\n', "conda activate a", id="a quote that is never closed"),
        pytest.param("conda activate <your env>\nconda activate a\n", "conda activate a", id="a placeholder"),
        pytest.param("conda activate <env>\npython x\n", "conda activate", id="a placeholder of one word"),
        pytest.param("cat <<A <<B\na\nA\nconda activate b\nB\n", "conda activate b", id="a second heredoc on a line"),
        pytest.param(
            "if a; then\nA=1 B=2\nelif b; then\nconda activate a\nfi\n",
            "conda activate a",
            id="an elif that is read as a command behind assignments",
        ),
        pytest.param(
            "A=1 B=2\n{ conda activate a; }\n", "conda activate a", id="a group that is read as one behind assignments"
        ),
        pytest.param(
            "cat <<EOF\nb \\\nEOF\nconda activate a\nEOF\n",
            "conda activate a",
            id="a heredoc whose end is joined to its last line",
        ),
        pytest.param(
            "sbatch <<E\nconda activate a\nEy$i\n", "conda activate a", id="a heredoc that what starts as its end ends"
        ),
        pytest.param("sbatch <<EOF\nconda activate a\nF\n", "conda activate a", id="a heredoc that no line ends"),
        pytest.param(
            "time { x; }\nsbatch <<EOF\nconda activate a\nEOF\n", "conda activate a", id="a heredoc behind what is torn"
        ),
        pytest.param("time conda activate a\n", "time conda activate a", id="a timed command, which bashlex refuses"),
    ],
)
def test_a_wrong_tree_is_not_relied_on(text, source):
    script = read(text)
    assert not is_sure(script, source)


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF\nconda activate a\nEOF\n",
        "cat <<'EOF' > notes.txt\nconda activate a\nEOF\n",
        "cat <<-EOF\n\tconda activate a\n\tEOF\n",
        "echo 'conda activate a'\n",
        "x='\nconda activate a\n'\n",
        ": ${x:='conda activate a'}\n",
        "# conda activate a\n",
        "python y.py # conda activate a\n",
        "a=1;# conda activate a\n",
        "cat <<\\EOF\nconda activate $a\nEOF\n",
    ],
)
def test_text_is_no_command(text):
    assert [command for command in read(text).commands if command.name == "conda"] == []


# Where a command stands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X\n", []),
        ("if X; then a; fi\n", [CHECKED]),
        ("if a; X; then b; fi\n", [CHECKED]),
        ("if a; then X; fi\n", [BRANCH]),
        ("if a; then b; elif X; then c; fi\n", [CHECKED]),
        ("if a; then b; elif c; then X; fi\n", [BRANCH]),
        ("if a; then b; else X; fi\n", [BRANCH]),
        ("case $1 in a) X ;; esac\n", [BRANCH]),
        ("while X; do a; done\n", [LOOP, CHECKED]),
        ("until a; do X; done\n", [LOOP]),
        ("for i in 1 2; do X; done\n", [LOOP]),
        ("for ((i = 0; i < 2; i++)); do X; done\n", [LOOP]),
        ("select i in 1 2; do X; done\n", [LOOP]),
        ("X || exit 1\n", [CHECKED]),
        ("X && a\n", [CHECKED]),
        ("a && X\n", [CHAINED]),
        ("a || X\n", [CHAINED]),
        ("a && X && b\n", [CHECKED, CHAINED]),
        ("! X\n", [CHECKED]),
        ("! { X; }\n", [CHECKED, GROUP]),
        ("X | a\n", [PIPELINE]),
        ("a | X\n", [PIPELINE]),
        ("X &\n", [BACKGROUND]),
        ("a & X\n", []),
        ("(X)\n", [SUBSHELL]),
        ("(X) &\n", [BACKGROUND, SUBSHELL]),
        ("{ X; }\n", [GROUP]),
        ("{ X; } | a\n", [PIPELINE, GROUP]),
        ("f() { X; }\n", [FUNCTION, GROUP]),
        ("function f { X; }\n", [FUNCTION, GROUP]),
        ("f() ( X )\n", [FUNCTION, SUBSHELL]),
        ('a "$(X)"\n', [SUBSTITUTION]),
        ("a <(X)\n", [SUBSTITUTION]),
        ("a=`X`\n", [SUBSTITUTION]),
        ('a="${b:-$(X)}"\n', [SUBSTITUTION]),
        ("bash -c 'X'\n", [SCRIPT]),
        ('srun bash -lc "X"\n', [SCRIPT]),
        ('ssh node "X"\n', [SCRIPT]),
        ('eval "X"\n', [SCRIPT]),
        ("trap 'X' EXIT\n", [SCRIPT]),
        ('sbatch --wrap="X"\n', [SCRIPT]),
        ("sbatch <<EOF\nX\nEOF\n", [SCRIPT]),
        ("bash <<'EOF'\nX\nEOF\n", [SCRIPT]),
        ("cat > j.sh <<'EOF'\n#!/bin/bash\nX\nEOF\n", [SCRIPT]),
        ("for i in 1 2; do\n  sbatch <<EOF\nif a; then X; fi\nEOF\ndone\n", [LOOP, SCRIPT, BRANCH]),
        ("bash -c \"bash -c 'X'\"\n", [SCRIPT, SCRIPT]),
    ],
)
def test_where_a_command_stands(text, expected):
    assert places(text.replace("X", "conda activate x"), "conda activate x") == expected


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("bash -c 'X'\n", "bash"),
        ("srun -n 2 bash -c 'X'\n", "srun"),
        ("mpirun -np 2 /bin/sh -c 'X'\n", "srun"),
        ("sbatch --wrap 'X'\n", "sbatch"),
        ("sbatch -N 2 <<EOF\nX\nEOF\n", "sbatch"),
        ("srun bash <<EOF\nX\nEOF\n", "srun"),
        ("tee j.sh <<'EOF'\n#!/bin/bash\nX\nEOF\n", "file"),
        ("ssh -t node 'X'\n", "ssh"),
        ("eval 'X'\n", "eval"),
        ("trap 'X' EXIT\n", "trap"),
        ("parallel -j 2 'X' ::: 1 2\n", "bash"),
    ],
)
def test_how_an_inner_script_is_run(text, note):
    command = found(text.replace("X", "conda activate x"), "conda activate x")
    assert command.within[-1].note == note


@pytest.mark.parametrize(
    "text",
    [
        'singularity exec i.sif bash -c "conda activate x"\n',
        "apptainer run i.sif sh -c 'conda activate x'\n",
        "srun docker run image bash -lc 'conda activate x'\n",
        "srun --container-image=x bash -c 'conda activate x'\n",
        "apptainer exec i.sif bash <<EOF\nconda activate x\nEOF\n",
    ],
)
def test_what_runs_in_a_container_is_no_command_of_the_job(text):
    script = read(text)
    assert [command for command in script.commands if command.name == "conda"] == []
    assert len(script.containers) == 1


@pytest.mark.parametrize(
    "text", ["a\nN=1 > log\n", "N=1 > log/$NAME.log\n", "N=1 # why\n", "N=1 B=2 # why\nconda list\n"]
)
def test_an_assignment_holds_neither_redirections_nor_comments(text):
    (command,) = [command for command in read(text).commands if command.assignments]
    assert {command.source[start:end] for start, end in command.pieces} <= {"N=1", "B=2"}
    assert [text[span.start : span.end] for span in read(text).comments] == ["# why"] * ("#" in text)


def test_a_redirection_behind_which_the_grammar_reads_on_ends_its_command():
    script = read("a | b | c\nawk '{print}' x > f\nconda activate a | e > g\npython x\n")
    assert [[word.source for word in command.words] for command in script.commands] == [
        ["a"], ["b"], ["c"], ["awk", "'{print}'", "x"], ["conda", "activate", "a"], ["e"], ["python", "x"]
    ]  # fmt: skip
    assert not script.unread


def test_a_script_is_read_from_a_heredoc_behind_a_dash():
    command = found("bash -l - <<EOF\nconda activate x\nEOF\n", "conda activate x")
    assert [place.note for place in command.within] == ["bash"]


def test_arms_of_one_statement_share_a_note_and_differ_in_span():
    text = "if a; then\n  conda activate x\nelif b; then\n  conda activate y\nelse\n  conda activate z\nfi\n"
    arms = [found(text, f"conda activate {name}").within[-1] for name in "xyz"]
    assert len({arm.note for arm in arms}) == 1
    assert len({arm.span for arm in arms}) == 3


# Spans lead back into the file

TEXTS = [
    pytest.param("conda activate x\n", id="plain"),
    pytest.param("echo 'é ✓ 日本'; conda activate x\n", id="other letters in front"),
    pytest.param("# été\r\n\tconda activate x\r\n", id="CRLF and a tab"),
    pytest.param("\ufeff#!/bin/bash\nconda activate x\n", id="byte order mark"),
    pytest.param(
        b"# \xe9t\xe9\necho '\xe0'\nconda activate x".decode("utf-8", "surrogateescape"), id="Latin-1, no last newline"
    ),
    pytest.param("\u00a0 echo a\nconda activate x\n", id="no-break space"),
    pytest.param("sbatch <<EOF\necho \\$A \\`b\\` é \\\\ \nconda activate x\nEOF\n", id="unquoted heredoc"),
    pytest.param('sbatch --wrap="echo \\"é\\" \\$A; conda activate x"\n', id="double quotes"),
    pytest.param("srun bash -c 'echo \"é\" $A; conda activate x'\n", id="single quotes"),
    pytest.param(
        'sbatch <<EOF\nbash -c "echo \\$A \\\\\\"é\\\\\\"; conda activate x"\nEOF\n', id="double quotes in a heredoc"
    ),
    pytest.param(
        "sbatch <<-'EOF'\r\n\t\techo é\r\n\t\tconda activate x\r\n\tEOF\r\n", id="CRLF in a heredoc with tabs"
    ),
    pytest.param("bash -c \"bash -c 'echo é; conda activate x'\"\n", id="single quotes in double quotes"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_spans_lead_back_into_the_file(text):
    command = found(text, "conda activate x")
    assert text[command.span.start : command.span.end] == "conda activate x"
    assert [text[word.span.start : word.span.end] for word in command.words] == ["conda", "activate", "x"]


def test_spans_of_quoted_words_hold_their_escapes():
    text = 'sbatch --wrap="conda activate \\"\\$A\\"; python"\n'
    command = found(text, 'conda activate "$A"')
    assert text[command.span.start : command.span.end] == 'conda activate \\"\\$A\\"'
    (word,) = command.words[2:]
    assert word.source == '"$A"'
    assert text[word.span.start : word.span.end] == '\\"\\$A\\"'


@pytest.mark.parametrize("text", TEXTS)
def test_new_text_in_the_quoting_of_its_place_reads_as_what_was_meant(text):
    """What a shell makes of an edit, at any depth, is the text that was put in."""
    meant = 'source "$SLURM_TMPDIR/a b/bin/activate" || exit 1'
    command = found(text, "conda activate x")
    if "single" in command.layers:
        meant = meant.replace("'", "")
    new = text[: command.span.start] + quoted(meant, command.layers) + text[command.span.end :]
    script = read(new)
    assert words(script, of="source") == [["source", "$SLURM_TMPDIR/a b/bin/activate"]]
    assert not script.unread


# What a word says


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("abc", [("text", "abc")]),
        ("'a b'", [("text", "a b")]),
        ('"a\\nb"', [("text", "a\\nb")]),
        ("a\\ b", [("text", "a b")]),
        ('"a\\"b\\$c"', [("text", 'a"b$c')]),
        ("'x'$y'z'", [("text", "x"), ("parameter", "y"), ("text", "z")]),
        ('"${A}/b"', [("text", ""), ("parameter", "A"), ("text", "/b")]),
        ("$1", [("parameter", "1")]),
        ("$10", [("parameter", "1"), ("text", "0")]),
        ("$A_b.c", [("parameter", "A_b"), ("text", ".c")]),
        ("$'a\\nb'", [("other", "$'a\\nb'")]),
        ('$"a"', [("text", "a")]),
        ("a$", [("text", "a$")]),
        ('$(a "b)" c)d', [("other", '$(a "b)" c)'), ("text", "d")]),
        ("`a \\`b\\``c", [("other", "`a \\`b\\``"), ("text", "c")]),
        ("$((1 + (2)))x", [("other", "$((1 + (2)))"), ("text", "x")]),
        ("${a:-${b}}c", [("other", "${a:-${b}}"), ("text", "c")]),
        ("${a:-$b/c}", [("parameter", "a")]),
        ("${a##*/}", [("other", "${a##*/}")]),
        ("${a[@]}", [("other", "${a[@]}")]),
    ],
)
def test_the_pieces_of_a_word(source, expected):
    parts = parts_of(source)
    assert [(part.kind, part.text) for part in parts if part.text or part.source] == expected
    assert "".join(part.source for part in parts) == source


# The header that sbatch obeys: facts by experiment, held against sbatch itself where there is one

HEADERS = [
    ("#!/bin/bash\n#SBATCH --nodes=2\n", "2"),
    ("#!/bin/bash\n:\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\nX=1\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\nset -e\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\nmodule load x\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n\n# a\n\n  # b\n#SBATCH --nodes=2\n", "2"),
    ("#!/bin/bash\n  #SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n##SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n# SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n#sbatch --nodes=2\n", None),
    ("#!/bin/bash\n#SBATCH --nodes=2 --time=1\n", "2"),
    ('#!/bin/bash\n#SBATCH --job-name="a b" -N "2"\n', "2"),
    ("#!/bin/bash\n#SBATCH\t--nodes=2\n", "2"),
    ("#!/bin/bash\n#SBATCH--nodes=2\n", "2"),
    ("#!/bin/bash\n#SBATCH --nodes=2 # and --nodes=3\n", "2"),
    ("#!/bin/bash\n#SBATCH --job-name=a#b --nodes=2\n", None),
    ("#!/bin/bash\n#PBS -N x\n#SBATCH --nodes=2\n", "2"),
    ("#!/bin/bash\n#SBATCH --time=1 \\\n  --nodes=2\n", None),
    ("#!/bin/bash\n#SBATCH --time=1 \\\n  -v\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n#SBATCH --nodes=3\n#SBATCH --nodes=2\n", "2"),
    ("#!/bin/bash\n#SBATCH --nodes=3\n#SBATCH -N 2\n", "2"),
    ("#!/bin/bash\n#SBATCH -N2\n", "2"),
    ("#!/bin/bash\n#SBATCH --nodes 2-4\n", "2-4"),
    ("#!/bin/bash\n\u00a0#SBATCH --ntasks=3\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n# a\n\ufeff#SBATCH --ntasks=3\n#SBATCH --nodes=2\n", None),
    ("#!/bin/bash\n# a\x0cb\n#SBATCH --nodes=2\n", "2"),
    ("#!/bin/bash\n# a\u2028b\n#SBATCH --nodes=2\n", "2"),
    ("#!/bin/bash\n\x0b#SBATCH --nodes=3\n#SBATCH --nodes=2\n", "2"),
]


@pytest.mark.parametrize(("text", "nodes"), HEADERS)
def test_the_directives_that_sbatch_obeys(text, nodes):
    assert read(text).option("--nodes", "-N") == nodes


@pytest.mark.skipif(bool(sbatch.MISSING), reason=sbatch.MISSING)
@pytest.mark.parametrize(("text", "nodes"), HEADERS)
def test_sbatch_says_the_same(text, nodes, tmp_path):
    assert sbatch.understood(text.encode(), tmp_path).get("nodes") == nodes


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/bash\n#SBATCH --nodes=2\nconda activate x\n",
        "#SBATCH --nodes=2\n",
        "#!/bin/bash\n# a\n\n#SBATCH --nodes=2",
        "#!/bin/bash\r\n#SBATCH --nodes=2\r\nconda\r\n",
    ],
)
def test_the_header_ends_behind_the_last_directive(text):
    script = read(text)
    (directive,) = script.directives
    assert text[directive.span.start : directive.span.end] == "#SBATCH --nodes=2"
    assert text[: script.header_end].rstrip("\r\n").endswith("#SBATCH --nodes=2")
    assert text[script.header_end :].lstrip("\r\n")[:5] in ("conda", "")


# Constants


def value(text):
    (command,) = [command for command in read(text).commands if command.name == "conda"]
    return value_of(read(text), command.words[-1], command)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E=foo\nconda activate $E\n", "foo"),
        ('E="foo"\nconda activate "${E}"\n', "foo"),
        ("export E=foo\nconda activate $E\n", "foo"),
        ("declare -r E=foo\nconda activate $E\n", "foo"),
        ("readonly E=foo\nconda activate $E\n", "foo"),
        ("A=/x/envs; E=foo\nconda activate $A/$E\n", "/x/envs/foo"),
        ("A=foo\nB=$A\nC=${B}2\nconda activate $C\n", "foo2"),
        ("E=foo\nE=bar\nconda activate $E\n", "bar"),
        ("E=foo\nif a; then E=foo; fi\nconda activate $E\n", "foo"),
        ("E=foo\nf() { conda activate $E; }\nf\n", "foo"),
        ("E=foo\nfor i in 1 2; do conda activate $E; done\n", "foo"),
        ("f() { local E=bar; }\nE=foo\nf\nconda activate $E\n", "foo"),
        ("f() { local E=foo; conda activate $E; }\nE=bar\nf\n", "foo"),
        ("E=foo bash x.sh\nE=bar\nconda activate $E\n", "bar"),
        ("E=foo\nE=bar &\nconda activate $E\n", "foo"),
        ("E=foo\n{ E=bar; date; } &\nconda activate $E\n", "foo"),
        ("E=foo\n(E=bar)\nconda activate $E\n", "foo"),
        ("E=foo\necho x | { E=bar; cat; }\nconda activate $E\n", "foo"),
        ("E=foo\ntrue | while read x; do E=bar; done\nconda activate $E\n", "foo"),
        ('E=foo\nexport "E=bar"\nconda activate $E\n', "bar"),
        ("E=foo\nexport 'E'=bar\nconda activate $E\n", "bar"),
        ("E=foo\ndeclare -r 'E=bar'\nconda activate $E\n", "bar"),
        ('A=foo\nexport "E=${A}2"\nconda activate $E\n', "foo2"),
        ("# The steps read E from below, and wait for E.\nE=foo\nconda activate $E\n", "foo"),
        ("E=foo # unset E, or ((E++)), or ${E:=x}\nconda activate $E\n", "foo"),
        ('E=foo\necho "for E in a b; read E; unset E"\nconda activate $E\n', "foo"),
        ("E=foo\nW='wait for E; read E'\nconda activate $E\n", "foo"),
        ("E=foo\nawk 'BEGIN { for (E in x) unset E }' y\nconda activate $E\n", "foo"),
        ("E=foo\ncat > a.txt <<X\nread E\nfor E in a b\nX\nconda activate $E\n", "foo"),
        ("E=\nconda activate ${E:-foo}\n", "foo"),
        ("E=\nconda activate x${E-foo}\n", "x"),
        ("E=bar\nconda activate ${E:-foo}\n", "bar"),
    ],
)
def test_a_constant_of_the_script_is_followed(text, expected):
    followed = value(text)
    assert (followed.text, followed.known) == (expected, True)


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("conda activate $E\n", ()),
        ("conda activate $1\n", ()),
        ("E=foo bash x.sh\nconda activate $E\n", ()),
        ("E=$1\nconda activate $E\n", ()),
        ("E=foo\nread E\nconda activate $E\n", ()),
        ("E=foo\nread -r E <<< bar\nconda activate $E\n", ()),
        ("E=foo\nprintf -v E bar\nconda activate $E\n", ()),
        ('E=foo\neval "E=bar"\nconda activate $E\n', ()),
        ("E=foo\ntrap 'E=bar' USR1\nconda activate $E\n", ()),
        ("E=foo\nunset E\nconda activate $E\n", ()),
        ('E=bar\n[ -n "$1" ] && E=$1\nconda activate $E\n', ("bar",)),
        ("f() { conda activate $1; }\nf bar\nf $X\n", ("bar",)),
        ("E=\n: ${E:=bar}\nconda activate $E\n", ("bar",)),
        ("E=1\n((E++))\nconda activate $E\n", ()),
        ("E=1\nlet E=2\nconda activate $E\n", ()),
        ("E=1\necho $((E += 2))\nconda activate $E\n", ()),
        ("declare -u E\nE=foo\nconda activate $E\n", ()),
        ("E=foo\ndeclare -n F=E\nF=bar\nconda activate $E\n", ()),
        ("E=small\nf() { declare -g E=big; }\nf\nconda activate $E\n", ("big", "small")),
        ("E=foo\nE+=bar\nconda activate $E\n", ()),
        ("conda activate $E\nE=foo\n", ()),
        ("E=$(hostname)\nconda activate $E\n", ()),
        ("E=a\nif x; then E=b; fi\nconda activate $E\n", ("a", "b")),
        ("if x; then E=a; else E=b; fi\nconda activate $E\n", ("a", "b")),
        ("case $1 in x) E=a ;; *) E=b ;; esac\nconda activate $E\n", ("a", "b")),
        ("for E in a b; do conda activate $E; done\n", ("a", "b")),
        ("for E in a $x; do conda activate $E; done\n", ()),
        ("for E in $(ls); do conda activate $E; done\n", ()),
        ("conda activate ${1:-foo}\n", ("foo",)),
        ("conda activate ${1:-$HOME/foo}\n", ("$HOME/foo",)),
        ("E=\nconda activate ${E:-$HOME/foo}\n", ()),
        ("PYTHON=${PYTHON:-$HOME/foo}\nconda activate $PYTHON\n", ("$HOME/foo",)),
        ("x && E=a\nconda activate $E\n", ("a",)),
        ("f() { E=a; }\nE=b\nf\nconda activate $E\n", ("b", "a")),
        ("E=a\nfor i in 1 2; do conda activate $E; E=b; done\n", ("a", "b")),
        ("E=a\ngetopts e: E\nconda activate $E\n", ()),
        ("E=a\nf() { E=b; }\nf\nconda activate $E\n", ("a", "b")),
    ],
)
def test_what_the_script_does_not_settle_is_not_known(text, possible):
    followed = value(text)
    assert not followed.known
    assert set(followed.possible) == set(possible)


def test_many_values_and_circles_end():
    circle = "A=$B\nB=$A\nA=$B\nconda activate $A\n"
    assert not value(circle).known
    many = "".join(f"for x{n} in 1 2 3 4; do " for n in range(8))
    named = "".join(f"$x{n}" for n in range(8))
    assert len(value(f"{many} conda activate {named}; {'done; ' * 8}\n").possible) <= 64


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        ("))", "parentheses"),
        ("((((]]", "parentheses"),
        ("((f()(f() ", "parentheses"),
        ("$(", "parentheses"),
        (")(", "empty parentheses"),
        ("a=(", "arrays"),
        ("`<<<a ", "here-strings"),
        ("]|", "pipes"),
        ("a|", "pipes"),
    ],
)
def test_what_the_parser_never_ends_with_is_refused_early(shape, what):
    with pytest.raises(TooMuchOpen, match=what):
        read("conda activate a\n" + shape * 20_000)
    read("conda activate a\n" + shape * 10)


@pytest.mark.parametrize(
    "text",
    [
        "cat " + "<<E " * 2_000 + "\n" + "E\n" * 2_000,
        "cat <<E\n" + "$(" * 20_000 + "\nE\n",
        "".join(f"cat <<E{number}\n" for number in range(2_000)),
        "case $1 in\n" + "a) b ;;\n" * 900 + "esac\n",
    ],
    ids=["heredocs of one command", "data with parentheses", "heredocs that nothing ends", "a long case"],
)
def test_many_of_what_scripts_have_are_read(text):
    assert [c.source for c in read("conda activate a\n" + text).commands if c.name == "conda"] == ["conda activate a"]


@pytest.mark.parametrize(
    "line",
    [
        "local output=${1//&/\\&amp;}",
        "output=${output//'\"'/\\&quot;}",
        'n=${whole:0:-zeros}" "${whole:(-zeros)}${rest}',
        "bed=${input/bam/`echo $len`.bed}",
        "echo \"${a#'$('\\'}\"",
        "echo \"${a-'$('\\'}\"\necho \"${a#b'$(c'd)e\\'}\"",
        "a=4\necho \"${a#'$('\\'}\"\necho \"${a-'$('\\'}\"\necho \"${a#aa'$(aa'a)a\\'}\"",
        "function sys$read\n{\n\techo a\n}\n<(:) ()\n{\n\techo b\n}\n'a b' ()\n{\n\techo c\n}",
        '!! () { fc -s "$@" ; }\na\\=2 () (\n echo\n)',
        "echo ${HOME:-`echo }`}",
        'echo ${S2^"$v"[aeiou]} ${string:A[%]:A[$k1]} ${PARAM:1 ? 4 : 2}',
        "echo $(( 4<(2+3) ? 1 : 32))",
        "(( x[1] < x && (x=x[1], x[1]=$x) ))",
        "let minutes=(seconds/60)%60",
        "seen[hello world]=1",
        "declare -A seen[200]",
        'if [ -v A[@] ] && [ -v B["$k"] ]; then echo; fi',
        "exec 9<>/dev/tcp/127.0.0.1/25",
        ": {fd}<>/dev/null",
        "[[ '' =~ '\\[]' ]]; echo $?",
        "[[ -n $T || $HOME -ef ${H*} ]]",
        "echo $() ab$(\n)cd",
        "grep -q gzip$; ls `cat x | grep -v sh$`",
        "echo AAA\\$",
        "mv a.?(x|y) b",
        'if grep -q gzip$; then n="$(zcat f | wc -l)"; fi',
    ],
)
def test_what_the_grammar_does_not_read_is_read(line):
    script = read(f"{line}\npython a.py\n")
    assert not script.unread
    assert script.commands[-1].source == "python a.py"


def test_a_backslash_at_the_end_joins_nothing():
    script = read("python a.py \\\n  -x \\\n\n")
    assert not script.unread
    assert [word.literal for word in script.commands[-1].words] == ["python", "a.py", "-x"]


def test_commands_in_an_expansion_are_read():
    script = read("echo ${a:1 ? 4 : 2}${b/c/$(conda info)}${d/e/`conda list`}\n")
    assert [command.source for command in script.commands][1:] == ["conda info", "conda list"]


def test_a_function_has_its_own_name_whatever_letters_are_in_it():
    script = read('!! () { fc "$@"; }\na\\=2()\n{\n\techo a\n}\nfiles=()\n{\n echo b\n}\n')
    assert not script.unread
    assert [name for name, _ in script.functions] == ["!!", "a=2"]
