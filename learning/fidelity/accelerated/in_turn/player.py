"""A machine whose one network is free and clamped in turn, on its tables."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Presentation
from learning.fidelity.accelerated.in_turn.instances import alike, drawn
from learning.fidelity.accelerated.in_turn.kernel import (
    AFTER,
    BEFORE,
    LEARNING,
    held_charges,
    play_turn,
)
from learning.fidelity.accelerated.in_turn.leaning_table import Leanings
from learning.fidelity.accelerated.in_turn.phases import window_s
from learning.fidelity.accelerated.in_turn.tables import TurnTables
from learning.fidelity.accelerated.jets import Jets
from learning.fidelity.accelerated.kernel import N_POWER
from learning.fidelity.accelerated.layout import Layout, lay_out_in_turn
from learning.fidelity.accelerated.rows import Constant, Frame, Rows, Window, frame
from learning.measure.ledger import BLOCKS

_BIAS, _CONTROL, _UPDATE = (BLOCKS.index(name) for name in ("bias", "control", "update"))

_STARTS = 4
"""Rounds in which nodes and gate charges find each other at a start."""

_NOTHING = np.zeros(0)

_UNUSED = np.zeros((3, 3)), np.zeros((1, 5, 5, 5))
"""Where kernels look for the tables of clamps of twin networks."""


class TurnPlayer:
    """A machine in a state, on its tables.

    Args:
        experiment: The machine.
        tables: Its cells.
        leanings: What their devices do; None has no device differ from another.
        gates_V: Where its gates begin, (n_gate,), volts.
    """

    def __init__(
        self,
        experiment: Experiment,
        tables: TurnTables,
        leanings: Leanings | None,
        gates_V: Floats,
    ) -> None:
        self._experiment, self._tables = experiment, tables
        self._own = drawn(tables, leanings, experiment) if leanings else alike(tables, experiment)
        self.layout: Layout
        self.layout, self._clamped = (
            replace(one, arrays=(*one.arrays[:-2], self._own.edge, self._own.amplifier))
            for one in lay_out_in_turn(experiment.network)
        )
        n_gate, size, n_held = len(gates_V), self.layout.size, len(self._clamped.amplified)
        self._unknown = np.full(size, np.nan)
        self._work = self.layout.work(), self._clamped.work()
        rows = len(tables.clamp.stages_s) + 2
        self._scratch = (
            np.zeros(n_gate), np.zeros(size), np.zeros(n_gate), np.zeros(n_gate),
            np.zeros(n_gate), np.zeros(n_held), np.zeros(n_held), np.zeros(n_gate),
            np.zeros(n_gate), np.zeros(n_gate),
        )  # fmt: skip
        self._out = np.zeros((rows, size)), np.zeros((rows, n_gate)), np.zeros((rows, N_POWER))
        self._drivers = sum(len(port.nodes) for port in experiment.network.sources)
        self._jets = Jets()
        self._arguments = self._kernel(n_gate, self._jets)
        self.begin(gates_V)

    def begin(self, gates_V: Floats) -> None:
        """Forget what was shown, and begin anew.

        Args:
            gates_V: Where gates begin, (n_gate,), volts.
        """
        self._gates, self._x = np.array(gates_V, dtype=float), np.zeros(self.layout.size)
        self._charge: Floats | None = None
        self._asked: int | None = None
        self._last_V = np.zeros(len(self._experiment.network.targets))
        self._learnt = False
        self._frames: dict[tuple[object, ...], tuple[Floats, Frame]] = {}
        self._found: dict[tuple[int, bool], Floats] = {}
        """Where nodes were when an example was last shown, free and then clamped, volts."""
        for work in self._work:
            work[-1][:] = 0.0
        self._jets.forget()

    def show(
        self, presentation: Presentation, inputs_V: Floats, labels_V: Floats, weight: float
    ) -> Rows:
        """Show an example, as the schedule says.

        Args:
            presentation: When, and whether it learns.
            inputs_V: (n_source,), volts.
            labels_V: (n_target,), volts.
            weight: λ, which is in the inputs while the network is free.

        Returns:
            What happened.

        Raises:
            LearningError: When the network finds no state.
        """
        vin = np.concatenate([inputs_V, labels_V])
        weighed = vin.copy()
        if presentation.learning:
            weighed[: len(inputs_V)] *= sqrt(1.0 - weight)
        if self._charge is None:
            self._start(vin)
        before = self._x.copy(), self._gates.copy()
        lengths_s, framed = self._frame(presentation)
        found = self._found.get((presentation.example, presentation.learning))
        if found is not None:
            self._x[:] = found[0]
        if not self._play(vin, weighed, lengths_s, self._unknown if found is None else found[1]):
            raise LearningError(
                f"no state of the network found in presentation {presentation.index}",
                "simulator.fidelity",
                'fidelity = "spice" plays it on the transistors',
            )
        self._found[presentation.example, presentation.learning] = self._out[0][:2].copy()
        self._learnt = presentation.learning
        if presentation.learning:
            self._asked, self._last_V = 0, np.array(labels_V, dtype=float)
        elif self._asked is not None:
            self._asked += 1
        return framed.rows(self._out, before)

    def _start(self, vin: Floats) -> None:
        """Gates are given at the start: their charge follows from where the nodes are then."""
        given = self._gates.copy()
        self._charge = np.zeros(len(given))
        self._x[:] = 0.5 * vin.mean()
        for _ in range(_STARTS):
            self._hold(given)
            self._play(vin, vin, _NOTHING, self._unknown)
        self._hold(given)

    def _hold(self, gates_V: Floats) -> None:
        """Put the charge on the gates that they have at these voltages."""
        self._gates[:] = gates_V
        self._charge, capacity = np.zeros(len(gates_V)), np.zeros(len(gates_V))
        held_charges(
            self.layout.arrays, self._arguments[3], self._x, self._gates, self._charge, capacity
        )

    def _lengths_s(self, presentation: Presentation) -> Floats:
        """Of each stage of the clamped state; the last one goes on as long as that lasts."""
        if not presentation.learning:
            return _NOTHING
        begin_s, end_s = window_s(self._experiment, presentation)
        ends_s = np.minimum(self._tables.clamp.stages_s, end_s - begin_s)
        ends_s[-1] = end_s - begin_s
        lengths_s = np.diff(ends_s, prepend=self._tables.update.late_s)
        return np.asarray(lengths_s[lengths_s > 0.0])

    def _play(self, vin: Floats, weighed: Floats, lengths_s: Floats, begun: Floats) -> int:
        edge, amps, clamps, charge, update, handed, journey = self._arguments
        state = BEFORE if self._asked is None else AFTER + self._asked
        return int(
            play_turn(
                self.layout.arrays, self._clamped.arrays, edge, amps, clamps, self._work, charge,
                update, handed, journey, self._x, self._gates, self._charge, vin, weighed,
                lengths_s, LEARNING if len(lengths_s) else state, int(self._learnt), self._last_V,
                begun, self._scratch, *self._out,
            )
        )  # fmt: skip

    def _frame(self, presentation: Presentation) -> tuple[Floats, Frame]:
        """Lengths of the stages and where rows stand in time, of its kind of presentation."""
        kind = presentation.learning, self._learnt, presentation.epoch, presentation.warm_up_s
        if kind not in self._frames:
            lengths_s = self._lengths_s(presentation)
            begin_s = window_s(self._experiment, presentation)[0] if len(lengths_s) else 0.0
            learns = Window(begin_s - presentation.start_s, lengths_s, self._tables.update.late_s)
            power_W = np.zeros(len(BLOCKS))
            power_W[_BIAS] = self._own.bias_W
            self._frames[kind] = (
                lengths_s,
                frame(
                    learns,
                    self._experiment.design.schedule.rise_s,
                    presentation.end_s - presentation.start_s,
                    Constant(power_W, self._extra(presentation)),
                ),
            )
        return self._frames[kind]

    def _extra(self, presentation: Presentation) -> Floats:
        """Energy that powers do not hold: (n_block,), joules."""
        kind = presentation.learning, self._learnt
        update_J, control_J = self._tables.update.extra_J[kind]
        extra = np.zeros(len(BLOCKS))
        extra[_UPDATE] = len(self._gates) * update_J
        extra[_CONTROL] = control_J
        return extra

    def _kernel(self, n_gate: int, jets: Jets) -> tuple[tuple[object, ...], ...]:
        """Tables as kernels take them: edge, amps, clamps, charge, update, handed, journey."""
        tables, own = self._tables, self._own
        update, clamp, driver = tables.update, tables.clamp, tables.driver
        edge = (tables.edge.free.grid, own.current)
        amplifiers = (
            tables.load_ohm, driver.miss.grid, own.miss, driver.rail.grid, own.rail, 1.0,
            _UNUSED[0], _UNUSED[1], _UNUSED[0], _UNUSED[1], self._experiment.rail_V,
        )  # fmt: skip
        clamps = (
            self._drivers, self._clamped.amplified[self._drivers :], clamp.idle.grid,
            clamp.idle.coefficients, clamp.before.coefficients, own.on_W,
            n_gate * update.off_W, own.clamp,
            clamp.quiet[0].grid, np.stack([one.coefficients for one in clamp.quiet]),
        )  # fmt: skip
        pulls = (
            update.free.grid, own.free, own.clamped, update.free_share.grid,
            update.free_share.coefficients, update.clamped_share.coefficients,
            update.rest.grid, own.rest, update.most_A,
            jets.room(n_gate, 2), jets.room(n_gate, 1, 3),
        )  # fmt: skip
        return (
            (*edge, *edge, jets.room(n_gate, 3)), amplifiers, clamps,
            (tables.edge.charge.grid, own.charge, jets.room(n_gate, 3)), pulls,
            (update.handed[0].grid, own.handed), (clamp.beyond[0].grid, own.beyond),
        )  # fmt: skip
