"""What is said where a finding is left for a person: the refusals of a plan."""

from __future__ import annotations

from slurmfix.remarks import PLAIN, REFUSAL, Message, job

_TASK = "#!/bin/bash\nconda activate vision\npython train.py\n-- run.sh --\n#!/bin/bash\n"

_TRAIN = "conda activate vision\npython train.py"
HEREDOC = Message(
    id="reads-a-heredoc",
    kind=REFUSAL,
    subject="`{source}`",
    reason="bash reads `<<` as the start of a text (heredoc), not as a part of the name",
    action="write the real name instead of a placeholder such as `<<NAME>>`, and run slurmfix again",
    bad=job("conda activate vision <<EOF\nx\nEOF\npython train.py"),
    good=PLAIN,
)
BEHIND_AN_OPENER = Message(
    id="behind-a-heredoc",
    kind=REFUSAL,
    subject="the activation of `{environment}`",
    reason="a text (`<<`) starts on the same line, and would swallow the new lines",
    action="write the activation on a line of its own, and run slurmfix again",
    bad=job("cat <<EOF; conda activate vision\nx\nEOF\npython train.py"),
    good=PLAIN,
)
UNREAD = Message(
    id="line-not-read",
    kind=REFUSAL,
    subject="the script from line {unread} on",
    reason="slurmfix is not sure how bash reads these lines, so it changes nothing",
    action="replace placeholders such as `<NAME>` with the real names, and correct what `bash -n` finds. "
    "Then run slurmfix again",
    bad=job("conda activate <your environment>\npython train.py"),
    good=PLAIN,
)
CONTROL_IN_NAME = Message(
    id="control-in-a-name",
    kind=REFUSAL,
    subject="the name of the environment",
    reason="the name contains a line break or an invisible character",
    action="write the name with letters, digits, `-` and `_` only, and run slurmfix again",
    bad=job("conda activate 'vi\nsion'\npython train.py"),
    good=PLAIN,
)
QUOTED_NAME = Message(
    id="dollar-quote-in-a-name",
    kind=REFUSAL,
    subject="`{source}`",
    reason="slurmfix cannot use a name that is written as $'…'",
    action="write the name without `$` and quotes, and run slurmfix again",
    bad="#!/bin/bash\n#SBATCH --time=1:00\nconda activate $'vision'$X\npython train.py\n",
    good=PLAIN,
)
STARTED_AS_TASKS = Message(
    id="started-as-tasks",
    kind=REFUSAL,
    subject="the activation of `{environment}`",
    reason="`{caller}` starts this script as several tasks, and each would build the environment",
    action="run slurmfix on `{caller}` and this script together, so that only `{caller}` builds the environment",
    bad=f"{_TASK}#SBATCH --ntasks=4\nsrun ./job.sh\n",
    good=f"{_TASK}#SBATCH --ntasks=1\nsrun ./job.sh\n",
)
OTHER_MACHINE = Message(
    id="on-another-machine",
    kind=REFUSAL,
    subject="the activation of `{environment}` behind ssh",
    reason="the other machine may have neither the environment of this job nor its modules",
    action="write `srun` instead of `ssh`, and run slurmfix again",
    bad=job("ssh node1 'conda activate vision; python train.py'"),
    good=PLAIN,
)
IN_A_TRAP = Message(
    id="in-a-trap",
    kind=REFUSAL,
    subject="the activation of `{environment}` in a trap",
    reason="when the trap runs, the environment may not be built yet",
    action="activate the environment above the trap, and run slurmfix again",
    bad=job("trap 'conda activate vision; python save.py' EXIT\npython train.py"),
    good=PLAIN,
)
NAMED_IN_A_STEP = Message(
    id="named-in-a-step",
    kind=REFUSAL,
    subject="the environment `{environment}`",
    reason="only this srun step knows the name, and each of its tasks would build the environment",
    action="above this line, set the variable with the name and activate the environment. Then run slurmfix again",
    bad="""\
#!/bin/bash
#SBATCH --nodes=1
#SBATCH --ntasks=4
# Each task would have to build: nobody can say before the step which environment it is.
srun bash -c 'e=env$SLURM_PROCID; source activate $e; python train.py'
""",
    good=PLAIN,
)
NAMED_IN_CALLS = Message(
    id="named-in-calls",
    kind=REFUSAL,
    subject="the environment `{environment}`",
    reason="only this function knows the name, and two calls could build the environment at once",
    action="activate the environment above the calls of this function, and run slurmfix again",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# Three at a time would make the same folder.
run() {
    source activate $1
    python x.py $2
}
for s in 1 2 3; do
    run "$ENV" $s &
done
wait
""",
    good=PLAIN,
)
HETEROGENEOUS = Message(
    id="heterogeneous",
    kind=REFUSAL,
    subject="this heterogeneous job",
    reason="each part of the job (`#SBATCH hetjob`) runs on its own nodes, and needs an environment there",
    action="build the environment once in each part, with `srun --het-group=N` (N: 0, 1, …)",
    bad=job("#SBATCH hetjob\n#SBATCH --mem=1G\nconda activate vision\nsrun python train.py"),
    good=PLAIN,
)
MODULE_FOLLOWS = Message(
    id="module-follows",
    kind=REFUSAL,
    subject="`{source}`",
    reason="a module loaded after the activation can hide the packages of the environment",
    action="write this `module` command on a line of its own above the activation, and run slurmfix again",
    bad=job("conda activate vision && module load cuda && python train.py"),
    good=PLAIN,
)
UNCONFIRMED = Message(
    id="read-in-two-ways",
    kind=REFUSAL,
    subject="`{source}`",
    reason="slurmfix is not sure how bash reads this line, so the line stays unchanged",
    action="write one plain command per line, and run slurmfix again",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# bashlex does not read `time`: what is not confirmed is left.
time conda activate myenv
python train.py
""",
    good=PLAIN,
)
WITHOUT_EFFECT = Message(
    id="without-effect",
    kind=REFUSAL,
    subject="`{source}`",
    reason="behind `|` or before `&`, an activation changes nothing for the lines below",
    action="write the activation on a line of its own, and run slurmfix again",
    bad=job("conda activate vision | tee log\npython train.py"),
    good=PLAIN,
)
ON_A_LOGIN_NODE = Message(
    id="submits-jobs",
    kind=REFUSAL,
    subject="the activation of `{environment}`",
    reason="a login node runs this script, so the jobs of line {submits} do not have it",
    action="write `conda activate {environment}` into the script of each of these jobs, and delete this line. Then "
    "run slurmfix on all these scripts, which converts them",
    bad="#!/bin/bash\nconda activate vision\nfor seed in 1 2 3; do\n    sbatch train.sh $seed\ndone\n",
    good=job("conda activate vision\npython train.py\nsbatch next.sh"),
)
PATH_FOR_JOBS = Message(
    id="path-for-jobs",
    kind=REFUSAL,
    subject="the path of a program in `{environment}`",
    reason="the jobs of line {submits} use this path, not this script",
    action="write `conda activate {environment}` into these jobs, and call the program by its name there. "
    "Then run slurmfix on this script again",
    bad="#!/bin/bash\nPYTHON=~/miniconda3/envs/vision/bin/python\nsbatch --export=PYTHON=$PYTHON train.sh\n",
    good=job("PYTHON=~/miniconda3/envs/vision/bin/python\n$PYTHON train.py"),
)
FILLED_IN = Message(
    id="filled-in-by-format",
    kind=REFUSAL,
    subject="this script, a template in a Python program",
    reason="Python's `str.format` would replace the braces in the new lines",
    action="run slurmfix on a job made from the template, and copy the changes into the template with doubled braces",
    bad=job("#SBATCH --job-name={tag}\ncd run || conda activate vision\npython train.py"),
    good=PLAIN,
)
FILLED_BY_DOLLARS = Message(
    id="filled-in-by-template",
    kind=REFUSAL,
    subject="this script, a template in a Python program",
    reason="Python's `string.Template` would replace the variables in the new lines",
    action="run slurmfix on a job made from the template, and copy the changes into the template "
    "with doubled dollar signs",
    bad=job("echo $$(date)\nconda activate vision\npython $FILE"),
    good=PLAIN,
)
OTHER_MODULES = Message(
    id="other-modules",
    kind=REFUSAL,
    subject="the command in `{environment}`",
    reason="another environment is active on this line, with other versions of the same modules",
    action="write `conda deactivate` and `conda activate {environment}` above this line. Then run slurmfix again, "
    "which converts these lines",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00
conda activate a
conda run -n b python b.py
python a.py
-- a.yml --
name: a
dependencies: [python=3.11, pyarrow=17]
-- b.yml --
name: b
dependencies: [python=3.11, pyarrow=20]
""",
    good="#!/bin/bash\n#SBATCH --time=1:00\nconda activate a\nconda run -n b python b.py\npython a.py\n",
)
NOT_IN_AN_IMAGE = Message(
    id="path-in-an-image",
    kind=REFUSAL,
    subject="the path into `{environment}` in `{source}`",
    reason="the environment becomes an image (a .sif file), where this path does not exist",
    action="write `conda activate {environment}` above this line, and the program without its path. Then run "
    "slurmfix again, which converts both lines",
    bad=job(
        'bash -c "~/miniconda3/envs/vision/bin/python a.py"\nX=~/miniconda3/envs/vision/bin/python\n$X train.py',
        "python=3.11",
        "numpy",
        command="slurmfix --to apptainer job.sh",
    ),
    good=PLAIN,
)
USED_BY_NOTHING = Message(
    id="used-by-nothing",
    kind=REFUSAL,
    subject="the environment `{environment}`",
    reason="this script only makes the environment, but now each job builds its own",
    action="delete this script, or keep it for work with conda elsewhere",
    bad=job("conda create -n vision python=3.11"),
    good=PLAIN,
)
STAYS_FOR_ANOTHER = Message(
    id="stays-for-another",
    kind=REFUSAL,
    subject="`{source}`",
    reason="slurmfix leaves this line unchanged, since line {needs} still needs conda",
    action="follow the message on line {needs} first, then run slurmfix again",
    bad=job("module load anaconda3\nconda activate vision | tee log\npython train.py"),
    good=PLAIN,
)
STAYS_FOR_CODE = Message(
    id="stays-for-code",
    kind=REFUSAL,
    subject="`{source}`",
    reason="slurmfix leaves this line unchanged, since the file on line {code} may use conda",
    action="look for the word `conda` in that file. If you do not find it, delete this line",
    bad=job("source ~/miniconda3/etc/profile.d/conda.sh\nsource env.sh\n./simulate"),
    good=job("source ~/miniconda3/etc/profile.d/conda.sh\n./simulate"),
)
KEPT_WHOLE = Message(
    id="kept-whole",
    kind=REFUSAL,
    subject="the other lines about conda",
    reason="line {needs} still needs conda, and slurmfix changes all such lines or none",
    action="follow the message on line {needs} first, then run slurmfix again",
    bad=job("module load anaconda3\nconda activate vision\nsnakemake --use-conda --cores 4"),
    good=job("module load anaconda3\nconda activate vision\nsnakemake --use-envmodules --cores 4"),
)
GUARDED = Message(
    id="only-where-conda-is",
    kind=REFUSAL,
    subject="the activation of `{environment}`",
    reason="a test above the activation asks whether conda is there",
    action="delete this test (from `if` to `fi`, but keep the activation), and run slurmfix again",
    bad=job('if [ -n "$CONDA_EXE" ]; then conda activate vision; fi\npython train.py'),
    good=PLAIN,
)
OF_THE_STARTUP_FILE = Message(
    id="of-the-startup-file",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line of your start-up file uses conda, and slurmfix cannot tell what for",
    action="if you no longer use conda, delete this line. Otherwise leave the line as it is",
    bad="""\
-- .bashrc --
alias work='conda run -n vision python'
conda run -n vision python -V
-- command --
slurmfix .bashrc
""",
    good="-- .bashrc --\nconda activate vision\n-- command --\nslurmfix .bashrc\n",
)
DEPENDS_ON_CONDA = Message(
    id="depends-on-conda",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this line tests whether conda is there, and other lines depend on the answer",
    action="delete the test, and keep those of its lines that the job needs without conda",
    bad=job("if command -v conda; then\n    make data\nfi\nconda activate vision\npython train.py"),
    good=PLAIN,
)
NOTHING_ACTIVE = Message(
    id="nothing-active",
    kind=REFUSAL,
    subject="the variable `{variable}`",
    reason="only conda sets this variable, so the variable is now empty",
    action="delete the whole test, from `if` to `fi`. If the job needs the environment's name elsewhere, "
    "write the name instead of the variable",
    bad=job("echo $CONDA_DEFAULT_ENV > log\nconda activate vision\npython train.py"),
    good=job("conda activate vision\necho $CONDA_DEFAULT_ENV > log\npython train.py"),
)
PROGRAM_OF_AN_IMAGE = Message(
    id="program-of-an-image",
    kind=REFUSAL,
    subject="the path `{path}`",
    reason="the environment becomes an image (a .sif file), where this path does not exist",
    action="write the program without its path, and run slurmfix again",
    bad=job(
        "conda activate vision\n$CONDA_PREFIX/bin/python train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --to apptainer job.sh",
    ),
    good=job(_TRAIN, "python=3.11", "numpy", command="slurmfix --to apptainer job.sh"),
)
SEARCHED_IN_AN_IMAGE = Message(
    id="searched-in-an-image",
    kind=REFUSAL,
    subject="`{source}`",
    reason="the environment becomes an image (a .sif file), where programs outside of the image find nothing",
    action="if the job runs its programs in the image, delete this line",
    bad=job(
        "conda activate vision\nD=$CONDA_PREFIX/bin\nexport PATH=$D:$PATH\npython train.py",
        "python=3.11",
        "numpy",
        command="slurmfix --to apptainer job.sh",
    ),
    good=job(_TRAIN, "python=3.11", "numpy", command="slurmfix --to apptainer job.sh"),
)
