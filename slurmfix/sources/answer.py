"""Answers how each environment of a job is served: what it holds, its recipe, and the files that come along."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field, replace

from slurmfix import files, knowledge
from slurmfix.author_lines import with_their_lines
from slurmfix.callers import Caller
from slurmfix.environment import BadEnvironment, Environment, Package, read_environment
from slurmfix.module_lines import moved_in
from slurmfix.plan import (
    Named,
    Need,
    NewFile,
    Served,
    Site,
    common_name,
    file_name,
    image_of,
    library_commands,
    made_before,
)
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
from slurmfix.remarks import phrase
from slurmfix.rules import Finding
from slurmfix.shell import Script
from slurmfix.sources.evidence import Evidence, Installed, Question, makes
from slurmfix.sources.imports import imports_of, programs_started
from slurmfix.sources.messages import (
    CANNOT_BE_READ,
    IMAGE_NOT_KNOWN,
    JOB_IS_A_LINK,
    NAME_NOT_KNOWN,
    NO_OPTIONS,
    ONE_OF_SEVERAL,
    OTHER_PYTHON_CALLED,
    SEEN_IN_THE_IMAGE,
    SEVERAL_PYTHONS,
)
from slurmfix.sources.new_files import compare, described_already, taken
from slurmfix.sources.order import environment_of, listed_in
from slurmfix.sources.own_project import by_address
from slurmfix.sources.places import places_of
from slurmfix.sources.pythons import hinted_python, shown_python
from slurmfix.sources.submitted import doubts_of_the_folder
from slurmfix.sources.world import World, with_included
from slurmfix.text import Lines

_PYTHON = re.compile(r"python\d\.\d+")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers for all scripts of one run."""

    world: World
    site: Site = field(default_factory=Site)

    def for_script(
        self,
        path: str,
        callers: tuple[Caller, ...],
        script: Script,
        findings: tuple[Finding, ...],
        needs: tuple[Need, ...],
    ) -> dict[str, Served]:
        """How each environment of one script is served, by the code of its name."""
        if not needs:
            return {}
        runs = {need.named.code: need.runs for need in needs}
        moved = moved_in(script, self.site, self.world.settings.ignore)
        job = Evidence(path, script, findings, places_of(path, script, self.world), runs, callers, moved)
        job = replace(job, started=programs_started(self.world, job))
        answers = {
            need.named.code: replace(self._answer(job, need), started=job.of(job.started, need.named)) for need in needs
        }
        return {code: with_their_lines(script, served) for code, served in answers.items()}

    def _answer(self, job: Evidence, need: Need) -> Served:
        named = need.named
        there = {name: path for name in need.lists if (path := _there(self.world, job, name))}
        described = [path for name in need.manifest.files if (path := _there(self.world, job, name))][:1]
        wanted = tuple(dict.fromkeys((*need.files, *there, *(described or need.manifest.files[:1]))))
        installed = _installed(self.world, job, named, need.packages, wanted)
        installed = replace(installed, lists=frozenset(there.values()), all=installed.all or bool(described))
        installed = replace(installed, described=bool(need.manifest.files), parts=need.manifest.parts)
        if not named.name:
            named = _named_by_its_files(installed)
        return replace(self._answer_with(job, named, installed), lists=tuple(there))

    def _answer_with(self, job: Evidence, named: Named, installed: Installed) -> Served:
        if named.known or not named.possible:
            return self._serve(Question(job, named, installed))
        each = [
            self._serve(Question(job, Named(value, value), installed), one_of_several=True) for value in named.possible
        ]
        return _any_of(named, self.world.settings.requirements.replace("{name}", named.code), each)

    def requirements_for(self, path: str, text: str) -> tuple[Served, tuple[str, ...]]:
        """How an environment file is served, with the requirements file that it becomes, beside it, and what to say.

        Raises BadEnvironment.
        """
        settings = self.world.settings
        stem = os.path.basename(path).rsplit(".", 1)[0]
        environment = with_included(read_environment(text, os.path.basename(path)), path)
        name = environment.name or ("env" if stem in ("environment", "env", "requirements") else stem)
        environment = replace(environment, name=name, origin=files.shown(path))
        wishes = Wishes(settings.python or None, settings.pins, settings.to, settings.profile)
        recipe = self._recipe(environment, wishes)
        named = Named(name, name)
        if recipe.in_image:
            return self._in_image(os.path.dirname(path) or ".", named, recipe, wishes, []), ()
        requirements = settings.requirements.replace("{name}", file_name(name))
        target = os.path.join(os.path.dirname(path), requirements)
        text = requirements_text(recipe)
        try:
            doubt = compare(target, text, os.path.dirname(target) or ".")
        except files.Unreadable as error:
            raise BadEnvironment(taken(target, error)) from error
        created = (NewFile(files.shown(target), text),) if doubt is None else ()
        return Served(named, recipe, requirements, created, (doubt,) if doubt else ()), (
            f"modules: {' '.join(recipe.modules)}",
        )

    def _recipe(self, environment: Environment, wishes: Wishes) -> Recipe:
        """The recipe of an environment, by what the cluster answers where it is to be asked."""
        recipe = make_recipe(environment, wishes)
        cluster = self.world.cluster
        if cluster is None:
            return recipe
        for _ in range(3):  # an answer may change the Python, and with it the wheels that there are
            python = recipe.python
            recipe = make_recipe(environment, wishes, cluster.facts(questions_of(recipe, wishes), python))
            if recipe.python == python:
                break
        return recipe

    def _serve(self, question: Question, one_of_several: bool = False) -> Served:
        job, named = question.job, question.named
        try:
            environment, doubts = environment_of(self.world, question)
        except BadEnvironment as error:
            return _refused(named, error.reason)
        except files.Unreadable as error:
            return _refused(named, phrase("{file}: {reason}", file=files.shown(error.path), reason=error.reason))
        wishes = self._wishes(question)
        recipe = self._recipe(environment, wishes)
        if recipe.in_image and named.known and not one_of_several:
            return self._in_image(job.places.submit, named, recipe, wishes, [*doubts, *_link_of(job)])
        if recipe.in_image:
            doubts.append(IMAGE_NOT_KNOWN.about(environment=named.name))
        # Modules alone cannot keep two environments apart, and what is one of several has its file as the others have.
        if recipe.in_image or (
            recipe.strategy == "modules" and (one_of_several or (self.world.settings.to == "auto" and job.has_several))
        ):
            recipe = self._recipe(environment, replace(wishes, to="virtualenv"))
        # The job finds the list of one of several by its name, so that each has one.
        return self._with_files(question, recipe, doubts, recipe.has_list or one_of_several)

    def _wishes(self, question: Question) -> Wishes:
        settings, job = self.world.settings, question.job
        hint = hinted_python(job.script, question.named)
        return Wishes(
            python=settings.python or None,
            pins=settings.pins,
            # What the job installs needs a place that is its own.
            to="virtualenv" if settings.to == "auto" and job.installs else settings.to,
            profile=settings.profile,
            programs=job.programs,
            loaded=job.loaded,
            elsewhere=tuple(name for name in job.programs if name not in job.programs_of(question.named)),
            later=job.later,
            installs=job.installed_in(question.named),
            imports=tuple(package.name.split(".")[0] for package in imports_of(self.world, job)),
            gpu=job.gpu,
            shown=shown_python(job.script, question.named),
            hint=hint.python,
            hinted=hint.where,
        )

    def _with_files(self, question: Question, recipe: Recipe, doubts: list[str], has_list: bool) -> Served:
        """An environment that modules and wheels serve, with its requirements file where it is to have one."""
        job, named, installed = question.job, question.named, question.installed
        if named.known:
            name = file_name(named.name)
        else:  # what the script itself puts into it is the same under each of its names
            name = common_name(named.name) if installed.all else named.code
        requirements = self.world.settings.requirements.replace("{name}", name) if has_list else ""
        pattern = self.world.settings.requirements.replace("{name}", "NAME")
        has_file = named.known or installed.all
        created: list[NewFile] = []
        if requirements and has_file:
            text = requirements_text(recipe)
            target = os.path.join(job.places.submit, requirements)
            try:
                doubt = compare(target, text, job.places.submit)
            except files.Unreadable as error:  # the job could not read it either
                return replace(_refused(named, ""), refused=taken(target, error))
            if doubt is None:
                created.append(NewFile(files.shown(target), text, recipe.environment.guess))
            elif doubt:
                doubts.append(doubt)
        elif requirements:
            doubts.append(NAME_NOT_KNOWN.about(environment=named.name, file=pattern))
        commands = library_commands(recipe, self.site)
        if not requirements:
            doubts = listed_in(doubts, phrase("the new `module load` line"))
        if recipe.strategy == "virtualenv":
            doubts += _doubts_of_a_virtualenv(job, recipe)
            if self.site.in_job:
                doubts += [*_link_of(job), *(doubts_of_the_folder(self.world, job) if requirements else ())]
            code, listed = (named.code, requirements) if has_file else ("NAME", pattern)
            if has_file or not self.site.in_job:
                listing = files.shown(os.path.join(job.places.submit, listed)) if requirements else ""
                commands = (*made_before(recipe, code, listing, job.loaded, self.site), *commands)
        return Served(
            named,
            recipe,
            requirements,
            tuple(created),
            tuple(doubts),
            commands=commands,
            made=not self.site.in_job,
            made_on_nodes=self.site.made_on_nodes,
        )

    def _in_image(self, submit: str, named: Named, recipe: Recipe, wishes: Wishes, doubts: list[str]) -> Served:
        """An environment that goes to Apptainer: the files of its image, and how it is built."""
        environment = recipe.environment
        made = image_recipe(recipe, file_name(named.name), wishes.programs)
        made = replace(made, name=described_already(submit, made.name)) if not environment.guess else made
        tool = recipe.image_tool
        image, new, commands = image_of(made, tool, self.site)
        created: list[NewFile] = []
        for file in new:
            target = os.path.join(submit, file.path)
            if not files.exists(target):  # its name tells its content
                created.append(NewFile(files.shown(target), file.text, environment.guess))
        listing = next((file.path for file in new if file.path.endswith(".yml")), "")
        if listing:
            doubts = listed_in(doubts, f"`{listing}`")
        built = f"cd {shlex.quote(files.shown(submit))}"
        reaching = [name for name in wishes.loaded if name.partition("/")[0] in ("r", "java", "perl", "python")]
        if reaching:
            doubts.append(SEEN_IN_THE_IMAGE.about(environment=named.name, modules=", ".join(reaching)))
        programs = provided(environment)
        if environment.guess or not environment.packages:
            programs |= guessed(wishes.programs, wishes.loaded)
        return Served(
            named,
            for_image(recipe, self.site.image_module if tool.runs_by else "", wishes.loaded),
            "",
            tuple(created),
            (*doubts, *made.doubts),
            commands=(built, *commands) if files.shown(submit) != "." else commands,
            image=image,
            provides=programs,
        )


def _installed(
    world: World, job: Evidence, named: Named, packages: tuple[str, ...], listed: tuple[str, ...]
) -> Installed:
    """What a script itself puts into an environment, with the files that it installs from where they lie."""
    there = [_there(world, job, name) for name in listed]
    lost = tuple(name for name, path in zip(listed, there, strict=True) if not path)
    found = tuple(filter(None, there))
    seen = not lost and bool(packages or found)
    return Installed(packages, found, seen and makes(job, named, listed), lost)


def _named_by_its_files(installed: Installed) -> Named:
    """An environment that a script makes from files, by the name that these say, else by their own."""
    said = [name for path in installed.files for name in files.description(path) or ()]
    own = [os.path.splitext(os.path.basename(path))[0] for path in (*installed.files, *installed.lost)]
    name = next(iter([*said, *own]), "env")
    return Named(name, name)


def _there(world: World, job: Evidence, name: str) -> str:
    """Where a file lies that a script installs from: in the folders of the job, or where the script says, if that is
    one of the user's own folders; "" elsewhere.
    """
    path = world.spelled(name)
    if not path:
        return ""
    bounds = (job.places.folders[-1], *(world.own_folders() if os.path.isabs(path) else ()))
    return files.file_in((*job.places.folders, *job.places.work), path, *bounds)


def _doubts_of_a_virtualenv(job: Evidence, recipe: Recipe) -> list[str]:
    doubts: list[str] = []
    if job.may_be_none:
        doubts.append(NO_OPTIONS.about())
    called = [name for name in job.programs if _PYTHON.fullmatch(name) and name != f"python{recipe.python}"]
    doubts += by_address(job)
    lines = Lines(job.script.text)
    for name in called:
        at = next((command.span.start for command in job.script.holding(name)), None)
        place = lines.position(at) if at is not None else (0, 0)
        doubts.append(OTHER_PYTHON_CALLED.about(*place, program=name, python=recipe.python))
    return doubts


def _link_of(job: Evidence) -> list[str]:
    """What is said of a job script that is a link into another folder, where its new files go to."""
    if not job.places.leads_to:
        return []
    return [JOB_IS_A_LINK.about(target=files.shown(job.places.leads_to), folder=files.shown(job.places.submit))]


def _any_of(named: Named, requirements: str, served: list[Served]) -> Served:
    """How an environment is served whose name is one of several: all their files, and the modules that all need."""
    refused = next((each for each in served if each.refused), None)
    if refused is not None:
        return replace(refused, named=named)
    first = next((each for each in served if each.recipe.is_unknown), served[0])
    modules = tuple(dict.fromkeys(module for each in served for module in each.recipe.modules))
    doubts = [doubt for each in served for doubt in (*each.doubts, *each.recipe.doubts)]
    if len({each.recipe.python for each in served}) > 1:
        pythons = ", ".join(f"{each.named.name} {each.recipe.python}" for each in served)
        doubts.append(SEVERAL_PYTHONS.about(environment=named.name, pythons=pythons))
        own = first.recipe.modules
        modules = tuple(module for module in modules if knowledge.role_of(module) != "interpreter" or module in own)
    recipe = replace(first.recipe, modules=modules, strategy="virtualenv", doubts=())
    created = tuple(file for each in served for file in each.files)
    values = ", ".join(named.possible)
    doubts.append(ONE_OF_SEVERAL.about(environment=named.name, values=values))
    return Served(named, recipe, requirements, created, tuple(dict.fromkeys(doubts)))


def _refused(named: Named, reason: str) -> Served:
    empty = Environment(named.name, (Package("python"),))
    return Served(named, make_recipe(empty), "", refused=CANNOT_BE_READ.about(environment=named.name, why=reason))
