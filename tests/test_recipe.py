"""Recipes of whole environments, from the table tests/recipes.yml, and the promises of a requirements file."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from slurmfix.environment import Environment, Package
from slurmfix.knowledge import UnknownProfile, normalise, wheel_pythons, wheel_requirements, wheel_versions
from slurmfix.matchspec import parse
from slurmfix.recipe import Facts, LeftOut, Recipe, Wishes, make_recipe, requirements_text

TABLE: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "recipes.yml").read_text(encoding="utf-8"))


def environment_of(name: str, case: dict[str, Any]) -> Environment:
    conda = [parse(spec) for spec in case.get("conda", ())]
    pip = [Requirement(line) for line in case.get("pip", ())]
    packages = (
        *(Package(spec.name, spec.version, spec.build, spec.channel) for spec in conda),
        *(
            Package(
                asked.name,
                str(asked.specifier),
                manager="pip",
                extras=tuple(sorted(asked.extras)),
                marker=str(asked.marker or ""),
            )
            for asked in pip
        ),
        *(Package(plain, manager="pip", url=url) for plain, url in case.get("urls", {}).items()),
        *(Package(module, manager="import") for module in case.get("imports", ())),
    )
    options = tuple(case.get("options", ()))
    return Environment(
        name,
        packages,
        origin=f"{name}.yml",
        guess="imports" in case,
        pip_options=options,
        export=case.get("export", False),
    )


def recipe_of(name: str) -> Recipe:
    case = TABLE[name]
    wishes = Wishes(
        python=case.get("wish"),
        pins=case.get("pins", "compatible"),
        to=case.get("to", "auto"),
        profile=case.get("profile", "alliance"),
        programs=tuple(case.get("programs", ())),
        loaded=tuple(case.get("loaded", ())),
    )
    return make_recipe(environment_of(name, case), wishes)


def left(recipe: Recipe, kind: str) -> list[str]:
    return sorted(out.name for out in recipe.left_out if out.kind == kind)


@pytest.mark.parametrize("name", TABLE)
def test_the_recipe_is_the_analysts(name: str) -> None:
    case, recipe = TABLE[name], recipe_of(name)
    assert " ".join(recipe.modules) == case["modules"]
    assert list(recipe.requirements) == sorted(case.get("requirements", ()), key=str.lower)
    for kind in ("module", "dropped", "unknown"):
        assert left(recipe, kind) == sorted(case.get(kind, ())), kind
    assert recipe.strategy == case.get("strategy", "virtualenv")
    if python := case.get("python"):
        assert recipe.python == python


@pytest.mark.parametrize("name", TABLE)
def test_what_is_doubtful_is_said_and_nothing_else(name: str) -> None:
    case, recipe = TABLE[name], recipe_of(name)
    expected = [*case.get("doubts", ()), *case.get("no_wheel", ())]
    for piece in expected:
        assert any(piece in doubt for doubt in recipe.doubts), f"nothing says {piece}: {recipe.doubts}"
    if not expected:
        assert recipe.doubts == ()


@pytest.mark.parametrize("name", TABLE)
def test_each_dependency_ends_in_exactly_one_class(name: str) -> None:
    case, recipe = TABLE[name], recipe_of(name)
    out = [gone.name for gone in recipe.left_out]
    assert len(out) == len(set(out))
    asked = [package.name for package in recipe.environment.packages]
    kept = {normalise(Requirement(line).name) for line in recipe.requirements}
    assert set(asked) >= set(out) - set(case.get("options", ()))
    assert len(set(asked) - set(out)) >= len(kept - set(case.get("held", ())))  # to a module, or needed by another
    assert all(gone.why and gone.kind in ("module", "dropped", "unknown") for gone in recipe.left_out)
    assert recipe.reason[-1] != "." and "\n" not in recipe.reason


@pytest.mark.parametrize("name", TABLE)
def test_a_requirement_without_a_wheel_is_named(name: str) -> None:
    case, recipe = TABLE[name], recipe_of(name)
    if case.get("profile") == "generic":
        return
    lacking = {normalise(Requirement(line).name) for line in recipe.requirements}
    lacking = {plain for plain in lacking if recipe.python not in wheel_pythons(plain)}
    assert lacking == set(map(normalise, case.get("no_wheel", ())))


def a_version(specifier: SpecifierSet) -> str:
    """Some version that meets a specifier."""
    named = [part.version.removesuffix(".*") for part in specifier] or ["1.0"]
    tries = [*(f"{number}{more}" for number in named for more in ("", ".0", ".1", ".99")), "0.1"]
    return next(number for number in tries if specifier.contains(Version(f"{number}+computecanada")))


def write_wheel(folder: Path, name: str, version: str, extras: set[str]) -> None:
    plain = re.sub(r"[-_.]+", "_", name)
    info = f"{plain}-{version}.dist-info"
    provided = "".join(f"Provides-Extra: {extra}\n" for extra in sorted(extras))
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{provided}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{plain}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


PIP_MANY = """
import contextlib, io, sys
from pip._internal.cli.main import main
for path in sys.argv[2:]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = main(["install", "--dry-run", "--no-index", "--ignore-installed", "--disable-pip-version-check",
                       "--find-links", sys.argv[1], "-r", path])
    print(status, path, repr(said.getvalue()[-300:]) if status else "")
"""


@pytest.mark.slow
def test_pip_accepts_every_requirements_file(tmp_path: Path) -> None:
    """One pip process for all files; the wheelhouse holds a stub of every name, labelled as the cluster does."""
    wheels = tmp_path / "wheelhouse"
    wheels.mkdir()
    paths = []
    for name in TABLE:
        recipe = recipe_of(name)
        for line in recipe.requirements:
            asked = Requirement(line)
            write_wheel(wheels, asked.name, f"{a_version(asked.specifier)}+computecanada", asked.extras)
        path = tmp_path / f"requirements-{name}.txt"
        path.write_text(requirements_text(recipe), encoding="utf-8")
        if recipe.requirements:
            paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", PIP_MANY, str(wheels), *paths], capture_output=True, text=True, timeout=300, check=False
    )
    lines = [line for line in done.stdout.splitlines() if re.match(r"\d+ /", line)]
    assert len(lines) == len(paths), done.stderr
    assert [line for line in lines if not line.startswith("0 ")] == []


# --- what the cluster answers -------------------------------------------------------------------------------------


def simple(*conda: str, pip: tuple[str, ...] = ()) -> Environment:
    return environment_of("e", {"conda": conda, "pip": pip})


def test_an_absent_wheel_is_said() -> None:
    recipe = make_recipe(simple("python=3.11", "numpy"), facts=Facts({}, {"numpy": ()}))
    assert recipe.requirements == ("numpy",)
    assert any("the package numpy: the cluster has no wheel" in doubt for doubt in recipe.doubts)


def test_the_nearest_version_with_a_wheel_is_named() -> None:
    facts = Facts({}, {"numpy": ("1.26.2+computecanada", "1.26.3+computecanada", "2.1.0+computecanada")})
    recipe = make_recipe(simple("python=3.11", "numpy=1.25"), facts=facts)
    assert any("takes numpy 1.26.2" in doubt for doubt in recipe.doubts)
    assert make_recipe(simple("python=3.11", "numpy=1.26"), facts=facts).doubts == ()


def test_a_dummy_wheel_leads_to_the_module() -> None:
    facts = Facts({}, {"pyarrow": ("17.0.0+dummy.computecanada",), "strange": ("1.0+dummy.computecanada",)})
    recipe = make_recipe(simple("python=3.11", "pyarrow", pip=("strange",)), facts=facts)
    assert any(name.startswith("arrow/") for name in recipe.modules)
    assert any("the package strange: the cluster has a module for the package" in doubt for doubt in recipe.doubts)


def test_a_real_wheel_wins_over_the_module() -> None:
    facts = Facts({}, {"symengine": ("0.13.0+computecanada",)})
    recipe = make_recipe(simple("python=3.11", "python-symengine"), facts=facts)
    assert recipe.requirements == ("symengine",)


def test_the_clusters_modules_win_over_the_table() -> None:
    facts = Facts({"samtools": ("samtools/1.18", "samtools/1.20"), "bwa": ()}, {})
    recipe = make_recipe(simple("samtools", "bwa"), Wishes(programs=("bwa",)), facts)
    assert "samtools/1.20" in recipe.modules
    assert left(recipe, "unknown") == ["bwa"]
    assert recipe.strategy == "apptainer"


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(UnknownProfile, match=r"no profile `beluga`.*alliance.*trillium"):
        make_recipe(simple("numpy"), Wishes(profile="beluga"))


# --- the text -----------------------------------------------------------------------------------------------------


def test_the_head_says_where_it_came_from_and_what_was_left_out() -> None:
    text = requirements_text(recipe_of("huggingface-pinned-arrow"))
    head = [line for line in text.splitlines() if line.startswith("#")]
    lines = text.splitlines()[len(head) :]
    assert [line.partition("  # ")[0] for line in lines] == ["datasets<4.1.0", "pandas==2.*"]
    assert "huggingface-pinned-arrow.yml" in head[0]
    assert "# Goes with: module load StdEnv/2023 python/3.11 gcc arrow/17.0.0" in head
    assert any("pyarrow" in line and "arrow/17.0.0" in line for line in head)


def test_a_guess_is_called_one_and_says_how_to_export_the_list() -> None:
    text = requirements_text(recipe_of("imports"))
    assert "# GUESS" in text and "conda env export --no-builds -n imports" in text


@pytest.mark.parametrize("evil", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\x1b[2J"])
def test_no_name_escapes_the_comment(evil: str) -> None:
    name = f"a{evil}--index-url=http://evil"
    environment = Environment(name, (Package(name), Package("numpy")), origin=name, pip_options=(f"--pre{evil}evil",))
    recipe = make_recipe(environment)
    text = requirements_text(
        Recipe(environment, "3.11", (name,), recipe.requirements, (*recipe.left_out, LeftOut(name, name, "unknown")))
    )
    assert [line for line in text.splitlines() if not line.startswith("#")] == ["numpy"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_what_pip_cannot_read_is_left_out() -> None:
    evil = Package("numpy", manager="pip", marker="python_version > '3'\nevil", extras=("a\nb",))
    text = requirements_text(make_recipe(Environment("e", (evil,))))
    assert [line for line in text.splitlines() if not line.startswith("#")] == []


WORD = st.text(max_size=12) | st.sampled_from(
    ["numpy", "python", "r-x", "pyarrow", "samtools", "libx", "perl-y", "ray"]
)
ANY_PACKAGE = st.builds(
    Package,
    WORD,
    st.sampled_from(["", "=1", "==1.2", ">=3.9,<3.12", "=2.7", "1|2", "*", "!", "=1.0=py_0"]) | st.text(max_size=8),
    channel=st.sampled_from(["", "bioconda", "conda-forge"]),
    manager=st.sampled_from(["conda", "pip", "import"]),
    extras=st.lists(st.text(max_size=4), max_size=2).map(tuple),
    marker=st.sampled_from(["", "sys_platform == 'linux'", "python_version < '3'"]) | st.text(max_size=8),
    url=st.sampled_from(["", "", "git+https://x", "file:///croot/x"]),
)


@given(st.lists(ANY_PACKAGE, max_size=6), st.booleans(), st.sampled_from(["alliance", "generic", "trillium"]))
def test_whatever_is_asked_for_gives_a_file_that_pip_reads(asked: list[Package], export: bool, profile: str) -> None:
    environment = Environment("e", tuple(asked), export=export, channels=("bioconda",))
    recipe = make_recipe(environment, Wishes(profile=profile, programs=tuple(package.name for package in asked)))
    for line in requirements_text(recipe).split("\n"):
        plain = re.sub(r"(^|\s)#.*", "", line)  # as pip takes comments out
        assert not plain or Requirement(plain)
    if profile == "alliance" and recipe.strategy != "modules":
        assert recipe.modules[0].startswith("StdEnv/") and recipe.modules[1].startswith("python/")


AT_ODDS = (
    "numba",
    "numpy",
    "llvmlite",
    "scipy",
    "pandas",
    "pyopenssl",
    "cryptography",
    "s3fs",
    "fsspec",
    "scikit-image",
)


@given(st.dictionaries(st.sampled_from(AT_ODDS), st.integers(0, 30), min_size=2, max_size=4), st.booleans())
def test_lines_go_together_or_it_is_said(asked: dict[str, int], export: bool) -> None:
    """Whatever versions are asked for, each two lines have versions of which neither refuses the other."""
    listed = {name: wheel_versions(name, "3.11") for name in asked}
    pins = {name: versions[asked[name] % len(versions)] for name, versions in listed.items()}
    packages = tuple(Package(name, f"=={version}", manager="pip") for name, version in pins.items())
    recipe = make_recipe(Environment("e", (Package("python", "==3.11.*"), *packages), export=export))
    lines = {normalise(line.name): line.specifier for line in map(Requirement, recipe.requirements)}
    taken = {name: list(wanted.filter(wheel_versions(name, recipe.python))) for name, wanted in lines.items()}
    together = all(
        any(accepts(one, first, other, second, recipe.python) for first in taken[one] for second in taken[other])
        for one in taken
        for other in taken
    )
    assert together or any("cannot install them together" in doubt for doubt in recipe.doubts)


def accepts(one: str, version: str, other: str, theirs: str, python: str) -> bool:
    bounds = dict(wheel_requirements(one, version, python)).get(other, "")
    return SpecifierSet(bounds).contains(theirs, prereleases=True)


def test_a_tool_of_developers_stops_no_installation() -> None:
    """It stays where it has a wheel, and is taken out where it has none, whoever installed it."""
    names = ("pytest-cov", "sphinx-copybutton", "types-PyYAML")
    packages = [Package(name, manager=manager) for name in names for manager in ("conda", "pip")]
    recipe = make_recipe(Environment("x", (*packages, Package("furo"), Package("numpy"))))
    assert recipe.requirements == ("numpy", "pytest-cov")
    assert left(recipe, "dropped") == ["furo", "sphinx-copybutton", "types-PyYAML"]
    assert recipe.doubts == () and recipe.strategy == "virtualenv"


LITTLE = """
import sys
from slurmfix.knowledge import tables
from slurmfix.environment import Environment, Package
from slurmfix.recipe import make_recipe, requirements_text

read, lines = [], tables.lines
tables.lines = lambda table: read.append(table) or lines(table)
names = sys.argv[1:]
packages = tuple(Package(name, manager="import") for name in names)
requirements_text(make_recipe(Environment("x", packages, guess=True)))
print(sorted(set(read)), sorted(name for name in sys.modules if name.split(".")[0] in ("packaging", "yaml", "jinja2")))
"""


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        ((), []),
        (
            ("numpy", "yaml"),
            ["gpu_builds", "imports_by_hand", "imports_generated", "python_modules", "runtime_needs", "together"],
        ),
    ],
)
def test_a_recipe_reads_only_the_tables_that_it_needs(names: tuple[str, ...], tables: list[str]) -> None:
    command = [sys.executable, "-c", LITTLE, *names]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    expected = sorted(
        {
            *tables,
            "module_families",
            "module_roles",
            "pythons",
            "standard_environments",
            *(("wheel_requirements", "wheel_versions") if names else ()),
        }
    )
    assert said.strip() == f"{expected} []"
