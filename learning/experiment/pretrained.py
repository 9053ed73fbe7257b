"""A start from the twin: what the linear twin learned, as gate voltages of the actual cell.

A linear network's voltages do not change when all conductances are multiplied by one number, so
the level is free: it is set by the gate voltage the design would otherwise start from. Each edge
is mapped at its own operating point, the mean voltage of its two ends over the examples.
"""

from __future__ import annotations

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.twin.edge_law import EdgeLaw, characterise
from learning.twin.linear import train_linear
from learning.twin.linear_network import LinearNetwork
from netlist.machine.topology import Network, Port
from spice_backend.session.session import Session

STEPS = 20_000
"""Of the linear twin: a second or less, and far below what a circuit's offsets resolve."""

_SPAN = (0.02, 2.0)
"""Bounds on conductances relative to the level: below, an edge is as good as absent; above, the
gate would leave the rail."""


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
    k, middles = twin_solution(experiment.network, experiment)
    level = float(np.mean(law.conductance(np.array(experiment.gates_V), float(middles.mean()))))
    return mapped(law, k * level, middles)


def twin_solution(network: Network, experiment: Experiment) -> tuple[Floats, Floats]:
    """What the linear twin learns, starting from equal conductances.

    Args:
        network: The network.
        experiment: Has the examples and the nudge.

    Returns:
        Relative conductances and mean voltage of both ends, volts, (n_edge,) each.
    """
    graph, train = network.graph(), experiment.task.train
    # networkx goes through edges node by node: each edge's key is its place in the network.
    order = [key for _, _, key in graph.edges(keys=True)]
    sources, targets = _entries(network.sources), _entries(network.targets)
    scale_V2 = max(float(np.mean(train.inputs**2)), 1e-6)
    learned = train_linear(
        graph,
        sources=sources,
        targets=targets,
        ground=list(network.ground),
        inputs=train.inputs,
        labels=train.labels,
        alpha=0.1 / scale_V2,
        steps=STEPS,
        bounds=_SPAN,
        record_every=STEPS,
    )
    solved = LinearNetwork(graph, sources, targets, list(network.ground))
    volts = solved.voltages(learned.final_k, train.inputs).mean(axis=0)
    place = {node: index for index, node in enumerate(graph)}
    k = np.empty(len(order))
    k[order] = learned.final_k
    middles = [0.5 * (volts[place[a]] + volts[place[b]]) for a, b in network.edges]
    return k, np.array(middles)


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


def _entries(ports: tuple[Port, ...]) -> list[str | tuple[str, ...]]:
    return [port.positive if port.negative is None else port.nodes for port in ports]


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
