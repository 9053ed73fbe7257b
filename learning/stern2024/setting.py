"""The source paper's numerical setting: sparse planar networks, edges as sources and targets.

The paper's networks come from jammed packings: 64 nodes on a periodic square, about 143 edges
between neighbours. These are drawn anew in the same spirit: a Delaunay triangulation of random
points on a periodic square, its longest edges removed until 143 are left and no node has fewer
than three. Each trial has a network, an assignment of edges and examples of its own, and the
paper's coefficients. Some assignments cannot do the task (two edges at one node, say); the paper
leaves out what does not learn without a power term, and so does the sweep.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.spatial import Delaunay

from learning.twin.constraint import Floats

N_NODE, N_EDGE, N_EXAMPLE = 64, 143, 20
COEFFICIENTS = ((0.2, 0.3), (0.1, 0.5))
"""What each target (row) owes each source (column), volts per volt."""

ALPHA, ETA, K0, BOUNDS = 0.5, 1e-3, 1.0, (1e-4, 1e6)
"""Learning rate, nudge, initial conductance and bounds of the paper."""

_FEWEST_NEIGHBOURS = 3
"""A rigid packing in two dimensions leaves no particle with fewer contacts."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One trial.

    Attributes:
        graph: 64 nodes, 143 edges.
        sources: Two edges whose drops are the inputs.
        targets: Two edges whose drops are the outputs.
        ground: The last node.
        inputs: (20, 2), 0 to 1 V.
        labels: (20, 2), volts.
    """

    graph: nx.Graph[int]
    sources: tuple[tuple[int, int], ...]
    targets: tuple[tuple[int, int], ...]
    ground: int
    inputs: Floats
    labels: Floats


def paper_setting(trial: int) -> Setting:
    """Draw a trial.

    Args:
        trial: From 0; the same number gives the same trial.

    Returns:
        The trial.
    """
    rng = np.random.default_rng([2024, trial])
    graph = packing_like(rng)
    edges = list(graph.edges())
    chosen = [edges[index] for index in rng.choice(len(edges), 4, replace=False)]
    inputs = rng.uniform(0.0, 1.0, (N_EXAMPLE, 2))
    return Setting(
        graph=graph,
        sources=tuple(chosen[:2]),
        targets=tuple(chosen[2:]),
        ground=N_NODE - 1,
        inputs=inputs,
        labels=inputs @ np.array(COEFFICIENTS).T,
    )


def packing_like(
    rng: np.random.Generator, n_node: int = N_NODE, n_edge: int = N_EDGE
) -> nx.Graph[int]:
    """Draw a network of neighbours on a periodic square.

    Args:
        rng: Draws the points.
        n_node: Number of nodes.
        n_edge: Number of edges to keep, if every node can keep three.

    Returns:
        The network, connected, nodes numbered from 0.
    """
    points = rng.uniform(0.0, 1.0, (n_node, 2))
    shifts = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    tiled = np.vstack([points + shift for shift in shifts])
    middle = shifts.index((0, 0)) * n_node
    lengths: dict[tuple[int, int], float] = {}
    for triangle in Delaunay(tiled).simplices:
        for a, b in zip(triangle, np.roll(triangle, 1), strict=True):
            if middle <= a < middle + n_node and a % n_node != b % n_node:
                pair = (int(min(a % n_node, b % n_node)), int(max(a % n_node, b % n_node)))
                lengths[pair] = float(np.linalg.norm(tiled[a] - tiled[b]))
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(n_node))
    graph.add_edges_from(sorted(lengths))
    for edge in sorted(lengths, key=lambda edge: -lengths[edge]):
        if graph.number_of_edges() <= n_edge:
            break
        graph.remove_edge(*edge)
        if min(graph.degree[n] for n in edge) < _FEWEST_NEIGHBOURS or not nx.is_connected(graph):
            graph.add_edge(*edge)
    return graph
