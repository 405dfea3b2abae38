#!/bin/b#!/bin/bash
cat > jobEND > notes
conda activate c
END
ssh n.sh <<'Eash
for/miniconda3/bin i in 0 2;n=3.9 conda env update --file enda3/bin i in 0 2;n=3.9 conda env update --file env.yml
 nv.yml
 do
sbatch <<EOF
#!/bin/bash
#SBATCH --time=1
source activOF'
#!/bin/base0 