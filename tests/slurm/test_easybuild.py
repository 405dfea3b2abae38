"""Jobs for a cluster that EasyBuild built: rehearsed, made once, and run by a real Slurm with real modules."""

import json
import re

import pytest
from easybuild import EasyBuild
from login import JOB, Login, index, wheel
from test_jobs import SHOW, VERSIONS

pytestmark = pytest.mark.slurm

ALONE = "name: vision\ndependencies: [python=3.11, numpy, six]\n"
WITH_A_REST = "name: vision\ndependencies: [python=3.11, numpy, six, pip, {pip: [pebble-x]}]\n"
# The profile of a site, and the modules that its users see at first.
SITES = {"easybuild": "flat", "c3se": "flat", "hpc2n": "core", "snellius": "years"}
EVERYWHERE = pytest.mark.parametrize("profile", SITES)


@pytest.fixture(scope="session")
def easybuild(lab):
    return EasyBuild(lab)


@pytest.fixture
def site(easybuild, lab, profile, request):
    """A user of a site, with a small PyPI at hand."""
    top = lab.root / "scratch" / re.sub(r"\W", "_", request.node.name)
    packages = index(top / "pypi", wheel(top / "built", "pebble_x", "1.0"), *lab.software.glob("wheelhouse/pip-*.whl"))
    login = Login(lab, top / "work", easybuild.login(SITES[profile], packages))
    login.index = packages
    return login.write("slurmfix.toml", f'profile = "{profile}"\n').write("environment.yml", ALONE)


def written(site):
    """Rewrite the job; the commands by which slurmfix says that its environment is made before it."""
    told = site.slurmfix("--write", "-o", "json", "job.sh")
    assert told.returncode == 0, told.stderr
    (found,) = json.loads(told.stdout)["files"][0]["environments"]
    return found["commands"]


def with_its_arguments(site, *names):
    site.write("job.sh", JOB.replace("anaconda3", "Anaconda3").replace("train.py", f"train.py {' '.join(names)}"))
    site.write("train.py", SHOW + "".join(f"import {name}\n" for name in names))


def run(site, *names):
    """Submit the rewritten job; what its one task saw."""
    files = {path.name: path.read_text() for path in site.folder.iterdir() if path.is_file()}
    script = files.pop("job.sh")
    result = site.lab.start(script, files, name="easybuild", home=site.home, login=site.environ).result()
    assert result.states == ("COMPLETED",), result.output
    (probe,) = result.probes
    assert list(probe["packages"]) == list(names)
    return probe


@EVERYWHERE
def test_an_environment_of_modules_alone(site, easybuild, profile):
    with_its_arguments(site, "numpy", "six")
    before = site.rehearse()
    assert before.returncode == 0, before.stdout + before.stderr
    assert re.search(r"^vision: 2 of 2 imports, \d+ s: ready$", before.stdout, re.M)
    assert site.slurmfix("--write", "job.sh").returncode == 0
    after = site.rehearse()
    assert after.returncode == 0, after.stdout + after.stderr
    probe = run(site, "numpy", "six")
    for name, (version, location) in probe["packages"].items():
        assert version.split("+")[0] == VERSIONS[name]
        assert location.startswith(f"{easybuild.root}/software/")


@EVERYWHERE
def test_a_virtualenv_on_top_of_modules(site, easybuild, profile):
    site.write("environment.yml", WITH_A_REST)
    with_its_arguments(site, "numpy", "six", "pebble_x")
    before = site.rehearse()
    assert before.returncode == 0, before.stdout + before.stderr
    assert re.search(r"^vision: 1 packages, 3 of 3 imports, \d+ s: ready$", before.stdout, re.M)
    assert not list(site.home.iterdir())
    made = site.run("bash", "-ec", "\n".join(written(site)))
    assert made.returncode == 0, made.stdout + made.stderr
    after = site.rehearse()
    assert after.returncode == 0, after.stdout + after.stderr
    probe = run(site, "numpy", "six", "pebble_x")
    where = {name: location for name, (_, location) in probe["packages"].items()}
    assert where.pop("pebble_x").startswith(f"{site.home}/virtualenvs/vision/")
    assert all(location.startswith(f"{easybuild.root}/software/") for location in where.values())


@EVERYWHERE
def test_a_test_job_of_the_site(site, profile):
    site.write("environment.yml", WITH_A_REST)
    with_its_arguments(site, "numpy", "pebble_x")
    job = site.slurmfix("--test-job", "job.sh")
    assert job.returncode == 0, job.stderr
    result = site.lab.start(job.stdout, {}, name="test-job", home=site.home, login=site.environ).result()
    assert result.states == ("COMPLETED",), result.output
    assert len(re.findall(r"ok +import +2 of 2", result.output)) == 1


NEAR = {"easybuild": "SciPy-bundle/2023.11-gfbf-2023b", "hpc2n": "Python/3.11.3"}


@pytest.mark.parametrize(("profile", "near"), NEAR.items())
def test_a_module_that_this_cluster_does_not_have(site, easybuild, profile, near):
    with_its_arguments(site, "numpy", "six")
    site.slurmfix("--write", "job.sh")
    job = site.folder / "job.sh"
    job.write_text(job.read_text().replace(f" {near}", f" {near.replace('3.11', '3.10').replace('/2023', '/2022')}"))
    done = site.rehearse()
    assert done.returncode == 1, job.read_text() + done.stdout
    assert re.search(rf"a module cannot be loaded: .*; load one that is here: .*{re.escape(near)}", done.stdout)


@pytest.mark.parametrize("profile", ["easybuild"])
def test_a_module_in_another_version_than_was_asked_for(site, profile):
    """Lmod says nothing where a module that it loads needs another version, and the job starts."""
    with_its_arguments(site, "numpy", "six")
    site.slurmfix("--write", "job.sh")
    job = site.folder / "job.sh"
    job.write_text(job.read_text().replace("Python/3.11.5", "Python/3.10.5"))
    done = site.rehearse()
    assert done.returncode == 0, done.stdout
    assert re.search(
        r"note +module Python/3\.10\.5-\S+ is not here; another version is loaded in its place", done.stdout
    )


@pytest.mark.parametrize("profile", ["easybuild"])
def test_packages_that_neither_a_module_nor_the_index_has(site, profile):
    site.write("environment.yml", WITH_A_REST.replace("pebble-x", "nowhere-x"))
    with_its_arguments(site, "numpy")
    done = site.rehearse()
    assert done.returncode == 1
    assert "pip cannot install the requirements" in done.stdout
