"""How a machine keeps what it learned, and how soon it is ready: by the bench, at its own gates.

A run cannot show either: it begins at an operating point, and between two looks at a gate its
network has moved, which moves the gate by more than leakage does. So the machine's own update and
edge cells are measured at the gates it ended with, and its bias cell while its rail rises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from learning.arrays import Floats
from learning.benches.bias import start_up
from learning.benches.machine import stand_of
from learning.benches.retention import measure_retention
from learning.experiment.experiment import Experiment, behavioural_slots
from learning.experiment.schedule import longest_s
from spice_backend.session.session import Session

_POINTS = 9
_NOTE = (
    "by the bench: edge 0's own cells at the gates the run ended with, learning off; as modelled, "
    "and with the conductance of 1e-12 S that ngspice puts across junctions in a run (gmin)"
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Retention, droop and start-up of a machine.

    Attributes:
        capacitance_F: At a gate, farads.
        leak_A: Out of the gate that loses most for its voltage, amperes, as modelled.
        droop_s: Until the first gate has moved by 1 %, seconds; None when none ever does.
        between_updates_V: The worst gate's change over one presentation without learning, volts.
        run_leak_A: As `leak_A`, with the simulator's own conductance, as the run had it.
        run_droop_s: As `droop_s`, with it.
        run_between_updates_V: As `between_updates_V`, with it.
        start_s: From the rise of the bias cell's rail until its lines stand within 1 mV, seconds;
            None without a bias cell.
        note: How it was measured.
    """

    capacitance_F: float
    leak_A: float
    droop_s: float | None
    between_updates_V: float
    run_leak_A: float
    run_droop_s: float | None
    run_between_updates_V: float
    start_s: float | None
    note: str = _NOTE


def measure_keeping(session: Session, experiment: Experiment, gates_V: Floats) -> Keeping | None:
    """Measure a machine's retention and start-up.

    Args:
        session: A simulator.
        experiment: The machine.
        gates_V: Where its gates are, (n_gate,), volts.

    Returns:
        What was found; None for ideal cells, which keep everything.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    if {"update", "edge"} & set(behavioural_slots(experiment)):
        return None
    stand = stand_of(experiment, "update", extra=("edge",))
    low_V, high_V = max(float(gates_V.min()), 0.05), max(float(gates_V.max()), 0.1)
    grid_V = np.linspace(low_V, max(high_V, low_V + 0.05), _POINTS)
    found = measure_retention(session, stand, grid_V, experiment.middle_V)
    leak, run_leak = (
        np.interp(gates_V, grid_V, found.leak_A), np.interp(gates_V, grid_V, found.run_leak_A)
    )  # fmt: skip
    at = replace(found, gates_V=np.maximum(gates_V, low_V))
    span_s = longest_s(experiment.design.schedule)
    return Keeping(
        capacitance_F=found.capacitance_F,
        leak_A=_worst(leak, at.gates_V),
        droop_s=_finite(at.droop_s(leak)),
        between_updates_V=float(np.max(np.abs(leak))) * span_s / found.capacitance_F,
        run_leak_A=_worst(run_leak, at.gates_V),
        run_droop_s=_finite(at.droop_s(run_leak)),
        run_between_updates_V=float(np.max(np.abs(run_leak))) * span_s / found.capacitance_F,
        start_s=_start_s(session, experiment),
    )


def _start_s(session: Session, experiment: Experiment) -> float | None:
    if "bias" not in experiment.cells or "bias" in behavioural_slots(experiment):
        return None
    return start_up(session, stand_of(experiment, "bias")).slowest_s


def _worst(leak_A: Floats, gates_V: Floats) -> float:
    return float(leak_A[np.argmax(np.abs(leak_A) / gates_V)])


def _finite(time_s: float) -> float | None:
    return time_s if np.isfinite(time_s) else None
