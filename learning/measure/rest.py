"""Whether a machine is at rest where it starts: nothing moves yet, so its power must not either.

An operating point that is none (a simulator that converged on paper) shows as power that decays
while nobody touches a line. Energy is compared and not power at one point, because the first step
after an operating point is a numerical transient of femtojoules that means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from learning.arrays import Floats
from netlist.circuit import Waveform

LIMIT = 1e-2
"""Share of energy by which a start may differ from rest; right starts of the shipped designs stay
below 2e-3, false ones were above 0.4."""

_FLOOR_J = 1e-13
"""Energy that no figure resolves: a machine that is switched off draws nothing it could be measured
by, and its numerical transient is a femtojoule."""


ASTRAY_LIMIT = 1e-3
"""Share by which a gate may start elsewhere than it was asked to: a millivolt or so."""


def astray(gates_V: Floats, asked_V: Floats) -> float:
    """How far gates are from where they were asked to start.

    Args:
        gates_V: (n_gate,), where they started, volts.
        asked_V: (n_gate,), where they were to start, volts.

    Returns:
        The largest difference as a share of the largest gate voltage asked for.
    """
    scale_V = float(np.max(np.abs(asked_V), initial=0.0)) or 1.0
    return float(np.max(np.abs(gates_V - asked_V), initial=0.0)) / scale_V


def quiet_until_s(waveforms: Iterable[Waveform]) -> float:
    """Until when no line moves.

    Args:
        waveforms: Of every source that is not constant.

    Returns:
        Seconds; 0 when one moves at once or nobody knows, infinity when none ever does.
    """
    return min((_still_s(waveform) for waveform in waveforms), default=math.inf)


def _still_s(waveform: Waveform) -> float:
    numbers = [x for x in waveform.arguments if isinstance(x, float | int)]
    if waveform.kind.upper() != "PWL" or len(numbers) != len(waveform.arguments):
        return 0.0
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    moves = (float(a[0]) for a, b in pairwise(corners) if a[1] != b[1])
    return next(moves, math.inf)


def unrest(time_s: Floats, power_W: Floats, until_s: float) -> float:
    """How far the energy of a start is from that of a machine at rest.

    Args:
        time_s: (n_step,), from zero, seconds.
        power_W: (n_step,), of everything, watts.
        until_s: When the first line moves, seconds.

    Returns:
        The difference between the energy until then and the power then reached, held for as long;
        as a share of the larger. 0 where nothing can be said: a line moves at once.
    """
    until_s = min(until_s, float(time_s[-1]))
    inside = time_s < until_s
    if until_s <= 0.0 or not inside.any():
        return 0.0
    later_W = float(np.interp(until_s, time_s, power_W))
    spent_J = float(
        np.trapezoid(np.append(power_W[inside], later_W), np.append(time_s[inside], until_s))
    )
    rest_J = later_W * until_s
    return abs(spent_J - rest_J) / max(abs(spent_J), abs(rest_J), _FLOOR_J)
