r"""Hypothesis strategies that write job scripts as people write them, from the forms that were counted in real ones.

`job_scripts()` writes anything that is found in the field, CRLF and broken quoting included. `runnable_job_scripts()`
writes only what a bash can run among the stubs of meaning.py: there every script does some work in some environment.
`nested_runnable_job_scripts()` puts the activations, steps and shells of such scripts into each other.
`nested_job_scripts()` writes what bash reads, whatever it does: every compound command in every other, from a grammar.
`torn_job_scripts()` are those cut off anywhere, with a piece lost or a letter too many.
"""

from __future__ import annotations

import itertools
import re

from hypothesis import strategies as st

NAMES = ("myenv", "tf-gpu", "py39", "r_env", "ml.v2")
SHEBANGS = ("#!/bin/bash", "#!/bin/bash -l", "#!/usr/bin/env bash", "#! /bin/bash --login", "#!/bin/sh")
DIRECTIVES = (
    "#SBATCH --time=0:10:00",
    "#SBATCH -n 4",
    "#SBATCH --nodes=2",
    "#SBATCH --ntasks-per-node=2 --mem=4G",
    "#SBATCH --array=1-3",
    "#SBATCH --gres=gpu:v100:2 # two",
    '#SBATCH --job-name="a job"',
    "#SBATCH\t--output=%x-%j.out",
    "##SBATCH --time=1:00:00",
)
COMMENTS = (
    "# conda activate old",
    "# entraînement du modèle",
    "#source activate myenv",
    "# see https://docs.conda.io/",
    "#",
    "",
)
INIT_BLOCK = """\
# >>> conda initialize >>>
__conda_setup="$('/home/alice/miniconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__conda_setup"
else
    if [ -f "/home/alice/miniconda3/etc/profile.d/conda.sh" ]; then
        . "/home/alice/miniconda3/etc/profile.d/conda.sh"
    else
        export PATH="/home/alice/miniconda3/bin:$PATH"
    fi
fi
unset __conda_setup
# <<< conda initialize <<<"""
HOOKS = (
    "",
    "module load miniconda3",
    "module load Anaconda3/2024.02-1",
    "module purge\nmodule load anaconda3",
    "source ~/miniconda3/etc/profile.d/conda.sh",
    'source "$(conda info --base)/etc/profile.d/conda.sh"',
    ". /home/alice/anaconda3/etc/profile.d/conda.sh",
    'eval "$(conda shell.bash hook)"',
    "eval \"$(/home/alice/miniconda3/bin/conda 'shell.bash' 'hook' 2> /dev/null)\"",
    "source ~/.bashrc",
    "export PATH=$HOME/miniconda3/bin:$PATH",
    INIT_BLOCK,
)
AUTHORS_MODULES = ("", "module load cuda/12.2", "module load samtools bwa/0.7.18", "ml cudnn")
ACTIVATIONS = (
    "conda activate {}",
    "source activate {}",
    ". activate {}",
    "conda activate /home/alice/miniconda3/envs/{}",
    "conda activate $HOME/miniconda3/envs/{}",
    "source ~/miniconda3/bin/activate {}",
    "mamba activate {}",
    'ENV={}\nconda activate "$ENV"',
)
LEAVING = ("", "conda deactivate", "source deactivate")
HANDLERS = (" || exit 1", " || { echo no environment; exit 2; }", " && echo ready")
SETTINGS = ("", "set -e", "set -euo pipefail", "set -x", "export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK")
PLACES = ("", "cd $SLURM_SUBMIT_DIR", "cd run", "mkdir -p out && cd out", 'DATA="$SCRATCH/my data"\ncd "$DATA"')
WORK = (
    "python train.py",
    "python train.py --lr 0.1 --name 'a b'",
    'python -u -m pkg.train \\\n    --epochs 10 \\\n    --out "$SLURM_JOB_ID"',
    "srun python train.py --rank $SLURM_NTASKS",
    "mpirun -np 4 python solve.py",
    "Rscript plot.R > plot.log 2>&1",
    "samtools view -b in.sam | tee out.bam",
    "python - <<EOF\nprint('conda activate x')\nEOF",
    "echo 'now: conda activate x'",
    "cat > input.dat <<EOF\nconda activate data\nEOF",
    "for i in 1 2; do\n\tpython step.py $i\ndone",
    'if [ -n "$SLURM_JOB_ID" ]; then python a.py; else python b.py; fi',
    "time python bench.py; ls -l bench.txt",
    'x=$(python count.py); test -z "$x"',
    "case $USER in alice) python hers.py ;; *) python his.py ;; esac",
)
WITHOUT_ACTIVATION = (
    "conda run -n {} python train.py --lr 0.1",
    "conda run --no-capture-output -n {} python a.py | tee log",
    "/home/alice/miniconda3/envs/{}/bin/python train.py",
    "$HOME/miniconda3/envs/{}/bin/python train.py",
    "sbatch <<EOF\n#!/bin/bash\n#SBATCH --time=1\nsource activate {}\npython inner.py\nEOF",
    'sbatch --time=1 --wrap="source activate {}; python inner.py"',
    "cat > inner.sh <<'EOF'\n#!/bin/bash\nsource activate {}\npython inner.py\nEOF\nsbatch inner.sh",
    "srun bash -c 'source activate {}; python inner.py'",
)
# what no bash runs, or what is no shell's business; found in the field all the same
ODDITIES = (
    "conda activate <your_env>",
    'echo "never closed',
    "if true; then",
    "conda activate {{ environment }}",
    "conda activate $UNKNOWN",
    "conda activate",
    "conda install -y numpy",
    "a=(1 2\n  3)",
    "x=$((1 + 2)) y=$[3]",
    "(( x++ ))",
    'singularity exec image.sif bash -c "source activate inner; python x.py"',
    "python x.py \\",
    "\u00a0python x.py",
    "conda activate a;#python y",
    "conda activate 'a\nb'",
    "conda activate $'a b'",
    "conda activate '$x'$1",
    "conda run -n a conda run -n b python x.py",
    "conda activate a > $(conda info --base)/log",
    "module load anaconda3 #SBATCH --nodes=2",
    "export PATH=$HOME/miniconda3/bin:$",
    "export PATH='/x/miniconda3/bin:'\"$PATH\"",
    "cat <<E'O'F\nconda activate a\nEOF",
    "sbatch <<EOF\nconda activate a",
    "[[ $1 = -?* || -n $2 ]] && echo $ 1",
    "a | > log\nconda activate a",
    '"$(conda info --base)/bin/conda" run -n a python x.py',
)


def indented(text: str, margin: str = "    ") -> str:
    """Lines moved to the right; those of a heredoc stay, for their end must stand at the line's start."""
    if "<<" in text:
        return text
    return "\n".join(f"{margin}{line}" if line else line for line in text.split("\n"))


@st.composite
def activations(draw: st.DrawFn, name: str) -> str:
    """One activation, in one of the places where they stand."""
    lines = draw(st.sampled_from(ACTIVATIONS)).format(name)
    match draw(st.sampled_from(["plain"] * 6 + ["handled", "function", "if", "loop", "tab"])):
        case "handled":
            return lines + draw(st.sampled_from(HANDLERS))
        case "function":
            return f"setup() {{\n{indented(lines)}\n}}\nsetup"
        case "if":
            return f'if [ -z "${{DRY_RUN:-}}" ]; then\n{indented(lines)}\nfi'
        case "loop":
            return f"for fold in 1 2; do\n{indented(lines)}\n    python fold.py $fold\ndone"
        case "tab":
            return f"true && {{\n{indented(lines, chr(9))}\n}}"
        case _:
            return lines


@st.composite
def environments_at_work(draw: st.DrawFn) -> str:
    """An environment, activated or not, and the work in it."""
    name = draw(st.sampled_from(NAMES))
    work = draw(st.lists(st.sampled_from(WORK), min_size=1, max_size=3))
    if draw(st.integers(0, 4)) == 0:
        return "\n".join([draw(st.sampled_from(WITHOUT_ACTIVATION)).format(name), *work])
    return "\n".join([draw(activations(name)), *work, draw(st.sampled_from(LEAVING))])


@st.composite
def runnable_job_scripts(draw: st.DrawFn) -> str:
    """A job script that runs to its end among stub commands."""
    lines = [draw(st.sampled_from(SHEBANGS))]
    lines += draw(st.lists(st.sampled_from(DIRECTIVES), max_size=4, unique=True))
    lines += draw(st.lists(st.sampled_from(COMMENTS), max_size=2))
    parts = [draw(st.sampled_from(choice)) for choice in (SETTINGS, HOOKS, AUTHORS_MODULES, PLACES)]
    parts += draw(st.lists(environments_at_work(), min_size=1, max_size=2))
    for part in parts:
        lines += part.split("\n")
        lines += draw(st.lists(st.sampled_from(COMMENTS), max_size=1))
    return "\n".join(lines) + draw(st.sampled_from(["\n", "\n", ""]))


# Jobs that activate anywhere; `@` becomes a number of its own, and {} the name of an environment.

STEPS = (
    "python step@.py",
    "python step@.py",
    "srun python step@.py",
    "mpirun -np 2 python step@.py > log@ 2>&1",
    "x@=$(python step@.py)",
    "python step@.py | cat",
    "if python step@.py; then echo yes; else echo no; fi",
    "python - <<EOF\nprint(@)\nEOF",
    "false && python step@.py",
    "! python step@.py",
    "python step@.py || exit 3",
    "srun bash -c 'python step@.py'",
    "(cd sub@ && python step@.py)",
    "A=1 python step@.py < in@",
    "module load mod@",
    "echo step @",
)
ENTERING = (
    "conda activate {}",
    "conda activate {}",
    "source activate {}",
    "mamba activate {}; python step@.py",
    "E=@\nE={}\nconda activate $E",
    "conda activate {} || exit 2",
    "conda activate {} && echo on",
    "conda activate {} 2>/dev/null",
    "if ! conda activate {}; then exit 5; fi",
    "for e in {}; do conda activate $e; done",
    'eval "conda activate {}"',
    "conda deactivate; conda activate {}",
    "enter() {{ conda activate $1; }}\nenter {}",
    "conda create -y -n {} python\nconda activate {}",
)
GOING = ("conda deactivate", "source deactivate", "conda deactivate 2>/dev/null || true", "conda deactivate; echo left")
MAKING_KNOWN = (
    "source ~/.bashrc",
    'eval "$(conda shell.bash hook)"',
    "B=$(conda info --base)\nsource $B/etc/profile.d/conda.sh",
    "if [ -f ~/miniconda3/etc/profile.d/conda.sh ]; then source ~/miniconda3/etc/profile.d/conda.sh; fi",
)
RUNNING = (
    "conda run -n {} python step@.py",
    "conda run -n {} python step@.py | cat",
    "y@=$(conda run -n {} python step@.py)",
    "$HOME/miniconda3/envs/{}/bin/python step@.py",
    "if conda run -n {} python step@.py; then echo good; fi",
    "bash -c 'source activate {}; python step@.py'",
    "bash <<EOF\nconda activate {}\npython step@.py\nEOF",
    "sbatch --wrap='source activate {}; python step@.py'",
    "(conda activate {} && python step@.py) > out@",
    "z@=$(conda activate {}; python step@.py)",
)
AROUND = (
    'if [ -n "$SLURM_JOB_ID" ]; then\n{one}\nfi',
    'if [ -z "$SLURM_JOB_ID" ]; then\n{one}\nelse\n{two}\nfi',
    "for i@ in 1 2; do\n{one}\ndone",
    "for i in 1 2 3; do\n{one}\n    [ $i = 2 ] && break\n{two}\ndone",
    "case $SLURM_JOB_ID in\n  1)\n{one}\n    ;;\n  *)\n{two}\n    ;;\nesac",
    "{name}() {{\n{one}\n}}\n{name}",
    "{name}() {{\n{one}\n}}\n{name}\npython step@.py\n{name} || exit 9",
    "{name}() (\n{one}\n)\n{name}",
    "(\n{one}\n)",
    "{{\n{one}\n}} > log@ 2>&1",
    '[ -n "$SLURM_JOB_ID" ] && {{\n{one}\n}}',
    '[ -n "$SLURM_JOB_ID" ] || {{\n{one}\n}}',
    "(\n{one}\n) &\nwait",
    "z@=$(\n{one}\n)",
)


@st.composite
def _running(draw: st.DrawFn, depth: int) -> str:
    """Some statements, in each other as deep as this."""
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        forms = draw(
            st.sampled_from([STEPS] * 6 + [ENTERING] * 4 + [GOING] * 2 + [MAKING_KNOWN] + [RUNNING] * 2 + [AROUND] * 5)
        )
        if forms is not AROUND:
            name = draw(st.sampled_from(NAMES[:3]))
            lines.append(draw(st.sampled_from(forms)).replace("{{", "{").replace("}}", "}").replace("{}", name))
        elif depth:
            one, two = (indented(draw(_running(depth - 1))) for _ in range(2))
            name = f"work{draw(st.integers(1, 9999))}"
            lines.append(draw(st.sampled_from(AROUND)).format(one=one, two=two, name=name))
    return "\n".join(lines or ["python step@.py"])


@st.composite
def nested_runnable_job_scripts(draw: st.DrawFn) -> str:
    """A job script that runs to its end among stub commands, with anything of it in anything else."""
    head = draw(st.sampled_from(["", "#SBATCH --time=1", "#SBATCH --nodes=2"]))
    start = draw(st.sampled_from(["", *MAKING_KNOWN]))
    text = "\n".join(["#!/bin/bash", head, draw(st.sampled_from(SETTINGS)), start, draw(_running(2)), "python last.py"])
    count = itertools.count(1)
    return re.sub("@", lambda _: str(next(count)), text) + "\n"


@st.composite
def job_scripts(draw: st.DrawFn) -> str:
    """A job script, or what someone took for one: with oddities, CRLF, a BOM, another shell, or no shebang."""
    lines = draw(runnable_job_scripts()).split("\n")
    for oddity in draw(st.lists(st.sampled_from(ODDITIES), max_size=2)):
        lines.insert(draw(st.integers(0, len(lines))), oddity)
    match draw(st.sampled_from(["as it is"] * 5 + ["crlf", "mixed", "bom", "zsh", "none"])):
        case "crlf":
            return "\r\n".join(lines)
        case "mixed":
            ends = draw(st.lists(st.sampled_from(["\n", "\r\n"]), min_size=len(lines), max_size=len(lines)))
            return "".join(f"{line}{end}" for line, end in zip(lines, ends, strict=True))
        case "bom":
            return "\ufeff" + "\n".join(lines)
        case "zsh":
            return "\n".join(["#!/bin/zsh", *lines[1:]])
        case "none":
            return "\n".join(lines[1:])
        case _:
            return "\n".join(lines)


# The grammar: commands in lines, lines in compound commands, these in each other

WORDS = (
    "python train.py",
    "echo conda",
    "export A=1 B=$2",
    "N=1",
    "A=1 B=2",
    'FILES=(a.txt "b c" $d)',
    "FILES+=(x)",
    "FILES[3]=v",
    "ls -l",
    "srun -n 2 hostname",
    "\\rm -rf out",
    "module load cuda/12.2",
    "module purge",
    "python $DIR/$NAME.py",
    "python \"${DIR}/my file.py\" 'a b' a\\ b",
    "python a.py \\\n    --lr 0.1 \\\n    --out $OUT",
    "python a.py --name x\\\ny",
    "echo `date` `hostname`",
    'echo "$(date +%s)" ${x:-$(pwd)} ${x##*/} $((1 + 2)) $[3]',
    "echo $'a\\nb' $\"c\" {1..3} *.[ch] ~/x",
    "diff <(sort a) >(cat)",
    "time python bench.py",
    "time -p ls",
    "let n++",
    "declare -A table",
    "local x=1",
    "unset x",
    "read -r a b",
    "exec 3>&1",
    "set -- a b",
    "trap 'conda deactivate' EXIT",
    "command conda deactivate",
    "! grep -q x y",
    "[ -f x ]",
    "test -d y",
    "[[ $x == *.py && -n $y ]]",
    "[[ $x =~ ^a.*b$ ]]",
    "[ $x == y ] && echo same",
    "test a == $b || true",
    "[[ $a == $b || $c == 'd e' ]]",
    "echo == x ==",
    "python a.py == b c==1",
    "A==b python a.py",
    "(( n++ ))",
    "(( n > 3 && m < 2 ))",
    ":",
)
OURS = (
    "conda activate myenv",
    "conda activate",
    "conda activate -n myenv",
    "conda activate --stack myenv",
    "conda activate $HOME/envs/$NAME",
    'conda activate "${ENV:-base}"',
    "conda activate ./env",
    "conda activate my\\\nenv",
    "conda \\\n    activate myenv",
    'conda activate "$(basename \\\n/x/envs/foo)"',
    "mamba activate myenv",
    "micromamba activate myenv",
    "source activate",
    "source activate myenv",
    ". activate myenv",
    "activate myenv",
    "source ~/miniconda3/bin/activate myenv",
    "source /opt/anaconda3/bin/activate",
    "source $CONDA/bin/activate",
    "source venv/bin/activate",
    "conda deactivate",
    "source deactivate",
    "\\conda activate myenv",
    "source ~/.bashrc",
    "conda init bash",
    "source $(conda info --base)/etc/profile.d/conda.sh",
    "source `conda info --base`/etc/profile.d/conda.sh",
    'eval "$(conda shell.bash hook)"',
    'eval "$(micromamba shell hook --shell bash)"',
    "module load Anaconda3/2024.02-1 cuda",
    "ml miniconda",
    "export PATH=/opt/miniconda3/bin:$PATH",
    "export LD_LIBRARY_PATH=$CONDA_PREFIX/lib:$LD_LIBRARY_PATH",
    "PATH=~/miniconda3/envs/x/bin:$PATH",
    "conda run -n myenv python x.py",
    "conda run --no-capture-output -p /x/envs/y python - ",
    "/x/miniconda3/envs/foo/bin/python a.py",
    "PYTHON=~/miniconda3/envs/foo/bin/python",
    "srun ~/miniconda3/envs/foo/bin/python a.py",
    "conda install -y numpy scipy",
    "conda create -y -n foo python=3.9",
    "conda env create -f environment.yml",
    "pip install --user torch",
    "conda env list",
    "conda list > packages.txt",
    "echo $CONDA_PREFIX $CONDA_DEFAULT_ENV",
    "export CONDA_PKGS_DIRS=/tmp",
    "snakemake --use-conda -j 4",
    "time conda activate myenv",
    "conda activate myenv;#python y",
    "srun bash -c 'source activate myenv; python x.py'",
    'srun bash -lc "conda activate myenv && python x.py"',
    "sbatch --wrap='source activate myenv; python x.py'",
    'sbatch --wrap "conda activate \\"$ENV\\"; python x.py"',
    "bash -c \"bash -c 'conda activate myenv; python x.py'\"",
    "bash -c 'bash -c \"source activate myenv && python x.py\"'",
    "srun bash -c 'bash -lc '\\''conda activate myenv; python x.py'\\'' '",
    "bash -c 'echo '\\''conda activate x'\\'' '",
    'eval "bash -c \'conda activate \\"myenv\\"; python x.py\'"',
    "bash -c $'conda activate myenv\\npython x.py'",
    "singularity exec i.sif bash -c 'conda activate x'",
    'ssh node1 "conda activate myenv; python x.py"',
    "parallel -j 2 'conda activate myenv; python {}' ::: a b",
)
REDIRECTIONS = ("> log", "2> /dev/null", "&> $LOGS/$NAME.log", ">> log 2>&1", "< in.txt", '<<< "$x"', "> $A/$B.txt")
HEREDOCS = (
    "<<EOF", "<<'EOF'", '<<"EOF"', "<<\\EOF", "<<-EOF", "<<-'EOF'", '<<-"EOF"', "<<-\\EOF", "<< EOF > out.txt",
    "<<E'O'F", '<<E"OF"', "<<\tEOF", "3<<EOF", "<<EOF 2>&1", "<<EOF >> out.txt", "<<EOF | cat", "<<EOF && echo on",
    "<<EOF || exit 3", "<<EOF; echo behind", "<<EOF; conda activate behind", "<<EOF &", "- x <<EOF # conda",
)  # fmt: skip
READERS = (
    "sbatch",
    "cat",
    "python -",
    "bash",
    "srun bash",
    "ssh node1",
    "tee job.sh",
    "conda env create -f -",
    "bash -s",
)
BODIES = (
    "#!/bin/bash\n#SBATCH --time=1\nsource activate myenv\npython x.py",
    "conda activate data",
    "import numpy\nprint('conda')",
    "$(conda info --base) \\$HOME `date`",
    "",
)


# What people string together on a line, most of which goes without conda.
LISTED = (
    "conda activate x",
    "conda deactivate",
    "conda deactivate 2>/dev/null",
    "conda update -y y",
    "conda env list",
    "conda init bash",
    "! conda info",
    "which conda",
    "command -v conda",
    "module load anaconda3 gcc",
    "source ~/.bashrc",
    'eval "$(conda shell.bash hook)"',
    "E=$(conda info --base)",
    "source $E/etc/profile.d/conda.sh",
    "conda env remove -y -n x",
    "echo $CONDA_PREFIX > f",
    "echo no",
    "exit 1",
    "python a.py",
)


@st.composite
def _lists(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.sampled_from(LISTED), min_size=2, max_size=4))
    return parts[0] + "".join(
        draw(st.sampled_from(["; ", " && ", " || ", "; # c\n", "\n"])) + part for part in parts[1:]
    )


@st.composite
def _simple(draw: st.DrawFn) -> str:
    """One line: a command, where it may have redirections, a handler, a comment, or a heredoc."""
    line = draw(st.sampled_from(WORDS) | st.sampled_from(OURS))
    match draw(
        st.sampled_from(
            ["plain"] * 8 + ["redirected", "handled", "commented", "background", "heredoc", "glued", "listed", "listed"]
        )
    ):
        case "listed":
            return draw(_lists())
        case "redirected":
            return f"{line} {draw(st.sampled_from(REDIRECTIONS))}"
        case "handled":
            return line + draw(st.sampled_from(HANDLERS))
        case "commented":
            return f"{line} # conda activate {draw(st.sampled_from(NAMES))}"
        case "background":
            return f"{line} &"
        case "glued":
            return f"{line};{draw(st.sampled_from(OURS))}"
        case "heredoc":
            reader, opening = draw(st.sampled_from(READERS)), draw(st.sampled_from(HEREDOCS))
            lines = [f"{reader} {opening}", *draw(st.sampled_from(BODIES)).split("\n"), "EOF"]
            tab = "\t" if "<<-" in opening else ""
            return "\n".join([lines[0], *(tab + line for line in lines[1:])])
        case _:
            return line


def _compound(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A compound command around lines, in the forms and layouts that people give it."""

    @st.composite
    def around(draw: st.DrawFn) -> str:
        one, two, three = draw(lines), draw(lines), draw(lines)
        condition = draw(st.sampled_from(["[ -z $x ]", "[[ $a != b ]]", "command -v conda > /dev/null", "! test -d x"]))
        form = draw(st.sampled_from(_FORMS))
        return form.format(condition=condition, one=indented(one), two=indented(two, "\t"), three=three)

    return around()


_FORMS = (
    "if {condition}; then\n{one}\nfi",
    "if {condition}\nthen\n{one}\nelse\n{two}\nfi",
    "if {condition}; then\n{one}\nelif {condition}; then\n{two}\nelif true\nthen\n{three}\nelse\n{one}\nfi",
    "for i in 1 2 $x; do\n{one}\ndone",
    "for i in *.txt\ndo\n{one}\n{two}\ndone > log",
    "for ((i = 0; i < 3; i++)); do\n{one}\ndone",
    "while read -r line; do\n{one}\ndone < list.txt",
    "until {condition}\ndo\n{one}\ndone",
    "case $1 in\n  a | b)\n{one}\n    ;;\n  *)\n{two}\n    ;;\nesac",
    "f() {{\n{one}\n}}\nf",
    "function g {{\n{one}\n}}\ng $1",
    "(\n{one}\n)",
    "{{\n{one}\n{two}\n}} > log 2>&1",
    "{condition} && {{\n{one}\n}}",
    "{condition} || {{\n{one}\n}}",
    "x=$(\n{one}\n)",
    "if {condition}; then {three}; fi",
    "f() {{ {three}; }}; f",
    "for i in 1 2; do {three}; done",
    "true && {{ {three}; }} || exit 1",
    "{one}\n{three}",
)


@st.composite
def nested_job_scripts(draw: st.DrawFn) -> str:
    """A script from the grammar, which bash may read or not: a heredoc in a substitution is a hard thing to place."""
    lines = st.recursive(_simple(), _compound, max_leaves=5)
    head = [draw(st.sampled_from(SHEBANGS)), *draw(st.lists(st.sampled_from(DIRECTIVES), max_size=2))]
    text = "\n".join([*head, *draw(st.lists(lines | st.sampled_from(COMMENTS), min_size=1, max_size=5))]) + "\n"
    match draw(st.sampled_from(["unix"] * 8 + ["dos", "bom", "no end"])):
        case "dos":
            return text.replace("\n", "\r\n")
        case "bom":
            return "\ufeff" + text
        case "no end":
            return text.rstrip("\n")
        case _:
            return text


@st.composite
def torn_job_scripts(draw: st.DrawFn) -> str:
    """A script with a mistake in it: cut off, a piece lost, or a letter too many."""
    text = draw(nested_job_scripts() | runnable_job_scripts())
    start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
    match draw(st.sampled_from(["cut", "lost", "added"])):
        case "cut":
            return text[:start]
        case "lost":
            return text[:start] + text[start + length :]
        case _:
            return text[:start] + draw(st.sampled_from(list("\"'`$(){}[]<>;&|\\#\n\t é\u00a0"))) + text[start:]
