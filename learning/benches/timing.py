"""When a bench does what: presentations one after another, as a machine's schedule has them.

Control lines move as a run's do (`learning.experiment.lines`): ``enable`` and ``clk`` are high
while the cell acts, ``run`` throughout. What stands in for the network takes its clamped values
once the lines are up, for a current memory must have let go of the free state by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.benches.setup import Setup
from learning.experiment.schedule import tick
from netlist.circuit import Waveform
from netlist.machine import names


@dataclass(frozen=True, slots=True)
class Timing:
    """The course of one presentation.

    Attributes:
        settle_s: Free state, before the cell acts, seconds.
        window_s: While the cell acts, seconds.
        warm_up_s: Before the first presentation, seconds.
        rise_s: How long a line or a node takes to change, seconds.
        gap_s: After the window, until the next presentation, seconds.
    """

    settle_s: float
    window_s: float
    warm_up_s: float
    rise_s: float = 1e-6
    gap_s: float = 4e-6

    @property
    def presentation_s(self) -> float:
        """How long one lasts, seconds."""
        return self.settle_s + self.window_s + self.gap_s

    def starts_s(self, count: int) -> Floats:
        """When presentations begin, (count,), seconds."""
        return np.asarray(self.warm_up_s + np.arange(count) * self.presentation_s, dtype=float)

    def measured_s(self, count: int) -> tuple[Floats, Floats]:
        """From when to when each is measured, (count,) each: nodes at rest, lines up and down."""
        starts_s = self.starts_s(count)
        return starts_s + self.settle_s - self.rise_s, starts_s + self.presentation_s

    def stop_s(self, count: int) -> float:
        """When so many are over, seconds."""
        return tick(float(self.starts_s(count)[-1]) + self.presentation_s)


TWIN = Timing(settle_s=1e-5, window_s=5e-5, warm_up_s=3e-5)
"""For cells that see both states at once: as long as its gain takes to be told from its start."""

IN_TURN = Timing(settle_s=1.2e-5, window_s=3e-5, warm_up_s=6e-5)
"""For cells that remember the free state: 12 us fill the shipped memory, as in shipped designs."""


def control(setup: Setup, timing: Timing, count: int) -> None:
    """Drive the control lines that the cells on a bench use.

    Args:
        setup: The bench.
        timing: When they move.
        count: How many presentations.
    """
    rail_V, rise_s = setup.stand.rail_V, timing.rise_s
    points = [(0.0, 0.0)]
    for start_s in timing.starts_s(count):
        up_s = start_s + timing.settle_s
        down_s = up_s + timing.window_s
        points += [(up_s, 0.0), (up_s + rise_s, rail_V), (down_s, rail_V), (down_s + rise_s, 0.0)]
    pulses = pwl(points)
    used = {pin for cell in setup.stand.cells.values() for pin in cell.pins}
    for line in (names.ENABLE, names.CLK):
        if line in used:
            setup.hold(line, pulses)
    if names.RUN in used:
        setup.hold(names.RUN, pwl([(0.0, 0.0), (rise_s, rail_V)]))


def play(
    setup: Setup, timing: Timing, courses: Mapping[str, Sequence[tuple[float, float]]]
) -> None:
    """Drive nets that have a free and a clamped value in every presentation.

    Args:
        setup: The bench.
        timing: When they change.
        courses: By net, (free, clamped) volts for each presentation.
    """
    for net, values in courses.items():
        setup.hold(net, pwl(_corners(timing, values)), read=False)


def _corners(
    timing: Timing, values: Sequence[tuple[float, float]]
) -> Iterable[tuple[float, float]]:
    now_V = values[0][0]
    points = [(0.0, now_V)]
    for start_s, (free_V, clamped_V) in zip(timing.starts_s(len(values)), values, strict=True):
        up_s = start_s + timing.settle_s + timing.rise_s
        for when_s, wanted_V in ((start_s, free_V), (up_s, clamped_V)):
            if wanted_V != now_V:
                points += [(when_s, now_V), (when_s + timing.rise_s, wanted_V)]
                now_V = wanted_V
    return points


def pwl(points: Iterable[tuple[float, float]]) -> Waveform:
    """A course through points in time.

    Args:
        points: Seconds and volts, in order.

    Returns:
        The waveform.
    """
    return Waveform("PWL", tuple(x for t, v in points for x in (tick(float(t)), float(v))))
