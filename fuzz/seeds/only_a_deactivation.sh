
conda deactivate