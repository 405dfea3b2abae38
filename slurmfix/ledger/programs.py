"""Programs that the job may have found in conda: in an environment that is active, or in the base that comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from slurmfix import knowledge
from slurmfix.flow import Flow, Loaded, State
from slurmfix.ledger.entries import ABOVE, OF_A_MODULE, OF_A_SITE, PROGRAM, Entry
from slurmfix.ledger.texts import texts_of
from slurmfix.plan import Plan, Served
from slurmfix.remarks import DOUBT, Message
from slurmfix.rules import PROGRAMS as CONDAS
from slurmfix.rules import Enter, Finding, Run, brings_base, place_of_a_virtualenv
from slurmfix.shell import (
    FUNCTION,
    Call,
    Command,
    How,
    Kind,
    Script,
    call_behind,
    call_of,
    calls_in,
    commands_in_options,
    is_everywhere,
    reads_words_of,
)

UNKNOWN_PROGRAM = Message(
    id="program-not-known",
    kind=DOUBT,
    subject="the program `{what}`",
    reason="conda may have brought this program, and slurmfix knows neither package nor module of it",
    action="if this is a script of yours, do nothing. Otherwise look for it with `module spider NAME` (NAME: the "
    "program), and load the module in the job",
    bad="conda activate myenv\nfoobar reads.fq\n",
    good="conda activate myenv\n./foobar reads.fq\n",
)
PROGRAM_OF_A_SITE = Message(
    id="program-of-a-site",
    kind=DOUBT,
    subject="the program `{what}`",
    reason="this program exists only on other clusters, or under another system than Slurm",
    action="if the job does not need its output, delete this call. Otherwise write `{here}` instead",
    bad="conda activate myenv\nNODEFILE=`generate_pbs_nodefile`\npython train.py\n",
    good="conda activate myenv\nNODES=`scontrol show hostnames`\npython train.py\n",
)
PROGRAM_OF_A_MODULE = Message(
    id="program-of-a-module",
    kind=DOUBT,
    subject="the program `{what}`",
    reason="conda may have brought this program, and the job does not load {name}, which has it here",
    action="write `module load {module}` above this line. `module spider {name}` shows other versions",
    bad="conda activate myenv\nnvcc --version\n",
    good="conda activate myenv\nmodule load cuda\nnvcc --version\n",
)
PROGRAM_ABOVE = Message(
    id="program-above",
    kind=DOUBT,
    subject="the program `{what}`",
    reason="this program comes with a Python package, but no environment is active on this line yet",
    action="move this line below the activation (`source …/bin/activate`)",
    bad="jupyter nbconvert --to python a.ipynb\nconda activate myenv\npython a.py\n",
    good="conda activate myenv\njupyter nbconvert --to python a.ipynb\npython a.py\n",
)

ModulesHere = Callable[
    [str], tuple[str, ...]
]  # what `module load` takes at the site for a module; () where it has none
_NAME = re.compile(r"[A-Za-z][\w.+-]*")
_OF_PYTHON = re.compile(r"i?python[\d.]*|pip[\d.]*")  # each environment has them, and what base ran is told
_ARGUMENTS = re.compile(r"[\"']?\$\{?[@*1]")
_COUNTS = re.compile(r"\w+\s+[-+*/%]?=\s")
_ALIAS = re.compile(r"\balias\s+(?:-\w+\s+)*([\w.+-]+)=")


def program_entries(
    script: Script, found: tuple[Finding, ...], plan: Plan, flow: Flow, modules: ModulesHere
) -> Iterator[Entry]:
    """The calls of programs that not every node has, where conda's may be found. `modules` names those of the site."""
    yield from _of_started(script, plan, modules)
    first = min((each.span.end for each in found if brings_base(each.act)), default=len(script.text))
    runs = {each.command.span: each.span.end for each in found if isinstance(each.act, Run) and not each.act.front}
    theirs = [each.command.whole for each in found if each.command.span not in runs] + list(script.containers)
    own = {name for name, _ in script.functions} | set(_ALIAS.findall(script.text))
    yield from _of_a_site(script, own, modules)
    entered = min((each.span.start for each in found if isinstance(each.act, Enter)), default=0)
    virtualenv = min(filter(None, map(place_of_a_virtualenv, script.holding("activate"))), default=len(script.text))
    runners = _runners(script)
    for command in script.commands:
        if not flow.is_reached(command) or _is_no_call(command) or any(span.holds(command.span) for span in theirs):
            continue
        state = flow.state(command)
        if command.span in runs or flow.is_active(command) or first <= command.span.start < virtualenv:
            call = _call(script, command, runs.get(command.span), runners)
            stands_for = texts_of(command) if command.name == "alias" else ()
            texts = (*_texts(script, command, call, state), *stands_for)
            found_and_run = (words[0].literal for words in commands_in_options(command) if words)
            for name in (*_names(call, texts), *found_and_run):
                if _is_a_program(name) and name not in own:
                    yield _entry(name, command, modules)
        elif command.span.end <= entered and _is_of_a_wheel(command, state):
            yield Entry(ABOVE, command.span, command.name, command)


def _is_of_a_wheel(command: Command, state: State) -> bool:
    """Whether a Python package alone can bring the program that a command of the job calls."""
    return bool(knowledge.wheel_of_program(command.name)) and not command.within and state.modules == Loaded()


def _of_a_site(script: Script, own: set[str], modules: ModulesHere) -> Iterator[Entry]:
    """The calls of programs that another cluster or batch system has, wherever they stand."""
    for command in script.commands:
        if knowledge.program_here(command.name) and command.name not in own and not _is_no_call(command):
            yield _entry(command.name, command, modules)


def _entry(name: str, command: Command, modules: ModulesHere) -> Entry:
    if here := knowledge.program_here(name):
        return Entry(OF_A_SITE, command.span, name, command, told={"here": here})
    module = knowledge.program_module(name)
    if words := modules(module) if module else ():
        told = {"module": " ".join(words), "name": knowledge.plain_name(words[-1])}
        return Entry(OF_A_MODULE, command.span, name, command, told=told)
    return Entry(PROGRAM, command.span, name, command)


def _of_started(script: Script, plan: Plan, modules: ModulesHere) -> Iterator[Entry]:
    """The programs that scripts at hand call which the job starts."""
    started = [each for served in plan.environments for each in served.started]
    owners = {command.span.start: command for command in script.commands} if started else {}
    for at, name in started:
        if at in owners and _is_a_program(name):
            yield _entry(name, owners[at], modules)


def _is_no_call(command: Command) -> bool:
    """Whether the grammar takes something else for a command: `i = 1` is of `for ((i = 1; …))`."""
    return command.broken or _COUNTS.match(command.source) is not None


def _call(script: Script, command: Command, behind: int | None, runners: set[str]) -> Call:
    """What a command calls: behind `conda run`, and what a function of the script is given to run."""
    if behind is None and len(command.words) > 1 and command.name in runners:
        behind = command.words[1].span.start
    return call_of(script, command) if behind is None else call_behind(script, command, behind)


def _runners(script: Script) -> set[str]:
    """The functions of a script that run what they are given."""
    return {
        place.note for command in script.holding("$@", "$*", "$1") for place in command.within
        if place.kind == FUNCTION and _runs_its_words(script, command)
    }  # fmt: skip


def _runs_its_words(script: Script, command: Command) -> bool:
    call = call_of(script, command)
    return call.how is How.UNKNOWN and call.program is not None and _ARGUMENTS.match(call.program.source) is not None


def _is_a_program(name: str) -> bool:
    """Whether it is the name of a program that conda may have: Python is in each environment, and told of for base."""
    known = is_everywhere(name) or _OF_PYTHON.fullmatch(name) or name in CONDAS  # (conda itself is a trace)
    return _NAME.fullmatch(name) is not None and not known


def _names(call: Call, texts: Iterable[str]) -> Iterator[str]:
    """The programs that a call comes to, with what starts them, and those of the texts that it runs."""
    for each in (call, *(inner for text in texts for inner in calls_in(text))):
        if any(through.kind is Kind.REMOTE or "--multi-prog" in through.options for through in each.through):
            continue  # on another machine, or by a file
        yield from (through.name for through in each.through)
        if each.how in (How.PLAIN, How.CONTAINER) and not (each.through and each.name.endswith(".py")):
            yield each.name


def texts_run_by(script: Script, command: Command, state: State) -> tuple[str, ...]:
    """The texts that a command runs, as far as the script has them, and its words with what its program comes to."""
    call = call_of(script, command)
    behind = " ".join(word.source for word in command.words[1:])
    return tuple(f"{text} {behind}" for text in (call.name, *_texts(script, command, call, state)))


def _texts(script: Script, command: Command, call: Call, state: State) -> tuple[str, ...]:
    """The text that a call hands to a shell and that is not read with the script, and what a variable or an array as
    the program comes to.
    """
    if call.how is How.TEXT:
        return () if reads_words_of(script, command) else (call.text,)
    if call.how is not How.UNKNOWN or call.program is None:
        return ()
    return state.values.text_of(call.program.parts) or ()


def is_accounted_for(name: str, served: Iterable[Served], loaded: Iterable[str]) -> bool:
    """Whether something that is there has a program: the node, an environment's packages, a module that is loaded."""
    if knowledge.is_base_program(name):
        return True
    wheel = knowledge.wheel_of_program(name)
    needed = {knowledge.family(wheel) if wheel else None, knowledge.program_module(name)} - {None}
    modules = [knowledge.plain_name(module).lower() for module in loaded]
    for each in served:
        recipe = each.recipe
        if each.image is not None:
            return True  # it is called in an image, which has all that the environment has
        packages = recipe.environment.packages
        names = {package.pypi or knowledge.pypi_name(package.name) or package.name for package in packages}
        held = knowledge.with_requirements(frozenset(map(knowledge.family, names)))
        held |= {knowledge.normalise(package.name) for package in packages}
        modules += [knowledge.plain_name(module).lower() for module in recipe.modules]
        if recipe.environment.programs and name not in recipe.environment.programs:
            return True  # its folder was read, and the program is not there
        if needed & (held | set(recipe.environment.holds)) or any(_is_of(name, package) for package in held):
            return True
    return any(module in needed or _is_of(name, module) for module in modules)


def _is_of(program: str, package: str) -> bool:
    """Whether a program bears a package's name, as `bismark_genome_preparation` does that of bismark."""
    own, low = knowledge.normalise(package), program.lower()
    return low in own.split("-") or re.match(rf"{re.escape(own)}(?![a-z])", knowledge.normalise(low)) is not None
