"""The command line: the order of calls, and exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NoReturn

import click

from slurmfix import files, streams
from slurmfix.config import BadConfiguration, Configuration, Settings, configured, given, problem_of
from slurmfix.triage import told

if TYPE_CHECKING:
    from slurmfix import batch
    from slurmfix.outcome import Outcome

NOTHING, CHANGES, ERROR, BROKEN = 0, 1, 2, 3
FORMATS = ("diff", "text", "json", "sarif", "github", "html")


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from slurmfix.version import version

        click.echo(version())
        context.exit()


class _Command(click.Command):
    """Ends with a line and the status of an error where a stream takes no more: click would end with 1, which says that
    something would change, or in a traceback.
    """

    def main(self, *given: Any, **options: Any) -> Any:
        streams.open_all()
        with streams.ending_tidily():
            return super().main(*given, **options)

    def make_context(self, *given: Any, **options: Any) -> click.Context:
        with streams.ending_tidily():
            return super().make_context(*given, **options)

    def invoke(self, context: click.Context) -> Any:
        with streams.ending_tidily():
            return super().invoke(context)


@click.command(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path())
@click.option("-w", "--write", is_flag=True, help="Apply the changes; the diff that was applied is printed.")
@click.option("-i", "--interactive", is_flag=True, help="Ask change by change, and apply what is agreed to.")
@click.option("--check", is_flag=True, help="One line a finding, no diff.")
@click.option("--safe", is_flag=True, help="Only the changes that need no second look.")
@click.option("-o", "--output-format", type=click.Choice(FORMATS), default="diff", help="What to print.")
@click.option("--to", type=click.Choice(("auto", "virtualenv", "apptainer")), help="Where an environment goes.")
@click.option("--env", multiple=True, metavar="NAME=FILE", help="The file or prefix that describes an environment.")
@click.option("--python", metavar="X.Y", help="The Python version to use.")
@click.option("--pins", type=click.Choice(("exact", "compatible", "none")), help="How strictly versions are kept.")
@click.option("--profile", metavar="NAME", help="The cluster, or `generic`.")
@click.option("--requirements", metavar="PATTERN", help="Names of the requirements files; {name} is the environment.")
@click.option("--ask", is_flag=True, help="Also ask the cluster: its modules, avail_wheels and conda.")
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes for many files; default: the cores.")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="When to use colours; default: auto.",
)
@click.option("--show-config", is_flag=True, help="The settings, and where each comes from.")
@click.option("--rules", is_flag=True, help="List the rules.")
@click.option("--explain", metavar="NAME", help="The manual page of a rule, an applicability or a class.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Versions and dates."
)
def main(
    paths: tuple[str, ...], write: bool, interactive: bool, check: bool, safe: bool, output_format: str, to: str | None,
    env: tuple[str, ...], python: str | None, pins: str | None, profile: str | None, requirements: str | None,
    ask: bool, jobs: int | None, color: str, show_config: bool, rules: bool, explain: str | None,
) -> None:  # fmt: skip
    """Rewrite Slurm job scripts from conda to modules and a virtualenv, as a diff.

    PATH is a job script, a folder, an environment file, or - for standard input. Nothing is written without --write.
    Exit status: 0 nothing to do, 1 something would change or remains, 2 an error, 3 a broken promise.
    """
    gc.set_threshold(1_000_000, 20, 100)  # what a run makes it keeps until it ends: there is little to collect
    if rules or explain:
        _explain(explain)
    _refuse_lost_folder()
    wishes = {"to": to, "python": python, "pins": pins, "profile": profile, "requirements": requirements}
    options = _checked({key: value for key, value in wishes.items() if value is not None}, env)
    if show_config:
        _show_config(_configuration(_folder(next(iter(paths), ".")), options))
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    if interactive and (check or write or output_format != "diff" or "-" in paths):
        raise click.UsageError(
            "--interactive asks about files and writes what is agreed to: it goes with no other output."
        )
    if write or interactive:
        _clear_up(paths, options)
    from slurmfix.output import print_report

    results, interrupted = _converted(paths, options, safe, ask, jobs or _cores(), color), False
    if any(os.path.isfile(path) for path in paths):
        from slurmfix.started import with_started

        results = with_started(results, paths)
    if interactive:
        from slurmfix.interactive import ask_about

        results = ask_about(results, color)
    elif write:
        results, interrupted = _written(results)
    print_report(results, "none" if interactive else "text" if check else output_format, color, paths)
    if interrupted:
        raise KeyboardInterrupt
    sys.exit(_status(results, write))


def _refuse_lost_folder() -> None:
    """Paths are read and shown as seen from the working folder."""
    try:
        os.getcwd()
    except OSError as error:
        _stop(f"the working folder: {files.reason(error)}")


Options = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]  # what the command line sets; its --env


def _checked(values: dict[str, str], environments: tuple[str, ...]) -> Options:
    for key, value in values.items():
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
    return tuple(values.items()), tuple(named)


def _converted(paths: Sequence[str], options: Options, safe: bool, ask: bool, jobs: int, color: str) -> list[Outcome]:
    """What becomes of each file; each goes by the configuration that is nearest to it."""
    named = groupby((path for path in paths if path != "-"), key=lambda path: _settings(path, options).exclude)
    results: list[Outcome | None] = []
    waiting: list[files.Found] = []
    for exclude, listed in named:
        for place in files.find(listed, exclude):
            outcome = told(place)
            results.append(outcome)
            if outcome is None:
                waiting.append(place)
    if not waiting and "-" not in paths:
        return [outcome for outcome in results if outcome is not None]
    from slurmfix import batch
    from slurmfix.screen import progress, screen

    groups = groupby(waiting, key=lambda place: _settings(place.path, options))
    done = progress(
        (
            outcome
            for settings, places in groups
            for outcome in batch.outcomes(list(places), batch.Task(settings, safe, ask), jobs)
        ),
        len(waiting),
        screen(sys.stderr, color),
    )
    filled = [outcome if outcome is not None else next(done) for outcome in results]
    if "-" in paths:
        task = batch.Task(_settings("-", options), safe, ask)
        filled.append(_standard_input(task))
    return batch.merged(filled)


def _standard_input(task: batch.Task) -> Outcome:
    from slurmfix import batch
    from slurmfix.outcome import Outcome

    data = sys.stdin.buffer.read(files.MOST + 1)  # it may have no end
    if len(data) > files.MOST:
        return Outcome("-", error=f"larger than {files.MOST / 1e6:g} MB")
    return batch.convert_bytes("-", data, task)


def _clear_up(paths: Sequence[str], options: Options) -> None:
    from slurmfix import batch

    named = [path for path in paths if path != "-"]
    batch.clear_up(place for path in named for place in files.find([path], _settings(path, options).exclude))


def _written(results: Sequence[Outcome]) -> tuple[list[Outcome], bool]:
    """What became of the files, up to where the user interrupts it, and whether that was so.

    What was written by then has to be told: it is the patch that takes it back.
    """
    import signal

    from slurmfix import batch

    done: dict[str, str] = {}
    written: list[Outcome] = []
    interrupts: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: interrupts.append(number))
    try:
        for result in results:
            if interrupts:
                break
            written.append(batch.write(result, done) if result.path != "-" else result)
    finally:
        signal.signal(signal.SIGINT, before)
    return written, bool(interrupts)


def _status(results: Sequence[Outcome], write: bool) -> int:
    if any(result.broken for result in results):
        return BROKEN
    if any(result.error for result in results):
        return ERROR
    if any(result.left or (result.changes and not result.written) for result in results):
        return CHANGES
    return NOTHING


def _folder(path: str) -> str:
    return os.path.abspath("." if path == "-" else path if os.path.isdir(path) else os.path.dirname(path) or ".")


def _settings(path: str, options: Options) -> Settings:
    return _configuration(_folder(path), options).settings


@lru_cache
def _configuration(folder: str, options: Options) -> Configuration:
    values, env = options
    try:
        found = given(configured(folder, _text_of), dict(values), env)
        _refuse_way_out(found)
    except files.Unreadable as error:
        _stop(f"{error.path}: {error.reason}")
    except BadConfiguration as error:
        _stop(str(error))
    if found.settings.profile != "alliance":
        from slurmfix.knowledge import UnknownProfile
        from slurmfix.knowledge import profile as load

        try:
            load(found.settings.profile)
        except UnknownProfile as error:
            _stop(f"{error} ({found.source('profile')})")
    return found


def _refuse_way_out(found: Configuration) -> None:
    """Raises BadConfiguration where a repository, whoever wrote it, wants new files to be put outside of it."""
    source = found.source("submit-dir")
    if source is None or source.level != "repository":
        return
    bound = files.repository_root(source.path) or os.path.dirname(source.path)
    if files.leads_astray(os.path.expanduser(found.settings.submit_dir), bound):
        why = (
            "submit-dir leads out of the repository, which only the user's or the site's own configuration may, "
            "or into .git"
        )
        raise BadConfiguration(source.path, source.line, why)


@lru_cache
def _text_of(path: str) -> str | None:
    return files.decode(files.read(path), path) if os.path.isfile(path) else None


def _show_config(configuration: Configuration) -> NoReturn:
    from slurmfix.config import shown
    from slurmfix.report.text import visible

    click.echo("\n".join(map(visible, shown(configuration).split("\n"))))
    sys.exit(NOTHING)


def _explain(name: str | None) -> NoReturn:
    from slurmfix.config import nearest
    from slurmfix.report.manual import listing, page, pages

    if name is None:
        click.echo(listing())
        sys.exit(NOTHING)
    found = page(name)
    if found is None:
        names = tuple(each.name for each in pages())
        _stop(f"no rule {name!r}{nearest(name, names)}; slurmfix --rules lists them")
    click.echo(found.text)
    sys.exit(NOTHING)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop(message: str) -> NoReturn:
    if message:
        from slurmfix.report.text import visible

        click.echo(f"slurmfix: {visible(message)}", err=True)
    sys.exit(ERROR)
