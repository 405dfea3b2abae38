"""The walk through a script: what holds before each command.

The scripts are annotated. `enter NAME` activates and `leave` deactivates. Behind `#=` stands what is active before the
first command of the line: the environments, the uppermost first, `?` where something unknown may lie below, `-` where
nothing is active, `never` where no command runs. Behind `#m` stand the modules that are surely loaded and, after a bar,
those that may be; behind `#v` what the named variables may hold; behind `#f` the folder.
"""

import re

import pytest

from slurmfix.flow import NEVER, PERHAPS, SURELY, UNREACHABLE, Activate, Deactivate, Flow, Load
from slurmfix.shell import read

STACKS = {
    "one after the other": (
        "a #= -\nenter a #= -\nb #= a\nenter b #= a\nc #= b a\nleave #= b a\nd #= a\nleave #= a\ne #= -\n"
    ),
    "the same again is not stacked": "enter a\nenter a #= a\nx #= a\nleave #= a\nx #= -\n",
    "nothing to leave": "leave #= -\nx #= -\n",
    "one arm": "if t; then\n enter a #= -\n x #= a\nfi\ny #= ?\n",
    "both arms, the same": "if t; then\n enter a\nelse\n enter a\nfi\ny #= a\n",
    "both arms, different": (
        "if t; then\n enter a\nelse\n enter b\nfi\ny #= ?\nenter c #= ?\ny #= c ?\nleave #= c ?\ny #= ?\n"
    ),
    "an arm without a command": "enter z\nif t; then\n (( n++ ))\nelse\n enter a\nfi\ny #= ?\n",
    "arms of elif": "if t; then\n enter a\nelif u; then\n enter a\nelse\n enter a\nfi\ny #= a\n",
    "elif without else": "if t; then\n enter a\nelif u; then\n enter a\nfi\ny #= ?\n",
    "case with all arms": "case $1 in\n a) enter a ;;\n *) enter a ;;\nesac\ny #= a\n",
    "case without a star": "case $1 in\n a) enter a ;;\n b) enter a ;;\nesac\ny #= ?\n",
    "case with an empty arm": "case $1 in\n a) ;;\n *) exit 1 ;;\nesac\ny #= -\n",
    "case with a default of several patterns": "case $1 in\n a) enter a ;;\n b | *) enter a ;;\nesac\ny #= a\n",
    "the condition runs": "if enter a; then\n x #= a\nfi\ny #= a\n",
    "and": "t && enter a\ny #= ?\n",
    "or that ends": "enter a || exit 1\ny #= a\n",
    "or that ends in a group": "enter a || { echo no; exit 1; }\ny #= a\n",
    "leaves behind or": "enter a\nt || leave\ny #= ?\n",
    "exit": "enter a\nexit #= a\nx #= never\n",
    "exit in one arm": "if t; then\n enter a\n exit\nfi\nx #= -\n",
    "exit in all arms": "if t; then\n exit\nelse\n exit\nfi\nx #= never\n",
    "exec of a program": "exec t\nx #= never\n",
    "exec of a redirection": "exec > log\nx #= -\n",
    "exit in a subshell": "( exit 1 )\nx #= -\n",
    "subshell": "( enter a; x )\ny #= -\n",
    "subshell sees what is around": "enter a\n(\n x #= a\n leave #= a\n x #= -\n)\ny #= a\n",
    "substitution": "enter a\nv=$(leave; x)\ny #= a\n",
    "pipeline": "enter a | cat\ny #= -\n",
    "background": "enter a &\ny #= -\n",
    "group": "{ enter a; }\ny #= a\n",
    "eval is this shell's": "eval 'enter a # conda'\ny #= a\n",
    "bash -c is a shell of its own": "enter a\nbash -c 'enter b # conda'\ny #= a\n",
    "loop": "for i in 1 2; do\n x #= ?\n enter a #= ?\n y #= a ?\ndone\nz #= ?\n",
    "balanced loop": "for i in 1 2; do\n x #= -\n enter a #= -\n y #= a\n leave #= a\ndone\nz #= -\n",
    "balanced loop in an environment": "enter z\nfor i in 1 2; do\n enter a #= z\n leave #= a z\ndone\nz #= z\n",
    "loop that reactivates": "enter a\nwhile t; do\n enter a #= a\ndone\nz #= a\n",
    "break": "while t; do\n enter a\n break #= a\n x #= never\ndone\nz #= ?\n",
    "break in a branch": (
        "enter z\nwhile t; do\n enter a #= z\n if u; then\n  break\n fi\n leave #= a z\ndone\ny #= ?\n"
    ),
    "continue": "enter z\nwhile t; do\n x #= ?\n enter a\n if u; then\n  continue\n fi\n leave\ndone\n",
    "break 2": ("for i in 1; do\n for j in 1; do\n  enter a #= -\n  break 2 #= a\n done\n x #= -\ndone\ny #= ?\n"),
    "break of the inner loop alone": (
        "enter z\nfor i in 1; do\n for j in 1; do\n  enter a\n  break\n done\n leave\ndone\ny #= ?\n"
    ),
    "break in a subshell": "enter z\nfor i in 1; do\n ( break )\n x #= z\n enter a\n leave\ndone\ny #= z\n",
    "arms of which the first holds no command": "enter z\nif t; then\n (( n++ ))\nelse\n exit\nfi\ny #= z\n",
    "break without a loop": "break\nx #= -\n",
    "function where it is called": "f() {\n x #= z\n enter a #= z\n}\nx #= -\nenter z\nf #= z\ny #= a z\n",
    "function with the word": "function f {\n enter a\n}\nf\ny #= a\n",
    "function that nobody calls": "f() {\n x #= ?\n enter a #= ?\n}\ny #= -\n",
    "function in two states": "f() {\n x #= ?\n}\nf\nenter a\nf\ny #= a\n",
    "function in a subshell": "f() { enter a; }\n( f )\ny #= -\n",
    "function in a function": "f() { enter a; }\ng() { f; }\ng\ny #= a\n",
    "return": "f() {\n if t; then\n  return\n fi\n enter a\n}\nf\ny #= ?\n",
    "return of both arms": "f() {\n if t; then\n  enter a; return\n fi\n enter a\n}\nf\ny #= a\n",
    "return from a loop": "f() {\n while t; do\n  enter a\n  return\n done\n enter a\n}\nf\ny #= a\n",
    "return without a function": "return\ny #= -\n",
    "exit in a function": "f() { exit 1; }\nf\ny #= never\n",
    "handed on": "f() { enter a; }\nretry f\ny #= ?\n",
    "handed on and balanced": "f() {\n enter a #= -\n leave\n}\nretry f\ny #= -\n",
    "only named": "f() { enter a; }\necho f\nexport -f f\ny #= -\n",
    "calls itself": "f() {\n enter a\n f\n y #= ?\n}\nf\nz #= ?\n",
    "trap": "f() {\n x #= ?\n}\nenter a\ntrap f EXIT\ny #= a\n",
    "defined twice": "f() { enter a; }\nf() { enter b; }\nf\ny #= ?\n",
    "negated": "! enter a\ny #= a\n",
    "in front of a command": "X=1 enter a\ny #= a\n",
    "a job of its own": "enter a\nsbatch <<'E'\n#!/bin/bash\nx # conda #= -\nE\ny #= a\n",
    "a script that is written, where it is started": (
        "cat > s.sh <<'E'\n#!/bin/bash\nx #= a\nenter b\nE\ny #= -\nenter a\nbash s.sh\nz #= a\n"
    ),
    "a written script that starts itself": "enter a\ncat > s.sh <<'E'\nx #= a\nbash s.sh #= a\nE\nbash s.sh\ny #= a\n",
    "a written script that is started twice": "cat > s.sh <<'E'\nx #= ?\nE\nbash s.sh\nenter a\nbash s.sh\n",
    "a text for a shell": "enter a\nbash -c 'x'\ny #= a\n",
    "activated anew": "enter a\nenter a\nleave\ny #= -\n",
    "stepped back to": "enter a\nenter b\nenter a #= b a\nleave #= a\ny #= -\n",
    "further below": "enter a\nenter b\nenter c\nenter a\ny #= a c b a\n",
    "many states of a function": "f() {\n x #= ?\n}\n" + "".join(f"enter e{n}\nf\n" for n in range(30)) + "y #= ?\n",
}

MODULES = {
    "load": "x #m\nmodule load gcc/9 R #m\nx #m gcc/9 R\n",
    "add and several spaces": "module   add gcc\nx #m gcc\n",
    "another version": "module load python/3.10\nmodule load python/3.11\nx #m python/3.11\n",
    "unload by name": "module load gcc/9 R\nmodule unload gcc\nx #m R\n",
    "unload another version": "module load gcc/9\nmodule rm gcc/8\nx #m gcc/9\n",
    "purge": "module load gcc\nmodule purge\nx #m | gcc\n",
    "purge with force": "module load gcc\nmodule --force purge\nx #m\n",
    "reset": "module load gcc\nmodule reset\nx #m | gcc\n",
    "restore": "module load gcc\nmodule restore mine\nx #m | gcc\n",
    "swap": "module load gcc/9 R\nmodule swap gcc intel\nx #m R intel\n",
    "swap of one": "module load gcc/9\nmodule swap gcc/12\nx #m gcc/12\n",
    "ml": "ml gcc R\nx #m gcc R\nml -gcc\nx #m R\nml purge\nx #m | R\n",
    "ml load": "ml load gcc\nx #m gcc\nml\nx #m gcc\nml list\nx #m gcc\nml --terse avail\nx #m gcc\n",
    "ml use": "ml gcc\nml use /x\nx #m gcc\nmodule use /x\nx #m gcc\n",
    "ml loads and unloads": "ml gcc\nml R -gcc\nx #m R\n",
    "try-load": "module try-load gcc\nx #m | gcc\n",
    "in one arm": "if t; then module load gcc; fi\nx #m | gcc\n",
    "in both arms": "if t; then module load gcc; else module load gcc; fi\nx #m gcc\n",
    "one version each": "if t; then module load gcc/9; else module load gcc/12; fi\nx #m | gcc/12 gcc/9\n",
    "in a subshell": "( module load gcc )\nx #m\n",
    "in a function": "f() { module load gcc; }\nf\nx #m gcc\n",
    "in a loop": "for i in 1; do\n x #m | gcc\n module load gcc\ndone\n",
    "a file that is sourced": "module load gcc\nsource settings.sh\nx #m | gcc\n",
    "an effect": "module load gcc\nbuild\nx #m gcc python/3.11\n",
    "shown": "module load gcc\nmodule list\nmodule avail gcc\nx #m gcc\n",
}

VALUES = {
    "constant": "E=torch\nx #v E=torch\n",
    "quoted": "E='my env'\nx #v E=my env\n",
    "of another": "D=/x\nE=$D/envs\nx #v E=/x/envs\n",
    "of what is not set": "E=$HOME/envs\nx #v E=$HOME/envs\n",
    "again": "E=a\nE=b\nx #v E=b\n",
    "one arm": "E=a\nif t; then E=b; fi\nx #v E=a,b\n",
    "set in one arm alone": "if t; then E=b; fi\nx #v E=$E,b\n",
    "export": "export E=a\nx #v E=a\n",
    "readonly and declare": "readonly E=a\ndeclare F=b\nx #v E=a F=b\n",
    "appended": "E=a\nE+=b\nx #v E=ab\n",
    "printed": "E=$(date)\nx #v E=*\n",
    "read": "E=a\nread -r E\nx #v E=*\n",
    "printf -v": "E=a\nprintf -v E %s b\nx #v E=*\n",
    "unset": "E=a\nunset E\nx #v E=\n",
    "of one command": "E=a\nE=b t\nx #v E=a\n",
    "loop": "for E in a b; do\n x #v E=a,b\ndone\n",
    "loop over files": "for E in *.txt; do\n x #v E=*\ndone\n",
    "grows in a loop": "E=a\nwhile t; do\n E=$E$E\ndone\nx #v E=*\n",
    "set in a subshell": "E=a\n( E=b )\nx #v E=a\n",
    "set in a function": "f() { E=b; }\nE=a\nf\nx #v E=b\n",
    "local": "f() {\n local E=b\n x #v E=b\n}\nE=a\nf\nx #v E=a\n",
    "declared for all": "f() { declare -g E=b; }\nE=a\nf\nx #v E=b\n",
    "partly printed": "E=a-$(date)\nx #v E=a-\ufffd\n",
    "an array": "E=(a b)\nx #v E=*\n",
    "all of an array": 'E=(a "$D")\nF="${E[@]}"\nx #v F=a $D\n',
    "more of an array": "E=(a)\nE+=(b)\nF=${E[*]}\nx #v F=a b\n",
    "an element": "E=a\nE[1]=b\nx #v E=*\n",
}

FOLDERS = {
    "none": "x #f\n",
    "absolute": "cd /x/y/\nx #f /x/y\n",
    "relative": "cd a\ncd ./b\nx #f a/b\n",
    "up": "cd a/..\nx #f ?\n",
    "home": "cd\nx #f ~\n",
    "back": "cd /x\ncd -\nx #f ?\n",
    "variable": 'cd "$SLURM_SUBMIT_DIR"\nx #f $SLURM_SUBMIT_DIR\n',
    "constant": "D=/x\ncd $D\nx #f /x\n",
    "one arm": "if t; then cd a; fi\nx #f ?\n",
    "subshell": "( cd a )\nx #f\n",
    "pushd": "pushd a\nx #f ?\n",
    "handled": "cd a || exit 1\nx #f a\n",
}


def flow_of(text):
    script = read(text)
    effects = {}
    for command in script.commands:
        if command.name == "enter":
            effects[command.span] = Activate(command.words[1].literal)
        elif command.name == "leave":
            effects[command.span] = Deactivate()
        elif command.name == "build":
            effects[command.span] = Load(("python/3.11",))
    return script, Flow(script, effects)


def told(script, states, tag):
    """What is told behind the tag of each line, with the state before the line's first command."""
    for match in re.finditer(rf"^(.*?)#{tag}(?: (.*))?$", script.text, re.M):
        start = match.start() + len(match[1]) - len(match[1].lstrip())
        command = next(c for c in script.commands if c.span.start == start)
        yield (match[2] or "").strip(), states[command.span]


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS.keys())
def test_what_is_active(text):
    script, flow = flow_of(text)
    rows = list(told(script, flow.before, "="))
    assert rows
    assert [want for want, _ in rows] == ["never" if state is UNREACHABLE else str(state) for _, state in rows]


@pytest.mark.parametrize("text", MODULES.values(), ids=MODULES.keys())
def test_which_modules_are_loaded(text):
    script, flow = flow_of(text)
    rows = list(told(script, flow.before, "m"))
    assert rows
    for want, state in rows:
        surely, _, perhaps = want.partition("|")
        assert list(state.modules.surely) == surely.split()
        assert sorted(state.modules.perhaps) == perhaps.split()


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES.keys())
def test_what_variables_hold(text):
    script, flow = flow_of(text)
    rows = list(told(script, flow.before, "v"))
    assert rows
    for want, state in rows:
        for name, listed in re.findall(r"(\w+)=(.*?)(?= \w+=|$)", want):
            found = state.values.of(name)
            assert listed == ("*" if found is None else ",".join(found))


@pytest.mark.parametrize("text", FOLDERS.values(), ids=FOLDERS.keys())
def test_where_the_shell_stands(text):
    script, flow = flow_of(text)
    rows = list(told(script, flow.before, "f"))
    assert rows
    assert [want for want, _ in rows] == ["?" if state.folder is None else state.folder for _, state in rows]


def test_a_shell_of_its_own_has_activated_nothing():
    script, flow = flow_of("enter a\nbash -c 'x # conda\nenter b\ny'\n")
    x, y = (next(c for c in script.commands if c.name == name) for name in "xy")
    assert (str(flow.before[x.span]), str(flow.before[y.span])) == ("a", "b a")
    assert (str(flow.own[x.span]), str(flow.own[y.span])) == ("-", "b")


def test_a_module_is_asked_for_by_name_or_version():
    script, flow = flow_of("module load gcc/9\nif t; then module load R; fi\nx\n")
    loaded = flow.before[script.commands[-1].span].modules
    assert [loaded.has(name) for name in ("gcc", "gcc/9", "gcc/12", "g", "R")] == [
        SURELY,
        SURELY,
        NEVER,
        NEVER,
        PERHAPS,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1; do\n" * 40 + "enter a\n" + "done\n" * 40 + "x\n",
        "{\n" * 1500 + "enter a\n" + "}\n" * 1500 + "x\n",
        "".join(f"f{n}() {{\n f{n + 1}\n enter e{n}\n f{n + 1}\n}}\n" for n in range(40)) + "f0\nx\n",
        "".join(f"V{n}=1\n" for n in range(3000)) + "x\n",
    ],
    ids=["loops in loops", "groups in groups", "functions that call twice", "variables"],
)
def test_a_hostile_script_ends_in_no_claim(text):
    script, flow = flow_of(text)
    state = flow.before[script.commands[-1].span]
    assert state is not None
    assert state.open or not state.stack
