"""The compiled course of one presentation of a network that is free and clamped in turn.

While it is free, gates keep their charge; what update cells remember is where the nodes are at its
end. While it is clamped, amplifiers bring the targets to their labels in stages, and current flows
into every gate. Each stage is one midpoint step.
"""

from __future__ import annotations

from typing import Any

from learning.fidelity.accelerated.kernel import (
    DRIVER,
    compiled,
    device_currents,
    ends,
    gate_step,
    solve,
    spline1,
    spline2,
    spline3,
)

TOLERANCE_V, SHIFT_V = 1e-6, 5e-5
"""Newton's method stops when nodes move by less, and gates' shifts do not count below, volts."""

BEFORE, LEARNING, AFTER = 0, 1, 2
"""Whether a machine has not learnt yet, learns, or has learnt; more says how many queries ago."""

N_POWER = 5
"""Powers of a row: free network, clamped network, drivers, clamps, update cells."""


@compiled
def held_charge(net: Any, charge: Any, x: Any, gate: int, v: float) -> tuple[float, float]:
    """What a gate holds at its edge's voltages, and its capacitance there."""
    a, b = ends(net, x, gate)
    q, _, _, c = spline3(charge[0], charge[1][net[12][gate]], a, b, v)
    return q, c


@compiled
def _settle(net: Any, edge: Any, amps: Any, work: Any, charge: Any, x: Any, vg: Any, q: Any,
            capacity: Any, vin: Any) -> bool:  # fmt: skip
    """Nodes and gates together: currents balance, and every gate holds its charge.

    What each gate's capacitance is there is left in `capacity`.
    """
    for _ in range(8):
        if solve(net, edge, amps, work, x, vg, vin, TOLERANCE_V) < 0:
            return False
        most = 0.0
        for e in range(len(vg)):
            held, c = held_charge(net, charge, x, e, vg[e])
            step = (q[e] - held) / c
            vg[e] += step
            capacity[e] = c
            most = max(most, abs(step))
        if most < SHIFT_V:
            return True
    return True


@compiled
def _remember(net: Any, update: Any, x: Any, left: Any) -> None:
    """What every cell's free ends leave."""
    for e in range(len(left)):
        a, b = ends(net, x, e)
        left[e] = spline2(update[0], update[1][net[12][e]], a, b)[0]


@compiled
def _advance(net: Any, update: Any, capacity: Any, left: Any, x: Any, vg: Any, q: Any, dt: float,
             vg_out: Any, q_out: Any) -> None:  # fmt: skip
    """Let currents flow into the gates for a time with the nodes where they are."""
    for e in range(len(vg)):
        table, c = net[12][e], capacity[e]
        a, b = ends(net, x, e)
        seen = spline2(update[0], update[2][table], a, b)[0]
        v, given, to_go, steps = vg[e], 0.0, dt, 0
        while to_go > 0.0:
            share, d_share = spline1(update[3], update[4], v)
            worth, d_worth = spline1(update[3], update[5], v)
            rest, d_rest = spline1(update[6], update[7][table], v)
            i = left[e] * share + seen * worth
            slope = left[e] * d_share + seen * d_worth
            if i > update[8]:
                i = update[8]
                slope = 0.0
            i += rest
            slope += d_rest
            steps += 1
            step = gate_step(i, slope, c, to_go, steps)
            z = slope / c * step
            moved = i * step * (1.0 + 0.5 * z + z * z / 6.0)
            given += moved
            v += moved / c
            to_go -= step
        vg_out[e] = v
        q_out[e] = q[e] + given


@compiled
def _nearest(grid: Any, c: Any, x: float) -> Any:
    """A spline's value at the nearest point of its grid's range."""
    first = grid[0, 0]
    return spline1(grid, c, min(max(x, first), first + (grid[0, 2] - 1.0) / grid[0, 1]))[0]


@compiled
def _powers(net: Any, edge: Any, amps: Any, clamps: Any, x: Any, vg: Any, vin: Any, clamped: bool,
            state: int, last: Any, current: Any, into: Any, out: Any) -> None:  # fmt: skip
    """Powers of a moment, watts, in the order said at `N_POWER`."""
    device_currents(net, edge, x, vg, current)
    dev_a, dev_b, kind, which, table = net[0], net[1], net[8], net[9], net[13]
    into[:] = 0.0
    for d in range(len(dev_a)):
        if dev_a[d] >= 0:
            into[dev_a[d]] += current[d]
        if dev_b[d] >= 0:
            into[dev_b[d]] -= current[d]
    load, rail_V, network, drivers = amps[0], amps[10], (1 if clamped else 0), clamps[0]
    out[:] = 0.0
    for r in range(len(kind)):
        if kind[r] != DRIVER:
            continue
        k = which[r]
        out[network] += x[r] * into[r]
        u = x[r] - vin[k] - load * into[r]
        supplied = rail_V * spline2(amps[3], amps[4][table[k]], vin[k], u)[0]
        out[2 if k < drivers else 3] += supplied - x[r] * into[r]
    for j in range(len(clamps[1])):
        if clamped:
            break
        v = x[clamps[1][j]]
        if state == LEARNING:
            out[3] += rail_V * spline1(clamps[2], clamps[3], v)[0]
        elif state == BEFORE:
            out[3] += rail_V * spline1(clamps[2], clamps[4], v)[0]
        else:
            query = min(state - AFTER, len(clamps[9]) - 1)
            out[3] += rail_V * _nearest(clamps[8], clamps[9][query], v - last[j])
    out[4] = clamps[5] if state == LEARNING else clamps[6]


@compiled
def _hand_over(net: Any, handed: Any, kind: int, vg: Any, q: Any) -> None:
    for e in range(len(vg)):
        q[e] += _nearest(handed[0], handed[1][kind, net[12][e]], vg[e])


@compiled
def _aim(clamps: Any, journey: Any, k: int, start: Any, vin: Any, held: Any) -> None:
    """Where amplifiers hold their nodes in a stage."""
    held[:] = vin
    for j in range(len(clamps[1])):
        label = vin[clamps[0] + j]
        table = journey[1][k, clamps[7][j]]
        held[clamps[0] + j] = label + spline2(journey[0], table, start[j], label)[0]


@compiled
def _learn(free: Any, clamped: Any, edge: Any, amps: Any, clamps: Any, work: Any, charge: Any,
           update: Any, handed: Any, journey: Any, x: Any, vg: Any, q: Any, vin: Any, lengths: Any,
           kind: int, last: Any, scratch: Any, out_x: Any, out_vg: Any,
           out_power: Any) -> bool:  # fmt: skip
    """The clamped state, stage by stage, a row each; whether states were found."""
    current, into, left, vg_mid, q_mid, held, start, capacity = scratch
    _remember(free, update, x, left)
    for j in range(len(clamps[1])):
        start[j] = x[clamps[1][j]]
    for k in range(len(lengths)):
        _aim(clamps, journey, k, start, vin, held)
        if k == 0:
            if not _settle(clamped, edge, amps, work, charge, x, vg, q, capacity, held):
                return False
            _hand_over(free, handed, kind, vg, q)
        _advance(free, update, capacity, left, x, vg, q, 0.5 * lengths[k], vg_mid, q_mid)
        if not _settle(clamped, edge, amps, work, charge, x, vg_mid, q_mid, capacity, held):
            return False
        out_x[k], out_vg[k] = x, vg_mid
        _powers(clamped, edge, amps, clamps, x, vg_mid, held, True, LEARNING, last, current, into,
                out_power[k])  # fmt: skip
        for e in range(len(vg)):
            vg[e] = vg_mid[e] - (q_mid[e] - q[e]) / capacity[e]
        _advance(free, update, capacity, left, x, vg, q, lengths[k], vg, q)
    return True


@compiled
def play_turn(free: Any, clamped: Any, edge: Any, amps: Any, clamps: Any, work: Any, charge: Any,
              update: Any, handed: Any, journey: Any, x: Any, vg: Any, q: Any, vin: Any,
              weighed: Any, lengths: Any, state: int, kind: int, last: Any, scratch: Any,
              out_x: Any, out_vg: Any, out_power: Any) -> int:  # fmt: skip
    """Play one presentation; returns its rows, 0 when no state was found.

    `lengths` has the time of each stage, none where nothing learns; `weighed` the inputs while the
    network is free; `last` the labels learnt last. Rows: free, a row in the middle of every stage,
    free again.
    """
    current, into, capacity = scratch[0], scratch[1], scratch[7]
    if not _settle(free, edge, amps, work[0], charge, x, vg, q, capacity, weighed):
        return 0
    out_x[0], out_vg[0] = x, vg
    _powers(free, edge, amps, clamps, x, vg, weighed, False, state, last, current, into,
            out_power[0])  # fmt: skip
    row = 1 + len(lengths)
    if state == LEARNING:
        if not _learn(free, clamped, edge, amps, clamps, work[1], charge, update, handed, journey,
                      x, vg, q, vin, lengths, kind, last, scratch, out_x[1:], out_vg[1:],
                      out_power[1:]):  # fmt: skip
            return 0
        if not _settle(free, edge, amps, work[0], charge, x, vg, q, capacity, vin):
            return 0
    out_x[row], out_vg[row] = x, vg
    _powers(free, edge, amps, clamps, x, vg, vin, False, state, last, current, into,
            out_power[row])  # fmt: skip
    return row + 1
