"""A linear network of ideal cells against two oracles that know nothing of circuits.

Oracles: a numpy solve of the weighted Laplacian with the held nodes as boundary, and networkx's
resistance distance. 1e-6 relative is what the simulator's gmin (1e-12 S against 1e-5 S) leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from learning import Experiment, load_design, prepare
from learning.experiment.experiment import deck

Waves = dict[str, np.ndarray]
Run = Callable[..., Waves]

DESIGN = Path(__file__).parents[1] / "ideal.toml"
_SIEMENS_PER_VOLT, _THRESHOLD_V = 1e-5, 0.5  # edge_ideal's own
_IDEAL = tuple(f"cells.{slot}={slot}_ideal" for slot in ("edge", "update", "clamp", "driver"))


def evaluated(ngspice: Run, experiment: Experiment, *also: str) -> tuple[Waves, np.ndarray]:
    """Plays the first evaluation in plain ngspice; the waves, and a row index per example."""
    shown = [p for p in experiment.schedule.presentations if p.epoch == 0 and not p.learning]
    assembly = experiment.whole
    nodes = {n for pair in assembly.nodes.values() for n in pair if n != "0"} | set(assembly.gates)
    save = (*(f"v({node})" for node in sorted(nodes)), *also)
    text = deck(assembly, experiment.transient(experiment.schedule, save))
    waves = ngspice(_until(text, shown[-1].end_s))
    rows = [int(np.searchsorted(waves["time"], p.end_s - 1e-12)) for p in shown]
    return waves, np.minimum(rows, len(waves["time"]) - 1)


def _until(text: str, stop_s: float) -> str:
    """The same deck, over after the first evaluation."""
    words = next(line for line in text.splitlines() if line.startswith(".tran")).split()
    return text.replace(" ".join(words), " ".join([words[0], words[1], f"{stop_s!r}", *words[3:]]))


def conductances(experiment: Experiment) -> np.ndarray:
    return _SIEMENS_PER_VOLT * np.maximum(np.array(experiment.gates_V) - _THRESHOLD_V, 0)


def solved(experiment: Experiment, held: dict[str, float]) -> np.ndarray:
    """Node voltages of the weighted Laplacian with some nodes held, in the network's order."""
    nodes = experiment.network.nodes
    place = {node: index for index, node in enumerate(nodes)}
    laplacian = np.zeros((len(nodes), len(nodes)))
    for (a, b), siemens in zip(experiment.network.edges, conductances(experiment), strict=True):
        i, j = place[a], place[b]
        laplacian[[i, j], [i, j]] += siemens
        laplacian[[i, j], [j, i]] -= siemens
    fixed = np.array([place[node] for node in held])
    free = np.setdiff1d(np.arange(len(nodes)), fixed)
    volts = np.zeros(len(nodes))
    volts[fixed] = list(held.values())
    right = -laplacian[np.ix_(free, fixed)] @ volts[fixed]
    volts[free] = np.linalg.solve(laplacian[np.ix_(free, free)], right)
    return volts


def _against_laplacian(ngspice: Run, experiment: Experiment) -> None:
    waves, rows = evaluated(ngspice, experiment)
    network, train = experiment.network, experiment.task.train
    (target,) = (port.positive for port in network.targets)
    nudge = experiment.design.learning.nudge
    ground = dict.fromkeys(network.ground, 0.0)
    for example, row in enumerate(rows):
        sources = (port.positive for port in network.sources)
        held = ground | dict(zip(sources, train.inputs[example], strict=True))
        free = solved(experiment, held)
        free_V = free[network.nodes.index(target)]
        label_V = train.labels[example, 0]
        clamped = solved(experiment, held | {target: free_V + nudge * (label_V - free_V)})
        for side, expected in (("f", free), ("c", clamped)):
            seen = [waves[f"v({side}_{n})"][row] if n not in ground else 0 for n in network.nodes]
            np.testing.assert_allclose(seen, expected, rtol=1e-6, atol=1e-12)


def test_node_voltages_are_the_laplacians(ngspice: Run) -> None:
    _against_laplacian(ngspice, prepare(load_design(DESIGN)))


def test_the_regression_designs_lattice_with_ideal_cells(ngspice: Run) -> None:
    from learning import find_design

    _against_laplacian(ngspice, prepare(load_design(find_design("regression_twin"), _IDEAL)))


def test_input_current_is_that_of_the_resistance_distance(ngspice: Run) -> None:
    one = ('network.roles.sources=["0"]', "task.coefficients=[[0.3]]")
    experiment = prepare(load_design(DESIGN, one))
    waves, rows = evaluated(ngspice, experiment, "i(vmeter_f_0)")
    graph = nx.Graph()
    for (a, b), siemens in zip(experiment.network.edges, conductances(experiment), strict=True):
        graph.add_edge(a, b, siemens=siemens)
    ohms = nx.resistance_distance(graph, "0", "8", weight="siemens", invert_weight=False)
    expected = experiment.task.train.inputs[:, 0] / ohms
    np.testing.assert_allclose(waves["i(vmeter_f_0)"][rows], expected, rtol=1e-6)


def test_the_oracle_itself() -> None:
    """Two equal resistors in series: half the voltage in the middle."""
    path = ("network.topology=layered", "network.layers=[1, 1, 1]", 'network.roles.sources=["0"]',
            'network.roles.targets=["1"]', 'network.roles.ground=["2"]', "initial.spread_V=0.0",
            "task.coefficients=[[0.3]]")  # fmt: skip
    experiment = prepare(load_design(DESIGN, path))
    assert solved(experiment, {"0": 0.4, "2": 0.0}) == pytest.approx([0.4, 0.2, 0.0])
