"""A machine on its tables: presentation after presentation through the compiled kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Presentation, enabled_window
from learning.fidelity.accelerated.chunks import Chunk, alone, found, put_in
from learning.fidelity.accelerated.ends import asked, nudges_pairs
from learning.fidelity.accelerated.jets import Jets
from learning.fidelity.accelerated.join_table import JoinTables
from learning.fidelity.accelerated.layout import NO_CLAMPS, NO_PAIRS, Layout, lay_out
from learning.fidelity.accelerated.presentation_kernel import begin, play
from learning.fidelity.accelerated.rows import Constant, Frame, Left, Rows, Window, frame, room
from learning.fidelity.accelerated.spline import Spline
from learning.fidelity.accelerated.tables import Tables, Weighed
from learning.fidelity.accelerated.update_table import Pull, UpdateTables
from learning.measure.ledger import BLOCKS
from learning.tasks.examples import Examples
from learning.twin.constraint import Ints

SUB_STEPS = 2
"""Midpoint steps through the enabled window."""

_BIAS, _CONTROL = (BLOCKS.index(name) for name in ("bias", "control"))


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
        paired = nudges_pairs(experiment)
        self.layout: Layout = lay_out(experiment.network, paired=paired)
        self._asked = asked(experiment)
        self._experiment, self._tables, self._weighed = experiment, tables, weighed
        self._jets = Jets()
        self._kernel = _arguments(experiment, tables, weighed, self._jets)
        self._work = self.layout.work()
        n_gate, size = len(gates_V), self.layout.size
        self._scratch = (
            np.zeros(2 * n_gate), np.zeros((size, 2)), np.zeros(n_gate), np.zeros(n_gate),
            (np.zeros(n_gate), np.zeros(n_gate), np.zeros(n_gate)),
        )  # fmt: skip
        self._extra = self._extras(tables.join), self._extras(tables.join)
        if weighed:
            for kind, extra_J in self._extras(weighed.join).items():
                self._extra[1][kind][_CONTROL] = extra_J[_CONTROL]
        self._frames: dict[tuple[object, ...], tuple[_Window, Frame]] = {}
        self.begin(gates_V)

    def begin(self, gates_V: Floats) -> None:
        """Forget what was shown, and begin anew.

        Args:
            gates_V: Where gates begin, (n_gate,), volts.
        """
        self._gates, self._x = np.array(gates_V, dtype=float), np.zeros(self.layout.size)
        self._charge: Floats | None = None
        self._learnt = False
        self._found: Floats | None = None
        self._work[-1][:] = 0.0
        self._jets.forget()

    def show(self, chunk: Chunk, examples: Examples, weight: float) -> Iterator[Rows]:
        """Show examples, as the schedule says.

        Args:
            chunk: When, and whether they learn.
            examples: Rows they refer to: the same ones until it begins anew.
            weight: λ.

        Yields:
            What happened, presentation by presentation.

        Raises:
            LearningError: When the networks find no state.
        """
        shown, places = put_in(chunk, examples)
        vin = self._asked.of(shown)
        if self._charge is None or self._found is None:
            self._charge = self._start(vin[0])
            self._found = found(examples, self.layout.size)
        before = self._x.copy(), self._gates.copy()
        window, framed = self._framed(chunk[0], weight)
        rows = int(window.steps.sum()) + 2
        out = room(len(chunk), rows, self.layout.size, len(self._gates))
        count = self._play(vin, window, self._found, places, out)
        self._learnt = chunk[0].learning
        yield from framed.rows((out[0][:count], out[1][:count], out[2][:count]), before)
        if count < len(chunk):
            raise LearningError(
                f"no state of the networks found in presentation {chunk[count].index}",
                "simulator.fidelity",
                'fidelity = "spice" plays it on the transistors',
            )

    def _start(self, vin: Floats) -> Floats:
        """Gates are given at the start: their charge follows from where the nodes are then."""
        charge, given = np.zeros(len(self._gates)), self._gates.copy()
        self._x[:] = 0.5 * vin.mean()
        edge, amps, kept = self._kernel[:3]
        begin(
            self.layout.arrays, edge, amps, self._work, kept, self._scratch[-1], given, vin,
            self._x, self._gates, charge,
        )  # fmt: skip
        return charge

    def _window(self, presentation: Presentation, weight: float) -> _Window:
        if not presentation.learning:
            return _Window(0.0, np.zeros(2), np.zeros(2, dtype=np.int64), 0)
        begin_s, end_s = enabled_window(presentation, self._experiment.design.schedule)
        spans_s = (end_s - begin_s) * np.array([1.0 - weight, weight])
        steps = np.where(spans_s > 0.0, (SUB_STEPS, max(1, SUB_STEPS // 2)), 0)
        kind = int(self._learnt) + (2 if weight > 0.0 else 0)
        return _Window(begin_s - presentation.start_s, spans_s, steps, kind)

    def _play(
        self, vin: Floats, window: _Window, found: Floats, places: Ints,
        out: Left,
    ) -> int:  # fmt: skip
        """Play a chunk; returns how many presentations found a state."""
        edge, amps, charge, update, rail, join = self._kernel
        return int(
            play(
                self.layout.arrays, edge, amps, self._work, charge, update, rail, join,
                self._x, self._gates, self._charge, vin, window.spans_s, window.steps,
                window.kind, found, places, self._scratch, *out,
            )
        )  # fmt: skip

    def _framed(self, presentation: Presentation, weight: float) -> tuple[_Window, Frame]:
        """The window and where rows stand in time, of a kind of presentation."""
        one = alone(presentation)
        kind = one, self._learnt, weight
        if kind not in self._frames:
            window = self._window(one, weight)
            power_W = np.zeros(len(BLOCKS))
            power_W[_BIAS] = self._tables.join.bias_W
            self._frames[kind] = (
                window,
                frame(
                    Window(window.begin_s, window.lengths_s),
                    self._experiment.design.schedule.rise_s,
                    one.end_s,
                    Constant(power_W, self._extra[weight > 0.0][one.learning, self._learnt]),
                ),
            )
        return self._frames[kind]

    def _extras(self, join: JoinTables) -> dict[tuple[bool, bool], Floats]:
        """Energy by kind of presentation that tables do not hold: (n_block,), joules."""
        network = self._experiment.network
        names = ("update", "drivers", "clamp", "bias", "control")
        drivers, clamps = (
            sum(len(port.nodes) for port in ports) for ports in (network.sources, network.targets)
        )
        counts = np.array([len(network.edges), drivers, clamps, 1, 1])
        found = {}
        for kind, extra in join.extra_J.items():
            found[kind] = np.zeros(len(BLOCKS))
            found[kind][[BLOCKS.index(name) for name in names]] = counts * extra
        return found


def _pair(*splines: Spline) -> tuple[Floats, ...]:
    return tuple(part for one in splines for part in (one.grid, one.coefficients))


def _stack(*splines: Spline) -> tuple[Floats, ...]:
    """The same for tables of which there may be one per instance."""
    return tuple(part for one in splines for part in (one.grid, one.coefficients[None]))


def _pulls(update: UpdateTables, weighed: Pull, what: str) -> tuple[object, ...]:
    """Grid, knots, intervals, and what free, clamped and weighed pairs add."""
    splines = [getattr(one, what) for one in (update.free, update.clamped, weighed)]
    places = np.arange(update.rest.axes[0].count - 1)
    interval = np.searchsorted(update.knots, places, side="right") - 1
    stacked = (np.stack([one.coefficients for one in pull]) for pull in splines)
    return (splines[0][0].grid, update.knots_V, interval, *stacked)


def _pull_jets(jets: Jets, count: int) -> tuple[Floats, ...]:
    """Of the free, the clamped and the weighed pair at two knots, and of the rest."""
    return (*(jets.room(count, 2, 2, more=1) for _ in range(3)), jets.room(count, 1))


def _arguments(
    experiment: Experiment, tables: Tables, weighed: Weighed | None, jets: Jets
) -> tuple[tuple[object, ...], ...]:
    """Tables as kernels take them: edge, amps, charge, update, rail, join."""
    edge, update = tables.edge, tables.update
    driver, clamp = tables.driver, tables.clamp
    clamps = *_stack(clamp.miss), *_stack(clamp.rail)
    single, pair = (NO_CLAMPS, clamps) if nudges_pairs(experiment) else (clamps, NO_PAIRS)
    amps = (
        tables.load_ohm, *_stack(driver.miss, driver.rail),
        float(experiment.design.learning.nudge), *single, experiment.rail_V, *pair,
    )  # fmt: skip
    pull, n_edge = weighed.pull if weighed else update.free, len(experiment.network.edges)
    gate = (*_pulls(update, pull, "gate"), *_pair(update.rest), _pull_jets(jets, n_edge))
    rail = (
        *_pulls(update, pull, "rail"), *_pair(update.rest_rail), _pull_jets(jets, n_edge),
        update.off_A,
    )  # fmt: skip
    charge = *_stack(edge.charge, edge.more or edge.charge), jets.room(2 * n_edge, 3)
    return (
        (*_stack(edge.free, edge.clamped or edge.free), jets.room(2 * n_edge, 3)),
        amps,
        charge,
        gate,
        rail,
        _enabling(tables, weighed),
    )


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
