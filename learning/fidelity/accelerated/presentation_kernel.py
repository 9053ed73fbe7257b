"""The compiled course of one presentation: nodes follow at once, gates keep or gain charge.

A gate's charge is what the edge holds at its ends' voltages. It stays when only inputs change, so
that gates give a little way to their nodes; while learning is on the update cell's current flows
into it. The window is crossed in midpoint steps, each gate in steps short enough for its own slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.fidelity.accelerated.jet_kernel import (
    NEAR_V,
    at2,
    far2,
    read1,
    read2,
)
from learning.fidelity.accelerated.kernel import (
    CLAMP,
    DRIVER,
    KCL,
    at,
    copy,
    device_currents,
    gate_charges,
    gate_step,
    put,
    settle,
    shift,
)
from learning.fidelity.accelerated.spline_kernel import (
    compiled,
    nearest,
    spline1,
    spline2,
    spline3,
    spline4,
)

TOLERANCE_V = 1e-6
"""Newton's method stops when nodes move by less, volts."""

SHIFT_V = 2e-5
"""A shift of a gate by less changes no current that counts, volts."""


STARTS = 4
"""Rounds in which nodes and gate charges find each other at a start."""

_TINY = 1e-3
"""Below this share of a time constant a series says what a difference of exponentials cannot."""


@compiled
def between(grid: Any, knots: Any, interval: Any, c: Any, x: float, y: float, z: float, jet: Any,
             d: int) -> Any:  # fmt: skip
    """Value and slope with `z` of what is a table of (x, y) at knots of z, straight between.

    A row of `jet` has the ends, the table at the knot below, the table at the one above, and which.
    """
    place = int((z - knots[0]) * (len(interval) / (knots[-1] - knots[0])))
    k = interval[min(max(place, 0), len(interval) - 1)]
    if jet[d, 14] != k or far2(jet, d, x, y):
        read2(grid, c[k], x, y, jet, d, 2)
        read2(grid, c[k + 1], x, y, jet, d, 8)
        jet[d, 14] = k
    low = at2(jet, d, x, y, 2)
    slope = (at2(jet, d, x, y, 8) - low) / (knots[k + 1] - knots[k])
    return low + slope * (min(max(z, knots[0]), knots[-1]) - knots[k]), slope


@compiled
def _advance(net: Any, update: Any, capacity: Any, low: bool, x: Any, vg: Any, dt: float,
             vg_out: Any) -> None:  # fmt: skip
    """Let the update cells' currents flow for a time with the nodes where they are."""
    dev_a, dev_b, n_edge = net[0], net[1], len(vg)
    grid, knots, interval, own, clamped, weighed, rest_grid, rest = update[:8]
    own_jet, clamped_jet, weighed_jet, rest_jet = update[8]
    for e in range(n_edge):
        fa, fb = at(x, dev_a[e]), at(x, dev_b[e])
        ca, cb = at(x, dev_a[n_edge + e]), at(x, dev_b[n_edge + e])
        v, c, left, steps = vg[e], capacity[e], dt, 0
        while left > 0.0:
            if low:
                f, df = between(grid, knots, interval, own, fa, fb, v, own_jet, e)
            else:
                f, df = between(grid, knots, interval, weighed, fa, fb, v, weighed_jet, e)
            g, dg = between(grid, knots, interval, clamped, ca, cb, v, clamped_jet, e)
            u = v - rest_jet[e, 0]
            if not abs(u) < NEAR_V:
                u = 0.0
                rest_jet[e, 0] = v
                read1(rest_grid, rest, v, rest_jet, e, 1)
            i = f + g + rest_jet[e, 1] + u * (rest_jet[e, 2] + 0.5 * u * rest_jet[e, 3])
            slope = df + dg + rest_jet[e, 2] + u * rest_jet[e, 3]
            steps += 1
            step = gate_step(i, slope, c, left, steps)
            z = slope / c * step
            grown = 1.0 + 0.5 * z + z * z / 6.0 if abs(z) < _TINY else (np.exp(z) - 1.0) / z
            v += i / c * step * grown
            left -= step
        vg_out[e] = v


@compiled
def _flow(net: Any, update: Any, charge: Any, low: bool, x: Any, vg: Any, q: Any, dt: float,
          room: Any, vg_out: Any, q_out: Any) -> None:  # fmt: skip
    """The same with the charge that a gate's voltage says it has got."""
    held, capacity, got = room
    gate_charges(net, charge, x, vg, held, capacity)
    _advance(net, update, capacity, low, x, vg, dt, vg_out)
    gate_charges(net, charge, x, vg_out, got, capacity)
    for e in range(len(vg)):
        q_out[e] = q[e] + got[e] - held[e]


@compiled
def _settle(net: Any, edge: Any, amps: Any, work: Any, charge: Any, room: Any, x: Any, vg: Any,
            q: Any, vin: Any) -> bool:  # fmt: skip
    """Nodes and gates together."""
    held, capacity, _ = room
    found: bool = settle(
        net, edge, amps, work, charge, x, vg, q, held, capacity, vin, TOLERANCE_V, SHIFT_V
    )
    return found


@compiled
def begin(net: Any, edge: Any, amps: Any, work: Any, charge: Any, room: Any, given: Any, vin: Any,
          x: Any, vg: Any, q: Any) -> None:  # fmt: skip
    """Put the charge on gates that they have at given voltages, and nodes where they then are."""
    for _ in range(STARTS):
        copy(vg, given)
        gate_charges(net, charge, x, vg, q, room[1])
        _settle(net, edge, amps, work, charge, room, x, vg, q, vin)
    copy(vg, given)
    gate_charges(net, charge, x, vg, q, room[1])


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
    kind, which, looks, table = net[8], net[9], net[10], net[13]
    load, rail_V, nudge = amps[0], amps[10], amps[5]
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
        elif kind[r] != KCL:
            k = which[r]
            free = at(x, looks[r, 0])
            out[1] += x[r] * total
            if kind[r] == CLAMP:
                u = x[r] - free - nudge * (vin[k] - free) - load * total
                taken = spline3(amps[8], amps[9][table[k]], free, vin[k], u)[0]
            else:
                other = at(x, looks[r, 1])
                u = x[r] - free + 0.5 * nudge * (free - other - vin[k]) - load * total
                taken = spline4(amps[13], amps[14][table[k]], free, other, vin[k], u)[0]
            out[3] += rail_V * taken - x[r] * total
    out[4] = rail_V * _taken(net, rail, x, vg, on)


@compiled
def _taken(net: Any, rail: Any, x: Any, vg: Any, on: int) -> float:
    """What all update cells take from the rail, amperes."""
    dev_a, dev_b, n_edge = net[0], net[1], len(vg)
    grid, knots, interval, own, clamped, weighed, rest_grid, rest = rail[:8]
    own_jet, clamped_jet, weighed_jet, _ = rail[8]
    total = 0.0
    if on == 0:
        return float(n_edge * rail[9])
    for e in range(n_edge):
        fa, fb = at(x, dev_a[e]), at(x, dev_b[e])
        ca, cb = at(x, dev_a[n_edge + e]), at(x, dev_b[n_edge + e])
        if on == 1:
            total += between(grid, knots, interval, own, fa, fb, vg[e], own_jet, e)[0]
        else:
            total += between(grid, knots, interval, weighed, fa, fb, vg[e], weighed_jet, e)[0]
        total += between(grid, knots, interval, clamped, ca, cb, vg[e], clamped_jet, e)[0]
        total += spline1(rest_grid, rest, vg[e])[0]
    return total


@compiled
def _join(net: Any, update: Any, join: Any, first: int, x: Any, vg: Any,
          q: Any) -> None:  # fmt: skip
    """The charge of enabling: what is handed over at once, less what flows only after waking."""
    dev_a, dev_b, n_edge = net[0], net[1], len(vg)
    grid, knots, interval, own, clamped = update[:5]
    own_jet, clamped_jet, _, _ = update[8]
    handed_grid, handed, late_grid, free_late, clamped_late = join
    for e in range(n_edge):
        fa, fb = at(x, dev_a[e]), at(x, dev_b[e])
        ca, cb = at(x, dev_a[n_edge + e]), at(x, dev_b[n_edge + e])
        v = vg[e]
        f = between(grid, knots, interval, own, fa, fb, v, own_jet, e)[0]
        g = between(grid, knots, interval, clamped, ca, cb, v, clamped_jet, e)[0]
        late = nearest(late_grid, free_late[first], v) * f
        late += nearest(late_grid, clamped_late[first], v) * g
        q[e] += nearest(handed_grid, handed[first], v) - late


@compiled
def _show(net: Any, edge: Any, amps: Any, work: Any, charge: Any, update: Any, rail: Any,
         join: Any, x: Any, vg: Any, q: Any, vin: Any, window: Any, n_step: Any, first: int,
         scratch: Any, out_x: Any, out_vg: Any, out_power: Any) -> bool:  # fmt: skip
    """Play one presentation; returns whether states were found.

    `window` holds the time in which learning acts without and with the power weight's pulse;
    `n_step` the steps of each. Rows: before, a row in the middle of every step, after.
    """
    current, into, vg_mid, q_mid, room = scratch
    held, capacity, _ = room
    if not _settle(net, edge, amps, work, charge, room, x, vg, q, vin):
        return False
    put(out_x, 0, x)
    put(out_vg, 0, vg)
    powers(net, edge, amps, rail, x, vg, vin, 0, current, into, out_power[0])
    row = 1
    if n_step[0] + n_step[1] > 0:
        _join(net, update, join, first, x, vg, q)
        if not _settle(net, edge, amps, work, charge, room, x, vg, q, vin):
            return False
        for part in range(2):
            for _ in range(n_step[part]):
                dt = window[part] / n_step[part]
                low = part == 0
                _flow(net, update, charge, low, x, vg, q, 0.5 * dt, room, vg_mid, q_mid)
                if not _settle(net, edge, amps, work, charge, room, x, vg_mid, q_mid, vin):
                    return False
                put(out_x, row, x)
                put(out_vg, row, vg_mid)
                powers(net, edge, amps, rail, x, vg_mid, vin, 1 + part, current, into,
                       out_power[row])  # fmt: skip
                row += 1
                gate_charges(net, charge, x, vg, held, capacity)
                shift(q, held, capacity, vg)
                _flow(net, update, charge, low, x, vg, q, dt, room, vg, q)
                if not _settle(net, edge, amps, work, charge, room, x, vg, q, vin):
                    return False
    put(out_x, row, x)
    put(out_vg, row, vg)
    powers(net, edge, amps, rail, x, vg, vin, 0, current, into, out_power[row])
    return True


@compiled
def play(net: Any, edge: Any, amps: Any, work: Any, charge: Any, update: Any, rail: Any,
         join: Any, x: Any, vg: Any, q: Any, vin: Any, window: Any, n_step: Any, first: int,
         found: Any, places: Any, scratch: Any, out_x: Any, out_vg: Any,
         out_power: Any) -> int:  # fmt: skip
    """Play presentations of one kind; returns how many found their states.

    Each begins where `found` has nodes, in its row of `places`, if there are numbers; there is left
    where they were before learning.
    """
    for p in range(len(places)):
        place = places[p]
        if found[place, 0] == found[place, 0]:
            copy(x, found[place])
        if not _show(net, edge, amps, work, charge, update, rail, join, x, vg, q, vin[p], window,
                     n_step, first, scratch, out_x[p], out_vg[p], out_power[p]):  # fmt: skip
            return p
        put(found, place, out_x[p, 0])
    return len(places)
