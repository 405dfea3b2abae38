"""Golden cases, each one text file that tells what becomes of a job script, and why.

A case starts with what it shows, for people. Its parts follow, each below a line `-- NAME --`:

    command              how slurmfix is called, where that is not `slurmfix job.sh`
    job.sh               the script as its author wrote it; it is named as the command names it
    after                what it has to become; left out where it stays as it is
    creates/NAME         a file that comes along
    said                 what a person is told on standard error, and the exit status
    not compared         why the stub commands of meaning.py cannot tell whether the same work is done
    no environment.yml   that none lies beside the script; otherwise the usual one does
    NAME                 any other file that lies beside the script

`-- NAME (no final newline) --` heads a part whose last line has none. `WRITE_CASES=1 pytest tests/test_cases.py` writes
`after`, `creates` and `said` anew: read the difference before it is committed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"
USUAL_ENVIRONMENT = b"""\
name: myenv
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy=1.26

"""
_OPEN = " (no final newline)"
_HEAD = re.compile(rb"^-- (.+?) --\n", re.M)
_OURS = ("command", "after", "said", "not compared", "no environment.yml")


@dataclass(frozen=True, slots=True)
class Case:
    """A golden case; `files` holds what lies beside the script, by name."""

    name: str
    why: str
    words: tuple[str, ...]  # of the command, without slurmfix itself; the last one is the script
    before: bytes
    after: bytes
    said: str
    creates: dict[str, str]
    files: dict[str, bytes]
    not_compared: str = ""

    @property
    def script(self) -> str:
        return self.words[-1]

    @property
    def is_job(self) -> bool:
        return self.script.endswith(".sh")


def parse(name: str, data: bytes) -> Case:
    """The case that a file holds."""
    heads = list(_HEAD.finditer(data))
    ends = [*(head.start() for head in heads[1:]), len(data)]
    parts = {}
    for head, end in zip(heads, ends, strict=True):
        title, body = head[1].decode(), data[head.end() : end]
        parts[title.removesuffix(_OPEN)] = body[:-1] if title.endswith(_OPEN) else body
    words = tuple(parts.get("command", b"slurmfix job.sh").decode().split()[1:])
    before = parts.pop(words[-1])
    files = {title: body for title, body in parts.items() if title not in _OURS and not title.startswith("creates/")}
    if "no environment.yml" not in parts:
        files.setdefault("environment.yml", USUAL_ENVIRONMENT)
    return Case(
        name=name,
        why=data[: heads[0].start()].decode().strip(),
        words=words,
        before=before,
        after=parts.get("after", before),
        said=parts.get("said", b"").decode(),
        creates={
            title.removeprefix("creates/"): body.decode()
            for title, body in parts.items()
            if title.startswith("creates/")
        },
        files=files,
        not_compared=parts.get("not compared", b"").decode().strip(),
    )


def write(case: Case) -> bytes:
    """The file of a case: what `parse` reads."""
    parts: list[tuple[str, bytes]] = []
    if case.words != ("job.sh",):
        parts.append(("command", " ".join(("slurmfix", *case.words)).encode() + b"\n"))
    if "environment.yml" not in case.files:
        parts.append(("no environment.yml", b""))
    parts += [item for item in sorted(case.files.items()) if item != ("environment.yml", USUAL_ENVIRONMENT)]
    parts.append((case.script, case.before))
    if case.after != case.before:
        parts.append(("after", case.after))
    parts += [(f"creates/{name}", text.encode()) for name, text in sorted(case.creates.items())]
    parts.append(("said", case.said.encode()))
    if case.not_compared:
        parts.append(("not compared", case.not_compared.encode() + b"\n"))
    why = case.why.encode() + b"\n\n" if case.why else b""
    return why + b"".join(_part(title, body) for title, body in parts)


def _part(title: str, body: bytes) -> bytes:
    if body and not body.endswith(b"\n"):
        return f"-- {title}{_OPEN} --\n".encode() + body + b"\n"
    return f"-- {title} --\n".encode() + body


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.case"


def load(name: str) -> Case:
    return parse(name, path_of(name).read_bytes())


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.case"))


def all_cases() -> list[Case]:
    return [load(name) for name in names()]


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
