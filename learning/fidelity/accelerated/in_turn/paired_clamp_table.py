"""Clamps that work in turn and nudge one node of a pair: as other clamps, over both free voltages.

Such a clamp samples both nodes of its pair while the network is free, and then holds its own at
what `nudged_V` says, which takes the place that the label has with a clamp of a single node. Both
clamps of a pair go opposite ways, so that the load of one is what a node is against its partner.
"""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.ends import middle_V
from learning.fidelity.accelerated.in_turn.clamp_table import (
    QUIET,
    Load,
    TurnClampTables,
    ask_after,
    find_stages,
    hang_cells,
    put_clamp,
    quiet_rails,
    rail_while_held,
)
from learning.fidelity.accelerated.in_turn.phases import (
    PhasedBench,
    Shown,
    collected,
    phased,
    window_s,
)
from learning.fidelity.accelerated.in_turn.sampled_table import windows_s
from learning.fidelity.accelerated.range import Range, apart_axis, typical_gate_V
from learning.fidelity.accelerated.spline import Spline, axis, through
from spice_backend.session.session import Session

N_LOOKED, N_HELD = 6, 6


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
    idle, before, stages_s, beyond = _journey(session, experiment, over, load)
    return TurnClampTables(
        rail, idle, before, _quiet(session, experiment, over, load), stages_s, beyond
    )


def _still(made: PhasedBench, name: str, volts: float) -> dict[str, str]:
    """Pins of a clamp whose two nodes are free at one voltage, and nudged apart by nothing."""
    experiment, bench = made.bench.experiment, made.bench
    label = bench.hold(f"label{name}", middle_V(experiment))
    return {"label": label, "reference": label, "other": bench.hold(f"other{name}", volts)}


def _journey(
    session: Session, experiment: Experiment, over: Range, load: Load
) -> tuple[Spline, Spline, Floats, tuple[Spline, ...]]:
    """From every pair of free voltages to every difference of labels.

    Rail currents idle and before learning, the ends of stages, and nodes less nudged voltages.
    """
    looked, apart = axis(0.0, over.high_V, N_LOOKED), apart_axis(experiment)
    axes = looked, looked, apart
    spec = experiment.design.schedule
    pause = Shown(pause_s=spec.evaluation_s)
    made = phased(experiment, [pause, pause, Shown(windows_s(experiment)[0], first=True)])
    bench, network = made.bench, experiment.network
    clamps = sum(len(port.nodes) for port in network.targets)
    nets = made.carry("clamp", clamps / prod(one.count for one in axes))
    _weigh_down(made, len(network.edges), over.middle_V)
    for index, volts in enumerate(looked.values.tolist()):
        bench.hold(f"other{index}", volts)
    for index, volts in enumerate(apart.values.tolist()):
        bench.hold(f"label{index}", middle_V(experiment) + 0.5 * volts)
        bench.hold(f"reference{index}", middle_V(experiment) - 0.5 * volts)
    for i, j, k in product(*(range(one.count) for one in axes)):
        name = f"{i}_{j}_{k}"
        pins = {"other": f"other{j}", "label": f"label{k}", "reference": f"reference{k}"}
        put_clamp(made, name, {**nets, **pins}, float(looked.values[i]), load.network_ohm)
        hang_cells(made, name, load.cells, first=not i + j + k)
    time_s, read = made.run(session)
    begin_s, end_s = window_s(experiment, made.schedule.presentations[2])
    shape = tuple(one.count for one in axes)
    at_s = begin_s - spec.rise_s
    idle_A = np.array([np.interp(at_s, time_s, one) for one in read[:, 0::2].T])
    before_A = collected(time_s, read, made.schedule)[1, 0::2] / spec.evaluation_s
    stages_s, means_V = find_stages(time_s, read[:, 1::2], begin_s, end_s)
    grid = np.meshgrid(*(one.values for one in axes), indexing="ij")
    meant_V = nudged_V(grid[0], grid[1], grid[2], experiment.design.learning.nudge)
    beyond = tuple(through(axes, one.reshape(shape) - meant_V) for one in means_V)
    idle, before = (
        through((looked,), one.reshape(shape).mean(axis=(1, 2))) for one in (idle_A, before_A)
    )
    return idle, before, stages_s, beyond


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


def _quiet(session: Session, experiment: Experiment, over: Range, load: Load) -> tuple[Spline, ...]:
    """Rail currents in queries after learning, over how far a node is from where it was held."""
    pause = Shown(pause_s=experiment.design.schedule.evaluation_s)
    learnt = Shown(windows_s(experiment)[0], first=True)
    made = phased(experiment, [pause, pause, learnt, *(QUIET * [pause])])
    nets = made.carry("clamp", 1.0)
    ask_after(made, {**nets, **_still(made, "q", over.middle_V)}, over.middle_V, load)
    time_s, read = made.run(session)
    lasting = collected(time_s, read, made.schedule)[:, 0::2]
    return quiet_rails(lasting[3:] / experiment.design.schedule.evaluation_s)
