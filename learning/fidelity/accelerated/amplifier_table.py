"""Drivers and clamps as tables: how far they miss their node's voltage, over the load they see.

An output stage that runs out of current falls off a knee, where neither voltage over current nor
current over voltage is a gentle function. Measured behind a resistor of the network's own size both
are: the table's last variable is the voltage at the resistor's far end, less what the node should
be. The solver asks for it with the same resistor, so that its size changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.bench import Bench, serpentine
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from netlist.circuit import Primitive
from spice_backend.session.session import Session

N_INPUT, N_PAIR, N_FAR = 11, 8, 161


@dataclass(frozen=True, slots=True, eq=False)
class AmplifierTables:
    """An amplifier, measured.

    Attributes:
        miss: Output less what it should be, over its inputs and the far end: volts.
        rail: Current from its rail, over the same: amperes.
    """

    miss: Spline
    rail: Spline


def measure_driver(
    session: Session, experiment: Experiment, low_V: float, high_V: float, load_ohm: float
) -> AmplifierTables:
    """Measure a machine's driver over (input, far end less input).

    Args:
        session: A simulator.
        experiment: The machine.
        low_V: Lowest input, volts.
        high_V: Highest input, volts.
        load_ohm: The resistor it is measured behind, ohms.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    inputs, far = axis(low_V, high_V, N_INPUT), _far(low_V, high_V)
    bench = _ready(experiment)
    for index, input_V in enumerate(inputs.values):
        pins = {"in": bench.hold(f"in{index}", input_V), "vdd": bench.meter("vdd", f"r{index}")}
        bench.place("driver", f"driver{index}", {**pins, "out": _load(bench, index, load_ohm)})
        bench.step(f"far{index}", (far.values + input_V).tolist())
    swept = bench.sweep(session, far.count).reshape(far.count, inputs.count, 2)
    miss = swept[:, :, 1].T - inputs.values[:, None]
    axes = (inputs, far)
    return AmplifierTables(through(axes, miss), through(axes, swept[:, :, 0].T))


def measure_clamp(
    session: Session, experiment: Experiment, low_V: float, high_V: float, load_ohm: float
) -> AmplifierTables:
    """Measure a machine's clamp over (free, label, far end less the nudged voltage).

    Args:
        session: A simulator.
        experiment: The machine.
        low_V: Lowest free voltage or label, volts.
        high_V: Highest of them, volts.
        load_ohm: The resistor it is measured behind, ohms.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    inputs, far = axis(low_V, high_V, N_PAIR), _far(low_V, high_V)
    nudge, bench = experiment.design.learning.nudge, _ready(experiment)
    bench.hold("eta", nudge)
    free, label, places = serpentine(inputs.values, inputs.values)
    for index, (free_V, label_V) in enumerate(zip(free, label, strict=True)):
        pins = {"free": bench.hold(f"free{index}", free_V), "eta": "eta"}
        pins |= {"label": bench.hold(f"label{index}", label_V)}
        pins |= {"vdd": bench.meter("vdd", f"r{index}")}
        bench.place("clamp", f"clamp{index}", {**pins, "clamped": _load(bench, index, load_ohm)})
        bench.step(f"far{index}", (far.values + free_V + nudge * (label_V - free_V)).tolist())
    swept = bench.sweep(session, far.count).reshape(far.count, len(free), 2)
    meant = free + nudge * (label - free)
    table = np.empty((2, inputs.count, inputs.count, far.count))
    table[:, places[0], places[1], :] = swept.transpose(2, 1, 0)
    table[1, places[0], places[1], :] -= meant[:, None]
    axes = (inputs, inputs, far)
    return AmplifierTables(through(axes, table[1]), through(axes, table[0]))


def _ready(experiment: Experiment) -> Bench:
    bench = Bench(experiment)
    bench.hold("vdd", experiment.rail_V)
    bench.place_bias()
    return bench


def _far(low_V: float, high_V: float) -> Axis:
    wide_V = high_V - low_V
    return axis(-1.2 * wide_V, 1.2 * wide_V, N_FAR)


def _load(bench: Bench, index: int, load_ohm: float) -> str:
    out = f"out{index}"
    bench.body.append(Primitive(f"R{index}", (out, f"far{index}"), load_ohm))
    return bench.read(f"v({out})", out)
