"""Makes the generated tables of slurmfix/knowledge/, or those of a cluster, from their sources.

    python tools/make_tables.py --wiki DIR --installed x86-64-v3=DIR --installed x86-64-v4=DIR --lists DIR
    python tools/make_tables.py --wheel-files FILE --spider x86-64-v4=FILE --year 2023 --out /path/of/the/site
    python tools/make_tables.py --modules FILE --out /path/of/the/site

Each source is optional, and makes the tables that it is the source of; docs/tables.md says where each comes from. The
result is the same for the same sources, whatever the machine and the day.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tablemaker import (
    base_layer,
    bundles,
    cluster,
    easyconfigs,
    modules,
    names,
    requirements,
    requires,
    site,
    stored,
    wheels,
    wiki,
)
from tablemaker.text import Head, date_of, normalise, read, write

KNOWLEDGE = Path(__file__).resolve().parent.parent / "slurmfix" / "knowledge"
TREES = {"avx2": "x86-64-v3", "avx512": "x86-64-v4"}  # the wiki's and the lists' names of the CPU trees
PAGES = "wiki_pages"
SITE_LIST = "docs/assets/module-list.json"

WHEELS = Head(
    "the wheelhouse: the versions of each wheel by Python, all standard environments together; a name with a dummy,"
    " which stops pip, has the one cell `dummy`.",
    "name (normalised), then a column for each set of versions: `Pythons:versions`, the newest last.",
    "",
    "",
)
REQUIREMENTS = Head(
    "what wheels require of each other: the bounds that some wheel of the wheelhouse does not meet, without extras.",
    "name (normalised), then a column for each bound: `dependency bounds;versions that have it;Pythons` (none: all).",
    "",
    "",
)
MODULES = Head(
    "the modules of each standard environment, one line for each version, set of CPU trees and set of Python packages.",
    "module, standard environment, version, CPU trees, prerequisites (empty: none; |: or; a name without version: any),"
    " Python versions (empty: it has no part in Python), Python packages that it carries, with versions.",
    "",
    "",
)
NAMES = {
    "python_names": Head(
        "conda names that have a Python distribution of the same name on PyPI.", "conda name (normalised).", "", ""
    ),
    "names_generated": Head(
        "conda names whose Python distribution is called otherwise on PyPI.",
        "conda name (normalised), PyPI name (normalised).",
        "",
        "",
    ),
    "imports_generated": Head(
        "import names that differ from the name of the one distribution that has them.",
        "import name, PyPI name (normalised).",
        "",
        "",
    ),
}
NOT_ON_PYPI = Head(
    "conda names of whose package PyPI has nothing: programs, libraries, and Python distributions that are elsewhere.",
    "conda name (normalised), `python` where the package is a Python distribution.",
    "",
    "",
)
REQUIRES = Head(
    "for which Pythons pip takes a version of a pure wheel, which the wheelhouse lists under each Python.",
    "name (normalised), Requires-Python, versions that have it.",
    "",
    "",
)
BASE_LAYER = Head(
    "programs and libraries of the base layer, which every node has without a module; no versions are known.",
    "conda name, or the layer's own where conda has none known (normalised), standard environments, programs.",
    "",
    "",
)
BUNDLES = Head(
    "modules of EasyBuild by toolchain generation, with the Python packages that each carries: what a recipe exists"
    " for, or what a software stack has; `module spider` says what a cluster has.",
    "module, version, rest of its flat name (empty: no toolchain), generations, Python packages with versions.",
    "",
    "",
)


CLASSES = Head(
    "the classes of EasyBuild's modules, which stand before their names where a site sorts its modules by class:"
    " bio/SAMtools/1.18-GCC-12.3.0.",
    "module, class.",
    "",
    "",
)


class Found:
    """What all sources together say, where it comes from, and the day of the newest."""

    def __init__(self) -> None:
        self.wheels: list[wheels.Listed] = []
        self.builds: list[modules.Build] = []
        self.shown: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        self.base: list[tuple[str, ...]] = []
        self.names: dict[str, list[tuple[str, ...]]] = {}
        self.absent: list[tuple[str, ...]] = []
        self.requires: list[tuple[str, ...]] = []
        self.requirements: list[tuple[str, ...]] = []
        self.bundles: list[tuple[str, ...]] = []
        self.classes: list[tuple[str, str]] = []
        self.sources: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def note(self, table: str, source: str, day: str) -> None:
        """Keep a source of a table, and its day."""
        self.sources[table].append((source, day))

    def head(self, table: str, head: Head) -> Head:
        """A table's head with its sources and the newest of their days."""
        known = self.sources[table]
        return head._replace(source=";\n#  ".join(source for source, _ in known), date=max(day for _, day in known))


def from_wiki(path: Path, found: Found) -> None:
    """The wheels, and the modules that each CPU tree shows, from a stored dump of the wiki's pages."""
    source = stored.stored(path)
    texts = {name.removeprefix(f"{PAGES}/"): text for name, text in stored.texts(source, PAGES)}
    for python in wiki.pages_of_wheels(texts["Available Python wheels_en.txt"]):
        found.wheels += wiki.wheels(python, texts[f"Wheels{python}.txt"])
    for page, tree in TREES.items():
        for module, _, versions in wiki.modules([texts[f"Modules {page}.txt"]], tree):
            found.shown[tree][module] = frozenset(versions.split())
    for table, pages in (("wheel_versions", "Wheels3.X"), ("module_builds", "Modules_avx2 and Modules_avx512")):
        found.note(table, f"the wiki's {pages}, via github {_named(path)}@{source.commit[:8]}", source.day)


def _named(path: Path) -> str:
    """The repository that a git directory is a copy of, by its folder's name: `owner+name/repo`."""
    folder = path.parent.name if "+" in path.parent.name else path.name
    return folder.replace("+", "/", 1)


def from_records(sources: list[str], found: Found) -> None:
    """The builds, from the directories of EasyBuild's records: TREE=DIR each."""
    recipes: dict[tuple[str, str], list[easyconfigs.Recipe]] = defaultdict(list)
    for tree, _, path in (source.partition("=") for source in sources):
        kept = stored.stored(Path(path))
        for name, text in stored.texts(kept):
            recipe = easyconfigs.recipe(name, text) if easyconfigs.is_record(name) else None
            if recipe:
                recipes[recipe.year, tree].append(recipe)
        found.note("module_builds", f"github {_named(Path(path))}@{kept.commit[:8]}", kept.day)
    years = _years()
    for (year, tree), known in sorted(recipes.items()):
        if year in years:
            levels = easyconfigs.Levels(each for (of, _), several in recipes.items() if of == year for each in several)
            found.builds += easyconfigs.builds(known, levels, tree)


def from_lists(folder: Path, found: Found) -> None:
    """What lists of the forms in docs/tables.md have; of builds that the records have, the lists win."""
    if (path := folder / "wheel_versions.tsv").exists() and not found.wheels:
        found.wheels += wheels.listed(read(path))
        found.note("wheel_versions", *date_of(path))
    if (path := folder / "wiki_modules.tsv").exists() and not found.shown:
        found.shown.update(modules.shown(read(path), TREES))
        found.note("module_builds", *date_of(path))
    if (path := folder / "installed_modules.tsv").exists():
        listed = list(modules.listed(read(path), TREES))
        there = {build[:5] for build in listed}
        found.builds = [*(build for build in found.builds if build[:5] not in there), *listed]
        found.note("module_builds", *date_of(path))
    if (path := folder / "base_layer.tsv").exists():
        found.base += read(path)
        found.note("base_layer", *date_of(path))


def from_cluster(given: argparse.Namespace, found: Found) -> None:
    """What a cluster's own programs print."""
    today = given.date or date.today().isoformat()
    if given.wheel_files:
        pythons = sorted({row[0].partition("/")[2] for row in read(KNOWLEDGE / "pythons.tsv")})
        found.wheels += cluster.wheels(given.wheel_files.read_text(encoding="utf-8").splitlines(), pythons)
        found.note("wheel_versions", "the names of the wheels' files on the cluster", today)
    windows = {(row[0], row[2]): tuple(row[5].split()) for row in read(KNOWLEDGE / "module_builds.tsv") if len(row) > 5}
    for tree, _, path in (source.partition("=") for source in given.spider):
        try:
            found.builds += cluster.modules(Path(path).read_text(encoding="utf-8"), tree, given.year, windows)
        except (OSError, ValueError) as error:
            raise SystemExit(f"{path}: {error}") from error
        found.note("module_builds", f"Lmod's spider on a node of {tree}", today)


def from_mapping(wheel: Path, day: str, found: Found) -> None:
    """The tables of names, from the wheel conda-pypi, whose mapping is of `day`."""
    known = names.names(wheel)
    found.names = dict(zip(NAMES, (known.same, known.renamed, known.imports), strict=True))
    version = wheel.name.split("-")[1]
    source = f"grayskull_pypi_mapping.json of conda-pypi {version} (MIT, Copyright (c) 2022 Jaime Rodríguez-Guerra)"
    for table in NAMES:
        found.note(table, source, day)


def from_channels(path: Path, listed: Path, day: str, found: Found) -> None:
    """What conda's channels have that PyPI has, too, and has not, from parselmouth's git directory and PyPI's names."""
    source, on_pypi = stored.stored(path), {normalise(row[0]) for row in read(listed)}
    texts = (text for name, text in stored.texts(source, "files/v0") if name.endswith("compressed_mapping.json"))
    known = names.of_channels(map(json.loads, texts), on_pypi)
    what = f"files/v0/*/compressed_mapping.json of github {_named(path)}@{source.commit[:8]} ({source.day})"
    found.absent = known.absent
    found.note("not_on_pypi", f"{what}, without what PyPI's list of names had on {day}", day)
    if before := found.names.get("python_names"):
        found.names["python_names"] = sorted({*(row for row in before if row[0] in on_pypi), *known.same})
        found.note("python_names", f"{what}, both held to PyPI's list of names of {day}", day)


def from_index(folder: Path, day: str, found: Found) -> None:
    """Requires-Python of the wheels that are known by then, from a package index's answers as NAME.json."""
    there = {(normalise(line.name), version) for line in found.wheels for version in line.versions}
    pages = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json")))
    found.requires = list(requires.rows(pages, there))
    what = "the package index's own metadata, for the pure wheels that environments ask for most"
    found.note("requires_python", what, day)


def from_metadata(path: Path, day: str, found: Found) -> None:
    """What wheels require of each other, from a file of tools/fetch_metadata.py."""
    answers = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    metadata = ((each["name"], version, lines) for each in answers for version, lines in each["versions"].items())
    listed = wheels.by_python(_listed(found))
    found.requirements = list(
        requirements.rows(metadata, listed, _extras(), modules.carried(read(KNOWLEDGE / "module_builds.tsv")))
    )
    found.note("wheel_requirements", "Requires-Dist of the wheels on PyPI; the cluster's own may differ in some", day)


def _extras() -> dict[str, set[str]]:
    """The extras, by normalised name, that conda's names stand for or that need something at run time."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in read(KNOWLEDGE / "extras.tsv"):
        found[normalise(row[1])].update(row[2].split() if len(row) > 2 else ())
    for row in read(KNOWLEDGE / "runtime_needs.tsv"):
        name, _, extra = row[0].rstrip("]").partition("[")
        found[normalise(name)].update(filter(None, (extra,)))
    return found


def from_bundles(given: argparse.Namespace, found: Found) -> None:
    """The modules of EasyBuild: its recipes with their packages, and what a software stack has, with its extensions."""
    levels = bundles.Levels.of(read(KNOWLEDGE / "generations.tsv"))
    packages = bundles.extensions(read(given.extensions), levels) if given.extensions else {}
    there = list(bundles.shown(read(given.stack), levels)) if given.stack else []
    for bundle, generation, carried in bundles.carried(read(given.bundles), levels) if given.bundles else ():
        there.append((bundle, generation))
        packages[bundle] = packages.get(bundle, {}) | carried
    if given.recipes:
        kept = stored.stored(given.recipes)
        there += bundles.programs(stored.names(kept, "easybuild/easyconfigs"), _programs(), levels)
        found.note("bundles", f"the names of the recipes of github {_named(given.recipes)}@{kept.commit[:8]}", kept.day)
    found.bundles = bundles.rows(there, packages, _known_to_pip())
    for path in filter(None, (given.bundles, given.stack, given.extensions)):
        found.note("bundles", *date_of(path))


def from_site(path: Path, name: str, found: Found) -> None:
    """The modules of a site with tables of its own, `name`, from the list in the git directory of its documentation."""
    kept = stored.stored(path)
    listed = json.loads(next(text for _, text in stored.texts(kept, SITE_LIST)))
    levels = bundles.Levels.of(read(KNOWLEDGE / name / "generations.tsv"))
    there = list(site.shown(listed, levels))
    packages = site.named_like(there, read(KNOWLEDGE / "bundles.tsv"))
    for bundle, extensions in site.packages(listed, levels).items():
        packages[bundle] = packages.get(bundle, {}) | extensions
    found.bundles = bundles.rows(there, packages, frozenset(name for carried in packages.values() for name in carried))
    found.note(
        "bundles",
        f"github {_named(path)}@{kept.commit[:8]}, {SITE_LIST}, which lists packages for the default"
        " version of each module alone; a package of the module's own name is from the general table",
        kept.day,
    )


def from_modules(path: Path, own: Path, day: str, found: Found) -> None:
    """The modules of EasyBuild on a cluster, from Lmod's spider; the generations may be the site's own."""
    generations = list(read(own if own.exists() else KNOWLEDGE / "generations.tsv"))
    everywhere = [row[0] for row in generations]
    there, packages = [], {}
    try:
        for bundle, generation, carried in cluster.of_easybuild(path.read_text(encoding="utf-8"), generations):
            there += [(bundle, each) for each in ([generation] if generation else everywhere)]
            packages[bundle] = carried
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path}: {error}") from error
    found.bundles = bundles.rows(there, packages, _known_to_pip())
    found.note("bundles", "Lmod's spider on a node of the cluster", day)


def from_classes(path: Path, found: Found) -> None:
    """The classes of modules, from the git directory of EasyBuild's recipes."""
    kept = stored.stored(path)
    wanted = frozenset(row[0] for row in read(KNOWLEDGE / "bundles.tsv"))
    found.classes = site.classes(stored.texts(kept, "easybuild/easyconfigs"), wanted)
    what = "easybuild/easyconfigs: moduleclass of the recipes of each name, the most frequent one"
    found.note("module_classes", f"github {_named(path)}@{kept.commit[:10]} ({kept.day}), {what}", kept.day)


def _known_to_pip() -> frozenset[str]:
    return frozenset(row[0] for table in ("python_names", "wheel_versions") for row in read(KNOWLEDGE / f"{table}.tsv"))


def _programs() -> frozenset[str]:
    """The names of modules that some conda package or some program is served by, in the spelling that is compared."""
    columns = {"bundle_names": (1,), "conda_modules": (0, 1), "programs": (1,)}
    rows = ((row, parts) for table, parts in columns.items() for row in read(KNOWLEDGE / f"{table}.tsv"))
    return frozenset(bundles.plain(row[part]) for row, parts in rows for part in parts)


def _years() -> set[str]:
    return {row[0] for row in read(KNOWLEDGE / "standard_environments.tsv")}


def _by_hand() -> modules.ByHand:
    before = {(row[0], row[1]): row[2] for row in read(KNOWLEDGE / "module_prerequisites.tsv")}
    carried: dict[str, tuple[str, ...]] = {}
    for name, module, part, *_ in read(KNOWLEDGE / "python_modules.tsv"):
        if not part:
            carried[module] = (*carried.get(module, ()), name)
    return modules.ByHand(before, carried)


def _refused(found: Found) -> dict[str, dict[str, str]]:
    """Requires-Python by name and version: what was asked for now, else requires_python.tsv."""
    refused: dict[str, dict[str, str]] = defaultdict(dict)
    for name, wanted, versions in found.requires or read(KNOWLEDGE / "requires_python.tsv"):
        refused[name] |= dict.fromkeys(versions.split(), wanted)
    return refused


def _listed(found: Found) -> list[tuple[str, ...]]:
    """The rows of the wheelhouse: what was listed now, else those of the table."""
    return wheels.rows(found.wheels, _refused(found)) if found.wheels else list(read(KNOWLEDGE / "wheel_versions.tsv"))


def _installable(found: Found) -> list[tuple[str, ...]]:
    """The rows of the wheelhouse without the versions that pip cannot install on a Python."""
    listed = _listed(found)
    wanted = found.requirements or read(KNOWLEDGE / "wheel_requirements.tsv")
    standard = (row for row in read(KNOWLEDGE / "standard_environments.tsv") if row[1] == "default")
    current = {python for row in standard for python in row[4].split()}
    return wheels.held(listed, requirements.usable(wheels.by_python(listed), wanted, current))


def tables(found: Found) -> Iterator[tuple[str, Head, list[tuple[str, ...]]]]:
    """The tables that the sources are enough for."""
    if found.wheels:
        yield "wheel_versions", WHEELS, _installable(found)
    if found.requires:
        yield "requires_python", REQUIRES, found.requires
    if found.requirements:
        yield "wheel_requirements", REQUIREMENTS, found.requirements
    if found.builds:
        known = list(modules.visible(found.builds, found.shown)) if found.shown else found.builds
        yield "module_builds", MODULES, modules.rows(known, found.shown, _by_hand())
    if found.bundles:
        yield "bundles", BUNDLES, found.bundles
    if found.classes:
        yield "module_classes", CLASSES, found.classes
    if found.base:
        yield "base_layer", BASE_LAYER, base_layer.rows(found.base)
    if found.absent:
        yield "not_on_pypi", NOT_ON_PYPI, found.absent
    for name, rows in found.names.items():
        yield name, NAMES[name], rows


def main(words: list[str] | None = None) -> None:
    """Write the tables that the named sources are enough for, and say which."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--wiki", type=Path, help="git directory of the dump of the wiki's pages")
    options.add_argument("--installed", action="append", default=[], metavar="TREE=DIR", help="records of EasyBuild")
    options.add_argument("--lists", type=Path, help="folder with lists: wheel_versions.tsv, installed_modules.tsv …")
    options.add_argument("--wheel-files", type=Path, help="the names of the wheels' files, one a line")
    options.add_argument("--spider", action="append", default=[], metavar="TREE=FILE", help="Lmod's jsonSoftwarePage")
    options.add_argument("--mapping", type=Path, help="the wheel conda_pypi-VERSION-py3-none-any.whl")
    options.add_argument("--channels", type=Path, help="git directory of prefix-dev/parselmouth; needs --pypi")
    options.add_argument("--pypi", type=Path, help="PyPI's names, one a line, in the first column")
    options.add_argument("--index", type=Path, help="folder with a package index's answers, NAME.json (PEP 691)")
    options.add_argument("--metadata", type=Path, help="what tools/fetch_metadata.py wrote")
    options.add_argument("--bundles", type=Path, help="list of EasyBuild's recipes with their Python packages")
    options.add_argument("--recipes", type=Path, help="git directory of easybuild-easyconfigs, for its programs")
    options.add_argument("--classes", type=Path, help="git directory of easybuild-easyconfigs, for module_classes")
    options.add_argument("--site", metavar="NAME=DIR", help="git directory of the documentation of a site with tables")
    options.add_argument(
        "--modules", type=Path, metavar="FILE", help="Lmod's jsonSoftwarePage, where EasyBuild made them"
    )
    options.add_argument("--stack", type=Path, help="list of the modules of a software stack such as EESSI")
    options.add_argument("--extensions", type=Path, help="list of the packages inside the modules of a stack")
    options.add_argument("--year", default="", help="the standard environment of modules whose way names none")
    options.add_argument("--date", default="", help="the day of what has none of its own; without it, today")
    options.add_argument("--out", type=Path, default=KNOWLEDGE, help="the folder to write to")
    given = options.parse_args(words)
    found = Found()
    if given.wiki:
        from_wiki(given.wiki, found)
    if given.installed:
        from_records(given.installed, found)
    if given.lists:
        from_lists(given.lists, found)
    from_cluster(given, found)
    today = given.date or date.today().isoformat()
    if given.mapping:
        from_mapping(given.mapping, today, found)
    if given.channels:
        from_channels(given.channels, given.pypi, today, found)
    if given.index:
        from_index(given.index, today, found)
    if given.metadata:
        from_metadata(given.metadata, today, found)
    if given.bundles or given.stack:
        from_bundles(given, found)
    if given.site:
        name, _, path = given.site.partition("=")
        from_site(Path(path), name, found)
    if given.modules:
        from_modules(given.modules, given.out / "generations.tsv", today, found)
    if given.classes:
        from_classes(given.classes, found)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, head, rows in tables(found):
        write(given.out / f"{name}.tsv", found.head(name, head), rows)
        print(f"{given.out / name}.tsv: {len(rows)} rows")


if __name__ == "__main__":
    main()
