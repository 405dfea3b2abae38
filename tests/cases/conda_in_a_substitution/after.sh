#!/bin/bash
#SBATCH --time=1:00:00
# The value of a variable, a word, and a heredoc come from the environment.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
version=$(env PATH="$SLURM_TMPDIR/myenv/bin:$PATH" python -V)
cat > settings <<END
python=$(env PATH="$SLURM_TMPDIR/myenv/bin:$PATH" python -V)
END
./prog --python "$(env PATH="$SLURM_TMPDIR/myenv/bin:$PATH" which python)" --x
