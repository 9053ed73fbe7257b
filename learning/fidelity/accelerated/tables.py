"""Everything that is measured of a machine before it can be played on tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.amplifier_table import (
    AmplifierTables,
    measure_clamp,
    measure_driver,
)
from learning.fidelity.accelerated.edge_table import EdgeTables, measure_edge
from learning.fidelity.accelerated.join_table import JoinTables, measure_join
from learning.fidelity.accelerated.tabulated import slopes
from learning.fidelity.accelerated.update_table import UpdateTables, measure_update
from spice_backend.session.session import Session

_MARGIN = 0.15
"""How far tables go beyond the voltages of the task, as a share of their range."""

_DROP = 0.5
"""Drop at which waking is looked at, as a share of the task's range."""

_TYPICAL_EDGES = 8.0
"""Edges, both networks', that an amplifier carries; only sets where tables are finest."""

STEPS = ("edge", "driver", "clamp", "update", "enabling")
"""What is measured, in order; the names that progress shows."""

Tell = Callable[[str], None]
"""Is told what is measured next."""


@dataclass(frozen=True, slots=True)
class Range:
    """Voltages a machine's nodes take.

    Attributes:
        low_V: Lowest that tables cover, volts.
        high_V: Highest, volts.
        middle_V: Half-way between the task's extremes, volts.
        drop_V: A typical drop across an edge, volts.
    """

    low_V: float
    high_V: float
    middle_V: float
    drop_V: float


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


def voltage_range(experiment: Experiment) -> Range:
    """Voltages a machine's nodes take: the task's, ground, and a margin.

    Args:
        experiment: The machine and its task.

    Returns:
        The range.
    """
    task = experiment.task
    sets = [task.train] if task.test is None else [task.train, task.test]
    shown = [part.ravel() for one in sets for part in (one.inputs, one.labels)]
    volts = np.concatenate([*shown, np.zeros(1)])
    low, high = float(volts.min()), float(volts.max())
    wide = high - low
    return Range(low - _MARGIN * wide, high + _MARGIN * wide, 0.5 * (low + high), _DROP * wide)


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
    tell("edge")
    edge = measure_edge(session, experiment, over.low_V, over.high_V)
    gate_V = float(np.mean(experiment.gates_V))
    first, second, _ = slopes(edge.free, over.middle_V, over.middle_V, gate_V)
    load_ohm = 2.0 / (_TYPICAL_EDGES * max(first - second, 1e-9))
    tell("driver")
    driver = measure_driver(session, experiment, over.low_V, over.high_V, load_ohm)
    tell("clamp")
    clamp = measure_clamp(session, experiment, over.low_V, over.high_V, load_ohm)
    tell("update")
    weighed = experiment.design.learning.power_weight > 0.0
    update = measure_update(session, experiment, over.low_V, over.high_V, weighed=weighed)
    tell("enabling")
    join = measure_join(session, experiment, update, over.middle_V, over.drop_V)
    return Tables(edge, driver, clamp, update, join, load_ohm)
