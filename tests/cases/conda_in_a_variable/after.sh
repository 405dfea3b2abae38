#!/bin/bash
#SBATCH --time=1:00:00
# Nothing follows what such a variable is put in front of.
RUN="conda run -n myenv --no-capture-output"
srun $RUN python train.py
echo "conda activate is not needed here"
printf '#!/bin/bash\nsource activate myenv\npython b.py\n' | sbatch
