"""Rehearsals of jobs whose environment is an image, with stand-ins for the programs that run images."""

import json
import os
import re

import pytest
from stub_site import ROOT, Site

CONDA = "#!/bin/bash\n#SBATCH --time=1\nsource activate tools\npython train.py\nsrun mopac in.dat\n"
ENVIRONMENT = "name: tools\nchannels: [conda-forge]\ndependencies: [python=3.11, numpy, mopac]\n"
# An image is a folder here. Both notes its call; `run` finds its programs, and `exec` those and the machine's own.
RUNS = """#!/bin/bash
echo "${0##*/} $*" >> "${0%/*}/calls"
while [ $# -gt 0 ]; do
    case $1 in
        *.sif | *.sqf) image=$1; shift; break ;;
        *) shift ;;
    esac
done
[ ! -e "$image/broken" ] || { echo 'FATAL: image format not recognized' >&2; exit 255; }
[ ! -e "$image/hangs" ] || sleep 600
PATH="$image/bin" exec "$@"
"""
PYTHON = "#!/bin/sh\ncase $2 in *six*) echo \"No module named 'six'\" >&2; exit 1 ;; esac\n"
# The tool, the program that runs what it makes, and the first words by which the rehearsal does.
TOOLS = {
    "apptainer": ("apptainer", "apptainer run /"),
    "cotainr": ("singularity", "singularity exec /"),
    "condatainer": ("condatainer", "condatainer exec -o /"),
    "tykky": ("", ""),
}
EACH = pytest.mark.parametrize("tool", TOOLS)


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Images(Site):
    """A site with one tool that makes images."""

    def __init__(self, top, tool):
        super().__init__(top)
        self.tool = tool
        self.runner, self.words = TOOLS[tool]
        if self.runner:
            executable(self.bin / self.runner, RUNS)
        self.write("job.sh", CONDA).write("environment.yml", ENVIRONMENT).write("train.py", "import numpy\n")
        assert self.run("--to", tool, "--write", "job.sh").returncode == 0
        (description,) = self.work.glob("tools-*.yml")
        ending = {"apptainer": "sif", "cotainr": "sif", "condatainer": "sqf", "tykky": "tykky"}[tool]
        self.image = self.work / f"{description.stem}.{ending}"
        self.described = f"{description.stem}.{'def' if tool == 'apptainer' else 'yml'}"

    def build(self, *programs):
        for name in programs:
            executable(self.image / "bin" / name, PYTHON)
        for name in ("sh", "true"):
            (self.image / "bin" / name).symlink_to(f"/bin/{name}")

    def rehearse(self, *words, **more):
        return self.run("--to", self.tool, "--rehearse", *words, "job.sh", **more)


@pytest.fixture
def site(tool, tmp_path):
    return Images(tmp_path, tool)


@EACH
def test_an_image_that_holds_all(tool, site):
    site.build("python", "mopac")
    done = site.rehearse()
    assert done.returncode == 0, done.stdout + done.stderr
    name = site.image.stem
    assert f"{name}: ok    image {site.image.name}\n{name}: ok    import 1 of 1\n" in done.stdout
    assert re.search(rf"^{name}: 1 of 1 imports, \d+ s: ready$", done.stdout, re.M)
    assert all(call.startswith(site.words) for call in site.calls)
    assert not list(site.tmp.iterdir())


@EACH
def test_the_build_comes_first(tool, site):
    done = site.rehearse()
    assert done.returncode == 1
    assert f"{site.image.name} is not there; {site.described} describes it; build the image" in done.stdout
    assert f"build the image as the head of {site.described} says" in done.stdout


@EACH
def test_a_program_that_the_image_lacks(tool, site):
    site.build("python")
    done = site.rehearse()
    assert done.returncode == 1
    assert f"a program of the job is missing: mopac; add mopac to {site.image.stem}.yml, and build" in done.stdout


@EACH
def test_a_package_that_the_image_lacks(tool, site):
    site.build("python", "mopac")
    site.write("train.py", "import numpy, six\n")
    done = site.rehearse()
    assert done.returncode == 1
    assert f"No module named 'six'; add six to {site.image.stem}.yml, and build the image again" in done.stdout


@pytest.mark.parametrize("tool", [name for name, (runner, _) in TOOLS.items() if runner])
def test_the_program_that_runs_images_is_missing(tool, site):
    site.build("python", "mopac")
    (site.bin / site.runner).unlink()
    done = site.rehearse()
    assert done.returncode == 1
    assert f"a program of the job is missing: {site.runner}; load the module that has it" in done.stdout


@pytest.mark.parametrize("tool", [name for name, (runner, _) in TOOLS.items() if runner])
def test_an_image_that_runs_nothing(tool, site):
    site.build("python", "mopac")
    (site.image / "broken").touch()
    done = site.rehearse()
    assert done.returncode == 1
    log = re.search(rf"the image cannot be used: {site.image.name} runs no program; see (\S+)", done.stdout)
    assert log, done.stdout
    with open(log[1]) as kept:
        assert "image format not recognized" in kept.read()


@pytest.mark.parametrize("tool", ["apptainer"])
def test_an_image_that_hangs(tool, site):
    site.build("python", "mopac")
    (site.image / "hangs").touch()
    done = site.rehearse(SLURMFIX_PATIENCE="2")
    assert done.returncode == 1
    assert f"{site.image.name}: no answer within 2 seconds" in done.stdout


@pytest.mark.parametrize("tool", ["apptainer"])
def test_an_image_that_the_whole_lab_has(tool, site):
    images = site.work.parent / "images"
    site.write("slurmfix.toml", f'images = "{images}"\n').write("job.sh", CONDA)
    assert site.run("--to", tool, "--write", "job.sh").returncode == 0
    done = site.rehearse()
    assert f"{site.image.name} is not there; {site.described} describes it" in done.stdout
    site.image = images / site.image.name
    site.build("python", "mopac")
    assert site.rehearse().returncode == 0


@pytest.mark.parametrize("tool", ["apptainer"])
def test_an_image_of_the_author_s_own(tool, site):
    job = "#!/bin/bash\n#SBATCH --time=1\nmodule load apptainer\napptainer exec --nv my.sif python train.py\n"
    site.write("job.sh", job)
    done = site.rehearse()
    assert done.returncode == 1
    assert "the image cannot be used: my.sif; build the image first; slurmfix --write job.sh writes how" in done.stdout
    site.image = site.work / "my.sif"
    site.build("python")
    assert site.rehearse().returncode == 0
    assert site.calls[-1].startswith("apptainer exec /")


@EACH
def test_the_test_job_of_an_image_is_a_script_that_runs(tool, site):
    site.build("python", "mopac")
    job = site.run("--to", tool, "--test-job", "job.sh")
    assert job.returncode == 0
    done = site.bash(job.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ok +import +1 of 1$", done.stdout, re.M)


@EACH
def test_nothing_of_the_author_s_runs_in_the_image(tool, site):
    site.build("python", "mopac")
    ran = site.work / "ran"
    for name in ("train.py", "numpy.py"):
        site.write(name, f"import numpy\nopen({str(ran)!r}, 'w')\n")
    executable(site.image / "bin" / "python", f'#!/bin/bash\nexec {os.path.realpath("/usr/bin/python3")} "$@"\n')
    site.rehearse(PYTHONPATH=f"{ROOT}:{site.work}")
    assert not ran.exists()


@EACH
def test_what_is_found_as_data(tool, site):
    told = json.loads(site.rehearse("-o", "json").stdout)
    (found,) = told["rehearsals"]
    assert (found["environment"], found["ready"]) == (site.image.stem, False)
    assert found["change"] == f"build the image as the head of {site.described} says"
