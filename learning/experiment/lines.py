"""The control lines that make a schedule happen.

The power weight is pulse-width coded. In every presentation the line ``vlambda`` is high for the
fraction λ of the time in which ``enable`` lets the update cells act; while it is high, a cell sees
0 V instead of its free voltage drop. Averaged over a presentation the free term is therefore
multiplied by exactly 1 - λ, however nonlinear the cell: a switch has no transfer curve, and timing
is the one quantity a circuit keeps exact over its corners. An analogue λ would instead be bent by
the very bump whose current it scales.

Where one network plays both states in turn and no cell listens to ``vlambda``, the power weight is
in the sources: they stand at the share sqrt(1 - λ) of their voltages while the network is free, so
that every free voltage drop is smaller by that share and its square by 1 - λ, and at the whole
voltages while it is clamped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import ScheduleSpec
from learning.errors import LearningError
from learning.experiment.schedule import (
    Presentation,
    Schedule,
    clk_edges_s,
    enabled_window,
)
from learning.tasks.examples import Examples
from netlist.circuit import Waveform, tick
from netlist.machine import names

_Pulse = tuple[float, float, float, float]
"""When a pulse leaves 0 V, reaches the rail, leaves the rail and reaches 0 V, seconds."""


def control_lines(
    schedule: Schedule,
    examples: Examples,
    spec: ScheduleSpec,
    *,
    rail_V: float,
    power_weight: float | tuple[float, ...] = 0.0,
    by_amplitude: bool = False,
) -> dict[str, Waveform]:
    """The voltages of all control lines as piecewise linear functions of time.

    ``in_I`` and ``label_J`` follow the example shown (labels in evaluations too, where nothing
    listens); ``enable`` is high in training presentations from `settle_s` on and low before the
    inputs change; ``clk`` is the same but falls as late as it may, down when the inputs begin to
    change; ``run`` is high through every stretch of training; ``vlambda`` carries the power weight.

    Args:
        schedule: The run.
        examples: The training examples, one `Presentation.example` a row.
        spec: The ``[schedule]`` the run was planned with.
        rail_V: High level of ``enable`` and ``vlambda``, volts.
        power_weight: λ from 0 to 1: one for the run, or one per epoch.
        by_amplitude: Whether λ is in the sources' amplitude instead of a pulse.

    Returns:
        PWL waveforms by line name, ``in_0 .. label_0 .. enable clk run vlambda``; times rise
        strictly.

    Raises:
        LearningError: When a power weight is out of range, or there is not one per epoch.
    """
    weights = _weights(schedule, power_weight)
    training = [p for epoch in schedule.epochs() for p in epoch]
    amplitudes = {p.index: sqrt(1.0 - weights[p.epoch]) for p in training} if by_amplitude else {}
    lines = {
        names.input_line(i): _shown(schedule, column, spec, amplitudes, landing=i == 0)
        for i, column in enumerate(examples.inputs.T)
    }
    lines |= {
        names.label_line(j): _shown(schedule, column, spec, {})
        for j, column in enumerate(examples.labels.T)
    }
    lines[names.ENABLE] = _pulses([_enable(p, spec) for p in training], rail_V)
    lines[names.CLK] = _pulses([_clk(p, spec) for p in training], rail_V)
    lines[names.RUN] = _pulses(_runs(schedule, spec), rail_V)
    pulses = (_vlambda(p, spec, weights[p.epoch]) for p in training)
    lines[names.VLAMBDA] = _pulses([pulse for pulse in pulses if pulse], rail_V)
    return lines


def power_weight_course(
    presentations: Sequence[Presentation], spec: ScheduleSpec, weight: float, rail_V: float
) -> tuple[tuple[float, float], ...]:
    """What ``vlambda`` does in training presentations that share one power weight.

    Args:
        presentations: Training presentations in order.
        spec: The ``[schedule]`` of the design.
        weight: λ from 0 to 1.
        rail_V: High level, volts.

    Returns:
        The corners (seconds, volts) that `control_lines` gives the line over that time; none when
        λ is too small to be told from 0.

    Raises:
        LearningError: When the weight is out of range.
    """
    _require_weight(weight)
    pulses = [pulse for p in presentations if (pulse := _vlambda(p, spec, weight))]
    corners = _corners(pulses, rail_V)[1:]
    return tuple((tick(time_s), value) for time_s, value in corners)


def _weights(schedule: Schedule, power_weight: float | tuple[float, ...]) -> dict[int, float]:
    epochs = [group[0].epoch for group in schedule.epochs()]
    weights = power_weight if isinstance(power_weight, tuple) else (power_weight,) * len(epochs)
    if len(weights) != len(epochs):
        raise LearningError(
            f"{len(weights)} power weights for {len(epochs)} epochs",
            "learning.power_weight",
            "give one number, or one per epoch",
        )
    for weight in weights:
        _require_weight(weight)
    return dict(zip(epochs, weights, strict=True))


def _require_weight(weight: float) -> None:
    if not 0.0 <= weight <= 1.0:
        raise LearningError(
            f"a power weight of {weight:g} is not between 0 and 1",
            "learning.power_weight",
            "0 trains for the error alone; a few hundredths already save power",
        )


def _enable(presentation: Presentation, spec: ScheduleSpec) -> _Pulse:
    up_s, end_s = presentation.acts_s(spec), presentation.end_s
    return up_s, up_s + spec.rise_s, end_s - 2.0 * spec.rise_s, end_s - spec.rise_s


def _clk(presentation: Presentation, spec: ScheduleSpec) -> _Pulse:
    (rise_s, fall_s), up_s = clk_edges_s(spec), presentation.acts_s(spec)
    return up_s, up_s + rise_s, presentation.end_s - fall_s, presentation.end_s


def _runs(schedule: Schedule, spec: ScheduleSpec) -> list[_Pulse]:
    """A pulse per stretch of training; it falls as what comes next begins."""
    stretches = (
        list(group)
        for learning, group in groupby(schedule.presentations, key=lambda p: p.learning)
        if learning
    )
    ends = ((some[0].start_s, some[-1].end_s) for some in stretches)
    return [(up_s, up_s + spec.rise_s, end_s, end_s + spec.rise_s) for up_s, end_s in ends]


def _vlambda(presentation: Presentation, spec: ScheduleSpec, weight: float) -> _Pulse | None:
    """The pulse that covers the fraction `weight` of the enabled window, at its end.

    It falls only after ``enable`` has fallen, so that one edge alone decides. That edge crosses
    half the rail at the fraction 1 - λ of the window and lies within the window, made steeper
    where λ is too close to 0 or 1 for the full rise: both the time above half the rail (what a
    transistor switch sees) and the area under the line (what a linear cell sees) are then λ.
    """
    begin_s, end_s = enabled_window(presentation, spec)
    window_s = end_s - begin_s
    fall = presentation.end_s - spec.rise_s, presentation.end_s
    half_s = min(0.5 * spec.rise_s, weight * window_s, (1.0 - weight) * window_s)
    if half_s > 1e-13 * presentation.end_s:
        middle_s = end_s - weight * window_s
        return middle_s - half_s, middle_s + half_s, *fall
    if weight < 0.5:  # noqa: PLR2004  nearer to 0 than time can resolve: no pulse at all
        return None
    up_s = presentation.start_s + presentation.warm_up_s + (spec.settle_s - spec.rise_s)
    return up_s, presentation.acts_s(spec), *fall


def _shown(
    schedule: Schedule,
    by_example: NDArray[np.float64],
    spec: ScheduleSpec,
    amplitudes: Mapping[int, float],
    *,
    landing: bool = False,
) -> Waveform:
    """A line that takes a value per presentation, with an edge where the value changes.

    Where an amplitude is given for a presentation, its first part has that share of the value.

    One line has a corner at every boundary besides, whether it changes there or not, so that the
    simulator lands on it: what is measured and kept there is then exact.
    """
    boundaries_s = frozenset(schedule.boundaries_s()) if landing else frozenset[float]()
    first = schedule.presentations[0].example if schedule.before is None else schedule.before
    points = [(0.0, float(by_example[first]))]
    for presentation in schedule.presentations:
        whole = float(by_example[presentation.example])
        share = amplitudes.get(presentation.index, 1.0)
        parts = [(presentation.start_s, share * whole), (presentation.acts_s(spec), whole)]
        for start_s, value in parts if share != 1.0 else parts[:1]:
            before = points[-1][1]
            if start_s > 0.0 and (value != before or start_s in boundaries_s):
                points.append((start_s, before))
            if value != before:
                points.append((start_s + spec.rise_s, value))
    return Waveform.through(points)


def _pulses(pulses: list[_Pulse], rail_V: float) -> Waveform:
    return Waveform.through(_corners(pulses, rail_V))


def _corners(pulses: list[_Pulse], rail_V: float) -> list[tuple[float, float]]:
    points = [(0.0, 0.0)]
    for rise_s, high_s, fall_s, low_s in pulses:
        # a pulse may leave 0 V at the instant the one before reached it
        points += [(rise_s, 0.0)] if rise_s > points[-1][0] else []
        points += [(high_s, rail_V), (fall_s, rail_V), (low_s, 0.0)]
    return points
