"""What the cluster's programs answer, every way in which they may not answer, and what the plan makes of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytest_subprocess import FakeProcess

from slurmfix.cluster import MOST, Answer, Cluster, Seconds, modules_of, prefixes_of, run, wheels_of
from slurmfix.environment import Environment, Package, read_environment
from slurmfix.recipe import NOT_ASKED, Facts, Questions, Recipe, Wishes, make_recipe, questions_of

pytestmark = pytest.mark.slow

WHEELS = """\
numpy-1.26.4+computecanada-cp311-cp311-linux_x86_64.whl
numpy-2.1.1+computecanada-cp311-cp311-linux_x86_64.whl
numpy-2.1.1+computecanada-cp312-cp312-linux_x86_64.whl
six-1.17.0+computecanada-py2.py3-none-any.whl
scikit_learn-1.3.1+computecanada-cp310-cp310-linux_x86_64.whl
cryptography-42.0.1+computecanada-cp37-abi3-linux_x86_64.whl
pyarrow-17.0.0+dummy.computecanada-py3-none-any.whl
jaxlib-0.4.20+cuda12.cudnn89.computecanada-cp311-cp311-linux_x86_64.whl
"""
SEVERAL = "gromacs/2023.5\ngromacs/2024.4\n"
ONE = """
----------------------------------------------------------------------------
  gromacs: gromacs/2024.4
----------------------------------------------------------------------------
    You will need to load all module(s) on any one of the lines below before this module is available to load.

      StdEnv/2023  gcc/12.3  openmpi/4.1.5
"""
EXTENSION = """
----------------------------------------------------------------------------
  pyarrow: pyarrow/17.0.0 (E)
----------------------------------------------------------------------------
    This extension is provided by the following modules. To access the extension you must load one of the following modules. Note that any module names in parentheses show the module location in the software hierarchy.

      arrow/17.0.0 (StdEnv/2023 gcc/12.3)
      arrow/19.0.1 (StdEnv/2023 gcc/12.3)

Names marked by a trailing (E) are extensions provided by another module.
"""  # noqa: E501 -- as Lmod prints it
MISSING = 'Lmod has detected the following error: Unable to find: "nope".\n'


@pytest.fixture(autouse=True)
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with the programs' names alone on it; `fp` answers in their place."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("avail_wheels", "lmod", "conda"):
        (folder / name).write_text("#!/bin/sh\nexit 99\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("LMOD_CMD", str(folder / "lmod"))
    return folder


def asked(wheels: tuple[str, ...] = (), modules: tuple[str, ...] = ()) -> Questions:
    return Questions(wheels, modules)


# --- wheels


def test_all_names_are_asked_for_at_once_and_only_once(fp: FakeProcess) -> None:
    fp.register([fp.program("avail_wheels"), fp.any()], stdout=WHEELS)
    cluster = Cluster()
    facts = cluster.facts(asked(("numpy", "scikit-learn", "absent")), "3.11")
    assert cluster.facts(asked(("numpy", "scikit-learn", "absent")), "3.11") == facts
    assert len(fp.calls) == 1
    assert list(fp.calls[0])[1:] == ["--raw", "--all-versions", "--all-pythons", "absent", "numpy", "scikit-learn"]
    assert facts.wheels == {
        "numpy": ("1.26.4+computecanada", "2.1.1+computecanada"),
        "scikit-learn": (),
        "absent": (),
    }
    assert facts.pythons["numpy"] == ("3.11", "3.12")
    assert facts.pythons["scikit-learn"] == ("3.10",)


@pytest.mark.parametrize(
    ("name", "python", "served"),
    [
        ("six", "3.13", True),
        ("cryptography", "3.12", True),
        ("cryptography", "3.6", False),
        ("numpy", "3.12", True),
        ("numpy", "3.10", False),
        ("jaxlib", "3.11", True),
        ("pyarrow", "3.11", True),
    ],
)
def test_tags_say_which_python_a_wheel_serves(name: str, python: str, served: bool) -> None:
    wheels = [wheel for wheel in wheels_of(WHEELS) or () if wheel.name == name]
    assert wheels and any(wheel.serves(python) for wheel in wheels) is served


def test_local_labels_are_kept() -> None:
    versions = {wheel.name: wheel.version for wheel in wheels_of(WHEELS) or ()}
    assert versions["jaxlib"] == "0.4.20+cuda12.cudnn89.computecanada"
    assert versions["pyarrow"] == "17.0.0+dummy.computecanada"


def test_a_name_that_is_no_name_is_never_passed_on(fp: FakeProcess) -> None:
    fp.register([fp.program("avail_wheels"), fp.any()], stdout="")
    fp.register([fp.program("lmod"), fp.any()], stderr=SEVERAL, occurrences=9)
    names = ("--requirement", "-r", "a b", "../x", "$(touch x)", "numpy\n--all", "x" * 200, "", "é")
    assert Cluster().facts(asked(names, names), "3.11") == Facts({}, {}, {})
    assert not fp.calls
    assert Cluster().export("-p /etc") == ()


# --- each way of not answering: "not asked" for the facts, and no second try


def refuse(fp: FakeProcess, program: str, how: str) -> None:
    match = [fp.program(program), fp.any()]
    match how:
        case "fails":
            fp.register(match, returncode=3, stderr="a trace\n")
        case "says nothing readable":
            fp.register(match, stdout="Usage: this is not it\n", stderr="???\n")
        case "is not UTF-8":
            fp.register(match, stdout=b"\xff\xfe\x00num\xc3py\n", stderr=b"\xff\xfe\n")
        case "talks without end":
            fp.register(match, stdout=b"x" * (MOST + 2), stderr=b"y" * (MOST + 2))
        case "hangs":
            fp.register(match, stdout=WHEELS, stderr=SEVERAL, wait=60)


HOW = ("fails", "says nothing readable", "is not UTF-8", "talks without end", "hangs")


@pytest.mark.parametrize("how", HOW)
def test_wheels_were_not_asked_for_where_the_program(how: str, fp: FakeProcess) -> None:
    refuse(fp, "avail_wheels", how)
    cluster = Cluster(Seconds(wheels=0.05))
    assert cluster.facts(asked(("numpy",)), "3.11") == NOT_ASKED
    assert cluster.facts(asked(("scipy",)), "3.11") == NOT_ASKED
    assert len(fp.calls) == 1


@pytest.mark.parametrize("how", HOW)
def test_modules_were_not_asked_for_where_lmod(how: str, fp: FakeProcess) -> None:
    refuse(fp, "lmod", how)
    assert Cluster(Seconds(module=0.05)).facts(asked((), ("gromacs",)), "3.11") == NOT_ASKED


@pytest.mark.parametrize("how", HOW)
def test_environments_were_not_asked_for_where_conda(how: str, fp: FakeProcess) -> None:
    for _ in range(3):
        refuse(fp, "conda", how)
    cluster = Cluster(Seconds(conda=0.05))
    assert cluster.prefix("myenv") is None
    assert cluster.export("myenv") == ()


def test_nothing_is_there_to_ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LMOD_CMD")
    cluster = Cluster()
    assert cluster.facts(asked(("numpy",), ("gromacs",)), "3.11") == NOT_ASKED
    assert cluster.prefix("myenv") is None and cluster.export("myenv") == ()


def test_a_program_of_a_relative_folder_is_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A repository may hold an avail_wheels of its own, and `.` may stand on PATH."""
    trap = tmp_path / "avail_wheels"
    trap.write_text(f"#!/bin/sh\n: > {tmp_path}/trapped\n")
    trap.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:")
    monkeypatch.setenv("LMOD_CMD", "avail_wheels")
    assert Cluster().facts(asked(("numpy",), ("gromacs",)), "3.11") == NOT_ASKED
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{", '{"envs": 3}', '{"envs": [3, null, "relative/x", "/a/b\\u0007"]}', "[" * 5000],
)
def test_a_list_of_environments_that_is_none(text: str) -> None:
    assert list(prefixes_of(text)) == []


# --- real processes


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    script = tmp_path / "hang"
    script.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\nsleep 300 &\necho $! > {mark}\nwait\n")
    script.chmod(0o755)
    assert run([str(script)], 1.0) is None
    child = int(mark.read_text())
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split(")")[1][:3]:
            break
        time.sleep(0.05)
    else:
        os.kill(child, 9)
        pytest.fail("the child still runs")


def test_a_program_that_talks_without_end_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "talk"
    script.write_text("#!/bin/sh\nPATH=/usr/bin:/bin\nexec yes numpy\n")
    script.chmod(0o755)
    assert run([str(script)], 60) is None


def test_what_is_no_program_gives_no_answer(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("text")
    (tmp_path / "bad").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "bad").chmod(0o755)
    assert run([str(tmp_path / "plain")], 5) is None
    assert run([str(tmp_path / "bad")], 5) is None
    assert run([str(tmp_path / "nowhere")], 5) is None


def test_a_program_reads_nothing_from_us(tmp_path: Path) -> None:
    script = tmp_path / "read"
    script.write_text("#!/bin/sh\nread line\necho said: $line\n")
    script.chmod(0o755)
    answer = run([str(script)], 20)
    assert answer is not None and answer.out == "said:\n"


# --- modules


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        (SEVERAL, "gromacs", ("gromacs/2023.5", "gromacs/2024.4")),
        (ONE, "gromacs", ("gromacs/2024.4",)),
        (EXTENSION, "pyarrow", ("arrow/17.0.0", "arrow/19.0.1")),
        ("\x1b[1mgromacs/2024.4\x1b[0m\n", "gromacs", ("gromacs/2024.4",)),
        ("blast+/2.14.1\nblast+/2.17.0\n", "blast+", ("blast+/2.14.1", "blast+/2.17.0")),
        ("nothing of it\n", "gromacs", None),
        ("", "gromacs", None),
    ],
)
@pytest.mark.parametrize("redirected", [False, True])
def test_what_spider_says(said: str, name: str, expected: tuple[str, ...] | None, redirected: bool) -> None:
    shell = "import os\nos.environ['MODULEPATH'] = '/x';\n_mlstatus = True\n"
    answer = Answer(0, said + shell, "") if redirected else Answer(0, shell, said)
    assert modules_of(answer, name) == expected


def test_a_module_that_is_not_there() -> None:
    assert modules_of(Answer(1, "_mlstatus = False\n", MISSING), "nope") == ()
    assert modules_of(Answer(1, "_mlstatus = False\n", "an error of another kind"), "nope") is None


LMOD = Path("/usr/share/lmod/lmod/libexec/lmod")


@pytest.mark.skipif(not LMOD.exists(), reason="Lmod is not installed")
def test_a_real_lmod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for full in ("foo/1.0", "foo/2.0", "bar/3.1"):
        file = tmp_path / "modules" / full
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#%Module\n")
    monkeypatch.setenv("LMOD_CMD", str(LMOD))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("MODULEPATH", str(tmp_path / "modules"))
    facts = Cluster().facts(asked((), ("foo", "bar", "nope")), "3.11")
    assert facts.modules == {"foo": ("foo/1.0", "foo/2.0"), "bar": ("bar/3.1",), "nope": ()}


# --- what the recipe makes of the answers


def recipe_with(facts: Facts, text: str, **wishes: object) -> Recipe:
    return make_recipe(environment_of(text), Wishes(**wishes), facts)  # type: ignore[arg-type]


def environment_of(text: str) -> Environment:
    lines = "".join(f"  - {entry}\n" for entry in text.split())
    return read_environment(f"name: x\ndependencies:\n{lines}", "environment.yml")


def test_a_requirement_without_a_wheel_says_the_nearest_version() -> None:
    facts = Facts({}, {"numpy": ("1.26.4+computecanada", "2.1.1+computecanada")})
    recipe = recipe_with(facts, "python=3.11 numpy=1.24")
    assert recipe.requirements == ("numpy==1.26.4",)
    assert any("for Python 3.11, so slurmfix takes numpy 1.26.4" in doubt for doubt in recipe.doubts)


@pytest.mark.parametrize(
    ("pins", "line"), [("compatible", "numpy~=2.1"), ("exact", "numpy==1.19.2"), ("none", "numpy")]
)
def test_a_version_that_was_only_installed_gives_way_to_the_nearest_with_a_wheel(pins: str, line: str) -> None:
    facts = Facts({}, {"numpy": ("2.1.1+computecanada", "2.2.0+computecanada")})
    environment = Environment("x", (Package("numpy", installed="1.19.2"),))
    recipe = make_recipe(environment, Wishes(pins=pins), facts)
    assert recipe.requirements == (line,)
    assert any("such as numpy~=2.1" in doubt for doubt in recipe.doubts) == (pins == "compatible")


def test_a_package_without_any_wheel_says_for_which_pythons_it_has_some() -> None:
    facts = Facts({}, {"numpy": ()}, {"numpy": ("3.9",)})
    recipe = recipe_with(facts, "python=3.11 numpy")
    assert recipe.python == "3.11"
    assert any("no wheel for Python 3.11, only for 3.9" in doubt for doubt in recipe.doubts)


def test_another_python_is_taken_where_it_alone_has_wheels() -> None:
    recipe = recipe_with(Facts({}, {"numpy": ()}, {"numpy": ("3.10",)}), "python=3.11 numpy")
    assert recipe.python == "3.10"
    assert any("does not have numpy for this Python, so slurmfix takes Python 3.10" in doubt for doubt in recipe.doubts)


def test_the_python_that_has_the_wheels_is_taken() -> None:
    facts = Facts({}, {"numpy": ()}, {"numpy": ("3.12",)})
    assert recipe_with(facts, "numpy").python == "3.12"


def test_a_dummy_wheel_says_which_module() -> None:
    facts = Facts({"foodb": ("foo/1.0",), "foo": ("foo/1.0",)}, {"foodb": ("1.0+dummy.computecanada",)})
    recipe = make_recipe(read_environment("foodb==1.0\n", "requirements.txt"), Wishes(), facts)
    assert recipe.requirements == () and "foo/1.0" in recipe.modules
    assert any(out.name == "foodb" and "foo/1.0" in out.why and "which stops pip" in out.why for out in recipe.left_out)


def test_a_dummy_wheel_whose_module_is_not_known_says_how_to_find_it() -> None:
    recipe = make_recipe(
        read_environment("foodb==1.0\n", "requirements.txt"), Wishes(), Facts({}, {"foodb": ("1.0+dummy.x",)})
    )
    assert any("`module spider foodb`" in doubt for doubt in recipe.doubts)


def test_a_real_wheel_of_what_had_none_is_taken() -> None:
    recipe = recipe_with(Facts({}, {"pyarrow": ("30.0.0+computecanada",)}), "python=3.11 pyarrow")
    assert recipe.requirements == ("pyarrow",)


def test_only_module_versions_that_the_cluster_has_are_taken() -> None:
    known = recipe_with(NOT_ASKED, "python=3.11 samtools").modules[-1]
    assert known.startswith("samtools/") and known != "samtools/1.18"
    assert recipe_with(Facts({"samtools": ("samtools/1.18",)}, {}), "samtools").modules[-1] == "samtools/1.18"


def test_a_module_that_is_gone_is_left_out() -> None:
    recipe = recipe_with(Facts({"samtools": ()}, {}), "samtools")
    assert not any(name.startswith("samtools") for name in recipe.modules)
    assert [(out.name, out.kind) for out in recipe.left_out] == [("samtools", "unknown")]


def test_a_newer_version_than_the_table_knows_is_taken_where_it_was_asked_for() -> None:
    facts = Facts({"samtools": ("samtools/1.18", "samtools/9.9")}, {})
    assert "samtools/9.9" in recipe_with(facts, "samtools=9.9").modules
    assert "samtools/1.18" in recipe_with(facts, "samtools").modules


def test_a_version_of_another_standard_environment_is_not_taken() -> None:
    facts = Facts({"samtools": ("samtools/1.17",)}, {})  # StdEnv/2020 has it
    modules = recipe_with(facts, "python=3.11 numpy samtools").modules
    assert modules[0] == "StdEnv/2020" or not any(name.startswith("samtools") for name in modules)


def test_what_no_table_knows_is_asked_for_and_taken() -> None:
    environment = environment_of("python=3.11 newtool newlib")
    questions = questions_of(make_recipe(environment), Wishes())
    assert {"newtool", "newlib"} <= set(questions.wheels) & set(questions.modules)
    facts = Facts({"newtool": ("newtool/1.0",), "newlib": ()}, {"newlib": ("2.0+computecanada",), "newtool": ()})
    recipe = make_recipe(environment, Wishes(), facts)
    assert "newtool/1.0" in recipe.modules and recipe.requirements == ("newlib",)


def test_a_cluster_without_a_wheelhouse_is_not_asked_for_wheels() -> None:
    wishes = Wishes(profile="generic")
    assert questions_of(make_recipe(environment_of("numpy"), wishes), wishes).wheels == ()


# --- through the command line


def answering(folder: Path, name: str, body: str) -> None:
    log = f'echo "{name} $*" >> {folder}/../log\n'
    (folder / name).write_text(f"#!/bin/sh\n{log}{body}\n")
    (folder / name).chmod(0o755)


def slurmfix(folder: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "slurmfix", *arguments],
        cwd=folder,
        env={
            "PATH": f"{home}/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LMOD_CMD": f"{home}/bin/lmod",
            "LC_ALL": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def home(tmp_path: Path, on_path: Path) -> Path:
    files = tmp_path / "wheels"
    files.write_text(WHEELS)
    answering(on_path, "avail_wheels", f"cat {files}")
    spider = 'case "$4" in gromacs) echo gromacs/2024.4 >&2; echo gromacs/2023.5 >&2;; '
    spider += "*) echo 'Unable to find' >&2; exit 1;; esac"
    answering(on_path, "lmod", spider)
    answering(on_path, "conda", "exit 1")
    return tmp_path


JOB = "#!/bin/bash\n#SBATCH --time=1:00:00\nconda activate myenv\npython train.py\n"


def test_an_environment_file_with_the_cluster_s_answers(home: Path) -> None:
    work = home / "work"
    work.mkdir()
    (work / "environment.yml").write_text("name: myenv\ndependencies: [python=3.11, numpy=1.24, gromacs]\n")
    plain = slurmfix(work, "environment.yml", home=home)
    assert not (home / "log").exists(), "without --ask nothing is run"
    asked = slurmfix(work, "--ask", "environment.yml", home=home)
    assert (plain.returncode, asked.returncode) == (1, 1)
    assert "slurmfix takes numpy 1.26.4" in asked.stderr
    assert "gromacs/2024.4" in asked.stdout
    log = (home / "log").read_text().splitlines()
    assert log.count("avail_wheels --raw --all-versions --all-pythons numpy") == 1
    assert "lmod python -t spider gromacs" in log


def test_an_environment_that_only_conda_knows(home: Path, on_path: Path) -> None:
    work = home / "work"
    work.mkdir()
    (work / "job.sh").write_text(JOB)
    asked_for = "name: myenv\\ndependencies:\\n  - python=3.11\\n  - numpy\\n"
    listing = "name: myenv\\ndependencies: [python=3.11.4=h1, numpy=1.26.4=py311_0, {pip: [six==1.16.0]}]\\n"
    body = 'case "$*" in *list*) echo \'{"envs": []}\';; '
    body += f"*from-history*) printf '{asked_for}';; *export*) printf '{listing}';; esac"
    answering(on_path, "conda", body)
    done = slurmfix(work, "--ask", "job.sh", home=home)
    added = [line[1:] for line in done.stdout.splitlines() if line.startswith("+")]
    assert "numpy" in added and any(line.startswith("six==") for line in added)
    assert any("conda env export -n myenv" in line for line in added)
    assert "GUESS" not in done.stdout


def test_conda_is_not_asked_for_an_environment_that_it_does_not_list(fp: FakeProcess) -> None:
    fp.register([fp.program("conda"), "env", "list", "--json"], stdout='{"envs": ["/opt/envs/one"]}')
    cluster = Cluster()
    assert cluster.prefix("one") == "/opt/envs/one"
    assert cluster.prefix("two") is None and cluster.export("two") == ()
    assert len(fp.calls) == 1


def test_conda_is_found_where_it_says_that_it_is(
    fp: FakeProcess, on_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a shell conda is a function, and need not be on PATH."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CONDA_EXE", "/opt/conda/bin/conda")
    fp.register(["/opt/conda/bin/conda", "env", "list", "--json"], stdout='{"envs": ["/opt/envs/one"]}')
    assert Cluster().prefix("one") == "/opt/envs/one"


def test_a_prefix_that_only_conda_knows(home: Path, on_path: Path) -> None:
    prefix = home / "elsewhere" / "myenv"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").write_text("==> 2024-01-01 <==\n# update specs: ['python=3.11', 'numpy']\n")
    for name, version in (("python", "3.11.4"), ("numpy", "1.26.4")):
        record = {"name": name, "version": version, "build": "0", "depends": []}
        (prefix / "conda-meta" / f"{name}-{version}-0.json").write_text(json.dumps(record))
    work = home / "work"
    work.mkdir()
    (work / "job.sh").write_text(JOB)
    answering(on_path, "conda", f"echo '{json.dumps({'envs': [str(prefix)]})}'")
    done = slurmfix(work, "--ask", "job.sh", home=home)
    assert re.search(r"^\+numpy~=1\.26$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("body", ["exit 3", "echo nonsense; echo nonsense >&2", "printf '\\377\\376'", "exec yes x"])
def test_programs_that_fail_change_nothing(body: str, home: Path, on_path: Path) -> None:
    work = home / "work"
    work.mkdir()
    (work / "environment.yml").write_text("name: myenv\ndependencies: [python=3.11, numpy=1.24, gromacs]\n")
    (work / "job.sh").write_text(JOB.replace("myenv", "other"))
    plain = slurmfix(work, "environment.yml", "job.sh", home=home)
    for name in ("avail_wheels", "lmod", "conda"):
        answering(on_path, name, body)
    asked = slurmfix(work, "--ask", "environment.yml", "job.sh", home=home)
    assert (asked.stdout, asked.stderr, asked.returncode) == (plain.stdout, plain.stderr, plain.returncode)
