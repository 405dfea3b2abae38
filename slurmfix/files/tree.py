"""Lists what a project holds that may tell of environments: descriptions, scripts and guides, but no data."""

from __future__ import annotations

import os
import re
from functools import lru_cache

_DEPTH = 6  # levels of folders below the root
_MOST_ENTRIES = 60_000  # names that are looked at in all
_MOST_LISTED = 5_000  # names of one folder; a folder of data may hold millions
_SKIPPED = frozenset(
    """
    node_modules __pycache__ site-packages dist-packages vendor vendors vendored third_party thirdparty 3rdparty
    external externals extern submodules venv pkgs wandb mlruns checkpoints
    """.split()
)
_FOREIGN = frozenset(
    {".git", "conda-meta", "pyvenv.cfg"}
)  # a folder with one of these is another's project, or installed
_SHOWN = frozenset({".conda", ".binder", ".github", ".devcontainer"})  # hidden folders that people write into
_TELLS = re.compile(
    r".*\.(?:ya?ml|toml|txt|lock|json|sh|bash|sbatch|slurm|job|md|rst|py|ipynb|config|smk|r)\Z"
    r"|(?:.*[._-])?(?:dockerfile|makefile|readme|snakefile|install|install\w*)(?:[._-].*)?\Z",
    re.IGNORECASE,
)


@lru_cache(maxsize=100)
def project_files(root: str) -> tuple[str, ...]:
    """The files below a folder whose names may tell of an environment, the upper ones first; absolute paths.

    At most six levels and 60,000 names; no hidden folders, no vendored trees, no repositories within it, nothing that
    is installed; links are not followed.
    """
    level, found, room = [root], list[str](), _MOST_ENTRIES
    for _ in range(_DEPTH + 1):
        deeper: list[str] = []
        for folder in level:
            if room <= 0:
                return tuple(found)
            files, folders, is_own, looked = _listed(folder, min(room, _MOST_LISTED))
            room -= looked
            if is_own or folder == root:
                found += files
                deeper += folders
        level = deeper
    return tuple(found)


def _listed(folder: str, most: int) -> tuple[list[str], list[str], bool, int]:
    """The files and folders in a folder, whether it is of the same project, and how many names were looked at."""
    files, folders, is_own, looked = list[str](), list[str](), True, 0
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                looked += 1
                if looked > most:
                    break
                name = entry.name
                if name in _FOREIGN:
                    is_own = False
                elif entry.is_dir(follow_symlinks=False):
                    if name not in _SKIPPED and (not name.startswith(".") or name in _SHOWN):
                        folders.append(entry.path)
                elif _TELLS.match(name) and entry.is_file(follow_symlinks=False):
                    files.append(entry.path)
    except OSError:
        return [], [], False, looked
    return sorted(files), sorted(folders), is_own, looked
