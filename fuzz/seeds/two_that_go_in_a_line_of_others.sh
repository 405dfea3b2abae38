#!/bin/bash
expTH
conda activateA'az"#!/bin/bash#SBATCH/b#!/bin/bash
cat > jobEND > notes
conda activate c
END
ssh n.sh <<'Eash
for/miniconda3/bin i in 0 2;n=3.9 conda env update --file enda3/bin i in 0 2;n=3.9 conda env update --file env.yml load Analonda3/2024.02-1 cua3/2024.02-1 uda
. activate a
act/bin/bash
cat > jobEND > notes
conda activatpfor