"""Two tasks in turn on the characterised network, its update cells biased; and the linear law.

A gate moves by dV_G = r·(ΔV_free² - ΔV_clamped² + b), r being the learning rate: gain over
capacitance, times the time the cell acts. b is the cell's offset over its gain. r and the time of
a turn are one and the same quantity: b is part of the contrast and cannot be slowed down apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.tasks.examples import Examples
from learning.twin.cell_network import CellNetwork

LONGEST_STEP_PER_V = 2.0
"""Of an Euler step; errors decay over a hundred and more."""

LEAST_STEPS = 2
"""In a turn."""

Bias = Callable[[Floats], Floats]
"""(n_edge,) square volts that are added to the contrasts, at (n_edge,) gate voltages."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What was found at the ends of turns.

    Attributes:
        gates_V: (n_turn, n_edge), volts.
        errors_V: Output less label of both tasks: (n_turn, 2), volts.
    """

    gates_V: Floats
    errors_V: Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """A course in figures, as `Row` has them."""

    cycle_V2: float
    shown_V2: float
    other_V2: float
    drift_V2: float


@dataclass(frozen=True, slots=True, eq=False)
class Tasks:
    """Two tasks on a network.

    Attributes:
        network: Its characterised edges.
        examples: Two, with one target each.
        rail_V: Gates stay below this.
        floor_V: And above this, where an edge conducts next to nothing: further down a gate would
            only take longer to come back, which is not modelled.
    """

    network: CellNetwork
    examples: Examples
    rail_V: float
    floor_V: float

    def contrast(self, gates_V: Floats, task: int, nudge: float, label_V: float) -> Floats:
        """ΔV_free² - ΔV_clamped² of a task with a label of one's own: (n_edge,), V²."""
        shown = self.examples.inputs[[task]]
        free = self.network.free(gates_V, shown)
        outputs = free.volts[:, self.network.targets]
        nudged = outputs + nudge * (label_V - outputs)
        clamped = self.network.clamped(gates_V, shown, nudged)
        return np.asarray((free.drops**2 - clamped.drops**2)[0])

    def errors(self, gates_V: Floats) -> Floats:
        """Output less label of both tasks: (2,), volts."""
        free = self.network.free(gates_V, self.examples.inputs)
        return np.asarray((free.volts[:, self.network.targets] - self.examples.labels)[:, 0])


def alternate(
    tasks: Tasks,
    gates_V: Floats,
    bias: Bias,
    *,
    rate: float,
    nudge: float,
    turns: int,
    rest_V: float = 0.0,
) -> Course:
    """Show two tasks in turn.

    Args:
        tasks: The tasks.
        gates_V: Where to start: (n_edge,), volts.
        bias: Of the update cells.
        rate: Of a turn, 1/V.
        nudge: η.
        turns: How many.
        rest_V: A turn whose task is off by less is skipped: its update cells rest.

    Returns:
        The course.

    Raises:
        LearningError: When the network has no state.
    """
    gates, kept, errors = np.array(gates_V, dtype=float), list[Floats](), list[Floats]()
    steps = max(LEAST_STEPS, int(np.ceil(rate / LONGEST_STEP_PER_V)))
    off = tasks.errors(gates)
    for turn in range(turns):
        task = turn % 2
        label_V = float(tasks.examples.labels[task, 0])
        for _ in range(steps if abs(off[task]) >= rest_V else 0):
            moved = tasks.contrast(gates, task, nudge, label_V) + bias(gates)
            gates = np.clip(gates + rate / steps * moved, tasks.floor_V, tasks.rail_V)
        off = tasks.errors(gates)
        kept.append(gates)
        errors.append(off)
    return Course(np.array(kept), np.array(errors))


def figures(course: Course, rate: float) -> Figures:
    """The second half of a course in figures.

    Args:
        course: At least eight turns.
        rate: Of a turn, 1/V.

    Returns:
        The figures.
    """
    begin = len(course.gates_V) // 2
    gates, errors = course.gates_V[begin:], course.errors_V[begin:]
    task = (begin + np.arange(len(gates))) % 2
    shown, other = errors[np.arange(len(gates)), task], errors[np.arange(len(gates)), 1 - task]
    return Figures(
        cycle_V2(gates),
        float(np.mean(shown**2)),
        float(np.mean(other**2)),
        drift_V2(gates, rate),
    )


def cycle_V2(gates_V: Floats) -> float:
    """Squared distance between neighbouring turns' ends, a steady drift taken out.

    Args:
        gates_V: (n_turn, n_edge), three turns at least.

    Returns:
        Square volts, summed over edges.
    """
    apart = gates_V[1:-1] - 0.5 * (gates_V[:-2] + gates_V[2:])
    return float(np.mean(np.sum(apart**2, axis=1)))


def drift_V2(gates_V: Floats, rate: float) -> float:
    """Steady drift per unit of rate, rms over edges.

    Args:
        gates_V: (n_turn, n_edge), three turns at least.
        rate: Of a turn, 1/V.

    Returns:
        Square volts: what a bias of that size would do on a gate that nothing holds.
    """
    turns = 2 * ((len(gates_V) - 1) // 2)  # whole cycles
    moved = gates_V[turns] - gates_V[0]
    return float(np.sqrt(np.mean(moved**2)) / (rate * turns))


@dataclass(frozen=True, slots=True)
class Law:
    """What a small bias does to a linear response.

    Attributes:
        cycle_per_rate2_V4: `cycle_V2` over the square of the rate.
        error_V2: Mean squared error of the two tasks while turns are short.
    """

    cycle_per_rate2_V4: float
    error_V2: float


def linear_law(pull: Floats, bias_V2: Floats) -> Law:
    """The cycle and the error at which two tasks hold a bias, for short turns.

    With a the labels less the outputs, a task moves gates by `pull`·a. Over a cycle the tasks must
    undo what the bias does in the plane of their pulls: pull·a = -2·P·b. What is left of b is
    drift among solutions. Each turn moves the gates away from the other's by half the difference
    of the two movements.

    Args:
        pull: Contrast per volt of either task's error: (n_edge, 2), volts.
        bias_V2: (n_edge,), square volts.

    Returns:
        The law. The cycle grows as the square of the rate, the error not at all; halving the
        nudge halves the pull and makes four times the error.
    """
    missing = -2.0 * np.linalg.pinv(pull) @ bias_V2
    apart = 0.5 * (pull[:, 0] * missing[0] - pull[:, 1] * missing[1])
    return Law(float(np.sum(apart**2)), float(np.mean(missing**2)))


def pulls(tasks: Tasks, gates_V: Floats, nudge: float, step_V: float = 1e-3) -> Floats:
    """Contrast per volt of error, by central differences of the label about the output.

    Args:
        tasks: The tasks.
        gates_V: (n_edge,), volts.
        nudge: η.
        step_V: Of the label.

    Returns:
        (n_edge, 2), volts.

    Raises:
        LearningError: When the network has no state.
    """
    outputs = tasks.errors(gates_V) + tasks.examples.labels[:, 0]
    both = [
        tasks.contrast(gates_V, task, nudge, outputs[task] + step_V)
        - tasks.contrast(gates_V, task, nudge, outputs[task] - step_V)
        for task in (0, 1)
    ]
    return np.asarray(np.array(both).T / (2.0 * step_V))
