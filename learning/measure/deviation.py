"""How far one plant's course of a run is from another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.measure.ledger import BLOCKS
from learning.measure.played import Played

_NEGLIGIBLE = 1e-3
"""A block below this share of the bill is not compared on its own."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """What one plant's run differs by from another's.

    Attributes:
        presentations: Compared.
        gates_V: Of the gates at the end, root mean square, volts.
        worst_gate_V: Of the gate that differs most, volts.
        root_error_V: Of the root of the error, volts.
        truth_root_error_V: The other's root of the error, volts.
        energy: By block, as a share of the other's; blocks too small to matter are left out, and
            "total" is there.
    """

    presentations: int
    gates_V: float
    worst_gate_V: float
    root_error_V: float
    truth_root_error_V: float
    energy: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a plant is from ngspice, and how far ngspice is from itself.

    Attributes:
        own: From ngspice at the design's own tolerances.
        tight: From ngspice at tight ones; None where the first was close enough.
        reference: Of ngspice at the design's own tolerances from ngspice at tight ones; None
            where nobody asked.
    """

    own: Deviation
    tight: Deviation | None = None
    reference: Deviation | None = None

    @property
    def judged(self) -> Deviation:
        """What the plant is held to: the comparison with the better reference."""
        return self.tight or self.own


def deviation(ours: Sequence[Played], others: Sequence[Played], labels_V: Floats) -> Deviation:
    """Compare two courses of the same schedule.

    Args:
        ours: One plant's.
        others: The one it is measured by.
        labels_V: What the examples' targets should be: (n_example, n_target), volts.

    Returns:
        How far the first is from the second.
    """
    gates_V = ours[-1].gates_V[-1] - others[-1].gates_V[-1]
    bill, truth = (np.sum([one.energy_J for one in run], axis=0) for run in (ours, others))
    total = float(truth.sum())
    energy = {
        block: float(bill[i] / truth[i] - 1.0)
        for i, block in enumerate(BLOCKS)
        if abs(truth[i]) > _NEGLIGIBLE * total
    }
    return Deviation(
        presentations=len(others),
        gates_V=float(np.sqrt(np.mean(gates_V**2))),
        worst_gate_V=float(np.max(np.abs(gates_V))),
        root_error_V=_root_error_V(ours, labels_V) - _root_error_V(others, labels_V),
        truth_root_error_V=_root_error_V(others, labels_V),
        energy={**energy, "total": float(bill.sum()) / total - 1.0},
    )


def _root_error_V(played: Sequence[Played], labels_V: Floats) -> float:
    """Root of the error over the last evaluation of every example, volts."""
    last = {one.presentation.example: one for one in played if not one.presentation.learning}
    squares = [
        float(np.sum((one.outputs_V[-1] - labels_V[example]) ** 2)) for example, one in last.items()
    ]
    return float(np.sqrt(np.mean(squares)))
