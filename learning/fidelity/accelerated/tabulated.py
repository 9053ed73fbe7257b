"""A table read from Python, one point at a time; the compiled solver reads the same arrays."""

from __future__ import annotations

from learning.fidelity.accelerated.spline import Spline
from learning.fidelity.accelerated.spline_kernel import spline1, spline2, spline3, spline4

_KERNELS = {1: spline1, 2: spline2, 3: spline3, 4: spline4}


def value(table: Spline, *at: float) -> float:
    """A table's value at a point.

    Args:
        table: The table.
        *at: One number per axis.

    Returns:
        The value, in the table's unit.
    """
    return float(_KERNELS[len(table.axes)](table.grid, table.coefficients, *at)[0])


def slopes(table: Spline, *at: float) -> tuple[float, ...]:
    """A table's slopes at a point.

    Args:
        table: The table.
        *at: One number per axis.

    Returns:
        One per axis, in the table's unit per the axis's.
    """
    found = _KERNELS[len(table.axes)](table.grid, table.coefficients, *at)
    return tuple(float(one) for one in found[1:])
