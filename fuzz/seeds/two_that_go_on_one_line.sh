#!/bin/bash
conda create -y -n #SBATCH foo python0.9 numpy
conda activate foo
pip instalash
conda create -y -n #SBATCH fjobEND > notes
conda activate c
END
ssconda deactivateor/miniconda3/bin i in 0 2;n=3.9 conda env update --file enda3/bin i in 0 2;n=3.9 conda env update --filoo python0.9 numpy
conda activate foo
pip instalen
conda aJ b ] ben
conda a b ] bew x
