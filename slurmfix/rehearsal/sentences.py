"""What a rehearsal says, as data: English sentences with names in braces, which a catalogue has in other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slurmfix.language import tr


class Said(str):
    """A sentence with its names filled in. It is its own text in English; `here` is that in the language of the run."""

    __slots__ = ("sentence", "values")
    sentence: str
    values: Mapping[str, str]

    def __new__(cls, sentence: str, **values: object) -> Said:
        told = {name: value if isinstance(value, str) else str(value) for name, value in values.items()}
        self = str.__new__(cls, sentence.format_map(told))
        self.sentence, self.values = sentence, told
        return self

    @property
    def here(self) -> str:
        return tr(self.sentence).format_map({name: here(value) for name, value in self.values.items()})


def here(text: str) -> str:
    """A text in the language of the run, where it is one that has sentences of ours."""
    return text.here if isinstance(text, Said) else text


# The verdict
PACKAGES, IMPORTS, SECONDS = "{count} packages", "{done} of {count} imports", "{count} s"
READY, ENDED = "ready", "ended before its end"
NOT_TRIED = "{verdict}, but this was not tried: {what}"
LATER = "{verdict}; a function imports {names} later, which fails here; add {packages} to {listing}"
FAILS_AND_CHANGE = "{fails}; {change}"
# What fails, by the kind of step
FAILS = {
    "module": "a module cannot be loaded: {which}",
    "fetch": "a package cannot be fetched: {which}",
    "python": "the virtualenv cannot be made: {which}",
    "install": "pip cannot install the requirements: {which}",
    "import": "an import fails: {which}",
    "program": "a program of the job is missing: {which}",
    "image": "the image cannot be used: {which}",
    "folder": "the temporary folder cannot be written: {which}",
    "": "this failed: {which}",
}
# What to change
SEE_LOG = "see {path}"
LOAD_NEAR = "load one that is here: {names}"
SPIDER = "ask the cluster what it has: module spider {name}"
LOAD_FOR_PACKAGE = "load the module that carries {name} before the environment: module load {module}"
WRITE_NEAREST = "write {nearest} in {listing}, or fetch the version that you need on this login node"
FETCH_ONCE = "fetch it once, on this login node: pip download --no-deps -d wheels {name}"
BUILD_WHEEL = "build its wheel once, on this login node: pip wheel --no-deps -w wheels {path}"
BUILD_NEEDS = "a package is built here, which needs {name}: add {name} to {listing}, or take a version with a wheel"
DISK_IS_FULL = "the disk of {folder} is full: set TMPDIR to a folder with more room"
WITHOUT_VARIABLES = "{change}; try it also without {names}, which this shell sets"
MANYLINUX = "the clusters' Python takes no manylinux wheel: ask support for a wheel of the cluster's own"
BY_HAND = "try it by hand on this login node: {command}"
IN_A_TEST_JOB = "try it in a test job: slurmfix --test-job"
ADD = "add {name} to {listing}"
FIND_PROGRAM = "load the module that has it, or add it to the environment: module spider {name}"
BUILD_IMAGE = "build the image as the head of {file} says"
DESCRIBE_IMAGE = "build the image first; slurmfix --write {path} writes how"
ADD_TO_IMAGE = "add {name} to {listing}, and build the image again"
THE_LIST = "the requirements file"
# Without a cluster
NOT_HERE = (
    "modules and wheelhouse are not on this machine; {met} of {lines} lines have a wheel by the table, "
    "{covered} of {imports} imports are covered"
)
SEE_TO = "{said}; see to {what}"
NOTHING_HERE = "the modules of the cluster are not on this machine, so nothing was tried"
# What is not rehearsed at all, and what to do then
STAYS = "the command {command} holds more than plain words, or makes a folder that stays"
REHEARSE_BY_HAND = "rehearse it by hand"
NO_LIST = "{folder} holds no {name}"
WRITE_LIST = "write it first"
ONLY_ENTERED = "the job enters {folder}, which it does not make, and {submit} holds no {name}"
WRITE_WHAT_IT_HOLDS = "write into that file what the environment holds"
UNKNOWN = "nothing tells what the environment holds"
GIVE_LIST = "write {name}, or give its list with --env {environment}=FILE"
NOTHING = "no environment to rehearse; give a job that conda or slurmfix made one for"
CONDA_STAYS = "conda stays in this job, so there is nothing to rehearse; run slurmfix {path} to see why"
CANNOT = "the rehearsal cannot work: {reason}"
INTERRUPTED = "interrupted"
# Beside the verdict
LOG_KEPT = "the whole log is kept in {path}"
RUN_THIS = "run this in {folder}? [y/N]"
VERDICT_IN = "the verdict will stand at the end of {path}"
OTHER_HEADER = "{paths}: another account, partition or the like is asked for than in the test job; submit it by itself"
# The frozen list
SEVERAL_LISTS = "nothing is locked; the job reads {count} requirements files, not one"
NOT_OURS = "{path}: not locked, since slurmfix did not write it; move it away first"
NOT_WRITTEN = "{path}: cannot be written: {reason}"
LOCKED = "{path}: locked to {count} packages"
KEPT_LINES = "{path}: kept as they were, since a rehearsal does not install them: {lines}"
LEFT_LINES = "{path}: not locked, since its files lie in a temporary folder: {lines}"
# What the script says of a step; see templates/rehearsal.sh.j2
DETAILS = (
    PACKAGES,
    "{done} of {count}",
    "{what}: no answer within {seconds} seconds",
    "{what} is a manylinux wheel",
    "{what} is not there; {file} describes it",
    "{what} runs no program",
    "no module command is here",
    "packages are not fetched without being asked for; give -y",
    "{what} is set in this shell, and left out here; unset it before you submit",
    "PYTHONPATH holds {what}, which is left out here; unset it before you submit",
    "{what} is read by the job, but not here",
    "{what} is not here; another version is loaded in its place",
    "{what} is no wheel, and nothing is built here; run {command}",
)


def detail(text: str) -> str:
    """What a step of the script says of itself, as one of its sentences where it is one."""
    for sentence in DETAILS:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(sentence))
        if (match := re.fullmatch(pattern, text)) is not None:
            return Said(sentence, **match.groupdict())
    return text


def sentences() -> tuple[str, ...]:
    """All of them."""
    found = [value for name, value in globals().items() if name.isupper() and isinstance(value, str)]
    return tuple(dict.fromkeys((*found, *FAILS.values(), *DETAILS)))
