"""The digital learner, on tasks whose answer is plain."""

from __future__ import annotations

import numpy as np
import pytest

from learning.studies.digital.goal import Goal
from learning.studies.digital.lms import epochs_to, widths_reaching
from learning.tasks.examples import Examples


def _examples(inputs: list[list[float]], labels: list[list[float]]) -> Examples:
    return Examples(np.array(inputs), np.array(labels))


def _epochs(examples: Examples, error_V2: float, most: int, bits: int | None = None) -> int | None:
    return epochs_to(examples, Goal(examples, error_V2), most, bits)


def test_one_weight_is_learned_in_one_step() -> None:
    """With a step of 1 and an input of 1 V the first error is the weight."""
    assert _epochs(_examples([[1.0]], [[0.5]]), 1e-12, 10) == 1
    assert _epochs(_examples([[1.0]], [[0.5]]), 1e-12, 10, bits=16) == 1


@pytest.mark.parametrize("bits", [None, 16])
def test_what_is_not_linear_is_not_reached(bits: int | None) -> None:
    assert _epochs(_examples([[1.0], [1.0]], [[1.0], [-1.0]]), 0.5, 20, bits) is None
    assert _epochs(_examples([[0.0]], [[0.5]]), 0.1, 20, bits) is None


def test_widths_go_down_to_what_holds_the_weight() -> None:
    """Four bits count quarters from -2 to 2; three count halves, which miss 0.25 by 0.0625 V²."""
    quarter = _examples([[1.0]], [[0.25]])
    assert widths_reaching(quarter, Goal(quarter, 1e-9), 10, 6) == ((6, 1), (5, 1), (4, 1))
    assert widths_reaching(quarter, Goal(quarter, 0.07), 10, 3) == ((3, 1), (2, 1))
    assert widths_reaching(quarter, Goal(quarter, 1e-9), 10, 3) == ()


def test_a_smaller_error_takes_longer() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.uniform(0.05, 0.45, (10, 2))
    examples = Examples(inputs, inputs @ np.array([[0.15], [0.1]]))
    coarse, fine = (_epochs(examples, error_V2, 500) for error_V2 in (1e-4, 1e-12))
    assert coarse is not None
    assert fine is not None
    assert coarse < fine


def test_right_answers_take_fewer_epochs_than_the_labels_themselves() -> None:
    """An input for each target: after a step each is on its side, though not yet at its label."""
    taught = Examples(np.eye(2) / 2, np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1]))
    asked = Examples(np.eye(2), np.array([[9.0, 0.0], [0.0, 9.0]]), np.array([0, 1]))
    assert epochs_to(taught, Goal(asked, 1e-9, 1.0, held_out=True), 10) == 1
    assert epochs_to(taught, Goal(asked, 1e-9), 10) is None


def test_right_answers_that_no_map_gives_are_not_reached() -> None:
    """Exclusive or of two inputs and a constant."""
    inputs = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    odd = np.array([0, 1, 1, 0])
    examples = Examples(inputs, (2.0 * odd - 1.0)[:, None], odd)
    assert epochs_to(examples, Goal(examples, 0.0, 1.0), 50) is None
    assert epochs_to(examples, Goal(examples, 0.0, 0.5), 50) is not None
