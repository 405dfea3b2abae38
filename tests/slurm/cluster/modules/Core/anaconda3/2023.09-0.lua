LmodError("Anaconda is not supported on this cluster; use module load python and virtualenv instead.")
