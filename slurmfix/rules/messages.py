"""What is said of single commands that are left, or that go and want a look."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, REFUSAL, Message, job

_STEP = "#!/bin/bash\n#SBATCH --time=1:00 --ntasks=4\nsrun ./task.sh\n-- task.sh --\n#!/bin/bash\n"

ODDLY_QUOTED = Message(
    id="oddly-quoted",
    kind=REFUSAL,
    subject="the path `{path}`",
    reason="this path is quoted in a way that slurmfix cannot take over into another path",
    action="write the path without quotes or in double quotes, then run slurmfix again",
    bad=job("/home/ana/miniconda3/envs/'vision'/bin/python train.py", "numpy"),
    good=job("/home/ana/miniconda3/envs/vision/bin/python train.py", "numpy"),
)
NOT_HELD = Message(
    id="not-held",
    kind=REFUSAL,
    subject="the file or folder `{path}`",
    reason="this file is part of the conda environment, and the virtualenv will not have it",
    action="copy the file or folder into your project, and write its new path here",
    bad=job("conda activate vision\nls /home/me/miniconda3/envs/vision/share/data"),
    good=PLAIN,
)
STACKED = Message(
    id="stacked",
    kind=REFUSAL,
    subject="`conda activate --stack`",
    reason="only one virtualenv can be active at a time",
    action="put the packages of both environments into one, and activate that one",
    bad=job("conda activate a\nconda activate --stack b\npython train.py"),
    good=PLAIN,
)
OF_A_VIRTUALENV = Message(
    id="virtualenv-on-path",
    kind=REFUSAL,
    subject="`source activate` without a name",
    reason="bash takes the first `activate` on PATH, here probably `{folder}/activate`",
    action="look for `pyvenv.cfg` above that folder. "
    "If the file is there, this is a virtualenv, so keep the line. Otherwise write `source activate NAME`",
    bad="#!/bin/bash\n#SBATCH --time=1:00\nexport PATH=/vol/me/myvenv/bin:$PATH\nsource activate\npython train.py\n",
    good=job("source activate vision\npython train.py"),
)
STARTS_TASKS = Message(
    id="starts-tasks",
    kind=DOUBT,
    subject="the script `{script}`",
    reason="several tasks start this script, and use the environment that the job builds before",
    action="run slurmfix on both scripts in one call, and write both",
    bad=f"{_STEP}conda activate vision\npython train.py\n",
    good=f"{_STEP}python train.py\n",
)
AMONG_WORDS = Message(
    id="among-words",
    kind=REFUSAL,
    subject="the path `{path}` inside a longer string",
    reason="slurmfix does not change a path in the middle of other words",
    action="activate the environment above this line, and write `{program}` instead of the path",
    bad=job('RUN="srun $HOME/miniconda3/envs/vision/bin/python -u"\n$RUN train.py\nconda activate vision'),
    good=job("RUN=$HOME/miniconda3/envs/vision/bin/python\n$RUN train.py"),
)
NAME_AT_RUN_TIME = Message(
    id="name-at-run-time",
    kind=REFUSAL,
    subject="the environment in `{path}`",
    reason="only the running job knows which environment this is",
    action="write `conda activate NAME` with the real name instead, and run slurmfix again",
    bad="#!/bin/bash\n#SBATCH --time=1:00:00\nexport PATH=$HOME/miniconda3/envs/$1/bin:$PATH\npython x.py\n",
    good=PLAIN,
)
AMONG_OTHER_TOOLS = Message(
    id="among-other-tools",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line checks that several tools are there, and conda will be there no longer",
    action="take `conda` out of this list of tools",
    bad=job("for t in conda samtools; do which $t || exit 1; done\nconda activate vision\npython train.py"),
    good=PLAIN,
)
HANDED_ON = Message(
    id="handed-on",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line hands the word `conda` to a function, and the program conda will not be there",
    action="delete the line if the function only looks for conda. Otherwise change the function",
    bad=job('need() { command -v "$1" || exit 1; }\nneed conda\nconda activate vision\npython train.py'),
    good=PLAIN,
)
NOTHING_LEFT = Message(
    id="nothing-left",
    kind=REFUSAL,
    subject="`{source}`",
    reason="without conda's folder PATH is empty, and the shell finds no program",
    action="delete the line, or set PATH to the folders that the job needs",
    bad=job("export PATH=$HOME/miniconda3/bin MODE=fast\nconda activate vision\npython train.py"),
    good=job("export PATH=$HOME/miniconda3/bin:$PATH MODE=fast\nconda activate vision\npython train.py"),
)
ACROSS_ENTRIES = Message(
    id="across-entries",
    kind=REFUSAL,
    subject="the quotes in {variable}",
    reason="a quote opens in one folder and closes in another, so slurmfix leaves the line",
    action="take conda's folder out of {variable} by hand",
    bad=job('export PATH="/opt/a:$HOME"/miniconda3/bin:"$PATH"\nconda activate vision\npython train.py'),
    good=PLAIN,
)
FOR_ONE_COMMAND = Message(
    id="for-one-command",
    kind=REFUSAL,
    subject="the path `{folder}` in {variable}",
    reason="{variable} is set for one command alone, so slurmfix leaves the line",
    action="write `conda activate NAME` above the command, delete this setting, and run slurmfix again",
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
    reason="programs that read {variable} would still use files in `{folder}`",
    action="delete the line. If the job needs these files, find their module with `module spider NAME`",
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
    reason="only conda's Python starts with this value",
    action="delete the line, since a virtualenv needs no {variable}",
    bad=job("export PYTHONHOME=~/miniconda3/envs/vision\nconda activate vision\npython train.py"),
    good=PLAIN,
)
LIBRARIES_OF_CONDA = Message(
    id="libraries-of-conda",
    kind=DOUBT,
    subject="the path `{folder}` in {variable}",
    reason="slurmfix takes this path out, though the job may have used conda's libraries there",
    action="check your programs with `ldd PROGRAM`. If a library is missing, find its module with "
    "`module spider LIBRARY`",
    bad=job("export LD_LIBRARY_PATH=$HOME/miniconda3/lib:$LD_LIBRARY_PATH\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PACKAGES_OF_CONDA = Message(
    id="packages-of-conda",
    kind=DOUBT,
    subject="the folder `{folder}` in PYTHONPATH",
    reason="this folder holds packages for conda's Python, so slurmfix takes it out",
    action="list the folder with `ls`, and add the packages that your code imports to the requirements file",
    bad=job("export PYTHONPATH=~/miniconda3/lib/python3.9/site-packages\nconda activate vision\npython train.py"),
    good=PLAIN,
)
STARTUP_FILE = Message(
    id="startup-file-goes",
    kind=DOUBT,
    subject="the start-up file `{file}`",
    reason="slurmfix takes this line out, since the file was there to set up conda",
    action="put the line back if the job needs anything else from the file",
    bad=job("source ~/.bashrc\nconda activate vision\npython train.py"),
    good=PLAIN,
)
HOOK_OF_THE_SITE = Message(
    id="hook-of-the-site",
    kind=DOUBT,
    subject="the file in `{variable}`",
    reason="slurmfix takes this line out, since by its name the variable stands for conda",
    action="put the line back if the job needs anything else from this file",
    bad=job("source $CONDA_SH\nconda activate vision\npython train.py"),
    good=PLAIN,
)
COMMAND_OF_THE_SITE = Message(
    id="command-of-the-site",
    kind=DOUBT,
    subject="the command `{command}`",
    reason="slurmfix takes this line out, since by its name the command sets up conda",
    action="put the line back if this command does anything else that the job needs",
    bad=job("init_conda\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NO_LIBRARIES = Message(
    id="no-libraries",
    kind=REFUSAL,
    subject="the path `{path}`",
    reason="a virtualenv does not have the libraries and headers of conda",
    action="delete this path. If the job then lacks a library, find the module of this library with "
    "`module spider LIBRARY`",
    bad=job("conda activate vision\ngcc -L$CONDA_PREFIX/lib x.c"),
    good=PLAIN,
)
OUTPUT_IS_USED = Message(
    id="output-is-used",
    kind=REFUSAL,
    subject="`{source}`",
    reason="{used}, and without conda there is no answer",
    action="write the name or path that the job needs in place of this command",
    bad=job("conda activate vision\nconda info | grep python > x\npython train.py"),
    good=PLAIN,
)
NO_COUNTERPART = Message(
    id="option-without-counterpart",
    kind=REFUSAL,
    subject="the option {option} of `conda run`",
    reason="without conda, no command does what this option does",
    action="write `conda activate NAME` above this line, and the command without `conda run`. Then run slurmfix again",
    bad=job("conda run --cwd /x -n vision python train.py"),
    good=PLAIN,
)
NO_COMMAND = Message(
    id="no-command",
    kind=REFUSAL,
    subject="`conda run` without a command",
    reason="nothing runs in the environment",
    action="add the command, or delete the line",
    bad=job("conda run -n vision\npython train.py"),
    good=PLAIN,
)
SNAKEMAKE_PROFILE = Message(
    id="snakemake-profile",
    kind=REFUSAL,
    subject="`{file}`, line {at}, which `snakemake` reads",
    reason="with `use-conda`, snakemake makes a conda environment for each rule of the workflow",
    action="write `envmodules:` or `container:` into each rule of the Snakefile, then delete this setting",
    bad=job("conda activate vision\nsnakemake --profile slurm") + "-- slurm/config.yaml --\nuse-conda: true\n",
    good=job("conda activate vision\nsnakemake --profile slurm") + "-- slurm/config.yaml --\nuse-conda: false\n",
)
NEXTFLOW_CONFIGURED = Message(
    id="nextflow-config",
    kind=REFUSAL,
    subject="`{file}`, line {at}, which `nextflow` reads",
    reason="nextflow would make a conda environment for each process of the workflow",
    action="delete this setting, and run nextflow with `-profile apptainer`, if the workflow has this profile",
    bad=job("conda activate vision\nnextflow run x.nf") + "-- nextflow.config --\nconda.enabled = true\n",
    good=job("conda activate vision\nnextflow run x.nf") + "-- nextflow.config --\nconda.enabled = false\n",
)
PIP_FROM_ADDRESS = Message(
    id="pip-from-an-address",
    kind=REFUSAL,
    subject="`{source}`",
    reason="compute nodes have no internet",
    action="fetch the package on a login node with `pip download --no-deps`, and write the path of the file here",
    bad=job("conda activate vision\npip install git+https://github.com/a/b\npython train.py"),
    good=PLAIN,
)
PROGRAM_NOT_HELD = Message(
    id="program-not-held",
    kind=REFUSAL,
    subject="the program `{program}` of the conda environment",
    reason="the new virtualenv may lack this program",
    action="find its module with `module spider {program}`, or add its package to the requirements file. Then "
    "write `{program}` alone",
    bad=job("conda activate vision\n$CONDA_PREFIX/bin/samtools view a.bam"),
    good=PLAIN,
)
NAME_ASKED_OF_CONDA = Message(
    id="name-asked-of-conda",
    kind=REFUSAL,
    subject="`{asked}`",
    reason="this line asks conda for an environment, and conda will not be there",
    action="write the name of the environment instead, and run slurmfix again",
    bad=job("conda activate $(conda env list | awk 'NR==3{print $1}')\npython train.py"),
    good=PLAIN,
)
OWN_COMMAND_IN_THE_BLOCK = Message(
    id="own-command-in-the-block",
    kind=REFUSAL,
    subject="the block that `conda init` wrote",
    reason="the block also holds a command of your own (`{command}`), which would be lost",
    action="move this command below the block, and run slurmfix again",
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
    reason="conda sets these variables at each activation, and a virtualenv does not",
    action="write `export NAME=VALUE` below the activation instead",
    bad=job("conda env config vars set DATA=/scratch/me\nconda activate vision\npython train.py"),
    good=job("conda activate vision\nexport DATA=/scratch/me\npython train.py"),
)
REMOVED_PACKAGE = Message(
    id="removed-package",
    kind=DOUBT,
    subject="`{source}`",
    reason="slurmfix takes this line out, and the requirements file may still list the package",
    action="delete the package from the requirements file",
    bad=job("conda activate vision\nconda remove -y numpy\npython train.py"),
    good=PLAIN,
)
RUN_IN_RUN = Message(
    id="run-in-run",
    kind=REFUSAL,
    subject="two `conda run` on one line",
    reason="the command runs in the inner environment alone",
    action="take the outer `conda run` out",
    bad=job("conda run -n a conda run -n b python train.py"),
    good=job("conda run -n b python train.py"),
)
RUNS_AN_ASSIGNMENT = Message(
    id="runs-an-assignment",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without conda, bash reads this word as an assignment and starts no program",
    action="move `{word}` in front of `conda run`",
    bad=job("conda run -n vision A=1 python train.py"),
    good=job("conda run -n vision python train.py"),
)
RUNS_A_KEYWORD = Message(
    id="runs-a-keyword",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without conda, bash reads this word as a keyword of its own",
    action="write the command with `bash -c '…'` behind `conda run`",
    bad=job("conda run -n vision if true"),
    good=job("conda run -n vision python train.py"),
)
RUNS_IN_THE_JOB = Message(
    id="runs-in-the-job",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without `conda run`, this command would act on the shell of the job itself",
    action="delete the line if conda alone needed it. Otherwise write the command without `conda run`",
    bad=job("conda run -n vision exit 1\npython train.py"),
    good=job("conda run -n vision python train.py"),
)
ORDER_OF_PATH = Message(
    id="order-of-path",
    kind=DOUBT,
    subject="the folder `{folder}` on PATH",
    reason="programs of this folder came before conda's, and now come behind those of the environment",
    action="call a program by its full path if both folders have it",
    bad=job("export PATH=/opt/tools/bin:$HOME/miniconda3/envs/vision/bin:$PATH\npython train.py"),
    good=job("export PATH=$HOME/miniconda3/envs/vision/bin:$PATH\npython train.py"),
)
EMPTY_VARIABLE = Message(
    id="empty-variable",
    kind=REFUSAL,
    subject="the variable `${name}`",
    reason="only conda sets this variable, so the value is empty from now on",
    action="delete the line if only conda needs it. Otherwise write the real path or name instead of `${name}`",
    bad=job("conda activate vision\npython train.py --conda ${CONDA_EXE:?}"),
    good=PLAIN,
)
OTHER_VARIABLE = Message(
    id="other-variable",
    kind=REFUSAL,
    subject="the variable `{name}`, which a program asks for",
    reason="only conda sets this variable, and a virtualenv sets VIRTUAL_ENV instead",
    action="let the program ask for VIRTUAL_ENV, or delete the test",
    bad=job("conda activate vision\npython -c 'import os; print(os.environ[\"CONDA_PREFIX\"])'"),
    good=PLAIN,
)
LEFT_FROM_OUTSIDE = Message(
    id="left-from-outside",
    kind=DOUBT,
    subject="`{source}`",
    reason="this script activates nothing, so the environment came from the shell that submitted the job",
    action="if the job needs packages, write `conda activate NAME` at its start, and run slurmfix again",
    bad=job("conda deactivate\npython train.py"),
    good=job("conda activate vision\npython train.py\nconda deactivate"),
)
BASE_OF_STARTUP = Message(
    id="base-of-startup-file",
    kind=REFUSAL,
    subject="`{source}`",
    reason="if this file activates conda's base environment, the job uses the Python of conda",
    action="open the file. If it has `conda activate`, write `conda activate NAME` "
    "below this line, and run slurmfix again, which converts both. Otherwise change nothing",
    bad=job("source ~/.bashrc\nconda list > packages.txt\npython train.py"),
    good=job("source ~/.bashrc\nconda activate vision\npython train.py"),
)
