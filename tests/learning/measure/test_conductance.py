"""Conductances against the ideal edge, which is a formula, and within a transistor's bounds."""

from __future__ import annotations

import numpy as np

from learning.measure.conductance import measure_conductances
from netlist.parts.cell import load_cell
from netlist.parts.process import load_process
from spice_backend.session.session import Session

GATES_V = (0.3, 0.5, 0.8, 1.0, 1.37, 1.8)


def _measured(session: Session, cell: str, **parameters: float) -> np.ndarray:
    process = load_process("generic180")
    return measure_conductances(
        session, process, load_cell("edge", cell), parameters, GATES_V, middle_V=0.225, rail_V=1.8
    )


def test_ideal_edge_is_exact_and_transistors_obey_theirs() -> None:
    with Session(timeout_s=120) as session:
        ideal = _measured(session, "edge_ideal")
        scaled = _measured(session, "edge_ideal", s=4e-6, vt=0.9)
        real = _measured(session, "edge")
    gates = np.array(GATES_V)
    # exact: a hundredth of a volt across 1e-5 S against the simulator's gmin of 1e-12 S
    np.testing.assert_allclose(ideal, 1e-5 * np.maximum(gates - 0.5, 0), rtol=1e-6, atol=2e-12)
    np.testing.assert_allclose(scaled, 4e-6 * np.maximum(gates - 0.9, 0), rtol=1e-6, atol=2e-12)
    assert np.all(np.diff(real) > 0)
    # off below threshold; in triode S*(V_G - V_th - mean V), S = 277 uA/V^2 * w/l less mobility
    # degradation, with the body effect at 0.225 V (a few hundredths of a volt)
    assert real[0] < 1e-9
    slope = (real[-1] - real[3]) / (gates[-1] - gates[3])
    assert 0.5 < slope / (277e-6 / 24) < 1.0
