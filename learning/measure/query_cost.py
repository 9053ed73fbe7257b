"""What a query costs the trained network: how long its targets take to settle, and the energy.

Read from an evaluation pass, in which nothing learns. A query is over when every target stays
within the tolerance of where it ends; the energy is that of all blocks until the slowest query of
the pass is over, because a machine that answers in time must wait that long for every query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.measure.ledger import BLOCKS, by_block
from learning.measure.played import Played

TOLERANCE_V = 1e-3
"""A target has settled when it stays this close to its final voltage, volts."""

_SETTLED_SHARE = 0.9
"""A target still moving in the last tenth of an evaluation has not shown where it ends."""


@dataclass(frozen=True, slots=True)
class Inference:
    """The cost of a query.

    Attributes:
        settling_time_s: Slowest query of the pass, from the start of the inputs' change, seconds,
            interpolated between the solver's steps; 0 when no target ever left where it ends, None
            when a query had not settled.
        energy_per_query_J: Mean energy of a query, all blocks, joules; over the whole evaluation
            time when nothing moved or not everything settled.
        power_W: Mean power by block while queries run, with "total", watts.
        unrest: Share of energy by which the machine was not at rest before the first query.
        astray: Share by which a gate was not where it was asked to be before the first query.
    """

    settling_time_s: float | None
    energy_per_query_J: float
    power_W: Mapping[str, float]
    unrest: float = 0.0
    astray: float = 0.0


def measure_inference(played: Sequence[Played]) -> Inference:
    """Measure the cost of a query.

    Args:
        played: One evaluation pass.

    Returns:
        The cost.
    """
    slowest_s = max(_settling_s(one) for one in played)
    settled = slowest_s <= _SETTLED_SHARE * min(one.duration_s for one in played)
    query_s = slowest_s if settled and slowest_s > 0.0 else max(one.duration_s for one in played)
    energy = np.zeros(len(BLOCKS))
    for one in played:
        energy += _energy_until(one, query_s)
    energy /= len(played)
    return Inference(
        settling_time_s=slowest_s if settled else None,
        energy_per_query_J=float(energy.sum()),
        power_W=by_block(energy / query_s),
        unrest=max(one.unrest for one in played),
        astray=max(one.astray for one in played),
    )


def settled_at(outputs_V: Floats) -> int:
    """The step from which on every target stays within the tolerance of where it ends.

    Args:
        outputs_V: (n_step, n_target), volts.

    Returns:
        Its index; 0 when no target ever leaves.
    """
    away = np.any(np.abs(outputs_V - outputs_V[-1]) > TOLERANCE_V, axis=1)
    return int(np.flatnonzero(away)[-1]) + 1 if away.any() else 0


def _settling_s(played: Played) -> float:
    """Time after which every target stays within the tolerance of where it ends, seconds.

    The step before is outside for one target at least; where the straight line from there to the
    first step inside crosses the tolerance is where that target settles.
    """
    inside = settled_at(played.outputs_V)
    if inside == 0:
        return 0.0
    before, after = played.outputs_V[inside - 1 : inside + 1] - played.outputs_V[-1]
    leaving = np.abs(before) > TOLERANCE_V
    edge = np.sign(before[leaving]) * TOLERANCE_V
    part = float(np.max((before[leaving] - edge) / (before[leaving] - after[leaving])))
    earlier_s, later_s = played.time_s[inside - 1 : inside + 1]
    return float(earlier_s + part * (later_s - earlier_s) - played.time_s[0])


def _energy_until(played: Played, query_s: float) -> Floats:
    end_s = played.time_s[0] + query_s
    inside = played.time_s < end_s
    time_s = np.append(played.time_s[inside], end_s)
    last = [np.interp(end_s, played.time_s, column) for column in played.power_W.T]
    energy: Floats = np.trapezoid(np.vstack([played.power_W[inside], last]), time_s, axis=0)
    return energy
