"""The source paper's numerical setting: sparse planar networks, edges as sources and targets.

`paper_setting` is the setting itself. The network is the one of the paper's public notebook, a
jammed packing (``packing64.csv``), and assignments, coefficients and examples are what the notebook
draws, in its order, from numpy's legacy generator with the notebook's seed, 0. A trial's errors and
powers are therefore the notebook's own, digit for digit as far as its figures can be read.

`drawn_setting` asks whether it was luck: networks of the same size drawn anew, each a Delaunay
triangulation of random points on a periodic square, its longest edges removed until 143 are left
and no node has fewer than three, with assignments and examples of their own.

Some assignments cannot do the task (two edges at one node, say); the paper leaves out what does
not learn without a power term, and so does the sweep.

Source: PowerEfficientRegression.ipynb of github.com/NachiStern/Power-efficient-learning.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import networkx as nx
import numpy as np
from scipy.spatial import Delaunay

from learning.arrays import Floats
from learning.twin.linear import train_linear
from learning.twin.training import Training

N_NODE, N_EDGE, N_EXAMPLE = 64, 143, 20
COEFFICIENTS = ((0.2, 0.3), (0.1, 0.5))
"""What each target (row) owes each source (column), volts per volt."""

_SEED, _SPREAD = 0, 0.1
"""The notebook's seed, and by how much its later trials change the coefficients, volts per volt."""

_TESTED = 100
"""Test examples the notebook draws after a trial's training examples, twice over."""

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
    """Draw a trial of the paper's notebook, on the paper's network.

    Args:
        trial: From 0; the notebook has five. The first has `COEFFICIENTS`, later ones
            coefficients drawn about them.

    Returns:
        The trial.
    """
    edges = packing()
    # The notebook's generator and order of draws: other draws would be other trials.
    rng = np.random.RandomState(_SEED)
    for number in range(trial + 1):
        coefficients = np.array(COEFFICIENTS)
        if number:
            coefficients = coefficients + _SPREAD * rng.randn(2, 2)
        chosen = [edges[index] for index in rng.choice(len(edges), size=4, replace=False)]
        inputs = rng.rand(2, N_EXAMPLE).T
        rng.randn(2, N_EXAMPLE)  # noise of amplitude zero
        _pass_over_tests(rng)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(N_NODE))
    graph.add_edges_from(edges)
    return _setting(graph, chosen, inputs, coefficients)


def _pass_over_tests(rng: np.random.RandomState) -> None:
    rng.rand(2, _TESTED)
    for _ in range(3):
        rng.randn(2, _TESTED)


@cache
def packing() -> tuple[tuple[int, int], ...]:
    """Read the paper's network.

    Returns:
        Its 143 edges between nodes 0 to 63, in the notebook's order.
    """
    text = files("learning.papers.stern2024").joinpath("packing64.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple((int(row["node"]), int(row["neighbour"])) for row in csv.DictReader(lines))


def drawn_setting(trial: int) -> Setting:
    """Draw a network like the paper's, with an assignment and examples of its own.

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
    return _setting(graph, chosen, inputs, np.array(COEFFICIENTS))


def train(
    setting: Setting,
    *,
    steps: int,
    record_every: int,
    k0: Floats | float = K0,
    power_weight: float = 0.0,
    bounds: tuple[Floats | float, Floats | float] = BOUNDS,
) -> Training:
    """Train a trial with the paper's learning rate and nudge.

    Args:
        setting: The trial.
        steps: Number of updates.
        record_every: Steps between two rows of the record.
        k0: Initial conductance, of all edges or (n_edge,), siemens.
        power_weight: λ.
        bounds: Lowest and highest conductance, of all edges or (n_edge,) each, siemens.

    Returns:
        The record.
    """
    return train_linear(
        setting.graph,
        sources=setting.sources,
        targets=setting.targets,
        ground=setting.ground,
        inputs=setting.inputs,
        labels=setting.labels,
        k0=k0,
        alpha=ALPHA,
        eta=ETA,
        power_weight=power_weight,
        steps=steps,
        bounds=bounds,
        record_every=record_every,
    )


def _setting(
    graph: nx.Graph[int], chosen: list[tuple[int, int]], inputs: Floats, coefficients: Floats
) -> Setting:
    return Setting(
        graph=graph,
        sources=tuple(chosen[:2]),
        targets=tuple(chosen[2:]),
        ground=N_NODE - 1,
        inputs=inputs,
        labels=inputs @ coefficients.T,
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
