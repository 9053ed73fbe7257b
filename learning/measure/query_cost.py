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
from learning.measure.ledger import BLOCKS, Ledger, by_block
from learning.measure.segment import Segment

TOLERANCE_V = 1e-3
"""A target has settled when it stays this close to its final voltage, volts."""

_SETTLED_SHARE = 0.9
"""A target still moving in the last tenth of an evaluation has not shown where it ends."""


@dataclass(frozen=True, slots=True)
class Inference:
    """The cost of a query.

    Attributes:
        settling_time_s: Slowest query of the pass, from the start of the inputs' change, seconds;
            None when a query had not settled.
        energy_per_query_J: Mean energy of a query, all blocks, joules; over the whole evaluation
            time when not settled.
        power_W: Mean power by block while queries run, with "total", watts.
    """

    settling_time_s: float | None
    energy_per_query_J: float
    power_W: Mapping[str, float]


def measure_inference(
    segments: Sequence[Segment],
    outputs: Sequence[Floats],
    probes: Sequence[str],
    ledger: Ledger,
) -> Inference:
    """Measure the cost of a query.

    Args:
        segments: One evaluation pass.
        outputs: Of each segment the target voltages, (n_step, n_target), volts.
        probes: Names of the segments' columns.
        ledger: The deck's ledger.

    Returns:
        The cost.
    """
    settling = [_settling_s(s, out) for s, out in zip(segments, outputs, strict=True)]
    slowest_s = max(settling)
    settled = slowest_s <= _SETTLED_SHARE * min(s.duration_s for s in segments)
    query_s = slowest_s if settled else max(s.duration_s for s in segments)
    energy = np.zeros(len(BLOCKS))
    for segment in segments:
        energy += _energy_until(segment, query_s, probes, ledger)
    energy /= len(segments)
    return Inference(
        settling_time_s=slowest_s if settled else None,
        energy_per_query_J=float(energy.sum()),
        power_W=by_block(energy / query_s),
    )


def _settling_s(segment: Segment, outputs: Floats) -> float:
    """Time after which every target stays within the tolerance; one step before it is too late."""
    away = np.any(np.abs(outputs - outputs[-1]) > TOLERANCE_V, axis=1)
    if not away.any():
        return float(segment.time_s[1] - segment.time_s[0])
    last = int(np.flatnonzero(away)[-1])
    return float(segment.time_s[last + 1] - segment.time_s[0])


def _energy_until(
    segment: Segment, query_s: float, probes: Sequence[str], ledger: Ledger
) -> Floats:
    end_s = segment.time_s[0] + query_s
    power = ledger.power(probes, segment.values)
    inside = segment.time_s < end_s
    time_s = np.append(segment.time_s[inside], end_s)
    last = [np.interp(end_s, segment.time_s, column) for column in power.T]
    energy: Floats = np.trapezoid(np.vstack([power[inside], last]), time_s, axis=0)
    return energy
