"""Voltages a machine's nodes take, and with them what its tables have to cover."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from learning.experiment.experiment import Experiment
from learning.fidelity.accelerated.ends import asked
from learning.fidelity.accelerated.spline import Axis, axis

_MARGIN = 0.15
"""How far tables go beyond the voltages of the task, as a share of their range."""

_DROP = 0.4
"""Drop at which waking is looked at, as a share of the tables' range."""

N_INPUT, N_NEAR_GROUND = 11, 23
"""Inputs at which drivers are measured, and where these come near ground."""

N_APART, _APART_V = 5, 0.02
"""Differences of labels that tables have, and what the largest one is a multiple of, volts."""

_GRID_V = 0.05
"""Ends of the range are multiples of this, so that one set of tables serves many seeds, volts."""


@dataclass(frozen=True, slots=True)
class Range:
    """Voltages a machine's nodes take.

    Attributes:
        low_V: Lowest that tables cover, volts.
        high_V: Highest, volts.
        middle_V: Half-way between the task's extremes, volts.
        drop_V: A typical drop across an edge, volts.
    """

    low_V: float
    high_V: float
    middle_V: float
    drop_V: float


def voltage_range(experiment: Experiment) -> Range:
    """Voltages a machine's nodes take: the task's, ground, and a margin.

    Args:
        experiment: The machine and its task.

    Returns:
        The range.
    """
    task, lines = experiment.task, asked(experiment, lines=True)
    sets = [task.train] if task.test is None else [task.train, task.test]
    shown = [lines.of(np.hstack([one.inputs, one.labels])).ravel() for one in sets]
    volts = np.concatenate([*shown, np.zeros(1)])
    low, high = float(volts.min()), float(volts.max())
    margin = _MARGIN * (high - low)
    bottom, top = (
        _GRID_V * floor((low - margin) / _GRID_V),
        _GRID_V * ceil((high + margin) / _GRID_V),
    )
    return Range(bottom, top, 0.5 * (bottom + top), _DROP * (top - bottom))


def driven_axis(experiment: Experiment) -> Axis:
    """Inputs at which drivers are measured, volts.

    An output does not go below ground: a driver that is asked for less misses by all of it, and a
    table through that edge would be wrong on either side of it. Where inputs come near ground the
    grid begins with the lowest of them and is finer.

    Args:
        experiment: The machine.

    Returns:
        The grid.
    """
    over, lines = voltage_range(experiment), asked(experiment, lines=True)
    task, drivers = experiment.task, sum(len(port.nodes) for port in experiment.network.sources)
    sets = [np.hstack([one.inputs, one.labels]) for one in (task.train, task.test) if one]
    lowest_V = min(float(lines.of(one)[:, :drivers].min()) for one in sets)
    if lowest_V >= _GRID_V:
        return axis(over.low_V, over.high_V, N_INPUT)
    return axis(min(lowest_V, 0.0), over.high_V, N_NEAR_GROUND)


def apart_axis(experiment: Experiment) -> Axis:
    """By how much the labels of two nodes of a target differ, either way, with a margin.

    Args:
        experiment: The machine, whose targets are pairs.

    Returns:
        The grid, whose ends are multiples of a few hundredths of a volt.
    """
    task = experiment.task
    labels = np.concatenate([one.labels.ravel() for one in (task.train, task.test) if one])
    most_V = _APART_V * ceil(float(np.abs(labels).max()) / _APART_V + 0.2)
    return axis(-most_V, most_V, N_APART)


def typical_gate_V(experiment: Experiment) -> float:
    """Where a machine's gates begin, on the average, to a tenth of a volt.

    Args:
        experiment: The machine.

    Returns:
        Volts.
    """
    return round(float(np.mean(experiment.gates_V)), 1)
