"""The commands that a rewritten job gets, as templates that a site can replace; the only door to jinja2."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
_HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?\s*\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MEANS_MORE = re.compile(r'[\\"$`]')


class TemplateFailed(Exception):
    """A template that cannot be read or filled; the message names the file and the reason."""


def names() -> tuple[str, ...]:
    """The names of all templates, each of which a site can replace."""
    return tuple(sorted(path.name for path in HERE.glob("*.j2")))


@lru_cache(maxsize=4)
def _environment(folder: str) -> Environment:
    import jinja2  # only a script that is rewritten pays for it
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Site(jinja2.FileSystemLoader):
        """A template of a repository may be a link, and what a link leads to would be printed in the diff."""

        def get_source(self, environment: jinja2.Environment, template: str) -> Any:
            source, path, is_fresh = super().get_source(environment, template)
            if not Path(path).resolve().is_relative_to(Path(folder).resolve()):
                raise jinja2.TemplateError(f"{path} is a link that leads out of the folder of templates")
            return source, path, is_fresh

    own = jinja2.FileSystemLoader(str(HERE))
    # A template comes with the repository that is converted, and whoever wrote it must not reach Python through it.
    return ImmutableSandboxedEnvironment(
        loader=jinja2.ChoiceLoader([Site(folder), own]) if folder else own,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        auto_reload=False,
        keep_trailing_newline=False,
    )


@lru_cache(maxsize=64)
def render(name: str, site: str, /, **values: Hashable) -> tuple[str, ...]:
    """The commands of a template, each with the lines of its heredoc; many scripts of a run ask for the same.

    `site` is a folder with a site's own templates, which come before those of the package, or "". Raises
    TemplateFailed.
    """
    return commands_of(render_file(f"{name}.sh", site, **values))


def render_file(name: str, site: str, /, **values: Any) -> str:
    """The text of a template; `name` is its file's without `.j2`, `site` as for `render`. Raises TemplateFailed."""
    file = f"{name}.j2"
    try:
        text: str = _environment(site).get_template(file).render(values)
    except Exception as error:  # a template is a program: it may run into any error
        raise TemplateFailed(f"{_where(error, file, site)}: {str(error) or type(error).__name__}") from error
    if odd := _CONTROL.search(text):
        where = _shown(_path(file, site))
        raise TemplateFailed(f"{where}: gives a control character (code {ord(odd[0])}), which no script may hold")
    return text


def _where(error: Exception, file: str, site: str) -> str:
    """The template in which an error arose, and the line; that may be one which the template includes."""
    import traceback

    # To Python a template is a file that was run; what cannot be compiled names its own place.
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames if frame.filename.endswith(".j2")]
    path, line = places[-1] if places else (_path(file, site), None)
    path, line = getattr(error, "filename", None) or path, getattr(error, "lineno", None) or line
    return f"{_shown(path)}:{line}" if line else _shown(path)


def _path(file: str, site: str) -> str:
    own = Path(site) / file
    return str(own if site and own.exists() else HERE / file)


def _shown(path: str) -> str:
    """A path as seen from the working folder, where it lies below that."""
    near = os.path.relpath(path)
    return path if near.startswith("..") else near


def commands_of(text: str) -> tuple[str, ...]:
    """Part shell text into commands at its newlines; a heredoc and a continued line stay whole."""
    found: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip():
            continue
        taken = [line]
        while taken[-1].endswith("\\"):
            taken.append(next(lines, ""))
        match = _HEREDOC.search(taken[-1])
        if match:
            for body in lines:
                taken.append(body)
                if body == match[1]:
                    break
        found.append("\n".join(taken))
    return tuple(found)


def in_double_quotes(text: str) -> str:
    """Text as it must stand between double quotes to mean itself."""
    return _MEANS_MORE.sub(r"\\\g<0>", text)
