"""Pairs of nodes as sources and as targets, on tables, against the same machine in ngspice."""

from __future__ import annotations

import numpy as np

from learning.design.read import load_design
from learning.experiment.prepare import prepare
from learning.fidelity.accelerated.ends import asked
from learning.fidelity.plant import Part, play_all
from learning.fidelity.plants import open_plant
from learning.measure.deviation import deviation
from tests.learning.fidelity.accelerated.test_accelerated import TIGHT
from tests.learning.fidelity.plant_suite import IDEAL

PAIRS = (
    *('network.roles.sources=["0-4","1"]', 'network.roles.targets=["2-3"]'),
    *("cells.clamp=clamp_pair_ideal", "task.input_low_V=0.1"),
)


def test_lines_of_a_pair_stand_about_the_common_mode() -> None:
    experiment = prepare(load_design(IDEAL, PAIRS))
    shown = np.array([[0.2, 0.4, 0.1]])
    middle_V = 0.5 * (0.1 + experiment.design.task.input_high_V)
    ends = [middle_V + 0.1, middle_V - 0.1, 0.4]
    np.testing.assert_allclose(asked(experiment).of(shown), [[*ends, 0.1, -0.1]])
    labels = [middle_V + 0.05, middle_V - 0.05]
    np.testing.assert_allclose(asked(experiment, lines=True).of(shown), [[*ends, *labels]])


def test_pairs_learn_alike() -> None:
    experiment = prepare(load_design(IDEAL, (*PAIRS, *TIGHT)))
    part = Part(experiment.schedule, experiment.task.train, np.array(experiment.gates_V))
    with open_plant("accelerated", experiment) as ours, open_plant("spice", experiment) as spice:
        own, truth = play_all(ours, part), play_all(spice, part)
    found = deviation(own, truth, part.examples.labels)
    assert np.ptp(truth[-1].gates_V[-1] - part.gates_V) > 5e-3
    assert found.gates_V < 1e-3
    assert abs(found.root_error_V) < 2e-4
    for block in ("network_free", "network_clamped"):
        assert abs(found.energy[block]) < 1e-2
    middle = len(own[-1].time_s) // 2
    at_s = own[-1].time_s[middle]
    for column, signal in enumerate(truth[-1].signals_V.T):
        there = np.interp(at_s, truth[-1].time_s, signal)
        assert abs(own[-1].signals_V[middle, column] - there) < 2e-3, column
