"""Completions for bash, zsh and fish, made from the command's own options.

They are plain files: a TAB that started Python to ask click would cost a tenth of a second each time.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from slurmfix.knowledge import profile_names, standard_environments
from slurmfix.report.manual import pages

_FILES = ("--env", "--requirements", "--config", "--stdin-filename")


def completion(shell: str, command: click.Command) -> str:
    """The file that a shell reads; `shell` is bash, zsh or fish."""
    return _SHELLS[shell](options(command))


def _names(option: str) -> list[str]:
    """What can stand behind an option that click has no list for."""
    if option == "--profile":
        return list(profile_names())
    if option in ("--explain", "--select", "--ignore"):
        return [page.name for page in pages() if option == "--explain" or page.kind == "rule"]
    return list(standard_environments()[0].pythons) if option == "--python" else []


def options(command: click.Command) -> list[click.Option]:
    context = click.Context(command, **command.context_settings)
    found = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    for option in found:
        option.opts.sort(key=len)  # click 8.3.3 keeps the names of --help in a set, in any order
    return found


def values(option: click.Option) -> list[str] | None:
    """What can stand behind an option; [] for a file or free text, None for nothing."""
    if option.is_flag:
        return None
    if isinstance(option.type, click.Choice):
        return [str(choice) for choice in option.type.choices]
    return _names(option.opts[-1])


def _bash(listed: list[click.Option]) -> str:
    cases = []
    for option in listed:
        found = values(option)
        if found is None:
            continue
        names = "|".join(option.opts)
        if found:
            cases.append(f'        {names}) COMPREPLY=($(compgen -W "{" ".join(found)}" -- "$word")); return ;;')
        elif option.opts[-1] in _FILES:
            cases.append(f'        {names}) COMPREPLY=($(compgen -f -- "${{word#*=}}")); return ;;')
        else:
            cases.append(f"        {names}) return ;;")
    every = " ".join(name for option in listed for name in option.opts)
    return "\n".join([
        "# Completion of slurmfix for bash. Made by slurmfix --completion bash.",
        "_slurmfix() {",
        '    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
        "    COMPREPLY=()",
        "    # bash takes --to=auto for three words",
        '    [[ "$word" == "=" ]] && word="" before="="',
        '    [[ "$before" == "=" ]] && before="${COMP_WORDS[COMP_CWORD-1]}"',
        '    [[ "$before" == "=" ]] && before="${COMP_WORDS[COMP_CWORD-2]}"',
        '    case "$before" in',
        *cases,
        "    esac",
        '    if [[ "$word" == -* ]]; then',
        f'        COMPREPLY=($(compgen -W "{every}" -- "$word"))',
        "    else",
        "        compopt -o filenames 2>/dev/null",
        "        local IFS=$'\\n'",
        '        COMPREPLY=($(compgen -f -- "$word"))',
        "    fi",
        "}",
        "complete -F _slurmfix slurmfix",
        "",
    ])  # fmt: skip


def _zsh(listed: list[click.Option]) -> str:
    lines = []
    for option in listed:
        says = (option.help or "").rstrip(".")
        for letter, written in (("[", "("), ("]", ")"), ("'", "'\\''"), (":", "\\:")):
            says = says.replace(letter, written)
        found = values(option)
        action = "" if found is None else f":{option.metavar or 'value'}:{_behind(option, found)}"
        several = "*" if option.multiple else ""
        exclude = "" if option.multiple else f"({' '.join(option.opts)})"
        lines += [f"    '{exclude}{several}{name}[{says}]{action}'" for name in option.opts]
    return "\n".join([
        "#compdef slurmfix",
        "# Completion of slurmfix for zsh. Made by slurmfix --completion zsh.",
        "_arguments -s -S \\",
        *(f"{line} \\" for line in lines),
        "    '*:job script, folder or environment file:_files'",
        "",
    ])  # fmt: skip


def _behind(option: click.Option, found: list[str]) -> str:
    """The action of zsh: the words, files, or nothing that could be proposed."""
    if found:
        return f"({' '.join(found)})"
    return "_files" if option.opts[-1] in _FILES else " "


def _fish(listed: list[click.Option]) -> str:
    lines = ["# Completion of slurmfix for fish. Made by slurmfix --completion fish."]
    for option in listed:
        says = (option.help or "").rstrip(".").replace("\\", "\\\\").replace("'", "\\'")
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.opts)
        found = values(option)
        if found is None:
            behind = ""
        elif found:
            behind = f" -x -a '{' '.join(found)}'"
        else:
            behind = " -r" if option.opts[-1] in _FILES else " -x"
        lines.append(f"complete -c slurmfix {names}{behind} -d '{says}'")
    return "\n".join(lines) + "\n"


_SHELLS: dict[str, Callable[[list[click.Option]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
