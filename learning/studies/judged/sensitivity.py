"""Which axis moves the yield: points that hold every spec, at each value of each axis.

With ``variation.only`` as an axis (one group of devices that differ at a time, on the same draws)
this is the answer to which devices make the yield fall; with a corner, where a design is weak.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.studies.judged.blocks import sure_of_yield
from learning.studies.judged.groups import count, spoken_value
from learning.studies.judged.intervals import Interval
from learning.studies.judged.ranking import all_specs
from learning.studies.kept.opened import OpenStudy
from learning.studies.planned.figures import FIGURES
from learning.studies.planned.read_study import chip_axes

MOST_VALUES = 24
"""An axis of more values than a table should have is left to the dataset."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One value of an axis.

    Attributes:
        axis: Its key, or "design".
        value: The value.
        planned: Points there.
        done: Of them with figures.
        passed: Of them that hold every spec.
        interval: Of the share that does, unknown points left open.
        mean: Of the figure the study ranks by; None without any.
    """

    axis: str
    value: str
    planned: int
    done: int
    passed: int
    interval: Interval
    mean: float | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One axis.

    Attributes:
        axis: Its key, or "design".
        effects: At its values, in the study's order.
    """

    axis: str
    effects: tuple[Effect, ...]

    @property
    def spread(self) -> float:
        """How far the yields at its values are apart."""
        shares = [effect.passed / effect.planned for effect in self.effects]
        return max(shares) - min(shares)


def sensitivities(opened: OpenStudy, figure: str) -> tuple[Sensitivity, ...]:
    """What every axis does to the yield.

    Args:
        opened: The study.
        figure: Whose mean is told beside it.

    Returns:
        The axes of more than one value but the chips' own, the one that moves most first.
    """
    chips = chip_axes(opened.planned.study)
    axes = ["design", *(axis for axis in opened.axes if axis not in chips)]
    found = [_axis(opened, axis, figure) for axis in axes]
    shown = [one for one in found if 1 < len(one.effects) <= MOST_VALUES]
    return tuple(sorted(shown, key=lambda one: -one.spread))


def _axis(opened: OpenStudy, axis: str, figure: str) -> Sensitivity:
    study, effects = opened.planned.study, []
    for value, rows in opened.table.groupby(axis, sort=False):
        done = int((rows["status"] == "done").sum())
        passed, planned = all_specs(opened, rows), len(rows)
        sure = sure_of_yield(
            study,
            rows,
            lambda part: all_specs(opened, part),
            lambda part: count(part).unknown,
        )
        values = rows[FIGURES[figure].name].dropna()
        mean = float(np.mean(values)) if len(values) else None
        text = spoken_value(value)
        effects.append(Effect(axis, text, planned, done, passed, sure, mean))
    return Sensitivity(axis, tuple(effects))
