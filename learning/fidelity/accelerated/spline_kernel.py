"""The compiled reading of tables: uniform cubic B-splines in one to four variables.

Plain arrays in, numbers out; `learning.fidelity.accelerated.spline` says what the arrays are.
"""

from __future__ import annotations

from typing import Any

from learning.twin import compiled as numba

compiled = numba.compiled(lends=True, fastmath={"reassoc", "contract"})
"""Sums may be reordered; nothing else is relaxed. Arrays are the caller's, none is made: a whole
array is put into another by a loop, since numba would make a copy of it first."""


_SIXTH = 1.0 / 6.0
"""Dividing by six four times takes as long as all else that `weights` does."""


@compiled
def place(x: float, first: float, inverse: float, count: float) -> tuple[int, float, float]:
    """Cell, place within it, and how far beyond the grid, in steps."""
    s = (x - first) * inverse
    beyond = 0.0
    if s < 0.0:
        beyond = s
        s = 0.0
    elif s > count - 1.0:
        beyond = s - (count - 1.0)
        s = count - 1.0
    i = int(s)
    i = min(i, int(count) - 2)
    return i, s - i, beyond


@compiled
def weights(t: float) -> Any:
    """A cubic B-spline's four pieces at a place within a cell, and their slopes."""
    u = 1.0 - t
    w = (u * u * u * _SIXTH, (0.5 * t - 1.0) * t * t + 4.0 * _SIXTH,
         (0.5 * u - 1.0) * u * u + 4.0 * _SIXTH, t * t * t * _SIXTH)  # fmt: skip
    d = (-0.5 * u * u, (1.5 * t - 2.0) * t, (-1.5 * u + 2.0) * u, 0.5 * t * t)
    return w, d


@compiled
def spline1(grid: Any, c: Any, x: float) -> tuple[float, float]:
    """Value and slope of a spline of one variable."""
    i, t, beyond = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    w, d = weights(t)
    value = w[0] * c[i] + w[1] * c[i + 1] + w[2] * c[i + 2] + w[3] * c[i + 3]
    slope = d[0] * c[i] + d[1] * c[i + 1] + d[2] * c[i + 2] + d[3] * c[i + 3]
    return value + slope * beyond, slope * grid[0, 1]


@compiled
def spline2(grid: Any, c: Any, x: float, y: float) -> tuple[float, float, float]:
    """Value and slopes of a spline of two variables."""
    i, tx, ox = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    j, ty, oy = place(y, grid[1, 0], grid[1, 1], grid[1, 2])
    wx, dx = weights(tx)
    wy, dy = weights(ty)
    v = 0.0
    gx = 0.0
    gy = 0.0
    for p in range(4):
        r = 0.0
        q = 0.0
        for k in range(4):
            value = c[i + p, j + k]
            r += wy[k] * value
            q += dy[k] * value
        v += wx[p] * r
        gx += dx[p] * r
        gy += wx[p] * q
    return v + gx * ox + gy * oy, gx * grid[0, 1], gy * grid[1, 1]


@compiled
def spline3(grid: Any, c: Any, x: float, y: float, z: float) -> tuple[float, float, float, float]:
    """Value and slopes of a spline of three variables."""
    i, tx, ox = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    j, ty, oy = place(y, grid[1, 0], grid[1, 1], grid[1, 2])
    m, tz, oz = place(z, grid[2, 0], grid[2, 1], grid[2, 2])
    wx, dx = weights(tx)
    wy, dy = weights(ty)
    wz, dz = weights(tz)
    v = 0.0
    gx = 0.0
    gy = 0.0
    gz = 0.0
    for p in range(4):
        r = 0.0
        ry = 0.0
        rz = 0.0
        for k in range(4):
            a, b, e, f = (c[i + p, j + k, m], c[i + p, j + k, m + 1],
                          c[i + p, j + k, m + 2], c[i + p, j + k, m + 3])  # fmt: skip
            s = wz[0] * a + wz[1] * b + wz[2] * e + wz[3] * f
            q = dz[0] * a + dz[1] * b + dz[2] * e + dz[3] * f
            r += wy[k] * s
            ry += dy[k] * s
            rz += wy[k] * q
        v += wx[p] * r
        gx += dx[p] * r
        gy += wx[p] * ry
        gz += wx[p] * rz
    v += gx * ox + gy * oy + gz * oz
    return v, gx * grid[0, 1], gy * grid[1, 1], gz * grid[2, 1]


@compiled
def spline4(grid: Any, c: Any, x: float, y: float, z: float, u: float) -> Any:
    """Value and slopes of a spline of four variables."""
    i, t, beyond = place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    w, d = weights(t)
    others = grid[1:]
    v = gx = gy = gz = gu = 0.0
    for p in range(4):
        one, along_y, along_z, along_u = spline3(others, c[i + p], y, z, u)
        v += w[p] * one
        gx += d[p] * one
        gy += w[p] * along_y
        gz += w[p] * along_z
        gu += w[p] * along_u
    return v + gx * beyond, gx * grid[0, 1], gy, gz, gu


@compiled
def nearest(grid: Any, c: Any, x: float) -> Any:
    """A spline's value at the nearest point of its grid's range."""
    first = grid[0, 0]
    return spline1(grid, c, min(max(x, first), first + (grid[0, 2] - 1.0) / grid[0, 1]))[0]
