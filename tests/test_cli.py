"""The command line: options, exit codes, what goes to which stream, bad input, and broken promises."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from click.testing import CliRunner
from test_files import closed

from slurmfix import batch, files
from slurmfix.cli import main
from slurmfix.rules import RULES

NOTHING, CHANGES, ERROR, BROKEN = 0, 1, 2, 3
JOB = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3
conda activate myenv
python train.py
"""
AFTER = """\
#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py
"""
ENVIRONMENT = "name: myenv\ndependencies:\n  - python=3.11\n  - numpy=1.26\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with one job script and its environment, and nothing else."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "job.sh").write_text(JOB)
    (tmp_path / "environment.yml").write_text(ENVIRONMENT)
    for name in ("HOME", "XDG_CONFIG_HOME", "SLURMFIX_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", f"{tmp_path}-state")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words, **options):
    batch.prepared.cache_clear()  # each command starts without a memory
    files.forget()
    done = CliRunner().invoke(main, [str(word) for word in words], **options)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


# Exit codes and streams


def test_the_diff_is_all_that_stands_on_standard_output(folder):
    before = contents(folder)
    done = run("job.sh")
    assert done.exit_code == CHANGES
    assert done.stdout.startswith("--- a/job.sh\n+++ b/job.sh\n@@ ")
    assert "+++ b/requirements-myenv.txt\n" in done.stdout
    assert contents(folder) == before


def test_each_hunk_names_its_rules_and_how_sure_it_is(folder):
    heads = [line for line in run("job.sh").stdout.split("\n") if line.startswith("@@ ") and "-0,0" not in line]
    assert heads == ["@@ -1,5 +1,8 @@ conda-module, activate [safe]"]
    (folder / "environment.yml").unlink()
    heads = [line for line in run("job.sh").stdout.split("\n") if line.startswith("@@ ") and "-0,0" not in line]
    assert heads == ["@@ -1,5 +1,8 @@ conda-module, activate [review]"]


def test_nothing_to_do_is_silent_and_zero(folder):
    (folder / "plain.sh").write_text("#!/bin/bash\n#SBATCH --time=1\nsource venv/bin/activate\n")
    done = run("plain.sh")
    assert (done.exit_code, done.stdout, done.stderr) == (NOTHING, "", "")


def test_write_prints_the_diff_that_it_applied(folder):
    shown = run("job.sh").stdout
    done = run("--write", "--accept-unknown", "job.sh")
    assert (done.exit_code, done.stdout) == (NOTHING, shown)
    assert (folder / "job.sh").read_text() == AFTER
    assert (folder / "requirements-myenv.txt").read_text().endswith("\nnumpy==1.26.*\n")
    again = run("--write", "--accept-unknown", "job.sh")
    assert (again.exit_code, again.stdout) == (NOTHING, "")


def test_what_is_left_keeps_the_exit_code_at_one(folder):
    (folder / "job.sh").write_text(JOB + "snakemake --use-conda\n")
    done = run("--write", "--accept-unknown", "job.sh")
    assert done.exit_code == CHANGES
    assert "job.sh:6: [manual] `snakemake --use-conda`: " in done.stderr
    assert run("job.sh").exit_code == CHANGES


@pytest.mark.skipif(not which("patch"), reason="needs patch")
@pytest.mark.parametrize("text", [JOB, JOB.replace("\n", "\r\n"), JOB.rstrip("\n"), "\ufeff" + JOB])
def test_patch_takes_back_what_write_wrote(folder, text):
    (folder / "job.sh").write_bytes(text.encode())
    before = contents(folder)
    done = run("--write", "--accept-unknown", "job.sh")
    assert contents(folder) != before
    command = ["patch", "-p1", "-R", "--binary", "--no-backup-if-mismatch"]
    subprocess.run(command, input=done.stdout_bytes, cwd=folder, check=True, capture_output=True)
    assert contents(folder) == before


def test_check_is_one_line_a_finding(folder):
    done = run("--check", "job.sh")
    assert done.exit_code == CHANGES
    assert done.stdout.splitlines() == [
        "job.sh:3:1: conda-module [safe] loads miniconda3",
        "job.sh:4:1: activate [safe] activates the conda environment myenv",
    ]


def test_safe_leaves_what_wants_a_look(folder):
    assert run("--safe", "--write", "--accept-unknown", "job.sh").exit_code == NOTHING
    assert (folder / "job.sh").read_text() == AFTER
    (folder / "other.sh").write_text(JOB.replace("myenv", "unknown"))
    done = run("--safe", "--write", "--accept-unknown", "other.sh")
    assert (done.exit_code, done.stdout) == (CHANGES, "")
    assert (folder / "other.sh").read_text() == JOB.replace("myenv", "unknown")


def test_standard_input_gives_a_diff_and_nothing_is_written(folder):
    (folder / "job.sh").unlink()
    before = contents(folder)
    done = run("--write", "--accept-unknown", "-", input=JOB.encode())
    assert done.exit_code == CHANGES
    assert done.stdout.startswith("--- a/-\n+++ b/-\n@@ -1,5 +1,8 @@")
    hunk = done.stdout.partition("\n@@ ")[2].partition("\n--- ")[0].split("\n")[1:]
    assert "".join(line[1:] + "\n" for line in hunk if line[:1] in ("+", " ")) == AFTER
    assert contents(folder) == before


def test_standard_input_keeps_bytes_that_are_no_utf_8(folder):
    data = JOB.encode() + b"echo '\xe9t\xe9'\n"
    done = run("-", input=data)
    assert b" echo '\xe9t\xe9'\n" in done.stdout_bytes


def test_python_dash_m_is_the_same_command(folder):
    done = subprocess.run([sys.executable, "-m", "slurmfix", "job.sh"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (CHANGES, run("job.sh").stdout)


def test_a_closed_pipe_is_no_traceback(folder):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as closed:
        command = [sys.executable, "-m", "slurmfix", "job.sh"]
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True)
    assert done.returncode != NOTHING
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_standard_output_is_an_error(folder):
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "slurmfix", "job.sh"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == ERROR
    assert "standard output: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_order_of_files_is_the_order_of_the_output(folder):
    for name in ("b.sh", "a.sh"):
        (folder / name).write_text(JOB)
    heads = [line for line in run("b.sh", "a.sh").stdout.split("\n") if line.startswith("--- a/")]
    assert heads == ["--- a/b.sh", "--- a/a.sh"]


def test_many_files_with_several_processes_give_the_same(folder):
    (folder / "jobs").mkdir()
    for number in range(60):
        (folder / "jobs" / f"{number:02}.sh").write_text(JOB.replace("train.py", f"train.py {number}"))
    one, four = run("-j", 1, "jobs"), run("-j", 4, "jobs")
    assert (one.exit_code, one.stdout, one.stderr) == (four.exit_code, four.stdout, four.stderr)
    assert one.stdout.count("\n--- a/jobs/") == 59


# Rules


def test_rules_are_listed_and_explained(folder):
    listed = run("--rules")
    assert listed.exit_code == NOTHING
    for rule in RULES:
        assert rule.name in listed.stdout
        page = run("--explain", rule.name)
        assert page.exit_code == NOTHING
        assert "Why it matters" in page.stdout


# Wrong use


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Usage: "),
        (("--safe",), "Missing argument 'PATH...'"),
        (("--nonsense", "job.sh"), "No such option"),
        (("--env", "myenv", "job.sh"), "is not NAME=FILE"),
        (("--env", "myenv=absent.yml", "job.sh"), "absent.yml: no such file"),
        (("--python", "three", "job.sh"), "3.11"),
        (("--profile", "atlantis", "job.sh"), "atlantis"),
        (("--requirements", "fixed.txt", "job.sh"), "{name}"),
        (("--requirements", "../{name}.txt", "job.sh"), "{name}"),
        (("--pins", "maybe", "job.sh"), "maybe"),
        (("-j", "0", "job.sh"), "0"),
        (("-o", "morse", "job.sh"), "morse"),
        (("--explain", "nothing-such"), "nothing-such"),
    ],
)
def test_wrong_use_is_said_and_is_two(folder, words, said):
    done = run(*words)
    assert done.exit_code == ERROR
    assert done.stdout == ""
    assert said in done.stderr


# Bad input: named with its reason, and all other files are done


def fifo(path):
    os.mkfifo(path)


def symlink_loop(path):
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda path: path.write_text("Dear diary,\nconda activate x\n"),
            "is no job script",
            id="not a script, no_ending",
        ),
        pytest.param(lambda path: path.write_bytes(b""), "is empty", id="empty"),
        pytest.param(lambda path: path.write_bytes(b"\x7fELF\2\1\1\0\0conda activate"), "binary", id="binary"),
        pytest.param(lambda path: path.write_bytes(JOB.encode() + b"\0"), "NUL", id="NUL"),
        pytest.param(lambda path: path.write_bytes(JOB.encode("utf-16")), "UTF-16", id="UTF-16"),
        pytest.param(lambda path: None, "no such file", id="missing"),
        pytest.param(fifo, "FIFO", id="a FIFO"),
        pytest.param(symlink_loop, "symbolic links", id="a loop of links"),
        pytest.param(lambda path: path.mkdir(), "no job script", id="a folder without job scripts"),
        pytest.param(
            lambda path: path.write_text("\n".join(["conda activate x"] * 3)),
            "is no job script",
            id="no shebang, no_ending",
        ),
    ],
)
@pytest.mark.parametrize("mode", [(), ("--check",), ("-o", "json"), ("--write",), ("-o", "text")], ids=" ".join)
def test_bad_input_is_named_and_the_other_files_are_done(folder, make, said, mode, request):
    name = "bad" if "no_ending" in request.node.callspec.id else "bad.sh"
    make(folder / name)
    alone = run(name, *mode)
    assert alone.exit_code == ERROR
    told = [line for line in alone.stderr.splitlines() if name in line]
    assert len(told) == 1
    assert said.lower() in told[0].lower()
    both = run(name, "job.sh", *mode)
    assert both.exit_code == ERROR
    assert told[0] in both.stderr
    assert "job.sh" in both.stdout
    if mode == ("--write",):
        assert (folder / "job.sh").read_text() == AFTER


def test_an_unreadable_file_costs_itself(folder):
    (folder / "clean.sh").write_text("#!/bin/bash\n#SBATCH --time=1\nhostname\n")
    (folder / "bad.sh").write_text(JOB)
    words = ("-o", "json", "bad.sh", "clean.sh", "gone.sh")
    run(*words)  # who has no rights may not be allowed to load more of Python
    with closed(folder / "bad.sh"):
        done = run(*words)
    assert done.exit_code == ERROR
    told = {row["path"]: row["error"] for row in json.loads(done.stdout)["files"]}
    assert told == {"bad.sh": "permission denied", "clean.sh": None, "gone.sh": "no such file"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: myenv\ndependencies:\n  - numpy\n   - scipy: [\n", "line 4"),
        ("name: myenv\ndependencies: {numpy: 1\n", "line"),
        ("name: [myenv\n", "line"),
        ("- just\n- a\n- list\n", ""),
    ],
)
def test_a_broken_environment_file_is_named_with_line_and_column(folder, text, said):
    (folder / "environment.yml").write_text(text)
    done = run("environment.yml")
    assert done.exit_code == ERROR
    assert done.stdout == ""
    assert "environment.yml: " in done.stderr
    assert said in done.stderr
    if said:
        assert "column" in done.stderr


def test_a_broken_environment_file_beside_a_script_leaves_the_script(folder):
    (folder / "environment.yml").write_text("name: myenv\ndependencies:\n  - numpy\n - scipy\n")
    done = run("--write", "--accept-unknown", "job.sh")
    assert done.exit_code in (CHANGES, ERROR)
    assert "environment.yml:4:" in done.stderr
    assert (folder / "job.sh").read_text() == JOB


def test_an_environment_is_given_by_hand(folder):
    (folder / "other.yml").write_text("dependencies:\n  - python=3.10\n  - scipy\n")
    done = run("--env", "myenv=other.yml", "job.sh")
    assert "+scipy\n" in done.stdout
    assert "python/3.10" in done.stdout
    assert "numpy" not in done.stdout


# Templates and promises


def site(folder, **templates):
    (folder / "site").mkdir()
    (folder / "slurmfix.toml").write_text('templates = "site"\n')
    for name, text in templates.items():
        (folder / "site" / f"{name}.sh.j2").write_text(text)


def test_a_site_writes_its_own_commands(folder):
    site(folder, modules="module --quiet load {{ modules | join(' ') }}\n")
    assert "+module --quiet load StdEnv/2023 python/3.11 || exit 1\n" in run("job.sh").stdout


def test_the_templates_of_a_site_may_lie_below_home(folder):
    site(folder, modules="module --quiet load {{ modules | join(' ') }}\n")
    (folder / "home").mkdir()
    (folder / "site").rename(folder / "home/site")
    (folder / "slurmfix.toml").write_text('templates = "~/site"\n')
    assert "+module --quiet load" in run("job.sh").stdout


@pytest.mark.parametrize("where", ["missing", "~/missing", "/etc/missing", "job.sh"])
def test_a_folder_of_templates_that_is_not_there_is_an_error(folder, where):
    (folder / "slurmfix.toml").write_text(f'templates = "{where}"\n')
    done = run("job.sh")
    assert done.exit_code == ERROR
    assert done.stdout == ""
    assert f"slurmfix.toml:1: templates must be a folder that is there, not '{where}'" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("true\n{{ nonsense }}\n", "job.sh: site/modules.sh.j2:2: 'nonsense' is undefined"),
        ("{% if %}\n", "site/modules.sh.j2:1"),
        ("{% include 'other.j2' %}\n", "site/modules.sh.j2:1: other.j2"),
        ("module load {{ modules | join(1, 2, 3, 4) }}\n", "modules.sh.j2"),
        ("{% for x in modules %}\n", "modules.sh.j2"),
    ],
)
def test_a_template_that_fails_is_named(folder, text, said):
    site(folder, modules=text)
    before = contents(folder)
    done = run("--write", "--accept-unknown", "job.sh")
    assert done.exit_code == ERROR
    assert said in done.stderr
    assert done.stdout == ""
    assert contents(folder) == before


@pytest.mark.parametrize(
    "template",
    [
        pytest.param({"modules": "if true; then\n"}, id="what bash does not read"),
        pytest.param({"modules": 'echo "open\n'}, id="a quote that swallows the next command"),
        pytest.param({"activate": "conda activate again\n", "build": "conda activate again\n"}, id="conda comes back"),
        pytest.param({"modules": "module load miniconda3\n"}, id="conda's module comes back"),
        pytest.param({"build": "cat <<EOF\n"}, id="a heredoc that swallows the rest"),
    ],
)
def test_a_promise_that_breaks_writes_nothing_and_is_three(folder, template):
    site(folder, **template)
    before = contents(folder)
    done = run("--write", "--accept-unknown", "job.sh")
    assert done.exit_code == BROKEN
    assert done.stdout == ""
    assert "job.sh: nothing was written, since slurmfix broke a promise" in done.stderr
    assert contents(folder) == before


def test_a_broken_promise_is_not_hidden_by_another_file(folder):
    site(folder, modules="if true; then\n")
    (folder / "plain.sh").write_text("#!/bin/bash\n")
    assert run("plain.sh", "missing.sh", "job.sh").exit_code == BROKEN
    report = json.loads(run("-o", "json", "plain.sh", "job.sh").stdout)
    assert [entry["status"] for entry in report["files"]] == ["clean", "error"]
    assert "promise" in report["files"][1]["error"]


# Comments that turn it off


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("conda activate myenv  # slurmfix: ignore", True),
        ("conda activate myenv #slurmfix:ignore", True),
        ("conda activate myenv  # slurmfix: ignored", False),
        ("conda activate myenv; echo '# slurmfix: ignore'", False),
        ("# slurmfix: ignore\nconda activate myenv", False),
        ("conda activate \\\n    myenv  # slurmfix: ignore", True),
    ],
)
def test_a_comment_leaves_its_line_alone(folder, line, left):
    (folder / "job.sh").write_text(f"#!/bin/bash\n#SBATCH --time=1\n{line}\npython train.py\n")
    done = run("job.sh")
    assert ("SLURM_TMPDIR" not in done.stdout) == left
    assert done.exit_code == (NOTHING if left else CHANGES)


@pytest.mark.parametrize(
    ("head", "left"),
    [
        ("# slurmfix: ignore-file\n#SBATCH --time=1\n", True),
        ("#SBATCH --time=1\n# slurmfix: ignore-file: it is old\n", True),
        ("#SBATCH --time=1\necho '# slurmfix: ignore-file'\n", False),
        ("#SBATCH --time=1\ncat <<EOF\n# slurmfix: ignore-file\nEOF\n", False),
        ("#SBATCH --time=1\npython a.py\n\n# slurmfix: ignore-file\n", False),
    ],
)
def test_a_comment_in_the_head_leaves_the_file_alone(folder, head, left):
    (folder / "job.sh").write_text(f"#!/bin/bash\n{head}conda activate myenv\n")
    assert run("job.sh").exit_code == (NOTHING if left else CHANGES)


def test_pip_asks_its_index_where_the_cluster_has_no_wheels(folder):
    own = "pip install 'numpy<2' git+https://example.org/tool.git\npip install tqdm\n"
    (folder / "job.sh").write_text(f"{JOB}{own}pip install --user six\n")
    done = run("--write", "--accept-unknown", "--profile", "generic", "job.sh")
    assert done.exit_code == NOTHING and "[manual]" not in done.stderr
    assert f"{own}pip install six\n" in (folder / "job.sh").read_text()
