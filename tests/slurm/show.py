"""Prints, as one line for each task, which Python runs it and where the packages named as arguments come from."""

import importlib
import importlib.metadata
import json
import os
import platform
import sys


def package(name):
    module = importlib.import_module(name)
    return [importlib.metadata.version(name), os.path.dirname(module.__file__)]


names = [word for word in sys.argv[1:] if not word.startswith("-")]
print(
    "PROBE"
    + json.dumps(
        {
            "node": platform.node(),
            "job": os.environ.get("SLURM_JOB_ID"),
            "procid": os.environ.get("SLURM_PROCID"),
            "array": os.environ.get("SLURM_ARRAY_TASK_ID"),
            "tmpdir": os.environ.get("SLURM_TMPDIR"),
            "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
            "prefix": sys.prefix,
            "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
            "cwd": os.getcwd(),
            "packages": {name: package(name) for name in names},
        }
    )
    + "END",
    flush=True,
)
