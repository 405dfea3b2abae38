"""Where a script's files are looked for, and the folder that it is submitted from."""

from __future__ import annotations

import os

from slurmfix import files
from slurmfix.config import Settings
from slurmfix.job import relative_paths
from slurmfix.shell import Script


def folders_of(path: str) -> tuple[str, ...]:
    """The folders in which to look for what a script refers to, the nearest first; "-" is standard input."""
    return files.folders_up(path) if path != "-" else (os.getcwd(),)


def submit_folder(script: Script, folders: tuple[str, ...], settings: Settings) -> str:
    """The folder in which most of the script's own relative paths exist; its own folder where none does."""
    if settings.submit_dir:
        return os.path.abspath(os.path.expanduser(settings.submit_dir))
    if len(folders) == 1:
        return folders[0]
    paths = relative_paths(script)
    hits = [sum(files.exists(os.path.join(folder, path)) for path in paths) for folder in folders]
    return folders[hits.index(max(hits))] if any(hits) else folders[0]
