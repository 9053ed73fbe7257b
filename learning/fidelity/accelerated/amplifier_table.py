"""Drivers and clamps as tables: how far they miss their node's voltage, over the load they see.

An output stage that runs out of current falls off a knee, where neither voltage over current nor
current over voltage is a gentle function. Measured behind a resistor of the network's own size both
are: the table's last variable is the voltage at the resistor's far end, less what the node should
be. The solver asks for it with the same resistor, so that its size changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.bench import Bench, serpentine
from learning.fidelity.accelerated.range import apart_axis, driven_axis
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from netlist.circuit import Primitive
from spice_backend.session.session import Session

N_PAIR, N_LOOKED, N_FAR = 8, 11, 161


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
        low_V: Lowest voltage of a node, volts.
        high_V: Highest, volts.
        load_ohm: The resistor it is measured behind, ohms.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    inputs, far = driven_axis(experiment), _far(low_V, high_V)
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


def measure_paired_clamp(
    session: Session, experiment: Experiment, low_V: float, high_V: float, load_ohm: float
) -> AmplifierTables:
    """Measure a clamp of one node of a pair.

    Its variables are (free, other, label less reference, far end less the nudged voltage): both
    labels stand about the common mode.

    Args:
        session: A simulator.
        experiment: The machine.
        low_V: Lowest free voltage, volts.
        high_V: Highest, volts.
        load_ohm: The resistor it is measured behind, ohms.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    looked, apart, far = axis(low_V, high_V, N_LOOKED), apart_axis(experiment), _far(low_V, high_V)
    axes = looked, looked, apart, far
    table = np.empty((2, *(one.count for one in axes)))
    for place, apart_V in enumerate(apart.values.tolist()):
        table[:, :, :, place] = _paired(session, experiment, apart_V, looked, far, load_ohm)
    return AmplifierTables(through(axes, table[1]), through(axes, table[0]))


def _paired(
    session: Session, experiment: Experiment, apart_V: float, looked: Axis, far: Axis,
    load_ohm: float,
) -> Floats:  # fmt: skip
    """Rail currents and misses at one difference of labels: (2, n_free, n_other, n_far)."""
    half, bench = 0.5 * experiment.design.learning.nudge, _ready(experiment)
    bench.hold("eta", 2.0 * half)
    for name, sign in {"label": 0.5, "reference": -0.5}.items():
        bench.hold(name, experiment.middle_V + sign * apart_V)
    free, other, places = serpentine(looked.values, looked.values)
    meant = free - half * (free - other - apart_V)
    shared = {name: name for name in ("eta", "label", "reference")}
    for index, volts in enumerate(zip(free.tolist(), other.tolist(), strict=True)):
        pins = {**shared, "vdd": bench.meter("vdd", f"r{index}")}
        for pin, volt in zip(("free", "other"), volts, strict=True):
            pins[pin] = bench.hold(f"{pin}{index}", volt)
        bench.place("clamp", f"clamp{index}", {**pins, "clamped": _load(bench, index, load_ohm)})
        bench.step(f"far{index}", (far.values + meant[index]).tolist())
    swept = bench.sweep(session, far.count).reshape(far.count, len(free), 2)
    table = np.empty((2, looked.count, looked.count, far.count))
    table[:, places[0], places[1], :] = swept.transpose(2, 1, 0)
    table[1, places[0], places[1], :] -= meant[:, None]
    return table


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
