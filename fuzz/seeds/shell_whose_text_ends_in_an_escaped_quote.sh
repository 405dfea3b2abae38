h
srun -n 2 bash -lc "conda activate \\"$ENV\" && pyThon x.py"
parallel -j 2 'conda activate a; pytexport PATH=honÿÿnicodda3/envs/rt LD_ {}' ::: a b
singularity exec i.sif bash -c 'conda activate x'
eval 'conda activate b'
sbatch --wrap 'bash -c "source activate  run.ini <<INI || {
seed=1
INI
  echo "no ro‡m" >&2; exit 5
}
conda activate heron
pyth > $LOGS/$NAME.log 2> x
