"""Two plants behind one seam: ngspice, and equations solved outright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from learning.design.read import load_design
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Schedule
from learning.fidelity.plant import Ending, Part, Plant, Take
from learning.fidelity.plants import PLANTS, open_plant
from learning.fidelity.query import ask, cost
from learning.running.controller import learn
from spice_backend.errors import ConvergenceError
from spice_backend.session.outcome import Outcome, Status
from tests.learning.fidelity.exact_plant import Exact, open_exact
from tests.learning.fidelity.plant_suite import IDEAL, PlantSuite, ideal, play, whole


class TestSpice(PlantSuite):
    """ngspice, as every run uses it."""

    @pytest.fixture(scope="class")
    @classmethod
    def plant(cls) -> Iterator[Plant]:
        with open_plant("spice", ideal()) as plant:
            yield plant


class TestExact(PlantSuite):
    """A plant that is no circuit: the suite asks nothing that only ngspice could answer."""

    @pytest.fixture(scope="class")
    @classmethod
    def plant(cls) -> Iterator[Plant]:
        with open_exact(ideal()) as plant:
            yield plant


class TestAccelerated(PlantSuite):
    """Tables of the same ideal cells."""

    @pytest.fixture(scope="class")
    @classmethod
    def plant(cls) -> Iterator[Plant]:
        with open_plant("accelerated", ideal()) as plant:
            yield plant


TIGHT = (
    *("simulator.options.bypass=0", "simulator.options.trtol=1", "simulator.options.reltol=1e-5"),
    *("simulator.options.chgtol=1e-16", "simulator.max_step_s=5e-8"),
)
"""ngspice as exact as it gets in a second: the ideal rule jumps, and at default tolerances every
jump costs a tenth of a millivolt of gate."""


def test_the_plants_agree_as_they_declare() -> None:
    """All of a run with a power weight: gates, every block's energy and every answer."""
    experiment = ideal("learning.power_weight=0.1", *TIGHT)
    with open_plant("spice", experiment) as spice, open_exact(experiment) as exact:
        one, other = play(spice, whole(experiment)), play(exact, whole(experiment))
        gates_V = spice.accuracy.gates_V + exact.accuracy.gates_V
        share = spice.accuracy.energy + exact.accuracy.energy
    moved_V = one[-1].gates_V[-1] - other[-1].gates_V[-1]
    assert np.sqrt(np.mean(moved_V**2)) < gates_V
    billed_J, solved_J = (np.sum([p.energy_J for p in played], axis=0) for played in (one, other))
    np.testing.assert_allclose(billed_J, solved_J, atol=share * solved_J.sum())
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a.outputs_V[-1], b.outputs_V[-1], atol=gates_V)
        np.testing.assert_allclose(a.signals_V[-1], b.signals_V[-1], atol=gates_V)


def test_a_run_is_played_by_the_plant_it_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(PLANTS, "exact", open_exact)
    design = load_design(IDEAL, TIGHT)
    spice = learn(design, tmp_path / "spice").tally
    exact = learn(design, tmp_path / "exact", plant="exact").tally
    assert (exact.engine, exact.presentations, exact.epochs) == ("exact 1", 20, 2)
    np.testing.assert_allclose(exact.gates_V[-1], spice.gates_V[-1], atol=4e-3)
    errors = [[p.error_V2 for p in tally.history] for tally in (spice, exact)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-2)
    assert exact.energy_J.sum() == pytest.approx(spice.energy_J.sum(), rel=1e-3)
    assert set(exact.windows) == {"early", "late"}


class _Shaky(Exact):
    """Fails after fourteen presentations as often as it is told to."""

    def __init__(self, experiment: Experiment, failures: int, *, hopeless: bool = False) -> None:
        super().__init__(experiment)
        self._failures, self._hopeless = failures, hopeless

    def play(self, part: Part, take: Take) -> Ending:
        if not self._failures:
            return super().play(part, take)
        self._failures -= 1
        schedule = part.schedule
        begun = Schedule(schedule.presentations[:14], schedule.stop_s)
        super().play(replace(part, schedule=begun), take)
        outcome = Outcome(Status.NO_CONVERGENCE, message="it wavered", hint="a calmer plant")
        return Ending(outcome, again=not self._hopeless, how="more patience")


def test_a_run_goes_back_when_a_plant_knows_another_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    design = load_design(IDEAL)
    monkeypatch.setitem(PLANTS, "exact", open_exact)
    monkeypatch.setitem(PLANTS, "shaky", lambda of: nullcontext(_Shaky(of, 1)))
    whole_run = learn(design, tmp_path / "exact", plant="exact")
    learned = learn(design, tmp_path / "shaky", plant="shaky")
    note = "no convergence: it wavered; went on from epoch 1 with more patience"
    assert learned.warnings == (note,)
    assert learned.tally.presentations == whole_run.tally.presentations
    # the exact plant's time starts anew, and with it its rounding
    np.testing.assert_allclose(
        learned.tally.gates_V[-1], whole_run.tally.gates_V[-1], rtol=0, atol=1e-9
    )
    assert learned.tally.energy_J == pytest.approx(whole_run.tally.energy_J, rel=1e-9, abs=1e-20)
    assert learned.folder.log.read_text(encoding="utf-8").count(note) == 1


def test_a_plant_without_another_way_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(PLANTS, "shaky", lambda of: nullcontext(_Shaky(of, 1, hopeless=True)))
    with pytest.raises(ConvergenceError, match="no convergence: it wavered"):
        learn(load_design(IDEAL), tmp_path / "run", plant="shaky")
    # what was learned until then can be gone on from, by another plant as well
    assert learn(load_design(IDEAL), tmp_path / "run", resume=True).tally.epochs == 2


def test_a_question_is_asked_again_as_well() -> None:
    shaky = _Shaky(ideal(), 1)
    experiment = shaky.experiment
    answers = ask(shaky, np.array(experiment.gates_V), experiment.task.train)
    assert answers.outputs_V.shape == (4, 1)
    hopeless = _Shaky(experiment, 1, hopeless=True)
    with pytest.raises(ConvergenceError, match="it wavered"):
        ask(hopeless, np.array(experiment.gates_V), experiment.task.train)


def test_what_a_query_costs_is_kept_for_the_same_gates_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    experiment = ideal()
    gates_V, examples = np.array(experiment.gates_V), experiment.task.train
    found = cost(Exact(experiment), gates_V, examples)
    assert found == ask(Exact(experiment), gates_V, examples).inference
    gone = _Shaky(experiment, 9, hopeless=True)
    assert cost(gone, gates_V, examples) == found
    with pytest.raises(ConvergenceError, match="it wavered"):
        cost(gone, gates_V + 1e-3, examples)


def test_a_plant_nobody_knows_is_named() -> None:
    with pytest.raises(
        LearningError, match=r"no plant is called 'spise'(.|\n)*one of accelerated, spice"
    ):
        open_plant("spise", ideal())
