"""Clamps that work in turn: how far they miss the label, and how they get there.

While the network is free such a clamp is off it, follows its node and takes out its own offset;
then it drives the node. It is measured behind a resistor, as drivers are, through one window of
small steps of the far end. How the node travels from where the free network has it to the label is
recorded with the network's own resistance and the capacitance of a node's cells as the load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.ends import asked
from learning.fidelity.accelerated.in_turn.phases import (
    PhasedBench,
    Shown,
    phased,
    read_stairs,
    stairs,
    window_s,
)
from learning.fidelity.accelerated.in_turn.sampled_table import windows_s
from learning.fidelity.accelerated.range import Range, typical_gate_V
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from netlist.circuit import Primitive
from spice_backend.session.session import Session

N_LABEL, N_SIDE, N_FREE, N_FAR = 5, 20, 7, 161

_HOLD_S = 2e-6
"""How long the far end stays at one value: some time constants of the amplifier, seconds."""

_LABEL_V = 0.02
"""Labels of tables begin and end at multiples of this, volts."""

_LEFT = (0.7, 0.42, 0.22, 0.1, 0.04)
"""Shares of the way that are left at the ends of the stages of the journey."""

_TAIL = 3
"""Stages after that, in which the clamp drifts."""

_FINE = 500
"""Points of a quarter of a window, in which the journey has to be over."""


@dataclass(frozen=True, slots=True, eq=False)
class TurnClampTables:
    """A clamp that works in turn, measured.

    Attributes:
        rail: Current from its rail while it drives its node, over the label and the voltage across
            the resistor tables are measured behind: amperes.
        idle: Current from its rail while the network is free and learns, over the node's voltage:
            amperes.
        stages_s: When the stages of the journey end, after the network is clamped: (n,), seconds.
        beyond: Node less label on the average of each stage, over where the free network has the
            node and the label: volts, one table per stage. Of a clamp of one node of a pair: node
            less nudged voltage, over both nodes of the pair and the difference of their labels.
    """

    rail: Spline
    idle: Spline
    stages_s: Floats
    beyond: tuple[Spline, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What a clamp sees.

    Attributes:
        table_ohm: The resistor tables are measured behind, ohms.
        network_ohm: The network's resistance at a target, ohms.
        cells: How many edges meet there.
    """

    table_ohm: float
    network_ohm: float
    cells: int


def measure_turn_clamp(
    session: Session, experiment: Experiment, over: Range, load: Load
) -> TurnClampTables:
    """Measure a machine's clamp.

    Args:
        session: A simulator.
        experiment: The machine.
        over: Voltages its nodes take.
        load: What it sees.

    Returns:
        Its tables.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    labels = label_axis(experiment)
    rail = rail_while_held(session, experiment, over, load.table_ohm, labels, label_pin)
    return TurnClampTables(rail, *_journey(session, experiment, over, load))


def label_pin(made: PhasedBench, name: str, volts: float) -> dict[str, str]:
    """Put a label there; returns the pin of a clamp that takes it.

    Args:
        made: The bench.
        name: Of the clamp.
        volts: The label.

    Returns:
        By pin.
    """
    return {"label": made.bench.hold(f"label{name}", volts)}


def far_axis(over: Range) -> Axis:
    """Where far ends go, against the label: volts."""
    wide_V = 1.2 * (over.high_V - over.low_V)
    return axis(-wide_V, wide_V, N_FAR)


def rail_while_held(
    session: Session, experiment: Experiment, over: Range, load_ohm: float, labels: Axis,
    asks: Callable[[PhasedBench, str, float], dict[str, str]],
) -> Spline:  # fmt: skip
    """Rail current of clamps that hold their nodes.

    Args:
        session: A simulator.
        experiment: The machine.
        over: Voltages its nodes take.
        load_ohm: The resistor tables are measured behind, ohms.
        labels: Where nodes are held, volts.
        asks: Puts there what has a clamp hold its node at a voltage; returns its pins.

    Returns:
        Over where a node is held and the voltage across the resistor: amperes.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    far = far_axis(over)
    steps_V = float(far.values[-1]) * np.linspace(0.0, 1.0, N_SIDE + 1) ** 2
    shown = [Shown(pause_s=1e-5), Shown((N_SIDE + 1) * _HOLD_S + 2e-5, first=True)]
    made = phased(experiment, shown)
    begin_s = window_s(experiment, made.schedule.presentations[1])[0] + 1.5e-5
    nets = made.carry("clamp", 1.0)
    for index, label_V in enumerate(labels.values.tolist()):
        pins = {**nets, **asks(made, str(index), label_V)}
        for name, sign in {"d": -1.0, "u": 1.0}.items():
            wave = stairs(begin_s, label_V + sign * steps_V, _HOLD_S, label_V)
            put_clamp(made, f"{name}{index}", pins, wave, load_ohm)
    time_s, read = made.run(session)
    swept = read_stairs(time_s, read, begin_s, N_SIDE + 1, _HOLD_S)
    swept = swept.reshape(N_SIDE + 1, labels.count, 2, 2)
    rail_A, node_V = np.moveaxis(np.concatenate([swept[:0:-1, :, 0], swept[:, :, 1]]), 2, 0)
    far_V = np.concatenate([-steps_V[:0:-1], steps_V])
    across_V = far_V[:, None] + labels.values - node_V
    table = [np.interp(far.values, x, y) for x, y in zip(across_V.T, rail_A.T, strict=True)]
    return through((labels, far), np.array(table))


def put_clamp(
    made: PhasedBench, name: str, nets: dict[str, str], far: object, load_ohm: float
) -> None:
    """Put a clamp there whose rail current and node are read, its node behind a resistor.

    Args:
        made: The bench.
        name: Of the clamp.
        nets: By pin, lines included.
        far: The resistor's far end, volts, or their course.
        load_ohm: The resistor, ohms.
    """
    bench, node = made.bench, f"node{name}"
    bench.hold(f"far{name}", far)  # type: ignore[arg-type]
    bench.body.append(Primitive(f"R{name}", (node, f"far{name}"), load_ohm))
    pins = {**nets, "vdd": bench.meter("vdd", f"r{name}"), "node": node, "eta": "eta"}
    bench.place("clamp", f"clamp{name}", {"clk": "clk", "run": "run", "enable": "enable", **pins})
    bench.read(f"v({node})")


def _journey(
    session: Session, experiment: Experiment, over: Range, load: Load
) -> tuple[Spline, Floats, tuple[Spline, ...]]:
    """From every free voltage to every label, each with the load of a node.

    Rail currents idle, the ends of stages, and nodes less labels.
    """
    free, labels = axis(0.0, over.high_V, N_FREE), label_axis(experiment)
    spec = experiment.design.schedule
    long_s = windows_s(experiment)[0]
    pause = Shown(pause_s=spec.evaluation_s)
    made = phased(experiment, [pause, pause, Shown(long_s, first=True)])
    nets = made.carry("clamp", 1.0)
    for i, free_V in enumerate(free.values.tolist()):
        for j, label_V in enumerate(labels.values.tolist()):
            name = f"{i}_{j}"
            put_clamp(
                made, name, {**nets, **label_pin(made, name, label_V)}, free_V, load.network_ohm
            )
            hang_cells(made, name, load.cells, first=not i + j)
    time_s, read = made.run(session)
    begin_s, end_s = window_s(experiment, made.schedule.presentations[2])
    shape = free.count, labels.count
    rail_A = read[:, ::2].reshape(-1, *shape).mean(axis=2)
    idle_A = np.array([np.interp(begin_s - spec.rise_s, time_s, one) for one in rail_A.T])
    stages_s, means_V = find_stages(time_s, read[:, 1::2], begin_s, end_s)
    beyond = tuple(through((free, labels), one.reshape(shape) - labels.values) for one in means_V)
    return through((free,), idle_A), stages_s, beyond


def label_axis(experiment: Experiment) -> Axis:
    """Labels of a task with a margin, on multiples of it, volts."""
    task, lines = experiment.task, asked(experiment, lines=True)
    targets = sum(len(port.nodes) for port in experiment.network.targets)
    sets = [np.hstack([one.inputs, one.labels]) for one in (task.train, task.test) if one]
    labels = np.concatenate([lines.of(one)[:, -targets:].ravel() for one in sets])
    low_V = _LABEL_V * np.floor(labels.min() / _LABEL_V - 0.2)
    high_V = _LABEL_V * np.ceil(labels.max() / _LABEL_V + 0.2)
    return axis(max(float(low_V), 0.0), float(high_V), N_LABEL)


def hang_cells(made: PhasedBench, name: str, cells: int, *, first: bool) -> None:
    """Put the capacitance of a node there: edges with both ends on it.

    Args:
        made: The bench.
        name: Of the node's clamp.
        cells: How many edges.
        first: Whether it is the first node, which brings the source of all their gates.
    """
    bench, node = made.bench, f"node{name}"
    experiment = bench.experiment
    gate = "gate_of_all"
    if first:
        bench.hold(gate, typical_gate_V(experiment))
    for index in range(cells):
        pins = {"a": node, "b": node, "gate": gate, "vdd": "vdd"}
        bench.place("edge", f"edge{name}_{index}", pins)


def find_stages(
    time_s: Floats, node_V: Floats, begin_s: float, end_s: float
) -> tuple[Floats, Floats]:
    """When the stages end, and where nodes are on the average of each: (n_stage, n_node), volts.

    Args:
        time_s: (n_step,), seconds.
        node_V: (n_step, n_node), volts.
        begin_s: When the network is clamped, seconds.
        end_s: When it no longer is, seconds.
    """
    fine_s = np.linspace(begin_s, end_s, 4 * _FINE + 1)
    paths = np.stack([np.interp(fine_s, time_s, one) for one in node_V.T], axis=1)
    apart = np.sqrt(np.mean((paths - paths[-1]) ** 2, axis=1))
    left = np.maximum.accumulate(apart[::-1])[::-1] / apart[0]
    early = {int(np.argmax(left < share)) for share in _LEFT}
    arrived = max([place for place in early if place < _FINE], default=0)
    late = np.geomspace(max(arrived, 1), 4 * _FINE, _TAIL + 1)[1:]
    places = sorted({place for place in early if 0 < place <= arrived} | {*late.astype(int)})
    bounds = [0, *places]
    means = [paths[a : b + 1].mean(axis=0) for a, b in pairwise(bounds)]
    return fine_s[places] - begin_s, np.array(means)
