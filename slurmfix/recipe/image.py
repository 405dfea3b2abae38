"""What an Apptainer image holds in place of an environment: its environment file, its name, and its programs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.environment import Environment, Package
from slurmfix.recipe.messages import ASKED_TWICE, NOT_IN_THE_IMAGE
from slurmfix.recipe.recipe import Recipe

# Anaconda's own channels are bound to its Terms of Service, which is why the wiki builds with micromamba.
_OF_ANACONDA = frozenset({"defaults", "nodefaults", "anaconda", "main", "free", "pkgs/main", "pkgs/free", "r"})
_CONDA_FORGE = "conda-forge"
_PLAIN = re.compile(r"[A-Za-z0-9_][\w.+:/-]*(?:[=<>!~][\w.*=<>!~,|+-]*)?\Z", re.ASCII)
_MISREAD = re.compile(r"(?:y|n|yes|no|true|false|on|off|null|[\d.:_eE+-]+|.*:)\Z", re.I)

# Programs by other names than their packages, where no module tells them.
_PROGRAMS = {
    "accelerate": ("accelerate",),
    "compilers": ("gcc", "g++", "gfortran", "cc", "c++"),
    "cutadapt": ("cutadapt",),
    "dask": ("dask", "dask-scheduler", "dask-worker"),
    "distributed": ("dask", "dask-scheduler", "dask-worker"),
    "gcc": ("gcc", "g++"),
    "gfortran": ("gfortran",),
    "gxx": ("g++",),
    "ipython": ("ipython", "ipython3"),
    "jupyter": ("jupyter", "jupyter-lab", "jupyter-notebook", "jupyter-nbconvert"),
    "jupyterlab": ("jupyter", "jupyter-lab"),
    "lightning": ("lightning", "fabric"),
    "nbconvert": ("jupyter", "jupyter-nbconvert"),
    "notebook": ("jupyter", "jupyter-notebook"),
    "openjdk": ("java", "javac", "jar"),
    "papermill": ("papermill",),
    "perl": ("perl",),
    "pytest": ("pytest", "py.test"),
    "pytorch": ("torchrun",),
    "r": ("R", "Rscript"),
    "r-base": ("R", "Rscript"),
    "snakemake-minimal": ("snakemake",),
    "tensorboard": ("tensorboard",),
    "torch": ("torchrun",),
    "transformers": ("transformers-cli",),
    "wandb": ("wandb",),
}
_PYTHON = ("python", "python3", "pip", "pip3")


@dataclass(frozen=True, slots=True)
class ImageRecipe:
    """What an image is made from: `name` tells the environment and its content apart, `text` is its environment file.

    `doubts` are sentences for the reviewer.
    """

    name: str
    text: str
    doubts: tuple[str, ...] = ()


def image_recipe(recipe: Recipe, name: str, programs: tuple[str, ...]) -> ImageRecipe:
    """The image of an environment; `name` is its name as part of a file's name, `programs` are what the job calls.

    The name carries a hash of the content: the same content never asks for a second image.
    """
    environment = recipe.environment
    conda, pip, doubts = _listed(recipe, programs)
    lines = ["name: base", "channels:", *(f"  - {_scalar(channel)}" for channel in _channels(environment))]
    lines += ["dependencies:", *(f"  - {_scalar(spec)}" for spec in conda)]
    if pip:
        lines += ["  - pip:", *(f"      - {_scalar(line)}" for line in pip)]
    content = "".join(f"{line}\n" for line in lines)
    import hashlib  # OpenSSL, which only an image needs

    digest = hashlib.sha256(content.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    # The text tells of the content alone: whatever asks for this file asks for the same one.
    head = [f"What the image {name}-{digest} holds: the environment {name} without builds (written by slurmfix)"]
    if environment.guess:
        head.append("GUESS: nobody could see the environment. The real list, for --env:")
        head.append(f"  conda env export --no-builds -n {shlex.quote(name)} > environment.yml")
    comments = "".join(f"# {_one_line(line)}\n" for line in head)
    return ImageRecipe(f"{name}-{digest}", comments + content, doubts)


def for_image(recipe: Recipe, module: str, loaded: tuple[str, ...]) -> Recipe:
    """The recipe of a job that finds all in an image: no requirements, nothing left out, the one module that runs it,
    "" for none.
    """
    there = any(name.partition("/")[0] == module.partition("/")[0] for name in loaded)
    return replace(
        recipe,
        modules=(module,) if module and not there else (),
        requirements=(),
        left_out=(),
        changed=(),
        prepared=(),
        image_alone=tuple(each for each in recipe.left_out if each.kind == "unknown"),
        libraries=(),
        doubts=recipe.environment.doubts,
        notes=(),
    )


def _listed(recipe: Recipe, programs: tuple[str, ...]) -> tuple[list[str], list[str], tuple[str, ...]]:
    """The dependencies for conda and those for pip, and what could not go into the image."""
    asked: dict[str, list[Package]] = {}
    pip: list[str] = []
    doubts: list[str] = []
    for package in recipe.environment.packages:
        if package.manager == "conda":
            asked.setdefault(package.name, []).append(package)
        elif package.manager == "import":
            top = package.name.split(".")[0]
            if pypi := knowledge.pypi_name_of_import(top):
                pip.append(pypi)
        else:
            pip.append(_requirement(package))
    for option in recipe.environment.pip_options:
        if option.startswith(
            ("--extra-index-url", "--index-url", "-i ", "--find-links", "-f ", "--pre", "--no-binary")
        ):
            pip.insert(0, option)
        else:
            doubts.append(NOT_IN_THE_IMAGE.about(option=option))
    conda: dict[str, tuple[str, ...]] = {}
    for name, packages in asked.items():
        conda[name], doubt = _together(packages)
        doubts += [doubt] if doubt else []
    if recipe.environment.guess or not conda:
        for program in programs:
            if found := _package_of(program):
                conda.setdefault(found, (found,))
    if (pip or recipe.environment.guess) and "python" not in conda:
        conda = {"python": (f"python={recipe.python}",), **conda}
    if pip:
        conda.setdefault("pip", ("pip",))
    if not conda:
        conda["python"] = (f"python={recipe.python}",)
    return [spec for specs in conda.values() for spec in specs], list(dict.fromkeys(pip)), tuple(doubts)


def _together(packages: list[Package]) -> tuple[tuple[str, ...], str]:
    """What is asked of one package: bounds hold together, of other versions the later; and what is doubtful in that."""
    versioned = [package for package in packages if package.version.strip()] or packages[-1:]
    specs = tuple(dict.fromkeys(map(_spec, versioned)))
    if len(specs) == 1 or all(package.version.strip()[0] in "<>!" for package in versioned):
        return specs, ""
    return specs[-1:], ASKED_TWICE.about(first=specs[-2], second=specs[-1])


def _channels(environment: Environment) -> tuple[str, ...]:
    kept = [channel for channel in environment.channels if channel not in _OF_ANACONDA]
    named = [package.channel for package in environment.packages if package.channel]
    kept += [channel for channel in named if channel not in _OF_ANACONDA and channel not in kept]
    return tuple(dict.fromkeys((*kept, _CONDA_FORGE)))


def _spec(package: Package) -> str:
    """The package as conda reads it, without its build, which the channels may have dropped since."""
    version = package.version.strip()
    channel = package.channel if package.channel not in _OF_ANACONDA else ""
    front = f"{channel}::" if channel and "/" not in channel else ""
    if version and version[0] not in "=<>!~":
        version = f"={version}"
    return f"{front}{package.name}{version}"


def _requirement(package: Package) -> str:
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    marker = f" ; {package.marker}" if package.marker else ""
    if package.url:  # pip asks the address for its name, which may be another than the address looks like
        named = extras and "egg=" not in package.url
        return f"{package.name}{extras} @ {package.url}{marker}" if named else f"{package.url}{marker}"
    return f"{package.name}{extras}{package.version}{marker}"


def _scalar(text: str) -> str:
    """A YAML scalar: plain where that cannot be misread, else in double quotes, as JSON writes it."""
    text = _one_line(text)
    return text if _PLAIN.match(text) and not _MISREAD.match(text) else json.dumps(text)


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text)


def _package_of(program: str) -> str:
    """The conda package that a program called by the job comes in, "" where no table knows."""
    module = knowledge.program_module(program)
    if module is None:
        return ""
    names = [row[0] for row in knowledge.rows("conda_modules") if row[1] == module and "*" not in row[0]]
    return next((name for name in names if name == module), names[0] if names else "")


def provided(environment: Environment) -> frozenset[str]:
    """The names of the programs that an environment has, as far as its prefix on disk or the tables tell."""
    names = [knowledge.normalise(package.name) for package in environment.packages]
    names += [knowledge.normalise(package.pypi) for package in environment.packages if package.pypi]
    found = set(environment.programs)
    for package, name in zip(environment.packages, names, strict=False):
        found |= {package.name, name, *_PROGRAMS.get(name, ())}
        if name.startswith(("r-", "bioconductor-")):
            found |= {"R", "Rscript"}
        if name.startswith(("perl-", "bioperl")):
            found.add("perl")
        if package.manager != "conda" or package.pypi or knowledge.pypi_name(package.name):
            found |= {*_PYTHON}
        if name in ("python", "pip"):
            found |= {*_PYTHON}
    found |= _of_modules(names)
    pythons = (package.version.lstrip("=") for package in environment.packages if package.name == "python")
    versioned = {f"python{match[0]}" for version in pythons if (match := re.match(r"3\.\d+", version))}
    return frozenset(found | versioned)


def _of_modules(names: Iterable[str]) -> set[str]:
    modules = {module.module for name in names if (module := knowledge.conda_module(name))}
    return {row[0] for row in knowledge.rows("programs") if row[1] in modules}


def guessed(programs: tuple[str, ...], loaded: tuple[str, ...]) -> frozenset[str]:
    """The programs of a job that an environment nobody could see must have: no module that the job loads has them."""
    plain = {name.partition("/")[0] for name in loaded}
    known = {program for program in programs if (module := knowledge.program_module(program)) and module not in plain}
    return frozenset(known | {*_PYTHON, "ipython", "pytest", "torchrun", "accelerate", "deepspeed", "jupyter"})
