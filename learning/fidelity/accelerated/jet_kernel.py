"""Tables read near a point: a spline's value, slopes and curvatures there, and a parabola about it.

A spline of three variables costs a hundred and more multiplications, and a network that settles
asks for it again and again within a few millivolts. So the point it was last read at is kept with
what stands there to second order (a jet, a row of numbers), and the table is read anew only once a
voltage has gone further than `NEAR_V` from it. What that leaves out is of third order: about
(2 mV / 36 mV)³ / 6, 3e-5 of a current that is exponential in a voltage, or a microvolt at its node.

A jet that was never read stands at a point that is no number, from which everything is far.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.arrays import Floats
from learning.fidelity.accelerated.spline_kernel import compiled, place, weights

NEAR_V = 2e-3
"""How far from where a table was read it is still taken for a parabola, volts."""

_WIDTHS = {1: 4, 2: 8, 3: 13}
"""Numbers of a jet by variables: the point, the value, slopes, curvatures."""


def jets(count: int, variables: int, tables: int = 1) -> Floats:
    """Room for jets, none of them read.

    Args:
        count: How many.
        variables: Of how many variables the tables are, 1 to 3.
        tables: How many tables of the same variables stand behind each other in a row.

    Returns:
        (count, width).
    """
    width = variables + tables * (_WIDTHS[variables] - variables)
    return np.full((count, width), np.nan)


@compiled
def _bends(t: float) -> Any:
    """Second derivatives of a cubic B-spline's four pieces."""
    return 1.0 - t, 3.0 * t - 2.0, 1.0 - 3.0 * t, t


@compiled
def read3(grid: Any, c: Any, x: float, y: float, z: float, jet: Any, d: int) -> None:
    """Put a table's jet at a point into a row. Beyond the grid it is straight."""
    i, tx, ox = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    j, ty, oy = place(y, grid[1, 0], grid[1, 1], grid[1, 2])
    m, tz, oz = place(z, grid[2, 0], grid[2, 1], grid[2, 2])
    wx, dx = weights(tx)
    wy, dy = weights(ty)
    wz, dz = weights(tz)
    sx, sy, sz = _bends(tx), _bends(ty), _bends(tz)
    v = gx = gy = gz = xx = xy = xz = yy = yz = zz = 0.0
    for p in range(4):
        r = ry = ryy = rz = ryz = rzz = 0.0
        for k in range(4):
            row = c[np.uintp(i + p), np.uintp(j + k)]
            a, b = row[np.uintp(m)], row[np.uintp(m + 1)]
            e, f = row[np.uintp(m + 2)], row[np.uintp(m + 3)]
            s = wz[0] * a + wz[1] * b + wz[2] * e + wz[3] * f
            q = dz[0] * a + dz[1] * b + dz[2] * e + dz[3] * f
            r += wy[k] * s
            ry += dy[k] * s
            ryy += sy[k] * s
            rz += wy[k] * q
            ryz += dy[k] * q
            rzz += wy[k] * (sz[0] * a + sz[1] * b + sz[2] * e + sz[3] * f)
        v += wx[p] * r
        gx += dx[p] * r
        gy += wx[p] * ry
        gz += wx[p] * rz
        xx += sx[p] * r
        xy += dx[p] * ry
        xz += dx[p] * rz
        yy += wx[p] * ryy
        yz += wx[p] * ryz
        zz += wx[p] * rzz
    hx, hy, hz = grid[0, 1], grid[1, 1], grid[2, 1]
    bx, by, bz = ox == 0.0, oy == 0.0, oz == 0.0
    jet[d, 0], jet[d, 1], jet[d, 2] = x, y, z
    jet[d, 3] = v + gx * ox + gy * oy + gz * oz
    jet[d, 4], jet[d, 5], jet[d, 6] = gx * hx, gy * hy, gz * hz
    jet[d, 7] = xx * hx * hx if bx else 0.0
    jet[d, 8] = xy * hx * hy if bx and by else 0.0
    jet[d, 9] = xz * hx * hz if bx and bz else 0.0
    jet[d, 10] = yy * hy * hy if by else 0.0
    jet[d, 11] = yz * hy * hz if by and bz else 0.0
    jet[d, 12] = zz * hz * hz if bz else 0.0


@compiled
def far3(jet: Any, d: int, x: float, y: float, z: float, near_V: float) -> Any:
    """Whether a row's jet of three variables is too far from a point."""
    near = abs(x - jet[d, 0]) < near_V and abs(y - jet[d, 1]) < near_V
    return not (near and abs(z - jet[d, 2]) < near_V)


@compiled
def at3(jet: Any, d: int, x: float, y: float, z: float) -> Any:
    """Value and slopes near a row's jet of three variables."""
    u, v, w = x - jet[d, 0], y - jet[d, 1], z - jet[d, 2]
    hx = jet[d, 7] * u + jet[d, 8] * v + jet[d, 9] * w
    hy = jet[d, 8] * u + jet[d, 10] * v + jet[d, 11] * w
    hz = jet[d, 9] * u + jet[d, 11] * v + jet[d, 12] * w
    gx, gy, gz = jet[d, 4], jet[d, 5], jet[d, 6]
    value = jet[d, 3] + u * (gx + 0.5 * hx) + v * (gy + 0.5 * hy) + w * (gz + 0.5 * hz)
    return value, gx + hx, gy + hy, gz + hz


@compiled
def read2(grid: Any, c: Any, x: float, y: float, jet: Any, d: int, first: int) -> None:
    """The same of a table of two variables; what stands there from a place of the row on."""
    i, tx, ox = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    j, ty, oy = place(y, grid[1, 0], grid[1, 1], grid[1, 2])
    wx, dx = weights(tx)
    wy, dy = weights(ty)
    sx, sy = _bends(tx), _bends(ty)
    v = gx = gy = xx = xy = yy = 0.0
    for p in range(4):
        r = ry = ryy = 0.0
        for k in range(4):
            value = c[np.uintp(i + p), np.uintp(j + k)]
            r += wy[k] * value
            ry += dy[k] * value
            ryy += sy[k] * value
        v += wx[p] * r
        gx += dx[p] * r
        gy += wx[p] * ry
        xx += sx[p] * r
        xy += dx[p] * ry
        yy += wx[p] * ryy
    hx, hy = grid[0, 1], grid[1, 1]
    bx, by = ox == 0.0, oy == 0.0
    jet[d, 0], jet[d, 1] = x, y
    jet[d, first] = v + gx * ox + gy * oy
    jet[d, first + 1], jet[d, first + 2] = gx * hx, gy * hy
    jet[d, first + 3] = xx * hx * hx if bx else 0.0
    jet[d, first + 4] = xy * hx * hy if bx and by else 0.0
    jet[d, first + 5] = yy * hy * hy if by else 0.0


@compiled
def far2(jet: Any, d: int, x: float, y: float) -> Any:
    """Whether a row's jet of two variables is too far from a point."""
    return not (abs(x - jet[d, 0]) < NEAR_V and abs(y - jet[d, 1]) < NEAR_V)


@compiled
def at2(jet: Any, d: int, x: float, y: float, first: int) -> Any:
    """The value near a row's jet of two variables that stands from a place of the row on."""
    u, v = x - jet[d, 0], y - jet[d, 1]
    hx = jet[d, first + 3] * u + jet[d, first + 4] * v
    hy = jet[d, first + 4] * u + jet[d, first + 5] * v
    return jet[d, first] + u * (jet[d, first + 1] + 0.5 * hx) + v * (jet[d, first + 2] + 0.5 * hy)


@compiled
def read1(grid: Any, c: Any, x: float, jet: Any, d: int, first: int) -> None:
    """Put the value, slope and curvature of a table of one variable into three places of a row."""
    i, t, beyond = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    w, s = weights(t)
    b = _bends(t)
    value = slope = bend = 0.0
    for k in range(4):
        one = c[np.uintp(i + k)]
        value += w[k] * one
        slope += s[k] * one
        bend += b[k] * one
    jet[d, first] = value + slope * beyond
    jet[d, first + 1] = slope * grid[0, 1]
    jet[d, first + 2] = bend * grid[0, 1] * grid[0, 1] if beyond == 0.0 else 0.0
