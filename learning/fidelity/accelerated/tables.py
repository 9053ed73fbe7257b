"""Everything that is measured of a machine before it can be played on tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.amplifier_table import (
    AmplifierTables,
    measure_clamp,
    measure_driver,
    measure_paired_clamp,
)
from learning.fidelity.accelerated.edge_table import EdgeTables, measure_edge
from learning.fidelity.accelerated.ends import nudges_pairs
from learning.fidelity.accelerated.join_table import JoinTables, measure_join
from learning.fidelity.accelerated.range import Range, voltage_range
from learning.fidelity.accelerated.tabulated import slopes
from learning.fidelity.accelerated.update_table import (
    Pull,
    UpdateTables,
    measure_update,
    measure_weighed,
)
from spice_backend.session.session import Session

_TYPICAL_EDGES = 8.0
"""Edges, both networks', that an amplifier carries; only sets where tables are finest."""

_WEIGHT = 0.3
"""λ at which the charge of its line is measured."""

STEPS = ("edge", "driver", "clamp", "update", "enabling", "power weight")
"""What is measured, in order; the names that progress shows."""

Tell = Callable[[str], None]
"""Is told what is measured next."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """A machine's cells, measured.

    Attributes:
        edge: The edge cell.
        driver: The driver.
        clamp: The clamp.
        update: The update cell.
        join: What enabling does.
        load_ohm: The resistor amplifiers were measured behind, ohms.
    """

    edge: EdgeTables
    driver: AmplifierTables
    clamp: AmplifierTables
    update: UpdateTables
    join: JoinTables
    load_ohm: float


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What changes when λ is not 0.

    Attributes:
        pull: What the free ends add while the power weight's line is high.
        join: What enabling does then.
    """

    pull: Pull
    join: JoinTables


def measure(session: Session, experiment: Experiment, tell: Tell) -> Tables:
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
    measured = measure_paired_clamp if nudges_pairs(experiment) else measure_clamp
    clamp = measured(session, experiment, over.low_V, over.high_V, load_ohm)
    tell("update")
    update = measure_update(session, experiment, over.low_V, over.high_V)
    tell("enabling")
    join = measure_join(session, experiment, update, over)
    return Tables(edge, driver, clamp, update, join, load_ohm)


def measure_edge_and_driver(
    session: Session, experiment: Experiment, over: Range, tell: Tell
) -> tuple[EdgeTables, AmplifierTables, float]:
    """Measure an edge, and a driver behind a resistor of what a node's edges are together.

    Args:
        session: A simulator.
        experiment: The machine.
        over: Voltages to cover.
        tell: Told what is measured next.

    Returns:
        The edge, the driver, and the resistor, ohms.

    Raises:
        LearningError: When a cell cannot be put into tables.
        SpiceError: When the simulator cannot do it.
    """
    tell("edge")
    edge = measure_edge(session, experiment, over.low_V, over.high_V)
    gate_V = experiment.process.gate_V
    first, second, _ = slopes(edge.free, over.middle_V, over.middle_V, gate_V)
    load_ohm = 2.0 / (_TYPICAL_EDGES * max(first - second, 1e-9))
    tell("driver")
    return edge, measure_driver(session, experiment, over.low_V, over.high_V, load_ohm), load_ohm


def measure_power_weight(
    session: Session, experiment: Experiment, tables: Tables, tell: Tell
) -> Weighed:
    """Measure what a power weight does.

    Args:
        session: A simulator.
        experiment: The machine.
        tables: Its tables without.
        tell: Told what is measured next.

    Returns:
        What it changes.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    tell("power weight")
    pull = measure_weighed(session, experiment, tables.update)
    update = replace(tables.update, weighed=pull)
    join = measure_join(session, experiment, update, voltage_range(experiment), _WEIGHT)
    return Weighed(pull, join)
