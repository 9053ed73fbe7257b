"""Candidates ranked by one figure: means with intervals, yields, and differences chip by chip.

Two candidates are compared on the points that are alike in everything else (the same draw, seed,
corner, temperature): what such a pair has in common cancels, so that a difference is known better
than either mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning.arrays import Floats
from learning.studies.judged.blocks import blocks, sure_of_yield
from learning.studies.judged.groups import Counts, Group, candidates, count
from learning.studies.judged.intervals import Interval, mean_interval
from learning.studies.judged.verdict import Judged, Verdict, passing
from learning.studies.kept.opened import OpenStudy
from learning.studies.kept.record import Status
from learning.studies.planned.figures import FIGURES, Figure
from learning.studies.planned.read_study import chip_axes, condition_axes


@dataclass(frozen=True, slots=True)
class Difference:
    """A candidate against the first of the ranking, on points alike in everything else.

    Attributes:
        pairs: How many.
        mean: Of the candidate's figure minus the first's, the figure's unit.
        interval: Of that mean; None for too few pairs.
        share: The mean as a share of the first's mean on these pairs; None when that is 0.
        worse: Share of pairs in which the candidate is the worse one.
    """

    pairs: int
    mean: float
    interval: Interval | None
    share: float | None
    worse: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves no doubt about the sign."""
        return self.interval is not None and self.interval.low * self.interval.high > 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate's place.

    Attributes:
        name: The candidate.
        verdict: The worst of its specs; None without any.
        counts: What became of its points.
        mean: Of the figure over its points; None without any.
        interval: Of the mean.
        passed: Points that hold every spec, whatever share was asked for.
        bounds: The yield's least and most.
        interval_of_yield: As of a spec; None without any spec.
        difference: From the first; None for the first, and without common points.
    """

    name: str
    verdict: Verdict | None
    counts: Counts
    mean: float | None
    interval: Interval | None
    passed: int
    bounds: Interval
    interval_of_yield: Interval | None
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, the best first.

    Attributes:
        figure: What they are ranked by.
        rows: The candidates; those without any figure last.
    """

    figure: Figure
    rows: tuple[Ranked, ...]


def rank(opened: OpenStudy, judged: Sequence[Judged]) -> Ranking:
    """Rank a study's candidates.

    Args:
        opened: The study.
        judged: Its specs, from `learning.studies.judged.verdict.judge`.

    Returns:
        The ranking: those that fail a spec after those that do not, then by the mean.
    """
    figure = _ranked_by(opened)
    verdicts = {
        name: max(one.verdict for one in judged if one.candidate == name)
        for name in dict.fromkeys(one.candidate for one in judged)
    }
    means = [(group, _done(group.table, figure.name)) for group in candidates(opened)]

    def order(entry: tuple[Group, Floats]) -> tuple[bool, bool, float]:
        group, values = entry
        mean = float(np.mean(values)) if len(values) else np.inf
        fails = verdicts.get(group.name) is Verdict.FAIL
        return fails, not len(values), mean if figure.low else -mean

    ordered = sorted(means, key=order)
    first = ordered[0][0] if ordered else None
    return Ranking(
        figure,
        tuple(
            _row(opened, group, values, verdicts.get(group.name), (figure, first))
            for group, values in ordered
        ),
    )


def all_specs(opened: OpenStudy, rows: pd.DataFrame) -> int:
    """How many points hold every spec."""
    held = rows["status"] == Status.DONE.value
    for spec in opened.planned.study.specs.values():
        held &= passing(rows, spec)
    return int(held.sum())


def _ranked_by(opened: OpenStudy) -> Figure:
    study = opened.planned.study
    first = next(iter(study.specs.values()), None)
    return FIGURES[study.rank_by or (first.figure if first else "error_V2")]


def _row(
    opened: OpenStudy,
    group: Group,
    values: Floats,
    verdict: Verdict | None,
    against: tuple[Figure, Group | None],
) -> Ranked:
    study, counts, (figure, first) = opened.planned.study, group.counts, against
    passed = all_specs(opened, group.table)
    some = passed + counts.unknown
    even = blocks(study, group.design, group.table)
    sure = sure_of_yield(
        study,
        group.table,
        lambda part: all_specs(opened, part),
        lambda part: count(part).unknown,
    )
    return Ranked(
        name=group.name,
        verdict=verdict,
        counts=counts,
        mean=float(np.mean(values)) if len(values) else None,
        interval=(
            mean_interval(values, study.confidence)
            if even is None
            else even.value(np.mean, figure.name, study.confidence)
        ),
        passed=passed,
        bounds=Interval(passed / counts.planned, some / counts.planned),
        interval_of_yield=sure if study.specs else None,
        difference=_difference(opened, group, first, figure) if first is not group else None,
    )


def _difference(
    opened: OpenStudy, group: Group, first: Group | None, figure: Figure
) -> Difference | None:
    if first is None:
        return None
    study = opened.planned.study
    alike = [*condition_axes(study), *chip_axes(study)]
    one, other = (_by_place(g.table, alike, figure.name) for g in (first, group))
    both = pd.concat([one, other], axis=1, join="inner", keys=["first", "other"]).dropna()
    if both.empty:
        return None
    change = (both["other"] - both["first"]).to_numpy(dtype=np.float64)
    base = float(both["first"].mean())
    mean = float(np.mean(change))
    return Difference(
        pairs=len(change),
        mean=mean,
        interval=(
            mean_interval(change, study.confidence)
            if all(blocks(study, g.design, g.table) is None for g in (first, group))
            else None
        ),
        share=mean / abs(base) if base else None,
        worse=float(np.mean(change > 0 if figure.low else change < 0)),
    )


def _by_place(table: pd.DataFrame, alike: list[str], name: str) -> pd.Series[float]:
    if not alike:
        return table[name].reset_index(drop=True)
    return table.set_index(alike)[name]


def _done(table: pd.DataFrame, name: str) -> Floats:
    return np.asarray(table[name].dropna(), dtype=np.float64)
