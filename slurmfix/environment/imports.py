"""Reads which packages Python sources import; a guess at an environment that nobody can see."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from slurmfix.environment.messages import OPTIONAL_IMPORTS
from slurmfix.environment.package import BadEnvironment, Environment, Package
from slurmfix.environment.project import parse_python
from slurmfix.remarks import listed, phrase

# Modules that were part of Python once, or are on some other system or build.
_STANDARD_ONCE = """
asynchat asyncore binhex distutils imp smtpd formatter parser symbol macpath dummy_threading _bootlocale aifc
audioop cgi cgitb chunk crypt imghdr mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu
xdrlib lib2to3 fpectl tomllib graphlib zoneinfo __builtin__ __main__ BaseHTTPServer Bastion CGIHTTPServer
ConfigParser Cookie DocXMLRPCServer HTMLParser MimeWriter Queue SimpleHTTPServer SimpleXMLRPCServer SocketServer
StringIO Tkinter Tix ScrolledText tkMessageBox tkFileDialog tkSimpleDialog UserDict UserList UserString _winreg
anydbm cPickle cStringIO cookielib commands compiler copy_reg dbhash dircache dumbdbm exceptions fpformat
future_builtins gdbm hotshot htmlentitydefs htmllib httplib ihooks imputil linuxaudiodev md5 mhlib mimetools mimify
multifile mutex popen2 posixfile rexec rfc822 robotparser sets sgmllib sha statvfs strop sunaudio thread ttk
urllib2 urlparse whichdb xmlrpclib xmllib msvcrt winreg winsound _typeshed repr user new
"""
_ONCE_STANDARD = frozenset(_STANDARD_ONCE.split())
# One PyPI package does not own these: what stands below them says whose they are.
_NAMESPACES = frozenset({"google"})


class _Need(IntEnum):
    """How surely a source needs what it imports."""

    FIRST = 0  # when it is read
    LATER = 1  # when a function of it is called
    OPTIONAL = 2  # it goes on without it


@dataclass(frozen=True, slots=True)
class _Import:
    """One imported module, dotted; a relative one begins with its dots."""

    name: str
    line: int
    need: _Need


def read_imports(sources: Mapping[str, str], local: Container[str]) -> Environment:
    """A guess at what Python sources need.

    `sources` maps file names to Python texts, `local` tells which top-level names are modules of the author's own.
    Python's own modules and relative imports are left out, and so are imports whose failure the source catches: those
    are named in a doubt. Packages that only functions import are marked so. A text that is no Python 3 is searched
    line by line.
    """
    needed: dict[str, Package] = {}
    spare: set[str] = set()
    for source in sources.values():
        for found in _imports(source):
            top = found.name.partition(".")[0]
            if not top or top in local or is_standard(top):
                continue
            name = ".".join(found.name.split(".")[:2]) if top in _NAMESPACES else top
            if found.need is _Need.OPTIONAL:
                spare.add(name)
            elif name not in needed or (needed[name].later and found.need is _Need.FIRST):
                line = needed[name].line if name in needed else found.line
                needed[name] = Package(name, manager="import", line=line, later=found.need is _Need.LATER)
    only = sorted(spare - needed.keys())
    doubts = (OPTIONAL_IMPORTS.about(names=", ".join(only)),) if only else ()
    packages = tuple(needed[name] for name in sorted(needed, key=str.lower))
    origin = phrase("the imports of {files}", files=listed([*sources]))
    return Environment("", packages, origin, guess=True, doubts=doubts, optional=tuple(only))


def is_standard(name: str) -> bool:
    """Whether a top-level module is, or once was, part of Python."""
    return name in sys.stdlib_module_names or name in _ONCE_STANDARD


def imported_names(source: str) -> tuple[str, ...]:
    """The modules that a Python text may import, dotted, each once: `a.b`, `a.b.c` for `from a.b import c`.

    Relative ones keep their dots (`.x`, `..`). A name may turn out to be no module but a function in one.
    """
    return tuple(dict.fromkeys(found.name for found in _imports(source, members=True)))


def _imports(source: str, members: bool = False) -> Iterator[_Import]:
    try:
        tree = parse_python(source)
    except BadEnvironment:
        yield from _searched(source, members)
        return
    waiting: list[tuple[ast.AST, _Need]] = [(tree, _Need.FIRST)]
    found: list[_Import] = []
    while waiting:  # a list of its own, for a source may nest more deeply than Python's stack
        node, need = waiting.pop()
        match node:
            case ast.Import() | ast.ImportFrom():
                found += _statement(node, need, members)
            case ast.Call():
                found += _call(node, need)
        waiting += _children(node, need)
    yield from sorted(found, key=lambda each: each.line)


def _children(node: ast.AST, need: _Need) -> Iterable[tuple[ast.AST, _Need]]:
    match node:
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody) if _catches(handlers):
            given_up = all(_gives_up(handler) for handler in handlers)
            yield from ((child, need if given_up else _Need.OPTIONAL) for child in (*body, *handlers))
            yield from ((child, need) for child in (*orelse, *finalbody))
        case ast.With(items=items, body=body) if _suppresses(items):
            yield from ((child, _Need.OPTIONAL) for child in body)
        case ast.If(test=test, orelse=orelse) if _is_never(test):
            yield from ((child, need) for child in orelse)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            yield from ((child, max(need, _Need.LATER)) for child in ast.iter_child_nodes(node))
        case _:
            yield from ((child, need) for child in ast.iter_child_nodes(node))


def _is_never(test: ast.expr) -> bool:
    """Whether a condition holds in no run: `TYPE_CHECKING`, `False`, `0`."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Constant(value=value):
            return not value
        case _:
            return False


def _suppresses(items: list[ast.withitem]) -> bool:
    """Whether a `with` statement survives a module that is missing: `with suppress(ImportError):`."""
    calls = (item.context_expr for item in items if isinstance(item.context_expr, ast.Call))
    return any(_is_caught(argument) for call in calls if "suppress" in ast.dump(call.func) for argument in call.args)


_CAUGHT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _catches(handlers: list[ast.ExceptHandler]) -> bool:
    """Whether a try statement survives a module that is missing."""
    for handler in handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or _is_caught(kind) for kind in kinds):
            return True
    return False


def _is_caught(kind: ast.expr) -> bool:
    return isinstance(kind, ast.Name) and kind.id in _CAUGHT


def _gives_up(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends the program, so that the import was needed after all."""
    match handler.body[-1]:
        case ast.Raise():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="exit" | "_exit") | ast.Name(id="exit" | "quit"))):
            return True
        case _:
            return False


def _statement(node: ast.Import | ast.ImportFrom, need: _Need, members: bool) -> Iterator[_Import]:
    if isinstance(node, ast.Import):
        yield from (_Import(alias.name, node.lineno, need) for alias in node.names)
        return
    module = "." * node.level + (node.module or "")
    top = module.partition(".")[0]
    if module and (members or top not in _NAMESPACES or "." in module):
        yield _Import(module, node.lineno, need)
    if members or (top in _NAMESPACES and "." not in module):
        joint = "" if module.endswith(".") else "."
        yield from (
            _Import(f"{module}{joint}{alias.name}", node.lineno, need) for alias in node.names if alias.name != "*"
        )


def _call(node: ast.Call, need: _Need) -> Iterator[_Import]:
    """`importlib.import_module("x")` and `__import__("x")`."""
    match node:
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ) if re.fullmatch(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", name):
            yield _Import(name, node.lineno, need)


_LINE = re.compile(r"[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([\w*, \t]*)|import[ \t]+([\w., \t]+))")


def _searched(source: str, members: bool) -> Iterator[_Import]:
    """Import statements of a text that is no Python 3, by their looks; not those within texts of three quotes."""
    hidden = ""
    optional_at: int | None = None
    for number, line in enumerate(source.splitlines(), 1):
        code = line.lstrip()
        indent = len(line) - len(code)
        if not hidden and optional_at is not None and code and indent <= optional_at and not code.startswith("except"):
            optional_at = None
        if not hidden and re.match(r"try\s*:", code):
            optional_at = indent
        if not hidden and (match := _LINE.match(line)):
            yield from _of_line(match, number, _Need.FIRST if optional_at is None else _Need.OPTIONAL, members)
        for quotes in re.findall(r'"""|\'\'\'', line):
            hidden = "" if hidden == quotes else hidden or quotes


def _of_line(match: re.Match[str], number: int, need: _Need, members: bool) -> Iterator[_Import]:
    module, names, plain = match.groups()
    if plain:
        words = [piece.split()[0] for piece in plain.split(",") if piece.split()]
    elif module:
        joint = "" if module.endswith(".") else "."
        below = (
            [piece.split()[0] for piece in names.split(",") if piece.split() and "*" not in piece] if members else []
        )
        words = [module, *(f"{module}{joint}{name}" for name in below)]
    else:
        words = []
    for word in words:
        if re.fullmatch(r"\.*(?:[^\W\d]\w*(?:\.[^\W\d]\w*)*)?", word):
            yield _Import(word, number, need)
