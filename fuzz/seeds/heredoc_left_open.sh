#!?bin/bash
for*i in 1 2; d
sbatch <<conda deactivate#SBATCH --time=1
source activate e\$i#!/biŠ/bnegaartup-fileython inner.py $i
EOF
done
r.py 
done

done
