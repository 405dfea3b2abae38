"""Processes that work on files, each file within a limit of time and memory; the only door to forking.

A file that takes too long, eats memory, or breaks its process costs itself and nothing else: the parent watches, ends
that process, and lets another one do the rest.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, NamedTuple, NoReturn, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
# Works on some items; it calls the function that it is handed with the place of each item before it starts on it.
Work = Callable[[Sequence[Item], Callable[[int], None]], Sequence[Result]]

_POLL = 0.1  # seconds between two looks at what a process uses
_PATIENCE = 6  # times the limit in seconds that may pass on a busy machine, or before a process that waits is given up
_HEAD = struct.Struct("!cI")
_AT, _DONE, _FAILED = b"A", b"D", b"F"
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Limits(NamedTuple):
    """What one file may take: `seconds` of a processor, and `megabytes` of memory; 0 is for no limit."""

    seconds: float = 10
    megabytes: int = 500


class _Worker:
    """A process, the ends of its two pipes, and what it is at: places of items, and since when."""

    def __init__(self, pid: int, orders: int, answers: int) -> None:
        self.pid, self.orders, self.answers = pid, orders, answers
        self.chunk: tuple[int, ...] = ()
        self.at: int | None = None
        self.since = self.used = 0.0
        self.received = bytearray()
        self.start = memory(pid)  # what it has from its parent

    def begin(self, at: int | None) -> None:
        self.at, self.since, self.used = at, time.monotonic(), processor_seconds(self.pid)


class Workers(Generic[Item, Result]):
    """Shares items out to at most `count` processes.

    `lost` makes the result of an item whose process was ended, from the item and the reason.
    """

    def __init__(
        self, work: Work[Item, Result], lost: Callable[[Item, str], Result], limits: Limits, count: int
    ) -> None:
        self.work, self.lost, self.limits, self.count = work, lost, limits, count
        self.items: Sequence[Item] = ()
        self.waiting: deque[tuple[int, ...]] = deque()
        self.results: dict[int, Result] = {}
        self.running: list[_Worker] = []

    def results_of(self, items: Sequence[Item], chunks: Sequence[range]) -> Iterator[Result]:
        """The results in the order of the items; each chunk goes to one process. Whatever ends it, no process stays."""
        self.items = items
        self.waiting.extend(tuple(chunk) for chunk in chunks if len(chunk))
        try:
            for at in range(len(items)):
                while at not in self.results:
                    self._go_on()
                yield self.results.pop(at)
        finally:
            for worker in list(self.running):
                self._end(worker)

    def _go_on(self) -> None:
        """Hand out what waits, hear what is done, and end what is over its limits."""
        idle = [worker for worker in self.running if not worker.chunk]
        while self.waiting and (idle or len(self.running) < self.count):
            worker = idle.pop() if idle else self._start()
            self._order(worker, self.waiting.popleft())
        for worker in self._heard():
            self._hear(worker)
        for worker in [each for each in self.running if each.chunk]:
            if reason := self._over(worker):
                self._give_up(worker, reason)

    def _start(self) -> _Worker:
        orders, to_child = os.pipe()
        from_child, answers = os.pipe()
        ours = [to_child, from_child, *(end for each in self.running for end in (each.orders, each.answers))]
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which a run has none of
                pid = os.fork()
            if not pid:
                _work_for_ever(self.work, self.items, orders, answers, ours)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        os.close(orders)
        os.close(answers)
        worker = _Worker(pid, to_child, from_child)
        self.running.append(worker)
        return worker

    def _order(self, worker: _Worker, chunk: tuple[int, ...]) -> None:
        worker.chunk = chunk
        worker.begin(None)
        with suppress(BrokenPipeError):  # it is heard of as one that has ended
            _write(worker.orders, struct.pack(f"!I{len(chunk)}I", len(chunk), *chunk))

    def _heard(self) -> list[_Worker]:
        """The workers that have said something, or have ended."""
        poll = select.poll()
        for worker in self.running:
            poll.register(worker.answers, select.POLLIN)
        ready = {end for end, _ in poll.poll(_POLL * 1000)}
        return [worker for worker in self.running if worker.answers in ready]

    def _hear(self, worker: _Worker) -> None:
        data = os.read(worker.answers, 1 << 20)
        if not data:
            self._give_up(worker, "")
            return
        worker.received += data
        while len(worker.received) >= _HEAD.size:
            kind, size = _HEAD.unpack_from(worker.received)
            if kind == _AT:
                del worker.received[: _HEAD.size]
                worker.begin(worker.chunk[size])
            elif len(worker.received) < _HEAD.size + size:
                return
            else:
                told = bytes(worker.received[_HEAD.size : _HEAD.size + size])
                del worker.received[: _HEAD.size + size]
                if kind == _FAILED:
                    self._give_up(worker, f"slurmfix has a fault ({told.decode()}); report it with the file")
                    return
                done = pickle.loads(told)
                self.results.update(zip(worker.chunk, done, strict=True))
                worker.chunk = ()

    def _over(self, worker: _Worker) -> str:
        """Why a process is to be ended: which limit it is over; "" where it is not."""
        seconds, megabytes = self.limits
        if megabytes and memory(worker.pid) - worker.start > megabytes * 1_000_000:
            return f"the file takes more than {megabytes} MB of memory; --show-config names the limit"
        if seconds:
            used, passed = processor_seconds(worker.pid) - worker.used, time.monotonic() - worker.since
            if used > seconds or passed > _PATIENCE * seconds or (passed > seconds and is_stopped(worker.pid)):
                return f"the file takes more than {seconds:g} s; --show-config names the limit"
        return ""

    def _give_up(self, worker: _Worker, reason: str) -> None:
        """End a process: the item that it was at is lost, and the others of its chunk wait for another one."""
        status = self._end(worker)
        if worker.chunk:
            told = reason or _ended_by(status)
            culprit = worker.chunk[0] if worker.at is None else worker.at
            self.results[culprit] = self.lost(self.items[culprit], told)
            # One by one, since a chunk shares its process: what was lost with it may have broken it, too.
            self.waiting.extendleft((at,) for at in reversed(worker.chunk) if at != culprit)

    def _end(self, worker: _Worker) -> int:
        self.running.remove(worker)
        os.close(worker.orders)
        os.close(worker.answers)
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            return os.waitpid(worker.pid, 0)[1]
        return 0


def _ended_by(status: int) -> str:
    if os.WIFEXITED(status):
        return f"its process ended with status {os.WEXITSTATUS(status)}"
    if os.WTERMSIG(status) != signal.SIGKILL:
        return f"its process ended by {signal.Signals(os.WTERMSIG(status)).name}, as happens where memory runs out"
    return "its process was killed, as happens where memory runs out"


def _work_for_ever(
    work: Work[Item, Result], items: Sequence[Item], orders: int, answers: int, others: Sequence[int]
) -> NoReturn:
    """What a process does: it works on each chunk that it is sent, until its parent is gone."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends this one
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for end in others:
            os.close(end)
        _end_with_parent(os.getppid())
        while head := _read(orders, 4):
            (size,) = struct.unpack("!I", head)
            chunk = struct.unpack(f"!{size}I", _read(orders, 4 * size))

            def started(at: int) -> None:
                _write(answers, _HEAD.pack(_AT, at))

            done = pickle.dumps(work([items[at] for at in chunk], started), pickle.HIGHEST_PROTOCOL)
            _write(answers, _HEAD.pack(_DONE, len(done)) + done)
        status = 0
    except BrokenPipeError:
        pass
    except Exception as error:  # a fault of ours, which costs the file that it came with
        told = f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:500]
        _write(answers, _HEAD.pack(_FAILED, len(told)) + told)
    finally:
        os._exit(status)  # nothing that the parent has begun, such as a buffer of output, is ended here


def _end_with_parent(parent: int) -> None:
    """Lets this process end with its parent, however that ends: else it would finish its work for nobody."""
    import threading

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    with suppress(RuntimeError):  # where there is no memory for a thread, it ends with its chunk
        threading.Thread(target=watch, daemon=True).start()


def _write(end: int, data: bytes) -> None:
    while data:
        data = data[os.write(end, data) :]


def _read(end: int, size: int) -> bytes:
    """So many bytes; fewer where the other end was closed."""
    data = b""
    while len(data) < size and (more := os.read(end, size - len(data))):
        data += more
    return data


def memory(pid: int) -> int:
    """The bytes of memory that a process has; 0 where that cannot be told."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def processor_seconds(pid: int) -> float:
    """The seconds that a process has worked so far; 0 where that cannot be told."""
    fields = _status(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if len(fields) > 12 else 0.0


def is_stopped(pid: int) -> bool:
    """Whether a process stands still until somebody sends it a signal."""
    return _status(pid)[:1] in ([b"T"], [b"t"])


def _status(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat behind the program's name."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
