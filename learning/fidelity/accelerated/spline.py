"""Uniform cubic B-splines in one to four variables: how every table is interpolated.

On a uniform grid a value and its slopes cost a handful of multiplications and no search, and the
compiled solver reads the coefficients as plain arrays. Ends are not-a-knot: the first two pieces
are one polynomial, so that a table says nothing at its border that was not measured. Beyond the
border a table goes on straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats

_FEWEST = 5
"""Grid points that the end conditions need."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A uniform grid.

    Attributes:
        first: Its first value.
        step: Distance of two values.
        count: How many.
    """

    first: float
    step: float
    count: int

    @property
    def values(self) -> Floats:
        """(count,), the grid."""
        return np.asarray(self.first + self.step * np.arange(self.count), dtype=np.float64)


def axis(low: float, high: float, count: int) -> Axis:
    """A uniform grid over a range.

    Args:
        low: First value.
        high: Last value.
        count: How many values, at least five.

    Returns:
        The grid.
    """
    return Axis(low, (high - low) / (count - 1), max(count, _FEWEST))


@dataclass(frozen=True, slots=True, eq=False)
class Spline:
    """Coefficients over a grid.

    Attributes:
        axes: One per variable.
        coefficients: Two more along every axis than the grid has points.
    """

    axes: tuple[Axis, ...]
    coefficients: Floats

    @property
    def grid(self) -> Floats:
        """(n_axis, 3): first value, one over the step, number of points; as kernels read it."""
        rows = [(one.first, 1.0 / one.step, float(one.count)) for one in self.axes]
        return np.array(rows)


def through(axes: Sequence[Axis], values: Floats) -> Spline:
    """The spline through measured values.

    Args:
        axes: The grid.
        values: One per grid point.

    Returns:
        The spline.
    """
    coefficients = np.asarray(values, dtype=float)
    for place, one in enumerate(axes):
        moved = np.moveaxis(coefficients, place, 0)
        padded = np.concatenate([moved, np.zeros((2, *moved.shape[1:]))])
        solved = np.linalg.solve(_conditions(one.count), padded.reshape(one.count + 2, -1))
        coefficients = np.moveaxis(solved.reshape(padded.shape), 0, place)
    return Spline(tuple(axes), np.ascontiguousarray(coefficients))


def _conditions(count: int) -> Floats:
    """Interpolation at every grid point, then both ends: the third derivative does not jump."""
    matrix = np.zeros((count + 2, count + 2))
    for row in range(count):
        matrix[row, row : row + 3] = 1 / 6, 4 / 6, 1 / 6
    ends = (1.0, -4.0, 6.0, -4.0, 1.0)
    matrix[count, :5] = ends
    matrix[count + 1, -5:] = ends
    return matrix
