"""Which program a command calls, and through what."""

import re

import pytest

from slurmfix.shell import read
from slurmfix.shell.calls import How, call_behind, call_of, calls_of, commands_in_options, is_idle
from slurmfix.vocabulary import Kind, Spread, kind_of, pattern_of, programs_of

CALLS = [
    ("python a.py", "python", (), How.PLAIN),
    ("srun -n 4 samtools sort x", "samtools", ("srun",), How.PLAIN),
    ("srun -N2 --mem 4G -u bwa mem", "bwa", ("srun",), How.PLAIN),
    ("srun --export=ALL,A=$A -n $N prog", "prog", ("srun",), How.PLAIN),
    ("srun --ntasks=4 --exclusive -c 2 ./run.x", "run.x", ("srun",), How.FILE),
    ("mpirun -np 8 --mca btl self -x A=1 vasp", "vasp", ("mpirun",), How.PLAIN),
    ("mpiexec.openmpi -n 2 prog", "prog", ("mpiexec.openmpi",), How.PLAIN),
    ("mpirun-4.1 -n 2 prog", "prog", ("mpirun-4.1",), How.PLAIN),
    ("time mpirun -n 8 prog", "prog", ("time", "mpirun"), How.PLAIN),
    ("timeout 3h srun -n 2 prog", "prog", ("timeout", "srun"), How.PLAIN),
    ("timeout -k 10 3h prog", "prog", ("timeout",), How.PLAIN),
    ("nice -n 10 prog", "prog", ("nice",), How.PLAIN),
    ("env -u A B=1 C=2 prog -x", "prog", ("env",), How.PLAIN),
    ("numactl --cpunodebind=0 -m 0 prog", "prog", ("numactl",), How.PLAIN),
    ("stdbuf -oL prog", "prog", ("stdbuf",), How.PLAIN),
    ("taskset -c 0-3 prog", "prog", ("taskset",), How.PLAIN),
    ("xargs -n 1 -P 4 prog", "prog", ("xargs",), How.PLAIN),
    ("parallel -j 4 prog {} ::: a b", "prog", ("parallel",), How.PLAIN),
    ("parallel -j 4 'srun -N1 prog {}' ::: a b", "", ("parallel",), How.TEXT),
    ("exec prog", "prog", ("exec",), How.PLAIN),
    ("exec > log", "exec", (), How.PLAIN),
    ("command -v prog", "command", (), How.ASKS),
    ("command prog", "prog", ("command",), How.PLAIN),
    ("which prog", "which", (), How.ASKS),
    ("A=1 /usr/bin/time -o t prog", "prog", ("time",), How.PLAIN),
    ("numactl -m 0 singularity exec i.sif prog", "singularity", ("numactl",), How.CONTAINER),
    ("bash -lc 'srun prog'", "bash", (), How.TEXT),
    ("srun bash -c \"prog $x\"", "bash", ("srun",), How.UNKNOWN),
    ("bash -l run.sh a", "run.sh", (), How.FILE),
    ("bash", "bash", (), How.PLAIN),
    ("eval srun prog", "eval", (), How.TEXT),
    ("ssh -p 22 node1 prog", "prog", ("ssh",), How.PLAIN),
    ("$PROG a", "", (), How.UNKNOWN),
    ("srun -n 2 $PROG a", "", ("srun",), How.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "through", "how"), CALLS)
def test_a_program_is_seen_behind_what_starts_it(text, name, through, how):
    script = read(text + "\n")
    call = call_of(script, script.commands[0])
    assert (call.name, tuple(each.name for each in call.through), call.how) == (name, through, how)


def test_a_constant_is_followed_to_the_launcher_in_it():
    script = read('LAUNCH="srun -N 2"\n$LAUNCH prog\nL=/opt/bin/mpirun\ntime "$L" -n 4 other\n')
    calls = [call_of(script, command) for command in script.commands if command.words]
    assert [(call.name, call.step().name, call.step().options) for call in calls] == [
        ("prog", "srun", ("-N", "2")),
        ("other", "mpirun", ("-n", "4")),
    ]


def test_what_a_shell_is_given_has_calls_of_its_own():
    calls = list(calls_of(read("bash -c 'cd x && time srun -N 2 prog'\n")))
    assert [call.name for call in calls] == ["bash", "cd", "prog"]
    assert calls[-1].step().options == ("-N", "2")


def test_the_words_behind_a_place_call_something_too():
    script = read("conda run -n a srun -n 2 prog\n")
    call = call_behind(script, script.commands[0], len("conda run -n a "))
    assert (call.name, call.step().options) == ("prog", ("-n", "2"))


def test_what_find_runs_are_commands_of_their_own():
    script = read("find . -name '*.a' -exec python a.py {} \\; -ok gzip -9 {} + -print\n")
    found = [[word.source for word in words] for words in commands_in_options(script.commands[0])]
    assert found == [["python", "a.py", "{}"], ["gzip", "-9", "{}"]]


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("echo a", True),
        ("A=1", True),
        ("command -v python", True),
        ("env", True),
        ("env A=1 python x.py", False),
        ("time hostname", True),
        ("time python x.py", False),
        ("srun ./x", False),
    ],
)
def test_an_idle_command_is_told_by_what_it_calls(text, idle):
    script = read(text + "\n")
    assert is_idle(script, script.commands[0]) is idle


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time srun -n 4 x", ["srun"]),
        ("L=mpirun-4.1; $L x", ["mpirun-4.1"]),
        ("pdsh -w a x; /opt/bin/jsrun x", ["pdsh", "jsrun"]),
        ("# $srun xsrun srun-log", []),
        ("torchrun a.py; xargs b; ssh c", []),
    ],
)
def test_what_starts_tasks_on_nodes_is_found_in_a_text(text, words):
    assert [match[0] for match in re.finditer(pattern_of(Spread.NODES, Spread.RANKS), text)] == words


def test_the_table_has_each_kind():
    assert all(programs_of(kind) for kind in Kind)
    assert kind_of("/usr/bin/srun") is Kind.STEP
    assert kind_of("samtools") is None
    assert all(programs_of(spread) for spread in Spread)
