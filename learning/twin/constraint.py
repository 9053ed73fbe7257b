"""Which voltages a network's sources fix, and what is left to solve for.

A source or target is a node's voltage against ground or the drop across a pair of nodes. Every
source says "this node is that node plus an input", so nodes joined by sources move as one: each
group of them is one unknown, and the group that holds ground is none. What is left is a smaller
network of resistors, whose Laplacian is positive definite; no Lagrange multipliers are needed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from learning.errors import LearningError

Ints: TypeAlias = NDArray[np.int64]
Pair: TypeAlias = tuple[int, int]
"""Positions of the plus and the minus node among the nodes; -1 is ground itself."""

GROUND = -1


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """Node voltages as ``offset @ inputs + unknown[group]``.

    Attributes:
        group: The unknown of every node, -1 where the inputs alone decide: (n_node,).
        offset: What every node owes each input: (n_node, n_source), volts per volt.
        size: Number of unknowns.
    """

    group: Ints
    offset: Floats
    size: int


def ports(graph: Any, entries: Iterable[Any], role: str) -> tuple[Pair, ...]:
    """Find nodes and pairs of nodes in a graph.

    Args:
        graph: A networkx graph.
        entries: Nodes, or (i, j) pairs of nodes; a tuple that is itself a node is that node.
        role: What they are, for errors.

    Returns:
        One pair of node positions per entry; a single node is paired with ground.

    Raises:
        LearningError: For what is neither a node nor a pair of two different nodes.
    """
    place: dict[Hashable, int] = {node: index for index, node in enumerate(graph)}
    return tuple(_port(place, entry, role) for entry in entries)


def ground_nodes(graph: Any, ground: Any) -> tuple[int, ...]:
    """Find the grounded nodes of a graph.

    Args:
        graph: A networkx graph.
        ground: One node or several.

    Returns:
        Their positions.

    Raises:
        LearningError: When there is none, or one is not in the graph.
    """
    place: dict[Hashable, int] = {node: index for index, node in enumerate(graph)}
    if isinstance(ground, Hashable) and ground in place:
        return (place[ground],)
    nodes = tuple(ground) if isinstance(ground, Sequence) and not isinstance(ground, str) else ()
    missing = [node for node in nodes if node not in place]
    if missing or not nodes:
        raise LearningError(
            f"ground {missing[0] if missing else ground!r} is no node of the network",
            "ground",
            "name one node, or a list of nodes",
        )
    return tuple(place[node] for node in nodes)


def _port(place: dict[Hashable, int], entry: Any, role: str) -> Pair:
    if isinstance(entry, Hashable) and entry in place:
        return place[entry], GROUND
    both = tuple(entry) if isinstance(entry, tuple | list) else ()
    if len(both) != 2 or any(node not in place for node in both) or both[0] == both[1]:  # noqa: PLR2004 - a pair
        raise LearningError(
            f"{entry!r} is neither a node nor a pair of nodes of the network",
            role,
            "a node of the graph, or (i, j) with two different ones",
        )
    return place[both[0]], place[both[1]]


def reduce(n_node: int, ground: Sequence[int], sources: Sequence[Pair]) -> Reduction:
    """Eliminate the nodes that ground and the sources decide.

    Args:
        n_node: Number of nodes.
        ground: Grounded nodes.
        sources: Where each input is applied.

    Returns:
        The reduction.

    Raises:
        LearningError: When the sources decide a voltage twice.
    """
    # The last row stands for ground itself.
    root = list(range(n_node + 1))
    offset = np.zeros((n_node + 1, len(sources)))
    for node in ground:
        root[node] = n_node
    for index, (plus, minus) in enumerate(sources):
        _tie(root, offset, index, plus if plus >= 0 else n_node, minus if minus >= 0 else n_node)
    free = sorted(set(root) - {root[n_node]})
    number = {name: index for index, name in enumerate(free)} | {root[n_node]: GROUND}
    offset -= offset[n_node] * np.equal(root, root[n_node])[:, None]
    group = np.array([number[name] for name in root[:n_node]], dtype=np.int64)
    return Reduction(group, offset[:n_node], len(free))


def _tie(root: list[int], offset: Floats, index: int, plus: int, minus: int) -> None:
    """Let everything that moves with `plus` move with `minus`, one input higher."""
    old, new = root[plus], root[minus]
    if old == new:
        raise LearningError(
            f"source {index} joins two nodes whose voltages are fixed already",
            "sources",
            "remove it: the other sources and ground decide it",
        )
    shift = offset[minus] - offset[plus]
    shift[index] += 1.0
    for node, name in enumerate(root):
        if name == old:
            root[node] = new
            offset[node] += shift


def require_connected(graph: Any, reduction: Reduction, ends: NDArray[np.int64]) -> None:
    """Check that every unknown is tied to ground by some path of resistors.

    Args:
        graph: The networkx graph, for names in the error.
        reduction: Its reduction.
        ends: Groups at both ends of every edge: (n_edge, 2).

    Raises:
        LearningError: When some node floats.
    """
    joined: Any = nx.Graph()
    joined.add_nodes_from(range(GROUND, reduction.size))
    joined.add_edges_from(ends.tolist())
    lost = set(range(reduction.size)) - nx.node_connected_component(joined, GROUND)
    if lost:
        floating = [
            node for node, name in zip(graph, reduction.group, strict=True) if int(name) in lost
        ]
        raise LearningError(
            f"no path from ground to node {floating[0]!r} ({len(floating)} such)",
            "graph",
            "join it to the rest by an edge, or remove it",
        )
