"""The cost of a query, from waves whose settling can be computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from learning.experiment.schedule import Presentation
from learning.measure.ledger import BLOCKS
from learning.measure.played import Played
from learning.measure.query_cost import measure_inference, settled_at

_QUERY_S = 1e-5
_STEPS = 10_001


def _played(index: int, outputs: np.ndarray, power_W: float) -> Played:
    """A query whose update block burns `power_W` and whose free network burns its first output."""
    begin_s = index * _QUERY_S
    time_s = begin_s + np.linspace(0, _QUERY_S, len(outputs))
    shown = Presentation(index, begin_s, begin_s + _QUERY_S, index, 0, learning=False)
    power = np.zeros((len(outputs), len(BLOCKS)))
    power[:, BLOCKS.index("update")] = power_W
    power[:, BLOCKS.index("network_free")] = outputs[:, 0]
    energy_J = np.trapezoid(power, time_s, axis=0)
    nothing = np.empty((len(outputs), 0))
    return Played(shown, time_s, power, energy_J, outputs, nothing, nothing)


def _rise(final_V: float, tau_s: float) -> np.ndarray:
    time_s = np.linspace(0, _QUERY_S, _STEPS)
    return (final_V * (1 - np.exp(-time_s / tau_s)))[:, None]


def _cost(*outputs: np.ndarray, power_W: float = 2e-6):
    return measure_inference([_played(i, one, power_W) for i, one in enumerate(outputs)])


def test_an_exponential_settles_when_a_millivolt_is_left() -> None:
    tau_s = 5e-7
    cost = _cost(_rise(0.3, tau_s))
    assert cost.settling_time_s == pytest.approx(tau_s * math.log(0.3 / 1e-3), rel=2e-3)


def test_the_slowest_query_counts_for_all() -> None:
    slow_s, fast_s = 8e-7, 1e-7
    cost = _cost(_rise(0.3, slow_s), _rise(0.3, fast_s))
    expected_s = slow_s * math.log(300)
    assert cost.settling_time_s == pytest.approx(expected_s, rel=2e-3)
    # 2 uW in the update cells, and the integral of each output in the free network's name
    update_J = 2e-6 * cost.settling_time_s
    networks_J = [
        0.3 * (cost.settling_time_s - tau_s * (1 - math.exp(-cost.settling_time_s / tau_s)))
        for tau_s in (slow_s, fast_s)
    ]
    assert cost.energy_per_query_J == pytest.approx(update_J + np.mean(networks_J), rel=1e-3)
    assert cost.power_W["update"] == pytest.approx(2e-6, rel=1e-9)
    assert cost.power_W["total"] * cost.settling_time_s == pytest.approx(cost.energy_per_query_J)


def test_what_is_still_moving_has_no_settling_time() -> None:
    ramp = np.linspace(0, 0.3, _STEPS)[:, None]
    cost = _cost(ramp)
    assert cost.settling_time_s is None
    assert cost.power_W["update"] == pytest.approx(2e-6)
    assert cost.energy_per_query_J == pytest.approx(2e-6 * _QUERY_S + 0.15 * _QUERY_S, rel=1e-6)


def test_an_answer_that_never_moves_takes_no_time() -> None:
    cost = _cost(np.full((_STEPS, 1), 0.2))
    assert cost.settling_time_s == 0.0
    assert cost.energy_per_query_J == pytest.approx(_QUERY_S * (2e-6 + 0.2))


def test_every_target_must_settle() -> None:
    both = np.hstack([_rise(0.3, 1e-7), _rise(0.3, 6e-7)])
    assert _cost(both).settling_time_s == pytest.approx(6e-7 * math.log(300), rel=2e-3)


def test_the_step_it_settled_at() -> None:
    outputs = np.array([0.0, 0.1, 0.1995, 0.2005, 0.2])[:, None]
    assert settled_at(outputs) == 2
    assert settled_at(np.full((4, 2), 0.3)) == 0


def test_settling_is_found_between_the_solver_s_steps() -> None:
    """Whatever the steps, a straight line crosses the tolerance where it crosses it."""
    ramp = np.linspace(0.0, 0.5, 11)  # 50 mV a step, so that 1 mV off the end is within a step
    flat = np.full(11, 0.5)
    times = [_cost(np.concatenate([ramp, flat[:n]])[:, None]).settling_time_s for n in (11,)]
    step_s = _QUERY_S / 21
    assert times == [pytest.approx((10 - 1e-3 / 0.05) * step_s, rel=1e-9)]


def test_the_slowest_of_several_targets_counts_within_a_step() -> None:
    quick = np.array([0.0, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    slow = np.array([1.0, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    step_s = _QUERY_S / 11
    cost = _cost(np.stack([quick, slow], axis=1))
    assert cost.settling_time_s == pytest.approx((1 + 0.299 / 0.3) * step_s, rel=1e-9)
