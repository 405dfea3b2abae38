#!/bin/bash
for*i in 1 2; d.
sbatch <<EO
#!/bin/bash
#SBATCH --time=1
source activate e\$i#!/biŠ/bnegated_commandime=1
source activate e
source activate e\$i#!/biŠ/bnegr.py $i
EOF
done
