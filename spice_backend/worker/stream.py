"""Points of a run on their way out of the simulator's process, in blocks of plain numbers.

Every accepted point goes into a block that is sent as bytes, so nothing is said point by point and
nothing grows with the length of a run.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from spice_backend.protocol.channel import Channel
from spice_backend.protocol.drive import Player, Stretch, reached
from spice_backend.protocol.messages import (
    MOST_BYTES,
    Analysis,
    Answer,
    Due,
    Moment,
    Points,
    encode,
    printable,
)
from spice_backend.protocol.probe_names import vector_name

_BLOCK_STEPS, _BLOCK_BYTES = 256, MOST_BYTES >> 4
_BLOCK_SECONDS = 0.2
_SCALES = ("time", "v-sweep", "i-sweep", "temp-sweep", "frequency")


class Stream:
    """Listens to one run, sends the probes on, and plays what the external sources are told.

    Args:
        channel: To the session, which gets `Analysis`, `Points`, `Due` and `Moment`.
        probes: What to send, as ``.save`` writes it; None for everything the deck saves.
        stretches: Where the answers to decisions arrive; None in it ends the run.
        driven: Whether somebody decides what the external sources do.
        snapshots_s: Times at whose first point every vector is sent, ascending, seconds.
        breakpoint: Makes the simulator land on a time.
        give_up: Called when the run is pointless: a probe is missing.
    """

    def __init__(
        self,
        channel: Channel,
        probes: tuple[str, ...] | None,
        stretches: queue.SimpleQueue[Stretch | None],
        *,
        driven: bool,
        snapshots_s: tuple[float, ...],
        breakpoint: Callable[[float], None],  # noqa: A002 - what the simulator calls it
        give_up: Callable[[], None],
    ) -> None:
        self._channel, self._probes, self._stretches = channel, probes, stretches
        self._breakpoint, self._give_up = breakpoint, give_up
        self._player = Player()
        self._driven = driven
        self._snapshots_s = deque(snapshots_s)
        self._names: tuple[str, ...] = ()
        self.missing: tuple[str, ...] = ()
        self.steps = 0
        self.last = 0.0
        self.waited_s = 0.0
        self._columns: list[int] = []
        self._real = True
        self._pointers: list[Any] = []
        self._block = np.empty((0, 0))
        self._filled = 0
        self._sent_at = time.monotonic()
        self._corners_s: tuple[float, ...] = ()
        self._sending = threading.Lock()
        if driven:
            self._decide(0.0)

    def begin(self, names: Sequence[str], units: Sequence[str], *, real: bool) -> None:
        """Where scale and probes stand among the vectors; notes those that are missing."""
        self.flush()
        places = {vector_name(name): index for index, name in reversed(list(enumerate(names)))}
        scale = next((places[name] for name in _SCALES if name in places), 0)
        wanted = self._wanted(names, scale)
        self.missing = tuple(name for name in wanted if name not in places)
        self._columns = [scale, *(places.get(name, scale) for name in wanted)]
        self._pointers = []
        self._real = real or self._probes is not None
        self._names = tuple(printable(vector_name(name)) for name in names)
        width = len(self._columns) if self._real else 2 * len(self._columns)
        self._block = np.empty((max(1, min(_BLOCK_STEPS, _BLOCK_BYTES // (8 * width))), width))
        if self._probes is None:
            shown = tuple(printable(vector_name(names[column])) for column in self._columns)
            self._send(Analysis(shown, tuple(units[column] for column in self._columns), real))
        if self.missing:
            self._give_up()

    def point(self, vectors: Any) -> None:
        """One accepted point."""
        if not self._pointers:
            self._pointers = [vectors[column] for column in self._columns]
        block, filled = self._block, self._filled
        if self._real:
            block[filled] = [pointer.creal for pointer in self._pointers]
        else:
            block[filled] = [x for p in self._pointers for x in (p.creal, p.cimag)]
        self._filled = filled + 1
        self.steps += 1
        if self._snapshots_s and reached(float(block[filled, 0]), self._snapshots_s[0]):
            self._snapshot(vectors, float(block[filled, 0]))
        if self._driven:
            self._steer(float(block[filled, 0]))
        if self._filled == len(block) or time.monotonic() - self._sent_at > _BLOCK_SECONDS:
            self.flush()

    def voltage(self, source: str, time_s: float) -> float:
        """The value of an external source."""
        return self._player.value(source, time_s)

    def flush(self) -> None:
        """Send what is there."""
        if self._filled:
            self.last = float(self._block[self._filled - 1, 0])
            self._send(Points(self._block[: self._filled]))
            self._filled = 0
        self._sent_at = time.monotonic()

    def _wanted(self, names: Sequence[str], scale: int) -> tuple[str, ...]:
        if self._probes is not None:
            return tuple(vector_name(probe) for probe in self._probes)
        return tuple(vector_name(name) for index, name in enumerate(names) if index != scale)

    def _snapshot(self, vectors: Any, time_s: float) -> None:
        """Send every vector, then at once the block that ends with this point."""
        while self._snapshots_s and reached(time_s, self._snapshots_s[0]):
            self._snapshots_s.popleft()
        values = np.array([vectors[column].creal for column in range(len(self._names))])
        self._send(Moment(time_s, self._names, values))
        self.flush()

    def _steer(self, time_s: float) -> None:
        if self._player.due(time_s):
            self.flush()
            self._decide(time_s)
        # Only now, at an accepted point, is the simulator's table of breakpoints there to add to.
        for corner_s in self._corners_s:
            if corner_s > time_s:
                self._breakpoint(corner_s)
        self._corners_s = ()

    def _decide(self, time_s: float) -> None:
        self._send(Due(time_s))
        began = time.monotonic()
        stretch = self._stretches.get()
        self.waited_s += time.monotonic() - began
        if stretch is None:
            self._driven = False
        else:
            self._corners_s = self._player.take(stretch, time_s)

    def _send(self, message: Answer) -> None:
        with self._sending:
            self._channel.send(encode(message))
