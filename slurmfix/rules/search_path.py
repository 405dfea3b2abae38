"""PATH, LD_LIBRARY_PATH or PYTHONPATH is made to point into a conda.

What it finds
    `export PATH=$HOME/miniconda3/bin:$PATH`, `PATH=…/envs/foo/bin:$PATH`, `export LD_LIBRARY_PATH=…/envs/foo/lib:…`,
    `export PYTHONPATH=…/envs/foo/lib/python3.9/site-packages`, `export LD_PRELOAD=…/envs/foo/lib/libx.so`; the same
    where a variable of the script holds the path.

Why it matters
    The conda entries come before the modules and the virtualenv: the wrong interpreter or library is found first. On
    the clusters PYTHONPATH also carries what the modules provide, and LD_LIBRARY_PATH is not to be set at all.

Instead
    The conda entries go; a line that holds nothing else goes whole. An entry `…/envs/foo/bin` in front of PATH enters
    the environment foo, as an activation does. What holds for one command alone (`PATH=… python x.py`,
    `srun --export=ALL,PATH=…`) is left for a person, as is what programs of conda's read (`PYTHONHOME`, `R_LIBS`).

Fix safety
    As the activations of the script; `review` where the entry held libraries or Python packages, which the job may have
    used. The packages of an environment that nothing else enters are the job's: the line becomes the virtualenv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Enter, Provide, Report, Target
from slurmfix.rules.folders import Inside, environment_path
from slurmfix.rules.rule import (
    CONDA,
    Finding,
    Rule,
    is_plain,
)
from slurmfix.shell import DECLARING, Assignment, Command, Script, Word, assignment, parts_of, uses_of, value_of
from slurmfix.text import Span, excerpt

_PREFIX = re.compile(r"\$\{?CONDA_")  # the rule for variables speaks of these
# A variable that may hold a path into a conda: none of the paths themselves, and none that Slurm or the login sets.
_OTHER = re.compile(r"\$\{?(?!(?:\w*PATH|HOME|USER|PWD|SCRATCH|SLURM\w*)\b)[A-Za-z_]")
_ITSELF_IF_SET = re.compile(r"\$\{(\w+):?\+(?::\$(?:\1|\{\1\})|\$(?:\1|\{\1\}):)\}")
_PATHS = ("PATH", "MANPATH", "PYTHONPATH")
_LIBRARIES = (
    "LD_LIBRARY_PATH", "LIBRARY_PATH", "LD_PRELOAD", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "PKG_CONFIG_PATH",
    "CMAKE_PREFIX_PATH",
)  # fmt: skip
# What tells a program where its own files are.
_HOMES = (
    "PYTHONHOME", "R_HOME", "R_LIBS", "R_LIBS_USER", "R_LIBS_SITE", "PERL5LIB", "JAVA_HOME", "PROJ_LIB", "PROJ_DATA",
    "GDAL_DATA",
)  # fmt: skip
_OF_CONDA = re.compile(r"_|\w*(?:CONDA|MAMBA|MODULE)|PYTHON\Z|PY\Z|ENV|EB[A-Z]|(?:SINGULARITY|APPTAINER)ENV", re.I)
_PIECES = re.compile(r"[\s:;,=\"']+")


class _Entry(NamedTuple):
    """What stands between two colons."""

    start: int  # where it stands in the word, with the colon that goes with it
    end: int
    text: str  # as written
    path: str  # what it comes to
    possible: tuple[str, ...] = ()  # what else it may come to

    @property
    def shown(self) -> str:
        return self.text.strip('"')

    @property
    def plain(self) -> str:
        return self.text.strip("\"'")

    @property
    def is_literal(self) -> bool:
        """Whether it may be written between double quotes."""
        return is_plain(self.text.strip('"')) and is_plain(self.path)


def check(command: Command, words: tuple[Word, ...], script: Script, own: Iterable[str] = ()) -> Iterator[Finding]:
    """`own` are folders that the script itself says are environments."""
    if words and words[0].literal not in DECLARING:
        yield from _for_one_command(command, words, script, own)
        return
    if words and words[0].literal == "export":
        yield from _for_programs(command, script, own)
    for assigned in command.assignments:
        source = assigned.word.source
        if assigned.name in _HOMES and not _PREFIX.search(source):
            yield from _home(assigned, command, script, own)
        if assigned.name in (*_PATHS, *_LIBRARIES) and (
            CONDA.search(source) or _OTHER.search(source) or any(folder in source for folder in ("/envs/", *own))
        ):
            yield from _entries_of_conda(assigned, command, script, own)


def _entries_of_conda(assigned: Assignment, command: Command, script: Script, own: Iterable[str]) -> Iterator[Finding]:
    entries = _entries(assigned.word, command, script)
    conda = [entry for entry in entries if _points_into_conda(entry, own)]
    of_conda = set(conda)
    maybe = [(entry, inside) for entry in entries if entry not in of_conda for inside in _may_be_in(entry, own)]
    for entry, inside in maybe[:1]:
        says = f"may put {entry.shown} on {assigned.name}"
        target = Target("path", inside.prefix) if assigned.name == "PATH" else None
        why = messages.NAME_AT_RUN_TIME.about(path=entry.shown)
        yield Finding("search-path", Report(target=target), command.span, says, command, why=why)
    if maybe:
        return
    if not conda:
        return
    kept = [entry for entry in entries if entry not in of_conda and entry.plain]
    whole = all(_is_itself(entry, assigned.name) for entry in kept) and len(command.assignments) == 1
    act = _meaning(assigned.name, entries, conda, own)
    says = phrase("puts {folder} on {variable}", folder=conda[0].shown, variable=assigned.name)
    doubt = _lost_with(assigned.name, conda[0])
    if isinstance(act, Enter) and entries[0] in kept and not _is_itself(entries[0], "PATH"):
        doubt = messages.ORDER_OF_PATH.about(folder=entries[0].shown)
    if isinstance(act, Report):
        why = messages.NAME_AT_RUN_TIME.about(path=conda[0].shown)
        yield Finding("search-path", act, command.span, says, command, why=why)
    elif odd := next((entry for entry in conda if not entry.is_literal), None):
        why = messages.ODDLY_QUOTED.about(path=excerpt(odd.text))
        yield Finding("search-path", Report(), command.span, says, command, why=why)
    elif whole:
        yield Finding("search-path", act, command.span, says, command, doubt=doubt)
    elif any(_is_across(assigned.word.source[entry.start : entry.end]) for entry in conda):
        why = messages.ACROSS_ENTRIES.about(variable=assigned.name)
        yield Finding("search-path", Report(), command.span, says, command, why=why)
    elif not kept and assigned.name == "PATH":
        why = messages.NOTHING_LEFT.about(source=excerpt(command.source))
        yield Finding("search-path", Report(), command.span, says, command, why=why)
    else:
        for number, entry in enumerate(conda):
            # The last entry takes the colon in front of it along, and so do those right before it.
            last = entry is not entries[-1] and of_conda.issuperset(entries[entries.index(entry) :])
            span = assigned.word.part(entry.start - last, entry.end - last)
            each = act if number == 0 else Provide()
            yield Finding("search-path", each, span, says, command, doubt=doubt)


def _lost_with(variable: str, entry: _Entry) -> str:
    """What the job may miss without a folder of conda's on a search path; "" where that is nothing."""
    if variable == "PYTHONPATH":
        return messages.PACKAGES_OF_CONDA.about(folder=entry.plain)
    lost = variable in _LIBRARIES
    return messages.LIBRARIES_OF_CONDA.about(variable=variable, folder=entry.plain) if lost else ""


def _for_programs(command: Command, script: Script, own: Iterable[str]) -> Iterator[Finding]:
    """Exported variables that point to a folder of conda's, and that only programs read: CUDA_HOME, XLA_FLAGS."""
    for assigned in command.assignments:
        value, name = assigned.word, assigned.name
        if name in (*_PATHS, *_LIBRARIES, *_HOMES) or _OF_CONDA.match(name):
            continue
        if uses_of(script, name) or _PREFIX.search(value.source):
            continue
        text = value_of(script, value, command).text
        found = [(piece, environment_path(f"{piece.rstrip('/')}/bin", own)) for piece in _PIECES.split(text)]
        piece = next((piece for piece, inside in found if inside is not None and inside.rest == "bin"), "")
        if piece and "TMPDIR" not in piece:
            says = phrase("points {variable} to {folder}", variable=name, folder=piece)
            why = messages.OF_HOMES.about(variable=name, folder=piece)
            yield Finding("search-path", Report(), assigned.span, says, command, why=why)


def _home(assigned: Assignment, command: Command, script: Script, own: Iterable[str]) -> Iterator[Finding]:
    conda = _first_of_conda(assigned.word, command, script, own)
    if conda is not None:
        message = messages.OF_PYTHONHOME if assigned.name == "PYTHONHOME" else messages.OF_HOMES
        why = message.about(variable=assigned.name, folder=conda.plain)
        says = phrase("points {variable} to {folder}", variable=assigned.name, folder=conda.shown)
        yield Finding("search-path", Report(), assigned.span, says, command, why=why)


def _for_one_command(
    command: Command, words: tuple[Word, ...], script: Script, own: Iterable[str]
) -> Iterator[Finding]:
    """The assignments in front of a command, and those that `env` is given."""
    found = [(assigned.name, assigned.word, assigned.span) for assigned in command.assignments]
    env = next((at for at, word in enumerate(words) if word.literal in ("env", "/usr/bin/env")), len(words))
    for word in words[env + 1 :]:
        if match := assignment(word.source):
            source = word.source[match.end() :]
            value = word._replace(source=source, parts=parts_of(source), start=word.start + match.end())
            found.append((match[1], value, word.span))
    found += _exported(words)
    for name, value, span in found:
        conda = _first_of_conda(value, command, script, own) if name in (*_PATHS, *_LIBRARIES) else None
        if conda is not None:
            says = phrase("puts {folder} on {variable}", folder=conda.shown, variable=name)
            why = messages.FOR_ONE_COMMAND.about(variable=name, folder=conda.plain)
            yield Finding("search-path", Report(), span, says, command, why=why)


def _exported(words: tuple[Word, ...]) -> Iterator[tuple[str, Word, Span]]:
    """What an option gives to other processes: `srun --export=ALL,PATH=…`, `mpirun -x PATH=…`."""
    before = ""
    for word in words:
        option = word.source.startswith("--export=")
        if option or before in ("--export", "-x"):
            listed = word.source[len("--export=") :] if option else word.source
            for one in listed.strip("\"'").split(","):
                name, equals, value = one.partition("=")
                if equals:
                    yield name, word._replace(source=value, parts=parts_of(value)), word.span
        before = word.source


def _is_itself(entry: _Entry, name: str) -> bool:
    """Whether an entry is what the variable held before."""
    return entry.plain in (f"${name}", f"${{{name}}}") or _ITSELF_IF_SET.fullmatch(entry.plain) is not None


def _is_across(entry: str) -> bool:
    return "\n" in entry or any(entry.count(quote) % 2 for quote in "\"'`")


# Conda's own folder of programs, by a variable that the site sets; that of an environment has other names.
_BY_CONDAS_FOLDER = re.compile(
    r"\$\{?\w*(?:conda|mamba|miniforge)[23]?(?:_(?:root|home|dir|base|path))?\}?/bin/?"
    r"|\$\{?\w*(?:conda|mamba|miniforge)\w*bin\w*\}?/?", re.I
)  # fmt: skip


def _meaning(name: str, entries: list[_Entry], conda: list[_Entry], own: Iterable[str]) -> Enter | Provide | Report:
    """What the line does: enter an environment, bring conda's own Python, or neither."""
    if name == "PYTHONPATH":  # packages of an environment, for whatever Python the job has
        found = environment_path(conda[0].path.rstrip("/"), own)
        if found and found[1] != "base" and "$" not in found[1] and "site-packages" in found[2]:
            return Provide(base=True, target=Target("path", found[0]))
    if name != "PATH":
        return Provide()
    before = entries.index(conda[0])
    appended = any(_is_itself(entry, "PATH") for entry in entries[:before])
    for entry in conda:
        found = environment_path(entry.path.rstrip("/"), own)
        if found and found[2] == "bin":
            if "$" in found[1]:
                return Report(target=Target("path", found[0]))
            if found[1] != "base":
                target = Target("path", found[0])
                return Provide(base=True, target=target) if appended else Enter(target)
            return Provide(base=True, target=Target("base", found[0]))
    return Provide(base=any(map(_is_condas_own, conda)))


def _is_condas_own(entry: _Entry) -> bool:
    """Whether it is conda's own folder of programs, by a variable of which the script does not tell the value."""
    return entry.plain == entry.path and _BY_CONDAS_FOLDER.fullmatch(entry.path) is not None


def _points_into_conda(entry: _Entry, own: Iterable[str]) -> bool:
    if "TMPDIR" in entry.text + entry.path:
        return False
    # What the script sets to $CONDA_PREFIX is the virtualenv's from then on; see the rule for variables.
    return bool(
        environment_path(entry.path.rstrip("/"), own)
        or re.search(r"\$\(conda info --base\)", entry.path)
        or re.search(r"\$\{?(CONDA_PREFIX|CONDA_ROOT|CONDA_HOME|CONDA_DIR|CONDA_BASE)\}?/", entry.text)
        or _is_condas_own(entry)
    )


def _may_be_in(entry: _Entry, own: Iterable[str]) -> list[Inside]:
    """Where in conda an entry may lie, by the values that it may take."""
    found = (environment_path(path.rstrip("/"), own) for path in entry.possible)
    return [inside for inside in found if inside is not None]


def _first_of_conda(value: Word, command: Command, script: Script, own: Iterable[str]) -> _Entry | None:
    return next((entry for entry in _entries(value, command, script) if _points_into_conda(entry, own)), None)


def _paths(text: str, word: Word, command: Command, script: Script) -> tuple[str, tuple[str, ...]]:
    """What an entry of a word comes to, as far as the script tells, and what it may come to besides; a variable of
    several entries stays as it is.
    """
    plain = text.strip("\"'")
    parts = parts_of(plain)
    if "$" not in plain or "'" in text or any(part.text in (*_PATHS, *_LIBRARIES) for part in parts):
        return plain, ()
    value = value_of(script, Word(plain, parts, word.span, word.text, word.start), command)
    return plain if ":" in value.text else value.text, value.possible


def _entries(word: Word, command: Command, script: Script) -> list[_Entry]:
    """The entries between the colons."""
    source = word.source
    cuts = _cuts(source)
    found = []
    for number, ((_, left), (right, after)) in enumerate(pairwise([(0, 0), *cuts, (len(source), len(source))])):
        entry = source[left:right]
        start, end = left, right
        # A quote that opens before this entry and closes after it stays.
        start += 1 if entry.startswith('"') and entry.count('"') == 1 else 0
        end -= 1 if entry.endswith('"') and entry.count('"') == 1 and len(entry) > 1 else 0
        if after > right:
            end = after
        elif number:
            start -= 1 if source[start - 1 : start] == ":" else 0
        found.append(_Entry(start, end, entry, *_paths(entry, word, command, script)))
    return found


def _cuts(source: str) -> list[tuple[int, int]]:
    """Where one entry ends and the next one starts: a colon is between them, or `${PATH:+:$PATH}`, which brings its own
    colon, borders on another.
    """
    depth, quote = 0, ""
    cuts = [cut for match in _ITSELF_IF_SET.finditer(source) for cut in {match.start(), match.end()}]
    found = [(cut, cut) for cut in cuts if source[:cut].strip('"') and source[cut:].strip('"')]
    for at, letter in enumerate(source):
        if letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif letter in "'`" and quote in ("", letter):
            quote = "" if quote else letter
        elif letter == ":" and not depth and not quote:
            found.append((at, at + 1))
    return sorted(found)


RULE = Rule(
    "search-path",
    "PATH, LD_LIBRARY_PATH or PYTHONPATH is made to point into a conda",
    check,
    words=("export", "path", "ld_preload", *(name.lower() for name in _HOMES)),
    bad=(
        "export PATH=$HOME/miniconda3/bin:$PATH\n",
        'export PATH="/x/miniconda3/envs/foo/bin:/opt/tool/bin:$PATH"\n',
        "export PATH=/x/miniconda3/envs/$1/bin:$PATH\n",
        "E=/x/miniconda3/envs\nfor n in a b; do\n    export PATH=$E/$n/bin:$PATH\n    python x.py\ndone\n",
        "export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/x/miniconda3/envs/foo/lib/\n",
        "export LD_PRELOAD=/x/miniconda3/lib/libstdc++.so.6\n",
        "PYTHONPATH=/x/anaconda3/lib/python3.9/site-packages\n",
        'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib:$LD_LIBRARY_PATH"\n',
        'export PATH=/x/"miniconda3/bin:/opt/tool/bin:$PATH"\n',
        "MY_ENV=/x/miniconda3/envs/foo\nexport PATH=$MY_ENV/bin:$PATH\n",
        "export PATH=${B:-/x/miniconda3/envs/foo/bin}:$PATH\n",
        'PATH="${B:-$HOME/miniconda3/envs/foo/bin}:/opt/tool/bin:$PATH"\n',
        'export PATH="/x/miniconda3/envs/foo/bin${PATH:+:$PATH}"\n',
        "export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+${LD_LIBRARY_PATH}:}/x/miniconda3/lib\nconda activate foo\n",
        'export LD_LIBRARY_PATH="/opt/lib:/x/miniconda3/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\nconda activate x\n',
        "PATH=/x/miniconda3/envs/foo/bin:$PATH python x.py\n",
        "export PYTHONHOME=/x/miniconda3/envs/foo\n",
        "export CUDA_HOME=~/miniconda3\nconda activate x\n",
        "export XLA_FLAGS=--xla_gpu_cuda_data_dir=/x/miniconda3/envs/foo\nconda activate foo\n",
        "export R_LIBS=/x/miniconda3/envs/foo/lib/R/library\n",
        "srun env PATH=/x/miniconda3/envs/foo/bin:$PATH python x.py\n",
        "srun --export=ALL,PATH=/x/miniconda3/envs/foo/bin:$PATH python x.py\n",
        'sbatch --export="ALL,LD_LIBRARY_PATH=/x/miniconda3/envs/foo/lib" x.sh\n',
        "mpirun -n 4 -x PATH=/x/miniconda3/envs/foo/bin:$PATH python x.py\n",
    ),
    good=(
        "export PATH=$HOME/bin:$PATH\n",
        "export PYTHONPATH=$PYTHONPATH:$PWD\n",
        "CONDA_ROOT=/x/miniconda3\n",
        "export JAVA_HOME=/opt/java\n",
        "MY_ENV=/x/tool\nexport PATH=$MY_ENV/bin:$PATH\n",
        'export PATH="${B:-/opt/tool/bin}${PATH:+:$PATH}"\n',
        "env PATH=/x/tool/bin:$PATH python x.py\n",
        "srun --export=ALL,PATH=/x/tool/bin:$PATH python x.py\n",
    ),
    manual=__doc__ or "",
)
