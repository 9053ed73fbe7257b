"""The compiled course of one presentation: nodes follow at once, gates keep or gain charge.

A gate's charge is what the edge holds at its ends' voltages. It stays when only inputs change, so
that gates give a little way to their nodes; while learning is on the update cell's current flows
into it. The window is crossed in midpoint steps, each gate in steps short enough for its own slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.fidelity.accelerated.kernel import (
    CLAMP,
    DRIVER,
    between,
    compiled,
    device_currents,
    ends,
    gate_step,
    solve,
    spline1,
    spline2,
    spline3,
)

TOLERANCE_V = 1e-7
"""Newton's method stops when nodes move by less, volts."""

SHIFT_V = 2e-5
"""A shift of a gate by less changes no current that counts, volts."""

N_POWER = 5
"""Powers of a row: free network, clamped network, drivers, clamps, update cells."""


_TINY = 1e-3
"""Below this share of a time constant a series says what a difference of exponentials cannot."""


@compiled
def gate_charge(net: Any, charge: Any, x: Any, gate: int, v: float) -> tuple[float, float]:
    """What a gate holds at its edge's voltages, and its capacitance there."""
    n_edge = len(net[0]) // 2
    fa, fb = ends(net, x, gate)
    ca, cb = ends(net, x, n_edge + gate)
    q, _, _, c = spline3(charge[0], charge[1], fa, fb, v)
    dq, _, _, dc = spline3(charge[2], charge[3], ca, cb, v)
    return q + dq, c + dc


@compiled
def _flow(update: Any, low: bool, fa: float, fb: float, ca: float, cb: float, v: float) -> Any:
    """Current into a gate and its slope with the gate's voltage."""
    grid, knots, interval = update[0], update[1], update[2]
    seen = update[3] if low else update[5]
    f, df = between(grid, knots, interval, seen, fa, fb, v)
    g, dg = between(grid, knots, interval, update[4], ca, cb, v)
    z, dz = spline1(update[6], update[7], v)
    return f + g + z, df + dg + dz


@compiled
def _advance(net: Any, update: Any, charge: Any, low: bool, x: Any, vg: Any, q: Any, dt: float,
             vg_out: Any, q_out: Any) -> None:  # fmt: skip
    """Let the update cells' currents flow for a time with the nodes where they are."""
    n_edge = len(net[0]) // 2
    for e in range(n_edge):
        fa, fb = ends(net, x, e)
        ca, cb = ends(net, x, n_edge + e)
        v = vg[e]
        held, c = gate_charge(net, charge, x, e, v)
        left, steps = dt, 0
        while left > 0.0:
            i, slope = _flow(update, low, fa, fb, ca, cb, v)
            steps += 1
            step = gate_step(i, slope, c, left, steps)
            z = slope / c * step
            grown = 1.0 + 0.5 * z + z * z / 6.0 if abs(z) < _TINY else (np.exp(z) - 1.0) / z
            v += i / c * step * grown
            left -= step
        vg_out[e] = v
        # what the gate holds now, by how far it was from what its voltage says before
        q_out[e] = q[e] + gate_charge(net, charge, x, e, v)[0] - held


@compiled
def settle(net: Any, edge: Any, amps: Any, work: Any, charge: Any, x: Any, vg: Any, q: Any,
           vin: Any) -> bool:  # fmt: skip
    """Nodes and gates together: currents balance, and every gate holds its charge."""
    for _ in range(8):
        if solve(net, edge, amps, work, x, vg, vin, TOLERANCE_V) < 0:
            return False
        most = 0.0
        for e in range(len(vg)):
            held, c = gate_charge(net, charge, x, e, vg[e])
            step = (q[e] - held) / c
            vg[e] += step
            most = max(most, abs(step))
        if most < SHIFT_V:
            return True
    return True


@compiled
def powers(net: Any, edge: Any, amps: Any, rail: Any, x: Any, vg: Any, vin: Any, on: int,
           current: Any, into: Any, out: Any) -> None:  # fmt: skip
    """Powers of a moment, watts, in the order said at `N_POWER`; `on` is 0 off, 1 on, 2 with λ."""
    device_currents(net, edge, x, vg, current)
    dev_a, dev_b, side = net[0], net[1], net[3]
    into[:, :] = 0.0
    for d in range(len(dev_a)):
        if dev_a[d] >= 0:
            into[dev_a[d], side[d]] += current[d]
        if dev_b[d] >= 0:
            into[dev_b[d], side[d]] -= current[d]
    kind, which, free_of, table = net[8], net[9], net[10], net[13]
    load, rail_V = amps[0], amps[10]
    out[:] = 0.0
    for r in range(len(kind)):
        total = into[r, 0] + into[r, 1]
        if kind[r] == DRIVER:
            k = which[r]
            out[0] += x[r] * into[r, 0]
            out[1] += x[r] * into[r, 1]
            u = x[r] - vin[k] - load * total
            supplied = rail_V * spline2(amps[3], amps[4][table[k]], vin[k], u)[0]
            out[2] += supplied - x[r] * total
        elif kind[r] == CLAMP:
            k = which[r]
            free = x[free_of[r]]
            out[1] += x[r] * total
            u = x[r] - free - amps[5] * (vin[k] - free) - load * total
            supplied = rail_V * spline3(amps[8], amps[9][table[k]], free, vin[k], u)[0]
            out[3] += supplied - x[r] * total
    n_edge = len(dev_a) // 2
    for e in range(n_edge):
        if on == 0:
            out[4] += rail_V * rail[8]
            continue
        fa, fb = ends(net, x, e)
        ca, cb = ends(net, x, n_edge + e)
        seen = rail[3] if on == 1 else rail[5]
        i = between(rail[0], rail[1], rail[2], seen, fa, fb, vg[e])[0]
        i += between(rail[0], rail[1], rail[2], rail[4], ca, cb, vg[e])[0]
        i += spline1(rail[6], rail[7], vg[e])[0]
        out[4] += rail_V * i


@compiled
def _nearest(grid: Any, c: Any, x: float) -> Any:
    """A spline's value at the nearest point of its grid's range."""
    first = grid[0, 0]
    return spline1(grid, c, min(max(x, first), first + (grid[0, 2] - 1.0) / grid[0, 1]))[0]


@compiled
def _join(net: Any, update: Any, join: Any, first: int, x: Any, vg: Any,
          q: Any) -> None:  # fmt: skip
    """The charge of enabling: what is handed over at once, less what flows only after waking."""
    n_edge = len(net[0]) // 2
    for e in range(n_edge):
        fa, fb = ends(net, x, e)
        ca, cb = ends(net, x, n_edge + e)
        v = vg[e]
        f = between(update[0], update[1], update[2], update[3], fa, fb, v)[0]
        g = between(update[0], update[1], update[2], update[4], ca, cb, v)[0]
        handed = _nearest(join[0], join[1][first], v)
        late = _nearest(join[2], join[3][first], v) * f + _nearest(join[2], join[4][first], v) * g
        q[e] += handed - late


@compiled
def play(net: Any, edge: Any, amps: Any, work: Any, charge: Any, update: Any, rail: Any,
         join: Any, x: Any, vg: Any, q: Any, vin: Any, window: Any, n_step: Any, first: int,
         scratch: Any, out_x: Any, out_vg: Any, out_power: Any) -> int:  # fmt: skip
    """Play one presentation; returns its rows, 0 when no state was found.

    `window` holds the time in which learning acts without and with the power weight's pulse;
    `n_step` the steps of each. Rows: before, a row in the middle of every step, after.
    """
    current, into, vg_mid, q_mid = scratch
    if not settle(net, edge, amps, work, charge, x, vg, q, vin):
        return 0
    out_x[0], out_vg[0] = x, vg
    powers(net, edge, amps, rail, x, vg, vin, 0, current, into, out_power[0])
    row = 1
    if n_step[0] + n_step[1] > 0:
        _join(net, update, join, first, x, vg, q)
        if not settle(net, edge, amps, work, charge, x, vg, q, vin):
            return 0
        for part in range(2):
            for _ in range(n_step[part]):
                dt = window[part] / n_step[part]
                low = part == 0
                _advance(net, update, charge, low, x, vg, q, 0.5 * dt, vg_mid, q_mid)
                if not settle(net, edge, amps, work, charge, x, vg_mid, q_mid, vin):
                    return 0
                out_x[row], out_vg[row] = x, vg_mid
                powers(net, edge, amps, rail, x, vg_mid, vin, 1 + part, current, into,
                       out_power[row])  # fmt: skip
                row += 1
                for e in range(len(vg)):
                    held, c = gate_charge(net, charge, x, e, vg[e])
                    vg[e] += (q[e] - held) / c
                _advance(net, update, charge, low, x, vg, q, dt, vg, q)
                if not settle(net, edge, amps, work, charge, x, vg, q, vin):
                    return 0
    out_x[row], out_vg[row] = x, vg
    powers(net, edge, amps, rail, x, vg, vin, 0, current, into, out_power[row])
    return row + 1
