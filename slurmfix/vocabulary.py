"""What the programs that a shell starts do with their words: which start others, ask, tell or end.

A row is a kind, the options that take a value (`:2` takes two, `:0` none), how many operands of its own stand in front
of the program that it starts, how often and where it starts that, and the names that it holds for. Written by hand from
the manual pages: srun(1) of Slurm 24.05, mpirun(1) of Open MPI 4.1, mpiexec(1) of MPICH, coreutils 9, util-linux 2.39,
parallel(1), find(1), fd(1); 2026-11-30.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

# `mpirun-4.1`, `mpiexec.lsf`, `python3.11`: another build of what the table has by the name in front.
_BUILDS = {"mpirun": r"mpi(?:run|exec)[.-][\w.]+", "python": r"i?python[\d.]*"}


class Kind(Enum):
    """What a program does with its words."""

    STEP = "step"  # starts tasks of the job
    WRAPPER = "wrapper"  # starts the program that they name, here
    CONTAINER = "container"
    REMOTE = "remote"  # starts it on another machine
    JOB = "job"  # submits a job
    SEARCH = "search"  # starts what stands behind some of its options, for each file that it finds
    SHELL = "shell"
    INTERPRETER = "interpreter"  # reads programs in a language of its own
    EVALUATES = "evaluates"
    ASKS = "asks"
    TELLS = "tells"
    ENDS = "ends"
    IDLE = "idle"
    EVERYDAY = "everyday"


class Spread(Enum):
    """How often a program starts the one that it is given, and where."""

    ONCE = "once, here"
    ITEMS = "once for each item, several at a time, here"
    WORKERS = "several times at once, here; a file of Python's"
    NODES = "on each node, or in each task of the job"
    RANKS = "as the ranks of an MPI program, over the nodes of the job"


class Row(NamedTuple):
    """One row of the table: options that take a value, and operands of the program's own. `is_brought`: it comes with a
    package or a module, not with every system. `behind`: the options behind which a command stands.
    """

    kind: Kind
    options: str = ""
    operands: int = 0
    is_brought: bool = False
    spread: Spread = Spread.ONCE
    behind: tuple[str, ...] = ()

    @property
    def takes(self) -> dict[str, int]:
        """The options that take values, each with how many."""
        return _counts(self.options)


@lru_cache(maxsize=64)
def _counts(options: str) -> dict[str, int]:
    takes = (option.partition(":") for option in options.split())
    return {name: int(count or 1) for name, _, count in takes}


_OF_SRUN = """
    -A -B -c -C -D -d -e -F -G -i -J -L -m -M -N -n -o -p -q -r -S -t -T -w -W -x --account --bell
    --begin --chdir --cluster-constraint --clusters --comment --constraint --container --core-spec
    --cores-per-socket --cpu-bind --cpu-freq --cpus-per-gpu --cpus-per-task --deadline --delay-boot
    --dependency --distribution --epilog --error --exclude --export --extra-node-info --gid --gpu-bind
    --gpu-freq --gpus --gpus-per-node --gpus-per-socket --gpus-per-task --gres --gres-flags --hint
    --input --job-name --jobid --licenses --mail-type --mail-user --max-nodes --mcs-label --mem
    --mem-bind --mem-per-cpu --mem-per-gpu --mincpus --mpi --network --nodefile --nodelist --nodes
    --ntasks
    --ntasks-per-core --ntasks-per-gpu --ntasks-per-node --ntasks-per-socket --open-mode --output
    --partition --power --prefer --priority --profile --prolog --qos --relative --reservation --signal
    --slurmd-debug --sockets-per-node --switches --task-epilog --task-prolog --thread-spec --threads
    --threads-per-core --time --time-min --tmp --tres-bind --tres-per-task --uid --wait --wckey
"""

_ROWS: tuple[tuple[str, Row], ...] = (
    ("aprun", Row(Kind.STEP, "-n -N -d -S -j -m -cc -L -e -b", is_brought=True, spread=Spread.RANKS)),
    ("ibrun", Row(Kind.STEP, "-n -o -np", is_brought=True, spread=Spread.RANKS)),
    (
        "jsrun",
        Row(
            Kind.STEP,
            """
            -n -a -c -g -r -p -b -d -E -X --nrs --tasks_per_rs --cpu_per_rs --gpu_per_rs --rs_per_host --np
            --bind
            """,
            is_brought=True,
            spread=Spread.RANKS,
        ),
    ),
    (
        "mpiexec mpiexec.hydra mpiexec.openmpi mpirun mpirun.mpich mpirun.openmpi mpirun_rsh orterun prun",
        Row(
            Kind.STEP,
            """
            -n -np --np -c -N -H -host --host -hosts -hostfile --hostfile -machinefile --machinefile -f -ppn
            -perhost -rr -x -mca:2 --mca:2 -genv:2 -env:2 -genvlist -envlist -map-by --map-by -bind-to --bind-to
            -rank-by --rank-by -npernode --npernode -npersocket --npersocket --cpus-per-proc -wdir --wdir -wd
            -path --path -prefix --prefix -iface -bootstrap -launcher -rmk -outfile-pattern -errfile-pattern
            -tag-output:0 -report-bindings:0
            """,
            spread=Spread.RANKS,
        ),
    ),
    ("srun", Row(Kind.STEP, _OF_SRUN, spread=Spread.NODES)),
    (
        "torchrun",
        Row(
            Kind.STEP,
            """
            --nnodes --nproc_per_node --nproc-per-node --node_rank --node-rank --rdzv_id --rdzv-id
            --rdzv_backend --rdzv-backend --rdzv_endpoint --rdzv-endpoint --rdzv_conf --rdzv-conf --master_addr
            --master-addr --master_port --master-port --max_restarts --max-restarts --log_dir --log-dir --role
            --start_method --tee --redirects
            """,
            is_brought=True,
            spread=Spread.WORKERS,
        ),
    ),
    (
        "builtin catchsegv chronic command coproc dbus-run-session nohup setarch setsid unbuffer valgrind",
        Row(Kind.WRAPPER),
    ),
    ("chrt taskset", Row(Kind.WRAPPER, "-p --pid", operands=1)),
    ("doas sudo", Row(Kind.WRAPPER, "-u -g -C -h -p -r -t -T -U --user --group")),
    ("env", Row(Kind.WRAPPER, "-u -C -S --unset --chdir --split-string")),
    ("exec", Row(Kind.WRAPPER, "-a")),
    ("flock", Row(Kind.WRAPPER, "-w -E --timeout", operands=1)),
    ("gtimeout timeout", Row(Kind.WRAPPER, "-k -s --kill-after --signal", operands=1)),
    ("ionice", Row(Kind.WRAPPER, "-c -n -p -P -u --class --classdata")),
    ("ltrace strace", Row(Kind.WRAPPER, "-o -e -p -s -E -u -a -b -I -O -S -P")),
    ("ncu nvprof", Row(Kind.WRAPPER, "-o -k -c -s --export --set --section --metrics", is_brought=True)),
    ("nice", Row(Kind.WRAPPER, "-n --adjustment")),
    (
        "nsys",
        Row(
            Kind.WRAPPER,
            "-o -t -c -b -w -s -f -x -d -y --output --trace --capture-range --sample --force-overwrite",
            operands=1,
            is_brought=True,
        ),
    ),
    ("numactl", Row(Kind.WRAPPER, "-m -N -C -i -p -P --membind --cpunodebind --physcpubind --interleave --preferred")),
    (
        "parallel",
        Row(
            Kind.WRAPPER,
            """
            -j -P -a -N -n -L -l -d -I -C -S -J --jobs --max-procs --arg-file --joblog --results --colsep
            --delay --timeout --retries --tmpdir --sshlogin --sshloginfile --load --memfree --halt --progress:0
            --max-args --workdir --wd --env
            """,
            is_brought=True,
            spread=Spread.ITEMS,
        ),
    ),
    ("perf", Row(Kind.WRAPPER, "-e -o -p -t -C -F -c -g:0 -r -I", operands=1)),
    ("script", Row(Kind.WRAPPER, "-c -T -I -O -B -E -o")),
    ("stdbuf", Row(Kind.WRAPPER, "-i -o -e --input --output --error")),
    ("time", Row(Kind.WRAPPER, "-o -f --output --format")),
    ("watch", Row(Kind.WRAPPER, "-n -d:0 --interval")),
    (
        "xargs",
        Row(
            Kind.WRAPPER,
            """
            -I -i -n -P -L -l -d -E -s -a --replace --max-args --max-procs --max-lines --delimiter --arg-file
            --max-chars
            """,
            spread=Spread.ITEMS,
        ),
    ),
    (
        "xvfb-run",
        Row(Kind.WRAPPER, "-e -f -n -p -s --error-file --auth-file --server-num --xauth-protocol --server-args"),
    ),
    (
        "apptainer ch-run charliecloud condatainer docker enroot podman podman-hpc shifter singularity udocker",
        Row(Kind.CONTAINER, is_brought=True),
    ),
    ("clush pdsh", Row(Kind.REMOTE, "-w -x -R -f -t -u -l -g -o -b", spread=Spread.NODES)),
    ("salloc", Row(Kind.REMOTE, _OF_SRUN)),
    ("rsh ssh", Row(Kind.REMOTE, "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w", operands=1)),
    ("bsub msub qsub sbatch", Row(Kind.JOB)),
    ("find", Row(Kind.SEARCH, behind=("-exec", "-execdir", "-ok", "-okdir"))),
    ("fd fdfind", Row(Kind.SEARCH, is_brought=True, behind=("-x", "--exec", "-X", "--exec-batch"))),
    ("bash dash ksh sh zsh", Row(Kind.SHELL, "-o -O --rcfile --init-file")),
    ("R Rscript ipython julia littler matlab octave perl python", Row(Kind.INTERPRETER, is_brought=True)),
    ("eval", Row(Kind.EVALUATES)),
    ("[ hash test type whereis which", Row(Kind.ASKS)),
    ("echo logger printf say", Row(Kind.TELLS)),
    ("exit kill return sacct scancel scontrol squeue", Row(Kind.ENDS)),
    (
        """
        . : cd date declare export free hostname if local ls lscpu mkdir ml module nvidia-smi pwd readonly set
        shopt sleep source true ulimit umask uname unset whoami
        """,
        Row(Kind.IDLE),
    ),
    (
        """
        alias awk basename bc break cat chmod continue cp cut df diff dirname du expr false getopts grep gunzip
        gzip head id let ln mv popd ps pushd read rm sed seq shift sort tail tar tee touch tr trap typeset uniq
        wait wc zcat
        """,
        Row(Kind.EVERYDAY),
    ),
)

PROGRAMS: dict[str, Row] = {name: row for names, row in _ROWS for name in names.split()}


@lru_cache(maxsize=64)
def programs_of(*asked: Kind | Spread) -> frozenset[str]:
    """The names of the programs of these kinds, and of those that start others like this."""
    return frozenset(name for name, row in PROGRAMS.items() if row.kind in asked or row.spread in asked)


# Those that may start a program more than once at a time.
SEVERAL = (Spread.ITEMS, Spread.WORKERS, Spread.NODES, Spread.RANKS)


@lru_cache(maxsize=16)
def pattern_of(*asked: Kind | Spread) -> str:
    """A regular expression for the names of these programs, as words of a text: whatever stands around may start it."""
    names = programs_of(*asked)
    builds = (build for name, build in _BUILDS.items() if name in names)
    return rf"(?<![\w.$-])(?:{'|'.join([*builds, *sorted(map(re.escape, names), reverse=True)])})(?![\w.-])"


@lru_cache(maxsize=4096)
@lru_cache(maxsize=4096)
def row_of(name: str) -> Row | None:
    """The row of a program, by its name or path; None for one that the table does not have."""
    base = name.rsplit("/", 1)[-1]
    if base in PROGRAMS:
        return PROGRAMS[base]
    return next((PROGRAMS[known] for known, build in _BUILDS.items() if re.fullmatch(build, base)), None)


def kind_of(name: str) -> Kind | None:
    """What a program does with its words, by its name or path; None for one that the table does not have."""
    row = row_of(name)
    return row.kind if row is not None else None


def spread_of(name: str) -> Spread:
    """How often a program starts the one that it is given, and where, by its name or path."""
    row = row_of(name)
    return row.spread if row is not None else Spread.ONCE


def values_of(name: str) -> dict[str, int]:
    """The options of a program that take values, each with how many; none of one that the table does not have."""
    row = row_of(name)
    return row.takes if row is not None else {}


def is_everywhere(name: str) -> bool:
    """Whether every system has a program: the shell's own, and what the table knows but for what a package brings."""
    row = row_of(name)
    return row is not None and not row.is_brought
