"""Reads every form that a conda environment comes in: files, exports, lock files, prefixes on disk, imports."""

from __future__ import annotations

from slurmfix.environment.imports import imported_names, is_standard, read_imports
from slurmfix.environment.notebook import notebook_source
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.environment.prefix import read_prefix
from slurmfix.environment.r_imports import loaded_by_r
from slurmfix.environment.read import read_environment
from slurmfix.environment.requirements import own_folders
from slurmfix.environment.script_header import needed_by

__all__ = [
    "BadEnvironment",
    "Environment",
    "Package",
    "imported_names",
    "is_standard",
    "loaded_by_r",
    "needed_by",
    "notebook_source",
    "own_folders",
    "read_environment",
    "read_imports",
    "read_prefix",
]
