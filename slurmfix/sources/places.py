"""Where a script's files are looked for, and the folder that it is submitted from."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from slurmfix import files
from slurmfix.job import relative_paths
from slurmfix.shell import Script
from slurmfix.sources.world import World

_CHDIR = re.compile(r"(?:-D|--chdir|--workdir)(?:[ \t]*=[ \t]*|[ \t]+|(?<=-D))[\"']?([^\s\"']+)")


class Places(NamedTuple):
    """`folders` are where to look for what a script refers to, the nearest first, the last of them holds all others;
    `submit` is the folder that it is submitted from, `work` are those that it goes into. All are absolute. `chdir` is
    the folder that its header starts it in, as written; "" without one. `certain`: its own relative paths are there,
    or somebody said so. `leads_to` is the real path of a script that is a link, where its folder of submission is not
    the link's; else "".
    """

    folders: tuple[str, ...]
    submit: str
    work: tuple[str, ...] = ()
    chdir: str = ""
    certain: bool = False
    leads_to: str = ""


def places_of(path: str, script: Script, world: World) -> Places:
    """The places of a script; "-" is standard input."""
    found = _places_of(path, script, world)
    if path == "-" or world.settings.submit_dir or not os.path.islink(path):
        return found
    beside = os.path.realpath(os.path.dirname(path)) == os.path.realpath(found.submit)
    return found if beside else found._replace(leads_to=os.path.realpath(path))


def _places_of(path: str, script: Script, world: World) -> Places:
    paths = relative_paths(script)
    folders = files.folders_up(path) if path != "-" else (os.getcwd(),)
    if path != "-" and files.repository_root(folders[0]) is None:
        folders = _without_repository(folders[0], paths, world.roots)
    chdir = _chdir(script)
    entered = [*([chdir] if chdir else []), *_entered(script)]
    work = tuple(os.path.normpath(os.path.join(folder, name)) for name in entered for folder in folders)
    if world.settings.submit_dir:
        submit = os.path.abspath(os.path.expanduser(world.settings.submit_dir))
        return Places(folders, submit, work, chdir, certain=True)
    hits = [_hits(os.path.join(folder, chdir), paths) for folder in folders]
    if not any(hits) or os.path.isabs(chdir):
        return Places(folders, folders[0], work, chdir)
    best = [folder for folder, each in zip(folders, hits, strict=True) if each == max(hits)]
    here = os.path.realpath(os.getcwd())
    return Places(folders, here if here in best else best[0], work, chdir, certain=True)


def _entered(script: Script) -> list[str]:
    """The folders that `cd` names, without the folder of submission in front."""
    found = []
    for command in script.holding("cd"):
        words = command.words
        if command.name == "cd" and len(words) > 1:
            plain = re.sub(r"^[\"']?\$\{?SLURM_SUBMIT_DIR\}?[\"']?/", "", words[1].source).strip("\"'")
            if "$" not in plain and "`" not in plain:
                found.append(plain)
    return list(dict.fromkeys(found))


def _hits(folder: str, paths: tuple[str, ...]) -> int:
    return sum(files.exists(os.path.join(folder, path)) for path in paths)


def _without_repository(folder: str, paths: tuple[str, ...], roots: tuple[str, ...]) -> tuple[str, ...]:
    """The script's folder and those above it, up to the folder that the user named, or to the working folder where the
    script's own relative paths exist in that.
    """
    here = os.path.realpath(os.getcwd())
    tops = [*roots, *([here] if _hits(here, paths) else ())]
    around = [top for top in tops if folder == top or folder.startswith(top.rstrip("/") + "/")]
    if not around:
        return (folder,)
    found, top = [folder], min(around, key=len)
    while found[-1] != top:
        found.append(os.path.dirname(found[-1]))
    return tuple(found)


def _chdir(script: Script) -> str:
    """The folder of `--chdir` in the header; "" without one, or where it is the folder of submission."""
    found = ""
    for directive in script.directives:
        text = script.text[directive.span.start : directive.span.end]
        found = next((match[1] for match in _CHDIR.finditer(text)), found)
    return "" if found in (".", "./") or "%" in found else found
