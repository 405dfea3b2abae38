"""The tool that converts anybody's scripts: on scripts of our own, and that it sees each kind of fault."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import try_foreign as tool

from slurmfix.outcome import Outcome

pytestmark = pytest.mark.slow

SAMPLE = {
    "arrays.sh": "#!/bin/bash\ndeclare -A seen=([a]=1 [b]=2)\nfor key in \"${!seen[@]}\"; do\n  echo \"$key\"\ndone\n"
    "list=(one 'two three' $'four\\n')\nlist+=(\"${seen[b]}\")\nprintf '%s\\n' \"${list[@]:1:2}\"\n",
    "heredocs.sh": "#!/bin/sh\ncat <<'END' | tr a b\nif then ( \" ' `\nEND\n"
    "cat <<-EOF >&2\n\t$(date)\n\tEOF\necho end\n",
    "functions.sh": "usage() { echo \"$0 [-h]\"; }\nfunction run { local -r x=$1; \"$@\" || return; }\n"
    "while getopts h option; do\n  case $option in\n  h) usage; exit ;;\n  *) exit 2 ;;\n  esac\ndone\nrun true\n",
    "arithmetic.sh": "#!/usr/bin/env bash\nfor ((i = 0; i < 3; i++)); do ((sum += i << 1)); done\n"
    "((sum > 2)) && echo $((sum % 3)) \"${sum#-}\"\nlet sum--\n[[ $sum =~ ^[0-9]+$ ]] || exit\n",
    "pipes.sh": "#!/bin/bash\nset -euo pipefail\nexec 3< <(sort /etc/passwd)\nread -r first <&3\n"
    "diff <(echo a) <(echo b) > /dev/null || true\ncoproc cat\necho \"${first^^}\" | { read -r x; echo \"$x\"; }\n",
    "traps.sh": "#!/bin/bash\ntrap 'rm -f \"$tmp\"' EXIT INT\ntmp=$(mktemp)\n"
    "(\n  cd / && ls\n) > \"$tmp\" 2>&1 &\nwait $!\n"
    "test -s \"$tmp\" -a -r \"$tmp\" && echo `wc -l < \"$tmp\"`\nselect x in a b; do break; done <<< 1\n",
    "bytes.sh": b"#!/bin/bash\n# \xe9t\xe9\necho 'na\xefve'   \t\n\n\necho \xff | od -c   \n",
    "torn.sh": "#!/bin/bash\nif true; then\n",  # which bash does not read: it is left out
    "notes.txt": "if you read this\n",
    "other.py": "#!/usr/bin/python\nprint(1)\n",
}  # fmt: skip


@pytest.fixture
def sample(tmp_path):
    for name, text in SAMPLE.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def test_nothing_goes_wrong_with_a_sample(sample, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["try_foreign.py", str(sample), "--lines", "4", "--jobs", "1"])
    status = tool.main()
    told = capsys.readouterr().out
    assert (status, told.splitlines()[0][:36]) == (0, "8 scripts, 7 that bash reads, 24 act"), told
    assert [line.split()[-1] for line in told.splitlines()[1:]] == ["0"] * len(tool.ROWS)


def test_an_activation_goes_to_top_level_lines_alone(sample):
    assert [trial.line for trial in tool.trials(sample / "heredocs.sh", 20)] == [2, 5, 8, 9]
    assert [trial.line for trial in tool.trials(sample / "torn.sh", 20)] == []


TRIAL = tool.Trial(Path("x.sh"), 2, "#!/bin/bash\n", "echo\n")
GOOD = "module load python\nvirtualenv x\nsource x/bin/activate\npip install y\n"


@pytest.mark.parametrize(
    ("after", "error", "broken", "row"),
    [
        (f"{TRIAL.head}{GOOD}{TRIAL.tail}", "", (), None),
        ("", "not converted: its process was killed", (), "crash"),
        ("", "is nested too deeply to be read", (), "refusal"),
        ("", "", ("a command is lost",), "broken promise"),
        (TRIAL.text, "", (), "refusal"),
        (f"#!/bin/sh\n{GOOD}{TRIAL.tail}", "", (), "stray bytes"),
        (f"{TRIAL.head}{GOOD}echo \n", "", (), "stray bytes"),
        (f"{TRIAL.head}cat <<E\n{GOOD}{TRIAL.tail}", "", (), "block that is no command"),
        (f"{TRIAL.head}module load python\n{TRIAL.tail}", "", (), "block that is no command"),
    ],
)
def test_each_fault_is_seen(after, error, broken, row):
    found = tool.fault(TRIAL, Outcome("x.sh", TRIAL.text, after, error=error, broken=broken))
    assert (found.row if found else None) == row
