"""The compiled course of one presentation of a network that is free and clamped in turn.

While it is free, gates keep their charge; what update cells remember is where the nodes are at its
end. While it is clamped, amplifiers bring the targets to their labels in stages, and current flows
into every gate. Each stage is one midpoint step.
"""

from __future__ import annotations

from typing import Any

from learning.fidelity.accelerated.jet_kernel import (
    NEAR_V,
    at2,
    far2,
    read1,
    read2,
)
from learning.fidelity.accelerated.kernel import (
    DRIVER,
    N_POWER,
    at,
    copy,
    device_currents,
    gate_charges,
    gate_step,
    put,
    settle,
)
from learning.fidelity.accelerated.spline_kernel import compiled, nearest, spline1, spline2, spline3

TOLERANCE_V, SHIFT_V = 1e-6, 5e-5
"""Newton's method stops when nodes move by less, and gates' shifts do not count below, volts."""

FAR_V, MOST_STEPS = 1e-2, 16
"""With clamps of pairs a stage is more than one step where a gate goes further than this in its
half, volts, and at most so many. With others it is one step, with which they were judged."""

STARTS = 4
"""Rounds in which nodes and gate charges find each other at a start."""


@compiled
def _settle(net: Any, edge: Any, amps: Any, work: Any, charge: Any, x: Any, vg: Any, q: Any,
            capacity: Any, held: Any, vin: Any) -> bool:  # fmt: skip
    """Nodes and gates together.

    What each gate's capacitance is there is left in `capacity`; `held` is room for charges.
    """
    found: bool = settle(
        net, edge, amps, work, charge, x, vg, q, held, capacity, vin, TOLERANCE_V, SHIFT_V
    )
    return found


@compiled
def begin_turn(net: Any, edge: Any, amps: Any, work: Any, charge: Any, scratch: Any, given: Any,
               vin: Any, x: Any, vg: Any, q: Any) -> None:  # fmt: skip
    """Put the charge on gates that they have at given voltages, and nodes where they then are."""
    capacity, held = scratch[7], scratch[8]
    for _ in range(STARTS):
        copy(vg, given)
        gate_charges(net, charge, x, vg, q, capacity)
        _settle(net, edge, amps, work, charge, x, vg, q, capacity, held, vin)
    copy(vg, given)
    gate_charges(net, charge, x, vg, q, capacity)


@compiled
def _remember(net: Any, update: Any, x: Any, left: Any) -> None:
    """What every cell's free ends leave."""
    dev_a, dev_b, table = net[0], net[1], net[12]
    grid, c = update[0], update[1]
    for e in range(len(left)):
        left[e] = spline2(grid, c[table[e]], at(x, dev_a[e]), at(x, dev_b[e]))[0]


@compiled
def _see(net: Any, update: Any, x: Any, seen: Any) -> None:
    """What every cell's clamped ends add."""
    dev_a, dev_b, table = net[0], net[1], net[12]
    grid, c, jet = update[0], update[2], update[9]
    for e in range(len(seen)):
        a, b = at(x, dev_a[e]), at(x, dev_b[e])
        if far2(jet, e, a, b):
            read2(grid, c[table[e]], a, b, jet, e, 2)
        seen[e] = at2(jet, e, a, b, 2)


@compiled
def _advance(net: Any, update: Any, capacity: Any, left: Any, seen: Any, vg: Any, q: Any,
             dt: float, vg_out: Any, q_out: Any) -> None:  # fmt: skip
    """Let currents flow into the gates for a time with the nodes where they are."""
    table, grid, free, clamped = net[12], update[3], update[4], update[5]
    rest_grid, rest, most, jet = update[6], update[7], update[8], update[10]
    for e in range(len(vg)):
        c, v, given, to_go, steps = capacity[e], vg[e], 0.0, dt, 0
        while to_go > 0.0:
            u = v - jet[e, 0]
            if not abs(u) < NEAR_V:
                u = 0.0
                jet[e, 0] = v
                read1(grid, free, v, jet, e, 1)
                read1(grid, clamped, v, jet, e, 4)
                read1(rest_grid, rest[table[e]], v, jet, e, 7)
            i = left[e] * (jet[e, 1] + u * (jet[e, 2] + 0.5 * u * jet[e, 3]))
            i += seen[e] * (jet[e, 4] + u * (jet[e, 5] + 0.5 * u * jet[e, 6]))
            slope = left[e] * (jet[e, 2] + u * jet[e, 3])
            slope += seen[e] * (jet[e, 5] + u * jet[e, 6])
            if i > most:
                i = most
                slope = 0.0
            i += jet[e, 7] + u * (jet[e, 8] + 0.5 * u * jet[e, 9])
            slope += jet[e, 8] + u * jet[e, 9]
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
def _idling(clamps: Any, x: Any) -> float:
    """What clamps that follow the free network take from their rail, amperes."""
    total = 0.0
    for j in range(len(clamps[1])):
        total += spline1(clamps[2], clamps[3], x[clamps[1][j]])[0]
    return total


@compiled
def _powers(net: Any, edge: Any, amps: Any, clamps: Any, x: Any, vg: Any, vin: Any, clamped: bool,
            learning: bool, waiting: float, current: Any, into: Any, out: Any) -> None:  # fmt: skip
    """Powers of a moment, watts, in the order said at `N_POWER`.

    `waiting` is that of clamps that nobody has look at the network.
    """
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
        if k < drivers:
            supplied = spline2(amps[3], amps[4][table[k]], vin[k], u)[0]
        else:
            supplied = spline2(clamps[8], clamps[9][k - drivers], vin[k], u)[0]
        out[2 if k < drivers else 3] += rail_V * supplied - x[r] * into[r]
    if not clamped:
        out[3] = rail_V * _idling(clamps, x) if learning else waiting
    out[4] = clamps[4] if learning else clamps[5]


@compiled
def _hand_over(net: Any, handed: Any, kind: int, vg: Any, q: Any) -> None:
    table, grid, c = net[12], handed[0], handed[1]
    for e in range(len(vg)):
        q[e] += nearest(grid, c[kind, table[e]], vg[e])


@compiled
def _aim(clamps: Any, journey: Any, k: int, start: Any, vin: Any, held: Any) -> None:
    """Where amplifiers hold their nodes in a stage.

    They aim at the label, or, of one node of a pair (`clamps[7]` is then half the nudge, and not
    below 0), where the difference from its partner, the clamp before or after it, is nudged.
    """
    copy(held, vin)
    half = clamps[7]
    for j in range(len(clamps[1])):
        label, table = vin[clamps[0] + j], clamps[6][j]
        if half < 0.0:
            aim = label
            beyond = spline2(journey[0], journey[1][k, table], start[j], label)[0]
        else:
            other = start[j ^ 1]
            aim = start[j] - half * (start[j] - other - label)
            beyond = spline3(journey[2], journey[3][k, table], start[j], other, label)[0]
        held[clamps[0] + j] = aim + beyond


@compiled
def _steps(vg: Any, vg_mid: Any) -> int:
    """How many steps a stage takes in whose half gates would go this far."""
    far = 0.0
    for e in range(len(vg)):
        far = max(far, abs(vg_mid[e] - vg[e]))
    return min(1 + int(far / FAR_V), MOST_STEPS)


@compiled
def _stage(free: Any, clamped: Any, edge: Any, amps: Any, clamps: Any, work: Any, charge: Any,
           update: Any, x: Any, vg: Any, q: Any, aim: Any, length: float, scratch: Any,
           out_x: Any, out_vg: Any, out_power: Any) -> bool:  # fmt: skip
    """One stage of the clamped state, in as many midpoint steps as gates ask for."""
    current, into, left, vg_mid, q_mid, _, _, capacity, held, seen, power = scratch
    _see(free, update, x, seen)
    _advance(free, update, capacity, left, seen, vg, q, 0.5 * length, vg_mid, q_mid)
    steps = _steps(vg, vg_mid) if clamps[7] >= 0.0 else 1
    dt = length / steps
    out_power[:] = 0.0
    for step in range(steps):
        if steps > 1:
            _see(free, update, x, seen)
            _advance(free, update, capacity, left, seen, vg, q, 0.5 * dt, vg_mid, q_mid)
        if not _settle(clamped, edge, amps, work, charge, x, vg_mid, q_mid, capacity, held,
                       aim):  # fmt: skip
            return False
        if step == steps // 2:
            copy(out_x, x)
            copy(out_vg, vg_mid)
        _powers(clamped, edge, amps, clamps, x, vg_mid, aim, True, True, 0.0, current, into,
                power)  # fmt: skip
        for i in range(N_POWER):
            out_power[i] += power[i] / steps
        for e in range(len(vg)):
            vg[e] = vg_mid[e] - (q_mid[e] - q[e]) / capacity[e]
        _see(free, update, x, seen)
        _advance(free, update, capacity, left, seen, vg, q, dt, vg, q)
    return True


@compiled
def _learn(free: Any, clamped: Any, edge: Any, amps: Any, clamps: Any, work: Any, charge: Any,
           update: Any, handed: Any, journey: Any, x: Any, vg: Any, q: Any, vin: Any, lengths: Any,
           kind: int, begun: Any, scratch: Any, out_x: Any, out_vg: Any,
           out_power: Any) -> bool:  # fmt: skip
    """The clamped state, stage by stage, a row each; whether states were found."""
    left, aim, start, capacity, held = scratch[2], scratch[5], scratch[6], scratch[7], scratch[8]
    _remember(free, update, x, left)
    for j in range(len(clamps[1])):
        start[j] = x[clamps[1][j]]
    for k in range(len(lengths)):
        _aim(clamps, journey, k, start, vin, aim)
        if k == 0:
            if begun[0] == begun[0]:
                copy(x, begun)
            if not _settle(clamped, edge, amps, work, charge, x, vg, q, capacity, held, aim):
                return False
            _hand_over(free, handed, kind, vg, q)
        if not _stage(free, clamped, edge, amps, clamps, work, charge, update, x, vg, q, aim,
                      lengths[k], scratch, out_x[k], out_vg[k], out_power[k]):  # fmt: skip
            return False
    return True


@compiled
def _show(free: Any, clamped: Any, edge: Any, amps: Any, clamps: Any, work: Any, charge: Any,
          update: Any, handed: Any, journey: Any, x: Any, vg: Any, q: Any, vin: Any,
          weighed: Any, lengths: Any, waiting: float, kind: int, begun: Any, scratch: Any,
          out_x: Any, out_vg: Any, out_power: Any) -> bool:  # fmt: skip
    """Play one presentation; returns whether states were found.

    `lengths` has the time of each stage, none where nothing learns; `weighed` the inputs while the
    network is free; `waiting` is what clamps take where nothing learns; `begun` about where the
    clamped state's nodes begin, or no numbers. Rows: free, one in the middle of every stage, free.
    """
    current, into, capacity, held = scratch[0], scratch[1], scratch[7], scratch[8]
    if not _settle(free, edge, amps, work[0], charge, x, vg, q, capacity, held, weighed):
        return False
    put(out_x, 0, x)
    put(out_vg, 0, vg)
    learning = len(lengths) > 0
    _powers(free, edge, amps, clamps, x, vg, weighed, False, learning, waiting, current, into,
            out_power[0])  # fmt: skip
    row = 1 + len(lengths)
    if learning:
        if not _learn(free, clamped, edge, amps, clamps, work[1], charge, update, handed, journey,
                      x, vg, q, vin, lengths, kind, begun, scratch, out_x[1:], out_vg[1:],
                      out_power[1:]):  # fmt: skip
            return False
        if not _settle(free, edge, amps, work[0], charge, x, vg, q, capacity, held, vin):
            return False
    put(out_x, row, x)
    put(out_vg, row, vg)
    _powers(free, edge, amps, clamps, x, vg, vin, False, learning, waiting, current, into,
            out_power[row])  # fmt: skip
    return True


@compiled
def play_turn(free: Any, clamped: Any, edge: Any, amps: Any, clamps: Any, work: Any, charge: Any,
              update: Any, handed: Any, journey: Any, x: Any, vg: Any, q: Any, vin: Any,
              weighed: Any, lengths: Any, waiting: Any, kind: int, found: Any, places: Any,
              scratch: Any, out_x: Any, out_vg: Any, out_power: Any) -> int:  # fmt: skip
    """Play presentations of one kind; returns how many found their states.

    Each begins where `found` has nodes, in its row of `places`, if there are numbers; there is left
    where they were while free and as the clamped state began.
    """
    for p in range(len(places)):
        place = places[p]
        if found[place, 0, 0] == found[place, 0, 0]:
            copy(x, found[place, 0])
        if not _show(free, clamped, edge, amps, clamps, work, charge, update, handed, journey, x,
                     vg, q, vin[p], weighed[p], lengths, waiting[p], kind, found[place, 1],
                     scratch, out_x[p], out_vg[p], out_power[p]):  # fmt: skip
            return p
        put(found[place], 0, out_x[p, 0])
        put(found[place], 1, out_x[p, 1])
    return len(places)
