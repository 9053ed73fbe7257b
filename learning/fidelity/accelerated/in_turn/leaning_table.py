"""What each device of a cell does to the cell's tables when it is off its nominal.

One deviation of one device at a time, on benches of many cells each of which has another device
moved. A chip's tables are the nominal ones plus, for every cell, the sum of what its own devices
do: differences between devices are small, and what is left of products of two of them is smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.bench import Bench
from learning.fidelity.accelerated.edge_table import EdgeTables, measure_edge
from learning.fidelity.accelerated.in_turn.clamp_table import Load, label_axis
from learning.fidelity.accelerated.in_turn.phases import (
    PhasedBench,
    Shown,
    collected,
    course,
    phased,
    read_stairs,
    window_s,
)
from learning.fidelity.accelerated.in_turn.sampled_table import windows_s
from learning.fidelity.accelerated.range import Range
from learning.fidelity.accelerated.spline import Axis, axis
from netlist.circuit import Circuit, Primitive, Source
from netlist.parts.variation import Moved
from netlist.passes.flattened import flattened
from spice_backend.session.session import Session

STEP = 3.0
"""How many deviations a device is moved by: what it does is then well above the simulator's noise
and still in proportion."""

_LINE_V = 5e-3
"""By how much a line is moved, volts."""

_CONVERGED = ("trtol=1",)

N_DROP, N_FREE_DROP, N_INPUT, N_FAR = 13, 7, 6, 61

_DROP_V = 0.3
"""Largest drop at which update cells are looked at, volts."""

AWAY_V = 0.08
"""How far from the label the free network has a node when a clamp is looked at, volts."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaning:
    """What the devices and lines of a slot's cell do.

    Attributes:
        devices: Device within the cell and which of its numbers, one per row.
        lines: Lines of the bias cell, whose rows come after those of devices.
        amounts: By quantity, (n_row, ...): per deviation of a device, per volt of a line.
    """

    devices: tuple[tuple[str, int], ...]
    lines: tuple[str, ...]
    amounts: dict[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Leanings:
    """Of all slots.

    Attributes:
        edge: "current" and "charge": coefficients of the tables.
        driver: "miss" and "rail": over the input and the far end less it.
        clamp: "apart": (n_row, n_stage, 2), for no way to go and for one of `AWAY_V`; "rail".
        update: "clamped" (n_row, n_drop), "free" (n_row, n_free_drop), "rest", "handed", "on".
        bias: "lines" (n_row, n_line), volts, and "power".
    """

    edge: Leaning
    driver: Leaning
    clamp: Leaning
    update: Leaning
    bias: Leaning


def drop_axis(count: int) -> Axis:
    """Drops at which update cells are looked at, volts."""
    return axis(-_DROP_V, _DROP_V, count)


def measure_leanings(
    session: Session, experiment: Experiment, over: Range, load: Load, stages_s: Floats
) -> Leanings:
    """Measure what the devices of a machine's cells do.

    Args:
        session: A simulator.
        experiment: The machine.
        over: Voltages its nodes take.
        load: What a clamp sees.
        stages_s: When the stages of a clamp's journey end, seconds.

    Returns:
        What they do.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    return Leanings(
        edge=_edge(session, experiment, over),
        driver=_driver(session, experiment, over, load.table_ohm),
        clamp=_clamp(session, experiment, load, stages_s),
        update=_update(session, experiment, over),
        bias=measure_bias(session, experiment),
    )


def numbers(experiment: Experiment, slot: str) -> tuple[tuple[str, int], ...]:
    """Every number that devices of a slot's cell draw: (device within the cell, which of its)."""
    bench = Bench(experiment)
    bench.place(slot, "one", dict.fromkeys(experiment.cells[slot].pins, "0"))
    body = (*experiment.process.statements, *experiment.cells[slot].statements, *bench.body)
    flat = flattened(experiment.process.complete(Circuit("one cell", body)))
    found: list[tuple[str, int]] = []
    for device in (one for one in flat.body if isinstance(one, Primitive)):
        kind, _, rest = device.name.lower().partition(".")
        if rest.startswith("xone.") and kind in "mrc":
            name = f"{kind}.{rest.removeprefix('xone.')}"
            found += [(name, number) for number in range(2 if kind == "m" else 1)]
    return tuple(found)


def _drawn(device: str, number: int, amount: float) -> tuple[float, ...]:
    """What a device draws of which one number is not 0."""
    if not device.startswith("m"):
        return (amount,)
    return (amount, 0.0) if number == 0 else (0.0, amount)


def _moved(
    experiment: Experiment, slot: str, devices: Sequence[tuple[str, int]], suffix: str = ""
) -> Moved:
    """Instance number i of a slot's cells has row i moved; later instances are nominal."""
    chip = experiment.chip
    moves = {
        (f"x{slot}{index}{suffix}", device): _drawn(device, number, STEP)
        for index, (device, number) in enumerate(devices)
    }
    return Moved(moves, chip.resistors, chip.capacitors)


def _asked(experiment: Experiment, slot: str) -> tuple[str, ...]:
    """Lines of the bias cell that a slot's cell asks for."""
    offers = experiment.cells["bias"].offers
    return tuple(line for line in offers if experiment.cells[slot].uses(line))


def _shifted(bench: Bench, line: str) -> str:
    """A line that is a little higher."""
    net = f"{line}_higher"
    bench.body.append(Source(f"Vshift_{line}", (net, line), dc=_LINE_V))
    return net


def _scaled(values: Floats, devices: int, lines: int) -> Floats:
    """Rows of (devices, lines, nominal) as differences per deviation and per volt."""
    steps = np.repeat([STEP, _LINE_V], [devices, lines])
    apart = values[:-1] - values[-1]
    return np.asarray(apart / steps.reshape(-1, *(1,) * (values.ndim - 1)))


def _edge(session: Session, experiment: Experiment, over: Range) -> Leaning:
    devices, chip = numbers(experiment, "edge"), experiment.chip
    still = measure_edge(session, experiment, over.low_V, over.high_V)
    amounts: dict[str, list[Floats]] = {"current": [], "charge": []}
    for device, number in devices:
        moves = {("", device): _drawn(device, number, STEP)}
        moved = Moved(moves, chip.resistors, chip.capacitors)
        found: EdgeTables = measure_edge(session, experiment, over.low_V, over.high_V, moved)
        amounts["current"].append((found.free.coefficients - still.free.coefficients) / STEP)
        amounts["charge"].append((found.charge.coefficients - still.charge.coefficients) / STEP)
    return Leaning(devices, (), {name: np.array(rows) for name, rows in amounts.items()})


def _driver(session: Session, experiment: Experiment, over: Range, load_ohm: float) -> Leaning:
    devices, lines = numbers(experiment, "driver"), _asked(experiment, "driver")
    inputs, far = driver_axes(over)
    variants = [*({} for _ in devices), *({line: line} for line in lines), {}]
    moves: dict[tuple[str, str], tuple[float, ...]] = {}
    bench = Bench(experiment)
    bench.hold("vdd", experiment.rail_V)
    bench.place_bias()
    shifts = {line: _shifted(bench, line) for line in lines}
    for place, input_V in enumerate(inputs.values.tolist()):
        bench.hold(f"in{place}", input_V)
        bench.step(f"far{place}", (far.values + input_V).tolist())
        for row, moved_line in enumerate(variants):
            name, out = f"driver{row}_{place}", f"out{row}_{place}"
            if row < len(devices):
                device, number = devices[row]
                moves[f"x{name}", device] = _drawn(device, number, STEP)
            bench.body.append(Primitive(f"R{row}_{place}", (out, f"far{place}"), load_ohm))
            pins = {"in": f"in{place}", "out": out, **{line: shifts[line] for line in moved_line}}
            bench.place("driver", name, {**pins, "vdd": bench.meter("vdd", f"r{row}_{place}")})
            bench.read(f"v({out})")
    bench.moved = Moved(moves, experiment.chip.resistors, experiment.chip.capacitors)
    swept = bench.sweep(session, far.count)
    shaped = swept.reshape(far.count, inputs.count, len(variants), 2).transpose(3, 2, 1, 0)
    rail, miss = (_scaled(one, len(devices), len(lines)) for one in shaped)
    return Leaning(devices, lines, {"miss": miss, "rail": rail})


def driver_axes(over: Range) -> tuple[Axis, Axis]:
    """Inputs, and far ends less them, at which drivers are looked at: volts."""
    wide_V = 1.2 * (over.high_V - over.low_V)
    return axis(over.low_V, over.high_V, N_INPUT), axis(-wide_V, wide_V, N_FAR)


def _clamp(session: Session, experiment: Experiment, load: Load, stages_s: Floats) -> Leaning:
    devices, lines = numbers(experiment, "clamp"), _asked(experiment, "clamp")
    variants = [*({} for _ in devices), *({line: line} for line in lines), {}]
    labels = label_axis(experiment)
    label_V = float(labels.values[labels.count // 2])
    long_s = windows_s(experiment)[0]
    first, second = (_moved(experiment, "clamp", devices, suffix).moves for suffix in ("_0", "_1"))
    moved = Moved({**first, **second}, experiment.chip.resistors, experiment.chip.capacitors)
    made = phased(experiment, [Shown(pause_s=1e-5), Shown(long_s, first=True)], moved)
    bench = made.bench
    shifts = {line: _shifted(bench, line) for line in lines}
    bench.hold("label", label_V)
    for away in range(2):
        bench.hold(f"far{away}", label_V + away * AWAY_V)
        for row, moved_line in enumerate(variants):
            name, node = f"clamp{row}_{away}", f"node{row}_{away}"
            bench.body.append(Primitive(f"R{name}", (node, f"far{away}"), load.network_ohm))
            pins = {"label": "label", "node": node, **{line: shifts[line] for line in moved_line}}
            pins |= {line: line for line in ("clk", "run", "enable", "eta")}
            bench.place("clamp", name, {**pins, "vdd": bench.meter("vdd", f"r{name}")})
            bench.read(f"v({node})")
    time_s, read = made.run(session, options=_CONVERGED)
    begin_s, end_s = window_s(experiment, made.schedule.presentations[1])
    shaped = read.reshape(len(time_s), 2, len(variants), 2)
    node_V = _by_stage(time_s, shaped[..., 1], begin_s, stages_s).transpose(2, 0, 1)
    rail_A = _by_stage(time_s, shaped[..., 0], begin_s, np.array([end_s - begin_s]))[0].mean(axis=0)
    counts = len(devices), len(lines)
    amounts = {"apart": _scaled(node_V, *counts), "rail": _scaled(rail_A, *counts)}
    return Leaning(devices, lines, amounts)


def _by_stage(time_s: Floats, read: Floats, begin_s: float, stages_s: Floats) -> Floats:
    """The mean of what was read over every stage: (n_stage, ...)."""
    flat = read.reshape(len(time_s), -1)
    bounds_s = begin_s + np.concatenate([[0.0], stages_s])
    means = []
    for from_s, until_s in pairwise(bounds_s.tolist()):
        fine_s = np.linspace(from_s, until_s, 41)
        means.append([np.interp(fine_s, time_s, one).mean() for one in flat.T])
    return np.array(means).reshape(len(stages_s), *read.shape[1:])


def _update(session: Session, experiment: Experiment, over: Range) -> Leaning:
    devices, lines = numbers(experiment, "update"), _asked(experiment, "update")
    variants = [*({} for _ in devices), *({line: line} for line in lines), {}]
    drops, coarse = drop_axis(N_DROP), drop_axis(N_FREE_DROP)
    made, sweep_s = _update_bench(experiment, over, _moved(experiment, "update", devices))
    bench = made.bench
    shifts = {line: _shifted(bench, line) for line in lines}
    gate = bench.hold("g", 0.6 * experiment.rail_V)
    for row, moved_line in enumerate(variants):
        pins = {"a": "a", "b": "b", **{line: shifts[line] for line in moved_line}}
        pins |= {line: line for line in ("clk", "run", "enable", "vlambda")}
        pins |= {"gate": bench.meter(gate, f"g{row}"), "vdd": bench.meter("vdd", f"r{row}")}
        bench.place("update", f"update{row}", pins)
    time_s, read = made.run(session, options=_CONVERGED)
    into_A, rail_A = -read[:, 0::2], read[:, 1::2]
    charges, given = (collected(time_s, one, made.schedule) for one in (into_A, rail_A))
    shown = made.schedule.presentations
    long_s, short_s = (np.subtract(*window_s(experiment, shown[row])[::-1]) for row in (2, 3))
    rest_A = (charges[2] - charges[3]) / (long_s - short_s)
    swept = read_stairs(time_s, into_A, sweep_s, drops.count, _HOLD_S).T
    clamped = swept - swept[:, drops.count // 2, None]
    same = (charges[4 : 4 + coarse.count].T - charges[3][:, None]) / short_s
    free = same - clamped[:, :: (drops.count - 1) // (coarse.count - 1)]
    quantities = {
        "clamped": clamped,
        "free": free,
        "rest": rest_A,
        "handed": charges[2] - rest_A * long_s,
        "on": given[2] / (shown[2].end_s - shown[2].start_s),
    }
    counts = len(devices), len(lines)
    return Leaning(devices, lines, {k: _scaled(v, *counts) for k, v in quantities.items()})


_HOLD_S = 1.5e-6
"""How long a sweep stays at one drop, seconds."""


def _update_bench(experiment: Experiment, over: Range, moved: Moved) -> tuple[PhasedBench, float]:
    """Nets "a" and "b": no drop, then a drop per short presentation, then a sweep while clamped."""
    long_s, short_s = windows_s(experiment)
    drops, coarse = drop_axis(N_DROP).values, drop_axis(N_FREE_DROP).values
    shown = [Shown(pause_s=1e-5), Shown(long_s, first=True), Shown(long_s), Shown(short_s)]
    shown += [Shown(short_s) for _ in coarse]
    shown += [Shown(short_s), Shown(drops.size * _HOLD_S + 1e-5)]
    made = phased(experiment, shown, moved)
    rise_s = experiment.design.schedule.rise_s
    stations = [
        (one.start_s, one.start_s + rise_s, drop)
        for one, drop in zip(made.schedule.presentations[4:], [*coarse.tolist(), 0.0], strict=False)
    ]
    sweep_s = window_s(experiment, made.schedule.presentations[-1])[0] + 3e-6
    stations += [
        (sweep_s + k * _HOLD_S, sweep_s + (k + 0.2) * _HOLD_S, drop)
        for k, drop in enumerate(drops.tolist())
    ]
    for net, sign in {"a": 0.5, "b": -0.5}.items():
        points, last = [(0.0, over.middle_V)], over.middle_V
        for from_s, until_s, drop in stations:
            points += [(from_s, last), (until_s, over.middle_V + sign * drop)]
            last = over.middle_V + sign * drop
        made.bench.hold(net, course(points))
    return made, sweep_s


def measure_bias(session: Session, experiment: Experiment) -> Leaning:
    """Measure what the devices of a machine's bias cell do to its lines.

    Args:
        session: A simulator.
        experiment: The machine.

    Returns:
        "lines", volts, and "power", watts.

    Raises:
        SpiceError: When the simulator cannot do it.
    """
    devices, lines = numbers(experiment, "bias"), experiment.cells["bias"].offers
    bench = Bench(experiment, moved=_moved(experiment, "bias", devices))
    bench.hold("vdd", experiment.rail_V)
    for row in range(len(devices) + 1):
        pins = {line: f"{line}{row}" for line in lines}
        bench.place("bias", f"bias{row}", {**pins, "vdd": bench.meter("vdd", f"r{row}")})
        for line in lines:
            bench.read(f"v({line}{row})")
    read = bench.sweep(session, 2)[0].reshape(len(devices) + 1, len(lines) + 1)
    amounts = {
        "power": _scaled(experiment.rail_V * read[:, 0], len(devices), 0),
        "lines": _scaled(read[:, 1:], len(devices), 0),
    }
    return Leaning(devices, lines, amounts)
