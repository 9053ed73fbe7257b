"""The digital learner, on tasks whose answer is plain."""

from __future__ import annotations

import numpy as np
import pytest

from learning.studies.digital.lms import epochs_to, widths_reaching
from learning.tasks.examples import Examples


def _examples(inputs: list[list[float]], labels: list[list[float]]) -> Examples:
    return Examples(np.array(inputs), np.array(labels))


def test_one_weight_is_learned_in_one_step() -> None:
    """With a step of 1 and an input of 1 V the first error is the weight."""
    assert epochs_to(_examples([[1.0]], [[0.5]]), 1e-12, 10) == 1
    assert epochs_to(_examples([[1.0]], [[0.5]]), 1e-12, 10, bits=16) == 1


@pytest.mark.parametrize("bits", [None, 16])
def test_what_is_not_linear_is_not_reached(bits: int | None) -> None:
    assert epochs_to(_examples([[1.0], [1.0]], [[1.0], [-1.0]]), 0.5, 20, bits) is None
    assert epochs_to(_examples([[0.0]], [[0.5]]), 0.1, 20, bits) is None


def test_widths_go_down_to_what_holds_the_weight() -> None:
    """Four bits count quarters from -2 to 2; three count halves, which miss 0.25 by 0.0625 V²."""
    quarter = _examples([[1.0]], [[0.25]])
    assert widths_reaching(quarter, 1e-9, 10, 6) == ((6, 1), (5, 1), (4, 1))
    assert widths_reaching(quarter, 0.07, 10, 3) == ((3, 1), (2, 1))
    assert widths_reaching(quarter, 1e-9, 10, 3) == ()


def test_a_smaller_error_takes_longer() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.uniform(0.05, 0.45, (10, 2))
    examples = Examples(inputs, inputs @ np.array([[0.15], [0.1]]))
    coarse, fine = (epochs_to(examples, error_V2, 500) for error_V2 in (1e-4, 1e-12))
    assert coarse is not None
    assert fine is not None
    assert coarse < fine
