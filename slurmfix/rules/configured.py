"""Workflow managers that a file beside the job tells to use conda: a Snakemake profile, a `nextflow.config`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from slurmfix.remarks import Message, phrase
from slurmfix.rules import messages
from slurmfix.rules.rule import Finding
from slurmfix.rules.workflow import NEEDS_CONDA, called_with, told_to
from slurmfix.shell import Command, Script

# The text of a file that the script names, where that is at hand.
Beside = Callable[[str], str | None]

_SNAKEMAKE, _NEXTFLOW = re.compile("snakemake"), re.compile("nextflow")
_PROFILE = re.compile(r"(?<!\S)--(?:workflow-)?profile[= ](\S+)")
# The profiles that Snakemake takes by itself (its command line, `--workflow-profile`).
_WITHOUT_A_WORD = ("profiles/default", "workflow/profiles/default")
_IN_A_PROFILE = ("config.v9+.yaml", "config.v8+.yaml", "config.yaml")
_SAYS_CONDA = re.compile(
    r"^[ \t]*(?:use-conda[ \t]*:[ \t]*[\"']?(?:true|yes|on)\b"
    r"|(?:software-deployment-method|deployment-method|deployment|sdm)[ \t]*:(?:[^\n#]*\bconda\b"
    r"|(?:[ \t]*\n[ \t]*-[ \t]*[\w-]+)*?[ \t]*\n[ \t]*-[ \t]*[\"']?conda\b))",
    re.I | re.M,
)
_CONFIG = re.compile(r"(?<!\S)-[cC](?:onfig)?[= ](\S+)")
_FILE = re.compile(r"(?<!\S)-[cC][= ]([^-\s]\S*)")
_CHOSEN = re.compile(r"(?<!\S)-profile[= ](\S+)")
_TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|(?P<opens>[\w.'\"-]*)\s*\{|(?P<closes>\})"
    r"|(?P<on>\bconda\.enabled|(?<![\w.])enabled)\s*=\s*true\b",
    re.S,
)


class _Setting(NamedTuple):
    """Where a file turns conda on."""

    file: str
    line: int


def configured(script: Script, found: Iterable[Finding], beside: Beside) -> Iterator[Finding]:
    """The calls of workflow managers that a file beside the job tells to use conda, beyond those that are found."""
    told = {finding.command.span for finding in found if finding.rule == "workflow"}
    for command in script.holding("snakemake", "nextflow"):
        if command.span in told:
            continue
        for setting, message in _settings(command, script, beside):
            why = message.about(file=setting.file, at=setting.line)
            says = phrase("{file} turns conda on", file=setting.file)
            yield Finding("workflow", NEEDS_CONDA, command.span, says, command, why=why)
            break


def line_of_conda_in_a_profile(text: str) -> int:
    """The line of a Snakemake profile that turns conda on; 0 where none does."""
    match = _SAYS_CONDA.search(text)
    return text.count("\n", 0, match.end()) + 1 if match else 0


def names_what_is_not_at_hand(options: str, beside: Beside) -> bool:
    """Whether the options of a workflow manager name a profile or a configuration that cannot be read here."""
    folders = (match[1].strip("\"'") for match in _PROFILE.finditer(options))
    files = (match[1].strip("\"'") for match in _FILE.finditer(options))
    return any(all(beside(path) is None for path in _paths_of(folder)) for folder in folders) or any(
        beside(file) is None for file in files
    )


def _settings(command: Command, script: Script, beside: Beside) -> Iterator[tuple[_Setting, Message]]:
    words = told_to(command, script)
    called, options = called_with(words, _SNAKEMAKE)
    if called:
        yield from ((each, messages.SNAKEMAKE_PROFILE) for each in _of_profiles(script, options, beside))
    called, options = called_with(words, _NEXTFLOW)
    if called:
        yield from ((each, messages.NEXTFLOW_CONFIGURED) for each in _of_configs(options, beside))


def _of_profiles(script: Script, options: str, beside: Beside) -> Iterator[_Setting]:
    given = [match[1].strip("\"'") for match in _PROFILE.finditer(options)]
    if not given:  # what the option says, the variable does not
        holders = (assigned for c in script.holding("snakemake_profile") for assigned in c.assignments)
        given = [assigned.word.literal for assigned in holders if assigned.name == "SNAKEMAKE_PROFILE"]
    for folder in (*given, *_WITHOUT_A_WORD):
        for path in _paths_of(folder):
            text = beside(path)
            if text is None:
                continue
            if line := line_of_conda_in_a_profile(text):
                yield _Setting(path, line)
            break  # the newest version that there is


def _paths_of(profile: str) -> tuple[str, ...]:
    """The files of a Snakemake profile, the newest version first."""
    return tuple(f"{profile.rstrip('/')}/{name}" for name in _IN_A_PROFILE)


def _of_configs(options: str, beside: Beside) -> Iterator[_Setting]:
    chosen = {name for match in _CHOSEN.finditer(options) for name in match[1].strip("\"'").split(",")}
    for path in ("nextflow.config", *(match[1].strip("\"'") for match in _CONFIG.finditer(options))):
        text = beside(path)
        for line in _turned_on(text, chosen or {"standard"}) if text else ():
            yield _Setting(path, line)


def _turned_on(text: str, profiles: set[str]) -> Iterator[int]:
    """The lines that turn conda on, by themselves or in one of the profiles that are chosen."""
    blocks: list[str] = []
    for match in _TOKEN.finditer(text):
        if match["opens"] is not None:
            blocks.append(match["opens"].strip("\"'"))
        elif match["closes"] and blocks:
            blocks.pop()
        elif match["on"] and (match["on"] != "enabled" or blocks[-1:] == ["conda"]):
            of_a_profile = blocks[1:2] if blocks[:1] == ["profiles"] else []
            if profiles.issuperset(of_a_profile):
                yield text.count("\n", 0, match.start()) + 1
