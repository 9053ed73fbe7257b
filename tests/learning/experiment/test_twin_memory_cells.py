"""Cells of twin networks with memories, each alone beside the cells that give it its lines."""

from __future__ import annotations

import numpy as np
import pytest

from learning.benches.clamp import nudge
from learning.benches.setup import Setup
from learning.benches.stand import stand
from learning.benches.timing import IN_TURN, TWIN, course
from learning.benches.update import Shown, play_update
from netlist.parts.process import load_process
from spice_backend.session.session import Session

PROCESS = load_process("generic180")


def test_the_update_cell_moves_gates_by_the_difference_of_squares() -> None:
    drops = [(0.1, 0.0), (0.0, 0.1), (0.1, 0.1), (-0.1, 0.0)]
    shown = [Shown(free, clamped, 0.25, 1.2) for free, clamped in drops]
    with Session() as session:
        answered = play_update(session, stand("update_memory_twin", PROCESS), shown, TWIN)
    up, down, equal, turned = answered.charge_C - answered.charge_C[2]
    assert equal == 0.0
    assert up == pytest.approx(-down, rel=0.05)
    assert up == pytest.approx(turned, rel=0.05)
    assert up / (0.01 * TWIN.window_s) == pytest.approx(4e-7, rel=0.1)
    assert abs(answered.charge_C[2]) < 0.05 * up


def test_the_clamp_reaches_ground_and_weighs_by_eta() -> None:
    pairs = [(0.2, 0.3), (0.2, 0.1), (0.01, 0.0)]
    with Session() as session:
        found = nudge(session, stand("clamp_lines", PROCESS, nudge=0.75), pairs, TWIN)
    moved_V = found.clamped_V - found.free_V
    np.testing.assert_allclose(moved_V[:2], [0.075, -0.075], rtol=0.15)
    assert -0.0075 < moved_V[2] < -0.004, "near ground its gain is lower, and it still moves down"


def test_phases_of_the_sequencer_never_overlap() -> None:
    alone = stand("sequencer_twin", PROCESS)
    cycles = course(IN_TURN, 2, alone.rail_V, alone.pins, {})
    setup = Setup(alone)
    setup.drive(cycles.waves)
    setup.place("sequencer", {})
    setup.read("sw", "sf", "sc", "join")
    with Session() as session:
        waves = setup.transient(session, cycles.stop_s, cycles.step_s)
    half_V = 0.5 * alone.rail_V
    sw, sf, sc, join = (waves.volts(line) > half_V for line in ("sw", "sf", "sc", "join"))
    assert not np.any(sf & sc)
    assert not np.any(sw & join)
    assert sf.any()
    assert sc.any()
