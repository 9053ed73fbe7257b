"""The network with the characterised edge: its states by Newton's method, its learning by the rule.

Sources and clamped targets are held at given voltages, as the drivers and nudge amplifiers hold
them; every other node finds the voltage at which its currents add up to zero. All examples are
solved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.twin.constraint import Ints
from learning.twin.edge_law import EdgeLaw
from netlist.machine.topology import Network, Port

_ITERATIONS = 60
_LONGEST_STEP_V = 0.1
_CONVERGED_V = 1e-9
_LEAK_S = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A state of the network for every example.

    Attributes:
        volts: (n_example, n_node), volts, in the order of the network's nodes.
        drops: (n_example, n_edge), volts.
        currents: (n_example, n_edge), amperes.
    """

    volts: Floats
    drops: Floats
    currents: Floats

    @property
    def power_W(self) -> float:
        """Dissipation, mean over examples, watts; the whole of it, not half."""
        return float(np.mean(np.sum(self.drops * self.currents, axis=1)))


class CellNetwork:
    """A network of characterised edges.

    Args:
        network: With sources and targets that are single nodes.
        law: Of its edges.

    Raises:
        LearningError: For a source or target that is a pair.
    """

    def __init__(self, network: Network, law: EdgeLaw) -> None:
        place = {node: index for index, node in enumerate(network.nodes)}
        self._law, self._n_node = law, len(network.nodes)
        self._ends: Ints = np.array(
            [(place[a], place[b]) for a, b in network.edges], dtype=np.int64
        )
        which = np.arange(len(self._ends))
        self._plus, self._minus = (np.zeros((len(which), len(place))) for _ in range(2))
        self._plus[which, self._ends[:, 0]] = 1.0
        self._minus[which, self._ends[:, 1]] = 1.0
        self._ground = [place[node] for node in network.ground]
        self._sources = [place[_single(port)] for port in network.sources]
        self.targets = [place[_single(port)] for port in network.targets]

    def free(self, gates_V: Floats, inputs: Floats) -> State:
        """The free state.

        Args:
            gates_V: (n_edge,), volts.
            inputs: (n_example, n_source), volts.

        Returns:
            The state.

        Raises:
            LearningError: When no state is found.
        """
        return self._solve(gates_V, self._sources, inputs)

    def clamped(self, gates_V: Floats, inputs: Floats, targets_V: Floats) -> State:
        """The state with the targets held as well.

        Args:
            gates_V: (n_edge,), volts.
            inputs: (n_example, n_source), volts.
            targets_V: (n_example, n_target), volts.

        Returns:
            The state.

        Raises:
            LearningError: When no state is found.
        """
        held = [*self._sources, *self.targets]
        return self._solve(gates_V, held, np.hstack([inputs, targets_V]))

    def _solve(self, gates_V: Floats, held: Sequence[int], values: Floats) -> State:
        n_example = len(values)
        volts = np.repeat(0.5 * values.mean(axis=1, keepdims=True), self._n_node, axis=1)
        volts[:, self._ground] = 0.0
        volts[:, held] = values
        loose = np.setdiff1d(np.arange(self._n_node), [*held, *self._ground])
        plus, minus = self._ends.T
        gates = np.broadcast_to(gates_V, (n_example, len(plus)))
        for _ in range(_ITERATIONS):
            a, b = volts[:, plus], volts[:, minus]
            excess = self._gather(self._law.current(a, b, gates))[:, loose]
            matrix = self._jacobian(*self._law.slopes(a, b, gates))[:, loose][:, :, loose]
            step = np.linalg.solve(matrix, -excess[..., None])[..., 0]
            longest = float(np.max(np.abs(step), initial=0.0))
            volts[:, loose] += step * min(1.0, _LONGEST_STEP_V / max(longest, 1e-30))
            if longest < _CONVERGED_V:
                a, b = volts[:, plus], volts[:, minus]
                return State(volts, a - b, self._law.current(a, b, gates))
        raise LearningError(
            f"no state found in {_ITERATIONS} steps: nodes still move by {longest:.2g} V",
            "gates_V",
            "gates above threshold, so that every node is tied to some other",
        )

    def _gather(self, currents: Floats) -> Floats:
        """Sum of the currents that leave every node: (n_example, n_node)."""
        return np.asarray(currents @ (self._plus - self._minus))

    def _jacobian(self, first: Floats, second: Floats) -> Floats:
        """Change of every node's sum with every node's voltage: (n_example, n_node, n_node)."""
        by_edge = first[..., None] * self._plus + second[..., None] * self._minus
        # keeps a node solvable whose edges are all off
        return np.asarray((self._plus - self._minus).T @ by_edge + _LEAK_S * np.eye(self._n_node))


def _single(port: Port) -> str:
    if port.negative is not None:
        raise LearningError(
            f"{port} is a pair of nodes",
            "network.roles",
            "the twin with the characterised edge takes single nodes; train_linear takes pairs",
        )
    return port.positive
