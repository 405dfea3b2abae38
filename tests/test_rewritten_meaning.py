"""Rewritten scripts do the same work as the originals: generated ones, and every one that this repository holds."""

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from meaning import difference, same_meaning, trace
from scripts import NAMES, job_scripts, nested_runnable_job_scripts, runnable_job_scripts

from slurmfix.cli import main

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
ENVIRONMENT = "name: {}\ndependencies:\n  - python=3.11\n  - numpy=1.26\n"
PREPARED = {"wheels/README": "where packages that the cluster has no wheel of are prepared on a login node"}
STEP = "srun --overlap --mem=0 --export=ALL --nodes=2 --ntasks=2 --ntasks-per-node=1 bash"
BASE = re.compile("conda's base ran this line|conda's base may have had it|conda may have brought this program")
JOBS = sorted((HERE / "slurm" / "jobs").glob("*/before.sh"))


def rewritten(script, folder):
    """What `slurmfix --write` makes of a script beside which the environments of its author are described."""
    return told_of(script, folder)[0]


def told_of(script, folder):
    """What `slurmfix --write` makes of it, and what it says of that."""
    job = folder / "job.sh"
    job.write_bytes(script.encode())
    for name in NAMES:
        (folder / f"{name}.yml").write_text(ENVIRONMENT.format(name))
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", str(job)])
    assert done.exit_code in (0, 1), done.output
    return job.read_bytes().decode(), done.stderr


def bash_reads(path):
    return subprocess.run(["bash", "-n", path], capture_output=True).returncode == 0


def check_machinery(traced, script):
    """Modules come before the environment, which lies on the node; its requirements are found from any folder."""
    for call in traced.machinery:
        match call.words.split():
            case ["module", "load", *_]:
                assert not call.environment, f"{call}\n{script}"
            case ["virtualenv", *_, folder]:
                assert folder.startswith("/tmp/"), f"{call}\n{script}"
            case ["pip", "install", "--no-index", "-r", path]:
                assert path.startswith("/submit/requirements-"), f"{call}\n{script}"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=runnable_job_scripts())
def test_a_rewritten_script_does_the_same_work(script, tmp_path_factory):
    after, said = told_of(script, tmp_path_factory.mktemp("job"))
    traced = trace(after)
    told = difference(trace(script), traced, base_is_told=BASE.search(said) is not None)
    assert told is None, f"{told}\n--- before\n{script}\n--- after\n{after}"
    if after != script:  # else it is left to a person
        check_machinery(traced, after)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=nested_runnable_job_scripts())
def test_whatever_stands_in_whatever_does_the_same_work(script, tmp_path_factory):
    after, said = told_of(script, tmp_path_factory.mktemp("job"))
    assume("[manual]" not in said)  # then it works once a person has done that
    assume("conda may go back" not in said)
    assume("conda's base became active" not in said)
    told = difference(trace(script), trace(after), base_is_told=BASE.search(said) is not None)
    assert told is None, f"{told}\n--- before\n{script}\n--- after\n{after}"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=job_scripts())
def test_whatever_stands_in_a_script_bash_reads_it_after_rewriting_as_before(script, tmp_path_factory):
    job = tmp_path_factory.mktemp("job") / "job.sh"
    job.write_bytes(script.encode())
    before = bash_reads(job)
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", str(job)])
    assert isinstance(done.exception, (SystemExit, type(None))), done.exc_info
    assert bash_reads(job) >= before
    assert done.exit_code in (0, 1) or job.read_bytes() == script.encode()


@pytest.mark.parametrize("job", JOBS, ids=lambda path: path.parent.name)
def test_a_rewritten_job_of_the_cluster_tests_does_the_same_work(job, tmp_path):
    for path in job.parent.rglob("*.yml"):
        (tmp_path / path.name).write_text(path.read_text())
    before = job.read_text()
    after = rewritten(before, tmp_path)
    assert after != before
    assert same_meaning(before, after, files=PREPARED) is None


@pytest.mark.parametrize(
    "inner",
    [
        "bash <<EOF\nconda activate bio && echo on\nsamtools view a.bam\nEOF",
        "bash -c 'source activate bio && samtools view a.bam'",
        "srun bash -c 'source activate bio && samtools view a.bam'",
        "for i in 1 2; do\n    bash -c 'conda activate bio && samtools view a.bam'\n    conda activate r_env\ndone",
        "bash <<'EOF'\nconda deactivate\nconda activate bio\nsamtools view a.bam\nEOF",
    ],
)
def test_a_shell_that_the_job_starts_has_no_deactivate_of_an_environment_outside_of_it(inner, tmp_path):
    outer = "for name in myenv r_env; do\n    conda activate $name\n    python train.py\ndone"
    before = f"#!/bin/bash\n{outer}\n{inner}\npython after.py\n"
    after = rewritten(before, tmp_path)
    assert after != before
    assert "samtools/" in after
    assert same_meaning(before, after) is None, after


def test_a_job_ends_well_behind_a_condition_that_does_not_hold(tmp_path):
    condition = '[ -z "$SLURM_JOB_ID" ] && python by_hand.py'
    before = f"#!/bin/bash\nconda run -n myenv python a.py\n{condition}\nconda deactivate\n"
    after = rewritten(before, tmp_path)
    assert after != before
    assert same_meaning(before, after) is None, after


@pytest.mark.parametrize(
    "script",
    [
        "f() {\n    conda deactivate\n    python a.py\n    conda activate myenv\n}\nf\nf",
        "conda activate myenv\nf() {\n    conda deactivate\n    python a.py\n}\nf\nf",
        "conda activate myenv\nf() {\n    conda deactivate\n    python a.py\n}\nfor i in 1 2; do f; done",
        'twice() { "$@"; "$@"; }\nconda activate myenv\nf() {\n    conda deactivate\n    python a.py\n}\ntwice f',
        "conda activate myenv\nfor i in 1 2; do\n    bash -c 'conda activate r_env'\n    conda deactivate\ndone",
        "f() {\n    [ -z $SLURM_JOB_ID ] && python a.py\n    conda deactivate\n}\nf || exit 9\nconda activate myenv",
        "f() (\n    conda activate $1\n    python a.py\n)\nf myenv\nf r_env",
        "f() (\n    g() { conda activate $1; }\n    g myenv\n    python a.py\n)\nf r_env",
        "if true; then conda env list || python < in a.py; fi\nconda activate myenv",
        "conda activate myenv\npython a.py\nx=$(\n    conda deactivate 2>/dev/null || true\n)\npython b.py",
    ],
)
def test_what_is_left_or_goes_leaves_the_rest_as_it_is(script, tmp_path):
    before = f"#!/bin/bash\nset -e\n{script}\npython after.py\n"
    after = rewritten(before, tmp_path)
    assert after != before
    assert same_meaning(before, after) is None, after


HANDLED = (
    "conda activate myenv || exit 4",
    "conda activate myenv || { echo no environment; exit 4; }",
    "if ! conda activate myenv; then\n    exit 4\nfi",
    "conda activate myenv && python train.py",
    "source activate myenv && echo ready || exit 4",
    "if conda activate myenv; then\n    python train.py\nelse\n    python without.py\nfi",
    "! conda activate myenv && exit 4",
)
HANDLED_ELSEWHERE = (
    "setup() {\n    conda activate myenv || return 4\n}\nsetup || exit 4",
    "for try in 1 2; do\n    conda activate myenv && break\ndone || exit 4",
    "while ! conda activate myenv; do\n    exit 4\ndone",
    'if [ -n "${X:-}" ]; then\n    conda activate r_env\nfi\nif ! conda activate myenv; then exit 4; fi',
)
SETTINGS = pytest.mark.parametrize("settings", ["", "set -euo pipefail\n"], ids=["as it is", "strict"])


@SETTINGS
@pytest.mark.parametrize("fails", [False, True], ids=["succeeds", "fails"])
@pytest.mark.parametrize("handled", HANDLED)
def test_a_failure_that_the_author_handles_is_handled_the_same_way(handled, fails, settings, tmp_path):
    before = f"#!/bin/bash\n{settings}{handled}\npython after.py\n"
    after = rewritten(before, tmp_path)
    assert after != before
    assert same_meaning(before, after, environment_fails=fails) is None, after


@SETTINGS
@pytest.mark.parametrize("fails", [False, True], ids=["succeeds", "fails"])
@pytest.mark.parametrize("handled", HANDLED_ELSEWHERE)
def test_a_failure_that_is_handled_in_another_place_than_it_happens(handled, fails, settings, tmp_path):
    test_a_failure_that_the_author_handles_is_handled_the_same_way(handled, fails, settings, tmp_path)


@pytest.mark.parametrize("fails", [False, True], ids=["succeeds", "fails"])
def test_a_failure_on_one_of_several_nodes_is_handled_where_the_author_does(fails, tmp_path):
    """Where nothing but the environment is made in front of the loop: its modules have come with another one."""
    loop = "for fold in 1 2; do\n    if ! conda activate r_env; then exit 5; fi\ndone"
    before = f"#!/bin/bash\n#SBATCH --nodes=2\nconda run -n myenv python a.py\n{loop}\npython train.py\n"
    after = rewritten(before, tmp_path)
    assert after != before
    assert same_meaning(before, after) is None, after
    assert bash_reads(tmp_path / "job.sh")


@pytest.mark.parametrize("launcher", ["", "srun "])
@pytest.mark.parametrize("header", ["", "#SBATCH --nodes=2\n"])
def test_a_failure_that_nobody_handles_ends_the_job_before_the_work(header, launcher, tmp_path):
    after = rewritten(f"#!/bin/bash\n{header}conda activate myenv\n{launcher}python train.py\n", tmp_path)
    done = trace(after, environment_fails=True)
    assert done.calls == ()
    assert done.status != 0


@pytest.mark.parametrize(("header", "steps"), [("", 0), ("#SBATCH --nodes=2\n", 1), ("#SBATCH -N1 -n4\n", 0)])
def test_an_environment_is_built_on_every_node(header, steps, tmp_path):
    after = rewritten(f"#!/bin/bash\n{header}conda activate myenv\nsrun python train.py\n", tmp_path)
    done = trace(after)
    check_machinery(done, after)
    launched = [call for call in done.machinery if call.words.startswith("srun ")]
    assert [call.words for call in launched] == [STEP] * steps
