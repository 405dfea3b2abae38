"""The tool that makes the generated tables: small samples in its sources' forms, and the rows that they become."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import make_tables
import pytest
from tablemaker import requirements

WHEELS_PAGE = """{| class="wikitable"
! name                 !! version
|-
| Big_Name, big.name   || 2.10.0, 2.9.1
|-
| pure                 || 1.0, 3.0, 2.0
|-
| stopper              || 9999, 4.1
|}
"""
AVAILABLE = '<tab name="3.12">\n{{:Wheels3.12}}\n</tab>\n<tab name="3.8">\n{{:Wheels3.8}}\n</tab>\n'
MODULE_ROW = """|-
| align="center" | [https://example.org/{name} {name}]
| align="center" | bio
| align="center" | {versions}
| <div>words | with a bar</div>
"""


def page_of_modules(**modules: str) -> str:
    rows = "".join(MODULE_ROW.format(name=name.replace("_", "-"), versions=found) for name, found in modules.items())
    return f'{{| class="wikitable"\n! Module\n{rows}|}}\n'


def record(name: str, version: str, toolchain: str = "SYSTEM", more: str = "") -> str:
    return f"# Built with EasyBuild\nname = '{name}'\nversion = '{version}'\ntoolchain = {toolchain}\n{more}\n"


GOMPI = "{'name': 'gompi', 'version': '2023a'}"
GCC = "{'name': 'GCC', 'version': '12.3.0'}"
RECORDS = {
    "2023/GCC/GCC-12.3.eb": record("GCC", "12.3.0", more="easyblock = 'Bundle'"),
    "2023/OpenMPI/OpenMPI-4.1.5-GCC-12.3.0.eb": record("OpenMPI", "4.1.5", GCC),
    "2023/gompi/gompi-2023a.eb": record(
        "gompi",
        "2023a",
        more="easyblock = 'Toolchain'\nlocal_gcc = '12.3.0'\n"
        "dependencies = [('GCC', local_gcc), ('OpenMPI', '4.1.5', '', ('GCC', local_gcc))]",
    ),
    "2023/mpi4py/mpi4py-4.0.0-gompi-2023a.eb": record(
        "mpi4py",
        "4.0.0",
        GOMPI,
        "easyblock = 'PythonPackage'\nlocal_pythons = ['3.10', '3.12']\nmulti_deps = {'Python': local_pythons * 2}",
    ),
    "2023/HDF5/HDF5-1.14.2-gompi-2023a-mpi.eb": record(
        "HDF5",
        "1.14.2",
        GOMPI,
        "multi_deps = {'Python': ['3.10']}\nexts_defaultclass = 'PythonPackage'\n"
        "exts_list = [('Tables', '3.9.1', {'checksums': [len('x')]})]\nexts_list += [('h5py', '3.10.0')]",
    ),
    "2023/Trimmer/Trimmer-0.39.eb": record("Trimmer", "0.39"),
    "2023/Hidden/Hidden-1.0-GCC-12.3.0.eb": record("Hidden", "1.0", GCC),
    "2023/Other/Other-1.0-alt.eb": record("Other", "1.0", GCC, "modaltsoftname = '%(namelower)s-alt'"),
    "2023/Broken/Broken-1.0.eb": "name = (",
    "2023/HDF5/a.patch": "no record",
    "1999/Old/Old-1.0.eb": record("Old", "1.0"),
}


def kept(folder: Path, files: dict[str, str]) -> Path:
    """A git directory that holds these files in one commit."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    options = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    day = "2026-08-22T00:00:00Z"
    around = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GIT_COMMITTER_DATE": day, "GIT_AUTHOR_DATE": day}
    for words in (("init", "-q"), ("add", "-A"), (*options, "commit", "-q", "-m", "x")):
        subprocess.run(["git", *words], cwd=folder, env=around, check=True)
    return folder / ".git"


def rows(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    pages = {
        "wiki_pages/Available Python wheels_en.txt": AVAILABLE,
        "wiki_pages/Wheels3.12.txt": WHEELS_PAGE,
        "wiki_pages/Wheels3.8.txt": WHEELS_PAGE.replace(", 2.9.1", ""),
        "wiki_pages/Modules avx2.txt": page_of_modules(
            gcc="12.3", openmpi="4.1.5", mpi4py="4.0.0", hdf5_mpi="1.14.2", trimmer="0.36, 0.39", other_alt="1.0"
        ),
        "wiki_pages/Modules avx512.txt": page_of_modules(gcc="12.3", openmpi="4.1.5", trimmer="0.39"),
    }
    return kept(tmp_path / "wiki", pages)


def test_wheels_are_grouped_by_python_and_sorted(wiki: Path, tmp_path: Path) -> None:
    make_tables.main(["--wiki", str(wiki), "--out", str(tmp_path / "out")])
    assert rows(tmp_path / "out/wheel_versions.tsv") == [
        "big-name\t3.8:2.10.0\t3.12:2.9.1 2.10.0",
        "pure\t3.8 3.12:1.0 2.0 3.0",
        "stopper\tdummy",
    ]


def test_requires_python_is_applied_to_the_wheels(wiki: Path, tmp_path: Path) -> None:
    files = [
        {"filename": "pure-3.0-py3-none-any.whl", "requires-python": ">=3.10"},
        {"filename": "pure-2.0.tar.gz", "requires-python": ">= 3.6"},
        {"filename": "pure-7.0.tar.gz", "requires-python": ">=3.6"},
        {"filename": "no-wheel.exe"},
    ]
    (tmp_path / "index").mkdir()
    (tmp_path / "index/pure.json").write_text(json.dumps({"name": "pure", "files": files}), encoding="utf-8")
    words = ["--wiki", str(wiki), "--index", str(tmp_path / "index"), "--date", "2026-11-29"]
    make_tables.main([*words, "--out", str(tmp_path / "out")])
    assert rows(tmp_path / "out/requires_python.tsv") == ["pure\t>=3.6\t2.0", "pure\t>=3.10\t3.0"]
    assert "pure\t3.8:1.0 2.0\t3.12:1.0 2.0 3.0" in rows(tmp_path / "out/wheel_versions.tsv")


def test_what_wheels_require_of_each_other_is_kept_where_it_matters(wiki: Path, tmp_path: Path) -> None:
    big = {
        "2.9.1": ["pure>=2.0", 'other>1 ; extra == "all"', "unknown<3"],
        "2.10.0": ["pure (>=1.0)", 'pure<3 ; python_version < "3.10"', "not a requirement!"],
    }
    answers = [{"name": "big-name", "versions": big}, {"name": "gone", "versions": {"1.0": ["pure<2"]}}]
    metadata = tmp_path / "metadata.jsonl"
    metadata.write_text("".join(f"{json.dumps(answer)}\n" for answer in answers), encoding="utf-8")
    words = ["--wiki", str(wiki), "--metadata", str(metadata), "--date", "2026-11-30", "--out", str(tmp_path / "out")]
    make_tables.main(words)
    assert rows(tmp_path / "out/wheel_requirements.tsv") == ["big-name\tpure >=1.0,<3;2.10.0;3.8\tpure >=2.0;2.9.1"]


def test_what_has_no_wheel_on_a_python_or_in_a_version_is_kept_for_wheels_that_nobody_adapted() -> None:
    every = dict.fromkeys(("3.8", "3.9", "3.10", "3.11", "3.12"), ("1.0", "2.0"))
    wheels = {"pure": every, "alone": every, "old": {"3.8": ("1.0",)}, "built": {"3.12": ("1.0",)}}
    metadata = [
        ("pure", "1.0", ["old>=3", 'built; extra == "all"', 'old; python_version < "3.9"']),
        ("pure", "2.0", ["old", "served"]),
        ("alone", "1.0", ["old>=3"]),
        ("built", "1.0", ["old>=3"]),
    ]
    served = {"served": dict.fromkeys(every, ("1.0",))}
    assert list(requirements.rows(metadata, {**wheels, "served": {"3.8": ("1.0",)}}, {"pure": {"all"}}, served)) == [
        ("pure", "old;2.0;3.9 3.10 3.11 3.12", "old >=3;1.0"),
        ("pure[all]", "built;1.0;3.8 3.9 3.10 3.11"),
    ]


def test_modules_come_from_the_records_that_the_lists_show(wiki: Path, tmp_path: Path) -> None:
    records = kept(tmp_path / "owner+records", RECORDS)
    make_tables.main(["--wiki", str(wiki), "--installed", f"x86-64-v3={records}", "--out", str(tmp_path / "out")])
    assert rows(tmp_path / "out/module_builds.tsv") == [
        "gcc\t2023\t12.3\tx86-64-v3 x86-64-v4",
        "hdf5-mpi\t2023\t1.14.2\tx86-64-v3\tgcc/12.3 openmpi/4.1.5\t3.10\th5py==3.10.0 tables==3.9.1",
        "mpi4py\t2023\t4.0.0\tx86-64-v3\tgcc/12.3 openmpi/4.1.5\t3.10 3.12\tmpi4py==4.0.0",
        "openmpi\t2023\t4.1.5\tx86-64-v3\tgcc/12.3",
        "other-alt\t2023\t1.0\tx86-64-v3\tgcc/12.3",
        "trimmer\t2023\t0.39\tx86-64-v3 x86-64-v4",
    ]


def test_a_table_names_its_sources_and_the_newest_day(wiki: Path, tmp_path: Path) -> None:
    records = kept(tmp_path / "owner+records", RECORDS)
    make_tables.main(["--wiki", str(wiki), "--installed", f"x86-64-v3={records}", "--out", str(tmp_path / "out")])
    head = (tmp_path / "out/module_builds.tsv").read_text(encoding="utf-8")
    assert "github owner/records@" in head and "# Date: 2026-08-22\n" in head


def test_the_same_sources_make_the_same_tables(wiki: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        make_tables.main(["--wiki", str(wiki), "--out", str(tmp_path / out)])
    assert (tmp_path / "one/wheel_versions.tsv").read_bytes() == (tmp_path / "two/wheel_versions.tsv").read_bytes()


def test_lists_are_a_source_too_and_win_over_records(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "wheel_versions.tsv").write_text("# Source: a list, 2026-01-02.\nOne\t3.11\t1.1 1.0\n", encoding="utf-8")
    listed = [
        "# Source: a list of builds, 2026-01-03.",
        "mpi4py\t2023\tavx2\t4.0.0\tgcc/12.3 openmpi/4.1.5\t\tmodule\t3.11\t\tmpi4py==4.0.0\tyes\t",
        "gone\t2023\tavx2\t1.0\tgcc/12.3\t\tmodule\t\t\t\tno\t",
        "mpi4py\t2023\tavx2\t4.0\t\t\talias 4.0.0\t\t\t\t\t",
        "odd\t2023\tavx512\t1.0\t?\t\tmodule\t\t\t\tyes\t",
    ]
    (lists / "installed_modules.tsv").write_text("".join(f"{line}\n" for line in listed), encoding="utf-8")
    base = "pandoc\tapp/pandoc\t2026 2023\tPandoc\tpandoc\tpackage list\n"
    (lists / "base_layer.tsv").write_text(f"# Source: x (2026-01-04)\n{base}", encoding="utf-8")
    records = kept(tmp_path / "records", RECORDS)
    words = ["--lists", str(lists), "--installed", f"x86-64-v3={records}"]
    make_tables.main([*words, "--out", str(tmp_path / "out")])
    assert rows(tmp_path / "out/wheel_versions.tsv") == ["one\t3.11:1.0 1.1"]
    assert "# Date: 2026-01-02\n" in (tmp_path / "out/wheel_versions.tsv").read_text(encoding="utf-8")
    mine = [row for row in rows(tmp_path / "out/module_builds.tsv") if row.startswith(("mpi4py", "gone", "odd"))]
    assert mine == ["mpi4py\t2023\t4.0.0\tx86-64-v3\tgcc/12.3 openmpi/4.1.5\t3.11\tmpi4py==4.0.0"]
    assert rows(tmp_path / "out/base_layer.tsv") == ["pandoc\t2023 2026\tpandoc"]


def test_a_cluster_tells_its_own_wheels_and_modules(tmp_path: Path) -> None:
    names = [
        "big_name-2.9.1+computecanada-cp311-cp311-linux_x86_64.whl",
        "/wheelhouse/generic/pure-1.0+computecanada-py3-none-any.whl",
        "stable-1.2-cp312-abi3-linux_x86_64.whl",
        "pyarrow-17.0.0+dummy.computecanada-py3-none-any.whl",
        "a line of something else",
    ]
    (tmp_path / "wheels.txt").write_text("\n".join(names), encoding="utf-8")
    way = ["StdEnv/2023", "gcc/12.3"]
    arrow = {"full": "arrow/17.0.0", "versionName": "17.0.0", "parent": [way], "provides": ["pyarrow/17.0.0"]}
    python = {"full": "python/3.11.5", "versionName": "3.11.5"}
    told = [{"package": "arrow", "versions": [arrow]}, {"package": "python", "versions": [python]}]
    (tmp_path / "modules.json").write_text(json.dumps(told), encoding="utf-8")
    words = ["--wheel-files", str(tmp_path / "wheels.txt"), "--spider", f"x86-64-v4={tmp_path / 'modules.json'}"]
    make_tables.main([*words, "--year", "2023", "--date", "2026-11-29", "--out", str(tmp_path / "out")])
    made = rows(tmp_path / "out/wheel_versions.tsv")
    assert made[0] == "big-name\t3.11:2.9.1" and made[2] == "pyarrow\tdummy"
    assert made[1].startswith("pure\t2.7 3.6 ") is False and "3.11" in made[1] and made[1].endswith(":1.0")
    assert made[3].startswith("stable\t3.12 3.13")
    assert rows(tmp_path / "out/module_builds.tsv") == [
        "arrow\t2023\t17.0.0\tx86-64-v4\tgcc/12.3\t3.10 3.11 3.12\tpyarrow==17.0.0",
        "python\t2023\t3.11.5\tx86-64-v4",
    ]


@pytest.mark.parametrize(("text", "said"), [("[{", "no JSON"), ('{"a": 1}', "no list"), ('["a"]', "no list")])
def test_what_is_no_list_of_spider_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "modules.json").write_text(text, encoding="utf-8")
    words = ["--spider", f"x86-64-v4={tmp_path / 'modules.json'}", "--year", "2023", "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit, match=said):
        make_tables.main(words)


SPIDER = [
    {"package": "SciPy-bundle", "versions": [
        {"full": "SciPy-bundle/2023.07-gfbf-2023a", "provides": ["numpy/1.25.1", "Pandas/2.0.3"]},
        {"full": "SciPy-bundle/2024.05", "parent": [["GCC/13.3.0"]], "provides": ["numpy/1.26.4"]},
    ]},
    {"package": "SAMtools", "versions": [{"full": "bio/SAMtools/1.18-GCC-12.3.0"}]},
    {"package": "PyTorch", "versions": [
        {"full": "PyTorch/2.7.1-CUDA-12.6.0", "parent": [["GCC/13.3.0", "OpenMPI/5.0.3"]], "provides": ["torch/2.7.1"]},
    ]},
    {"package": "old", "versions": [{"full": "old/1.0-foss-2017b"}, {"full": "old/2.0", "parent": [["GCC/5.4.0"]]}]},
    {"package": "MATLAB", "versions": [{"full": "MATLAB/2024b", "parent": [["Stages/2025"]]}]},
]  # fmt: skip


def test_the_modules_of_easybuild_on_a_cluster_make_its_bundles(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(json.dumps(SPIDER), encoding="utf-8")
    make_tables.main(["--modules", str(tmp_path / "modules.json"), "--out", str(tmp_path / "out")])
    generations = " ".join(row.split("\t")[0] for row in rows(make_tables.KNOWLEDGE / "generations.tsv"))
    assert rows(tmp_path / "out/bundles.tsv") == [
        f"MATLAB\t2024b\t\t{generations}",
        "PyTorch\t2.7.1\t-gompi-2024a-CUDA-12.6.0\t2024a\ttorch==2.7.1",
        "SAMtools\t1.18\t-GCC-12.3.0\t2023a",
        "SciPy-bundle\t2023.07\t-gfbf-2023a\t2023a\tnumpy==1.25.1 pandas==2.0.3",
        "SciPy-bundle\t2024.05\t-GCCcore-13.3.0\t2024a\tnumpy==1.26.4",
    ]
    (tmp_path / "modules.json").write_text("[{", encoding="utf-8")
    with pytest.raises(SystemExit, match="no JSON"):
        make_tables.main(["--modules", str(tmp_path / "modules.json"), "--out", str(tmp_path / "out")])


def test_names_come_from_the_mapping(tmp_path: Path) -> None:
    def entry(conda: str, pypi: str, top: str) -> dict[str, str]:
        return {"conda_name": conda, "pypi_name": pypi, "import_name": top}

    entries = [
        entry("same", "Same", "same"),
        entry("pytorch", "torch", "torch"),
        entry("scikit-learn", "scikit-learn", "sklearn"),
        entry("twice", "one", "one"),
        entry("twice", "two", "two"),
        entry("hash", "ab" * 32, "hash"),
    ]
    wheel = tmp_path / "conda_pypi-0.0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("conda_pypi/grayskull_pypi_mapping.json", json.dumps(dict(enumerate(entries))))
    make_tables.main(["--mapping", str(wheel), "--date", "2026-11-29", "--out", str(tmp_path / "out")])
    assert rows(tmp_path / "out/python_names.tsv") == ["same", "scikit-learn"]
    assert rows(tmp_path / "out/names_generated.tsv") == ["pytorch\ttorch"]
    assert rows(tmp_path / "out/imports_generated.tsv") == ["sklearn\tscikit-learn"]


def test_channels_tell_what_pypi_lacks(tmp_path: Path) -> None:
    conda_forge = {"same": ["Same"], "Lib_Tool": None, "held": ["Held-Elsewhere"], "both": None, "r-ggplot2": None}
    conda_forge |= {"iris": ["All-of-it"], "all-of-it": None}
    bioconda = {"both": ["both"], "prog": None, "moved": ["same"]}
    mappings = {"conda-forge": conda_forge, "bioconda": bioconda}
    files = {f"files/v0/{name}/compressed_mapping.json": json.dumps(each) for name, each in mappings.items()}
    source = kept(tmp_path / "owner+mapping", files)
    (tmp_path / "pypi.txt").write_text("Same\nboth\nother\nall-of-it\n")
    entries = [{"conda_name": name, "pypi_name": name, "import_name": name} for name in ("other", "gone")]
    wheel = tmp_path / "conda_pypi-0.0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("conda_pypi/grayskull_pypi_mapping.json", json.dumps(dict(enumerate(entries))))
    words = ["--channels", str(source), "--pypi", str(tmp_path / "pypi.txt"), "--out", str(tmp_path / "out")]
    make_tables.main([*words, "--mapping", str(wheel)])
    assert rows(tmp_path / "out/not_on_pypi.tsv") == ["held\tpython", "lib-tool", "prog"]
    assert rows(tmp_path / "out/python_names.tsv") == ["both", "other", "same"]


SITE_LIST = {
    "SAMtools": {"versions": ["1.9-GCC-7.4.0", "1.22-GCC-12.3.0"], "default": "1.22-GCC-12.3.0", "extensions": []},
    "OpenMPI": {
        "versions": ["5.0.7-rocm-compilers-19.0.0"],
        "default": "5.0.7-rocm-compilers-19.0.0",
        "extensions": [],
    },
    "MATLAB": {"versions": ["2021a"], "default": "2021a", "extensions": []},
    "CheckM2": {"versions": ["1.0.1-Miniconda3"], "default": "1.0.1-Miniconda3", "extensions": []},
    "foss": {"versions": ["2023a"], "default": "2023a", "extensions": []},
    "Python": {
        "versions": ["3.11.6-foss-2023a"],
        "default": "3.11.6-foss-2023a",
        "extensions": ["numpy-1.25.2", "scikit-learn-1.3.1"],
    },
}


def test_a_site_lists_its_modules_and_the_packages_of_each_default(tmp_path: Path) -> None:
    documentation = kept(tmp_path / "nesi+support-docs", {"docs/assets/module-list.json": json.dumps(SITE_LIST)})
    make_tables.main(["--site", f"reannz={documentation}", "--out", str(tmp_path / "out")])
    text = (tmp_path / "out/bundles.tsv").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "MATLAB\t2021a\t\t2023a 2026",
        "Python\t3.11.6\t-foss-2023a\t2023a\tnumpy==1.25.2 scikit-learn==1.3.1",
        "SAMtools\t1.22\t-GCC-12.3.0\t2023a",
    ]
    assert "docs/assets/module-list.json" in text


def test_the_class_of_a_module_is_that_of_most_of_its_recipes(tmp_path: Path) -> None:
    folder = "easybuild/easyconfigs/s/SAMtools"
    texts = {f"{folder}/SAMtools-{version}.eb": "moduleclass = 'bio'\n" for version in ("1.17", "1.18")}
    recipes = kept(tmp_path / "recipes", {**texts, f"{folder}/SAMtools-1.1.eb": "moduleclass = 'tools'\n"})
    make_tables.main(["--classes", str(recipes), "--out", str(tmp_path / "out")])
    assert "SAMtools\tbio\n" in (tmp_path / "out/module_classes.tsv").read_text(encoding="utf-8")
