"""The linear twin against a reference of another kind: bordered equations, solved one by one."""

import doctest

import networkx as nx
import numpy as np
import pytest

from learning.errors import LearningError
from learning.papers.stern2024.setting import paper_setting
from learning.twin import LinearNetwork, train_linear
from learning.twin import linear as linear_module
from learning.twin import response as response_module
from learning.twin import stepper as stepper_module

SETTING = paper_setting(0)


class Reference:
    """Both states of a network, solved as bordered systems: no elimination, no superposition."""

    def __init__(self, graph, sources, targets, ground):
        self.nodes = list(graph)
        self.ends = [(self.nodes.index(a), self.nodes.index(b)) for a, b in graph.edges()]
        self.held = [self._row(ground)] + [self._row(entry) for entry in sources]
        self.read = [self._row(entry) for entry in targets]

    def _row(self, entry):
        row = np.zeros(len(self.nodes))
        if entry in self.nodes:
            row[self.nodes.index(entry)] = 1.0
        else:
            row[self.nodes.index(entry[0])], row[self.nodes.index(entry[1])] = 1.0, -1.0
        return row

    def voltages(self, k, rows, values):
        n = len(self.nodes)
        matrix = np.zeros((n + len(rows), n + len(rows)))
        for conductance, (a, b) in zip(k, self.ends, strict=True):
            matrix[a, a] += conductance
            matrix[b, b] += conductance
            matrix[a, b] -= conductance
            matrix[b, a] -= conductance
        matrix[n:, :n], matrix[:n, n:] = rows, np.transpose(rows)
        right = np.concatenate([np.zeros(n), values])
        return np.linalg.solve(matrix, right)[:n]

    def drops(self, volts):
        return np.array([volts[a] - volts[b] for a, b in self.ends])

    def states(self, k, shown, wanted, eta):
        free = self.voltages(k, self.held, [0.0, *shown])
        outputs = np.array([row @ free for row in self.read])
        nudged = outputs + eta * (wanted - outputs)
        clamped = self.voltages(k, self.held + self.read, [0.0, *shown, *nudged])
        return self.drops(free), self.drops(clamped), outputs

    def train(self, inputs, labels, k, alpha, eta, weights, bounds, shown):
        record = []
        k = np.array(k, dtype=float)
        for weight, example in zip(weights, shown, strict=True):
            states = [self.states(k, s, w, eta) for s, w in zip(inputs, labels, strict=True)]
            errors = [np.sum((s[2] - w) ** 2) for s, w in zip(states, labels, strict=True)]
            powers = [0.5 * np.sum(k * s[0] ** 2) for s in states]
            record.append((np.mean(errors), np.mean(powers), k.copy()))
            learned = states if example is None else [states[example]]
            squares = [clamped**2 - (1.0 - weight) * free**2 for free, clamped, _ in learned]
            k = np.clip(k - alpha / eta * np.mean(squares, axis=0), *bounds)
        return record, k


def small():
    """A lattice of tuple nodes with a node source, a pair source and two kinds of targets."""
    graph = nx.grid_2d_graph(4, 4)
    rng = np.random.default_rng(5)
    return {
        "graph": graph,
        "sources": [(0, 0), ((0, 3), (1, 3))],
        "targets": [(2, 2), ((1, 1), (3, 0))],
        "ground": (3, 3),
        "inputs": rng.uniform(0, 1, (3, 2)),
        "labels": rng.uniform(0.05, 0.2, (3, 2)),
    }


def check_against_reference(case, steps, weights=None, order="batch", eta=1e-3, **options):
    shown = {"batch": [None] * steps, "cyclic": [i % 3 for i in range(steps)]}[order]
    weights = np.zeros(steps) if weights is None else weights
    bounds = options.get("bounds", (1e-4, 1e6))
    ours = train_linear(
        **case, alpha=0.05, eta=eta, power_weight=weights, steps=steps, order=order, **options
    )
    graph, *roles = (case[name] for name in ("graph", "sources", "targets", "ground"))
    record, final = Reference(graph, *roles).train(
        case["inputs"], case["labels"], np.ones(graph.number_of_edges()), 0.05, eta, weights,
        bounds, shown,
    )  # fmt: skip
    error, power, k = (np.array(column) for column in zip(*record, strict=True))
    np.testing.assert_allclose(ours.k, k, rtol=1e-9)
    np.testing.assert_allclose(ours.error, error, rtol=1e-9, atol=1e-20)
    np.testing.assert_allclose(ours.power, power, rtol=1e-9)
    np.testing.assert_allclose(ours.final_k, final, rtol=1e-9)


def test_a_thousand_steps_equal_the_dense_reference():
    case = small()
    check_against_reference(case, 1000)


def test_one_by_one_with_a_scheduled_power_weight_equals_the_reference():
    check_against_reference(small(), 300, np.linspace(0, 1e-3, 300), order="cyclic", eta=0.1)


def test_bounds_hold_as_in_the_reference():
    check_against_reference(small(), 300, np.full(300, 1e-2), bounds=(0.9, 1.05))


def test_a_large_network_equals_the_reference(monkeypatch):
    # Networks above the limit take the sparse solver and the step in numpy: make small ones do.
    monkeypatch.setattr(response_module, "DENSE_LIMIT", 0)
    monkeypatch.setattr(stepper_module, "DENSE_LIMIT", 0)
    check_against_reference(small(), 300, np.linspace(0, 1e-3, 300))
    check_against_reference(small(), 60, order="cyclic")


def test_dense_and_sparse_solvers_agree_over_a_training(monkeypatch):
    arguments = {
        name: getattr(SETTING, name)
        for name in ("graph", "sources", "targets", "ground", "inputs", "labels")
    }
    dense = train_linear(**arguments, steps=300, record_every=100)
    monkeypatch.setattr(response_module, "DENSE_LIMIT", 0)
    monkeypatch.setattr(stepper_module, "DENSE_LIMIT", 0)
    sparse = train_linear(**arguments, steps=300, record_every=100)
    np.testing.assert_allclose(sparse.k, dense.k, rtol=1e-10)
    np.testing.assert_array_equal(sparse.step, [0, 100, 200])


def test_a_factorisation_is_kept_over_many_steps():
    network = LinearNetwork(nx.grid_2d_graph(24, 24), [(0, 0)], [(12, 12)], (23, 23))
    rng, k = np.random.default_rng(0), np.ones(network.n_edge)
    for _ in range(20):
        network.respond(k)
        k *= 1.0 + 1e-4 * rng.standard_normal(network.n_edge)
    assert network._solver.factorisations == 1


def test_the_update_is_the_gradient_of_the_powers():
    # At fixed boundary voltages a network's power is stationary in its inner voltages, hence
    # ∂(½Σk·ΔV²)/∂k = ½ΔV²; the update is then -2·(α/η) times the contrast of two such powers.
    case = small()
    graph, shown, wanted = case["graph"], case["inputs"][0], case["labels"][0]
    reference = Reference(graph, case["sources"], case["targets"], case["ground"])
    rng, weight, eta = np.random.default_rng(3), 0.05, 0.3
    k = rng.uniform(0.5, 2.0, graph.number_of_edges())
    _, _, outputs = reference.states(k, shown, wanted, eta)
    nudged = outputs + eta * (wanted - outputs)

    def contrast(k):
        free = reference.drops(reference.voltages(k, reference.held, [0.0, *shown]))
        rows, values = reference.held + reference.read, [0.0, *shown, *nudged]
        clamped = reference.drops(reference.voltages(k, rows, values))
        return 0.5 * np.sum(k * clamped**2) - (1.0 - weight) * 0.5 * np.sum(k * free**2)

    gradient = np.empty(len(k))
    for edge in range(len(k)):
        up, down = k.copy(), k.copy()
        up[edge] += 1e-5
        down[edge] -= 1e-5
        gradient[edge] = (contrast(up) - contrast(down)) / 2e-5
    one = {**case, "inputs": [shown], "labels": [wanted]}
    step = train_linear(**one, k0=k, alpha=0.01, eta=eta, power_weight=weight, steps=1).final_k - k
    np.testing.assert_allclose(step, -2.0 * 0.01 / eta * gradient, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("limit", [0, 300])
def test_voltages_obey_resistance_distance(limit, monkeypatch):
    monkeypatch.setattr(response_module, "DENSE_LIMIT", limit)
    graph = nx.random_regular_graph(3, 20, seed=4)
    rng = np.random.default_rng(1)
    k = rng.uniform(0.2, 5.0, graph.number_of_edges())
    for (a, b), conductance in zip(graph.edges(), k, strict=True):
        graph.edges[a, b]["k"] = conductance
    between = [
        nx.resistance_distance(graph, 0, 7, weight="k", invert_weight=False),
        nx.resistance_distance(graph, 0, 13, weight="k", invert_weight=False),
        nx.resistance_distance(graph, 7, 13, weight="k", invert_weight=False),
    ]
    network = LinearNetwork(graph, [0], [13], 7)
    volts = network.voltages(k, np.array([[2.0]]))[0]
    # One ampere from 0 to 7: v(13) above 7 is (R07 + R13,7 - R0,13) / 2.
    place = {node: index for index, node in enumerate(graph)}
    expected = 2.0 * 0.5 * (between[0] + between[2] - between[1]) / between[0]
    assert volts[place[13]] == pytest.approx(expected, rel=1e-9)
    assert volts[place[0]] == pytest.approx(2.0)
    assert network.respond(k).compliance[0, 0] == pytest.approx(between[2] * 0 + _thevenin(graph))


def _thevenin(graph):
    """Resistance seen at 13 with 0 and 7 both held: 0 and 7 merged into one node."""
    merged = nx.MultiGraph()
    for a, b, k in graph.edges(data="k"):
        ends = [7 if node == 0 else node for node in (a, b)]
        if ends[0] != ends[1]:
            merged.add_edge(*ends, k=k)
    return nx.resistance_distance(merged, 13, 7, weight="k", invert_weight=False)


def test_parallel_edges_count_each():
    graph = nx.MultiGraph([(0, 1), (0, 1), (1, 2)])
    volts = LinearNetwork(graph, [0], [1], 2).voltages(np.array([1.0, 2.0, 3.0]), [[1.0]])
    assert volts[0].tolist() == pytest.approx([1.0, 0.5, 0.0])


def test_a_pair_without_an_edge_may_be_source_or_target():
    graph = nx.path_graph(4)
    volts = LinearNetwork(graph, [(0, 2)], [(1, 3)], [3]).voltages(np.ones(3), [[1.0]])
    assert volts[0].tolist() == pytest.approx([1.0, 0.5, 0.0, 0.0])


def test_an_edge_across_a_source_is_moved_by_the_power_term_alone():
    names = ("graph", "sources", "targets", "ground", "inputs", "labels")
    arguments = {name: getattr(SETTING, name) for name in names}
    edges = list(SETTING.graph.edges())
    across = [edges.index(edge) for edge in SETTING.sources]
    without = train_linear(**arguments, steps=200, record_every=200)
    assert without.final_k[across].tolist() == [1.0, 1.0]
    with_term = train_linear(**arguments, steps=1, power_weight=1e-4, record_every=1)
    mean_square = np.mean(SETTING.inputs**2, axis=0)
    expected = 1.0 - 0.5 / 1e-3 * 1e-4 * mean_square
    assert with_term.final_k[across].tolist() == pytest.approx(expected.tolist())


def test_shuffled_order_shows_every_example_once_per_epoch():
    case = small()
    rng = np.random.default_rng(0)
    learned = train_linear(**case, steps=6, order="shuffled", rng=rng, alpha=0.05)
    again = train_linear(
        **case, steps=6, order="shuffled", rng=np.random.default_rng(0), alpha=0.05
    )
    np.testing.assert_array_equal(learned.final_k, again.final_k)
    orders = linear_module._shown("shuffled", 3, 6, np.random.default_rng(0)).reshape(-1, 3)
    assert [sorted(order) for order in orders.tolist()] == [[0, 1, 2], [0, 1, 2]]


def test_the_examples_in_docstrings_run():
    assert doctest.testmod(linear_module).failed == 0


BAD = [
    ({"sources": ["x"]}, "'x' is neither a node nor a pair"),
    ({"targets": [((0, 0), (9, 9))]}, "is neither a node nor a pair"),
    ({"ground": "x"}, "ground 'x' is no node"),
    ({"ground": []}, r"ground \[\] is no node"),
    ({"sources": [(0, 0), (0, 0)]}, "source 1 joins two nodes"),
    ({"targets": [(0, 0), (2, 2)]}, "target 0 is decided by the sources alone"),
    ({"targets": [(2, 2), (2, 2)]}, "cannot be moved one by one"),
    ({"graph": nx.empty_graph(3), "sources": [0], "targets": [1], "ground": 2}, "has no edges"),
    ({"inputs": [[1.0]]}, r"inputs of shape \(1, 1\) for 2 inputs"),
    ({"labels": [[1.0, 2.0]]}, r"labels of shape \(1, 2\)"),
    ({"inputs": np.empty((0, 2)), "labels": np.empty((0, 2))}, "nothing is taught"),
    ({"eta": 0.0}, "a nudge of 0 is not"),
    ({"k0": [1.0, 2.0]}, r"\(2,\) values for 24 edges"),
    ({"bounds": (2.0, 1.0)}, "the bounds are not"),
    ({"steps": -1}, "-1 steps"),
    ({"record_every": 0}, "recorded every 0"),
    ({"power_weight": [0.0, 0.0]}, "2 power weights for 10 steps"),
    ({"order": "backwards"}, "unknown order 'backwards'"),
    ({"order": "shuffled"}, "order 'shuffled' without rng"),
    ({"k0": np.nan}, "equations are singular"),
]


@pytest.mark.parametrize("limit", [0, 300])
@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_does_not_fit_is_refused(change, message, limit, monkeypatch):
    monkeypatch.setattr(response_module, "DENSE_LIMIT", limit)
    monkeypatch.setattr(stepper_module, "DENSE_LIMIT", limit)
    with pytest.raises(LearningError, match=message):
        train_linear(**{**small(), "steps": 10, **change})


def test_a_floating_node_is_named():
    case = small()
    graph = case["graph"].copy()
    graph.add_edge("p", "q")
    with pytest.raises(LearningError, match=r"no path from ground to node 'p' \(2 such\)"):
        train_linear(**{**case, "graph": graph}, steps=1)


def test_two_thousand_nodes_train():
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(32, 64, periodic=True))
    rng = np.random.default_rng(0)
    inputs = rng.uniform(0, 1, (20, 2))
    learned = train_linear(
        graph, sources=[0, 1000], targets=[517, (300, 301)], ground=2047, inputs=inputs,
        labels=inputs @ np.array([[0.2, 0.3], [0.1, 0.1]]).T, steps=60, alpha=5.0,
        record_every=20,
    )  # fmt: skip
    assert graph.number_of_nodes() == 2048
    assert learned.final_error < 0.5 * learned.error[0]
