"""What a rehearsal runs and says, with stand-ins for the programs of a cluster: module, virtualenv and pip."""

import json
import os
import re
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from stub_site import ROOT, Site

from slurmfix.language import catalogue, languages
from slurmfix.rehearsal.sentences import DETAILS, sentences

SCHEMA = json.loads((ROOT / "slurmfix" / "report" / "schema.json").read_text(encoding="utf-8"))
HEADER = "#!/bin/bash\n#SBATCH --account=def-ada\n#SBATCH --time=1\n"
MODULES = f"{HEADER}module load python/3.11\npython train.py\n"
JOB = f"""{HEADER}module load python/3.11
virtualenv --no-download "$SLURM_TMPDIR/vision"
source "$SLURM_TMPDIR/vision/bin/activate"
pip install --no-index --find-links "$SLURM_SUBMIT_DIR/wheels" -r "$SLURM_SUBMIT_DIR/requirements-vision.txt"
python train.py
"""
LISTING = "# Requirements of vision (written by slurmfix)\nsix==1.17.0\n"


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


@pytest.fixture
def vision(site):
    return site.write("job.sh", JOB).write("requirements-vision.txt", LISTING)


def test_imports_that_the_job_may_go_without_fail_nothing(site):
    site.write("job.sh", MODULES).write(
        "train.py",
        "from typing import TYPE_CHECKING\n"
        "import json\n"
        "if TYPE_CHECKING:\n    import nope_types\n"
        "if False:\n    import nope_never\n"
        "try:\n    import nope_spare\nexcept ImportError:\n    nope_spare = None\n"
        "def main():\n    import nope_later\n",
    )
    done = site.run("--rehearse", "job.sh")
    assert done.returncode == 0, done.stdout
    assert "job.sh: later import nope_later: " in done.stdout
    assert "job.sh: note  import nope_spare: " in done.stdout
    assert "ready; a function imports nope_later later, which fails here; add nope_later to" in done.stdout
    assert "nope_never" not in done.stdout
    assert "nope_types" not in done.stdout


def test_an_import_that_a_module_needs_at_once_and_a_function_later_fails(site):
    site.write("job.sh", MODULES).write("train.py", "def main():\n    import nope\nimport nope\n")
    done = site.run("--rehearse", "job.sh")
    assert done.returncode == 1
    assert "an import fails: nope: " in done.stdout


def test_what_is_not_tried_is_named(vision):
    lines = (
        *("source setup.sh", "export PYTHONPATH=$HOME/lib", "python -m pip install -e .", 'eval "$SETUP"'),
        *("srun pip install six", "PIP_NO_INDEX=1 pip install six", "pip -q install six", "python setup.py install"),
    )
    vision.write("job.sh", JOB.replace("python train", "\n".join(lines) + "\npython train"))
    vision.write("requirements-vision.txt", LISTING + "lib @ file:///p/lib\n--no-binary six\n")
    done = vision.run("--rehearse", "job.sh")
    assert done.returncode == 0, done.stdout
    for number, line in enumerate(lines, 8):
        assert f"vision: skip  step line {number}: {line}" in done.stdout
    assert "vision: skip  step requirements-vision.txt: lib @ file:///p/lib" in done.stdout
    assert "vision: skip  step requirements-vision.txt: --no-binary six" in done.stdout
    assert "ready, but this was not tried: line 8: source setup.sh" in done.stdout
    (found,) = json.loads(vision.run("--rehearse", "-o", "json", "job.sh").stdout)["rehearsals"]
    assert found["ready"] is True
    assert "line 8: source setup.sh" in found["not_tried"]


@pytest.mark.parametrize("line", [". /etc/profile", "source /etc/profile.d/modules.sh", "pip --version", "pip list"])
def test_what_shapes_nothing_is_not_named(vision, line):
    vision.write("job.sh", JOB.replace("python train", f"{line}\npython train"))
    assert "not tried" not in vision.run("--rehearse", "job.sh").stdout


def test_a_python_file_that_is_not_here_is_named(vision):
    os.unlink(vision.work / "train.py")
    assert "ready, but this was not tried: line 8: python train.py" in vision.run("--rehearse", "job.sh").stdout


def test_later_modules_and_installations_are_rehearsed_in_their_order(vision):
    more = "mkdir -p out\nmodule load samtools/1.20\npip install --no-index tqdm\n"
    vision.write("job.sh", JOB.replace("python train", f"{more}python train"))
    lines = vision.run("--rehearse", "job.sh").stdout.splitlines()
    modules = [at for at, line in enumerate(lines) if " ok    module " in line]
    assert len(modules) == 2
    assert "module load samtools/1.20" in lines[modules[1]]
    assert "pip install --no-index tqdm --only-binary=:all:" in vision.calls[-1]


def test_an_sdist_beside_the_wheels_is_never_built(vision):
    vision.write("wheels/six-1.17.0.tar.gz", "").write("wheels/click-8.1-py3-none-any.whl", "")
    no_version = "ERROR: Could not find a version that satisfies the requirement six==1.17.0 (from versions: none)"
    (vision.bin / "fails").write_text(no_version)
    done = vision.run("--rehearse", "job.sh")
    assert "vision: skip  wheels wheels/six-1.17.0.tar.gz is no wheel, and nothing is built here" in done.stdout
    assert "pip wheel --no-deps -w wheels wheels/six-1.17.0.tar.gz" in done.stdout.splitlines()[-2]
    assert "--only-binary=:all:" in vision.calls[-1]
    assert "click-8.1-py3-none-any.whl " in vision.calls[-1]
    assert "tar.gz" not in vision.calls[-1]


PREPARES = "#   pip download --no-deps -d wheels pebble\n"


@pytest.mark.parametrize(("words", "fetched"), [((), False), (("-y",), True)])
def test_the_printed_script_fetches_only_when_told_to(vision, words, fetched):
    vision.write("requirements-vision.txt", PREPARES + LISTING)
    script = vision.run("--rehearse-script", "job.sh").stdout
    done = vision.bash(script, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(call.startswith("pip download") for call in vision.calls) is fetched
    assert ("give -y" in done.stdout) is not fetched


@pytest.mark.parametrize(
    "command",
    [
        "pip wheel --no-deps -w wheels x@git+file:///p/x",
        "pip wheel --no-deps -w wheels GIT+FILE:///p/x",
        "pip wheel -w wheels x @ git+file:../x",
        "pip wheel -w wheels -r requirements-vision.txt",
        "pip wheel -w wheels .",
    ],
)
def test_own_code_is_not_built_with_yes_either(vision, command):
    vision.write("requirements-vision.txt", f"#   {command}\n{LISTING}")
    done = vision.run("--rehearse", "-y", "job.sh")
    assert not [call for call in vision.calls if call.startswith("pip wheel")]
    assert "this was not tried: requirements-vision.txt: pip wheel" in done.stdout


def test_a_command_to_prepare_is_words_and_no_shell(vision):
    vision.write("requirements-vision.txt", "#   pip download x; touch ran $(touch ran)\n")
    vision.run("--rehearse", "-y", "job.sh")
    assert [call for call in vision.calls if call.startswith("pip download x; touch ran $(touch ran) in ")]


def test_included_lists_and_constraints_come_along(vision):
    vision.write("requirements-vision.txt", LISTING + "-r more/list.txt\n").write("more/list.txt", "-c bounds.txt\nx\n")
    vision.write("more/bounds.txt", "numpy<2\n-e ../lib\n")
    script = vision.run("--rehearse-script", "job.sh").stdout
    for line in ("-r more/list.txt", "-c bounds.txt", "numpy<2", "# not rehearsed: -e ../lib"):
        assert line in script.splitlines()
    os.unlink(vision.work / "more" / "bounds.txt")
    assert ". holds no more/bounds.txt; write it first" in vision.run("--rehearse", "job.sh").stdout


@pytest.mark.parametrize("named", ["{}", "./{}", "more/../{}"])
def test_a_list_that_is_named_by_a_relative_path_is_the_one_without_own_code(vision, named):
    listing = named.format("requirements-vision.txt")
    vision.write("job.sh", JOB.replace('"$SLURM_SUBMIT_DIR/requirements-vision.txt"', listing))
    vision.run("--rehearse", "job.sh")
    (call,) = [call for call in vision.calls if call.startswith("pip install")]
    assert f" in {vision.tmp}/" in call


def test_a_list_above_the_folder_of_submission_comes_along(vision):
    vision.write("jobs/job.sh", JOB.replace('vision.txt"', 'vision.txt" -r ../more.txt')).write("jobs/train.py", "")
    vision.write("jobs/requirements-vision.txt", LISTING).write("more.txt", "-e lib\n")
    done = vision.run("--rehearse", "jobs/job.sh")
    assert done.returncode == 0, done.stdout
    assert "skip  step ../more.txt: -e lib" in done.stdout
    vision.write("jobs/job.sh", JOB.replace('vision.txt"', 'vision.txt" -r ../../work/more.txt'))
    assert "holds no ../../work/more.txt" in vision.run("--rehearse", "jobs/job.sh").stdout


@pytest.mark.parametrize("named", ["/p/list.txt", "~/list.txt", "$HOME/list.txt", "https://example.org/list.txt"])
def test_a_list_that_lies_elsewhere_is_not_read(vision, named):
    line = f"pip install -r {named}"
    vision.write("job.sh", JOB.replace("python train", f"{line}\npython train"))
    done = vision.run("--rehearse", "job.sh")
    assert f"this was not tried: line 8: {line}" in done.stdout
    vision.write("job.sh", JOB).write("requirements-vision.txt", LISTING + f"-r {named}\n")
    done = vision.run("--rehearse", "job.sh")
    assert f"this was not tried: requirements-vision.txt: -r {named}" in done.stdout


def test_the_test_job_of_several_environments_is_one_job(vision):
    other = JOB.replace("vision", "other").replace("def-ada", "def-bob").replace("#SBATCH -", "#SBATCH -N 2\n#SBATCH -")
    vision.write("other.sh", other).write("requirements-other.txt", LISTING)
    done = vision.run("--test-job", "job.sh", "other.sh")
    assert done.stdout.startswith("#!/bin/bash\n")
    assert done.stdout.count("#!/bin/bash\n") == 1
    header = [line for line in done.stdout.splitlines() if line.startswith("#SBATCH")]
    assert "#SBATCH --time=0:10:00" in header
    assert "#SBATCH --nodes=2" in header
    assert header.count("#SBATCH --account=def-ada") == 1
    assert "other.sh: another account, partition or the like" in done.stderr
    assert done.stdout.count("srun ") == 1
    alone = vision.run("--test-job", "job.sh", "job.sh").stdout
    assert vision.bash(alone).returncode == 0


def test_a_lock_keeps_what_names_no_version(vision):
    frozen = "six==1.17.0\nlib @ https://example.org/lib.whl\nodd @ file:///tmp/odd.whl\n"
    (vision.bin / "frozen").write_text(frozen)
    kept = "--find-links wheels\n-e ../own\n"
    vision.write("requirements-vision.txt", LISTING + kept)
    done = vision.run("--rehearse", "--lock", "job.sh")
    text = (vision.work / "requirements-vision.txt").read_text()
    for line in ("six==1.17.0", "lib @ https://example.org/lib.whl", "--find-links wheels", "-e ../own"):
        assert line in text.splitlines()
    assert "odd @" not in text
    assert "kept as they were, since a rehearsal does not install them: -e ../own" in done.stdout
    assert "not locked, since its files lie in a temporary folder: odd @ file:///tmp/odd.whl" in done.stdout


def test_an_environment_that_nothing_is_known_of_is_not_ready(vision):
    vision.write("job.sh", JOB.replace("python train.py", "./a.out"))
    vision.write("requirements-vision.txt", "# Requirements of vision (written by slurmfix)\n# EMPTY\n")
    done = vision.run("--rehearse", "job.sh")
    assert done.returncode == 1
    assert done.stdout == (
        "vision: nothing tells what the environment holds; "
        "write requirements-vision.txt, or give its list with --env vision=FILE\n"
    )


@pytest.mark.parametrize(("job", "status"), [("nowhere.sh", 2), ("plain.sh", 0), ("bad.sh", 1)])
def test_data_is_there_whatever_goes_wrong(vision, job, status):
    vision.write("plain.sh", f"{HEADER}./a.out\n")
    vision.write("bad.sh", JOB.replace("$SLURM_TMPDIR", "/scratch"))
    done = vision.run("--rehearse", "-o", "json", job)
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert done.returncode == status
    assert told["files"] or told.get("error") or told["rehearsals"][0]["fails"]


@pytest.mark.parametrize("words", [("-w",), ("--config", "nowhere.toml"), ("--profile", "nowhere"), ("--python", "x")])
def test_wrong_use_is_data_as_well(vision, words):
    done = vision.run("--rehearse", "-o", "json", *words, "job.sh")
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert done.returncode == 2
    assert told["error"]
    assert told["error"].split()[-1] in done.stderr


@pytest.mark.parametrize("words", ["", "-o json"])
def test_a_reader_that_leaves_ends_it_quietly(vision, words):
    vision.write("requirements-vision.txt", LISTING)
    line = f'{sys.executable} -m slurmfix --rehearse {words} job.sh 2>told | head -0; echo "${{PIPESTATUS[0]}}"'
    done = vision.bash(line)
    assert done.stdout == "141\n"
    assert "roken pipe" not in (vision.work / "told").read_text()
    assert "Traceback" not in (vision.work / "told").read_text()
    assert not list(vision.tmp.iterdir())


@pytest.mark.parametrize("name", ["PIP_USER", "PIP_TARGET", "PIP_NO_INDEX"])
def test_what_the_shell_says_to_pip_is_named(vision, name):
    done = vision.run("--rehearse", "job.sh", **{name: "1"})
    assert f"vision: note  pip {name} is set in this shell, and left out here" in done.stdout


def test_a_call_of_pip_that_fails_names_the_variables_that_decide_where_it_looks(vision):
    (vision.bin / "fails").write_text("ERROR: odd")
    done = vision.run("--rehearse", "job.sh", PIP_INDEX_URL="file:///nowhere")
    assert "try it also without PIP_INDEX_URL, which this shell sets" in done.stdout


def test_a_build_that_lacks_what_builds(vision):
    (vision.bin / "fails").write_text("BackendUnavailable: Cannot import 'setuptools.build_meta'")
    done = vision.run("--rehearse", "job.sh")
    assert "which needs setuptools: add setuptools to requirements-vision.txt" in done.stdout


# It starts a child that would outlive it, says which one, and never ends.
HANGS = 'sleep 600 & echo $! >> "$NOTE"; while :; do sleep 0.2; done'


def is_alive(process):
    """Whether a process runs: one that ended and that nobody has waited for does not."""
    path = Path(f"/proc/{process}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.parametrize("which", ["module", "virtualenv", "pip"])
@pytest.mark.parametrize("by_hand", [False, True])
def test_a_step_that_hangs_is_ended_with_all_that_it_started(which, by_hand, vision):
    note = vision.bin / "note"
    vision.environ |= {"NOTE": str(note), "SLURMFIX_SECONDS": "1", "SLURMFIX_PATIENCE": "4"}
    if which == "module":
        vision.environ["BASH_FUNC_module%%"] = f"() {{ {HANGS}; }}"
    else:
        (vision.bin / which).write_text(f"#!/bin/bash\n{HANGS}\n")
    if by_hand:
        done = vision.bash(vision.run("--rehearse-script", "job.sh").stdout)
    else:
        done = vision.run("--rehearse", "job.sh")
        assert "try it by hand on this login node: " in done.stdout
    assert done.returncode == 1
    assert re.search(rf"FAIL +\w+ +{which} .*: no answer within [34] seconds$", done.stdout, re.M)
    until = time.monotonic() + 60  # a guard against hanging: the end of a process takes its moment
    while (left := [each for each in note.read_text().split() if is_alive(each)]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left
    assert not [path for path in vision.tmp.iterdir() if path.suffix != ".log"]


def test_a_tmod_that_ends_well_where_a_module_is_missing(vision):
    complains = "ModuleCmd_Load.c(213):ERROR:105: Unable to locate a modulefile for"
    tmod = f"() {{ echo \"{complains} '$2'\" >&2; }}"
    done = vision.run("--rehearse", "job.sh", **{"BASH_FUNC_module%%": tmod})
    assert "a module cannot be loaded: module load python/3.11" in done.stdout


def test_a_module_that_talks_is_loaded(vision):
    talks = "() { echo 'Note: GPU driver error: counters were reset' >&2; }"
    assert vision.run("--rehearse", "job.sh", **{"BASH_FUNC_module%%": talks}).returncode == 0


def test_a_disk_that_is_full(vision):
    (vision.bin / "fails").write_text("ERROR: [Errno 28] No space left on device")
    done = vision.run("--rehearse", "job.sh")
    assert f"the disk of {vision.tmp} is full: set TMPDIR to a folder with more room" in done.stdout


CONDA = f"{HEADER}module load Anaconda3\nsource activate vision\npython train.py\n"


SITES = ["easybuild", "eessi", "snellius", "hpc2n", "vsc", "c3se", "sigma2", "ulhpc", "reannz"]


@pytest.mark.parametrize("profile", SITES)
def test_environments_of_modules_alone_are_rehearsed(profile, site):
    site.write("job.sh", CONDA).write("environment.yml", "name: vision\ndependencies: [numpy]\n")
    done = site.run("--profile", profile, "--rehearse", "job.sh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "vision: ok    module module load " in done.stdout
    assert "vision: ok    import 0 of 0" in done.stdout


@pytest.mark.parametrize(
    ("profile", "install"),
    [
        ("easybuild", 'pip install -r "$SLURM_SUBMIT_DIR/requirements-vision.txt"'),
        ("hpc2n", 'pip install --no-cache-dir --no-build-isolation -r "$SLURM_SUBMIT_DIR/requirements-vision.txt"'),
    ],
)
def test_virtualenvs_that_are_made_before_the_job_are_rehearsed(profile, install, site):
    site.write("job.sh", CONDA).write("environment.yml", "name: vision\ndependencies: [numpy, tifffile]\n")
    before = site.run("--profile", profile, "--rehearse-script", "job.sh").stdout
    assert install in before
    assert 'python3 -m venv --system-site-packages "$SLURM_TMPDIR/vision"' in before
    assert site.run("--profile", profile, "--write", "job.sh").returncode == 0
    assert install in site.run("--profile", profile, "--rehearse-script", "job.sh").stdout
    os.unlink(site.work / "requirements-vision.txt")
    done = site.run("--profile", profile, "--rehearse", "job.sh")
    assert done.returncode == 1
    assert "which it does not make, and . holds no requirements-vision.txt" in done.stdout


def test_a_job_that_stays_with_conda_is_named(site):
    site.write("job.sh", f"{HEADER}conda frobnicate\npython train.py\n")
    done = site.run("--rehearse", "job.sh")
    assert done.returncode == 1
    assert "job.sh: conda stays in this job, so there is nothing to rehearse" in done.stderr


def test_the_verdict_is_in_french(vision):
    (vision.bin / "frozen").write_text("six==1.17.0\n")
    vision.write("train.py", "def main():\n    import nope\n")
    done = vision.run("--lang", "fr", "--rehearse", "job.sh")
    assert "vision: 1 paquets, 0 imports sur 1, " in done.stdout
    assert "tout est prêt ; une fonction importe plus tard nope, ce qui échoue ici" in done.stdout
    told = json.loads(vision.run("--lang", "fr", "--rehearse", "-o", "json", "job.sh").stdout)
    assert {"step": "install", "result": "ok", "detail": "1 packages"} in told["rehearsals"][0]["steps"]


@pytest.mark.parametrize("language", [name for name in languages() if name != "en"])
def test_every_sentence_has_a_translation(language):
    assert sorted(set(sentences()) - set(catalogue(language))) == []


def test_what_a_step_says_is_what_the_script_says():
    script = (ROOT / "slurmfix" / "templates" / "rehearsal.sh.j2").read_text()
    pieces = [piece.strip() for sentence in DETAILS for piece in re.split(r"\{\w+\}", sentence)]
    assert [piece for piece in pieces if piece not in script] == []
