"""A linear resistor network with sources, targets and ground, ready to be solved many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.twin.constraint import ground_nodes, ports, reduce, require_connected
from learning.twin.response import solver_for, wire


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """How a network answers at given conductances.

    Attributes:
        drops: Drop over every edge per volt of input, then per ampere pushed into each target:
            (n_edge, n_source + n_target).
        outputs: Target voltages per volt of input: (n_target, n_source).
        compliance: Target voltages per ampere pushed into each target: (n_target, n_target), ohms.
    """

    drops: Floats
    outputs: Floats
    compliance: Floats


class LinearNetwork:
    """A graph of resistors.

    Args:
        graph: Any networkx graph, parallel edges included; edges keep its order.
        sources: Nodes, or (i, j) pairs whose drop is the input.
        targets: Nodes, or (i, j) pairs whose drop is the output.
        ground: Node or nodes at 0 V.

    Raises:
        LearningError: For unknown nodes, floating nodes, or voltages decided twice.
    """

    def __init__(
        self, graph: Any, sources: Sequence[Any], targets: Sequence[Any], ground: Any
    ) -> None:
        place = {node: index for index, node in enumerate(graph)}
        edges = np.array([(place[a], place[b]) for a, b in graph.edges()], dtype=np.int64)
        if not len(edges):
            raise LearningError("the network has no edges", "graph", "join its nodes")
        self.n_edge, self.n_source, self.n_target = len(edges), len(sources), len(targets)
        at_targets = ports(graph, targets, "targets")
        self._reduction = reduce(
            len(place), ground_nodes(graph, ground), ports(graph, sources, "sources")
        )
        self.wiring = wire(self._reduction, edges, at_targets)
        require_connected(graph, self._reduction, self.wiring.ends)
        self._solver = solver_for(self.wiring)

    def respond(self, k: Floats) -> Response:
        """Solve for every input and every target at once.

        Args:
            k: (n_edge,), siemens.

        Returns:
            The response.
        """
        x, n, wiring = self._solver.solve(k), self.n_source, self.wiring
        plus, minus = wiring.ends.T
        drops = x.take(plus, axis=1) - x.take(minus, axis=1)
        drops[:n] += wiring.fixed.T
        plus, minus = wiring.target_ends.T
        at = x.take(plus, axis=1) - x.take(minus, axis=1)
        return Response(drops.T, at[:n].T + wiring.target_fixed, at[n:].T)

    def voltages(self, k: Floats, inputs: Floats) -> Floats:
        """Node voltages of the free state.

        Args:
            k: (n_edge,), siemens.
            inputs: (n_example, n_source), volts.

        Returns:
            (n_example, n_node), volts, nodes in the graph's order.
        """
        x = self._solver.solve(np.asarray(k, dtype=float))[: self.n_source]
        per_volt = x[:, self._reduction.group].T + self._reduction.offset
        return np.asarray(inputs, dtype=float) @ per_volt.T
