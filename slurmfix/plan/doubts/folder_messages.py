"""What is said of a script that touches the folder which its environments are built in."""

from __future__ import annotations

from slurmfix.remarks import DOUBT, PLAIN, Message

COPIED_ALONG = Message(
    id="copied-along",
    kind=DOUBT,
    subject="the copy on line {line}",
    reason="the virtualenv is in ${variable}, so this line would copy the virtualenv, too",
    action="name the files to copy, instead of the whole folder",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# What the job has written is saved with all that lies beside it: the virtualenv, too.
rsync -a data/ "$SLURM_TMPDIR/"
conda activate myenv
python train.py --out "$SLURM_TMPDIR"
cp -r "$SLURM_TMPDIR/results" out/
tar cf results.tar -C "$SLURM_TMPDIR" .
cp -r $SLURM_TMPDIR/* "$SCRATCH/out/"
""",
    good=PLAIN,
)
GOES_OVER_ALL = Message(
    id="goes-over-all",
    kind=DOUBT,
    subject="line {line}",
    reason="this command takes all files in ${variable}, so also those of the virtualenv",
    action="name your own files here, instead of the whole folder",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# The virtualenv has files of all kinds: Python's, tables, JSON.
conda activate myenv
find $SLURM_TMPDIR -name '*.json' -exec python check.py {} \\;
cp data/*.csv $SLURM_TMPDIR
cd $SLURM_TMPDIR
for file in *; do
    python $SLURM_SUBMIT_DIR/train.py "$file"
done
python $SLURM_SUBMIT_DIR/train.py *.csv
""",
    good=PLAIN,
)
SAME_NAME = Message(
    id="name-in-the-folder",
    kind=DOUBT,
    subject="`{folder}` on line {line}",
    reason="the job uses this name where slurmfix builds the environment of the same name",
    action="give your file or folder on this line another name",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
cd $SLURM_TMPDIR
mkdir myenv
conda activate myenv
python train.py
""",
    good=PLAIN,
)
FOLDER_SET = Message(
    id="folder-set",
    kind=DOUBT,
    subject="`{variable}` on line {line}",
    reason="the job builds its virtualenv in the folder that this line sets",
    action="if no other job uses this folder at the same time, do nothing. Otherwise delete this line, or "
    "set another folder",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# The environment is built in the folder that the variable names then, and looked for in the one that it names later.
export SLURM_TMPDIR=$SCRATCH/tmp
conda activate myenv
python train.py
conda deactivate
unset SLURM_TMPDIR
conda activate myenv
python test.py
""",
    good=PLAIN,
)
FOLDER_CHANGED = Message(
    id="folder-changed",
    kind=DOUBT,
    subject="`{variable}` on line {line}",
    reason="the virtualenv is built before this line, so the job looks in the wrong folder afterwards",
    action="move this line above the activation (`source …/bin/activate`)",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# The environment is built in the folder that the variable names then, and looked for in the one that it names later.
export SLURM_TMPDIR=$SCRATCH/tmp
conda activate myenv
python train.py
conda deactivate
unset SLURM_TMPDIR
conda activate myenv
python test.py
""",
    good=PLAIN,
)
FOLDER_EMPTIED = Message(
    id="folder-emptied",
    kind=DOUBT,
    subject="line {line}",
    reason="this command deletes the virtualenv in ${variable}, which later lines use",
    action="move line {line} to the end of the job, or delete only your own files",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# Before anything is built, when the job ends, and once nothing is needed any more, no harm is done.
trap 'rm -rf "$SLURM_TMPDIR"' EXIT
rm -rf $SLURM_TMPDIR/*
conda activate myenv
for fold in 1 2 3; do
    python train.py $fold
    rm -rf ${SLURM_TMPDIR:?}/*
done
conda deactivate
rm -rf $SLURM_TMPDIR/*
""",
    good=PLAIN,
)
