"""The laws of a schedule, and the lines against integrals computed from their points."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from learning.design.sections import ScheduleSpec
from learning.errors import LearningError
from learning.experiment.lines import control_lines
from learning.experiment.schedule import Presentation, Schedule, enabled_window, plan
from learning.tasks.examples import Examples
from netlist.circuit import Waveform

_RAIL_V = 1.8

_specs = st.builds(
    ScheduleSpec,
    presentation_s=st.floats(5e-5, 5e-4),
    settle_s=st.floats(1e-6, 2e-5),
    evaluation_s=st.floats(1e-6, 2e-5),
    rise_s=st.floats(1e-8, 9e-7),
    order=st.sampled_from(["shuffled", "cyclic"]),
    epochs=st.integers(1, 7),
    evaluate_every=st.integers(1, 4),
)
_counts = st.integers(1, 5)
_weights = st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0)


def _rng() -> np.random.Generator:
    return np.random.default_rng(9)


def _examples(n_example: int) -> Examples:
    rng = np.random.default_rng(n_example)
    # few levels, so that a value often stays the same from one example to the next
    inputs = rng.choice([0.0, 0.15, 0.3], (n_example, 2))
    return Examples(inputs, rng.choice([0.0, 0.1, 0.2], (n_example, 1)))


def _points(line: Waveform) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    numbers = np.array(line.arguments)
    return numbers[0::2], numbers[1::2]


def _at(line: Waveform, time_s: float) -> float:
    return float(np.interp(time_s, *_points(line)))


def _mean(line: Waveform, begin_s: float, end_s: float) -> float:
    """Mean over an interval, exact for a piecewise linear line (trapezoids at its own points)."""
    times, values = _points(line)
    inside = times[(times > begin_s) & (times < end_s)]
    grid = np.concatenate([[begin_s], inside, [end_s]])
    return float(np.trapezoid(np.interp(grid, times, values), grid) / (end_s - begin_s))


def _training(schedule: Schedule) -> list[Presentation]:
    return [p for group in schedule.epochs() for p in group]


@given(_specs, _counts, st.integers(0, 100))
def test_every_example_once_per_epoch_and_pass(
    spec: ScheduleSpec, n_example: int, first_epoch: int
) -> None:
    schedule = plan(spec, n_example, _rng(), first_epoch=first_epoch)
    everything = list(range(n_example))
    assert [group[0].epoch for group in schedule.epochs()] == [
        first_epoch + i for i in range(spec.epochs)
    ]
    for group in schedule.epochs():
        assert sorted(p.example for p in group) == everything
        assert spec.order == "shuffled" or [p.example for p in group] == everything
    for group in schedule.evaluations():
        assert [p.example for p in group] == everything
        assert [p.index for p in group] == [group[0].index + i for i in everything]


@given(_specs, _counts)
def test_evaluations_come_first_last_and_every_so_often(spec: ScheduleSpec, n_example: int) -> None:
    schedule = plan(spec, n_example, _rng())
    done = [group[0].epoch for group in schedule.evaluations()]
    assert done == sorted({*range(0, spec.epochs, spec.evaluate_every), spec.epochs})
    assert not schedule.presentations[0].learning
    assert not schedule.presentations[-1].learning


@given(_specs, _counts)
def test_presentations_follow_without_gaps(spec: ScheduleSpec, n_example: int) -> None:
    schedule = plan(spec, n_example, _rng())
    assert schedule.presentations[0].start_s == 0.0
    assert schedule.presentations[-1].end_s == schedule.stop_s
    assert [p.index for p in schedule.presentations] == list(range(len(schedule.presentations)))
    for one, following in pairwise(schedule.presentations):
        assert one.end_s == following.start_s
    for one in schedule.presentations:
        expected = spec.presentation_s if one.learning else spec.evaluation_s
        assert one.end_s - one.start_s == pytest.approx(expected, rel=1e-9)


@settings(deadline=None)
@given(_specs, _counts, _weights)
def test_lines_rise_strictly_and_repeat_nothing(
    spec: ScheduleSpec, n_example: int, weight: float
) -> None:
    schedule = plan(spec, n_example, _rng())
    lines = control_lines(schedule, _examples(n_example), spec, rail_V=_RAIL_V, power_weight=weight)
    assert list(lines) == ["in_0", "in_1", "label_0", "enable", "clk", "run", "vlambda"]
    for name, line in lines.items():
        times, values = _points(line)
        assert line.kind == "PWL"
        assert times[0] == 0.0
        assert times[-1] <= schedule.stop_s
        assert np.all(np.diff(times) > 0)
        # a point between two equal values would carry nothing but a place to land
        flat = (values[1:-1] == values[:-2]) & (values[1:-1] == values[2:])
        landings = times[1:-1][flat].tolist()
        assert set(landings) <= (set(schedule.boundaries_s()) if name == "in_0" else set())


@settings(deadline=None)
@given(_specs, _counts)
def test_sources_and_labels_show_the_example(spec: ScheduleSpec, n_example: int) -> None:
    schedule, examples = plan(spec, n_example, _rng()), _examples(n_example)
    lines = control_lines(schedule, examples, spec, rail_V=_RAIL_V)
    for p in schedule.presentations:
        # settled from one rise after the start, to the end
        for time_s in (p.start_s + 1.001 * spec.rise_s, p.end_s):
            for i in range(2):
                assert _at(lines[f"in_{i}"], time_s) == pytest.approx(
                    examples.inputs[p.example, i], abs=1e-9
                )
            assert _at(lines["label_0"], time_s) == pytest.approx(
                examples.labels[p.example, 0], abs=1e-9
            )


@settings(deadline=None)
@given(_specs, _counts)
def test_enable_is_low_while_anything_changes(spec: ScheduleSpec, n_example: int) -> None:
    schedule = plan(spec, n_example, _rng())
    lines = control_lines(schedule, _examples(n_example), spec, rail_V=_RAIL_V)
    for name in ("in_0", "in_1", "label_0"):
        for time_s in _points(lines[name])[0]:
            assert _at(lines["enable"], float(time_s)) == 0.0
    for p in schedule.presentations:
        middle_s = 0.5 * (p.start_s + spec.settle_s + p.end_s)
        assert _at(lines["enable"], p.start_s + 0.999 * spec.settle_s) == 0.0 or not p.learning
        assert _at(lines["enable"], middle_s) == (_RAIL_V if p.learning else 0.0)
        assert _at(lines["enable"], p.end_s) == 0.0


@settings(deadline=None)
@given(_specs, _counts)
def test_enabled_window_is_where_enable_is_above_half(spec: ScheduleSpec, n_example: int) -> None:
    schedule = plan(spec, n_example, _rng())
    enable = control_lines(schedule, _examples(n_example), spec, rail_V=_RAIL_V)["enable"]
    for p in _training(schedule):
        for time_s in enabled_window(p, spec):
            # an edge is known to fourteen digits of the time at which it happens
            slack = 1e-13 * schedule.stop_s / spec.rise_s * _RAIL_V
            assert _at(enable, time_s) == pytest.approx(0.5 * _RAIL_V, abs=1e-9 + slack)


@settings(deadline=None)
@given(_specs, _counts, _weights)
def test_mean_of_vlambda_while_enabled_is_the_power_weight(
    spec: ScheduleSpec, n_example: int, weight: float
) -> None:
    schedule = plan(spec, n_example, _rng())
    line = control_lines(schedule, _examples(n_example), spec, rail_V=_RAIL_V, power_weight=weight)[
        "vlambda"
    ]
    for p in _training(schedule):
        # rounding of the times, some 1e-18 s, against windows of at least 2e-5 s
        assert _mean(line, *enabled_window(p, spec)) / _RAIL_V == pytest.approx(weight, abs=1e-10)


@settings(deadline=None)
@given(_specs, st.floats(1e-4, 1.0 - 1e-4))
def test_vlambda_crosses_half_the_rail_at_the_same_fraction(
    spec: ScheduleSpec, weight: float
) -> None:
    schedule = plan(spec, 1, _rng())
    line = control_lines(schedule, _examples(1), spec, rail_V=_RAIL_V, power_weight=weight)[
        "vlambda"
    ]
    begin_s, end_s = enabled_window(_training(schedule)[0], spec)
    crossing_s = end_s - weight * (end_s - begin_s)
    assert _at(line, crossing_s) == pytest.approx(0.5 * _RAIL_V, rel=1e-3)
    assert _at(line, end_s) == pytest.approx(_RAIL_V, rel=1e-6)


def test_vlambda_is_flat_without_a_power_weight() -> None:
    spec = ScheduleSpec(epochs=2)
    schedule = plan(spec, 3, _rng())
    line = control_lines(schedule, _examples(3), spec, rail_V=_RAIL_V)["vlambda"]
    assert line.arguments == (0.0, 0.0)


def test_power_weights_may_change_with_the_epoch() -> None:
    spec = ScheduleSpec(epochs=3, evaluate_every=2)
    schedule = plan(spec, 4, _rng(), first_epoch=10)
    weights = (0.0, 0.25, 1.0)
    line = control_lines(schedule, _examples(4), spec, rail_V=_RAIL_V, power_weight=weights)[
        "vlambda"
    ]
    for group, weight in zip(schedule.epochs(), weights, strict=True):
        for p in group:
            mean = _mean(line, *enabled_window(p, spec)) / _RAIL_V
            assert mean == pytest.approx(weight, abs=1e-10)


def test_a_whole_small_run_line_by_line() -> None:
    spec = ScheduleSpec(
        presentation_s=100.0, settle_s=20.0, evaluation_s=10.0, rise_s=2.0, epochs=1, order="cyclic"
    )
    schedule = plan(spec, 2, _rng())
    examples = Examples(np.array([[0.1], [0.4]]), np.array([[0.2], [0.2]]))
    lines = control_lines(schedule, examples, spec, rail_V=1.0, power_weight=0.5)
    assert schedule.stop_s == 240.0
    changes = [(10, 12), (20, 22), (120, 122), (220, 222), (230, 232)]
    before = (0.1, 0.4, 0.1, 0.4, 0.1, 0.4)
    expected = [0.0, 0.1]
    for (start, end), (old, new) in zip(changes, pairwise(before), strict=True):
        expected += [start, old, end, new]
    assert lines["in_0"].arguments == tuple(expected)
    assert lines["label_0"].arguments == (0.0, 0.2)
    assert lines["enable"].arguments == (
        *(0, 0, 40, 0, 42, 1, 116, 1, 118, 0),
        *(140, 0, 142, 1, 216, 1, 218, 0),
    )
    assert lines["vlambda"].arguments == (
        *(0, 0, 78, 0, 80, 1, 118, 1, 120, 0),
        *(178, 0, 180, 1, 218, 1, 220, 0),
    )


def test_epochs_are_shuffled_anew() -> None:
    schedule = plan(ScheduleSpec(epochs=4), 30, _rng())
    orders = {tuple(p.example for p in group) for group in schedule.epochs()}
    assert len(orders) == 4


def test_no_examples() -> None:
    with pytest.raises(LearningError, match=r"task\.examples: there are no examples"):
        plan(ScheduleSpec(), 0, _rng())


def test_edges_longer_than_settling() -> None:
    with pytest.raises(LearningError, match=r"schedule\.rise_s: sources take 3e-05 s"):
        plan(ScheduleSpec(rise_s=3e-5), 2, _rng())


def test_no_time_to_learn() -> None:
    spec = ScheduleSpec(presentation_s=2.05e-5)
    with pytest.raises(LearningError, match=r"schedule\.presentation_s: .* no time to learn"):
        plan(spec, 2, _rng())


@pytest.mark.parametrize("weight", [-0.1, 1.5, float("nan")])
def test_power_weight_out_of_range(weight: float) -> None:
    spec = ScheduleSpec(epochs=1)
    with pytest.raises(LearningError, match=r"learning\.power_weight: .* not between 0 and 1"):
        control_lines(
            plan(spec, 2, _rng()), _examples(2), spec, rail_V=_RAIL_V, power_weight=weight
        )


def test_one_power_weight_per_epoch() -> None:
    spec = ScheduleSpec(epochs=3)
    with pytest.raises(LearningError, match="2 power weights for 3 epochs"):
        control_lines(
            plan(spec, 2, _rng()), _examples(2), spec, rail_V=_RAIL_V, power_weight=(0.1, 0.2)
        )


def test_a_run_of_too_many_presentations_is_refused_with_the_count() -> None:
    spec = ScheduleSpec(epochs=900_000, evaluate_every=10)
    with pytest.raises(LearningError, match=r"10 examples, 900000 epochs and 90001 evaluations"):
        plan(spec, 10, _rng())
