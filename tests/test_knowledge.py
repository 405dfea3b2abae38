"""The tables: their form, that they agree with one another, and facts spot-checked against the documentation."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from slurmfix import knowledge
from slurmfix.environment import Environment, Package
from slurmfix.recipe import make_recipe
from slurmfix.version import old_tables

TABLES = sorted(path.stem for path in knowledge.HERE.glob("*.tsv"))
NAMED = ["names_by_hand", "names_generated", "python_names", "wheel_versions", "python_modules", "extras", "base_layer"]


def text(table: str) -> str:
    return (knowledge.HERE / f"{table}.tsv").read_text(encoding="utf-8")


def test_every_table_is_described_here() -> None:
    assert sorted(knowledge.known_tables()) == TABLES


@pytest.mark.parametrize("table", TABLES)
def test_a_table_says_what_it_is_and_where_it_comes_from(table: str) -> None:
    head = [line for line in text(table).splitlines() if line.startswith("#")]
    for label in ("# What: ", "# Columns: ", "# Source: "):
        assert any(line.startswith(label) and len(line) > len(label) + 10 for line in head), label
    assert any(re.fullmatch(r"# Date: 20\d\d-\d\d-\d\d", line) for line in head)
    assert text(table).endswith("\n") and "\r" not in text(table) and "\n\n" not in text(table)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_its_form_and_no_stray_blanks(table: str) -> None:
    form, years = knowledge.known_tables()[table], {each.year for each in knowledge.standard_environments()}
    words = {"years": frozenset(years), "generations": frozenset(knowledge.generations())}
    for row in knowledge.rows(table):
        assert all(cell == cell.strip() for cell in row), row
        assert form.slip(row, words) == "", row


@pytest.mark.parametrize("table", [table for table in TABLES if table != "module_builds"])
def test_a_table_is_sorted_without_duplicates(table: str) -> None:
    parts = {
        "at_hand": (0, 1, 2, 3),
        "bundles": (0, 1, 2),
        "gone_options": (0, 1),
        "module_prerequisites": (0, 1),
        "read_unnamed": (0, 1),
        "requires_python": (0, 1),
        "runtime_needs": (0, 1),
        "site_marks": (0, 1),
        "together": (0, 2, 1),
        "traces": (0, 1),
        "traps": (0, 1),
    }.get(table, (0,))
    keys = [tuple(row[part] for part in parts) for row in knowledge.rows(table)]
    assert len(keys) == len(set(keys))
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)


def test_the_modules_are_sorted_by_name_and_age_without_duplicates() -> None:
    def age(version: str) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[a-zA-Z]+", version)]

    keys = [(row[0], row[1], age(row[2])) for row in knowledge.rows("module_builds")]
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)
    assert len(set(knowledge.rows("module_builds"))) == len(keys)
    for module, stdenv in {key[:2] for key in keys}:
        ages = [key[2] for key in keys if key[:2] == (module, stdenv)]
        assert ages == sorted(ages), module


@pytest.mark.parametrize("table", ["conda_modules", "programs", "python_modules"])
def test_every_module_named_exists(table: str) -> None:
    missing = {row[1] for row in knowledge.rows(table) if not knowledge.is_module(row[1])}
    assert missing == set()


def test_every_prerequisite_exists() -> None:
    years = [each.year for each in knowledge.standard_environments()]
    found = [module for year in years for modules in knowledge.modules(year).values() for module in modules]
    there = {module.full_name for module in found} | {module.name for module in found}
    missing = {name for module in found for way in module.prerequisites for name in way if name not in there}
    assert missing == {"cuda/11.8", "intel/2023.1.0"}  # hidden ones, which others load


def test_windows_name_pythons_that_exist() -> None:
    for each in knowledge.standard_environments():
        modules = [module for found in knowledge.modules(each.year).values() for module in found]
        assert {python for module in modules for python in module.pythons} <= set(each.pythons)
    named = {python for row in knowledge.rows("wheel_versions") for python in knowledge.wheel_pythons(row[0])}
    assert set(knowledge.standard_environments()[0].pythons) <= named


def test_each_group_of_dropped_names_has_a_reason_and_a_use() -> None:
    used = {row[1] for row in knowledge.rows("dropped")}
    assert used == {row[0] for row in knowledge.rows("dropped_reasons")}


def test_a_conda_name_is_a_module_or_dropped_but_a_hand_written_python_name_is_neither() -> None:
    by_hand = {row[0] for row in knowledge.rows("names_by_hand")}
    modules = {knowledge.normalise(row[0]) for row in knowledge.rows("conda_modules")}
    assert by_hand & modules == set()
    assert {name for name in by_hand if knowledge.dropped(name, patterns=False)} == set()


@pytest.mark.parametrize("table", NAMED)
def test_names_are_normalised(table: str) -> None:
    assert [row[0] for row in knowledge.rows(table) if knowledge.normalise(row[0]) != row[0]] == []


@pytest.mark.parametrize(
    "conda, pypi",
    [
        ("pytorch", "torch"),
        ("pytorch-cpu", "torch"),
        ("pytorch-gpu", "torch"),
        ("matplotlib-base", "matplotlib"),
        ("numpy-base", "numpy"),
        ("pyqt", "PyQt5"),
        ("tensorflow-base", "tensorflow"),
        ("tensorflow-gpu", "tensorflow"),
        ("snakemake-minimal", "snakemake"),
        ("dask-core", "dask"),
        ("python-fastjsonschema", "fastjsonschema"),
        ("pytables", "tables"),
        ("opencv", "opencv-python"),
        ("py-opencv", "opencv-python"),
        ("pyg", "torch-geometric"),
        ("pytorch-geometric", "torch-geometric"),
        ("pytorch_geometric", "torch-geometric"),
        ("brotli-python", "Brotli"),
        ("cupy-core", "cupy"),
        ("msgpack-python", "msgpack"),
        ("faiss-cpu", "faiss-cpu"),
        ("ray-default", "ray"),
        ("typing-extensions", "typing_extensions"),
        ("pandas", "pandas"),
        ("scikit-learn", "scikit-learn"),
        ("h5py", "h5py"),
        ("pillow", "pillow"),
        ("pyyaml", "PyYAML"),
        ("torchvision", "torchvision"),
        ("dask", "dask"),
        ("plotly", "plotly"),
        ("seaborn", "seaborn"),
        ("python-graphviz", "graphviz"),
        ("ruamel.yaml", "ruamel.yaml"),
        ("pysoundfile", "soundfile"),
        ("docker-py", "docker"),
        ("python-xxhash", "xxhash"),
        ("gdal", "GDAL"),
        ("psycopg2", "psycopg2"),
    ],
)
def test_conda_names_become_pypi_names(conda: str, pypi: str) -> None:
    assert knowledge.pypi_name(conda) == pypi


@pytest.mark.parametrize(
    "module, pypi",
    [
        ("cv2", "opencv-python"),
        ("PIL", "pillow"),
        ("sklearn", "scikit-learn"),
        ("yaml", "PyYAML"),
        ("Bio", "biopython"),
        ("skimage", "scikit-image"),
        ("bs4", "beautifulsoup4"),
        ("dateutil", "python-dateutil"),
        ("Crypto", "pycryptodome"),
        ("osgeo", "GDAL"),
        ("umap", "umap-learn"),
        ("pywt", "PyWavelets"),
        ("netCDF4", "netCDF4"),
        ("numpy", "numpy"),
        ("torch_geometric", "torch-geometric"),
        ("attr", "attrs"),
        ("mpl_toolkits", "matplotlib"),
        ("vtk", "vtk"),
    ],
)
def test_import_names_become_pypi_names(module: str, pypi: str) -> None:
    assert knowledge.pypi_name_of_import(module) == pypi


@pytest.mark.parametrize("name", ["zz-nothing", "libfoo", "r-ggplot2", "perl-json", "samtools"])
def test_what_is_no_python_package_has_no_pypi_name(name: str) -> None:
    assert knowledge.pypi_name(name) is None


@pytest.mark.parametrize(
    "name, group",
    [
        ("mkdocs-material", "development"),
        ("jupyter_contrib_core", "development"),
        ("jupyterhub-singleuser", "development"),
        ("_libgcc_mutex", "runtime"),
        ("_openmp_mutex", "runtime"),
        ("ld_impl_linux-64", "compiler"),
        ("libgcc-ng", "runtime"),
        ("ca-certificates", "system"),
        ("openssl", "system"),
        ("mkl", "math"),
        ("cudatoolkit", "cuda"),
        ("pytorch-cuda", "cuda"),
        ("gcc_impl_linux-64", "compiler"),
        ("libcublas", "cuda"),
        ("xorg-libx11", "graphics"),
        ("conda", "conda"),
        ("nvidia-cudnn-cu12", "cuda"),
        ("python_abi", "interpreter"),
        ("m2w64-gcc-libs", "platform"),
        ("libpng", "image"),
    ],
)
def test_names_that_need_nothing_say_why(name: str, group: str) -> None:
    assert knowledge.dropped(name) == group
    assert len(knowledge.dropped_because(group)) > 10


@pytest.mark.parametrize(
    "program, module",
    [
        ("samtools", "samtools"),
        ("STAR", "star"),
        ("blastn", "blast+"),
        ("Rscript", "r"),
        ("R", "r"),
        ("gmx", "gromacs"),
        ("lmp", "lammps-omp"),
        ("fasterq-dump", "sra-toolkit"),
        ("iqtree2", "iq-tree"),
        ("pw.x", "quantumespresso"),
        ("nvcc", "cuda"),
        ("java", "java"),
        ("nextflow", "nextflow"),
        ("ffmpeg", "ffmpeg"),
        ("gatk", "gatk"),
    ],
)
def test_programs_belong_to_modules(program: str, module: str) -> None:
    assert knowledge.program_module(program) == module


@pytest.mark.parametrize(
    "module, version, pythons",
    [
        ("arrow", "17.0.0", "3.10 3.11 3.12"),
        ("arrow", "22.0.0", "3.11 3.12 3.13"),
        ("arrow", "24.0.0", "3.11 3.12 3.13 3.14"),
        ("mpi4py", "4.0.3", "3.10 3.11 3.12"),
        ("mpi4py", "4.1.0", "3.10 3.11 3.12 3.13"),
        ("gdal", "3.9.1", "3.10 3.11 3.12"),
        ("opencv", "4.13.0", "3.11 3.12 3.13 3.14"),
        ("rdkit", "2025.09.4", "3.11 3.12 3.13 3.14"),
        ("qt", "6.5.3", "3.10 3.11"),
    ],
)
def test_modules_have_their_windows(module: str, version: str, pythons: str) -> None:
    found = {entry.version: entry.pythons for entry in knowledge.modules("2023")[module]}
    assert found[version] == tuple(pythons.split())


def test_the_standard_environments_have_their_pythons() -> None:
    found = {each.year: set(each.pythons) for each in knowledge.standard_environments()}
    assert found["2023"] == {"3.10", "3.11", "3.12", "3.13", "3.14"} and found["2026"] == {"3.14"}
    assert found["2020"] == {"2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11"}


@pytest.mark.parametrize(
    "pypi, module",
    [
        ("pyarrow", "arrow"),
        ("opencv_python", "opencv"),
        ("opencv-contrib-python-headless", "opencv"),
        ("mpi4py", "mpi4py"),
        ("rdkit", "rdkit"),
        ("igraph", "igraph"),
        ("symengine", "symengine"),
        ("parasail", "parasail"),
        ("GDAL", "gdal"),
        ("petsc4py", "petsc"),
        ("openmm", "openmm"),
        ("graph-tool", "graph-tool"),
        ("psi4", "psi4"),
        ("PyQt6", "qt"),
    ],
)
def test_some_python_packages_only_modules_have(pypi: str, module: str) -> None:
    found = knowledge.python_module(pypi)
    assert found is not None and found.module == module


def test_a_name_that_is_two_things_is_told_apart() -> None:
    arrow = knowledge.trap("arrow")
    assert arrow is not None and arrow.means == "python"
    assert knowledge.trap("jellyfish", "bioconda") != knowledge.trap("jellyfish", "conda-forge")
    diamond = knowledge.trap("diamond")
    assert diamond is not None and diamond.means == "module"
    assert knowledge.trap("numpy") is None


def test_wheels_that_the_wheelhouse_lacks_are_absent() -> None:
    assert knowledge.wheel_pythons("rapids") == ()
    assert knowledge.wheel_pythons("tensorflow") == ("3.8", "3.9", "3.10", "3.11", "3.12")
    assert "3.14" in knowledge.wheel_pythons("Torch_Geometric".replace("_", "-"))


def test_the_profiles_say_what_the_clusters_do() -> None:
    profiles = {name: knowledge.profile(name) for name in knowledge.profile_names()}
    assert set(profiles) >= {
        "alliance",
        "fir",
        "generic",
        "killarney",
        "narval",
        "nibi",
        "rorqual",
        "tamia",
        "trillium",
        "vulcan",
    }
    assert {name for name, found in profiles.items() if found.internet} == {"fir", "nibi", "generic"}
    assert profiles["trillium"].venv == "home"
    assert not profiles["generic"].wheelhouse and profiles["generic"].install_options == ()
    assert all(found.source and found.says for found in profiles.values())
    with pytest.raises(knowledge.UnknownProfile, match="alliance, c3se, easybuild"):
        knowledge.profile("nowhere")


def test_nothing_is_read_before_it_is_asked_for() -> None:
    code = (
        "import sys, pathlib; read = pathlib.Path.read_text; seen = []\n"
        "pathlib.Path.read_text = lambda self, *a, **k: seen.append(self.stem) or read(self, *a, **k)\n"
        "from slurmfix import knowledge\n"
        "assert seen == [], seen\n"
        "knowledge.program_module('samtools'); knowledge.program_module('bwa')\n"
        "assert seen == ['programs'], seen\n"
        "assert not {'yaml', 'packaging'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("conda", "name", "own"),
    [
        ("r-matrixstats", "matrixStats", False),
        ("r-seurat", "Seurat", False),
        ("r-r.utils", "R.utils", False),
        ("r-ggplot2", "ggplot2", False),
        ("r-mass", "MASS", True),
        ("r-survival", "survival", True),
    ],
)
def test_r_packages_have_the_names_that_r_gives_them(conda: str, name: str, own: bool) -> None:
    assert knowledge.r_package(conda) == (name, own)


def test_wheels_are_known_by_version_and_python() -> None:
    assert knowledge.wheel_versions("torch", "3.10")[-1] == "2.6.0"
    assert knowledge.wheel_versions("Scikit_Learn", "3.12")[0] == "1.5.0"
    assert knowledge.wheel_versions("numpy", "2.7") == knowledge.wheel_versions("no-such-name", "3.11") == ()


def test_a_dummy_has_no_wheel() -> None:
    assert knowledge.is_dummy("pyarrow") and knowledge.is_dummy("opencv_python_headless")
    assert knowledge.wheel_versions("pyarrow", "3.11") == knowledge.wheel_pythons("pyarrow") == ()
    assert not knowledge.is_dummy("cmake") and not knowledge.is_dummy("no-such-name")


def test_the_versions_of_a_wheel_are_sorted() -> None:
    from packaging.version import Version

    for name in ("numpy", "torch", "pandas", "jax-cuda12-plugin"):
        for python in knowledge.wheel_pythons(name):
            versions = knowledge.wheel_versions(name, python)
            assert list(versions) == sorted(versions, key=Version)


def test_modules_differ_by_cpu_tree() -> None:
    def versions(tree: str) -> list[str]:
        return [module.version for module in knowledge.modules("2023", tree)["slim"]]

    assert versions("x86-64-v3") == ["4.3", "5.0", "5.2"]
    assert versions("x86-64-v4") == versions("") == ["4.3", "5.2"]


def test_a_module_says_what_it_stands_on_and_what_it_carries() -> None:
    arrow = knowledge.modules("2023", "x86-64-v4")["arrow"][-1]
    assert arrow.prerequisites == (("gcc",),) and arrow.pythons == ("3.11", "3.12", "3.13", "3.14")
    assert arrow.packages == {"pyarrow": arrow.version} and arrow.full_name == f"arrow/{arrow.version}"
    assert knowledge.modules("2023")["samtools"][0].packages == {}


def test_a_cluster_sees_the_modules_of_its_cpu_tree() -> None:
    assert knowledge.profile("narval").tree == "x86-64-v3" and knowledge.profile("fir").tree == "x86-64-v4"
    trees = {tree for row in knowledge.rows("module_builds") for tree in row[3].split()}
    assert {knowledge.profile(name).tree for name in knowledge.profile_names()} == {"", *trees}


def test_the_default_standard_environment_comes_first_and_each_has_its_pythons() -> None:
    found = knowledge.standard_environments()
    assert [each.standing for each in found].index("default") == 0
    for each in found:
        assert each.python in each.pythons and all(python.count(".") == 1 for python in each.pythons)
        assert all(full.startswith(f"{python}.") for python, full in each.pythons.items())
        modules = knowledge.modules(each.year)
        assert {name.partition("/")[0] for name in each.loads} <= set(modules)


def test_what_a_wheel_needs_exists() -> None:
    modules = {name for each in knowledge.standard_environments() for name in knowledge.modules(each.year)}
    for name in {row[0].partition("[")[0] for row in knowledge.rows("runtime_needs")}:
        for need in knowledge.runtime_needs(name):
            assert need.modules or need.packages or need.brings, name
            assert {re.split("[<>=!]", module)[0] for module in need.modules} <= modules, name


def test_the_needs_of_a_wheel_depend_on_its_version_and_extras() -> None:
    assert {need.versions: need.modules for need in knowledge.runtime_needs("datasets")}[">=4.1"] == ("arrow>=21",)
    assert knowledge.runtime_needs("dask") == ()
    (need,) = knowledge.runtime_needs("Dask", ("complete",))
    assert need.modules == ("arrow>=14.0.1",)
    assert any("datasets" in need.brings for need in knowledge.runtime_needs("trl"))


def test_versions_that_belong_together() -> None:
    wanted = {(each.versions, each.name): each.wanted for each in knowledge.companions("torch")}
    assert wanted["==2.5.*", "torchvision"] == "==0.20.*" and wanted["<2.3", "numpy"] == "<2"
    assert {each.wanted for each in knowledge.companions("jax")} == {"="}
    assert knowledge.companions("no-such-name") == ()


def test_the_versions_that_belong_together_are_specifiers() -> None:
    from packaging.specifiers import SpecifierSet

    for _, versions, _, wanted, source in knowledge.rows("together"):
        assert SpecifierSet(versions) is not None and source
        assert wanted == "=" or SpecifierSet(wanted)


@pytest.mark.parametrize(
    "conda, meant",
    [("dask", ("dask", ("complete",))), ("ray-tune", ("ray", ("tune",))), ("dask-core", ("dask", ())), ("numpy", None)],
)
def test_conda_names_that_are_extras(conda: str, meant: tuple[str, tuple[str, ...]] | None) -> None:
    assert knowledge.extras(conda) == meant


@pytest.mark.parametrize(
    "module, meant",
    [
        ("nvidia/cuda-11.1", "cuda"),
        ("comp/gcc/11.2.0", "gcc"),
        ("cuda11.3/toolkit/11.3.0", "cuda"),
        ("mpi/openmpi_4.1.1_gcc_10.2", "openmpi"),
        ("gpu/cuda/10.2", "cuda"),
        ("gpu/0.15.4", "StdEnv"),
        ("rhel8/default-amp", "StdEnv"),
        ("2021", "StdEnv"),
        ("R/4.5.0", "r"),
        ("lapack/gcc/64/3.9.0", ""),
        ("hdf5-personal", ""),
        ("foobar/1.2", ""),
    ],
)
def test_modules_as_other_clusters_write_them(module: str, meant: str) -> None:
    assert knowledge.module_meant(module) == meant


def test_programs_of_wheels_and_of_the_base_layer() -> None:
    assert knowledge.wheel_of_program("torchrun") == "torch" and knowledge.wheel_of_program("samtools") is None
    programs = [name for row in knowledge.rows("wheel_programs") for name in row[1].split()]
    served = (*programs, *(row[1] for row in knowledge.rows("module_wheels")))
    assert all(knowledge.wheel_pythons(name) or knowledge.is_dummy(name) for name in served)
    assert knowledge.is_base_program("hg") and not knowledge.is_base_program("samtools")
    assert knowledge.base_layer("Mercurial") == (("2023", "2026"), ("hg",)) and knowledge.base_layer("numpy") is None
    assert knowledge.gpu_package("jax") == "jax-cuda12-plugin" and knowledge.gpu_package("torch") is None


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    knowledge.use()


def test_a_need_of_a_need_that_no_wheel_meets_is_told_of_the_line_that_is_listed(site: Path) -> None:
    """Nothing that is listed has lost a version: the search still ends, and names what the list asks for."""
    wheels, needs = "a\t3.11:1.0\nb\t3.11:2.0 3.0\nc\t3.11:1.0\n", "a\tb >=2;1.0\nb\tc >=5;2.0 3.0\n"
    for name, rows in (("wheel_versions", wheels), ("wheel_requirements", needs)):
        (site / f"{name}.tsv").write_text(f"# Date: 2026-11-30\n{rows}")
    knowledge.use(str(site))
    recipe = make_recipe(Environment("e", (Package("python", "==3.11.*"), Package("a", "==1.0", manager="pip"))))
    assert recipe.requirements == ("a==1.0", "b>=2", "c")
    assert any("a needs this package" in doubt for doubt in recipe.doubts)


def test_a_table_of_a_site_takes_the_place_of_the_shipped_one(site: Path) -> None:
    assert knowledge.wheel_versions("numpy", "3.11")
    (site / "wheel_versions.tsv").write_text("# Date: 2020-01-01\nours\t3.11:1.0\n", encoding="utf-8")
    knowledge.use(str(site))
    assert knowledge.wheel_versions("ours", "3.11") == ("1.0",) and knowledge.wheel_versions("numpy", "3.11") == ()
    assert knowledge.date("wheel_versions") == "2020-01-01" and knowledge.modules("2023")["samtools"]
    knowledge.use()
    assert knowledge.wheel_versions("numpy", "3.11") and knowledge.wheel_versions("ours", "3.11") == ()


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("wheels", "x\ty\n", "no table of this name"),
        ("tables", "x\t1\ty: any\n", "no table of this name"),
        ("module_builds", "# head\narrow\t2023\t17.0.0\n", "module_builds.tsv:2: 3 columns apart by tabs; write"),
        ("wheel_versions", "\t3.11:1.0\n", "wheel_versions.tsv:1: package must be a name in lower case"),
        ("wheel_versions", "one\t3.11 1.0\n", "wheel_versions.tsv:1: Pythons and versions must be"),
        ("bundles", "module\tversion\trest\tgenerations\n", "rest of its name must be the end of the module's name"),
        ("bundles", "1.18\tSAMtools\t-GCC-12.3.0\t2023a\n", "bundles.tsv:1: module must be a module's name without"),
        ("bundles", "SAMtools\t1.18\t2023a\t-GCC-12.3.0\n", "rest of its name must be the end of the module's name"),
        ("bundles", "SAMtools/1.18\t-GCC-12.3.0\t2023a\n", "bundles.tsv:1: 3 columns apart by tabs; write module"),
        ("bundles", "SAMtools\t1.18\t-GCC-12.3.0\t2031a\n", "generations: no '2031a' is known, only 2022a, 2022b"),
        ("bundles", "numba\t0.58\t\t2023a\tnumba=0.58\n", "packages must be packages with versions such as"),
        ("bundles", "numba\t0.58\t\t2023a\tnumba==0.58\tx\n", "bundles.tsv:1: 6 columns apart by tabs"),
        ("module_builds", "arrow\t17.0.0\t2023\tx86-64-v3\n", "standard environment must be years of the table"),
        ("module_builds", "arrow\t2029\t17.0.0\tx86-64-v3\n", "environment: no '2029' is known, only 2020, 2023, 2026"),
        ("generations", "2026\t3.14\tGCC/1\tOpenMPI/5\tGCC-1\tfoss-2026\n", "Python must be a full version of Python"),
        ("wheel_versions", "one\t3.11:1.0\x1b[31m\n", "cannot be printed"),
        ("wheel_versions", b"one\t\xff\n", "utf-8"),
    ],
)
def test_a_table_that_is_wrong_is_refused(site: Path, name: str, text: str | bytes, said: str) -> None:
    (site / f"{name}.tsv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(knowledge.BadTable, match=re.escape(said)):
        knowledge.use(str(site))
    assert knowledge.wheel_versions("numpy", "3.11")


def test_a_new_python_in_the_table_is_one_more_to_choose(site: Path) -> None:
    (site / "pythons.tsv").write_text("2023/3.11\t3.11.5\n2023/3.15\t3.15.1\n2023/3.9\t3.9.1\n", encoding="utf-8")
    knowledge.use(str(site))
    assert list(knowledge.standard_environments()[0].pythons) == ["3.11", "3.9", "3.15"]


def test_old_tables_are_told_of(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert old_tables() == ""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(60 * 60 * 24 * 365 * 100))
    assert old_tables().startswith(f"tables of {knowledge.date('wheel_versions')}: ")
    (site / "wheel_versions.tsv").write_text("# Date: nobody knows\none\t3.11:1.0\n", encoding="utf-8")
    (site / "module_builds.tsv").write_text("one\t2023\t1.0\tx86-64-v4\n", encoding="utf-8")
    knowledge.use(str(site))
    assert old_tables() == ""


def constants(path: Path) -> Iterator[str]:
    """The texts and numbers in a module's code that are no docstrings, nor examples of a rule or a message, which are
    scripts as people have them; of a text in bytes, its letters.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)]
    said = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Message", "Rule"):
            shown = [each.value for each in node.keywords if each.arg in ("bad", "good")]
            said |= {id(part) for each in shown for part in ast.walk(each)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in said and not isinstance(node.value, bool):
            value = node.value
            yield value.decode("latin-1") if isinstance(value, bytes) else str(value)


# Words of the code that are modules by accident, or that mean the program or the language: each stands for a program.
NO_MODULES = {
    "apptainer",
    "bioperl",
    "gcc",
    "java",
    "last",
    "mlflow",
    "nextflow",
    "openmpi",
    "perl",
    "podman",
    "pypy",
    "pytest",
}
NO_MODULES |= {"python", "r", "root", "tensorboard"}
NAMED_IN_CODE = {
    ("job/programs.py", "julia"),  # the program of this name
    ("knowledge/needs.py", "faiss"),  # packages of these names
    ("knowledge/needs.py", "opencv"),
    ("plan/doubts/other_python.py", "2.7"),  # the last of the old language
    ("recipe/classes.py", "cuda"),
    ("recipe/classes.py", "r-bundle-bioconductor"),
    ("recipe/packages.py", "cuda"),
    ("sources/pythons.py", "2.7"),  # the last of the old language
}


@lru_cache(maxsize=1)
def all_modules() -> set[str]:
    return {name for each in knowledge.standard_environments() for name in knowledge.modules(each.year)} - NO_MODULES


@lru_cache(maxsize=1)
def all_bundles() -> set[str]:
    return {f"{row[0]}/{row[1]}{row[2]}" for row in knowledge.rows("bundles")} | {"SciPy-bundle", "SAMtools"}


def named_in(text: str) -> list[str]:
    """What of a text belongs into a table or a profile: a year, a Python, a generation, a module, a wheelhouse."""
    modules, flat = all_modules(), all_bundles()
    found = [text] if text in modules or re.fullmatch(r"20[1-9]\d|[23]\.\d{1,2}", text) else []
    for word in re.split(r"[\s\"'`,;()|&=\[\]]+", text):
        full = re.fullmatch(r"([\w.+-]+)/\d[\w.-]*", word)
        other = word in knowledge.generations() or word in flat or word.startswith("/cvmfs/") or "wheelhouse/" in word
        if other or word.partition("/")[0] == knowledge.standard_module() or (full and full[1] in modules | NO_MODULES):
            found.append(word)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "2023", "3.11", "2023a", "StdEnv", "StdEnv/2023", "StdEnv/{year} has it", "unloads StdEnv, and",
        "module load StdEnv/2023 gcc", "python/3.11", "arrow",
        "ml gcc arrow/17.0.0 || exit", "SciPy-bundle", "x SciPy-bundle/2023.07-gfbf-2023a",
        "/cvmfs/soft.example.org/wheels", "--find-links=/a/wheelhouse/b",
    ],
)  # fmt: skip
def test_what_belongs_into_a_table_is_told(text: str) -> None:
    assert named_in(text)


def test_no_year_no_python_and_no_module_stands_in_the_code() -> None:
    """They are rows of tables, and fields of profiles: a new one must not need a line of code or of a template."""
    package = Path(knowledge.__file__).parent.parent
    texts = [(path, text) for path in package.rglob("*.py") for text in constants(path)]
    texts += [(path, path.read_text(encoding="utf-8")) for path in package.rglob("*.j2")]
    found = {(str(path.relative_to(package)), word) for path, text in texts for word in named_in(text)}
    assert found - NAMED_IN_CODE == set()
