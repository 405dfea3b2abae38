"""What a plan rests on: modules where environments are used, one node, no reader of files that go with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.flow import Flow
from slurmfix.knowledge import role_of
from slurmfix.ledger.entries import LAUNCHER, MODULE, OUTPUT, Entry
from slurmfix.plan import Plan
from slurmfix.rules import Beside, Enter
from slurmfix.shell import Kind, Script, Spread, names_one, options_of, pattern_of, programs_of
from slurmfix.text import Span

_NEED_NOTHING = programs_of(Kind.IDLE, Kind.ASKS, Kind.TELLS, Kind.ENDS, Kind.EVERYDAY) | {"eval", "exec", "command"}
_LAUNCHERS = re.compile(pattern_of(Spread.NODES, Spread.RANKS))
_IN_A_FILE = re.compile(rf"(?m)^(?P<aside>[ \t]*#)?[^\n]*?(?:{pattern_of(Spread.NODES, Spread.RANKS)})")
_INTO_A_FILE = re.compile(r"(?:\d|&)?>{1,2}[|&]?\s*[\"']?(?!/dev/|[\d-]|&)([^\s\"'$;|&<>]*[^\s\"'$;|&<>/])[\"']?")
_ONE = re.compile(r"(?:1-)?1")
_SEVERAL = re.compile(r"[,\[]")


def modules_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The modules beside its Python that each environment needs wherever it is used, by its name."""
    found = {}
    for served in plan.environments:
        modules = tuple(module for module in served.recipe.modules if not role_of(module))
        if modules and served.image is None:
            found[served.named.name] = modules
    return found


def served_entries(script: Script, plan: Plan, flow: Flow) -> Iterator[Entry]:
    """What the new lines rest on: that modules stay loaded, that there is one node, that nobody reads what goes."""
    yield from _uses_of_modules(script, plan, flow)
    yield from _launchers(script, plan)
    yield from _read_outputs(script, plan)


def _read_outputs(script: Script, plan: Plan) -> Iterator[Entry]:
    """The commands that name a file which a line wrote that goes with its redirection."""
    for step in plan.steps:
        command = step.finding.command
        gone = [edit for edit in step.edits if edit.span.holds(command.whole)]
        written = (_INTO_A_FILE.fullmatch(redirect) for redirect in command.redirects)
        files = {match[1].rsplit("/", 1)[-1] for match in written if match}
        files = {file for file in files if not any(file in edit.new for edit in gone)} if gone else set()
        for reader in script.commands if files else ():
            if reader.span.start > command.whole.end and names_one(reader, frozenset(files)):
                yield Entry(OUTPUT, reader.span, "reads what went", reader)


def _uses_of_modules(script: Script, plan: Plan, flow: Flow) -> Iterator[Entry]:
    modules = modules_of(plan)
    # A line that enters an environment anew is no use of the one before it.
    enters = {step.finding.command.span for step in plan.changing_what(Enter)}
    for command in script.commands if modules else ():
        active = flow.state(command).stack[:1]
        needs = bool(command.words) and command.name not in _NEED_NOTHING and command.span not in enters
        if needs and not modules.keys().isdisjoint(active):
            yield Entry(MODULE, command.span, active[0], command)


def _launchers(script: Script, plan: Plan) -> Iterator[Entry]:
    """Whatever may start tasks on other nodes than that on which an environment is built."""
    if not any(served.is_a_folder and not served.made for served in plan.environments):
        return
    for match in _LAUNCHERS.finditer(script.text):
        span = Span(*match.span())
        if not any(comment.holds(span) for comment in script.comments):
            yield Entry(LAUNCHER, span, "starts tasks")


def launches(text: str) -> bool:
    """Whether a file starts tasks that may run on other nodes."""
    return any(not match["aside"] for match in _IN_A_FILE.finditer(text))


def is_on_one_node(script: Script) -> bool:
    """Whether the header proves that the job runs on one node: sbatch spreads tasks and GPUs as it likes otherwise."""
    option = options_of([directive.arguments for directive in script.directives])
    nodes = option("--nodes", "-N")
    if nodes:
        return _ONE.fullmatch(nodes) is not None
    if option("--nodefile", "-F") is not None or option("--gpus", "-G", "--ntasks-per-gpu") not in (None, "1"):
        return False
    return option("--ntasks", "-n") in (None, "1") and not _SEVERAL.search(option("--nodelist", "-w") or "")


_GUIDES = ("Makefile", "README.md", "README", "README.rst", "submit.py", "submit.sh", "run.py")
_TOLD = re.compile(
    r"\b(?:sbatch|salloc)\b[^\n]*?(?:[\s\"',]-N[\s\"',]*|--nodes[=\s\"',]+)(?:[2-9]|\d\d|\{|\$)"
    r"|\bsbatch\s+(?:-\S+\s+)*[\"']?\$\{?\w*(?i:opt|arg|flag)"
)  # (options in a variable may be any)

# A script that asks for their number has several at times.
_ASKS = re.compile(r"\$\{?SLURM_(?:JOB_NUM_NODES|NNODES)\}?[\"']?\s*(?:>=?|-g[te]|-ne|!=)\s*[\"']?[12]\b")


def is_told_of_several(script: Script, beside: Beside) -> bool:
    """Whether a comment, a file that tells how the job is submitted, or a test of the script's own speaks of several
    nodes.
    """
    if script.option("--nodes", "-N") is None and _ASKS.search(script.text):
        return True
    comments = (script.text[slice(*span)] for span in script.comments)
    return any(map(_TOLD.search, comments)) or any(_TOLD.search(beside(name) or "") for name in _GUIDES)
