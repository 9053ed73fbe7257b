"""Clamps that work in turn and nudge one node of a pair: as other clamps, over both free voltages.

Such a clamp samples both nodes of its pair while the network is free, and then holds its own at
what `nudged_V` says, which takes the place that the label has with a clamp of a single node. Both
clamps of a pair go opposite ways, so that the load of one is what a node is against its partner.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.ends import asked
from learning.fidelity.accelerated.in_turn.clamp_table import (
    Load,
    TurnClampTables,
    find_stages,
    hang_cells,
    put_clamp,
    rail_while_held,
)
from learning.fidelity.accelerated.in_turn.phases import (
    PhasedBench,
    Shown,
    phased,
    window_s,
)
from learning.fidelity.accelerated.in_turn.sampled_table import windows_s
from learning.fidelity.accelerated.range import Range, apart_axis, typical_gate_V
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from spice_backend.session.session import Session

N_LOOKED, N_HELD = 11, 6

_LOOKED_V = 0.02
"""The highest of these voltages is a multiple of this, volts."""


def nudged_V(free_V: Floats, other_V: Floats, apart_V: Floats, nudge: float) -> Floats:
    """Where a clamp of one node of a pair holds its node: the difference is nudged, not the mean.

    Args:
        free_V: Of its node, volts.
        other_V: Of the other node, volts.
        apart_V: Label less the other node's label, volts.
        nudge: η.

    Returns:
        Volts.
    """
    return free_V - 0.5 * nudge * (free_V - other_V - apart_V)


def measure_paired_turn_clamp(
    session: Session, experiment: Experiment, over: Range, load: Load
) -> TurnClampTables:
    """Measure a machine's clamp, which nudges one node of a pair.

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
    held = axis(0.0, over.high_V, N_HELD)
    rail = rail_while_held(session, experiment, over, load.table_ohm, held, _still)
    return TurnClampTables(rail, *_journey(session, experiment, over, load))


def _still(made: PhasedBench, name: str, volts: float) -> dict[str, str]:
    """Pins of a clamp whose two nodes are free at one voltage, and nudged apart by nothing."""
    experiment, bench = made.bench.experiment, made.bench
    label = bench.hold(f"label{name}", experiment.middle_V)
    return {"label": label, "reference": label, "other": bench.hold(f"other{name}", volts)}


def _journey(
    session: Session, experiment: Experiment, over: Range, load: Load
) -> tuple[Spline, Floats, tuple[Spline, ...]]:
    """From every pair of free voltages to both ends of the differences of labels.

    Rail currents idle, the ends of stages, and nodes less nudged voltages: what these differ by
    with the difference of labels is small and in proportion to it.
    """
    looked, apart = looked_axis(experiment), apart_axis(experiment)
    ends_V = apart.values[[0, -1]]
    spec = experiment.design.schedule
    pause = Shown(pause_s=spec.evaluation_s)
    made = phased(experiment, [pause, pause, Shown(windows_s(experiment)[0], first=True)])
    bench, network = made.bench, experiment.network
    clamps = sum(len(port.nodes) for port in network.targets)
    nets = made.carry("clamp", clamps / (2 * looked.count**2))
    _weigh_down(made, len(network.edges), over.middle_V)
    for index, volts in enumerate(looked.values.tolist()):
        bench.hold(f"other{index}", volts)
    for index, volts in enumerate(ends_V.tolist()):
        bench.hold(f"label{index}", experiment.middle_V + 0.5 * volts)
        bench.hold(f"reference{index}", experiment.middle_V - 0.5 * volts)
    for i, j, k in product(range(looked.count), range(looked.count), range(2)):
        name = f"{i}_{j}_{k}"
        pins = {"other": f"other{j}", "label": f"label{k}", "reference": f"reference{k}"}
        put_clamp(made, name, {**nets, **pins}, float(looked.values[i]), load.network_ohm)
        hang_cells(made, name, load.cells, first=not i + j + k)
    time_s, read = made.run(session)
    begin_s, end_s = window_s(experiment, made.schedule.presentations[2])
    shape = looked.count, looked.count, 2
    at_s = begin_s - spec.rise_s
    idle_A = np.array([np.interp(at_s, time_s, one) for one in read[:, 0::2].T])
    stages_s, means_V = find_stages(time_s, read[:, 1::2], begin_s, end_s)
    grid = np.meshgrid(looked.values, looked.values, ends_V, indexing="ij")
    meant_V = nudged_V(grid[0], grid[1], grid[2], experiment.design.learning.nudge)
    share = np.linspace(0.0, 1.0, apart.count)
    missed_V = [one.reshape(shape) - meant_V.reshape(shape) for one in means_V]
    beyond = tuple(
        through((looked, looked, apart), one[..., :1] + (one[..., 1:] - one[..., :1]) * share)
        for one in missed_V
    )
    idle = through((looked,), idle_A.reshape(shape).mean(axis=(1, 2)))
    return idle, stages_s, beyond


def _weigh_down(made: PhasedBench, count: int, middle_V: float) -> None:
    """An update cell, for what all of the machine's are to the shared lines.

    Lines that so many clamps weighed on as stand on this bench would let go of a node too late.
    """
    bench = made.bench
    bench.hold("m", middle_V)
    gate = bench.hold("gate_of_one", typical_gate_V(bench.experiment))
    clocks = {line: line for line in ("clk", "run", "enable", "vlambda")}
    pins = {**clocks, **made.carry("update", count), "a": "m", "b": "m", "gate": gate}
    bench.place("update", "update", {**pins, "vdd": "vdd"})


def looked_axis(experiment: Experiment) -> Axis:
    """Where the nodes of a pair may be while the network is free: within what drivers hold.

    Args:
        experiment: The machine.

    Returns:
        The grid, volts.
    """
    task, lines = experiment.task, asked(experiment, lines=True)
    sets = [np.hstack([one.inputs, one.labels]) for one in (task.train, task.test) if one]
    highest_V = max(float(lines.of(one).max()) for one in sets)
    return axis(0.0, float(np.ceil(highest_V / _LOOKED_V + 0.2)) * _LOOKED_V, N_LOOKED)
