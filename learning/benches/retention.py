"""How long a gate keeps its voltage: leakage and capacitance of all that hangs on it.

Measured at the operating point, with an edge cell beside the update cell. ngspice puts a
conductance of its own, ``gmin`` = 1e-12 S, across every junction so that it converges; a run has
it, a chip does not, and at room temperature it leaks a thousand times what the models do. Both are
told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.benches.setup import TIGHT, Setup
from learning.benches.stand import Stand
from netlist.circuit import Waveform
from netlist.machine import names
from spice_backend.session.session import Session

NO_GMIN = ("gmin=1e-18", "abstol=1e-18", "reltol=1e-5")
"""What the models leak, and hardly anything of the simulator's."""

WITH_GMIN = ("abstol=1e-16", "reltol=1e-5")
"""What a run has."""

DROOP = 0.01
"""The share of its voltage that a gate may lose."""

_GATE = "gate"


@dataclass(frozen=True, slots=True, eq=False)
class Retention:
    """What a gate loses while nothing learns.

    Attributes:
        gates_V: (n,), volts.
        leak_A: Out of the gate, (n,), amperes, as the models have it.
        run_leak_A: The same with the simulator's own conductance, as a run has it.
        capacitance_F: At the gate, farads.
    """

    gates_V: Floats
    leak_A: Floats
    run_leak_A: Floats
    capacitance_F: float

    def droop_s(self, leak_A: Floats) -> float:
        """Time until the first gate has moved by `DROOP` of its voltage, seconds."""
        worst = float(np.max(np.abs(leak_A) / self.gates_V))
        return DROOP * self.capacitance_F / worst if worst > 0 else float("inf")


def measure_retention(
    session: Session, stand: Stand, gates_V: Floats, middle_V: float
) -> Retention:
    """Measure leakage and capacitance at the gate.

    Args:
        session: A simulator.
        stand: An update cell; the architecture's edge cell is put beside it when there is none.
        gates_V: (n,), evenly spaced, volts.
        middle_V: Voltage of the edge's ends, volts.

    Returns:
        What was found; the worse of two states, with ``run`` low and high, at each gate voltage.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    whole = stand if "edge" in stand.cells else stand.with_cell("edge")
    found, runs = [], (0.0, 1.0) if _runs(whole) else (0.0,)
    for options in (NO_GMIN, WITH_GMIN):
        states = [_leak(session, whole, gates_V, middle_V, run, options) for run in runs]
        both = np.array(states)
        found.append(both[np.argmax(np.abs(both), axis=0), np.arange(len(gates_V))])
    capacitance_F = _capacitance(session, whole, float(np.median(gates_V)), middle_V)
    return Retention(gates_V, found[0], found[1], capacitance_F)


def _leak(
    session: Session,
    stand: Stand,
    gates_V: Floats,
    middle_V: float,
    run: float,
    options: tuple[str, ...],
) -> Floats:
    setup = _setup(stand, middle_V, run)
    setup.hold(_GATE, float(gates_V[0]), read=True)
    step_V = float(np.diff(gates_V).mean())
    last_V = float(gates_V[-1]) + 0.25 * step_V
    return setup.sweep(session, _GATE, float(gates_V[0]), last_V, step_V, options).amperes(_GATE)


def _capacitance(session: Session, stand: Stand, gate_V: float, middle_V: float) -> float:
    """From the current of a ramp, 20 mV in 1 us, beyond that at rest."""
    setup = _setup(stand, middle_V, 0.0)
    ramp = [(0.0, gate_V - 0.01), (1e-6, gate_V - 0.01), (2e-6, gate_V + 0.01)]
    setup.hold(_GATE, Waveform.through(ramp), read=True)
    waves = setup.transient(session, 2e-6, 5e-8, TIGHT)
    current_A = waves.amperes(_GATE, np.array([0.9e-6, 1.9e-6]))
    return float(current_A[1] - current_A[0]) / (0.02 / 1e-6)


def _setup(stand: Stand, middle_V: float, run: float) -> Setup:
    setup = Setup(stand)
    for net in ends(stand):
        setup.hold(net, middle_V)
    if _runs(stand):
        setup.hold(names.RUN, run * stand.rail_V)
    for slot in ("update", "edge"):
        setup.place(slot, {_GATE: _GATE, **{net: net for net in ends(stand)}})
    return setup


def _runs(stand: Stand) -> bool:
    return any(cell.uses(names.RUN) for cell in stand.cells.values())


def ends(stand: Stand) -> tuple[str, ...]:
    """Pins of an edge's ends in the stand's architecture."""
    required = stand.architecture.contracts["edge"].required
    return tuple(pin for pin in required if pin != _GATE)
