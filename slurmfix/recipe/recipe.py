"""What a recipe is made from, and what it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from slurmfix import knowledge
from slurmfix.environment import Environment, Package
from slurmfix.knowledge import ImageTool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A dependency that is not in the requirements file, and why.

    `kind` is "module" (a module serves it), "dropped" (part of the interpreter or of conda itself), or "unknown"
    (nothing known serves it as a wheel or a module).
    """

    name: str
    why: str
    kind: str

    @property
    def is_list(self) -> bool:
        """Whether it is a line of a pip section that names another list: `-r dev.txt`, `--constraint=c.txt`."""
        return names_a_list(self.name)


def names_a_list(option: str) -> bool:
    """Whether an option of pip's names a file with requirements or constraints."""
    return option.split("=")[0].split(" ")[0] in ("-r", "--requirement", "-c", "--constraint")


@dataclass(frozen=True, slots=True)
class Changed:
    """A requirement whose version is another one than what was asked for: `asked` and `taken` are PEP 440 specifiers,
    "" for any version; `why` is a sentence.
    """

    name: str
    asked: str
    taken: str
    why: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A requirement that no wheel of the cluster meets, and the command that fetches it on a login node, into the
    folder `wheels` of the folder that jobs are submitted from.
    """

    requirement: str
    command: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What serves one environment on the cluster.

    `modules` are in loading order, the standard environment and Python first (`StdEnv/2023`, `python/3.11`, …); those
    that the author's script loads itself are not among them. `requirements` are lines of a requirements file, sorted.
    `doubts` are sentences for the reviewer. `strategy` is "virtualenv", "modules" or the name of a tool that makes
    images; `reason` says why in one sentence. `python` is the version in any case, also where no Python is loaded.
    """

    environment: Environment
    python: str
    modules: tuple[str, ...]
    requirements: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[str, ...] = ()
    strategy: str = "virtualenv"
    reason: str = ""
    libraries: tuple[str, ...] = ()  # R packages for a library of one's own, in small letters
    changed: tuple[Changed, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    wheelhouse: bool = True  # pip reads the cluster's own wheels
    all_modules: tuple[str, ...] = ()  # with those that the author's script loads itself; () where none are told apart
    absent: tuple[str, ...] = ()  # modules that the author's script loads and the cluster does not have
    notes: tuple[str, ...] = ()  # sentences that explain a choice and ask for no look
    image_alone: tuple[LeftOut, ...] = ()  # what an image holds and the cluster has neither as a wheel nor as a module

    @property
    def has_list(self) -> bool:
        """Whether a requirements file goes with it: what is known and wants no package has nothing to list."""
        return self.strategy == "virtualenv" and bool(self.requirements or self.environment.guess)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows any package to put on its list, whatever modules serve beside it."""
        return self.has_list and not self.requirements

    @property
    def in_image(self) -> bool:
        """Whether an image, or a folder that a tool makes of a conda environment, holds it."""
        return knowledge.is_image_tool(self.strategy)

    @property
    def image_tool(self) -> ImageTool:
        """The tool that makes this image. Raises KeyError where there is none."""
        return knowledge.image_tool(self.strategy)

    @property
    def carriers(self) -> tuple[str, ...]:
        """The modules that alone carry a Python package."""
        names = (module.partition("/")[0] for module in self.modules)
        return tuple(name for name in names if knowledge.carries_python(name))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller fixes: configuration, command line and the script itself. None and () mean: no wish."""

    python: str | None = None  # "3.11"
    pins: str = "compatible"  # "exact", "compatible" or "none"
    to: str = "auto"  # "auto", "virtualenv" or a tool that makes images
    profile: str = "alliance"
    programs: tuple[str, ...] = ()  # programs that the script calls: samtools, gmx, Rscript
    loaded: tuple[str, ...] = ()  # modules that the author's script loads itself and keeps, as written: "cuda/11.7"
    later: tuple[str, ...] = ()  # those that it loads behind the activation
    installs: tuple[Package, ...] = ()  # what the script's own `pip install` asks for, once the environment is there
    imports: tuple[str, ...] = ()  # what the job's own Python files import, by the names that these use
    gpu: bool = False  # the job asks for a GPU
    shown: str = ""  # the Python that the script itself shows, by a path or a call: "3.8"
    hint: str = ""  # the Python that only a comment or the environment's name tells of, and where (`hinted`)
    hinted: str = ""  # words of a phrase
    elsewhere: tuple[str, ...] = ()  # of the programs those that it calls only while another environment is active


@dataclass(frozen=True, slots=True)
class Need:
    """A module that something needs.

    `specifier` is the version asked for as PEP 440, `part` the beginning of the versions that will do. `package` says
    that it carries a Python package, so that its window of Python versions matters. `by` is who needs it, for a person.
    """

    module: str
    by: str
    specifier: str = ""
    part: str = ""
    package: bool = False
    bounds: str = ""  # the versions that will do, as PEP 440
    loaded: str = ""  # the version that the author's script loads itself
    maybe: bool = False  # a wheel's builder loads it, which is an upper bound of what its user needs


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cluster answered (`--ask`). A missing key means not asked; () means asked and absent.

    The name of a Python package among `modules` has the modules that carry it.
    """

    modules: dict[str, tuple[str, ...]]  # name -> name/version strings
    wheels: dict[str, tuple[str, ...]]  # normalised name -> versions with local label, "17.0.0+dummy.computecanada"
    pythons: dict[str, tuple[str, ...]] = field(default_factory=dict)  # normalised name -> Pythons that have wheels


@dataclass(frozen=True, slots=True)
class Questions:
    """What the cluster should be asked for a recipe: the PyPI names of wheels, and the names of modules."""

    wheels: tuple[str, ...]
    modules: tuple[str, ...]


NO_WISHES = Wishes()
NOT_ASKED = Facts(modules={}, wheels={})
