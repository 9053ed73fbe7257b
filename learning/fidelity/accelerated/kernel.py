"""The compiled inner loops: splines, a sparse factorisation on a fixed pattern, Newton's method.

Everything here works on plain arrays in tuples, laid out by `learning.fidelity.accelerated.layout`,
and returns numbers; what they mean is said there.
"""

from __future__ import annotations

from typing import Any

from learning.twin import compiled as numba

compiled = numba.compiled(fastmath={"reassoc", "contract"})
"""Sums may be reordered; nothing else is relaxed."""

LEAK_S = 1e-13
"""Keeps a node solvable whose edges are all off, siemens."""

_LOST_V, _LONGEST_V = 1e6, 0.2
"""A step that means that nothing is to be found, and the longest one taken, volts."""

_QUICK, _CAREFUL = 60, 100
"""Turns in which factors may be kept, and those after them in which none are."""

_SHORT_V, _SHORT = 0.05, 50
"""The longest step at first of those, and how many it holds for, volts."""

_FAR_V, _NEAR_V, _SLOW = 0.05, 0.02, 0.3
"""Steps after which slopes are found anew: long ones, and those that shrink too little, volts."""

KCL, DRIVER, CLAMP = 0, 1, 2
"""What an equation says: currents add up to nothing, or an amplifier holds a node."""


@compiled
def _place(x: float, first: float, inverse: float, count: float) -> tuple[int, float, float]:
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
def _weights(t: float) -> Any:
    u = 1.0 - t
    w = (u * u * u / 6.0, (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
         (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0, t * t * t / 6.0)  # fmt: skip
    d = (-0.5 * u * u, (1.5 * t - 2.0) * t, (-1.5 * u + 2.0) * u, 0.5 * t * t)
    return w, d


@compiled
def spline1(grid: Any, c: Any, x: float) -> tuple[float, float]:
    """Value and slope of a spline of one variable."""
    i, t, beyond = _place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    w, d = _weights(t)
    value = w[0] * c[i] + w[1] * c[i + 1] + w[2] * c[i + 2] + w[3] * c[i + 3]
    slope = d[0] * c[i] + d[1] * c[i + 1] + d[2] * c[i + 2] + d[3] * c[i + 3]
    return value + slope * beyond, slope * grid[0, 1]


@compiled
def spline2(grid: Any, c: Any, x: float, y: float) -> tuple[float, float, float]:
    """Value and slopes of a spline of two variables."""
    i, tx, ox = _place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    j, ty, oy = _place(y, grid[1, 0], grid[1, 1], grid[1, 2])
    wx, dx = _weights(tx)
    wy, dy = _weights(ty)
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
def between(grid: Any, knots: Any, interval: Any, c: Any, x: float, y: float, z: float) -> Any:
    """Value and slope with `z` of what is a spline of (x, y) at knots of z, straight between."""
    place = int((z - knots[0]) * (len(interval) / (knots[-1] - knots[0])))
    k = interval[min(max(place, 0), len(interval) - 1)]
    low = spline2(grid, c[k], x, y)[0]
    slope = (spline2(grid, c[k + 1], x, y)[0] - low) / (knots[k + 1] - knots[k])
    return low + slope * (min(max(z, knots[0]), knots[-1]) - knots[k]), slope


@compiled
def spline3(grid: Any, c: Any, x: float, y: float, z: float) -> tuple[float, float, float, float]:
    """Value and slopes of a spline of three variables."""
    i, tx, ox = _place(x, grid[0, 0], grid[0, 1], grid[0, 2])
    j, ty, oy = _place(y, grid[1, 0], grid[1, 1], grid[1, 2])
    m, tz, oz = _place(z, grid[2, 0], grid[2, 1], grid[2, 2])
    wx, dx = _weights(tx)
    wy, dy = _weights(ty)
    wz, dz = _weights(tz)
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
def factorise(ptr: Any, cols: Any, diag: Any, val: Any, inverse: Any, pos: Any) -> None:
    """LU in place on a pattern that already holds the fill, without pivoting."""
    for i in range(len(diag)):
        for p in range(ptr[i], ptr[i + 1]):
            pos[cols[p]] = p
        for p in range(ptr[i], diag[i]):
            k = cols[p]
            f = val[p] * inverse[k]
            val[p] = f
            if f != 0.0:
                for q in range(diag[k] + 1, ptr[k + 1]):
                    val[pos[cols[q]]] -= f * val[q]
        inverse[i] = 1.0 / val[diag[i]]


@compiled
def substitute(ptr: Any, cols: Any, diag: Any, val: Any, inverse: Any, x: Any) -> None:
    """Solve with the factors, in place."""
    n = len(diag)
    for i in range(n):
        total = x[i]
        for p in range(ptr[i], diag[i]):
            total -= val[p] * x[cols[p]]
        x[i] = total
    for i in range(n - 1, -1, -1):
        total = x[i]
        for p in range(diag[i] + 1, ptr[i + 1]):
            total -= val[p] * x[cols[p]]
        x[i] = total * inverse[i]


@compiled
def _at(x: Any, place: int) -> float:
    return x[place] if place >= 0 else 0.0


@compiled
def device_currents(net: Any, edge: Any, x: Any, vg: Any, current: Any) -> None:
    """Current of every device into its first end."""
    dev_a, dev_b, dev_gate, dev_side, table = net[0], net[1], net[2], net[3], net[12]
    for d in range(len(dev_a)):
        grid, c = (edge[0], edge[1]) if dev_side[d] == 0 else (edge[2], edge[3])
        a, b = _at(x, dev_a[d]), _at(x, dev_b[d])
        current[d] = spline3(grid, c[table[d]], a, b, vg[dev_gate[d]])[0]


@compiled
def _devices(net: Any, edge: Any, x: Any, vg: Any, rhs: Any, val: Any, fresh: bool) -> None:
    """Currents that leave every node through its edges, and with `fresh` their slopes."""
    dev_a, dev_b, dev_gate, dev_side, entry = net[0], net[1], net[2], net[3], net[4]
    table = net[12]
    for d in range(len(dev_a)):
        grid, c = (edge[0], edge[1]) if dev_side[d] == 0 else (edge[2], edge[3])
        ia, ib = dev_a[d], dev_b[d]
        i, ga, gb, _ = spline3(grid, c[table[d]], _at(x, ia), _at(x, ib), vg[dev_gate[d]])
        if ia >= 0:
            rhs[ia] += i
        if ib >= 0:
            rhs[ib] -= i
        if not fresh:
            continue
        if ia >= 0:
            val[entry[d, 0]] += ga
        if ib >= 0:
            val[entry[d, 3]] -= gb
        if ia >= 0 and ib >= 0:
            val[entry[d, 1]] += gb
            val[entry[d, 2]] -= ga


@compiled
def _miss(net: Any, amps: Any, r: int, x: Any, vin: Any, current: float) -> Any:
    """How far an amplifier's node is from where it should be; its slopes with far end and free."""
    k, table = net[9][r], net[13]
    if net[8][r] == DRIVER:
        u = x[r] - vin[k] - amps[0] * current
        w, _, wu = spline2(amps[1], amps[2][table[k]], vin[k], u)
        return x[r] - vin[k] - w, wu, 0.0
    free, label, rest = x[net[10][r]], vin[k], 1.0 - amps[5]
    middle = rest * free + amps[5] * label
    u = x[r] - middle - amps[0] * current
    w, wf, _, wu = spline3(amps[6], amps[7][table[k]], free, label, u)
    return x[r] - middle - w, wu, wu * rest - wf - rest


@compiled
def equations(
    net: Any, edge: Any, amps: Any, x: Any, vg: Any, vin: Any, rhs: Any, val: Any, fresh: bool
) -> None:
    """The residual of every equation, and with `fresh` the matrix of their slopes."""
    ptr, diag, kind, free_entry = net[5], net[7], net[8], net[11]
    rhs[:] = 0.0
    if fresh:
        val[:] = 0.0
    _devices(net, edge, x, vg, rhs, val, fresh)
    for r in range(len(diag)):
        if kind[r] == KCL:
            rhs[r] += LEAK_S * x[r]
            if fresh:
                val[diag[r]] += LEAK_S
            continue
        rhs[r], far, free = _miss(net, amps, r, x, vin, rhs[r])
        if fresh:
            for p in range(ptr[r], ptr[r + 1]):
                val[p] *= far * amps[0]
            val[diag[r]] += 1.0 - far
            if kind[r] == CLAMP:
                val[free_entry[r]] += free


@compiled
def solve(
    net: Any, edge: Any, amps: Any, work: Any, x: Any, vg: Any, vin: Any, tolerance: float
) -> int:
    """Newton's method; keeps the factors while steps shrink. Returns evaluations, -1 for none.

    Where that does not come to an end it begins again from the middle of what is put in, with
    slopes of every point and shorter steps.
    """
    ptr, cols, diag = net[5], net[6], net[7]
    val, inverse, pos, rhs, state = work
    fresh = state[0] == 0.0
    before = 1e30
    begun = 0
    for turn in range(_QUICK + _CAREFUL):
        careful = begun > 0
        fresh = fresh or careful
        if fresh:
            equations(net, edge, amps, x, vg, vin, rhs, val, True)
            factorise(ptr, cols, diag, val, inverse, pos)
            state[0] = 1.0
        else:
            equations(net, edge, amps, x, vg, vin, rhs, val, False)
        substitute(ptr, cols, diag, val, inverse, rhs)
        longest = 0.0
        for i in range(len(rhs)):
            longest = max(longest, abs(rhs[i]))
        if not longest < _LOST_V or (turn + 1 == _QUICK and not careful):
            if careful:
                return -1
            begun = turn + 1
            x[:] = vin.mean()
            continue
        if not fresh and longest > _SLOW * before and longest > tolerance:
            fresh = True
            before = 1e30
            continue
        furthest = _SHORT_V if careful and turn < begun + _SHORT else _LONGEST_V
        scale = min(1.0, furthest / max(longest, 1e-30))
        for i in range(len(rhs)):
            x[i] -= scale * rhs[i]
        if longest < tolerance:
            return turn + 1
        fresh = (fresh and longest > _NEAR_V) or longest > _FAR_V
        before = longest
    return -1


@compiled
def ends(net: Any, x: Any, device: int) -> tuple[float, float]:
    """Voltages of a device's two ends; ground is 0."""
    a, b = net[0][device], net[1][device]
    return (x[a] if a >= 0 else 0.0), (x[b] if b >= 0 else 0.0)


_STEEP, _GATE_FAR_V, _MOST = 0.2, 0.03, 400
"""Of a gate's step: how much of its time constant, how far, volts, and how many at most."""


@compiled
def gate_step(i: float, slope: float, c: float, left: float, steps: int) -> float:
    """How far in time a gate may go at once: its current stays nearly what it was."""
    step = left
    if abs(slope) * step > _STEEP * c:
        step = _STEEP * c / abs(slope)
    if abs(i) * step > _GATE_FAR_V * c:
        step = _GATE_FAR_V * c / abs(i)
    return left if steps > _MOST or step > left else step
