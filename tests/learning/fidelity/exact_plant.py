"""A plant without a simulator: the ideal cells' equations, solved outright.

Resistors, a rule and a capacitor are few enough to be written down: Kirchhoff's law is one matrix,
a gate moves as ``gain * ((1 - lambda) * free^2 - clamped^2) / c``, and a Runge-Kutta step between
the corners of all lines leaves nothing that a circuit could see. It knows no nodes besides the
network's, so that it has no state to keep, no rail to switch and no device to ask.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.experiment.lines import control_lines, power_weight_course
from learning.experiment.schedule import Presentation
from learning.fidelity.plant import Accuracy, Capabilities, Ending, Part, Plant, Take, require
from learning.fidelity.rest import Rest
from learning.measure.audit import Balance
from learning.measure.ledger import BLOCKS
from learning.measure.played import Played
from learning.measure.probes import shown_signals
from spice_backend.session.outcome import Outcome, Status

_EDGE = {"s": 1e-5, "vt": 0.5, "c": 1e-11}
_GAIN = 4e-7
_SUBSTEPS = 6
"""Of an interval between two corners; the gates move by millivolts in one."""


class Exact:
    """Plays the schedules of an ideal machine.

    Args:
        experiment: What it plays; every cell ideal, targets single nodes.
    """

    name = "exact"
    capabilities = Capabilities(closed_loop=True)
    accuracy = Accuracy(gates_V=1e-5, energy=1e-4, error=1e-3)

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._cancelled = threading.Event()
        network, nodes = experiment.network, list(experiment.network.nodes)
        self._ends = np.array([[nodes.index(a), nodes.index(b)] for a, b in network.edges])
        self._sources = [nodes.index(port.positive) for port in network.sources]
        self._targets = [nodes.index(port.positive) for port in network.targets]
        self._ground = [nodes.index(node) for node in network.ground]
        self._size = len(nodes)
        whole = experiment.assembly(experiment.schedule, experiment.task.train, experiment.gates_V)
        self._shown = shown_signals(whole)
        self._edge = {**_EDGE, **experiment.parameters("edge")}
        self._gain = experiment.parameters("update").get("gain", _GAIN)

    @property
    def experiment(self) -> Experiment:
        """What it plays."""
        return self._experiment

    def play(self, part: Part, take: Take) -> Ending:
        """As `learning.fidelity.plant.Plant`."""
        require(self, part)
        gates_V, lines, steps = part.gates_V.copy(), _Lines(self._experiment, part), 0
        for shown in part.schedule.presentations:
            if self._cancelled.is_set():
                self._cancelled.clear()
                return Ending(Outcome(Status.CANCELLED, message="by its caller"))
            if shown.learning and shown.epoch in lines.waiting:
                lines.steer(shown.epoch, self._weight(part, shown.epoch))
            played = self._one(shown, lines, gates_V)
            gates_V, steps = played.gates_V[-1], steps + len(played.time_s)
            if not take(played):
                return Ending(Outcome(Status.HALTED, steps=steps, engine="exact 1"))
        return Ending(Outcome(Status.COMPLETED, steps=steps, engine="exact 1"))

    def rest(self, part: Part) -> Rest:
        """As `learning.fidelity.plant.Plant`: refused."""
        require(self, replace(part, states=True))
        raise AssertionError

    def audit(self, part: Part, until_s: float = math.inf) -> Balance:  # noqa: ARG002 - as spice
        """As `learning.fidelity.plant.Plant`: refused."""
        require(self, part, audit=True)
        raise AssertionError

    def cancel(self) -> None:
        """As `learning.fidelity.plant.Plant`."""
        self._cancelled.set()

    def _weight(self, part: Part, epoch: int) -> float:
        weight = part.power_weight
        if weight is None:
            return self._experiment.design.learning.power_weight
        if callable(weight):
            return weight(epoch)
        epochs = [group[0].epoch for group in part.schedule.epochs()]
        return weight if isinstance(weight, float) else weight[epochs.index(epoch)]

    def _one(self, shown: Presentation, lines: _Lines, gates_V: Floats) -> Played:
        time_s = lines.grid_s(shown)
        rows = [gates_V]
        for begin_s, end_s in pairwise(time_s):
            rows.append(self._step(rows[-1], begin_s, end_s, lines))
        gates = np.array(rows)
        solved = [self._solve(g, t, lines) for g, t in zip(gates, time_s, strict=True)]
        power_W = np.array([self._power(*s, t, lines) for s, t in zip(solved, time_s, strict=True)])
        free, clamped = (np.array([s[i] for s in solved]) for i in (0, 1))
        return Played(
            presentation=shown,
            time_s=time_s,
            power_W=power_W,
            energy_J=np.trapezoid(power_W, time_s, axis=0),
            outputs_V=free[:, self._targets],
            gates_V=gates,
            signals=np.column_stack(
                [self._signal(name, time_s, free, clamped, gates, lines) for name in self._shown]
            ),
        )

    def _signal(
        self, name: str, time_s: Floats, free: Floats, clamped: Floats, gates: Floats, lines: _Lines
    ) -> Floats:
        kind, _, node = name.partition("_")
        network = self._experiment.network
        if kind in "fc":
            return (free if kind == "f" else clamped)[:, network.nodes.index(node)]
        return gates[:, int(node)] if kind == "g" else lines.at(name, time_s)

    def _step(self, gates: Floats, begin_s: float, end_s: float, lines: _Lines) -> Floats:
        step_s = end_s - begin_s
        times = begin_s + step_s * np.array([0.0, 0.5, 1.0])
        one = self._slope(gates, times[0], lines)
        two = self._slope(gates + 0.5 * step_s * one, times[1], lines)
        three = self._slope(gates + 0.5 * step_s * two, times[1], lines)
        four = self._slope(gates + step_s * three, times[2], lines)
        return gates + step_s / 6.0 * (one + 2.0 * two + 2.0 * three + four)

    def _slope(self, gates: Floats, time_s: float, lines: _Lines) -> Floats:
        free, clamped, _, _ = self._solve(gates, time_s, lines)
        return self._rule_A(free, clamped, time_s, lines) / self._edge["c"]

    def _rule_A(self, free: Floats, clamped: Floats, time_s: float, lines: _Lines) -> Floats:
        rail_V = self._experiment.rail_V
        if lines.at("enable", time_s) <= 0.5 * rail_V:
            return np.zeros(len(self._ends))
        kept = 1.0 - lines.at("vlambda", time_s) / rail_V
        return self._gain * (kept * self._drops(free) ** 2 - self._drops(clamped) ** 2)

    def _drops(self, nodes_V: Floats) -> Floats:
        return nodes_V[self._ends[:, 0]] - nodes_V[self._ends[:, 1]]

    def _solve(self, gates: Floats, time_s: float, lines: _Lines) -> tuple[Floats, ...]:
        """Node voltages, and the currents into the networks at every node, free and clamped."""
        k = self._edge["s"] * np.maximum(gates - self._edge["vt"], 0.0)
        laplacian = np.zeros((self._size, self._size))
        for (a, b), one in zip(self._ends, k, strict=True):
            laplacian[[a, b], [a, b]] += one
            laplacian[[a, b], [b, a]] -= one
        held = dict.fromkeys(self._ground, 0.0)
        for index, node in enumerate(self._sources):
            held[node] = float(lines.at(f"in_{index}", time_s))
        free = _held(laplacian, held)
        nudge = self._experiment.design.learning.nudge
        for index, node in enumerate(self._targets):
            label = float(lines.at(f"label_{index}", time_s))
            held[node] = (1.0 - nudge) * float(free[node]) + nudge * label
        clamped = _held(laplacian, held)
        return free, clamped, laplacian @ free, laplacian @ clamped

    def _power(
        self,
        free: Floats,
        clamped: Floats,
        free_A: Floats,
        clamped_A: Floats,
        time_s: float,
        lines: _Lines,
    ) -> Floats:
        rail_V = self._experiment.rail_V
        power = dict.fromkeys(BLOCKS, 0.0)
        power["network_free"] = float(free[self._sources] @ free_A[self._sources])
        driven = [*self._sources, *self._targets]
        power["network_clamped"] = float(clamped[driven] @ clamped_A[driven])
        pushed_A = np.maximum(free_A[self._sources] + clamped_A[self._sources], 0.0).sum()
        into_W = free[self._sources] @ (free_A + clamped_A)[self._sources]
        power["drivers"] = float(rail_V * pushed_A - into_W)
        nudged_A, nudged_V = clamped_A[self._targets], clamped[self._targets]
        power["clamp"] = float(rail_V * np.maximum(nudged_A, 0.0).sum() - nudged_V @ nudged_A)
        rule_A = self._rule_A(free, clamped, time_s, lines)
        power["update"] = float(rail_V * np.maximum(rule_A, 0.0).sum())
        return np.array([power[block] for block in BLOCKS])


class _Lines:
    """All control lines, the power weight's filled in epoch by epoch."""

    def __init__(self, experiment: Experiment, part: Part) -> None:
        self._experiment = experiment
        spec = experiment.design.schedule
        made = control_lines(part.schedule, part.examples, spec, rail_V=experiment.rail_V)
        self._corners = {
            name: np.array(line.arguments, dtype=float).reshape(-1, 2)
            for name, line in made.items()
        }
        self.waiting = {epoch[0].epoch: epoch for epoch in part.schedule.epochs()}

    def steer(self, epoch: int, weight: float) -> None:
        shown, spec = self.waiting.pop(epoch), self._experiment.design.schedule
        course = power_weight_course(shown, spec, weight, self._experiment.rail_V)
        before = self._corners["vlambda"]
        self._corners["vlambda"] = np.array([*before.tolist(), *course])

    def at(self, name: str, time_s: Floats | float) -> Floats:
        return np.asarray(np.interp(time_s, *self._corners[name].T))

    def grid_s(self, shown: Presentation) -> Floats:
        """Every corner, and `enable` crossing half the rail, with steps in between."""
        spec, begin_s, end_s = self._experiment.design.schedule, shown.start_s, shown.end_s
        half_s = 0.5 * spec.rise_s
        marks = {begin_s, end_s, begin_s + spec.settle_s + half_s, end_s - 3.0 * half_s}
        marks |= {float(t) for corners in self._corners.values() for t in corners[:, 0]}
        inside = sorted({float(f"{t:.12g}") for t in marks if begin_s <= t <= end_s})
        steps = []
        for a, b in pairwise(inside):
            # A hair's breadth inside: what jumps at a corner is on one side of it.
            hair_s = 1e-9 * (b - a)
            steps.append(np.linspace(a + hair_s, b - hair_s, _SUBSTEPS))
        return np.concatenate([[begin_s], *steps, [end_s]])


def _held(laplacian: Floats, held: dict[int, float]) -> Floats:
    nodes_V = np.zeros(len(laplacian))
    nodes_V[list(held)] = list(held.values())
    left = [node for node in range(len(laplacian)) if node not in held]
    drive = -laplacian[np.ix_(left, list(held))] @ nodes_V[list(held)]
    nodes_V[left] = np.linalg.solve(laplacian[np.ix_(left, left)], drive)
    return nodes_V


@contextmanager
def open_exact(experiment: Experiment) -> Iterator[Plant]:
    """As `learning.fidelity.plants.Open`."""
    yield Exact(experiment)
