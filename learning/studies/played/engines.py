"""Who evaluates points: any executor behind one face, processes of this machine unless told.

Every engine hands a point to a `Seat` in the end, so that a time limit, a lost process and a typed
failure mean the same on this machine, on a Dask cluster and in a SLURM job.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from learning.errors import LearningError
from learning.studies.kept.record import Record
from learning.studies.played.evaluate import Job
from learning.studies.played.seat import Seat, evaluate_apart

SLURM = "slurm"
"""What ``--scheduler`` calls SLURM; anything else is the address of a Dask scheduler."""

_SLURM_MINUTES = 60


class Engine(Protocol):
    """Evaluates points."""

    def submit(self, job: Job) -> Future[Record]:
        """Have a point evaluated."""


class LocalEngine:
    """Processes of this machine, one for each worker.

    Args:
        workers: How many points at a time.
    """

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="seat")
        self._seats = [Seat() for _ in range(workers)]
        self._free: SimpleQueue[Seat] = SimpleQueue()
        for seat in self._seats:
            self._free.put(seat)

    def submit(self, job: Job) -> Future[Record]:
        """Have a point evaluated at the next free seat."""
        return self._threads.submit(self._evaluate, job)

    def close(self) -> None:
        """End every process; what has not begun never will."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for seat in self._seats:
            seat.stop()
        self._threads.shutdown(wait=True)
        for seat in self._seats:
            seat.close()

    def _evaluate(self, job: Job) -> Record:
        seat = self._free.get()
        try:
            return seat.evaluate(job)
        finally:
            self._free.put(seat)


class ExecutorEngine:
    """Any executor whose workers see the study's folder.

    Args:
        executor: Such as a Dask client's.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, job: Job) -> Future[Record]:
        """Have a point evaluated wherever the executor likes."""
        return self._executor.submit(evaluate_apart, job)


@contextlib.contextmanager
def open_engine(workers: int, scheduler: str | None, folder: Path) -> Iterator[Engine]:
    """An engine by what a command line says.

    Args:
        workers: Points at a time on this machine.
        scheduler: The address of a Dask scheduler, or "slurm"; None for this machine.
        folder: Where SLURM jobs leave their logs.

    Yields:
        The engine, which ends with the context.

    Raises:
        LearningError: When a library is missing or the scheduler cannot be reached.
    """
    if scheduler is None:
        engine = LocalEngine(workers)
        try:
            yield engine
        finally:
            engine.close()
        return
    if scheduler == SLURM:
        with _SlurmExecutor(folder) as executor:
            yield ExecutorEngine(executor)
        return
    with _dask(scheduler) as executor:
        yield ExecutorEngine(executor)


@contextlib.contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError as error:
        raise _without("distributed", "dask") from error
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise LearningError(
            f"no Dask scheduler answers: {error}",
            f"--scheduler {address}",
            "tcp://HOST:8786 as `dask scheduler` prints it",
        ) from error
    with client, client.get_executor(pure=False, retries=1) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False)
            raise


class _SlurmExecutor(Executor):
    """Jobs of a SLURM cluster as an executor: a thread waits for each.

    Args:
        folder: For the jobs' logs.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from submitit import AutoExecutor  # noqa: PLC0415
        except ImportError as error:
            raise _without("submitit", "slurm") from error
        self._jobs = AutoExecutor(folder=str(folder))
        self._jobs.update_parameters(cpus_per_task=1, timeout_min=_SLURM_MINUTES)
        self._threads = ThreadPoolExecutor(256, thread_name_prefix="slurm")

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a job; the future waits for it."""
        if args and isinstance(args[0], Job):
            minutes = int(args[0].limit_s / 60) + 5
            self._jobs.update_parameters(timeout_min=minutes)
        job = self._jobs.submit(fn, *args, **kwargs)
        return self._threads.submit(job.result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what is queued."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)


def _without(library: str, extra: str) -> LearningError:
    return LearningError(
        f"the library {library} is not installed",
        "--scheduler",
        f"pip install 'joulearn[{extra}]'",
    )
