"""The types of a plan: steps with their edits, the environments they serve, and the files that come along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from slurmfix.knowledge import ImageTool
from slurmfix.recipe import Recipe
from slurmfix.rules import Finding, Manifest
from slurmfix.text import Edit

SAFE, REVIEW, MANUAL = "safe", "review", "manual"


@dataclass(frozen=True, slots=True)
class Named:
    """An environment as a script names it.

    `name` is for people and files. `code` is the same inside double quotes of the rewritten script: it differs from
    the name where a variable is kept. `path` is the literal path that was named, or "". `known` is false where only the
    running job knows the name; `possible` are then the values that the script lists.
    """

    name: str
    code: str
    path: str = ""
    known: bool = True
    base: bool = False
    possible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """An environment that a job needs, with the packages, and the files that list packages, that the script itself puts
    into it.

    `runs` is where the commands start that run in it, in a job that has several environments. `lists` are the files
    that pip installs into it. `manifest` is what the commands that use it say of its description.
    """

    named: Named
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    runs: frozenset[int] = frozenset()
    lists: tuple[str, ...] = ()
    manifest: Manifest = field(default_factory=Manifest)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that the rewritten job needs: `path` is as a person would write it from where slurmfix was called."""

    path: str
    text: str
    guess: bool = False
    diff_path: str = ""  # its name in a diff, where that is not seen from the working folder


@dataclass(frozen=True, slots=True)
class Image:
    """The image of an environment, made by `tool`: its name, and its path in double quotes of the rewritten script.

    `functions` are the programs for which the activation defines a shell function; `home` says that the job names files
    in its owner's home, `gpu` that it asks for a GPU.
    """

    name: str
    path: str
    tool: ImageTool
    functions: tuple[str, ...] = ()
    home: bool = False
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """How one environment is served: its recipe, and the requirements file as the job names it.

    `requirements` counts from the folder that the job is submitted from. `doubts` are sentences for the reviewer,
    `commands` what a person runs once, on a login node, before the job. `image`, and `provides`, the programs in it,
    are those of an environment that goes to Apptainer. `made` says that the environment is there before the job starts.
    """

    named: Named
    recipe: Recipe
    requirements: str
    files: tuple[NewFile, ...] = ()
    doubts: tuple[str, ...] = ()
    refused: str = ""  # why this environment cannot be served at all
    commands: tuple[str, ...] = ()
    image: Image | None = None
    provides: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()  # the files that pip installs in the job and whose packages are in the requirements
    made: bool = False
    started: tuple[tuple[int, str], ...] = ()  # where the job starts scripts at hand in it, and a program of theirs
    made_on_nodes: bool = False  # and that each type of node that jobs run on has its own

    @property
    def is_a_folder(self) -> bool:
        """Whether it is a virtualenv, which is built in a folder."""
        return self.image is None and self.recipe.strategy == "virtualenv"


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one finding: its edits (none where it stays), and why."""

    finding: Finding
    edits: tuple[Edit, ...]
    applicability: str
    why: str
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    environments: tuple[Served, ...] = ()

    @property
    def changing(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.edits)

    def changing_what(self, *acts: type) -> tuple[Step, ...]:
        """The steps that change something where the finding does one of these things."""
        return tuple(step for step in self.changing if isinstance(step.finding.act, acts))

    @property
    def edits(self) -> tuple[Edit, ...]:
        # Findings that go with one statement share its edit.
        return tuple(dict.fromkeys(edit for step in self.steps for edit in step.edits))

    @property
    def files(self) -> tuple[NewFile, ...]:
        found = {file.path: file for served in self.environments for file in served.files}
        return tuple(found[path] for path in sorted(found))


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the shell of a script asks for: how it reads a file (`.` where it is plain sh), and whether lines end as in
    DOS, where bash takes no `}` that ends one. `braces`: whether a brace means itself, and is no field of a template.
    """

    source: str = "source"
    crlf: bool = False
    braces: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """How a site writes the commands: what the profile and the configuration say."""

    profile: str = "alliance"  # whose modules the messages name
    make: str = "virtualenv --no-download"
    pip_options: str = "--no-index"
    tmpdir: str = "$SLURM_TMPDIR"
    submit_dir: str = "$SLURM_SUBMIT_DIR"
    requirements: str = "requirements-{name}.txt"
    templates: str = ""  # a site's own templates
    modules: bool = True
    image_module: str = "apptainer"  # the module with the program that runs images; "" where it needs none
    wheelhouse: bool = True  # pip reads the cluster's own wheels alone
    workdir: str = "$SLURM_TMPDIR"  # a folder of the job's own
    binds: tuple[str, ...] = ("/project", "/scratch")  # what of the file systems an image sees
    images: str = ""  # where images are kept; counts from the folder that jobs are submitted from, "" is that folder
    scratch_option: str = ""  # what a header must ask for to have `tmpdir`; "" where every job has it
    made_on_nodes: bool = False  # environments that are made before are made on the nodes of the jobs
    in_job: bool = True  # false: environments are made on a login node and only sourced
    brought: tuple[tuple[str, str], ...] = ()  # what of it the repository itself brings, and where it says so
    modules_of: str = ""  # the standard environment that module lines are held against; "" where nobody asked for that
    stdenv: str = ""  # the standard environment that jobs start in; "" where a site has none
    tree: str = ""  # the CPU tree whose modules the nodes see

    @property
    def variable(self) -> str:
        """The name of the variable that holds the folder in which environments are built."""
        return re.sub(r"\W*(\w+).*", r"\1", self.tmpdir)
