"""An edge alone: its current against voltage, its conductance against the gate, and its twin's."""

from __future__ import annotations

import numpy as np

from learning.arrays import Floats
from learning.benches.measured import Curve, Figure
from learning.benches.retention import ends
from learning.benches.scene import Scene
from learning.benches.setup import Setup
from learning.benches.stand import Stand
from spice_backend.session.session import Session

_SMALL_V = 0.01

_STILL_S = 1e-12
"""A conductance that falls by less than this, the simulator's own, has not fallen."""


def measure_edge(
    session: Session, stand: Stand, scene: Scene
) -> tuple[tuple[Figure, ...], tuple[Curve, ...]]:
    """Measure an edge.

    Args:
        session: A simulator.
        stand: The cell.
        scene: Voltages of its network.

    Returns:
        Figures and curves.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    gates_V = np.linspace(0.0, scene.rail_V, 37)
    conductance = _by_gate(session, stand, scene, gates_V)
    free = conductance[:, 0]
    low_V, high_V = scene.gates_V(2)
    low, high = (float(np.interp(v, gates_V, free)) for v in (low_V, high_V))
    lines = {
        f"gate {gate_V:.2f} V": _by_drop(session, stand, scene, float(gate_V))
        for gate_V in scene.gates_V(5)
    }
    middle = _by_drop(session, stand, scene, scene.gate_V)
    figures = [
        Figure("conductance_S", float(np.interp(scene.gate_V, gates_V, free)), "S",
               f"gate {scene.gate_V:.3g} V, {_SMALL_V:g} V across, about {scene.middle_V:.2g} V"),
        Figure("conductance_low_S", low, "S", f"the same at a gate of {low_V:.3g} V"),
        Figure("conductance_high_S", high, "S", f"the same at a gate of {high_V:.3g} V"),
        Figure("ratio", high / low if low > 0 else float("inf"), "", "highest over lowest"),
        Figure("threshold_V", _threshold(gates_V, free), "V", "of the gate: where the law begins"),
        Figure("monotonic", float(np.all(np.diff(free) >= -_STILL_S)), "", "1: rises throughout"),
        Figure("nonlinearity", _bend(*middle), "", f"of current to {2 * scene.drop_V:.2g} V"),
    ]  # fmt: skip
    if conductance.shape[1] > 1:
        inside = (gates_V >= low_V) & (gates_V <= high_V)
        apart = conductance[inside, 1] / conductance[inside, 0] - 1.0
        worst = float(apart[np.argmax(np.abs(apart))])
        figures.append(Figure("twins", worst, "", "clamped against free device, worst gate"))
    return tuple(figures), (
        Curve("law", "Current", ("drop", "V"), ("current", "A"), lines),
        Curve("conductance", "Conductance", ("gate", "V"), ("conductance", "S"),
              {"": (gates_V, free)}),
    )  # fmt: skip


def _by_gate(session: Session, stand: Stand, scene: Scene, gates_V: Floats) -> Floats:
    """Conductance of each device of the edge, (n_gate, n_device), siemens."""
    middle_V, half_V = scene.middle_V, 0.5 * _SMALL_V
    setup = _setup(stand, {"a": middle_V + half_V, "b": middle_V - half_V}, 0.0)
    step_V = float(gates_V[1] - gates_V[0])
    waves = setup.sweep(session, "gate", 0.0, float(gates_V[-1]) + 0.25 * step_V, step_V)
    return np.column_stack([waves.amperes(net) for net in _firsts(stand)]) / _SMALL_V


def _by_drop(session: Session, stand: Stand, scene: Scene, gate_V: float) -> tuple[Floats, Floats]:
    """Drop and current, the first end from 0 V to twice the middle, the second in the middle."""
    middle_V = scene.middle_V
    setup = _setup(stand, {"a": 0.0, "b": middle_V}, gate_V)
    first = _firsts(stand)[0]
    step_V = middle_V / 12
    waves = setup.sweep(session, first, 0.0, 2 * middle_V + 0.25 * step_V, step_V)
    return waves.scale - middle_V, waves.amperes(first)


def _setup(stand: Stand, ends_V: dict[str, float], gate_V: float) -> Setup:
    setup = Setup(stand)
    for net in ends(stand):
        setup.hold(net, ends_V[net[-1]], read=net.endswith("a"))
    setup.hold("gate", gate_V)
    setup.place("edge", {"gate": "gate", **{net: net for net in ends(stand)}})
    return setup


def _firsts(stand: Stand) -> tuple[str, ...]:
    return tuple(net for net in ends(stand) if net.endswith("a"))


def _threshold(gates_V: Floats, conductance: Floats) -> float:
    """Where the steepest tangent of the conductance meets zero, volts."""
    slope = np.gradient(conductance, gates_V)
    steepest = int(np.argmax(slope))
    return float(gates_V[steepest] - conductance[steepest] / slope[steepest])


def _bend(drop_V: Floats, current_A: Floats) -> float:
    """Largest departure from the straight line through zero, as a share of its end."""
    slope = float(np.interp(_SMALL_V, drop_V, current_A)) / _SMALL_V
    return float(np.max(np.abs(current_A - slope * drop_V)) / np.max(np.abs(slope * drop_V)))
