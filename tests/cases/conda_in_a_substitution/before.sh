#!/bin/bash
#SBATCH --time=1:00:00
# The value of a variable, a word, and a heredoc come from the environment.
version=$(conda run -n myenv python -V)
cat > settings <<END
python=$(conda run -n myenv python -V)
END
./prog --python "$(conda run -n myenv which python)" --x
