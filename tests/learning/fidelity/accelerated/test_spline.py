"""Splines against the polynomials they must reproduce."""

from __future__ import annotations

import numpy as np
import pytest

from learning.fidelity.accelerated.presentation_kernel import between
from learning.fidelity.accelerated.spline import axis, through
from learning.fidelity.accelerated.spline_kernel import spline1, spline2, spline3, spline4

X, Y, Z = axis(-0.2, 0.7, 9), axis(0.0, 1.0, 7), axis(-1.0, 2.0, 6)


def cubic(x: float, y: float, z: float) -> float:
    return 1.0 + x * y - 2.0 * x**3 + 0.5 * y**2 * z + z**3


def test_a_cubic_is_reproduced_with_its_slopes() -> None:
    grid = np.meshgrid(X.values, Y.values, Z.values, indexing="ij")
    table = through((X, Y, Z), cubic(*grid))
    rng = np.random.default_rng(0)
    for x, y, z in rng.uniform((-0.2, 0.0, -1.0), (0.7, 1.0, 2.0), (20, 3)):
        value, *slopes = spline3(table.grid, table.coefficients, x, y, z)
        assert value == pytest.approx(cubic(x, y, z), abs=1e-12)
        expected = (y - 6.0 * x**2, x + y * z, 0.5 * y**2 + 3.0 * z**2)
        assert slopes == pytest.approx(expected, abs=1e-10)


def test_so_is_one_of_four_variables() -> None:
    grid = np.meshgrid(X.values, Y.values, Z.values, X.values, indexing="ij")
    table = through((X, Y, Z, X), cubic(*grid[:3]) * (1.0 + grid[3] ** 2))
    rng = np.random.default_rng(0)
    for x, y, z, u in rng.uniform((-0.2, 0.0, -1.0, -0.2), (0.7, 1.0, 2.0, 0.7), (20, 4)):
        value, *slopes = spline4(table.grid, table.coefficients, x, y, z, u)
        share = 1.0 + u**2
        assert value == pytest.approx(share * cubic(x, y, z), abs=1e-11)
        expected = [y - 6.0 * x**2, x + y * z, 0.5 * y**2 + 3.0 * z**2]
        expected = [*(share * one for one in expected), 2.0 * u * cubic(x, y, z)]
        assert slopes == pytest.approx(expected, abs=1e-9)


def test_beyond_its_border_a_table_goes_on_straight() -> None:
    table = through((X, Y), np.add.outer(X.values**2, Y.values))
    value, slope_x, slope_y = spline2(table.grid, table.coefficients, 1.7, 3.0)
    assert (value, slope_x, slope_y) == pytest.approx((0.49 + 1.4 * 1.0 + 3.0, 1.4, 1.0))
    line = through((X,), X.values**2)
    assert spline1(line.grid, line.coefficients, -0.3) == pytest.approx((0.04 + 0.04, -0.4))


def test_between_knots_it_is_straight() -> None:
    """Knots at the third of four fine places: 0, 2 and 3."""
    planes = np.stack([through((X, Y), np.full((9, 7), v)).coefficients for v in (1.0, 3.0, 4.5)])
    knots, interval = np.array([0.0, 0.2, 0.3]), np.array([0, 0, 1])
    grid = through((X, Y), np.zeros((9, 7))).grid
    row = np.full((1, 15), np.nan)
    heights = (0.05, 0.15, 0.25, 9.0)
    seen = [between(grid, knots, interval, planes, 0.1, 0.5, z, row, 0) for z in heights]
    assert [value for value, _ in seen] == pytest.approx([1.5, 2.5, 3.75, 4.5])
    assert [slope for _, slope in seen] == pytest.approx([10.0, 10.0, 15.0, 15.0])
