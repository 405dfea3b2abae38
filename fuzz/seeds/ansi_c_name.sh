#!/bin/bash
export PA³³³³³³³³³³³³³³³³³³³³³C '--nod-srun bash -c '-nodconda inin/bash
#SBATCH srun n/bash
#SBATCH³³³³³"mitest_command:$"niconda3/bin:'$PAT 'bash ÓœßİŒŠ„ce activate H
conda activate 'a'"b"$';cb"$';c''
pip l
