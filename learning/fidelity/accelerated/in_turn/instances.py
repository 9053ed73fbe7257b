"""A machine's tables as its kernel takes them: one for all cells of a slot, or one for each.

On a chip whose devices differ every cell has tables of its own: the nominal ones, plus what each
of its devices does (`leaning_table`) times what that device drew, plus what the lines of the chip's
own bias cell do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.in_turn.leaning_table import (
    AWAY_V,
    Leaning,
    Leanings,
    driver_axes,
    drop_axis,
)
from learning.fidelity.accelerated.in_turn.tables import TurnTables
from learning.fidelity.accelerated.range import voltage_range
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from learning.twin.constraint import Ints
from netlist.machine import names


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """Coefficients by instance, the first index of each unless said otherwise.

    Attributes:
        edge: Which table an edge has: (n_edge,), of current, charge and everything of its cell.
        amplifier: Which table an amplifier has, drivers before clamps.
        clamp: Which journey a clamp has.
        current: Of edges.
        charge: Of gates.
        miss: Of amplifiers; clamps miss nothing beyond their journey.
        rail: Of drivers; clamps have none there.
        held: Of clamps that hold their nodes, on a grid of their own: labels stand closer together
            than inputs.
        free: What free ends leave.
        clamped: What clamped ends add.
        rest: Current of a gate without drops.
        handed: Charge handed over, (2, n, ...).
        beyond: Journeys, (n_stage, n, ...).
        on_W: Power of all update cells while the machine learns, watts.
        bias_W: Power of the bias cell, watts.
    """

    edge: Ints
    amplifier: Ints
    clamp: Ints
    current: Floats
    charge: Floats
    miss: Floats
    rail: Floats
    held: Floats
    free: Floats
    clamped: Floats
    rest: Floats
    handed: Floats
    beyond: Floats
    on_W: float
    bias_W: float


def alike(tables: TurnTables, experiment: Experiment) -> Instances:
    """One table per slot.

    Args:
        tables: The machine's cells.
        experiment: The machine.

    Returns:
        Its instances, all nominal.
    """
    network, update = experiment.network, tables.update
    drivers, clamps = (
        sum(len(port.nodes) for port in ports) for ports in (network.sources, network.targets)
    )
    miss, rail = tables.driver.miss.coefficients, tables.driver.rail.coefficients
    count = len(network.edges)
    return Instances(
        edge=np.zeros(count, dtype=np.int64),
        amplifier=np.repeat([0, 1], [drivers, clamps]),
        clamp=np.zeros(clamps, dtype=np.int64),
        current=tables.edge.free.coefficients[None],
        charge=tables.edge.charge.coefficients[None],
        miss=np.stack([miss, np.zeros_like(miss)]),
        rail=np.stack([rail, np.zeros_like(rail)]),
        held=np.repeat(tables.clamp.rail.coefficients[None], clamps, axis=0),
        free=update.free.coefficients[None],
        clamped=update.clamped.coefficients[None],
        rest=update.rest.coefficients[None],
        handed=np.stack([one.coefficients for one in update.handed])[:, None],
        beyond=np.stack([one.coefficients for one in tables.clamp.beyond])[:, None],
        on_W=count * update.on_W,
        bias_W=update.bias_W,
    )


def drawn(tables: TurnTables, leanings: Leanings, experiment: Experiment) -> Instances:
    """A table per cell of a chip.

    Args:
        tables: The machine's cells as designed.
        leanings: What their devices do.
        experiment: The machine, with its chip.

    Returns:
        Its instances.
    """
    plain, network = alike(tables, experiment), experiment.network
    bias = _draws(experiment, leanings.bias, ["bias"])[0]
    lines = dict(zip(leanings.bias.lines, bias @ leanings.bias.amounts["lines"], strict=True))
    edges = range(len(network.edges))
    edge = _draws(experiment, leanings.edge, [names.cell("edge", index) for index in edges])
    update = _weights(experiment, leanings.update, lines, [names.cell("update", i) for i in edges])
    amount = {name: _sum(update, rows) for name, rows in leanings.update.amounts.items()}
    sources = [names.cell("driver", node) for port in network.sources for node in port.nodes]
    targets = [names.cell("clamp", node) for port in network.targets for node in port.nodes]
    driver = _weights(experiment, leanings.driver, lines, sources)
    clamp = _weights(experiment, leanings.clamp, lines, targets)
    miss, rail = (_drivers(tables, leanings, experiment, driver, name) for name in ("miss", "rail"))
    taken = _sum(clamp, leanings.clamp.amounts["rail"])
    return Instances(
        edge=np.arange(len(network.edges)),
        amplifier=np.arange(len(sources) + len(targets)),
        clamp=np.arange(len(targets)),
        current=plain.current + _sum(edge, leanings.edge.amounts["current"]),
        charge=plain.charge + _sum(edge, leanings.edge.amounts["charge"]),
        miss=np.concatenate([plain.miss[:1] + miss, np.zeros((len(targets), *miss.shape[1:]))]),
        rail=np.concatenate([plain.rail[:1] + rail, np.zeros((len(targets), *rail.shape[1:]))]),
        held=plain.held + taken[:, None, None],
        free=plain.free + _over_drops(tables.update.free, amount["free"]),
        clamped=plain.clamped + _over_drops(tables.update.clamped, amount["clamped"]),
        rest=plain.rest + amount["rest"][:, None],
        handed=plain.handed + amount["handed"][:, None],
        beyond=plain.beyond + _journeys(tables, _sum(clamp, leanings.clamp.amounts["apart"])),
        on_W=plain.on_W + experiment.rail_V * float(amount["on"].sum()),
        bias_W=plain.bias_W + float(bias @ leanings.bias.amounts["power"]),
    )


def _sum(weights: Floats, rows: Floats) -> Floats:
    """(n_instance, n_row) and (n_row, ...) give (n_instance, ...)."""
    return np.asarray(np.tensordot(weights, rows, axes=1))


def _draws(experiment: Experiment, leaning: Leaning, instances: list[str]) -> Floats:
    """What the devices of cells drew: (n_instance, n_device)."""
    chip = experiment.chip
    found = np.empty((len(instances), len(leaning.devices)))
    for row, instance in enumerate(instances):
        drew: dict[str, tuple[float, ...]] = {}
        for column, (device, number) in enumerate(leaning.devices):
            if device not in drew:
                kind, _, rest = device.partition(".")
                path = f"{kind}.x{instance}.{rest}"
                drew[device] = chip.normal(path, 2 if kind == "m" else 1)
            found[row, column] = drew[device][number]
    return found


def _weights(
    experiment: Experiment, leaning: Leaning, lines: Mapping[str, float], instances: list[str]
) -> Floats:
    """The same, and for all how far each line is from nominal, volts: (n_instance, n_row)."""
    moved = np.tile([lines[line] for line in leaning.lines], (len(instances), 1))
    return np.hstack([_draws(experiment, leaning, instances), moved])


def _clipped(of: Axis, at: Floats) -> Floats:
    return np.clip(at, of.values[0], of.values[-1])


def _drivers(
    tables: TurnTables, leanings: Leanings, experiment: Experiment, weights: Floats, name: str
) -> Floats:
    """What drivers miss or take beyond nominal, on the grid of the tables."""
    axes, fine = driver_axes(voltage_range(experiment)), tables.driver.miss.axes
    across, along = (
        _values(own, _clipped(own, one.values)) for own, one in zip(axes, fine, strict=True)
    )
    return _fitted(across @ _sum(weights, leanings.driver.amounts[name]) @ along.T)


def _over_drops(table: Spline, amounts: Floats) -> Floats:
    """(n_instance, n_drop) amounts over the drop, on the grid of a table of both ends."""
    drops = drop_axis(amounts.shape[1])
    first, second = (one.values for one in table.axes)
    apart = _clipped(drops, (first[:, None] - second).ravel())
    values = amounts @ _values(drops, apart).T
    return _fitted(values.reshape(-1, first.size, second.size))


def _journeys(tables: TurnTables, apart: Floats) -> Floats:
    """(n_instance, n_stage, 2) distances at two ways to go, on the grid of journeys."""
    axes = tables.clamp.beyond[0].axes
    way = np.clip((axes[0].values[:, None] - axes[1].values) / AWAY_V, -1.0, 2.0)
    values = apart[..., 0, None, None] + way * (apart[..., 1] - apart[..., 0])[..., None, None]
    return _fitted(values).swapaxes(0, 1)


def _values(of: Axis, at: Floats) -> Floats:
    """The matrix that takes values on a grid to a spline's values elsewhere."""
    places = (at - of.first) / of.step
    cells = np.minimum(places.astype(int), of.count - 2)
    t = places - cells
    basis = np.stack(
        [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, 3 * (1 - t) ** 3 - 6 * (1 - t) ** 2 + 4, t**3]
    )
    matrix = np.zeros((at.size, of.count + 2))
    for k, weights in enumerate(basis / 6.0):
        matrix[np.arange(at.size), cells + k] = weights
    return matrix @ _fitting(of.count)


def _fitted(values: Floats) -> Floats:
    """Coefficients over the last two axes of values on a grid."""
    first, second = (_fitting(count) for count in values.shape[-2:])
    return np.ascontiguousarray(first @ values @ second.T)


@cache
def _fitting(count: int) -> Floats:
    """The matrix that takes values on a grid to a spline's coefficients: (count + 2, count)."""
    one = axis(0.0, 1.0, count)
    return through((one,), np.eye(count)).coefficients
