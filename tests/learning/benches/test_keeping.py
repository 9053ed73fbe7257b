"""Retention of a machine's own cells at its own gates, against arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from learning import find_design, load_design, prepare
from learning.benches.keeping import measure_keeping
from spice_backend.session.session import Session


def test_droop_is_leakage_over_capacitance() -> None:
    """The cells of two networks share nothing with the gate but a switch that is open."""
    experiment = prepare(load_design(find_design("regression_twin")))
    gates_V = np.linspace(0.6, 1.4, 32)
    with Session() as session:
        found = measure_keeping(session, experiment, gates_V)
    assert found is not None
    # 10 pF, and the gates of two devices of 6 um2
    assert found.capacitance_F == pytest.approx(10.1e-12, rel=0.01)
    assert found.droop_s is not None
    assert found.run_droop_s is not None
    lost = 0.01 * found.capacitance_F
    assert found.droop_s <= lost * 1.4 / abs(found.leak_A)
    assert found.droop_s >= lost * 0.6 / abs(found.leak_A)
    # gmin: 1 pA at a volt from the far side of the switch, more than the models leak
    assert 1e-13 < abs(found.run_leak_A) < 2e-12
    assert found.run_droop_s < found.droop_s
    assert found.start_s is not None
    assert 1e-5 < found.start_s < 1e-4


def test_ideal_cells_keep_everything() -> None:
    experiment = prepare(load_design(find_design("laboratory")))
    with Session() as session:
        assert measure_keeping(session, experiment, np.array([1.0])) is None
