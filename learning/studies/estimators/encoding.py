"""Columns of numbers as voltages: one straight line per column, fitted to what was learned from.

A network of positive conductances answers with weighted means of its sources, so that no answer
falls where a source rises. The mirror of a column, low + high - volts, on a source of its own, lets
it fall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """How columns become voltages.

    Attributes:
        low: Least value of each column, (n_column,), any unit.
        high: The largest, (n_column,).
        low_V: What the least value becomes, volts.
        high_V: What the largest becomes, volts.
        mirrored: Whether the mirror of every column follows the columns.
    """

    low: Floats
    high: Floats
    low_V: float
    high_V: float
    mirrored: bool = False

    def volts(self, values: Floats) -> Floats:
        """Columns as voltages; what is beyond the range is put at its end.

        Args:
            values: (n_row, n_column), any unit.

        Returns:
            (n_row, n_column), twice as many columns when mirrored, volts. A column that never
            changed stands in the middle.
        """
        varies = self.high > self.low
        span = np.where(varies, self.high - self.low, 1.0)
        with np.errstate(over="ignore"):  # what is infinitely far out is at the end, too
            share = np.where(varies, np.clip((values - self.low) / span, 0.0, 1.0), 0.5)
        both = np.hstack([share, 1.0 - share]) if self.mirrored else share
        volts = self.low_V + both * (self.high_V - self.low_V)
        return np.asarray(np.clip(volts, self.low_V, self.high_V))

    def units(self, volts: Floats) -> Floats:
        """Voltages in the columns' own units; the inverse of `volts` without mirrors.

        Args:
            volts: (n_row, n_column), volts; beyond the range too.

        Returns:
            (n_row, n_column), any unit.
        """
        share = (volts - self.low_V) / (self.high_V - self.low_V)
        return np.asarray(self.low + share * (self.high - self.low))


def fitted(values: Floats, range_V: tuple[float, float], *, mirrored: bool = False) -> Encoding:
    """The encoding that fills a range of voltages.

    Args:
        values: (n_row, n_column), any unit.
        range_V: Lowest and highest voltage.
        mirrored: As in `Encoding`.

    Returns:
        The encoding.

    Raises:
        ValueError: For numbers too great or too close together to be told apart.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    with np.errstate(over="ignore"):
        span = high - low
    wrong = np.flatnonzero(~np.isfinite(span) | ((span > 0.0) & (span < np.finfo(float).tiny)))
    if wrong.size:
        column = int(wrong[0])
        raise ValueError(
            f"column {column} goes from {low[column]:g} to {high[column]:g}, which no scale brings "
            "to volts: write it in another unit"
        )
    return Encoding(low, high, *range_V, mirrored)
