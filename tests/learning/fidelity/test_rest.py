"""Starts: found without what makes them false, and seen when they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.prepare import prepare
from learning.fidelity.plants import open_plant
from learning.fidelity.rest import find_rest
from learning.measure.played import Played
from learning.measure.rest import ASTRAY_LIMIT, LIMIT
from spice_backend.errors import ConvergenceError
from spice_backend.protocol.samples import Samples, Vectors
from spice_backend.session.ladder import RUNGS
from spice_backend.session.outcome import Outcome, Status
from tests.learning.fidelity.plant_suite import ideal, whole

SMALL = ("task.examples=1", "measure.audit=false")


class _Told:
    """A session that says what it is told to say, and remembers the decks."""

    def __init__(self, *logs: str) -> None:
        self.logs, self.decks = list(logs), list[str]()

    def run(
        self,
        deck: str,
        probes: None,
        consume: Callable[[Samples], bool],
        *,
        begin: Callable[[Vectors], None],
    ) -> Outcome:
        assert probes is None
        self.decks.append(deck)
        begin(Vectors(("f_1", "v1#branch", "vbias"), ("V", "A", "V")))
        consume(Samples(np.array([0.1]), np.array([[-1e-6, 1.05]])))
        return Outcome(Status.COMPLETED, steps=1, log=(self.logs.pop(0),))


def found(session: Any, *overrides: str) -> Any:
    experiment = ideal(*overrides)
    options = experiment.transient(experiment.schedule, ()).options
    return find_rest(session, experiment.whole, np.array(experiment.gates_V), options)


def test_every_node_comes_back_and_no_current() -> None:
    rest = found(_Told("Dynamic gmin stepping completed"))
    assert rest.state_V == {"f_1": 0.1, "vbias": 1.05}
    assert rest.outcome.tried == ("as written",)


@pytest.mark.parametrize("asked", [(), ("simulator.options.bypass=1",)])
def test_it_is_found_without_bypass_and_with_held_gates(asked: tuple[str, ...]) -> None:
    session = _Told("fine")
    found(session, *asked)
    (deck,) = session.decks
    lines = deck.lower().splitlines()
    assert [line for line in lines if "bypass" in line] == [
        line for line in lines if line.startswith(".options") and "bypass=0" in line
    ]
    assert len([line for line in lines if line.startswith("vhold_g_")]) == 18
    assert not [line for line in lines if line.startswith((".ic", ".tran", ".nodeset"))]
    assert ".op" in lines


def test_a_transient_with_its_own_operating_point_has_no_bypass_either() -> None:
    experiment = ideal("simulator.options.bypass=1")
    assert "bypass" not in experiment.transient(experiment.schedule, ()).options
    started = experiment.transient(experiment.schedule, (), None, {"f_1": 0.1})
    assert started.options["bypass"] == 1.0


def test_the_simulators_last_resort_is_not_believed() -> None:
    """It lets go of the gates; another rung finds an operating point that is one."""
    lie = "Note: Transient op finished successfully"
    rest = found(_Told(lie, "fine"))
    assert (rest.outcome.status, rest.outcome.tried) == (
        Status.COMPLETED,
        ("as written", "gmin stepping"),
    )
    rest = found(_Told(*(lie for _ in RUNGS)))
    assert rest.state_V == {}
    with pytest.raises(ConvergenceError, match="by a transient that lets go of the gates"):
        rest.outcome.check()


def test_a_start_that_is_none_is_seen() -> None:
    """Transistors, their bias line where a false operating point once put it: 0.17 V."""
    experiment = prepare(load_design(find_design("regression_twin"), SMALL))
    first: list[Played] = []
    with open_plant("spice", experiment) as plant:
        part = whole(experiment)
        rest = plant.rest(part)
        assert rest.outcome.ok, rest.outcome
        plant.play(replace(part, state_V=rest.state_V), lambda one: bool(first.append(one)))
        wrong_V = {**rest.state_V, "vbias": 0.17}
        plant.play(replace(part, state_V=wrong_V), lambda one: bool(first.append(one)))
        moved_V = {**rest.state_V, "g_3": rest.state_V["g_3"] + 0.01}
        plant.play(replace(part, state_V=moved_V), lambda one: bool(first.append(one)))
    right, wrong, moved = first
    assert right.unrest < LIMIT / 10
    assert wrong.unrest > LIMIT
    assert right.astray < ASTRAY_LIMIT / 100
    assert moved.astray > ASTRAY_LIMIT


def test_a_machine_without_an_operating_point_ends_a_run_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from learning.fidelity import spice
    from learning.fidelity.rest import Rest
    from learning.running.controller import learn

    stuck = Outcome(Status.NO_CONVERGENCE, message="stuck", hint="a resistor")
    monkeypatch.setattr(spice, "find_rest", lambda *_: Rest({}, stuck))
    design = ideal().design
    with pytest.raises(ConvergenceError, match="no convergence: stuck"):
        learn(design, tmp_path / "run")
    # the deck is there to be looked at, and nothing keeps a run from being tried again
    assert (tmp_path / "run" / "deck.cir").exists()
    with pytest.raises(LearningError, match="a run is there already"):
        learn(design, tmp_path / "run")
