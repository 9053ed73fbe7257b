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

from spice_backend.arrays import Floats


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


_ULP = 3.4e-16
"""Times closer than this share of them are one time to ngspice."""


def as_read(value: float) -> float:
    """The number that ngspice has once it has read a deck in which this one is written.

    ngspice adds up decimal digits and multiplies by a power of ten, which can differ from the
    nearest float in the last bit. A transient amplifies that bit: only a stimulus that is the same
    to the last bit makes the same run.

    Args:
        value: Any number.

    Returns:
        The same, within an unit in the last place or two.
    """
    if not math.isfinite(value):
        return value
    mantissa, mark, exponent = repr(float(value)).partition("e")
    digits, _, decimals = mantissa.removeprefix("-").removesuffix(".0").partition(".")
    number = 0.0
    for digit in digits + decimals:
        number = 10.0 * number + float(digit)
    power = int(exponent or 0) - len(decimals) if mark else -len(decimals)
    return math.copysign(number * math.pow(10.0, power) if power else number, value)


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
            times = [now_s, *(as_read(corner[0]) for corner in corners)]
            self._courses[source] = times, [held, *(as_read(corner[1]) for corner in corners)]
        self.until_s = as_read(stretch.until_s)
        ends = [self.until_s] if math.isfinite(self.until_s) else []
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
        after = max(bisect_right(times, time_s * (1.0 + _ULP)), 1)
        begin_s, begin = times[after - 1], values[after - 1]
        if after == len(times) or time_s <= begin_s * (1.0 + _ULP):
            return begin
        # In ngspice's own order of operations, so that a PWL source gives the same bits.
        part = (time_s - begin_s) / (times[after] - begin_s)
        return begin + part * (values[after] - begin)

    def due(self, time_s: float) -> bool:
        """Whether the next decision is due."""
        return reached(time_s, self.until_s)


def reached(time_s: float, mark_s: float) -> bool:
    """Whether a time is at or past a mark, but for rounding.

    Args:
        time_s: Seconds.
        mark_s: Seconds.

    Returns:
        Whether it is.
    """
    return time_s >= mark_s * (1.0 - 1e-12)
