#!/bin/bash
conda activate a
sbatch <<EOF
#!/bin/bash
conda activate b
EOF
