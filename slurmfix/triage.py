"""Tells from a file's bytes what becomes of it, where no parse is needed: most files of a repository have no conda."""

from __future__ import annotations

import os
import re

from slurmfix import files
from slurmfix.callers import started_at_once
from slurmfix.files import Found, Unreadable
from slurmfix.outcome import Outcome
from slurmfix.remarks import NOTE, REFUSAL, Message, phrase

_ENVIRONMENT = (".yml", ".yaml", ".lock", ".toml", ".cfg", ".json")
_LIST = r".*requirements.*\.(txt|in)\Z|.*(spec|explicit|conda).*\.txt\Z"
_STARTUP = (
    ".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshrc", ".zprofile", ".zshenv", ".kshrc",
)  # fmt: skip
OTHER_LANGUAGE = Message(
    id="other-language",
    kind=REFUSAL,
    subject="the {language} script",
    reason="slurmfix reads bash, sh, zsh and ksh only, and this script mentions conda",
    action="convert its lines about conda by hand",
    bad="#!/usr/bin/perl\n#SBATCH --time=1:00\nsystem('conda run -n a python x.py');\n",
    good="#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\n",
)
OTHER_LANGUAGE_WITHOUT_CONDA = Message(
    id="other-language-without-conda",
    kind=NOTE,
    subject="the {language} script",
    reason="slurmfix reads bash, sh, zsh and ksh only, but this script does not mention conda",
    bad="#!/usr/bin/perl\n#SBATCH --time=1:00\nprint 1;\n",
    good="#!/bin/bash\n#SBATCH --time=1:00\necho 1\n",
)
_LOADS = rb"\b(?:module|ml)\b[ \t]"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its byte order marks
_NO_SCRIPT = "this file is no job script: its first line names no shell, and it has no #SBATCH line"
_READ = ("", "bash", "sh", "zsh", "ksh")


def told(found: Found, modules: bool = False) -> Outcome | None:
    """The outcome where it needs no parse: an error, another language, no trace of conda, nor, with `modules`, a module
    that is loaded; else None.
    """
    path, named, error, data, _ = found
    if error is not None:
        return Outcome(path, error=error.reason)
    try:
        data = data if data is not None else files.read(path)
    except Unreadable as unreadable:
        return Outcome(path, error=unreadable.reason)
    if not named and b"\0" not in data and data[:2] not in _UTF_16 and not _concerns_us(path, data, modules):
        return Outcome(path)
    return told_by_bytes(path, data, named, modules)


def told_by_bytes(path: str, data: bytes, named: bool, modules: bool = False) -> Outcome | None:
    """The same for bytes that were read. In a folder, only job scripts are looked at; a `named` file may be more."""
    if named and is_environment(path, data):
        return None
    if b"\0" in data or data[:2] in _UTF_16:
        try:
            files.decode(data, path)
        except Unreadable as error:
            return Outcome(path, error=error.reason)
    language = files.language(data)
    traced = files.has_trace(data)
    if language not in _READ:
        if not traced and not named:
            return Outcome(path)
        note = (OTHER_LANGUAGE if traced else OTHER_LANGUAGE_WITHOUT_CONDA).about(language=language)
        return Outcome(path, notes=(note,), unhandled=True) if traced else Outcome(path, notes=(note,))
    if named and not language and not data.strip():
        return Outcome(path, error=phrase("the file is empty"))
    if named and not language and not is_startup_file(path) and not files.is_job_script(path, data):
        if not traced and "." not in os.path.basename(path) and path != "-":
            return Outcome(path)  # a hook is handed LICENSE and Makefile, too: job scripts often have no ending
        return Outcome(
            path,
            error=phrase(_NO_SCRIPT),
        )
    return None if _concerns_us(path, data, modules) else Outcome(path)


def _concerns_us(path: str, data: bytes, modules: bool) -> bool:
    return files.has_trace(data) or (modules and re.search(_LOADS, data) is not None) or _starts_a_task(path, data)


def _starts_a_task(path: str, data: bytes) -> bool:
    """Whether a script starts another one as tasks, or several times at once, that speaks of conda."""
    called = (files.text_beside(path, name) for name in started_at_once(data))
    return any(text is not None and files.has_trace(files.encode(text)) for text in called)


def is_shell(data: bytes) -> bool:
    """Whether a script is for one of the shells that are read, or for whichever runs it."""
    return files.language(data) in _READ


def is_environment(path: str, data: bytes) -> bool:
    """Whether a file that the user named describes an environment, by its name or its first lines."""
    name = os.path.basename(path).lower()
    called = name == "setup.py" or name.endswith(_ENVIRONMENT) or _is_list(name)
    return (called and not data.startswith(b"#!")) or data[:400].find(b"@EXPLICIT") != -1


def _is_list(name: str) -> bool:
    return name.endswith((".txt", ".in")) and re.match(_LIST, name) is not None


def is_startup_file(path: str) -> bool:
    """Whether the file is one that shells read when they start, by its name."""
    return path.endswith(_STARTUP)
