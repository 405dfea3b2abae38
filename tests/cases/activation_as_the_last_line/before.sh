# Sourced by others; its last line has no end.
source activate myenv