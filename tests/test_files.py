"""Finding and reading: which files are job scripts, what is ignored; nothing odd on the disk stops the rest."""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slurmfix import files
from slurmfix.files import Unreadable, decode, encode, find, has_trace, is_job_script, language, read
from slurmfix.rules import find as find_conda
from slurmfix.shell import read as read_script

JOB = b"#!/bin/bash\n#SBATCH --time=1:00\nconda activate x\n"


@pytest.fixture(autouse=True)
def afresh() -> None:
    files.forget()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder: Path, name: str, text: bytes | str = JOB) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def paths(*arguments: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [found.path for found in find(arguments, exclude) if not found.error]


def errors(*arguments: str) -> list[tuple[str, str]]:
    return [(found.path, found.error.reason) for found in find(arguments) if found.error]


# What a path looks like


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("scripts", "scripts/a.sh"),
        ("scripts/", "scripts/a.sh"),
        ("./scripts//", "scripts/a.sh"),
        (".", "scripts/a.sh"),
        ("./", "scripts/a.sh"),
        ("scripts/a.sh", "scripts/a.sh"),
        ("./scripts/./a.sh", "scripts/a.sh"),
        ("scripts/../scripts", "scripts/../scripts/a.sh"),
    ],
)
def test_paths_are_joined_to_the_argument(here: Path, argument: str, shown: str) -> None:
    put(here, "scripts/a.sh")
    assert paths(argument) == [shown]


def test_absolute_stays_absolute(here: Path) -> None:
    put(here, "scripts/a.sh")
    assert paths(f"{here}/scripts/") == paths(f"{here}") == [f"{here}/scripts/a.sh"]


def test_names_that_are_not_text(here: Path) -> None:
    names = sorted([b"caf\xe9.sh", b"two\nlines.sh", b" a b.sh", b"-n.sh", "été.sh".encode()])
    for name in names:
        put(here, os.fsdecode(name))
    assert paths(".") == [os.fsdecode(name) for name in names]
    assert all(read(path) == JOB for path in paths("."))


def test_the_order_is_that_of_bytes_with_folders_in_their_place(here: Path) -> None:
    for name in ("b.sh", "a/z.sh", "a/B.sh", "c/d/e.sh", "a.sh"):
        put(here, name)
    assert paths(".") == ["a/B.sh", "a/z.sh", "a.sh", "b.sh", "c/d/e.sh"]


# Named files


def test_a_named_file_is_always_handled(here: Path) -> None:
    put(here, ".gitignore", "*\n")
    for name in ("notes.md", "environment.yml", "a.sh", ".git/hook"):
        put(here, name)
    found = list(find(["notes.md", "environment.yml", "a.sh", ".git/hook"], exclude=("*",)))
    assert [(row.path, row.named, row.error, row.data) for row in found] == [
        (name, True, None, None) for name in ("notes.md", "environment.yml", "a.sh", ".git/hook")
    ]


def test_each_real_file_comes_once(here: Path) -> None:
    put(here, "s/a.sh")
    os.link("s/a.sh", "s/b.sh")
    Path("s/c.sh").symlink_to("a.sh")
    assert paths("s", "s/a.sh", "s/c.sh", "s/", ".") == ["s/a.sh"]
    assert paths("s/c.sh", "s") == ["s/c.sh"]
    assert errors("s", "s") == []


@contextmanager
def listening(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        yield


def test_odd_places_have_a_reason(here: Path) -> None:
    os.mkfifo("fifo")
    Path("loop").symlink_to("loop")
    Path("broken").symlink_to("nowhere")
    put(here, "a.sh")
    short = Path(tempfile.mkdtemp())  # a socket's path has at most 108 bytes
    with listening(short / "s"):
        odd = [
            "fifo",
            str(short / "s"),
            "/dev/null",
            "/dev/zero",
            "loop",
            "broken",
            "none",
            "",
            "a.sh/",
            "a\0b",
            "n" * 300,
        ]
        wanted = ["is a FIFO", "is a socket", "is a device", "is a device", "its symbolic links go round in a circle"]
        wanted += ["no such file"] * 3 + ["no such file: a part of its path is not a folder"]
        wanted += ["its name holds a NUL character", "its name is too long"]
        assert [reason for _, reason in errors(*odd)] == wanted
        for name, reason in zip(odd, wanted, strict=True):
            with pytest.raises(Unreadable) as caught:
                read(name)
            assert (caught.value.path, caught.value.reason) == (name, reason)
    shutil.rmtree(short)
    assert paths("none", "a.sh") == ["a.sh"]


# Folders


def test_what_is_skipped_in_a_folder(here: Path) -> None:
    skipped = [".git", ".hg", ".svn", "node_modules", "__pycache__", ".snakemake", ".nextflow", ".nextflow-x"]
    for name in [*skipped, "work", ".hidden"]:
        put(here, f"{name}/a.sh")
    put(here, "miniconda3/conda-meta/history", "")
    put(here, "miniconda3/bin/activate.sh")
    put(here, "venv/pyvenv.cfg", "")
    put(here, "venv/bin/activate.sh")
    assert paths(".") == [".hidden/a.sh", "work/a.sh"]


def test_a_named_folder_is_never_skipped(here: Path) -> None:
    put(here, "venv/pyvenv.cfg", "")
    put(here, "venv/a.sh")
    put(here, "node_modules/a.sh")
    assert paths("venv", "node_modules") == ["venv/a.sh", "node_modules/a.sh"]


def test_fifos_sockets_and_links_do_no_harm(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    put(here, "s/a.sh")
    os.mkfifo("s/b.sh")
    Path("s/zero.sh").symlink_to("/dev/zero")
    Path("s/loop.sh").symlink_to("loop.sh")
    Path("s/broken.sh").symlink_to("nowhere")
    Path("s/up").symlink_to("..")
    Path("s/self").symlink_to(".")
    far = put(tmp_path_factory.mktemp("far"), "far.sh")
    Path("s/0.sh").symlink_to("a.sh")
    Path("s/1.sh").symlink_to(far)
    Path("named").symlink_to("s")
    assert [row.path for row in find(["s"])] == ["s/a.sh"]
    assert paths("named") == ["named/a.sh"]
    assert paths("s/1.sh") == ["s/1.sh"]


def test_links_to_files_are_followed_within_the_repository(here: Path) -> None:
    put(here, "far.sh")
    put(here, "r/above.sh")
    put(here, "r/s/a.sh")
    (here / "r" / "s" / "up.sh").symlink_to("../above.sh")
    (here / "r" / "s" / "far.sh").symlink_to("../../far.sh")
    assert paths("r/s") == ["r/s/a.sh"]
    (here / "r" / ".git").mkdir()
    files.forget()
    assert paths("r/s") == ["r/s/a.sh", "r/s/up.sh"]


def test_a_folder_that_cannot_be_listed_is_a_row(here: Path) -> None:
    for name in ("a/x.sh", "b/x.sh", "c/x.sh"):
        put(here, name)
    with closed(here / "b"):
        assert [(row.path, row.error.reason if row.error else "") for row in find(["."])] == [
            ("a/x.sh", ""),
            ("b", "permission denied"),
            ("c/x.sh", ""),
        ]
        assert errors("b") == [("b", "permission denied")]


@contextmanager
def closed(*places: Path) -> Iterator[None]:
    """Places that nobody can open, not even if the tests run as root."""
    for above in places[0].parents:
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & stat.S_IXOTH:
            above.chmod(0o755)  # pytest's folders are closed to others
    for place in places:
        place.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for place in places:
            place.chmod(0o700)


def test_only_an_unreadable_job_script_is_worth_a_word(here: Path) -> None:
    put(here, "a.sh")
    put(here, "secret.sh")
    put(here, "secret")
    with closed(here / "secret", here / "secret.sh"):
        assert errors(".") == [("secret.sh", "permission denied")]
        assert paths(".") == ["a.sh"]


def test_a_folder_without_job_scripts(here: Path) -> None:
    put(here, "s/notes.md")
    (here / "empty").mkdir()
    assert errors("s", "empty") == [("s", "no job script in this folder"), ("empty", "no job script in this folder")]
    assert errors(".") == [(".", "no job script in this folder")]
    put(here, "s/a.sh")
    assert errors("s", ".") == []


def test_a_very_deep_folder(here: Path) -> None:
    try:
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        put(Path(), "a.sh")
        os.chdir(here)
        assert len(paths(".")) == 1
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", "d"], check=True)


def test_large_and_binary_files_are_passed_over(here: Path) -> None:
    with put(here, "large.sh").open("r+b") as large:
        large.truncate(20_000_001)
    put(here, "binary.sh", b"#!/bin/sh\necho\n\0")
    put(here, "long.sh", JOB + b"echo line\n" * 20_000)
    found = list(find(["."]))
    assert [row.path for row in found] == ["long.sh"]
    assert found[0].data == JOB + b"echo line\n" * 20_000
    with pytest.raises(Unreadable, match=r"larger than 20 MB"):
        read("large.sh")


def test_a_job_script_with_nul_bytes_is_not_passed_over(here: Path) -> None:
    put(here, "torn.sh", b"#!/bin/bash\n#SBATCH -n 1\n\0")
    assert [row.path for row in find(["."])] == ["torn.sh"]


def test_rows_travel_between_processes(here: Path) -> None:
    rows = [*find(["none"])]
    assert pickle.loads(pickle.dumps(rows))[0].error.reason == "no such file"


# .gitignore


def git(*arguments: str) -> str:
    settings = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PATH": os.environ["PATH"],
        "HOME": "/",
    }
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True, env=settings).stdout


def as_git_says() -> list[str]:
    listed = git("ls-files", "-z", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in listed if name.endswith(".sh"))


NAMES = [
    "a.sh",
    "old/a.sh",
    "old/keep.sh",
    "new/a.sh",
    "new/old/a.sh",
    "new/deep/x.sh",
    "keep/a.sh",
    "b c.sh",
    "[x].sh",
]


@pytest.mark.parametrize(
    "ignores",
    [
        {".gitignore": "old/\n"},
        {".gitignore": "/old\n"},
        {".gitignore": "*.sh\n!keep.sh\n"},
        {".gitignore": "old/*\n!old/keep.sh\n"},
        {".gitignore": "old\n!old/keep.sh\n"},
        {".gitignore": "new/**/x.sh\n"},
        {".gitignore": "# old\n\n\\#x\nb\\ c.sh   \n"},
        {".gitignore": "a.sh\n", "new/.gitignore": "!a.sh\n"},
        {".gitignore": "!a.sh\n", "new/.gitignore": "*\n"},
        {".gitignore": "deep\n", "new/.gitignore": "!deep\n"},
        {".gitignore": "\\[x\\].sh\n!\n/\n"},
        {".git/info/exclude": "keep/\n"},
        {".git/info/exclude": "a.sh\n", ".gitignore": "!/a.sh\n"},
        {".gitignore": "old/\r\n"},
        {"new/.gitignore": "/a.sh\n"},
    ],
)
@pytest.mark.skipif(not shutil.which("git"), reason="git is not here to compare with")
def test_ignores_what_git_ignores(here: Path, ignores: dict[str, str]) -> None:
    git("init", "-q")
    for name in NAMES:
        put(here, name)
    for name, text in ignores.items():
        put(here, name, text)
    assert sorted(paths(".")) == as_git_says()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not here to make a worktree")
def test_a_linked_worktree_uses_the_main_exclude_file(here: Path) -> None:
    git("init", "-q", "main")
    put(here, "main/.git/info/exclude", "no.sh\n")
    settings = ["-c", "user.name=n", "-c", "user.email=e"]
    git("-C", "main", *settings, "commit", "-q", "--allow-empty", "-m", "x")
    git("-C", "main", "worktree", "add", "-q", "../tree")
    put(here, "tree/no.sh")
    put(here, "tree/yes.sh")
    assert paths("tree") == ["tree/yes.sh"]


def test_rules_reach_down_from_the_root(here: Path) -> None:
    (here / ".git").mkdir()
    put(here, ".gitignore", "/s/old/\nb.sh\n")
    for name in ("s/a.sh", "s/b.sh", "s/old/c.sh"):
        put(here, name)
    assert paths("s") == ["s/a.sh"]
    assert paths("s/old") == ["s/old/c.sh"], "an ignored folder that is named is looked into"


def test_a_repository_within_a_repository_has_its_own_rules(here: Path) -> None:
    (here / ".git").mkdir()
    put(here, ".gitignore", "a.sh\n")
    (here / "inner/.git").mkdir(parents=True)
    put(here, "inner/a.sh")
    put(here, "inner/.gitignore", "b.sh\n")
    put(here, "inner/b.sh")
    assert paths(".") == ["inner/a.sh"]


def test_gitignore_counts_outside_of_a_repository_too(here: Path) -> None:
    put(here, "s/.gitignore", "b.sh\n")
    put(here, "s/a.sh")
    put(here, "s/b.sh")
    assert paths("s") == ["s/a.sh"]


def test_a_gitignore_that_is_a_fifo_or_not_text(here: Path) -> None:
    put(here, "s/a.sh")
    put(here, os.fsdecode(b"t/caf\xe9.sh"))
    put(here, "t/a.sh")
    os.mkfifo("s/.gitignore")
    put(here, "t/.gitignore", b"caf\xe9.sh\n")
    assert paths("s", "t") == ["s/a.sh", "t/a.sh"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("old/", ["scripts/a.sh"]),
        ("scripts/old/*.sh", ["scripts/a.sh"]),
        ("/old", ["scripts/a.sh"]),
        ("a.sh", ["scripts/old/b.sh"]),
        ("nothing", ["scripts/a.sh", "scripts/old/b.sh"]),
    ],
)
def test_exclude(here: Path, pattern: str, left: list[str]) -> None:
    put(here, "scripts/a.sh")
    put(here, "scripts/old/b.sh")
    assert paths("scripts", exclude=(pattern,)) == left
    assert paths(f"{here}/scripts", exclude=(pattern,)) == [f"{here}/{path}" for path in left]


# What is a job script


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", "echo\n"),
        ("A.SLURM", "echo\n"),
        ("job", "#!/bin/bash\necho\n"),
        ("job", "#!/bin/sh\n"),
        ("job", "#! /usr/bin/env bash\n"),
        ("job", "#!/bin/zsh -l\n"),
        ("job", "\ufeff#!/bin/bash\n"),
        ("job", "#!/bin/bash\r\n#SBATCH -n 1\r\n"),
        ("job", "\n\n#SBATCH -n 1\nmodule load x\n"),
        ("run.py", "#!/usr/bin/env python3\n#SBATCH -n 1\n"),
        ("run.csh", "#!/bin/csh\n#SBATCH -n 1\n"),
        ("run.R", "#!/usr/bin/Rscript\n#SBATCH -n 1\n"),
        ("a.job", "module load x\n"),
        ("a.sub", "  srun ./a\n"),
        ("a.sbatch", "anything\n"),
    ],
)
def test_job_scripts(name: str, text: str) -> None:
    assert is_job_script(name, text.encode())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "```\n#SBATCH -n 1\nconda activate x\n"),
        ("environment.yml", "name: x\n"),
        ("notes.txt", "#SBATCH -n 1\n"),
        ("a.ipynb", '"#SBATCH -n 1"'),
        ("train.py", "print('conda activate')\n"),
        ("train.py", "#!/usr/bin/env python\n"),
        ("generate.py", "lines = '''\n  #SBATCH -n 1\n'''\n"),
        ("run.csh", "#!/bin/csh\nconda activate x\n"),
        ("a.sh", "#!/usr/bin/env python3\nprint()\n"),
        ("a.sh", ""),
        ("a.sh", "#!/bin/bash\n\0"),
        ("data", "1 2 3\n"),
        ("a.sub", "executable = /bin/a\nqueue\n"),
        ("a.job", "{}\n"),
        ("Makefile", "all:\n\tconda activate x\n"),
    ],
)
def test_other_files(name: str, text: str) -> None:
    assert not is_job_script(name, text.encode())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("#!/bin/bash -l", "bash"),
        ("#!/usr/bin/env bash", "bash"),
        ("#!/usr/bin/env -S bash -l", "bash"),
        ("#!/usr/bin/env -Sbash -l", "bash"),
        ("#!/usr/bin/env -i A=b bash", "bash"),
        ("#!/bin/sh", "sh"),
        ("#!/bin/dash", "sh"),
        ("#!/bin/ksh93", "ksh"),
        ("#!/bin/mksh", "ksh"),
        ("#!/usr/local/bin/zsh", "zsh"),
        ("#!/bin/tcsh -f", "tcsh"),
        ("#!/bin/csh", "csh"),
        ("#!/usr/bin/fish", "fish"),
        ("#!/usr/bin/env python3.11", "python"),
        ("#!/cvmfs/soft/bin/python", "python"),
        ("#!/usr/bin/Rscript --vanilla", "r"),
        ("#!/usr/bin/perl -w", "perl"),
        ("#!/usr/bin/gawk -f", "awk"),
        ("#!/bin/bash\r", "bash"),
        ("#!", ""),
        ("#!/usr/bin/env", ""),
        ("# !/bin/bash", ""),
        ("echo", ""),
        ("", ""),
        ("\n#!/bin/bash", ""),
    ],
)
def test_language(line: str, name: str) -> None:
    assert language(f"{line}\necho\n".encode()) == name


@given(st.binary())
def test_any_bytes_have_some_language(data: bytes) -> None:
    assert isinstance(language(b"#!" + data), str)
    assert isinstance(is_job_script("a.job", data), bool)


@pytest.mark.parametrize(
    "text",
    [
        "conda activate x",
        "source ~/Miniconda3/bin",
        "module load Anaconda3",
        "MAMBA_EXE=x",
        ". activate x",
        "source deactivate",
        "source /opt/miniforge3/bin/activate",
        "source X/bin/activate \\\n    /opt/miniforge3/envs/x",
        "CONDA_PREFIX",
        "module load miniforge",
        "source $1/bin/activate steel",
    ],
)
def test_traces(text: str) -> None:
    assert has_trace(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "module load python\nsrun python train.py\n",
        "source ~/venv/bin/activate\npython secondary.py\n",
        "/home/a/envs/x/bin/python a.py\n",
        "source ~/venv/bin/activate && python a.py\n",
    ],
)
def test_no_trace(text: str) -> None:
    assert not has_trace(text.encode())
    assert find_conda(read_script(text)) == ()


# Bytes and text


@given(st.binary().filter(lambda data: b"\0" not in data))
def test_every_byte_comes_back(data: bytes) -> None:
    assert encode(decode(data)) == data


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_told(codec: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode("#!/bin/bash\n".encode(codec), "job.sh")
    assert caught.value.path == "job.sh"
    assert caught.value.reason == "UTF-16; sbatch reads only plain text" or codec == "utf-32"


def test_binary_is_told() -> None:
    with pytest.raises(Unreadable, match=r"^job.sh: binary: it holds NUL bytes \(the first is byte 4\)$"):
        decode(b"abc\0def", "job.sh")


def test_reads_what_has_no_size(here: Path) -> None:
    assert read("/proc/self/comm")


# What a script refers to


ENVIRONMENT = "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy\n"


def test_environment_files(here: Path) -> None:
    for name in (
        "environment.yml",
        "envs/b.yaml",
        "envs/a.yml",
        "conda/c.yml",
        "z.yml",
        "env_gpu.yml",
        ".github/w.yml",
    ):
        put(here, name, ENVIRONMENT)
    put(here, "envs/workflow.yml", "name: test\non: push\njobs:\n  dependencies: 1\n")
    put(here, "envs/data.txt", ENVIRONMENT)
    os.mkfifo("envs/fifo.yml")
    Path("envs/out.yml").symlink_to("/etc/passwd")
    names = ("environment.yml", "env_gpu.yml", "z.yml", "envs/a.yml", "envs/b.yaml", "conda/c.yml")
    assert files.environment_files(str(here)) == tuple(str(here / name) for name in names)
    assert files.environment_files(str(here / "none")) == ()


def test_environment_files_do_not_lead_out_of_the_repository(here: Path) -> None:
    put(here, "private.yml", ENVIRONMENT)
    (here / "project/.git").mkdir(parents=True)
    put(here, "project/shared.yml", ENVIRONMENT)
    (here / "project/jobs").mkdir()
    (here / "project/jobs/out.yml").symlink_to("../../private.yml")
    (here / "project/jobs/up.yml").symlink_to("../shared.yml")
    assert files.environment_files("project/jobs") == ("project/jobs/up.yml",)


def test_many_environment_files(here: Path) -> None:
    for number in range(300):
        put(here, f"envs/{number:03}.yml", ENVIRONMENT)
    assert len(files.environment_files(str(here))) == 200


def test_repository_root_and_the_way_up(here: Path) -> None:
    (here / "r/.git").mkdir(parents=True)
    script = put(here, "r/a/b/job.sh")
    assert files.repository_root("r/a/b/job.sh") == files.repository_root(str(here / "r")) == str(here / "r")
    assert files.folders_up(str(script)) == (str(here / "r/a/b"), str(here / "r/a"), str(here / "r"))
    assert files.repository_root(str(here)) is None
    assert files.folders_up(str(put(here, "x/job.sh"))) == (str(here / "x"),)


def test_inside(here: Path) -> None:
    put(here, "r/a.sh")
    (here / "r/out").symlink_to("/etc")
    assert files.inside("r/a.sh", "r") and files.inside("r", "r")
    assert not files.inside("r/out/passwd", "r") and not files.inside("r/../rx", "r")


def test_python_sources(here: Path) -> None:
    for name in ("b.py", "a.py", "pkg/c.py", "venv/d.py", "__pycache__/e.py", "x/y/z/w/deep.py", "notes.txt"):
        put(here, name, "import numpy\n")
    put(here, "venv/pyvenv.cfg", "")
    Path("up").symlink_to("..")
    assert files.python_sources("") == ("a.py", "b.py", "pkg/c.py")
    assert files.python_sources("", depth=0) == ("a.py", "b.py")


def test_prefix(here: Path) -> None:
    put(here, "e/conda-meta/history", "# cmd: conda create numpy\n")
    put(here, "e/conda-meta/numpy-1.26.4-py311_0.json", "{}")
    put(here, "e/lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA", "")
    put(here, "e/lib/python3.11/site-packages/old.egg-info", "")
    put(here, "e/lib/python3.11/site-packages/numpy/__init__.py", "")
    found = files.prefix("e")
    assert found and found.history == "# cmd: conda create numpy\n"
    assert found.records == {"numpy-1.26.4-py311_0.json": "{}"}
    assert found.dist_infos == ("numpy-1.26.4.dist-info", "old.egg-info")
    assert files.prefix("none") is None


def test_known_prefixes(here: Path) -> None:
    home = here / "alice"

    def environment(path: str) -> str:
        put(here, f"{path}/conda-meta/history", "")
        return str(here / path)

    base, _ = environment("alice/miniconda3"), environment("alice/miniconda3/envs/one")
    (home / "miniconda3/condabin").mkdir()
    wanted = {
        "base": base,
        "one": environment("shelf/one"),
        "two": environment("alice/.conda/envs/two"),
        "three": environment("project/three"),
        "four": environment("lab/alice/four"),
        "five": environment("root/envs/five"),
    }
    (home / "miniconda3/envs/empty").mkdir()
    put(home, ".conda/environments.txt", f"{base}\n{home}/miniconda3/envs/one\n{wanted['three']}\n/nowhere/six\n\n")
    put(home, ".condarc", f"envs_dirs:\n  - {here}/lab/$USER\n  - ~/none\n")
    variables = {"CONDA_ENVS_PATH": f"{here}/shelf:", "MAMBA_ROOT_PREFIX": f"{here}/root"}
    assert files.known_prefixes(str(home), variables) == wanted


@pytest.mark.parametrize(
    "condarc", ["envs_dirs: [", "envs_dirs: 3\n", "- envs_dirs\n", "envs_dirs: [{a: b}, 3]\n", b"\xff envs_"]
)
def test_a_broken_condarc_is_no_hindrance(here: Path, condarc: str | bytes) -> None:
    put(here, ".condarc", condarc)
    assert files.known_prefixes(str(here), {}) == {}


def test_nobody_pays_for_what_is_not_needed(here: Path) -> None:
    put(here, "s/a.sh")
    heavy = ("pathspec", "yaml", "pathlib", "tempfile", "shutil", "subprocess", "signal", "slurmfix.files.write")
    code = "import sys; before = set(sys.modules); from slurmfix.files import find, read; rows = list(find(['s']))\n"
    code += f"assert rows and not [m for m in {heavy} if m in set(sys.modules) - before], sys.modules.keys() - before"
    root = Path(files.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(root)})
