"""Everything that is measured of a machine whose one network is free and clamped in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.amplifier_table import AmplifierTables
from learning.fidelity.accelerated.edge_table import EdgeTables
from learning.fidelity.accelerated.ends import nudges_pairs
from learning.fidelity.accelerated.in_turn.clamp_table import (
    Load,
    TurnClampTables,
    measure_turn_clamp,
)
from learning.fidelity.accelerated.in_turn.leaning_table import Leanings, measure_leanings
from learning.fidelity.accelerated.in_turn.paired_clamp_table import measure_paired_turn_clamp
from learning.fidelity.accelerated.in_turn.sampled_table import SampledTables, measure_sampled
from learning.fidelity.accelerated.range import typical_gate_V, voltage_range
from learning.fidelity.accelerated.tables import measure_edge_and_driver
from learning.fidelity.accelerated.tabulated import slopes
from spice_backend.session.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class TurnTables:
    """A machine's cells, measured.

    Attributes:
        edge: The edge cell.
        driver: The driver.
        clamp: The clamp.
        update: The update cell, and with it the shared cells.
        load_ohm: The resistor amplifiers were measured behind, ohms.
    """

    edge: EdgeTables
    driver: AmplifierTables
    clamp: TurnClampTables
    update: SampledTables
    load_ohm: float


def measure_turns(
    session: Session, experiment: Experiment, tell: Callable[[str], None]
) -> TurnTables:
    """Measure a machine's cells.

    Args:
        session: A simulator.
        experiment: The machine.
        tell: Told what is measured next.

    Returns:
        Its tables.

    Raises:
        LearningError: When a cell cannot be put into tables.
        SpiceError: When the simulator cannot do it.
    """
    over = voltage_range(experiment)
    edge, driver, load_ohm = measure_edge_and_driver(session, experiment, over, tell)
    tell("clamp")
    measured = measure_paired_turn_clamp if nudges_pairs(experiment) else measure_turn_clamp
    clamp = measured(session, experiment, over, seen(experiment, edge, load_ohm))
    tell("update")
    update = measure_sampled(session, experiment, over)
    return TurnTables(edge, driver, clamp, update, load_ohm)


def measure_devices(
    session: Session, experiment: Experiment, tables: TurnTables, tell: Callable[[str], None]
) -> Leanings:
    """Measure what the devices of a machine's cells do, for chips whose devices differ.

    Args:
        session: A simulator.
        experiment: The machine.
        tables: Its tables as designed.
        tell: Told what is measured next.

    Returns:
        What they do.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    tell("every device")
    load = seen(experiment, tables.edge, tables.load_ohm)
    over = voltage_range(experiment)
    return measure_leanings(session, experiment, over, load, tables.clamp.stages_s)


def seen(experiment: Experiment, edge: EdgeTables, table_ohm: float) -> Load:
    """What a target's clamp sees of the network as it begins, on the average of all targets.

    Args:
        experiment: The machine.
        edge: Its edge cell.
        table_ohm: The resistor tables are measured behind, ohms.

    Returns:
        The load.
    """
    network, over = experiment.network, voltage_range(experiment)
    place = {node: index for index, node in enumerate(network.nodes)}
    laplacian = np.zeros((len(place), len(place)))
    gate_V = typical_gate_V(experiment)
    into_a, into_b, _ = slopes(edge.free, over.middle_V, over.middle_V, gate_V)
    for a, b in network.edges:
        pair = np.array([place[a], place[b]])
        laplacian[np.ix_(pair, pair)] += 0.5 * (into_a - into_b) * np.array([[1, -1], [-1, 1]])
    held = {place[node] for port in network.sources for node in port.nodes}
    held |= {place[node] for node in network.ground}
    loose = [index for index in range(len(place)) if index not in held]
    ohms = np.linalg.inv(laplacian[np.ix_(loose, loose)])
    targets = [place[node] for port in network.targets for node in port.nodes]
    seen = [float(ohms[loose.index(target), loose.index(target)]) for target in targets]
    if nudges_pairs(experiment):  # both nodes of a pair go opposite ways
        partners = [place[node] for port in network.targets for node in reversed(port.nodes)]
        mutual = [
            ohms[loose.index(a), loose.index(b)] for a, b in zip(targets, partners, strict=True)
        ]
        seen = [own - float(one) for own, one in zip(seen, mutual, strict=True)]
    meeting = [sum(network.nodes[target] in ends for ends in network.edges) for target in targets]
    return Load(table_ohm, float(np.mean(seen)), round(float(np.mean(meeting))))
