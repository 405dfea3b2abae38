"""What is said of a script beside its findings: line ends, a header that sbatch does not obey, containers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import NOTE, REFUSAL, Message
from slurmfix.shell import SCRIPT, Script
from slurmfix.text import Span

_SPEAKS = re.compile(r"(?m)^[^#\n]*?\b(?:conda|mamba|micromamba|source|\.)[ \t]+(?:activate|run)\b")


_ZSH = re.compile(r"#![^\n]*\bzsh\b")  # without -l it reads no file that defines `module`
_JOB = "#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision\npython train.py\n"
DOS_LINE_ENDS = Message(
    id="dos-line-ends",
    kind=NOTE,
    subject="the line ends of this script",
    reason="sbatch refuses a script with Windows (DOS) line ends",
    action="run `dos2unix` on the script before you submit it",
    bad=_JOB.replace("\n", "\r\n"),
    good=_JOB,
)
BYTE_ORDER_MARK = Message(
    id="byte-order-mark",
    kind=NOTE,
    subject="the first bytes of this script",
    reason="sbatch refuses a script with a byte order mark (BOM, three invisible bytes)",
    action='save the script in your editor as "UTF-8 without BOM"',
    bad=f"\ufeff{_JOB}",
    good=_JOB,
)
NO_SHEBANG = Message(
    id="no-shebang",
    kind=NOTE,
    subject="the first line of this script",
    reason="sbatch refuses a script that does not start with `#!`",
    action="write `#!/bin/bash` as the first line",
    bad=_JOB.replace("#!/bin/bash\n", ""),
    good=_JOB,
)
ZSH_WITHOUT_MODULES = Message(
    id="zsh-without-modules",
    kind=NOTE,
    subject="the first line of this script",
    reason="this job runs in zsh, where the command `module` may be missing",
    action="write `#!/bin/bash` as the first line, unless the job needs zsh",
    bad=_JOB.replace("bash", "zsh"),
    good=_JOB,
)
LATE_OPTIONS = Message(
    id="options-too-late",
    kind=NOTE,
    subject="the `#SBATCH` options from line {line} on",
    reason="sbatch ignores these options, since a command stands above them",
    action="move these lines to the top of the script, below the first line",
    bad=f"{_JOB}#SBATCH --mem=4G\n",
    good=_JOB,
)
LATE_VARIABLES = Message(
    id="options-with-variables",
    kind=NOTE,
    subject="the `#SBATCH` options from line {line} on",
    reason="sbatch ignores options below a command, and replaces no variables in them",
    action="move these lines to the top of the script, and write real values instead of the variables. In names of "
    "output files, `%j` is the number of the job",
    bad=f"{_JOB}#SBATCH --output=logs/$SLURM_JOB_ID.out\n",
    good=f"{_JOB}#SBATCH --output=logs/out\n",
)
SEVERAL_JOBS = Message(
    id="several-jobs-in-one-file",
    kind=NOTE,
    subject="the script from line {line} on",
    reason="a second job starts here, but sbatch runs the whole file as one job",
    action="write each job into a file of its own, and run slurmfix on these files",
    bad=f"{_JOB}{_JOB}",
    good=_JOB,
)
IN_A_CONTAINER = Message(
    id="inside-a-container",
    kind=NOTE,
    subject="the container (line {lines})",
    reason="commands in a container use the container's own conda, so slurmfix leaves them unchanged",
    bad=f'{_JOB}apptainer exec a.sif bash -c "conda activate b; python x.py"\n',
    good=_JOB,
)
UNREAD = Message(
    id="unread",
    kind=REFUSAL,
    subject="the script from line {line} on",
    reason="slurmfix is not sure how bash reads these lines, which name conda",
    action="run `bash -n` on the script, and correct the errors. If there are none, convert these lines by hand",
    bad="#!/bin/bash\n#SBATCH --time=1:00\necho 'started\nconda activate vision\npython train.py\n",
    good=_JOB,
)


def notes(script: Script) -> tuple[str, ...]:
    found = []
    if "\r\n" in script.text:
        found.append(DOS_LINE_ENDS.about())
    if script.text.startswith("\ufeff"):
        found.append(BYTE_ORDER_MARK.about())
    elif script.directives and not script.text.startswith("#!"):
        found.append(NO_SHEBANG.about(1))
    elif _ZSH.match(script.text) and not any(script.holding("module")):
        found.append(ZSH_WITHOUT_MODULES.about(1))
    late = _late(script)
    if late:
        first = script.text.count("\n", 0, late[0].start) + 1
        other = next((span for span in _first_lines(script) if span.start > script.header_end), None)
        begun = bool(script.directives) or script.text.startswith("#!")
        if begun and other is not None and any(span.start > other.start for span in late):
            found.append(SEVERAL_JOBS.about(script.text.count("\n", 0, other.start) + 1))
        else:
            variables = any("$" in script.text[slice(*span)].partition(" #")[0] for span in late)
            found.append((LATE_VARIABLES if variables else LATE_OPTIONS).about(first))
    return (*found, *containers(script))


def _late(script: Script) -> tuple[Span, ...]:
    """The `#SBATCH` lines that sbatch does not obey."""
    return tuple(span for span in _at_line_starts(script, "#SBATCH") if span.start >= script.header_end)


def _first_lines(script: Script) -> tuple[Span, ...]:
    """The lines that name a shell, of which a script has one at its start."""
    return tuple(_at_line_starts(script, "#!/"))


def _at_line_starts(script: Script, start: str) -> Iterator[Span]:
    """The comments at the start of a line that begin so; an inner script has a header of its own."""
    inner = {place.span for command in script.commands for place in command.within if place.kind == SCRIPT}
    for span in script.comments:
        if (
            script.text.startswith(start, span.start)
            and script.text[span.start - 1 : span.start] in ("", "\n")
            and not any(place.holds(span) for place in inner)
        ):
            yield span


def containers(script: Script) -> tuple[str, ...]:
    if not script.containers:
        return ()
    lines = sorted({script.text.count("\n", 0, span.start) + 1 for span in script.containers})
    return (IN_A_CONTAINER.about(lines[0], lines=", ".join(map(str, lines))),)


def torn(script: Script) -> tuple[str, ...]:
    """What to say where nothing was found, and where conda stands in what could not be read."""
    if not script.unread:
        return ()
    first = min(span.start for span in script.unread)
    start = script.text.rfind("\n", 0, first) + 1
    for match in _SPEAKS.finditer(script.text, start):
        if not any(span.start <= match.start() < span.end for span in script.comments):
            line = script.text.count("\n", 0, first) + 1
            return (UNREAD.about(line),)
    return ()
