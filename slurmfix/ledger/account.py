"""The account of one script: entries without claims, what is said of them, and the grade that they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from slurmfix import knowledge
from slurmfix.at_hand import USES_CONDA_TOO
from slurmfix.flow import Activate, Deactivate, Effect, Flow, Nothing
from slurmfix.ledger.at_hand import entries_at_hand
from slurmfix.ledger.build import (
    BUILD_VARIABLE,
    EXPORT,
    NARROW_EXPORT,
    build_entries,
    change_of,
    module_entries,
)
from slurmfix.ledger.case import Case
from slurmfix.ledger.changed import MESSAGES_OF_CHANGES, changed_entries
from slurmfix.ledger.claims import CLAIMANTS, Claim, Claimant, claims_of
from slurmfix.ledger.downloads import MESSAGES_OF_DOWNLOADS, download_entries
from slurmfix.ledger.elsewhere import MESSAGES_OF_ELSEWHERE, elsewhere_entries
from slurmfix.ledger.entries import (
    ABOVE,
    AT_HAND,
    BUILD,
    CODE,
    INSTALL,
    LAUNCHER,
    MODULE,
    OF_A_MODULE,
    OF_A_SITE,
    OUTPUT,
    PROGRAM,
    SHELL,
    TRACE,
    UNREAD,
    Entry,
    entries_of,
)
from slurmfix.ledger.folder import FOLDER, FOLDER_AS_A_WHOLE, folder_entries
from slurmfix.ledger.handed import MESSAGES_OF_WHAT_IS_HANDED, handed_entries
from slurmfix.ledger.itself import MESSAGES_OF_ITSELF, entries_of_itself
from slurmfix.ledger.needing import NOT_FOLLOWED, said_of_need
from slurmfix.ledger.outlives import MESSAGES_OF_WHAT_OUTLIVES, outliving_entries
from slurmfix.ledger.programs import (
    PROGRAM_ABOVE,
    PROGRAM_OF_A_MODULE,
    PROGRAM_OF_A_SITE,
    UNKNOWN_PROGRAM,
    ModulesHere,
    program_entries,
)
from slurmfix.ledger.served import served_entries
from slurmfix.ledger.system_files import sources_the_system
from slurmfix.ledger.texts import INSTALLS_IN_A_TEXT, texts_that_install
from slurmfix.ledger.undone import MESSAGES_OF_WHAT_IS_UNDONE, undoing_entries
from slurmfix.ledger.unfollowed import FILES, FILES_OF_CONDA, surely
from slurmfix.plan import MANUAL, REVIEW, SAFE, Plan, Site, Step
from slurmfix.plan.purge import UNLOADING
from slurmfix.plan.refuse import stays_for, stays_for_code
from slurmfix.remarks import DOUBT, REFUSAL, Message, Remark, job
from slurmfix.rules import Beside, Enter, Finding, Leave, Provide
from slurmfix.rules.conda_module import modules_of
from slurmfix.shell import FUNCTION, Command, Script
from slurmfix.text import Lines, Span, excerpt

IN_THE_JOB = Site()

NOT_READ = Message(
    id="code-not-read",
    kind=DOUBT,
    subject="`{source}`",
    reason="slurmfix cannot read the file or program that this line runs, and conda may be used in there",
    action="look for the word `conda` in this file or program. If you find conda there, convert those lines by "
    "hand. Otherwise do nothing",
    bad="source ~/miniconda3/etc/profile.d/conda.sh\nconda activate myenv\nsource settings.sh\npython train.py\n",
    good="source ~/miniconda3/etc/profile.d/conda.sh\nconda activate myenv\npython train.py\n",
)
STATEMENT_NOT_READ = Message(
    id="statement-not-read",
    kind=DOUBT,
    subject="`{source}`",
    reason="bash can read these lines but slurmfix cannot, so they stay unchanged",
    action="read these lines. If one of them uses conda, convert that line by hand. Otherwise do nothing",
    bad=job("eval LIST=( a b )\nconda activate vision\npython train.py"),
    good=job("LIST=( a b )\nconda activate vision\npython train.py"),
)
STILL_NAMED = Message(
    id="conda-still-named",
    kind=DOUBT,
    subject="`{source}`",
    reason="this line of the new script still contains a name or path of conda",
    action="if only conda needs this line, delete the line. Otherwise leave the line as it is",
    bad="conda activate myenv\ndu -sh $HOME/miniconda3\npython train.py\n",
    good="conda activate myenv\ndu -sh $HOME/tools\npython train.py\n",
)
SHELL_OF_CONDA = Message(
    id="shell-of-conda",
    kind=REFUSAL,
    subject="`{source}`",
    reason="this first line names a shell inside of conda, which the job no longer uses",
    action="write `#!/bin/bash` as the first line, and run slurmfix again",
    bad="#!/home/ana/miniconda3/envs/vision/bin/bash\n#SBATCH --time=1:00\npython train.py\n",
    good="#!/bin/bash\n#SBATCH --time=1:00\npython train.py\n",
)
OUTPUT_GOES = Message(
    id="output-goes",
    kind=DOUBT,
    subject="`{source}`",
    reason="slurmfix removes the conda command that wrote the file on this line",
    action="if the job does not need this file, delete this line. Otherwise write the file in another way",
    bad="conda activate myenv > setup.log\ncat setup.log\npython train.py\n",
    good="conda activate myenv\npython train.py\n",
)
WITHOUT_MODULES = Message(
    id="modules-not-there",
    kind=DOUBT,
    subject="`{source}`",
    reason="a `module` command further up may have unloaded the modules that the environment {what} needs",
    action="copy the `module load` line that slurmfix wrote for {what} to just above this line",
    bad="-- environment.yml --\nname: myenv\ndependencies: [python=3.11, numpy, pyarrow]\n-- job.sh --\n"
    "conda activate myenv\npython a.py\nmodule purge\npython b.py\n",
    good="-- environment.yml --\nname: myenv\ndependencies: [python=3.11, numpy, pyarrow]\n-- job.sh --\n"
    "module purge\nconda activate myenv\npython a.py\npython b.py\n",
)
_IN_STEPS = "conda activate vision\nsrun python train.py"
OTHER_NODES = Message(
    id="tasks-on-other-nodes",
    kind=DOUBT,
    subject="`{source}`",
    reason="the job may use several nodes, but the environment is built on the first node only",
    action="if the job uses one node, add `#SBATCH --nodes=1`. Otherwise run slurmfix again with `--nodes`",
    bad=job(_IN_STEPS, "numpy") + "-- Makefile --\nrun:\n\tsbatch --nodes=4 job.sh\n",
    good=job(_IN_STEPS, "numpy") + "-- Makefile --\nrun:\n\tsbatch job.sh\n",
)
MESSAGES = {
    TRACE: STILL_NAMED, SHELL: SHELL_OF_CONDA, CODE: NOT_READ, MODULE: WITHOUT_MODULES, LAUNCHER: OTHER_NODES,
    OUTPUT: OUTPUT_GOES, PROGRAM: UNKNOWN_PROGRAM, BUILD: BUILD_VARIABLE, INSTALL: INSTALLS_IN_A_TEXT,
    UNREAD: STATEMENT_NOT_READ, AT_HAND: USES_CONDA_TOO, FOLDER: FOLDER_AS_A_WHOLE, EXPORT: NARROW_EXPORT,
    FILES: FILES_OF_CONDA, OF_A_SITE: PROGRAM_OF_A_SITE, ABOVE: PROGRAM_ABOVE,
    OF_A_MODULE: PROGRAM_OF_A_MODULE,
    **MESSAGES_OF_CHANGES, **MESSAGES_OF_ELSEWHERE, **MESSAGES_OF_ITSELF, **MESSAGES_OF_WHAT_IS_HANDED,
    **MESSAGES_OF_WHAT_OUTLIVES, **MESSAGES_OF_DOWNLOADS, **MESSAGES_OF_WHAT_IS_UNDONE,
}  # fmt: skip


class Ledger(NamedTuple):
    """What matters in a script, and who answers for it."""

    script: Script
    entries: tuple[Entry, ...]
    claims: tuple[Claim, ...]
    python: str = ""  # what `module load` takes at the site for its Python

    @property
    def open(self) -> tuple[Entry, ...]:
        """The entries that nobody claims."""
        claimed = {id(claim.entry) for claim in self.claims}
        return tuple(entry for entry in self.entries if id(entry) not in claimed)

    @property
    def needs_conda(self) -> Entry | None:
        """The first open entry that calls conda: nothing of the script can do without it."""
        return next((entry for entry in self.open if entry.needs), None)

    @property
    def is_unhandled(self) -> bool:
        """Whether conda is left in the script where no step tells so."""
        return any(entry.kind in (TRACE, SHELL) for entry in self.open)

    def line(self, entry: Entry) -> int:
        return self.script.text.count("\n", 0, entry.span.start) + 1

    @property
    def surely(self) -> Ledger:
        """The account of a script in which nothing is found: what only names conda may be anything else."""

        return self._replace(entries=surely(self.script, self.open), claims=())

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is said of the open entries, once for each line."""
        told: dict[int, Remark] = {}
        lines = Lines(self.script.text)
        for entry in self.open:
            line, _ = lines.position(entry.span.start)
            if line not in told or entry.needs:
                message, more = said_of_need(entry, self.script.text) if entry.needs else (MESSAGES[entry.kind], {})
                if message is NOT_FOLLOWED and line in told and told[line].kind == REFUSAL:
                    continue  # of a text or a variable, more is known
                what = change_of(entry) if entry.kind == BUILD else entry.what
                shown = _shown(entry, self.script.text)
                values = {"source": shown, "what": what, "python": self.python, **more, **entry.told}
                told[line] = Remark(message, line, values=values)
        return tuple(told[line] for line in sorted(told))

    def said_beside(self, lines: frozenset[int]) -> tuple[Remark, ...]:
        """The remarks, but not that conda is named on lines of which more is said already."""
        return tuple(each for each in self.remarks if each.message is not STILL_NAMED or each.line not in lines)


def _shown(entry: Entry, text: str) -> str:
    """The command, or the line, that an entry is about."""
    if entry.kind in (CODE, UNREAD):
        return excerpt(text[entry.span.start : entry.span.end])
    start = text.rfind("\n", 0, entry.span.start) + 1
    end = text.find("\n", entry.span.end)
    source = text[start : end if end >= 0 else None]
    return excerpt(source, max(entry.span.start - start, source.find(entry.what) if entry.what else 0))


def account(
    script: Script,
    found: tuple[Finding, ...],
    plan: Plan,
    beside: Beside = lambda name: None,
    claimants: Sequence[Claimant] = CLAIMANTS,
    site: Site = IN_THE_JOB,
) -> Ledger:
    """The account of a script and its plan; `found` are all findings, also those that the author ignores. `beside`
    reads the files that the script names. `site` says whether environments are made in the job, in a folder of its own.
    """
    flow = Flow(script, _effects(script, found, plan))
    modules = _modules_at(site, plan)
    entries = tuple(_listed(script, found, plan, flow, beside, site, modules))
    case = Case(script, found, plan, flow, entries, beside)
    return Ledger(script, entries, tuple(claims_of(case, claimants)), " ".join(modules("python")) or "python")


def _modules_at(site: Site, plan: Plan) -> ModulesHere:
    """Names a module as the site does, in a version that goes with those of the plan's environments."""
    ours = tuple(name for each in plan.environments for name in each.recipe.modules)
    return lambda module: knowledge.words_to_load(module, knowledge.profile(site.profile), ours)


def _listed(
    script: Script,
    found: tuple[Finding, ...],
    plan: Plan,
    flow: Flow,
    beside: Beside,
    site: Site,
    modules: ModulesHere,
) -> Iterator[Entry]:
    """All entries: what speaks of conda and runs unread in any script; the others where the plan changes something."""
    yield from entries_of(script, found)
    if plan.changing:
        yield from served_entries(script, plan, flow)
        yield from program_entries(script, found, plan, flow, modules)
    yield from (Entry(INSTALL, span, "installs packages", owner) for owner, span in texts_that_install(script))
    if not plan.changing:
        return
    yield from changed_entries(script, plan, flow, beside)
    yield from entries_at_hand(script, plan, flow, beside)
    yield from handed_entries(script, found, plan, beside)
    yield from entries_of_itself(script, plan, beside)
    if site.wheelhouse:
        yield from download_entries(script)
    if site.in_job:
        yield from outliving_entries(script, plan, flow, beside)
        yield from undoing_entries(script, plan, flow, beside, site.variable)
        yield from build_entries(script)
        yield from elsewhere_entries(script, plan, flow)
        yield from folder_entries(script, plan, site.variable)
    elif site.modules:
        yield from module_entries(script)


def _effects(script: Script, found: tuple[Finding, ...], plan: Plan) -> dict[Span, Effect]:
    """What the commands of a script do beyond the shell: those of conda's, as the plan has them, and system files."""
    effects: dict[Span, Effect] = {
        finding.command.span: Nothing() for finding in found if finding.command.name in ("source", ".")
    }
    effects |= {command.span: Nothing() for command in script.holding("source", ".") if sources_the_system(command)}
    modules = {served.named.name: served.recipe.modules for served in plan.environments}
    for step in plan.steps:
        act, command = step.finding.act, step.finding.command
        if isinstance(act, Enter):
            kept = () if _is_purged_first(script, step) else modules.get(step.environment, ())
            behind = _behind(script, step)
            if behind is not None:
                effects[command.span] = Nothing()
                kept = (*(word.literal for word in modules_of(behind.words)[1]), *kept)
            effects[(behind or command).span] = Activate(step.environment, kept)
        elif isinstance(act, Leave):
            effects[command.span] = Deactivate()
    return effects


def _behind(script: Script, step: Step) -> Command | None:
    """The module command of the author's below an activation that the new lines stand behind."""
    command = step.finding.command
    starts = [e.span.start for e in step.edits if "module load" in e.new and e.span.start > command.whole.end]
    below = (each for each in script.holding("module", "ml") if starts and each.span.end <= starts[0])
    return max((each for each in below if each.span.start > command.span.start), key=lambda c: c.span, default=None)


def _is_purged_first(script: Script, step: Step) -> bool:
    """Whether the function that activates unloads first what is loaded above it, where the environment is built."""
    command = step.finding.command
    functions = {place for place in command.within if place.kind == FUNCTION}
    here = any(edit.span.meets(command.whole) and "module load" in edit.new for edit in step.edits)
    if not functions or here:
        return False
    before = (each for each in script.holding(*UNLOADING) if each.name in ("module", "ml"))
    return any(functions.intersection(each.within) and each.span.start < command.span.start for each in before)


def graded(plan: Plan, ledger: Ledger) -> Plan:
    """The plan as far as the account allows it: whole, with a second look, or not at all."""
    if not ledger.open or not plan.changing:
        return plan
    needing = ledger.needs_conda
    if needing is not None:
        line = ledger.line(needing)
        return Plan(tuple(_left(step, stays_for(line, step.finding)) for step in plan.steps))
    if (unread := _may_use_conda(plan, ledger)) is not None:
        line = ledger.line(unread)
        return Plan(tuple(_left(step, stays_for_code(line, step.finding)) for step in plan.steps))
    return reviewed(plan)


def reviewed(plan: Plan) -> Plan:
    """The plan with a second look at each step."""
    return replace(plan, steps=tuple(_reviewed(step) for step in plan.steps))


def _may_use_conda(plan: Plan, ledger: Ledger) -> Entry | None:
    """The first file that nobody reads and that the script sources below what brings conda, where nothing else in the
    script uses conda.
    """
    brought = [step.finding.span.start for step in plan.steps if isinstance(step.finding.act, Provide) and step.edits]
    below = (entry for entry in ledger.open if brought and entry.span.start > brought[0])
    used = bool(plan.environments)
    return next((entry for entry in below if not used and entry.kind == CODE and entry.what == "sources"), None)


def _left(step: Step, why: str) -> Step:
    return step if step.applicability == MANUAL else replace(step, edits=(), applicability=MANUAL, why=why)


def _reviewed(step: Step) -> Step:
    return replace(step, applicability=REVIEW) if step.applicability == SAFE else step
