"""Environments that live in an Apptainer image: which commands run inside, and what the job and a person need for it.

The options are those of the wiki's page on Apptainer, with `-c` where its first example has `-C`: both part the
container from the node's files, but `-C` also empties the environment. What a step knows of each of its tasks
(`SLURM_PROCID`, `CUDA_VISIBLE_DEVICES`, what MPI passes on), what stands in front of a command (`OMP_NUM_THREADS=4 x`)
and what the script exports would be gone, and `--env` takes no value with a comma, as node lists have. With `-c` the
working directory and the job's folder are not there unless they are bound, and the home is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from slurmfix.plan.nodes import LAUNCHERS
from slurmfix.plan.place import apart, exclusive, job_of, same_job, surely
from slurmfix.plan.step import Image, Named, NewFile, Served, Style
from slurmfix.recipe import ImageRecipe
from slurmfix.rules import USES, Enter, Finding, Leave
from slurmfix.shell import CHAINED, CHECKED, SCRIPT, Command, Script, Word, directives_of, options_of, quoted, value_of
from slurmfix.shell.source import DOUBLE, SINGLE
from slurmfix.templates import render, render_file
from slurmfix.text import Edit, Span

_FEW = 3  # so many commands are edited where they stand; for more of them functions are easier to read
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
# What runs the command that its words name: a shell function is nothing to it.
_RUNNERS = frozenset(
    """
    time nohup env exec nice timeout command xargs parallel find ionice stdbuf numactl taskset setsid xvfb-run eval
    strace ltrace valgrind nsys perf watch unbuffer script mpirun_rsh
    """.split()
) | frozenset(LAUNCHERS) - {"torchrun"}
_ASKS = frozenset({"type", "hash"})
# A script that is called by its path runs in what its first line names.
_SUFFIXES = {".py": "python", ".r": "Rscript", ".pl": "perl", ".sh": "", ".bash": ""}
# Tools that every system has: they stay outside, whatever the environment has by these names.
_EVERYDAY = frozenset(
    """
    awk sed grep egrep gzip gunzip zcat bzip2 xz tar curl wget bash sh cat ls cp mv rm mkdir touch date hostname tr cut
    head tail sort uniq wc find tee diff echo printf test true false sleep env which git make openssl ssh rsync less
    more clear tput reset perl-config srun mpirun mpiexec activate deactivate conda mamba x86_64-conda-linux-gnu-ld id
    """.split()
)
_HOME = re.compile(r"(?:^|[\s=:\"'])~(?:/|$|\s)|\$\{?HOME\b|(?:^|[\s=:\"'])/home/")


def image_of(recipe: ImageRecipe, style: Style) -> tuple[Image, tuple[NewFile, ...], tuple[str, ...]]:
    """The image of an environment, the files it is built from, and the commands that build it, once, by a person.

    The paths of the files count from the folder that the job is submitted from. Raises TemplateFailed.
    """
    folder = style.images.rstrip("/")
    if not folder:
        path, built = f"{style.submit_dir}/{recipe.name}.sif", f"{recipe.name}.sif"
    elif folder.startswith(("/", "$")):
        path = built = f"{folder}/{recipe.name}.sif"
    else:
        path, built = f"{style.submit_dir}/{folder}/{recipe.name}.sif", f"{folder}/{recipe.name}.sif"
    commands = render(
        "build_image", style.templates, image=built, name=recipe.name, folder=folder, modules=style.modules
    )
    definition = render_file(
        "image.def", style.templates, name=recipe.name.rpartition("-")[0], file=recipe.name, commands=commands
    )
    files = (NewFile(f"{recipe.name}.def", definition.rstrip("\n") + "\n"), NewFile(f"{recipe.name}.yml", recipe.text))
    return Image(recipe.name, path), files, commands


# The commands of the job


@dataclass(frozen=True, slots=True)
class _Call:
    """A command that runs inside: `word` names its program; `direct` where a shell function would be called."""

    command: Command
    code: str
    word: Word
    program: str
    direct: bool
    inner: str = ""  # the quoting inside the word that the program stands in
    asks: bool = False  # `command -v x`: asks where the program is


def contained(
    script: Script, findings: tuple[Finding, ...], names: dict[int, Named], served: dict[str, Served],
    gone: frozenset[Span], style: Style,
) -> tuple[dict[str, Served], dict[int, tuple[Edit, ...]]]:  # fmt: skip
    """The environments with what their images need, and the edits of the commands that run inside, by finding.

    The edits belong to the activation that is in force where the command stands.
    """
    images = {code: one for code, one in served.items() if one.image is not None}
    if not images:
        return served, {}
    ours = {f.command.span for f in findings if isinstance(f.act, (*USES, Leave))} | gone
    calls: list[tuple[int, _Call]] = []
    for command in script.commands:
        if command.span in ours or command.broken or any(span.holds(command.span) for span in script.containers):
            continue
        at = in_force(command, findings, names)
        image = images.get(names[at].code) if at is not None else None
        if at is None or image is None:
            continue
        call = _called(script, command, names[at].code, image.provides, _same_shell(findings[at].command, command))
        if call is not None:
            calls.append((at, call))
    home = any(_HOME.search(c.source) for c in script.commands if c.span not in gone | ours)
    result = dict(served)
    for code, one in images.items():
        if one.image is None:
            continue
        entered = [at for at, name in names.items() if name.code == code and isinstance(findings[at].act, Enter)]
        direct = [call for _, call in calls if call.code == code and call.direct]
        many = len(direct) > _FEW or any(call.asks for call in direct)
        plain = entered and all(_is_plain(findings[at].command) for at in entered)
        functions: tuple[str, ...] = ()
        if many and plain and len(served) == 1 and not style.crlf:
            functions = tuple(sorted({call.program for call in direct if _is_name(call.program, style)}))
        gpu = any(asks_for_gpu(script, findings[at].command) for at, name in names.items() if name.code == code)
        result[code] = replace(
            one,
            image=replace(one.image, functions=functions, home=home, gpu=gpu),
            doubts=(*one.doubts, *_doubts(script, calls, code, bool(entered))),
        )
    edits: dict[int, tuple[Edit, ...]] = {}
    for at, call in calls:
        image = result[call.code]
        if image.image is None or (call.direct and call.program in image.image.functions):
            continue
        gpu = asks_for_gpu(script, call.command)
        edits[at] = (*edits.get(at, ()), _edit(script, call, prefix(replace(image.image, gpu=gpu), style)))
    return result, edits


def in_force(command: Command, findings: tuple[Finding, ...], names: dict[int, Named]) -> int | None:
    """The activation that is in force where a command stands, as far as the text tells; None where there is none."""
    stack: list[int] = []
    for at, finding in enumerate(findings):
        there = finding.command.within
        if not isinstance(finding.act, Enter | Leave) or finding.command.span.start >= command.span.start:
            continue
        if not same_job(there, command.within) or exclusive(there, command.within) or apart(there, command.within):
            continue
        if isinstance(finding.act, Enter):
            stack.append(at)
        elif stack and surely(there, command.within):
            stack.pop()
    if stack:
        return stack[-1]
    # A function that is defined before the activation is called after it.
    if any(place.kind == "function" for place in command.within):
        later = [
            at for at, finding in enumerate(findings)
            if isinstance(finding.act, Enter) and same_job(finding.command.within, command.within)
        ]  # fmt: skip
        if later and len({names[at].code for at in later}) == 1:
            return later[0]
    return None


def _same_shell(entering: Command, command: Command) -> bool:
    """Whether functions that are defined at the activation are known where the command runs."""
    return all(place in entering.within for place in command.within if place.kind == SCRIPT)


def _is_plain(command: Command) -> bool:
    """Whether definitions may stand where the activation stands."""
    return not any(place.kind in (CHECKED, CHAINED) for place in command.within[-1:])


def _is_name(program: str, style: Style) -> bool:
    """Whether the script's shell takes the program's name for a function's: plain sh takes no `fastq-dump`."""
    return bool(re.fullmatch(r"[A-Za-z_]\w*" if style.source == "." else r"[A-Za-z_][\w.+-]*", program, re.ASCII))


def _called(script: Script, command: Command, code: str, programs: frozenset[str], same: bool) -> _Call | None:
    """How a command calls a program of the environment; None where it does not."""
    words = command.words
    behind = False
    for at, word in enumerate(words):
        text = _text(script, word, command)
        first = text.split()[0] if text.split() else ""
        base = first.rsplit("/", 1)[-1]
        if _has(first, programs):
            inner = ""
            if behind and word.source[:1] in "\"'" and " " in text:
                inner = DOUBLE if word.source[0] == '"' else SINGLE
            named = word.value == first
            return _Call(command, code, word, first, same and not behind and named, inner)
        if _is_script(first, programs):
            return _Call(command, code, word, first, False)
        if base in _SHELLS:
            runs = _runs_ours(script, command, words[at + 1 :], programs)
            return _Call(command, code, word, base, False) if runs else None
        if at == 0 and (base == "which" or base in _ASKS or [w.literal for w in words[:2]] == ["command", "-v"]):
            asked = [w.literal for w in words[1:] if not w.literal.startswith("-")]
            if any(_has(name, programs) for name in asked):
                return _Call(command, code, word, asked[0], same and base != "which", asks=base != "which")
            return None
        if at == 0 and base not in _RUNNERS:
            return None
        behind = True
    return None


def _has(name: str, programs: frozenset[str]) -> bool:
    # Packages are called trim-galore and nanoplot where the programs are trim_galore and NanoPlot.
    return (name in programs or name.lower().replace("_", "-") in programs) and name not in _EVERYDAY


def _text(script: Script, word: Word, command: Command) -> str:
    if word.value is not None:
        return word.value
    return value_of(script, word, command).text if word.source[:1] in '$"' else word.literal


def _is_script(path: str, programs: frozenset[str]) -> bool:
    """Whether a path names a script that runs by its first line in the environment's interpreter."""
    match = re.search(r"/[^/]*?(\.\w+)\Z", path)
    interpreter = _SUFFIXES.get(match[1].lower()) if match else None
    return interpreter is not None and (not interpreter or interpreter in programs)


def _runs_ours(script: Script, command: Command, rest: tuple[Word, ...], programs: frozenset[str]) -> bool:
    """Whether a shell that the job starts calls programs of the environment: then it runs inside as a whole.

    A shell whose commands are read here is none of these: each of its commands is looked at by itself.
    """
    if any(place.kind == SCRIPT and command.whole.start <= place.span.start and _near(place, command)
           for other in script.commands for place in other.within):  # fmt: skip
        return False
    for at, word in enumerate(rest):
        if re.fullmatch(r"-[a-z]*c", word.literal):
            text = _text(script, rest[at + 1], command) if at + 1 < len(rest) else ""
            return any(_has(name, programs) for name in re.findall(r"[A-Za-z_][\w.+-]*", text))
        if not word.literal.startswith("-"):
            return True
    return any(redirect.startswith("<<") for redirect in command.redirects)


def _near(place: object, command: Command) -> bool:
    span = getattr(place, "span", command.span)
    return bool(span.start <= command.whole.end + 1 or command.whole.holds(span))


def asks_for_gpu(script: Script, command: Command) -> bool:
    """Whether the job that a command belongs to asks for a GPU."""
    directives, depth = script.directives, job_of(command.within)
    if depth:
        span = command.within[depth - 1].span
        directives, _ = directives_of(script.text[span.start : span.end].lstrip("'\"\n"))
    option = options_of(directive.arguments for directive in directives)
    if any(option(name) for name in ("--gpus", "--gpus-per-node", "--gpus-per-task", "--gpus-per-socket")):
        return True
    if option("-G") or "gpu" in (option("--gres") or "") or "gpu" in (option("--tres-per-node") or ""):
        return True
    return bool(re.search(r"--gres[=\s]\S*gpu|--gpus(?:-per-\w+)?[=\s]", command.source))


def prefix(image: Image, style: Style) -> str:
    """What stands in front of a command that runs in an image. Raises TemplateFailed."""
    lines = render(
        "contained", style.templates, workdir=style.workdir, binds=style.binds, home=image.home, gpu=image.gpu,
        image=image.path,
    )  # fmt: skip
    return " ".join(lines)


def _edit(script: Script, call: _Call, front: str) -> Edit:
    span, layers = call.word.span, call.command.layers
    written = script.text[span.start : span.end]
    if call.asks:
        words = call.command.words
        last = words[1] if words[0].literal == "command" else words[0]
        return Edit(Span(span.start, last.span.end), quoted(f"{front} which", layers))
    if call.inner:
        opening = 1 + sum(layer == DOUBLE for layer in layers)  # `\"` inside double quotes
        opening = written.index(call.word.source[0]) + 1 if call.word.source[0] in written else opening
        new = quoted(front + " ", (*layers, call.inner))
        return Edit(span, written[:opening] + new + written[opening:])
    return Edit(span, quoted(front + " ", layers) + written)


def _doubts(script: Script, calls: list[tuple[int, _Call]], code: str, entered: bool) -> tuple[str, ...]:
    """What the reviewer should know of how the commands run inside."""
    mine = [call for _, call in calls if call.code == code]
    told = []
    if not mine and entered:
        told.append(
            "no command is known to need its image: put `apptainer run` in front of those that do, as the wiki does"
        )
    wholes = [call for call in mine if call.program in _SHELLS or _SUFFIXES.get(_suffix(call.program)) == ""]
    if wholes:
        lines = sorted({script.text.count("\n", 0, call.word.span.start) + 1 for call in wholes})
        told.append(
            f"a script runs in the image as a whole (line {_listed(lines)}): it finds no module, srun or sbatch there"
        )
    installs = [call for call in mine if re.search(r"\bpip3?\s+install\b", call.command.source)]
    if installs:
        lines = sorted({script.text.count("\n", 0, call.word.span.start) + 1 for call in installs})
        told.append(
            f"an image is read-only, so pip installs nothing into it (line {_listed(lines)}): "
            "add that to its environment file, and take the command out"
        )
    parallel = [c for c in mine if c.command.name.rsplit("/", 1)[-1] in ("mpirun", "mpiexec", "mpiexec.hydra", "ibrun")]
    if parallel:
        told.append(
            "MPI over several nodes needs an MPI in the image that fits the cluster's: see the wiki's page on Apptainer"
        )
    return tuple(told)


def _suffix(path: str) -> str:
    return "." + path.rsplit(".", 1)[-1].lower() if "." in path else ""


def _listed(lines: list[int]) -> str:
    return ", ".join(map(str, lines))


def program_word(finding: Finding) -> Word | None:
    """The word that calls a program by its path; None where the path is a value or an argument."""
    words = finding.command.words
    for at, word in enumerate(words):
        if word.span.holds(finding.span):
            return word if at == 0 or words[0].literal.rsplit("/", 1)[-1] in _RUNNERS else None
    return None


def inside_path(new: str) -> str:
    """What one of conda's variables comes to inside of an image."""
    return {"${VIRTUAL_ENV}": "/opt/conda", "${VIRTUAL_ENV##*/}": "base"}.get(new, new)


# The place of the activation


def opening(served: Served, style: Style, modules: tuple[str, ...], handled: bool) -> list[str]:
    """The commands that make a job ready for its image: the module, and a check that the image is there."""
    image = served.image
    if image is None:
        return []
    return list(
        render(
            "image",
            style.templates,
            image=image.path,
            definition=f"{image.name}.def",
            modules=modules,
            handled=handled or style.crlf,
        )
    )


def definitions(served: Served, style: Style) -> list[str]:
    """One shell function for each program, so that the author's commands stay as they are."""
    image = served.image
    if image is None or not image.functions:
        return []
    helper = _helper(served)
    return [
        f'{helper}() {{ {prefix(image, style)} "$@"; }}',
        *(f'{name}() {{ {helper} {name} "$@"; }}' for name in image.functions),
    ]


def leaving(served: Served) -> str:
    """What takes the functions away; "" where there are none."""
    image = served.image
    if image is None or not image.functions:
        return ""
    return f"unset -f {' '.join((_helper(served), *image.functions))}"


def _helper(served: Served) -> str:
    return "in_" + re.sub(r"\W", "_", served.named.name, flags=re.ASCII)
