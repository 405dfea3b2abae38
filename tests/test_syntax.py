"""bash is asked about many texts at once, and must say of each what it says when asked about it alone."""

import random
import shutil
import subprocess

import golden
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts import job_scripts

from slurmfix.syntax import Together, refusal

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
CASES = [golden.text_of(case.after) for case in golden.all_cases()]
# What leaves something open, closes what it has not opened, or looks so.
PIECES = """
    echo a|if true; then|then|else|fi|for x in a; do|done|case a in|a) b ;;|esac|{|}|(|)|f() {|cat <<EOF|EOF|cat <<'A B'
    cat <<-X|\tX|cat <<\\END|END|cat <<EOF; cat <<EOF|echo '|echo "|it's|"|`|$(|${x|${x:-'|$((|((|))|[[ a|]]|a=(|a &&
    a \\|!|time|# it's|#|&& &&|{ (|) }|if :|x=$((1<<2))|cat <<< a|a\r|é|\ue000|&|;|;;|coproc|function g|select x in a
    # ' && && " && && ` && && )) && && } && && ] && &&
"""  # parted by bars and lines
PIECES = [piece.strip(" ") for line in PIECES.split("\n") for piece in line.split("|")] + ["a ||", "a |"]


def told_together(texts):
    """The texts about which the question is put off, and those of them that are refused."""
    together = Together()
    for text in texts:
        together(text, True)
    return set(together.texts), together.refused()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("\n".join), min_size=2, max_size=4))
def test_what_is_refused_alone_is_refused_among_others(texts):
    put_off, refused = told_together(texts)
    assert refused == {text for text in put_off if refusal(text)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(job_scripts(), st.integers(0, 40)), min_size=2, max_size=5))
def test_a_script_that_lost_a_line_is_refused_among_others(scripts):
    texts = []
    for script, lost in scripts:
        lines = script.split("\n")
        del lines[lost % len(lines)]
        texts.append("\n".join(lines))
    put_off, refused = told_together(texts)
    assert refused == {text for text in put_off if refusal(text)}


def test_rewritten_scripts_are_read_in_one_go(monkeypatch):
    """That nothing is refused of what bash reads does not show that it was joined: count what is started."""
    texts = list(CASES)
    random.Random(1).shuffle(texts)
    texts = [text for text in texts if "\r" not in text and not refusal(text)]
    together = Together()
    assert {together(text, True) for text in texts} == {""}
    started = []
    spawn = subprocess.os.posix_spawn
    monkeypatch.setattr("os.posix_spawn", lambda *a, **k: started.append(a) or spawn(*a, **k))
    assert together.refused() == frozenset()
    assert len(started) == 1
