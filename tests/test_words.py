"""Where the words of a plain command are: told without bashlex, and as bashlex tells it."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slurmfix.shell.words import _bashlex_spans, _is_refused, _plain_spans, parts_of, word_spans

WORDS = (
    "conda activate source . module load myenv -n --name=x ~/miniconda3/bin/activate $HOME/envs/a ${ENV} $A/$B.py A=1 "
    "PATH=$HOME/bin:$PATH export if then time ! [[ function env2 x=~/y a~b ~ 3 1.5 {a,b} { } -- - = == += % @ ^ , : "
    "'a\tb' \"\" '' \"~\" a'b'c \"a\"'b' $ $1 $@ $? ${A:-b} a\\ b * ? [ ] # a#b & && ; | > < ( ) ` a!b é "
    "$((1+2)) x=$((a*b)) ${T[$i]} "
    "$1 $@ $12 ${1} ${1-etm} ${a[0]} ${a[i]} ${x%.py} ${x:-} $(pwd) a$(conda-info)b *.py a[0] [a-z]* {TASK} }"
).split(" ")
QUOTED = (
    '"a b"',
    "'a b'",
    '"$HOME/my envs/x"',
    '"it\'s"',
    "'say \"x\"'",
    '"$(x)"',
    "'$((%s'",
    '"a;b|c>d"',
    "'a;b#c'",
    '"$(conda info --base)/x"',
    "$(a b)",
    '"{a}"',
    '"a\nb"',
    '"été ✓ £x"',
    "'a\u00a0ü'",
    "$((1 * 2))",
    '"$((1 * 2))"',
)


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS, *QUOTED]), min_size=1, max_size=6),
    st.sampled_from([" ", "  ", "\t", "", " \\\n ", "\\\n", "\\\n  ", "\n", " \n "]),
)
def test_bashlex_sees_the_words_of_a_plain_command_where_they_are_told(pieces, blank):
    command = blank.join(pieces).strip()
    plain = _plain_spans(command)
    if plain is not None:
        told = _bashlex_spans(command) or ()
        # (bashlex takes a `\` and the new line behind it for a part of the word.)
        assert plain == tuple((a, b - 2 if command[a:b].endswith("\\\n") else b) for a, b in told)
    elif _is_refused(command):
        assert _bashlex_spans(command) is None


@pytest.mark.parametrize(
    "command",
    [
        "conda activate myenv",
        'source "$HOME/miniconda3/bin/activate" my.env-2',
        "module load python/3.11  gcc",
        "PATH=~/miniconda3/bin:$PATH",
        "conda run -n ${ENV} python 'my file.py'",
        'eval "$(conda shell.bash hook)"',
        'source "$(conda info --base)/etc/profile.d/conda.sh"',
        "python train.py \\\n    --lr 0.1 \\\n    --out $1 ${2:-x}",
    ],
)
def test_the_commands_of_most_scripts_are_plain(command):
    assert _plain_spans(command) is not None
    assert _plain_spans(command) == word_spans(command)


@pytest.mark.parametrize("command", ["if", "a|b", "$(a | b)", "a\\ b", "x > y", "a#b", "a\\\nb", "`a`"])
def test_what_is_not_plain_is_left_to_bashlex(command):
    assert _plain_spans(command) is None


def test_a_plain_script_costs_no_import_of_bashlex(tmp_path):
    script = tmp_path / "job.sh"
    script.write_text("#!/bin/bash\n#SBATCH --time=1\nmodule load anaconda3\nsource activate myenv\npython train.py\n")
    code = (
        "import sys\nfrom slurmfix.cli import main\ntry: main(sys.argv[1:])\nfinally: print('bashlex' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code, script], capture_output=True, text=True)
    assert told.stdout.splitlines()[-1] == "False", told


@given(st.text("ab$\"'\\` {}()é", max_size=12))
def test_the_parts_of_a_word_are_all_of_it(source):
    assert "".join(part.source for part in parts_of(source)) == source
