#!/bin/bash
# submits one job for each data set
for set in north south; do
    sbatch <<EOF
#!/bin/bash
#SBATCH --job-name=$set
#SBATCH --time=0:30:00
module load StdEnv/2023 python/3.11 geos/3.12.0 proj/9.4.1 || exit 1
virtualenv --no-download "\$SLURM_TMPDIR/maps" || exit 1
source "\$SLURM_TMPDIR/maps/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "\$SLURM_SUBMIT_DIR/requirements-maps.txt" || exit 1
python draw.py "$set" "\$SLURM_JOB_ID"
EOF
done
