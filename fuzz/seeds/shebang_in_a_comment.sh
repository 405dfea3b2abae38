conda install #!/bin/bash
sime=1 --wrap="some=1 --wrap=ÿÿÿÿÿÿÿmp=1 --wrap="some=1 p="source activate x; python y.py"
srun ba
srun bash -c 'conda activate x && python  && '
