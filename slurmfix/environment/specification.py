"""Reads environment.yml; the only door to PyYAML's nodes, which are never made into objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from slurmfix.environment.messages import (
    ENTRY_LEFT_OUT,
    KEY_TWICE,
    LINE_LEFT_OUT,
    NO_LIST,
    NO_NAME,
    ONE_PACKAGE,
    PLACEHOLDER,
    VARIABLES,
)
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.environment.requirements import LONGEST, Requirements, read_lines
from slurmfix.matchspec import BadSpec, parse
from slurmfix.remarks import Phrase, phrase

_DEEPEST = 200  # brackets within brackets; libyaml itself gives up at 1000
_MOST_ENTRIES = 100_000


def read(text: str, filename: str) -> Environment:
    """An environment.yml, by hand or from `conda env export`.

    YAML is composed into nodes only: a file of aliases to aliases stays as small as it is written, and no tag is
    followed. Raises BadEnvironment with line and column.
    """
    reader = _Reader(top_of(text), text)
    return reader.environment(filename)


_NO_YAML, _NO_PACKAGE = "the file is not YAML: {why}", "`{entry}` is no package name"


def read_lists(
    root: Any, text: str, filename: str, name: str, conda: Sequence[Any], pip: Sequence[Any], channels: tuple[str, ...]
) -> Environment:
    """The environment of nodes that list packages, for conda and for pip, below the root of a text."""
    reader = _Reader(root, text)
    for node in conda:
        reader.dependencies(node)
    for node in pip:
        reader.pip_section(node)
    found = reader.made(filename, entries(root), read_lines(iter(reader.pip)), channels)
    return replace(found, name=name or found.name)


def documents(text: str) -> Iterator[Any]:
    """The root nodes of a YAML text, one for each document. Raises BadEnvironment."""
    import yaml

    if _depth(text) > _DEEPEST:
        raise BadEnvironment("the file is nested too deeply")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.compose_all(text, Loader=loader)
    except yaml.MarkedYAMLError as bad:
        mark = bad.problem_mark or bad.context_mark
        reason = " ".join(filter(None, (bad.context, bad.problem)))
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise BadEnvironment(_NO_YAML, line, column, why=reason) from None
    except yaml.reader.ReaderError as bad:
        before = text[: bad.position] if isinstance(bad.position, int) else ""
        line = before.count("\n") + 1
        raise BadEnvironment(_NO_YAML, line, len(before) - before.rfind("\n"), why=bad.reason) from None
    except UnicodeEncodeError as bad:
        raise BadEnvironment("the file is not UTF-8", text.count("\n", 0, bad.start) + 1) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise BadEnvironment("the YAML of the file cannot be read") from None


def _depth(text: str) -> int:
    """How deeply a YAML text may nest at most, from its brackets, its indentation and its `- - -`."""
    deepest = now = 0
    for character in re.findall(r"[\[\]{}]", text):
        now = now + 1 if character in "[{" else max(now - 1, 0)
        deepest = max(deepest, now)
    dashes = max((len(run) // 2 for run in re.findall(r"(?:[-?:][ \t]){20,}", text)), default=0)
    indents = {len(match) for match in re.findall(r"^ *(?=\S)", text, re.MULTILINE)}
    return max(deepest, dashes, len(indents))


def top_of(text: str) -> Any:
    """The first document that is a mapping with `dependencies`, else the first. Raises BadEnvironment."""
    import yaml

    roots = [root for root in documents(text) if root is not None]
    if not roots:
        raise BadEnvironment("the file is empty")
    for root in roots:
        if isinstance(root, yaml.MappingNode) and any(_plain(key) == "dependencies" for key, _ in root.value):
            return root
    return roots[0]


def _plain(node: Any) -> str:
    """The text of a scalar; empty for anything else, and for null."""
    import yaml

    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return ""
    return str(node.value)


def entries(node: Any) -> dict[str, Any]:
    """The values of a mapping node by their keys, the last of a key as YAML readers have it; {} for anything else."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return {}
    return {_plain(key): value for key, value in node.value}


def text_of(node: Any, key: str) -> str:
    """The text of a scalar in a mapping; empty where there is none."""
    return _plain(entries(node).get(key))


def items(node: Any) -> list[Any]:
    """The nodes of a sequence; [] for anything else."""
    import yaml

    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


_ELSEWHERE = re.compile(
    r"#\s*\[\s*(?:not\s+(?:linux|unix)|(?:win|osx)(?:32|64)?(?:\s+or\s+(?:win|osx)(?:32|64)?)*)\s*\]"
)
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$\{\{?\w.*?\}|<[A-Za-z_]\w*>|@[A-Z_]+@")
_SELECTED = re.compile(r"sel\((.+)\)$")


class _Reader:
    """One environment.yml on its way into an Environment."""

    def __init__(self, root: Any, text: str) -> None:
        import yaml

        self.yaml, self.root, self.lines = yaml, root, text.splitlines()
        self.packages: list[Package] = []
        self.pip: list[tuple[int, str]] = []
        self.doubts: list[str] = []

    def environment(self, filename: str) -> Environment:
        if not isinstance(self.root, self.yaml.MappingNode):
            kind = phrase("list") if isinstance(self.root, self.yaml.SequenceNode) else phrase("text")
            raise BadEnvironment(
                phrase("the file holds a {kind}, not `name:` and `dependencies:` as an environment file", kind=kind),
                *self.where(self.root),
            )
        top = entries(self.root)
        if "dependencies" not in top:
            raise BadEnvironment("the file has no `dependencies`", *self.where(self.root))
        self.note_duplicates()
        self.note_variables(top.get("variables"))
        self.dependencies(top["dependencies"])
        found = read_lines(iter(self.pip))
        channels = [channel for channel in map(_plain, items(top.get("channels"))) if channel]
        return self.made(filename, top, found, tuple(channels))

    def made(self, filename: str, top: dict[str, Any], found: Requirements, channels: tuple[str, ...]) -> Environment:
        path = PurePath(filename)
        prefix = PurePath(_plain(top.get("prefix"))).name
        return Environment(
            _plain(top.get("name")).strip() or prefix or path.stem,
            (*self.packages, *found.packages),
            str(path),
            channels,
            pip_options=found.options,
            doubts=(*self.doubts, *found.doubts),
            export=is_listing(self.packages),
            includes=found.includes,
        )

    def left_out(self, line: int, why: Phrase) -> None:
        self.doubts.append(LINE_LEFT_OUT.about(at=line, why=why))

    def note_duplicates(self) -> None:
        seen: set[str] = set()
        for key, _ in self.root.value:
            name = _plain(key)
            if name in seen:
                self.doubts.append(KEY_TWICE.about(key=name, at=self.where(key)[0]))
            seen.add(name)

    def note_variables(self, node: Any) -> None:
        """conda sets them at each activation; a virtualenv does not, and a value may name a path of conda's."""
        if set_there := [f"`{_shown(f'{key}={_plain(value)}')}`" for key, value in entries(node).items() if key]:
            self.doubts.append(VARIABLES.about(variables=", ".join(set_there)))

    def where(self, node: Any) -> tuple[int, int]:
        return node.start_mark.line + 1, node.start_mark.column + 1

    def dependencies(self, node: Any) -> None:
        if isinstance(node, self.yaml.ScalarNode):
            if _plain(node):
                self.doubts.append(NO_LIST.about(entry=_shown(_plain(node))))
                self.entry(node)
            return
        if isinstance(node, self.yaml.MappingNode):
            raise BadEnvironment("`dependencies` holds `key: value` lines, not a list of packages", *self.where(node))
        if _custom(node.tag):
            raise BadEnvironment("`dependencies` has the tag `{tag}`", *self.where(node), tag=_shown(node.tag))
        if len(node.value) > _MOST_ENTRIES:
            raise BadEnvironment(
                phrase("the file has more than {count} dependencies", count=_MOST_ENTRIES), *self.where(node)
            )
        for item in node.value:
            self.entry(item)

    def entry(self, node: Any) -> None:
        line, _ = self.where(node)
        if isinstance(node, self.yaml.MappingNode):
            self.mapping(node)
        elif isinstance(node, self.yaml.SequenceNode):
            self.left_out(line, phrase("a list stands where a package should"))
        elif _custom(node.tag):
            self.left_out(line, phrase(_NO_PACKAGE, entry=_shown(node.tag)))
        elif not _plain(node).strip():
            self.left_out(line, phrase("the line is empty"))
        elif node.tag != "tag:yaml.org,2002:str" and not node.style:
            self.left_out(line, phrase(_NO_PACKAGE, entry=_shown(_plain(node))))
        else:
            self.spec(_plain(node), line)

    def spec(self, text: str, line: int) -> None:
        if line <= len(self.lines) and _ELSEWHERE.search(self.lines[line - 1]):
            self.doubts.append(ENTRY_LEFT_OUT.about(entry=_shown(text), why=phrase("its comment names another system")))
            return
        if len(text) > LONGEST:
            self.left_out(line, phrase(NO_NAME, entry=_shown(text)))
            return
        text = re.sub(r"(?:^|\s)#.*$", "", text)  # in quotes, a comment is part of the entry
        if placeholder := _PLACEHOLDER.search(text):
            self.doubts.append(PLACEHOLDER.about(at=line, placeholder=_shown(placeholder[0])))
            text = _PLACEHOLDER.sub("", text).rstrip("=<>!~ ")
        if re.match(r"(?:git\+|pip\s+install\b|-)|.*;", text):
            self.left_out(line, phrase("conda does not read `{entry}`", entry=_shown(text)))
            return
        try:
            found = parse(text)
        except BadSpec:
            self.left_out(line, phrase(NO_NAME, entry=_shown(text)))
            return
        self.packages.append(
            Package(found.name, found.version, found.build, found.channel, extras=found.extras, line=line)
        )

    def mapping(self, node: Any) -> None:
        for key, value in node.value:
            name, line = _plain(key), self.where(key)[0]
            if name == "pip":
                self.pip_section(value)
            elif match := _SELECTED.match(name):  # conda-devenv
                if match[1].strip() in ("linux", "linux64", "unix", "x86_64"):
                    self.entry(value)
            elif _plain(value) and re.fullmatch(r"[\w.-]+", name):
                self.doubts.append(ONE_PACKAGE.about(at=line, entry=f"{_shown(name)}: {_shown(_plain(value))}"))
                version = _plain(value).strip()
                self.spec(f"{name}{version if version[0] in '=<>!~*' else f'={version}'}", line)
            else:
                self.left_out(line, phrase("`{entry}` holds `key: value` lines or a list", entry=_shown(name)))

    def pip_section(self, node: Any) -> None:
        if isinstance(node, self.yaml.MappingNode):
            self.left_out(self.where(node)[0], phrase("the pip section holds `key: value` lines, not a list"))
            return
        for item in node.value if isinstance(node, self.yaml.SequenceNode) else [node]:
            line = self.where(item)[0]
            if text := _plain(item).strip():
                written = (re.sub(r"(?:^|\s)#.*$", "", piece).strip() for piece in text.splitlines())
                self.pip += [(line, piece) for piece in written if piece]
            elif not isinstance(item, self.yaml.ScalarNode):
                self.left_out(line, phrase("pip takes plain lines only"))


def _custom(tag: str) -> bool:
    """Whether a tag asks for more than text, numbers, lists and mappings: `!include`, `!!python/object:…`."""
    return tag.startswith("!") or "python/" in tag


_FEW = 5  # fewer may have been pinned by hand, unless not one is free
_BASE = frozenset(
    {
        *("_libgcc_mutex", "_openmp_mutex", "ca-certificates", "libgcc-ng", "libgcc", "ld_impl_linux-64", "tk"),
        *("ucrt", "vc", "vc14_runtime", "vs2015_runtime", "m2w64-gcc-libs", "msys2-conda-epoch"),  # on Windows
        *("libcxx", "llvm-openmp"),  # on macOS
    }
)


def is_listing(packages: Sequence[Package]) -> bool:
    """Whether the packages are all that was installed, and not only those that somebody wanted.

    An export has builds; without them (`--no-builds`) the C libraries that nobody asks for give it away.
    """
    if not packages:
        return False
    exact = sum(
        package.version.startswith("==") and bool(package.build or package.manager == "pip") for package in packages
    )
    builds = any(package.build for package in packages)
    pinned = sum(package.version.startswith("=") for package in packages)
    if builds and exact * 5 >= len(packages) * 4 and (len(packages) >= _FEW or exact == len(packages)):
        return True
    return pinned * 10 >= len(packages) * 9 and len(_BASE & {package.name for package in packages}) >= 2


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"
