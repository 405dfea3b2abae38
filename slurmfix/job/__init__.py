"""What a job itself runs: its programs, its files of Python and R, the modules that it loads, the paths in it."""

from slurmfix.job.modules import loaded_modules, modules_loaded_later
from slurmfix.job.paths import relative_paths
from slurmfix.job.programs import installed_by_pip, pip_requirements, program_calls, programs
from slurmfix.job.work import Form, Shown, Work, work_of

__all__ = [
    "Form",
    "Shown",
    "Work",
    "installed_by_pip",
    "loaded_modules",
    "modules_loaded_later",
    "pip_requirements",
    "program_calls",
    "programs",
    "relative_paths",
    "work_of",
]
