"""What a script does to the folder that its environments are built in: takes things away, or calls another one so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from slurmfix.plan.doubts.folder_messages import (
    COPIED_ALONG,
    FOLDER_CHANGED,
    FOLDER_EMPTIED,
    FOLDER_SET,
    GOES_OVER_ALL,
    SAME_NAME,
)
from slurmfix.plan.job import Job
from slurmfix.plan.place import apart, exclusive, in_trap, repeated, same_job
from slurmfix.plan.step import Named, Served, Site
from slurmfix.rules import Leave
from slurmfix.shell import DECLARING, FUNCTION, LOOP, PIPELINE, SUBSTITUTION, Command, Script, Word, value_of

_TELLS = ("echo", "printf", "trap", "sbatch")  # what stands in their words is not run here and now
_RECURSIVE = re.compile(r"-[A-Za-z]*[rR]|--recursive\Z")
# What may follow without needing the environment: the end of a job copies, tells and clears up.
EVERYDAY = frozenset(
    """
    rm rmdir cp mv rsync scp tar gzip gunzip zip unzip find touch mkdir cat ln chmod tee exit return wait deactivate
    kill trap du df sacct seff sstat scontrol squeue echo printf cd pushd popd export set unset date hostname pwd ls
    shopt ulimit umask declare local readonly sleep true false : test [ break continue module ml whoami uname sync
    """.split()
) | {""}
# When something runs: its offset in the file, in a function behind that of the call.
_Time = tuple[int, ...]


class _Touch(NamedTuple):
    """A command that changes what is at, or what is called, the folder."""

    command: Command
    sets: bool  # what the folder is, else what is in it
    removed: tuple[str, ...]  # patterns of what goes; "" is the folder itself
    copied: tuple[str, ...] = ()  # patterns of what is copied out of it
    taken: tuple[str, ...] = ()  # patterns of what is worked on in it
    names: frozenset[str] = frozenset()  # what is named there by a path that starts in it


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names, that are not there when they are used, or elsewhere."""
    script, findings, names = job.script, job.findings, job.names
    variable = site.variable
    if not site.in_job or not is_spoken_of(script, variable):
        return
    left = {finding.command.span for finding in findings if isinstance(finding.act, Leave)}

    def used(code: str, touch: _Touch, start: _Time) -> bool:
        """Whether something that is no activation may need the environment, which is active, after a time."""
        return any(
            command.name not in EVERYDAY
            and command.span not in left
            and command.span != touch.command.span
            and _meet(touch, command)
            and job.active.of(command)[:1] in ((code,), ("?",))
            and _runs_after(script, command, start)
            for command in script.commands
        )

    for touch in _touches(script, variable):
        when = _times(script, touch.command)
        line = script.text.count("\n", 0, touch.command.span.start) + 1
        yield from _taken_along(job, touch, when, variable)
        yield from _named_alike(job, touch, line)
        if when is None:  # nothing calls it but a trap, at the end
            continue
        for code, name in {name.code: name for name in names.values()}.items():
            ours = [findings[at] for at in names if names[at].code == code and _meet(touch, findings[at].command)]
            built = min(filter(None, (_begins(script, finding.command) for finding in ours)), default=None)
            if built is None:
                continue
            later = [finding for finding in ours if _runs_after(script, finding.command, when[0])]
            if touch.sets and built > when[1]:
                yield code, FOLDER_SET.about(line, variable=variable)
            elif touch.sets and later:
                yield code, FOLDER_CHANGED.about(line, variable=variable)
            elif _is_among(name, touch.removed) and built < when[1] and (later or used(code, touch, when[0])):
                yield code, FOLDER_EMPTIED.about(line, variable=variable)


def is_spoken_of(script: Script, variable: str) -> bool:
    """Whether a script names the folder in any way."""
    return variable in script.text or "/localscratch/" in script.text


def _taken_along(job: Job, touch: _Touch, when: tuple[_Time, _Time] | None, variable: str) -> Iterator[tuple[str, str]]:
    """The environments that a command copies out of the folder, or works on, with all that lies there."""
    line = job.line(touch.command.span.start)
    for code, name in {n.code: n for n in job.names.values()}.items() if touch.copied or touch.taken else ():
        users = [job.findings[at].command for at in job.names if job.code(at) == code]
        built = min(filter(None, (_begins(job.script, c) for c in users if _meet(touch, c))), default=None)
        late = when is None or touch.command.name == "trap" or in_trap(touch.command) or (built and built < when[1])
        if built and late and _is_among(name, touch.copied):
            yield code, COPIED_ALONG.about(line, variable=variable)
        elif built and late and _is_among(name, touch.taken):
            yield code, GOES_OVER_ALL.about(line, variable=variable)


def _named_alike(job: Job, touch: _Touch, line: int) -> Iterator[tuple[str, str]]:
    """The environments whose names a command of the author's own uses in the folder."""
    if any(finding.command.span == touch.command.span for finding in job.findings):
        return
    for name in {name.code: name for name in job.names.values()}.values():
        if name.known and name.name in touch.names:
            yield name.code, SAME_NAME.about(line, folder=name.name)


def _meet(touch: _Touch, command: Command) -> bool:
    """Whether what the touch does is there for a command that runs after it."""
    one, other = touch.command.within, command.within
    return same_job(one, other) and not exclusive(one, other) and not (touch.sets and apart(one, other))


def _is_among(name: Named, patterns: tuple[str, ...]) -> bool:
    """Whether an environment is among what is taken away, or copied."""
    return any(pattern in ("", name.name) or fnmatchcase(name.name, pattern) for pattern in patterns)


# When commands run


def _times(script: Script, command: Command) -> tuple[_Time, _Time] | None:
    """When a command runs first and last: in a loop last at its end. None where nothing calls what it stands in."""
    function = next((place for place in reversed(command.within) if place.kind == FUNCTION), None)
    loops = (p for p in command.within if p.kind == LOOP and (function is None or function.span.holds(p.span)))
    start = command.span.start
    last = max([start, *(place.span.end for place in loops)])
    if function is None:
        return (start,), (last,)
    key = (_times, function.note)
    if key not in script.followed:
        script.followed[key] = None  # a function that calls itself
        spoken = re.compile(rf"(?<![\w./-]){re.escape(function.note)}(?![\w.-])")  # `srun bash -c work` calls it, too
        calls = [
            times for other in script.commands
            if other.name not in _TELLS and spoken.search(other.source) and (times := _times(script, other)) is not None
        ]  # fmt: skip
        if calls:
            script.followed[key] = min(first for first, _ in calls), max(end for _, end in calls)
    called = script.followed[key]
    return called and ((*called[0], start), (*called[1], last))


def _begins(script: Script, command: Command) -> _Time | None:
    """When what a command needs is built: before the outermost of what may run more than once."""
    times = _times(script, command)
    outer = repeated(command.within)
    if times is None or outer is None:
        return times and times[0]
    place = command.within[outer]
    return times[0][:1] if place.kind == FUNCTION else (place.span.start,)


def _runs_after(script: Script, command: Command, start: _Time) -> bool:
    times = _times(script, command)
    return times is not None and times[1] > start


# What is done to the folder


def _touches(script: Script, variable: str) -> Iterator[_Touch]:
    quoted = re.compile(rf"\brm[ \t]+-\S*[rR][^;&|\n]*?\$\{{?{variable}\b[^}}/\s]*\}}?(?:/([^/\s'\"\\;]*))?")
    inside = False  # whether the folder is the current one
    for command in script.commands:
        copied = tuple(_copied(script, command, variable, inside)) if "$" in command.source or inside else ()
        taken = tuple(_worked_on(script, command, variable, inside)) if "$" in command.source or inside else ()
        if copied or taken:
            yield _Touch(command, False, (), copied, taken)
        if inside and command.name not in (*_TELLS, "cd", "pushd", "source", "."):
            yield _Touch(command, False, (), names=frozenset(filter(None, map(_first_part, command.words[1:]))))
        if in_trap(command):
            continue
        if command.name in ("cd", "pushd", "popd"):
            inside = any(_in_folder(script, command, word, variable) == "" for word in command.words[1:2])
        elif _sets(command, variable):
            yield _Touch(command, True, ())
        elif inside or "$" in command.source:
            words = [_in_folder(script, command, word, variable, inside) for word in _taken(command)]
            removed = tuple(pattern for pattern in words if pattern is not None)
            if not removed and command.name not in _TELLS and (match := quoted.search(command.source)):
                removed = (match[1] or "",)
            if removed:
                yield _Touch(command, False, removed)


def _first_part(word: Word) -> str:
    """The folder that a relative path starts in; of an address the last part, which is what `git clone` makes."""
    text = word.literal.strip("\"'")
    if "://" in text or text.startswith("git@"):
        return text.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return text.removeprefix("./").partition("/")[0]


def _sets(command: Command, variable: str) -> bool:
    """Whether it gives the variable another value, or none; `${X:-…}` keeps the one that Slurm gives it."""
    if command.name == "unset":
        return any(word.literal == variable for word in command.words[1:])
    if command.words and command.name not in DECLARING:  # it holds for one command
        return False
    return any(each.name == variable and f"${{{variable}:" not in each.word.source for each in command.assignments)


def _taken(command: Command) -> tuple[Word, ...]:
    """The words that name what a command takes away from its place."""
    at = next((n for n, w in enumerate(command.words) if w.literal.rsplit("/", 1)[-1] in _TAKERS), None)
    if at is None or command.name in _TELLS:
        return ()
    name, rest = command.words[at].literal.rsplit("/", 1)[-1], command.words[at + 1 :]
    options = [word.literal for word in rest if word.literal.startswith("-")]
    plain = tuple(word for word in rest if not word.literal.startswith("-"))
    match name:
        case "rm" if any(_RECURSIVE.match(option) for option in options):
            return plain
        case "mv":
            return plain[:-1]
        case "find" if "-delete" in options or any(word.literal == "rm" for word in rest):
            return plain[:1]
        case "rsync" if any(option.startswith("--del") for option in options):
            return plain[-1:]
    return ()


def _copied(script: Script, command: Command, variable: str, inside: bool) -> Iterator[str]:
    """What a command copies out of the folder with all that is in it, as patterns."""
    if command.name == "trap":
        whole = rf"{_COPYING}[^;&|\n]*?\$\{{?{variable}\b\}}?[\"']?/?[.*]?[\"'\s]"
        yield from [""] if re.search(whole, command.source) else []
        return
    words = command.words[1:]
    if command.name not in _COPIERS or any(word.literal.startswith(("--exclude", "-x")) for word in words):
        return
    options = [word.literal for word in words if word.literal.startswith("-")]
    plain = [word for word in words if not word.literal.startswith("-")]
    deep = command.name in ("mv", "find") or any(_WITH_ALL.match(option) for option in options)
    if command.name == "find":
        plain = plain[:1] if _hands_on(command) else []
    elif command.name == "tar":
        if not any(map(_ARCHIVES.match, [word.literal for word in words[:1]] + options)):
            return
        deep = True
        for word, following in pairwise(words):
            if word.literal in ("-C", "--directory"):
                inside = _in_folder(script, command, following, variable, inside) == ""
                plain = [each for each in plain if each.span.start > following.span.start]
    elif command.name == "zip":
        plain = plain[1:]
    else:
        if plain and _in_folder(script, command, plain[-1], variable, inside) is not None:
            return  # it stays there
        plain = plain[:-1]
    found = (_in_folder(script, command, word, variable, inside) for word in plain)
    # Without an option for folders, `cp folder/*` takes none along, and fails where there is one.
    yield from (pattern for pattern in found if pattern is not None and (deep or _WILD.search(pattern)))


def _worked_on(script: Script, command: Command, variable: str, inside: bool) -> Iterator[str]:
    """What a command works on of all that lies in the folder, as patterns: in a loop over it, by a pattern, by `find`.

    A folder is no matter: the program that is given it looks for what is its own.
    """
    plain = [word for word in command.words[1:] if not word.literal.startswith("-")]
    words, finds = [word.literal for word in command.words], command.name == "find"
    if finds and (stays_above(words) or not {"-exec", "-execdir", "-ok"}.intersection(words)):
        return
    if finds or command.name not in EVERYDAY:
        found = (_in_folder(script, command, word, variable, inside) for word in (plain[:1] if finds else plain))
        yield from (each for each in found if each is not None and (finds or _WILD.search(each)))


def _hands_on(command: Command) -> bool:
    """Whether `find` hands what it finds to something that takes it elsewhere, and looks into folders for it."""
    words = [word.literal for word in command.words]
    if stays_above(words):
        return False
    taken = any(word in _COPIERS for word in words[1:])
    return taken or any(place.kind == SUBSTITUTION for place in command.within) or _is_piped(command)


def stays_above(words: list[str]) -> bool:
    """Whether `find` finds the files of the folder itself alone."""
    return ("-maxdepth", "1") in pairwise(words) and ("-type", "f") in pairwise(words)


def _is_piped(command: Command) -> bool:
    return any(place.kind == PIPELINE and place.note != "last" for place in command.within)


_COPIERS = ("cp", "rsync", "tar", "zip", "mv", "scp", "find")
_COPYING = r"\b(?:(?:cp|rsync|scp|zip)[ \t]+-\S*[rRa]|mv\b|tar\b[ \t]+-?\w*c)"
_ARCHIVES = re.compile(r"-?[A-Za-z]*c[A-Za-z]*\Z|--create\Z")
_WILD = re.compile(r"[*?\[]")
_WITH_ALL = re.compile(r"-[A-Za-z]*[rRa]|--recursive|--archive")
_TAKERS = ("rm", "mv", "find", "rsync")


def _in_folder(script: Script, command: Command, word: Word, variable: str, inside: bool = False) -> str | None:
    """What a word names in the folder, as a pattern: "" for the folder itself, None for what is elsewhere."""
    own = named(variable)
    for text in (word.literal, value_of(script, word, command).text, *_of_a_loop(script, word)):
        found = own.match(text)
        if found or (inside and not text.startswith(("/", "$", "~"))):
            path = text[found.end() :] if found else text
            if found and path and not path.startswith("/"):
                return None  # `${SLURM_TMPDIR}_old`
            parts = [part for part in path.split("/") if part not in ("", ".")]
            return parts[0] if parts and ".." not in parts else ""
    return None


@cache
def named(variable: str) -> re.Pattern[str]:
    """The folder at the start of a path: by its variable, or by the place that the job's number gives it."""
    return re.compile(rf"/*\$(?:{variable}\b|\{{{variable}\b[^}}]*\}})|{_BY_ITS_PATH}")


def _of_a_loop(script: Script, word: Word) -> Iterator[str]:
    """What a loop's variable stands for, as the loop lists it: `$SLURM_TMPDIR/*`."""
    if found := _VARIABLE.match(word.literal):
        for match in _LISTED.finditer(script.text):
            if match[1] == found[1]:
                yield from (each.strip("\"'").replace('"', "") + found[2] for each in match[2].split())


# Source: github ComputeCanada/puppet-magic_castle@7d84d4b site/profile/files/slurm/epilog
_BY_ITS_PATH = r"/localscratch/[^/\s]*\$\{?SLURM_JOB_?ID\b[^/\s\"']*"
_VARIABLE = re.compile(r"\$\{?(\w+)\}?((?:/.*)?)\Z")
_LISTED = re.compile(r"\bfor[ \t]+(\w+)[ \t]+in[ \t]+([^;\n]+)")
