"""The whole run as a fixed list of presentations.

Everything is laid out before the simulation starts: a presentation decided on the way would need a
call-back into the simulator at every step, and the deck would no longer run on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from learning.arrays import Floats
from learning.design.sections import ScheduleSpec
from learning.errors import LearningError
from netlist.circuit import tick

MOST_PRESENTATIONS = 1_000_000
"""Nine hours on 32 edges, at 33 ms each, and some 200 MB for the schedule and its sources."""


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
        warm_up_s: How much longer than others its first part is, seconds: where training begins,
            cells that were switched off come back.
    """

    index: int
    start_s: float
    end_s: float
    example: int
    epoch: int
    learning: bool
    warm_up_s: float = 0.0

    def acts_s(self, spec: ScheduleSpec) -> float:
        """When its second part begins, in which the update cells act, seconds."""
        return self.start_s + self.warm_up_s + spec.settle_s


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
        LearningError: When there are no examples, no time to learn in, or too many presentations.
    """
    _require_time(spec)
    if n_example < 1:
        raise LearningError("there are no examples to show", "task.examples", "give at least one")
    _require_bounded(spec, n_example)
    shown: list[tuple[int, int, bool]] = []
    for done in range(spec.epochs + 1):
        epoch = first_epoch + done
        if done % spec.evaluate_every == 0 or done == spec.epochs:
            shown += [(example, epoch, False) for example in range(n_example)]
        if done < spec.epochs:
            shown += [(example, epoch, True) for example in _order(spec, n_example, rng)]
    return laid_out(spec, shown)


def laid_out(spec: ScheduleSpec, shown: Sequence[tuple[int, int, bool]]) -> Schedule:
    """Put presentations one after another.

    Args:
        spec: The ``[schedule]`` of the design.
        shown: Of each its example, its epoch, and whether it teaches.

    Returns:
        The schedule, from time zero.
    """
    starts = [learning and not (i and shown[i - 1][2]) for i, (*_, learning) in enumerate(shown)]
    edges_s = _edges_s(spec, shown, starts)
    presentations = tuple(
        Presentation(index, start_s, end_s, *one, warm_up_s=spec.warm_up_s if first else 0.0)
        for index, (one, first, (start_s, end_s)) in enumerate(
            zip(shown, starts, pairwise(edges_s), strict=True)
        )
    )
    return Schedule(presentations, edges_s[-1])


def _require_bounded(spec: ScheduleSpec, n_example: int) -> None:
    passes = 1 + -(-spec.epochs // spec.evaluate_every)
    count = n_example * (spec.epochs + passes)
    if count > MOST_PRESENTATIONS:
        raise LearningError(
            f"{n_example} examples, {spec.epochs} epochs and {passes} evaluations are {count} "
            f"presentations, more than the {MOST_PRESENTATIONS} of the longest run",
            "schedule.epochs",
            "fewer epochs or examples; a run of 1000 presentations shows whether it learns",
        )


def _require_time(spec: ScheduleSpec) -> None:
    if spec.rise_s >= min(spec.settle_s, spec.evaluation_s):
        raise LearningError(
            f"sources take {spec.rise_s:g} s to change, which settle_s ({spec.settle_s:g} s) and "
            f"evaluation_s ({spec.evaluation_s:g} s) do not outlast",
            "schedule.rise_s",
            "make schedule.rise_s much shorter than both",
        )
    if _window_s(spec) > spec.rise_s:
        _require_clk(spec)
        return
    if spec.windows_s:
        raise LearningError(
            f"a window of {min(spec.windows_s):g} s less three edges of {spec.rise_s:g} s leaves "
            "no time to learn",
            "schedule.windows_s",
            "longer windows, or a lower schedule.rise_s",
        )
    raise LearningError(
        f"{spec.presentation_s:g} s less {spec.settle_s:g} s to settle and three edges of "
        f"{spec.rise_s:g} s leaves no time to learn",
        "schedule.presentation_s",
        "raise schedule.presentation_s, or lower schedule.settle_s or schedule.rise_s",
    )


def _require_clk(spec: ScheduleSpec) -> None:
    edges_s, shortest_s = sum(clk_edges_s(spec)), _window_s(spec) + 2.0 * spec.rise_s
    if edges_s >= shortest_s:
        raise LearningError(
            f"clk takes {edges_s:g} s up and down, which a window of {shortest_s:g} s does not "
            "outlast",
            "schedule.clk_rise_s",
            "lower schedule.clk_rise_s and schedule.clk_fall_s, or longer windows",
        )


def _order(spec: ScheduleSpec, n_example: int, rng: np.random.Generator) -> list[int]:
    if spec.order == "cyclic":
        return list(range(n_example))
    return [int(example) for example in rng.permutation(n_example)]


def _edges_s(
    spec: ScheduleSpec, shown: Sequence[tuple[int, int, bool]], starts: list[bool]
) -> list[float]:
    # Counted and multiplied rather than summed, so that rounding does not pile up over a long run.
    lasting = [
        presentation_s(spec, epoch) if learning else spec.evaluation_s
        for _, epoch, learning in shown
    ]
    edges_s = spec.warm_up_s * _counted(starts)
    for kind_s in dict.fromkeys(lasting):
        edges_s += kind_s * _counted([one_s == kind_s for one_s in lasting])
    return [tick(edge_s) for edge_s in edges_s.tolist()]


def _counted(which: list[bool]) -> Floats:
    """How many there were before each, and in all: (n + 1,)."""
    return np.concatenate([[0.0], np.cumsum(which, dtype=float)])


def presentation_s(spec: ScheduleSpec, epoch: int) -> float:
    """How long an example is shown in an epoch, warm-up aside.

    Args:
        spec: The ``[schedule]`` of the design.
        epoch: Its number, from 0.

    Returns:
        Seconds.
    """
    if not spec.windows_s:
        return spec.presentation_s
    return spec.settle_s + spec.windows_s[min(epoch, len(spec.windows_s) - 1)]


def longest_s(spec: ScheduleSpec) -> float:
    """How long a training presentation is at most, warm-up aside, seconds."""
    return max(presentation_s(spec, epoch) for epoch in range(max(len(spec.windows_s), 1)))


def _window_s(spec: ScheduleSpec) -> float:
    """The shortest time in which ``enable`` is high, at half its edges, seconds."""
    shortest_s = min(spec.windows_s) if spec.windows_s else spec.presentation_s - spec.settle_s
    return shortest_s - 2.0 * spec.rise_s


def clk_edges_s(spec: ScheduleSpec) -> tuple[float, float]:
    """How long ``clk`` takes up and down.

    Args:
        spec: The ``[schedule]`` of the design.

    Returns:
        Rise and fall, seconds.
    """
    return spec.clk_rise_s or spec.rise_s, spec.clk_fall_s or spec.rise_s


def enabled_window(presentation: Presentation, spec: ScheduleSpec) -> tuple[float, float]:
    """When the update cells act in a training presentation: ``enable`` above half the rail.

    Args:
        presentation: A training presentation.
        spec: The ``[schedule]`` of the design.

    Returns:
        Begin and end, seconds.
    """
    begin_s = presentation.acts_s(spec) + 0.5 * spec.rise_s
    return begin_s, presentation.end_s - 1.5 * spec.rise_s


def remaining(schedule: Schedule, epochs_done: int, evaluated: bool) -> Schedule:
    """What is left of a schedule, with its time starting at zero again.

    Args:
        schedule: The whole schedule.
        epochs_done: Epochs learned already.
        evaluated: Whether the evaluation after them has been done too.

    Returns:
        The rest; presentations keep their index.
    """
    rest = [
        p
        for p in schedule.presentations
        if p.epoch >= epochs_done and not (evaluated and not p.learning and p.epoch == epochs_done)
    ]
    if not rest:
        return Schedule((), 0.0)
    start_s, index = rest[0].start_s, rest[0].index
    before = schedule.presentations[index - 1].example if index else None
    moved = tuple(_moved(p, start_s) for p in rest)
    return Schedule(moved, tick(schedule.stop_s - start_s), before)


def first_epoch(schedule: Schedule) -> Schedule:
    """The first evaluation and the first epoch of a schedule.

    Args:
        schedule: The whole schedule.

    Returns:
        Its first part, unmoved.
    """
    part = tuple(p for p in schedule.presentations if p.epoch == 0)
    return Schedule(part, part[-1].end_s)


def _moved(presentation: Presentation, by_s: float) -> Presentation:
    start_s, end_s = tick(presentation.start_s - by_s), tick(presentation.end_s - by_s)
    return replace(presentation, start_s=start_s, end_s=end_s)


def showing(n_example: int, duration_s: float, wait_s: float = 0.0) -> Schedule:
    """A schedule that shows every example once, learning off.

    Args:
        n_example: Number of examples.
        duration_s: How long each is shown, seconds.
        wait_s: How much longer the first one is, seconds.

    Returns:
        The schedule.
    """
    ends_s = [tick(wait_s + (i + 1) * duration_s) for i in range(n_example)]
    shown = tuple(
        Presentation(i, start_s, end_s, i, 0, learning=False)
        for i, (start_s, end_s) in enumerate(pairwise([0.0, *ends_s]))
    )
    return Schedule(shown, ends_s[-1] if ends_s else 0.0)
