"""What a rehearsal is made from, what its script holds, and what it says; tests/slurm runs it on a cluster."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from slurmfix.cli import main
from slurmfix.config import Settings
from slurmfix.outcome import Outcome
from slurmfix.rehearsal.block import blocks
from slurmfix.rehearsal.by_table import covers
from slurmfix.rehearsal.run import Result, Step, folder_for
from slurmfix.rehearsal.script import script_of, trial_job
from slurmfix.rehearsal.stage import Imports, Listing, rehearsals
from slurmfix.rehearsal.told import change, record, verdict
from slurmfix.shell import read
from slurmfix.sources import World

REWRITTEN = """\
#!/bin/bash
#SBATCH --account=def-ada
#SBATCH --gpus-per-node=1
#SBATCH --time=12:00:00
module load cuda/12.2
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/vision" || exit 1
source "$SLURM_TMPDIR/vision/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-vision.txt" || exit 1
samtools view reads.bam
python train.py
deactivate
"""
LISTING = """\
# Requirements of vision for Python 3.11, from environment.yml (written by slurmfix)
# Prepare on a login node, in this folder:
#   pip download --no-deps -d wheels tidyverse-py
numpy==1.26.*
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements-vision.txt").write_text(LISTING)
    (tmp_path / "train.py").write_text("import os, numpy, tables\nfrom data import x\n")
    (tmp_path / "data.py").write_text("import six\n")
    (tmp_path / "job.sh").write_text(REWRITTEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def of(*texts):
    outcomes = [Outcome(f"job{at or ''}.sh", text, text) for at, text in enumerate(texts)]
    return rehearsals(outcomes, World(Settings()))


def test_the_block_of_a_rewritten_job():
    (block,) = blocks(read(REWRITTEN))
    assert block.name == "vision"
    assert block.modules == ("module load cuda/12.2", "module load StdEnv/2023 python/3.11")
    assert block.make == 'virtualenv --no-download "$SLURM_TMPDIR/vision"'
    assert block.folder == '"$SLURM_TMPDIR/vision"'
    assert block.requirements == ("requirements-vision.txt",)
    assert len(block.installs) == 2


def test_a_block_on_every_node_of_a_job():
    text = REWRITTEN.replace("virtualenv", "srun -n 2 bash <<'END'\nset -e\nvirtualenv").replace(
        "samtools", 'END\nsource "$SLURM_TMPDIR/vision/bin/activate"\nsamtools'
    )
    (block,) = blocks(read(text))
    assert block.requirements == ("requirements-vision.txt",)


@pytest.mark.parametrize(
    "line",
    [
        "module load $(touch /tmp/it-ran) gcc",
        'module load "$MINE"',
        "module load `id`",
    ],
)
def test_a_command_with_more_than_plain_words_is_not_run(line):
    (block,) = blocks(read(REWRITTEN.replace("module load cuda/12.2", line)))
    assert block.modules == ("module load StdEnv/2023 python/3.11",)
    assert [each.text for each in block.skipped] == [line]


OWN = (
    *("--no-index .", "-e .", "./lib", "/p/x", "lib/", "../lib", ".[dev]", "--editable=.", "lib.tar.gz"),
    *("x@file:///p/x", "-t out six"),
)


@pytest.mark.parametrize("what", OWN)
def test_the_author_s_own_code_is_not_built(what):
    line = f"pip install {what}"
    (block,) = blocks(read(REWRITTEN.replace("samtools", f"{line}\nsamtools")))
    assert line in [each.text for each in block.skipped]
    assert len(block.installs) == 2


@pytest.mark.parametrize("place", ["ENV", "/scratch/env", "~/envs/x", "$SLURM_TMPDIR/../x", "$SLURM_SUBMIT_DIR/env"])
def test_a_virtualenv_in_a_folder_that_stays_is_not_touched(place, folder):
    job = REWRITTEN.replace('"$SLURM_TMPDIR/vision"', place).replace('"$SLURM_TMPDIR/vision/', f'"{place}/')
    (block,) = blocks(read(job))
    assert block.make == ""
    (folder / "job.sh").write_text(job)
    done = CliRunner().invoke(main, ["--rehearse", "job.sh"])
    assert done.exit_code == 1
    assert "makes a folder that stays; rehearse it by hand" in done.stdout


def test_lines_that_would_build_the_author_s_own_code_are_not_rehearsed(folder):
    own = ["-e .", "lib/", "./lib", "/p/x", "x @ file:///p/x", "x @ git+file:///p/x", "x.txz", "x @ ${HERE}"]
    others = ["six", "tqdm>=4  # see docs/why.md", "--find-links /p/wheels", "x @ https://example.org/x.whl"]
    (folder / "requirements-vision.txt").write_text("\n".join([*own, *others]) + "\n")
    script = CliRunner().invoke(main, ["--rehearse-script", "job.sh"]).stdout.splitlines()
    assert [line for line in own if f"# not rehearsed: {line}" not in script] == []
    assert [line for line in others if line not in script] == []


def test_what_a_job_needs_of_its_environment(folder):
    (rehearsal,) = of(REWRITTEN)
    assert rehearsal.imports == ("numpy", "six", "tables")
    assert rehearsal.programs == ("samtools",)
    assert rehearsal.lines == ("numpy==1.26.*",)
    assert rehearsal.prepares == ("pip download --no-deps -d wheels tidyverse-py",)


def test_jobs_that_make_the_same_environment_are_one_rehearsal(folder):
    other = REWRITTEN.replace("samtools", "bwa")
    (rehearsal,) = of(REWRITTEN, other)
    assert rehearsal.jobs == ("job.sh", "job1.sh")
    assert rehearsal.programs == ("samtools", "bwa")


def test_two_environments_of_a_job_are_told_apart(folder):
    (folder / "requirements-report.txt").write_text("jinja2\n")
    (folder / "report.py").write_text("import jinja2\n")
    second = REWRITTEN.partition("module load Std")[2].replace("vision", "report").replace("train.py", "report.py")
    found = {each.environment: each for each in of(REWRITTEN + "module load Std" + second)}
    assert found["vision"].imports == ("numpy", "six", "tables")
    assert found["report"].imports == ("jinja2",)


def test_bash_reads_the_script_whatever_a_name_holds(folder):
    (rehearsal,) = of(REWRITTEN)
    odd = replace(
        rehearsal,
        environment="it's $(odd)\nname",
        needs=Imports(("numpy", "a'b"), ("c'd",), ("e'f",)),
        programs=('say "x"',),
        listings=(Listing("it's odd.txt", "numpy\nSLURMFIX_REQUIREMENTS\n$(touch ran)\n"),),
    )
    for text in (script_of(odd), trial_job([odd])):
        assert subprocess.run(["bash", "--norc", "-n"], input=text, text=True, capture_output=True).stderr == ""


def test_the_test_job_asks_for_what_the_job_asks_for_but_little_of_it(folder):
    (rehearsal,) = of(REWRITTEN)
    header = [line for line in trial_job([rehearsal]).splitlines() if line.startswith("#SBATCH")]
    assert "#SBATCH --account=def-ada" in header
    assert "#SBATCH --time=0:05:00" in header
    assert not any("gpu" in line for line in header)


def test_commands_that_build_the_author_s_own_code_are_not_fetched(folder):
    (rehearsal,) = of(REWRITTEN)
    own = (
        "pip wheel --no-deps -w wheels .",
        "pip wheel --no-deps -w wheels -e .",
        "pip wheel -w wheels ./lib",
        "pip wheel -w wheels x@git+file:///p/x",
        "pip wheel -w wheels lib.zip",
        "pip wheel -w wheels -r own.txt",
    )
    asked = ("pip download --no-deps -d wheels x", "pip wheel --no-deps -w wheels git+https://example.org/x@v1")
    assert replace(rehearsal, prepares=(*own, *asked)).fetches == asked


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({}, "/tmp"),
        ({"TMPDIR": "/nowhere/at/all"}, "/tmp"),
        ({"TMPDIR": "/usr", "HOME": "/usr"}, "/tmp"),
        ({"TMPDIR": "/usr/lib", "SCRATCH": "/usr"}, "/tmp"),
        ({"TMPDIR": "/usr/lib", "HOME": "/home/ada"}, "/usr/lib"),
    ],
)
def test_where_it_works(environ, folder):
    assert folder_for(environ) == folder


def result(rehearsal, *steps, log=""):
    status = 1 if steps[-1][0] == "FAIL" else 0
    return Result(rehearsal, tuple(Step(*step) for step in steps), status, "", log, "/log", 21.4)


OK = (("ok", "install", "14 packages"), ("ok", "import", "9 of 9"))


def test_the_verdict_of_what_is_ready(folder):
    (rehearsal,) = of(REWRITTEN)
    assert verdict(result(rehearsal, *OK)) == "vision: 14 packages, 9 of 9 imports, 21 s: ready"


NO_VERSION = "ERROR: Could not find a version that satisfies the requirement"
NO_MODULE = "ModuleNotFoundError: No module named"


@pytest.mark.parametrize(
    ("kind", "which", "log", "wanted"),
    [
        ("install", "pip", f"{NO_VERSION} torch==1.99 (from versions: 2.5.1, 2.6.0)", "write torch==2.5.1 in"),
        ("install", "pip", f"{NO_VERSION} six==9 (from versions: 1.16.0+local, 1.17.0)", "write six==1.17.0 in"),
        ("install", "pip", f"{NO_VERSION} nilp (from versions: none)", "pip download --no-deps -d wheels nilp"),
        ("install", "pip", "No matching distribution found for pyarrow-noinstall==9999", "module load arrow"),
        ("import", f"yaml: {NO_MODULE} 'yaml'", "", "add pyyaml to requirements-vision.txt"),
        ("import", f"pyarrow: {NO_MODULE} 'pyarrow'", "", "module load arrow"),
        ("module", "module load cuda/99", 'unknown: "cuda/99"\n  cuda: cuda/12.2\n', "that is here: cuda/12.2"),
        ("program", "samtools", "", "module spider samtools"),
        ("python", "virtualenv", "", "see /log"),
    ],
)
def test_what_to_change(kind, which, log, wanted, folder):
    (rehearsal,) = of(REWRITTEN)
    found = result(rehearsal, ("FAIL", kind, which), log=log)
    assert wanted.lower() in change(found, found.steps[-1]).lower()
    assert record(found)["ready"] is False
    assert wanted.lower() in record(found)["change"].lower()


def test_without_a_cluster_the_tables_are_asked(folder):
    (rehearsal,) = of(REWRITTEN)
    done = Result(rehearsal, (Step("NONE", "module", "no module command is here"),), 4, "", "", "", 0.1)
    said = verdict(done)
    assert said.startswith("vision: modules and wheelhouse are not on this machine; 1 of 1 lines have a wheel")
    assert "1 of 3 imports are covered" in said
    assert "import six" in said
    assert not covers(rehearsal)
    (folder / "requirements-vision.txt").write_text(LISTING + "six\ntables\n")
    assert covers(of(REWRITTEN)[0])


def test_a_machine_without_modules(folder, monkeypatch):
    """No file of Lmod's is read where the variables that name it are unset; a module command is only looked for."""
    if Path("/etc/profile.d/lmod.sh").exists() or Path("/etc/profile.d/modules.sh").exists():
        pytest.skip("modules are installed here")
    for name in ("LMOD_PKG", "MODULESHOME", "BASH_ENV"):
        monkeypatch.delenv(name, raising=False)
    done = CliRunner().invoke(main, ["--rehearse", "job.sh"])
    assert done.exit_code == 1
    assert "modules and wheelhouse are not on this machine" in done.stdout


def test_modules_of_an_older_kind_are_listed_by_avail(folder, monkeypatch):
    """Environment Modules written in Tcl load nothing they do not have, and know no `spider`."""
    tmod = """() {  case $1 in
        load) echo "ERROR: Unable to locate a modulefile for '$2'" >&2; return 1 ;;
        --terse) [ "$2" = avail ] && echo cuda/12.6 ;;
        esac
    }"""
    monkeypatch.setenv("BASH_FUNC_module%%", tmod)
    monkeypatch.setenv("TMPDIR", str(folder))
    done = CliRunner().invoke(main, ["--rehearse", "job.sh"])
    assert done.exit_code == 1
    assert "a module cannot be loaded: module load cuda/12.2; load one that is here: cuda/12.6" in done.stdout


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(how, folder, monkeypatch):
    work = folder / "tmp"
    work.mkdir()
    environ = {**os.environ, "TMPDIR": str(work), "BASH_FUNC_module%%": "() { sleep 600; }"}
    line = [sys.executable, "-m", "slurmfix", "--rehearse", "job.sh"]
    obeyed = lambda: signal.signal(how, signal.SIG_DFL)  # noqa: E731
    with subprocess.Popen(line, env=environ, preexec_fn=obeyed, stdout=subprocess.PIPE) as process:
        while not any(work.glob("*/*/home")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(how)
        process.communicate(timeout=60)
    assert process.returncode == 128 + how
    assert not list(work.iterdir())


def test_the_scripts_of_several_environments_are_all_run(folder, monkeypatch):
    (folder / "requirements-other.txt").write_text("six\n")
    (folder / "other.sh").write_text(REWRITTEN.replace("vision", "other"))
    script = CliRunner().invoke(main, ["--rehearse-script", "job.sh", "other.sh"]).stdout
    environ = {**os.environ, "TMPDIR": str(folder), "BASH_FUNC_module%%": "() { return 1; }"}
    done = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.count("FAIL  module   module load cuda/12.2") == 2


def test_a_job_without_an_environment(folder):
    (folder / "plain.sh").write_text("#!/bin/bash\n#SBATCH -t 1\nsrun ./a.out\n")
    done = CliRunner().invoke(main, ["--rehearse", "plain.sh"])
    assert done.exit_code == 0
    assert "no environment to rehearse" in done.stderr


def test_a_requirements_file_that_is_missing(folder):
    os.unlink(folder / "requirements-vision.txt")
    done = CliRunner().invoke(main, ["--rehearse", "job.sh"])
    assert done.exit_code == 1
    assert ". holds no requirements-vision.txt; write it first" in done.stdout


def test_the_script_is_printed(folder):
    done = CliRunner().invoke(main, ["--rehearse-script", "job.sh"])
    assert done.exit_code == 0
    assert done.stdout.startswith("#!/bin/bash\n# Builds the environment vision as job.sh does")
    assert "pip download --no-deps -d wheels tidyverse-py" in done.stdout
