"""The power weight steered within the transient, against the deck it leaves behind."""

import numpy as np
import pytest

from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.experiment.lines import control_lines, power_weight_course
from learning.experiment.prepare import prepare
from learning.measure.ledger import Ledger
from learning.running.controller import learn
from spice_backend.batch import run_batch
from spice_backend.waveforms.waveform import read_raw

SINGLE = (
    "architecture=single", "learning.nudge=1.0", "schedule.settle_s=12e-6", "task.examples=2",
    "schedule.windows_s=[40e-6, 20e-6]", "schedule.warm_up_s=40e-6", "schedule.epochs=2",
    "schedule.evaluate_every=2", "measure.audit=false",
)  # fmt: skip
SHORT = ("schedule.epochs=2", "task.examples=3", "schedule.evaluate_every=1", "measure.audit=false")


def short_design(*more):
    return load_design(find_design("regression_twin"), [*SHORT, *more], None)


@pytest.fixture(scope="module")
def steered_run(tmp_path_factory):
    folder, seen = tmp_path_factory.mktemp("steered") / "run", []

    def rule(history):
        seen.append(history)
        return 0.2 if history.errors[-1].error_V2 > 1.0 else 0.01 * (history.epoch + 1)

    return learn(short_design(), folder, power_weight=rule), folder, seen


def test_the_rule_sees_the_run_so_far(steered_run):
    learned, _, seen = steered_run
    assert [history.epoch for history in seen] == [0, 1]
    assert [len(history.errors) for history in seen] == [1, 2]
    assert [history.power_weights for history in seen] == [(), (0.01,)]
    assert learned.tally.power_weights == [0.01, 0.02]
    assert seen[1].errors[0].network_power_W > 0
    assert 0 < seen[0].energy_J["total"] < seen[1].energy_J["total"] < learned.tally.energy_J.sum()
    assert seen[1].gates_V == pytest.approx(learned.tally.gates_V[1])


def test_plain_ngspice_plays_the_deck_again(steered_run, tmp_path):
    """Independent oracle: no code of ours takes part in this run. Bounds: 1 mV, 0.5 %."""
    learned, folder, _ = steered_run
    run_batch(folder / "deck.cir", tmp_path / "deck.raw", 600).check()
    waveforms = read_raw(tmp_path / "deck.raw")
    names = [str(name) for name in waveforms["signal"].values]
    values = waveforms["values"].values
    gates_V = [values[-1, names.index(f"v({gate})")] for gate in learned.tally.gates]
    assert gates_V == pytest.approx(learned.tally.gates_V[-1], abs=1e-3)
    experiment = learned.experiment
    ledger = Ledger(experiment.whole)
    energy_J = ledger.energy(names, waveforms["scale"].values, values).sum()
    assert energy_J == pytest.approx(learned.tally.energy_J.sum(), rel=5e-3)


def test_one_network_is_steered_by_its_inputs(tmp_path):
    """Against plain ngspice on the deck that is left behind, as above: 1 mV, 0.5 %."""
    design = load_design(find_design("regression_twin"), SINGLE, None)
    learned = learn(design, tmp_path / "run", power_weight=lambda history: 0.2 * history.epoch)
    assert learned.tally.power_weights == [0.0, 0.2]
    run_batch(tmp_path / "run" / "deck.cir", tmp_path / "deck.raw", 600).check()
    waveforms = read_raw(tmp_path / "deck.raw")
    names = [str(name) for name in waveforms["signal"].values]
    values = waveforms["values"].values
    gates_V = [values[-1, names.index(f"v({gate})")] for gate in learned.tally.gates]
    assert gates_V == pytest.approx(learned.tally.gates_V[-1], abs=1e-3)
    energy_J = Ledger(learned.experiment.whole).energy(names, waveforms["scale"].values, values)
    assert energy_J.sum() == pytest.approx(learned.tally.energy_J.sum(), rel=5e-3)
    # in the second epoch the sources stand at sqrt(0.8) of their values while the network is free
    time_s, line = waveforms["scale"].values, values[:, names.index("v(in_0)")]
    for shown in learned.experiment.schedule.epochs()[1]:
        value = learned.experiment.task.train.inputs[shown.example, 0]
        early_s = shown.start_s + 10e-6
        assert np.interp(early_s, time_s, line) == pytest.approx(0.8**0.5 * value, rel=1e-3)
        assert np.interp(shown.end_s, time_s, line) == pytest.approx(value, rel=1e-3)


def test_the_course_of_an_epoch_is_what_the_deck_would_hold():
    experiment = prepare(short_design())
    spec, schedule = experiment.design.schedule, experiment.schedule
    lines = control_lines(
        schedule, experiment.task.train, spec, rail_V=1.8, power_weight=(0.3, 0.001)
    )
    courses = [
        power_weight_course(epoch, spec, weight, 1.8)
        for epoch, weight in zip(schedule.epochs(), (0.3, 0.001), strict=True)
    ]
    flat = tuple(number for course in courses for corner in course for number in corner)
    assert lines["vlambda"].arguments == (0.0, 0.0, *flat)


def test_a_power_weight_out_of_range_is_named(tmp_path):
    with pytest.raises(LearningError, match=r"a power weight of 1\.5 is not between 0 and 1"):
        learn(short_design(), tmp_path / "run", power_weight=lambda _: 1.5)


def test_steering_needs_a_cell_that_listens(tmp_path):
    design = short_design()
    silent = tmp_path / "silent.cir"
    silent.write_text(
        "* deaf\n.subckt deaf fa fb ca cb gate vdd vss enable\nR1 gate vss 1e12\n.ends deaf\n"
    )
    design = load_design(find_design("regression_twin"), [*SHORT, f"cells.update={silent}"], None)
    with pytest.raises(LearningError, match=r"no cell of this design listens to vlambda"):
        learn(design, tmp_path / "run", power_weight=lambda _: 0.0)
    assert not (tmp_path / "run").exists()
    np.testing.assert_equal(list(tmp_path.iterdir()), [silent])
