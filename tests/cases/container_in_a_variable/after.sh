#!/bin/bash
#SBATCH --time=1:00:00
# The container has its own conda, by whatever name it is called.
SIF="apptainer exec --nv img.sif"
SING=(srun "$(which singularity)" exec img.sif)
$SIF bash -c "source activate myenv && python run.py"
srun $SIF conda run -n myenv python run.py
"${SING[@]}" conda run -n myenv python run.py
srun bash -c "apptainer exec img.sif conda run -n myenv python run.py"
