"""A study conducted: what is not in the store yet is evaluated, until the end or a stop rule."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, as_completed
from dataclasses import dataclass, field

from learning.errors import StorageError
from learning.studies.kept.record import AGAIN, Record, Status
from learning.studies.kept.store import Store
from learning.studies.planned.identity import tools
from learning.studies.planned.point import Point
from learning.studies.planned.study import Limits
from learning.studies.played.engines import Engine
from learning.studies.played.evaluate import Job
from learning.studies.played.seat import note


@dataclass(slots=True)
class Progress:
    """How far a study is.

    Attributes:
        total: Points to evaluate here.
        done: Points evaluated, with figures.
        failed: Points evaluated, without.
        began: When, by the monotonic clock, seconds.
        last: The last point's record.
    """

    total: int
    done: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)
    last: Record | None = None

    @property
    def left_s(self) -> float | None:
        """Estimated wall time left, seconds; None before the first point."""
        over = self.done + self.failed
        elapsed_s = time.monotonic() - self.began
        return elapsed_s / over * (self.total - over) if over else None


Watch = Callable[[Progress], None]
Decided = Callable[[], bool]


def missing(points: Sequence[Point], store: Store, limits: Limits, *, retry: bool) -> list[Point]:
    """The points that are to be evaluated, each once.

    Args:
        points: Those asked for.
        store: What is there.
        limits: A point that ran out of time is tried again when it is given more.
        retry: Try every point without figures again.

    Returns:
        In their order.
    """
    found = []
    for point in {point.place.key: point for point in points}.values():
        record = store.read(point.place.key)
        late = record is not None and record.status is Status.TIMED_OUT
        more = late and record is not None and record.limit_s < limits.point_s
        if record is None or record.status in AGAIN or more or (retry and not record.done):
            found.append(point)
    return found


def conduct(
    points: Sequence[Point],
    store: Store,
    engine: Engine,
    limits: Limits,
    *,
    watch: Watch = lambda _: None,
    decided: Decided = lambda: False,
) -> str:
    """Evaluate points.

    Args:
        points: From `missing`.
        store: Where results go.
        engine: Who evaluates.
        limits: When to stop.
        watch: Called after every point.
        decided: Whether no missing point can change a verdict.

    Returns:
        Which stop rule ended it; empty when none did.

    Raises:
        StorageError: When the store takes no more.
    """
    progress = Progress(len(points))
    place, here = store.path.resolve(), tools()
    jobs = [Job(p.place.key, p.design, place, limits.point_s, here) for p in points]
    for attempt in range(2):
        lost, stopped = _pass(jobs, engine, limits, progress, (watch, decided), last=attempt > 0)
        if stopped or not lost:
            return stopped
        jobs = lost
    return ""


def _pass(
    jobs: Sequence[Job],
    engine: Engine,
    limits: Limits,
    progress: Progress,
    tell: tuple[Watch, Decided],
    *,
    last: bool,
) -> tuple[list[Job], str]:
    """Every job once; those whose worker was lost, and which rule stopped it.

    A rule keeps further points from beginning; what has begun is finished.
    """
    watch, decided = tell
    futures = {engine.submit(job): job for job in jobs}
    lost, stopped = list[Job](), ""
    for future in as_completed(futures):
        if future.cancelled() and stopped:
            continue
        record = _outcome(future, futures[future], last=last)
        if record is None:
            lost.append(futures[future])
            continue
        progress.done += record.done
        progress.failed += not record.done
        progress.last = record
        watch(progress)
        stopped = stopped or _stopped(limits, progress, decided)
        if stopped:
            for waiting in futures:
                waiting.cancel()
    return lost, stopped


def _outcome(future: Future[Record], job: Job, *, last: bool) -> Record | None:
    """A point's record; None when its worker was lost and it may be tried once more."""
    try:
        return future.result()
    except (StorageError, InterruptedError):
        raise
    except (Exception, CancelledError) as error:  # noqa: BLE001 - an executor's own, of any kind
        if not last:
            return None
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        return note(job, Status.WORKER_LOST, told)


def _stopped(limits: Limits, progress: Progress, decided: Decided) -> str:
    if limits.failures is not None and progress.failed >= limits.failures:
        return f"{progress.failed} points without figures (limits.failures)"
    elapsed_s = time.monotonic() - progress.began
    if limits.study_s is not None and elapsed_s >= limits.study_s:
        return f"{elapsed_s:.0f} s are over (limits.study_s)"
    if limits.when_decided and decided():
        return "every spec is decided (limits.when_decided)"
    return ""
