"""Energy against size: a straight line, term by term, and where two of them cross."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Line:
    """Energy of a machine of n edges, or n weights: ``fixed + n * per_edge``, by term.

    Attributes:
        fixed_J: What does not grow, by term, joules.
        per_edge_J: What each edge or weight adds, by term, joules.
    """

    fixed_J: Mapping[str, float]
    per_edge_J: Mapping[str, float]

    def terms(self, n: float) -> dict[str, float]:
        """Energy by term at a size, joules."""
        names = dict.fromkeys((*self.fixed_J, *self.per_edge_J))
        return {
            name: self.fixed_J.get(name, 0.0) + n * self.per_edge_J.get(name, 0.0) for name in names
        }

    def at(self, n: float) -> float:
        """Energy at a size, joules."""
        return sum(self.terms(n).values())

    def times(self, count: float) -> Line:
        """The energy of so many."""
        return Line(
            {name: count * joules for name, joules in self.fixed_J.items()},
            {name: count * joules for name, joules in self.per_edge_J.items()},
        )

    def plus(self, other: Line) -> Line:
        """Both together."""
        return Line(_sum(self.fixed_J, other.fixed_J), _sum(self.per_edge_J, other.per_edge_J))


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    names = dict.fromkeys((*one, *other))
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in names}


class Winner(StrEnum):
    """For which sizes the first of two lines is the lower one."""

    ALWAYS = "at every size"
    NEVER = "at no size"
    FROM = "from"
    UP_TO = "up to"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the first line is the lower one.

    Attributes:
        wins: For which sizes.
        edges: The size that begins or ends them; None when there is none.
    """

    wins: Winner
    edges: int | None = None


def crossing(ours: Line, theirs: Line) -> Crossing:
    """Where one line is at most as high as another, from one edge on.

    Args:
        ours: The first.
        theirs: The second.

    Returns:
        For which sizes the first is lower, or equal.

    Example:
        >>> crossing(Line({"a": 10.0}, {"a": 1.0}), Line({}, {"b": 3.0}))
        Crossing(wins=<Winner.FROM: 'from'>, edges=5)
    """
    fixed = sum(ours.fixed_J.values()) - sum(theirs.fixed_J.values())
    slope = sum(theirs.per_edge_J.values()) - sum(ours.per_edge_J.values())
    if slope == 0.0:
        return Crossing(Winner.ALWAYS if fixed <= 0.0 else Winner.NEVER)
    meet = fixed / slope
    if slope > 0.0:
        return Crossing(Winner.ALWAYS) if meet <= 1.0 else Crossing(Winner.FROM, math.ceil(meet))
    return Crossing(Winner.NEVER) if meet < 1.0 else Crossing(Winner.UP_TO, math.floor(meet))
