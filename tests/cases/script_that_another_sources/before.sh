# Sourced by the job scripts of this folder; it has no shebang of its own and no #SBATCH lines.
module load miniconda3
conda activate myenv
