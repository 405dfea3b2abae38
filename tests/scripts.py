r"""Hypothesis strategies that write job scripts as people write them, from the forms that were counted in real ones.

`job_scripts()` writes anything that is found in the field, CRLF and broken quoting included. `runnable_job_scripts()`
writes only what a bash can run among the stubs of meaning.py: there every script does some work in some environment.
"""

from __future__ import annotations

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
