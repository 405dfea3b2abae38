"""The command line: the order of calls, and exit codes."""

from __future__ import annotations

import os
import sys
from typing import IO, NoReturn

import click

from slurmfix import __version__, files
from slurmfix.config import BadConfiguration, Settings

NOTHING, CHANGES, ERROR, BROKEN = 0, 1, 2, 3
FORMATS = ("diff", "text", "json")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("-w", "--write", is_flag=True, help="Apply the changes; the diff that was applied is printed.")
@click.option("--check", is_flag=True, help="One line a finding, no diff.")
@click.option("--safe", is_flag=True, help="Only the changes that need no second look.")
@click.option("-o", "--output-format", type=click.Choice(FORMATS), default="diff", help="What to print.")
@click.option("--to", type=click.Choice(("auto", "virtualenv", "apptainer")), help="Where an environment goes.")
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME=FILE",
    help="The file or prefix that describes an environment.",
)
@click.option("--python", metavar="X.Y", help="The Python version to use.")
@click.option("--pins", type=click.Choice(("exact", "compatible", "none")), help="How strictly versions are kept.")
@click.option("--profile", metavar="NAME", help="The cluster, or `generic`.")
@click.option("--requirements", metavar="PATTERN", help="Names of the requirements files; {name} is the environment.")
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes for many files; default: the cores.")
@click.option("--rules", is_flag=True, help="List the rules.")
@click.option("--explain", metavar="RULE", help="A rule's manual page.")
@click.version_option(__version__, prog_name="slurmfix")
def main(
    paths: tuple[str, ...], write: bool, check: bool, safe: bool, output_format: str, to: str | None,
    environments: tuple[str, ...], python: str | None, pins: str | None, profile: str | None, requirements: str | None,
    jobs: int | None, rules: bool, explain: str | None,
) -> None:  # fmt: skip
    """Rewrite Slurm job scripts from conda to modules and a virtualenv, as a diff.

    PATH is a job script, a folder, an environment file, or - for standard input. Nothing is written without --write.
    Exit status: 0 nothing to do, 1 something would change or remains, 2 an error, 3 a broken promise.
    """
    if rules or explain:
        _explain(explain)
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    from slurmfix.batch import Task

    given = {"to": to, "python": python, "pins": pins, "profile": profile, "requirements": requirements}
    settings = _settings(paths, {key: value for key, value in given.items() if value is not None}, environments)
    task = Task(settings, safe)
    sys.exit(_run(paths, task, write, check, output_format, jobs or _cores()))


def _run(paths: tuple[str, ...], task, write: bool, check: bool, output_format: str, jobs: int) -> int:
    from slurmfix import batch

    listed = [path for path in paths if path != "-"]
    results = list(batch.outcomes(files.find(listed, task.settings.exclude), task, jobs))
    if "-" in paths:
        results.append(batch.convert_bytes("-", sys.stdin.buffer.read(), task))
    results = batch.merged(results)
    if write:
        written: dict[str, str] = {}
        results = [batch.write(result, written) if result.path != "-" else result for result in results]
    _print(results, check, output_format)
    return _status(results, write)


def _print(results, check: bool, output_format: str) -> None:
    from slurmfix.report import text as lines

    out: list[str] = []
    if output_format == "json":
        import json

        from slurmfix.report.records import record, report

        shown: dict[str, str] = {}
        out.append(
            json.dumps(report([record(result, shown) for result in results]), indent=2, ensure_ascii=False) + "\n"
        )
    elif check or output_format == "text":
        out += [line + "\n" for result in results for line in lines.findings(result)]
    else:
        from slurmfix.report.diff import diff

        shown = {}
        out += [diff(result, shown) for result in results if result.changes]
    _write_out("".join(out))
    notes = [line for result in results for line in lines.remarks(result)]
    for line in notes:
        click.echo(line, err=True)
    if len(results) != 1 or notes:
        click.echo(lines.summary(results), err=True)


def _write_out(text: str) -> None:
    """Standard output as bytes: a diff holds what the files hold."""
    try:
        sys.stdout.buffer.write(files.encode(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ERROR)
    except OSError as error:
        _stop(f"standard output: {error.strerror}")


def _status(results, write: bool) -> int:
    if any(result.broken for result in results):
        return BROKEN
    if any(result.error for result in results):
        return ERROR
    if any(result.left or (result.changes and not result.written) for result in results):
        return CHANGES
    return NOTHING


def _settings(paths: tuple[str, ...], given: dict[str, str], environments: tuple[str, ...]) -> Settings:
    from dataclasses import replace

    from slurmfix.config import problem_of

    settings = _configured(paths)
    for key, value in given.items():
        problem = problem_of(key, value)
        if problem:
            raise click.BadParameter(f"must be {problem}, not {value!r}", param_hint=f"--{key}")
    named = []
    for entry in environments:
        name, equals, path = entry.partition("=")
        if not equals or not name or not path:
            raise click.BadParameter(f"{entry!r} is not NAME=FILE", param_hint="--env")
        if not os.path.exists(os.path.expanduser(path)):
            _stop(f"{path}: no such file (--env {name})")
        named.append((name, path))
    settings = replace(settings, **given, env=(*named, *settings.env))
    if settings.profile != "alliance":
        from slurmfix.knowledge import UnknownProfile
        from slurmfix.knowledge import profile as load

        try:
            load(settings.profile)
        except UnknownProfile as error:
            _stop(str(error))
    return settings


def _configured(paths: tuple[str, ...]) -> Settings:
    """The nearest configuration file's settings: from the first path upwards."""
    from slurmfix.config import settings_from

    first = next((path for path in paths if path != "-"), ".")
    folder = os.path.abspath(first if os.path.isdir(first) else os.path.dirname(first) or ".")
    while True:
        for name in ("slurmfix.toml", ".slurmfix.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                try:
                    found = settings_from(files.decode(files.read(path), path), path, folder)
                except files.Unreadable as error:
                    _stop(f"{path}: {error.reason}")
                except BadConfiguration as error:
                    _stop(str(error))
                if found is not None:
                    return found
        parent = os.path.dirname(folder)
        if parent == folder:
            return Settings()
        folder = parent


def _explain(rule: str | None) -> NoReturn:
    from slurmfix.rules import RULES

    if rule is None:
        width = max(len(each.name) for each in RULES)
        click.echo("\n".join(f"{each.name:{width}}  {each.says}" for each in RULES))
        sys.exit(NOTHING)
    found = next((each for each in RULES if each.name == rule), None)
    if found is None:
        _stop(f"no rule {rule!r}; slurmfix --rules lists them")
    click.echo(found.manual.strip())
    sys.exit(NOTHING)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop(message: str, stream: IO[str] | None = None) -> NoReturn:
    from slurmfix.report.text import visible

    click.echo(f"slurmfix: {visible(message)}", err=True)
    sys.exit(ERROR)
