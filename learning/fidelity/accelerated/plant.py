"""The plant that plays a machine on tables measured from its own cells."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property, partial
from importlib.metadata import version
from typing import NoReturn

import numpy as np

from learning.arrays import Floats
from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from learning.experiment.lines import control_lines
from learning.experiment.schedule import Presentation
from learning.fidelity.accelerated import store
from learning.fidelity.accelerated.chunks import chunks
from learning.fidelity.accelerated.in_turn.leaning_table import Leanings
from learning.fidelity.accelerated.in_turn.player import TurnPlayer, gates_after
from learning.fidelity.accelerated.in_turn.rehearsal import Rehearsal, nominal
from learning.fidelity.accelerated.in_turn.tables import (
    TurnTables,
    measure_devices,
    measure_turns,
)
from learning.fidelity.accelerated.player import Player
from learning.fidelity.accelerated.refusal import require_playable
from learning.fidelity.accelerated.rows import Rows
from learning.fidelity.accelerated.tables import (
    Tables,
    Tell,
    Weighed,
    measure,
    measure_power_weight,
)
from learning.fidelity.plant import Accuracy, Capabilities, Ending, Part, Plant, Take, require
from learning.measure.played import Played
from learning.measure.probes import shown_signals
from learning.twin.constraint import Ints
from learning.writing import stage
from netlist.machine import names
from netlist.machine.assembly import Assembly
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session

NAME = "accelerated"


class Accelerated:
    """Plays schedules on tables.

    Args:
        experiment: What it plays.
        session: A simulator that measures cells; it stays its owner's.
        tell: Told what is measured.
    """

    name = NAME
    capabilities = Capabilities(closed_loop=True)
    accuracy = Accuracy(gates_V=7e-3, energy=1e-2, error=0.1)
    """What it is held to; `docs/accelerated.md` has what it was measured at."""

    def __init__(self, experiment: Experiment, session: Session, tell: Tell) -> None:
        require_playable(experiment)
        self._experiment, self._session, self._tell = experiment, session, tell
        self._cancelled = threading.Event()
        self._tables: Tables | None = None
        self._weighed: Weighed | None = None
        self._turns: TurnTables | None = None
        self._rehearsal: Rehearsal | None = None
        self._leanings: Leanings | None = None
        self._names = _Names(experiment)
        self._idle: dict[bool, Player | TurnPlayer] = {}
        """Players whose part is over, by whether λ may differ from 0: they can begin another."""

    @property
    def experiment(self) -> Experiment:
        """What it plays."""
        return self._experiment

    def play(self, part: Part, take: Take) -> Ending:
        """Play a part of a schedule, as `learning.fidelity.plant.Plant`.

        Args:
            part: What to play, from where.
            take: Gets every presentation in order.

        Returns:
            How it ended; playing again would not help.

        Raises:
            LearningError: When the part asks for what this plant cannot do.
            SpiceError: When the cells could not be measured.
        """
        require(self, part)
        course = _Course(self._experiment, part, self._names)
        player = self._player(part, weighed=course.weighed)
        began = time.monotonic()
        status = self._played(course, player, part, take)
        message = "cancelled by the user" if status is Status.CANCELLED else ""
        spent_s = time.monotonic() - began - course.outside_s
        self._idle[course.weighed] = player
        return Ending(Outcome(status, message=message, solver_time_s=spent_s, engine=_engine()))

    def rest(self, part: Part) -> NoReturn:
        """Refuse: nodes follow at once, so that there is no state to go on from.

        Args:
            part: What would be played.
            until_s: Not looked at.

        Raises:
            LearningError: Always.
        """
        require(self, replace(part, states=True))
        raise AssertionError

    def audit(self, part: Part, until_s: float = math.inf) -> NoReturn:  # noqa: ARG002 - as spice
        """Refuse: there are no devices to ask.

        Args:
            part: What would be played.
            until_s: Not looked at.

        Raises:
            LearningError: Always.
        """
        require(self, part, audit=True)
        raise AssertionError

    def cancel(self) -> None:
        """End what is played now, or else next, from another thread."""
        self._cancelled.set()

    def _player(self, part: Part, *, weighed: bool) -> Player | TurnPlayer:
        """A player that stands where a part begins; whoever is given it has it alone."""
        player = self._idle.pop(weighed, None)
        if player is None:
            return self._opened(part, weighed=weighed)
        player.begin(part.gates_V)
        return player

    def _opened(self, part: Part, *, weighed: bool) -> Player | TurnPlayer:
        experiment, session, tell = self._experiment, self._session, self._tell
        if experiment.architecture.in_turn:
            if self._turns is None:
                name = store.key(experiment, "cells")
                self._turns = store.tables(name, lambda: measure_turns(session, experiment, tell))
            turns = self._turns
            return TurnPlayer(
                experiment, turns, self._rehearsed(turns), self._devices(turns), part.gates_V
            )
        if self._tables is None:
            name = store.key(experiment, "cells")
            self._tables = store.tables(name, lambda: measure(session, experiment, tell))
        tables = self._tables
        if weighed and self._weighed is None:
            name = store.key(experiment, "power weight")
            self._weighed = store.tables(
                name, lambda: measure_power_weight(session, experiment, tables, tell)
            )
        return Player(experiment, tables, self._weighed if weighed else None, part.gates_V)

    def _rehearsed(self, turns: TurnTables) -> Rehearsal:
        """What clamps take while nobody has them look at the network: the same for all chips."""
        if self._rehearsal is None:
            plain = nominal(self._experiment)
            self._rehearsal = store.rehearsed(
                self._session, plain, partial(gates_after, plain, turns), self._tell
            )
        return self._rehearsal

    def _devices(self, turns: TurnTables) -> Leanings | None:
        """What the devices of cells do, where they differ."""
        experiment, session, tell = self._experiment, self._session, self._tell
        if not experiment.chip.mismatch:
            return None
        if self._leanings is None:
            name = store.key(experiment, "devices")
            self._leanings = store.tables(
                name, lambda: measure_devices(session, experiment, turns, tell)
            )
        return self._leanings

    def _played(
        self, course: _Course, player: Player | TurnPlayer, part: Part, take: Take
    ) -> Status:
        presentations, n_edge = part.schedule.presentations, len(part.gates_V)
        for chunk in chunks(presentations, n_edge, learnt=False):
            played = player.show(chunk, part.examples, course.weight(chunk[0]))
            for shown in chunk:
                if self._cancelled.is_set():
                    self._cancelled.clear()
                    return Status.CANCELLED
                told = course.told(shown, next(played), player)
                began = time.monotonic()
                more = take(told)
                course.outside_s += time.monotonic() - began
                if not more:
                    return Status.HALTED
        return Status.COMPLETED


class _Names:
    """What an experiment calls its gates, nodes and signals, found when somebody asks.

    Args:
        experiment: The experiment; names are the same in every part of it, and on every chip.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment

    @cached_property
    def _assembly(self) -> Assembly:
        plain = self._experiment.design.replace("variation.mismatch", False)
        first = self._experiment.schedule.presentations[:1]
        shown = replace(self._experiment.schedule, presentations=first)
        made, examples = replace(self._experiment, design=plain), self._experiment.task.train
        return made.assembly(shown, examples, self._experiment.gates_V, 0.0)

    @cached_property
    def signals(self) -> tuple[str, ...]:
        """Of the waveforms that are kept."""
        return shown_signals(self._assembly)

    @cached_property
    def gates(self) -> dict[str, int]:
        """The place of each gate."""
        return {gate: index for index, gate in enumerate(self._assembly.gates)}

    @cached_property
    def nodes(self) -> dict[str, tuple[int, int]]:
        """Whether each is of the free or of the clamped network, 0 or 1, and its place there."""
        place = {node: index for index, node in enumerate(self._experiment.network.nodes)}
        return {
            deck: (side, place[node])
            for node, pair in self._assembly.nodes.items()
            for side, deck in enumerate(pair)
        }


class _Course:
    """A part under way: its power weights, and its rows in the words of the experiment."""

    def __init__(self, experiment: Experiment, part: Part, names: _Names) -> None:
        self._experiment, self._part, self._names = experiment, part, names
        self.outside_s = 0.0
        """Time spent by whoever takes presentations in, seconds."""
        network = experiment.network
        self._targets = [network.nodes.index(port.positive) for port in network.targets]
        self._against = [
            (column, network.nodes.index(port.negative))
            for column, port in enumerate(network.targets)
            if port.negative is not None
        ]
        self._weights: dict[int, float] = {}
        self._lines: dict[str, Floats] = {}

    @property
    def weighed(self) -> bool:
        """Whether λ may differ from 0."""
        weight = self._part.power_weight
        return callable(weight) or bool(np.any(np.array(self._written()) > 0.0))

    def weight(self, shown: Presentation) -> float:
        """λ of a presentation; whoever chooses it is asked when its epoch begins."""
        if not shown.learning:
            return 0.0
        if shown.epoch not in self._weights:
            self._weights.update(self._known(shown.epoch))
        return self._weights[shown.epoch]

    def told(self, shown: Presentation, rows: Rows, player: Player | TurnPlayer) -> Played:
        """A presentation's rows as every plant tells them."""
        layout = player.layout
        time_s = rows.time_s + shown.start_s
        time_s[-1] = shown.end_s
        sides = (layout.free, layout.clamped)
        return Played(
            presentation=shown,
            time_s=time_s,
            power_W=rows.power_W,
            energy_J=rows.energy_J,
            outputs_V=self._outputs_V(rows, layout.free),
            gates_V=rows.gates_V,
            signals=partial(self._signals_V, time_s, rows, sides),
        )

    def _outputs_V(self, rows: Rows, free: Ints) -> Floats:
        """Voltages of targets, a pair's against its other node: (n_row, n_target)."""
        outputs_V = rows.nodes_V[:, free[self._targets]]
        for column, node in self._against:
            if free[node] >= 0:
                outputs_V[:, column] -= rows.nodes_V[:, free[node]]
        return outputs_V

    def _signals_V(self, time_s: Floats, rows: Rows, sides: tuple[Ints, ...]) -> Floats:
        names = self._names
        columns = np.zeros((len(time_s), len(names.signals)))
        for place, signal in enumerate(names.signals):
            if signal in names.gates:
                columns[:, place] = rows.gates_V[:, names.gates[signal]]
            elif signal in names.nodes:
                side, node = names.nodes[signal]
                columns[:, place] = rows.nodes_V[:, int(sides[side][node])]
            else:
                columns[:, place] = _on(self._line(signal), time_s)
        return columns

    def _line(self, name: str) -> Floats:
        """Corners of a control line, (2, n): seconds, volts; a chosen λ is not drawn."""
        if not self._lines:
            experiment, part = self._experiment, self._part
            made = control_lines(
                part.schedule, part.examples, experiment.design.schedule,
                rail_V=experiment.rail_V, power_weight=self._written(),
                by_amplitude=experiment.weighs_by_amplitude,
            )  # fmt: skip
            for line, wave in made.items():
                corners = np.array(wave.arguments, dtype=float).reshape(-1, 2).T
                self._lines[line] = corners.copy()
            for whole, own, share in self._ends():
                time_s, volts = self._lines[whole]
                self._lines[own] = np.stack([time_s, experiment.middle_V + share * volts])
        return self._lines.get(name, np.zeros((2, 1)))

    def _ends(self) -> Iterator[tuple[str, str, float]]:
        """Of every pair: its line, the line of each node, how much of the first the second is."""
        network = self._experiment.network
        called = (names.input_line, network.sources), (names.label_line, network.targets)
        for name, ports in called:
            for index, port in enumerate(ports):
                if port.negative is not None:
                    yield name(index), name(index, "p"), 0.5
                    yield name(index), name(index, "n"), -0.5

    def _known(self, epoch: int) -> dict[int, float]:
        """λ by epoch, as far as it is known when one begins."""
        choose, weight = self._part.power_weight, self._written()
        if callable(choose):
            chosen = float(choose(epoch))
            if not 0.0 <= chosen <= 1.0:
                raise LearningError(
                    f"a power weight of {chosen:g} is not between 0 and 1",
                    "learning.power_weight",
                    "0 trains for the error alone; a few hundredths already save power",
                )
            return {epoch: chosen}
        if not isinstance(weight, tuple):
            return {epoch: weight}
        epochs = [epoch[0].epoch for epoch in self._part.schedule.epochs()]
        return dict(zip(epochs, weight, strict=True))

    def _written(self) -> float | tuple[float, ...]:
        weight = self._part.power_weight
        if callable(weight):
            return 0.0
        return self._experiment.design.learning.power_weight if weight is None else weight


def _on(line: Floats, time_s: Floats) -> Floats:
    """A line's voltage at times that follow each other, from the few corners about them."""
    first, last = np.searchsorted(line[0], (time_s[0], time_s[-1]))
    about = slice(max(first - 1, 0), last + 1)
    return np.interp(time_s, line[0, about], line[1, about])


@cache
def _engine() -> str:
    return f"{NAME} {version('joulearn')}"


@contextmanager
def open_accelerated(experiment: Experiment) -> Iterator[Plant]:
    """A plant with a simulator of its own, which starts only if cells are to be measured.

    Args:
        experiment: What it plays.

    Yields:
        The plant; its simulator ends with the context.

    Raises:
        LearningError: When this plant does not play such a machine.
    """
    spec = experiment.design.simulator
    with Session(threads=spec.threads, timeout_s=spec.timeout_s) as session:
        yield Accelerated(experiment, session, _said)


def _said(what: str) -> None:
    stage(f"measuring the cells: {what}")
