"""A sequencer alone: what its phases cost, and how its lines move through a presentation."""

from __future__ import annotations

import numpy as np

from learning.benches.measured import Curve, Figure
from learning.benches.setup import RAIL, Setup, Waves
from learning.benches.stand import Stand
from learning.benches.timing import Timing, course
from netlist.machine import names
from spice_backend.session.session import Session

_CYCLES = 3


def measure_sequencer(
    session: Session, stand: Stand, timing: Timing
) -> tuple[tuple[Figure, ...], tuple[Curve, ...]]:
    """Measure a sequencer.

    Args:
        session: A simulator.
        stand: The cell.
        timing: Of a presentation.

    Returns:
        Figures and curves; energies are those of one cycle, once it runs.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    cycles = course(timing, _CYCLES, stand.rail_V, stand.pins, {})
    setup = Setup(stand)
    setup.drive(cycles.waves)
    setup.place("sequencer", {})
    setup.hold(RAIL, stand.rail_V, read=True)
    setup.meter(RAIL)
    lines = stand.cell.offers
    setup.read(*lines)
    inputs = [n for n in (names.CLK, names.ENABLE, names.RUN) if stand.cell.uses(n)]
    setup.read(*inputs)
    waves = setup.transient(session, cycles.stop_s, 0.5 * cycles.step_s)
    begin_s, end_s = cycles.starts_s[-1], cycles.stop_s
    energy_J = float(waves.coulombs(RAIL, end_s) - waves.coulombs(RAIL, begin_s)) * stand.rail_V
    edges = [_slowest(waves, line, begin_s, stand.rail_V) for line in lines]
    figures = (
        Figure("energy_J", energy_J, "J", "of one presentation, its rail"),
        Figure("power_W", energy_J / timing.presentation_s, "W", "mean over a presentation"),
        Figure("edge_s", max(edges), "s", "slowest edge of a line, 10 to 90 %"),
    )
    inside = waves.scale >= begin_s
    time_s = waves.scale[inside] - begin_s
    shown = {line: (time_s, waves.volts(line)[inside]) for line in (*inputs, *lines)}
    axes = ("time", "s"), ("line", "V")
    return figures, (Curve("phases", "Lines in a presentation", *axes, shown, stacked=True),)


def _slowest(waves: Waves, line: str, begin_s: float, rail_V: float) -> float:
    """The longest time a line takes between a tenth and nine tenths of the rail, seconds."""
    inside = waves.scale >= begin_s
    time_s, share = waves.scale[inside], waves.volts(line)[inside] / rail_V
    between = (share > 0.1) & (share < 0.9)  # noqa: PLR2004 - as edges are measured
    changes = np.flatnonzero(np.diff(np.concatenate([[0], between.astype(int), [0]])))
    spans = [
        float(time_s[min(last, len(time_s) - 1)] - time_s[max(first - 1, 0)])
        for first, last in zip(changes[::2], changes[1::2], strict=True)
    ]
    return max(spans, default=0.0)
