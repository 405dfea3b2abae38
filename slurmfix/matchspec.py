"""Reads conda match specs, and says their versions as PEP 440 specifiers."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """A match spec taken apart; empty where nothing was given.

    `version` is one of `=1.26` (fuzzy), `1.26.*`, `==1.26.4`, or a list with `,` and `|`; never a bare version alone.
    """

    name: str
    version: str = ""
    build: str = ""
    channel: str = ""
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Converted:
    """A PEP 440 specifier, and a sentence on what it could not say; an empty note means that both say the same."""

    specifier: str
    note: str = ""


class BadSpec(ValueError):
    """A text that is no match spec; the message names the reason."""


_LONGEST = 2_000  # characters
_SUBDIR = re.compile(r"/(?:noarch|(?:linux|osx|win|emscripten|wasi|zos|freebsd)-\w+)$")
_ARCHIVE = re.compile(r"(?:^|.*[/\\])([^/\\]+)-([^-/\\]+)-([^-/\\]+?)(?:\.conda|\.tar\.bz2)(?:[#:].*)?$")
_NAME = re.compile(r"([A-Za-z0-9_*][A-Za-z0-9_.+*-]*)\s*(.*)$", re.DOTALL)
_FIELD = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^,'\"]*))")


def parse(spec: str) -> MatchSpec:
    """A match spec in any of conda's spellings, or the URL or file name of a conda package.

    Source: https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html. Raises BadSpec.
    """
    if len(spec) > _LONGEST:
        raise BadSpec("is longer than any package's name and version")
    spec = " ".join(spec.split())
    if archive := _ARCHIVE.match(spec):
        name, version, build = archive.groups()
        return MatchSpec(name.lower().rpartition("::")[2], f"=={version}", build, _channel_of_url(spec))
    spec, fields, extras = _brackets(spec)
    channel, _, spec = spec.rpartition("::")
    match = _NAME.match(spec.strip())
    if match is None:
        raise BadSpec(f"`{spec}` does not begin with a package name")
    name, rest = match.groups()
    if rest and rest[0] not in "=<>!~( 0123456789*^" and not match[0][len(name)].isspace():
        raise BadSpec(f"`{spec}` is no package name and version")
    version, build = _version_and_build(rest)
    build = fields.get("build", build)
    version = _canonical(fields.get("version", version), exact=bool(build) and build != "*")
    return MatchSpec(
        name.lower(), version, "" if build == "*" else build, _SUBDIR.sub("", fields.get("channel", channel)), extras
    )


def _channel_of_url(url: str) -> str:
    """`conda-forge` of https://conda.anaconda.org/conda-forge/linux-64/…; empty for a bare file name."""
    parts = url.split("/")
    return parts[-3] if len(parts) >= 5 else ""


def _brackets(spec: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """The spec without its `[key=value,…]` parts, the fields, and pip's extras where someone wrote those."""
    fields: dict[str, str] = {}
    extras: list[str] = []
    while (start := spec.find("[")) >= 0 and (end := spec.find("]", start)) >= 0:
        inside = spec[start + 1 : end]
        if "=" in inside:
            for key, double, single, bare in _FIELD.findall(inside):
                fields[key] = (double or single or bare).strip()
        else:
            extras += [extra.strip() for extra in inside.split(",") if extra.strip()]
        spec = spec[:start] + spec[end + 1 :]
    return spec, fields, tuple(extras)


_AROUND_SEPARATORS = re.compile(r"\s*([,|])\s*")
_AFTER_OPERATORS = re.compile(r"([=<>!~])\s+")
_LAST_EQUALS = re.compile(r"(.*[^=<>!~|,(])=([^=<>!~|,]*)$", re.DOTALL)


def _version_and_build(rest: str) -> tuple[str, str]:
    """`=1.26=py311_0`, `1.11.1 *_mkl`, `>=3.8, < 3.12` taken apart."""
    rest = _AFTER_OPERATORS.sub(r"\1", _AROUND_SEPARATORS.sub(r"\1", rest.strip()))
    version, *more = rest.split(" ")
    build = ""
    for piece in more:
        if piece[0] in "=<>!~":  # `>=3.8 <3.12`, its comma forgotten
            version += "," + piece
        else:
            build = piece
    if not build and (match := _LAST_EQUALS.match(version)):
        version, build = match.groups()
    return version.strip(","), build


def _canonical(version: str, exact: bool) -> str:
    """One spelling for one meaning: a version alone is `==version`, and so is `=version` where a build stands too."""
    version = version.strip()
    if version.lstrip("=") in ("", "*"):
        return ""
    match = re.fullmatch(r"(={0,3})([^=<>!~,|()^]*(?:!(?!=)[^=<>!~,|()^]*)?)", version)
    if match is None:
        return version
    operator, number = match.groups()
    if "*" in number:
        return number
    return f"={number}" if operator == "=" and not exact else f"=={number}"


# Versions that conda and PEP 440 order alike. `1.0post1` and `1.0.a1` are in neither's common ground: conda reads the
# first as above 1.0.1, the second as 1.0.0a1.
_PLAIN = re.compile(r"((?:\d+!)?\d+(?:\.\d+)*)((?:a|b|rc)\d+|\.post\d+|\.dev\d+)?", re.ASCII)
_RELEASE = re.compile(r"(?:\d+!)?\d+(?:\.\d+)*", re.ASCII)
_ATOM = re.compile(r"(===|==|!=|>=|<=|~=|=>|=<|=|>|<)?\s*((?:\d+!)?[^\s,|()<>=!~]+)", re.ASCII)
_ENDLESS = re.compile(r"\d{19}", re.ASCII)  # Python itself refuses to read numbers of thousands of digits
_NESTING = 20

Clauses = tuple[str, ...]


def to_pep440(version: str) -> Converted:
    """The PEP 440 specifier of a match spec's version.

    Where PEP 440 has no words for it, the nearest wider specifier, and a note. Two differences are PEP 440's own and
    carry no note: `<2` leaves out pre-releases of 2, and `>2` leaves out post-releases of 2.
    """
    version = version.strip()
    if version in ("", "*"):
        return Converted("")
    if "^" in version or "$" in version:
        return Converted("", f"`{version}` is a pattern; pip has no patterns, so any version is taken")
    try:
        if _ENDLESS.search(version):
            raise BadSpec("a number is too long")
        clauses, notes = _Reader(version).read()
    except BadSpec:
        return Converted("", f"`{version}` cannot be read as a version, so any version is taken")
    return Converted(",".join(clauses), "; ".join(dict.fromkeys(notes)))


class _Reader:
    """Recursive descent over `a,b|(c,d)`: in conda a comma binds more tightly than a bar."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self.notes = text, 0, 0, list[str]()

    def read(self) -> tuple[Clauses, list[str]]:
        clauses = self.any_of()
        if self.peek():
            raise BadSpec(f"`{self.text}` has something after its end")
        return clauses, self.notes

    def peek(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def any_of(self) -> Clauses:
        alternatives = [self.all_of()]
        while self.peek() == "|":
            self.at += 1
            alternatives.append(self.all_of())
        alternatives = list(dict.fromkeys(alternatives))
        if () in alternatives:
            return ()
        if len(alternatives) == 1:
            return alternatives[0]
        hull = _hull(alternatives)
        self.notes.append(
            f"`{self.text}` names alternatives, which pip cannot; "
            + (f"{','.join(hull)} covers them" if hull else "any version is taken")
        )
        return hull

    def all_of(self) -> Clauses:
        clauses: list[str] = []
        while True:
            clauses += self.one()
            follows = self.peek()
            if follows == ",":
                self.at += 1
                if self.peek() in ("", "|", ")"):  # a comma too many
                    break
            elif follows not in ("=", "<", ">", "!", "~"):  # `>=2.0<=3.0`, its comma forgotten
                break
        return tuple(dict.fromkeys(clauses))

    def one(self) -> Clauses:
        if self.peek() == "(":
            self.depth += 1
            if self.depth > _NESTING:
                raise BadSpec("nested too deeply")
            self.at += 1
            clauses = self.any_of()
            if self.peek() != ")":
                raise BadSpec("a parenthesis is not closed")
            self.at += 1
            self.depth -= 1
            return clauses
        self.peek()
        match = _ATOM.match(self.text, self.at)
        if match is None:
            raise BadSpec(f"no version at `{self.text[self.at :]}`")
        self.at = match.end()
        clause, note = _clause(match[1] or "", match[2])
        if note:
            self.notes.append(note)
        return (clause,) if clause else ()


_TYPOS = {"=>": ">=", "=<": "<="}


def _clause(operator: str, number: str) -> tuple[str, str]:
    """One operator and version as one PEP 440 clause (empty: no constraint), and a note where it is only wider."""
    if operator in _TYPOS:
        clause, note = _clause(_TYPOS[operator], number)
        return clause, note or f"`{operator}` is read as `{_TYPOS[operator]}`"
    number = number.lower()
    if "*" in number:
        prefix = re.sub(r"\.?\*$", "", number)
        if "*" in prefix:
            return _wider(operator, number)
        if not prefix:
            return "", "" if operator in ("", "=", "==", ">=", "<=") else f"`{operator}{number}` names no version"
        number, operator = prefix, _STARRED.get(operator, operator)
    match = _PLAIN.fullmatch(number)
    if match is None:
        return _wider(operator, number)
    match operator:
        case "=":
            return f"=={number}" if match[2] else f"=={number}.*", ""  # PEP 440 has no 1.0rc1.*
        case "" | "==" | "===":
            return f"=={number}", ""
        case "!=*":
            return f"!={number}" if match[2] else f"!={number}.*", ""
        case "~=":
            return (f"~={number}" if "." in match[1] else f">={number}"), ""
        case "<" if match[2] in ("a0", ".dev0"):
            return f"<{match[1]}", ""  # what PEP 440 means by `<2`, without asking pip for pre-releases
        case _:
            return f"{operator}{number}", ""


# What conda makes of `>1.2.*`: with an order, the star says nothing, except that `>` then lets 1.2 itself in.
_STARRED = {"": "=", "==": "=", "===": "=", "!=": "!=*", ">": ">="}


def _wider(operator: str, number: str) -> tuple[str, str]:
    """The nearest wider clause for a version that PEP 440 cannot write, from the release number that it begins with."""
    written = f"{operator}{number}"
    match = _RELEASE.match(number)
    release = match[0].removesuffix(".") if match else ""
    if match and "*" in number and re.match(r"\d*\*", number[match.end() :]):
        release = release.rpartition(".")[0]  # `1.2*.3`: 2 is not a whole component
    clause = ""
    if release:
        match operator:
            case "" | "=" | "==" | "===":
                clause = f"=={release}.*"
            case ">=" | ">" | "~=":
                clause = f">={release}"
            case "<=" | "<":
                clause = f"<{_next(release)}"
    return clause, f"`{written}` is no PEP 440 version; " + (f"{clause} is taken" if clause else "any version is taken")


def _next(release: str) -> str:
    """The release after all that begin with this one: 1.3 of 1.2."""
    head, dot, last = release.rpartition(".")
    epoch, bang, last = last.rpartition("!")
    return f"{head}{dot}{epoch}{bang}{int(last) + 1}"


def _hull(alternatives: list[Clauses]) -> Clauses:
    """The smallest interval that holds all alternatives, as clauses; () where it is everything."""
    from packaging.version import Version

    lowest: list[tuple[Version, int, str]] = []  # the second of each decides between > and >= of one version
    highest: list[tuple[Version, int, str]] = []
    for clauses in alternatives:
        bounds = [_bounds(clause) for clause in clauses]
        low = [(Version(text.lstrip("<>=")), int(">=" not in text), text) for text, _ in bounds if text]
        high = [(Version(text.lstrip("<>=")), int("<=" in text), text) for _, text in bounds if text]
        lowest += [max(low)] if low else []
        highest += [max(high) if len(high) == 1 else min(high)] if high else []
    interval = []
    if len(lowest) == len(alternatives):
        interval.append(min(lowest)[2])
    if len(highest) == len(alternatives):
        interval.append(max(highest)[2])
    shared = [clause for clause in alternatives[0] if all(clause in clauses for clauses in alternatives[1:])]
    return tuple(dict.fromkeys(shared + interval))


def _bounds(clause: str) -> tuple[str, str]:
    """The lower and upper bound that a PEP 440 clause sets, as clauses; empty where it sets none."""
    match = re.fullmatch(r"(==|!=|>=|<=|~=|<|>)(.*?)(\.\*)?", clause)
    assert match is not None, clause
    operator, number, star = match.groups()
    release = _RELEASE.match(number)
    assert release is not None, clause
    match operator:
        case "==" if star:
            return f">={number}", f"<{_next(release[0])}"
        case "==":
            return f">={number}", f"<={number}"
        case ">" | ">=":
            return clause, ""
        case "<" | "<=":
            return "", clause
        case "~=":
            return f">={number}", f"<{_next(release[0].rpartition('.')[0])}"
        case _:
            return "", ""


def pin(specifier: str, mode: str, export: bool) -> str:
    """A requirement's specifier under `--pins`.

    `mode` is "exact" (as it stands), "none" (no constraint) or "compatible": what a person wrote is kept, but an exact
    version that comes from a full listing (`export`) only says what happened to be installed, and a wheelhouse seldom
    has that very build. It becomes `~=1.26` for 1.26.4 (at least this minor release, the same major one), and
    `>=2024.2` for a calendar version; `==1.26.4.*`, which a listing without builds comes to (`=1.26.4`), does so, too.
    `~=` and `==` accept the cluster's local versions (1.26.4+computecanada).
    """
    if mode == "none":
        return ""
    if mode == "exact" or not export:
        return specifier
    return ",".join(filter(None, (_loosen(clause.strip()) for clause in specifier.split(","))))


_CALENDAR = 1990  # a first number from here on is a year


def _loosen(clause: str) -> str:
    match = re.fullmatch(
        r"={2,3}\s*((?:\d+!)?)([0-9]{1,18})((?:\.\d+)*)((?:a|b|rc|\.dev)\d+)?(?:\.post\d+)?(?:\+.*)?(?:\.\*)?", clause
    )
    if match is None or (clause.endswith(".*") and not match[3]):
        return clause
    epoch, major, rest, early = match.groups()
    if early:  # 1.26 alone would leave out 1.26rc1
        return f">={epoch}{major}{rest}{early}"
    minor = ".".join(f"{major}{rest}".split(".")[:2])
    if int(major) >= _CALENDAR or "." not in minor:
        return f">={epoch}{minor}"
    return f"~={epoch}{minor}"
