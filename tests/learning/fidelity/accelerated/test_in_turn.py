"""One network that is free and clamped in turn, on tables, against the same machine in ngspice."""

from __future__ import annotations

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.experiment.experiment import Experiment
from learning.experiment.prepare import prepare
from learning.fidelity import anchor
from learning.fidelity.accelerated import store
from learning.fidelity.accelerated.in_turn.clamp_table import label_pin, rail_while_held
from learning.fidelity.accelerated.in_turn.instances import alike
from learning.fidelity.accelerated.in_turn.tables import measure_turns
from learning.fidelity.accelerated.kernel import DRIVER, KCL
from learning.fidelity.accelerated.layout import lay_out_in_turn
from learning.fidelity.accelerated.range import voltage_range
from learning.fidelity.accelerated.spline import axis
from learning.fidelity.accelerated.spline_kernel import spline2
from learning.fidelity.plant import Part, play_all
from learning.fidelity.plants import open_plant
from learning.measure.ledger import BLOCKS
from spice_backend.session.session import Session

SHORT = (
    *("task.examples=3", "schedule.epochs=1", "schedule.windows_s=[50e-6]"),
    "simulator.options.trtol=1",  # at 3 ngspice's own bill of control is 2 % off
    # with the design's steeper edges three examples miss the limit by a tenth: docs/accelerated.md
    *("schedule.clk_rise_s=1e-6", "schedule.clk_fall_s=1e-6"),
)


def machine(*changes: str) -> Experiment:
    """A machine that samples, of the shipped cells."""
    return prepare(load_design(find_design("regression_long"), (*SHORT, *changes)))


def test_it_learns_as_the_transistors_do() -> None:
    """An anchor over a first epoch: within what the plant declares."""
    with open_plant("accelerated", machine()) as plant:
        found = anchor.anchored(plant)
    assert found is not None
    own = found.own
    assert found.judged is own
    assert own.presentations == 9
    assert 0.0 < own.gates_V < 7e-3
    assert {"network_free", "network_clamped", "update", "drivers", "clamp"} <= set(own.energy)
    assert max(abs(share) for share in own.energy.values()) < 1e-2


def test_a_clamp_that_holds_a_label_takes_what_it_takes_in_ngspice() -> None:
    """Half-way between the labels of its table, with half a microampere through the resistor either
    way and less; on the grid of drivers' inputs, 55 mV apart, that was up to 2 % off."""
    experiment = machine()
    over = voltage_range(experiment)
    with Session() as session:
        tables = store.tables(
            store.key(experiment, "cells"),
            lambda: measure_turns(session, experiment, lambda _: None),
        )
        grid = tables.clamp.rail.axes[0]
        between = axis(grid.first + 0.5 * grid.step, grid.first + 4.5 * grid.step, 5)
        truth = rail_while_held(session, experiment, over, tables.load_ohm, between, label_pin)
    held = alike(tables, experiment).held[0]
    for label_V in between.values[:-1].tolist():
        for across_V in np.linspace(-0.04, 0.04, 9).tolist():
            ours_A = spline2(tables.clamp.rail.grid, held, label_V, across_V)[0]
            right_A = spline2(truth.grid, truth.coefficients, label_V, across_V)[0]
            assert ours_A == pytest.approx(right_A, rel=1e-2)


def test_a_power_weight_weakens_the_free_state() -> None:
    """Gates end lower, for what the free drops give is less and what the clamped ones take is not;
    the network's energy while it is free falls by the share that λ says, and by a little less, for
    a transistor in triode conducts better at lower voltages."""
    experiment = machine()
    with open_plant("accelerated", experiment) as plant:
        plain, weighed = (
            play_all(
                plant,
                Part(
                    experiment.schedule,
                    experiment.task.train,
                    np.array(experiment.gates_V),
                    power_weight=weight,
                ),
            )
            for weight in (0.0, 0.3)
        )
    first = next(i for i, one in enumerate(plain) if one.presentation.learning)
    assert weighed[first - 1].energy_J == pytest.approx(plain[first - 1].energy_J)
    assert np.mean(weighed[first].gates_V[-1] - plain[first].gates_V[-1]) < -5e-3
    free_J = [one[first].energy_J[0] for one in (plain, weighed)]
    assert 0.7 < free_J[1] / free_J[0] < 0.77


def test_both_states_have_the_same_unknowns() -> None:
    experiment = machine()
    free, clamped = lay_out_in_turn(experiment.network)
    nodes = experiment.network.nodes
    assert free.size == len(nodes) - len(experiment.network.ground)
    np.testing.assert_array_equal(free.free, clamped.clamped)
    sources = {int(free.free[nodes.index(port.positive)]) for port in experiment.network.sources}
    targets = {int(free.free[nodes.index(port.positive)]) for port in experiment.network.targets}
    held = [set(np.flatnonzero(one.arrays[8] == DRIVER)) for one in (free, clamped)]
    assert held == [sources, sources | targets]
    assert set(np.unique(free.arrays[8])) == {KCL, DRIVER}


def test_what_clamps_take_in_queries_and_as_learning_begins_is_the_machines_own() -> None:
    """Off the network an amplifier ends at one rail or at the other, and takes half as much there;
    as learning begins it comes back from there."""
    clamp, experiment = BLOCKS.index("clamp"), machine()
    shown, examples = experiment.schedule.presentations, experiment.task.train
    part = Part(experiment.schedule, examples, np.array(experiment.gates_V))
    taken_J = []
    for name in ("accelerated", "spice"):
        with open_plant(name, experiment) as plant:
            taken_J.append([one.energy_J[clamp] for one in play_all(plant, part)])
    ours_J, theirs_J = np.array(taken_J)
    queries = np.array([not one.learning for one in shown])
    after = np.flatnonzero(queries) > np.argmin(queries)
    np.testing.assert_allclose(ours_J[queries][after], theirs_J[queries][after], rtol=1e-2)
    np.testing.assert_allclose(ours_J[queries].sum(), theirs_J[queries].sum(), rtol=2e-2)
    first = int(np.argmin(queries))
    np.testing.assert_allclose(ours_J[first], theirs_J[first], rtol=3e-2)
