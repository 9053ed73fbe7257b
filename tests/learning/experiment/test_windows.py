"""Windows that shrink over the epochs, warm-up, and the lines of a machine of one network."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
import pytest

from learning import find_design, load_design, prepare
from learning.design.sections import ScheduleSpec
from learning.errors import LearningError
from learning.experiment.lines import control_lines
from learning.experiment.schedule import Schedule, enabled_window, longest_s, plan, remaining
from learning.tasks.examples import Examples
from netlist.circuit import Waveform

RAIL_V = 1.8
SPEC: dict[str, Any] = {
    "settle_s": 12e-6, "windows_s": (50e-6, 20e-6), "warm_up_s": 40e-6, "evaluation_s": 10e-6,
    "rise_s": 1e-6, "order": "cyclic", "epochs": 3, "evaluate_every": 1,
}  # fmt: skip
TWO = Examples(np.array([[0.1], [0.4]]), np.array([[0.05], [0.2]]))


def planned(**changes: Any) -> tuple[ScheduleSpec, Schedule]:
    spec = ScheduleSpec(**{**SPEC, **changes})
    return spec, plan(spec, 2, np.random.default_rng(0))


def at(line: Waveform, time_s: float) -> float:
    numbers = np.array(line.arguments, dtype=float)
    return float(np.interp(time_s, numbers[::2], numbers[1::2]))


def test_presentations_last_as_their_epoch_says() -> None:
    spec, schedule = planned()
    lasting = [
        [round((p.end_s - p.start_s) * 1e6, 9) for p in epoch] for epoch in schedule.epochs()
    ]
    # the last window holds for every later epoch; the first of each stretch warms up
    assert lasting == [[102.0, 62.0], [72.0, 32.0], [72.0, 32.0]]
    assert longest_s(spec) == pytest.approx(62e-6)
    assert schedule.stop_s == pytest.approx((164 + 104 + 104 + 4 * 20) * 1e-6)
    shown = schedule.presentations
    assert all(a.end_s == b.start_s for a, b in pairwise(shown))


def test_epochs_without_an_evaluation_between_are_one_stretch() -> None:
    _, schedule = planned(evaluate_every=3)
    warmed = [p.warm_up_s for epoch in schedule.epochs() for p in epoch]
    assert warmed == [40e-6, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_what_remains_keeps_its_durations() -> None:
    _, schedule = planned()
    rest = remaining(schedule, 1, evaluated=True)
    whole = schedule.epochs()[1:]
    for before, after in zip(whole, rest.epochs(), strict=True):
        for old, new in zip(before, after, strict=True):
            assert new.end_s - new.start_s == pytest.approx(old.end_s - old.start_s, rel=1e-9)
            assert new.warm_up_s == old.warm_up_s


@pytest.mark.parametrize("evaluate_every", [1, 3])
def test_clk_and_run(evaluate_every: int) -> None:
    spec, schedule = planned(evaluate_every=evaluate_every)
    lines = control_lines(schedule, TWO, spec, rail_V=RAIL_V)
    clk, run = lines["clk"], lines["run"]
    for p in schedule.presentations:
        middle_s = 0.5 * (p.start_s + p.end_s)
        if not p.learning:
            assert (at(clk, middle_s), at(run, middle_s)) == (0.0, 0.0)
            continue
        acts_s = p.start_s + p.warm_up_s + 12e-6
        assert p.acts_s(spec) == pytest.approx(acts_s)
        assert at(clk, acts_s) == pytest.approx(0.0, abs=1e-9)
        assert at(clk, acts_s + 1e-6) == pytest.approx(RAIL_V)
        assert at(clk, p.end_s - 1e-6) == pytest.approx(RAIL_V)
        # down when the sources begin to move to the next example
        assert at(clk, p.end_s) == pytest.approx(0.0, abs=1e-9)
        assert at(run, p.start_s + 1e-6) == at(run, p.end_s) == pytest.approx(RAIL_V)
        begin_s, end_s = enabled_window(p, spec)
        assert at(lines["enable"], begin_s) == pytest.approx(RAIL_V / 2)
        assert at(lines["enable"], end_s) == pytest.approx(RAIL_V / 2)
    times = np.array(run.arguments, dtype=float)[::2]
    assert np.all(np.diff(times) > 0)
    assert (len(times) - 1) // 4 == (3 if evaluate_every == 1 else 1)


def test_a_power_weight_in_the_sources() -> None:
    """Free drops are smaller by sqrt(1 - lambda), so that their squares are by 1 - lambda."""
    spec, schedule = planned(epochs=2)
    weights = (0.0, 0.19)
    lines = control_lines(
        schedule, TWO, spec, rail_V=RAIL_V, power_weight=weights, by_amplitude=True
    )
    for p in schedule.presentations:
        value = float(TWO.inputs[p.example, 0])
        share = sqrt(1 - weights[p.epoch]) if p.learning else 1.0
        assert at(lines["in_0"], p.acts_s(spec) if p.learning else p.end_s) == pytest.approx(
            share * value
        )
        assert at(lines["in_0"], p.end_s) == pytest.approx(value)
        assert at(lines["label_0"], p.end_s) == pytest.approx(float(TWO.labels[p.example, 0]))
    pulsed = control_lines(schedule, TWO, spec, rail_V=RAIL_V, power_weight=0.0)
    same = control_lines(schedule, TWO, spec, rail_V=RAIL_V, power_weight=0.0, by_amplitude=True)
    assert pulsed == same


def test_a_window_too_short_for_its_edges() -> None:
    message = "a window of 2e-06 s less three edges of 1e-06 s leaves no time to learn"
    with pytest.raises(LearningError, match=message) as error:
        planned(windows_s=(50e-6, 2e-6))
    assert error.value.where == "schedule.windows_s"


def test_clk_has_edges_of_its_own() -> None:
    spec, schedule = planned(clk_rise_s=2e-7, clk_fall_s=5e-7)
    clk = control_lines(schedule, TWO, spec, rail_V=RAIL_V)["clk"]
    for p in (p for epoch in schedule.epochs() for p in epoch):
        acts_s = p.acts_s(spec)
        assert [at(clk, acts_s), at(clk, p.end_s)] == pytest.approx([0.0, 0.0], abs=1e-9)
        assert at(clk, acts_s + 1e-7) == pytest.approx(RAIL_V / 2)
        assert at(clk, p.end_s - 2.5e-7) == pytest.approx(RAIL_V / 2)


def test_a_clk_slower_than_its_window() -> None:
    message = "clk takes 1.5e-05 s up and down, which a window of 1e-05 s does not outlast"
    with pytest.raises(LearningError, match=message) as error:
        planned(windows_s=(50e-6, 10e-6), clk_rise_s=5e-6, clk_fall_s=10e-6)
    assert error.value.where == "schedule.clk_rise_s"


def test_a_label_buffer_nudges_all_the_way() -> None:
    single = ("architecture=single", "learning.nudge=0.5")
    message = "cell clamp_single nudges all the way to the label, not 0.5 of it"
    with pytest.raises(LearningError, match=message) as error:
        prepare(load_design(find_design("regression_twin"), single))
    assert error.value.where == "learning.nudge"


def test_a_power_weight_that_nobody_listens_to(tmp_path) -> None:
    deaf = tmp_path / "deaf.cir"
    deaf.write_text(".subckt deaf fa fb ca cb gate\n.ends\n", encoding="utf-8")
    asked = (f"cells.update={deaf}", "learning.power_weight=0.1")
    message = "no cell of this design listens to vlambda, so a power weight changes nothing"
    with pytest.raises(LearningError, match=message) as error:
        prepare(load_design(find_design("regression_twin"), asked))
    assert error.value.where == "learning.power_weight"


def test_an_architecture_fills_the_slots_nothing_is_said_of() -> None:
    asked = ("architecture=single", "cells.driver=driver_ab", "learning.nudge=1.0")
    design = load_design(find_design("regression_twin"), asked)
    assert (design.cells.edge, design.cells.sequencer) == ("edge_single", "sequencer")
    assert design.cells.driver == "driver_ab"
    with pytest.raises(LearningError, match="'triple' should be"):
        load_design(find_design("regression_twin"), ("architecture=triple",))
