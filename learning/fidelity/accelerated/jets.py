"""All room for jets that a player has, so that it can forget them together and begin anew."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from learning.arrays import Floats
from learning.fidelity.accelerated.jet_kernel import jets


@dataclass(frozen=True, slots=True)
class Jets:
    """Rooms for jets.

    Attributes:
        rooms: Those given out so far.
    """

    rooms: list[Floats] = field(default_factory=list)

    def room(self, count: int, variables: int, tables: int = 1, more: int = 0) -> Floats:
        """Give out a room, none of whose jets was read.

        Args:
            count: How many jets.
            variables: Of how many variables the tables are, 1 to 3.
            tables: How many tables of the same variables stand behind each other in a row.
            more: Places behind them in a row, not numbers either.

        Returns:
            (count, width).
        """
        made = np.hstack([jets(count, variables, tables), np.full((count, more), np.nan)])
        self.rooms.append(made)
        return made

    def forget(self) -> None:
        """Have no jet read."""
        for room in self.rooms:
            room[:] = np.nan
