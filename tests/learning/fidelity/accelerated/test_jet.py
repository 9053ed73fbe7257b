"""Jets against the splines they are read from."""

from __future__ import annotations

import numpy as np
import pytest

from learning.fidelity.accelerated.jet_kernel import (
    NEAR_V,
    at2,
    at3,
    far2,
    far3,
    jets,
    read1,
    read2,
    read3,
)
from learning.fidelity.accelerated.spline import axis, through
from learning.fidelity.accelerated.spline_kernel import spline1, spline2, spline3

AXES = axis(0.0, 0.6, 13), axis(0.0, 0.6, 13), axis(0.2, 1.2, 21)
SLOPE_V = 0.1


def _table(variables: int):
    grids = np.meshgrid(*(one.values for one in AXES[:variables]), indexing="ij")
    return through(AXES[:variables], np.exp(sum(grids) / SLOPE_V) / 1e6)


@pytest.mark.parametrize("point", [(0.21, 0.4, 0.9), (-0.03, 0.3, 0.7), (0.3, 0.65, 1.25)])
def test_three_variables(point):
    """Read where it stands, exactly; near it, to third order; beyond the grid straight."""
    table, row = _table(3), jets(2, 3)
    assert far3(row, 1, *point, NEAR_V)
    read3(table.grid, table.coefficients, *point, row, 1)
    assert not far3(row, 1, *point, NEAR_V)
    assert far3(row, 1, point[0], point[1] + 1.01 * NEAR_V, point[2], NEAR_V)
    assert np.isnan(row[0]).all()
    exact = spline3(table.grid, table.coefficients, *point)
    np.testing.assert_allclose(at3(row, 1, *point), exact, rtol=1e-12)
    if point[0] < 0.0 or point[1] > AXES[1].values[-1]:
        return
    moved = tuple(one + 0.9 * NEAR_V for one in point)
    near = spline3(table.grid, table.coefficients, *moved)
    third = (3 * NEAR_V / SLOPE_V) ** 3 / 6
    np.testing.assert_allclose(at3(row, 1, *moved)[0], near[0], rtol=2 * third)
    np.testing.assert_allclose(at3(row, 1, *moved)[1:], near[1:], rtol=0.01)
    straight = exact[0] + 0.9 * NEAR_V * sum(exact[1:])
    assert abs(straight - near[0]) > 10 * abs(at3(row, 1, *moved)[0] - near[0])


def test_two_variables():
    table, row = _table(2), jets(1, 2, 2)
    read2(table.grid, table.coefficients, 0.2, 0.35, row, 0, 8)
    assert not far2(row, 0, 0.2, 0.35)
    assert far2(row, 0, 0.2 - 1.01 * NEAR_V, 0.35)
    exact = spline2(table.grid, table.coefficients, 0.2, 0.35)
    np.testing.assert_allclose(at2(row, 0, 0.2, 0.35, 8), exact[0], rtol=1e-12)
    near = spline2(table.grid, table.coefficients, 0.201, 0.351)[0]
    np.testing.assert_allclose(at2(row, 0, 0.201, 0.351, 8), near, rtol=2e-5)


def test_one_variable():
    table, row = _table(1), jets(1, 1)
    read1(table.grid, table.coefficients, 0.33, row, 0, 1)
    value, slope = spline1(table.grid, table.coefficients, 0.33)
    np.testing.assert_allclose(row[0, 1:3], (value, slope), rtol=1e-12)
    later = spline1(table.grid, table.coefficients, 0.331)[1]
    np.testing.assert_allclose(row[0, 2] + 1e-3 * row[0, 3], later, rtol=1e-4)
