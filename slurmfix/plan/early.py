"""What was found before an environment: conda's base ahead of its activation, or what stands in front of it on PATH."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.active import Activations
from slurmfix.plan.place import exclusive, same_job
from slurmfix.plan.step import Named
from slurmfix.rules import Enter, Finding, Pip, brings_base
from slurmfix.shell import Command, Script
from slurmfix.text import Lines

RUNS_PYTHON = re.compile(r"(?:\S+[ \t]+)*?(?:\S*/)?(?:python|pip|ipython|jupyter|torchrun|accelerate)[\d.]*(?:\s|\Z)")
_BEHIND = re.compile(r"\bPATH=[\"']?\$\{?PATH\}?:")


def early_doubts(
    script: Script, findings: tuple[Finding, ...], names: Mapping[int, Named], activations: Activations
) -> Iterator[tuple[str, str]]:
    """What to say of the first environment, by the code of its name."""
    for at, finding in enumerate(findings):
        if at in names and _BEHIND.search(finding.command.source):
            yield names[at].code, "it stood behind $PATH, for what is nowhere else; now its programs are found first"
    entered = [
        (at, finding.command) for at, finding in enumerate(findings) if isinstance(finding.act, Enter) and at in names
    ]
    if not entered:
        return
    first, lines = names[entered[0][0]].code, Lines(script.text)

    def is_early(command: Command) -> bool:
        before = (c for _, c in entered if c.span.start < command.span.start)
        return all(exclusive(c.within, command.within) for c in before) and not activations.at(
            command.within, command.span.start
        )

    for at, finding in enumerate(findings):
        if isinstance(finding.act, Pip) and at not in names and is_early(finding.command):
            line, _ = lines.position(finding.span.start)
            yield first, f"line {line} installs with pip before an environment is active: move it behind the activation"
            break
    base = next((finding.command for finding in findings if brings_base(finding.act)), None)
    if base is None:
        return
    ours = [finding.command.whole for finding in findings]
    for command in script.holding("python", "pip", "jupyter", "torchrun", "accelerate"):
        if command.span.start < base.span.end or not RUNS_PYTHON.match(command.source):
            continue
        if same_job(command.within, base.within) and not any(w.meets(command.span) for w in ours) and is_early(command):
            line, _ = lines.position(command.span.start)
            yield (
                first,
                f"line {line} runs Python in conda's base, now in the module's or the system's: see what it needs",
            )
            break
