#!/bin/bash
for i in 1 2; do
sbatch <<EOF
#!/bin/bash
#SBATCH --time=1
source activate e\$i
python inner.py $i
EOF
done
