"""From an environment to what serves it on the cluster: Python, modules, requirements, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass

from slurmfix.environment import Environment


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A dependency that is not in the requirements file, and why.

    `kind` is "module" (a module serves it), "dropped" (part of the interpreter or of conda itself), or "unknown"
    (nothing known serves it as a wheel or a module).
    """

    name: str
    why: str
    kind: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What serves one environment on the cluster.

    `modules` are in loading order, the standard environment and Python first (`StdEnv/2023`, `python/3.11`, …).
    `requirements` are lines of a requirements file, sorted. `doubts` are sentences for the reviewer.
    `strategy` is "virtualenv", "modules" or "apptainer"; `reason` says why in one sentence.
    """

    environment: Environment
    python: str
    modules: tuple[str, ...]
    requirements: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[str, ...] = ()
    strategy: str = "virtualenv"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller fixes: configuration, command line and the script itself. None and () mean: no wish."""

    python: str | None = None  # "3.11"
    pins: str = "compatible"  # "exact", "compatible" or "none"
    to: str = "auto"  # "auto", "virtualenv" or "apptainer"
    profile: str = "alliance"
    programs: tuple[str, ...] = ()  # programs that the script calls: samtools, gmx, Rscript
    loaded: tuple[str, ...] = ()  # modules that the author's script loads itself and keeps, as written: "cuda/11.7"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cluster answered (`--ask`). A missing key means not asked; () means asked and absent."""

    modules: dict[str, tuple[str, ...]]  # name -> name/version strings
    wheels: dict[str, tuple[str, ...]]  # normalised name -> versions with local label, "17.0.0+dummy.computecanada"


NOT_ASKED = Facts(modules={}, wheels={})


def make_recipe(environment: Environment, wishes: Wishes = Wishes(), facts: Facts = NOT_ASKED) -> Recipe:
    """Choose Python, modules and requirements for an environment."""
    return Recipe(environment, wishes.python or "3.11", ("StdEnv/2023", f"python/{wishes.python or '3.11'}"), ())


def requirements_text(recipe: Recipe) -> str:
    """The requirements file: a comment head that says where it came from and what was left out, then the lines."""
    return "".join(f"{line}\n" for line in recipe.requirements)
