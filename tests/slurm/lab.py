"""A real Slurm for the tests: builds one on this machine, runs it for one test session, submits jobs and reads them.

The only door to cluster/*.sh, which hold the cluster itself; see cluster/README.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree, which

CLUSTER = Path(__file__).parent / "cluster"
RUN = CLUSTER / "run.sh"
BUILT_FROM = ("software.sh", "label_wheels.py", "pip.conf", "modules", "site", "bin")
NAMESPACES = ("--mount", "--uts", "--net", "--pid")
UNFINISHED = {"PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "REQUEUED"}
PATIENCE = 300  # seconds for which a job is waited for; a guard against hanging, no measure of anything


class LabError(Exception):
    """This machine cannot run the cluster; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Task:
    """One Slurm job, or one task of an array, at its end."""

    id: str
    name: str
    state: str  # COMPLETED, FAILED, TIMEOUT, …
    exit_code: str  # Slurm's "status:signal"
    output: str
    seconds: float  # from its start to its end, as Slurm counts them


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came of a submitted script: its own tasks, and those of the scripts that it submitted itself."""

    tasks: tuple[Task, ...]
    output: str
    probes: tuple[dict, ...]  # what show.py printed, one for each time that it ran
    home: tuple[str, ...]  # paths under $HOME that came, went or changed
    files: tuple[str, ...]  # paths under the folder of submission that came

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(task.state for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Job:
    """A submitted script; `folder` is its folder of submission and `home` its own $HOME, nobody else's."""

    lab: Lab
    id: str
    folder: Path
    home: Path
    home_before: frozenset[tuple[str, float]]
    files_before: frozenset[tuple[str, float]]

    def result(self) -> JobResult:
        """Wait for the end of it and of every job that it submitted."""
        tasks = self.lab.wait_for(self.folder)
        outputs = [task.output for task in tasks]
        home = _files(self.home) ^ self.home_before
        files = {path for path, _ in _files(self.folder)} - {path for path, _ in self.files_before}
        return JobResult(
            tasks=tasks,
            output="\n".join(outputs),
            probes=tuple(probe for output in outputs for probe in _probes(output)),
            home=tuple(sorted({path for path, _ in home})),
            files=tuple(sorted(files)),
        )


class Lab:
    """The running cluster. `software` is built once for the machine and read-only to jobs, `root` is this session's."""

    def __init__(self) -> None:
        _refuse_where_it_cannot_run()
        cache = _cache()
        cache.mkdir(parents=True, exist_ok=True)
        self.software = cache / "software"
        _run([CLUSTER / "packages.sh", cache / "packages.log"], "the packages could not be installed")
        self._lock = (cache / "software.lock").open("w")
        self._build_software()
        self.root = Path(tempfile.mkdtemp(prefix="run-", dir=cache))
        # the cluster ends when this pipe closes: also when this process is killed
        self._process = subprocess.Popen(
            ["unshare", *NAMESPACES, "--fork", "--kill-child", "--mount-proc", RUN, self.root, self.software],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            reason = self._process.stderr.read() if self._process.stderr else ""
            self.stop()
            raise LabError(f"the cluster did not start: {reason.strip()[-400:]}")
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        self._inside = ["nsenter", "--target", children.split()[0], *NAMESPACES, "--"]
        self._environment = self._log_in()
        self._submitted = 0

    def _build_software(self) -> None:
        stamp, wanted = self.software / "stamp", _fingerprint()
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        if _text(stamp) == wanted:
            return
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # waits until no other session uses what is replaced
        if _text(stamp) != wanted:
            _run([CLUSTER / "software.sh", self.software], "the cluster's software could not be built")
            stamp.write_text(wanted)
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def _log_in(self) -> dict[str, str]:
        """The environment of a login shell on the cluster: nothing of this process's own comes into a job."""
        bare = {"HOME": f"{self.root}/home", "USER": "root", "LANG": "C.UTF-8", "TERM": "dumb", "PATH": "/usr/bin:/bin"}
        out = subprocess.run(
            [*self._inside, "bash", "-lc", "env -0"], env=bare, stdout=subprocess.PIPE, check=True, text=True
        ).stdout
        return dict(entry.split("=", 1) for entry in out.split("\0") if "=" in entry)

    def pythons(self) -> tuple[str, ...]:
        """The Python versions that have a module here, as 3.11."""
        return tuple(sorted(folder.name.rpartition(".")[0] for folder in (self.software / "python").iterdir()))

    def run(
        self, *command: object, folder: Path, home: Path | None = None, login: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the login node, in that folder; `login` is another environment than a login shell's."""
        environment = {**(self._environment if login is None else login), **({"HOME": str(home)} if home else {})}
        line = [*self._inside, "env", "-C", str(folder), *map(str, command)]
        return subprocess.run(line, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def start(
        self,
        script: str | bytes,
        files: Mapping[str, str | bytes] | None = None,
        options: Iterable[str] = (),
        name: str = "job",
        home: Path | None = None,
        login: Mapping[str, str] | None = None,
    ) -> Job:
        """Submit a script from a folder of its own that holds these files, with a $HOME of its own; do not wait.

        `home` is that of an earlier job, for a user who has one already; `login` is as for `run`.
        """
        self._submitted += 1
        folder = self.root / "scratch" / f"{self._submitted:03}-{name}"
        home = home or self.root / "home" / folder.name
        for path, content in {**(files or {}), "job.sh": script}.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        home.mkdir(parents=True, exist_ok=True)
        (home / ".bashrc").touch()
        home_before, files_before = _files(home), _files(folder)
        done = self.run("sbatch", "--parsable", *options, "job.sh", folder=folder, home=home, login=login)
        if done.returncode:
            raise ValueError(f"sbatch refused the script: {done.stderr}")
        return Job(self, done.stdout.strip(), folder, home, home_before, files_before)

    def submit(
        self,
        script: str | bytes,
        files: Mapping[str, str | bytes] | None = None,
        options: Iterable[str] = (),
        name: str = "job",
    ) -> JobResult:
        """Submit a script as `start` does, and wait for its end."""
        return self.start(script, files, options, name).result()

    def wait_for(self, folder: Path) -> tuple[Task, ...]:
        """The tasks of all jobs that were submitted from a folder or below it, once all have ended."""
        end = time.monotonic() + PATIENCE
        while True:
            jobs = [job for job in self._jobs() if Path(job["WorkDir"]).is_relative_to(folder)]
            if jobs and not any(job["JobState"] in UNFINISHED for job in jobs):
                return tuple(_task(job) for job in sorted(jobs, key=lambda job: int(job["JobId"])))
            if time.monotonic() > end:
                self.run("scancel", *{job["JobId"] for job in jobs}, folder=self.root)
                raise TimeoutError(f"still not ended: {jobs}")
            time.sleep(0.2)

    def _jobs(self) -> list[dict[str, str]]:
        listed = self.run("scontrol", "show", "job", "--oneliner", folder=self.root).stdout
        return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in listed.splitlines() if line.startswith("JobId=")]

    def left_on_nodes(self) -> tuple[str, ...]:
        """What lies in /tmp and in the local scratch space of the nodes."""
        nodes = self.root / "nodes"
        return tuple(sorted(str(path.relative_to(nodes)) for path in nodes.glob("*/*/*")))

    def stop(self) -> None:
        """End the cluster and every process of it, and remove what it wrote."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and with it, by --kill-child, all the rest
            self._process.wait()
        self._lock.close()
        rmtree(self.root, ignore_errors=True)


def _refuse_where_it_cannot_run() -> None:
    if os.geteuid() != 0:
        raise LabError("the Slurm lab needs root")
    if not which("apt-get"):
        raise LabError("the Slurm lab needs Debian or Ubuntu (apt-get)")
    if subprocess.run(["unshare", *NAMESPACES, "--fork", "true"], capture_output=True).returncode:
        raise LabError("the Slurm lab needs mount, network and process namespaces, which this machine refuses")


def _run(command: list[Path], failure: str) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        log = _text(command[-1]) if command[-1].is_file() else done.stdout + done.stderr
        raise LabError(f"{failure}: {' '.join(log.split())[-300:]}")


def _cache() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    # the nodes have a /tmp of their own, and would not see a folder there
    return (Path("/var/tmp") if cache.is_relative_to("/tmp") else cache) / "slurmfix-lab"


def _fingerprint() -> str:
    """Of all that the software is built from."""
    digest = hashlib.sha256()
    for path in sorted(CLUSTER.rglob("*")):
        inside = path.relative_to(CLUSTER)
        if path.is_file() and inside.parts[0] in BUILT_FROM and "__pycache__" not in inside.parts:
            digest.update(f"{inside}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _files(folder: Path) -> frozenset[tuple[str, float]]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return frozenset((str(path.relative_to(folder)), path.stat().st_mtime) for path in paths)


def _task(job: dict[str, str]) -> Task:
    output = Path(job.get("StdOut", ""))
    begin, end = (time.mktime(time.strptime(job[key], "%Y-%m-%dT%H:%M:%S")) for key in ("StartTime", "EndTime"))
    return Task(
        id=job["JobId"],
        name=job["JobName"],
        state=job["JobState"],
        exit_code=job["ExitCode"],
        output=output.read_text(errors="replace") if output.is_file() else "",
        seconds=end - begin,
    )


def _probes(output: str) -> list[dict]:
    """The lines of show.py; srun may run two of them together on one line."""
    return [json.loads(found) for found in re.findall(r"PROBE(\{.*?\})END", output)]
