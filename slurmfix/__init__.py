"""slurmfix rewrites Slurm job scripts from conda to environment modules and a virtualenv, as a diff for review."""

__version__ = "0.1.0"
