"""Tasks in volts: counts, reach, labels; each kind against an oracle of its own."""

from __future__ import annotations

import numpy as np
import pytest

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.lesson import lesson
from learning.tasks.levels import label_levels_V


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_regression_labels_are_weighted_sums() -> None:
    spec = TaskSpec(
        kind="regression", examples=20, coefficients=((0.2, 0.3, 0.1),), constants_V=(0.4,)
    )
    train = lesson(spec).task(3, 1, _rng()).train
    assert len(train) == 20
    assert train.classes is None
    np.testing.assert_array_equal(train.inputs[:, 2], 0.4)
    assert train.inputs[:, :2].min() >= 0.0
    assert train.inputs[:, :2].max() <= 0.45
    by_hand = [0.2 * a + 0.3 * b + 0.1 * c for a, b, c in train.inputs.tolist()]
    np.testing.assert_allclose(train.labels[:, 0], by_hand, rtol=1e-14)


def test_regression_noise_has_its_width_and_leaves_the_inputs_alone() -> None:
    spec = TaskSpec(kind="regression", examples=4000, coefficients=((0.5, 0.5),), noise_V=0.01)
    train = lesson(spec).task(2, 1, _rng()).train
    error = train.labels[:, 0] - train.inputs.mean(axis=1)
    # the standard deviation of 4000 normal draws is known to 1.1 %
    assert np.std(error) == pytest.approx(0.01, rel=0.05)


def test_the_same_seed_makes_the_same_task() -> None:
    spec = TaskSpec(kind="regression", coefficients=((0.2, 0.3),), noise_V=0.01)
    first, second = (lesson(spec).task(2, 1, _rng(7)).train for _ in range(2))
    np.testing.assert_array_equal(first.inputs, second.inputs)
    np.testing.assert_array_equal(first.labels, second.labels)


@pytest.mark.parametrize("row", [(0.9, 0.9), (-0.5, 0.1)])
def test_regression_refuses_what_no_resistor_network_shows(row: tuple[float, float]) -> None:
    spec = TaskSpec(kind="regression", coefficients=(row,))
    with pytest.raises(LearningError, match=r"task\.coefficients \(example \d+\): target 0 of"):
        lesson(spec).task(2, 1, _rng())


def test_regression_needs_a_row_per_target() -> None:
    spec = TaskSpec(kind="regression", coefficients=((0.2, 0.3),))
    with pytest.raises(LearningError, match=r"1 row of coefficients .* 2 targets"):
        lesson(spec).task(2, 2, _rng())


def test_regression_needs_a_coefficient_per_source() -> None:
    spec = TaskSpec(kind="regression", coefficients=((0.2, 0.3),))
    with pytest.raises(LearningError, match=r"(?s)2 coefficients .* 3 sources.*roles\.sources"):
        lesson(spec).task(3, 1, _rng())


def test_constants_leave_room_for_an_input() -> None:
    spec = TaskSpec(kind="regression", coefficients=((0.5,),), constants_V=(0.4, 0.4))
    with pytest.raises(LearningError, match=r"no source is left .*: 2 constants and 2 sources"):
        lesson(spec).task(2, 1, _rng())


def test_allostery_is_one_pattern() -> None:
    spec = TaskSpec(kind="allostery", coefficients=((0.5, 0.1), (0.2, 0.0)), constants_V=(0.1,))
    train = lesson(spec).task(2, 2, _rng()).train
    np.testing.assert_array_equal(train.inputs, [[0.45, 0.1]])
    np.testing.assert_allclose(train.labels, [[0.235, 0.09]], rtol=1e-14)


def test_allostery_takes_all_sources_from_the_constants() -> None:
    spec = TaskSpec(kind="allostery", coefficients=((0.5, 0.5),), constants_V=(0.3, 0.1))
    train = lesson(spec).task(2, 1, _rng()).train
    np.testing.assert_array_equal(train.inputs, [[0.3, 0.1]])


def test_allostery_refuses_an_unreachable_target() -> None:
    spec = TaskSpec(kind="allostery", coefficients=((1.5,),))
    with pytest.raises(LearningError, match=r"0\.675 V.*reaches 0 to 0\.45 V"):
        lesson(spec).task(1, 1, _rng())


def test_xor_is_the_truth_table() -> None:
    spec = TaskSpec(kind="xor", constants_V=(0.45,), label_low_V=0.1, label_high_V=0.3)
    task = lesson(spec).task(3, 2, _rng())
    assert task.train.classes is not None
    for sources, labels, one in zip(
        task.train.inputs, task.train.labels, task.train.classes, strict=True
    ):
        is_one = (sources[0] > 0.2) != (sources[1] > 0.2)
        assert task.class_names[one] == str(int(is_one))
        assert tuple(labels) == ((0.3, 0.1) if is_one else (0.1, 0.3))
    np.testing.assert_array_equal(task.train.inputs[:, 2], 0.45)
    assert len({tuple(row) for row in task.train.inputs.tolist()}) == 4


def test_xor_without_a_constant_is_out_of_reach() -> None:
    with pytest.raises(LearningError, match=r"(?s)example 0.*reaches 0 to 0 V.*constants_V"):
        lesson(TaskSpec(kind="xor")).task(2, 2, _rng())


def test_xor_counts_sources() -> None:
    with pytest.raises(LearningError, match=r"(?s)2 source voltages.*3 sources.*roles\.sources"):
        lesson(TaskSpec(kind="xor")).task(3, 2, _rng())


def test_xor_on_a_differential_target() -> None:
    spec = TaskSpec(kind="xor", constants_V=(0.45,))
    train = lesson(spec).task(3, 1, _rng()).train
    assert train.labels[:, 0].tolist() == [-0.03, 0.03, 0.03, -0.03]
    assert train.classes is not None
    assert train.classes.tolist() == [0, 1, 1, 0]


def test_xor_difference_levels_on_one_side_of_zero() -> None:
    spec = TaskSpec(kind="xor", constants_V=(0.45,), label_low_V=0.01)
    with pytest.raises(LearningError, match=r"(?s)label_low_V: .*both sides of zero.*below"):
        lesson(spec).task(3, 1, _rng())


def test_xor_counts_targets() -> None:
    with pytest.raises(LearningError, match=r"(?s)2 outputs .* 3 targets.*roles\.targets"):
        lesson(TaskSpec(kind="xor")).task(2, 3, _rng())


def test_unset_label_levels_are_thirds_of_the_highest_source() -> None:
    spec = TaskSpec(kind="xor", constants_V=(0.6,))
    assert label_levels_V(spec) == pytest.approx((0.2, 0.4))


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.2), (0.1, 0.5), (-0.1, 0.2)])
def test_label_levels_lie_between_the_sources(low: float, high: float) -> None:
    spec = TaskSpec(kind="xor", constants_V=(0.45,), label_low_V=low, label_high_V=high)
    with pytest.raises(LearningError, match=r"task\.label_low_V.*not in rising order between"):
        lesson(spec).task(3, 2, _rng())


def test_an_unknown_kind_lists_the_known_ones() -> None:
    spec = TaskSpec(kind="sorting")  # type: ignore[arg-type]
    with pytest.raises(
        LearningError, match=r"(?s)'sorting'.*regression, allostery, xor, iris, digits, csv"
    ):
        lesson(spec).task(2, 1, _rng())
