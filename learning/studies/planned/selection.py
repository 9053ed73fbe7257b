"""A part of a study: the points that lie somewhere, or every n-th for one of n machines."""

from __future__ import annotations

from collections.abc import Sequence

from learning.errors import LearningError
from learning.studies.planned.plan import Plan
from learning.studies.planned.point import Point
from netlist.naming import suggestion


def only(plan: Plan, wishes: Sequence[str]) -> tuple[Point, ...]:
    """The points of a plan that lie where they are wanted.

    Args:
        plan: The plan.
        wishes: "KEY=VALUE" or "KEY=VALUE,VALUE", where KEY is an axis or "design"; all must hold.

    Returns:
        The points, in their order.

    Raises:
        LearningError: When a key is no axis, or nothing lies at a value.
    """
    points = plan.points
    for wish in wishes:
        key, equals, listed = wish.partition("=")
        key, wanted = key.strip(), [value.strip() for value in listed.split(",")]
        known = {"design": True} | {axis.key: True for group in plan.study.groups for axis in group}
        if not equals or key not in known:
            hint = suggestion(key, known, f"KEY=VALUE with one of {', '.join(known)}")
            raise LearningError(f"{wish!r} chooses nothing", "--only", hint)
        there = dict.fromkeys(_value(point, key) for point in plan.points)
        for value in wanted:
            if value not in there:
                hint = suggestion(value, there, f"values: {', '.join(there)}")
                raise LearningError(f"{key} is never {value}", "--only", hint)
        points = tuple(point for point in points if _value(point, key) in wanted)
    return points


def shard(points: Sequence[Point], part: str) -> tuple[Point, ...]:
    """Every n-th point.

    Args:
        points: All of them.
        part: "i/n", i from 1.

    Returns:
        Those of machine i of n.

    Raises:
        LearningError: When this is no part.
    """
    first, slash, count = part.partition("/")
    if not (slash and first.isdigit() and count.isdigit() and 1 <= int(first) <= int(count)):
        raise LearningError(f"{part!r} is no part of a study", "--shard", "1/4 to 4/4, say")
    return tuple(points[int(first) - 1 :: int(count)])


def _value(point: Point, key: str) -> str:
    value = point.place.design if key == "design" else point.place.coordinates[key]
    return f"{value:g}" if isinstance(value, float) else str(value)
