"""What a recipe is made from, its dependencies sorted into their classes."""

from __future__ import annotations

from dataclasses import dataclass

from slurmfix.environment import Environment
from slurmfix.knowledge import StandardEnvironment
from slurmfix.matchspec import to_pep440
from slurmfix.recipe.classes import Entry, is_interpreter
from slurmfix.recipe.merged import merge
from slurmfix.recipe.needs import asked_modules
from slurmfix.recipe.recipe import Facts, Need, Wishes
from slurmfix.recipe.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Request:
    """What a recipe is made from: `later` are the entries of what the script itself installs with pip."""

    environment: Environment
    wishes: Wishes
    facts: Facts
    tree: str
    entries: tuple[Entry, ...]
    later: tuple[Entry, ...]

    @property
    def asked(self) -> str:
        """The environment's own Python, as PEP 440."""
        packages = self.environment.packages
        return next((to_pep440(each.version).specifier for each in packages if is_interpreter(each)), "")

    @property
    def gpu(self) -> bool:
        """Whether the job asks for a GPU, or the environment for a part of CUDA or for a build for GPUs."""
        return self.wishes.gpu or any(entry.gpu for entry in self.entries)

    @property
    def packages(self) -> tuple[Entry, ...]:
        return merge(tuple(entry for entry in self.entries if entry.kind == "python"))

    @property
    def installed(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.later if entry.kind == "python")

    def shelf(self, environment: StandardEnvironment) -> Shelf:
        return Shelf(environment, self.tree, self.facts)

    def modules(self, shelf: Shelf) -> tuple[Need, ...]:
        return asked_modules((*self.entries, *self.later), self.wishes, self.environment.guess, shelf)
