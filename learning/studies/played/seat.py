"""A process beside this one that evaluates points one after another, and can be ended at any time.

A point that hangs, takes all memory or brings the simulator's bindings down must cost nobody else
anything, so it is evaluated behind a process's border whatever executor asked for it. The process
is kept from point to point, because to start one costs more than a second; it ends itself and its
simulator when whoever holds the other end of its pipe is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from learning.errors import StorageError
from learning.studies.kept.record import Record, Status
from learning.studies.kept.store import Store, failed
from learning.studies.played.evaluate import Job

_ATTEMPTS = 2
"""A process lost under a point is replaced once; the second time it is the point's doing."""

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
_LONGEST_WORD = 300


class Seat:
    """A place at which points are evaluated, one at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._closed = False

    def evaluate(self, job: Job) -> Record:
        """Evaluate a point.

        Args:
            job: The point.

        Returns:
            Its record, which is in the store.

        Raises:
            StorageError: When the store takes no more.
            InterruptedError: When the seat was closed meanwhile.
        """
        lost = ""
        for _ in range(_ATTEMPTS):
            try:
                return self._asked(job)
            except TimeoutError:
                self._end()
                told = f"ended after its limit of {job.limit_s:g} s (limits.point_s)"
                return note(job, Status.TIMED_OUT, told)
            except (EOFError, OSError):
                lost = self._end()
            if self._closed:
                raise InterruptedError("the study was interrupted")
        return note(job, Status.WORKER_LOST, f"its process was lost twice: {lost}")

    def stop(self) -> None:
        """End the process, from any thread; what it was at leaves nothing."""
        self._closed = True
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process when nothing is evaluated any more."""
        self.stop()
        self._end()
        self._words.close()

    def _asked(self, job: Job) -> Record:
        pipe = self._started()
        pipe.send(job)
        if not pipe.poll(job.limit_s):
            raise TimeoutError
        answer = pipe.recv()
        if isinstance(answer, Record):
            return answer
        if isinstance(answer, StorageError):
            raise answer
        raise EOFError

    def _started(self) -> Connection:
        if self._closed:
            raise InterruptedError("the study was interrupted")
        if self._pipe is None:
            ours, theirs = Pipe()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", f"{__package__}.seated", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=self._words,
                    stderr=self._words,
                    env=_variables(),
                    start_new_session=True,
                )
            self._pipe = ours
            if self._closed:
                raise EOFError
        return self._pipe

    def _end(self) -> str:
        """End the process with all it has started; how it ended, in words."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
        if process is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)  # one that died by itself says how
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._words.seek(0)
        last = self._words.read()[-4096:].decode("utf-8", "replace").strip().splitlines()
        self._words.seek(0)
        self._words.truncate()
        return ", ".join((how, *last[-1:]))[:_LONGEST_WORD]


def evaluate_apart(job: Job) -> Record:
    """Evaluate a point in a process of its own; what an executor on another machine is given.

    Args:
        job: The point.

    Returns:
        Its record, which is in the store.

    Raises:
        StorageError: When the store takes no more.
    """
    seat = Seat()
    try:
        return seat.evaluate(job)
    finally:
        seat.close()


def note(job: Job, status: Status, message: str) -> Record:
    """Write down why a point has no figures, unless it has some after all.

    Args:
        job: The point.
        status: The reason.
        message: The same in words.

    Returns:
        What is in the store.
    """
    store = Store(job.store)
    there = store.read(job.key)
    if there is not None and there.done:
        return there  # it was lost after its work was done
    return store.commit(store.begin(job.key), failed(job.key, status, message, job.limit_s))


def _variables() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONPATH": path}
