"""Cut a streaming run at the ends of its presentations.

The simulator chooses its own time steps, so a presentation's first and last point are interpolated;
everything measured later (errors, energies, settling, waveforms) is read from whole segments, and
no more than one presentation is ever held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.schedule import Presentation, Schedule
from spice_backend.protocol.samples import Samples


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One presentation as it was simulated.

    Attributes:
        presentation: Which one.
        time_s: (n_step,), from its start to its end, seconds.
        values: (n_step, n_probe), volts or amperes.
    """

    presentation: Presentation
    time_s: Floats
    values: Floats

    @property
    def last(self) -> Floats:
        """Probes at the end of the presentation: (n_probe,), volts or amperes."""
        row: Floats = self.values[-1]
        return row

    @property
    def duration_s(self) -> float:
        """How long it lasted, seconds."""
        return float(self.time_s[-1] - self.time_s[0])


class Segmenter:
    """Turns blocks of samples into segments.

    Args:
        schedule: The presentations, without gaps, from time zero.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._waiting = iter(schedule.presentations)
        self._now = next(self._waiting, None)
        self._time_s: Floats = np.empty(0)
        self._values: Floats = np.empty((0, 0))

    def cut(self, samples: Samples) -> Iterator[Segment]:
        """Take a block in and hand out every presentation that is now complete.

        Args:
            samples: The next block, in order of time.

        Yields:
            Segments in order.
        """
        if not len(self._time_s):
            self._values = samples.values[:0]
        self._time_s = np.concatenate([self._time_s, samples.scale])
        self._values = np.concatenate([self._values, samples.values])
        while self._now is not None and self._reached(self._now):
            yield self._take(self._now)
            self._now = next(self._waiting, None)

    def _reached(self, presentation: Presentation) -> bool:
        # Half a picosecond of grace: the simulator's last point is the stop time but for rounding.
        return bool(len(self._time_s)) and self._time_s[-1] >= presentation.end_s - 5e-13

    def _take(self, presentation: Presentation) -> Segment:
        begin_s, end_s = presentation.start_s, presentation.end_s
        inside = (self._time_s > begin_s) & (self._time_s < end_s)
        time_s = np.concatenate([[begin_s], self._time_s[inside], [end_s]])
        values = np.vstack([self._at(begin_s), self._values[inside], self._at(end_s)])
        keep = max(int(np.searchsorted(self._time_s, end_s, side="right")) - 1, 0)
        self._time_s, self._values = self._time_s[keep:], self._values[keep:]
        return Segment(presentation, time_s, values)

    def _at(self, time_s: float) -> Floats:
        after = min(int(np.searchsorted(self._time_s, time_s)), len(self._time_s) - 1)
        before = max(after - 1, 0)
        step_s = self._time_s[after] - self._time_s[before]
        part = min(max((time_s - self._time_s[before]) / step_s, 0.0), 1.0) if step_s else 1.0
        row: Floats = (1.0 - part) * self._values[before] + part * self._values[after]
        return row
