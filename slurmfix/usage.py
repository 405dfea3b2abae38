"""What is said of a wrong use of the command line, in the language of the run: click's own words are English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from slurmfix.language import ENGLISH, chosen, tr
from slurmfix.remarks import phrase

# What click says of a value, and the same as words of phrases.
_OF_VALUES = (
    (r"(?P<value>.+) is not one of (?P<known>.+)\.", "{value} is not one of {known}"),
    (r"(?P<value>.+) is not in the range (?P<known>.+)\.", "{value} is not in the range {known}"),
    (r"(?P<value>.+) is not a valid integer(?: range)?\.", "{value} is not a whole number"),
)


@contextmanager
def in_its_words() -> Iterator[None]:
    """A wrong use is told in the language of the run."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        if chosen() == ENGLISH or isinstance(error, WrongUse):
            raise
        raise WrongUse(error) from error


class WrongUse(click.UsageError):
    """An error of use in the words of the run's language."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(_said(error), error.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        lines = [tr(phrase("Error: {problem}", problem=self.message))]
        if self.ctx is not None:
            usage = self.ctx.get_usage().partition(": ")[2]
            hint = phrase("Try '{command} --help' for help.", command=self.ctx.command_path)
            lines = [tr(phrase("Usage: {usage}", usage=usage)), tr(hint), "", *lines]
        click.echo("\n".join(lines), file=file, err=file is None)


def _said(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ())
        words = "there is no option {name}, did you mean {near}?" if near else "there is no option {name}"
        return tr(phrase(words, name=error.option_name, near=near))
    if isinstance(error, click.BadOptionUsage):
        return tr(phrase("the option {name} needs a value", name=error.option_name))
    if isinstance(error, click.BadParameter):
        hint = error.param_hint or (error.param.get_error_hint(error.ctx) if error.param and error.ctx else "")
        return tr(phrase("the value of {option} cannot be used, since {problem}", option=hint, problem=_problem(error)))
    return tr(error.message)


def _problem(error: click.BadParameter) -> str:
    for pattern, words in _OF_VALUES:
        if match := re.fullmatch(pattern, error.message):
            return phrase(words, **match.groupdict())
    return error.message
