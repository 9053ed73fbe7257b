"""What a training of the linear twin leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.twin.constraint import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """The record of a training; every row is taken before the update of its step.

    Attributes:
        step: (n_record,).
        error: Squared target error summed over targets, averaged over examples: (n_record,), V².
        power: Half the dissipation of the free state, ½·Σk·ΔV², averaged over examples as the
            source paper counts it: (n_record,), watts.
        k: Conductance of every edge in the graph's order: (n_record, n_edge), siemens.
        final_k: Conductances after the last update: (n_edge,), siemens.
        final_error: Error after the last update, V².
        final_power: Power after the last update, watts.
    """

    step: Ints
    error: Floats
    power: Floats
    k: Floats
    final_k: Floats
    final_error: float
    final_power: float


class Recorder:
    """Collects the rows of a record.

    Args:
        every: Steps between two rows.
        steps: Steps of the training.
        n_edge: Number of edges.
    """

    def __init__(self, every: int, steps: int, n_edge: int) -> None:
        rows = -(-steps // every)
        self._step = np.arange(rows, dtype=np.int64) * every
        self._error, self._power = np.empty(rows), np.empty(rows)
        self._k, self._filled = np.empty((rows, n_edge)), 0

    def add(self, error: float, power: float, k: Floats) -> None:
        """Add the next row."""
        row = self._filled
        self._error[row], self._power[row], self._k[row] = error, power, k
        self._filled += 1

    def done(self, error: float, power: float, k: Floats) -> Training:
        """Close the record with the state after the last update."""
        return Training(self._step, self._error, self._power, self._k, k.copy(), error, power)
