"""Initial gate voltages."""

from __future__ import annotations

import numpy as np
import pytest

from learning.design.sections import InitialSpec
from learning.errors import LearningError
from learning.experiment.initial import initial_gates


def test_uniform_takes_the_default_unless_the_design_says_otherwise() -> None:
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(initial_gates(InitialSpec(), 3, 1.1, rng), [1.1] * 3)
    spec = InitialSpec(gate_V=0.0)
    np.testing.assert_array_equal(initial_gates(spec, 3, 1.1, rng), [0.0] * 3)


def test_random_fills_its_spread_and_follows_its_seed() -> None:
    spec = InitialSpec(kind="random", gate_V=1.0, spread_V=0.2)
    gates = initial_gates(spec, 2000, 1.1, np.random.default_rng(4))
    assert gates.shape == (2000,)
    assert 0.8 <= gates.min() < 0.81
    assert 1.19 < gates.max() <= 1.2
    again = initial_gates(spec, 2000, 1.1, np.random.default_rng(4))
    np.testing.assert_array_equal(gates, again)


def test_given_gates_are_taken_in_order() -> None:
    spec = InitialSpec(kind="given", gates_V=(1.0, 0.9, 1.2))
    gates = initial_gates(spec, 3, 1.1, np.random.default_rng(1))
    np.testing.assert_array_equal(gates, [1.0, 0.9, 1.2])


def test_given_gates_are_one_per_edge() -> None:
    spec = InitialSpec(kind="given", gates_V=(1.0, 0.9))
    with pytest.raises(LearningError, match=r"initial\.gates_V: 2 gate voltages .* 3 edges"):
        initial_gates(spec, 3, 1.1, np.random.default_rng(1))


def test_an_unknown_kind_lists_the_known_ones() -> None:
    spec = InitialSpec(kind="warm")  # type: ignore[arg-type]
    with pytest.raises(LearningError, match=r"(?s)'warm'.*uniform, random, given"):
        initial_gates(spec, 3, 1.1, np.random.default_rng(1))
