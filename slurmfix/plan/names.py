"""Which environment a command names, where constants of the script are followed."""

from __future__ import annotations

import re

from slurmfix.plan.step import Named
from slurmfix.rules import Finding, Target, is_installation, named_by
from slurmfix.shell import KEEP, KEPT, TEXT, Command, Script, value_of
from slurmfix.templates import in_double_quotes

_NOT_PLAIN = re.compile(r"[^\w.+-]", re.ASCII)
_OF_ONE_JOB = re.compile(r"\$\{?(?:SLURM_JOB_?ID|SLURM_ARRAY_(?:JOB|TASK)_ID|RANDOM|BASHPID|\$)\}?", re.ASCII)
_OF_A_PYTHON = re.compile(r"conda[23]\d\d?\Z")  # `conda38` is an environment, `conda3` is conda itself
_A_PLACE = re.compile(r"(?:~|\$HOME|\$\{HOME\})?/[^$`]+\Z")  # where conda is, as any shell reads it
_LAST = re.compile(r"\$(\w+|\{\w+\})\Z", re.ASCII)


def named(script: Script, finding: Finding) -> Named:
    """The environment of a finding's target."""
    target = named_by(finding.act) or Target("base", "base")
    if target.kind == "base":
        return Named("base", "base", path=target.text if _A_PLACE.match(target.text) else "", base=True)
    if target.kind == "name":
        return _literal(target.text, "")
    if target.kind == "path" and target.word is not None and target.word.value is not None:
        return _literal(_last(target.text), target.text.rstrip("/") or target.text)  # a `$` in it is one
    if target.word is None:
        last = _last(target.text)
        return _literal(last, target.text) if "$" not in last and "`" not in last else _kept(last, ())
    value = value_of(script, target.word, finding.command) if target.kind == "word" else None
    text = target.text if value is None else value.text
    text = text.rstrip("/") or text
    last = _last(text)
    waits = not text and "$" in target.word.source  # `NAME=`: for a person to fill in
    if "$" not in last and "`" not in last and not waits:
        return _literal(last, text if "/" in text else "")
    possible = tuple(dict.fromkeys(_last(p) for p in (value.possible if value else ()) if "$" not in _last(p)))
    # As it is written here: what its variables came from may have changed since, `$1` by a `shift` or in a function.
    pieces = (in_double_quotes(part.text) if part.kind == TEXT else part.source for part in target.word.parts)
    return _kept(_last("".join(pieces)), possible)


def _last(path: str) -> str:
    """The last part of a path; a slash inside an expansion parts nothing."""
    path = path.rstrip("/")
    masked = re.sub(r"\$\{[^{}]*\}|\$\([^()]*\)|`[^`]*`", lambda match: "x" * len(match[0]), path)
    return path[masked.rfind("/") + 1 :]


def _literal(name: str, path: str) -> Named:
    name = name.strip()
    if not name and not path:  # `activate ""` is base: an old way to hand no arguments of the job on
        return Named("base", "base", base=True)
    if name in ("", ".", "..", "~"):
        name = "env"
    if path and is_installation(name) and "/envs/" not in path and not _OF_A_PYTHON.match(name):
        return Named("base", "base", path=path, base=True)
    if name in ("base", "root"):
        return Named("base", "base", path=path, base=True)
    # A folder in front of the name tells apart two that end alike: `projects/a/env` is a-env.
    if name in ("env", "envs", "venv", ".venv", ".env", "conda", "conda_env", "conda-env") and path.count("/") > 1:
        above = path.rstrip("/").rsplit("/", 2)[-2].lstrip(".~")
        if above and "$" not in above and above not in ("envs", "conda"):
            name = f"{above}-{name.lstrip('.')}"
    name = name.lstrip("-.") or "env"
    return Named(name, in_double_quotes(name), path=path)


def _kept(source: str, possible: tuple[str, ...]) -> Named:
    """A name that only the running job knows: the script keeps its variable, of which a path's last part counts."""
    match = re.fullmatch(r"\$(?:(\w+)|\{(\w+)\})", source, re.ASCII)
    variable = (match[1] or match[2]) if match else ""
    if variable.isdigit() or (variable and match):
        code = f"{KEEP}${{{variable}##*/}}{KEPT}"
    else:
        code = f"{KEEP}{source}{KEPT}"
    return Named(source, code, known=False, possible=possible)


def file_name(name: str) -> str:
    """The name as part of a file's name: nothing that a shell, a diff or a folder would read otherwise."""
    return _NOT_PLAIN.sub("-", name) or "env"


def common_name(name: str) -> str:
    """One name for all values of a name that only the running job knows: the letters of its expansions, but for what
    differs from job to job.
    """
    of_all = _OF_ONE_JOB.sub("", name).strip("-_.")
    return file_name(re.sub(r"[${}]", "", of_all))


__all__ = ["Command", "common_name", "file_name", "named"]
