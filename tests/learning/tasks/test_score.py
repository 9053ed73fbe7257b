"""Accuracy against answers counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from learning.errors import LearningError
from learning.tasks.score import accuracy


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
