#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --time=0:30:00
#SBATCH --mem-per-cpu=1G
for node in $(scontrol show hostnames); do echo $node; echo $node; done > hosts.txt
export SLURM_HOSTFILE=$PWD/hosts.txt
source activate myenv
srun -m arbitrary python train.py six click
