"""Reads anaconda-project.yml and its lock: what one of their environments (env specs) holds on linux-64."""

from __future__ import annotations

from typing import Any

from slurmfix.environment.package import BadEnvironment, Environment
from slurmfix.environment.specification import entries, items, read_lists, text_of, top_of
from slurmfix.remarks import phrase

_HERE = ("all", "unix", "linux", "linux-64")  # the parts of a lock that hold on the clusters
_DEFAULT = "default"
_DEEPEST = 20  # env specs that inherit from one another


def read_anaconda_project(text: str, filename: str) -> Environment:
    """The env spec `default`, or the first one, with what it inherits. Raises BadEnvironment.

    Source: https://anaconda-project.readthedocs.io/en/latest/user-guide/reference.html, and the locks that
    `anaconda-project lock` writes: packages by platform.
    """
    root = top_of(text)
    specs = entries(entries(root).get("env_specs"))
    name = _DEFAULT if _DEFAULT in specs else next(iter(specs), "")
    chain = [root, *_inherited(specs, name)]
    conda = [found for node in chain for found in _packages(node)]
    pip = [found for node in chain if (found := entries(entries(node).get("packages")).get("pip")) is not None]
    if not conda and not pip:
        raise BadEnvironment(phrase("the file names no package"))
    channels = tuple(text for node in chain for text in _texts(entries(node).get("channels")))
    called = text_of(root, "name") if name in ("", _DEFAULT) else name
    return read_lists(root, text, filename, called, conda, pip, channels)


def _inherited(specs: dict[str, Any], name: str) -> list[Any]:
    """An env spec, those that it inherits from before it."""
    chain: list[Any] = []
    waiting = [name]
    while waiting and len(chain) < _DEEPEST:
        node = specs.get(waiting.pop())
        if node is None or node in chain:
            continue
        chain.insert(0, node)
        parents = entries(node).get("inherit_from")
        waiting += _texts(parents) or list(filter(None, [text_of(node, "inherit_from")]))
    return chain


def _packages(node: Any) -> list[Any]:
    """The lists of an env spec: one of a project, one for each platform of a lock."""
    told = entries(node)
    listed = told.get("packages", told.get("dependencies"))
    platforms = entries(listed)
    if platforms:
        return [platforms[platform] for platform in _HERE if platform in platforms]
    return [listed] if items(listed) else []


def _texts(node: Any) -> list[str]:
    return [text for item in items(node) if (text := getattr(item, "value", "")) and isinstance(text, str)]
