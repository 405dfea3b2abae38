"""Where a job's environment is looked for: every source, which of two wins, and what is said of it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from slurmfix import files
from slurmfix.batch import Task, convert_bytes
from slurmfix.config import Settings
from slurmfix.outcome import Outcome

JOB = "#!/bin/bash\n#SBATCH --time=1:00:00\nconda activate {name}\n{runs}\n"


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a repository of their own; nothing of the machine's conda is seen."""
    for variable in ("CONDA_ENVS_PATH", "MAMBA_ROOT_PREFIX", "CONDA_EXE", "SCRATCH", "PROJECT"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "work" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    files.forget()
    from slurmfix import batch

    batch.prepared.cache_clear()
    return tmp_path


def lay(folder: Path, contents: Mapping[str, str]) -> None:
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def prefix(path: Path, asked: str, installed: Mapping[str, str], pip: Mapping[str, str] | None = None) -> Path:
    """An environment on disk as conda leaves it."""
    lay(path, {"conda-meta/history": f"==> 2024-01-01 00:00:00 <==\n# cmd: conda create\n# update specs: {asked}\n"})
    for name, version in installed.items():
        record = {"name": name, "version": version, "build": "0", "depends": [], "files": []}
        lay(path, {f"conda-meta/{name}-{version}-0.json": json.dumps(record)})
    for name, version in (pip or {}).items():
        (path / f"lib/python3.11/site-packages/{name}-{version}.dist-info").mkdir(parents=True)
    return path


def yml(name: str, *packages: str, pip: tuple[str, ...] = ()) -> str:
    lines = "".join(f"  - {package}\n" for package in packages)
    section = "  - pip:\n" + "".join(f"    - {line}\n" for line in pip) if pip else ""
    return f"name: {name}\ndependencies:\n{lines}{section}"


def converted(script: str = "job.sh", name: str = "myenv", runs: str = "hostname", **settings: object) -> Outcome:
    path = Path(script)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = JOB.format(name=name, runs=runs)
    path.write_text(text)
    return convert_bytes(script, text.encode(), Task(Settings(**settings)))  # type: ignore[arg-type]


def requirements(outcome: Outcome) -> list[str]:
    """The lines of the one requirements file that a job gets, without its comments."""
    assert not outcome.error and len(outcome.created) == 1, outcome
    plain = (re.sub(r"(^|\s+)#.*", "", line) for line in outcome.created[0].text.splitlines())
    return [line for line in plain if line]


def said(outcome: Outcome) -> str:
    assert outcome.plan is not None
    served = [text for each in outcome.plan.environments for text in (*each.doubts, *each.recipe.doubts, each.refused)]
    return " ".join((*(step.why for step in outcome.plan.steps), *served, *outcome.notes))


def origin(outcome: Outcome) -> str:
    match = re.search(r", from (.*) \(written by slurmfix\)", outcome.created[0].text)
    return match[1] if match else ""


# --- each source, from the best to the last


def test_a_file_that_is_given(world: Path) -> None:
    lay(world, {"given.yml": yml("other", "scipy")})
    lay(world / "work", {"environment.yml": yml("myenv", "numpy")})
    assert requirements(converted(env=(("myenv", str(world / "given.yml")),))) == ["scipy"]


def test_a_prefix_that_is_given(world: Path) -> None:
    there = prefix(world / "copied", "['scipy']", {"scipy": "1.11.4"})
    lay(world / "work", {"environment.yml": yml("myenv", "numpy")})
    assert requirements(converted(env=(("myenv", str(there)),))) == ["scipy~=1.11"]


def test_a_given_file_that_is_broken_is_named(world: Path) -> None:
    lay(world, {"given.yml": "name: [x\n"})
    outcome = converted(env=(("myenv", str(world / "given.yml")),))
    assert not outcome.created and "given.yml" in said(outcome) and "not YAML" in said(outcome)


@pytest.mark.parametrize("spelled", ["{home}/envs/mine", "$HOME/envs/mine", "${{HOME}}/envs/mine", "~/envs/mine"])
def test_the_prefix_that_is_activated_by_path(world: Path, spelled: str) -> None:
    home = world / "home"
    prefix(home / "envs/mine", "['scipy']", {"scipy": "1.11.4"})
    assert requirements(converted(name=spelled.format(home=home))) == ["scipy~=1.11"]


def test_a_prefix_in_scratch(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCH", str(world / "scratch"))
    prefix(world / "scratch/envs/mine", "['scipy']", {"scipy": "1.11.4"})
    assert requirements(converted(name="$SCRATCH/envs/mine")) == ["scipy~=1.11"]


def test_a_prefix_beside_the_script(world: Path) -> None:
    prefix(world / "work/jobs/env", "['scipy']", {"scipy": "1.11.4"})
    assert requirements(converted("jobs/job.sh", name="./env")) == ["scipy~=1.11"]


@pytest.mark.parametrize(
    "place",
    [".conda/envs/myenv", "miniconda3/envs/myenv", "anaconda3/envs/myenv", "miniforge3/envs/myenv"],
)
def test_the_usual_places(world: Path, place: str) -> None:
    prefix(world / "home" / place, "['scipy']", {"scipy": "1.11.4"})
    assert requirements(converted()) == ["scipy~=1.11"]


def test_the_list_of_environments(world: Path) -> None:
    there = prefix(world / "far/away/myenv", "['scipy']", {"scipy": "1.11.4"})
    lay(world / "home", {".conda/environments.txt": f"/gone/myenv\n{there}\n"})
    assert requirements(converted()) == ["scipy~=1.11"]


def test_the_folders_of_condarc(world: Path) -> None:
    prefix(world / "shelf/myenv", "['scipy']", {"scipy": "1.11.4"})
    lay(world / "home", {".condarc": f"envs_dirs:\n  - {world}/shelf\n"})
    assert requirements(converted()) == ["scipy~=1.11"]


def test_a_prefix_wins_over_a_file_and_brings_pip_s_packages(world: Path) -> None:
    installed = {"python": "3.11.4", "numpy": "1.26.4"}
    prefix(world / "home/.conda/envs/myenv", "['python=3.11', 'numpy']", installed, {"einops": "0.7.0"})
    lay(world / "work", {"environment.yml": yml("myenv", "scipy")})
    assert requirements(converted()) == ["einops~=0.7", "numpy~=1.26"]


PLACES = {
    "beside the script": "jobs/deep/environment.yml",
    "in a parent": "jobs/env.yaml",
    "at the root": "environment.yml",
    "in envs/": "envs/some.yml",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_file_by_its_name(world: Path, place: str) -> None:
    lay(world / "work", {place: yml("myenv", "scipy")})
    outcome = converted("jobs/deep/job.sh")
    assert requirements(outcome) == ["scipy"] and origin(outcome) == place


def test_the_nearest_file_wins(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "scipy"), "jobs/environment.yml": yml("myenv", "numpy")})
    assert requirements(converted("jobs/job.sh")) == ["numpy"]


def test_a_file_of_another_name_is_not_taken(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("another", "scipy")})
    assert "slurmfix found no list of its packages" in said(converted())


def test_a_file_above_the_repository_is_not_taken(world: Path) -> None:
    lay(world, {"environment.yml": yml("myenv", "scipy")})
    assert "slurmfix found no list of its packages" in said(converted())


def test_a_file_that_the_script_itself_names(world: Path) -> None:
    lay(world / "work", {"config/deps.yml": yml("whatever", "scipy")})
    outcome = converted(runs="conda env create -f config/deps.yml -n myenv\npython x.py")
    assert requirements(outcome) == ["scipy"] and origin(outcome) == "config/deps.yml"


LISTS = {
    "myenv.txt": "# platform: linux-64\nnumpy=1.26.4=py311h64a7726_0\nscipy=1.11.4=py311h64a7726_0\n",
    "envs/myenv-linux-64.lock": "@EXPLICIT\n"
    "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda\n"
    "https://conda.anaconda.org/conda-forge/linux-64/scipy-1.11.4-py311h64a7726_0.conda\n",
    "myenv.lock": "# packages in environment at /home/u/envs/myenv:\n#\n# Name  Version  Build  Channel\n"
    "numpy  1.26.4  py311_0\nscipy  1.11.4  py311_0\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_is_called_by_the_environment_s_name(world: Path, name: str) -> None:
    lay(world / "work", {name: LISTS[name]})
    outcome = converted()
    assert requirements(outcome) == ["numpy~=1.26", "scipy~=1.11"] and origin(outcome) == name


def test_a_text_of_that_name_that_is_no_list(world: Path) -> None:
    lay(world / "work", {"myenv.txt": "Remember to make this environment again.\n", "myenv.lock": ""})
    assert "slurmfix found no list of its packages" in said(converted())


IMPORTS = "import numpy\nimport sklearn\nimport os\n"
PROJECT_FILES = {
    "pixi.toml": '[project]\nname = "p"\nchannels = []\n[dependencies]\nnumpy = ">=1.20"\nscikit-learn = "*"\n',
    "requirements.txt": "numpy>=1.20\nscikit-learn\n",
    "pyproject.toml": '[project]\nname = "p"\ndependencies = ["numpy>=1.20", "scikit-learn"]\n',
    "setup.cfg": "[options]\ninstall_requires =\n  numpy>=1.20\n  scikit-learn\n",
    "setup.py": "from setuptools import setup\nsetup(install_requires=['numpy>=1.20', 'scikit-learn'])\n",
}


@pytest.mark.parametrize("name", PROJECT_FILES)
def test_the_project_s_own_files(world: Path, name: str) -> None:
    lay(world / "work", {name: PROJECT_FILES[name], "train.py": IMPORTS})
    outcome = converted(runs="python train.py")
    assert requirements(outcome) == ["numpy>=1.20", "scikit-learn"]
    assert name in said(outcome)


def test_scripts_that_create_and_fill_an_environment_make_one_list(world: Path) -> None:
    made = {
        "setup.sh": "conda create -y -n myenv python=3.10 numpy\nconda activate myenv\npip install einops\n",
        "more.sh": "conda install -y -n myenv pandas\n",
    }
    lay(world / "work", {name: f"#!/bin/bash\n{text}" for name, text in made.items()})
    outcome = converted()
    assert requirements(outcome) == ["einops", "numpy", "pandas"]
    assert "setup.sh, more.sh" in origin(outcome) and "installs other packages" not in said(outcome)


def test_an_empty_list_tells_how_to_export_an_environment_by_its_path(world: Path) -> None:
    assert "export --no-builds -p /project/lab/envs/x >" in converted(name="/project/lab/envs/x").created[0].text


OWN_FOLDERS = {
    "-e ./submodules/steps": "submodules/steps",
    "./submodules/steps": "submodules/steps",
    "--editable=submodules/steps": "submodules/steps",
    "-e .": ".",
}


@pytest.mark.parametrize("line", OWN_FOLDERS)
@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py"])
def test_what_a_folder_of_the_author_s_asks_for_is_needed_as_well(world: Path, line: str, name: str) -> None:
    described = {
        "pyproject.toml": '[build-system]\nrequires = ["flit"]\n[project]\nname = "steps"\ndependencies = ["scipy"]\n',
        "setup.py": "from setuptools import setup\nsetup(name='steps', install_requires=['scipy'])\n",
    }
    lay(world / "work", {"reqs.txt": f"{line}\nnumpy\n", f"{OWN_FOLDERS[line]}/{name}": described[name]})
    outcome = converted(env=(("myenv", "reqs.txt"),))
    assert requirements(outcome) == ["numpy", "scipy"]
    assert "a folder of your own" in outcome.created[0].text


def test_a_folder_of_the_author_s_that_asks_for_nothing_says_nothing(world: Path) -> None:
    lay(world / "work", {"reqs.txt": "-e ./steps\nnumpy\n", "steps/pyproject.toml": "[tool.black]\nline-length = 99\n"})
    outcome = converted(env=(("myenv", "reqs.txt"),))
    assert requirements(outcome) == ["numpy"] and "pyproject" not in said(outcome)


def test_imports_that_no_package_is_known_for_speak_against_no_list(world: Path) -> None:
    lay(world / "work", {"requirements.txt": "numpy\n", "train.py": "import steps\n"})
    outcome = converted(runs="python train.py")
    assert requirements(outcome) == ["numpy"] and "requirements.txt" in said(outcome)


def test_an_empty_list_that_somebody_filled_is_the_environment_s(world: Path) -> None:
    lay(world / "work", {"requirements-myenv.txt": converted().created[0].text + "scipy\n"})
    files.forget()
    from slurmfix import batch

    batch.prepared.cache_clear()
    outcome = converted("other.sh")
    assert outcome.plan is not None and outcome.plan.environments[0].recipe.requirements == ("scipy",)
    assert not outcome.unknown and not outcome.created


def test_a_project_s_file_of_something_else_is_not_taken(world: Path) -> None:
    lay(world / "work", {"requirements.txt": "sphinx\nfuro\n", "train.py": IMPORTS})
    assert requirements(converted(runs="python train.py")) == ["numpy", "scikit-learn"]


CALLS = {
    "python train.py": "train.py",
    "srun python -u train.py --x 1": "train.py",
    "python $SLURM_SUBMIT_DIR/train.py": "train.py",
    "python -m pkg.train": "pkg/train.py",
    "python -m pkg": "pkg/__main__.py",
    "torchrun --nproc_per_node=4 train.py": "train.py",
    "torchrun --nproc_per_node 4 -m pkg.train": "pkg/train.py",
    "python -m torch.distributed.run train.py": "train.py",
    "accelerate launch --config_file c.yaml train.py": "train.py",
    "accelerate launch -m pkg.train": "pkg/train.py",
    "RUN='python -u -m pkg.train --epochs 5'\n$RUN --seed 1": "pkg/train.py",
    "./train.py": "train.py",
    "python -u -W ignore -m pkg.train": "pkg/train.py",
}


@pytest.mark.parametrize("call", CALLS)
def test_the_imports_of_what_the_job_runs(world: Path, call: str) -> None:
    lay(world / "work", {CALLS[call]: IMPORTS})
    outcome = converted(runs=call)
    assert {"numpy", "scikit-learn"} <= set(requirements(outcome))
    assert "GUESS" in outcome.created[0].text and "guess" in said(outcome)


def test_the_author_s_own_modules_are_followed_and_not_required(world: Path) -> None:
    sources = {
        "train.py": "import helpers\nfrom pkg import model\nfrom pkg.data.load import read\n",
        "helpers.py": "import pandas\n",
        "pkg/__init__.py": "",
        "pkg/model.py": "from .layers import Layer\nimport torch\n",
        "pkg/layers.py": "from ..scale import by\nimport einops\n",
        "pkg/data/load.py": "import h5py\nfrom ..deep import more\n",
        "pkg/deep.py": "import zarr\n",
        "scale.py": "import numba\n",
    }
    lay(world / "work", sources)
    wanted = ["einops", "h5py", "numba", "pandas", "torch", "zarr"]
    assert requirements(converted(runs="python train.py")) == wanted


def test_a_folder_of_data_does_not_hide_a_package(world: Path) -> None:
    """wandb makes wandb/ beside the script, and people keep their data in datasets/."""
    lay(world / "work", {"train.py": "import wandb, numpy\n", "wandb/run-1/log.txt": "", "numpy/x.npy": ""})
    assert requirements(converted(runs="python train.py")) == ["numpy", "wandb"]


def test_sources_that_import_one_another_in_a_ring(world: Path) -> None:
    lay(world / "work", {"train.py": "import a\n", "a.py": "import b, numpy\n", "b.py": "import a, train\n"})
    assert requirements(converted(runs="python train.py")) == ["numpy"]


def test_nothing_is_known(world: Path) -> None:
    outcome = converted(runs="./a.out")
    assert requirements(outcome) == []
    assert "conda env export --no-builds -n myenv" in outcome.created[0].text


# --- what is installed where nobody asked for a version

PINS = {"exact": "numpy==1.26.4", "compatible": "numpy~=1.26", "none": "numpy"}


@pytest.mark.parametrize("pins", PINS)
def test_a_version_that_was_not_asked_for(world: Path, pins: str) -> None:
    prefix(world / "home/.conda/envs/myenv", "['numpy']", {"numpy": "1.26.4"})
    assert requirements(converted(pins=pins)) == [PINS[pins]]


ASKED = {"exact": "numpy==1.26.4", "compatible": "numpy>=1.20", "none": "numpy"}


@pytest.mark.parametrize("pins", ASKED)
def test_a_version_that_was_asked_for(world: Path, pins: str) -> None:
    prefix(world / "home/.conda/envs/myenv", "['numpy>=1.20']", {"numpy": "1.26.4"})
    assert requirements(converted(pins=pins)) == [ASKED[pins]]


FROM_PIP = {"exact": "torch==2.1.0", "compatible": "torch~=2.1", "none": "torch"}


@pytest.mark.parametrize("pins", FROM_PIP)
def test_what_pip_put_into_a_prefix(world: Path, pins: str) -> None:
    """No record says what pip was told; a wheel of PyTorch's own index is `2.1.0+cu118` there."""
    installed = {"python": "3.11.4"}
    prefix(world / "home/.conda/envs/myenv", "['python=3.11']", installed, {"torch": "2.1.0+cu118"})
    assert requirements(converted(pins=pins)) == [FROM_PIP[pins]]


@pytest.mark.parametrize(("python", "line"), [("3.11.4", "scikit-learn~=1.2"), ("3.8.1", "scikit-learn~=1.0")])
def test_a_version_before_1_for_a_python_that_is_gone(world: Path, python: str, line: str) -> None:
    installed = {"python": python, "scikit-learn": "0.24.2", "numpy": "1.19.2"}
    prefix(world / "home/.conda/envs/myenv", "['scikit-learn', 'numpy']", installed)
    assert [text.partition("  # ")[0] for text in requirements(converted())] == ["numpy~=1.19", line]


def test_a_version_that_pip_cannot_read(world: Path) -> None:
    prefix(world / "home/.conda/envs/myenv", "['pytz']", {"pytz": "2024a"})
    assert requirements(converted(pins="exact")) == ["pytz==2024.*"]


# --- files that include others


def test_included_files_are_read(world: Path) -> None:
    contents = {
        "environment.yml": yml("myenv", "scipy", "pip", pip=("-r requirements/all.txt", "-c limits.txt")),
        "requirements/all.txt": "-r base.txt\neinops\n",
        "requirements/base.txt": "numpy\n-r all.txt\n",
        "limits.txt": "zarr<3\n",
    }
    lay(world / "work", contents)
    outcome = converted()
    assert requirements(outcome) == ["einops", "numpy", "scipy"]
    assert "limits.txt" not in outcome.created[0].text and "does not ask for (zarr<3)" in said(outcome)


def test_a_constraints_file_holds_what_is_asked_for(world: Path) -> None:
    contents = {
        "environment.yml": yml("myenv", "scipy", "pip", pip=("numpy", "-c limits.txt")),
        "limits.txt": "numpy<2\n",
    }
    lay(world / "work", contents)
    assert requirements(converted()) == ["numpy<2", "scipy"]


def test_a_file_above_its_own_folder_is_read_within_the_repository_only(world: Path) -> None:
    lay(world, {"outside.txt": "zarr\n"})
    pip = ("-r ../requirements.txt", "-r ../../outside.txt", "-r /etc/hostname")
    lay(world / "work", {"envs/myenv.yml": yml("myenv", "scipy", pip=pip), "requirements.txt": "einops\n"})
    outcome = converted()
    assert requirements(outcome) == ["einops", "scipy"]
    assert "outside.txt" in outcome.created[0].text, "it is named, with what to do"


def test_a_file_whose_name_ends_as_another_one_is_still_named(world: Path) -> None:
    pip = ("-r dev-requirements.txt", "-r requirements.txt", "-c my-requirements.txt")
    lay(world / "work", {"environment.yml": yml("myenv", "scipy", pip=pip), "requirements.txt": "einops\n"})
    outcome = converted()
    assert requirements(outcome) == ["einops", "scipy"]
    for other in ("-r dev-requirements.txt", "-c my-requirements.txt"):
        assert f"#   {other}: another file" in outcome.created[0].text


def test_an_included_file_that_is_broken_is_a_doubt(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "scipy", pip=("-r more.txt",)), "more.txt": "a\0b"})
    outcome = converted()
    assert requirements(outcome) == ["scipy"] and "more.txt" in said(outcome) + outcome.created[0].text


def test_the_requirements_that_an_environment_file_given_as_path_includes(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", pip=("-r more.txt",)), "more.txt": "einops\n"})
    outcome = convert_bytes("environment.yml", Path("environment.yml").read_bytes(), Task(Settings()))
    assert requirements(outcome) == ["einops"]


# --- a requirements file that is there already


def there(text: str) -> Outcome:
    lay(Path("."), {"environment.yml": yml("myenv", "numpy>=1.20", "scipy"), "requirements-myenv.txt": text})
    return converted()


@pytest.mark.parametrize(
    "text",
    ["numpy>=1.20\nscipy\n", "# mine\nscipy # fast\n\nnumpy >= 1.20\n", "NumPy>=1.20\nSciPy\n"],
)
def test_a_file_that_says_the_same_is_left_without_a_word(world: Path, text: str) -> None:
    outcome = there(text)
    assert not outcome.created and "exists already" not in said(outcome)


def test_a_file_that_says_something_else_is_kept_and_compared(world: Path) -> None:
    outcome = there("numpy==1.19\nzarr\n")
    assert not outcome.created
    assert "this file exists already, so slurmfix leaves it as it is" in said(outcome)
    for piece in ("the file lacks scipy", "only the file has zarr", "numpy==1.19 instead of numpy>=1.20"):
        assert piece in said(outcome)
    assert Path("requirements-myenv.txt").read_text() == "numpy==1.19\nzarr\n"


def test_a_file_that_cannot_be_read_is_kept(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "numpy")})
    os.mkfifo("requirements-myenv.txt")
    outcome = converted()
    assert not outcome.created and "cannot read the one that is there" in said(outcome)


# --- where else a project says it

WHEREVER = {
    "in another folder": ({"src/conda/spec.yaml": yml("myenv", "scipy")}, "scipy"),
    "by the end of its prefix": (
        {"notes/exported.yml": "prefix: /home/me/envs/myenv\nname: null\ndependencies: [scipy]\n"},
        "scipy",
    ),
    "without a name": ({"environment.yml": "dependencies: [scipy]\n"}, "scipy"),
    "the only one, without a name": ({"deploy/cluster.yml": "dependencies: [scipy]\n"}, "scipy"),
    "an explicit list": (
        {"spec-file.txt": "@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/scipy-1.11.4-py311_0.conda\n"},
        "scipy",
    ),
    "a pixi project": ({"pixi.toml": '[project]\nname = "x"\n[dependencies]\nscipy = "*"\n'}, "scipy"),
    "a set-up script": (
        {"tools/setup.sh": "conda create -y -n myenv python=3.11\nconda activate myenv\npip install scipy\n"},
        "scipy",
    ),
    "a set-up script that names a file": (
        {"setup.sh": "conda env create -n myenv -f linux.yml\n", "linux.yml": yml("other", "scipy")},
        "scipy",
    ),
    "a guide": ({"README.md": "Install:\n\n    $ conda create -n myenv python=3.11 scipy\n"}, "scipy"),
    "a container file": ({"Dockerfile": "FROM x\nRUN conda create -y -n myenv \\\n    scipy\n"}, "scipy"),
}  # fmt: skip


@pytest.mark.parametrize("place", WHEREVER)
def test_wherever_the_project_says_it(world: Path, place: str) -> None:
    contents, line = WHEREVER[place]
    lay(world / "work", contents)
    outcome = converted("jobs/job.sh" if "only" in place else "job.sh")
    assert [re.split("[=~ ]", text)[0] for text in requirements(outcome)] == [line]
    sure = place in ("in another folder", "by the end of its prefix")
    assert all(step.applicability == ("safe" if sure else "review") for step in outcome.steps)


def test_what_pip_froze_under_the_environment_s_name(world: Path) -> None:
    lay(world / "work", {"docs/env/cluster_myenv.freeze.txt": "scipy\n", "docs/myenv_notes.txt": "to do\n"})
    assert requirements(converted("jobs/job.sh")) == ["scipy"]


NAMELESS = {
    "a guide's commands without a name": {"README.md": "# conda\n\n    mamba install scipy -y && pip install numpy\n"},
    "a guide's commands in a line of text": {"README.md": "```conda install numpy scipy``` makes it\n"},
    "a list with another name": {"requirements_gpu.txt": "numpy\nscipy\n", "requirements_dev.txt": "black\n"},
    "a list in another folder": {"docker/requirements.txt": "numpy\nscipy\n", "docs/requirements.txt": "sphinx\n"},
    "the one of two files that has the imports": {"a.yml": yml("a", "numpy"), "b.yml": yml("b", "numpy", "scipy")},
    "the one of two files whose name is alike": {
        "a.yml": yml("a", "numpy", "scipy", "pandas"),
        "b.yml": yml("old_tool", "numpy", "scipy"),
    },
}


@pytest.mark.parametrize("place", NAMELESS)
def test_what_has_the_job_s_imports_is_taken_and_said(world: Path, place: str) -> None:
    lay(world / "work", {**NAMELESS[place], "train.py": "import numpy, scipy\n"})
    outcome = converted("jobs/job.sh", "tool2", "python train.py")
    assert requirements(outcome) == ["numpy", "scipy"]
    assert "so it takes" in said(outcome)


def test_what_another_job_installs_is_no_list_of_this_one(world: Path) -> None:
    other = "#!/bin/bash\n#SBATCH --time=1:00\nmodule load miniconda3\npip install --user scipy\n"
    lay(world / "work", {"other.sh": other})
    outcome = converted("jobs/job.sh", runs="./tool")
    assert "slurmfix found no list of its packages" in said(outcome)


def test_a_list_that_slurmfix_wrote_for_another_environment_is_no_source(world: Path) -> None:
    head = "# Requirements of other for Python 3.11 (written by slurmfix)\n"
    lay(world / "work", {"requirements-other.txt": f"{head}numpy\nscipy\n", "train.py": "import numpy\n"})
    assert requirements(converted("jobs/job.sh", runs="python train.py")) == ["numpy"]


def test_a_job_that_runs_what_is_not_at_hand_has_the_project_s_list(world: Path) -> None:
    lay(world / "work", {"requirements.txt": "scipy\n"})
    assert requirements(converted("jobs/job.sh", runs="python gone.py")) == ["scipy"]
    assert requirements(converted("jobs/other.sh", runs="samtools view a.bam")) == []


def test_a_recipe_that_installs_the_project_has_what_that_asks_for(world: Path) -> None:
    guide = "```bash\nconda create -n myenv python=3.11\nconda activate myenv\nuv pip install -e '.[dev]'\n```\n"
    project = '[project]\nname = "x"\nversion = "1"\ndependencies = ["scipy"]\n'
    lay(world / "work", {"README.md": guide, "pyproject.toml": project})
    assert requirements(converted("jobs/job.sh", runs="./a.out")) == ["scipy"]


@pytest.mark.parametrize("folder", ["node_modules/x", "third_party/x", ".hidden", "venv/share"])
def test_what_others_wrote_is_not_taken(world: Path, folder: str) -> None:
    lay(world / "work", {f"{folder}/environment.yml": yml("myenv", "scipy")})
    assert requirements(converted()) == []


def test_a_repository_within_it_is_another_project(world: Path) -> None:
    lay(world / "work", {"lib/.git/HEAD": "", "lib/environment.yml": yml("myenv", "scipy")})
    assert requirements(converted()) == []


def test_another_file_that_says_otherwise_is_named(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "scipy"), "old/environment.yml": yml("myenv", "numpy")})
    outcome = converted()
    assert requirements(outcome) == ["scipy"] and "old/environment.yml has other packages" in said(outcome)


def test_the_job_s_own_comments(world: Path) -> None:
    assert requirements(converted(runs="# conda create -n myenv python=3.11 scipy\n# conda install -n myenv tqdm")) == [
        "scipy",
        "tqdm",
    ]


def test_a_file_of_another_environment_is_named_and_not_taken(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("vision", "scipy")})
    outcome = converted()
    assert requirements(outcome) == [] and "--env myenv=environment.yml" in said(outcome)


# --- what the job shows

SHOWN = {
    "python train.py": ["einops", "numpy"],
    "python -c 'import einops, numpy'": ["einops", "numpy"],
    "python - $OUT <<E\nimport einops, numpy\nprint('$OUT')\nE": ["einops", "numpy"],
    "srun python3 -u <<'E' > log\nimport einops\nE": ["einops", "numpy"],
    "python train.py <<E\nimport torch\nE": ["einops", "numpy"],
    "cat > made.py <<E\nimport torch\nE\nsrun python made.py": ["numpy", "torch"],
    "P=train.py\nsrun python $P": ["einops", "numpy"],
    "for f in train; do python $f.py; done": ["einops", "numpy"],
    "RUN='python train.py --x'\n$RUN": ["einops", "numpy"],
    "bash run_all.sh": ["einops", "numpy"],
    "source run_all.sh": ["einops", "numpy"],
    "python -m papermill a.ipynb b.ipynb": ["numpy", "papermill"],
    "srun torchrun --nproc-per-node 2 run.py": ["numpy", "torch"],
    "multiqc .": ["multiqc", "numpy"],
    "python <<< 'import torch'": ["numpy", "torch"],
    'echo "import torch" | python': ["numpy", "torch"],
    "cat <<E | srun python -\nimport torch\nE": ["numpy", "torch"],
    "python < train.py": ["einops", "numpy"],
    "cat train.py | python": ["einops", "numpy"],
    'args=(train.py --x)\npython "${args[@]}"': ["einops", "numpy"],
    'cmd=(srun python)\ncmd+=(train.py)\n"${cmd[@]}"': ["einops", "numpy"],
    'CODE="import torch"\npython -c "$CODE"': ["numpy", "torch"],
    "ls | xargs -n 1 python train.py": ["einops", "numpy"],
    "parallel python train.py ::: 1 2": ["einops", "numpy"],
    "parallel 'python train.py {}' ::: 1 2": ["einops", "numpy"],
    "parallel < tasks.txt": ["einops", "numpy"],
    "find . -name x -exec python train.py {} \\;": ["einops", "numpy"],
    'eval "python train.py"': ["einops", "numpy"],
    'srun bash -c "python train.py $SLURM_PROCID"': ["einops", "numpy"],
    "bash <<E\npython train.py\nE": ["einops", "numpy"],
    "bash <<< 'python train.py'": ["einops", "numpy"],
    "trap 'python train.py' EXIT": ["einops", "numpy"],
    "bash twice.sh": ["einops", "numpy"],
    "for f in scripts/*.py; do python $f; done": ["h5py", "numpy"],
    "python scripts/part_$SLURM_ARRAY_TASK_ID.py": ["h5py", "numpy"],
    "python scripts/*.py": ["h5py", "numpy"],
    "python -m pkg": ["numpy", "zarr"],
    "python pkg": ["numpy", "zarr"],
    "python tool": ["numpy", "zarr"],
    "srun ./tool --x": ["numpy", "zarr"],
    "python -m cProfile -o log train.py": ["einops", "numpy"],
    "python -m unittest tests.test_all": ["numpy", "xarray"],
    "python -m pytest tests/": ["numpy", "pytest", "xarray"],
    "pytest": ["numpy", "pytest", "xarray"],
    "papermill cells.ipynb out.ipynb": ["ipykernel", "numpy", "papermill", "seaborn"],
    "jupyter nbconvert --execute cells.ipynb": ["ipykernel", "nbconvert", "numpy", "seaborn"],
    "jupyter lab --no-browser": ["jupyterlab", "numpy"],
    'srun --ntasks="$(( SLURM_NTASKS ))" python train.py': ["einops", "numpy"],
    "mpirun -n 2 -genv A=5 python train.py": ["einops", "numpy"],
    "srun jupyter notebook": ["notebook", "numpy"],
    "ipython -c '%run train.py'": ["einops", "ipython", "numpy"],
    "python dynamic.py": ["numpy", "numba", "scipy"],
    "python outer.py": ["einops", "numpy"],
    "gunicorn pkg.app:app": ["flask", "gunicorn", "numpy"],
    "make train": ["einops", "numpy"],
    "make": ["einops", "numpy"],
    "make -C sub": ["numpy", "polars"],
    "snakemake --cores 4": ["einops", "numpy", "snakemake"],
    "nextflow run main.nf": ["einops", "numpy"],
}
FILES = {
    "environment.yml": yml("myenv", "numpy"),
    "train.py": "import einops, numpy\n",
    "run_all.sh": "for seed in 1 2; do\n    python train.py --seed $seed\ndone\n",
    "twice.sh": "bash run_all.sh\n",
    "tasks.txt": "python train.py 1\npython train.py 2\n",
    "scripts/part_1.py": "import h5py\n",
    "pkg/__init__.py": "",
    "pkg/__main__.py": "from . import deep\n",
    "pkg/deep.py": "import zarr\n",
    "pkg/app.py": "import flask\n",
    "tool": "#!/usr/bin/env python\nimport zarr\n",
    "tests/test_all.py": "import xarray\n",
    "cells.ipynb": json.dumps(
        {"cells": [{"cell_type": "code", "source": ["%matplotlib inline\n", "import seaborn\n"]}]}
    ),
    "dynamic.py": "import importlib\nimportlib.import_module('scipy')\n__import__('numba')\n",
    "outer.py": "import subprocess\nsubprocess.run(['python', 'train.py'])\n",
    "Makefile": "RUN = python\nall: train\n\ntrain:\n\t@$(RUN) train.py\n\ndocs:\n\tpython docs.py\n",
    "docs.py": "import sphinx\n",
    "sub/Makefile": "all:\n\tpython build.py\n",
    "sub/build.py": "import polars\n",
    "Snakefile": "rule all:\n    shell: 'python train.py'\n",
    "main.nf": 'process A {\n  script:\n  """\n  python train.py\n  """\n}\n',
}


@pytest.mark.parametrize("runs", SHOWN)
def test_what_the_environment_lacks_is_added_and_said(world: Path, runs: str) -> None:
    lay(world / "work", FILES)
    outcome = converted(runs=runs)
    assert sorted(requirements(outcome)) == sorted(SHOWN[runs])
    assert "to the packages from environment.yml" in said(outcome)
    assert {step.applicability for step in outcome.steps} == {"review"}


HELD = {
    "pytorch/1.10": ["torch"],
    "pytorch-gpu/py3/1.11.0": ["torch"],
    "software/TensorFlow-A100-GPU": ["tensorflow"],
    "cuda/12.2 gcc": [],
}


@pytest.mark.parametrize("module", HELD)
def test_what_the_module_of_another_cluster_holds_is_guessed(world: Path, module: str) -> None:
    assert requirements(converted(runs=f"module load {module}")) == HELD[module]


FILES_THAT_CALL = {
    "step.sh": "#!/bin/bash\nsamtools view a.bam\n",
    "Makefile": "all:\n\tsamtools view a.bam\n",
    "Snakefile": 'rule all:\n    shell:\n        "samtools view "\n        "{input}"\n',
    "other.smk": 'rule all:\n    conda: "env.yml"\n    shell: "samtools view a.bam"\n',
    "loads.sh": "#!/bin/bash\nmodule load samtools\nsamtools view a.bam\n",
    "unknown.sh": "#!/bin/bash\nfoobar a.bam\n",
    "listed.py": "import subprocess\nsubprocess.run(['samtools', 'view', 'a.bam'], check=True)\n",
    "worded.py": "import os\nfrom inner import work\n",
    "inner.py": "import os\ndef work():\n    os.system(f'samtools view {1}.bam | head')\n",
    "plain.py": "import subprocess\nsubprocess.check_output(['git', 'status'])\nsubprocess.run([name, 'x'])\n",
}
LISTED = yml("myenv", "numpy", "snakemake")


CALLERS = [
    "bash step.sh", "source step.sh", "srun ./step.sh", "make", "snakemake -j 1", "find . -exec bash step.sh {} +",
    "python listed.py", "srun python worded.py", "python -m listed",
]  # fmt: skip


@pytest.mark.parametrize("runs", CALLERS)
def test_what_scripts_at_hand_call_has_its_module(world: Path, runs: str) -> None:
    lay(world / "work", {"environment.yml": LISTED, **FILES_THAT_CALL})
    outcome = converted(runs=runs)
    assert "samtools/" in outcome.after and "the program `samtools`" in said(outcome)


@pytest.mark.parametrize("runs", ["bash loads.sh", "snakemake -j 1 -s other.smk", "python plain.py"])
def test_what_brings_its_own_environment_is_left_alone(world: Path, runs: str) -> None:
    lay(world / "work", {"environment.yml": LISTED, **FILES_THAT_CALL})
    assert "samtools" not in converted(runs=runs).after


def test_a_program_of_a_script_at_hand_that_nobody_knows(world: Path) -> None:
    lay(world / "work", {"environment.yml": LISTED, **FILES_THAT_CALL})
    outcome = converted(runs="srun bash unknown.sh")
    assert "the program `foobar`" in said(outcome)
    assert {step.applicability for step in outcome.steps} == {"review"}


SEARCHED = {
    "scripts/gen.py": "import sys\nsys.path.insert(0, 'src')\nfrom datasets import load\n",
    "src/datasets.py": "import einops\n",
    "deep/run.py": "from utils import load\n",
    "lib/utils.py": "import zarr\n",
    "alone.py": "from helpers import load\n",
    "above.py": "import datasets\n",
}


@pytest.mark.parametrize(
    ("runs", "packages", "told"),
    [
        ("python scripts/gen.py", ["einops", "numpy"], "added einops"),
        ("python deep/run.py", ["numpy", "zarr"], "added zarr"),
        ("export PYTHONPATH=$PWD/src\npython above.py", ["einops", "numpy"], "added einops"),
        ("python alone.py", ["numpy"], "`import helpers`"),
    ],
)
def test_modules_of_the_author_s_own_are_looked_for(world: Path, runs: str, packages: list[str], told: str) -> None:
    """Where a file changes the folders that Python searches, and where a name is one that projects often use."""
    lay(world / "work", {"environment.yml": yml("myenv", "numpy"), **SEARCHED})
    outcome = converted(runs=runs)
    assert sorted(requirements(outcome)) == packages
    assert told in said(outcome)
    assert {step.applicability for step in outcome.steps} == {"review"}


NOT_FOLLOWED = [
    "make -f gone.mk all",
    "wandb agent me/project/1a2b3c",
    'python "$1"',
    "python $SCRIPT",
    'python "$@"',
    'bash -c "$CMD"',
    "sort x | python",
    "sort x | parallel",
]


@pytest.mark.parametrize("runs", NOT_FOLLOWED)
def test_a_call_of_which_only_the_job_knows_what_it_needs(world: Path, runs: str) -> None:
    lay(world / "work", FILES)
    outcome = converted(runs=runs)
    assert "which code runs here is known only when the job runs" in said(outcome)
    assert {step.applicability for step in outcome.steps} == {"review"}


IN_R = {
    "Rscript fit.R": "Seurat",
    "Rscript -e 'library(lme4)'": "lme4",
    "R --no-save < fit.R": "Seurat",
    "R CMD BATCH fit.R": "Seurat",
    "Rscript - <<E\nlme4::lmer(x)\nE": "lme4",
    "Rscript base.R": "",
}


@pytest.mark.parametrize("runs", IN_R)
def test_the_r_packages_that_an_environment_without_any_lacks(world: Path, runs: str) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "numpy"), "fit.R": "library(Seurat)\nlibrary(stats)\n"})
    lay(world / "work", {"base.R": "library(parallel) # library(lme4)\n"})
    outcome = converted(runs=runs)
    assert (f"the R packages {IN_R[runs]}: " in said(outcome)) == bool(IN_R[runs])


def test_what_comes_along_is_not_lacking(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "pandas"), "train.py": "import numpy, pandas\n"})
    outcome = converted(runs="python train.py")
    assert requirements(outcome) == ["pandas"] and {step.applicability for step in outcome.steps} == {"safe"}


def test_each_environment_is_held_against_what_runs_in_it(world: Path) -> None:
    lay(world / "work", {"envs/a.yml": yml("myenv", "numpy"), "envs/b.yml": yml("other", "scipy")})
    lay(world / "work", {"one.py": "import numpy\n", "two.py": "import scipy\n"})
    outcome = converted(runs="python one.py\nconda deactivate\nconda activate other\npython two.py")
    assert {step.applicability for step in outcome.steps} == {"safe"}


# --- without a repository


def test_the_working_folder_counts_where_the_script_s_paths_exist_in_it(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(world / "plain", {"environment.yml": yml("myenv", "scipy"), "train.py": "import scipy\n"})
    monkeypatch.chdir(world / "plain")
    files.forget()
    outcome = converted("jobs/job.sh", runs="python train.py")
    assert requirements(outcome) == ["scipy"] and outcome.created[0].path == "requirements-myenv.txt"


def test_the_folder_that_was_named_bounds_the_search(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(
        world / "plain",
        {"jobs/deep/x": "", "jobs/envs/spec.yml": yml("myenv", "scipy"), "spec.yml": yml("myenv", "tqdm")},
    )
    monkeypatch.chdir(world / "plain")
    files.forget()
    script = Path("jobs/deep/job.sh")
    script.write_text(JOB.format(name="myenv", runs="hostname"))
    task = Task(Settings(), roots=(str(world / "plain" / "jobs"),))
    assert requirements(convert_bytes(str(script), script.read_bytes(), task)) == ["scipy"]


def test_the_sources_are_those_of_the_readme_in_its_order() -> None:
    from slurmfix.sources import SOURCES

    text = " ".join((Path(__file__).parent.parent / "README.md").read_text().split())
    told = text[text.index("best first: ") :]
    places = [told.find(source.name) for source in SOURCES]
    assert -1 not in places and places == sorted(places)


@pytest.mark.parametrize("runs", ["python3.12 train.py", "conda run -n myenv python3.12 train.py"])
def test_the_python_that_the_job_calls_is_taken(world: Path, runs: str) -> None:
    lay(world / "work", {"train.py": "import numpy\n"})
    outcome = converted(runs=runs)
    assert outcome.environments[0].recipe.python == "3.12"


@pytest.mark.parametrize(
    ("runs", "accepted", "written"),
    [("./a.out", False, False), ("./a.out", True, True), ("python -c 'import numpy'", False, True)],
)
def test_a_job_of_which_nothing_is_known_is_written_on_demand(
    world: Path, runs: str, accepted: bool, written: bool
) -> None:
    from click.testing import CliRunner

    from slurmfix.cli import main

    before = JOB.format(name="myenv", runs=runs)
    lay(world / "work", {"job.sh": before})
    done = CliRunner().invoke(main, ["--write", *(["--accept-unknown"] if accepted else []), "job.sh"])
    assert (Path("job.sh").read_text() != before) is written
    assert Path("requirements-myenv.txt").exists() is written
    assert ("--write leaves this job unchanged" in done.stderr) is not written


def test_the_folder_of_the_header_is_told(world: Path) -> None:
    lay(world / "work", {"environment.yml": yml("myenv", "numpy")})
    text = "#!/bin/bash\n#SBATCH --chdir=/project/x\nconda activate myenv\n"
    assert "/project/x" in said(convert_bytes("job.sh", text.encode(), Task(Settings())))


def test_one_loop_exports_all_environments_that_nobody_sees(world: Path) -> None:
    from click.testing import CliRunner

    from slurmfix.cli import main

    lay(world / "work", {f"{name}.sh": JOB.format(name=name, runs="./a.out") for name in ("fit", "plot")})
    told = CliRunner().invoke(main, ["."]).stderr
    assert 'for name in fit plot; do conda env export --no-builds -n "$name" > envs/"$name".yml; done' in told


def test_a_diff_whose_new_file_lies_above_is_named_from_the_root(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from slurmfix.cli import main

    text = JOB.format(name="myenv", runs="python train.py")
    lay(world / "work", {"environment.yml": yml("myenv", "numpy"), "train.py": "", "jobs/job.sh": text})
    monkeypatch.chdir(world / "work" / "jobs")
    done = CliRunner().invoke(main, ["job.sh"])
    assert "+++ b/jobs/job.sh\n" in done.stdout and "+++ b/requirements-myenv.txt\n" in done.stdout
    assert f"run `cd {world / 'work'}` before you apply the diff" in done.stderr
