"""A machine on its tables: presentation after presentation through the compiled kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Presentation, enabled_window
from learning.fidelity.accelerated.layout import Layout, lay_out
from learning.fidelity.accelerated.presentation_kernel import N_POWER, gate_charge, play
from learning.fidelity.accelerated.spline import Spline
from learning.fidelity.accelerated.tables import Tables
from learning.fidelity.accelerated.update_table import UpdateTables
from learning.measure.ledger import BLOCKS
from learning.twin.constraint import Ints

SUB_STEPS = 2
"""Midpoint steps through the enabled window."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a presentation went through.

    Attributes:
        time_s: (n_row,), from its start, seconds.
        nodes_V: (n_row, n_unknown), volts.
        gates_V: (n_row, n_gate), volts.
        power_W: (n_row, n_block), in the order of `learning.measure.ledger.BLOCKS`, watts.
        energy_J: (n_block,), joules.
    """

    time_s: Floats
    nodes_V: Floats
    gates_V: Floats
    power_W: Floats
    energy_J: Floats


class Player:
    """A machine in a state, on its tables.

    Args:
        experiment: The machine.
        tables: Its cells.
        gates_V: Where its gates begin, (n_gate,), volts.
    """

    def __init__(self, experiment: Experiment, tables: Tables, gates_V: Floats) -> None:
        self.layout: Layout = lay_out(experiment.network)
        self._experiment, self._tables = experiment, tables
        self._kernel = _arguments(experiment, tables)
        self._work = self.layout.work()
        self._x = np.zeros(self.layout.size)
        self._gates = np.array(gates_V, dtype=float)
        self._charge: Floats | None = None
        n_gate, size = len(self._gates), self.layout.size
        rows = 2 * SUB_STEPS + 3
        self._scratch = (
            np.zeros(2 * n_gate), np.zeros((size, 2)), np.zeros(n_gate), np.zeros(n_gate),
        )  # fmt: skip
        self._out = np.zeros((rows, size)), np.zeros((rows, n_gate)), np.zeros((rows, N_POWER))
        self._learnt = False
        self._seen: dict[tuple[int, bool], Floats] = {}

    @property
    def gates_V(self) -> Floats:
        """(n_gate,), volts, now."""
        return self._gates.copy()

    def show(
        self, presentation: Presentation, inputs_V: Floats, labels_V: Floats, weight: float
    ) -> Rows:
        """Show an example, as the schedule says.

        Args:
            presentation: When, and whether it learns.
            inputs_V: (n_source,), volts.
            labels_V: (n_target,), volts.
            weight: λ.

        Returns:
            What happened.

        Raises:
            LearningError: When the networks find no state.
        """
        vin = np.concatenate([inputs_V, labels_V]).astype(float)
        shown = presentation.example, presentation.learning
        self._x[:] = self._seen.get(shown, self._x)
        if self._charge is None:
            self._begin(vin)
        window, steps = self._window(presentation, weight)
        count = self._play(vin, window, steps)
        if not count:
            raise LearningError(
                f"no state of the networks found in presentation {presentation.index}",
                "simulator.fidelity",
                'fidelity = "spice" plays it on the transistors',
            )
        self._seen[shown] = self._out[0][0].copy()
        rows = self._rows(presentation, count, window, steps)
        self._learnt = presentation.learning
        return rows

    def _begin(self, vin: Floats) -> None:
        """Gates are given at the start: their charge follows from where the nodes are then."""
        held = np.zeros(len(self._gates))
        given = self._gates.copy()
        self._x[:] = vin.mean() / 2
        for _ in range(4):
            self._charge = held
            for index, volts in enumerate(given):
                held[index] = self._held(index, float(volts))
            self._gates[:] = given
            self._play(vin, np.zeros(2), np.zeros(2, dtype=np.int64))
        for index, volts in enumerate(given):
            held[index] = self._held(index, float(volts))
        self._gates[:] = given

    def _held(self, gate: int, volts: float) -> float:
        charge = self._kernel[2]
        return float(gate_charge(self.layout.arrays, charge, self._x, gate, volts)[0])

    def _window(self, presentation: Presentation, weight: float) -> tuple[Floats, Ints]:
        if not presentation.learning:
            return np.zeros(2), np.zeros(2, dtype=np.int64)
        begin_s, end_s = enabled_window(presentation, self._experiment.design.schedule)
        window = (end_s - begin_s) * np.array([1.0 - weight, weight])
        return window, np.where(window > 0.0, (SUB_STEPS, max(1, SUB_STEPS // 2)), 0)

    def _play(self, vin: Floats, window: Floats, steps: Ints) -> int:
        edge, amps, charge, update, rail, join = self._kernel
        return int(
            play(
                self.layout.arrays, edge, amps, self._work, charge, update, rail, join,
                self._x, self._gates, self._charge, vin, window, steps, int(self._learnt),
                self._scratch, *self._out,
            )
        )  # fmt: skip

    def _rows(self, presentation: Presentation, count: int, window: Floats, steps: Ints) -> Rows:
        lasts_s = presentation.end_s - presentation.start_s
        spec = self._experiment.design.schedule
        powers = self._billed(self._out[2][:count])
        inner, weights = _inner(spec.settle_s + 0.5 * spec.rise_s, window, steps)
        end_s = spec.settle_s + 0.5 * spec.rise_s + window.sum()
        before_s, after_s = (end_s - window.sum(), lasts_s - end_s) if len(inner) else (lasts_s, 0)
        spans = np.concatenate([[before_s], weights, [after_s]])
        energy = spans @ powers + self._extra(presentation)
        time_s = np.concatenate([[0.0], inner, [lasts_s]])
        nodes, gates = (part[:count].copy() for part in self._out[:2])
        return Rows(time_s, nodes, gates, powers, energy)

    def _billed(self, powers: Floats) -> Floats:
        """Kernel powers by block."""
        billed = np.zeros((len(powers), len(BLOCKS)))
        names = ("network_free", "network_clamped", "drivers", "clamp", "update")
        for name, column in zip(names, powers.T, strict=True):
            billed[:, BLOCKS.index(name)] = column
        billed[:, BLOCKS.index("bias")] = self._tables.join.bias_W
        return billed

    def _extra(self, presentation: Presentation) -> Floats:
        """Energy of this kind of presentation that tables do not hold."""
        extra = self._tables.join.extra_J[presentation.learning, self._learnt]
        n_source, n_target = len(self._experiment.network.sources), len(self._experiment.network.targets)
        energy = np.zeros(len(BLOCKS))
        counts = {"update": len(self._gates), "drivers": n_source, "clamp": n_target}
        for place, name in enumerate(("update", "drivers", "clamp", "bias", "control")):
            energy[BLOCKS.index(name)] = counts.get(name, 1) * extra[place]
        return energy


def _inner(begin_s: float, window: Floats, steps: Ints) -> tuple[Floats, Floats]:
    """Middles and lengths of the steps through the window, seconds."""
    lengths = np.concatenate([np.full(n, w / n) for w, n in zip(window, steps, strict=True) if n] or [np.zeros(0)])
    return begin_s + np.cumsum(lengths) - 0.5 * lengths, lengths


def _pair(*splines: Spline) -> tuple[Floats, ...]:
    return tuple(part for one in splines for part in (one.grid, one.coefficients))


def _pulls(update: UpdateTables, what: str) -> tuple[object, ...]:
    """Grid, knots, intervals, and what free, clamped and weighed pairs add."""
    splines = [getattr(one, what) for one in (update.free, update.clamped, update.weighed)]
    places = np.arange(update.rest.axes[0].count - 1)
    interval = np.searchsorted(update.knots, places, side="right") - 1
    stacked = (np.stack([one.coefficients for one in pull]) for pull in splines)
    return (splines[0][0].grid, update.knots_V, interval, *stacked)


def _arguments(experiment: Experiment, tables: Tables) -> tuple[tuple[object, ...], ...]:
    """Tables as kernels take them: edge, amps, charge, update, rail, join."""
    edge, update, join = tables.edge, tables.update, tables.join
    nudge = float(experiment.design.learning.nudge)
    driver, clamp = tables.driver, tables.clamp
    amps = (
        tables.load_ohm, *_pair(driver.miss, driver.rail), nudge, *_pair(clamp.miss, clamp.rail),
        experiment.rail_V,
    )  # fmt: skip
    gate = (*_pulls(update, "gate"), *_pair(update.rest))
    rail = (*_pulls(update, "rail"), *_pair(update.rest_rail), update.off_A)
    handed, free, clamped = (
        np.stack([one.coefficients for one in pair])
        for pair in (join.handed_C, join.free_late_s, join.clamped_late_s)
    )
    enabling = (join.handed_C[0].grid, handed, join.free_late_s[0].grid, free, clamped)
    return (
        _pair(edge.free, edge.clamped), amps, _pair(edge.charge, edge.more), gate, rail,
        enabling,
    )  # fmt: skip
