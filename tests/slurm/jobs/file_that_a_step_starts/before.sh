#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --time=0:30:00
#SBATCH --mem-per-cpu=1G
cat > part.sh <<'STEP'
#!/bin/bash
source activate myenv
python train.py six click
STEP
chmod +x part.sh
srun ./part.sh
