"""The numerical twin against the source paper's own loop, side by side, and on a large network.

The paper's public notebook solves both states with dense inverses of the constrained equations
(one row per node, one per ground, source and target), all examples at once, and replaces the
inverse by its first-order change while the step is small. This is that loop, written anew in the
same way; both learn the same task from the same start, and must end at the same conductances.

    python -m benchmarks.twin
"""

from __future__ import annotations

import argparse
import time

import networkx as nx
import numpy as np

from learning.arrays import Floats
from learning.papers.stern2024.setting import ALPHA, BOUNDS, ETA, Setting, paper_setting, train
from learning.twin import train_linear

LOW, HIGH = BOUNDS
SMALL = 1e-4
"""Change of the conductances up to which the notebook updates its inverse to first order."""


def notebook_loop(setting: Setting, steps: int, weight: float = 0.0) -> Floats:
    """Dense inverses of the constrained equations, as the notebook has it.

    Returns:
        Conductances after the last step, (n_edge,).
    """
    nodes = list(setting.graph)
    place = {node: index for index, node in enumerate(nodes)}
    ends = np.array([(place[a], place[b]) for a, b in setting.graph.edges()])
    n_node, n_edge, n_example = len(nodes), len(ends), len(setting.inputs)
    incidence = np.zeros((n_edge, n_node))
    incidence[np.arange(n_edge), ends[:, 0]] = 1.0
    incidence[np.arange(n_edge), ends[:, 1]] = -1.0
    number = {edge: index for index, edge in enumerate(setting.graph.edges())}
    source = [number[edge] for edge in setting.sources]
    target = [number[edge] for edge in setting.targets]
    ground = np.zeros((1, n_node))
    ground[0, place[setting.ground]] = 1.0
    held = np.vstack([ground, incidence[source]])
    nudged = np.vstack([held, incidence[target]])
    free, clamped = _bordered(held), _bordered(nudged)
    free_change, clamped_change = np.zeros_like(free), np.zeros_like(clamped)
    inputs, labels = setting.inputs.T, setting.labels.T
    zeros = np.zeros((n_node + 1, n_example))
    k = np.ones(n_edge)
    free[:n_node, :n_node] = clamped[:n_node, :n_node] = np.dot(k * incidence.T, incidence)
    free_inverse, clamped_inverse = np.linalg.inv(free), np.linalg.inv(clamped)
    for step in range(1, steps + 1):
        drop_free = incidence.dot(free_inverse.dot(np.vstack((zeros, inputs)))[:n_node])
        nudge = drop_free[target] + ETA * (labels - drop_free[target])
        drop_clamped = incidence.dot(
            clamped_inverse.dot(np.vstack((zeros, inputs, nudge)))[:n_node]
        )
        change = ALPHA / ETA * np.mean(drop_clamped**2 - (1.0 - weight) * drop_free**2, axis=1)
        old = k.copy()
        k = (k - change).clip(LOW, HIGH)
        if np.linalg.norm(k - old) > SMALL or step % 1000 == 0:
            free[:n_node, :n_node] = clamped[:n_node, :n_node] = np.dot(k * incidence.T, incidence)
            free_inverse, clamped_inverse = np.linalg.inv(free), np.linalg.inv(clamped)
        else:
            moved = np.dot((k - old) * incidence.T, incidence)
            free_change[:n_node, :n_node] = clamped_change[:n_node, :n_node] = moved
            free_inverse = free_inverse - free_inverse.dot(free_change).dot(free_inverse)
            clamped_inverse = clamped_inverse - clamped_inverse.dot(clamped_change).dot(
                clamped_inverse
            )
    return k


def _bordered(constraints: Floats) -> Floats:
    n_row, n_node = constraints.shape
    matrix = np.zeros((n_node + n_row, n_node + n_row))
    matrix[n_node:, :n_node] = constraints
    matrix[:n_node, n_node:] = constraints.T
    return matrix


def ours(setting: Setting, steps: int, weight: float = 0.0) -> Floats:
    """The same training by `train_linear`; returns the conductances after the last step."""
    every = max(steps // 20, 1)
    return train(setting, steps=steps, record_every=every, power_weight=weight).final_k


def side_by_side(steps: int = 2000, repeats: int = 3) -> tuple[float, float, float]:
    """Steps per second of both loops, the best of some repeats taken in turn.

    Returns:
        Paper's loop and ours, steps/s, and the largest relative difference of conductances.
    """
    setting = paper_setting(0)
    best, ends = [0.0, 0.0], [np.empty(0), np.empty(0)]
    for _ in range(repeats):
        for which, loop in enumerate((notebook_loop, ours)):
            began = time.perf_counter()
            ends[which] = loop(setting, steps)
            best[which] = max(best[which], steps / (time.perf_counter() - began))
    return best[0], best[1], float(np.max(np.abs(ends[1] / ends[0] - 1.0)))


def large(n_node: int = 2048, steps: int = 200) -> tuple[float, float, float]:
    """Train a large network.

    Returns:
        Steps per second, first and last error in square volts.
    """
    rng = np.random.default_rng(0)
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(32, n_node // 32, periodic=True))
    edges = list(graph.edges())
    chosen = rng.choice(len(edges), 4, replace=False)
    inputs = rng.uniform(0.0, 1.0, (20, 2))
    began = time.perf_counter()
    learned = train_linear(
        graph,
        sources=[edges[i] for i in chosen[:2]],
        targets=[edges[i] for i in chosen[2:]],
        ground=n_node - 1,
        inputs=inputs,
        labels=inputs @ np.array([[0.2, 0.3], [0.1, 0.5]]).T,
        steps=steps,
        record_every=max(steps // 20, 1),
    )
    return steps / (time.perf_counter() - began), float(learned.error[0]), learned.final_error


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    steps = parser.parse_args().steps
    theirs, mine, apart = side_by_side(steps)
    print(f"64 nodes, batch of 20, {steps} steps from the same start:")
    print(f"  the paper's loop {theirs:8.0f} steps/s")
    print(f"  train_linear     {mine:8.0f} steps/s, {mine / theirs:.1f} times as many")
    print(f"  conductances differ by at most {apart:.1e} relative")
    rate, first, last = large()
    print(f"2048 nodes, 4096 edges: {rate:.0f} steps/s, error {first:.3g} -> {last:.3g} V²")


if __name__ == "__main__":
    main()
