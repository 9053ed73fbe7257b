"""Specs judged: how many chips hold, how far from the limit, and whether a missing point matters.

Every planned point counts. One that has no figures is neither a pass nor a fail: the yield lies
between ``pass/N`` and ``(pass + unknown)/N``, and a spec is decided only when both say the same. A
run that ended without the figure a spec asks for (a tolerance not reached) is a fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import ceil

import numpy as np
import pandas as pd

from learning.arrays import Floats
from learning.studies.judged.blocks import blocks, sure_of_yield
from learning.studies.judged.groups import Counts, Group, candidates, conditions, count
from learning.studies.judged.intervals import (
    Interval,
    mean_interval,
    median_interval,
)
from learning.studies.kept.opened import OpenStudy
from learning.studies.kept.record import Status
from learning.studies.planned.figures import FIGURES
from learning.studies.planned.statistic import Statistic, read_statistic
from learning.studies.planned.study import Spec, Study


class Verdict(IntEnum):
    """Whether a spec holds, the worst last."""

    PASS = 0
    OPEN = 1
    FAIL = 2

    @property
    def word(self) -> str:
        """For people."""
        return ("pass", "open", "FAIL")[self]


@dataclass(frozen=True, slots=True)
class Judged:
    """One spec on one candidate, at its worst condition.

    Attributes:
        spec: Name of the spec.
        figure: What it is about.
        candidate: Name of the candidate.
        condition: Where it is worst, in words; empty when there is but one.
        limit: What must hold, in words.
        counts: Of the points there.
        passed: Chips within the limits.
        bounds: The yield's least and most, whatever missing points turn out to be.
        interval: Of the yield, missing points counted as fails at its low end and as passes at its
            high one; None for a mean or median.
        value: What is compared: the figure of the worst chip that must hold, the mean or the
            median; None when there is none.
        value_interval: Of a mean or median; None otherwise, or for too few points.
        margin: How far the value is within the limit, as a share of the limit; negative outside,
            None without value or with a limit of 0.
        verdict: Whether it holds.
        shown: Whether the interval alone says so, at the study's confidence.
    """

    spec: str
    figure: str
    candidate: str
    condition: str
    limit: str
    counts: Counts
    passed: int
    bounds: Interval
    interval: Interval | None
    value: float | None
    value_interval: Interval | None
    margin: float | None
    verdict: Verdict
    shown: bool


def judge(opened: OpenStudy) -> tuple[Judged, ...]:
    """Hold every candidate of a study against every spec.

    Args:
        opened: The study.

    Returns:
        One for each pair, candidates in the order of the plan.
    """
    return tuple(
        _worst(opened, group, name, spec)
        for group in candidates(opened)
        for name, spec in opened.planned.study.specs.items()
        if not spec.designs or group.design in spec.designs
    )


def passing(table: pd.DataFrame, spec: Spec) -> pd.Series[bool]:
    """Which rows have a figure within a spec's limits.

    Args:
        table: Rows of a study's table.
        spec: The spec.

    Returns:
        True or false for each row; a figure that is not there is not within.
    """
    values = table[spec.figure]
    low = -np.inf if spec.min is None else spec.min
    high = np.inf if spec.max is None else spec.max
    return values.notna() & (values >= low) & (values <= high)


def told_limit(spec: Spec) -> str:
    """What a spec asks for, in words."""
    unit = FIGURES[spec.figure].unit
    sides = [("≥", spec.min), ("≤", spec.max), ("typ", spec.typ)]
    limits = " and ".join(
        f"{sign} {side:g} {unit}".rstrip() for sign, side in sides if side is not None
    )
    return f"{spec.figure} {limits} for {read_statistic(spec.holds_for, '')}"


def _worst(opened: OpenStudy, group: Group, name: str, spec: Spec) -> Judged:
    found = [
        _judged(opened.planned.study, (name, spec), (group.name, where), rows)
        for where, rows in conditions(opened, group)
    ]

    def badness(one: Judged) -> tuple[int, float, float]:
        margin = np.inf if one.margin is None else one.margin
        return int(one.verdict), -one.bounds.low, -margin

    return max(found, key=badness)


def _judged(
    study: Study, named: tuple[str, Spec], place: tuple[str, str], rows: pd.DataFrame
) -> Judged:
    name, spec = named
    counts = count(rows)
    passed, planned = int(passing(rows, spec).sum()), counts.planned
    bounds = Interval(passed / planned, (passed + counts.unknown) / planned)
    confidence = study.confidence
    even = blocks(study, str(rows["design"].iloc[0]), rows)
    interval = sure_of_yield(
        study,
        rows,
        lambda part: int(passing(part, spec).sum()),
        lambda part: count(part).unknown,
    )
    statistic = read_statistic(spec.holds_for, "")
    values = _values(rows, spec)
    value = _compared(values, statistic, spec)
    value_interval = None
    if statistic.kind == "share":
        verdict, shown = _of_share(bounds, interval, statistic.share)
    else:
        verdict = _of_value(values, counts.unknown, statistic, spec)
        if value is not None and np.isfinite(values).all():
            made = mean_interval if statistic.kind == "mean" else median_interval
            of = np.mean if statistic.kind == "mean" else np.median
            value_interval = (
                made(values, confidence)
                if even is None
                else even.value(of, spec.figure, confidence)
            )
        shown = verdict is not Verdict.OPEN and _clear(value_interval, spec)
    if spec.typ is not None:
        verdict = max(
            verdict, _of_value(values, counts.unknown, Statistic("median"), _typical(spec))
        )
    return Judged(
        spec=name,
        figure=spec.figure,
        candidate=place[0],
        condition=place[1],
        limit=told_limit(spec),
        counts=counts,
        passed=passed,
        bounds=bounds,
        interval=interval if statistic.kind == "share" else None,
        value=value,
        value_interval=value_interval,
        margin=None if value is None else _margin(value, spec),
        verdict=verdict,
        shown=shown,
    )


def _of_share(bounds: Interval, interval: Interval, share: float) -> tuple[Verdict, bool]:
    # A share of whole chips: 0.95 of 20 is 19, whatever its last bit.
    slack = 1e-9
    if bounds.low >= share - slack:
        return Verdict.PASS, interval.low >= share - slack
    if bounds.high < share - slack:
        return Verdict.FAIL, interval.high < share
    return Verdict.OPEN, False


def _values(rows: pd.DataFrame, spec: Spec) -> Floats:
    """The figure of every point with figures; one it does not have is infinitely bad."""
    done = rows[rows["status"] == Status.DONE.value]
    return np.asarray(done[spec.figure].fillna(_bad(spec)), dtype=np.float64)


def _bad(spec: Spec) -> float:
    only_min = spec.min is not None and spec.max is None
    return -np.inf if only_min else np.inf


def _compared(values: Floats, statistic: Statistic, spec: Spec) -> float | None:
    """The figure that stands against the limit; None without any, or when it is infinite."""
    if not len(values):
        return None
    if statistic.kind != "share":
        value = float(np.mean(values) if statistic.kind == "mean" else np.median(values))
        return value if np.isfinite(value) else None
    # Of so many chips, best first, the last one that must hold.
    must = min(ceil(statistic.share * len(values) - 1e-9), len(values))
    best_first = sorted(values.tolist(), key=lambda value: -_room(value, spec))
    return best_first[must - 1] if np.isfinite(best_first[must - 1]) else None


def _room(value: float, spec: Spec) -> float:
    """How far a value is within the nearer limit; negative outside."""
    above = np.inf if spec.min is None else value - spec.min
    below = np.inf if spec.max is None else spec.max - value
    return float(min(above, below))


def _margin(value: float, spec: Spec) -> float | None:
    above = np.inf if spec.min is None else value - spec.min
    limit = spec.min if above <= _room(value, spec) else spec.max
    return _room(value, spec) / abs(limit) if limit else None


def _of_value(values: Floats, unknown: int, statistic: Statistic, spec: Spec) -> Verdict:
    """A mean or median against the limits, whatever missing points turn out to be."""
    if not unknown and len(values):
        value = np.mean(values) if statistic.kind == "mean" else np.median(values)
        return Verdict.PASS if _room(float(value), spec) >= 0 else Verdict.FAIL
    if statistic.kind == "mean" or not len(values):
        return Verdict.OPEN
    ends = [np.median([*values, *[end] * unknown]) for end in (-np.inf, np.inf)]
    inside = [not np.isnan(end) and _room(float(end), spec) >= 0 for end in ends]
    outside_alike = all(_room(float(end), spec) < 0 for end in ends) and _one_side(ends, spec)
    if all(inside):
        return Verdict.PASS
    return Verdict.FAIL if outside_alike else Verdict.OPEN


def _one_side(ends: list[float], spec: Spec) -> bool:
    """Whether both ends lie beyond the same limit."""
    over = spec.max is not None and min(ends) > spec.max
    return bool(over or (spec.min is not None and max(ends) < spec.min))


def _clear(interval: Interval | None, spec: Spec) -> bool:
    if interval is None:
        return False
    within = min(_room(interval.low, spec), _room(interval.high, spec)) >= 0
    return within or _one_side([interval.low, interval.high], spec)


def _typical(spec: Spec) -> Spec:
    """The spec whose limit is the typical value, on the side of the other limit."""
    if spec.max is not None:
        return Spec(figure=spec.figure, max=spec.typ)
    return Spec(figure=spec.figure, min=spec.typ)
