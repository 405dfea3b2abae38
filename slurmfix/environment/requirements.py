"""Reads what pip is given: requirement lines, and files of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from urllib.parse import unquote

from slurmfix.environment.messages import BUILT_BY_CONDA, LINE_LEFT_OUT
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.matchspec import BadSpec, parse
from slurmfix.remarks import phrase


@dataclass(frozen=True, slots=True)
class Requirements:
    """What some requirement lines hold."""

    packages: tuple[Package, ...] = ()
    options: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    frozen: bool = False  # written by `pip freeze`: every version is only what was installed


def read(text: str, filename: str) -> Environment:
    """A requirements file, and also one into which `conda list --export` was written."""
    found = read_lines(logical_lines(text))
    if not (found.packages or found.options) and not _only_comments(text):
        raise BadEnvironment(found.doubts[0] if found.doubts else phrase("the file holds no requirements"), 1)
    path = PurePath(filename)
    name = re.sub(r"^requirements?[-_.]|[-_.]requirements?$", "", path.stem) or path.stem
    return Environment(
        name,
        found.packages,
        str(path),
        pip_options=found.options,
        doubts=found.doubts,
        export=found.frozen,
        includes=found.includes,
    )


def _only_comments(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each requirement: continued lines joined, comments and blank lines left out.

    Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/.
    """
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            pending += line[:-1]
            continue
        whole = re.sub(r"(^|\s)#.*$", "", pending + line).strip()
        if whole:
            yield start, whole
        pending, start = "", 0
    if pending.strip():
        yield start, pending.strip()


def read_lines(lines: Iterable[tuple[int, str]], conda: bool = False) -> Requirements:
    """Requirement lines with their numbers; a line that is nothing known becomes a doubt.

    With `conda`, a plain name or `name=version` is conda's, as in a file for `conda create --file`.
    """
    packages: list[Package] = []
    options: list[str] = []
    includes: list[str] = []
    doubts: list[str] = []
    lost = 0  # references into the folders where conda built its packages
    for number, line in lines:
        if include := re.match(r"(?:-r|-c|--requirement|--constraint)[ =]*(\S.*)$", line):
            includes.append(include[1].strip())
        if include or _is_option(line):
            options.append(line)
            continue
        try:
            packages.append(conda_line(line, number) if conda else requirement(line, number))
        except BadEnvironment as bad:
            doubts.append(LINE_LEFT_OUT.about(at=number, why=bad.reason))
            continue
        lost += built_by_conda(line)
    if lost:
        doubts.append(BUILT_BY_CONDA.about(count=lost))
    return Requirements(
        tuple(packages), tuple(options), tuple(includes), tuple(doubts), bool(lost) or _frozen(packages)
    )


_EDITABLE = re.compile(r"(?:-e|--editable)[ =]*(?=\S)")


def own_folders(options: Iterable[str]) -> tuple[str, ...]:
    """The folders of the author's own among the lines of a list that are no package."""
    local = (_EDITABLE.sub("", option) for option in options if not option.startswith("-") or _EDITABLE.match(option))
    return tuple(re.split(r"[\[\s;]", path, maxsplit=1)[0] for path in local)


def _is_option(line: str) -> bool:
    """Whether a line is no package with a name: pip's options, and folders of the author's own."""
    editable = _EDITABLE.match(line)
    if editable is None:
        return _is_local(line) or line.startswith("-")
    return not re.search(r"://|@", line[editable.end() :])  # what pip can edit is an address or a folder


_MANY = 15  # fewer exact versions may well have been written by hand


def _frozen(packages: list[Package]) -> bool:
    """Whether the packages are the output of `pip freeze` or `conda list`: builds, or exact versions in order."""
    if any(package.build for package in packages):
        return True
    names = [package.name.lower().replace("_", "-") for package in packages]
    exact = all(package.version.startswith("==") and "*" not in package.version for package in packages)
    return len(packages) >= _MANY and exact and _sorted(names)


def _sorted(names: list[str]) -> bool:
    """Whether names stand in the alphabetical order of `pip freeze`, give or take punctuation."""
    plain = [re.sub(r"[^a-z0-9]", "", name) for name in names]
    return sum(a > b for a, b in pairwise(plain)) <= len(plain) // 20


def _is_local(target: str) -> bool:
    """A folder or file of the author's own: `.`, `./x`, `../x[extra]`, `/x`."""
    return bool(re.match(r"(?:\.{1,2}(?:[/\\[]|$)|/|~/|[A-Za-z]:\\|\$)", target))


_CONDA_BUILD = re.compile(
    r"@\s*file://\S*(?:croot|feedstock_root|conda-bld|/tmp/(?:build|abs_)|/ci_?\d*/|/opt/concourse)"
)


def built_by_conda(line: str) -> bool:
    """`pip freeze` in a conda environment writes the folder in which conda once built the package."""
    return bool(_CONDA_BUILD.search(line))


_REQUIREMENT = re.compile(
    r"""([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)  # name
        \s*(?:\[([^\]]*)\])?                          # extras
        \s*(?:@\s*([^\s;]\S*)|\(?([^;@)]*)\)?)            # direct reference, or specifiers
        \s*(?:;\s*(.*))?$""",
    re.VERBOSE | re.DOTALL,
)
LONGEST = 2_000  # characters of one requirement; nobody writes a tenth of that
_CLAUSE = re.compile(r"(?:~=|===?|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+$")


def requirement(line: str, number: int = 0) -> Package:
    """One requirement as pip reads it, or a conda spec that someone put among them. Raises BadEnvironment."""
    line, editable = re.subn(r"^(?:-e|--editable)[ =]*", "", " ".join(line.split()))
    if editable and line.startswith(("'", '"')):
        line = line.replace(line[0], "")  # pip splits a line with an option as a shell does
    line = re.sub(r"\s+(?:-f|--find-links|-i|--index-url|--extra-index-url|--pre\b)(?:[ =].*)?$", "", line)
    line = re.sub(r"\s+--(?:hash|config-settings?|global-option|install-option|no-binary|only-binary)[ =].*$", "", line)
    if len(line) > LONGEST:
        raise BadEnvironment("`{entry}` is no requirement", entry=_shown(line))
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", line) or re.match(r"(?:git|hg|svn|bzr)\+", line):
        return _direct(line, number)
    if line.startswith("git@"):
        return _direct(f"git+ssh://{line.replace(':', '/', 1)}", number)
    match = _REQUIREMENT.match(line)
    if match is None:
        return _conda_spec(line, number)
    name, extras, url, specifiers, marker = match.groups()
    clauses = [clause.strip() for clause in (specifiers or "").split(",") if clause.strip()]
    if not all(map(_CLAUSE.match, clauses)):
        return _conda_spec(line, number)
    version = ",".join(re.sub(r"\s+", "", clause) for clause in clauses)
    if url:
        version = _version_of_wheel(url) if built_by_conda(line) else ""
        url = "" if built_by_conda(line) else url
    return Package(
        name,
        _checked(version, line),
        manager="pip",
        extras=tuple(extra.strip() for extra in (extras or "").split(",") if extra.strip()),
        marker=(marker or "").strip(),
        url=url or "",
        line=number,
    )


def _checked(version: str, line: str) -> str:
    """Specifiers that packaging reads, so that pip will."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(version)
    except (InvalidSpecifier, ValueError):
        raise BadEnvironment("pip cannot read the version in `{entry}`", entry=_shown(line)) from None
    return version


def conda_line(line: str, number: int) -> Package:
    """One line of a file for `conda create --file`; what only pip can read is pip's. Raises BadEnvironment."""
    if re.search(r"://|@|;|\w\[[^=\[]*\]", line):
        return requirement(line, number)
    if re.fullmatch(r"[A-Za-z0-9_][\w.+-]*", line):
        return Package(line.lower(), line=number)
    return _conda_spec(line, number)


def _conda_spec(line: str, number: int) -> Package:
    """`numpy=1.26=py311_0`, as `conda list --export` writes it; pip refuses it, its meaning is plain."""
    try:
        spec = parse(line.partition(";")[0])
    except BadSpec:
        raise BadEnvironment("`{entry}` is no requirement", entry=_shown(line)) from None
    if not re.match(r"[=<>!~]*\d", spec.version) and not (spec.build and "=" in line):  # prose is no spec
        raise BadEnvironment("`{entry}` is no requirement", entry=_shown(line))
    if spec.build.startswith("pypi"):
        return Package(spec.name, _checked(spec.version, line), manager="pip", line=number)
    return Package(spec.name, spec.version, spec.build, spec.channel, line=number)


def _direct(line: str, number: int) -> Package:
    """A bare URL: its name is in `#egg=`, in a file's name, or the repository's, which an archive's path has, too."""
    url, _, marker = line.partition(" ;")
    egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?", url)
    base = unquote(re.split(r"[#?]", url)[0].rstrip("/"))
    path = re.sub(r"^[A-Za-z0-9+.-]+://[^/]*", "", base)
    path = re.sub(r"@[^@/]*$", "", path).rstrip("/")
    path = re.sub(r"^(/[^/]+/[^/]+)(?:/-)?/(?:archive|zipball|tarball)/.*", r"\1", path)
    tail = path.rpartition("/")[2].removesuffix(".git")
    wheel = re.match(r"([A-Za-z0-9._]+)-\d[^-]*-.*\.whl$|([A-Za-z0-9._-]+?)-\d[^-]*\.(?:tar\.\w+|zip)$", tail)
    name = egg[1] if egg else (wheel[1] or wheel[2]) if wheel else tail
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", name):
        name = ""
    extras = tuple(part.strip() for part in (egg[2] or "").split(",") if part.strip()) if egg else ()
    return Package(name, manager="pip", extras=extras, marker=marker.strip(), url=url.strip(), line=number)


def _version_of_wheel(url: str) -> str:
    match = re.search(r"/[A-Za-z0-9._]+-(\d[A-Za-z0-9.!_]*)(?:\+[^-]*)?-[^/]*\.whl", unquote(url))
    return f"=={match[1]}" if match else ""


def _shown(line: str) -> str:
    return line if len(line) <= 60 else line[:59] + "…"
