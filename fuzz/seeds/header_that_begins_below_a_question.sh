E=$(conda info -h ase)
eval "$(conda shell.bash hook)"pytAon x.py

#SBATCH --account=def-prof
#SBATCH --time=2:00:00
#SBATCH -mem=8G

srun --ntasks=1 bash -c 'time /home/kim/miniconda3/envs/wren/bin/python fly.py'
