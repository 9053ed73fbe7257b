"""Rest, from powers whose integral is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from learning.measure.disagreement import apart, disagreement
from learning.measure.rest import LIMIT, quiet_until_s, unrest
from netlist.circuit import Waveform

TIME_S = np.concatenate([[0.0], np.geomspace(1e-12, 1e-5, 4001)])


def test_a_machine_at_rest_is_at_rest() -> None:
    assert unrest(TIME_S, np.full(len(TIME_S), 6e-5), 1e-5) == pytest.approx(0.0, abs=1e-12)
    # a numerical transient of a tenth of a nanosecond, 4 %
    first = np.where(TIME_S < 1e-10, 6.24e-5, 6e-5)
    assert unrest(TIME_S, first, 1e-5) < 1e-5


@pytest.mark.parametrize("tau_s", [1e-9, 1e-7, 1e-5, 1e-3])
def test_power_that_decays_is_none(tau_s: float) -> None:
    """4.6 W on top of 60 uW, however fast they go."""
    share = unrest(TIME_S, 6e-5 + 4.6 * np.exp(-TIME_S / tau_s), 1e-5)
    more_J = 4.6 * tau_s * (1 - math.exp(-1e-5 / tau_s))
    held_J = 4.6 * math.exp(-1e-5 / tau_s) * 1e-5
    exact = (more_J - held_J) / (6e-5 * 1e-5 + more_J)
    assert share == pytest.approx(exact, rel=1e-3)
    assert (share > LIMIT) == (tau_s < 1e-3)


def test_only_what_lies_before_the_first_move_counts() -> None:
    moved = np.where(TIME_S < 5e-6, 6e-5, 9e-5)
    assert unrest(TIME_S, moved, 4e-6) == pytest.approx(0.0, abs=1e-12)
    assert unrest(TIME_S, moved, 0.0) == 0.0


def test_what_is_switched_off_is_at_rest() -> None:
    """Picowatts that wander say nothing."""
    assert unrest(TIME_S, 1e-12 * (1 + np.exp(-TIME_S / 1e-6)), 1e-5) < LIMIT


def test_when_the_first_line_moves() -> None:
    still = Waveform("PWL", (0.0, 0.2, 5e-6, 0.2, 6e-6, 0.3))
    constant = Waveform("PWL", (0.0, 0.2, 5e-6, 0.2))
    assert quiet_until_s([still, constant]) == 5e-6
    assert quiet_until_s([constant]) == math.inf
    assert quiet_until_s([]) == math.inf
    assert quiet_until_s([still, Waveform("PWL", (0.0, 0.0, 1e-6, 1.0))]) == 0.0
    assert quiet_until_s([Waveform("SIN", (0.0, 1.0, 1e6))]) == 0.0


def test_a_disagreement_says_by_how_much() -> None:
    share = apart(222e-9, 104e-9)
    (one,) = disagreement("the run's bill and its audit", share, 1e-3)
    assert str(one) == "the run's bill and its audit differ by 53.2 %, limit 0.1 %"
    assert disagreement("both", 1e-3, 1e-3) == ()
    assert disagreement("both", math.nan, 1e-3) != ()
    assert (apart(0.0, 0.0), apart(1.0, -1.0)) == (0.0, 2.0)
