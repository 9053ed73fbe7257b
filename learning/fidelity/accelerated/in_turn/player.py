"""A machine whose one network is free and clamped in turn, on its tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.schedule import Presentation
from learning.fidelity.accelerated.chunks import Chunk, alone, chunks, found, put_in
from learning.fidelity.accelerated.ends import asked, nudges_pairs
from learning.fidelity.accelerated.in_turn.instances import alike, drawn
from learning.fidelity.accelerated.in_turn.kernel import begin_turn, play_turn
from learning.fidelity.accelerated.in_turn.leaning_table import Leanings
from learning.fidelity.accelerated.in_turn.phases import window_s
from learning.fidelity.accelerated.in_turn.rehearsal import NOTHING, Rehearsal
from learning.fidelity.accelerated.in_turn.tables import TurnTables
from learning.fidelity.accelerated.jets import Jets
from learning.fidelity.accelerated.kernel import N_POWER
from learning.fidelity.accelerated.layout import NO_CLAMPS, NO_PAIRS, Layout, lay_out_in_turn
from learning.fidelity.accelerated.rows import Constant, Frame, Left, Rows, Window, frame, room
from learning.fidelity.plant import Part
from learning.measure.ledger import BLOCKS
from learning.tasks.examples import Examples
from learning.twin.constraint import Ints

_BIAS, _CONTROL, _UPDATE, _CLAMP, _FREE = (
    BLOCKS.index(name) for name in ("bias", "control", "update", "clamp", "network_free")
)

_NOTHING = np.zeros(0)

_NO_WAY, _NO_PAIR = ((np.zeros((n, 3)), np.zeros((1, 1, *(n * (5,))))) for n in (2, 3))
"""Where kernels look for journeys of clamps of a kind that a machine does not have."""


class TurnPlayer:
    """A machine in a state, on its tables.

    Args:
        experiment: The machine.
        tables: Its cells.
        rehearsal: What its clamps take while nobody has them look at the network.
        leanings: What their devices do; None has no device differ from another.
        gates_V: Where its gates begin, (n_gate,), volts.
    """

    def __init__(
        self,
        experiment: Experiment,
        tables: TurnTables,
        rehearsal: Rehearsal,
        leanings: Leanings | None,
        gates_V: Floats,
    ) -> None:
        self._experiment, self._tables, self._rehearsal = experiment, tables, rehearsal
        self._own = drawn(tables, leanings, experiment) if leanings else alike(tables, experiment)
        self.layout: Layout
        self.layout, self._clamped = (
            replace(one, arrays=(*one.arrays[:-2], self._own.edge, self._own.amplifier))
            for one in lay_out_in_turn(experiment.network)
        )
        n_gate, size, n_held = len(gates_V), self.layout.size, len(self._clamped.amplified)
        self._work = self.layout.work(), self._clamped.work()
        self._scratch = (
            np.zeros(n_gate), np.zeros(size), np.zeros(n_gate), np.zeros(n_gate),
            np.zeros(n_gate), np.zeros(n_held), np.zeros(n_held), np.zeros(n_gate),
            np.zeros(n_gate), np.zeros(n_gate), np.zeros(N_POWER),
        )  # fmt: skip
        self._drivers = sum(len(port.nodes) for port in experiment.network.sources)
        self._lines = asked(experiment)
        self._jets = Jets()
        self._arguments = self._kernel(n_gate, self._jets)
        self._frames: dict[tuple[object, ...], tuple[Floats, Frame]] = {}
        self.begin(gates_V)

    def begin(self, gates_V: Floats) -> None:
        """Forget what was shown, and begin anew.

        Args:
            gates_V: Where gates begin, (n_gate,), volts.
        """
        self._gates, self._x = np.array(gates_V, dtype=float), np.zeros(self.layout.size)
        self._charge: Floats | None = None
        self._taught, self._asked = False, 0
        """Whether it ever learnt, and queries since then or since it began."""
        self._learnt = False
        self._found: Floats | None = None
        """Where nodes were when an example was last shown, free and then clamped, volts."""
        for work in self._work:
            work[-1][:] = 0.0
        self._jets.forget()

    def show(self, chunk: Chunk, examples: Examples, weight: float) -> Iterator[Rows]:
        """Show examples, as the schedule says.

        Args:
            chunk: When, and whether they learn.
            examples: Rows they refer to: the same ones until it begins anew.
            weight: λ, which is in the inputs while the network is free.

        Yields:
            What happened, presentation by presentation.

        Raises:
            LearningError: When the network finds no state.
        """
        shown, places = put_in(chunk, examples)
        weighed, learning = shown.copy(), chunk[0].learning
        if learning:
            weighed[:, : examples.inputs.shape[1]] *= sqrt(1.0 - weight)
        vin, weighed = self._lines.of(shown), self._lines.of(weighed)
        if self._charge is None or self._found is None:
            self._charge = self._start(vin[0])
            self._found = found(examples, 2, self.layout.size)
        before = self._x.copy(), self._gates.copy()
        lengths_s, framed = self._frame(chunk[0])
        out = room(len(chunk), len(lengths_s) + 2, self.layout.size, len(self._gates))
        count = self._play(vin, weighed, lengths_s, self._found, places, out)
        self._learnt, self._taught = learning, self._taught or learning
        self._asked = 0 if learning else self._asked + len(chunk)
        yield from framed.rows((out[0][:count], out[1][:count], out[2][:count]), before)
        if count < len(chunk):
            raise LearningError(
                f"no state of the network found in presentation {chunk[count].index}",
                "simulator.fidelity",
                'fidelity = "spice" plays it on the transistors',
            )

    def _start(self, vin: Floats) -> Floats:
        """Gates are given at the start: their charge follows from where the nodes are then."""
        charge, given = np.zeros(len(self._gates)), self._gates.copy()
        self._x[:] = 0.5 * vin.mean()
        edge, amps, _, kept = self._arguments[:4]
        begin_turn(
            self.layout.arrays, edge, amps, self._work[0], kept, self._scratch, given, vin,
            self._x, self._gates, charge,
        )  # fmt: skip
        return charge

    def _lengths_s(self, presentation: Presentation) -> Floats:
        """Of each stage of the clamped state; the last one goes on as long as that lasts."""
        if not presentation.learning:
            return _NOTHING
        begin_s, end_s = window_s(self._experiment, presentation)
        ends_s = np.minimum(self._tables.clamp.stages_s, end_s - begin_s)
        ends_s[-1] = end_s - begin_s
        lengths_s = np.diff(ends_s, prepend=self._tables.update.late_s)
        return np.asarray(lengths_s[lengths_s > 0.0])

    def _play(
        self, vin: Floats, weighed: Floats, lengths_s: Floats, found: Floats, places: Ints,
        out: Left,
    ) -> int:  # fmt: skip
        """Play a chunk; returns how many presentations found a state."""
        edge, amps, clamps, charge, update, handed, journey = self._arguments
        return int(
            play_turn(
                self.layout.arrays, self._clamped.arrays, edge, amps, clamps, self._work, charge,
                update, handed, journey, self._x, self._gates, self._charge, vin, weighed,
                lengths_s, self._waiting_W(len(places)), int(self._learnt), found, places,
                self._scratch, *out,
            )
        )  # fmt: skip

    def _waiting_W(self, count: int) -> Floats:
        """What clamps take in each of the next queries, (count,), watts."""
        known_W = self._rehearsal.after_W if self._taught else self._rehearsal.before_W
        which = np.minimum(self._asked + np.arange(count), len(known_W) - 1)
        return np.asarray(known_W[which])

    def _frame(self, presentation: Presentation) -> tuple[Floats, Frame]:
        """Lengths of the stages and where rows stand in time, of its kind of presentation."""
        one = alone(presentation)
        kind = one, self._learnt, self._taught
        if kind not in self._frames:
            lengths_s = self._lengths_s(one)
            begin_s = window_s(self._experiment, one)[0] if len(lengths_s) else 0.0
            learns = Window(begin_s, lengths_s, self._tables.update.late_s)
            power_W = np.zeros(len(BLOCKS))
            power_W[_BIAS] = self._own.bias_W
            self._frames[kind] = (
                lengths_s,
                frame(
                    learns,
                    self._experiment.design.schedule.rise_s,
                    one.end_s,
                    Constant(power_W, self._extra(one)),
                ),
            )
        return self._frames[kind]

    def _extra(self, presentation: Presentation) -> Floats:
        """Energy that powers do not hold: (n_block,), joules."""
        learning, learnt = presentation.learning, self._learnt
        extra = np.zeros(len(BLOCKS))
        update_J, extra[_CONTROL] = self._tables.update.extra_J[learning, learnt]
        extra[_UPDATE] = len(self._gates) * update_J
        if learning and presentation.warm_up_s:
            extra[_CLAMP] = self._rehearsal.wake_J[int(self._taught)]
        if learnt and not learning:
            extra[_FREE] = self._rehearsal.settle_J
        return extra

    def _kernel(self, n_gate: int, jets: Jets) -> tuple[tuple[object, ...], ...]:
        """Tables as kernels take them: edge, amps, clamps, charge, update, handed, journey."""
        tables, own = self._tables, self._own
        update, clamp, driver = tables.update, tables.clamp, tables.driver
        paired, gone = nudges_pairs(self._experiment), (clamp.beyond[0].grid, own.beyond)
        edge = tables.edge.free.grid, own.current
        charge = tables.edge.charge.grid, own.charge
        amplifiers = (
            tables.load_ohm, driver.miss.grid, own.miss, driver.rail.grid, own.rail, 1.0,
            *NO_CLAMPS, self._experiment.rail_V, *NO_PAIRS,
        )  # fmt: skip
        clamps = (
            self._drivers, self._clamped.amplified[self._drivers :], clamp.idle.grid,
            clamp.idle.coefficients, own.on_W, n_gate * update.off_W, own.clamp,
            0.5 * self._experiment.design.learning.nudge if paired else -1.0,
            clamp.rail.grid, own.held,
        )  # fmt: skip
        pulls = (
            update.free.grid, own.free, own.clamped, update.free_share.grid,
            update.free_share.coefficients, update.clamped_share.coefficients,
            update.rest.grid, own.rest, update.most_A,
            jets.room(n_gate, 2), jets.room(n_gate, 1, 3),
        )  # fmt: skip
        return (
            (*edge, *edge, jets.room(n_gate, 3)), amplifiers, clamps,
            (*charge, *charge, jets.room(n_gate, 3)), pulls,
            (update.handed[0].grid, own.handed),
            (*_NO_WAY, *gone) if paired else (*gone, *_NO_PAIR),
        )  # fmt: skip


def gates_after(experiment: Experiment, tables: TurnTables, part: Part) -> Floats:
    """Where a part leaves the gates of a machine whose devices are alike; nothing is billed.

    Args:
        experiment: The machine.
        tables: Its cells.
        part: What to play.

    Returns:
        (n_gate,), volts.

    Raises:
        LearningError: When the network finds no state.
    """
    player = TurnPlayer(experiment, tables, NOTHING, None, part.gates_V)
    weight, gates_V = experiment.design.learning.power_weight, part.gates_V
    for chunk in chunks(part.schedule.presentations, len(gates_V), learnt=False):
        for rows in player.show(chunk, part.examples, weight):
            gates_V = rows.gates_V[-1]
    return gates_V
