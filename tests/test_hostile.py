"""Names, scripts and environment files that mean harm: nothing of theirs runs or gets out of the folders given.

All through the command line. What would have happened shows in a file that a payload makes.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

import forked
import pytest
from terminals import in_terminal

from slurmfix.cli import FORMATS

pytestmark = pytest.mark.slow

FIRED = "FIRED"  # the file that a payload makes in the working folder
PAYLOADS = (
    f"$(touch {FIRED})",
    f"`touch {FIRED}`",
    f"a;touch {FIRED}",
    f"a\ntouch {FIRED}\n",
    f"a'; touch {FIRED}; '",
    f'a"; touch {FIRED}; "',
    f"a' && touch {FIRED} && '",
    f"a|touch {FIRED}",
    f'a\\"; touch {FIRED}',
    f"${{x:-$(touch {FIRED})}}",
    "../../../etc/cron.d/x",
    "..",
    "-rf",
    "a b",
    "\x1b]0;title\x07\x1b[31m",
    "a\r\nb",
)
NAMES = (
    "a b.sh",
    "-rf.sh",
    "--write",
    f"$(touch {FIRED}).sh",
    f"`touch {FIRED}`.sh",
    f"a;touch {FIRED};.sh",
    "a'b.sh",
    'a"b.sh',
    "a\nb.sh",
    "a\n+++ b⁄etc⁄passwd\n.sh",
    "::set-output name=x::y.sh",
    "a\n::error::x.sh",
    "a\x1b[31mred\x1b]0;t\x07.sh",
    "<script>alert(1)</script>.sh".replace("/", "⁄"),
    "a\tb.sh",
    "é\u202egnp.sh",
    "a\\b.sh",
    "%0A::error::x.sh",
)
SCRIPT = "#!/bin/bash\n#SBATCH --time=1\nsource activate myenv\npython train.py\n"


def surroundings(cwd, environ):
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "HOME": str(cwd),
        "XDG_STATE_HOME": f"{cwd.parent}-state",
        **environ,
    }


def slurmfix(*arguments, cwd, **environ):
    """The command line in a process of its own, with `python` as far as a payload could be started."""
    return forked.slurmfix(*arguments, cwd=cwd, environ=surroundings(cwd, environ))


def started(*arguments, cwd, **environ):
    """The same in a Python of its own, which finds programs and reads its own start by what `environ` says."""
    command = [sys.executable, "-m", "slurmfix", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, env=surroundings(cwd, environ), timeout=60)


def quoted_in_single(text):
    return "'" + text.replace("'", "'\\''") + "'"


def everything(folder):
    """All files below a folder, and what they hold."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def inner(tmp_path):
    """A folder to work in, inside of one that must not change."""
    folder = tmp_path / "outer" / "work"
    folder.mkdir(parents=True)
    (tmp_path / "outer" / "kept").write_text("kept\n")
    return folder


def check_outside(inner):
    assert [path.name for path in sorted(inner.parent.iterdir())] == ["kept", "work"]
    assert not list(inner.parent.parent.rglob(FIRED))


# File names


@pytest.mark.parametrize("name", NAMES)
def test_a_diff_with_any_file_name_applies_and_changes_that_file_alone(name, inner):
    (inner / name).write_text(SCRIPT)
    done = slurmfix("--", name, cwd=inner) if name != "--write" else slurmfix("--", f"./{name}", cwd=inner)
    assert done.returncode == 1, done.stderr
    assert b"Traceback" not in done.stderr
    applied = subprocess.run(["git", "apply"], input=done.stdout, cwd=inner, capture_output=True)
    assert applied.returncode == 0, applied.stderr
    assert b"virtualenv" in (inner / name).read_bytes()
    assert sorted(path.name for path in inner.iterdir()) == sorted([name, "requirements-myenv.txt"])
    check_outside(inner)


@pytest.mark.parametrize("output_format", ["text", "json", "sarif", "github"])
def test_no_character_that_a_terminal_obeys_is_printed(output_format, inner):
    """Control characters of eight bits, and those that turn the direction of a text or take no room."""
    for name in ("a\x9b31mb.sh", "a\x7fb.sh", "a\u202eb.sh", "a\u200bb.sh"):
        (inner / name).write_text(SCRIPT)
    done = slurmfix("-o", output_format, ".", cwd=inner)
    assert done.returncode == 1, done.stderr
    for stream in (done.stdout, done.stderr):
        assert not re.search("[\x7f-\x9f\u200b-\u200f\u202a-\u202e]", stream.decode())


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_file_name_reaches_through_a_report(output_format, inner):
    for name in NAMES:
        (inner / name).write_text(SCRIPT)
    done = slurmfix("-o", output_format, ".", cwd=inner)
    assert done.returncode == 1, done.stderr
    assert b"\x1b" not in done.stderr
    assert b"\x1b" not in done.stdout
    lines = done.stdout.decode().split("\n")
    if output_format in ("json", "sarif"):
        json.loads(done.stdout)
    elif output_format == "github":
        assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines if line)
        assert not any(line.startswith("::set-output") for line in lines + done.stderr.decode().split("\n"))
        # an annotation may hold the text of one, but escaped and behind its own
        assert not any(line.startswith("::error::x") for line in lines)
    elif output_format == "html":
        assert "<script>alert" not in done.stdout.decode()
    elif output_format == "diff":
        assert "+++ b⁄etc⁄passwd" not in lines


def test_colours_are_all_that_is_sent_to_a_terminal(inner):
    (inner / "a\x1b]0;t\x07.sh").write_text(
        "#!/bin/bash\n# \x1b]0;title\x07\x9b31m\nsource activate 'a\x1b[2J'\npython x\n"
    )
    done = slurmfix("--color=always", ".", cwd=inner)
    for stream in (done.stdout, done.stderr):
        text = stream.decode("utf-8", "replace")
        assert "\x1b]0;" not in text
        assert "\x1b[2J" not in text
        assert "\x9b" not in text


# Names of environments


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize(
    "called",
    [
        "conda activate {}",
        "conda run -n {} python x.py",
        "source activate {}",
        "source /x/miniconda3/envs/{}/bin/activate",
        "/x/miniconda3/envs/{}/bin/python x.py",
        'P=/x/miniconda3/envs/{}\n"$P/bin/python" x.py',
        "export PATH=/x/miniconda3/envs/{}/bin:$PATH",
    ],
)
def test_the_name_of_an_environment_in_a_script_runs_nothing(name, called, inner):
    word = quoted_in_single(name)
    script = f"#!/bin/bash\n#SBATCH --nodes=2\n{called.format(word)}\npython train.py\n"
    (inner / "job.sh").write_text(script)
    done = slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert done.returncode in (0, 1), done.stderr
    check_outside(inner)
    for path in inner.iterdir():
        assert path.name == "job.sh" or path.name.startswith("requirements-")
    check_run((inner / "job.sh").read_text())


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_name_in_an_environment_file_runs_nothing(name, inner):
    (inner / "environment.yml").write_text(
        f"name: {json.dumps(name)}\ndependencies: [python=3.11, {json.dumps(name)}]\n"
    )
    (inner / "job.sh").write_text(
        f"#!/bin/bash\nconda env create -f environment.yml\nconda activate {quoted_in_single(name)}\npython x\n"
    )
    for path in ("environment.yml", "job.sh"):
        done = slurmfix("--write", "--accept-unknown", path, cwd=inner)
        assert b"Traceback" not in done.stderr
    check_outside(inner)
    for path in inner.iterdir():
        assert re.fullmatch(r"[\w.+-]+\.(txt|yml|sh|def)", path.name, re.ASCII)
        if path.name.startswith("requirements-"):
            for line in path.read_text().split("\n"):
                assert not line or line.startswith("#") or FIRED not in line
    check_run((inner / "job.sh").read_text())


STUBS = {
    "virtualenv": 'mkdir -p "${@: -1}/bin"; : > "${@: -1}/bin/activate"',
    "srun": 'while [ "$1" != bash ]; do shift; done; "$@"',
} | dict.fromkeys(("module", "pip", "python", "apptainer", "deactivate"), ":")


def check_run(script):
    """The script runs with stubs for all that it calls but `touch`, and no payload fires."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bin").mkdir()
        for real in ("bash", "mkdir", "touch"):
            (folder / "bin" / real).symlink_to(which(real))
        for stub, does in STUBS.items():
            (folder / "bin" / stub).write_text(f"#!{which('bash')}\n{does}\n")
            (folder / "bin" / stub).chmod(0o755)
        (folder / "job.sh").write_text(script)
        environ = {"PATH": f"{name}/bin", "HOME": name, "SLURM_TMPDIR": f"{name}/a/b/c/d", "SLURM_SUBMIT_DIR": name}
        subprocess.run(
            ["bash", "job.sh"], cwd=folder, env=environ | {"SLURM_NNODES": "2"}, capture_output=True, timeout=30
        )
        assert not list(folder.rglob(FIRED)), script


# Environment files


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB + "dependencies: *i\n",
        f"name: x\ndependencies: !!python/object/apply:os.system ['touch {FIRED}']\n",
        f"name: !!python/object/new:subprocess.Popen [['touch','{FIRED}']]\ndependencies: [numpy]\n",
        "name: x\ndependencies: &d\n  - *d\n",
        "[" * 5000,
        "name: x\ndependencies:\n" + "  - pip:\n" * 3,
        "%YAML 9.9\n---\nname: x\n",
        "\x00\x01",
        "name: x\ndependencies: [" + "9" * 5000 + "]\n",
    ],
)
def test_a_hostile_environment_file_ends_in_a_line(text, inner):
    (inner / "environment.yml").write_text(text)
    (inner / "job.sh").write_text("#!/bin/bash\nconda env create -f environment.yml\nconda activate x\npython x.py\n")
    for arguments in (["environment.yml"], ["job.sh"], ["--env", "x=environment.yml", "job.sh"]):
        done = slurmfix(*arguments, cwd=inner)
        assert done.returncode in (0, 1, 2)
        assert b"Traceback" not in done.stderr
        assert len(done.stdout) < 100_000
    check_outside(inner)


def test_an_environment_file_includes_nothing_from_outside(inner):
    secret = inner.parent / "kept"
    (inner / "environment.yml").write_text(
        "name: x\ndependencies:\n  - python=3.11\n  - pip:\n"
        f"    - -r ../kept\n    - -r {secret}\n    - -r ../../../../../../etc/passwd\n    - -r link.txt\n"
    )
    (inner / "link.txt").symlink_to("/etc/passwd")
    subprocess.run(["git", "init", "-q"], cwd=inner, check=True)
    done = slurmfix("environment.yml", cwd=inner)
    told = done.stdout + done.stderr
    assert b"Traceback" not in told
    assert b"root:" not in told
    assert b"+kept" not in told


def whole(name, text):
    return lambda folder: (folder / name).write_text(text)


def prefix_with(record):
    def make(folder):
        (folder / "myenv" / "conda-meta").mkdir(parents=True)
        (folder / "myenv" / "conda-meta" / "a.json").write_text(json.dumps(record))

    return make


@pytest.mark.parametrize(
    "make",
    [
        whole("requirements.txt", "numpy\n" + "\n" * 1_000_000),
        whole("requirements.txt", "numpy\n" + " " * 1_000_000),
        whole("requirements.txt", "# conda list\n" + "a[" * 500_000),
        whole("requirements.txt", "a" * 1_000_000 + "-"),
        whole("requirements-myenv.txt", "numpy" + " " * 500_000 + "x\n"),
        whole("environment.yml", "name: myenv\ndependencies:\n- numpy\n- '" + "# " * 500_000 + "\n\n x'\n"),
        whole("environment.yml", "name: myenv\ndependencies:\n- pip:\n  - '" + "# " * 500_000 + "\n\n x'\n"),
        whole("environment.yml", "name: myenv\ndependencies:\n- " + "a-" * 500_000 + "\n"),
        whole("train.py", "print 'two'\nfrom" + "\t" * 1_000_000 + "\nfrom " + "." * 1_000_000 + "\n"),
        whole(
            "setup.py",
            'from setuptools import setup\na0 = ["numpy"]\n'
            + "".join(f"a{n} = a{n - 1} + a{n - 1}\n" for n in range(1, 49))
            + "setup(install_requires=a48)\n",
        ),
        prefix_with({"name": "x", "files": ["lib/python3/site-packages/" + "a-1" * 300_000 + ".dist-info/RECORD"]}),
        prefix_with({"name": "x", "version": "1." * 500_000, "depends": ["a" * 1_000_000]}),
    ],
    ids=[
        "newlines", "blanks", "brackets", "a name", "its requirements", "comments", "comments for pip", "dashes",
        "a source", "a sum of sums", "a record",
        "a version",
    ],
)  # fmt: skip
def test_no_repetition_beside_a_script_ends_it(make, inner):
    """Each takes a search that goes back for days."""
    make(inner)
    (inner / "job.sh").write_text(SCRIPT.replace("myenv", "./myenv") if (inner / "myenv").exists() else SCRIPT)
    done = slurmfix("job.sh", cwd=inner)
    assert done.returncode == 1, done.stderr
    assert b"virtualenv" in done.stdout or b"module load" in done.stdout


# Configuration


@pytest.mark.parametrize(
    "pattern", ["../{name}.txt", "/tmp/{name}.txt", "x/../../{name}.txt", "$(touch FIRED){name}", "a\n{name}"]
)
def test_a_pattern_for_requirements_cannot_leave_the_folder(pattern, inner):
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", f"--requirements={pattern}", "job.sh", cwd=inner)
    assert b"Traceback" not in done.stderr
    check_outside(inner)
    if done.returncode in (0, 1):
        check_run((inner / "job.sh").read_text())


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('touch FIRED').read() }}",
        "{% include '/etc/passwd' %}",
        "{% for x in range(10**9) %}{% endfor %}",
        "{{ undefined.thing }}",
        "{% if %}",
    ],
)
def test_a_template_with_surprises_is_an_error(template, inner):
    (inner / "templates").mkdir()
    (inner / "templates" / "activate.sh.j2").write_text(template)
    (inner / "slurmfix.toml").write_text('templates = "templates"\n')
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert b"Traceback" not in done.stderr
    assert b"root:" not in done.stdout
    assert (inner / "job.sh").read_text() == SCRIPT or b"<class" not in (inner / "job.sh").read_bytes()
    check_outside(inner)


@pytest.mark.parametrize(
    "text", ["x = " + "[" * 5000, "x = " + "9" * 100_000, '"\\u001b[2J" = 1', "a." * 5000 + "b = 1"]
)
def test_a_hostile_configuration_ends_in_a_line(text, inner):
    (inner / "slurmfix.toml").write_text(text)
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("job.sh", cwd=inner)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(b"slurmfix: ")
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("folder", ["..", "../elsewhere", "/", "~", "link"])
def test_a_repository_cannot_have_files_put_outside_of_it(folder, inner):
    (inner / "link").symlink_to("..")
    (inner / "slurmfix.toml").write_text(f"submit-dir = {json.dumps(folder)}\n")
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner, HOME=str(inner.parent))
    assert done.returncode == 2
    assert b"slurmfix.toml:1: submit-dir leads out of the repository" in done.stderr
    assert (inner / "job.sh").read_text() == SCRIPT
    check_outside(inner)


@pytest.mark.parametrize("setting", ['requirements = "link/{name}"', 'submit-dir = "link"'])
@pytest.mark.parametrize("leads_to", ["..", ".git/hooks"])
def test_no_link_of_a_repository_leads_new_files_elsewhere(setting, leads_to, inner):
    (inner / ".git" / "hooks").mkdir(parents=True)
    (inner / "link").symlink_to(leads_to)
    (inner / ".slurmfix.toml").write_text(f"{setting}\n")
    (inner / "job.sh").write_text(SCRIPT)
    slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert (inner / "job.sh").read_text() == SCRIPT
    assert not list((inner / ".git").rglob("*myenv*"))
    check_outside(inner)


def test_no_configuration_above_a_repository_counts(inner):
    (inner / ".git").mkdir()
    (inner.parent / ".slurmfix.toml").write_text('requirements = "of-somebody-{name}.txt"\n')
    (inner / "job.sh").write_text(SCRIPT)
    assert b"of-somebody" not in slurmfix("job.sh", cwd=inner).stdout


@pytest.mark.parametrize("odd", ["\0", "\x1b]0;t\x07"])
def test_a_template_with_a_control_character_is_an_error(odd, inner):
    (inner / "templates").mkdir()
    (inner / "templates" / "build.sh.j2").write_text(f"a{odd}b\n")
    (inner / ".slurmfix.toml").write_text('templates = "templates"\n')
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert done.returncode == 2 and b"build.sh.j2: gives a control character" in done.stderr
    assert (inner / "job.sh").read_text() == SCRIPT


def test_the_configuration_is_shown_without_what_a_terminal_obeys(inner):
    odd = inner / "d\x1b]0;t\x07\u202ex"
    odd.mkdir()
    (odd / ".slurmfix.toml").write_text('python = "3.11"\n')
    done = slurmfix("--show-config", odd, cwd=inner)
    assert done.returncode == 0 and b"3.11" in done.stdout
    assert not re.search("[\x1b\x07\u202e]", done.stdout.decode())


def test_a_user_may_submit_from_anywhere(inner):
    (inner / "job.sh").write_text(SCRIPT)
    (inner / "scratch").mkdir()
    (inner / ".config" / "slurmfix").mkdir(parents=True)
    (inner / ".config" / "slurmfix" / "slurmfix.toml").write_text(f"submit-dir = {json.dumps(str(inner.parent))}\n")
    assert slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner).returncode == 0
    assert (inner.parent / "requirements-myenv.txt").exists()


@pytest.mark.parametrize("how", ["is", "includes"])
def test_a_template_reads_nothing_outside_of_its_folder(how, inner):
    (inner / "templates").mkdir()
    linked = "activate.sh.j2" if how == "is" else "more.j2"
    (inner / "templates" / linked).symlink_to(inner.parent / "kept")
    if how == "includes":
        (inner / "templates" / "activate.sh.j2").write_text("{% include 'more.j2' %}")
    (inner / "slurmfix.toml").write_text('templates = "templates"\n')
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("job.sh", cwd=inner)
    assert done.returncode == 2
    assert b"leads out of the folder of templates" in done.stderr
    assert b"+kept" not in done.stdout


# Scripts that reach through the outputs


LINES = (
    "--- a/etc/passwd\n+++ b/etc/passwd\n@@ -1 +1 @@\n-root\n+toor\ndiff --git a/x b/x\n"
    "::set-output name=x::y\n##[error]x\n::stop-commands::x\n</script><script>alert(1)</script>\n"
)
REACHING = (
    f"#!/bin/bash\ncat <<'X'\n{LINES}X\nsource activate '</td><script>alert(1)</script>'\n"
    f"cat <<'X'\n{LINES}X\npython train.py\n"
)


@pytest.mark.parametrize("apply", [["git", "apply"], ["patch", "-p1", "-s"]])
def test_lines_of_a_script_do_not_reach_through_the_diff(apply, inner):
    if which(apply[0]) is None:
        pytest.skip(f"no {apply[0]} here")
    (inner / "job.sh").write_text(REACHING)
    done = slurmfix("job.sh", cwd=inner)
    assert subprocess.run(apply, input=done.stdout, cwd=inner, capture_output=True).returncode == 0
    written = (inner / "job.sh").read_text()
    (inner / "job.sh").write_text(REACHING)
    slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert (inner / "job.sh").read_text() == written != REACHING
    assert not (inner / "etc").exists()
    check_outside(inner)


@pytest.mark.parametrize("output_format", FORMATS)
def test_lines_of_a_script_do_not_reach_through_a_report(output_format, inner):
    (inner / "job.sh").write_text(REACHING)
    done = slurmfix("-o", output_format, "job.sh", cwd=inner)
    if output_format in ("json", "sarif"):
        json.loads(done.stdout)
    if output_format == "html":
        assert b"<script>alert" not in done.stdout
    if output_format == "github":
        for line in (done.stdout + done.stderr).decode().split("\n"):
            assert not line.startswith(("::set-output", "::stop-commands", "##["))


# Folders


def test_a_link_to_a_folder_outside_is_not_followed(inner):
    other = inner.parent.parent / "elsewhere"
    other.mkdir()
    (other / "job.sh").write_text(SCRIPT)
    (inner / "link").symlink_to(other)
    (inner / "loop").symlink_to(inner)
    (inner / "own.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", ".", cwd=inner)
    assert done.returncode in (0, 1)
    assert (other / "job.sh").read_text() == SCRIPT
    assert sorted(path.name for path in other.iterdir()) == ["job.sh"]
    assert "virtualenv" in (inner / "own.sh").read_text()


def test_a_link_where_the_requirements_would_go_is_not_written_through(inner):
    target = inner.parent / "kept"
    (inner / "requirements-myenv.txt").symlink_to(target)
    (inner / "job.sh").write_text(SCRIPT)
    slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert target.read_text() == "kept\n"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "FIFO"])
def test_what_no_job_can_read_where_the_requirements_would_go_is_an_error(make, inner):
    make(inner / "requirements-myenv.txt")
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert done.returncode == 2
    assert done.stderr.startswith(
        b"job.sh: the file `requirements-myenv.txt`: slurmfix wants to write its requirements file here"
    )
    assert (inner / "job.sh").read_text() == SCRIPT


def test_a_dangling_link_where_the_requirements_would_go_is_not_written_through(inner):
    (inner / "requirements-myenv.txt").symlink_to(inner.parent / "new")
    (inner / "job.sh").write_text(SCRIPT)
    done = slurmfix("--write", "--accept-unknown", "job.sh", cwd=inner)
    assert not (inner.parent / "new").exists()
    assert done.returncode == 2
    assert (inner / "job.sh").read_text() == SCRIPT


@pytest.mark.parametrize(
    "line",
    ["*a*a*a*a*a*a*a*a*b", "*" * 1000 + "b", "**/" * 500 + "b", "[z-a]", "[", "\\", "!", "[" * 1000, "(a+)+$", "\x1b"],
)
def test_no_line_of_a_gitignore_ends_it(line, inner):
    (inner / ".gitignore").write_text(f"{line}\nskipped.sh\n")
    (inner / "slurmfix.toml").write_text(f"exclude = [{json.dumps(line)}]\n")
    for name in ("a" * 250, "job.sh", "skipped.sh"):
        (inner / name).write_text(SCRIPT)
    done = slurmfix(".", cwd=inner)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count(b"+++ b/job.sh") == 1
    assert b"skipped.sh" not in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "envs_dirs: !!int ''", "envs_dirs: !!bool x", "envs_dirs: !!timestamp x", "envs_dirs: &a [*a]", "envs_dirs: [",
        f"envs_dirs: !!python/object/apply:os.system ['touch {FIRED}']", "envs_dirs: " + "[" * 5000,
        BOMB + "envs_dirs: *i",
        "? [envs_dirs]\n: x", "envs_dirs: [.nan, 2001-99-99, 9999999999, null, '$(touch FIRED)', '\\0']",
    ],
)  # fmt: skip
def test_a_hostile_condarc_is_as_good_as_none(text, inner):
    (inner / "job.sh").write_text(SCRIPT)
    wanted = slurmfix("job.sh", cwd=inner)
    (inner / ".condarc").write_text(text)
    done = slurmfix("job.sh", cwd=inner)
    assert (done.returncode, done.stdout, done.stderr) == (1, wanted.stdout, wanted.stderr)
    check_outside(inner)


# Programs


RUN = (
    "bash", "theirs", "less", "virtualenv", "pip", "python", "avail_wheels", "conda", "mamba", "micromamba", "git",
    "sh", "env", "sed",
)  # fmt: skip


def set_traps(folder):
    """Programs in the folder that is worked on, by the names of all that slurmfix or its children might start."""
    for name in RUN:
        trap = folder / name
        trap.write_text(f"#!/bin/sh\n: > '{folder}/{FIRED}'\n")
        trap.chmod(0o755)


@pytest.mark.parametrize("path", [".:{}", ":{}", "{}:", "bin/..:{}", "{here}:{}", "{here}/tools:{}", "{link}:{}"])
@pytest.mark.parametrize("works_in", ["", "jobs"], ids=["at the top", "below"])
def test_no_program_of_the_folder_is_run(path, works_in, inner):
    """Though the caller's PATH leads there, and though the programs of the cluster are scripts themselves."""
    (inner / ".git").mkdir()
    (inner / "tools").mkdir()
    (inner.parent.parent / "link").symlink_to(inner / "tools")
    for folder in (inner, inner / "tools"):
        set_traps(folder)
    path = path.replace("{here}", str(inner)).replace("{link}", str(inner.parent.parent / "link"))
    inner = inner / works_in
    (inner / "bin").mkdir(parents=True)
    cluster = inner.parent.parent / "cluster"
    cluster.mkdir()
    for name in ("avail_wheels", "conda"):
        (cluster / name).write_text(f"#!/bin/bash\necho asked >> {cluster}/{name}.log\nsed p /dev/null\n")
        (cluster / name).chmod(0o755)
    (inner / "environment.yml").write_text("name: known\ndependencies: [python, numpy]\n")
    (inner / "job.sh").write_text(f"{SCRIPT}source activate known\npython test.py\n")
    home = {"HOME": os.devnull}  # the folder is not the user's home, whose programs are the user's own
    wanted = started("job.sh", cwd=inner, **home)
    found = path.format(f"{cluster}:{os.environ['PATH']}")
    done = started("--ask", "job.sh", cwd=inner, PATH=found, **home)
    assert (done.returncode, b"virtualenv" in done.stdout) == (1, True)
    assert sorted(log.name for log in cluster.glob("*.log")) == ["avail_wheels.log", "conda.log"]
    assert started("job.sh", cwd=inner, PATH=found, **home).stdout == wanted.stdout
    assert not list(cluster.parent.rglob(FIRED))


def test_no_program_of_a_folder_that_is_named_is_run(inner):
    """Though it is worked on from elsewhere."""
    (inner / "bin").mkdir()
    set_traps(inner / "bin")
    (inner / "job.sh").write_text(SCRIPT)
    for paths in ([inner], [inner / "job.sh"]):
        done = started(*paths, cwd=inner.parent.parent, PATH=f"{inner}/bin:{os.environ['PATH']}", HOME=os.devnull)
        assert done.returncode == 1 and b"virtualenv" in done.stdout
    assert not list(inner.rglob(FIRED))


def test_programs_of_the_user_are_run_in_the_home_folder(inner):
    """Which is worked on, and is the user's own."""
    (inner / "bin").mkdir()
    (inner / "bin" / "avail_wheels").write_text("#!/bin/bash\n: > ~/asked\n")
    (inner / "bin" / "avail_wheels").chmod(0o755)
    (inner / "environment.yml").write_text("name: myenv\ndependencies: [python, numpy]\n")
    (inner / "job.sh").write_text(SCRIPT)
    started("--ask", "job.sh", cwd=inner, PATH=f"{inner}/bin:{os.environ['PATH']}", HOME=str(inner))
    assert (inner / "asked").exists()


def test_neither_pager_nor_editor_is_one_of_the_folder(inner):
    set_traps(inner)
    (inner / "job.sh").write_text("#!/bin/bash\n#SBATCH --time=1\nsource activate myenv\n")
    path = f".:{os.environ['PATH']}"
    shown = in_terminal(inner, "job.sh", PATH=path, PAGER="theirs", size=(5, 80))
    assert "+virtualenv" in shown.output
    edited = in_terminal(inner, "-i", "job.sh", PATH=path, EDITOR="theirs", answers="e q")
    assert "there is no program theirs" in edited.output
    check_outside(inner)


@pytest.mark.skipif(which("git") is None, reason="needs git")
def test_nothing_of_the_configuration_of_a_repository_for_git_is_run(inner):
    """What git itself runs of it: a monitor of files, pagers, editors, filters, textconv, hooks."""
    fired = inner.parent.parent / FIRED
    trap = inner / "trap.sh"
    trap.write_text(f"#!/bin/sh\n: > '{fired}'\n")
    trap.chmod(0o755)
    git = ["git", "-C", str(inner), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for name in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "pager.diff", "sequence.editor",
        "diff.external", "diff.theirs.textconv", "diff.theirs.command", "filter.theirs.clean", "filter.theirs.smudge",
        "filter.theirs.process", "interactive.diffFilter", "credential.helper", "alias.diff",
    ):  # fmt: skip
        subprocess.run([*git, "config", name, str(trap)], check=True)
    hooks = inner / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-checkout", "post-index-change", "fsmonitor-watchman", "applypatch-msg"):
        (hooks / name).write_text(trap.read_text())
        (hooks / name).chmod(0o755)
    (inner / ".gitattributes").write_text("* filter=theirs diff=theirs\n")
    (inner / "environment.yml").write_text("name: myenv\ndependencies: [python, numpy]\n")
    (inner / "job.sh").write_text(SCRIPT)
    home = {"HOME": os.devnull}
    for words in ("--quiet", "--check", "--ask", "--output-format=html", "--output-format=json", "--write", "--undo"):
        started(words, ".", cwd=inner, **home)
    in_terminal(inner, "job.sh", size=(5, 80), **home)
    in_terminal(inner, "-i", "job.sh", answers="e q", **home)
    assert not fired.exists()
    subprocess.run([*git, "status"], capture_output=True, check=False)
    assert fired.exists()  # git runs what the configuration names


def test_bash_is_asked_without_what_the_caller_has_it_read(inner):
    (inner / "trap.sh").write_text(f": > '{inner}/{FIRED}'\n")
    (inner / "job.sh").write_text(SCRIPT)
    done = started(
        "--write", "--accept-unknown", "job.sh",
        cwd=inner, BASH_ENV="trap.sh", ENV="trap.sh", SHELLOPTS="xtrace", BASHOPTS="extdebug",
        PS4=f"$(touch {FIRED})", PROMPT_COMMAND=f"touch {FIRED}", **{"BASH_FUNC_source%%": f"() {{ touch {FIRED}; }}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    check_outside(inner)


# Size and depth


@pytest.mark.parametrize(
    "body",
    [
        "echo " + "$(" * 10_000 + "x" + ")" * 10_000,
        "echo " + "$(" * 10_000,
        "if true; then\n" * 2_000 + ":\n" + "fi\n" * 2_000,
        "( " * 3_000 + ": " + ") " * 3_000,
        "echo " + "x" * 2_000_000,
        "A=$B; B=$A\nconda activate $A",
        "".join(f"if x; then {a}=${b}; else {a}=$Z; fi\n" * 9 for a, b in zip("ABCDEFGHI", "BCDEFGHIJ", strict=True))
        + "conda activate $A",
        "echo a\n" * 20_000,
        "{ " * 10_000 + ": ;" + "};" * 10_000,
        "if true; then\n" * 10_000,
        "cat <<'E'\nx\nE\n" * 20_000,
        "echo " + "\\" * 1_000_000,
        "echo " + "${" * 50_000,
        "echo " + "'" * 100_001,
        "#SBATCH --time=1\n" * 50_000,
        "export PATH=" + "/x/conda/bin:" * 50_000 + "$PATH",
        "conda activate /x/miniconda" + "_" * 100 + "'!'",
        "[ -d x" + " " * 100_000 + "]" + " " * 100_000 + "&& conda deactivate",
        "# >>> conda initialize >>>" + "\n" * 100_000 + "# <<< conda initialize <<<",
        "conda activate x\npython x.py\n" * 150,
        "trap 'conda deactivate' EXIT\n" * 5_000,
        "if a; then conda activate a\n" + "elif b; then conda activate b\n" * 5_000 + "fi\n",
        'eval "$(' + "mamba" * 60_000 + ')"',
        'conda activate "${' + "a" * 300_000 + '"',
    ],
    ids=[
        "substitutions", "open substitutions", "ifs", "subshells", "a long line", "a circle", "branches", "lines",
        "groups", "open ifs", "heredocs", "backslashes", "expansions", "quotes", "directives", "entries",
        "underlines", "blanks", "newlines", "activations", "traps", "elifs", "one word", "a variable",
    ],
)  # fmt: skip
def test_no_size_and_no_depth_ends_it(body, inner):
    (inner / "job.sh").write_text(f"#!/bin/bash\n{body}\nconda activate myenv\npython x.py\n")
    before = (inner / "job.sh").read_bytes()
    done = started("job.sh", cwd=inner)
    assert done.returncode in (1, 2)
    assert (inner / "job.sh").read_bytes() == before
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"job.sh:")
