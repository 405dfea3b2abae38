"""Asks the cluster what it has; the only door to its programs: avail_wheels, Lmod, and conda.

A program that is missing, hangs, fails or talks nonsense was not asked: nothing here raises, and one that has failed is
left alone for the rest of the run. There is no shell in between, and a name that is no plain word is never passed on.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import IO

from slurmfix import programs
from slurmfix.knowledge import normalise
from slurmfix.recipe import Facts, Questions

MOST = 8_000_000  # bytes of an answer; all wheels of the wheelhouse are 4 MB of file names
_MOST_MODULES = 40  # each is a run of Lmod
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._+-]{0,98}[A-Za-z0-9_+])?"
_NAME = re.compile(_PART)
_MODULE = re.compile(rf"(?:{_PART}/)?{_PART}")  # a class may stand before the name
_CONDAS = ("conda", "mamba", "micromamba")


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long each program may take: conda starts slowly from a network disk, avail_wheels walks the wheelhouse."""

    wheels: float = 60
    module: float = 20
    conda: float = 60


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel of the wheelhouse, its version with the local label; `tags` are its Python and ABI tags."""

    name: str
    version: str
    tags: tuple[str, str]

    def serves(self, python: str) -> bool:
        """Whether it installs into CPython X.Y. Source: https://packaging.python.org/specifications/platform-compatibility-tags/."""
        major, _, minor = python.partition(".")
        for tag in self.tags[0].split("."):
            match = re.fullmatch(r"(cp|py)(\d)(\d*)", tag)
            if match is None or match[2] != major:
                continue
            if not match[3] or match[3] == minor:
                return True
            if (match[1] == "py" or "abi3" in self.tags[1]) and int(match[3]) < int(minor):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, and its exit status."""

    status: int
    out: str
    err: str


@dataclass(slots=True)
class Cluster:
    """The cluster that this process runs on; what it answered once is kept for the run."""

    seconds: Seconds = field(default_factory=Seconds)
    silent: set[str] = field(default_factory=set)  # programs that gave no answer
    wheels: dict[str, tuple[Wheel, ...]] = field(default_factory=dict)
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prefixes: dict[str, str] | None = None
    exports: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def facts(self, questions: Questions, python: str) -> Facts:
        """What the cluster has of the wheels and modules that a recipe for this Python asks for."""
        self._ask_wheels(questions.wheels)
        names = [normalise(name) for name in questions.wheels if normalise(name) in self.wheels]
        versions = {
            name: tuple(dict.fromkeys(wheel.version for wheel in self.wheels[name] if wheel.serves(python)))
            for name in names
        }
        dummies = [name for name, found in versions.items() if found and all("+dummy" in version for version in found)]
        wanted = list(dict.fromkeys((*questions.modules, *dummies)))[:_MOST_MODULES]
        modules = {name: found for name in wanted if (found := self.module(name)) is not None}
        carriers = {full.partition("/")[0] for name in dummies for full in modules.get(name, ())}
        modules |= {name: found for name in sorted(carriers) if (found := self.module(name)) is not None}
        pythons = {name: tuple(p for p in _PYTHONS if any(w.serves(p) for w in self.wheels[name])) for name in names}
        return Facts(modules=modules, wheels=versions, pythons=pythons)

    def _ask_wheels(self, names: Iterable[str]) -> None:
        """One run of avail_wheels for all names that it was not asked for yet."""
        fresh = sorted({name for name in names if _NAME.fullmatch(name) and normalise(name) not in self.wheels})
        if not fresh:
            return
        # It looks for `name-*.whl` with `-` in the name as `_`, and keeps the dots of a file written with dots.
        spelled = dict.fromkeys(part for name in fresh for part in (normalise(name), name if "." in name else ""))
        answer = self._run("avail_wheels", ["--raw", "--all-versions", "--all-pythons", *filter(None, spelled)])
        if answer is None:
            return
        found = wheels_of(answer.out) if answer.status == 0 else None
        if found is None:
            self.silent.add("avail_wheels")
            return
        for name in map(normalise, fresh):
            self.wheels[name] = tuple(wheel for wheel in found if wheel.name == name)

    def module(self, name: str) -> tuple[str, ...] | None:
        """The modules of a name, each `name/version`; of an extension's name, those that carry it. None: not asked."""
        if name not in self.modules and _MODULE.fullmatch(name):
            answer = self._run("lmod", ["python", "-t", "spider", name])
            found = modules_of(answer, name) if answer is not None else None
            if found is not None:
                self.modules[name] = found
        return self.modules.get(name)

    def prefix(self, name: str) -> str | None:
        """Where the environment of this name lies, as conda tells it."""
        if self.prefixes is None:
            self.prefixes = {}
            for program in _CONDAS:
                answer = self._run(program, ["env", "list", "--json"])
                for path in prefixes_of(answer.out) if answer is not None and answer.status == 0 else ():
                    self.prefixes.setdefault(os.path.basename(path.rstrip("/")), path)
        return self.prefixes.get(name)

    def export(self, name: str) -> tuple[str, ...]:
        """What was asked of an environment, as an environment.yml; then the full listing: it alone has pip's packages.

        () where no conda knows the name.
        """
        if not _NAME.fullmatch(name) or (self.prefix(name) is None and self.prefixes):
            return ()
        if name not in self.exports:
            self.exports[name] = ()
            for program in _CONDAS:
                texts = [self._exported(program, ["--from-history"], name), self._exported(program, [], name)]
                if any(texts):
                    self.exports[name] = tuple(filter(None, texts))
                    break
        return self.exports.get(name, ())

    def _exported(self, program: str, options: list[str], name: str) -> str:
        answer = self._run(program, ["env", "export", *options, "-n", name])
        if answer is None or answer.status != 0 or not re.search(r"^dependencies:", answer.out, re.MULTILINE):
            return ""
        return answer.out

    def _run(self, program: str, arguments: list[str]) -> Answer | None:
        """A program's answer; None where it gives none, and then it is not asked again."""
        path = _found(program)
        if path is None or program in self.silent:
            return None
        limit = {"avail_wheels": self.seconds.wheels, "lmod": self.seconds.module}.get(program, self.seconds.conda)
        answer = run([path, *arguments], limit)
        if answer is None:
            self.silent.add(program)
        return answer


_PYTHONS = tuple(f"3.{minor}" for minor in range(6, 20))


def reachable() -> tuple[str, ...]:
    """Which of the programs that can be asked are here."""
    shown = {"lmod": "module", "avail_wheels": "avail_wheels", "conda": "conda", "mamba": "mamba"}
    return tuple(name for program, name in {**shown, "micromamba": "micromamba"}.items() if _found(program))


def _found(program: str) -> str | None:
    """The absolute path of a program. A relative folder on PATH may be anybody's, so nothing from there is run."""
    if program == "lmod":
        path = os.environ.get("LMOD_CMD")
        return path if path and os.path.isabs(path) else None
    told = {"conda": "CONDA_EXE", "micromamba": "MAMBA_EXE"}.get(program, "")
    path = programs.located(program) or os.environ.get(told)
    return path if path and os.path.isabs(path) and programs.is_ours(path) else None


def run(command: list[str], seconds: float) -> Answer | None:
    """What a program says within some seconds and `MOST` bytes; None where it does not start, end or stop talking."""
    quiet = {"LMOD_PAGER": "none", "LMOD_COLORIZE": "no", "LC_ALL": "C.UTF-8", "PATH": programs.search_path()}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | quiet,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    said = (bytearray(), bytearray())
    readers = [
        Thread(target=_take, args=(process, stream, box), daemon=True)
        for stream, box in zip((process.stdout, process.stderr), said, strict=True)
    ]
    for reader in readers:
        reader.start()
    try:
        status = process.wait(seconds)
        for reader in readers:
            reader.join(5)  # a child of the program's may still hold the pipe
    except subprocess.TimeoutExpired:
        _end(process)
        return None
    if any(reader.is_alive() for reader in readers) or max(map(len, said)) > MOST:
        _end(process)
        return None
    out, err = (bytes(box).decode("utf-8", "replace") for box in said)
    return Answer(status, out, err)


def _take(process: subprocess.Popen[bytes], stream: IO[bytes], box: bytearray) -> None:
    with contextlib.suppress(OSError, ValueError):
        while len(box) <= MOST and (piece := stream.read(1 << 16)):
            box += piece
    if len(box) > MOST:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a program and, where it still leads the group that was made for it, all that it started."""
    with contextlib.suppress(OSError):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)  # raises where it is no child of ours
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()


_WHEEL = re.compile(r"([A-Za-z0-9][\w.]*)-([^-\s/]+)(?:-\d[^-\s/]*)?-([^-\s/]+)-([^-\s/]+)-[^-\s/]+\.whl")


def wheels_of(text: str) -> tuple[Wheel, ...] | None:
    """The wheels among the file names that `avail_wheels --raw` prints; None where a line is none."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _WHEEL.fullmatch(line)
        if match is None:
            return None
        if _is_version(match[2]):
            found.append(Wheel(normalise(match[1]), match[2].replace("_", "."), (match[3], match[4])))
    return tuple(found)


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def modules_of(answer: Answer, name: str) -> tuple[str, ...] | None:
    """The modules in an answer of `spider`, on standard error, or on standard output where Lmod was built so.

    `-t` lists `name/version` only where there are several; else the long text comes. An extension names its modules.
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{answer.err}\n{answer.out}")
    if re.search(r"Unable to find", text):
        return ()
    if answer.status != 0:
        return None
    plain = re.escape(name)
    if "provided by the following modules" in text:
        after = text.partition("provided by the following modules")[2]
        found = re.findall(r"^[ \t]+([A-Za-z0-9][\w.+-]*/[\w.+-]+)(?:[ \t]+\(.*\))?[ \t]*$", after, re.MULTILINE)
    else:
        found = re.findall(rf"^[ \t]*(?:{plain}:[ \t]+)?({plain}/[\w.+-]+)[ \t]*$", text, re.MULTILINE)
    return tuple(dict.fromkeys(found)) or None


def prefixes_of(text: str) -> Iterator[str]:
    """The absolute paths in the answer of `conda env list --json`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    listed = document.get("envs") if isinstance(document, dict) else None
    for path in listed if isinstance(listed, list) else ():
        if isinstance(path, str) and os.path.isabs(path) and path.isprintable():
            yield path
