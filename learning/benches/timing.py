"""When a bench does what: presentations one after another, as a machine's schedule has them.

Control lines move as a run's do (`learning.experiment.lines`): ``enable`` and ``clk`` are high
while the cell acts, ``run`` throughout. What stands in for the network takes its clamped values
once the lines are up, for a current memory must have let go of the free state by then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from learning.arrays import Floats
from netlist.circuit import Waveform, tick
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


TWIN = Timing(settle_s=1e-5, window_s=5e-5, warm_up_s=3e-5)
"""For cells that see both states at once: as long as its gain takes to be told from its start."""

IN_TURN = Timing(settle_s=1.2e-5, window_s=3e-5, warm_up_s=6e-5)
"""For cells that remember the free state: 12 us fill the shipped memory, as in shipped designs."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What a bench's sources do over some presentations, and when to look.

    Attributes:
        waves: Of control lines and nets, by net.
        starts_s: When presentations begin, (n,), seconds.
        acts_s: When the cell begins to act, (n,), seconds.
        late_s: Just before it no longer does, (n,), seconds.
        begin_s: From when each presentation is measured, nodes at rest, (n,), seconds.
        end_s: Until when, lines up and down, (n,), seconds.
        stop_s: When all are over, seconds.
        step_s: Longest step of the simulator, seconds.
    """

    waves: Mapping[str, Waveform]
    starts_s: Floats
    acts_s: Floats
    late_s: Floats
    begin_s: Floats
    end_s: Floats
    stop_s: float
    step_s: float


def course(
    timing: Timing,
    count: int,
    rail_V: float,
    used: Collection[str],
    nets: Mapping[str, Sequence[tuple[float, float]]],
) -> Course:
    """Lay out presentations.

    Args:
        timing: Of one.
        count: How many.
        rail_V: What a control line is at while it is high, volts.
        used: Pins of the cells on the bench; control lines that nobody has are left out.
        nets: By net, (free, clamped) volts for each presentation.

    Returns:
        Control lines first, then nets, in order.
    """
    starts_s = np.asarray(timing.warm_up_s + np.arange(count) * timing.presentation_s, dtype=float)
    acts_s, rise_s = starts_s + timing.settle_s, timing.rise_s
    points = _lines(timing, acts_s, rail_V, used)
    points |= {net: _corners(timing, starts_s, values) for net, values in nets.items()}
    ends_s = starts_s + timing.presentation_s
    return Course(
        {net: Waveform.through(corners) for net, corners in points.items()},
        starts_s=starts_s,
        acts_s=acts_s,
        late_s=acts_s + timing.window_s - rise_s,
        begin_s=acts_s - rise_s,
        end_s=ends_s,
        stop_s=tick(float(starts_s[-1]) + timing.presentation_s),
        step_s=0.1 * timing.window_s,
    )


_Points: TypeAlias = list[tuple[float, float]]


def _lines(
    timing: Timing, acts_s: Floats, rail_V: float, used: Collection[str]
) -> dict[str, _Points]:
    rise_s, pulses = timing.rise_s, [(0.0, 0.0)]
    for up_s in acts_s.tolist():
        down_s = up_s + timing.window_s
        pulses += [(up_s, 0.0), (up_s + rise_s, rail_V), (down_s, rail_V), (down_s + rise_s, 0.0)]
    running = [(0.0, 0.0), (rise_s, rail_V)]
    lines = {names.ENABLE: pulses, names.CLK: pulses, names.RUN: running}
    return {line: points for line, points in lines.items() if line in used}


def _corners(timing: Timing, starts_s: Floats, values: Sequence[tuple[float, float]]) -> _Points:
    now_V = values[0][0]
    points = [(0.0, now_V)]
    for start_s, (free_V, clamped_V) in zip(starts_s.tolist(), values, strict=True):
        up_s = start_s + timing.settle_s + timing.rise_s
        for when_s, wanted_V in ((start_s, free_V), (up_s, clamped_V)):
            if wanted_V != now_V:
                points += [(when_s, now_V), (when_s + timing.rise_s, wanted_V)]
                now_V = wanted_V
    return points
