"""What every plant must do; a test class of each derives from `PlantSuite`.

Values come from outside: answers from the network's Laplacian, energies from what resistors burn,
what plays in two parts from what plays in one. Tolerances are the plant's own declared accuracy.
"""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from learning.design.read import load_design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.experiment.schedule import remaining, showing
from learning.fidelity.plant import Part, Plant, play_all
from learning.fidelity.query import ask
from learning.measure.ledger import BLOCKS, NETWORKS
from learning.measure.played import Played
from learning.measure.probes import shown_signals
from spice_backend.session.outcome import Status

IDEAL = Path(__file__).parents[1] / "ideal.toml"
_S, _VT = 1e-5, 0.5
"""Of the ideal edge cell."""


def ideal(*overrides: str) -> Experiment:
    """A small machine of ideal cells, whose answers can be computed."""
    return prepare(load_design(IDEAL, overrides))


def whole(experiment: Experiment, **changes: Any) -> Part:
    """All of an experiment, from its start."""
    gates_V = np.array(experiment.gates_V)
    return Part(experiment.schedule, experiment.task.train, gates_V, **changes)


def play(plant: Plant, part: Part) -> list[Played]:
    """Everything a part plays, ended as it should be."""
    played: list[Played] = []
    ending = plant.play(part, lambda one: played.append(one) or True)
    assert (ending.outcome.status, ending.again) == (Status.COMPLETED, False), ending
    return played


def nodes_V(experiment: Experiment, gates_V: np.ndarray, inputs_V: np.ndarray) -> np.ndarray:
    """Every node of the free network, by Kirchhoff's law: (n_node,), volts."""
    network = experiment.network
    graph = nx.MultiGraph()
    graph.add_nodes_from(network.nodes)
    for (a, b), gate_V in zip(network.edges, gates_V, strict=True):
        graph.add_edge(a, b, weight=_S * max(gate_V - _VT, 0.0))
    laplacian = nx.laplacian_matrix(graph, nodelist=network.nodes).toarray()
    held = [*(p.positive for p in network.sources), *network.ground]
    at = [network.nodes.index(node) for node in held]
    left = [i for i in range(len(network.nodes)) if i not in at]
    solved = np.zeros(len(network.nodes))
    solved[at] = [*inputs_V, *(0.0 for _ in network.ground)]
    drive = -laplacian[np.ix_(left, at)] @ solved[at]
    solved[left] = np.linalg.solve(laplacian[np.ix_(left, left)], drive)
    return solved


class PlantSuite:
    """Derive, and give the fixture `plant`: a plant of `ideal()`."""

    # --- what it plays ---

    def test_it_declares_how_far_from_the_truth_it_is(self, plant: Plant) -> None:
        assert plant.name
        assert 0.0 < plant.accuracy.gates_V < 0.1
        assert 0.0 < plant.accuracy.energy < 0.1
        assert 0.0 < plant.accuracy.error < 1.0

    def test_every_presentation_is_played_once_in_order(self, plant: Plant) -> None:
        experiment = plant.experiment
        schedule = experiment.schedule
        played = play(plant, whole(experiment))
        assert tuple(one.presentation for one in played) == schedule.presentations
        assembly = experiment.assembly(schedule, experiment.task.train, experiment.gates_V)
        for one in played:
            begin_s, end_s = one.presentation.start_s, one.presentation.end_s
            assert (one.time_s[0], one.time_s[-1]) == pytest.approx((begin_s, end_s), abs=1e-15)
            assert np.all(np.diff(one.time_s) >= 0.0)
            steps = len(one.time_s)
            assert one.power_W.shape == (steps, len(BLOCKS))
            assert one.energy_J.shape == (len(BLOCKS),)
            assert one.outputs_V.shape == (steps, 1)
            assert one.gates_V.shape == (steps, len(experiment.gates_V))
            assert one.signals_V.shape == (steps, len(shown_signals(assembly)))

    def test_what_one_presentation_ends_with_the_next_begins_with(self, plant: Plant) -> None:
        played = play(plant, whole(plant.experiment))
        assert played[0].gates_V[0] == pytest.approx(plant.experiment.gates_V, abs=1e-6)
        for before, after in pairwise(played):
            assert after.gates_V[0] == pytest.approx(before.gates_V[-1], abs=1e-6)

    def test_the_same_part_plays_the_same_way(self, plant: Plant) -> None:
        one, two = (play(plant, whole(plant.experiment)) for _ in range(2))
        for a, b in zip(one, two, strict=True):
            # to rounding: a warm simulator may add up in another order
            np.testing.assert_allclose(a.gates_V[-1], b.gates_V[-1], rtol=0, atol=1e-12)
            np.testing.assert_allclose(a.energy_J, b.energy_J, rtol=1e-9, atol=1e-24)

    # --- whether it is right ---

    def test_answers_obey_kirchhoff(self, plant: Plant) -> None:
        experiment = plant.experiment
        gates_V = np.array(experiment.gates_V)
        answers = ask(plant, gates_V, experiment.task.train)
        # a gate's error moves an answer by a tenth of it at most
        at = [experiment.network.nodes.index(p.positive) for p in experiment.network.targets]
        inputs = experiment.task.train.inputs
        expected_V = np.array([nodes_V(experiment, gates_V, row)[at] for row in inputs])
        np.testing.assert_allclose(answers.outputs_V, expected_V, atol=plant.accuracy.gates_V / 10)
        assert answers.inference.settling_time_s is not None
        assert answers.inference.energy_per_query_J > 0.0

    def test_only_learning_moves_the_gates(self, plant: Plant) -> None:
        for one in play(plant, whole(plant.experiment)):
            moved_V = np.max(np.abs(one.gates_V[-1] - one.gates_V[0]))
            assert (moved_V > 1e-3) == one.presentation.learning, one.presentation

    def test_it_learns(self, plant: Plant) -> None:
        experiment = plant.experiment
        played = play(plant, whole(experiment))
        passes = [p for p in played if not p.presentation.learning]
        size = len(experiment.task.train)
        answers_V = np.array([one.outputs_V[-1] for one in passes])
        wanted_V = np.tile(experiment.task.train.labels, (len(passes) // size, 1))
        missed = np.square(answers_V - wanted_V).sum(axis=1)
        first, last = missed[:size].mean(), missed[-size:].mean()
        assert last < 0.9 * first

    def test_the_networks_burn_what_their_resistors_do(self, plant: Plant) -> None:
        """The free network's power in a query, from its nodes' voltages: sum of k * drop^2."""
        experiment, network = plant.experiment, plant.experiment.network
        shown = showing(1, experiment.design.schedule.evaluation_s)
        (one,) = play(plant, Part(shown, experiment.task.train, np.array(experiment.gates_V)))
        gates_V = np.array(experiment.gates_V)
        volts = nodes_V(experiment, gates_V, experiment.task.train.inputs[0])
        place = {node: index for index, node in enumerate(network.nodes)}
        drops_V = np.array([volts[place[a]] - volts[place[b]] for a, b in network.edges])
        burned_W = float(_S * np.maximum(gates_V - _VT, 0.0) @ drops_V**2)
        billed_W = one.power_W[-1, BLOCKS.index("network_free")]
        assert billed_W == pytest.approx(burned_W, rel=plant.accuracy.energy)

    def test_bills_add_up(self, plant: Plant) -> None:
        for one in play(plant, whole(plant.experiment)):
            summed_J = np.trapezoid(one.power_W, one.time_s, axis=0)
            share = plant.accuracy.energy * one.energy_J.sum()
            np.testing.assert_allclose(one.energy_J, summed_J, atol=share)
            assert all(one.energy_J[BLOCKS.index(block)] > 0.0 for block in NETWORKS)

    def test_what_is_asked_is_what_is_written(self, plant: Plant) -> None:
        """A power weight of one leaves no free term: gates can only fall, whatever is shown."""
        played = play(plant, whole(plant.experiment, power_weight=1.0))
        fell_V = played[-1].gates_V[-1] - played[0].gates_V[0]
        assert np.all(fell_V < 0.0)
        plain = play(plant, whole(plant.experiment, power_weight=(0.0, 0.0)))
        design = play(plant, whole(plant.experiment))
        np.testing.assert_allclose(plain[-1].gates_V[-1], design[-1].gates_V[-1], atol=1e-12)

    # --- how it ends ---

    def test_it_halts_when_told(self, plant: Plant) -> None:
        played: list[Played] = []
        ending = plant.play(
            whole(plant.experiment), lambda one: played.append(one) or len(played) < 3
        )
        assert (ending.outcome.status, ending.outcome.ok) == (Status.HALTED, True)
        assert (len(played), ending.again) == (3, False)

    def test_what_its_listener_raises_comes_through(self, plant: Plant) -> None:
        def strike(_: Played) -> bool:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            plant.play(whole(plant.experiment), strike)
        assert len(play(plant, whole(plant.experiment))) == 20

    def test_another_thread_can_end_it(self, plant: Plant) -> None:
        thread = threading.Thread(target=plant.cancel)
        thread.start()
        thread.join()
        ending = plant.play(whole(plant.experiment), lambda _: True)
        assert (ending.outcome.status, ending.again) == (Status.CANCELLED, False)
        assert len(play(plant, whole(plant.experiment))) == 20

    # --- what it can do besides ---

    def test_it_goes_on_from_a_state_or_refuses(self, plant: Plant) -> None:
        experiment = plant.experiment
        if not plant.capabilities.states:
            with pytest.raises(LearningError, match=r"cannot keep or take up the state of every"):
                plant.play(whole(experiment, states=True), lambda _: True)
            with pytest.raises(LearningError, match=f"the plant {plant.name} cannot keep or take"):
                plant.play(whole(experiment, state_V={"f_1": 0.1}), lambda _: True)
            with pytest.raises(LearningError, match=f"the plant {plant.name} cannot keep or take"):
                plant.rest(whole(experiment))
            return
        played = play(plant, whole(experiment, states=True))
        ends = [p.presentation.index for p in played if p.state_V]
        size = len(experiment.task.train)
        assert ends == [size * group - 1 for group in range(1, len(played) // size + 1)]
        rest = remaining(experiment.schedule, 1, evaluated=True)
        last = played[3 * size - 1]
        at = Part(rest, experiment.task.train, last.gates_V[-1], last.state_V)
        (*_, end) = play(plant, at)
        np.testing.assert_allclose(
            end.gates_V[-1], played[-1].gates_V[-1], atol=plant.accuracy.gates_V
        )

    def test_it_starts_at_rest(self, plant: Plant) -> None:
        """Until something is shown nothing changes, and from where it rests it plays the same."""
        experiment = plant.experiment
        played = play(plant, whole(experiment))
        assert max(one.unrest for one in played) < 1e-3
        if plant.capabilities.states:
            rest = plant.rest(whole(experiment))
            assert rest.outcome.ok
            again = play(plant, whole(experiment, state_V=rest.state_V))
            np.testing.assert_allclose(
                again[-1].gates_V[-1], played[-1].gates_V[-1], rtol=0, atol=1e-12
            )

    def test_its_power_weight_can_be_chosen_or_is_refused(self, plant: Plant) -> None:
        experiment = plant.experiment
        if not plant.capabilities.closed_loop:
            with pytest.raises(LearningError, match="cannot have its power weight chosen"):
                plant.play(whole(experiment, power_weight=lambda _: 0.0), lambda _: True)
            return
        asked: list[tuple[int, int]] = []
        weights, played = (0.3, 0.1), list[Played]()

        def choose(epoch: int) -> float:
            asked.append((epoch, len(played)))
            return weights[epoch]

        steered = whole(experiment, power_weight=choose)
        assert plant.play(steered, lambda one: played.append(one) or True).outcome.ok
        # each epoch is asked for once, when everything before it is known
        assert asked == [(0, 4), (1, 12)]
        written = play(plant, whole(experiment, power_weight=weights))
        np.testing.assert_allclose(
            played[-1].gates_V[-1], written[-1].gates_V[-1], atol=plant.accuracy.gates_V
        )

    def test_its_rails_can_be_switched_or_are_refused(self, plant: Plant) -> None:
        part = whole(plant.experiment, rails={"update": 0.0})
        if not plant.capabilities.rails:
            with pytest.raises(LearningError, match="cannot switch the rail of update"):
                plant.play(part, lambda _: True)
            return
        update = BLOCKS.index("update")
        assert all(one.energy_J[update] == 0.0 for one in play(plant, part))

    def test_its_devices_can_be_asked_or_it_says_no(self, plant: Plant) -> None:
        part = whole(plant.experiment)
        if not plant.capabilities.audit:
            with pytest.raises(LearningError, match="cannot ask its devices where the energy went"):
                plant.audit(part)
            return
        balance = plant.audit(part)
        assert balance.residual <= plant.accuracy.energy
        billed_J = sum(float(one.energy_J.sum()) for one in play_all(plant, part))
        assert balance.supplied_J == pytest.approx(billed_J, rel=plant.accuracy.energy)
