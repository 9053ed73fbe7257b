"""Benches against what their figures must be: cells of known laws, and arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning import bench
from learning.benches.benched import Benched
from learning.benches.clamp import Response
from learning.benches.retention import measure_retention
from learning.benches.stand import stand
from netlist.parts.process import load_process
from spice_backend.session.session import Session


def value(found: Benched, name: str) -> float:
    told = found.found[0].value(name)
    assert told is not None, name
    return told


def own(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.cir"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_edge_of_a_known_law() -> None:
    """edge_ideal: 1e-5 S/V above 0.5 V, whatever the voltage across it."""
    found = bench("edge_ideal")
    assert value(found, "conductance_S") == pytest.approx(7e-6, rel=1e-6)
    assert value(found, "conductance_low_S") == pytest.approx(1e-5 * (0.28 * 1.8 - 0.5), rel=1e-3)
    assert value(found, "threshold_V") == pytest.approx(0.5, abs=1e-3)
    assert value(found, "nonlinearity") < 1e-9
    assert value(found, "twins") == 0.0
    assert found.passed


def test_an_update_cell_of_a_known_gain() -> None:
    """update_ideal: 4e-7 A/V2, exactly the difference of two squares, drawn from its rail."""
    found = bench("update_ideal")
    assert value(found, "gain_A_per_V2") == pytest.approx(4e-7, rel=2e-3)
    # the lines' edges are part of the window, at the rail's half
    assert value(found, "gain_As_per_V2") == pytest.approx(4e-7 * 5e-5, rel=2e-3)
    step = 4e-7 * 5e-5 / value(found, "capacitance_F")
    assert value(found, "step_V_per_V2") == pytest.approx(step, rel=2e-3)
    assert abs(value(found, "offset_A")) < 1e-15
    assert value(found, "symmetry") < 2e-3
    assert found.passed


def test_a_clamp_of_a_known_nudge() -> None:
    found = bench("clamp_ideal", nudge=0.25)
    for name in ("eta", "eta_low", "eta_high"):
        assert value(found, name) == pytest.approx(0.25, rel=1e-6)
    assert value(found, "offset_worst_V") == pytest.approx(0.0, abs=1e-9)
    assert (value(found, "reach_low_V"), value(found, "reach_high_V")) == (0.0, 0.45)
    pair = bench("clamp_pair_ideal", nudge=0.5)
    assert value(pair, "eta") == pytest.approx(0.25, rel=1e-6)


def test_a_driver_of_a_known_resistance(tmp_path: Path) -> None:
    text = ".subckt mine in out vdd vss\nE1 x vss in vss 0.98\nR1 x out 5k\n.ends\n"
    found = bench(own(tmp_path, "mine", text))
    assert value(found, "output_ohm") == pytest.approx(5e3, rel=1e-4)
    assert value(found, "gain") == pytest.approx(0.98, rel=1e-4)
    assert value(found, "offset_V") == pytest.approx(-0.02 * 0.2, rel=1e-2)
    assert value(found, "range_high_V") == pytest.approx(0.74, abs=0.021)
    # 15 mV over the driver's own 5 kohm and the bench's 10 ohm, its offset of 4 mV aside
    assert value(found, "give_A") == pytest.approx((0.015 - 0.004) / 5010, rel=1e-3)


def test_a_gate_that_leaks_through_a_resistor(tmp_path: Path) -> None:
    """A leak of 1 Gohm on 10 pF and 2 pF more: 1 % is gone after 1 % of RC."""
    text = (
        ".subckt leaky fa fb ca cb gate vdd vss enable\n"
        "R1 gate vss 1e9\nC1 gate vss 2e-12\nR2 enable vss 1e9\n.ends\n"
    )
    process = load_process("generic180")
    stood = stand(str(own(tmp_path, "leaky", text)), process)
    with Session() as session:
        kept = measure_retention(session, stood, np.linspace(0.5, 1.5, 5), 0.2)
    # the edge's two gates bring 0.1 pF
    assert kept.capacitance_F == pytest.approx(12.1e-12, rel=0.02)
    np.testing.assert_allclose(kept.leak_A, kept.gates_V / 1e9, rtol=1e-6)
    assert kept.droop_s(kept.leak_A) == pytest.approx(0.01 * kept.capacitance_F * 1e9, rel=1e-6)


def test_a_bias_line_of_a_known_time_constant(tmp_path: Path) -> None:
    """1 Mohm and 0.7 pF, with 0.3 pF on the bench: a kick of 50 fC decays from 48 mV with 1 us."""
    text = (
        ".subckt mine vbias vdd vss\n"
        "R1 vdd vbias 2e6\nR2 vbias vss 2e6\nC1 vbias vss 7e-13\n.ends\n"
    )
    found = bench(own(tmp_path, "mine", text), slot="bias")
    tau_s = 1e-6
    assert value(found, "vbias_V") == pytest.approx(0.9, rel=1e-4)
    assert value(found, "power_W") == pytest.approx(1.8**2 / 4e6, rel=1e-4)
    peak_V = value(found, "kick_vbias_V")
    assert peak_V == pytest.approx(0.05, rel=0.08)
    assert value(found, "back_s") == pytest.approx(tau_s * np.log(0.05 / 1e-4), rel=0.05)


def test_a_sequencer_pays_the_charge_of_its_lines() -> None:
    """More wire on five lines costs what a CMOS driver pays, C V^2 for each rise."""
    little, more = (bench("sequencer", parameters={"cw": c}) for c in (3e-13, 8e-13))
    # sw, swb, join and joinb rise once in a presentation; runb stays low
    extra_J = 4 * 5e-13 * 1.8**2
    found_J = value(more, "energy_J") - value(little, "energy_J")
    assert found_J == pytest.approx(extra_J, rel=0.05)


def test_reach_of_a_response() -> None:
    """A clamp that lifts nodes below 50 mV: a label there is not reached from above."""
    nodes_V = np.array([0.0, 0.05, 0.4])
    response = Response(nodes_V, np.array([0.05, 0.0, 0.0]), np.full(3, 0.5), np.full(3, 0.5))
    # from 10 mV above the label L: the lift at L + 10 mV against half of 10 mV
    assert not response.reached(np.array([0.03]))[0]
    assert response.reached(np.array([0.036]))[0]
    low_V, high_V = response.reach(0.4)
    assert low_V == pytest.approx(0.035, abs=3e-3)
    assert high_V == pytest.approx(0.4)
