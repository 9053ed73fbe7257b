"""One run as a conversation with a worker: blocks come in, decisions and a halt go out."""

from __future__ import annotations

import json
import math
import pickle
import threading
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np

from spice_backend.errors import SpiceError
from spice_backend.protocol.drive import Drive, Floats, Stretch
from spice_backend.protocol.samples import Samples, Snapshot, Vectors
from spice_backend.session.link import Link

Consume: TypeAlias = Callable[[Samples], bool]
Begin: TypeAlias = Callable[[Vectors], None]
Keep: TypeAlias = Callable[[Snapshot], None]
End: TypeAlias = Literal["ended", "halted", "late", "cancelled"]

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
        facts: What the worker said at the end; empty when it said nothing.
        unread: Blocks that came after the run was told to halt.
    """

    def __init__(
        self,
        link: Link,
        request: Mapping[str, Any],
        consume: Consume,
        drive: Drive | None,
        keep: Keep | None = None,
        begin: Begin | None = None,
    ) -> None:
        self._link, self._request = link, request
        self._consume, self._drive, self._keep, self._begin = consume, drive, keep, begin
        self._width = 1 if request["probes"] is None else len(request["probes"]) + 1
        self._real = True
        self._began = time.monotonic()
        self._halted_at = math.inf
        self._row: Floats = np.empty(0)
        self.last, self.steps = 0.0, 0
        self.facts: dict[str, Any] = {}
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
            How it ended; after "late" and "cancelled", and after "halted" without `facts`, the
            worker is still busy and must be ended.

        Raises:
            EOFError: When the worker is gone.
        """
        self._link.send(self._request)
        while True:
            if cancelled.is_set():
                return "cancelled"
            if time.monotonic() > self._halted_at + _HALT_SECONDS:
                return "halted"
            if timeout_s is not None and self.spent_s > timeout_s:
                return "late"
            message = self._link.receive(_POLL_SECONDS)
            if message is not None and self._take(message[:1], message[1:]):
                return "ended" if self._halted_at == math.inf else "halted"

    def _take(self, kind: bytes, body: bytes) -> bool:
        """Take a message in; whether it was the last."""
        match kind:
            case b"S":
                self._block(np.frombuffer(body, dtype=np.float64))
            case b"D" if self._halted_at == math.inf and self._drive is not None:
                due_s = float(np.frombuffer(body, dtype=np.float64)[0])
                stretch = checked(self._drive(due_s, self._row), due_s)
                self._link.send({"do": "stretch", "stretch": stretch})
            case b"V":
                vectors, self._real = pickle.loads(body)
                self._width = len(vectors)
                if self._begin is not None:
                    names, units = zip(*vectors, strict=True)
                    self._begin(Vectors(names, units, real=self._real))
            case b"N" if self._keep is not None:
                time_s, names, values = pickle.loads(body)
                self._keep(Snapshot(time_s, dict(zip(names, values.tolist(), strict=True))))
            case b"E":
                self.facts = json.loads(body)
                return True
        return False

    def _block(self, numbers: Floats) -> None:
        if self._real:
            block = numbers.reshape(-1, self._width)
            samples = Samples(block[:, 0], block[:, 1:])
        else:
            plane = numbers.view(np.complex128).reshape(-1, self._width)
            block, samples = plane.real, Samples(plane[:, 0].real, plane[:, 1:])
        if self._halted_at < math.inf:
            self.unread.append(samples)
            return
        self._row, self.last = block[-1, 1:], float(block[-1, 0])
        self.steps += len(block)
        if not self._consume(samples):
            self._halted_at = time.monotonic()
            self._link.send({"do": "halt"})


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
