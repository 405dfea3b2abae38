"""Makes the modules of a cluster that EasyBuild built, flat, flat behind a year, and by compiler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from lab import Lab

TABLE = Path(__file__).with_suffix(".tsv")
LMOD = "/usr/share/lmod/lmod/init/bash"


@dataclass(frozen=True, slots=True)
class Row:
    """A module of the table: `parent` is the compiler that it belongs to, "" for a compiler."""

    name: str
    version: str
    toolchain: str = ""
    parent: str = ""
    generation: str = ""
    packages: str = ""

    @property
    def flat(self) -> str:
        """Its name where all modules stand in one folder: `Python/3.11.3-GCCcore-12.3.0`."""
        return f"{self.name}/{self.version}" + (f"-{self.toolchain}" if self.toolchain else "")

    @property
    def short(self) -> str:
        """Its name where the compiler is loaded first: `Python/3.11.3`."""
        return f"{self.name}/{self.version}"


def table() -> tuple[Row, ...]:
    lines = (line for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    return tuple(Row(*line.split("\t")) for line in lines)


class EasyBuild:
    """The modules, below a folder that every node sees, for the Pythons that this machine has."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.root = lab, lab.root / "easybuild"
        self.rows = [row for row in table() if not row.parent or self._python(row)]
        for row in self.rows:
            lines = "".join(f"{line}\n" for line in self._lines(row))
            needs = self._flat_needs(row)
            self._write(f"flat/{row.flat}", needs + lines)
            self._write(f"by-year/{row.generation[:4]}/{row.flat}", needs + lines)
            self._write(f"years/{row.generation[:4]}", self._opens(f"by-year/{row.generation[:4]}"))
            level = f"compiler/{row.parent}" if row.parent else "core"
            self._write(f"{level}/{row.short}", lines + (self._opens_below(row) if not row.parent else ""))

    def login(self, start: str, index: str) -> dict[str, str]:
        """The environment of a login shell that begins with the modules of one folder: `flat`, `years` or `core`."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "USER": "root",
            "LANG": "C.UTF-8",
            "LMOD_ALLOW_ROOT_USE": "yes",
            "LMOD_CACHED_LOADS": "no",
            "BASH_ENV": LMOD,
            "LMOD_PKG": "/usr/share/lmod/lmod",
            "SLURM_CONF": f"{self.lab.root}/etc/slurm.conf",
            "MODULEPATH": str(self.root / start),
            "PIP_INDEX_URL": index,
        }

    def _python(self, row: Row) -> Path | None:
        """The interpreter behind the Python of a module's generation: one of this machine's of that minor version."""
        wanted = next(each.version for each in table() if (each.name, each.generation) == ("Python", row.generation))
        return next(self.lab.software.glob(f"python/{wanted.rpartition('.')[0]}.*"), None)

    def _lines(self, row: Row) -> Iterator[str]:
        python = self._python(row)
        yield f'setenv("EBROOT{row.name.replace("-", "").upper()}", "{self.root}")'
        yield f'conflict("{row.name}")'
        if row.name == "Python":
            yield f'prepend_path("PATH", "{python}/bin")'
        if row.packages and python:
            folder = self.root / "software" / row.name / python.name
            for name in row.packages.split():
                self._install(name, folder, "cp" + "".join(python.name.split(".")[:2]))
            yield f'prepend_path("PYTHONPATH", "{folder}")'  # as EasyBuild's modules do, unless told otherwise

    def _flat_needs(self, row: Row) -> str:
        """What a module loads itself: its compiler, and the Python of its generation."""
        needs = [row.parent] if row.parent else []
        if row.packages:
            needs += [each.flat for each in self.rows if (each.name, each.generation) == ("Python", row.generation)]
        return "".join(f'depends_on("{each}")\n' for each in needs)

    def _opens(self, folder: str) -> str:
        return f'prepend_path("MODULEPATH", "{self.root / folder}")\n'

    def _opens_below(self, row: Row) -> str:
        """GCC shows what was built with it, and what was built with its core alone."""
        return "".join(self._opens(f"compiler/{name}/{row.version}") for name in dict.fromkeys(("GCCcore", row.name)))

    def _write(self, name: str, text: str) -> None:
        path = self.root / f"{name}.lua"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _install(self, name: str, folder: Path, tag: str) -> None:
        """Unpack a wheel of the wheelhouse, which is all that pip does with these."""
        if not list(folder.glob(f"{name}-*.dist-info")):
            wheels = self.lab.software.glob(f"wheelhouse/{name}-*.whl")
            (wheel,) = (path for path in wheels if f"-{tag}-" in path.name or "-none-any" in path.name)
            ZipFile(wheel).extractall(folder)
