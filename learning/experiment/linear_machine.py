"""The network of an experiment as linear resistors, taught by the rule alone.

No cell takes part: conductances are relative, because the voltages of a linear network do not
change when all of them are multiplied by one number. What it shows is what the network could learn
if its cells were perfect; what it costs it cannot say.
"""

from __future__ import annotations

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.twin.linear import train_linear
from learning.twin.linear_network import LinearNetwork
from netlist.machine.topology import Port

_SPAN = (0.02, 2.0)
"""Bounds on conductances relative to where they start: below, an edge is as good as absent; above,
the gate of an actual edge would leave the rail."""

_RATE = 0.1
"""Learning rate times the mean square of a source, siemens: a step changes a conductance by a share
of where it started, whatever the voltages."""


class LinearMachine:
    """The linear twin of an experiment's network.

    Args:
        experiment: Has the network.

    Raises:
        LearningError: For a network whose voltages are not decided, or are twice.
    """

    def __init__(self, experiment: Experiment) -> None:
        network = experiment.network
        self._edges, self._graph = network.edges, network.graph()
        # networkx goes through edges node by node: each edge's key is its place in the network.
        self._order = [key for _, _, key in self._graph.edges(keys=True)]
        self._sources, self._targets = _entries(network.sources), _entries(network.targets)
        self._ground = list(network.ground)
        self._solved = LinearNetwork(self._graph, self._sources, self._targets, self._ground)

    def taught(self, inputs_V: Floats, labels_V: Floats, steps: int) -> Floats:
        """Teach it, all examples at every step, from equal conductances.

        Args:
            inputs_V: (n_example, n_source), volts.
            labels_V: (n_example, n_target), volts.
            steps: Updates.

        Returns:
            Relative conductances in the network's order, (n_edge,).
        """
        scale_V2 = max(float(np.mean(inputs_V**2)), 1e-6)
        learned = train_linear(
            self._graph,
            sources=self._sources,
            targets=self._targets,
            ground=self._ground,
            inputs=inputs_V,
            labels=labels_V,
            alpha=_RATE / scale_V2,
            steps=steps,
            bounds=_SPAN,
            record_every=max(steps, 1),
        )
        k = np.empty(len(self._order))
        k[self._order] = learned.final_k
        return k

    def outputs_V(self, k: Floats, inputs_V: Floats) -> Floats:
        """What it answers.

        Args:
            k: As from `taught`.
            inputs_V: (n_example, n_source), volts.

        Returns:
            Target voltages, (n_example, n_target), volts.
        """
        return np.asarray(inputs_V @ self._solved.respond(k[self._order]).outputs.T)

    def middles_V(self, k: Floats, inputs_V: Floats) -> Floats:
        """The mean voltage of every edge's two ends, over the examples.

        Args:
            k: As from `taught`.
            inputs_V: (n_example, n_source), volts.

        Returns:
            (n_edge,), volts.
        """
        volts = self._solved.voltages(k[self._order], inputs_V).mean(axis=0)
        place = {node: index for index, node in enumerate(self._graph)}
        return np.array([0.5 * (volts[place[a]] + volts[place[b]]) for a, b in self._edges])


def _entries(ports: tuple[Port, ...]) -> list[str | tuple[str, ...]]:
    return [port.positive if port.negative is None else port.nodes for port in ports]
