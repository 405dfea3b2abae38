#!/bin/bash
bash <<EOF; echo behind
#!/bin/bash
#SBATCH --time=1
source activate myenv
python x.py
EOF
