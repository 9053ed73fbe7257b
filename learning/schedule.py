"""The whole run as a fixed list of presentations, and the control lines that make it happen.

Everything is laid out before the simulation starts: a presentation decided on the way would need a
call-back into the simulator at every step, and the deck would no longer run on its own.

The power weight is pulse-width coded. In every presentation the line ``vlambda`` is high for the
fraction λ of the time in which ``enable`` lets the update cells act; while it is high, a cell sees
0 V instead of its free voltage drop. Averaged over a presentation the free term is therefore
multiplied by exactly 1 - λ, however nonlinear the cell: a switch has no transfer curve, and timing
is the one quantity a circuit keeps exact over its corners. An analogue λ would instead be bent by
the very bump whose current it scales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from learning.design import ScheduleSpec
from learning.errors import LearningError
from learning.tasks.examples import Examples
from netlist.circuit import Waveform


@dataclass(frozen=True, slots=True)
class Presentation:
    """One example shown for a fixed time.

    Attributes:
        index: Position in the schedule, from 0.
        start_s: When the sources leave the example before, seconds.
        end_s: When they leave this one, seconds.
        example: Row of the examples.
        epoch: The epoch it belongs to; for an evaluation the number of epochs learned before it.
        learning: False in an evaluation, in which nothing learns.
    """

    index: int
    start_s: float
    end_s: float
    example: int
    epoch: int
    learning: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """Presentations without gaps, and when the last one ends.

    Attributes:
        presentations: In order of time.
        stop_s: End of the run, seconds.
        before: Example shown before the first one, which the sources come from; None when they
            begin where they are.
    """

    presentations: tuple[Presentation, ...]
    stop_s: float
    before: int | None = None

    def evaluations(self) -> tuple[tuple[Presentation, ...], ...]:
        """The evaluation passes in order, each over every example once."""
        return self._groups(learning=False)

    def epochs(self) -> tuple[tuple[Presentation, ...], ...]:
        """The training presentations, epoch by epoch."""
        return self._groups(learning=True)

    def boundaries_s(self) -> tuple[float, ...]:
        """When one epoch or evaluation ends and the next begins, and the end, seconds."""
        pairs = pairwise(self.presentations)
        inner = (b.start_s for a, b in pairs if (a.epoch, a.learning) != (b.epoch, b.learning))
        return (*inner, self.stop_s) if self.presentations else ()

    def _groups(self, *, learning: bool) -> tuple[tuple[Presentation, ...], ...]:
        chosen = (p for p in self.presentations if p.learning is learning)
        return tuple(tuple(group) for _, group in groupby(chosen, key=lambda p: p.epoch))


def plan(
    spec: ScheduleSpec, n_example: int, rng: np.random.Generator, *, first_epoch: int = 0
) -> Schedule:
    """Lay out a run: an evaluation pass, then epochs, with a pass after every `evaluate_every`.

    The last group of epochs may be shorter; an evaluation pass always ends the run.

    Args:
        spec: The ``[schedule]`` of the design.
        n_example: Number of training examples.
        rng: Draws one permutation per epoch when the order is "shuffled".
        first_epoch: Number of the first epoch, for a run that goes on from another.

    Returns:
        The schedule.

    Raises:
        LearningError: When there are no examples or no time to learn in.
    """
    _require_time(spec)
    if n_example < 1:
        raise LearningError("there are no examples to show", "task.examples", "give at least one")
    shown: list[tuple[int, int, bool]] = []
    for done in range(spec.epochs + 1):
        epoch = first_epoch + done
        if done % spec.evaluate_every == 0 or done == spec.epochs:
            shown += [(example, epoch, False) for example in range(n_example)]
        if done < spec.epochs:
            shown += [(example, epoch, True) for example in _order(spec, n_example, rng)]
    edges_s = _edges_s(spec, [learning for _, _, learning in shown])
    presentations = tuple(
        Presentation(index, start_s, end_s, *one)
        for index, (one, (start_s, end_s)) in enumerate(zip(shown, pairwise(edges_s), strict=True))
    )
    return Schedule(presentations, edges_s[-1])


def _require_time(spec: ScheduleSpec) -> None:
    if spec.rise_s >= min(spec.settle_s, spec.evaluation_s):
        raise LearningError(
            f"sources take {spec.rise_s:g} s to change, which settle_s ({spec.settle_s:g} s) and "
            f"evaluation_s ({spec.evaluation_s:g} s) do not outlast",
            "schedule.rise_s",
            "make schedule.rise_s much shorter than both",
        )
    if _window_s(spec) <= spec.rise_s:
        raise LearningError(
            f"{spec.presentation_s:g} s less {spec.settle_s:g} s to settle and three edges of "
            f"{spec.rise_s:g} s leaves no time to learn",
            "schedule.presentation_s",
            "raise schedule.presentation_s, or lower schedule.settle_s or schedule.rise_s",
        )


def _order(spec: ScheduleSpec, n_example: int, rng: np.random.Generator) -> list[int]:
    if spec.order == "cyclic":
        return list(range(n_example))
    return [int(example) for example in rng.permutation(n_example)]


def _edges_s(spec: ScheduleSpec, learning: list[bool]) -> list[float]:
    # Counted and multiplied rather than summed, so that rounding does not pile up over a long run.
    trained = np.concatenate([[0], np.cumsum(learning)])
    evaluated = np.arange(len(learning) + 1) - trained
    edges_s = trained * spec.presentation_s + evaluated * spec.evaluation_s
    return [tick(edge_s) for edge_s in edges_s.tolist()]


def _window_s(spec: ScheduleSpec) -> float:
    return spec.presentation_s - spec.settle_s - 2.0 * spec.rise_s


def enabled_window(presentation: Presentation, spec: ScheduleSpec) -> tuple[float, float]:
    """When the update cells act in a training presentation: ``enable`` above half the rail.

    Args:
        presentation: A training presentation.
        spec: The ``[schedule]`` of the design.

    Returns:
        Begin and end, seconds.
    """
    begin_s = presentation.start_s + spec.settle_s + 0.5 * spec.rise_s
    return begin_s, presentation.end_s - 1.5 * spec.rise_s


def control_lines(
    schedule: Schedule,
    examples: Examples,
    spec: ScheduleSpec,
    *,
    rail_V: float,
    power_weight: float | tuple[float, ...] = 0.0,
) -> dict[str, Waveform]:
    """The voltages of all control lines as piecewise linear functions of time.

    ``in_I`` and ``label_J`` follow the example shown (labels in evaluations too, where nothing
    listens); ``enable`` is high in training presentations from `settle_s` on and low before the
    inputs change; ``vlambda`` carries the power weight.

    Args:
        schedule: The run.
        examples: The training examples, one `Presentation.example` a row.
        spec: The ``[schedule]`` the run was planned with.
        rail_V: High level of ``enable`` and ``vlambda``, volts.
        power_weight: λ from 0 to 1: one for the run, or one per epoch.

    Returns:
        PWL waveforms by line name, ``in_0 .. label_0 .. enable vlambda``; times rise strictly.

    Raises:
        LearningError: When a power weight is out of range, or there is not one per epoch.
    """
    weights = _weights(schedule, power_weight)
    lines = {
        f"in_{i}": _steps(schedule, column, spec.rise_s, landing=i == 0)
        for i, column in enumerate(examples.inputs.T)
    }
    lines |= {
        f"label_{j}": _steps(schedule, column, spec.rise_s)
        for j, column in enumerate(examples.labels.T)
    }
    training = [p for epoch in schedule.epochs() for p in epoch]
    lines["enable"] = _pulses([_enable(p, spec) for p in training], rail_V)
    pulses = (_vlambda(p, spec, weights[p.epoch]) for p in training)
    lines["vlambda"] = _pulses([pulse for pulse in pulses if pulse], rail_V)
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


_Pulse = tuple[float, float, float, float]
"""When a pulse leaves 0 V, reaches the rail, leaves the rail and reaches 0 V, seconds."""


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
    up_s, end_s = presentation.start_s + spec.settle_s, presentation.end_s
    return up_s, up_s + spec.rise_s, end_s - 2.0 * spec.rise_s, end_s - spec.rise_s


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
    up_s = presentation.start_s + (spec.settle_s - spec.rise_s)
    return up_s, presentation.start_s + spec.settle_s, *fall


def _steps(
    schedule: Schedule, by_example: NDArray[np.float64], rise_s: float, *, landing: bool = False
) -> Waveform:
    """A line that takes a value per presentation, with an edge where the value changes.

    One line has a corner at every boundary besides, whether it changes there or not, so that the
    simulator lands on it: what is measured and kept there is then exact.
    """
    boundaries_s = frozenset(schedule.boundaries_s()) if landing else frozenset[float]()
    first = schedule.presentations[0].example if schedule.before is None else schedule.before
    points = [(0.0, float(by_example[first]))]
    for presentation in schedule.presentations:
        before, value = points[-1][1], float(by_example[presentation.example])
        start_s = presentation.start_s
        if start_s > 0.0 and (value != before or start_s in boundaries_s):
            points.append((start_s, before))
        if value != before:
            points.append((start_s + rise_s, value))
    return _pwl(points)


def _pulses(pulses: list[_Pulse], rail_V: float) -> Waveform:
    return _pwl(_corners(pulses, rail_V))


def _corners(pulses: list[_Pulse], rail_V: float) -> list[tuple[float, float]]:
    points = [(0.0, 0.0)]
    for rise_s, high_s, fall_s, low_s in pulses:
        # a pulse may leave 0 V at the instant the one before reached it
        points += [(rise_s, 0.0)] if rise_s > points[-1][0] else []
        points += [(high_s, rail_V), (fall_s, rail_V), (low_s, 0.0)]
    return points


def _pwl(points: list[tuple[float, float]]) -> Waveform:
    numbers = (number for time_s, value in points for number in (tick(time_s), value))
    return Waveform("PWL", tuple(numbers))


def tick(time_s: float) -> float:
    """A time to fourteen digits, so that two lines that change together do so to the last bit.

    ngspice looks for a corner of a PWL source at the present time to know the next one; a corner
    that misses a neighbour's by a few last bits is passed over, and every later one with it.

    Args:
        time_s: Seconds.

    Returns:
        Seconds.
    """
    return float(f"{time_s:.14g}")
