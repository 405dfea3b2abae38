"""Sites with the modules of EasyBuild: which generation is taken, what a module carries, and what is left to pip."""

from __future__ import annotations

import pytest
from tablemaker import bundles as made

from slurmfix import knowledge
from slurmfix.environment import read_environment
from slurmfix.recipe import Recipe, Wishes, make_recipe


def recipe(*lines: str, profile: str = "easybuild", loaded: tuple[str, ...] = (), **wishes: object) -> Recipe:
    listed = "".join(f"  - {line}\n" for line in lines)
    environment = read_environment(f"name: myenv\ndependencies:\n{listed}", "environment.yml")
    knowledge.use(knowledge.profile(profile).tables)
    try:
        return make_recipe(environment, Wishes(profile=profile, loaded=loaded, **wishes))  # type: ignore[arg-type]
    finally:
        knowledge.use()


@pytest.mark.parametrize(
    ("lines", "python", "modules"),
    [
        (("python=3.11", "numpy=1.26"), "3.11", "Python/3.11.5-GCCcore-13.2.0 SciPy-bundle/2023.11-gfbf-2023b"),
        (("python=3.11", "numpy=1.25"), "3.11", "Python/3.11.3-GCCcore-12.3.0 SciPy-bundle/2023.07-gfbf-2023a"),
        (("numpy=2.3",), "3.13", "Python/3.13.1-GCCcore-14.2.0 SciPy-bundle/2025.06-gfbf-2025a"),
        (("python=3.10", "pandas"), "3.10", "Python/3.10.8-GCCcore-12.2.0 SciPy-bundle/2023.02-gfbf-2022b"),
        (("samtools=1.17",), "3.10", "SAMtools/1.17-GCC-12.2.0"),
    ],
)
def test_the_generation_is_that_which_meets_most(lines: tuple[str, ...], python: str, modules: str) -> None:
    found = recipe(*lines)
    assert (found.python, " ".join(found.modules)) == (python, modules)
    assert found.strategy == "modules" and found.requirements == ()


def test_a_package_that_is_part_of_something_else_is_left_to_pip() -> None:
    """absl-py is in TensorFlow, which nobody loads for it."""
    found = recipe("python=3.11", "absl-py", profile="eessi")
    assert found.requirements == ("absl-py",) and len(found.modules) == 2
    together = recipe("python=3.11", "absl-py", "tensorflow", profile="eessi")
    assert together.requirements == () and together.modules[-1] == "TensorFlow/2.13.0-foss-2023a"


def test_a_version_that_no_module_has_becomes_the_modules_one_and_is_told() -> None:
    found = recipe("python=3.12", "numpy=1.25")
    assert [(each.name, each.asked, each.taken) for each in found.changed] == [("numpy", "==1.25.*", "==1.26.4")]
    assert any("takes numpy 1.26.4" in said for said in found.doubts)


@pytest.mark.parametrize("profile", ["easybuild", "generic"])
def test_lines_of_a_pip_section_that_are_no_packages_are_told_without_a_wheelhouse(profile: str) -> None:
    index = "--extra-index-url https://download.example.org/whl"
    found = recipe("python=3.11", f"pip: ['-e .', '{index}', six]", profile=profile)
    told = {each.name: each.why for each in found.left_out if each.kind == "unknown"}
    assert "install it once" in told["-e ."] and "write it into the requirements file" in told[index]
    assert not any("--no-index" in why for why in told.values())


def test_exact_pins_leave_to_pip_what_no_module_has() -> None:
    assert recipe("python=3.12", "numpy=1.25", pins="exact").requirements == ("numpy==1.25.*",)


def test_a_job_with_a_gpu_takes_a_build_for_gpus_or_none() -> None:
    named = ("python=3.11", "pytorch", "torchvision")
    assert "PyTorch/2.1.2-foss-2023a-CUDA-12.1.1" in recipe(*named, gpu=True).modules
    assert not any("CUDA" in name for name in recipe(*named).modules)
    there = recipe(*named, profile="eessi", gpu=True)
    assert there.requirements == ("torch", "torchvision") and not any("PyTorch" in name for name in there.modules)


def test_what_belongs_together_is_taken_from_one_place() -> None:
    """EESSI has torch in a module, and no torchvision that goes with it."""
    assert recipe("python=3.11", "pytorch", "torchvision", profile="eessi").requirements == ("torch", "torchvision")


def test_what_runs_on_torch_goes_where_torch_goes() -> None:
    """A module of lightning brings a module of torch along, which would hide the torch that pip installs."""
    named = ("python=3.12", "pytorch=2.7", "lightning", "numpy")
    assert recipe(*named, "torchvision", gpu=True).requirements == ("lightning", "torch==2.7.*", "torchvision")
    assert recipe("python=3.12", "lightning", gpu=True).modules[-1] == "Lightning/2.5.6-foss-2024a-CUDA-12.6.0"
    assert recipe("python=3.12", "lightning").modules[-1] == "Lightning/2.5.2-foss-2024a"
    assert recipe("python=3.12", "timm", gpu=True).requirements == ("timm",)


def test_an_environment_with_parts_of_cuda_takes_builds_for_gpus() -> None:
    assert "PyTorch/2.1.2-foss-2023a-CUDA-12.1.1" in recipe("python=3.11", "pytorch=2.1", "pytorch-cuda=12.1").modules
    assert "PyTorch/2.1.2-foss-2023b" in recipe("python=3.11", "pytorch=2.1", "cpuonly").modules


def test_where_no_generation_has_the_python_the_nearest_is_taken() -> None:
    found = recipe("python=3.7", "pytorch=1.8.2", "torchvision=0.9.2", gpu=True)
    assert found.python == "3.10"
    assert not found.requirements or any("no wheel of so old a version" in said for said in found.doubts)
    assert recipe("python=3.15", "numpy").python == "3.13"


def test_the_authors_module_in_another_spelling_is_held_against_ours() -> None:
    found = recipe("python=3.11", "pytorch=2.1", loaded=("pytorch/1.8.1",))
    assert any("pytorch/1.8.1" in said and "PyTorch/2.1.2-foss-2023b" in said for said in found.doubts)


def test_the_authors_own_generation_is_kept() -> None:
    found = recipe("numpy=2.3", loaded=("foss/2023a",))
    assert found.modules[0] == "Python/3.11.3-GCCcore-12.3.0" and any("change a lot" in said for said in found.doubts)
    assert recipe("numpy", profile="snellius", loaded=("2024",)).modules[0] == "Python/3.12.3-GCCcore-13.3.0"


def test_a_module_of_another_generation_is_told() -> None:
    found = recipe("numpy", loaded=("foss/2023a", "Cython/0.25.2-GCCcore-6.3.0", "bcl2fastq2/2.20.0"))
    told = [said for said in found.doubts if "cannot be loaded together" in said]
    assert len(told) == 1 and "Cython/0.25.2-GCCcore-6.3.0" in told[0]


def test_what_stands_before_the_modules_of_another_year_is_told() -> None:
    found = recipe("python=3.11", "numpy", profile="snellius", loaded=("2021", "bcl2fastq2/2.20.0"))
    told = [said for said in found.doubts if "`module load 2021`" in said]
    assert len(told) == 1 and "2023" in told[0]


def test_a_program_that_the_job_calls_is_a_module_unless_the_author_loads_it() -> None:
    assert recipe("python=3.11", "numpy", programs=("samtools",)).modules[1] == "SAMtools/1.19.2-GCC-13.2.0"
    own = recipe("python=3.11", "numpy", programs=("samtools",), loaded=("SAMtools/1.18-GCC-12.3.0",))
    assert [name for name in own.modules if "SAMtools" in name] == []


def test_a_hierarchy_loads_the_compiler_then_mpi_then_the_rest() -> None:
    found = recipe("python=3.11", "mpi4py", "numpy", profile="hpc2n")
    wanted = "GCC/12.3.0 OpenMPI/4.1.5 Python/3.11.3 mpi4py/3.1.4 SciPy-bundle/2023.07"
    assert " ".join(found.modules) == wanted
    assert "OpenMPI/4.1.5" not in recipe("python=3.11", "numpy", profile="hpc2n").modules


def test_a_profile_that_nobody_has_tried_leaves_a_doubt() -> None:
    assert any("nobody has tried this profile" in said for said in recipe("numpy").doubts)


def test_a_python_that_no_generation_has_is_told() -> None:
    assert any("no module that fits this script" in said for said in recipe("python=3.7", "numpy").doubts)


def test_every_generation_of_a_profile_has_its_interpreter() -> None:
    for name in knowledge.profile_names():
        profile = knowledge.profile(name)
        knowledge.use(profile.tables)
        for generation in (text.split()[0] for text in profile.generations):
            pythons = {each.version for each in knowledge.bundles_called("python", generation)}
            assert knowledge.generations()[generation].version in pythons, (name, generation)
        knowledge.use()


LEVELS = made.Levels({"gfbf-2023a": "2023a", "foss-2023a": "2023a", "GCC-12.3.0": "2023a", "GCC-13.2.0": "2023b"})


@pytest.mark.parametrize(
    ("module", "found"),
    [
        ("SciPy-bundle/2023.07-gfbf-2023a", (("SciPy-bundle", "2023.07", "-gfbf-2023a"), "2023a")),
        ("PyTorch/2.1.2-foss-2023a-CUDA-12.1.1", (("PyTorch", "2.1.2", "-foss-2023a-CUDA-12.1.1"), "2023a")),
        ("FastQC/0.12.1-Java-11", (("FastQC", "0.12.1-Java-11", ""), "")),
        ("SciPy-bundle/2023.07-iimkl-2023a", None),
        ("SAMtools/1.9-GCC-8.2.0", None),
    ],
)
def test_a_modules_name_tells_its_generation(module: str, found: object) -> None:
    assert LEVELS.bundle(module) == found


def test_the_table_is_made_from_lists_and_names_of_recipes() -> None:
    carried = made.carried(
        [
            ("2023a", "SciPy-bundle/2023.07-gfbf-2023a", "3.11.3", "numpy==1.25.1 odd_One==2"),
            ("2023a", "SciPy-bundle/1-gfbf-2023a", "2.7.18", "numpy==1.16"),
        ],
        LEVELS,
    )
    there, packages = [], {}
    for bundle, generation, inside in carried:
        there.append((bundle, generation))
        packages[bundle] = inside
    files = ["e/s/SAMtools/SAMtools-1.18-GCC-12.3.0.eb", "e/s/SAMtools/x.patch", "e/f/Foo/Foo-1-GCC-12.3.0.eb"]
    there += made.programs(files, frozenset({"samtools"}), LEVELS)
    there += made.shown([("FastQC/0.12.1", "", "one"), ("STAR/2.7-GCC-12.3.0", "2023a", "one")], LEVELS)
    assert made.rows(there, packages, frozenset({"numpy"})) == [
        ("FastQC", "0.12.1", "", "2023a", ""),
        ("SAMtools", "1.18", "-GCC-12.3.0", "2023a", ""),
        ("STAR", "2.7", "-GCC-12.3.0", "2023a", ""),
        ("SciPy-bundle", "2023.07", "-gfbf-2023a", "2023a", "numpy==1.25.1"),
    ]


def test_what_a_package_for_pip_only_bounds_still_comes_from_its_module() -> None:
    found = recipe("python=3.11", "numpy", "pandas", "pytorch", profile="eessi", gpu=True)
    assert found.requirements == ("torch",)
    assert any(module.startswith("SciPy-bundle/") for module in found.modules)


@pytest.mark.parametrize(
    ("asked", "taken"), [("1.18", "1.19-GCC-12.3.0"), ("1.21", "1.21-GCC-12.3.0"), ("1.99", "1.23.1-GCC-12.3.0")]
)
def test_of_the_versions_of_a_program_the_nearest_above_is_taken(asked: str, taken: str) -> None:
    assert recipe(f"samtools={asked}", profile="reannz").modules == (f"SAMtools/{taken}",)


@pytest.mark.parametrize(
    ("module", "profile", "beside", "words"),
    [
        ("python", "alliance", (), "python"),
        ("python", "snellius", (), "2023 Python/3.11.3-GCCcore-12.3.0"),
        ("python", "hpc2n", (), "GCC/12.3.0 Python/3.11.3"),
        ("python", "hpc2n", ("GCC/13.3.0", "Python/3.12.3"), "GCC/13.3.0 Python/3.12.3"),
        ("rust", "snellius", ("Python/3.10.4-GCCcore-11.3.0",), "2022 Rust/1.65.0-GCCcore-11.3.0"),
        ("samtools", "ulhpc", (), "env/development/2023b bio/SAMtools/1.19.2-GCC-13.2.0"),
        ("nowhere", "easybuild", (), ""),
    ],
)
def test_a_module_is_named_as_the_site_names_it(module: str, profile: str, beside: tuple[str, ...], words: str) -> None:
    assert " ".join(knowledge.words_to_load(module, knowledge.profile(profile), beside)) == words


def test_the_authors_own_module_of_the_generation_serves_what_its_version_meets() -> None:
    own = ("2022", "PyTorch/1.12.0-foss-2022a-CUDA-11.7.0")
    assert recipe("pytorch", profile="snellius", loaded=own).modules == ("Python/3.10.4-GCCcore-11.3.0",)
    other = recipe("pytorch=1.13", profile="snellius", loaded=own)
    assert other.modules[-1].startswith("PyTorch/1.13") and any(own[1] in said for said in other.doubts)
    shown = recipe("pytorch", profile="hpc2n", loaded=("GCC/12.3.0", "OpenMPI/4.1.5", "PyTorch/2.1.0"))
    assert shown.modules == ("Python/3.11.3",)


def test_a_version_is_called_old_only_where_each_python_has_wheels_of_its_own() -> None:
    def old(line: str) -> bool:
        return any("so old" in said for said in recipe("python=3.11", line).doubts)

    assert old("pyomo=5.6.6") and not old("click=6.0")
