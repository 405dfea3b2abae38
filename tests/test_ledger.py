"""The account of a script: what is listed, who claims it, and the two laws that hold for all of them."""

import golden
import pytest
from test_messages import report_of

from slurmfix.convert import convert
from slurmfix.environment import Environment, Package
from slurmfix.ledger import (
    AT_HAND,
    BUILD,
    CODE,
    ELSEWHERE,
    INSTALL,
    LAUNCHER,
    MODULE,
    OF_A_MODULE,
    OF_A_SITE,
    OUTPUT,
    PROGRAM,
    SHELL,
    TRACE,
    account,
)
from slurmfix.ledger.build import EXPORT
from slurmfix.ledger.changed import FIRST_LINE, IS_SET, MEANING, OUTSIDE, PLACE, RESTS, SHARED_INPUT
from slurmfix.ledger.claims import CLAIMANTS
from slurmfix.ledger.downloads import DATA_FETCHED, MODEL_FETCHED
from slurmfix.ledger.entries import SUBMITS, SUBMITS_STEPS
from slurmfix.ledger.failures import FALLBACK, HANDLED, RETRIED, TRAPPED
from slurmfix.ledger.folder import FOLDER
from slurmfix.ledger.handed import OPTIONS, PATH
from slurmfix.ledger.itself import DATA, OWN_LINES
from slurmfix.ledger.outlives import INTO_AN_IMAGE, JAR, KERNEL, LASTING
from slurmfix.ledger.undone import AT_THE_END
from slurmfix.plan import MANUAL, REVIEW, SAFE, Served, Site, gather, make_plan, needs
from slurmfix.recipe import make_recipe
from slurmfix.rules import find
from slurmfix.shell import read

HEAD = "#!/bin/bash\n#SBATCH --time=1:00:00\n"
HOOK = "source ~/miniconda3/etc/profile.d/conda.sh\n"
ENTER = "conda activate myenv\npython train.py\n"


ARROW = (Package("numpy"), Package("pyarrow"))


def answer(script, findings, asked):
    """Each environment is known whole, and holds numpy; `arrow` holds pyarrow, which is a module's."""
    packages = (Package("numpy"),)
    environments = {
        each.named: Environment(each.named.name, ARROW if each.named.name == "arrow" else packages, origin="a list")
        for each in asked
    }
    return {
        named.code: Served(named, make_recipe(environment), f"requirements-{named.name}.txt")
        for named, environment in environments.items()
    }


def converted(text):
    return convert("job.sh", text, answer, Site(), beside=BESIDE.get)


def grades(text):
    return {step.applicability for step in converted(text).steps}


BESIDE = {"plain.sh": "#!/bin/bash\nls\n", "uses.sh": "conda activate b\n", "more.sh": "source other.sh\n"}
BESIDE |= {
    "enters.sh": "conda activate b\npython b.py\n",
    "python.sh": "python b.py\n",
    "unsets.sh": "unset SLURM_TMPDIR\n",
    "./report.py": "#!/x/miniconda3/envs/b/bin/python\nimport numpy\n",
    "./launch": "#!/bin/bash\nsource activate b\n",
    "vars.sh": "export LIB=$CONDA_PREFIX/lib\n",
    "own.sh": "module load anaconda3\nsource activate b\npython b.py\n",
    "Makefile": "train:\n\tconda run -n b python b.py\n",
    "submit.py": "import subprocess\nsubprocess.run(['sbatch', 'next.sh'])\n",
    "uses.txt": "/home/ana/miniconda3/envs/b/bin/python b.py\nconda run -n b python b.py\n",
    "scripts.txt": "./one.sh\n./two.sh\n",
    "plain.txt": "python b.py 1\ncd x && python b.py 2\n",
    "Snakefile": "rule all:\n    shell: 'conda run -n b python b.py'\n",
    "plain.smk": "# conda run -n b\nrule all:\n    shell: 'python b.py'\n",
    "workflow/top.smk": 'include: "rules/a.smk"\n',
    "workflow/rules/a.smk": 'shell.prefix("source activate b; ")\n',
    "slurm/config.yaml": "executor: slurm\njobs: 5\n",
    "plain.nf": "process A { script: 'python b.py' }\n",
    "uses.nf": "process A { beforeScript 'source activate b' }\n",
    "nextflow.config": "process.executor = 'slurm'\n",
    "dvc.yaml": "stages:\n  a:\n    cmd: conda run -n b python b.py\n",
    "sim.jl": "run(`conda run -n b python b.py`)\n",
    "run_all.m": "pyenv('Version', '/home/ana/miniconda3/envs/b/bin/python')\n",
    "parse.pl": 'system("source ~/miniconda3/bin/activate b; python b.py");\n',
    "CMakeLists.txt": "list(APPEND CMAKE_PREFIX_PATH $ENV{CONDA_PREFIX})\n",
    "src/Makefile": "sim:\n\tgcc -I$(CONDA_PREFIX)/include sim.c\n",
    "paths.yaml": "python: /home/ana/miniconda3/envs/b/bin/python\n",
    "list.yaml": "name: b\nprefix: /home/ana/miniconda3/envs/b\n",
    "shell.py": "import os\nos.system('conda run -n b python b.py')\n",
    "nipy.py": 'wf.run(plugin="SLURM")\n',
    "./found.py": "#!/usr/bin/env python3\nimport numpy\n",
    "cluster.py": "from dask_jobqueue import SLURMCluster\n",
}


def ledger_of(text, claimants=CLAIMANTS):
    script = read(text)
    findings = find(script)
    job = gather(script, findings, Site())
    return account(
        script, findings, make_plan(job, answer(script, findings, needs(job)), Site()), BESIDE.get, claimants
    )


# What keeps a script from being safe: the kind of the entry, and the line that is told.
OPEN = {
    "eval of a text that conda stands in": (TRACE, 5, HOOK + "W='conda activate b'\neval \"$W\"\n" + ENTER),
    "eval of what nobody knows": (CODE, 4, HOOK + 'eval "$WORK"\n' + ENTER),
    "a variable as the program": (CODE, 4, HOOK + "$RUN train.py\n" + ENTER),
    "the words of the job": (CODE, 6, HOOK + ENTER + '"$@"\n'),
    "a program behind a launcher": (CODE, 6, HOOK + ENTER + "srun -n 4 $RUN\n"),
    "a program behind the options of a launcher": (CODE, 6, HOOK + ENTER + "mpirun -np $N -x A --oversubscribe $RUN\n"),
    "a program behind an option without a value": (CODE, 6, HOOK + ENTER + "srun -l $RUN a.py\n"),
    "a file of programs for each task": (CODE, 6, HOOK + ENTER + "srun --multi-prog m.conf\n"),
    "a file that is sourced": (CODE, 4, HOOK + "source settings.sh\n" + ENTER),
    "a script that is started": (CODE, 6, HOOK + ENTER + "./post.sh\n"),
    "a script that a shell is given": (CODE, 6, HOOK + ENTER + "bash -e post.sh a\n"),
    "a script behind srun": (CODE, 6, HOOK + ENTER + "srun --nodes 1 bash post.sh\n"),
    "a file that uses conda": (CODE, 4, HOOK + "source uses.sh\n" + ENTER),
    "a file that sources another": (CODE, 4, HOOK + "source more.sh\n" + ENTER),
    "a start-up file below the activation": (CODE, 6, HOOK + ENTER + "source ~/.bashrc\n"),
    "an alias": (TRACE, 3, "alias use='conda activate'\n" + HOOK + "use myenv\n"),
    "a function that runs its words": (TRACE, 7, HOOK + 'try() {\n  "$@"\n}\ntry conda activate b\n' + ENTER),
    "an array": (TRACE, 4, HOOK + "R=(conda run -n b)\n" + ENTER),
    "a folder that is named": (TRACE, 5, ENTER + "du -sh /x/miniconda3\n"),
    "text that Python runs": (TRACE, 6, ENTER + "python - <<E\nx = 1; os.system('conda run -n b c')\nE\n"),
    "text in a file that is named again": (
        TRACE,
        6,
        ENTER + "cat > l.txt <<E\nconda run -n b c\nE\nparallel < l.txt\n",
    ),
    "text that goes to parallel": (TRACE, 6, ENTER + "cat <<E | parallel\nconda run -n b c\nE\n"),
    "an echo that is kept": (TRACE, 5, ENTER + "echo conda activate b > x\n"),
    "an echo that is read": (TRACE, 5, ENTER + "echo conda activate b | bash\n"),
    "a path on its way to a shell": (TRACE, 5, ENTER + "echo '/x/miniconda3/envs/b/bin/python c.py' | bash\n"),
    "lines of a later job": (TRACE, 5, ENTER + "printf '%s\\n' '#!/bin/bash' 'module load anaconda3' > b.sh\n"),
    "a line of a format": (TRACE, 5, ENTER + "printf 'source %s/bin/activate b\\npython c.py\\n' ~/x > b.sh\n"),
    "an alias by a path": (TRACE, 5, ENTER + "alias use='source ~/miniconda3/bin/activate b'\n"),
    "a here-string": (TRACE, 5, ENTER + "bash <<< 'source ~/miniconda3/bin/activate b; python c.py'\n"),
    "a text in a variable": (TRACE, 6, ENTER + "W='export PATH=~/miniconda3/bin:$PATH'\nsbatch --wrap \"$W\"\n"),
    "lines in a file for parallel": (
        TRACE,
        6,
        ENTER + "cat > l.txt <<E\n~/miniconda3/envs/b/bin/python c.py\nE\nparallel < l.txt\n",
    ),
    "a shell of a written job": (SHELL, 6, ENTER + "cat > b.sh <<E\n#!/x/miniconda3/bin/bash\nls\nE\nsbatch b.sh\n"),
    "a path in an option": (TRACE, 5, ENTER + "spark-submit --conf py=/x/miniconda3/envs/b/bin/python c.py\n"),
    "a file that an activation wrote": (OUTPUT, 4, "conda activate myenv > a.log 2>&1\ncat a.log\npython a.py\n"),
    "what a module's line said": (
        OUTPUT,
        6,
        "module load anaconda3 2> /x/a.err\n" + ENTER + "[ -s a.err ] || cat a.err\n",
    ),
    "libraries beside the Python": (PLACE, 5, ENTER + "export L=$(dirname $(which python))/../lib\npython b.py\n"),
    "the Python's prefix": (PLACE, 5, ENTER + "P=$(python -c 'import sys; print(sys.prefix)')\ngcc -I$P x.c\n"),
    "the first folder of the path": (PLACE, 5, ENTER + "B=${PATH%%:*}\n$B/python b.py\n"),
    "a virtualenv above": (RESTS, 5, ENTER + "source ~/venvs/b/bin/activate\npython b.py\n"),
    "a virtualenv that is made above": (RESTS, 5, ENTER + "python -m venv --system-site-packages b\n"),
    "no virtualenv": (IS_SET, 5, ENTER + 'if [ -z "$VIRTUAL_ENV" ]; then exit 1; fi\npython b.py\n'),
    "a function called pip": (MEANING, 3, 'pip() { command pip "$@"; }\n' + ENTER),
    "an alias of module": (MEANING, 3, "alias module='echo'\n" + ENTER),
    "the header": (TRACE, 3, "#SBATCH --export=ALL,T=/x/miniconda3\n" + ENTER),
    "a purge": (MODULE, 6, "conda activate arrow\npython a.py\nmodule purge\npython b.py\n"),
    "a purge in an inner shell": (MODULE, 4, "conda activate arrow\nbash -c 'module purge; python b.py'\n"),
    "a purge in the input of a shell": (MODULE, 4, "conda activate arrow\nbash <<E\nml purge\npython b.py\nE\n"),
    "another module in its place": (MODULE, 6, "conda activate arrow\nmake\nmodule swap arrow gcc\npython b.py\n"),
    "an empty environment": (MODULE, 4, 'conda activate arrow\nenv -i PATH="$PATH" python b.py\n'),
    "without one variable": (MODULE, 4, "conda activate arrow\nenv -u PYTHONPATH python b.py\n"),
    "a variable that is unset": (MODULE, 5, "conda activate arrow\nunset PYTHONPATH\npython b.py\n"),
    "a step with its own export": (MODULE, 4, "conda activate arrow\nsrun --export=PATH,HOME python b.py\n"),
    "a path for an unknown program": (PATH, 3, "./inside /x/miniconda3/envs/myenv/bin/python a.py\n"),
    "a variable for an unknown program": (PATH, 4, "P=/x/miniconda3/envs/myenv/bin/python\nwrapped $P a.py\n"),
    "all arguments for a workflow": (OPTIONS, 5, ENTER + 'snakemake --cores 4 "$@"\n'),
    "a clone into the folder of the job": (FOLDER, 5, ENTER + "git clone ~/repo $SLURM_TMPDIR\n"),
    "a clone into the current folder": (FOLDER, 6, ENTER + "cd $SLURM_TMPDIR\ngit clone ~/repo .\n"),
    "a test for an empty folder": (FOLDER, 3, '[ -z "$(ls -A $SLURM_TMPDIR)" ] && ls a\n' + ENTER),
    "an array of all in the folder": (FOLDER, 5, ENTER + "FILES=($SLURM_TMPDIR/*)\npython b.py ${#FILES[@]}\n"),
    "the folder of the job by its path": (
        FOLDER,
        5,
        ENTER + "git clone ~/repo /localscratch/$USER.$SLURM_JOB_ID.0\n",
    ),
    "a search through the folder": (FOLDER, 6, ENTER + "cd $SLURM_TMPDIR\ngrep -rl done\n"),
    "a function that empties a folder": (
        FOLDER,
        6,
        "clean() { rm -rf $1/*; }\n" + ENTER + "clean $SLURM_TMPDIR\npython b.py\n",
    ),
    "a trap in the middle of the job": (
        FOLDER,
        3,
        "save() { rm -rf $SLURM_TMPDIR/*; }\ntrap save USR1\n" + ENTER,
    ),
    "a file of the environment's name": (FOLDER, 5, ENTER + "cp -r data/myenv $SLURM_TMPDIR/\npython b.py\n"),
    "a folder of the environment's name": (FOLDER, 6, ENTER + "D=myenv\nls $SLURM_TMPDIR/$D | wc -l\n"),
    "lines of the script by number": (OWN_LINES, 3, 'A=$(sed -n "12p" "$0")\n' + ENTER),
    "all lines of the script, by number": (OWN_LINES, 3, 'mapfile -t LINES < "$0"\n' + ENTER),
    "the head of the script": (OWN_LINES, 5, ENTER + "head -n 20 $0 | tail -n 1\n"),
    "an output that is data": (DATA, 3, "exec > $SCRATCH/m_$N.jsonl\n" + ENTER),
    "an output of the header that is data": (DATA, 3, "#SBATCH --output=result.json\n" + ENTER),
    "the status of an activation": (HANDLED, 3, "source activate myenv\nif [ $? -ne 0 ]; then ls; fi\npython a.py\n"),
    "the status as a case": (HANDLED, 3, "source activate myenv\n\ncase $? in 0) ls;; esac\npython a.py\n"),
    "a profile that is not at hand": (OPTIONS, 5, ENTER + "snakemake --profile farm -j 10\n"),
    "a configuration that is not at hand": (OPTIONS, 5, ENTER + "nextflow -c site.config run main.nf\n"),
    "jobs that hydra submits": (SUBMITS, 5, ENTER + "python train.py -m hydra/launcher=submitit_slurm\n"),
    "a profile that a variable names": (OPTIONS, 4, HOOK + "nextflow run main.nf -profile $1\n"),
    "a workflow that a hook serves": (OPTIONS, 4, HOOK + "snakemake --cores 4\n"),
    "another machine": (MODULE, 5, 'conda activate arrow\nP=$(which python)\nssh node "$P b.py"\n'),
    "a first line of conda's": (FIRST_LINE, 5, ENTER + "srun ./report.py\n"),
    "a launcher on its way to a shell": (
        LAUNCHER,
        5,
        "#SBATCH --ntasks=8\nsource activate myenv\necho 'mpirun python a.py' | bash\n",
    ),
    "a launcher in what is printed for another": (
        LAUNCHER,
        5,
        "#SBATCH --gpus=8\nsource activate myenv\nprintf 'srun python a.py' | sh\n",
    ),
    "a program of no table": (PROGRAM, 5, ENTER + "dask-mpi --scheduler\n"),
    "such a program behind a launcher": (PROGRAM, 5, ENTER + "mpirun foobar\n"),
    "such a program in a pipe": (PROGRAM, 5, ENTER + "cat a | xargs -n1 foobar\n"),
    "such a program in an array": (PROGRAM, 6, "R=(time foobar -x)\n" + ENTER + '"${R[@]}"\n'),
    "such a program in a variable": (PROGRAM, 6, "EXE=foobar\n" + ENTER + "srun $EXE\n"),
    "such a program in a text": (PROGRAM, 5, ENTER + "srun bash -c 'cd x; foobar'\n"),
    "such a program behind options in a variable": (PROGRAM, 6, 'A="--jobid $J"\n' + ENTER + "srun $A foobar a\n"),
    "options in a variable that nobody knows whole": (CODE, 6, 'A="--wait=60 $B"\n' + ENTER + "srun $A foobar a\n"),
    "such a program in a text in pieces": (
        PROGRAM,
        7,
        'L="foobar --a "b=$c" -n 1"\n' + ENTER + 'D="$L a.py"\nsrun bash -c "$D"\n',
    ),
    "such a program in a heredoc": (PROGRAM, 6, ENTER + "bash <<E\nfoobar\nE\n"),
    "such a program in the hands of a function": (PROGRAM, 8, 'try() {\n  "$@"\n}\n' + ENTER + "try foobar\n"),
    "such a program by conda run": (PROGRAM, 3, "conda run -n myenv foobar\n"),
    "a program that conda's base may have": (PROGRAM, 4, "module load anaconda3\nfoobar\n" + ENTER),
    "such a program of base by the hook": (PROGRAM, 4, 'eval "$(conda shell.bash hook)"\nfoobar\n' + ENTER),
    "such a program below a deactivation": (
        PROGRAM,
        7,
        "module load anaconda3\n" + ENTER + "conda deactivate\nfoobar\n",
    ),
    "such a program behind find": (PROGRAM, 5, ENTER + "find . -name x -exec foobar {} +\n"),
    "a launcher of another site": (OF_A_SITE, 5, ENTER + "ibrun python b.py\n"),
    "such a launcher behind another program": (OF_A_SITE, 5, ENTER + "time ibrun python b.py\n"),
    "a compiler that only says its version": (OF_A_MODULE, 5, ENTER + "nvcc -V\n"),
    "a file that is sourced above all": (CODE, 3, "source ~/start-prod\n" + HOOK + ENTER),
    "a job submitted by its input": (SUBMITS, 5, ENTER + "sbatch < next.sh\n"),
    "a job submitted by xargs": (SUBMITS, 5, ENTER + "ls jobs/* | xargs -n1 sbatch\n"),
    "a job submitted by parallel": (SUBMITS, 5, ENTER + "parallel sbatch ::: a.sh b.sh\n"),
    "a job submitted by find": (SUBMITS, 5, ENTER + "find . -name '*.sh' -exec sbatch {} +\n"),
    "a job in a variable": (SUBMITS, 6, ENTER + "NEXT=/x/next\nsbatch $NEXT\n"),
    "sbatch in a variable": (SUBMITS, 6, "SUBMIT=sbatch\n" + ENTER + "$SUBMIT next.sh\n"),
    "a job submitted by a function": (SUBMITS, 4, 'later() {\n  sbatch "$@"\n}\n' + ENTER + "later next.sh\n"),
    "a job submitted at last": (SUBMITS, 5, ENTER + "exec sbatch next.sh\n"),
    "a job submitted by a text": (SUBMITS, 5, ENTER + "bash -c 'cd x && sbatch next.sh'\n"),
    "a job submitted by a heredoc": (SUBMITS, 6, ENTER + "bash <<E\nsbatch next.sh\nE\n"),
    "a job at hand that runs Python": (SUBMITS, 5, ENTER + "sbatch python.sh\n"),
    "a job of a text that runs Python": (SUBMITS, 5, ENTER + "sbatch --wrap='python b.py'\n"),
    "a job submitted when this one ends": (SUBMITS, 3, "trap 'sbatch next.sh' EXIT\n" + ENTER),
    "a text for ipython that installs": (INSTALL, 6, ENTER + "ipython <<E\n!pip install x\nE\n"),
    "a text for Python that installs": (INSTALL, 5, ENTER + "python -c 'import os; os.system(\"pip install x\")'\n"),
    "a notebook that installs": (
        INSTALL,
        6,
        ENTER + "cat > a.ipynb <<E\n!pip install x\nE\njupyter nbconvert --execute a.ipynb\n",
    ),
    "another person's shell": (BUILD, 3, "sudo bash -c 'source activate myenv; python a.py'\n"),
    "a path behind ssh": (ELSEWHERE, 3, "ssh node ~/miniconda3/envs/myenv/bin/python a.py\n"),
    "conda run behind ssh": (ELSEWHERE, 3, "ssh node conda run -n myenv python a.py\n"),
    "conda run behind salloc": (ELSEWHERE, 3, "salloc -N2 conda run -n myenv python a.py\n"),
    "a step in an allocation of its own": (ELSEWHERE, 5, ENTER + "salloc -N 2 srun python b.py\n"),
    "a step in another allocation": (ELSEWHERE, 5, ENTER + "srun --jobid 1234 python b.py\n"),
    "the folder of the node": (BUILD, 3, "export SLURM_TMPDIR=/x\n" + ENTER),
    "the number of nodes": (BUILD, 3, "SLURM_NNODES=1\n" + ENTER),
    "the folder that the job is submitted from": (BUILD, 3, "unset SLURM_SUBMIT_DIR\n" + ENTER),
    "a variable that is read": (BUILD, 3, "read SLURM_TMPDIR < x\n" + ENTER),
    "a variable that is printed into": (BUILD, 3, "printf -v SLURM_TMPDIR /x\n" + ENTER),
    "all variables of Slurm's": (BUILD, 3, "for v in ${!SLURM_@}; do unset $v; done\n" + ENTER),
    "all of them by a search": (BUILD, 3, "unset $(env | grep ^SLURM_ | cut -d= -f1)\n" + ENTER),
    "a file at hand that unsets one": (CODE, 3, "source unsets.sh\n" + ENTER),
    "a folder for pip": (BUILD, 3, "export PIP_TARGET=$HOME/x\n" + ENTER),
    "an option for pip": (BUILD, 3, "export PIP_USER=1\n" + ENTER),
    "another home of packages": (BUILD, 3, "export PYTHONUSERBASE=$HOME/x\n" + ENTER),
    "a limit for files": (BUILD, 3, "ulimit -f 204800\n" + ENTER),
    "some variables of the submitting shell": (EXPORT, 3, "#SBATCH --export=HOME,PATH\n" + ENTER),
    "no variable at all": (BUILD, 3, "env -i bash -c 'source activate myenv; python a.py'\n"),
    "no variable at all for a file that the job writes": (
        BUILD,
        8,
        "cat > b.sh <<'E'\n#!/bin/bash\nsource activate myenv\npython b.py\nE\nenv -i bash b.sh\n",
    ),
    "a script behind xargs": (CODE, 5, ENTER + "ls | xargs -I {} bash post.sh {}\n"),
    "a script behind find": (CODE, 5, ENTER + "find . -name x -exec bash post.sh {} \\;\n"),
    "a script behind conda run": (CODE, 3, "conda run -n myenv ./post.sh\n"),
    "a script at hand without an ending": (CODE, 5, ENTER + "./launch\n"),
    "a script at hand with a system file's name": (CODE, 5, ENTER + "source vars.sh\n"),
    "a list of commands as the input of parallel": (AT_HAND, 5, ENTER + "parallel -j 8 < uses.txt\n"),
    "such a list for the place of the command": (AT_HAND, 5, ENTER + "parallel -j $N {} < uses.txt\n"),
    "such a list by an option": (AT_HAND, 5, ENTER + "parallel -j 8 -a uses.txt\n"),
    "such a list behind a separator": (AT_HAND, 5, ENTER + "parallel --joblog l.log :::: uses.txt\n"),
    "such a list for a shell": (AT_HAND, 5, ENTER + "parallel 'cd x; {}' :::: uses.txt\n"),
    "such a list for GLOST": (AT_HAND, 5, ENTER + "srun glost_launch uses.txt\n"),
    "a list of commands that is not here": (CODE, 5, ENTER + "parallel < gone.txt\n"),
    "a list of scripts": (CODE, 5, ENTER + "parallel < scripts.txt\n"),
    "a Makefile that uses conda": (AT_HAND, 5, ENTER + "make train\n"),
    "a Snakefile that nobody names": (AT_HAND, 5, ENTER + "snakemake --cores 8\n"),
    "a rule that is included": (AT_HAND, 5, ENTER + "snakemake -s workflow/top.smk\n"),
    "a workflow that submits": (SUBMITS_STEPS, 5, ENTER + "snakemake --cluster sbatch -j 9\n"),
    "a workflow that submits with options": (SUBMITS_STEPS, 5, ENTER + 'snakemake --cluster "sbatch -c 1" -j 9\n'),
    "a profile that submits": (SUBMITS_STEPS, 5, ENTER + "snakemake -s plain.smk --profile slurm\n"),
    "a profile that a variable tells": (
        SUBMITS_STEPS,
        6,
        ENTER + "export SNAKEMAKE_PROFILE=slurm\nsnakemake -s plain.smk\n",
    ),
    "a nextflow configuration that submits": (SUBMITS_STEPS, 5, ENTER + "nextflow run plain.nf\n"),
    "a nextflow process that uses conda": (AT_HAND, 5, ENTER + "nextflow run uses.nf -c plain.config\n"),
    "a stage of dvc": (AT_HAND, 5, ENTER + "dvc repro\n"),
    "a file in Julia": (AT_HAND, 5, ENTER + "julia sim.jl\n"),
    "a file in Matlab": (AT_HAND, 5, ENTER + "matlab -batch run_all\n"),
    "a file in Matlab in a call": (AT_HAND, 5, ENTER + "matlab -r \"run('run_all.m'); exit\"\n"),
    "a file in Perl": (AT_HAND, 5, ENTER + "perl parse.pl a\n"),
    "a file for CMake": (AT_HAND, 5, ENTER + "cmake -S . -B build\n"),
    "a Makefile of another folder": (AT_HAND, 5, ENTER + "make -C src\n"),
    "a Makefile where the job goes": (AT_HAND, 6, ENTER + "cd src\nmake\n"),
    "a configuration with a path": (AT_HAND, 5, ENTER + "python drive.py --config paths.yaml\n"),
    "a text of Python that uses conda": (AT_HAND, 5, ENTER + "python shell.py\n"),
    "a plugin that submits": (SUBMITS_STEPS, 5, ENTER + "python nipy.py\n"),
    "a kernel by its name": (KERNEL, 5, ENTER + "papermill -k x in.ipynb out.ipynb\n"),
    "a kernel for the user": (LASTING, 5, ENTER + "python -m ipykernel install --user --name x\n"),
    "a link to the Python": (LASTING, 5, ENTER + "ln -sf $(which python) $HOME/bin/labpython\n"),
    "the Python for an image": (INTO_AN_IMAGE, 5, ENTER + "apptainer exec a.sif $(which python) b.py\n"),
    "a program that is a jar": (JAR, 5, ENTER + "picard MarkDuplicates I=a.bam\n"),
    "nodes that the script asks for": (LAUNCHER, 5, ENTER + "srun python b.py\n(($SLURM_NNODES > 1)) && echo many\n"),
    "nodes that a comment tells": (LAUNCHER, 6, "# sbatch -N 8 job.sh\n" + ENTER + "srun python b.py\n"),
    "a job at hand that rests on the provider": (AT_HAND, 4, "module load anaconda3\nsbatch uses.sh\n" + ENTER),
    "a program at hand that submits a job": (SUBMITS_STEPS, 5, ENTER + "python submit.py\n"),
    "a program at hand that starts workers": (SUBMITS_STEPS, 5, ENTER + "srun python cluster.py\n"),
    "another place of modules": (BUILD, 3, "export MODULEPATH=/x\n" + ENTER),
    "a place of modules that goes": (BUILD, 3, "module unuse /x\n" + ENTER),
    "modules of a collection": (BUILD, 3, "module restore mine\n" + ENTER),
    "no module at all": (BUILD, 3, "unset -f module\n" + ENTER),
    "a purge in the function that activates": (
        MODULE,
        8,
        "start() {\n  module purge\n  conda activate arrow\n}\nstart\npython a.py\n",
    ),
    "a Python below the environment": (OUTSIDE, 7, HOOK + ENTER + "conda deactivate\npython3 b.py\n"),
    "a Python beside conda run": (OUTSIDE, 4, "conda run -n myenv python a.py\npip list\n"),
    "a Python beside a path": (OUTSIDE, 5, "P=/x/miniconda3/envs/myenv/bin/python\n$P a.py\npython b.py\n"),
    "a function whose failure is handled": (HANDLED, 4, "f() { conda activate myenv; }\nf || python3 b.py\n"),
    "a subshell whose failure is handled": (HANDLED, 3, "( conda activate myenv; python a.py ) || echo none\n"),
    "a group whose failure is handled": (HANDLED, 3, "{ conda activate myenv; python a.py; } || echo none >> log\n"),
    "a folder of a program that moves": (
        PLACE,
        4,
        "P=~/miniconda3/envs/x/bin/python\nB=$(dirname $P)\n$P a.py\n$B/b c\n",
    ),
    "a function whose status is kept": (HANDLED, 4, "f() { conda activate myenv; }\nf; rc=$?\nexit $rc\n"),
    "nextflow by its path": (SUBMITS_STEPS, 5, ENTER + "./nextflow-21.04.3-all run a.nf -profile slurm\n"),
    "other hosts of parallel": (ELSEWHERE, 5, ENTER + "parallel -S node1,node2 python b.py ::: 1 2\n"),
    "warnings that end pip": (BUILD, 3, "export PYTHONWARNINGS=error\n" + ENTER),
    "a group that decides": (HANDLED, 3, "if { conda activate myenv; python a.py; }; then ls; else ls > failed; fi\n"),
    "a status that is kept": (HANDLED, 3, "conda activate myenv; rc=$?\nif (( rc )); then exit 12; fi\npython a.py\n"),
    "a trap on errors": (TRAPPED, 4, "set -Eeuo pipefail\ntrap 'touch FAILED' ERR\n" + ENTER),
    "an activation that is tried again": (RETRIED, 3, "until conda activate myenv; do sleep 5; done\npython a.py\n"),
    "a way without conda": (FALLBACK, 3, "module load anaconda3 2>/dev/null || source /usr/share/x/init\n" + ENTER),
    "a step of the author's own": (
        MEANING,
        4,
        '#SBATCH --nodes=2\nsrun() { command srun -l "$@"; }\n' + ENTER + "srun a\n",
    ),
    "a trap that needs what it deletes": (
        AT_THE_END,
        3,
        "trap 'rm -rf \"$SLURM_TMPDIR\"/*; python b.py' EXIT\n" + ENTER,
    ),
    "a Python file below the environment": (OUTSIDE, 7, HOOK + ENTER + "conda deactivate\n./found.py\n"),
    "a shell that reads what is printed": (CODE, 5, ENTER + "printf 'ml purge\\npython b.py\\n' | bash\n"),
    "a shell that reads what a program prints": (CODE, 5, ENTER + "python a.py | srun sh -s\n"),
    "a shell that reads a file": (CODE, 5, ENTER + "bash < list.txt\n"),
    "a script that is printed": (CODE, 6, ENTER + "echo 'ml purge; python b.py' > s.sh\nbash s.sh\n"),
    "such a program behind an alias": (PROGRAM, 5, ENTER + "alias run='foobar mem'\nrun x\n"),
    "such a program beside the script": (PROGRAM, 5, ENTER + "coproc foobar\n"),
    "the input of a loop": (SHARED_INPUT, 4, "while read -r l; do\n  conda run -n myenv python a.py\ndone < x\n"),
    "the environment's own folder": (TRACE, 5, "conda activate /x/y/lidar\npython a.py\n[ -e /x/y/lidar/share ]\n"),
}

# What is claimed, and by whom alone.
CLAIMED = {
    "by_the_steps": HOOK + ENTER,
    "by_comments": ENTER + "# conda activate b\n",
    "by_containers": ENTER + "apptainer exec a.sif conda run -n b c\n",
    "by_the_header": "#SBATCH --job-name=miniconda\n" + ENTER,
    "by_the_model": ENTER + "python mamba/train.py --model mamba\n",
    "by_what_is_shown": ENTER + "echo conda activate b\n",
    "by_heredocs": ENTER + "cat <<E\nconda activate b\nE\n",
    "by_those_who_hold": HOOK + ENTER + "LIST=/x/miniconda3/list\n",
    "by_the_order": "bash settings.sh\n" + HOOK + ENTER,
    "by_constants": HOOK + ENTER + "W='python b.py'\neval \"$W\"\n",
    "by_the_callers": HOOK + 'try() {\n  "$@"\n}\n' + ENTER + "try python b.py\n",
    "by_system_files": HOOK + "source /etc/profile\n" + ENTER,
    "by_startup_files": HOOK + "source ~/.bashrc\n" + ENTER,
    "by_what_is_written": HOOK + ENTER + "cat > b.sh <<E\npython b.py\nE\nbash b.sh\n",
    "by_files_at_hand": HOOK + "source plain.sh\n" + ENTER,
    "by_those_who_find_conda": "module load anaconda3\nsbatch own.sh\n" + ENTER,
    "by_programs": HOOK + ENTER + "./solve\n",
    "by_loaded_modules": "conda activate arrow\npython b.py\nssh node 'mkdir x; ls'\n",
    "by_packages": "module load foobar/1.2\n" + ENTER + "foobar_extract a\nrsync a b\nf2py a\n",
    "by_their_paths": ENTER + "./tool a\ntool b\n",
    "by_what_changes_no_build": "SLURM_TMPDIR=/x bash plain.sh\n" + ENTER + "export PIP_TARGET=/x\nenv -i ls\n",
    "by_the_submitted": ENTER + "sbatch own.sh\nsbatch <<E\n#!/bin/bash\nsleep 10\nE\n",
    "by_the_nodes": "#SBATCH --nodes=1\n" + ENTER + "srun -n 4 python a.py\n",
}


@pytest.mark.parametrize(("kind", "line", "text"), OPEN.values(), ids=OPEN.keys())
def test_what_nobody_accounts_for_is_open_and_never_safe(kind, line, text):
    ledger = ledger_of(HEAD + text)
    assert (kind, line) in [(entry.kind, ledger.line(entry)) for entry in ledger.open]
    outcome = converted(HEAD + text)
    assert SAFE not in {step.applicability for step in outcome.steps}
    assert line in [remark.line for remark in outcome.notes]


# What is none of it: such words are the values of options.
PLAIN = {
    "tasks of mpirun": "mpirun -np $SLURM_NTASKS python a.py\nmpirun -np ${N} -x A python a.py\n",
    "tasks of srun": 'srun -n $N --cpus-per-task "$C" python a.py\n',
    "another build of mpiexec": "mpiexec.hydra -ppn $P -genv A $B python a.py\n",
    "a path for a program of every node": "time /x/miniconda3/envs/myenv/bin/python a.py\n",
    "a file of programs for each task": "cat > m.conf <<E\n0 python a.py\nE\nsrun --multi-prog m.conf\n",
    "a text for parallel": "parallel 'conda activate myenv; python a.py {}' ::: 1 2\n",
    "a configuration that only names the environment": "python b.py --config list.yaml\n",
    "a question for the log": "which python\n",
    "a list of plain commands": "parallel -j 8 < plain.txt\nparallel :::: plain.txt\n",
    "a list of commands that the job writes": "echo python b.py >> l.txt\nparallel < l.txt\n",
    "arguments from a file": "parallel python a.py {} :::: gone.txt\nparallel -a gone.txt python a.py\n",
    "files in the folder of the job": "cp a.csv $SLURM_TMPDIR/\ncd $SLURM_TMPDIR\nls\npython a.py $SLURM_TMPDIR\n",
    "a new folder in it": "mkdir -p $SLURM_TMPDIR/run\ntar xf a.tar -C $SLURM_TMPDIR\nrm -rf $SLURM_TMPDIR/run\n",
    "an end that clears up": "cp -r $SLURM_TMPDIR/out $SCRATCH/\nrm -rf $SLURM_TMPDIR/*\n",
    "the name of the script": 'echo "$0"\ncd $(dirname "$0")\n',
    "an output that is a log": "exec 2> job.err\nexec > job.log\n",
    "no variable of the submitting shell": "#SBATCH --export=NONE\nulimit -c 0; ulimit -s unlimited\n",
    "a prefix that is empty or tells": 'e=""\n[ "$1" = -n ] && e="echo "\n${e}rm out.txt\n',
    "a limit": "timeout -k $K 3h python a.py\n",
}
FETCHED = {
    "python -m spacy download en_core_web_md": MODEL_FETCHED,
    "srun python3 -u -m nltk.downloader punkt": DATA_FETCHED,
    "gdown 1a2b3c -O a.zip": DATA_FETCHED,
    "kaggle datasets download -d a/b": DATA_FETCHED,
    "echo gdown 1a2b3c": "",
    "pip install gdown kaggle": "",
}


@pytest.mark.parametrize(("line", "kind"), FETCHED.items())
def test_what_is_fetched_from_the_internet_is_told(line, kind):
    listed = {entry.kind for entry in ledger_of(HEAD + HOOK + ENTER + line + "\n").open}
    assert listed & {MODEL_FETCHED, DATA_FETCHED} == ({kind} if kind else set())


def test_the_number_of_a_job_is_no_text_of_it():
    job = "sbatch --parsable --wrap 'conda activate myenv; python a.py'"
    assert ledger_of(f"{HEAD}id=$({job})\nsbatch --dependency=afterok:$id --wrap 'python b.py'\n").open == ()


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_what_is_no_code_is_not_listed_as_such(text):
    assert CODE not in [entry.kind for entry in ledger_of(HEAD + "#SBATCH --nodes=1\n" + HOOK + ENTER + text).open]
    assert grades(HEAD + "#SBATCH --nodes=1\n" + HOOK + ENTER + text) == {SAFE}


@pytest.mark.parametrize("name", CLAIMED)
def test_what_is_claimed_is_claimed_by_one_alone(name):
    text = HEAD + CLAIMED[name]
    assert ledger_of(text).open == ()
    assert grades(text) == {SAFE}
    others = tuple(claimant for claimant in CLAIMANTS if claimant.name != name)
    assert ledger_of(text, others).open


def test_every_claimant_has_a_row():
    assert list(CLAIMED) == [claimant.name for claimant in CLAIMANTS]


# Projects: the files beside the job count, too. What is told of the job, and its lines with the other files.
LISTED = "\n-- environment.yml --\nname: myenv\ndependencies: [python=3.11, numpy]\n-- train.py --\nimport numpy\n"
OPEN_PROJECTS = {
    "a submission from each run": (
        "submitted-elsewhere",
        ENTER + LISTED + "-- all.sh --\nfor d in runs/*/; do\n  (cd $d && sbatch ../../job.sh)\ndone\n",
    ),
    "a submission by a whole path": (
        "submitted-elsewhere",
        ENTER + LISTED + '-- all.sh --\nR=$PWD\ncd runs/a\nsbatch -N 1 "$R/job.sh"\n',
    ),
    "lines of its own by its name": ("own-lines", ENTER + "sed -n 8p $SLURM_SUBMIT_DIR/job.sh > a.tsv\n" + LISTED),
    "a sourced file that empties the folder": (
        "emptied-by-a-file",
        "conda activate myenv\nsource stage.sh\npython train.py" + LISTED + "-- stage.sh --\nrm -rf $SLURM_TMPDIR/*\n",
    ),
    "a file that submits a job": (
        "submits-while-active",
        f"{ENTER}bash all.sh{LISTED}-- all.sh --\nsbatch next.sh\n-- next.sh --\npython b.py\n",
    ),
    "a file that starts tasks": (
        "tasks-on-other-nodes",
        f"#SBATCH --ntasks=64\n{ENTER}bash all.sh{LISTED}-- all.sh --\nsrun python b.py\n",
    ),
    "a Python file that starts a script of conda's": (
        "file-uses-conda",
        f'{ENTER}python s.py{LISTED}-- s.py --\nimport os\nos.system("bash p.sh")\n-- p.sh --\nsource activate b\n',
    ),
    "a trap in a sourced file": (
        "failure-is-trapped",
        f"source c.sh\n{ENTER}{LISTED}-- c.sh --\ntrap 'touch FAILED' ERR\n",
    ),
    "a Python file that empties it": (
        "emptied-by-a-file",
        f'{ENTER}python s.py{LISTED}-- s.py --\nimport os, shutil\nshutil.rmtree(os.environ["SLURM_TMPDIR"])\n',
    ),
    "a path that leads nowhere from here": (
        "submitted-elsewhere",
        "conda activate myenv\npython ../../train.py" + LISTED,
    ),
}
PLAIN_PROJECTS = {
    "a submission from the own folder": ENTER + LISTED + '-- all.sh --\ncd "$(dirname "$0")"\nsbatch job.sh\n',
    "a submission from above": ENTER + LISTED + "-- all.sh --\ncd /x/project\nsbatch job.sh\n",
    "a workflow that uses no conda": "conda activate myenv\nsnakemake --profile cores"
    + LISTED.replace("numpy", "snakemake", 1)
    + "-- Snakefile --\n# conda run -n b\nrule all:\n    shell: 'python b.py'\n-- cores/config.yaml --\ncores: 5\n",
    "a file of Matlab's without conda": "module load matlab/2023b.2\nconda activate myenv\nmatlab -batch plain"
    + LISTED
    + "-- plain.m --\n% conda run -n b\nx = 1;\n",
    "a path from a folder that the job enters": "conda activate myenv\ncd runs/a\npython ../../train.py" + LISTED,
}


@pytest.mark.parametrize(("said", "text"), OPEN_PROJECTS.values(), ids=OPEN_PROJECTS)
def test_what_lies_beside_a_job_may_keep_it_from_being_safe(said, text, tmp_path, monkeypatch):
    report = report_of(HEAD + text, tmp_path, monkeypatch)
    assert said in {remark["id"] for file in report["files"] for remark in file["remarks"]}
    assert "safe" not in {finding["applicability"] for file in report["files"] for finding in file["findings"]}


@pytest.mark.parametrize("text", PLAIN_PROJECTS.values(), ids=PLAIN_PROJECTS)
def test_what_lies_beside_a_job_and_bears_on_nothing_leaves_it_safe(text, tmp_path, monkeypatch):
    report = report_of(HEAD + text, tmp_path, monkeypatch)
    job = next(file for file in report["files"] if file["path"] == "job.sh")
    assert {finding["applicability"] for finding in job["findings"]} == {"safe"}


# Scripts in which no rule finds anything: the line that is named all the same, or none.
UNFOLLOWED = {
    "a copy of an environment": (3, "rsync -a ~/miniconda3/envs/x/ $T/x/\nexport PATH=$T/x/bin:$PATH\npython a.py\n"),
    "an archive of one": (3, "tar xf $HOME/miniconda3_x.tar -C $T\nexport PATH=$T/envs/x/bin:$PATH\npython a.py\n"),
    "its libraries": (4, "M=$HOME/miniconda3\nLD_LIBRARY_PATH=$M/lib ./sim\n"),
    "a file that activates": (3, "source /opt/contrib/conda-activate.sh 3.6\npython a.py\n"),
    "an activation in a text": (4, "read -r -d '' WORK <<E\nsource ~/miniconda3/bin/activate x\nE\n"),
    "a definition for conda": (0, "cp conda_envs/x.yml $T/\nls ~/miniconda3\n"),
    "an image": (0, "cp $T/conda_x.sif .\nexport SINGULARITYENV_PREPEND_PATH=/srv/conda/bin\n./noconda/bin/x\n"),
}


@pytest.mark.parametrize(("line", "text"), UNFOLLOWED.values(), ids=UNFOLLOWED)
def test_what_no_rule_finds_is_named_where_it_surely_is_of_conda(line, text):
    outcome = converted(HEAD + text)
    assert outcome.steps == () and outcome.unhandled == bool(line)
    assert [remark.line for remark in outcome.notes] == ([line] if line else [])


def test_what_calls_conda_keeps_all_of_the_script():
    outcome = converted(HEAD + HOOK + 'attempt() {\n  "$@"\n}\nattempt conda activate b\n' + ENTER)
    assert outcome.before == outcome.after
    assert {step.applicability for step in outcome.steps} == {MANUAL}


def test_what_only_may_use_conda_wants_a_look():
    assert grades(HEAD + HOOK + ENTER + "bash post.sh\n") == {REVIEW}


# Lines that make no script safer: what they do, or say, has nothing to do with its environments.
ADDED = (
    "true\n",
    "echo done\n",
    "X=1\n",
    "cd /x\n",
    "module load gcc\n",
    "if true; then\n    ls\nfi\n",
    "# a comment\n",
    "source settings.sh\n",
)


JOBS = [case for case in golden.all_cases() if case.is_job and b"\r" not in case.before]


@pytest.mark.parametrize("case", JOBS, ids=lambda case: case.name)
def test_no_line_that_is_added_makes_a_script_safe(case):
    text = golden.text_of(case.before)
    if SAFE in grades(text) or not grades(text):
        pytest.skip("it is safe, or nothing is found")
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(ADDED):
        at = (len(lines) * (number + 1)) // (len(ADDED) + 1)
        assert SAFE not in grades("".join([*lines[:at], line, *lines[at:]])), (at, line)
