"""One run as a conversation with a worker: blocks come in, decisions and a halt go out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from spice_backend.arrays import Floats
from spice_backend.errors import SpiceError
from spice_backend.protocol.drive import Drive, Stretch, reached
from spice_backend.protocol.messages import (
    Analysis,
    Answer,
    Due,
    Ended,
    Garbled,
    Halt,
    Loaded,
    Moment,
    Points,
    Run,
)
from spice_backend.protocol.samples import Samples, Snapshot, Vectors
from spice_backend.session.link import Link

Consume: TypeAlias = Callable[[Samples], bool]
Begin: TypeAlias = Callable[[Vectors], None]
Keep: TypeAlias = Callable[[Snapshot], None]
End: TypeAlias = Literal["ended", "halted", "late", "cancelled", "stuck"]

_POLL_SECONDS = 0.1
_HALT_SECONDS = 10.0


class Exchange:
    """A run under way.

    Args:
        link: The worker.
        request: What it is to run.
        consume: Called with every block; returning False halts the run.
        drive: Decides what external sources do.
        keep: Called with every snapshot, before the block that ends with its point.
        begin: Called with the vectors of every analysis, when everything is asked for.

    Attributes:
        last: Last time consumed, seconds (or swept value).
        steps: Points consumed.
        spent_s: Wall time since the request, seconds.
        ended: What the worker said at the end; None when it said nothing.
        unread: Blocks that came after the run was told to halt.
    """

    def __init__(
        self,
        link: Link,
        request: Run,
        consume: Consume,
        drive: Drive | None,
        keep: Keep | None = None,
        begin: Begin | None = None,
    ) -> None:
        self._link, self._request = link, request
        self._consume, self._drive, self._keep, self._begin = consume, drive, keep, begin
        self._width = 0 if request.probes is None else len(request.probes) + 1
        self._real = True
        self._loading = request.deck is not None
        self._began = time.monotonic()
        self._halted_at = math.inf
        self._row: Floats = np.empty(0)
        self._due_s = 0.0
        self._moments = len(request.snapshots_s)
        self.last, self.steps = 0.0, 0
        self.ended: Ended | None = None
        self.unread: list[Samples] = []

    @property
    def spent_s(self) -> float:
        """Wall time since the request, seconds."""
        return time.monotonic() - self._began

    def until_end(self, timeout_s: float | None, cancelled: threading.Event) -> End:
        """Talk until the run is over, out of time or cancelled.

        Args:
            timeout_s: Wall time after which to give up, seconds; None never.
            cancelled: Set by whoever wants it to end.

        Returns:
            How it ended; after "late", "stuck" (it reads the deck for ever) and "cancelled", and
            after "halted" without `ended`, the worker is still busy and must be ended.

        Raises:
            EOFError: When the worker is gone.
            Garbled: When it says what no worker of ours would.
        """
        self._link.send(self._request)
        while True:
            if cancelled.is_set():
                return "cancelled"
            if time.monotonic() > self._halted_at + _HALT_SECONDS:
                return "halted"
            if timeout_s is not None and self.spent_s > timeout_s:
                return "late"
            if self._loading and self._link.loading_too_long():
                return "stuck"
            answer = self._link.receive(_POLL_SECONDS)
            if answer is not None and self._take(answer):
                return "ended" if self._halted_at == math.inf else "halted"

    def _take(self, answer: Answer) -> bool:
        """Take an answer in; whether it was the last."""
        self._loading = False
        match answer:
            case Loaded() if self._request.deck is not None:
                return False
            case Points():
                self._block(answer.numbers)
            case Due() if self._drive is not None:
                self._decide(self._drive, answer.time_s)
            case Analysis() if self._request.probes is None:
                self._real, self._width = answer.real, len(answer.names)
                if self._begin is not None:
                    self._begin(Vectors(answer.names, answer.units, real=answer.real))
            case Moment() if self._moments:
                self._moments -= 1
                values = dict(zip(answer.names, answer.values.tolist(), strict=True))
                if self._keep is not None:
                    self._keep(Snapshot(answer.time_s, values))
            case Ended():
                self.ended = answer
                return True
            case _:
                raise Garbled(f"nobody asked for {type(answer).__name__}")
        return False

    def _decide(self, drive: Drive, due_s: float) -> None:
        if not reached(due_s, self._due_s):
            raise Garbled(f"a decision at {due_s:g} s, and the next is due at {self._due_s:g} s")
        if self._halted_at == math.inf:
            stretch = checked(drive(due_s, self._row), due_s)
            self._due_s = stretch.until_s
            self._link.send(stretch)

    def _block(self, numbers: Floats) -> None:
        width = self._width if self._real else 2 * self._width
        if not width or len(numbers) % width:
            raise Garbled(f"{len(numbers)} numbers in rows of {width}")
        if self._real:
            block = numbers.reshape(-1, width)
            samples = Samples(block[:, 0], block[:, 1:])
        else:
            plane = numbers.view(np.complex128).reshape(-1, self._width)
            block, samples = plane.real, Samples(plane[:, 0].real, plane[:, 1:])
        if not np.isfinite(samples.scale).all():
            raise Garbled("a point that is nowhere on its scale")
        if self._halted_at < math.inf:
            self.unread.append(samples)
            return
        self._row, self.last = block[-1, 1:], float(block[-1, 0])
        self.steps += len(block)
        if not self._consume(samples):
            self._halted_at = time.monotonic()
            self._link.send(Halt())


def checked(stretch: Stretch, due_s: float) -> Stretch:
    """A drive's answer, plain and in order, for another process plays it.

    Args:
        stretch: The answer.
        due_s: When it was due, seconds.

    Returns:
        The same with plain numbers and lower-case names.

    Raises:
        SpiceError: When it goes back in time.
    """
    courses = {}
    for source, corners in stretch.courses.items():
        plain = tuple((float(time_s), float(value)) for time_s, value in corners)
        if any(after < before for before, after in pairwise([due_s, *(t for t, _ in plain)])):
            raise SpiceError(
                f"the course of {source} goes back in time",
                f"at {due_s:g} s",
                "corners at rising times, none before the decision",
            )
        courses[source.lower()] = plain
    if not stretch.until_s > due_s:
        raise SpiceError(
            f"the next decision is due at {stretch.until_s:g} s",
            f"at {due_s:g} s",
            "a later time, or math.inf when there is none",
        )
    return Stretch(float(stretch.until_s), courses)
