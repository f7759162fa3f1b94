"""Sharing work among several processes, in order and in bounded memory; with one alone where no other can be started.

Each process is a new interpreter that runs `evidence_review.formats.worker` and is fed through its standard input by a
thread of this one. The standard library's process pool would do, but it imports the caller's main module again in each
process, which a caller must provide for; whoever calls `run` of a verb from a script should not have to.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# Beyond these the process that writes the results is the one that is waited for; each takes some 50 MB.
_MOST = 4
# Room for a whole result, where the system grants it: each time a pipe runs full or empty, somebody is woken.
_PIPE = 1 << 20


def processors() -> int:
    """Return how many processes are worth having: the processors that this one may use, and no more than four."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST)
    return min(os.cpu_count() or 1, _MOST)


def in_order(job: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    """Yield `job(item)` for each item, in their order, worked on by several processes.

    `job` must be importable: a function of a module, or a partial of one. What a process cannot do, because it could
    not start or has died, is done here.
    """
    workers = [_Worker(job) for _ in range(processes)]
    idle: SimpleQueue[_Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def done(item: Item) -> Result:
        worker = idle.get()
        try:
            result: Result = worker.do(item)
            return result
        finally:
            idle.put(worker)

    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(processes) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(done, item))
                if len(waiting) > 2 * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            for worker in workers:
                worker.close()


class _Worker:
    """One process, and this one in its stead once it has died."""

    def __init__(self, job: Callable[[Any], Any]) -> None:
        self._job = job
        self._process = _started(job)

    def do(self, item: Any) -> Any:
        process = self._process
        if process is not None and process.stdin is not None and process.stdout is not None:
            try:
                pickle.dump(item, process.stdin, pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
                return pickle.load(process.stdout)  # noqa: S301  # from a process of our own
            except (OSError, EOFError, pickle.UnpicklingError, ValueError):
                # An error of the job itself comes again below, with its traceback.
                self.close()
        return self._job(item)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout)):
                # What is still buffered was for a process that is gone.
                with contextlib.suppress(OSError):
                    pipe.close()


def _started(job: Callable[[Any], Any]) -> subprocess.Popen[bytes] | None:
    if not sys.executable or getattr(sys, "frozen", False):
        return None
    # -P keeps the current folder, which may hold anything, out of what is imported.
    command = [sys.executable, "-P", "-m", "evidence_review.formats.worker"]
    paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
            pipesize=_PIPE,
        )
    except OSError:
        return None
    try:
        assert process.stdin is not None
        pickle.dump(job, process.stdin, pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
    except OSError:
        process.kill()
        process.wait()
        return None
    return process
