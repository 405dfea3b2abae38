"""From all findings of one script to one decision: what changes, what stays, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slurmfix.plan.active import Activations
from slurmfix.plan.block import ACTIVATE, ASIDE, FULL, MODULES, Shape, activates, commands, indented
from slurmfix.plan.early import RUNS_PYTHON, early_doubts
from slurmfix.plan.folder import folder_doubts
from slurmfix.plan.guard import IDLE, emptied, on_the_answer
from slurmfix.plan.image import contained, in_force, inside_path, leaving, prefix, program_word
from slurmfix.plan.mentions import mention_doubts
from slurmfix.plan.names import named
from slurmfix.plan.nodes import several_nodes, starter_of_tasks
from slurmfix.plan.overwritten import overwritten_doubts
from slurmfix.plan.place import (
    calls_function,
    exclusive,
    handled,
    in_trap,
    is_statement,
    job_of,
    layers_of,
    repeated,
    same_job,
    statement_before,
    statement_of,
    surely,
)
from slurmfix.plan.purge import Purges
from slurmfix.plan.python_path import python_path_doubts
from slurmfix.plan.remove import joint, removal
from slurmfix.plan.step import MANUAL, REVIEW, SAFE, Named, Plan, Serve, Served, Step, Style
from slurmfix.plan.submit import starts_itself, submission_doubts
from slurmfix.rules import (
    USES,
    Ask,
    Drop,
    Enter,
    Finding,
    Install,
    Leave,
    Left,
    Pip,
    Program,
    Provide,
    Replace,
    Report,
    Run,
    Target,
    Value,
    brings_base,
    by_pip,
    named_by,
    rest_of,
    unknown,
)
from slurmfix.shell import (
    BACKGROUND,
    BRANCH,
    CHAINED,
    CHECKED,
    FUNCTION,
    KEEP,
    PIPELINE,
    REDIRECTED,
    SCRIPT,
    SUBSTITUTION,
    Command,
    Place,
    Script,
    is_kept,
    quoted,
)
from slurmfix.templates import in_double_quotes
from slurmfix.text import Edit, Lines, Span

_HETEROGENEOUS = re.compile(r"^#SBATCH[ \t]+(hetjob|packjob)\b", re.M)
_HOME = re.compile(r"\A(?:\$HOME|\$\{HOME\}|/home/\w+)(?=/)")
_INDENT = re.compile(r"[ \t]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEREDOC = "it reads a heredoc, or holds a placeholder in << >>: fill that in first"
_CHANGED = (Install, Replace, Value, Pip, Drop, Report)  # such a change needs a look
_TAKES_AWAY = (Provide, Drop, Install, Leave)
# What may stand between conda's base and the environment that the job means, or between an activation and the modules
# that the author loads after it, without using either.
_IDLE = frozenset(
    """
    module ml export echo cd set unset date hostname pwd ulimit mkdir printf which umask shopt nvidia-smi ls env declare
    local readonly sleep true : source . if test [ command whoami free lscpu uname
    """.split()
) | {""}


# What only the tasks of a step know.
_OF_A_TASK = frozenset(
    """
    SLURM_PROCID SLURM_LOCALID SLURM_NODEID SLURMD_NODENAME SLURM_STEP_ID SLURM_STEPID SLURM_TASK_PID PMI_RANK PMIX_RANK
    OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_LOCAL_RANK MPI_LOCALRANKID
    """.split()
)


@dataclass(frozen=True, slots=True)
class _Built:
    key: str
    within: tuple[Place, ...]
    at: int
    modules: tuple[str, ...]
    apart: bool = False  # in a subshell, with which its modules end


def make_plan(script: Script, findings: tuple[Finding, ...], serve: Serve, style: Style) -> Plan:
    """One plan for a script. Raises TemplateFailed where a site's template does."""
    return _Planner(script, findings, serve, style).plan()


def clean_up(script: Script, findings: tuple[Finding, ...]) -> Plan:
    """The plan for a shell's start-up file: all of conda goes, and nothing takes its place."""
    lines = Lines(script.text)
    gone = frozenset(f.command.span for f in findings if isinstance(f.act, (*_TAKES_AWAY, Enter)))
    steps = []
    for finding in findings:
        if finding.command.broken or not isinstance(finding.act, (*_TAKES_AWAY, Enter)):
            why = finding.why or "what it is for cannot be told from here: take it out, or let it load modules"
            steps.append(Step(finding, (), MANUAL, why))
            continue
        command = finding.command
        if finding.span != command.span and finding.span.holds(command.span):
            command = command.moved(finding.span)
        whole = finding.span.holds(command.span)
        edit = removal(script, lines, command, gone) if whole else Edit(finding.span, "")
        steps.append(Step(finding, (edit,), REVIEW, "jobs load modules and make a virtualenv instead"))
    return Plan(_in_one_edit(script, lines, tuple(steps)))


class _Planner:
    """The state of one plan while the findings are gone through in the order of the file."""

    def __init__(self, script: Script, findings: tuple[Finding, ...], serve: Serve, style: Style) -> None:
        plain = re.match(r"(?:/usr/bin/env\s+|\S*/)?(?:sh|dash)\b", script.shebang) is not None
        if plain or "\r\n" in script.text:
            style = replace(style, source="." if plain else style.source, crlf="\r\n" in script.text)
        self.script, self.style, self.serve = script, style, serve
        self.lines = Lines(script.text)
        findings = findings if style.pip_options else tuple(f for f in findings if not _asks_an_index(f))
        self.findings = _without_idle_base(script, _promoted(findings))
        self.names: dict[int, Named] = {
            at: named(script, finding) for at, finding in enumerate(self.findings) if isinstance(finding.act, USES)
        }
        self._tell_apart()
        self.activations = Activations(script, self.findings, self.names)
        self.served: dict[str, Served] = {}
        self.built: list[_Built] = []

    def _tell_apart(self) -> None:
        """Environments that end alike in different folders are different: the folder goes into the name."""
        paths: dict[str, list[str]] = {}
        for name in self.names.values():
            plain = name.path.startswith("/") and "$" not in name.path  # `$HOME/x` may be `/home/a/x` in other words
            if plain and name.known and not name.base and name.path not in paths.setdefault(name.code, []):
                paths[name.code].append(name.path)
        for at, name in self.names.items():
            several = paths.get(name.code, [])
            if len(several) > 1 and name.path in several[1:]:
                told = f"{name.name}-{several.index(name.path) + 1}"
                self.names[at] = replace(name, name=told, code=in_double_quotes(told))

    def plan(self) -> Plan:
        refusals = {at: why for at in self.names if (why := self._refusal(at))}
        if not refusals:
            for at, name in self.names.items():
                key = name.code
                if key not in self.served:
                    packages, files = self._installed(at)
                    self.served[key] = self.serve(name, packages, files)
            refusals = {at: why for at, name in self.names.items() if (why := self.served[name.code].refused)}
            refusals |= {at: why for at in self.names if (why := self._needs_other_modules(at) or self._no_word(at))}
        if refusals or (not self.names and any(isinstance(f.act, Install) for f in self.findings)):
            return self._left(refusals)
        self.gone = frozenset(f.command.span for at, f in enumerate(self.findings) if self._goes(at, f))
        self.asked = frozenset(f.span for f in self.findings if isinstance(f.act, Ask) and not f.why)
        self.purges = Purges(self.script)
        self.emptied = emptied(self.script, self.gone, self.asked)
        self.gone |= {c.span for c in self.script.commands if any(span.holds(c.span) for span in self.emptied)}
        self.alternatives = self._alternatives()
        self.served, self.inside = contained(self.script, self.findings, self.names, self.served, self.gone, self.style)
        doubts = [
            *folder_doubts(self.script, self.findings, self.names, self.activations, self.style),
            *submission_doubts(self.script, self.findings, self.activations, self.style),
            *mention_doubts(self.script, self.findings, self.names, self.style),
            *overwritten_doubts(self.script, self.findings, self.names),
            *early_doubts(self.script, self.findings, self.names, self.activations),
        ]
        for code, doubt in doubts:
            if self.served[code].image is None and self.served[code].recipe.strategy != "modules":
                self._doubt(code, doubt)
        self._doubt_packages_of_one_arm()
        self._doubt_paths()
        if again := starts_itself(self.script):
            line = self.lines.position(again.span.start)[0]
            for code in self.served:
                self._doubt(
                    code, f"line {line} starts this script again: see that not each task builds the environment"
                )
        for code, doubt in python_path_doubts(self.script, self.served, self.activations):
            self._doubt(code, doubt)
        own = {at: finding for at, finding in enumerate(self.findings) if not self._goes_along(finding)}
        steps = {at: self._step(at, finding) for at, finding in own.items() if not self._waits(finding)}
        edits = [edit for step in steps.values() for edit in step.edits]
        steps |= {at: self._last(finding, edits) for at, finding in own.items() if at not in steps}
        graded = _graded([steps[at] for at in own], self.served)
        return Plan(_in_one_edit(self.script, self.lines, graded), tuple(self.served.values()))

    # What cannot be done

    def _refusal(self, at: int) -> str:
        """Why this finding is left for a person; "" where it is not."""
        finding = self.findings[at]
        command = finding.command
        if _reads_heredoc(command):
            return _HEREDOC
        if command.broken:
            line, _ = self.lines.position(min(span.start for span in self.script.unread))
            return f"the script cannot be read for sure from line {line} on: see what stands there (`bash -n` may tell)"
        if finding.why:
            return finding.why
        if _CONTROL.search(self.names[at].name):
            return "the name of its environment has a line end or a control character in it: give it a plain one"
        if not self.names[at].known and "$'" in self.names[at].name:
            return "the name of its environment is written with $'…', to which nothing can be glued: write it plainly"
        if any(place.kind == SCRIPT and place.note == "ssh" for place in command.within):
            return "a shell on another machine knows no $SLURM_TMPDIR of this job: start it with srun"
        if in_trap(command):
            return "a trap runs when nobody can say what has been built: activate outside of it"
        if self._only_in_a_step(at):
            return (
                "its name is only known inside the step, where each task would build it: set the name before the step"
            )
        if starter := starter_of_tasks(self.script, command):
            return (
                f"{starter} starts it once for each task, which would all build at the same time: activate in the job "
                "itself, before the step"
            )
        if self._in_several_calls(at):
            return (
                "its name is only known inside a function, of which several calls may run at the same time and would "
                "all build it: activate before the calls"
            )
        if self.style.in_job and _is_heterogeneous(self.script.text):
            return "a heterogeneous job: build once in each component (`srun --het-group=…`), which no header tells how"
        if isinstance(finding.act, Enter) and self._module_follows(command):
            return "a module is loaded after it in the same chain: load it before the activation"
        if command.confirmed is False or (isinstance(finding.act, Enter) and not command.confirmed):
            return "two parsers disagree on what this command says: write it more plainly"
        if isinstance(finding.act, Enter) and self._has_no_effect(command):
            return "an activation in a pipeline or in the background has no effect on the job: take it out of there"
        return ""

    def _has_no_effect(self, command: Command) -> bool:
        """Whether the shell that activates ends with that: part of a pipeline, or the end of a substitution."""
        if not command.within:
            return False
        place = command.within[-1]
        if place.kind == SUBSTITUTION:
            return not any(c.span.start > command.span.end and place in c.within for c in self.script.commands)
        return place.kind in (PIPELINE, BACKGROUND)

    def _module_follows(self, command: Command) -> bool:
        """Whether the chain of commands that it stands in goes on to load a module, which no place of a block mends."""
        chains = [place for place in command.within if place.kind == CHECKED]
        if not chains:
            return False
        ours = {finding.command.span for finding in self.findings}
        return any(
            other.name in ("module", "ml") and other.span.start > command.span.end and other.span not in ours
            and any(place.span == around.span for place in chains for around in other.within)
            for other in self.script.commands
        )  # fmt: skip

    def _needs_other_modules(self, at: int) -> str:
        """Why one command cannot run in an environment while another one, with another Python, is active."""
        if self._in_image(self.names[at].code):
            return ""
        own = self.served[self.names[at].code].recipe.modules
        if isinstance(self.findings[at].act, Enter) or _only_python(own):
            return ""
        if not self._has_rival(self.served[self.names[at].code], self.findings[at].command.within):
            return ""
        return "another environment needs its modules in other versions: activate this one around the command instead"

    def _has_rival(self, served: Served, within: tuple[Place, ...]) -> bool:
        """Whether another environment of the same job needs a module of this one in another version."""
        codes = {
            self.names[n].code for n, f in enumerate(self.findings)
            if n in self.names and same_job(f.command.within, within)
        }  # fmt: skip
        return any(_clash(self.served[code].recipe.modules, served.recipe.modules) for code in codes)

    def _no_word(self, at: int) -> str:
        """Why a path inside of an environment cannot become a call of an image."""
        finding = self.findings[at]
        if (
            not isinstance(finding.act, Program)
            or not self._in_image(self.names[at].code)
            or program_word(finding) is not None
        ):
            return ""
        return "the path of a program in an image is no path here: call the program by its name, after an activation"

    def _outer(self, at: int, within: tuple[Place, ...]) -> int | None:
        """Which place to leave so that the environment is built once: none in which its name is set, and no function's
        body, in front of which nothing can stand.
        """
        outer = repeated(within)
        while outer is not None and (
            any(self._names(place, self.names[at]) for place in within[outer:])
            or (outer and within[outer - 1].kind == FUNCTION)
        ):
            outer = repeated(within, outer + 1)
        return outer

    def _names(self, place: Place, name: Named) -> bool:
        """Whether the value of a name that only the running job knows is given inside of a place."""
        if name.known:
            return False
        variables = set(re.findall(r"\$\{?(\w+|[@*])", name.name))
        if place.kind == SCRIPT and place.note == "srun" and variables & _OF_A_TASK:
            return True
        if place.kind == FUNCTION and any(_given(name, self.script.text[place.span.start :]) for name in variables):
            return True  # it has one value at one call, and another one at the next
        takes_arguments = place.kind == FUNCTION or (place.kind == SCRIPT and place.note in ("bash", "srun"))
        if takes_arguments and any(variable.isdigit() or variable in "@*" for variable in variables):
            return True
        text = self.script.text[place.span.start : place.span.end]
        return any(_given(variable, text) for variable in variables)

    def _only_in_a_step(self, at: int) -> bool:
        within, name = self.findings[at].command.within, self.names[at]
        return any(
            place.kind == SCRIPT and place.note == "srun" and self._names(place, name)
            for place in within[job_of(within) :]
        )

    def _in_several_calls(self, at: int) -> bool:
        within, name = self.findings[at].command.within, self.names[at]
        return any(
            place.kind == FUNCTION and self._names(place, name) and _runs_in_background(self.script, place.note)
            for place in within[job_of(within) :]
        )

    def _left(self, refusals: dict[int, str]) -> Plan:
        steps = []
        first = min(refusals, default=None)
        line = self.lines.position(self.findings[first].span.start)[0] if first is not None else 0
        for at, finding in enumerate(self.findings):
            why = finding.why or refusals.get(at, "")
            if not why and first is None:
                why = "nothing in this script uses the environment: modules and a virtualenv are made in the job itself"
            elif not why:
                why = f"stays as long as what line {line} needs has to stay"
            steps.append(Step(finding, (), MANUAL, why, self.names[at].name if at in self.names else ""))
        return Plan(tuple(steps), tuple(self.served.values()))

    # What the script itself puts into an environment

    def _installed(self, at: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The packages, and the files that list packages, which the script itself puts into an environment."""
        packages: list[str] = []
        files: list[str] = []
        only = len({name.code for name in self.names.values()}) == 1
        for number, finding in enumerate(self.findings):
            if not isinstance(finding.act, Install):
                continue
            if finding.act.target is not None and finding.act.target.kind != "base":
                meant = named(self.script, finding).code == self.names[at].code
            else:
                meant = only or self.activations.before(number)[:1] == (self.names[at].code,)
            if meant:
                packages += finding.act.packages
                files += finding.act.files
        return tuple(packages), tuple(files)

    # One finding after the other

    def _kept_for(self, finding: Finding) -> Finding | None:
        """What is left for a person and still needs conda, so that what makes conda available has to stay."""
        if not (isinstance(finding.act, Provide) and finding.act.command):
            return None
        return next((f for f in self.findings if _still_needs_conda(f)), None)

    def _goes(self, at: int, finding: Finding) -> bool:
        if self._kept_for(finding) is not None:
            return False
        if isinstance(finding.act, Leave):
            return self._is_idle(at)
        whole = finding.span.holds(finding.command.span) and not rest_of(finding.act)
        if isinstance(finding.act, Ask):
            return self._asked_for_nothing(finding) and not finding.command.broken
        return whole and isinstance(finding.act, _TAKES_AWAY)

    def _step(self, at: int, finding: Finding) -> Step:
        if at in self.names:
            self._doubt_folder(finding.command, self.names[at].code)
        keeper = self._kept_for(finding)
        if keeper is not None:
            line, _ = self.lines.position(keeper.span.start)
            return Step(finding, (), MANUAL, f"stays as long as what line {line} needs has to stay")
        match finding.act:
            case Enter():
                edits, why = self._enter(at, finding)
            case Leave() if outside := self._from_outside(at):
                edits = (self._edit(finding.command.whole, outside, finding.command),)
                why = "this shell has no `deactivate` for what was activated outside of it"
            case Leave():
                edits, why = self._leave(at, finding)
            case Run():
                edits, why = self._run(at, finding)
            case Program():
                edits, why = self._program(at, finding)
            case Replace() | Value() | Pip() if self._emptied(finding) is not None:
                edits, why = self._away(finding), "goes with the rest of its statement"
            case Value() if not self.activations.before(at):
                why = "without conda it is empty, and no environment is active here: see what the line is to use"
                return Step(finding, (), MANUAL, why)
            case Value() if self._calls_into_an_image(finding):
                return Step(
                    finding, (), MANUAL, "the path of a program in an image is no path here: call it by its name"
                )
            case Value() if self._is_searched(finding):
                why = "a search path of the job leads into no image: see what is to be found there"
                return Step(finding, (), MANUAL, why)
            case Value():
                new = self._new_value(finding)
                edits, why = (self._edit(finding.span, new, finding.command),), "the same without conda"
            case Replace(new) | Pip(new):
                edits, why = (self._edit(finding.span, new, finding.command),), "the same without conda"
            case _ if _reads_heredoc(finding.command):
                return Step(finding, (), MANUAL, _HEREDOC)
            case Install():
                edits, why = self._away(finding), "its packages are in the requirements of the environment"
            case Provide() | Drop() | Ask() | Report():
                edits, why = self._away(finding), finding.doubt or "not needed without conda"
            case _ as act:
                unknown(act)
        name = self.names[at].name if at in self.names else ""
        return Step(finding, (*edits, *self.inside.get(at, ())), REVIEW, why, name)

    def _new_value(self, finding: Finding) -> str:
        """What stands for one of conda's variables: in an image, its own environment."""
        new = finding.act.new if isinstance(finding.act, Value) else ""
        at = in_force(finding.command, self.findings, self.names)
        held = at is not None and self.served[self.names[at].code].image is not None
        return inside_path(new) if held else new

    def _calls_into_an_image(self, finding: Finding) -> bool:
        """Whether a command is a program of an image by its path."""
        words = finding.command.words
        first = bool(words) and words[0].span.start <= finding.span.start < words[0].span.end
        return first and isinstance(finding.act, Value) and self._new_value(finding) != finding.act.new

    def _is_searched(self, finding: Finding) -> bool:
        """Whether a variable takes a folder of an image, and a search path of the job takes the variable."""
        names = "|".join(assigned.name for assigned in finding.command.assignments)
        searched = rf"PATH=\S*\$\{{?(?:{names})\b"
        other = isinstance(finding.act, Value) and self._new_value(finding) != finding.act.new
        return bool(names and other and re.search(searched, self.script.text))

    def _edit(self, span: Span, new: str, command: Command) -> Edit:
        return Edit(span, quoted(new, command.layers))

    def _emptied(self, finding: Finding) -> Span | None:
        """The statement around a finding of which nothing is left."""
        return next((span for span in self.emptied if span.holds(finding.span)), None)

    def _away(self, finding: Finding) -> tuple[Edit, ...]:
        if (statement := self._emptied(finding)) is not None:
            return (self._without(statement),)
        if rest := rest_of(finding.act):
            return (self._edit(finding.span, rest, finding.command),)
        command = finding.command
        if finding.span == command.span:
            return (removal(self.script, self.lines, command, self.gone),)
        if finding.span.holds(command.span):  # a block of several statements
            block = command.moved(finding.span)
            return (removal(self.script, self.lines, block, self.gone),)
        return (Edit(finding.span, ""),)

    def _waits(self, finding: Finding) -> bool:
        """Whether what becomes of it hangs on what the other edits leave."""
        if isinstance(finding.act, Ask):
            return finding.command.broken or not self._asked_in_vain(finding)
        return isinstance(finding.act, Report)

    def _last(self, finding: Finding, edits: list[Edit]) -> Step:
        """A question to conda whose answer nothing uses any more, once the other edits are made, goes as well."""
        statement = self._emptied(finding)
        if statement is not None and finding.act == Report(Left.ANSWER):
            return Step(finding, (self._without(statement),), REVIEW, "goes with what depends on it")
        why, asks = finding.why, isinstance(finding.act, Ask)
        if asks:
            why = why or "what depends on the answer stays: see which way the job is to go without conda"
        may_go = finding.act == Report(Left.ANSWER) or (asks and not finding.why)
        if may_go and not finding.command.broken and (own := self._with_its_answer(finding, edits)):
            return Step(finding, own, REVIEW, "only lines that go have used it")
        return Step(finding, (), MANUAL, why)

    def _goes_along(self, finding: Finding) -> bool:
        """Whether a test, which is no command, goes with what else is found in its statement.

        Or only asks whether an environment has to be made: that arm makes what the rewritten job always makes.
        """
        if not isinstance(finding.act, Ask) or finding.span == finding.command.span:
            return False
        others = [other for other in self.findings if other.span != finding.span]
        statement = self._emptied(finding)
        if statement is not None:
            return any(statement.holds(other.span) for other in others)
        arms = {place for place in finding.command.within if place.kind in (BRANCH, CHAINED)}
        return any(isinstance(other.act, Install) and arms.intersection(other.command.within) for other in others)

    def _with_its_answer(self, finding: Finding, edits: list[Edit]) -> tuple[Edit, ...]:
        """The edits that take a question out with all that uses its answer; none where something else does."""
        if not finding.command.within or finding.command.within[-1].kind != SUBSTITUTION:
            return ()
        holders = [c for c in self.script.commands if c.span != finding.span and c.span.holds(finding.span)]
        holders = [holder for holder in holders if not self._works_beside(finding, holder)]
        if holders and _only_tells(holders[0]) and is_statement(holders[0]):
            return (removal(self.script, self.lines, holders[0], self.gone | {holders[0].span}),)
        holder = next((c for c in reversed(holders) if c.assignments and not c.words), None)
        if holder is None:
            return ()
        guards = {
            span for each in holder.assignments
            for span in on_the_answer(self.script, each.name, self.gone | {holder.span}, self.asked)
            if not span.holds(holder.whole) and not any(span.meets(edit.span) for edit in edits)
        }  # fmt: skip
        if not self._unused(holder, guards, edits):
            return ()
        spans = [span for span in guards if not any(outer.holds(span) for outer in self.emptied)]
        own = tuple(self._without(span) for span in (holder.whole, *spans))
        self.gone |= {holder.span}
        return own

    def _works_beside(self, finding: Finding, holder: Command) -> bool:
        """Whether a command that a question is part of has statements in it that have nothing to do with the answer."""
        return any(
            holder.span.holds(c.span) and c.span != holder.span and not c.span.meets(finding.span)
            and c.span not in self.gone and not statement_of(c)[0].holds(finding.span)
            for c in self.script.commands
        )  # fmt: skip

    def _without(self, statement: Span) -> Edit:
        """The edit that takes a whole statement out."""
        command = next(c for c in self.script.commands if statement.holds(c.span))
        around = tuple(p for p in command.within if p.span.holds(statement) and p.span != statement)
        return removal(self.script, self.lines, command.moved(statement, around), self.gone)

    def _unused(self, holder: Command, guards: Iterable[Span], edits: list[Edit]) -> bool:
        """Whether a variable is used in nothing but what goes or is rewritten without it, and the guards on it."""
        removed = [*(edit.span for edit in edits), holder.span, *guards, *self.emptied]
        for assigned in holder.assignments:
            used = re.compile(rf"\$\{{?{assigned.name}\b")
            if any(used.search(edit.new) for edit in edits) or any(
                not any(span.start <= match.start() < span.end for span in removed)
                for match in used.finditer(self.script.text)
            ):
                return False
        return True

    def _alternatives(self) -> frozenset[int]:
        """Activations that only retry what one before them in the same `||` list does: `conda activate x || …`."""
        found = set()
        for at in self.names:
            finding = self.findings[at]
            before = self.script.text[: finding.command.whole.start]
            lists = [p.span for p in finding.command.within if p.kind in (CHECKED, CHAINED)]
            for earlier in range(at):
                other = self.findings[earlier]
                if (
                    not (isinstance(finding.act, Enter) and isinstance(other.act, Enter))
                    or self.names[earlier].code != self.names[at].code
                ):
                    continue
                shared = any(p.span in lists for p in other.command.within if p.kind == CHECKED)
                if shared and re.search(r"\|\|(\s|\\\n)*\Z", before):
                    found.add(at)
        return frozenset(found)

    def _asked_in_vain(self, finding: Finding) -> bool:
        """Whether nothing but what goes depends on the answer."""
        return self._asked_for_nothing(finding) or any(span.holds(finding.span) for span in self.emptied)

    def _asked_for_nothing(self, finding: Finding) -> bool:
        """Whether a question stands by itself, and nothing looks at the answer."""
        command = finding.command
        looked_at = command.within and command.within[-1].kind == SUBSTITUTION
        return finding.span == command.span and is_statement(command) and not looked_at and not finding.why

    # Environments

    def _enter(self, at: int, finding: Finding) -> tuple[tuple[Edit, ...], str]:
        served, command = self.served[self.names[at].code], finding.command
        if at in self.alternatives:
            match = re.search(r"\s*\|\|(\s|\\\n)*\Z", self.script.text[: command.whole.start])
            start = match.start() if match else command.whole.start
            return (Edit(Span(start, command.whole.end), ""),), "the same activation in other words"
        if finding.span != command.span or rest_of(
            finding.act
        ):  # one entry of a PATH, or one module of several: the block follows the line
            block = self._block(at, served, command, replace(self._shape(command), grouped=False))
            place = Edit(
                Span(command.whole.end, command.whole.end),
                quoted(
                    "\n" + indented(block, self._indent(command.whole.start), self._indent(command.whole.start)),
                    command.layers,
                ),
            )
            return (self._edit(finding.span, rest_of(finding.act), command), place), self._why(served)
        outer = self._outer(at, command.within)
        if outer is not None:
            edits = self._build_aside(served, command, *statement_before(self.script, command, outer))
            if not activates(served):
                return (*edits, removal(self.script, self.lines, command, self.gone | {command.span})), self._why(
                    served
                )
            block = self._activation(at, served, command, self._shape(command))
            return (*edits, self._edit(command.whole, self._laid(block, command), command)), self._why(served)
        later = self._modules_after(finding)
        shape = self._shape(command)
        if later is not None:
            block = self._block(at, served, later, shape)
            laid = "\n" + indented(block, self._indent(later.whole.start), self._indent(later.whole.start))
            gone = removal(self.script, self.lines, command, self.gone | {command.span})
            return (gone, self._edit(Span(later.whole.end, later.whole.end), laid, later)), (
                self._why(served)
                + "; after the modules that are loaded further down, since none may be loaded once it is active"
            )
        block = self._block(at, served, command, shape)
        if block == ":":
            return (removal(self.script, self.lines, command, self.gone | {command.span}),), self._why(served)
        return (self._edit(command.whole, self._laid(block, command), command),), self._why(served)

    def _shape(self, command: Command) -> Shape:
        chained = not is_statement(command) and not handled(command.within)
        if self._only_alternatives_follow(command):
            return Shape(FULL)
        return Shape(FULL, handled=handled(command.within), grouped=chained, quiet=self._is_kept(command.within))

    def _only_alternatives_follow(self, command: Command) -> bool:
        """Whether all of the list that handles the command's failure are alternatives that go."""
        lists = [p for p in command.within if p.kind == CHECKED]
        if not lists or not self.alternatives:
            return False
        outer = lists[0].span
        kept = {self.findings[at].command.span for at in self.alternatives} | {command.span}
        return outer.start == command.span.start and all(
            c.span in kept for c in self.script.commands if outer.holds(c.span)
        )

    def _block(self, at: int, served: Served, command: Command, shape: Shape) -> str:
        """The commands at the place of an activation; what was built before is only activated."""
        key = served.named.code
        if self._is_built(key, command.within, command.span.start):
            return self._activation(at, served, command, shape)
        again = self._may_be_built(key, command.within, command.span.start)
        modules = self._modules(served, command.within, command.span.start)
        leave = self._state(command.within, command.span.start, at) if modules else ""
        shape = replace(shape, nodes=several_nodes(self.script, command), guard=again, leave=leave)
        self.built.append(_Built(key, command.within, command.span.start, modules))
        return commands(served, self.style, shape, modules, self.script.text)

    def _activation(self, at: int, served: Served, command: Command, shape: Shape) -> str:
        """The commands that activate what was built, with its modules where others may have taken their place."""
        own = served.recipe.modules
        apart = any(b.apart for b in self.built if b.key == served.named.code)
        at_last = max((b.at for b in self.built if b.key == served.named.code), default=0)
        purged = self.purges.between(at_last, command.span.start, command.within)
        needed = apart or purged or self._has_rival(served, command.within)
        modules = own if not _only_python(own) and needed else ()
        leave = self._state(command.within, command.span.start, at) if modules else ""
        shape = replace(shape, parts=ACTIVATE, leave=leave)
        return commands(served, self.style, shape, modules, self.script.text)

    def _build_aside(self, served: Served, command: Command, span: Span, around: tuple[Place, ...]) -> tuple[Edit, ...]:
        """Build before the statement in `span`, for a command in it, unless that has been done."""
        key = served.named.code
        there = any(b.key == key and b.at == span.start and b.within == around for b in self.built)
        if there or self._is_built(key, around, span.start):
            return ()
        modules = self._modules(served, around, span.start)
        active = self._state(around, span.start) if modules else ""
        guard = self._may_be_built(key, around, span.start)
        self.built.append(_Built(key, around, span.start, () if active else modules, bool(active)))
        shape = Shape(
            ASIDE,
            nodes=several_nodes(self.script, command),
            guard=guard,
            leave=active,
            quiet=self._is_kept(around),
            apart=bool(active),
            later=self._always_handled(key),
        )
        block = commands(served, self.style, shape, modules, self.script.text)
        indent = self._indent(span.start)
        new = quoted(indented(block, indent) + "\n", layers_of(self.script, around)) + indent
        return (Edit(Span(span.start, span.start), new),)

    def _is_kept(self, within: tuple[Place, ...]) -> bool:
        """Whether what is printed there is used, or kept, as the output of something else: also by who calls it."""
        inside = within[job_of(within) :]
        functions = {place.note for place in inside if place.kind == FUNCTION}
        calls = [c for c in self.script.commands if any(calls_function(c, name) for name in functions)]
        kinds = {place.kind for place in (*inside, *(place for call in calls for place in call.within))}
        return not kinds.isdisjoint((SUBSTITUTION, PIPELINE, REDIRECTED)) or any(map(is_kept, calls))

    def _always_handled(self, key: str) -> bool:
        """Whether the author handles the failure of each activation of an environment, and nothing else uses it."""
        uses = [self.findings[at] for at, name in self.names.items() if name.code == key]
        return all(isinstance(finding.act, Enter) and handled(finding.command.within) for finding in uses)

    def _is_built(self, key: str, within: tuple[Place, ...], at: int) -> bool:
        return any(
            b.key == key and b.at < at and surely(b.within, within) and not self._renamed(key, b.at, at)
            for b in self.built
        )

    def _may_be_built(self, key: str, within: tuple[Place, ...], at: int) -> bool:
        """Whether it was built before in some runs of the job only, or here in an earlier round."""
        return repeated(within) is not None or any(
            b.key == key and b.at < at and same_job(b.within, within) and not exclusive(b.within, within)
            for b in self.built
        )

    def _renamed(self, key: str, start: int, end: int) -> bool:
        """Whether a name that only the running job knows may be another one further down."""
        variables = set(re.findall(r"\$\{?([A-Za-z_]\w*)", key)) if KEEP in key else set()
        return any(_given(variable, self.script.text[start:end]) for variable in variables)

    def _modules(self, served: Served, within: tuple[Place, ...], at: int) -> tuple[str, ...]:
        """The modules to load, without those that an earlier block has surely loaded.

        The first block of a job loads those of all its environments with the same Python, since none may be loaded once
        one of them is active.
        """
        before = [b for b in self.built if b.at <= at and surely(b.within, within)]
        before = [b for b in before if not self.purges.between(b.at, at, within)]
        wanted = served.recipe.modules
        if not before:
            others = [
                self.served[self.names[n].code]
                for n, f in enumerate(self.findings)
                if n in self.names and same_job(f.command.within, within)
            ]
            for other in others:
                theirs = other.recipe.modules
                if _python_of(theirs) == _python_of(wanted) and not _clash(theirs, wanted):
                    wanted += tuple(module for module in theirs if module not in wanted)
            return wanted
        loaded = tuple(module for b in before for module in b.modules)
        if (_python_of(wanted) and _python_of(loaded) != _python_of(wanted)) or _clash(loaded, wanted):
            return wanted
        return tuple(module for module in wanted if module not in loaded)

    def _modules_after(self, finding: Finding) -> Command | None:
        """The last module command of the author's that follows the activation with nothing in between that needs it."""
        command = finding.command
        if not is_statement(command):
            return None
        found = None
        acts = {f.command.span: f for f in self.findings if f is not finding}
        for later in self.script.commands:
            if later.span.start <= command.span.start or later.within != command.within:
                if (
                    later.span.start > command.span.end
                    and later.within[: len(command.within)] == command.within
                    and later.name not in _IDLE
                ):
                    break
                continue
            other = acts.get(later.span)
            if other is not None and (not isinstance(other.act, Provide | Drop) or "$CONDA" in later.source):
                break
            if later.name in ("module", "ml") and other is None:
                words = [word.literal for word in later.words]
                if any(
                    word in ("load", "add", "purge", "unload", "swap", "restore", "reset", "use") for word in words[1:2]
                ) or (later.name == "ml" and len(words) > 1 and words[1] not in ("list", "avail", "spider")):
                    found = later if is_statement(later) and not later.layers else None
                    if found is None:
                        break
            elif later.name not in _IDLE or later.source.lstrip().startswith(("source ~", ". ~")):
                break
        return found

    # What is active

    def _state(self, here: tuple[Place, ...], offset: int, but: int = -1) -> str:
        active = self.activations.at(here, offset, but, own=True)
        kinds = {served.recipe.strategy for code, served in self.served.items() if code in active or active == ("?",)}
        if "virtualenv" not in kinds:  # nothing else has a `deactivate`
            return ""
        return "maybe" if active == ("?",) else "sure"

    def _is_idle(self, at: int) -> bool:
        """Whether a deactivation finds nothing active: people leave conda's base first."""
        return not self.names or (not self.activations.before(at) and not in_trap(self.findings[at].command))

    def _from_outside(self, at: int) -> str:
        """What leaves a virtualenv that another shell has activated, which this one cannot deactivate; "" for none."""
        command, active = self.findings[at].command, self.activations.before(at)
        if not active or self.activations.at(command.within, command.span.start, own=True):
            return ""
        leaving = 'PATH=${PATH#"$VIRTUAL_ENV/bin:"}'
        if active == ("?",):
            return f'if [ -n "${{VIRTUAL_ENV:-}}" ]; then {leaving}; fi'
        return leaving if self.served[active[0]].recipe.strategy == "virtualenv" else ""

    def _leave(self, at: int, finding: Finding) -> tuple[tuple[Edit, ...], str]:
        active, command = self.activations.before(at), finding.command
        if self._is_idle(at):
            return self._away(finding), "nothing is active here"
        here = {self.served[code].recipe.strategy for code in active if code in self.served}
        if all(served.image is not None for served in self.served.values()) or (active and self._in_image(active[0])):
            said = "the programs of the image are themselves again"
            listed = [text for served in self.served.values() if (text := leaving(served))]
            if listed:
                return (self._edit(command.whole, "; ".join(listed), command),), said
            gone = removal(self.script, self.lines, command, self.gone | {command.span})
            return (gone,), "nothing of an image is active"
        if len(active) > 1 and self._in_image(active[1]):
            active = active[:1]
        if here == {"modules"}:
            return (removal(self.script, self.lines, command, self.gone | {command.span}),), "nothing is active here"
        if active == ("?",) or in_trap(command):
            guarded = 'if [ -n "${VIRTUAL_ENV:-}" ]; then deactivate; fi'
            self._doubt_stack(at)
            return (self._edit(command.whole, guarded, command),), "deactivates where something is active"
        if len(active) > 1 and active[1] != active[0]:
            below = self.served[active[1]]
            block = self._activation(at, below, command, self._shape(command))
            return (
                self._edit(command.whole, self._laid(block, command), command),
            ), f"conda goes back to {below.named.name} here"
        self._doubt_base(at, active[0])
        return (self._edit(command.whole, "deactivate", command),), "the virtualenv has a deactivate of its own"

    def _doubt_folder(self, command: Command, code: str) -> None:
        """Say where a job that the script submits looks for its requirements, if that is another folder."""
        depth = job_of(command.within)
        if not depth:
            return
        place = command.within[depth - 1]
        moves = [
            c for c in self.script.commands if c.name in ("cd", "pushd", "popd") and c.span.end <= place.span.start
        ]
        if moves and "SUBMIT_DIR" not in moves[-1].source:
            line, _ = self.lines.position(moves[-1].span.start)
            self._doubt(
                code, f"line {line} changes the folder that its job is submitted from: put its requirements there"
            )

    def _doubt(self, code: str, doubt: str) -> None:
        served = self.served[code]
        if doubt not in served.doubts:
            self.served[code] = replace(served, doubts=(*served.doubts, doubt))

    def _doubt_packages_of_one_arm(self) -> None:
        """Say where pip installs only if an environment has to be made first: the rewritten job always makes it."""
        codes = {name.code for name in self.names.values()}
        lines: dict[str, list[int]] = {}
        for finding in self.findings:
            if not by_pip(finding.act):
                continue
            arms = {place for place in finding.command.within if place.kind in (BRANCH, CHAINED)}
            made = next((f for f in self.findings if _creates(f) and arms.intersection(f.command.within)), None)
            if made is None:
                continue
            meant = codes.intersection([named(self.script, made).code]) if named_by(made.act) is not None else codes
            if len(meant) == 1:
                (code,) = meant
                lines.setdefault(code, []).append(self.lines.position(finding.span.start)[0])
        for code, found in lines.items():
            told = ", ".join(map(str, sorted(set(found))))
            self._doubt(
                code, f"pip installs only where it was not there yet (line {told}): put that into its requirements"
            )

    def _doubt_paths(self) -> None:
        """Say where several folders have become one environment, of which nobody can tell whether they are one."""
        paths: dict[str, set[str]] = {}
        for name in self.names.values():
            if name.path:
                paths.setdefault(name.code, set()).add(_HOME.sub("~", name.path))
        for code, found in paths.items():
            if len(found) > 1:
                self._doubt(code, f"stands for several ({', '.join(sorted(found))}): see whether they hold the same")

    def _doubt_base(self, at: int, code: str) -> None:
        """Say of the environment that is left where conda would go back to its base, and Python runs there."""
        command = self.findings[at].command
        base = any(
            brings_base(f.act) for f in self.findings[:at] if same_job(f.command.within, command.within)
        )  # fmt: skip
        after = self._until_the_next(at)
        run = next((c for c in after if same_job(c.within, command.within) and RUNS_PYTHON.match(c.source)), None)
        if base and run is not None and code in self.served:
            line, _ = self.lines.position(run.span.start)
            doubt = (
                f"once it is left, line {line} runs Python in conda's base, and now in the module's: see what it needs"
            )
            self._doubt(code, doubt)

    def _doubt_stack(self, at: int) -> None:
        """Say of the environment to which conda may go back, where commands follow that would run in it."""
        code = self.activations.below(at)
        ours = [f.command.whole for f in self.findings]
        follows = any(
            c.name and c.name not in IDLE and not any(span.holds(c.span) for span in ours)
            for c in self._until_the_next(at)
        )
        if code and follows:
            line, _ = self.lines.position(self.findings[at].command.span.start)
            self._doubt(code, f"line {line}: conda may go back to this environment there, the rewritten job to none")

    def _until_the_next(self, at: int) -> list[Command]:
        """The commands between a finding and the next activation."""
        start = self.findings[at].command.span.end
        entered = (f.command.span.start for f in self.findings[at + 1 :] if isinstance(f.act, Enter))
        until = next(entered, len(self.script.text))
        return [c for c in self.script.commands if start <= c.span.start < until]

    def _in_image(self, code: str) -> bool:
        return code in self.served and self.served[code].image is not None

    def _run(self, at: int, finding: Finding) -> tuple[tuple[Edit, ...], str]:
        served, command = self.served[self.names[at].code], finding.command
        why = self._why(served)
        if served.image is not None:
            new = prefix(served.image, self.style) + " "
            return (*self._aside(at, served, command), self._edit(finding.span, new, command)), why
        if self.activations.before(at)[:1] == (served.named.code,):
            return (Edit(finding.span, ""),), why
        edits = self._aside(at, served, command)
        if served.recipe.strategy == "modules":
            return (*edits, Edit(finding.span, "")), why
        new = f'env PATH="{self.style.tmpdir}/{served.named.code}/bin:$PATH" '
        return (*edits, self._edit(finding.span, new, command)), why

    def _program(self, at: int, finding: Finding) -> tuple[tuple[Edit, ...], str]:
        served, command = self.served[self.names[at].code], finding.command
        word = program_word(finding)
        path = finding.act.path if isinstance(finding.act, Program) else ""
        if served.image is not None and word is not None:
            new = f"{prefix(served.image, self.style)} {path.rpartition('/')[2]}"
            return (*self._aside(at, served, command), self._edit(word.span, new, command)), self._why(served)
        folder = f"{self.style.tmpdir}/{served.named.code}"
        before = self.script.text[: finding.span.start]
        new = folder + path
        if before.endswith("'"):
            new = f"'\"{new}\"'"
        elif not before.endswith('"'):
            new = f'"{new}"'
        edit = self._edit(finding.span, new, command)
        return (*self._aside(at, served, command), edit), self._why(served)

    def _aside(self, at: int, served: Served, command: Command) -> tuple[Edit, ...]:
        """Build before the statement that uses an environment without entering it, out of loops and steps."""
        outer = self._outer(at, command.within)
        span, around = statement_of(command) if outer is None else statement_before(self.script, command, outer)
        return self._build_aside(served, command, span, around)

    def _indent(self, offset: int) -> str:
        start = self.lines.start(offset)
        match = _INDENT.match(self.script.text, start)
        return match[0] if match else ""

    def _laid(self, block: str, command: Command) -> str:
        return indented(block, self._indent(command.whole.start))

    def _why(self, served: Served) -> str:
        recipe = served.recipe
        told = (
            f"the environment {served.named.name}, from {recipe.environment.origin}"
            if recipe.environment.origin
            else f"the environment {served.named.name}"
        )
        doubts = (*served.doubts, *recipe.doubts)
        if served.image is not None:
            told = f"{told}; to Apptainer: {recipe.reason[:1].lower()}{recipe.reason[1:].rstrip('.')}"
        return told + "".join(f"; {doubt}" for doubt in doubts)


def _is_heterogeneous(text: str) -> bool:
    return ("hetjob" in text or "packjob" in text) and _HETEROGENEOUS.search(text) is not None


def _python_of(modules: tuple[str, ...]) -> str:
    """The Python that these modules end with; "" where they load none."""
    return next((module for module in reversed(modules) if module.startswith("python/")), "")


def _only_python(modules: tuple[str, ...]) -> bool:
    """Whether they bring nothing but a Python, which a virtualenv finds without them."""
    return all(module.startswith(("python/", "StdEnv/")) for module in modules)


def _clash(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists of modules name one module in two versions."""
    versions = {name: version for name, _, version in (module.partition("/") for module in one)}
    return any(versions.get(name, version) != version for name, _, version in (m.partition("/") for m in other))


def _only_tells(command: Command) -> bool:
    """Whether a command tells people nothing but what one substitution prints."""
    expansions = command.source.count("$") + command.source.count("`") / 2
    return command.name in ("echo", "printf") and not command.redirects and expansions == 1


def _given(variable: str, text: str) -> bool:
    """Whether a text gives a variable a value."""
    if variable.isdigit() or variable in "@*":
        return bool(re.search(r"\bshift\b|\bset[ \t]+--", text))
    variable = re.escape(variable)
    counted = rf"(?:\(\(|\blet\b)[^\n;]*(?:(?:\+\+|--){variable}\b|\b{variable}\s*(?:\+\+|--|[-+*/%]?=))"
    loops = rf"\bselect[ \t]+{variable}\b|\b(?:for|read|getopts|mapfile)\b[^\n;]*\b{variable}\b"
    return bool(re.search(rf"(?<![\w$]){variable}\+?=|{variable}\[[^]\n]*\]\+?=|{loops}|{counted}", text))


def _runs_in_background(script: Script, function: str) -> bool:
    """Whether something calls a function, or one that calls it, in the background or several times at once."""
    waiting, seen = [function], {function}
    while waiting:
        name = waiting.pop()
        for command in script.commands:
            at_once = command.name == "parallel" and name in command.source.split()
            if command.name != name and not at_once:
                continue
            if at_once or any(place.kind == BACKGROUND for place in command.within):
                return True
            callers = {place.note for place in command.within if place.kind == FUNCTION} - seen
            waiting += callers
            seen |= callers
    return False


def _creates(finding: Finding) -> bool:
    return isinstance(finding.act, Install) and finding.act.creates


def _still_needs_conda(finding: Finding) -> bool:
    """Whether it is left for a person and calls conda all the same."""
    return isinstance(finding.act, Report) and finding.act.left == Left.NEEDS_CONDA


def _promoted(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A script that brings conda's own Python and names no environment runs in that: the last such line enters it."""
    if any(isinstance(finding.act, USES) or _still_needs_conda(finding) for finding in findings):
        return findings
    # What only adds packages to a Python does so where no line brings a Python.
    last = max(
        (at for at, f in enumerate(findings) if brings_base(f.act)),
        key=lambda at: (not findings[at].doubt, at),
        default=None,
    )
    if last is None:
        return findings
    act = findings[last].act
    entered = replace(findings[last], act=Enter(named_by(act) or Target("base", "base"), rest_of(act)))
    return (*findings[:last], entered, *findings[last + 1 :])


def _without_idle_base(script: Script, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """conda's base that is activated only to activate another environment at once only provides conda."""
    kept = list(findings)
    for at, finding in enumerate(findings):
        if not isinstance(finding.act, Enter) or not named(script, finding).base:
            continue
        following = next(
            (
                f
                for f in findings[at + 1 :]
                if isinstance(f.act, Enter) and same_job(f.command.within, finding.command.within)
            ),
            None,
        )
        if following is None or exclusive(finding.command.within, following.command.within):
            continue
        ours = {f.command.span for f in findings}
        between = [
            c for c in script.commands
            if finding.command.span.end <= c.span.start < following.command.span.start and c.span not in ours
        ]  # fmt: skip
        if all(c.name in _IDLE for c in between):
            kept[at] = replace(finding, act=Provide(base=True, command=False, rest=finding.act.rest))
    return tuple(kept)


def _graded(steps: list[Step], served: dict[str, Served]) -> tuple[Step, ...]:
    """Safe is one decision over the script: where one change needs a look, all that belong together do."""
    doubtful = any(
        s.recipe.doubts
        or s.doubts
        or s.recipe.environment.guess
        or not s.named.known
        or s.commands
        or any(left.kind == "unknown" for left in s.recipe.left_out)
        for s in served.values()
    )
    # (Whether a start-up file is sourced changes nothing of the rest.)
    doubtful |= any(step.finding.doubt and step.edits and not step.finding.alone for step in steps)
    own = any(isinstance(step.finding.act, _CHANGED) or step.applicability == MANUAL for step in steps)
    grade = REVIEW if doubtful or own else SAFE
    return tuple(
        step if step.applicability == MANUAL else replace(step, applicability=REVIEW if step.finding.doubt else grade)
        for step in steps
    )


def _in_one_edit(script: Script, lines: Lines, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, where statements of one line go together in one edit."""
    instead = joint(lines, script.text, (edit for step in steps for edit in step.edits))
    told = {instead[edit] for step in steps for edit in step.edits if edit in instead and step.applicability == REVIEW}
    done = []
    for step in steps:
        edits = tuple(instead.get(edit, edit) for edit in step.edits)
        grade = REVIEW if told.intersection(edits) else step.applicability
        done.append(step if edits == step.edits else replace(step, edits=edits, applicability=grade))
    return tuple(done)


__all__ = ["MODULES", "clean_up", "make_plan"]


def _asks_an_index(finding: Finding) -> bool:
    """Whether it is pip that installs from the internet, as it may where there is no wheelhouse."""
    return by_pip(finding.act) and finding.act != Pip("")


def _reads_heredoc(command: Command) -> bool:
    return any(redirect.startswith("<<") for redirect in command.redirects)
