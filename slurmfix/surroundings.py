"""Looks up what a script's environments hold: in files, prefixes and Python sources around it, and on the cluster."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from slurmfix import files
from slurmfix.config import Settings
from slurmfix.environment import (
    BadEnvironment,
    Environment,
    Package,
    imported_names,
    read_environment,
    read_imports,
    read_prefix,
)
from slurmfix.job import installed_by_pip, loaded_modules, modules_loaded_later, programs, python_calls, relative_paths
from slurmfix.knowledge import Profile
from slurmfix.plan import (
    Named,
    NewFile,
    Serve,
    Served,
    Style,
    common_name,
    file_name,
    image_of,
    library_commands,
    made_before,
)
from slurmfix.plan import named as name_of
from slurmfix.plan.place import job_of
from slurmfix.recipe import (
    Recipe,
    Wishes,
    for_image,
    guessed,
    image_recipe,
    make_recipe,
    provided,
    questions_of,
    requirements_text,
)
from slurmfix.rules import USES, Finding, Install, brings_base, by_pip, named_by
from slurmfix.shell import Script

if TYPE_CHECKING:
    from slurmfix.cluster import Cluster

_PYTHON = re.compile(r"python\d\.\d+")
_MOST_SOURCES = 60
_MOST_INCLUDED = 20
_PROJECT_FILES = (
    "conda-lock.yml", "conda-linux-64.lock", "pixi.toml", "requirements.txt", "pyproject.toml", "setup.cfg", "setup.py",
)  # fmt: skip
_LISTS = (".txt", ".lock", "-linux-64.lock", "-linux-64.txt")  # what people call a list of an environment's packages


@dataclass(slots=True)
class Surroundings:
    """Answers for all scripts of one run; what was read once is kept."""

    settings: Settings
    profile: Profile
    cluster: Cluster | None = None  # None: it is not asked
    style: Style = field(default_factory=Style)
    home: str = field(default_factory=lambda: os.path.expanduser("~"))
    prefixes: dict[str, str] | None = None
    environments: dict[str, Environment] = field(default_factory=dict)
    guesses: dict[tuple[tuple[str, ...], tuple[str, ...]], Environment] = field(default_factory=dict)

    def for_script(self, path: str) -> _ForScript:
        return _ForScript(self, path)

    def requirements_for(self, path: str, text: str) -> tuple[tuple[NewFile, ...], tuple[str, ...]]:
        """The requirements file that an environment file becomes, beside it, and what to look at.

        Raises BadEnvironment.
        """
        stem = os.path.basename(path).rsplit(".", 1)[0]
        environment = self._with_included(read_environment(text, os.path.basename(path)), path)
        name = environment.name or ("env" if stem in ("environment", "env", "requirements") else stem)
        environment = replace(environment, name=name, origin=files.shown(path))
        wishes = Wishes(
            python=self.settings.python or None,
            pins=self.settings.pins,
            to=self.settings.to,
            profile=self.settings.profile,
        )
        recipe = self.recipe(environment, wishes)
        if recipe.strategy == "apptainer":
            served = self.for_script(path).image(Named(name, name), recipe, wishes)
            return served.files, (recipe.reason, *(f"run once, on a login node: {line}" for line in served.commands))
        target = os.path.join(os.path.dirname(path), self.settings.requirements.replace("{name}", file_name(name)))
        text = requirements_text(recipe)
        notes = [f"modules: {' '.join(recipe.modules)}", *recipe.doubts]
        try:
            doubt = self.for_script(path).compare(target, text)
        except files.Unreadable as error:
            raise BadEnvironment(_taken(target, error)) from error
        if doubt:
            notes.append(doubt)
        return ((NewFile(files.shown(target), text),) if doubt is None else ()), tuple(notes)

    def recipe(self, environment: Environment, wishes: Wishes) -> Recipe:
        """The recipe of an environment, by what the cluster answers where it is to be asked."""
        recipe = make_recipe(environment, wishes)
        if self.cluster is None:
            return recipe
        for _ in range(3):  # an answer may change the Python, and with it the wheels that there are
            python = recipe.python
            recipe = make_recipe(environment, wishes, self.cluster.facts(questions_of(recipe, wishes), python))
            if recipe.python == python:
                break
        return recipe

    def known_prefixes(self) -> dict[str, str]:
        if self.prefixes is None:
            self.prefixes = files.known_prefixes(self.home)
        return self.prefixes

    def spelled(self, path: str) -> str:
        """A path with the home folder and the storage folders that every job has; "" where it needs other variables."""
        own = {"HOME": self.home, "USER": os.path.basename(self.home)}
        for variable in ("HOME", "USER", "SCRATCH", "PROJECT"):
            if value := own.get(variable) or os.environ.get(variable, ""):
                path = re.sub(rf"\$(?:{variable}\b|\{{{variable}\}})", lambda _, value=value: value, path)  # type: ignore[misc]
        path = self.home + path[1:] if path.startswith("~/") else path
        return "" if "$" in path or path.startswith("~") else path

    def read(self, path: str) -> Environment:
        """An environment file or a prefix. Raises BadEnvironment and files.Unreadable, both with the path."""
        if path not in self.environments:
            if os.path.isdir(path):
                self.environments[path] = self._prefix(path)
            else:
                text = files.decode(files.read(path), path)
                try:
                    self.environments[path] = self._with_included(read_environment(text, os.path.basename(path)), path)
                except BadEnvironment as error:
                    where = f"{error.line}:{error.column}: " if error.line else ""
                    raise BadEnvironment(
                        f"{files.shown(path)}: {where}{error.reason}", error.line, error.column
                    ) from error
        return self.environments[path]

    def _with_included(self, environment: Environment, path: str) -> Environment:
        """An environment with the packages of the files that it includes (`-r more.txt`), and those that they include.

        Only files of the same repository are read, or below the same folder where there is none. A constraints file
        (`-c`) names versions, no packages, and is left as it is.
        """
        bound = files.repository_root(path) or os.path.dirname(path) or "."
        waiting, seen = [(path, name) for name in environment.includes], {os.path.realpath(path)}
        while waiting and len(seen) < _MOST_INCLUDED:
            source, name = waiting.pop(0)
            other = os.path.normpath(os.path.join(os.path.dirname(source), name))
            if os.path.realpath(other) in seen or not os.path.isfile(other) or not files.inside(other, bound):
                continue
            if any(re.match(r"(-c|--constraint)\b", option) and name in option for option in environment.pip_options):
                continue
            seen.add(os.path.realpath(other))
            try:
                more = read_environment(files.decode(files.read(other), other), os.path.basename(other))
            except (BadEnvironment, files.Unreadable) as error:
                said = f"{files.shown(other)}, which is included, cannot be read: {error.reason}."
                environment = replace(environment, doubts=(*environment.doubts, said))
                continue
            waiting += [(other, inner) for inner in more.includes]
            environment = _joined(environment, more, name)
        return environment

    def _prefix(self, path: str) -> Environment:
        found = files.prefix(path)
        if found is None:
            raise BadEnvironment(f"{files.shown(path)}: no conda environment (it holds no conda-meta folder)")
        return read_prefix(found.history, found.records, found.dist_infos, os.path.basename(path.rstrip("/")))


def _joined(environment: Environment, more: Environment, name: str) -> Environment:
    """An environment and what it includes; what it said of the file by its name has been followed."""
    there = {package.name.lower() for package in environment.packages}
    added = tuple(package for package in more.packages if package.name.lower() not in there or package.url)
    options = (*(option for option in environment.pip_options if name not in option), *more.pip_options)
    doubts = (*(doubt for doubt in environment.doubts if name not in doubt), *more.doubts)
    return replace(environment, packages=environment.packages + added, pip_options=options, doubts=doubts)


def _updated(environment: Environment, more: Environment) -> Environment:
    """An environment into which more is installed: what is asked for last counts."""
    later = {package.name.lower() for package in more.packages}
    kept = tuple(package for package in environment.packages if package.name.lower() not in later)
    return replace(
        environment,
        packages=kept + more.packages,
        origin=" and ".join(filter(None, (environment.origin, more.origin))),
        channels=tuple(dict.fromkeys((*environment.channels, *more.channels))),
        pip_options=environment.pip_options + more.pip_options,
        doubts=environment.doubts + more.doubts,
        export=environment.export or more.export,
    )


@dataclass(frozen=True)
class _Job:
    """What a script tells of its job, whichever of its environments is asked for; found out once."""

    script: Script
    findings: tuple[Finding, ...]
    folders: tuple[str, ...]  # where to look for what it refers to
    submit: str  # the folder that it is submitted from

    @cached_property
    def programs(self) -> tuple[str, ...]:
        return programs(self.script, self.findings)

    @cached_property
    def loaded(self) -> tuple[str, ...]:
        return loaded_modules(self.script, self.findings)

    @cached_property
    def later(self) -> tuple[str, ...]:
        return modules_loaded_later(self.script, self.findings)

    @cached_property
    def calls(self) -> tuple[str, ...]:
        return python_calls(self.script, self.findings)

    @cached_property
    def installed(self) -> tuple[Package, ...]:
        """What its own `pip install` asks for."""
        lines = "".join(f"{' '.join(asked.split())}\n" for asked in installed_by_pip(self.findings))
        try:
            return read_environment(lines, "requirements.txt").packages if lines else ()
        except BadEnvironment:  # pip will say so
            return ()

    @cached_property
    def installs(self) -> bool:
        return any(isinstance(finding.act, Install) or by_pip(finding.act) for finding in self.findings)

    def makes(self, name: Named, listed: tuple[str, ...]) -> bool:
        """Whether the script itself makes an environment, into which `listed` are the files that it installs.

        `conda env create` need not name it: the file does.
        """
        return any(
            isinstance(finding.act, Install)
            and finding.act.creates
            and (
                any(path in finding.act.files for path in listed)
                if finding.act.target is None
                else name_of(self.script, finding).code == name.code
            )
            for finding in self.findings
        )

    @cached_property
    def has_several(self) -> bool:
        """Whether it uses more than one environment."""
        used = (named_by(finding.act) for finding in self.findings if isinstance(finding.act, USES))
        return len({target.text for target in used if target is not None}) > 1

    @cached_property
    def may_be_none(self) -> bool:
        """Whether it uses an environment where no `#SBATCH` line tells that it is a job."""
        used = (
            f for f in self.findings if (isinstance(f.act, USES) or brings_base(f.act)) and not job_of(f.command.within)
        )
        return not self.script.directives and next(used, None) is not None


@dataclass(frozen=True, slots=True)
class _Installed:
    """What a script itself puts into an environment: packages, and files on this disk that list some.

    `all` says that it holds nothing else; `lost` are files that it names and that are not here.
    """

    packages: tuple[str, ...]
    files: tuple[str, ...]
    all: bool
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class _ForScript:
    """Answers for one script."""

    all: Surroundings
    path: str

    def __call__(self, script: Script, findings: tuple[Finding, ...]) -> Serve:
        folders = files.folders_up(self.path) if self.path != "-" else (os.getcwd(),)
        job = _Job(script, findings, folders, self._submit_dir(script, folders))

        def serve(named: Named, packages: tuple[str, ...], listed: tuple[str, ...]) -> Served:
            listed = tuple(dict.fromkeys(listed))
            there = self._there(folders, listed)
            lost = tuple(name for name, path in zip(listed, there, strict=True) if not path)
            found = tuple(filter(None, there))
            seen = not lost and bool(packages or found)
            installed = _Installed(packages, found, seen and job.makes(named, listed), lost)
            if named.known or not named.possible:
                return self._serve(job, named, installed)
            pattern = self.all.settings.requirements
            return _any_of(
                named,
                pattern.replace("{name}", named.code),
                [self._serve(job, Named(value, value), installed, one_of_several=True) for value in named.possible],
            )

        return serve

    def _submit_dir(self, script: Script, folders: tuple[str, ...]) -> str:
        """The folder in which most of the script's own relative paths exist; its own folder where none does."""
        if self.all.settings.submit_dir:
            return os.path.abspath(os.path.expanduser(self.all.settings.submit_dir))
        if len(folders) == 1:
            return folders[0]
        paths = relative_paths(script)
        hits = [sum(files.exists(os.path.join(folder, path)) for path in paths) for folder in folders]
        return folders[hits.index(max(hits))] if any(hits) else folders[0]

    def _serve(self, job: _Job, named: Named, installed: _Installed, one_of_several: bool = False) -> Served:
        settings, doubts = self.all.settings, []
        try:
            environment, found_doubts = self._environment(job, named, installed)
        except BadEnvironment as error:
            return _refused(named, error.reason)
        except files.Unreadable as error:
            return _refused(named, f"{files.shown(error.path)}: {error.reason}")
        doubts += found_doubts
        wishes = Wishes(
            python=settings.python or None, pins=settings.pins, to=settings.to, profile=settings.profile,
            programs=job.programs, loaded=job.loaded, alone=not job.has_several,
            later=job.later, installs=() if job.has_several else job.installed,
        )  # fmt: skip
        if settings.to == "auto" and job.installs:
            wishes = replace(wishes, to="virtualenv")  # what the job installs needs a place that is its own
        recipe = self.all.recipe(environment, wishes)
        if recipe.strategy == "apptainer" and named.known and not one_of_several:
            return self._in_image(job.submit, named, recipe, wishes, doubts)
        if recipe.strategy == "apptainer":
            doubts.append("which image it would be is only known when the job runs, so it becomes a virtualenv")
        # Modules alone cannot keep two environments apart, and what is one of several has its file as the others have.
        if recipe.strategy == "apptainer" or (
            recipe.strategy == "modules" and (one_of_several or (settings.to == "auto" and job.has_several))
        ):
            recipe = self.all.recipe(environment, replace(wishes, to="virtualenv"))
        if named.known:
            name = file_name(named.name)
        else:  # what the script itself puts into it is the same under each of its names
            name = common_name(named.name) if installed.all else named.code
        requirements = settings.requirements.replace("{name}", name)
        created: list[NewFile] = []
        if recipe.strategy != "modules":
            text = requirements_text(recipe)
            if named.known or installed.all:
                target = os.path.join(job.submit, requirements)
                try:
                    self._refuse_way_out(target, job.submit)
                    doubt = self.compare(target, text)
                except files.Unreadable as error:  # the job could not read it either
                    return replace(_refused(named, ""), refused=_taken(target, error))
                if doubt is None:
                    created.append(NewFile(files.shown(target), text, environment.guess))
                elif doubt:
                    doubts.append(doubt)
            else:
                doubts.append("its name is only known when the job runs: make a requirements file for each value")
        if job.may_be_none and recipe.strategy == "virtualenv":
            doubts.append(
                "no #SBATCH lines: it is taken for a job on one node; where a job on several nodes, or a login shell, "
                "reads this file, build the environment in the job itself"
            )
        called = [name for name in wishes.programs if _PYTHON.fullmatch(name)]
        doubts += [
            f"the job calls {name}, and the virtualenv has python{recipe.python} and python: call python"
            for name in called if recipe.strategy == "virtualenv" and name != f"python{recipe.python}"
        ]  # fmt: skip
        commands = library_commands(recipe, self.all.style)
        if recipe.strategy == "virtualenv" and (named.known or installed.all):
            listing = files.shown(os.path.join(job.submit, requirements))
            commands = (*made_before(recipe, named.code, listing, job.loaded, self.all.style), *commands)
        return Served(named, recipe, requirements, tuple(created), tuple(doubts), commands=commands)

    def image(self, named: Named, recipe: Recipe, wishes: Wishes) -> Served:
        """What an environment file becomes that goes to Apptainer, beside it."""
        return self._in_image(os.path.dirname(self.path) or ".", named, recipe, wishes, [])

    def _in_image(self, submit: str, named: Named, recipe: Recipe, wishes: Wishes, doubts: list[str]) -> Served:
        """An environment that goes to Apptainer: the files of its image, and how it is built."""
        environment = recipe.environment
        made = image_recipe(recipe, file_name(named.name), wishes.programs)
        made = replace(made, name=_described_already(submit, made.name)) if not environment.guess else made
        image, new, commands = image_of(made, self.all.style)
        created: list[NewFile] = []
        for file in new:
            target = os.path.join(submit, file.path)
            if not files.exists(target):  # its name tells its content
                created.append(NewFile(files.shown(target), file.text, environment.guess))
        built = f"cd {shlex.quote(files.shown(submit))}"
        reaching = [name for name in wishes.loaded if name.partition("/")[0] in ("r", "java", "perl", "python")]
        if reaching:
            doubts.append(f"what the modules {', '.join(reaching)} set is seen in the image: load them only if needed")
        programs = provided(environment)
        if environment.guess or not environment.packages:
            programs |= guessed(wishes.programs, wishes.loaded)
        return Served(
            named,
            for_image(recipe, self.all.style.modules, wishes.loaded),
            "",
            tuple(created),
            (*doubts, *made.doubts),
            commands=(built, *commands) if files.shown(submit) != "." else commands,
            image=image,
            provides=programs,
        )

    def _refuse_way_out(self, target: str, submit: str) -> None:
        """Raises files.Unreadable where a link in the way of a new file leads elsewhere than its name says."""
        folder = os.path.dirname(target)
        if folder != submit and files.leads_astray(folder, files.repository_root(submit) or submit):
            raise files.Unreadable(target, "its folder is a link that leads out of the repository, or into .git")

    def compare(self, target: str, text: str) -> str | None:
        """None where the file is to be made, "" where it says the same already, else how it differs.

        Raises files.Unreadable.
        """
        if not files.exists(target):
            return None
        there = files.decode(files.read(target), target)
        difference = _difference(_lines(text), _lines(there))
        return difference and f"{files.shown(target)} is there already and is kept: {difference}"

    def _environment(self, job: _Job, named: Named, installed: _Installed) -> tuple[Environment, list[str]]:
        """The best description of an environment that there is, and what is doubtful about it."""
        doubts: list[str] = []
        below = self._given(job.folders, named)
        added = [self._with_origin(path) for path in installed.files] if below is None else []
        # A file that names the environment describes it, as one does that it is made from.
        described = any(installed.all or each.name == named.name for each in added)
        if below is None and not described:
            below = self._called(job.folders, named)
            if below is None and not installed.all:
                below, doubt = self._guessed(job, named)
                doubts += [doubt] if doubt else []
        if below is None or below.guess:
            doubts += [
                f"{path}, from which the script makes it, is not here: give it with --env" for path in installed.lost
            ]
        if installed.packages:
            origin = "what the script installs" if below or added else "what the script itself installs"
            added.append(replace(_environment_of(installed.packages), origin=origin))
            doubts.append("what the script installs with conda is in the requirements now")
        found = reduce(_updated, [below, *added] if below is not None else added)
        return replace(found, name=named.name), doubts

    def _guessed(self, job: _Job, named: Named) -> tuple[Environment, str]:
        """What an environment may hold that no file tells of, and what is doubtful about that."""
        guess = self._guess(job)
        project = self._project(job.folders if guess.packages else job.folders[:1])
        if project is not None and _covers(project, guess):
            return (
                project,
                f"its packages are those of {project.origin}, which does not say that it is this environment",
            )
        told = (
            "its packages are a guess from the imports of the job's Python files"
            if guess.packages
            else "its packages are unknown"
        )
        by_path = named.path and not named.path.startswith(("$(conda info", "$(mamba info"))
        which = f"-p {_pasted(named.path)}" if by_path else f"-n {shlex.quote(named.name)}"
        ask = "conda list --export" if named.base else f"conda env export --from-history {which}"
        doubt = f"{told}: run `{ask}` where it lives, and give the file with --env" if named.known else ""
        return replace(guess, guess=True), doubt

    def _given(self, folders: tuple[str, ...], named: Named) -> Environment | None:
        """An environment that a person described, or that lies on this disk."""
        for name, path in self.all.settings.env:
            if name == named.name:
                return self.all.read(os.path.expanduser(path))
        for path in self._prefix_paths(folders, named):
            if files.exists(os.path.join(path, "conda-meta")):
                return self.all.read(path)
        return None

    def _there(self, folders: tuple[str, ...], listed: tuple[str, ...]) -> tuple[str, ...]:
        """Where the files lie that a script installs from, "" for those that are nowhere here."""
        found = []
        for name in listed:
            paths = (os.path.join(folder, name) for folder in folders)
            near = (path for path in paths if os.path.isfile(path) and files.inside(path, folders[-1]))
            found.append(next(near, ""))
        return tuple(found)

    def _called(self, folders: tuple[str, ...], named: Named) -> Environment | None:
        """An environment that is described under its name."""
        if named.base or not named.known:
            return None
        return self._by_name(folders, named.name) or self._by_list(folders, named.name) or self._asked(named.name)

    def _asked(self, name: str) -> Environment | None:
        """What conda itself says of an environment that no file tells of; None where it is not asked."""
        cluster = self.all.cluster
        if cluster is None:
            return None
        path = cluster.prefix(name)
        if path and files.exists(os.path.join(path, "conda-meta")):
            return self.all.read(path)
        try:
            texts = [read_environment(text, "environment.yml") for text in cluster.export(name)]
        except BadEnvironment:
            return None
        if not texts:
            return None
        asked, listing = texts[0], texts[-1]
        by_pip = tuple(package for package in listing.packages if package.manager == "pip")
        packages = (*(package for package in asked.packages if package.manager != "pip"), *by_pip)
        return replace(asked, packages=packages, origin=f"conda env export -n {name}", pip_options=())

    def _prefix_paths(self, folders: tuple[str, ...], named: Named) -> list[str]:
        """Where the environment may lie on this disk."""
        if named.path:
            path = self.all.spelled(named.path)
            return [os.path.normpath(os.path.join(folder, path)) for folder in folders] if path else []
        known = self.all.known_prefixes().get(named.name) if named.known and not named.base else None
        return [known] if known else []

    def _by_name(self, folders: tuple[str, ...], name: str) -> Environment | None:
        """The environment file whose `name:` it is, the nearest first; else one whose file is named so."""
        for folder in folders:
            found: list[str] = []
            for path in files.environment_files(folder):
                try:
                    environment = self.all.read(path)
                except (BadEnvironment, files.Unreadable):
                    if found:
                        continue
                    if os.path.splitext(os.path.basename(path))[0] == name or len(files.environment_files(folder)) == 1:
                        raise
                    continue
                stem = os.path.splitext(os.path.basename(path))[0]
                if environment.name == name or (stem == name and environment.name in ("", name, "base")):
                    found.append(path)
            if found:
                return self._first_of(found)
        return None

    def _first_of(self, paths: list[str]) -> Environment:
        """What the likeliest file says, with a doubt where another has the name, too, and other packages."""
        first = self._with_origin(paths[0])
        others = [path for path in paths[1:] if _asked_for(self.all.read(path)) != _asked_for(first)]
        if not others:
            return first
        named = ", ".join(files.shown(path) for path in others)
        said = f"{first.origin} is taken, but {named} has other packages under the same name: say which with --env"
        return replace(first, doubts=(*first.doubts, said))

    def _by_list(self, folders: tuple[str, ...], name: str) -> Environment | None:
        """A list of conda's that is called by the environment's name: explicit, exported, printed or locked."""
        plain = file_name(name)
        for folder in (inner for outer in folders for inner in (outer, f"{outer}/envs") if files.exists(inner)):
            for path in (f"{folder}/{plain}{ending}" for ending in _LISTS):
                if not os.path.isfile(path) or not files.inside(path, folders[-1]):
                    continue
                with contextlib.suppress(BadEnvironment, files.Unreadable):
                    found = self._with_origin(path)
                    if any(package.manager == "conda" for package in found.packages):
                        return found
        return None

    def _with_origin(self, path: str) -> Environment:
        return replace(self.all.read(path), origin=files.shown(path))

    def _project(self, folders: tuple[str, ...]) -> Environment | None:
        """What the project around the script says that it needs; its own name there is not the environment's."""
        for folder in folders:
            for name in _PROJECT_FILES:
                path = os.path.join(folder, name)
                if files.exists(path) and os.path.isfile(path) and files.inside(path, folders[-1]):
                    try:
                        found = self._with_origin(path)
                    except (BadEnvironment, files.Unreadable):
                        continue
                    if any(package.name != "python" for package in found.packages):
                        return found
        return None

    def _guess(self, job: _Job) -> Environment:
        """What the job's Python files import; many scripts start the same ones."""
        key = (job.folders, job.calls)
        if key not in self.all.guesses:
            self.all.guesses[key] = self._imports(*key)
        return self.all.guesses[key]

    def _imports(self, folders: tuple[str, ...], calls: tuple[str, ...]) -> Environment:
        """What the job's own Python files import, and the files of the repository that these import."""
        sources: dict[str, str] = {}
        waiting = [path for call in calls for path in self._source(folders, call)]
        local: set[str] = set()
        while waiting and len(sources) < _MOST_SOURCES:
            path = waiting.pop(0)
            if path in sources:
                continue
            try:
                sources[path] = files.decode(files.read(path, 2_000_000), path)
            except files.Unreadable:
                continue
            for name in imported_names(sources[path]):
                top, found = _local(path, folders, name)
                local |= {top} if top else set()
                waiting += [other for other in found if files.inside(other, folders[-1])]
        origin = ", ".join(files.shown(path) for path in list(sources)[:3]) + (
            " and others" if len(sources) > 3 else ""
        )
        if not sources:
            return Environment("", guess=True)
        guess = read_imports({files.shown(path): text for path, text in sources.items()}, frozenset(local))
        return replace(guess, origin=f"imports of {origin}")

    def _source(self, folders: tuple[str, ...], call: str) -> list[str]:
        names = (
            [call]
            if call.endswith(".py")
            else [call.replace(".", "/") + ".py", call.replace(".", "/") + "/__main__.py"]
        )
        found = []
        for name in names:
            plain = re.sub(r"^(\$\w+|\$\{\w+\}|\.)/", "", name)
            for folder in folders:
                path = os.path.join(folder, plain)
                if os.path.isfile(path) and files.inside(path, folders[-1]):
                    found.append(path)
                    break
        return found


def _local(path: str, folders: tuple[str, ...], name: str) -> tuple[str, list[str]]:
    """The top-level name of an import that is the author's own ("" where it is not), and the files that it reads."""
    dots = len(name) - len(name.lstrip("."))
    parts = [part for part in name.split(".") if part]
    if dots:
        folder = os.path.normpath(os.path.join(os.path.dirname(path), *[".."] * (dots - 1)))
        return "", _modules(os.path.join(folder, *parts))
    for folder in dict.fromkeys((os.path.dirname(path), *folders)):
        top = os.path.join(folder, parts[0])
        # A folder without Python in it is data: wandb/ beside a script that imports wandb.
        if os.path.isfile(f"{top}.py") or (os.path.isdir(top) and files.python_sources(top, 1)):
            return parts[0], [*_modules(os.path.join(folder, *parts)), *_modules(top)]
    return "", []


def _modules(path: str) -> list[str]:
    return [file for file in (f"{path}.py", os.path.join(path, "__init__.py")) if os.path.isfile(file)]


def _any_of(named: Named, requirements: str, served: list[Served]) -> Served:
    """How an environment is served whose name is one of several: all their files, and the modules that all need."""
    refused = next((each for each in served if each.refused), None)
    if refused is not None:
        return replace(refused, named=named)
    first = served[0]
    modules = tuple(dict.fromkeys(module for each in served for module in each.recipe.modules))
    doubts = [doubt for each in served for doubt in (*each.doubts, *each.recipe.doubts)]
    if len({each.recipe.python for each in served}) > 1:
        pythons = ", ".join(f"{each.named.name} {each.recipe.python}" for each in served)
        doubts.append(f"the environments want several Pythons ({pythons}): set one with --python")
        own = first.recipe.modules
        modules = tuple(module for module in modules if not module.startswith("python/") or module in own)
    recipe = replace(first.recipe, modules=modules, strategy="virtualenv", doubts=())
    created = tuple(file for each in served for file in each.files)
    values = ", ".join(named.possible)
    doubts.append(
        f"its name is only known when the job runs: there is a file for each of {values}, make one for any other"
    )
    return Served(named, recipe, requirements, created, tuple(dict.fromkeys(doubts)))


def _covers(project: Environment, guess: Environment) -> bool:
    """Whether a project's requirements are those of the job: they name most of what the job's files import."""
    from slurmfix.knowledge import normalise, pypi_name, pypi_name_of_import

    wanted = {normalise(pypi_name_of_import(package.name) or package.name) for package in guess.packages}
    there = {normalise(pypi_name(package.name) or package.name) for package in project.packages}
    return 2 * len(wanted & there) >= len(wanted)


def _described_already(folder: str, name: str) -> str:
    """The name of an image with the same content that is described in a folder, whatever its environment was called."""
    digest = name.rpartition("-")[2]
    try:
        there = sorted(os.listdir(folder or "."))
    except OSError:
        return name
    same = [file[: -len(".def")] for file in there if file.endswith(f"-{digest}.def")]
    return same[0] if same and name not in same else name


def _asked_for(environment: Environment) -> set[Package]:
    return {replace(package, line=0) for package in environment.packages}


def _environment_of(packages: tuple[str, ...]) -> Environment:
    lines = "".join(f"  - {_yaml(package)}\n" for package in packages)
    return read_environment(f"name: job\ndependencies:\n{lines}", "environment.yml")


def _yaml(package: str) -> str:
    return "'" + re.sub(r"[\x00-\x1f]", " ", package).replace("'", "''") + "'"


def _lines(text: str) -> dict[str, str]:
    """The lines of a requirements file by the package that each names, without blanks and comments."""
    found = {}
    for line in text.splitlines():
        plain = " ".join(re.sub(r"(^|\s)#.*$", "", line).split())
        spelled = re.sub(r"\s*([<>=!~,;\[\]])\s*", r"\1", plain)
        name = re.split(r"[\[<>=!~;@ ]", spelled, maxsplit=1)[0] if re.match(r"[A-Za-z0-9]", spelled) else spelled
        if spelled:
            found[re.sub(r"[-_.]+", "-", name).lower()] = spelled
    return found


def _difference(mine: dict[str, str], theirs: dict[str, str]) -> str:
    """What a requirements file lacks, has besides and says otherwise, against what it should hold; "" for the same."""
    lacks = [line for name, line in mine.items() if name not in theirs]
    besides = [line for name, line in theirs.items() if name not in mine]
    other = [
        f"{theirs[name]} (here {line})"
        for name, line in mine.items()
        if name in theirs and theirs[name].lower().replace("_", "-") != line.lower().replace("_", "-")
    ]
    parts = (("it lacks", lacks), ("it has besides", besides), ("it says", other))
    return "; ".join(f"{said} {', '.join(lines)}" for said, lines in parts if lines)


def _taken(target: str, error: files.Unreadable) -> str:
    return f"{files.shown(target)} stands where its requirements are to be, and cannot be read: {error.reason}"


def _pasted(path: str) -> str:
    """A path as it can be pasted into a shell, where `~` and plain variables mean what they mean."""
    return path if re.fullmatch(r"[\w./~${}+@:=,-]+", path) else shlex.quote(path)


def _refused(named: Named, reason: str) -> Served:
    empty = Environment(named.name, (Package("python"),))
    return Served(named, make_recipe(empty), "", refused=f"its environment cannot be read: {reason}")
