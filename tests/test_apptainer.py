"""Jobs whose environment goes to an Apptainer image, run with a stand-in for `apptainer` that records its arguments.

The stand-in is no container: it notes how it was called, changes to the folder of `--pwd`, and runs the command among
the programs that "the image" has. The same programs are on the PATH of the original job once it has activated its
environment, so what both jobs do can be compared: words, folders, variables, standard input, output and exit status.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from meaning import same_meaning
from scripts import NAMES, runnable_job_scripts

from slurmfix import batch
from slurmfix.cli import main
from slurmfix.environment import Environment, Package, read_environment
from slurmfix.recipe import Wishes, image_recipe, make_recipe, provided

TOOLS = "name: tools\nchannels: [bioconda, conda-forge]\ndependencies: [mopac, samtools, bwa, python=3.11]\n"
STUBS = {
    "apptainer": """\
for word; do printf '%s\\t' "$word"; done >> "$ROOT/apptainer"; echo >> "$ROOT/apptainer"
folder=$PWD
while [ "${1%.sif}" = "$1" ]; do
    if [ "$1" = --pwd ]; then folder=$2; fi
    shift
done
shift
cd "$folder" && PATH="$ROOT/image:/usr/bin:/bin" exec "$@"
""",
    "srun": 'while [ "${1#-}" != "$1" ]; do shift; done\nSLURM_PROCID=3 exec "$@"\n',
    "mpirun": 'while [ "${1#-}" != "$1" ] || [ "$1" -eq "$1" ] 2>/dev/null; do shift; done\nexec "$@"\n',
    "virtualenv": ":\n",
}
PROGRAM = """\
input=
if [ ! -t 0 ]; then input=$(cat); fi
echo "${0##*/} $* [${PWD#"$ROOT"}] [${OMP_NUM_THREADS:-}] [${SLURM_PROCID:-}] [$input]" >> "$ROOT/calls"
echo "out of ${0##*/} $*"
echo "err of ${0##*/}" >&2
case "$*" in *fails*) exit 7 ;; esac
"""
SHELL = """\
conda() { case $1 in activate) PATH="$ROOT/image:$PATH" ;; deactivate) PATH=${PATH#"$ROOT/image:"} ;;
    run) shift 3; PATH="$ROOT/image:$PATH" "$@" ;; esac; }
module() { echo "module $*" >> "$ROOT/modules"; }
export -f conda module
"""


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}")
    path.chmod(0o755)


def write_job(folder: Path, script: str, **files: str) -> Path:
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in (
        {"tools.yml": TOOLS} | {name.replace("_yml", ".yml"): text for name, text in files.items()}
    ).items():
        (folder / name).write_text(text)
    job = folder / "job.sh"
    job.write_text(f"#!/bin/bash\n{script}")
    return job


def rewritten(job: Path, *options: str, script: str = "") -> str:
    if script:
        job.write_bytes(script.encode())
        options = ("--to", "apptainer", *options)
    batch.prepared.cache_clear()
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", *options, str(job)])
    assert done.exit_code in (0, 1), done.output
    return job.read_bytes().decode()


def run(script: str, root: Path, images: bool = True) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """What a job does, and the calls of the programs that its environment has."""
    submit = root / "submit"
    for folder in ("submit/data", "home", "tmp"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, text in STUBS.items():
        executable(root / "bin" / name, text)
    for name in ("samtools", "bwa", "mopac", "python", "Rscript"):
        executable(root / "image" / name, PROGRAM)
    for image in set(re.findall(r"[\w-]+\.sif", script)) if images else ():
        (submit / image).touch()
    (root / "calls").write_text("")
    (root / "shell").write_text(SHELL)
    variables = {
        "PATH": f"{root}/bin:/usr/bin:/bin", "HOME": f"{root}/home", "ROOT": str(root), "BASH_ENV": f"{root}/shell",
        "SLURM_TMPDIR": f"{root}/tmp", "SLURM_SUBMIT_DIR": str(submit), "SLURM_JOB_ID": "12", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", script], cwd=submit, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        timeout=60,
    )  # fmt: skip
    return done, (root / "calls").read_text().splitlines()


ENTER = "conda activate tools\n"
JOBS = {
    "plain": f"{ENTER}mopac -i 'a b' \"$SLURM_JOB_ID\"\n",
    "pipeline": f"{ENTER}bwa mem a.fq | samtools sort -o x - > sorted 2> log\ncat sorted log\n",
    "folder": f"{ENTER}cd data\nmopac x\ncd ..\n(cd data && samtools y)\n",
    "variables": f"export OMP_NUM_THREADS=4\n{ENTER}samtools a\nOMP_NUM_THREADS=2 samtools b\n",
    "tasks": f"{ENTER}srun --ntasks 2 samtools a\nmpirun -np 2 python b.py\n",
    "heredoc": f"{ENTER}python - <<EOF\nprint($SLURM_JOB_ID)\nEOF\nsrun python <<'EOF'\n$x\nEOF\n",
    "exit code": f"{ENTER}samtools fails\necho $?\nif ! bwa fails; then echo handled; fi\nsamtools fails || exit 3\n",
    "strict": f"set -euo pipefail\n{ENTER}samtools a | cat\nx=$(samtools b)\necho \"$x\"\nsamtools fails\necho never\n",
    "runners": f"{ENTER}echo c | xargs samtools index\ntime samtools a\nenv A=1 samtools b\nnice samtools d\n",
    "shell": f"{ENTER}srun bash -c 'samtools $SLURM_PROCID; bwa x'\nbash <<EOF\nsamtools inner\nEOF\n",
    "many": f"{ENTER}samtools a\nsamtools b\nbwa c | samtools d\nfor i in 1 2; do samtools $i; done\n"
            "command -v samtools >/dev/null && echo there\nsrun samtools e\nconda deactivate\necho end\n",
    "loop": f"for i in 1 2; do\n    {ENTER}    samtools $i\n    conda deactivate\ndone\n",
    "function": f"go() {{\n    samtools \"$@\"\n}}\n{ENTER}go a b\n",
    "handled": f"{ENTER.strip()} || exit 4\nsamtools a\n",
    "condition": f"if {ENTER.strip()}; then\n    samtools a\nfi\n",
    "run": "conda run -n tools samtools a | cat\nfor i in 1 2; do conda run -n tools bwa $i; done\n",
    "variable": f"{ENTER}TOOL=samtools\n$TOOL view\nCMD=\"bwa mem\"\n$CMD x\n",
    "inner": "srun bash -c 'conda activate tools; samtools x; bwa \"y z\"'\n",
}  # fmt: skip


@pytest.mark.parametrize("name", JOBS)
def test_the_job_does_the_same_in_its_image(name: str, tmp_path: Path) -> None:
    before = f"#!/bin/bash\n{JOBS[name]}"
    after = rewritten(write_job(tmp_path / "repository", JOBS[name]))
    assert "apptainer run" in after and "conda" not in after
    old, old_calls = run(before, tmp_path / "sandbox")
    new, new_calls = run(after, tmp_path / "sandbox")
    assert (new_calls, new.stdout, new.returncode) == (old_calls, old.stdout, old.returncode), after
    assert old_calls, "the original job calls nothing"
    assert not new.stderr.replace(old.stderr, "").strip() or name in ("runners", "pipeline", "exit code"), new.stderr


@pytest.mark.parametrize("script", [ENTER + "samtools a\n", JOBS["many"], JOBS["loop"], JOBS["run"], JOBS["handled"]])
def test_without_its_image_the_job_ends_at_once(script: str, tmp_path: Path) -> None:
    after = rewritten(write_job(tmp_path / "repository", script))
    done, calls = run(after, tmp_path / "sandbox", images=False)
    assert calls == [] and done.returncode in (1, 4)
    assert re.search(
        r"there is no image \S+/tools-[0-9a-f]{8}\.sif: build it as tools-[0-9a-f]{8}\.def says", done.stderr
    )


def recorded(script: str, tmp_path: Path, *options: str) -> list[list[str]]:
    after = rewritten(write_job(tmp_path / "repository", script), *options)
    run(after, tmp_path / "sandbox")
    return [line.rstrip("\t").split("\t") for line in (tmp_path / "sandbox" / "apptainer").read_text().splitlines()]


def test_what_apptainer_is_told(tmp_path: Path) -> None:
    (words,) = recorded(f"{ENTER}cd data\nsamtools view a.bam\n", tmp_path)
    root = tmp_path / "sandbox"
    image = words.index("--pwd") + 2
    assert words[:image] == [
        "run", "-c", "-W", f"{root}/tmp", "-B", "/project", "-B", "/scratch", "-B", f"{root}/tmp,{root}/submit/data",
        "--pwd", f"{root}/submit/data",
    ]  # fmt: skip
    assert words[image + 1 :] == ["samtools", "view", "a.bam"]


def test_the_home_is_seen_where_the_job_names_it(tmp_path: Path) -> None:
    (words,) = recorded(f"{ENTER}samtools view ~/a.bam\n", tmp_path)
    assert f"{tmp_path}/sandbox/tmp,{tmp_path}/sandbox/home,{tmp_path}/sandbox/submit" in words


GPU = ("--gres=gpu:2", "--gpus=1", "-G 1", "--gpus-per-node=a100:4", "--gpus-per-task=1", "--gres gpu")


@pytest.mark.parametrize("option", GPU)
def test_a_gpu_is_seen_where_the_job_asks_for_one(option: str, tmp_path: Path) -> None:
    assert "--nv" in rewritten(write_job(tmp_path, f"#SBATCH {option}\n{ENTER}samtools a\n"))


@pytest.mark.parametrize("option", ["--gres=license:1", "--mem=4G", "#SBATCH"])
def test_no_gpu_is_seen_elsewhere(option: str, tmp_path: Path) -> None:
    assert "--nv" not in rewritten(write_job(tmp_path, f"#SBATCH {option}\n{ENTER}samtools a\n"))


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    job = write_job(tmp_path, JOBS["many"])
    first = rewritten(job)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert rewritten(job) == first
    assert sorted(path.name for path in tmp_path.iterdir()) == files


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=runnable_job_scripts())
def test_any_job_does_the_same_work_in_an_image(script: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("job")
    text = "name: {}\ndependencies: [python=3.11, numpy, samtools, r-base]\n"
    after = rewritten(write_job(folder, "", **{f"{name}_yml": text.format(name) for name in NAMES}), script=script)
    difference = same_meaning(script, after)
    assert difference is None, f"{difference}\n--- before\n{script}\n--- after\n{after}"


def test_dos_line_ends_stay_readable(tmp_path: Path) -> None:
    job = write_job(tmp_path, "")
    job.write_bytes(f"#!/bin/bash\n{JOBS['many']}".replace("\n", "\r\n").encode())
    batch.prepared.cache_clear()
    assert CliRunner().invoke(main, ["--write", "--accept-unknown", str(job)]).exit_code in (0, 1)
    assert b"apptainer run" in job.read_bytes()


def test_modules_that_reach_into_the_image_are_named(tmp_path: Path) -> None:
    job = write_job(tmp_path, f"module load java/17\n{ENTER}samtools a\n")
    batch.prepared.cache_clear()
    assert "the modules java/17" in CliRunner().invoke(main, [str(job)]).stderr


# --- the image ----------------------------------------------------------------------------------------------------
def test_the_files_of_the_image(tmp_path: Path) -> None:
    rewritten(write_job(tmp_path, ENTER + "samtools a\n"))
    (definition,) = tmp_path.glob("tools-*.def")
    (environment,) = (path for path in tmp_path.glob("tools-*.yml"))
    assert environment.stem == definition.stem
    text = definition.read_text()
    head, body = text.split("Bootstrap:")
    assert f'APPTAINER_BIND=\' \' apptainer build "{definition.stem}.sif" "{definition.name}"' in head
    assert "APPTAINER_CACHEDIR" in head and "APPTAINER_TMPDIR" in head and all(x[0] == "#" for x in head.splitlines())
    assert "mambaorg/micromamba" in body and f"{environment.name} /environment.yml" in body and "clean --all" in body
    document = yaml.safe_load(environment.read_text())
    assert document["name"] == "base"
    assert document["channels"] == ["bioconda", "conda-forge"]
    assert document["dependencies"] == ["mopac", "samtools", "bwa", "python=3.11"]


def image(text: str, name: str = "e"):
    environment = read_environment(text, "environment.yml")
    return image_recipe(make_recipe(environment, Wishes(to="apptainer")), name, ())


def test_builds_go_and_all_else_stays() -> None:
    made = image(
        "name: e\nchannels: [defaults, x/label/dev, bioconda]\ndependencies:\n"
        "- python=3.10.4=h12debd9_0\n- bioconda::star>=2.7,<3\n"
        "- pip:\n  - --extra-index-url https://x.org/w\n  - a[b]==1 ; python_version > '3'\n  - git+https://x.org/y\n"
    )
    document = yaml.safe_load(made.text)
    assert document["channels"] == ["x/label/dev", "bioconda", "conda-forge"]
    *conda, pip = document["dependencies"]
    assert conda == ["python==3.10.4", "bioconda::star>=2.7,<3", "pip"]
    assert pip["pip"][0] == "--extra-index-url https://x.org/w"
    assert {"a[b]==1 ; python_version > '3'"} <= set(pip["pip"])
    assert any("git+https://x.org/y" in line for line in pip["pip"])


@pytest.mark.parametrize(
    "listed, wanted, doubts",
    [
        ("'numpy>=1.20', 'numpy<2'", ["numpy>=1.20", "numpy<2"], 0),
        ("numpy, 'numpy<2', numpy", ["numpy<2"], 0),
        ("'numpy<2', numpy=2.1", ["numpy=2.1"], 1),
    ],
)
def test_all_that_is_asked_of_one_package_goes_into_the_image(listed: str, wanted: list[str], doubts: int) -> None:
    made = image(f"name: e\ndependencies: [python=3.11, {listed}]\n")
    assert yaml.safe_load(made.text)["dependencies"] == ["python=3.11", *wanted]
    assert len(made.doubts) == doubts


def test_an_address_keeps_its_own_name() -> None:
    made = image(
        "name: e\ndependencies:\n- pip:\n  - git+https://x.org/a/torch-fork.git ; python_version > '3'\n"
        "  - b[c] @ https://x.org/d.zip\n"
    )
    pip = yaml.safe_load(made.text)["dependencies"][-1]["pip"]
    assert pip == ["git+https://x.org/a/torch-fork.git ; python_version > '3'", "b[c] @ https://x.org/d.zip"]


def test_the_same_content_is_the_same_image() -> None:
    one = image("name: e\nchannels: [bioconda]\ndependencies: [samtools=1.18=h1_0]\n")
    same = image("name: other\nchannels: [bioconda, defaults]\ndependencies:\n  - samtools=1.18=h9_9\n")
    other = image("name: e\nchannels: [bioconda]\ndependencies: [samtools=1.20]\n")
    assert one == same and one.name != other.name


def test_nothing_in_an_environment_file_can_leave_its_place(tmp_path: Path) -> None:
    hostile = Environment(
        "e", (Package("a\n%post\n  rm -rf ~"), Package('x"; touch y', manager="pip"), Package("null"))
    )
    made = image_recipe(make_recipe(hostile, Wishes(to="apptainer")), "e", ())
    names = yaml.safe_load(made.text)["dependencies"]
    assert all(isinstance(name, str | dict) for name in names)
    assert "a %post   rm -rf ~" in names and "null" in names


def test_an_image_that_is_described_already_is_not_described_again(tmp_path: Path) -> None:
    job = write_job(tmp_path, ENTER + "samtools a\n")
    original = job.read_text()
    rewritten(job)
    (definition,) = tmp_path.glob("*.def")
    definition.write_text("mine\n")
    job.write_text(original)
    rewritten(job)
    assert definition.read_text() == "mine\n" and len(list(tmp_path.glob("*.def"))) == 1


def test_the_same_content_under_another_name_is_no_second_image(tmp_path: Path) -> None:
    rewritten(write_job(tmp_path, ENTER + "samtools a\n"))
    again = rewritten(
        write_job(tmp_path, "conda activate b\nsamtools a\n", b_yml=TOOLS.replace("name: tools", "name: b"))
    )
    assert re.search(r"/tools-\w+\.sif", again) and len(list(tmp_path.glob("*.def"))) == 1


@pytest.mark.parametrize(
    "setting, path",
    [
        ("/project/def-lab/images", "/project/def-lab/images/"),
        ("~/images", "$HOME/images/"),
        ("sif", "$SLURM_SUBMIT_DIR/sif/"),
    ],
)
def test_where_images_are_kept_can_be_set(setting: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "slurmfix.toml").write_text(f'images = "{setting}"\n')
    after = rewritten(write_job(tmp_path, ENTER + "samtools a\n"))
    assert re.search(rf'--pwd "\$PWD" "{re.escape(path)}tools-\w+\.sif" samtools a', after)


@pytest.mark.parametrize("setting", ["a b", "$(x)", "../up", "`x`", "a;b"])
def test_no_other_folder_is_taken(setting: str, tmp_path: Path) -> None:
    (tmp_path / "slurmfix.toml").write_text(f'images = "{setting}"\n')
    job = write_job(tmp_path, ENTER + "samtools a\n")
    batch.prepared.cache_clear()
    assert CliRunner().invoke(main, [str(job)]).exit_code == 2


# --- the decision -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "packages, strategy, reason",
    [
        ("samtools, bwa", "modules", "modules provide all"),
        ("python=3.11, numpy, samtools", "virtualenv", "wheels and modules provide"),
        ("python=3.11, pytorch, pytorch-cuda=12.1, cudnn", "virtualenv", "wheels provide"),
        ("r-base=4.4, r-tidyverse", "modules", "library of your own provide tidyverse"),
        ("python=3.11, numpy, mopac", "apptainer", "asks for mopac"),
        ("perl, perl-json", "apptainer", "asks for perl-json"),
        ("python=3.11, pytorch, rapidsai::cudf", "apptainer", "asks for cudf"),
    ],
)
def test_where_an_environment_goes(packages: str, strategy: str, reason: str) -> None:
    recipe = make_recipe(read_environment(f"name: e\ndependencies: [{packages}]\n", "e.yml"))
    assert recipe.strategy == strategy and reason in recipe.reason


def test_a_full_listing_does_not_ask_for_all_it_has() -> None:
    listing = (
        "".join(f"- lib{n}==1.0=h1_0\n" for n in range(8))
        + "- python==3.11.1=h1_0\n- numpy==1.26.4=py311_0\n- oddity==1=h_0\n"
    )
    assert make_recipe(read_environment(f"name: e\ndependencies:\n{listing}", "e.yml")).strategy == "virtualenv"


def test_both_ways_in_one_job(tmp_path: Path) -> None:
    train = "name: train\ndependencies: [python=3.11, pytorch]\n"
    script = (
        "conda activate tools\nsamtools a\nconda deactivate\nconda activate train\npython train.py\nconda deactivate\n"
    )
    after = rewritten(write_job(tmp_path, script, train_yml=train))
    assert 'sif" samtools a\n' in after and "\npython train.py\ndeactivate\n" in after
    assert after.count("deactivate") == 1


def test_r_finds_its_library(tmp_path: Path) -> None:
    text = "name: stats\ndependencies: [r-base=4.4, r-tidyverse]\n"
    after = rewritten(write_job(tmp_path, "conda activate stats\nRscript x.R\n", stats_yml=text))
    assert re.search(
        r'module load \S+.* r/4\.4\.0 \|\| exit 1\nexport R_LIBS="\$HOME/\.local/R/\$EBVERSIONR"\nRscript', after
    )


def test_a_name_that_only_the_job_knows_becomes_a_virtualenv(tmp_path: Path) -> None:
    after = rewritten(write_job(tmp_path, 'conda activate "$1"\npython x.py\n'), "--to", "apptainer")
    assert "virtualenv" in after and "apptainer" not in after


def test_programs_come_from_the_records_of_a_prefix() -> None:
    from slurmfix.environment import read_prefix

    record = json.dumps({"name": "odd", "version": "1", "files": ["bin/odd-run", "bin/sub/x", "lib/y", "bin/odd2"]})
    environment = read_prefix("", {"odd.json": record}, (), "e")
    assert {"odd-run", "odd2"} <= provided(environment) and "y" not in provided(environment)


def test_tables_tell_the_programs_of_packages() -> None:
    programs = provided(
        read_environment("name: e\ndependencies: [star, blast, r-base, pytorch, python=3.11]\n", "e.yml")
    )
    assert {"STAR", "blastn", "Rscript", "torchrun", "python", "python3", "python3.11", "pip"} <= programs
    assert "bash" not in programs


def test_an_environment_file_becomes_an_image(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    file = tmp_path / "environment.yml"
    file.write_text(TOOLS)
    batch.prepared.cache_clear()
    done = CliRunner().invoke(main, ["--write", "--accept-unknown", "--to", "apptainer", str(file)])
    assert done.exit_code in (0, 1), done.output
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.name.startswith("tools-")) == [".def", ".yml"]
    assert "apptainer build" in done.output


def test_json_says_the_strategy_and_what_to_run_once(tmp_path: Path) -> None:
    job = write_job(tmp_path, ENTER + "samtools a\n")
    batch.prepared.cache_clear()
    done = CliRunner().invoke(main, ["-o", "json", str(job)])
    (environment,) = json.loads(done.stdout)["files"][0]["environments"]
    assert environment["strategy"] == "apptainer" and environment["modules"] == ["apptainer"]
    assert any("apptainer build" in command for command in environment["commands"])
    assert environment["reason"].endswith(".") and environment["requirements"] == []


@pytest.mark.parametrize("layer", ["sbatch <<EOF\n{}EOF\n", "sbatch <<'EOF'\n{}EOF\n"])
def test_a_job_within_a_job(layer: str, tmp_path: Path) -> None:
    inner = "#!/bin/bash\n#SBATCH --gres=gpu:1\nconda activate tools\nsamtools x\n"
    after = rewritten(write_job(tmp_path, layer.format(inner)))
    assert "--nv" in after
    assert ("\\$SLURM_TMPDIR" in after) == ("'EOF'" not in layer)
