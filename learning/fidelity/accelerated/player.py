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
from learning.fidelity.accelerated.tables import Tables, Weighed
from learning.fidelity.accelerated.update_table import Pull, UpdateTables
from learning.measure.ledger import BLOCKS
from learning.twin.constraint import Ints

SUB_STEPS = 2
"""Midpoint steps through the enabled window."""

_COLUMNS = [
    BLOCKS.index(name) for name in ("network_free", "network_clamped", "drivers", "clamp", "update")
]
"""Blocks of a kernel's powers, in its order."""

_BIAS = BLOCKS.index("bias")

_STARTS = 4
"""Rounds in which nodes and gate charges find each other at a start."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a presentation went through, from where the one before ended.

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


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The time in which learning acts.

    Attributes:
        begin_s: From the presentation's start, seconds.
        spans_s: Without and with the power weight's pulse, seconds.
        steps: Steps through each.
        kind: Row of the constants of enabling.
    """

    begin_s: float
    spans_s: Floats
    steps: Ints
    kind: int

    @property
    def lengths_s(self) -> Floats:
        """(n_step,), seconds."""
        return np.repeat(self.spans_s / np.maximum(self.steps, 1), self.steps)


class Player:
    """A machine in a state, on its tables.

    Args:
        experiment: The machine.
        tables: Its cells.
        weighed: What a power weight changes; None while λ stays 0.
        gates_V: Where its gates begin, (n_gate,), volts.
    """

    def __init__(
        self, experiment: Experiment, tables: Tables, weighed: Weighed | None, gates_V: Floats
    ) -> None:
        self.layout: Layout = lay_out(experiment.network)
        self._experiment, self._tables, self._weighed = experiment, tables, weighed
        self._kernel = _arguments(experiment, tables, weighed)
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
        self._extra = self._extras()
        self._seen: dict[tuple[int, bool], Floats] = {}

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
        if self._charge is None:
            self._begin(vin)
        before = self._x.copy(), self._gates.copy()
        shown = presentation.example, presentation.learning
        self._x[:] = self._seen.get(shown, self._x)
        window = self._window(presentation, weight)
        count = self._play(vin, window)
        if not count:
            raise LearningError(
                f"no state of the networks found in presentation {presentation.index}",
                "simulator.fidelity",
                'fidelity = "spice" plays it on the transistors',
            )
        self._seen[shown] = self._out[0][0].copy()
        rows = self._rows(presentation, before, count, window)
        self._learnt = presentation.learning
        return rows

    def _begin(self, vin: Floats) -> None:
        """Gates are given at the start: their charge follows from where the nodes are then."""
        given, idle = self._gates.copy(), _Window(0.0, np.zeros(2), np.zeros(2, dtype=np.int64), 0)
        self._charge = np.zeros(len(given))
        self._x[:] = 0.5 * vin.mean()
        for _ in range(_STARTS):
            self._hold(given)
            self._play(vin, idle)
        self._hold(given)

    def _hold(self, gates_V: Floats) -> None:
        """Put the charge on the gates that they have at these voltages."""
        self._gates[:] = gates_V
        held = (
            gate_charge(self.layout.arrays, self._kernel[2], self._x, gate, float(volts))[0]
            for gate, volts in enumerate(gates_V)
        )
        self._charge = np.fromiter(held, dtype=float, count=len(gates_V))

    def _window(self, presentation: Presentation, weight: float) -> _Window:
        if not presentation.learning:
            return _Window(0.0, np.zeros(2), np.zeros(2, dtype=np.int64), 0)
        begin_s, end_s = enabled_window(presentation, self._experiment.design.schedule)
        spans_s = (end_s - begin_s) * np.array([1.0 - weight, weight])
        steps = np.where(spans_s > 0.0, (SUB_STEPS, max(1, SUB_STEPS // 2)), 0)
        kind = int(self._learnt) + (2 if weight > 0.0 else 0)
        return _Window(begin_s - presentation.start_s, spans_s, steps, kind)

    def _play(self, vin: Floats, window: _Window) -> int:
        edge, amps, charge, update, rail, join = self._kernel
        return int(
            play(
                self.layout.arrays, edge, amps, self._work, charge, update, rail, join,
                self._x, self._gates, self._charge, vin, window.spans_s, window.steps,
                window.kind, self._scratch, *self._out,
            )
        )  # fmt: skip

    def _rows(
        self, presentation: Presentation, before: tuple[Floats, Floats], count: int, window: _Window
    ) -> Rows:
        """Kernel rows in time: powers jump where learning begins and ends, voltages do not."""
        lasts_s = presentation.end_s - presentation.start_s
        lengths_s = window.lengths_s
        powers = self._billed(self._out[2][:count])
        extra = self._extra[presentation.learning, self._learnt]
        order, time_s = [0, 0], [0.0, self._experiment.design.schedule.rise_s]
        spans_s = np.array([lasts_s, 0.0])
        if count > 2:  # noqa: PLR2004 - a row before, one after
            end_s = window.begin_s + lengths_s.sum()
            spans_s = np.array([window.begin_s, *lengths_s, lasts_s - end_s])
            middles = window.begin_s + np.cumsum(lengths_s) - 0.5 * lengths_s
            order += [0, 1, *range(1, count - 1), count - 2, count - 1]
            time_s += [window.begin_s, window.begin_s, *middles.tolist(), end_s, end_s]
        order.append(count - 1)
        time_s.append(lasts_s)
        nodes, gates = (part[order] for part in self._out[:2])
        nodes[0], gates[0] = before
        return Rows(
            time_s=np.array(time_s),
            nodes_V=nodes,
            gates_V=gates,
            power_W=powers[order] + extra / lasts_s,
            energy_J=spans_s @ powers + extra,
        )

    def _billed(self, powers: Floats) -> Floats:
        """Kernel powers by block."""
        billed = np.zeros((len(powers), len(BLOCKS)))
        billed[:, _COLUMNS] = powers
        billed[:, _BIAS] = self._tables.join.bias_W
        return billed

    def _extras(self) -> dict[tuple[bool, bool], Floats]:
        """Energy by kind of presentation that tables do not hold: (n_block,), joules."""
        network = self._experiment.network
        names = ("update", "drivers", "clamp", "bias", "control")
        counts = np.array([len(self._gates), len(network.sources), len(network.targets), 1, 1])
        found = {}
        for kind, extra in self._tables.join.extra_J.items():
            found[kind] = np.zeros(len(BLOCKS))
            found[kind][[BLOCKS.index(name) for name in names]] = counts * extra
        return found


def _pair(*splines: Spline) -> tuple[Floats, ...]:
    return tuple(part for one in splines for part in (one.grid, one.coefficients))


def _pulls(update: UpdateTables, weighed: Pull, what: str) -> tuple[object, ...]:
    """Grid, knots, intervals, and what free, clamped and weighed pairs add."""
    splines = [getattr(one, what) for one in (update.free, update.clamped, weighed)]
    places = np.arange(update.rest.axes[0].count - 1)
    interval = np.searchsorted(update.knots, places, side="right") - 1
    stacked = (np.stack([one.coefficients for one in pull]) for pull in splines)
    return (splines[0][0].grid, update.knots_V, interval, *stacked)


def _arguments(
    experiment: Experiment, tables: Tables, weighed: Weighed | None
) -> tuple[tuple[object, ...], ...]:
    """Tables as kernels take them: edge, amps, charge, update, rail, join."""
    edge, update = tables.edge, tables.update
    driver, clamp = tables.driver, tables.clamp
    amps = (
        tables.load_ohm, *_pair(driver.miss, driver.rail),
        float(experiment.design.learning.nudge), *_pair(clamp.miss, clamp.rail),
        experiment.rail_V,
    )  # fmt: skip
    pull = weighed.pull if weighed else update.free
    gate = (*_pulls(update, pull, "gate"), *_pair(update.rest))
    rail = (*_pulls(update, pull, "rail"), *_pair(update.rest_rail), update.off_A)
    charge = _pair(edge.charge, edge.more)
    return _pair(edge.free, edge.clamped), amps, charge, gate, rail, _enabling(tables, weighed)


def _enabling(tables: Tables, weighed: Weighed | None) -> tuple[object, ...]:
    """Charge and lateness after a pause and after learning, without and with a power weight."""
    joins = (tables.join, weighed.join if weighed else tables.join)
    handed, free, clamped = (
        np.stack([one.coefficients for join in joins for one in getattr(join, name)])
        for name in ("handed_C", "free_late_s", "clamped_late_s")
    )
    return (
        tables.join.handed_C[0].grid, handed, tables.join.free_late_s[0].grid, free, clamped,
    )  # fmt: skip
