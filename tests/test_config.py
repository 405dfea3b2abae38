"""Settings: where they are looked for, which wins, and what is said of a bad one."""

import subprocess
import sys

import forked
import pytest
from terminals import environ

from slurmfix.config import RULE_NAMES
from slurmfix.rules import RULES

JOB = "#!/bin/bash\n#SBATCH --time=1\nconda activate myenv\npython train.py\n"


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "lab"
    (folder / "jobs").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "jobs" / "job.sh").write_text(JOB)
    (folder / "environment.yml").write_text("name: myenv\ndependencies:\n  - numpy\n")
    return folder


def slurmfix(lab, *words, **more):
    return forked.slurmfix(*words, cwd=lab, environ=environ(lab.parent, **more), text=True)


def setting(lab, key, *words, **more):
    """A setting's value and where it comes from, as --show-config says."""
    done = slurmfix(lab, "--show-config", *words, **more)
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(" = ", 1) for line in done.stdout.splitlines())
    value, source = rows[key].rsplit("  # ", 1)
    return value.strip(), source


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_default_is_said_to_be_one(lab):
    assert setting(lab, "pins") == ('"compatible"', "default")


def test_each_level_wins_over_those_before_it(lab):
    site = write(lab.parent / "none" / "slurmfix" / "slurmfix.toml", '# ours\npins = "exact"\nprofile = "narval"\n')
    assert setting(lab, "pins") == ('"exact"', f"site {site}:2")
    user = write(lab.parent / ".config" / "slurmfix" / "slurmfix.toml", 'pins = "none"\n')
    assert setting(lab, "pins") == ('"none"', f"user {user}:1")
    write(lab / "slurmfix.toml", '\n\npins = "compatible"\n')
    assert setting(lab, "pins") == ('"compatible"', f"repository {lab / 'slurmfix.toml'}:3")
    assert setting(lab, "pins", "--pins", "exact") == ('"exact"', "command line")
    assert setting(lab, "profile") == ('"narval"', f"site {site}:3")


def test_the_site_file_is_that_which_is_named(lab):
    write(lab.parent / "none" / "slurmfix" / "slurmfix.toml", 'pins = "exact"\n')
    named = write(lab.parent / "site.toml", 'pins = "none"\n')
    assert setting(lab, "pins", SLURMFIX_CONFIG=str(named)) == ('"none"', f"site {named}:1")
    assert setting(lab, "pins", SLURMFIX_CONFIG="") == ('"compatible"', "default")
    done = slurmfix(lab, "jobs", SLURMFIX_CONFIG="/nowhere.toml")
    assert done.returncode == 2
    assert "/nowhere.toml: no such file (SLURMFIX_CONFIG names it)" in done.stderr


def test_the_first_of_several_site_folders_counts(lab):
    for name, value in (("one", "exact"), ("two", "none")):
        write(lab.parent / name / "slurmfix" / "slurmfix.toml", f'pins = "{value}"\n')
    folders = f"relative:{lab.parent / 'one'}:{lab.parent / 'two'}"
    assert setting(lab, "pins", XDG_CONFIG_DIRS=folders)[0] == '"exact"'


def test_the_user_file_is_where_xdg_says(lab):
    write(lab.parent / "mine" / "slurmfix" / "slurmfix.toml", 'to = "virtualenv"\n')
    assert setting(lab, "to", XDG_CONFIG_HOME=str(lab.parent / "mine"))[0] == '"virtualenv"'


def test_the_nearest_file_that_speaks_of_slurmfix_counts(lab):
    write(lab / "slurmfix.toml", 'pins = "exact"\n')
    write(lab / "jobs" / "pyproject.toml", "[tool.other]\npins = 1\n")
    assert setting(lab, "pins", "jobs/job.sh")[0] == '"exact"'
    write(lab / "jobs" / "pyproject.toml", '[tool.other]\npins = 1\n\n[tool.slurmfix]\npins = "none"\n')
    assert setting(lab, "pins", "jobs/job.sh") == ('"none"', f"repository {lab / 'jobs' / 'pyproject.toml'}:5")
    assert setting(lab, "pins", ".")[0] == '"exact"'


def test_in_one_folder_the_names_have_an_order(lab):
    for name, text in (
        ("pyproject.toml", '[tool.slurmfix]\npins = "none"\n'), ("slurmfix.toml", 'pins = "exact"\n'),
        (".slurmfix.toml", 'pins = "compatible"\n'),
    ):  # fmt: skip
        write(lab / name, text)
        assert setting(lab, "pins")[1].startswith(f"repository {lab / name}")


def test_each_script_goes_by_the_file_nearest_to_it(lab):
    write(lab / "slurmfix.toml", 'requirements = "needs-{name}.txt"\n')
    write(lab / "other" / "job.sh", JOB)
    write(lab / "other" / "slurmfix.toml", 'requirements = "wants-{name}.txt"\n')
    done = slurmfix(lab, ".")
    assert "needs-myenv.txt" in done.stdout
    assert "wants-myenv.txt" in done.stdout


def test_environments_of_all_levels_hold(lab):
    write(lab.parent / "none" / "slurmfix" / "slurmfix.toml", 'env = { a = "/site/a.yml", b = "/site/b.yml" }\n')
    write(lab / "slurmfix.toml", '[env]\nb = "b.yml"\n')
    value, source = setting(lab, "env", "--env", "c=environment.yml")
    assert value == f'{{ "a" = "/site/a.yml", "b" = "{lab}/b.yml", "c" = "environment.yml" }}'
    assert source == "command line"


def test_what_is_shown_is_a_configuration(lab):
    shown = slurmfix(lab, "--show-config", "--pins", "none").stdout
    write(lab / "slurmfix.toml", shown)
    assert setting(lab, "pins")[0] == '"none"'


def test_every_rule_can_be_ignored(lab):
    assert tuple(rule.name for rule in RULES) == RULE_NAMES
    write(lab / "slurmfix.toml", f"ignore = {list(RULE_NAMES)}\n")
    assert slurmfix(lab, "jobs").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a = 1\nprofil = "narval"\n', "slurmfix.toml:1: unknown key 'a'"),
        ('\nprofil = "narval"\n', "slurmfix.toml:2: unknown key 'profil', did you mean 'profile'?"),
        ('submit_dir = "x"\n', "slurmfix.toml:1: unknown key 'submit_dir', did you mean 'submit-dir'?"),
        ('\npins = "loose"\n', "slurmfix.toml:2: pins must be one of exact, compatible, none, not 'loose'"),
        ("pins = 3\n", "slurmfix.toml:1: pins must be a string, not 3"),
        ('exclude = "x"\n', "slurmfix.toml:1: exclude must be a list of strings, not 'x'"),
        ('\nignore = ["hooks"]\n', "slurmfix.toml:2: ignore names no rule 'hooks', did you mean 'hook'?"),
        ("env = []\n", "slurmfix.toml:1: env must be a table of name = file, not []"),
        ('python = "3"\n', "slurmfix.toml:1: python must be a version such as 3.11, not '3'"),
        ('submit-dir = "a\\u0000b"\n', "slurmfix.toml:1: submit-dir must be a path outside of .git, without NUL"),
        ('submit-dir = ".git/hooks"\n', "slurmfix.toml:1: submit-dir must be a path outside of .git, without NUL"),
        ('requirements = ".git/{name}"\n', "slurmfix.toml:1: requirements must be a path outside of .git, without NUL"),
        ('requirements = "../{name}"\n', "slurmfix.toml:1: requirements must be a relative path that holds {name}"),
        ('\n\npins = "exact\n', "slurmfix.toml:3: not TOML"),
        pytest.param("pins = " + "[" * 20_000, "slurmfix.toml: not TOML that can be read", id="nested too deep"),
        ('profile = "nowhere"\n', "slurmfix.toml:1: there is no profile"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(lab, text, said):
    write(lab / "slurmfix.toml", text)
    done = slurmfix(lab, "jobs")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_line_is_that_of_our_own_table(lab):
    write(lab / "pyproject.toml", '[tool.other]\npins = "a"\n\n[tool.slurmfix]\npython = "3.11"\npins = "loose"\n')
    assert "pyproject.toml:6: pins must be" in slurmfix(lab, "jobs").stderr


@pytest.mark.parametrize(
    "words", [("--python", "three"), ("--requirements", "x.txt"), ("--env", "x"), ("--env", "x=/nowhere")], ids=" ".join
)
def test_bad_options_are_said_before_anything_is_done(lab, words):
    done = slurmfix(lab, "jobs", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert words[0].lstrip("-") in done.stderr


def test_a_clean_file_loads_nothing_but_click(lab):
    write(lab / "clean.sh", "#!/bin/bash\n#SBATCH --time=1\necho hello\n")
    heavy = ("bashlex", "jinja2", "yaml", "tree_sitter", "packaging", "tomllib", "difflib", "json", "subprocess",
             "slurmfix.plan", "slurmfix.report", "slurmfix.knowledge", "slurmfix.rules")  # fmt: skip
    code = (
        "import sys, click; brought = set(sys.modules); sys.argv = ['slurmfix', 'clean.sh']\n"
        "from slurmfix.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules and name not in brought])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=lab, env=environ(lab.parent), capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


def test_a_file_that_is_named_twice_is_told_once(lab):
    done = slurmfix(lab, "--check", "jobs/job.sh", ".", "jobs")
    assert len(done.stdout.splitlines()) == 1


BROKEN = {
    'profile = "narval\n': "line 1: not TOML",
    'env = { x = "/etc/hostname" }\n': "line 1: env leads out of the repository",
    'python = "3.11"\nprofile = "nowhere"\n': "line 2: there is no profile 'nowhere'",
}


@pytest.mark.parametrize(("text", "said"), BROKEN.items())
@pytest.mark.parametrize("paths", [["."], ["jobs/job.sh", "old/job.sh", "old/more.sh"], ["old", "jobs"]])
def test_a_broken_configuration_costs_the_files_that_go_by_it(lab, text, said, paths):
    write(lab / "old" / "slurmfix.toml", text)
    for name in ("job.sh", "more.sh", "deeper/job.sh"):
        write(lab / "old" / name, JOB)
    done = slurmfix(lab, *paths)
    assert done.returncode == 2
    assert "+++ b/jobs/job.sh" in done.stdout and "old/" not in done.stdout
    assert f"old/slurmfix.toml: {said}" in done.stderr
    assert done.stderr.count("the files that go by this configuration are left") == 1
    assert slurmfix(lab, "--write", "--accept-unknown", *paths).returncode == 2
    assert "virtualenv" in (lab / "jobs" / "job.sh").read_text()
    assert (lab / "old" / "job.sh").read_text() == JOB


def test_a_configuration_that_is_no_text_costs_the_files_that_go_by_it(lab):
    (lab / "old").mkdir()
    (lab / "old" / "slurmfix.toml").write_bytes(b"\0")
    write(lab / "old" / "job.sh", JOB)
    done = slurmfix(lab, "jobs", "old")
    assert done.returncode == 2 and "+++ b/jobs/job.sh" in done.stdout
    assert "old/slurmfix.toml: " in done.stderr


def test_a_broken_configuration_of_the_user_ends_the_run(lab):
    write(lab.parent / ".config" / "slurmfix" / "slurmfix.toml", "profile = 1\n")
    done = slurmfix(lab, "jobs")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.fixture
def own_templates(lab):
    write(lab / "site" / "modules.sh.j2", "module --quiet load {{ modules | join(' ') }}\n")
    write(lab / "site" / "profile.toml", 'extends = "narval"\n')
    return lab


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ('templates = "site"\n', False),
        ('python = "3.11"\ntables = "site"\n', False),
        ('profile = "site/profile.toml"\n', False),
        ('profile = "narval"\npython = "3.11"\nenv = { myenv = "environment.yml" }\n', True),
    ],
)
def test_what_a_repository_brings_along_is_never_safe(own_templates, text, safe):
    lab = own_templates
    write(lab / "jobs" / "train.py", "import numpy\n")
    write(lab / "slurmfix.toml", text)
    done = slurmfix(lab, "jobs/job.sh")
    assert done.returncode == 1, done.stderr
    assert ("[safe]" in done.stdout) == safe
    assert ("the repository: this project configures its own" in done.stderr) != safe
    assert slurmfix(lab, "--safe", "--write", "jobs/job.sh").returncode in (0, 1)
    assert ("virtualenv" in (lab / "jobs" / "job.sh").read_text()) == safe


def test_templates_of_the_user_may_be_safe(own_templates):
    lab = own_templates
    write(lab / "jobs" / "train.py", "import numpy\n")
    user = write(lab.parent / ".config" / "slurmfix" / "slurmfix.toml", f"templates = '{lab}/site'\n")
    done = slurmfix(lab, "jobs/job.sh")
    assert "[safe]" in done.stdout and "+module --quiet load" in done.stdout
    other = user.rename(lab.parent / "given.toml")
    assert "[safe]" in slurmfix(lab, "--config", str(other), "jobs/job.sh").stdout
