"""Closed loop: Python decides, while a transient runs, what its external sources do next.

A source written ``v1 a 0 external`` follows a `Stretch`: a piecewise linear course up to a moment
at which the simulator lands exactly, waits, and is told the next stretch. Every corner is a
breakpoint of the simulator, set through the library itself, so that edges are as sharp as those of
a ``PWL`` source, and a decision costs one message however many time steps lie between two of them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the external sources do until the next decision.

    Attributes:
        until_s: When the next decision is due, seconds; infinity when there is none.
        courses: By source name in lower case, corners (seconds, volts or amperes) in order of
            time. Between corners a source moves in a straight line, before the first it stays on
            its way from where it was, after the last it holds. A source that is not named holds.
    """

    until_s: float
    courses: Mapping[str, Sequence[tuple[float, float]]]


Drive: TypeAlias = Callable[[float, Floats], Stretch]
"""Decides at a time in seconds, given the probes there (n_probe,). It is asked first before the
run begins, at time zero with no probes, for the operating point needs the sources' values."""


class Player:
    """Plays stretches: the value of every source at a time, and the corners still ahead."""

    def __init__(self) -> None:
        self._courses: dict[str, tuple[list[float], list[float]]] = {}
        self.until_s = float("inf")

    def take(self, stretch: Stretch, now_s: float) -> tuple[float, ...]:
        """Go on with a stretch.

        Args:
            stretch: What comes next.
            now_s: The time of the decision, seconds.

        Returns:
            Times at which the simulator must land, ascending.
        """
        for source, corners in stretch.courses.items():
            held = self.value(source, now_s)
            if source not in self._courses and corners:
                held = corners[0][1]
            times = [now_s, *(float(corner[0]) for corner in corners)]
            self._courses[source] = times, [held, *(float(corner[1]) for corner in corners)]
        self.until_s = stretch.until_s
        ends = [stretch.until_s] if math.isfinite(stretch.until_s) else []
        corners_s = {t for times, _ in self._courses.values() for t in times if t > now_s}
        return tuple(sorted({*corners_s, *ends}))

    def value(self, source: str, time_s: float) -> float:
        """The value of a source.

        Args:
            source: Its name in lower case.
            time_s: Seconds.

        Returns:
            Volts or amperes; 0 for a source nobody has driven yet.
        """
        course = self._courses.get(source)
        if course is None:
            return 0.0
        times, values = course
        after = bisect_right(times, time_s)
        if after == len(times):
            return values[-1]
        begin_s, begin = times[after - 1], values[after - 1]
        slope = (values[after] - begin) / (times[after] - begin_s)
        return begin + slope * (max(time_s, begin_s) - begin_s)

    def due(self, time_s: float) -> bool:
        """Whether the next decision is due, but for rounding."""
        return time_s >= self.until_s * (1.0 - 1e-12)
