"""The passes of the plan, each by itself, on scripts of a few lines: what is refused, goes, is built, runs in an image,
and is doubtful.
"""

import re
from dataclasses import replace

import pytest

from slurmfix.environment import Environment, Package
from slurmfix.knowledge import image_tool
from slurmfix.plan import Served, Site, gather, make_plan, needs
from slurmfix.plan.building import where_to_build
from slurmfix.plan.doubts import all_doubts
from slurmfix.plan.going import what_goes
from slurmfix.plan.inside import what_runs_inside, with_images
from slurmfix.plan.leaving import Leaves, leaving
from slurmfix.plan.nodes import obeyed_by_steps, several_nodes
from slurmfix.plan.refuse import refusals_by_answers
from slurmfix.plan.step import Image
from slurmfix.recipe import make_recipe
from slurmfix.rules import Leave, find
from slurmfix.shell import read

MODULES = {
    "hpc": ("StdEnv/2023", "gcc", "openmpi", "mpi4py/4.0.0"),
    "old": ("StdEnv/2023", "python/3.11", "mpi4py/3.1.4"),
}


SITE = Site()


def job_of(text, site=SITE):
    script = read(text)
    return gather(script, find(script), site)


def answers_to(job, image=False, strategy="virtualenv"):
    """Each environment holds numpy; of those named `hpc` and `old` modules are needed that do not go together."""
    answers = {}
    for need in needs(job):
        environment = Environment(need.named.name, (Package("python"), Package("numpy")))
        recipe = replace(make_recipe(environment), strategy=strategy)
        recipe = replace(recipe, modules=MODULES.get(need.named.name, recipe.modules))
        answer = Served(need.named, recipe, f"requirements-{need.named.name}.txt")
        if image:
            image = Image(need.named.name, "x.sif", image_tool("apptainer"))
            answer = replace(answer, image=image, provides=frozenset({"samtools", "python"}))
        answers[need.named.code] = answer
    return answers


# What is refused

REFUSED = {
    "a line that goes on to use conda": (
        'eval "$(conda shell.bash hook)"\nsnakemake --use-conda\nconda activate x\n',
        r"line 2 still needs conda",
    ),
    "heredoc of its own": ("conda activate x <<E\nE\n", "the start of a text"),
    "region that cannot be read": (")\nconda activate x\n", "not sure how bash reads these lines"),
    "reason of its rule": ("conda activate --stack x\n", "only one virtualenv"),
    "control character": ("conda activate $'a\\nb'\n", "line break|written as"),
    "another machine": ('ssh node "source activate x; python a.py"\n', "the other machine"),
    "trap": ("trap 'conda activate x' EXIT\n", "when the trap runs"),
    "name of a task": (
        "srun bash -c 'conda activate \"e$SLURM_PROCID\"; python a.py'\n",
        "only this srun step knows the name",
    ),
    "name of a process": (
        "cat > a.sh <<'E'\nconda activate \"$1\"; python a.py\nE\nls | xargs -P 4 bash a.sh\n",
        "only this srun step knows the name",
    ),
    "name of a call": (
        'f() { conda activate "$1"; python a.py; }\nf a &\nf b &\nwait\n',
        "only this function knows the name",
    ),
    "heterogeneous job": (
        "#!/bin/bash\n#SBATCH -n 1\n#SBATCH hetjob\n#SBATCH -n 2\nconda activate x\n",
        "runs on its own nodes",
    ),
    "module in the chain": ("conda activate x && module load gcc && python a.py\n", "after the activation can hide"),
    "pipeline": ("conda activate x | tee log\npython a.py\n", "changes nothing for the lines below"),
    "background": ("conda activate x &\npython a.py\n", "changes nothing for the lines below"),
    "end of a substitution": ("a=$(conda activate x)\npython a.py\n", "changes nothing for the lines below"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_with_its_reason(text, said):
    job = job_of(text)
    assert re.search(said, " ".join(job.refused.values()))
    assert needs(job) == ()
    assert make_plan(job, {}, Site()).edits == ()


DONE = {
    "heredoc behind it": "conda activate x\ncat <<E\nE\n",
    "substitution that goes on": "a=$(conda activate x; python a.py)\n",
    "name set before the step": 'e=$1\nsrun bash -c "conda activate $e; python a.py"\n',
    "calls one after the other": 'f() { conda activate "$1"; python a.py; }\nf a\nf b\n',
    "module before it": "module load gcc && conda activate x && python a.py\n",
    "remark about hetjob": "# no hetjob\nconda activate x\n",
}


@pytest.mark.parametrize("text", DONE.values(), ids=DONE)
def test_what_only_looks_like_it_is_not_refused(text):
    job = job_of(text)
    assert job.refused == {}
    assert len(needs(job)) == 1


def test_where_environments_are_made_on_a_login_node_a_heterogeneous_job_is_not_refused():
    text = REFUSED["heterogeneous job"][0]
    assert job_of(text, Site(in_job=False)).refused == {}


def test_an_environment_that_cannot_be_served_is_refused():
    job = job_of("conda activate x\n")
    answers = {code: replace(answer, refused="is broken") for code, answer in answers_to(job).items()}
    assert refusals_by_answers(job, answers) == {0: "is broken"}


def test_a_command_among_modules_of_another_environment_in_other_versions_is_refused():
    job = job_of("conda activate hpc\nconda run -n old python a.py\n")
    (why,) = refusals_by_answers(job, answers_to(job)).values()
    assert "with other versions" in why


def test_a_path_into_an_image_that_is_no_program_is_refused():
    job = job_of("PY=~/miniconda3/envs/x/bin/python\n$PY a.py\n")
    (why,) = refusals_by_answers(job, answers_to(job, image=True)).values()
    assert "where this path does not exist" in why


def test_a_script_that_only_makes_an_environment_is_left():
    job = job_of("conda create -y -n x numpy\n")
    plan = make_plan(job, {}, Site())
    assert plan.edits == ()
    assert "only makes the environment" in plan.steps[0].why


# What goes

GOING = {
    "hook": ('eval "$(conda shell.bash hook)"\nconda activate x\n', ['eval "$(conda shell.bash hook)"']),
    "module": ("module load anaconda3\nconda activate x\n", ["module load anaconda3"]),
    "one module of several": ("module load gcc anaconda3\nconda activate x\n", []),
    "swap that leaves a module": ("module swap gcc anaconda3\nconda activate x\n", []),
    "path of conda": ("export PATH=~/miniconda3/bin:$PATH\nconda activate x\n", ["export PATH=~/miniconda3/bin:$PATH"]),
    "settings": ("conda config --add channels x\nconda activate x\n", ["conda config --add channels x"]),
    "installation": ("conda install -y numpy\nconda activate x\n", ["conda install -y numpy"]),
    "deactivation of nothing": ("conda deactivate\nconda activate x\n", ["conda deactivate"]),
    "deactivation": ("conda activate x\nconda deactivate\n", []),
    "question": ("which conda\nconda activate x\n", ["which conda"]),
    "base on the way": ("conda activate\nconda activate x\n", ["conda activate"]),
    "base that is used": ("conda activate\npython a.py\nconda activate x\n", []),
}


@pytest.mark.parametrize(("text", "commands"), GOING.values(), ids=GOING)
def test_what_goes_is_what_only_serves_conda(text, commands):
    going = what_goes(job_of(text))
    script = read(text)
    assert [c.source for c in script.commands if c.span in going.commands and not c.layers and not c.within] == commands


EMPTIED = {
    "guard": ("if ! command -v conda; then\n  echo no conda\n  exit 1\nfi\nconda activate x\n", 1),
    "guard that does other work": ("if ! command -v conda; then\n  ./fetch\nfi\nconda activate x\n", 0),
    "only conda in it": ('if [ -n "$A" ]; then\n  module load anaconda3\nfi\nconda activate x\n', 1),
    "comment of the author's": (
        'if [ -n "$A" ]; then\n  # for Ana\n  module load anaconda3\nfi\nconda activate x\n',
        0,
    ),
}


@pytest.mark.parametrize(("text", "count"), EMPTIED.values(), ids=EMPTIED)
def test_statements_go_whole_where_nothing_else_is_left(text, count):
    assert len(what_goes(job_of(text)).statements) == count


RETRIES = {
    "the same in other words": ("conda activate x || source activate x\n", {1}),
    "another environment": ("conda activate x || source activate y\n", set()),
    "the same again": ("conda activate x\nsource activate x\n", set()),
    "handled": ("conda activate x || exit 1\n", set()),
}


@pytest.mark.parametrize(("text", "retries"), RETRIES.values(), ids=RETRIES)
def test_an_activation_that_only_retries_is_one(text, retries):
    assert what_goes(job_of(text)).retries == retries


# What a deactivation comes to

LEFT = {
    "nothing": ("conda deactivate\nconda activate x\n", Leaves.IDLE),
    "virtualenv": ("conda activate x\nconda deactivate\n", Leaves.VIRTUALENV),
    "one of two": ("conda activate x\nconda activate y\nconda deactivate\n", Leaves.BACK),
    "perhaps": ("if [ $A ]; then conda activate x; fi\nconda deactivate\n", Leaves.MAYBE),
    "trap": ("conda activate x\ntrap 'conda deactivate' EXIT\n", Leaves.MAYBE),
    "of the shell around": ("conda activate x\nbash -c 'conda deactivate; python a.py'\n", Leaves.OUTSIDE),
}


@pytest.mark.parametrize(("text", "leaves"), LEFT.values(), ids=LEFT)
def test_a_deactivation_is_told_by_what_is_active(text, leaves):
    job = job_of(text)
    at = next(at for at, finding in enumerate(job.findings) if isinstance(finding.act, Leave))
    assert leaving(job, answers_to(job), at).leaves is leaves


def test_a_deactivation_of_modules_or_of_an_image_is_none_of_a_virtualenv():
    job = job_of("conda activate x\nconda deactivate\n")
    assert leaving(job, answers_to(job, strategy="modules"), 1).leaves is Leaves.MODULES
    assert leaving(job, answers_to(job, image=True), 1).leaves is Leaves.IMAGE


# Where it is built: of each use what stands ahead (with its line), what stands in its place, and behind which line

BUILT = {
    "in its place": ("conda activate x\n", ["full"]),
    "twice": ("conda activate x\nconda activate x\n", ["full", ""]),
    "two environments": ("conda activate x\nconda activate y\n", ["full", "full"]),
    "loop": ("for i in 1 2; do\n  conda activate x\ndone\n", ["aside 1, activate"]),
    "loop, then again": (
        "for i in 1 2; do\n  conda activate x\ndone\nconda activate x\n",
        ["aside 1, activate", "activate"],
    ),
    "function": ("f() {\n  conda activate x\n}\necho\nf\n", ["aside 5, activate"]),
    "function that nothing calls": ("f() {\n  conda activate x\n}\n", ["aside 1, activate"]),
    "step": ("echo\nsrun bash -c 'conda activate x; python a.py'\n", ["aside 2, activate"]),
    "inner shell": ("echo\nbash -c 'conda activate x; python a.py'\n", ["aside 2, activate"]),
    "subshell": ("(conda activate x; python a.py)\n", ["aside 1, activate"]),
    "arms": ("if [ $A ]; then\n  conda activate x\nelse\n  conda activate x\nfi\n", ["full", "full"]),
    "name of the loop": ('for e in a b; do\n  conda activate "$e"\ndone\n', ["full guard"]),
    "command that runs in it": ("conda run -n x python a.py\n", ["aside 1"]),
    "command where it is active": ("conda activate x\nconda run -n x python a.py\n", ["full", ""]),
    "two commands": ("conda run -n x python a.py\nconda run -n x python b.py\n", ["aside 1", ""]),
    "program by its path": ("~/miniconda3/envs/x/bin/python a.py\n", ["aside 1"]),
    "job that is submitted": ("sbatch <<'E'\n#!/bin/bash\nconda activate x\nE\nconda activate x\n", ["full", "full"]),
    "file that is started": (
        "cat > a.sh <<'E'\nconda activate x\nE\nsrun ./a.sh\n",
        ["aside 1, activate"],
    ),
    "file of several processes": (
        "cat > a.sh <<'E'\nconda activate x\nE\nls | xargs bash a.sh\n",
        ["aside 1, activate"],
    ),
    "file in the background": ("cat > a.sh <<'E'\nconda activate x\nE\nbash a.sh &\n", ["aside 1, activate"]),
    "file for another machine": ("cat > a.sh <<'E'\nconda activate x\nE\nssh n bash a.sh\n", ["full"]),
    "file submitted in a text": ("cat > a.sh <<'E'\nconda activate x\nE\nbash -c 'sbatch a.sh'\n", ["full"]),
    "file that is submitted": ("cat > a.sh <<'E'\nconda activate x\nE\nsbatch a.sh\n", ["full"]),
    "modules below": ("conda activate x\nmodule load gcc\npython a.py\n", ["full behind 2"]),
    "modules behind what goes": (
        "conda activate x\nconda config --add channels y\nmodule load gcc\npython a.py\n",
        ["full behind 3"],
    ),
    "modules behind its use": ("conda activate x\npython a.py\nmodule load gcc\n", ["full"]),
    "retry": ("conda activate x || source activate x\n", ["full", ""]),
    "in one run of two": ("[ $A ] && conda activate x\nconda activate x\n", ["full", "full guard"]),
}


def told(job, building):
    if building is None:
        return ""
    parts = []
    if building.ahead is not None:
        parts.append(f"aside {job.line(building.ahead.statement.start)}")
    if building.here is not None:
        guard = " guard" if building.here.shape.guard else ""
        behind = f" behind {job.line(building.behind.span.start)}" if building.behind is not None else ""
        parts.append(f"{building.here.shape.parts}{guard}{behind}")
    return ", ".join(parts)


@pytest.mark.parametrize(("text", "expected"), BUILT.values(), ids=BUILT)
def test_an_environment_is_built_once_where_its_uses_share_it(text, expected):
    job = job_of(text)
    buildings = where_to_build(job, answers_to(job), what_goes(job))
    assert [told(job, buildings.get(at)) for at in job.names] == expected


def test_the_first_block_loads_the_modules_of_all_environments_that_go_together():
    job = job_of("conda activate a\nconda activate b\n")
    answers = answers_to(job)
    answers["b"] = replace(
        answers["b"], recipe=replace(answers["b"].recipe, modules=(*answers["b"].recipe.modules, "arrow"))
    )
    first, second = (where_to_build(job, answers, what_goes(job))[at].here for at in (0, 1))
    assert "arrow" in first.modules
    assert second.modules == ()


def test_modules_that_do_not_go_together_are_loaded_again_once_the_environment_is_left():
    job = job_of("conda activate hpc\nconda activate old\n")
    second = where_to_build(job, answers_to(job), what_goes(job))[1].here
    assert second.modules == MODULES["old"]
    assert second.shape.leave == "sure"


# On how many nodes

NODES = {
    "nothing said": ("", "srun a", False),
    "one": ("#SBATCH --nodes=1\n#SBATCH -n 4\n", "srun a", False),
    "one at most": ("#SBATCH -N 1-1\n", "srun a", False),
    "two": ("#SBATCH -N 2\n", "", True),
    "up to four": ("#SBATCH --nodes=1-4\n", "", True),
    "named": ("#SBATCH -w n[1-2]\n", "", True),
    "one named": ("#SBATCH -w n1\n", "srun a", False),
    "named in a file": ("#SBATCH -F hosts\n", "", True),
    "PBS": ("#PBS -l nodes=2:ppn=8\n", "", True),
    "PBS with one": ("#PBS -l nodes=1:ppn=8\n", "srun a", False),
    "PBS that is not read": ("#SBATCH --ignore-pbs\n#PBS -l nodes=2\n", "", False),
    "tasks": ("#SBATCH -n 96\n", "srun a", True),
    "tasks that nothing starts": ("#SBATCH -n 96\n", "./a", False),
    "one task": ("#SBATCH -n 1\n", "srun a", False),
    "tasks on one node": ("#SBATCH --ntasks-per-node=4\n", "srun a", False),
    "GPUs": ("#SBATCH --gpus=8\n", "srun a", True),
    "GPUs by name": ("#SBATCH -G a100:1,v100:1\n", "srun a", True),
    "one GPU": ("#SBATCH --gpus=a100:1\n", "srun a", False),
    "one task with GPUs": ("#SBATCH --gpus=2\n#SBATCH -n 1\n", "srun a", False),
    "behind time": ("#SBATCH -n 8\n", "time mpirun a", True),
    "behind programs": ("#SBATCH -n 8\n", "/usr/bin/time -v stdbuf -oL srun a", True),
    "by path": ("#SBATCH -n 8\n", "/opt/mpi/bin/mpiexec.hydra a", True),
    "suffix": ("#SBATCH -n 8\n", "mpiexec.openmpi a", True),
    "value": ("#SBATCH -n 8\n", 'L="mpirun -np 8"\n$L a', True),
    "looked up": ("#SBATCH -n 8\n", "$(which mpirun) a", True),
    "text": ("#SBATCH -n 8\n", 'bash -c "srun a"', True),
    "file": ("#SBATCH -n 8\n", "cat > a.sh <<'E'\nsrun a\nE\nbash a.sh", True),
    "only told": ("#SBATCH -n 8\n", "echo no srun here", False),
    "comment": ("#SBATCH -n 8\n", "./a # instead of srun", False),
    "another word": ("#SBATCH -n 8\n", "./srun-less my-mpirun.py", False),
    "another job": ("#SBATCH -n 8\n", 'sbatch --wrap "srun a"', False),
    "step of several": ("", "srun -N 2 a", True),
    "step of several behind time": ("", "time srun --nodes=2 a", True),
    "option of the program": ("", "srun a -N 2", False),
}


@pytest.mark.parametrize(("header", "line", "several"), NODES.values(), ids=NODES)
def test_the_number_of_nodes_is_told_by_the_header_and_by_what_starts_tasks(header, line, several):
    job = job_of(f"#!/bin/bash\n{header}conda activate x\n{line}\n")
    assert several_nodes(job.script, job.findings[0].command) is several


OBEYED = {
    "nothing": ("", "", ()),
    "tasks for each GPU": ("#SBATCH --ntasks-per-gpu=1\n", "", ("SLURM_NTASKS_PER_GPU",)),
    "layout": ("#SBATCH -m arbitrary\n", "", ("SLURM_DISTRIBUTION",)),
    "host file": ("", "export SLURM_HOSTFILE=h\n", ("SLURM_HOSTFILE",)),
    "what srun does not read": ("", "export SLURM_X=h\n", ()),
}


@pytest.mark.parametrize(("header", "line", "names"), OBEYED.values(), ids=OBEYED)
def test_the_build_does_without_what_the_job_tells_its_steps(header, line, names):
    job = job_of(f"#!/bin/bash\n{header}{line}conda activate x\n")
    assert obeyed_by_steps(job.script, job.findings[0].command) == names


# What runs inside of an image

INSIDE = {
    "program": ("samtools view a", ["samtools"]),
    "program outside": ("bwa mem", []),
    "behind a launcher": ("srun -n 2 samtools view a", ["samtools"]),
    "behind time": ("time samtools view a", ["samtools"]),
    "everyday tool": ("sed s/a/b/ x", []),
    "script by its path": ("./a.py", ["./a.py"]),
    "shell text": ("bash -c 'samtools view a'", ["bash"]),
    "shell text of others": ("bash -c 'ls'", []),
    "question": ("command -v samtools", ["samtools"]),
    "after it is left": ("conda deactivate\nsamtools view a", []),
    "another shell's function": ("xargs samtools view", ["samtools"]),
}


@pytest.mark.parametrize(("line", "programs"), INSIDE.values(), ids=INSIDE)
def test_a_command_runs_inside_where_the_image_has_its_program(line, programs):
    job = job_of(f"conda activate x\n{line}\n")
    inside = what_runs_inside(job, answers_to(job, image=True), what_goes(job))
    assert [call.program for call in inside.calls] == programs


def test_many_calls_become_functions_and_few_are_edited_where_they_stand():
    few, many = (job_of("conda activate x\n" + "samtools view a\n" * count) for count in (2, 9))
    assert what_runs_inside(few, answers_to(few, image=True), what_goes(few)).images["x"].functions == ()
    assert what_runs_inside(many, answers_to(many, image=True), what_goes(many)).images["x"].functions == ("samtools",)


def test_without_an_image_nothing_runs_inside():
    job = job_of("conda activate x\nsamtools view a\n")
    assert what_runs_inside(job, answers_to(job), what_goes(job)).calls == ()


# What is doubtful

DOUBTED = {
    "starts itself": ('conda activate x\nsrun bash "$0"\n', "the script starts itself again"),
    "early pip": ("pip install six\nconda activate x\n", "no environment is active on this line yet"),
    "early Python": ("module load anaconda3\npython a.py\nconda activate x\n", "conda's base"),
    "end of the path": ("export PATH=$PATH:~/miniconda3/envs/x/bin\n", "came last on PATH"),
    "folder sets": ("export SLURM_TMPDIR=/scratch/x\nconda activate x\n", "in the folder that this line sets"),
    "folder removed": ("conda activate x\nrm -rf $SLURM_TMPDIR/x\npython a.py\n", "deletes the virtualenv"),
    "folder copied": ("conda activate x\npython a.py\ncp -r $SLURM_TMPDIR out\n", "would copy the virtualenv"),
    "old folder": ("conda activate x\ncp ~/envs/x/a .\n", "nothing of the job is in this folder"),
    "same folder": ("conda activate x\nmkdir $SLURM_TMPDIR/x\n", "in a folder of the same name"),
    "overwritten": ('E=x\n. ./settings\nconda activate "$E"\n', "may change"),
    "one arm": (
        "if [ ! -d e ]; then\n  conda create -y -n x\n  pip install six\nfi\nconda activate x\n",
        "only where it makes the environment",
    ),
    "folders": ("conda activate ~/envs/x\nconda deactivate\nconda activate $S/envs/x\n", "one environment for all"),
    "another folder": ("cd run\nsbatch <<'E'\n#!/bin/bash\nconda activate x\nE\n", "runs in another folder"),
    "stacked": (
        "conda activate x\nif [ $A ]; then conda activate y; fi\nconda activate z\nconda deactivate\n"
        "conda deactivate\npython a.py\n",
        "may go back to an earlier environment",
    ),
    "module behind": ("conda activate x\npython a.py\nmodule load scipy-stack\npython b.py\n", "of `x` can hide"),
    "base in a list of its own": (
        "module load anaconda3 && python a.py\nsource activate x\npython b.py\n",
        "conda's base ran this line",
    ),
    "base behind": (
        "module load anaconda3\nconda activate x\nconda deactivate\npython a.py\n",
        "conda's base ran this line",
    ),
}


def doubts_of(text, **how):
    job = job_of(text)
    answers, going = answers_to(job, **how), what_goes(job)
    inside = what_runs_inside(job, answers, going)
    return [said for _, said in all_doubts(job, with_images(answers, inside), inside, Site())]


@pytest.mark.parametrize(("text", "said"), DOUBTED.values(), ids=DOUBTED)
def test_what_is_doubtful_is_said(text, said):
    assert any(said in doubt for doubt in doubts_of(text)), doubts_of(text)


UNDOUBTED = {
    "plain": "conda activate x\npython a.py\n",
    "pip behind": "conda activate x\npip install six\npython a.py\n",
    "submits nothing": "conda activate x\nsqueue\n",
    "left at the end": "conda activate x\npython a.py\nconda deactivate\n",
    "module behind its last use": "conda activate x\npython a.py\nmodule load r\n",
    "module below it": "conda activate x\nmodule load gcc\npython a.py\n",
    "module question": "conda activate x\npython a.py\nmodule list\npython b.py\n",
    "removes other work": "conda activate x\nrm -rf out\npython a.py\n",
}


@pytest.mark.parametrize("text", UNDOUBTED.values(), ids=UNDOUBTED)
def test_nothing_is_said_where_nothing_is_doubtful(text):
    assert doubts_of(text) == []


IMAGES = {
    "unused": ("conda activate x\nbwa\n", "slurmfix knows no command of the job that needs the image"),
    "script": ("conda activate x\nbash a.sh\n", "the whole script runs in the image"),
    "pip": ("conda activate x\npython -m pip install six\n", "cannot be changed"),
    "MPI": ("conda activate x\nmpirun python a.py\n", "the MPI in the image"),
}


@pytest.mark.parametrize(("text", "said"), IMAGES.values(), ids=IMAGES)
def test_what_is_doubtful_of_an_image_is_said(text, said):
    assert any(said in doubt for doubt in doubts_of(text, image=True)), doubts_of(text, image=True)


def test_a_python_path_that_hides_what_a_module_carries_is_doubtful():
    assert any("PYTHONPATH" in doubt for doubt in doubts_of("conda activate hpc\nunset PYTHONPATH; python a.py\n"))
