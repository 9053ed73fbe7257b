"""The bound of linear networks, against a general solver, a network that reaches it, and many
that do not."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import minimize

from learning.tasks.passive import best_passive


def _task(seed: int, n_held: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    held = rng.uniform(0.0, 0.45, (15, n_held))
    held[:, -1] = 0.0
    return held, rng.uniform(0.0, 0.45, 15)


def _error(held: np.ndarray, weights: np.ndarray, labels: np.ndarray) -> float:
    return float(np.sum((held @ weights - labels) ** 2))


@pytest.mark.parametrize("seed", range(5))
def test_a_general_solver_finds_nothing_better(seed: int) -> None:
    held, labels = _task(seed)
    found = best_passive(held, labels[:, None], (False,)).weights[0]
    assert found.min() >= 0.0
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    other = minimize(
        lambda w: _error(held, w, labels),
        np.full(4, 0.25),
        bounds=[(0, None)] * 4,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0},
        method="SLSQP",
        options={"ftol": 1e-15},
    )
    # SLSQP stops some 1e-9 above the minimum.
    assert _error(held, found, labels) <= other.fun + 1e-12
    assert _error(held, found, labels) == pytest.approx(other.fun, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_differences_of_two_nodes_too(seed: int) -> None:
    held, labels = _task(seed, n_held=3)
    labels = labels - 0.2
    found = best_passive(held, labels[:, None], (True,)).weights[0]
    other = minimize(
        lambda u: _error(held, u[:3] - u[3:], labels),
        np.full(6, 1 / 3),
        bounds=[(0, None)] * 6,
        constraints=[
            {"type": "eq", "fun": lambda u: u[:3].sum() - 1.0},
            {"type": "eq", "fun": lambda u: u[3:].sum() - 1.0},
        ],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    assert found.sum() == pytest.approx(0.0, abs=1e-12)
    assert _error(held, found, labels) == pytest.approx(other.fun, rel=1e-6)


def test_a_task_within_reach_leaves_no_error() -> None:
    held, _ = _task(1)
    labels = held @ np.array([0.2, 0.3, 0.1, 0.4])
    fit = best_passive(held, labels[:, None], (False,))
    np.testing.assert_allclose(fit.outputs_V(held)[:, 0], labels, atol=1e-9)


def test_labels_above_every_source_get_the_highest_one() -> None:
    held = np.array([[0.1, 0.3, 0.0], [0.2, 0.3, 0.0]])
    fit = best_passive(held, np.array([[1.0], [1.0]]), (False,))
    np.testing.assert_allclose(fit.weights, [[0.0, 1.0, 0.0]], atol=1e-9)


def test_no_resistor_network_beats_it_and_a_star_reaches_it() -> None:
    """Node voltages of random networks by the Laplacian, an oracle that knows no weights."""
    held, labels = _task(7)
    bound = _error(held, best_passive(held, labels[:, None], (False,)).weights[0], labels)
    rng = np.random.default_rng(3)
    for trial in range(50):
        graph = nx.gnm_random_graph(9, 20, seed=trial)
        graph = graph.subgraph(nx.node_connected_component(graph, 8))
        if not {0, 1, 2, 3} <= set(graph):
            continue
        nodes = [0, 1, 2, 3, *(n for n in graph if n > 3)]
        weighted = nx.Graph((a, b, {"weight": 10 ** rng.uniform(-2, 2)}) for a, b in graph.edges())
        laplacian = nx.laplacian_matrix(weighted, nodes).toarray()
        inner = np.linalg.solve(laplacian[4:, 4:], -laplacian[4:, :4])
        assert np.sum((held @ inner[-1] - labels) ** 2) >= bound - 1e-12
    weights = best_passive(held, labels[:, None], (False,)).weights[0]
    star = (held * weights).sum(axis=1) / weights.sum()  # Kirchhoff at the middle of a star
    assert np.sum((star - labels) ** 2) == pytest.approx(bound, rel=1e-9)
