"""Many runs at once: local workers, each a warm session that parses a deck once.

Jobs that share a deck and differ in values alone are altered and run again, with no process start
and no parsing in between.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np

from spice_backend.arrays import Floats
from spice_backend.errors import SpiceError
from spice_backend.protocol.samples import Samples
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be done.

    Attributes:
        deck: Its text, with its analysis.
        probes: What to record.
        values: What to alter first, as `Session.alter` takes it.
    """

    deck: str
    probes: tuple[str, ...]
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A run that was done.

    Attributes:
        outcome: How it ended.
        scale: (n_step,), seconds or the swept value.
        values: (n_step, n_probe), volts and amperes.
    """

    outcome: Outcome
    scale: Floats
    values: Floats


class Pool:
    """Local workers.

    Args:
        workers: How many; None for one per processor.
        timeout_s: Wall time of a run, seconds.
    """

    def __init__(self, workers: int | None = None, timeout_s: float | None = None) -> None:
        count = workers or len(os.sched_getaffinity(0))
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(count, initializer=self._begin)
        self._own = threading.local()
        self._sessions: list[Session] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            for session in self._sessions:
                session.cancel()
        self._threads.shutdown(cancel_futures=True)
        for session in self._sessions:
            session.close()

    def run(
        self, jobs: Iterable[Job], done: Callable[[Recording], None] = lambda _: None
    ) -> list[Recording]:
        """Do jobs.

        Args:
            jobs: What to do.
            done: Called with each as it ends, in the order of the jobs.

        Returns:
            One recording per job, in the order of the jobs; a failure is its outcome.
        """
        recordings = []
        for recording in self._threads.map(self._do, jobs):
            done(recording)
            recordings.append(recording)
        return recordings

    def _begin(self) -> None:
        self._own.session = Session(timeout_s=self._timeout_s)
        self._own.deck, self._own.keys = "", frozenset[str]()
        self._sessions.append(self._own.session)

    def _do(self, job: Job) -> Recording:
        session: Session = self._own.session
        blocks: list[Samples] = []

        def keep(samples: Samples) -> bool:
            blocks.append(samples)
            return True

        try:
            # What an earlier job altered and this one does not would stay.
            if job.deck != self._own.deck or frozenset(job.values) != self._own.keys:
                self._own.deck = ""
                session.load(job.deck)
                self._own.deck, self._own.keys = job.deck, frozenset(job.values)
            session.alter(job.values)
            outcome = session.rerun(job.probes, keep)
        except SpiceError as error:
            outcome = Outcome(Status.FAILED, message=error.message, hint=error.hint)
        if not outcome.ok:
            self._own.deck = ""
        width = len(job.probes)
        scale = np.concatenate([np.empty(0), *(block.scale for block in blocks)])
        values = np.concatenate([np.empty((0, width)), *(block.values for block in blocks)])
        return Recording(outcome, scale, values)
