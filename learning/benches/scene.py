"""Where in its range a cell is measured: the voltages a network of this process has.

Shares of the rail and not volts, because a board's cells work on 5 V and a chip's on 1.8 V. On
1.8 V they are the shipped designs' own: nodes from 0 to 0.45 V, gates from 0.5 to 1.4 V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats

_NODES, _MIDDLE, _DROP = 0.25, 1 / 9, 1 / 18
_GATES = (0.28, 0.78)


@dataclass(frozen=True, slots=True)
class Scene:
    """Voltages of a network.

    Attributes:
        rail_V: Supply, volts.
        gate_V: Where gates start, volts.
    """

    rail_V: float
    gate_V: float

    @property
    def span_V(self) -> float:
        """Highest voltage of a node, volts."""
        return _NODES * self.rail_V

    @property
    def middle_V(self) -> float:
        """Where an edge's ends are on average, volts."""
        return _MIDDLE * self.rail_V

    @property
    def drop_V(self) -> float:
        """A drop as edges have it, volts."""
        return _DROP * self.rail_V

    def nodes_V(self, count: int) -> Floats:
        """So many voltages over the range of a node, volts."""
        return np.linspace(0.0, self.span_V, count)

    def gates_V(self, count: int) -> Floats:
        """So many voltages over the range of a gate, volts."""
        low, high = _GATES
        return np.linspace(low * self.rail_V, high * self.rail_V, count)
