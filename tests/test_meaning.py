"""The meaning check itself: what it takes for the same work, and what it does not."""

import pytest
from hypothesis import HealthCheck, given, settings
from meaning import difference, same_meaning, trace
from scripts import runnable_job_scripts

BEFORE = """\
#!/bin/bash
#SBATCH --nodes=2
module load miniconda3 cuda/12.2
source ~/miniconda3/etc/profile.d/conda.sh
conda activate tf
cd run
echo started
srun python train.py --lr 0.1
python plot.py "a b"
conda deactivate
tar cf out.tar out
"""
AFTER = """\
#!/bin/bash
#SBATCH --nodes=2
module load cuda/12.2
module load StdEnv/2023 python/3.11
srun --overlap --mem=0 --export=ALL --ntasks="$SLURM_NNODES" --ntasks-per-node=1 bash <<'EOF' || exit 1
virtualenv --no-download "$SLURM_TMPDIR/tf" &&
source "$SLURM_TMPDIR/tf/bin/activate" &&
pip install --no-index --upgrade pip &&
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-tf.txt"
EOF
source "$SLURM_TMPDIR/tf/bin/activate" || exit 1
cd run
echo started
srun python train.py --lr 0.1
python plot.py "a b"
deactivate
tar cf out.tar out
"""


def test_the_documented_recipe_means_the_same_as_an_activation():
    assert same_meaning(BEFORE, AFTER) is None


def test_the_trace_tells_words_folder_environment_and_modules_of_every_command():
    calls = trace(BEFORE).calls
    assert [(call.words, call.folder, call.environment) for call in calls] == [
        ("srun python train.py --lr 0.1", "/submit/run", "tf"),
        ("python train.py --lr 0.1", "/submit/run", "tf"),
        ("python plot.py a\\ b", "/submit/run", "tf"),
        ("tar cf out.tar out", "/submit/run", ""),
    ]
    assert calls[0].modules == {"miniconda3", "cuda/12.2"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("--lr 0.1", "--lr 0.2", id="another argument"),
        pytest.param('"a b"', "a b", id="another quoting"),
        pytest.param("cd run\n", "", id="another folder"),
        pytest.param("srun python", "python", id="a step without srun"),
        pytest.param('python plot.py "a b"\n', "", id="a command less"),
        pytest.param("deactivate\n", "deactivate\ndu -sh\n", id="a command more"),
        pytest.param("deactivate\n", "", id="an environment that stays active"),
        pytest.param('source "$SLURM_TMPDIR/tf/bin/activate" || exit 1\n', "", id="an environment that is not active"),
        pytest.param("module load cuda/12.2\n", "", id="a module of the author's less"),
        pytest.param("tar cf", "exit 3; tar cf", id="another end"),
        pytest.param("tar cf out.tar out", "tar cf out.tar out; false", id="another status"),
        pytest.param("echo started\n", "", id="something not printed"),
        pytest.param("virtualenv --no-download", "false", id="an environment that was never made"),
    ],
)
def test_a_rewrite_that_does_other_work_is_told_apart(old, new):
    assert old in AFTER
    assert same_meaning(BEFORE, AFTER.replace(old, new)) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "source activate a\npython x.py\nconda activate b\npython y.py\n",
            "virtualenv $SLURM_TMPDIR/a\nsource $SLURM_TMPDIR/a/bin/activate\npython x.py\n"
            "virtualenv $SLURM_TMPDIR/b\nsource $SLURM_TMPDIR/b/bin/activate\npython y.py\n",
            id="two environments in turn",
        ),
        pytest.param(
            "conda run -n a python x.py > log\n",
            'virtualenv $SLURM_TMPDIR/a\n( . "$SLURM_TMPDIR/a/bin/activate" && python x.py ) > log\n',
            id="conda run",
        ),
        pytest.param(
            "/home/alice/miniconda3/envs/a/bin/python x.py\n$HOME/miniconda3/envs/a/bin/python y.py\n",
            "virtualenv $SLURM_TMPDIR/a\nsource $SLURM_TMPDIR/a/bin/activate\npython x.py\npython y.py\n",
            id="an interpreter by path becomes an activation",
        ),
        pytest.param(
            "/home/alice/miniconda3/envs/a/bin/python x.py\n",
            "virtualenv $SLURM_TMPDIR/a\n$SLURM_TMPDIR/a/bin/python x.py\n",
            id="an interpreter by path stays one",
        ),
        pytest.param(
            'sbatch -a 1 --wrap="source activate a; python x.py"\nsbatch <<EOF\nsource activate a\npython y.py\nEOF',
            'sbatch -a 1 --wrap="virtualenv \\$SLURM_TMPDIR/a; source \\$SLURM_TMPDIR/a/bin/activate; python x.py"\n'
            "sbatch <<EOF\nvirtualenv \\$SLURM_TMPDIR/a\nsource \\$SLURM_TMPDIR/a/bin/activate\npython y.py\nEOF\n",
            id="jobs that are submitted",
        ),
    ],
)
def test_forms_that_mean_the_same(before, after):
    assert trace(before).calls
    assert same_meaning(before, after) is None


def test_an_expansion_in_the_wrong_shell_is_told_apart():
    before = "sbatch <<EOF\nsource activate a\npython x.py\nEOF\n"
    after = "sbatch <<EOF\nvirtualenv $SLURM_TMPDIR/a\nsource \\$SLURM_TMPDIR/a/bin/activate\npython x.py\nEOF\n"
    assert same_meaning(before, after) is not None


def test_a_failure_that_the_author_handles_is_handled_after_rewriting():
    before = "conda activate a || { echo no environment; exit 4; }\npython x.py\n"
    block = "virtualenv $SLURM_TMPDIR/a && source $SLURM_TMPDIR/a/bin/activate"
    good = f"{{ {block}; }} || {{ echo no environment; exit 4; }}\npython x.py\n"
    assert same_meaning(before, good, environment_fails=True) is None
    assert same_meaning(before, f"{block}\npython x.py\n", environment_fails=True) is not None


def test_environments_that_change_places_are_told_apart():
    before = trace("conda activate a\npython x.py\nconda activate b\npython y.py\nconda activate a\npython z.py\n")
    after = trace("conda activate a\npython x.py\nconda activate b\npython y.py\npython z.py\n")
    assert difference(before, before) is None
    assert difference(before, after) is not None


def test_nothing_but_stubs_runs(tmp_path):
    """A script that names a real program by its path, or writes by an absolute path, reaches the sandbox only."""
    mark = tmp_path / "mark"
    calls = trace(f"/usr/bin/touch {mark}\nrm -rf {tmp_path}\necho x > {mark}\ncurl http://example.org\n").calls
    assert [call.words.split()[0] for call in calls] == ["/usr/bin/touch", "rm", "curl"]
    assert not mark.exists()
    assert tmp_path.exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runnable_job_scripts())
def test_generated_scripts_run_and_do_some_work(script):
    """A script that ends early, or that no bash accepts, would prove nothing: the last command must be reached."""
    done = trace(script + "\nlast_command --of-all\n")
    assert done.calls, script
    assert done.calls[-1].words == "last_command --of-all" or done.calls[-1].piped, script


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runnable_job_scripts())
def test_running_a_script_twice_gives_the_same_trace(script):
    assert same_meaning(script, script) is None
