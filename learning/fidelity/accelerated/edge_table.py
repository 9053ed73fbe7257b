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
from netlist.parts.variation import Moved
from spice_backend.session.session import Session

_RAMP_S = 1e-6
"""How long the ends take from one grid point to the next while charges are measured, seconds."""

N_END, N_GATE, N_CHARGE_GATE = 17, 37, 13

_SIDES = {False: (("fa", "fb"), ("ca", "cb")), True: (("a", "b"),)}
"""Pins of an edge's devices, by whether one network plays both states in turn."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeTables:
    """An edge cell, measured.

    Attributes:
        free: Current into ``fa``, over (fa, fb, gate): amperes. Of an edge of one network that
            plays both states, into ``a`` over (a, b, gate).
        charge: Charge of the gate over the same, the clamped ends at rest: coulombs.
        clamped: Current into ``ca``, over (ca, cb, gate): amperes; None where there is no such pin.
        more: What the gate holds more over (ca, cb, gate) than at rest: coulombs, or None.
    """

    free: Spline
    charge: Spline
    clamped: Spline | None = None
    more: Spline | None = None


def measure_edge(
    session: Session,
    experiment: Experiment,
    low_V: float,
    high_V: float,
    moved: Moved | None = None,
) -> EdgeTables:
    """Measure a machine's edge cell.

    Args:
        session: A simulator.
        experiment: The machine.
        low_V: Lowest voltage of an end, volts.
        high_V: Highest voltage of an end, volts.
        moved: Devices that are off their nominal.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    ends, rail_V = axis(low_V, high_V, N_END), experiment.rail_V
    gates = axis(0.0, rail_V, N_GATE)
    axes = (ends, ends, gates)
    currents = [through(axes, one) for one in _currents(session, experiment, ends, gates, moved)]
    coarse = axis(0.0, rail_V, N_CHARGE_GATE)
    first, *others = _charges(session, experiment, ends, coarse, moved)
    middle_V = float(ends.values[ends.count // 2])
    first = first + _at_rest(session, experiment, middle_V, coarse, moved)
    charges = [through((ends, ends, coarse), one) for one in (first, *others)]
    return EdgeTables(currents[0], charges[0], *currents[1:], *charges[1:])


def _currents(
    session: Session, experiment: Experiment, ends: Axis, gates: Axis, moved: Moved | None
) -> Floats:
    """All sides at once: (n_side, n_end, n_end, n_gate), amperes."""
    sides = _SIDES[experiment.architecture.in_turn]
    bench = Bench(experiment, moved=moved)
    first, second, places = serpentine(ends.values, ends.values)
    bench.step("a", first.tolist())
    bench.step("b", second.tolist())
    bench.hold("vdd", experiment.rail_V)
    for index, gate_V in enumerate(gates.values):
        pins = {"gate": bench.hold(f"g{index}", gate_V), "vdd": "vdd"}
        for a, b in sides:
            pins |= {a: bench.meter("a", f"{a}{index}"), b: "b"}
        bench.place("edge", f"edge{index}", pins)
    swept = bench.sweep(session, len(first)).reshape(len(first), -1, len(sides))
    tables = np.empty((len(sides), ends.count, ends.count, gates.count))
    tables[:, places[0], places[1], :] = swept.transpose(2, 0, 1)
    return tables


def _charges(
    session: Session, experiment: Experiment, ends: Axis, gates: Axis, moved: Moved | None
) -> Floats:
    """Charge beyond that at rest, by the ends of each side: (n_side, n_end, n_end, n_gate)."""
    sides = _SIDES[experiment.architecture.in_turn]
    middle_V = float(ends.values[ends.count // 2])
    first, second, places = serpentine(ends.values, ends.values)
    first, second = (np.concatenate([[middle_V], one]) for one in (first, second))
    tables = np.empty((len(sides), ends.count, ends.count, gates.count))
    for (a, b), table in zip(sides, tables, strict=True):
        bench = Bench(experiment, moved=moved)
        bench.hold("vdd", experiment.rail_V)
        bench.hold("a", _ramps(first))
        bench.hold("b", _ramps(second))
        bench.hold("m", middle_V)
        pins = {"vdd": "vdd", **{pin: "m" for side in sides for pin in side}, a: "a", b: "b"}
        for index, gate_V in enumerate(gates.values):
            bench.place("edge", f"edge{index}", {**pins, "gate": bench.hold(f"g{index}", gate_V)})
            bench.read(f"i(vg{index})")
        stop_s = _RAMP_S * len(first)
        time_s, currents = bench.transient(session, stop_s, _RAMP_S, ("reltol=1e-4", "method=trap"))
        table[places[0], places[1], :] = _collected(time_s, -currents, len(first) - 1)
    return tables


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


def _at_rest(
    session: Session, experiment: Experiment, middle_V: float, gates: Axis, moved: Moved | None
) -> Floats:
    """Charge of a gate raised slowly from nothing, ends at rest: (n_gate,), coulombs."""
    bench = Bench(experiment, moved=moved)
    bench.hold("vdd", experiment.rail_V)
    bench.hold("m", middle_V)
    bench.hold("g", _ramps(gates.values))
    ends = dict.fromkeys(("fa", "fb", "ca", "cb", "a", "b"), "m")
    bench.place("edge", "edge", {"vdd": "vdd", "gate": "g", **ends})
    bench.read("i(vg)")
    stop_s = _RAMP_S * gates.count
    time_s, currents = bench.transient(session, stop_s, 0.1 * _RAMP_S, ("reltol=1e-4",))
    return np.concatenate([[0.0], _collected(time_s, -currents, gates.count - 1)[:, 0]])
