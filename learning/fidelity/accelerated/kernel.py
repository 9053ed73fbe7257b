"""The compiled inner loops: a sparse factorisation on a fixed pattern, Newton's method.

Everything here works on plain arrays in tuples, laid out by `learning.fidelity.accelerated.layout`,
and returns numbers; what they mean is said there.
"""

from __future__ import annotations

from typing import Any

from learning.fidelity.accelerated.jet_kernel import NEAR_V, at3, far3, read3
from learning.fidelity.accelerated.spline_kernel import compiled, spline2, spline3, spline4

LEAK_S = 1e-13
"""Keeps a node solvable whose edges are all off, siemens."""

CHARGE_NEAR_V = 5e-3
"""As `NEAR_V`, for the charge of gates: most of it is a capacitor's, which is a straight line."""

_LOST_V, _LONGEST_V = 1e6, 0.2
"""A step that means that nothing is to be found, and the longest one taken, volts."""

_QUICK, _CAREFUL = 60, 100
"""Turns in which factors may be kept, and those after them in which none are."""

_SHORT_V, _SHORT = 0.05, 50
"""The longest step at first of those, and how many it holds for, volts."""

_FAR_V, _NEAR_V = 0.05, 0.02
"""Steps after which slopes are found anew: long ones, with kept or new factors, volts."""

_SLOW, _STALE = 0.3, 0.1
"""Of a step to the one before it: slopes are found anew instead of it, or after it."""

N_POWER = 5
"""Powers of a row: free network, clamped network, drivers, clamps, update cells."""

KCL, DRIVER, CLAMP, PAIRED = 0, 1, 2, 3
"""What an equation says: currents add up to nothing, or an amplifier holds a node: a driver, a
clamp, or one that looks at both nodes of a pair."""


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
def copy(room: Any, values: Any) -> None:
    """Put values into an array."""
    for i in range(len(values)):
        room[i] = values[i]


@compiled
def put(room: Any, row: int, values: Any) -> None:
    """Put values into a row of a table."""
    for i in range(len(values)):
        room[row, i] = values[i]


@compiled
def at(x: Any, place: int) -> float:
    """A node's voltage; ground is 0."""
    return x[place] if place >= 0 else 0.0


@compiled
def _near(net: Any, tables: Any, x: Any, vg: Any, near_V: float) -> None:
    """Read the jets of all devices anew that are too far from where their ends are now."""
    dev_a, dev_b, dev_gate, dev_side, table = net[0], net[1], net[2], net[3], net[12]
    grid, c, other_grid, other_c, jet = tables
    for d in range(len(dev_a)):
        a, b, v = at(x, dev_a[d]), at(x, dev_b[d]), vg[dev_gate[d]]
        if far3(jet, d, a, b, v, near_V):
            if dev_side[d] == 0:
                read3(grid, c[table[d]], a, b, v, jet, d)
            else:
                read3(other_grid, other_c[table[d]], a, b, v, jet, d)


@compiled
def gate_charges(net: Any, charge: Any, x: Any, vg: Any, held: Any, capacity: Any) -> None:
    """What gates hold at their edges' voltages, coulombs, and their capacitances there."""
    dev_a, dev_b, dev_gate, jet = net[0], net[1], net[2], charge[4]
    _near(net, charge, x, vg, CHARGE_NEAR_V)
    held[:] = 0.0
    capacity[:] = 0.0
    for d in range(len(dev_a)):
        g = dev_gate[d]
        q, _, _, own = at3(jet, d, at(x, dev_a[d]), at(x, dev_b[d]), vg[g])
        held[g] += q
        capacity[g] += own


@compiled
def device_currents(net: Any, edge: Any, x: Any, vg: Any, current: Any) -> None:
    """Current of every device into its first end."""
    dev_a, dev_b, dev_gate, jet = net[0], net[1], net[2], edge[4]
    _near(net, edge, x, vg, NEAR_V)
    for d in range(len(dev_a)):
        a, b, v = at(x, dev_a[d]), at(x, dev_b[d]), vg[dev_gate[d]]
        current[d] = at3(jet, d, a, b, v)[0]


@compiled
def _currents(net: Any, edge: Any, x: Any, vg: Any, rhs: Any) -> None:
    """Currents that leave every node through its edges."""
    dev_a, dev_b, dev_gate, jet = net[0], net[1], net[2], edge[4]
    for d in range(len(dev_a)):
        ia, ib = dev_a[d], dev_b[d]
        i = at3(jet, d, at(x, ia), at(x, ib), vg[dev_gate[d]])[0]
        if ia >= 0:
            rhs[ia] += i
        if ib >= 0:
            rhs[ib] -= i


@compiled
def _slopes(net: Any, edge: Any, charge: Any, capacity: Any, x: Any, vg: Any, val: Any) -> None:
    """Slopes of the currents with the nodes, each device's gate following its own ends."""
    dev_a, dev_b, dev_gate, entry = net[0], net[1], net[2], net[4]
    jet, held = edge[4], charge[4]
    for d in range(len(dev_a)):
        ia, ib, g = dev_a[d], dev_b[d], dev_gate[d]
        a, b, v = at(x, ia), at(x, ib), vg[g]
        _, ga, gb, gv = at3(jet, d, a, b, v)
        _, qa, qb, _ = at3(held, d, a, b, v)
        ga -= gv * qa / capacity[g]
        gb -= gv * qb / capacity[g]
        if ia >= 0:
            val[entry[d, 0]] += ga
        if ib >= 0:
            val[entry[d, 3]] -= gb
        if ia >= 0 and ib >= 0:
            val[entry[d, 1]] += gb
            val[entry[d, 2]] -= ga


@compiled
def _amplifiers(net: Any, amps: Any, x: Any, vin: Any, rhs: Any, val: Any, fresh: bool) -> None:
    """How far amplifiers' nodes are from where they should be, and with `fresh` the slopes."""
    ptr, diag, kind, which, table = net[5], net[7], net[8], net[9], net[13]
    looks, entry = net[10], net[11]
    load, nudge = amps[0], amps[5]
    driver_grid, driver, clamp_grid, clamp = amps[1], amps[2], amps[6], amps[7]
    paired_grid, paired = amps[11], amps[12]
    for r in range(len(diag)):
        if kind[r] == KCL:
            continue
        k = which[r]
        free = other = 0.0
        if kind[r] == DRIVER:
            u = x[r] - vin[k] - load * rhs[r]
            w, _, far = spline2(driver_grid, driver[table[k]], vin[k], u)
            rhs[r] = x[r] - vin[k] - w
        elif kind[r] == CLAMP:
            begun, rest = x[looks[r, 0]], 1.0 - nudge
            middle = rest * begun + nudge * vin[k]
            u = x[r] - middle - load * rhs[r]
            w, wf, _, far = spline3(clamp_grid, clamp[table[k]], begun, vin[k], u)
            rhs[r] = x[r] - middle - w
            free = far * rest - wf - rest
        else:
            begun, partner, half = at(x, looks[r, 0]), at(x, looks[r, 1]), 0.5 * nudge
            middle = begun - half * (begun - partner - vin[k])
            u = x[r] - middle - load * rhs[r]
            w, wf, wo, _, far = spline4(paired_grid, paired[table[k]], begun, partner, vin[k], u)
            rhs[r] = x[r] - middle - w
            free = (far - 1.0) * (1.0 - half) - wf
            other = (far - 1.0) * half - wo
        if fresh:
            for p in range(ptr[r], ptr[r + 1]):
                val[p] *= far * load
            val[diag[r]] += 1.0 - far
            if entry[r, 0] >= 0:
                val[entry[r, 0]] += free
            if entry[r, 1] >= 0:
                val[entry[r, 1]] += other


@compiled
def equations(net: Any, edge: Any, amps: Any, charge: Any, capacity: Any, x: Any, vg: Any, vin: Any,
              rhs: Any, val: Any, fresh: bool) -> None:  # fmt: skip
    """The residual of every equation, and with `fresh` the matrix of their slopes."""
    diag, kind = net[7], net[8]
    _near(net, edge, x, vg, NEAR_V)
    rhs[:] = 0.0
    _currents(net, edge, x, vg, rhs)
    if fresh:
        val[:] = 0.0
        _slopes(net, edge, charge, capacity, x, vg, val)
    for r in range(len(diag)):
        if kind[r] == KCL:
            rhs[r] += LEAK_S * x[r]
            if fresh:
                val[diag[r]] += LEAK_S
    _amplifiers(net, amps, x, vin, rhs, val, fresh)


@compiled
def _mean(values: Any) -> float:
    total = 0.0
    for i in range(len(values)):
        total += values[i]
    return total / len(values)


@compiled
def _longest(values: Any) -> float:
    longest = 0.0
    for i in range(len(values)):
        if not abs(values[i]) <= longest:
            longest = abs(values[i])
    return longest


@compiled
def settle(net: Any, edge: Any, amps: Any, work: Any, charge: Any, x: Any, vg: Any, q: Any,
           held: Any, capacity: Any, vin: Any, near_V: float, shift_V: float) -> bool:  # fmt: skip
    """Nodes and gates together: currents balance, and every gate holds its charge.

    Newton's method, whose slopes have gates follow their nodes; it keeps its factors while steps
    shrink, from call to call. It ends when steps to come are shorter than `near_V`, as those
    before have shrunk, and gates moved by less than `shift_V`. Where it does not come to an end it
    begins again from the middle of what is put in, with slopes of every point and shorter steps.
    """
    ptr, cols, diag = net[5], net[6], net[7]
    val, inverse, pos, rhs, state = work
    fresh = state[0] == 0.0
    before, begun = 0.0, 0
    for turn in range(_QUICK + _CAREFUL):
        careful = begun > 0
        fresh = fresh or careful
        gate_charges(net, charge, x, vg, held, capacity)
        moved = shift(q, held, capacity, vg)
        equations(net, edge, amps, charge, capacity, x, vg, vin, rhs, val, fresh)
        if fresh:
            factorise(ptr, cols, diag, val, inverse, pos)
            state[0] = 1.0
        substitute(ptr, cols, diag, val, inverse, rhs)
        longest = _longest(rhs)
        if not longest < _LOST_V or (turn + 1 == _QUICK and not careful):
            if careful:
                return False
            begun, before = turn + 1, 0.0
            x[:] = _mean(vin)
            continue
        rate = longest / before if before > 0.0 else 1.0
        if not fresh and before > 0.0 and rate > _SLOW and longest > near_V:
            fresh, before = True, 0.0
            continue
        furthest = _SHORT_V if careful and turn < begun + _SHORT else _LONGEST_V
        scale = min(1.0, furthest / max(longest, 1e-30))
        for i in range(len(rhs)):
            x[i] -= scale * rhs[i]
        if moved < shift_V and longest * min(1.0, 2.0 * rate) < near_V:
            return True
        fresh = (
            (fresh and longest > _NEAR_V)
            or longest > _FAR_V
            or (not fresh and before > 0.0 and rate > _STALE)
        )
        before = longest
    return False


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


@compiled
def shift(q: Any, held: Any, capacity: Any, vg: Any) -> float:
    """Move gates to where they hold their charge; the longest move, volts."""
    most = 0.0
    for e in range(len(vg)):
        step = (q[e] - held[e]) / capacity[e]
        vg[e] += step
        most = max(most, abs(step))
    return most
