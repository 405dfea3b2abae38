"""What is said of single commands that are left, or that go and want a look."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, REFUSAL, Message, job

_STEP = "#!/bin/bash\n#SBATCH --time=1:00 --ntasks=4\nsrun ./task.sh\n-- task.sh --\n#!/bin/bash\n"

ODDLY_QUOTED = Message(
    id="oddly-quoted",
    kind=REFUSAL,
    subject="the path on this line",
    reason="nothing can be put in front of a path that is quoted like this",
    action="write the path in plain letters",
)
NOT_HELD = Message(
    id="not-held",
    kind=REFUSAL,
    subject="this file of the conda environment",
    reason="a virtualenv does not hold this file",
    action="load the module that has the file",
    bad=job("conda activate vision\nls /home/me/miniconda3/envs/vision/share/data"),
    good=PLAIN,
)
STACKED = Message(
    id="stacked",
    kind=REFUSAL,
    subject="`conda activate --stack`",
    reason="of two virtualenvs only one is active",
    action="put the packages of both environments into one, and activate that one",
    bad=job("conda activate a\nconda activate --stack b\npython train.py"),
    good=PLAIN,
)
OF_A_VIRTUALENV = Message(
    id="virtualenv-on-path",
    kind=REFUSAL,
    subject="`source activate` on this line",
    reason="the `activate` of a folder that the script puts on PATH looks like a virtualenv's",
    action="keep the line, or name the environment in it if conda made it",
    bad="#!/bin/bash\n#SBATCH --time=1:00\nexport PATH=/vol/me/myvenv/bin:$PATH\nsource activate\npython train.py\n",
    good=job("source activate vision\npython train.py"),
)
STARTS_TASKS = Message(
    id="starts-tasks",
    kind=DOUBT,
    subject="the script `{script}`",
    reason="several tasks start this script, and find the environment that the job builds before",
    action="convert both in one call, and write both",
    bad=f"{_STEP}conda activate vision\npython train.py\n",
    good=f"{_STEP}python train.py\n",
)
AMONG_WORDS = Message(
    id="among-words",
    kind=REFUSAL,
    subject="the path among other words",
    reason="slurmfix cannot tell where the program's name ends",
    action="activate the environment, and write the program's name alone",
)
NAME_AT_RUN_TIME = Message(
    id="name-at-run-time",
    kind=REFUSAL,
    subject="the environment on this line",
    reason="only the running job knows which environment this is",
    action="activate each environment by its name where the job uses one",
    bad="#!/bin/bash\n#SBATCH --time=1:00:00\nexport PATH=$HOME/miniconda3/envs/$1/bin:$PATH\npython x.py\n",
    good=PLAIN,
)
AMONG_OTHER_TOOLS = Message(
    id="among-other-tools",
    kind=REFUSAL,
    subject="the question for several tools",
    reason="conda is one of the tools, and will not be there",
    action="take conda out of the list",
    bad=job("for t in conda samtools; do which $t || exit 1; done\nconda activate vision\npython train.py"),
    good=PLAIN,
)
HANDED_ON = Message(
    id="handed-on",
    kind=REFUSAL,
    subject="the name `conda`, which a function receives",
    reason="there will be no program of this name",
    action="check what the function does with the name",
    bad=job('need() { command -v "$1" || exit 1; }\nneed conda\nconda activate vision\npython train.py'),
    good=PLAIN,
)
NOTHING_LEFT = Message(
    id="nothing-left",
    kind=REFUSAL,
    subject="this search path",
    reason="without conda's entry nothing is left in the path",
    action="set the path to what the job needs, or take the line out",
)
ACROSS_ENTRIES = Message(
    id="across-entries",
    kind=REFUSAL,
    subject="the quotes in this search path",
    reason="a quote opens in one entry and closes in another",
    action="take conda's entry out by hand",
)
FOR_ONE_COMMAND = Message(
    id="for-one-command",
    kind=REFUSAL,
    subject="the search path in front of this command",
    reason="the path holds for this command alone",
    action="activate the environment above the command instead",
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
    subject="this variable",
    reason="programs that read the variable would still use files of the conda environment",
    action="load the module that has these files, and take the line out",
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
    subject="`PYTHONHOME`",
    reason="no other Python starts with this value",
    action="take the line out, and activate the environment",
    bad=job("export PYTHONHOME=~/miniconda3/envs/vision\nconda activate vision\npython train.py"),
    good=PLAIN,
)
LIBRARIES_OF_CONDA = Message(
    id="libraries-of-conda",
    kind=DOUBT,
    subject="this search path",
    reason="programs of the job may have used conda's libraries from there",
    action="load the modules that have the libraries",
    bad=job("export LD_LIBRARY_PATH=$HOME/miniconda3/lib:$LD_LIBRARY_PATH\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PACKAGES_OF_CONDA = Message(
    id="packages-of-conda",
    kind=DOUBT,
    subject="`PYTHONPATH`",
    reason="Python found packages in this folder of conda's",
    action="check that the job's environment has what the job imports",
    bad=job("export PYTHONPATH=~/miniconda3/lib/python3.9/site-packages\nconda activate vision\npython train.py"),
    good=PLAIN,
)
STARTUP_FILE = Message(
    id="startup-file-goes",
    kind=DOUBT,
    subject="the start-up file on this line",
    reason="the rewritten job does not read this file any more",
    action="keep the line if the job needs anything else from the file",
    bad=job("source ~/.bashrc\nconda activate vision\npython train.py"),
    good=PLAIN,
)
HOOK_OF_THE_SITE = Message(
    id="hook-of-the-site",
    kind=DOUBT,
    subject="the variable {variable}",
    reason="by this name conda is meant, and the script does not tell the value",
    action="keep the line if the job needs anything else from it",
    bad=job("source $CONDA_SH\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NO_LIBRARIES = Message(
    id="no-libraries",
    kind=REFUSAL,
    subject="`$CONDA_PREFIX` on this line",
    reason="a virtualenv has no libraries and headers of conda's",
    action="load the module that has the library",
    bad=job("conda activate vision\ngcc -L$CONDA_PREFIX/lib x.c"),
    good=PLAIN,
)
OUTPUT_IS_USED = Message(
    id="output-is-used",
    kind=REFUSAL,
    subject="the answer of conda on this line",
    reason="{used}, and conda will not answer any more",
    action="check what the job needs from the answer",
    bad=job("conda activate vision\nconda info | grep python > x\npython train.py"),
    good=PLAIN,
)
NO_COUNTERPART = Message(
    id="option-without-counterpart",
    kind=REFUSAL,
    subject="the option {option}",
    reason="a virtualenv has nothing that does the same",
    action="activate the environment, and run the command by itself",
    bad=job("conda run --cwd /x -n vision python train.py"),
    good=PLAIN,
)
NO_COMMAND = Message(
    id="no-command",
    kind=REFUSAL,
    subject="`conda run` on this line",
    reason="no command follows",
    action="write the command, or take the line out",
    bad=job("conda run -n vision\npython train.py"),
    good=PLAIN,
)
PACKED = Message(
    id="packed",
    kind=REFUSAL,
    subject="the packed environment on this line",
    reason="a packed environment is conda's all the same",
    action="list its packages, and build a virtualenv from the wheels",
    bad=job("conda-pack -n vision\nsource vision/bin/activate"),
    good=PLAIN,
)
RETICULATE = Message(
    id="reticulate",
    kind=REFUSAL,
    subject="`use_condaenv` in R",
    reason="R finds this environment only with conda",
    action="build a virtualenv, and name it with `use_virtualenv`",
    bad=job("Rscript -e 'reticulate::use_condaenv(\"vision\")'"),
    good=PLAIN,
)
PIXI = Message(
    id="pixi",
    kind=REFUSAL,
    subject="`pixi` on this line",
    reason="pixi makes a conda environment of its own",
    action="list its packages, and build a virtualenv from the wheels",
    bad=job("pixi run python train.py"),
    good=PLAIN,
)
SNAKEMAKE = Message(
    id="snakemake-use-conda",
    kind=REFUSAL,
    subject="`snakemake --use-conda`",
    reason="each rule of the workflow makes its own conda environment",
    action="give the rules `envmodules:` or `container:`, then drop the option",
    bad=job("snakemake --use-conda --cores 4"),
    good=PLAIN,
)
NEXTFLOW = Message(
    id="nextflow-conda",
    kind=REFUSAL,
    subject="`nextflow` with conda",
    reason="each process of the workflow makes its own conda environment",
    action="use a profile with Apptainer (`-profile apptainer`)",
    bad=job("nextflow run x.nf -profile conda"),
    good=PLAIN,
)
SNAKEMAKE_PROFILE = Message(
    id="snakemake-profile",
    kind=REFUSAL,
    subject="`{file}`, line {at}, which `snakemake` reads",
    reason="each rule of the workflow makes its own conda environment",
    action="give the rules `envmodules:` or `container:`, then drop this setting",
    bad=job("conda activate vision\nsnakemake --profile slurm") + "-- slurm/config.yaml --\nuse-conda: true\n",
    good=job("conda activate vision\nsnakemake --profile slurm") + "-- slurm/config.yaml --\nuse-conda: false\n",
)
NEXTFLOW_CONFIGURED = Message(
    id="nextflow-config",
    kind=REFUSAL,
    subject="`{file}`, line {at}, which `nextflow` reads",
    reason="each process of the workflow makes its own conda environment",
    action="use a profile with Apptainer (`-profile apptainer`)",
    bad=job("conda activate vision\nnextflow run x.nf") + "-- nextflow.config --\nconda.enabled = true\n",
    good=job("conda activate vision\nnextflow run x.nf") + "-- nextflow.config --\nconda.enabled = false\n",
)
OTHER_WORKFLOW = Message(
    id="workflow-conda",
    kind=REFUSAL,
    subject="the workflow manager on this line",
    reason="each step of the workflow makes its own conda environment",
    action="name containers or modules in the workflow, then drop the option",
    bad=job("cwltool --beta-conda-dependencies flow.cwl"),
    good=PLAIN,
)
PIP_FROM_ADDRESS = Message(
    id="pip-from-an-address",
    kind=REFUSAL,
    subject="`pip install` from an address",
    reason="compute nodes have no internet",
    action="fetch the package on a login node with `pip download --no-deps`, and install the file",
    bad=job("conda activate vision\npip install git+https://github.com/a/b\npython train.py"),
    good=PLAIN,
)
PROGRAM_NOT_HELD = Message(
    id="program-not-held",
    kind=REFUSAL,
    subject="the program {program} of the conda environment",
    reason="the new virtualenv may lack this program",
    action="load the module that has the program, and call it by its name",
    bad=job("conda activate vision\n$CONDA_PREFIX/bin/samtools view a.bam"),
    good=PLAIN,
)
NAME_ASKED_OF_CONDA = Message(
    id="name-asked-of-conda",
    kind=REFUSAL,
    subject="the environment on this line",
    reason="`{asked}` asks conda for its path, and conda is no longer there",
    action="write the name of the environment on this line",
    bad=job("conda activate $(conda env list | awk 'NR==3{print $1}')\npython train.py"),
    good=PLAIN,
)
OWN_COMMAND_IN_THE_BLOCK = Message(
    id="own-command-in-the-block",
    kind=REFUSAL,
    subject="the block that `conda init` wrote",
    reason="the block also holds a command of your own (`{command}`), which would be lost",
    action="move this command below the block",
)
VARIABLES_OF_CONDA = Message(
    id="variables-of-conda",
    kind=REFUSAL,
    subject="`conda env config vars` on this line",
    reason="conda sets these variables at each activation, and a virtualenv does not",
    action="export the variables after the activation",
    bad=job("conda env config vars set DATA=/scratch/me\nconda activate vision\npython train.py"),
    good=job("conda activate vision\nexport DATA=/scratch/me\npython train.py"),
)
REMOVED_PACKAGE = Message(
    id="removed-package",
    kind=DOUBT,
    subject="the package that conda removes on this line",
    reason="the requirements file may still list the package",
    action="take the package out of the requirements file",
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
    subject="the command behind `conda run`",
    reason="without conda, bash reads this word as an assignment and starts no program",
    action="call the program by its name",
    bad=job("conda run -n vision A=1 python train.py"),
    good=job("conda run -n vision python train.py"),
)
RUNS_A_KEYWORD = Message(
    id="runs-a-keyword",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without conda, bash reads this word as a part of its own language",
    action="call the program by its name",
    bad=job("conda run -n vision if true"),
    good=job("conda run -n vision python train.py"),
)
RUNS_IN_THE_JOB = Message(
    id="runs-in-the-job",
    kind=REFUSAL,
    subject="`{word}` behind `conda run`",
    reason="without conda, this command acts on the job itself",
    action="take the line out, or write what the job needs",
    bad=job("conda run -n vision exit 1\npython train.py"),
    good=job("conda run -n vision python train.py"),
)
ORDER_OF_PATH = Message(
    id="order-of-path",
    kind=DOUBT,
    subject="`{folder}` on PATH",
    reason="this folder stood in front of conda's, and the environment's programs are now found first",
    action="check which programs the job finds",
    bad=job("export PATH=/opt/tools/bin:$HOME/miniconda3/envs/vision/bin:$PATH\npython train.py"),
    good=job("export PATH=$HOME/miniconda3/envs/vision/bin:$PATH\npython train.py"),
)
EMPTY_VARIABLE = Message(
    id="empty-variable",
    kind=REFUSAL,
    subject="the variable `${name}` on this line",
    reason="only conda sets this variable, and without conda the variable is empty",
    action="write the value that the job needs",
    bad=job("conda activate vision\npython train.py --conda ${CONDA_EXE:?}"),
    good=PLAIN,
)
OTHER_VARIABLE = Message(
    id="other-variable",
    kind=REFUSAL,
    subject="the name `{name}` on this line",
    reason="a virtualenv does not set this variable, but VIRTUAL_ENV",
    action="ask for VIRTUAL_ENV, or take the question out",
    bad=job("conda activate vision\npython -c 'import os; print(os.environ[\"CONDA_PREFIX\"])'"),
    good=PLAIN,
)
NEXTFLOW_VARIABLE = Message(
    id="nextflow-variable",
    kind=REFUSAL,
    subject="the variable {name}",
    reason="with this variable, nextflow makes a conda environment for each process",
    action="take the variable out, and use a profile with Apptainer (`-profile apptainer`)",
    bad=job("export NXF_CONDA_ENABLED=true\nnextflow run x.nf"),
    good=job("nextflow run x.nf"),
)
LEFT_FROM_OUTSIDE = Message(
    id="left-from-outside",
    kind=DOUBT,
    subject="the deactivation on this line",
    reason="this script activates nothing, so the environment came from the shell that submitted the job",
    action="check which packages the job needs",
    bad=job("conda deactivate\npython train.py"),
    good=job("conda activate vision\npython train.py\nconda deactivate"),
)
BASE_OF_STARTUP = Message(
    id="base-of-startup-file",
    kind=REFUSAL,
    subject="the start-up file on this line",
    reason="the file may activate conda's base environment, whose Python the job then uses",
    action="activate an environment by its name in this script",
)
