"""Builds the sdist and the wheel, installs the wheel as users and clusters do, and converts the examples with it.

    python tools/check_install.py [--way newest|lowest|source]... [--dist FOLDER] [PYTHON...]

Each PYTHON is an interpreter to install for; default: this one. All ways are tried if none is named: `newest` takes the
newest dependencies, `lowest` exactly the lower bounds that pyproject.toml gives, `source` builds the parser from
sdists, as the clusters need it. FOLDER keeps the sdist and the wheel: where it is there already, nothing is built.
Needs `build` and git. A package index fills one folder of wheels per way and interpreter; the install sees that folder
alone, and what it installed runs without a network where `unshare` can take it away.
"""

from __future__ import annotations

import argparse
import email
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy2, copytree, move

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
WAYS = ("newest", "lowest", "source")
UNPACKAGED = {".ci/run", ".gitignore"}  # what only a clone is for
NO_NETWORK = ("unshare", "--map-root-user", "--net")


def run(*command: str | Path, **given: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **given)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return str(done.stdout)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def copied(folder: Path) -> Path:
    """A copy of the repository's files: two builds at once in one tree stumble over each other."""
    for name in run("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


def missing(sdist: Path, wheel: Path) -> Iterator[str]:
    """Files of the repository that the sdist lacks, and files of the package that the wheel lacks."""
    with tarfile.open(sdist) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    yield from sorted(set(run("git", "-C", ROOT, "ls-files").splitlines()) - held - UNPACKAGED)
    held = {name.rpartition(".data/data/")[2] for name in zipfile.ZipFile(wheel).namelist()}
    for room in ("slurmfix", "share"):
        files = (path for path in (ROOT / room).rglob("*") if path.is_file() and path.suffix != ".pyc")
        yield from sorted({str(path.relative_to(ROOT)) for path in files} - held)


def lower_bounds(wheel: Path) -> Iterator[str]:
    """A pip constraint for each dependency of the wheel, which must all have a lower bound: exactly that version."""
    with zipfile.ZipFile(wheel) as held:
        (metadata,) = (name for name in held.namelist() if name.endswith(".dist-info/METADATA"))
        needed = email.message_from_bytes(held.read(metadata)).get_all("Requires-Dist", [])
    for requirement in map(Requirement, needed):
        if "extra" not in str(requirement.marker):
            (bound,) = (each.version for each in requirement.specifier if each.operator == ">=")
            yield f"{requirement.name}=={bound}" + (f"; {requirement.marker}" if requirement.marker else "")


def install(python: str, wheel: Path, way: str, folder: Path) -> Path:
    """A fresh environment that holds the wheel and its dependencies, taken from a folder of wheels alone."""
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(lower_bounds(wheel)))
    options = {"newest": (), "lowest": ("-c", constraints), "source": ("--no-binary", "tree-sitter,tree-sitter-bash")}
    run(python, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder / "wheels", *options[way], wheel)
    venv = folder / "venv"
    run(python, "-m", "venv", venv)
    run(venv / "bin" / "pip", "install", "--quiet", "--no-index", "--find-links", folder / "wheels", "slurmfix")
    return venv


def check(venv: Path, folder: Path) -> None:
    """Holds what was installed against the examples; it must be whole, and write nothing into itself."""
    offline = NO_NETWORK if subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode == 0 else ()
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    absent = [path for path in contents(ROOT / "share") if not (venv / "share" / path).is_file()]
    if absent:
        sys.exit(f"{venv}: not in share/: {absent}")
    settings = folder / ".config" / "slurmfix" / "slurmfix.toml"
    settings.parent.mkdir(parents=True)
    settings.touch()  # to be read, as is git's info/exclude: so each dependency has something to do
    before = contents(venv)
    if run(venv / "bin" / "slurmfix", "--version") != run(venv / "bin" / "python", "-m", "slurmfix", "--version"):
        sys.exit(f"{venv}: the command and the module are not the same")
    for example in sorted((ROOT / "examples").glob("*/before")):
        copy = copytree(example, folder / "examples" / example.parent.name)
        run("git", "init", "--quiet", copy)  # a project of its own
        run(*offline, venv / "bin" / "slurmfix", "--write", ".", cwd=copy, env=environ)
        if contents(copy) != contents(example.parent / "after"):
            sys.exit(f"{venv}: {example.parent.name} is not converted as it shows")
    if contents(venv) != before:
        sys.exit(f"{venv}: a run wrote into its own installation")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--way", action="append", choices=WAYS)
    arguments.add_argument("--dist", type=Path)
    arguments.add_argument("pythons", metavar="PYTHON", nargs="*", default=[sys.executable])
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        dist = asked.dist or Path(name) / "dist"
        if not dist.exists():
            built = Path(name) / "built"  # it is whole where it has its name
            run(sys.executable, "-m", "build", "--outdir", built, copied(Path(name) / "source"))
            move(built, dist)
        (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
        if lacking := list(missing(sdist, wheel)):
            sys.exit(f"not packaged: {lacking}")
        for number, python in enumerate(asked.pythons):
            for way in asked.way or WAYS:
                folder = Path(name) / f"{way}{number}"
                folder.mkdir()
                venv = install(python, wheel, way, folder)
                check(venv, folder)
                version = run(venv / "bin" / "python", "-V").strip()
                held = ", ".join(sorted(path.name[:-10] for path in venv.glob("lib/*/site-packages/*.dist-info")))
                print(f"{version}, {way}: the examples are converted, with {held}", flush=True)


if __name__ == "__main__":
    main()
