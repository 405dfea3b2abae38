"""Tells from a file's bytes what it is: a job script, in which language, and whether conda occurs in it at all."""

from __future__ import annotations

import os
import re

from slurmfix.files.read import Unreadable

# Endings as they occur on job scripts. Those in _CLAIMED also belong to other things (HTCondor submit files, desktop
# entries, Scratch projects), so what stands in the file must look like shell.
_SHELL = (".sh", ".bash", ".slurm", ".sbatch", ".sl", ".slm", ".srun", ".zsh", ".ksh")
_CLAIMED = (".sb", ".sub", ".job", ".batch", ".qsub", ".pbs", ".run", ".cmd", ".submit")
ENDINGS = _SHELL + _CLAIMED
# Files that may quote a job script but are none; in a folder they are not even opened.
_NEVER = frozenset(
    """
    md rst txt tex bib html htm xml svg css yml yaml json jsonl toml ini cfg ipynb csv tsv log out err png
    jpg jpeg gif tif tiff pdf ps eps mp4 gz bz2 xz zst zip tar tgz 7z whl pyc so o a h5 hdf5 nc npy npz pkl
    pickle pt pth ckpt safetensors parquet feather arrow rds rda rdata mat db sqlite fa fasta fai fq fastq
    sam bam bai cram vcf bcf bed gff gtf nii dcm sif simg patch diff c cc cpp h hpp java js ts rs go f f90
    f95 cu jl rmd qmd gitignore bak orig rej swp swo
    """.split()
)
_DIRECTIVE = re.compile(rb"^#SBATCH(?=[ \t])", re.MULTILINE)
_SHEBANG = re.compile(rb"(?:\xef\xbb\xbf)?#![ \t]*([^\r\n]*)")
_LOOKS_LIKE_SHELL = (
    rb"^[ \t]*(?:(?:module|ml|source|\.|export|conda|mamba|micromamba|srun|mpirun|mpiexec|echo|printf|cd|mkdir|set|date"
    rb"|hostname|python[\d.]*|Rscript|singularity|apptainer|bash|sh|unset|ulimit|time|wait|exit)(?=[ \t;\r\n]|\Z)"
    rb"|(?:if|while|for|case)[ \t].*|#PBS[ \t]|#\$[ \t]-)"
)  # compiled where it is needed, which is seldom
_FAMILY = (
    {"dash": "sh", "ash": "sh", "busybox": "sh", "rbash": "bash"}
    | dict.fromkeys(("mksh", "pdksh", "lksh"), "ksh")
    | {"rscript": "r", "littler": "r", "pypy": "python", "ipython": "python"}
    | dict.fromkeys(("gawk", "mawk", "nawk"), "awk")
)
_HANDLED = frozenset({"bash", "sh", "zsh", "ksh"})
_NOT_SECONDARY = re.compile(rb"conda(?<!seconda)")  # (What starts with a letter is found faster.)
_UV = re.compile(rb"\buv[}\"]*[ \t]+(?:run|venv|sync|pip|--?\w)|\buvx[ \t]")
_ACTIVATES = re.compile(
    rb"(?:source|\.)(?:\s|\\\n)+[\"']?(?:de)?activate\b|(?:source|\.)[ \t]+\S*/activate[\"']?[ \t]+[\w\"'$]"
)


def has_trace(data: bytes) -> bool:
    """Whether anything in these bytes could have to do with conda; where not, no rule finds anything.

    `activate` alone is what a virtualenv's script is called. Searches in a lowered copy take a fifth of the time of one
    case-insensitive regular expression.
    """
    low = data.lower()
    return (
        b"mamba" in low
        or b"miniforge" in low
        or b"pixi " in low
        or (b"uv" in low and _UV.search(low) is not None)
        or (b"conda" in low and _NOT_SECONDARY.search(low) is not None)
        or (b"activate" in low and _ACTIVATES.search(low) is not None)
    )


def language(data: bytes) -> str:
    """The language that the first line asks for ("bash", "sh", "csh", "python", "r", …); empty without a shebang.

    Versions and relatives count as their family: `python3.11` is "python", `dash` is "sh", `ksh93` is "ksh".
    """
    if not (found := _SHEBANG.match(data)):
        return ""
    words = found[1].split()
    while words and (words[0].rpartition(b"/")[2] == b"env" or words[0].startswith(b"-") or b"=" in words[0]):
        glued = words[0][2:] if words[0].startswith(b"-S") else b""  # `env -Sbash`
        words = [glued, *words[1:]] if glued else words[1:]
    if not words:
        return ""
    name = words[0].rpartition(b"/")[2].decode("ascii", "replace").lower()
    family = name.rstrip("0123456789.-")
    return _FAMILY.get(family, family)


def never_a_job_script(name: str) -> bool:
    """Whether a file's name alone says that it is documentation, configuration, data, or an editor's backup."""
    name = os.path.basename(name)
    _, dot, ending = name.rpartition(".")
    return (bool(dot) and ending.lower() in _NEVER) or name.endswith("~") or name.startswith((".#", "#"))


def named_as_job_script(path: str) -> bool:
    """Whether a file's name alone is that of a job script."""
    return path.lower().endswith(ENDINGS)


def is_job_script(name: str, data: bytes) -> bool:
    """Whether a file is a job script, told by its content; `name` only helps where the content leaves it open.

    A file with `#SBATCH` lines is one in whatever language; other than that only shell counts. Slurm itself asks for
    neither an ending nor a directive, so a shell script without `#SBATCH` may be submitted as well.
    """
    return not never_a_job_script(name) and holds_job_script(name, data)


def holds_job_script(name: str, data: bytes) -> bool:
    """The same for a file whose name alone does not say that it is none."""
    if _DIRECTIVE.search(data):
        return True  # with NUL bytes, too: then it is one that sbatch refuses
    if b"\0" in data:
        return False
    if asked := language(data):
        return asked in _HANDLED
    low = name.lower()
    if low.endswith(_SHELL):
        return not data.isspace() and bool(data)
    return low.endswith(_CLAIMED) and re.search(_LOOKS_LIKE_SHELL, data, re.MULTILINE) is not None


def decode(data: bytes, path: str = "") -> str:
    """The text of a file, such that `encode` gives back the same bytes whatever they are (UTF-8, surrogateescape).

    Raises Unreadable for NUL bytes, which sbatch refuses as well (rc 1).
    """
    at = data.find(b"\0")
    if at < 0:
        return data.decode("utf-8", "surrogateescape")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" * 4 in (data[0:8:2], data[1:8:2]):
        raise Unreadable(path, "UTF-16; sbatch reads only plain text")
    raise Unreadable(path, f"binary: it holds NUL bytes (the first is byte {at + 1})")


def decode_list(data: bytes, path: str = "") -> str:
    """The text of a list of packages: PowerShell writes UTF-16 with a byte order mark, which pip reads. As `decode`."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").removeprefix("\ufeff")
    return decode(data, path)


def encode(text: str) -> bytes:
    """The bytes of a text that `decode` gave, or of any other."""
    return text.encode("utf-8", "surrogateescape")
