"""Edge cells as tables: current and gate charge over both ends' and the gate's voltage.

Currents come from a sweep through operating points, charges from slow ramps on the same path: what
flows into a gate whose voltage is held is the change of its charge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.bench import Bench, serpentine
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from netlist.circuit import Waveform
from spice_backend.session.session import Session

_RAMP_S = 1e-6
"""How long the ends take from one grid point to the next while charges are measured, seconds."""

N_END, N_GATE, N_CHARGE_GATE = 17, 37, 13


@dataclass(frozen=True, slots=True, eq=False)
class EdgeTables:
    """An edge cell, measured.

    Attributes:
        free: Current into ``fa``, over (fa, fb, gate): amperes.
        clamped: Current into ``ca``, over (ca, cb, gate): amperes.
        charge: Charge of the gate over (fa, fb, gate), the clamped ends at rest: coulombs.
        more: What it holds more over (ca, cb, gate) than at rest: coulombs.
    """

    free: Spline
    clamped: Spline
    charge: Spline
    more: Spline


def measure_edge(
    session: Session, experiment: Experiment, low_V: float, high_V: float
) -> EdgeTables:
    """Measure a machine's edge cell.

    Args:
        session: A simulator.
        experiment: The machine.
        low_V: Lowest voltage of an end, volts.
        high_V: Highest voltage of an end, volts.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    ends, rail_V = axis(low_V, high_V, N_END), experiment.rail_V
    gates = axis(0.0, rail_V, N_GATE)
    axes = (ends, ends, gates)
    free, clamped = _currents(session, experiment, ends, gates)
    coarse = axis(0.0, rail_V, N_CHARGE_GATE)
    at_rest, charge, more = _charges(session, experiment, ends, coarse)
    charged = (ends, ends, coarse)
    return EdgeTables(
        through(axes, free),
        through(axes, clamped),
        through(charged, charge + at_rest),
        through(charged, more),
    )


def _currents(
    session: Session, experiment: Experiment, ends: Axis, gates: Axis
) -> tuple[Floats, Floats]:
    """Both sides at once: (n_end, n_end, n_gate) each, amperes."""
    bench = Bench(experiment)
    first, second, places = serpentine(ends.values, ends.values)
    bench.step("a", first.tolist())
    bench.step("b", second.tolist())
    bench.hold("vdd", experiment.rail_V)
    for index, gate_V in enumerate(gates.values):
        pins = {"gate": bench.hold(f"g{index}", gate_V), "fb": "b", "cb": "b", "vdd": "vdd"}
        pins |= {"fa": bench.meter("a", f"f{index}"), "ca": bench.meter("a", f"c{index}")}
        bench.place("edge", f"edge{index}", pins)
    swept = bench.sweep(session, len(first))
    tables = np.empty((2, ends.count, ends.count, gates.count))
    tables[:, places[0], places[1], :] = swept.reshape(len(first), -1, 2).transpose(2, 0, 1)
    return tables[0], tables[1]


def _charges(
    session: Session, experiment: Experiment, ends: Axis, gates: Axis
) -> tuple[Floats, Floats, Floats]:
    """Charge at rest, and beyond it by free and by clamped ends (n_end, n_end, n_gate)."""
    middle_V = float(ends.values[ends.count // 2])
    first, second, places = serpentine(ends.values, ends.values)
    first, second = (np.concatenate([[middle_V], one]) for one in (first, second))
    tables = np.empty((2, ends.count, ends.count, gates.count))
    for side, table in zip(("f", "c"), tables, strict=True):
        other = "c" if side == "f" else "f"
        bench = Bench(experiment)
        bench.hold("vdd", experiment.rail_V)
        bench.hold("a", _ramps(first))
        bench.hold("b", _ramps(second))
        bench.hold("m", middle_V)
        pins = {"vdd": "vdd", f"{side}a": "a", f"{side}b": "b", f"{other}a": "m", f"{other}b": "m"}
        for index, gate_V in enumerate(gates.values):
            bench.place("edge", f"edge{index}", {**pins, "gate": bench.hold(f"g{index}", gate_V)})
            bench.read(f"i(vg{index})")
        stop_s = _RAMP_S * len(first)
        time_s, currents = bench.transient(session, stop_s, _RAMP_S, ("reltol=1e-4", "method=trap"))
        table[places[0], places[1], :] = _collected(time_s, -currents, len(first) - 1)
    return _at_rest(session, experiment, middle_V, gates), tables[0], tables[1]


def _ramps(values: Floats) -> Waveform:
    """A straight line from each value to the next."""
    points = [(_RAMP_S * index, value) for index, value in enumerate(values)]
    return Waveform("PWL", tuple(float(number) for point in points for number in point))


def _collected(time_s: Floats, currents_A: Floats, count: int) -> Floats:
    """Charge that has flowed at the end of every ramp: (count, n_gate), coulombs."""
    steps = np.diff(time_s)[:, None] * 0.5 * (currents_A[1:] + currents_A[:-1])
    flowed = np.vstack([np.zeros(currents_A.shape[1]), np.cumsum(steps, axis=0)])
    ends_s = _RAMP_S * np.arange(1, count + 1)
    return np.stack([np.interp(ends_s, time_s, one) for one in flowed.T], axis=1)


def _at_rest(session: Session, experiment: Experiment, middle_V: float, gates: Axis) -> Floats:
    """Charge of a gate raised slowly from nothing, ends at rest: (n_gate,), coulombs."""
    bench = Bench(experiment)
    bench.hold("vdd", experiment.rail_V)
    bench.hold("m", middle_V)
    bench.hold("g", _ramps(gates.values))
    bench.place(
        "edge", "edge", {"vdd": "vdd", "gate": "g", "fa": "m", "fb": "m", "ca": "m", "cb": "m"}
    )
    bench.read("i(vg)")
    stop_s = _RAMP_S * gates.count
    time_s, currents = bench.transient(session, stop_s, 0.1 * _RAMP_S, ("reltol=1e-4",))
    return np.concatenate([[0.0], _collected(time_s, -currents, gates.count - 1)[:, 0]])
