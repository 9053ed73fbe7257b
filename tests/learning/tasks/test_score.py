"""Accuracy against answers counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from learning.errors import LearningError
from learning.tasks.score import (
    accuracy,
    answered,
    confusion,
    mean_squared_error_V2,
    r2,
    squared_errors_V2,
)


def test_the_largest_target_is_the_answer() -> None:
    outputs = np.array([[0.3, 0.1, 0.2], [0.1, 0.2, 0.3], [0.1, 0.3, 0.2], [0.0, 0.1, 0.2]])
    assert accuracy(outputs, np.array([0, 2, 0, 1])) == 0.5


def test_two_targets_decide_by_the_sign_of_their_difference() -> None:
    rng = np.random.default_rng(2)
    outputs = rng.uniform(0.0, 0.45, (50, 2))
    classes = (outputs[:, 0] - outputs[:, 1] < 0).astype(np.int64)
    assert accuracy(outputs, classes) == 1.0
    assert accuracy(outputs, 1 - classes) == 0.0


@pytest.mark.parametrize("level", [0.2, np.nan])
def test_a_tie_is_never_right(level: float) -> None:
    outputs = np.full((3, 2), level)
    assert accuracy(outputs, np.array([0, 1, 0])) == 0.0


@pytest.mark.parametrize("shape", [(3, 2), (2,), (0, 2)])
def test_shapes_must_fit(shape: tuple[int, ...]) -> None:
    classes = np.zeros(0 if shape[0] == 0 else 2, dtype=np.int64)
    with pytest.raises(LearningError, match=r"outputs of shape .* do not fit"):
        accuracy(np.zeros(shape), classes)


def test_the_squared_error_is_summed_over_targets_and_averaged_over_examples() -> None:
    outputs, labels = np.array([[0.1, 0.2], [0.3, 0.5]]), np.array([[0.0, 0.0], [0.3, 0.1]])
    np.testing.assert_allclose(squared_errors_V2(outputs, labels), [0.05, 0.16])
    assert mean_squared_error_V2(outputs, labels) == pytest.approx(0.105)


def test_r2_of_perfect_mean_and_constant_labels() -> None:
    labels = np.array([[0.1], [0.2], [0.6]])
    assert r2(labels, labels) == 1.0
    assert r2(np.full((3, 1), 0.3), labels) == pytest.approx(0.0, abs=1e-15)
    assert r2(labels + 1.0, labels) < 0.0
    assert r2(labels, np.full((3, 1), 0.3)) is None


def test_a_confusion_counts_every_example_once_and_ties_apart() -> None:
    outputs = np.array([[0.3, 0.1], [0.1, 0.3], [0.2, 0.2], [0.4, 0.1]])
    counts = confusion(answered(outputs), np.array([0, 1, 1, 1]), 2)
    assert counts.tolist() == [[1, 0, 0], [1, 1, 1]]


def test_the_sign_of_a_single_target_is_its_class() -> None:
    assert answered(np.array([[0.1], [-0.1], [0.0], [np.nan]])).tolist() == [1, 0, -1, -1]
