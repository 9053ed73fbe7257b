"""The whole course of a run, thinly: gates, outputs and bills at the ends of presentations.

Two presentations are kept with every step; what lies between them are millions of steps. Here one
row stands for one presentation until there are too many, then for two, for four and so on, so that
a run of any length leaves a course of about the same size. A row holds what was billed since the
run began, so that rows may be left out and the power between those that remain is still right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from learning.arrays import Floats

_MOST_NUMBERS = 200_000
"""In all rows: 1.6 megabytes in every checkpoint."""

_FEWEST_ROWS = 64


@dataclass(slots=True)
class Course:
    """Rows at the ends of presentations.

    Attributes:
        rows: Each (1 + n_gate + n_target + n_block,): circuit time in seconds, gates in volts,
            outputs in volts, what each block was billed so far in joules.
        every: Presentations for each row.
    """

    rows: list[Floats] = field(default_factory=list)
    every: int = 1

    def add(
        self,
        presentations: int,
        time_s: float,
        gates_V: Floats,
        outputs_V: Floats,
        energy_J: Floats,
    ) -> None:
        """Take the end of a presentation in, if its turn has come.

        Args:
            presentations: Presentations played so far, this one included.
            time_s: Circuit time so far, seconds.
            gates_V: (n_gate,), volts.
            outputs_V: (n_target,), volts.
            energy_J: (n_block,), billed so far, joules.
        """
        if presentations % self.every:
            return
        self.rows.append(np.concatenate([[time_s], gates_V, outputs_V, energy_J]))
        if len(self.rows) > max(_FEWEST_ROWS, _MOST_NUMBERS // len(self.rows[0])):
            # Rows of an older checkpoint may be missing in front: count from the end.
            self.every *= 2
            late = 1 if presentations % self.every else 0
            self.rows = self.rows[::-1][late::2][::-1]

    def parts(self, n_gate: int, n_block: int) -> tuple[Floats, Floats, Floats, Floats]:
        """The course as columns.

        Args:
            n_gate: Gates in every row.
            n_block: Blocks in every row.

        Returns:
            Time (n_row,) in seconds, gates (n_row, n_gate) and outputs (n_row, n_target) in volts,
            and the mean power of every block since the row before, (n_row, n_block), in watts.
        """
        if not self.rows:
            return np.empty(0), np.empty((0, n_gate)), np.empty((0, 0)), np.empty((0, n_block))
        table = np.array(self.rows)
        time_s, energy_J = table[:, 0], table[:, -n_block:]
        begin = np.zeros((1, 1 + n_block))
        steps = np.diff(np.vstack([begin, np.column_stack([time_s, energy_J])]), axis=0)
        power_W = steps[:, 1:] / np.maximum(steps[:, :1], np.finfo(float).tiny)
        return time_s, table[:, 1 : 1 + n_gate], table[:, 1 + n_gate : -n_block], power_W
