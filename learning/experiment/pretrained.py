"""A start from the twin: what the linear twin learned, as gate voltages of the actual cell.

A linear network's voltages do not change when all conductances are multiplied by one number, so
the level is free: it is set by the gate voltage the design would otherwise start from. Each edge
is mapped at its own operating point, the mean voltage of its two ends over the examples.
"""

from __future__ import annotations

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.linear_machine import LinearMachine
from learning.twin.edge_law import EdgeLaw, characterise
from spice_backend.session.session import Session

STEPS = 20_000
"""Of the linear twin: a second or less, and far below what a circuit's offsets resolve."""


def pretrained_gates(experiment: Experiment) -> Floats:
    """Train the linear twin and map its solution through the characterised cell.

    Args:
        experiment: The experiment; the mean of its gate voltages sets the level.

    Returns:
        (n_edge,), volts.

    Raises:
        LearningError: When the twin cannot be trained.
        SpiceError: When the cell cannot be characterised.
    """
    with Session(timeout_s=experiment.design.simulator.timeout_s) as session:
        law = edge_law(session, experiment)
    machine, shown = LinearMachine(experiment), experiment.task.train
    k = machine.taught(shown.inputs, shown.labels, STEPS)
    middles = machine.middles_V(k, shown.inputs)
    level = float(np.mean(law.conductance(np.array(experiment.gates_V), float(middles.mean()))))
    return mapped(law, k * level, middles)


def mapped(law: EdgeLaw, conductances: Floats, middles_V: Floats) -> Floats:
    """Gate voltages that give conductances.

    Args:
        law: Of the edge cell.
        conductances: (n_edge,), siemens.
        middles_V: Mean voltage of both ends: (n_edge,), volts.

    Returns:
        (n_edge,), volts.
    """
    return law.gate_for(conductances, middles_V)


def edge_law(session: Session, experiment: Experiment) -> EdgeLaw:
    """Characterise the edge cell of an experiment over its own range of voltages.

    Args:
        session: A simulator.
        experiment: The experiment.

    Returns:
        The law.
    """
    inputs = experiment.task.train.inputs
    return characterise(
        session,
        experiment.process,
        experiment.cells["edge"],
        experiment.parameters("edge"),
        rail_V=experiment.rail_V,
        top_V=float(max(inputs.max(), experiment.design.task.input_high_V)),
    )
