"""Update cells as tables: gate current and rail current over the free and the clamped ends.

A cell's current is the sum of what each pair of ends does to it and of what the gate's voltage
alone does. Over the gate's voltage it turns sharply where the cell's output leaves its working
range: a fine sweep finds where, and the ends are swept at the gate voltages that matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.bench import Bench, serpentine
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from learning.fidelity.accelerated.tabulated import value
from spice_backend.session.session import Session

N_END, N_FINE = 15, 181

_MISS, _MISS_AT_RAIL = 1.5e-4, 5e-3
"""By how much of its largest current a cell may miss a straight line between two gate voltages,
where its output works and where it has run into a rail and overwhelms everything."""

_AT_RAIL = 0.05
"""A cell at rest that gives more than this share of its largest current has run into a rail."""

_MOST_GATES = 24
"""Gate voltages at which the ends are swept, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Pull:
    """What one pair of ends adds, over both ends at some gate voltages.

    Between two of these voltages it is a straight line; they stand closest where the cell's
    output leaves its working range.

    Attributes:
        gate: To the current into the gate: a spline per gate voltage, amperes.
        rail: To the current from the rail, the same.
    """

    gate: tuple[Spline, ...]
    rail: tuple[Spline, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UpdateTables:
    """An update cell, measured with learning on.

    Attributes:
        free: What the free ends add.
        clamped: What the clamped ends add.
        rest: Current into the gate over its voltage, all ends at rest: amperes.
        rest_rail: Current from the rail then: amperes.
        knots: Points of these two's grid that are the gate voltages of the pulls.
        off_A: Current from the rail while learning is off, amperes.
        weighed: What the free ends add while the power weight's line is high, once it is known.
    """

    free: Pull
    clamped: Pull
    rest: Spline
    rest_rail: Spline
    knots: tuple[int, ...]
    off_A: float
    weighed: Pull | None = None

    @property
    def knots_V(self) -> Floats:
        """(n_knot,), volts."""
        return np.asarray(self.rest.axes[0].values[list(self.knots)])

    def pull(
        self, pull: tuple[Spline, ...], first_V: float, second_V: float, gate_V: float
    ) -> float:
        """What a pair of ends adds: amperes; `pull` is one of the pulls' tuples."""
        at_knots = [value(one, first_V, second_V) for one in pull]
        return float(np.interp(gate_V, self.knots_V, at_knots))


def measure_update(
    session: Session, experiment: Experiment, low_V: float, high_V: float
) -> UpdateTables:
    """Measure a machine's update cell.

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
    ends, fine = axis(low_V, high_V, N_END), axis(0.0, experiment.rail_V, N_FINE)
    rest, dropped = _fine(session, experiment, ends, fine)
    at_rail = np.abs(rest[0]) > _AT_RAIL * np.max(np.abs(rest[0]))
    knots = _knots(np.concatenate(dropped - rest), np.where(at_rail, _MISS_AT_RAIL, _MISS))
    gates = fine.values[list(knots)]
    free = _swept(session, experiment, "f", ends, gates, 0.0)
    clamped = _swept(session, experiment, "c", ends, gates, 0.0)
    return UpdateTables(
        _pull(free, free, ends),
        _pull(clamped, clamped, ends),
        through((fine,), rest[0]),
        through((fine,), rest[1]),
        knots,
        _off(session, experiment, float(ends.values[N_END // 2])),
    )


def measure_weighed(session: Session, experiment: Experiment, update: UpdateTables) -> Pull:
    """Measure what the free ends add while the power weight's line is high.

    Args:
        session: A simulator.
        experiment: The machine.
        update: Its update cell's tables.

    Returns:
        The same as `UpdateTables.free`, from the same rest.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    ends, gates = update.free.gate[0].axes[0], update.knots_V
    high = _swept(session, experiment, "f", ends, gates, experiment.rail_V)
    return _pull(high, high, ends)


def _ready(experiment: Experiment, middle_V: float, weight_V: float, enable_V: float) -> Bench:
    bench = Bench(experiment)
    lines = {"vdd": experiment.rail_V, "m": middle_V, "vlambda": weight_V, "enable": enable_V}
    for line, volts in lines.items():
        bench.hold(line, volts)
    bench.place_bias()
    return bench


def _place(bench: Bench, name: str, gate: str, moved: Mapping[str, str]) -> None:
    """A cell whose gate and rail are read, in this order; ends that do not move are at rest."""
    pins = {**dict.fromkeys(("fa", "fb", "ca", "cb"), "m"), **moved}
    pins |= {"gate": bench.meter(gate, f"g{name}"), "vdd": bench.meter("vdd", f"r{name}")}
    bench.place("update", f"update{name}", {**pins, "vlambda": "vlambda", "enable": "enable"})


def _fine(
    session: Session, experiment: Experiment, ends: Axis, fine: Axis
) -> tuple[Floats, Floats]:
    """Gate and rail current over the gate's voltage: at rest (2, n), with drops (2, 2, n)."""
    middle, last = (float(ends.values[place]) for place in (N_END // 2, -2))
    bench = _ready(experiment, middle, 0.0, experiment.rail_V)
    bench.step("g", fine.values.tolist())
    bench.hold("far", last)
    for name, moved in {"0": {}, "f": {"fa": "far"}, "c": {"ca": "far"}}.items():
        _place(bench, name, "g", moved)
    swept = bench.sweep(session, fine.count).reshape(fine.count, 3, 2).transpose(1, 2, 0)
    swept[:, 0] *= -1.0  # the ammeter counts what flows into the cell
    return swept[0], swept[1:]


def _knots(curves: Floats, allowed: Floats) -> tuple[int, ...]:
    """Where to break curves, (n_curve, n), so that straight lines between the breaks suffice."""
    scaled = curves / np.maximum(np.max(np.abs(curves), axis=1, keepdims=True), 1e-30)
    places = np.arange(curves.shape[1])
    knots = [0, len(places) - 1]
    while len(knots) < _MOST_GATES:
        lines = np.array([np.interp(places, knots, one[knots]) for one in scaled])
        miss = np.max(np.abs(scaled - lines), axis=0) / allowed
        if miss.max() < 1.0:
            break
        knots = sorted([*knots, int(miss.argmax())])
    return tuple(knots)


def _swept(
    session: Session,
    experiment: Experiment,
    side: str,
    ends: Axis,
    gates_V: Floats,
    weight_V: float,
) -> Floats:
    """Currents into gate and from rail: (2, n_knot, n_end, n_end), amperes."""
    bench = _ready(experiment, float(ends.values[N_END // 2]), weight_V, experiment.rail_V)
    first, second, places = serpentine(ends.values, ends.values)
    bench.step("a", first.tolist())
    bench.step("b", second.tolist())
    for index, gate_V in enumerate(gates_V):
        gate = bench.hold(f"gate{index}", float(gate_V))
        _place(bench, str(index), gate, {f"{side}a": "a", f"{side}b": "b"})
    swept = bench.sweep(session, len(first)).reshape(len(first), len(gates_V), 2)
    table = np.empty((2, len(gates_V), ends.count, ends.count))
    table[:, :, places[0], places[1]] = swept.transpose(2, 1, 0)
    table[0] *= -1.0
    return table


def _pull(table: Floats, at_rest: Floats, ends: Axis) -> Pull:
    middle = N_END // 2
    beyond = table - at_rest[:, :, middle : middle + 1, middle : middle + 1]
    gate, rail = (tuple(through((ends, ends), knot) for knot in one) for one in beyond)
    return Pull(gate, rail)


def _off(session: Session, experiment: Experiment, middle_V: float) -> float:
    bench = _ready(experiment, middle_V, 0.0, 0.0)
    _place(bench, "0", bench.hold("gate", 0.6 * experiment.rail_V), {})
    return float(bench.sweep(session, 2)[0, 1])
