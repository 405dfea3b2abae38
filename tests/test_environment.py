"""Environments in every form that people have them in."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from slurmfix.environment import (
    BadEnvironment,
    Environment,
    Package,
    imported_names,
    needed_by,
    read_environment,
    read_imports,
    read_prefix,
)
from slurmfix.matchspec import to_pep440


def short(package: Package) -> str:
    """A package as one would say it: manager, name, version, build, and the rest where there is any."""
    words = [f"{package.manager}:{package.name}{package.version}", package.build, package.channel, package.url]
    words += [f"[{','.join(package.extras)}]" if package.extras else "", package.marker]
    return " ".join(filter(None, words))


def shorts(environment: Environment) -> list[str]:
    return [short(package) for package in environment.packages]


def conda(*entries: str) -> str:
    return "name: x\ndependencies:\n" + "".join(f"  - {entry}\n" for entry in entries)


ENTRIES = [
    pytest.param("numpy", "conda:numpy", id="a name"),
    pytest.param("numpy=1.26", "conda:numpy=1.26", id="fuzzy"),
    pytest.param("numpy==1.26.4", "conda:numpy==1.26.4", id="exact"),
    pytest.param("numpy=1.26.4=py311_0", "conda:numpy==1.26.4 py311_0", id="with a build"),
    pytest.param("python >=3.8, < 3.12", "conda:python>=3.8,<3.12", id="a range with spaces"),
    pytest.param("conda-forge::scipy", "conda:scipy conda-forge", id="a channel"),
    pytest.param("numpy[version='>=2']", "conda:numpy>=2", id="brackets"),
    pytest.param("numpy 1.11.1 *_mkl", "conda:numpy==1.11.1 *_mkl", id="a build glob"),
    pytest.param("blas * mkl", "conda:blas mkl", id="any version of a build"),
    pytest.param("tensorflow=*=*cuda*", "conda:tensorflow *cuda*", id="any version of a build glob"),
    pytest.param("r-tidyverse>=2.0<=3.0", "conda:r-tidyverse>=2.0<=3.0", id="a comma forgotten"),
    pytest.param("numpy  # arrays", "conda:numpy", id="a comment"),
    pytest.param('"numpy # arrays"', "conda:numpy", id="a comment within quotes"),
    pytest.param("numpy  # [linux]", "conda:numpy", id="a selector for Linux"),
    pytest.param("'3proxy'", "conda:3proxy", id="a quoted name that begins with a number"),
]


@pytest.mark.parametrize(("entry", "expected"), ENTRIES)
def test_entries_of_an_environment_file(entry: str, expected: str) -> None:
    environment = read_environment(conda(entry), "environment.yml")
    assert (shorts(environment), environment.doubts) == ([expected], ())


DOUBTFUL = [
    pytest.param("numpy: 1.26", ["conda:numpy=1.26"], id="a colon instead of an equals sign"),
    pytest.param("numpy: '>=1.26'", ["conda:numpy>=1.26"], id="a colon before an operator"),
    pytest.param("numpy: {version: 1}", [], id="a mapping below a name"),
    pytest.param("3.10", [], id="a number"),
    pytest.param("2024-01-01", [], id="a date"),
    pytest.param("", [], id="null"),
    pytest.param("[a, b]", [], id="a list"),
    pytest.param("!include other.yml", [], id="a tag of somebody's own"),
    pytest.param("!!python/object/apply:os.system [ls]", [], id="a tag that asks Python to run something"),
    pytest.param("-r requirements.txt", [], id="pip's option"),
    pytest.param("git+https://github.com/a/b", [], id="an address that is pip's"),
    pytest.param("pywin32  # [win]", [], id="a selector for Windows"),
    pytest.param("appnope # [osx or win]", [], id="a selector for two other systems"),
    pytest.param("<<<", [], id="nonsense"),
]


@pytest.mark.parametrize(("entry", "expected"), DOUBTFUL)
def test_what_is_no_entry_becomes_a_doubt(entry: str, expected: list[str]) -> None:
    environment = read_environment(conda(entry), "environment.yml")
    assert shorts(environment) == expected
    assert len(environment.doubts) == 1


PIP = [
    pytest.param("torch==2.1.0", "pip:torch==2.1.0", id="exact"),
    pytest.param("torch >= 2, < 3", "pip:torch>=2,<3", id="a range with spaces"),
    pytest.param("ray[tune, rllib]>=2", "pip:ray>=2 [tune,rllib]", id="extras"),
    pytest.param("'a; python_version < \"3.9\"'", 'pip:a python_version < "3.9"', id="a marker"),
    pytest.param("a (>=1)", "pip:a>=1", id="parentheses"),
    pytest.param("a==1.*", "pip:a==1.*", id="a star"),
    pytest.param("a@https://x.org/a.zip", "pip:a https://x.org/a.zip", id="a direct reference"),
    pytest.param("git+https://github.com/o/b.git", "pip:b git+https://github.com/o/b.git", id="a repository"),
    pytest.param(
        "https://github.com/o/b/archive/main.zip", "pip:b https://github.com/o/b/archive/main.zip", id="an archive"
    ),
    pytest.param(
        "https://h.org/o/b/-/archive/v1/b.tgz", "pip:b https://h.org/o/b/-/archive/v1/b.tgz", id="GitLab's archive"
    ),
    pytest.param("git+https://h.org/o/b@v1#egg=c", "pip:c git+https://h.org/o/b@v1#egg=c", id="an egg"),
    pytest.param("git+ssh://git@h.org/o/b.git@v1", "pip:b git+ssh://git@h.org/o/b.git@v1", id="over ssh"),
    pytest.param(
        "https://h.org/a_b-1.0-py3-none-any.whl", "pip:a_b https://h.org/a_b-1.0-py3-none-any.whl", id="wheel"
    ),
    pytest.param("-e git+https://h.org/o/b", "pip:b git+https://h.org/o/b", id="editable repository"),
    pytest.param("numpy=1.26", "conda:numpy=1.26", id="conda's spelling"),
]


@pytest.mark.parametrize(("entry", "expected"), PIP)
def test_entries_of_a_pip_section(entry: str, expected: str) -> None:
    environment = read_environment(conda("python=3.10", "pip", f"pip:\n    - {entry}"), "environment.yml")
    assert shorts(environment)[2:] == [expected]
    assert environment.doubts == ()


@pytest.mark.parametrize(
    "line", ["-r more.txt", "-c limits.txt", "--index-url https://x.org", "-f x", "-e .", ".", "./a"]
)
def test_options_of_a_pip_section_are_kept_as_lines(line: str) -> None:
    environment = read_environment(conda("numpy", f"pip:\n    - {line}"), "environment.yml")
    assert environment.pip_options == (line,)
    assert shorts(environment) == ["conda:numpy"]


def test_files_that_a_requirements_file_names_are_listed() -> None:
    environment = read_environment("-r a.txt\n--constraint=b.txt\nnumpy\n", "requirements.txt")
    assert environment.includes == ("a.txt", "b.txt")


def test_the_line_of_each_package_is_known() -> None:
    text = "name: x\ndependencies:\n  - a\n\n  - b # c\n  - pip:\n      - d\n"
    assert [package.line for package in read_environment(text, "e.yml").packages] == [3, 5, 7]


def test_name_and_channels_come_from_the_file() -> None:
    environment = read_environment("name: jam\nchannels: [conda-forge, bioconda]\ndependencies: [a]\n", "e.yml")
    assert (environment.name, environment.channels, environment.origin) == ("jam", ("conda-forge", "bioconda"), "e.yml")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("dependencies: [a]\nprefix: /home/a/envs/jam\n", "jam", id="the prefix"),
        pytest.param("dependencies: [a]\n", "e", id="the file's stem"),
        pytest.param("name:\ndependencies: [a]\n", "e", id="an empty name"),
        pytest.param("---\nfoo: 1\n---\nname: b\ndependencies: [a]\n", "b", id="the document with dependencies"),
    ],
)
def test_where_a_name_comes_from(text: str, name: str) -> None:
    assert read_environment(text, "a/e.yml").name == name


def test_anchors_and_aliases_are_followed() -> None:
    assert shorts(read_environment("x: &x numpy=1.2\ndependencies: [*x]\n", "e.yml")) == ["conda:numpy=1.2"]


def test_the_last_of_two_keys_counts_and_is_said() -> None:
    environment = read_environment("dependencies: [a]\ndependencies: [b]\n", "e.yml")
    assert shorts(environment) == ["conda:b"]
    assert "stands twice" in environment.doubts[0]


BAD = [
    pytest.param("e.yml", "a: [b\nc: d", 2, id="a bracket that stays open"),
    pytest.param("e.yml", "name: a\ndependencies:\n\t- b\n", 3, id="a tab"),
    pytest.param("e.yml", "- a\n- b\n", 1, id="a list"),
    pytest.param("e.yml", "hello\n", 1, id="a text"),
    pytest.param("e.yml", "name: a\n", 1, id="no dependencies"),
    pytest.param("e.yml", "name: a\ndependencies:\n  numpy: 1\n", 3, id="dependencies as a mapping"),
    pytest.param(
        "e.yml", "dependencies: !!python/object/apply:os.system [ls]\n", 1, id="a tag that would run something"
    ),
    pytest.param("e.yml", "dependencies: [*x]\n", 1, id="an alias to nothing"),
    pytest.param("e.yml", "dependencies:\n- a\x01b\n", 2, id="a control character"),
    pytest.param("e.yml", "dependencies:\n- a\udcffb\n", 2, id="bytes that are not UTF-8"),
    pytest.param("e.yml", "dependencies:\n- a\0b\n", 2, id="binary"),
    pytest.param("e.yml", " \n", 0, id="empty"),
    pytest.param("e.yml", "dependencies: " + "[" * 5000, 0, id="brackets in brackets in brackets"),
    pytest.param("e.json", "[" * 5000, 0, id="the same in JSON"),
    pytest.param("e.json", '{\n"a": }', 2, id="broken JSON"),
    pytest.param("e.json", "3", 0, id="JSON of something else"),
    pytest.param("setup.py", "setup(\n  name=\n)", 0, id="broken Python"),
    pytest.param("setup.py", "print 'x'\n", 1, id="Python 2"),
    pytest.param("setup.py", "import this\n", 0, id="Python without setup()"),
    pytest.param("setup.cfg", "install_requires = a\n", 0, id="INI without a section"),
    pytest.param("pyproject.toml", "[project]\nname = \n", 2, id="broken TOML"),
    pytest.param("pyproject.toml", "[tool.black]\n", 0, id="TOML of something else"),
    pytest.param("x.txt", "@EXPLICIT\n", 0, id="an explicit list of nothing"),
    pytest.param("x.txt", "Dear all,\n", 1, id="a letter"),
]


@pytest.mark.parametrize(("filename", "text", "line"), BAD)
def test_bad_files_are_said_to_be_bad(filename: str, text: str, line: int) -> None:
    with pytest.raises(BadEnvironment) as bad:
        read_environment(text, filename)
    assert bad.value.reason
    if line:
        assert bad.value.line == line


def test_aliases_to_aliases_to_aliases_stay_small() -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    lines = [f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in pairwise(names)]
    text = "\n".join(["a: &a [x]", *lines, "dependencies: *z"])
    assert read_environment(text, "e.yml").packages == ()


EXPORT = """name: jam
channels:
  - defaults
dependencies:
  - _libgcc_mutex=0.1=main
  - ca-certificates=2023.08.22=h06a4308_0
  - numpy=1.26.0=py311h08b1b3b_0
  - openssl=1.1.1u=h7f8727e_0
  - x264=1!161.3030=h7f98852_1
  - pip:
      - torch==2.1.0
prefix: /home/a/miniconda3/envs/jam
"""


def test_a_full_export_is_known_as_one() -> None:
    environment = read_environment(EXPORT, "environment.yml")
    assert environment.export
    assert shorts(environment)[2:] == [
        "conda:numpy==1.26.0 py311h08b1b3b_0",
        "conda:openssl==1.1.1u h7f8727e_0",
        "conda:x264==1!161.3030 h7f98852_1",
        "pip:torch==2.1.0",
    ]


def test_an_export_without_builds_is_known_by_what_nobody_asks_for() -> None:
    assert read_environment(conda("_libgcc_mutex=0.1", "ca-certificates=2023", "numpy=1.26.0"), "e.yml").export


def test_a_file_by_hand_is_no_export() -> None:
    assert not read_environment(conda("python=3.10", "numpy=1.26.0", "scipy=1.11=py_0", "pip"), "e.yml").export


LISTS = [
    pytest.param(
        "x.txt",
        "# platform: linux-64\n@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311_0.conda#0a\n"
        "https://repo.anaconda.com/pkgs/main/noarch/tqdm-4.66-pyhd_0.tar.bz2\n# pip rich @ https://h.org/rich-13.1-py3.whl\n",
        ["conda:numpy==1.26.4 py311_0 conda-forge", "conda:tqdm==4.66 pyhd_0 main", "pip:rich==13.1"],
        id="explicit",
    ),
    pytest.param(
        "requirements.txt",
        "# This file may be used to create an environment\n# platform: linux-64\n_libgcc_mutex=0.1=main\n"
        "numpy=1.26.4=py311_0\ntorch=2.1.0=pypi_0\n",
        ["conda:_libgcc_mutex==0.1 main", "conda:numpy==1.26.4 py311_0", "pip:torch==2.1.0"],
        id="conda list --export in a requirements file",
    ),
    pytest.param(
        "list.txt",
        "# packages in environment at /home/a/envs/jam:\n#\n# Name                    Version         Build  Channel\n"
        "numpy           1.26.4    py311_0    conda-forge\ntorch  2.1.0    pypi_0    pypi\nzlib   1.2.13  h5_0\n",
        ["conda:numpy==1.26.4 py311_0 conda-forge", "pip:torch==2.1.0", "conda:zlib==1.2.13 h5_0"],
        id="what conda list prints",
    ),
    pytest.param(
        "list.txt",
        'List of packages in environment: "/home/a/envs/jam"\n\n  Name   Version  Build    Channel\n'
        "──────────────────────\n  numpy  1.26.4   py311_0  conda-forge\n",
        ["conda:numpy==1.26.4 py311_0 conda-forge"],
        id="what mamba list prints",
    ),
    pytest.param(
        "list.json",
        json.dumps(
            [
                {"name": "numpy", "version": "1.26.4", "build_string": "py311_0", "channel": "conda-forge"},
                {"name": "torch", "version": "2.1.0", "build_string": "pypi_0", "channel": "pypi"},
            ]
        ),
        ["conda:numpy==1.26.4 py311_0 conda-forge", "pip:torch==2.1.0"],
        id="conda list --json",
    ),
    pytest.param(
        "conda-lock.yml",
        "version: 1\nmetadata:\n  channels:\n  - url: conda-forge\npackage:\n"
        + "".join(
            f"- {{name: {name}, version: '{version}', manager: {manager}, platform: {platform}, "
            f"dependencies: {{{depends}}}, url: 'https://conda.anaconda.org/conda-forge/{platform}/{name}-{version}-b_0.conda'}}\n"
            for name, version, manager, platform, depends in [
                ("python", "3.11.4", "conda", "linux-64", ""),
                ("numpy", "1.26.4", "conda", "linux-64", "libblas: '>=3', python: '3.11.*'"),
                ("libblas", "3.9.0", "conda", "linux-64", ""),
                ("numpy", "1.25.0", "conda", "osx-64", ""),
                ("rich", "13.1", "pip", "linux-64", ""),
            ]
        ),
        ["conda:python==3.11.4 b_0 conda-forge", "conda:numpy==1.26.4 b_0 conda-forge", "pip:rich==13.1"],
        id="conda-lock",
    ),
    pytest.param(
        "pixi.lock",
        "version: 6\nenvironments:\n  default:\n    channels:\n    - url: https://conda.anaconda.org/conda-forge/\n"
        "    packages:\n      linux-64:\n      - conda: https://conda.anaconda.org/conda-forge/noarch/tqdm-4.66-pyhd_0.conda\n"
        "      - pypi: https://h.org/rich.whl\npackages:\n- pypi: https://h.org/rich.whl\n  name: rich\n"
        "  version: '13.1'\n",
        ["conda:tqdm==4.66 pyhd_0 conda-forge", "pip:rich==13.1"],
        id="pixi.lock",
    ),
    pytest.param(
        "anaconda-project-lock.yml",
        "locking_enabled: true\nenv_specs:\n  other:\n    packages: {all: [scipy=1.11.1=py311_0]}\n  default:\n"
        "    locked: true\n    platforms: [linux-64, osx-64]\n    packages:\n      all:\n      - attrs=23.1=pyh_1\n"
        "      linux-64:\n      - numpy=1.26.4=py311_0\n      osx-64:\n      - appnope=0.1=pyh_0\n"
        "      pip:\n      - rich==13.1\n",
        ["conda:attrs==23.1 pyh_1", "conda:numpy==1.26.4 py311_0", "pip:rich==13.1"],
        id="anaconda-project's lock",
    ),
]
ANACONDA_PROJECTS = [
    pytest.param("name: p\npackages: [python=3.11, {pip: [rich]}]\n", "p conda:python=3.11 pip:rich", id="no spec"),
    pytest.param(
        "name: p\npackages: [python=3.11]\nenv_specs:\n  gpu:\n    inherit_from: [common]\n    packages: [cupy]\n"
        "  common:\n    inherit_from: base\n    dependencies: [numpy]\n  base: {packages: [scipy]}\n",
        "gpu conda:python=3.11 conda:scipy conda:numpy conda:cupy",
        id="specs that inherit",
    ),
    pytest.param(
        "env_specs:\n  a: {inherit_from: b, packages: [numpy]}\n  b: {inherit_from: a, packages: [scipy]}\n",
        "a conda:scipy conda:numpy",
        id="a circle",
    ),
]


@pytest.mark.parametrize(("text", "expected"), ANACONDA_PROJECTS)
def test_anaconda_project(text: str, expected: str) -> None:
    environment = read_environment(text, "anaconda-project.yml")
    assert " ".join([environment.name, *shorts(environment)]) == expected


@pytest.mark.parametrize("text", ["name: p\n", "env_specs: {a: {}}\n", "env_specs: [a]\n", "packages: {osx-64: [a]}\n"])
def test_an_anaconda_project_without_packages_is_said(text: str) -> None:
    with pytest.raises(BadEnvironment, match="names no package"):
        read_environment(text, "anaconda-project.yml")


@pytest.mark.parametrize(("filename", "text", "expected"), LISTS)
def test_listings(filename: str, text: str, expected: list[str]) -> None:
    environment = read_environment(text, filename)
    assert shorts(environment) == expected
    assert environment.export


CONDA_LISTS = [
    pytest.param(
        "# conda create -n x --file this\npython>=3.5\nsamtools\n", ["conda:python>=3.5", "conda:samtools"], id="told"
    ),
    pytest.param(
        "numpy=1.22.3\npillow=9.2.0\ntqdm\n", ["conda:numpy=1.22.3", "conda:pillow=9.2.0", "conda:tqdm"], id="="
    ),
    pytest.param(
        "numpy==1.22\npillow=9.2.0\ntqdm>1\n", ["pip:numpy==1.22", "conda:pillow=9.2.0", "pip:tqdm>1"], id="mixed"
    ),
]


@pytest.mark.parametrize(("text", "expected"), CONDA_LISTS)
def test_lists_for_conda_by_hand(text: str, expected: list[str]) -> None:
    environment = read_environment(text, "requirements.txt")
    assert shorts(environment) == expected
    assert not environment.export


def test_an_export_as_json_is_read_as_the_yaml_it_is() -> None:
    text = json.dumps({"name": "jam", "dependencies": ["numpy=1.26.4=py311_0", {"pip": ["torch==2.1"]}]}, indent=2)
    assert shorts(read_environment(text, "e.json")) == ["conda:numpy==1.26.4 py311_0", "pip:torch==2.1"]


def test_a_table_tells_the_name_of_its_environment() -> None:
    text = "# packages in environment at /home/a/envs/jam:\n#\n# Name Version Build Channel\nnumpy 1.26.4 py_0\n"
    assert read_environment(text, "list.txt").name == "jam"


PROJECTS = [
    pytest.param("requirements.txt", "a==1 \\\n  --hash=sha256:00\nb # c\n", ["pip:a==1", "pip:b"], id="hashes"),
    pytest.param(
        "requirements.txt",
        "numpy @ file:///croot/numpy_1707/work/dist/numpy-1.26.4-cp311-cp311-linux_x86_64.whl#sha256=00\n"
        "six @ file:///tmp/build/80754af9/six_1644875935023/work\n",
        ["pip:numpy==1.26.4", "pip:six"],
        id="pip freeze in a conda environment",
    ),
    pytest.param(
        "setup.py",
        "from setuptools import setup\nNEEDS = ['a>=1']\nsetup(name='x', python_requires='>=3.8, <4', "
        "install_requires=NEEDS + ['b[c]'], extras_require={'d': ['e']})\n",
        ["conda:python>=3.8,<4", "pip:a>=1", "pip:b [c]"],
        id="setup.py",
    ),
    pytest.param(
        "setup.cfg",
        "[metadata]\nname = x\n[options]\npython_requires = >=3.8\ninstall_requires =\n    a>=1\n"
        "    b; python_version<'4'\n",
        ["conda:python>=3.8", "pip:a>=1", "pip:b python_version<'4'"],
        id="setup.cfg",
    ),
    pytest.param(
        "pyproject.toml",
        '[project]\nname = "x"\nrequires-python = ">=3.9"\ndependencies = ["a>=1", "b"]\n'
        '[project.optional-dependencies]\nc = ["d"]\n',
        ["conda:python>=3.9", "pip:a>=1", "pip:b"],
        id="pyproject.toml",
    ),
    pytest.param(
        "pyproject.toml",
        '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\na = "^1.2.3"\nb = "~0.2"\nc = "*"\n'
        'd = {version = "^0.0.3", extras = ["e"]}\nf = {git = "https://h.org/f.git"}\n'
        'g = {version = "1", optional = true}\n'
        'h = "1.4.0"\n',
        [
            "conda:python>=3.9,<4",
            "pip:a>=1.2.3,<2",
            "pip:b>=0.2,<0.3",
            "pip:c",
            "pip:d>=0.0.3,<0.0.4 [e]",
            "pip:f git+https://h.org/f.git",
            "pip:h==1.4.0",
        ],
        id="Poetry",
    ),
    pytest.param(
        "pixi.toml",
        '[project]\nname = "x"\nchannels = ["conda-forge"]\n[dependencies]\npython = "3.11.*"\nnumpy = ">=1,<2"\n'
        'mkl = {version = "*", build = "b*"}\n[pypi-dependencies]\nrich = "*"\n'
        '[target.linux-64.dependencies]\ngcc = "12"\n',
        ["conda:python3.11.*", "conda:numpy>=1,<2", "conda:mkl b*", "conda:gcc==12", "pip:rich"],
        id="pixi.toml",
    ),
]


@pytest.mark.parametrize(("filename", "text", "expected"), PROJECTS)
def test_projects(filename: str, text: str, expected: list[str]) -> None:
    assert shorts(read_environment(text, filename)) == expected


def test_computed_requirements_are_not_run_but_doubted() -> None:
    environment = read_environment("setup(install_requires=open('requirements.txt').read().split())", "setup.py")
    assert (environment.packages, environment.includes) == ((), ("requirements.txt",))
    assert "computes" in environment.doubts[0]


def test_the_files_of_a_project_with_dynamic_dependencies_are_listed() -> None:
    text = '[project]\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = {file = ["r.txt"]}\n'
    environment = read_environment(text, "pyproject.toml")
    assert environment.includes == ("r.txt",)
    assert "r.txt" in environment.doubts[0]


def test_what_pip_froze_is_a_listing() -> None:
    frozen = "".join(f"{letter}pack=={number}.0.1\n" for number, letter in enumerate("abcdefghijklmnopqrst"))
    assert read_environment(frozen, "requirements.txt").export
    assert not read_environment("torch==2.1.0\nnumpy==1.26.4\n", "requirements.txt").export


@pytest.mark.parametrize("system", [("ucrt", "vc", "vs2015_runtime"), ("libcxx", "tk"), ("_libgcc_mutex", "libgcc-ng")])
def test_what_only_a_solver_lists_gives_an_export_without_builds_away(system: tuple[str, ...]) -> None:
    names = ("python", "numpy", "pandas", "hdf5", "zlib", "affine", *system)
    text = "dependencies:\n" + "".join(f"  - {name}=1.{number}.0\n" for number, name in enumerate(names))
    assert read_environment(text, "environment.yml").export


def record(name: str, version: str, *depends: str, dist: str = "", files: list[str] | None = None) -> str:
    listed = [f"lib/python3.11/site-packages/{dist}/METADATA"] if dist else files or ["lib/x"]
    return json.dumps(
        {
            "name": name,
            "version": version,
            "build": "py311_0",
            "channel": "https://conda.anaconda.org/conda-forge/linux-64",
            "depends": list(depends),
            "files": listed,
        }
    )


RECORDS = {
    "python-3.11.4-h_0.json": record("python", "3.11.4", "openssl >=3", "pip"),
    "pip-24-p_0.json": record("pip", "24.0", "python >=3.8", dist="pip-24.0.dist-info"),
    "openssl-3-h_0.json": record("openssl", "3.1"),
    "numpy-1-p_0.json": record("numpy", "1.26.4", "python >=3.11", dist="numpy-1.26.4.dist-info"),
    "pandas-2-p_0.json": record("pandas", "2.2.1", "numpy >=1.23", "python", dist="pandas-2.2.1.dist-info"),
    "pytorch-2-p_0.json": record("pytorch", "2.1.0", "numpy", "python", dist="torch-2.1.0-py3.11.egg-info"),
    "pytables-3-p_0.json": record("pytables", "3.9", "numpy", "python", dist="tables-3.9.dist-info"),
}
DISTS = (
    "numpy-1.26.4.dist-info",
    "torch-2.1.0-py3.11.egg-info",
    "pip-24.0.dist-info",
    "rich-13.1.dist-info",
    "~ip-1.dist-info",
)

HISTORY = """==> 2024-01-15 10:30:00 <==
# cmd: conda create -n jam python=3.11 pandas numpy=1.25
# conda version: 24.1.0
+conda-forge/linux-64::python-3.11.4-h_0
# update specs: ['python=3.11', 'pandas', 'numpy=1.25', 'scipy']
==> 2024-01-16 10:30:00 <==
# update specs: ["pytorch[version='>=2.1']", 'conda-forge::pytables']
# neutered specs: ['numpy']
==> 2024-01-17 10:30:00 <==
# remove specs: ['scipy', 'pandas']
==> 2024-01-18 10:30:00 <==
# update specs: ['pandas>=2']
# remove specs: ['pandas']
"""


def test_a_prefix_is_what_was_asked_of_it() -> None:
    environment = read_prefix(HISTORY, RECORDS, DISTS, "jam")
    assert [(p.name, p.version, p.pypi, p.installed, p.manager) for p in environment.packages] == [
        ("python", "=3.11", "", "3.11.4", "conda"),
        ("numpy", "", "numpy", "1.26.4", "conda"),
        ("pytorch", ">=2.1", "torch", "2.1.0", "conda"),
        ("pytables", "", "tables", "3.9", "conda"),
        ("pandas", ">=2", "pandas", "2.2.1", "conda"),
        ("rich", "==13.1", "rich", "13.1", "pip"),
    ]
    assert not environment.export


def test_a_prefix_without_history_is_what_nothing_depends_on() -> None:
    environment = read_prefix("", RECORDS, DISTS, "jam")
    assert [package.name for package in environment.packages] == ["pandas", "pytables", "pytorch", "python", "rich"]
    assert environment.export


def test_a_prefix_made_from_a_listing_is_what_nothing_depends_on() -> None:
    asked = [
        f"conda-forge::{json.loads(text)['name']}=={json.loads(text)['version']}=py311_0" for text in RECORDS.values()
    ]
    environment = read_prefix(f"==> x <==\n# update specs: {asked}\n", RECORDS, (), "jam")
    assert [package.name for package in environment.packages] == ["pandas", "pytables", "pytorch", "python"]


def test_history_of_an_older_conda() -> None:
    environment = read_prefix("==> x <==\n# install specs: numpy >=1.2,<2,pandas\n", {}, (), "jam")
    assert shorts(environment) == ["conda:numpy>=1.2,<2", "conda:pandas"]


def test_what_pip_put_in_the_place_of_condas_is_pips() -> None:
    environment = read_prefix("", RECORDS, ("numpy-2.0.0.dist-info",), "jam")
    assert "pip:numpy==2.0.0" in shorts(environment)


def test_a_ring_of_packages_that_need_one_another_is_not_lost() -> None:
    records = {"a": record("a", "1", "b"), "b": record("b", "1", "a")}
    assert [package.name for package in read_prefix("", records, (), "jam").packages] == ["a"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"name": 3}', "[" * 5000, '{"name": "a", "files": [1], "depends": {}}']
)
def test_damaged_records_do_no_harm(text: str) -> None:
    environment = read_prefix(HISTORY, {**RECORDS, "bad.json": text}, DISTS, "jam")
    assert {"numpy", "pytorch"} <= {package.name for package in environment.packages}


IMPORTS = [
    pytest.param("import numpy as np, scipy.linalg", ["numpy", "scipy"], id="plain"),
    pytest.param("from sklearn.svm import SVC", ["sklearn"], id="from"),
    pytest.param("import os, sys, distutils, cPickle", [], id="Python's own, also of old"),
    pytest.param("from . import a\nfrom .b import c", [], id="relative"),
    pytest.param("import mine\nfrom mine.a import b", [], id="the author's own"),
    pytest.param("def f():\n    import torch", ["torch"], id="within a function"),
    pytest.param("try:\n    import a\nexcept ImportError:\n    a = None", [], id="optional"),
    pytest.param(
        "try:\n    import a\nexcept ImportError:\n    raise SystemExit('a!')", ["a"], id="not optional at all"
    ),
    pytest.param("try:\n    import a\nexcept KeyError:\n    pass", ["a"], id="another error is caught"),
    pytest.param("try:\n    import a\nexcept ImportError:\n    pass\nimport a", ["a"], id="optional, and then not"),
    pytest.param("if TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"], id="for type checkers only"),
    pytest.param("if False:\n    import a\nelse:\n    import b", ["b"], id="in no run"),
    pytest.param("if 0:\n    import a\nimport b", ["b"], id="in no run, by a number"),
    pytest.param("with suppress(ImportError):\n    import a\nimport b", ["b"], id="suppressed"),
    pytest.param("import importlib\nimportlib.import_module('a.b')", ["a"], id="import_module"),
    pytest.param(
        "from google.cloud import storage\nfrom google import protobuf",
        ["google.cloud", "google.protobuf"],
        id="google",
    ),
    pytest.param("'''\nimport a\n'''", [], id="within a text"),
    pytest.param("print 'x'\nimport a.b, c\nfrom d import (e,\n  f)", ["a", "c", "d"], id="Python 2"),
    pytest.param(
        "print 'x'\n'''\nimport a\n'''\ntry:\n    import b\nexcept ImportError:\n    pass\nimport c",
        ["c"],
        id="more Python 2",
    ),
    pytest.param("print 'x'\nfor x in y: import from", [], id="no language at all"),
]


@pytest.mark.parametrize(("source", "expected"), IMPORTS)
def test_imports(source: str, expected: list[str]) -> None:
    environment = read_imports({"train.py": source}, {"mine"})
    assert [package.name for package in environment.packages] == expected
    assert environment.guess
    assert environment.origin == "the imports of train.py"
    assert all(package.manager == "import" for package in environment.packages)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("# /// script\n# dependencies = ['rich', 'requests<3']\n# ///\n", ["rich", "requests"]),
        ("#!/usr/bin/env python\r\n# /// script\r\n# dependencies = ['rich']\r\n# ///\r\n", ["rich"]),
        ("# /// script\n# dependencies = ['rich'\n# ///\n", []),
        ("# /// script\n# dependencies = 'rich'\n# ///\n", []),
        ("# /// script\n# dependencies = ['rich']\nimport rich\n", []),
        ("# /// other\n# dependencies = ['rich']\n# ///\n", []),
    ],
)
def test_the_head_of_a_python_file(source: str, names: list[str]) -> None:
    assert [package.name for package in needed_by(source)] == names


def test_optional_imports_are_named_in_a_doubt() -> None:
    source = "try:\n    import ujson as json\nexcept ImportError:\n    import json\n"
    assert "ujson" in read_imports({"a.py": source}, ()).doubts[0]


@pytest.mark.parametrize(
    ("source", "later"),
    [
        ("def f():\n    import a\n    class C:\n        import b\nimport c", {"a", "b"}),
        ("class C:\n    import a\n    async def f(self):\n        import b\nimport c", {"b"}),
        ("def f():\n    import a\nimport a, b, c", set()),
        ("import a\nb = lambda: __import__('b')\nimport c", {"b"}),
    ],
)
def test_imports_that_wait_for_a_call(source: str, later: set[str]) -> None:
    packages = read_imports({"a.py": source}, ()).packages
    assert {package.name for package in packages} == {"a", "b", "c"}
    assert {package.name for package in packages if package.later} == later


def test_names_that_may_be_files_beside_a_source() -> None:
    source = "import a.b\nfrom c import d\nfrom . import e\nfrom ..f import g\nfrom h import *\n"
    assert imported_names(source) == ("a.b", "c", "c.d", ".", ".e", "..f", "..f.g", "h")
    assert imported_names("print 'x'\nfrom c import d\nimport a.b\n") == ("c", "c.d", "a.b")


FILES = st.sampled_from(
    [
        "environment.yml",
        "x.txt",
        "requirements.txt",
        "setup.py",
        "setup.cfg",
        "pyproject.toml",
        "pixi.toml",
        "x.json",
        "x",
        "",
    ]
)
PIECES = st.sampled_from(
    [
        "dependencies:",
        "\n",
        "  - ",
        "- ",
        "pip:",
        "numpy",
        "=1.2",
        "==1",
        ">=2,<3",
        " ",
        "# c",
        "[",
        "]",
        "{",
        "}",
        ":",
        "&a",
        "*a",
        "!t ",
        "name: x",
        "@EXPLICIT\n",
        "https://x/y/noarch/a-1-b.conda",
        "install_requires=",
        "setup(",
        ")",
        "'",
        '"',
        "|",
        "\\\n",
        "[project]\n",
        "dependencies = ",
        "[tool.poetry.dependencies]\n",
        "[options]\n",
        "package:\n",
        "metadata:\n",
        "3.1",
        "\t",
        "environments:\n",
        "packages:\n",
        "; python_version<'3'",
        "-e ",
        "git+https://a/b",
        "# Name Version Build\n",
        "\r\n",
        "\x85",
    ]
)
TEXTS: st.SearchStrategy[str] = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=80)


@settings(max_examples=400, deadline=None)
@given(TEXTS, FILES)
def test_any_text_is_an_environment_or_said_not_to_be_one(text: str, filename: str) -> None:
    with contextlib.suppress(BadEnvironment):
        for package in read_environment(text, filename).packages:
            SpecifierSet(package.version if package.manager == "pip" else to_pep440(package.version).specifier)
            assert package.name or package.url
            if package.manager == "pip" and package.name and not package.url:
                Requirement(f"{package.name}{package.version}")


def test_a_name_of_very_many_parts_is_not_parsed() -> None:
    assert imported_names("import " + ".".join(["a"] * 5_000)) != ()
    assert [package.name for package in read_imports({"a.py": f"import b{'.a' * 5_000}\n"}, ()).packages] == ["b"]


@settings(deadline=None)
@given(TEXTS)
def test_any_text_may_stand_in_a_prefix_or_a_source(text: str) -> None:
    read_prefix(f"# update specs: {text}", {"a.json": text}, [text, f"{text}.dist-info"], "x")
    read_imports({"a.py": text}, ())
    imported_names(text)


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        pytest.param("numpy" + " " * 100_000 + "x", "requirements.txt", id="spaces"),
        pytest.param("a-" * 50_000 + "!", "requirements.txt", id="a long name"),
        pytest.param(conda("'" + "a-" * 50_000 + "'"), "e.yml", id="a long name for conda"),
        pytest.param(conda("'a" + "[x]" * 10_000 + "'"), "e.yml", id="many brackets"),
        pytest.param(conda("a " + "1," * 20_000), "e.yml", id="many commas"),
        pytest.param("- " * 100_000, "e.yml", id="dashes"),
        pytest.param("setup(x=" + "-" * 100_000 + "1)", "setup.py", id="minus minus minus"),
    ],
)
def test_no_text_takes_long(text: str, filename: str, benchmark_seconds: Callable[[], float]) -> None:
    with contextlib.suppress(BadEnvironment):
        read_environment(text, filename)
    assert benchmark_seconds() < 5


@pytest.fixture
def benchmark_seconds() -> Callable[[], float]:
    from time import process_time

    start = process_time()
    return lambda: process_time() - start
