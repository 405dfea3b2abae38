"""What is said of one file, in one list: each remark with its place, whoever made it, for all reports alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from slurmfix.language import sentence, subject, tr
from slurmfix.outcome import Outcome
from slurmfix.remarks import DOUBT, NOTE, REFUSAL, Message, Parts, Remark
from slurmfix.text import Lines

if TYPE_CHECKING:
    from slurmfix.plan import Served, Step

# Sentences that are no messages yet are told under these names.
UNNAMED = {REFUSAL: "other-refusal", DOUBT: "other-doubt", NOTE: "other-note"}

_JOB = "#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython -c 'import numpy'\n"
_FILE = "-- environment.yml --\nname: vision\ndependencies:\n  - python=3.11\n  - numpy\n"
LEFT_OUT = Message(
    id="left-out",
    kind=DOUBT,
    subject="`{package}` of the environment `{environment}`",
    reason="slurmfix leaves this package out of the requirements file ({why})",
    action="if the job does not need this package, do nothing. Otherwise find its name on pypi.org, and add "
    "the name to the requirements file",
    bad=f"{_JOB}{_FILE}  - perl-json\n-- command --\nslurmfix --to virtualenv job.sh\n",
    good=f"{_JOB}{_FILE}-- command --\nslurmfix --to virtualenv job.sh\n",
)
IMPORT_LEFT_OUT = Message(
    id="import-left-out",
    kind=DOUBT,
    subject="`{package}` of the environment `{environment}`",
    reason="the job imports or runs this module, and slurmfix knows no package of this name",
    action="if this is a file or folder of yours, do nothing. Otherwise find its name on pypi.org, and add "
    "the name to the requirements file",
    bad="#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython -m labtools.train\n",
    good="#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython -m labtools.train\n"
    "-- labtools/train.py --\nimport numpy\n",
)
LIST_LEFT_OUT = Message(
    id="list-left-out",
    kind=DOUBT,
    subject="`{option}` in the list of `{environment}`",
    reason="slurmfix could not read this other list",
    action="if the job needs packages of that list, copy their lines into the requirements file of "
    "`{environment}`. Otherwise do nothing",
    bad=f"{_JOB}{_FILE}  - pip:\n    - -r gone.txt\n",
    good=f"{_JOB}{_FILE}",
)
BUILD_IMAGE = Message(
    id="build-the-image",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="the job takes its packages from {image} from now on ({why})",
    action="build the image once, on a login node: {commands}",
    bad=f"{_JOB}{_FILE}-- command --\nslurmfix --to apptainer job.sh\n",
    good=f"{_JOB}{_FILE}",
)
MAKE_ENVIRONMENT = Message(
    id="make-it-once",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="jobs of this cluster only activate the environment, which you make beforehand",
    action="run once, on a login node: {commands}",
    bad=f"{_JOB}{_FILE}-- command --\nslurmfix --profile trillium job.sh\n",
    good=f"{_JOB}{_FILE}",
)
MAKE_ON_A_NODE = Message(
    id="make-it-on-a-node",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="jobs of this cluster only activate an environment that you made before",
    action="run once, in an interactive job on each type of node: {commands}",
    bad=f"{_JOB}-- environment.yml --\nname: vision\ndependencies: [rich-argparse]\n-- command --\n"
    "slurmfix --profile vsc job.sh\n",
    good=f"{_JOB}{_FILE}",
)


class Told(NamedTuple):
    """One remark as reports show it. `line` and `column` count from 1, 0 is the whole file; `said` is what was said."""

    id: str
    kind: str
    line: int
    column: int
    environment: str
    said: str

    @property
    def parts(self) -> Parts:
        """Its sentence; of one that is no message yet, all stands in the reason."""
        return self.said.parts if isinstance(self.said, Remark) else Parts("", self.said, "")

    @property
    def subject(self) -> str:
        """What it is about, in the language of the run."""
        return subject(self.said, self.line) if isinstance(self.said, Remark) else ""

    @property
    def worded(self) -> str:
        """Its sentence in the language of the run."""
        return sentence(self.said, self.line) if isinstance(self.said, Remark) else tr(self.said)


def told(outcome: Outcome) -> list[Told]:
    """The remarks on one file: on the file itself, on its lines, and on the environments that the change needs."""
    if outcome.error or outcome.broken:
        return []
    lines = Lines(outcome.before)
    kind = REFUSAL if outcome.unhandled else NOTE
    found = [_told(note, kind, 0, 0) for note in outcome.notes]
    for step in outcome.steps:
        found += _of_step(step, *lines.position(step.finding.span.start))
    for served in outcome.environments if outcome.changes else ():
        name = served.named.name
        first = next((s.finding.span.start for s in outcome.steps if s.environment == name), None)
        place = lines.position(first) if first is not None else (0, 0)
        found += [_told(said, DOUBT, *place, name) for said in _of_environment(served)]
    once = dict.fromkeys(each for each in found if each.id not in outcome.muted)
    return sorted(_said_once(once), key=lambda each: each.line)


def _said_once(found: Iterable[Told]) -> Iterator[Told]:
    """A remark with a place of its own is said once, however many findings it is the reason for."""
    seen: set[Told] = set()
    for each in found:
        own = isinstance(each.said, Remark) and each.said.line > 0
        key = each._replace(environment="") if own else each
        if key not in seen:
            seen.add(key)
            yield each


def _of_step(step: Step, line: int, column: int) -> Iterator[Told]:
    if step.applicability == "manual":
        yield _told(step.why, REFUSAL, line, column, step.environment, step.finding.says)
    elif step.finding.doubt and step.edits:
        yield _told(step.finding.doubt, DOUBT, line, column, step.environment, step.finding.says)


def _of_environment(served: Served) -> Iterator[str]:
    name, recipe = served.named.name, served.recipe
    yield from dict.fromkeys((*served.doubts, *recipe.doubts, *recipe.notes))
    imported = {package.name for package in recipe.environment.packages if package.manager == "import"}
    for left in recipe.left_out:
        if left.kind != "unknown":
            continue
        if left.is_list:
            yield LIST_LEFT_OUT.about(environment=name, option=left.name)
        elif left.name in imported:
            yield IMPORT_LEFT_OUT.about(environment=name, package=left.name)
        else:
            yield LEFT_OUT.about(environment=name, package=left.name, why=left.why)
    if served.commands:
        commands = "; ".join(served.commands)
        if served.image is not None:
            yield BUILD_IMAGE.about(
                environment=name, image=served.image.tool.words, why=recipe.reason, commands=commands
            )
        else:
            message = MAKE_ON_A_NODE if served.made_on_nodes else MAKE_ENVIRONMENT
            yield message.about(environment=name, commands=commands)


def _told(said: str, kind: str, line: int, column: int, environment: str = "", what: str = "") -> Told:
    """A remark knows its own place and kind, where it has one; a bare sentence is put behind what it is about."""
    if isinstance(said, Remark):
        place = (said.line, said.column) if said.line else (line, column)
        return Told(said.id, said.kind, *place, said.environment or environment, said)
    about = what or environment
    return Told(UNNAMED[kind], kind, line, column, environment, f"{about}: {said}" if about else said)
