"""The command line: the order of calls, and exit codes."""

from __future__ import annotations

import gc
import inspect
import os
import sys
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NoReturn

import click

from slurmfix import files, language, programs, streams
from slurmfix.config import WAYS, BadConfiguration, Settings
from slurmfix.options import BadOption, Options, configuration, fault, options, settings
from slurmfix.triage import told
from slurmfix.usage import in_its_words

if TYPE_CHECKING:
    from slurmfix import batch
    from slurmfix.outcome import Outcome

NOTHING, CHANGES, ERROR, BROKEN = 0, 1, 2, 3
FORMATS = ("diff", "text", "json", "sarif", "github", "html")
SHELLS = ("bash", "zsh", "fish")
# What a proposed command does not repeat: it says itself what is to be done, and where it is shown.
_NOT_REPEATED = (
    "write", "accept_unknown", "interactive", "check", "output_format", "statistics", "census", "quiet", "color",
    "paths", "jobs", "rehearse", "rehearse_script", "test_job", "lock", "yes",
)  # fmt: skip


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

    def make_context(self, info_name: str | None, args: list[str], *given: Any, **options: Any) -> click.Context:
        language.choose(_language_of(args))
        with streams.ending_tidily(), in_its_words():
            return super().make_context(info_name, args, *given, **options)

    def format_help(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """In the language of the run."""
        texts: list[Any] = [self, *(each for each in self.get_params(context) if isinstance(each, click.Option))]
        english = [each.help or "" for each in texts]
        for each, text in zip(texts, english, strict=True):
            each.help = language.tr(inspect.cleandoc(text))
        super().format_help(context, formatter)
        for each, text in zip(texts, english, strict=True):
            each.help = text

    def invoke(self, context: click.Context) -> Any:
        with streams.ending_tidily(), in_its_words():
            return super().invoke(context)


def _language_of(words: Sequence[str]) -> str | None:
    """What --lang says: the help is shown before the options are read."""
    for at, word in enumerate(words):
        if word == "--lang":
            return next(iter(words[at + 1 :]), None)
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


@click.command(cls=_Command, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("-w", "--write", is_flag=True, help="Apply the changes; --undo takes them back.")
@click.option("-i", "--interactive", is_flag=True, help="Ask change by change, and apply what is agreed to.")
@click.option("--check", is_flag=True, help="One line per finding, no diff.")
@click.option("--safe", is_flag=True, help="Only the changes that need no second look.")
@click.option("--accept-unknown", is_flag=True, help="With --write: also jobs whose packages nobody knows.")
@click.option("--undo", is_flag=True, help="Take back what the last --write in this folder wrote.")
@click.option("-o", "--output-format", type=click.Choice(FORMATS), default="diff", help="What to print.")
@click.option("--statistics", is_flag=True, help="Count the findings and remarks instead of showing them.")
@click.option("--census", is_flag=True, help="Count what environments ask for and the cluster lacks, as a table.")
@click.option("-q", "--quiet", is_flag=True, help="Print no remarks, only errors.")
@click.option("--to", type=click.Choice(WAYS), help="What takes an environment's place.")
@click.option("--env", multiple=True, metavar="NAME=FILE", help="The file or prefix that describes an environment.")
@click.option("--python", metavar="X.Y", help="The Python version to use.")
@click.option("--pins", type=click.Choice(("exact", "compatible", "none")), help="How strictly versions are kept.")
@click.option("--profile", metavar="NAME", help="The cluster, or a profile's file; default: CC_CLUSTER's.")
@click.option("--requirements", metavar="PATTERN", help="Names of the requirements files; {name} is the environment.")
@click.option("--ask", is_flag=True, help="Also ask the cluster: its modules, avail_wheels and conda.")
@click.option("--modules", is_flag=True, help="Also move module lines to what there is, in scripts without conda too.")
@click.option("--select", multiple=True, metavar="RULE", help="Only what these rules find.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not what these rules find; not these messages.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave out files, in the syntax of .gitignore.")
@click.option("--config", metavar="FILE", help="The configuration, in the place of the one that is found.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the file that - reads.")
@click.option("--rehearse", is_flag=True, help="Build each environment once, here, and import what the jobs import.")
@click.option("--rehearse-script", is_flag=True, help="Print the script that --rehearse runs.")
@click.option("--test-job", is_flag=True, help="Print a job of five minutes that rehearses on a compute node.")
@click.option("--lock", is_flag=True, help="With --rehearse: write the frozen list as the requirements file.")
@click.option("-y", "--yes", is_flag=True, help="With --rehearse: fetch what has to be prepared without asking.")
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes to run; default: one per core.")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="When to use colours; default: auto.",
)
@click.option("--lang", type=click.Choice(("en", "fr")), help="The language of messages; default: that of the locale.")
@click.option("--show-config", is_flag=True, help="The settings, and where each comes from.")
@click.option("--rules", is_flag=True, help="List the rules.")
@click.option("--profiles", is_flag=True, help="List the clusters.")
@click.option("--make-profile", is_flag=True, help="Print a first profile of this cluster, to be corrected.")
@click.option("--explain", metavar="NAME", help="The manual page of a rule, a message, a grade or a class.")
@click.option("--completion", type=click.Choice(SHELLS), help="The completions for a shell, to be kept in a file.")
@click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Versions and dates."
)
@click.pass_context
def main(context: click.Context, /, paths: tuple[str, ...], **asked: Any) -> None:
    """Rewrite Slurm job scripts from conda to modules and a virtualenv, as a diff.

    PATH is a job script, a folder, an environment file, or - for standard input. Nothing is written without --write.
    Exit status: 0 nothing to do, 1 something would change or remains, 2 an error, 3 a broken promise.
    """
    gc.set_threshold(1_000_000, 20, 100)  # what a run makes it keeps until it ends: there is little to collect
    _page(asked)
    _refuse_lost_folder()
    try:
        wanted = _options(asked)
        if asked["show_config"]:
            _show_config(next(iter(paths), "."), wanted)
        if asked["undo"]:
            _undo()
        _refuse_what_does_not_go_together(paths, asked)
        _run(context, paths, wanted, asked)
    except (click.UsageError, BadOption, files.Unreadable, BadConfiguration) as error:
        said = error.message if isinstance(error, click.UsageError) else error.args[0]
        said = f"{error.path}: {error.reason}" if isinstance(error, files.Unreadable) else said
        if asked["rehearse"] and asked["output_format"] == "json":  # data is answered with data, whatever goes wrong
            from slurmfix.rehearsal import data

            click.echo(data([], [], said), nl=False)
        if isinstance(error, BadOption):
            raise click.BadParameter(said, param_hint=error.option) from error
        if isinstance(error, click.UsageError):
            raise
        _stop(said)


def _options(asked: dict[str, Any]) -> Options:
    values = {key: asked[key] for key in ("to", "python", "pins", "profile", "requirements")}
    names = ("env", "exclude", "ignore", "select", "config", "isolated")
    return options(values, **{name: asked[name] for name in names})


def _refuse_what_does_not_go_together(paths: tuple[str, ...], asked: dict[str, Any]) -> None:
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    counts = asked["statistics"] or asked["census"]
    other = asked["check"] or asked["write"] or counts or asked["output_format"] != "diff"
    if asked["interactive"] and (other or "-" in paths):
        raise click.UsageError(
            "--interactive asks about files and writes what is agreed to: it goes with no other output."
        )
    rehearses = asked["rehearse"] or asked["rehearse_script"] or asked["test_job"]
    if rehearses and (asked["write"] or asked["interactive"] or "-" in paths):
        raise click.UsageError("--rehearse and its kin write no script: they go with files, and without --write.")
    if (asked["lock"] or asked["yes"]) and not asked["rehearse"]:
        raise click.UsageError("--lock and --yes go with --rehearse.")
    if asked["stdin_filename"] and paths != ("-",):
        raise click.UsageError("--stdin-filename names what - is: it goes with - alone.")


def _run(context: click.Context, paths: tuple[str, ...], wanted: Options, asked: dict[str, Any]) -> None:
    write = asked["write"]
    programs.keep_out_of(files.worked_on(paths))
    from slurmfix.unusable import usable

    paths, lost = usable(paths, wanted)
    if write or asked["interactive"]:
        _clear_up(paths, wanted)
    from slurmfix.output import Wish, print_report, print_text

    results, interrupted = [*lost, *_converted(paths, wanted, asked)], False
    if any(os.path.isfile(path) for path in paths):
        from slurmfix.started import with_started

        results = with_started(results, paths)
    if any(os.path.isdir(path) for path in paths) and not asked["interactive"]:
        from slurmfix.elsewhere import with_elsewhere

        results = with_elsewhere(results, paths)
    if asked["rehearse"] or asked["rehearse_script"] or asked["test_job"]:
        _rehearse(results, settings(paths[0], wanted), asked)
    if asked["interactive"]:
        from slurmfix.interactive import ask_about

        results = ask_about(results, asked["color"])
    elif write:
        results, interrupted = _written(results, asked["accept_unknown"])
    shown = asked["output_format"]
    wish = Wish(
        "none" if asked["interactive"] else "text" if asked["check"] else shown, asked["color"], asked["quiet"],
        asked["statistics"], asked["census"], write, _repeated(context), paths,
        _slips(paths, wanted, results, asked),
    )  # fmt: skip
    if write and asked["stdin_filename"] and shown == "diff" and not asked["check"]:
        print_text(results[-1])
        wish = wish._replace(output_format="none")
    print_report(results, wish)
    if interrupted:
        raise KeyboardInterrupt
    sys.exit(_status(results, write))


def _rehearse(results: list[Outcome], own: Settings, asked: dict[str, Any]) -> NoReturn:
    from slurmfix.rehearsal import Wanted, rehearse_all

    form = "script" if asked["rehearse_script"] else "job" if asked["test_job"] else asked["output_format"]
    sys.exit(rehearse_all(results, own, Wanted(form, asked["yes"], asked["lock"], asked["color"])))


def _slips(paths: tuple[str, ...], wanted: Options, results: list[Outcome], asked: dict[str, Any]) -> list[str]:
    """What was asked for or set, and has no effect."""
    if not (asked["modules"] or any(result.plan is not None or result.created for result in results)):
        return []  # where nothing speaks of conda, nothing could have had one
    from slurmfix.slips import slips
    from slurmfix.version import old_tables

    dated = old_tables() if any(result.environments for result in results) else ""
    return [*slips(paths, wanted, results, asked["ask"], asked["modules"]), *([dated] if dated else [])]


def _repeated(context: click.Context) -> list[str]:
    """The options of this command that a proposed one repeats, in one spelling."""
    found = []
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is click.core.ParameterSource.COMMANDLINE
        if given and option.name not in _NOT_REPEATED:
            value, name = context.params.get(option.name or ""), max(option.opts, key=len)
            values = value if isinstance(value, tuple) else (value,)
            found += [name] if value is True else [word for each in values for word in (name, str(each))]
    return found


def _refuse_lost_folder() -> None:
    """Paths are read and shown as seen from the working folder."""
    try:
        os.getcwd()
    except OSError as error:
        _stop(f"the working folder: {files.reason(error)}")


def _converted(paths: Sequence[str], wanted: Options, asked: dict[str, Any]) -> list[Outcome]:
    """What becomes of each file; each goes by the configuration that is nearest to it."""
    from slurmfix.unusable import lost

    named = groupby((path for path in paths if path != "-"), key=lambda path: settings(path, wanted).exclude)
    results: list[Outcome | None] = []
    waiting: list[files.Found] = []
    for exclude, listed in named:
        for place in files.find(listed, exclude):
            outcome = told(place, asked["modules"])
            if outcome is None and (found := fault(place.path, wanted)) is not None:
                outcome = lost(found)
                if outcome in results:
                    continue
            results.append(outcome)
            if outcome is None:
                waiting.append(place._replace(folder=files.folder_of(place.path)))
    if not waiting and "-" not in paths:
        return [outcome for outcome in results if outcome is not None]
    from slurmfix import batch
    from slurmfix.screen import progress, screen

    roots = tuple(os.path.realpath(path) for path in paths if os.path.isdir(path))
    given = frozenset(os.path.realpath(place.path) for place in waiting)

    def task(own: Settings) -> batch.Task:
        return batch.Task(own, asked["safe"], asked["ask"], roots, given, asked["modules"])

    groups = groupby(waiting, key=lambda place: settings(place.path, wanted))
    jobs = asked["jobs"] or _cores()
    outcomes = (each for own, places in groups for each in batch.outcomes(list(places), task(own), jobs))
    done = progress(outcomes, len(waiting), screen(sys.stderr, asked["color"]))
    filled = [outcome if outcome is not None else next(done) for outcome in results]
    if "-" in paths:
        name = asked["stdin_filename"] or "-"
        filled.append(_standard_input(name, task(settings(name, wanted))))
    return batch.seen_from_the_root(batch.merged(filled))


def _standard_input(name: str, task: batch.Task) -> Outcome:
    from slurmfix import batch
    from slurmfix.outcome import Outcome

    data = sys.stdin.buffer.read(files.MOST + 1)  # it may have no end
    if len(data) > files.MOST:
        return Outcome(name, error=f"larger than {files.MOST / 1e6:g} MB")
    place = files.Found(name, named=True, data=data)
    outcome = next(iter(batch.outcomes([place], task, 1)))._replace(piped=name != "-")
    if outcome.before or outcome.error:
        return outcome
    text = data.decode("utf-8", "surrogateescape")  # of a file that is told by its bytes: it goes out as it came in
    return outcome._replace(before=text, after=text)


def _clear_up(paths: Sequence[str], wanted: Options) -> None:
    from slurmfix import batch

    named = [path for path in paths if path != "-"]
    batch.clear_up(place for path in named for place in files.find([path], settings(path, wanted).exclude))


def _written(results: Sequence[Outcome], accept_unknown: bool) -> tuple[list[Outcome], bool]:
    """What became of the files, up to where the user interrupts it, and whether that was so.

    What was written by then has to be told: it is the patch that takes it back.
    """
    import signal

    from slurmfix import batch, undo

    done: dict[str, str] = {}
    written: list[Outcome] = []
    interrupts: list[int] = []
    undo.remember([result for result in results if accept_unknown or not result.unknown])
    before = signal.signal(signal.SIGINT, lambda number, frame: interrupts.append(number))
    try:
        for result in results:
            if interrupts:
                break
            written.append(batch.write(result, done, accept_unknown) if result.path != "-" else result)
    finally:
        signal.signal(signal.SIGINT, before)
    return written, bool(interrupts)


def _undo() -> NoReturn:
    from slurmfix import undo
    from slurmfix.language import tr
    from slurmfix.report.text import visible

    lines, failed = undo.undo()
    click.echo("".join(f"{visible(tr(line))}\n" for line in lines), err=True, nl=False)
    sys.exit(ERROR if failed else NOTHING)


def _status(results: Sequence[Outcome], write: bool) -> int:
    if any(result.broken for result in results):
        return BROKEN
    if any(result.error for result in results):
        return ERROR
    if any(result.left or (result.changes and not result.written) for result in results):
        return CHANGES
    return NOTHING


def _show_config(path: str, wanted: Options) -> NoReturn:
    from slurmfix.config import shown
    from slurmfix.report.text import visible

    click.echo("\n".join(map(visible, shown(configuration(path, wanted)).split("\n"))))
    sys.exit(NOTHING)


def _page(asked: dict[str, Any]) -> None:
    """Ends the run with what is only shown: a list, a manual page, a shell's file."""
    if asked["completion"]:
        from slurmfix.completion import completion

        click.echo(completion(asked["completion"], main), nl=False)
        sys.exit(NOTHING)
    if asked["profiles"]:
        from slurmfix.knowledge import UnknownProfile, profiles_listed

        try:
            click.echo(profiles_listed())
        except UnknownProfile as error:
            _stop(str(error))
        sys.exit(NOTHING)
    if asked["make_profile"]:
        from datetime import date

        from slurmfix.cluster import Cluster
        from slurmfix.survey import Survey, first_profile

        click.echo(first_profile(Survey(Cluster().module), date.today()), nl=False)
        sys.exit(NOTHING)
    if asked["rules"] or asked["explain"]:
        _explain(asked["explain"])


def _explain(name: str | None) -> NoReturn:
    from slurmfix.config import nearest
    from slurmfix.language import tr
    from slurmfix.report.manual import listing, message_pages, page, pages

    found = page(name) if name is not None else None
    if name is not None and found is None:
        names = tuple(each.name for each in (*pages(), *message_pages()))
        said = tr("there is no rule {rule}{near}; slurmfix --rules lists them")
        _stop(said.format(rule=repr(name), near=tr(nearest(name, names))))
    click.echo(found.text if found is not None else listing())
    sys.exit(NOTHING)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop(message: str) -> NoReturn:
    if message:
        from slurmfix.report.text import visible

        click.echo(f"slurmfix: {visible(message)}", err=True)
    sys.exit(ERROR)
