"""What is said of single commands that are left, or that go and want a look."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, REFUSAL, Message, job

_STEP = "#!/bin/bash\n#SBATCH --time=1:00 --ntasks=4\nsrun ./task.sh\n-- task.sh --\n#!/bin/bash\n"

ODDLY_QUOTED = Message(
    id="oddly-quoted",
    kind=REFUSAL,
    subject="the path `{path}`",
    reason="slurmfix cannot reuse the quotes inside this path",
    action="write the whole path without quotes, or in double quotes, then run slurmfix again",
    bad=job("/home/ana/miniconda3/envs/'vision'/bin/python train.py", "numpy"),
    good=job("/home/ana/miniconda3/envs/vision/bin/python train.py", "numpy"),
)
NOT_HELD = Message(
    id="not-held",
    kind=REFUSAL,
    subject="the file or folder `{path}`",
    reason="this path lies in the conda environment, which the job no longer uses",
    action="add the Python package that brings it to the requirements file, and write `$VIRTUAL_ENV` "
    "instead of the environment's folder. If no package brings it, copy the file or folder into "
    "your project, and write the new path here",
    bad=job("conda activate vision\nls /home/me/miniconda3/envs/vision/share/data"),
    good=PLAIN,
)
STACKED = Message(
    id="stacked",
    kind=REFUSAL,
    subject="`conda activate --stack`",
    reason="only one virtualenv can be active at a time",
    action="put the packages of both environments into one list (environment.yml), activate that environment only, "
    "and run slurmfix again",
    bad=job("conda activate a\nconda activate --stack b\npython train.py"),
    good=PLAIN,
)
OF_A_VIRTUALENV = Message(
    id="virtualenv-on-path",
    kind=REFUSAL,
    subject="`source activate` without a name",
    reason="bash runs the first `activate` on PATH, here probably `{folder}/activate`",
    action="run `ls {folder}/../pyvenv.cfg`. If this file exists, the line activates a virtualenv, so keep the "
    "line. Otherwise write `source activate NAME` (NAME: your conda environment), and run slurmfix again",
    bad="#!/bin/bash\n#SBATCH --time=1:00\nexport PATH=/vol/me/myvenv/bin:$PATH\nsource activate\npython train.py\n",
    good=job("source activate vision\npython train.py"),
)
STARTS_TASKS = Message(
    id="starts-tasks",
    kind=DOUBT,
    subject="the script `{script}`",
    reason="the job builds the environment once, and several tasks then start this script, which uses it",
    action="run `slurmfix --write` on both scripts together, so that both change",
    bad=f"{_STEP}conda activate vision\npython train.py\n",
    good=f"{_STEP}python train.py\n",
)
AMONG_WORDS = Message(
    id="among-words",
    kind=REFUSAL,
    subject="the path `{path}`",
    reason="slurmfix does not change a path inside a longer string",
    action="write `{program}` instead of the path, and `conda activate NAME` above this line (NAME: your "
    "environment). Then run slurmfix again, which converts that line",
    bad=job('RUN="srun $HOME/miniconda3/envs/vision/bin/python -u"\n$RUN train.py\nconda activate vision'),
    good=job("RUN=$HOME/miniconda3/envs/vision/bin/python\n$RUN train.py"),
)
NAME_AT_RUN_TIME = Message(
    id="name-at-run-time",
    kind=REFUSAL,
    subject="the environment in `{path}`",
    reason="the name of the environment is known only when the job runs",
    action="write `conda activate NAME` instead, where NAME is the real name. Then run slurmfix again, which "
    "converts that line",
    bad="#!/bin/bash\n#SBATCH --time=1:00:00\nexport PATH=$HOME/miniconda3/envs/$1/bin:$PATH\npython x.py\n",
    good=PLAIN,
)
AMONG_OTHER_TOOLS = Message(
    id="among-other-tools",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line checks that several tools are installed, and the job no longer has conda",
    action="delete the word `conda` from this line",
    bad=job("for t in conda samtools; do which $t || exit 1; done\nconda activate vision\npython train.py"),
    good=PLAIN,
)
HANDED_ON = Message(
    id="handed-on",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line gives the word `conda` to a function, and the job no longer has conda",
    action="if the function only checks that conda is installed, delete this line. Otherwise remove conda from the "
    "function",
    bad=job('need() { command -v "$1" || exit 1; }\nneed conda\nconda activate vision\npython train.py'),
    good=PLAIN,
)
NOTHING_LEFT = Message(
    id="nothing-left",
    kind=REFUSAL,
    subject="`{source}`",
    reason="without conda's folder, PATH is empty, so the shell finds no program",
    action="delete this line, or write the folders that the job needs, such as `export PATH=$HOME/bin:$PATH`",
    bad=job("export PATH=$HOME/miniconda3/bin MODE=fast\nconda activate vision\npython train.py"),
    good=job("export PATH=$HOME/miniconda3/bin:$PATH MODE=fast\nconda activate vision\npython train.py"),
)
ACROSS_ENTRIES = Message(
    id="across-entries",
    kind=REFUSAL,
    subject="the quotes in {variable}",
    reason="a quote opens in one folder and closes in another, so slurmfix leaves this line unchanged",
    action="delete conda's folder from this line by hand",
    bad=job('export PATH="/opt/a:$HOME"/miniconda3/bin:"$PATH"\nconda activate vision\npython train.py'),
    good=PLAIN,
)
FOR_ONE_COMMAND = Message(
    id="for-one-command",
    kind=REFUSAL,
    subject="the path `{folder}` in {variable}",
    reason="{variable} is set for one command only, so slurmfix leaves this line unchanged",
    action="delete this setting, and write `conda activate NAME` above the line (NAME: your environment). Then run "
    "slurmfix again, which converts that line",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# An option hands the path on, as an assignment in front of the command would.
srun --export=ALL,PATH=/x/miniconda3/envs/myenv/bin:$PATH python train.py
mpirun -n 4 -x "LD_LIBRARY_PATH=/x/miniconda3/envs/myenv/lib" ./simulate
""",
    good=PLAIN,
)
OF_HOMES = Message(
    id="points-into-conda",
    kind=REFUSAL,
    subject="the variable {variable}",
    reason="programs that read {variable} would still use conda's files in `{folder}`",
    action="delete this line. If a program then lacks a file, look for a module with `module spider NAME` (NAME: "
    "the program or library)",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# A Python that is told where another one lives does not start; R and GDAL would go on with conda's files.
ENV=$HOME/miniconda3/envs/myenv
export PYTHONHOME=$ENV
export R_LIBS=$ENV/lib/R/library GDAL_DATA=/x/miniconda3/envs/myenv/share/gdal
source activate myenv
python train.py
""",
    good=PLAIN,
)
OF_PYTHONHOME = Message(
    id="pythonhome",
    kind=REFUSAL,
    subject="`{variable}={folder}`",
    reason="with this value, only conda's Python can start",
    action="delete this line. A virtualenv needs no {variable}",
    bad=job("export PYTHONHOME=~/miniconda3/envs/vision\nconda activate vision\npython train.py"),
    good=PLAIN,
)
LIBRARIES_OF_CONDA = Message(
    id="libraries-of-conda",
    kind=DOUBT,
    subject="the path `{folder}` in {variable}",
    reason="slurmfix removes this path, since the libraries in this folder are conda's",
    action="if your programs start without it, do nothing. If a program lacks a library, run `ldd PROGRAM`, and "
    "look for each one `not found` with `module spider LIBRARY`",
    bad=job("export LD_LIBRARY_PATH=$HOME/miniconda3/lib:$LD_LIBRARY_PATH\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PACKAGES_OF_CONDA = Message(
    id="packages-of-conda",
    kind=DOUBT,
    subject="the folder `{folder}` in PYTHONPATH",
    reason="this folder holds packages for conda's Python, so slurmfix removes the folder from PYTHONPATH",
    action="see with `ls` which packages this folder has. If your code imports some of them, add those to "
    "the requirements file",
    bad=job("export PYTHONPATH=~/miniconda3/lib/python3.9/site-packages\nconda activate vision\npython train.py"),
    good=PLAIN,
)
STARTUP_FILE = Message(
    id="startup-file-goes",
    kind=DOUBT,
    subject="the start-up file `{file}`",
    reason="slurmfix removes this line, since the file seems to be there only to set up conda",
    action="if the file does nothing else, do nothing. If the job needs variables, modules or aliases from it, put "
    "the line back",
    bad=job("source ~/.bashrc\nconda activate vision\npython train.py"),
    good=PLAIN,
)
HOOK_OF_THE_SITE = Message(
    id="hook-of-the-site",
    kind=DOUBT,
    subject="the file in `{variable}`",
    reason="slurmfix removes this line, since the name of the variable speaks of conda",
    action="if the file only sets up conda, do nothing. If the job needs anything else from it, put the line back",
    bad=job("source $CONDA_SH\nconda activate vision\npython train.py"),
    good=PLAIN,
)
COMMAND_OF_THE_SITE = Message(
    id="command-of-the-site",
    kind=DOUBT,
    subject="the command `{command}`",
    reason="slurmfix removes this line, since by its name the command sets up conda",
    action="if the command does nothing else, do nothing. If the job needs anything else from it, put the line back",
    bad=job("init_conda\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NO_LIBRARIES = Message(
    id="no-libraries",
    kind=REFUSAL,
    subject="the path `{path}`",
    reason="a virtualenv has neither the libraries nor the header files (.h) of conda",
    action="delete this path. If a program then lacks a library, look for its module with `module spider LIBRARY`",
    bad=job("conda activate vision\ngcc -L$CONDA_PREFIX/lib x.c"),
    good=PLAIN,
)
OUTPUT_IS_USED = Message(
    id="output-is-used",
    kind=REFUSAL,
    subject="`{source}`",
    reason="{used}, but the job no longer has conda",
    action="write the name or path that the job needs instead of this command",
    bad=job("conda activate vision\nconda info | grep python > x\npython train.py"),
    good=PLAIN,
)
RUN_BY_A_VIRTUALENV = Message(
    id="run-by-a-virtualenv",
    kind=DOUBT,
    subject="the virtualenv on line {activation}",
    reason="the job uses this virtualenv, which may have been made with conda's Python",
    action="run `ls -l` on its `bin/python`. If the link does not lead into conda, do nothing. Otherwise "
    "load a module with Python, and make the virtualenv again",
    bad=job("module load anaconda3\nsource venv/bin/activate\npython train.py"),
    good=job("source venv/bin/activate\npython train.py"),
)
NO_COUNTERPART = Message(
    id="option-without-counterpart",
    kind=REFUSAL,
    subject="the option {option} of `conda run`",
    reason="without conda, no command does the same as this option",
    action="write `conda activate NAME` above this line, and the command without `conda run`. Then run slurmfix "
    "again, which converts `conda activate`",
    bad=job("conda run --cwd /x -n vision python train.py"),
    good=PLAIN,
)
NO_COMMAND = Message(
    id="no-command",
    kind=REFUSAL,
    subject="`conda run` without a command",
    reason="the line names no command to run in the environment",
    action="write the command at the end of this line, or delete the line",
    bad=job("conda run -n vision\npython train.py"),
    good=PLAIN,
)
SNAKEMAKE_PROFILE = Message(
    id="snakemake-profile",
    kind=REFUSAL,
    subject="`{file}`, line {at}, which `snakemake` reads",
    reason="with `use-conda`, snakemake makes a conda environment for each rule of the workflow",
    action='in the Snakefile, replace each `conda: …` with `envmodules: "MODULE/VERSION"` (found with `module '
    "spider TOOL`). Then write `use-envmodules: true` instead of this setting",
    bad=job("conda activate vision\nsnakemake --profile slurm") + "-- slurm/config.yaml --\nuse-conda: true\n",
    good=job("conda activate vision\nsnakemake --profile slurm") + "-- slurm/config.yaml --\nuse-conda: false\n",
)
NEXTFLOW_CONFIGURED = Message(
    id="nextflow-config",
    kind=REFUSAL,
    subject="`{file}`, line {at}, which `nextflow` reads",
    reason="nextflow would make a conda environment for each process of the workflow",
    action="delete this setting, and run nextflow with `-profile apptainer`. If the workflow has no such profile, "
    "write `apptainer.enabled = true` into {file}",
    bad=job("conda activate vision\nnextflow run x.nf") + "-- nextflow.config --\nconda.enabled = true\n",
    good=job("conda activate vision\nnextflow run x.nf") + "-- nextflow.config --\nconda.enabled = false\n",
)
PIP_FROM_ADDRESS = Message(
    id="pip-from-an-address",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line takes a package from the internet, which compute nodes cannot reach",
    action="on a login node, run this line with `pip download --no-deps` instead of `pip install`. Then write the "
    "path of the downloaded file here",
    bad=job("conda activate vision\npip install git+https://github.com/a/b\npython train.py"),
    good=PLAIN,
)
PROGRAM_NOT_HELD = Message(
    id="program-not-held",
    kind=REFUSAL,
    subject="the program `{program}` of the conda environment",
    reason="the new virtualenv may not have this program",
    action="find its module with `module spider {program}`, or add its package to the requirements file. Then "
    "replace the full path on this line with `{program}`",
    bad=job("conda activate vision\n$CONDA_PREFIX/bin/samtools view a.bam"),
    good=PLAIN,
)
NAME_ASKED_OF_CONDA = Message(
    id="name-asked-of-conda",
    kind=REFUSAL,
    subject="`{asked}`",
    reason="this line asks conda for the name of an environment, and the job no longer has conda",
    action="write the name itself instead of this command, and run slurmfix again",
    bad=job("conda activate $(conda env list | awk 'NR==3{print $1}')\npython train.py"),
    good=PLAIN,
)
OWN_COMMAND_IN_THE_BLOCK = Message(
    id="own-command-in-the-block",
    kind=REFUSAL,
    subject="the block that `conda init` wrote",
    reason="slurmfix removes this block, and would lose a command of your own (`{command}`)",
    action="move `{command}` below the block, and run slurmfix again",
    bad=job(
        """\
# >>> conda initialize >>>
__conda_setup="$('/x/miniconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__conda_setup"
fi
export DATA=/scratch/me
unset __conda_setup
# <<< conda initialize <<<
conda activate vision
python train.py"""
    ),
    good=PLAIN,
)
VARIABLES_OF_CONDA = Message(
    id="variables-of-conda",
    kind=REFUSAL,
    subject="`{source}`",
    reason="conda sets these variables whenever the environment is activated, but a virtualenv does not",
    action="delete this line, and write `export NAME=VALUE` for each variable below the line that activates the "
    "environment",
    bad=job("conda env config vars set DATA=/scratch/me\nconda activate vision\npython train.py"),
    good=job("conda activate vision\nexport DATA=/scratch/me\npython train.py"),
)
REMOVED_PACKAGE = Message(
    id="removed-package",
    kind=DOUBT,
    subject="`{source}`",
    reason="slurmfix removes this line, but the requirements file may still list the package",
    action="if the requirements file names this package, delete its line there. Otherwise do nothing",
    bad=job("conda activate vision\nconda remove -y numpy\npython train.py"),
    good=PLAIN,
)
RUN_IN_RUN = Message(
    id="run-in-run",
    kind=REFUSAL,
    subject="two `conda run` on one line",
    reason="the command runs only in the environment of the second `conda run`",
    action="delete the first `conda run` with its options, and run slurmfix again",
    bad=job("conda run -n a conda run -n b python train.py"),
    good=job("conda run -n b python train.py"),
)
RUNS_AN_ASSIGNMENT = Message(
    id="runs-an-assignment",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without `conda run`, bash would set a variable and start no program",
    action="move `{word}` in front of `conda run`, and run slurmfix again",
    bad=job("conda run -n vision A=1 python train.py"),
    good=job("conda run -n vision python train.py"),
)
RUNS_A_KEYWORD = Message(
    id="runs-a-keyword",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without `conda run`, bash reads this word as a part of its own language",
    action="write `bash -c '…'` around the command behind `conda run`, and run slurmfix again",
    bad=job("conda run -n vision if true"),
    good=job("conda run -n vision python train.py"),
)
RUNS_IN_THE_JOB = Message(
    id="runs-in-the-job",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without `conda run`, this command would change the shell of the job itself",
    action="if only conda needed this line, delete the line. Otherwise delete `conda run` and its options from the "
    "line",
    bad=job("conda run -n vision exit 1\npython train.py"),
    good=job("conda run -n vision python train.py"),
)
ORDER_OF_PATH = Message(
    id="order-of-path",
    kind=DOUBT,
    subject="the folder `{folder}` on PATH",
    reason="programs in this folder came first, but now those of the environment come first",
    action="if both folders have a program of the same name, call yours by its full path. Otherwise do nothing",
    bad=job("export PATH=/opt/tools/bin:$HOME/miniconda3/envs/vision/bin:$PATH\npython train.py"),
    good=job("export PATH=$HOME/miniconda3/envs/vision/bin:$PATH\npython train.py"),
)
EMPTY_VARIABLE = Message(
    id="empty-variable",
    kind=REFUSAL,
    subject="the variable `${name}`",
    reason="only conda sets this variable, so the variable is now empty",
    action="if this line only served conda, delete the line. Otherwise replace `${name}` with the path or name that "
    "the job needs",
    bad=job("conda activate vision\npython train.py --conda ${CONDA_EXE:?}"),
    good=PLAIN,
)
OTHER_VARIABLE = Message(
    id="other-variable",
    kind=REFUSAL,
    subject="the variable `{name}`, which a program reads",
    reason="only conda sets this variable, but a virtualenv sets VIRTUAL_ENV",
    action="let the program read VIRTUAL_ENV instead, or delete the test",
    bad=job("conda activate vision\npython -c 'import os; print(os.environ[\"CONDA_PREFIX\"])'"),
    good=PLAIN,
)
LEFT_FROM_OUTSIDE = Message(
    id="left-from-outside",
    kind=DOUBT,
    subject="`{source}`",
    reason="this script activates nothing, so the environment came from the shell that submitted the job",
    action="if the job needs no packages, do nothing. Otherwise write `conda activate NAME` below the `#SBATCH` "
    "lines (NAME: your environment). Then run slurmfix again, which converts that line",
    bad=job("conda deactivate\npython train.py"),
    good=job("conda activate vision\npython train.py\nconda deactivate"),
)
BASE_OF_STARTUP = Message(
    id="base-of-startup-file",
    kind=REFUSAL,
    subject="`{source}`",
    reason="slurmfix cannot read this file, which may activate conda's base environment",
    action="open the file. If it contains `conda activate`, write `conda activate` below this line, too. Then run "
    "slurmfix again, which converts both lines. Otherwise do nothing",
    bad=job("source ~/.bashrc\nconda list > packages.txt\npython train.py"),
    good=job("source ~/.bashrc\nconda activate vision\npython train.py"),
)
