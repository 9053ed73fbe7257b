"""Candidates none of which is beaten in everything: error against energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.studies.judged.groups import candidates
from learning.studies.kept.opened import OpenStudy
from learning.studies.planned.figures import FIGURES


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate by two figures.

    Attributes:
        name: The candidate.
        values: Means of the two figures over its points.
        front: Whether no other candidate is at least as good in both and better in one.
    """

    name: str
    values: tuple[float, float]
    front: bool


def pareto(opened: OpenStudy, figures: tuple[str, str]) -> tuple[Standing, ...]:
    """Where candidates stand, and which are on the front.

    Args:
        opened: The study.
        figures: Names of the two figures.

    Returns:
        Candidates that have both, in the order of the plan.
    """
    means = []
    for group in candidates(opened):
        both = group.table[list(figures)].dropna()
        if len(both):
            x, y = (float(np.mean(both[name])) for name in figures)
            means.append((group.name, (x, y)))
    signs = tuple(1.0 if FIGURES[name].low else -1.0 for name in figures)
    points = [tuple(s * v for s, v in zip(signs, values, strict=True)) for _, values in means]
    return tuple(
        Standing(name, values, not any(_beats(other, own) for other in points))
        for (name, values), own in zip(means, points, strict=True)
    )


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)
