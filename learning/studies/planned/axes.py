"""The axes of a study: the values each key takes, and every combination of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np

from learning.errors import LearningError
from netlist.naming import suggestion

MOST_POINTS = 1_000_000
"""More points than this are a slip of the pen, not a study."""

_RANGE = re.compile(r"\s*(\d{1,18})\s*\.\.\s*(\d{1,18})\s*")
_ENDS = ("linear", "log", "low")
"""What tells a table that is a value from a section of keys."""

_HINT = '[1, 2, 3], "1..300", {linear = [0, 1], points = 5} or {log = [1e-6, 1e-3], points = 4}'

Values: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What a key is varied over.

    Attributes:
        key: Of the design, "section.key".
        values: As a design file would hold them.
    """

    key: str
    values: Values


def flat(table: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """The keys of a table by their dotted names, whether written in sections or dotted.

    Args:
        table: Section by section; a table with "linear", "log" or "low" is a value.
        above: The name of the section, with its dot.

    Yields:
        Key and value.
    """
    for name, value in table.items():
        if isinstance(value, dict) and not any(step in value for step in _ENDS):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def read_axis(key: str, value: object, where: str) -> Axis:
    """Understand an axis.

    Args:
        key: The key it varies.
        value: As the study file has it.
        where: The place in the study file, for errors.

    Returns:
        The axis.

    Raises:
        LearningError: When it has no values, or too many.
    """
    values = tuple(_values(value, where))
    if not 0 < len(values) <= MOST_POINTS:
        raise LearningError(f"an axis of {len(values) or 'no'} values", where, _HINT)
    return Axis(key, values)


def _values(value: object, where: str) -> Iterator[object]:
    if isinstance(value, list | tuple):
        yield from value
    elif isinstance(value, str) and (found := _RANGE.fullmatch(value)):
        first, last = int(found[1]), int(found[2])
        if last < first:
            raise LearningError(f"{value} counts down", where, f'"{last}..{first}"')
        if last - first > MOST_POINTS:
            raise LearningError(f"more than {MOST_POINTS} values", where, "a shorter range")
        yield from range(first, last + 1)
    elif isinstance(value, dict):
        yield from _steps(value, where)
    else:
        raise LearningError(f"{value!r} is no axis", where, _HINT)


def _steps(table: Mapping[str, object], where: str) -> Values:
    kind = "log" if "log" in table else "linear"
    ends, points = _numbers(table[kind]), table.get("points")
    if len(ends) != 2 or table.keys() != {kind, "points"}:  # noqa: PLR2004 - a first and a last
        raise LearningError("steps that cannot be read", where, _HINT)
    if type(points) is not int or not 1 < points <= MOST_POINTS:
        raise LearningError(f"points = {points!r} of an axis", where, "points = 2 or more")
    if not math.isfinite(ends[1] - ends[0]):
        raise LearningError("steps between ends too far apart to count", where, "nearer ends")
    if kind == "log" and min(ends) <= 0:
        raise LearningError("logarithmic steps cross zero", where, "two ends above 0")
    (low, high), spaced = ends, np.geomspace if kind == "log" else np.linspace
    # Twelve digits: a step is what a person would have written.
    return tuple(float(f"{value:.12g}") for value in spaced(low, high, points))


def _numbers(value: object) -> list[float]:
    """Of a list of numbers; none of anything else."""
    numbers = value if isinstance(value, list | tuple) else ()
    return [float(one) for one in numbers if type(one) in (int, float)]


def grouped(
    axes: Mapping[str, Axis],
    together: tuple[tuple[str, ...], ...],
    where: str,
    places: Mapping[str, str],
) -> tuple[tuple[Axis, ...], ...]:
    """Put axes that step together beside each other.

    Args:
        axes: By key.
        together: Keys of the axes that step together.
        where: The place of `together` in the study file, for errors.
        places: The same of every axis, by key.

    Returns:
        Groups, in the order of their first axes; an axis that steps alone is a group of its own.

    Raises:
        LearningError: When a key is no axis or stands in two groups, lengths differ, or a group
            takes the same values twice.
    """
    home: dict[str, tuple[str, ...]] = {}
    for keys in together:
        for key in keys:
            if key not in axes:
                hint = suggestion(key, axes, f"axes: {', '.join(axes) or 'none'}")
                raise LearningError(f"{key} is no axis of this study", where, hint)
            if key in home:
                raise LearningError(f"{key} steps with two groups", where, "each axis once")
            home[key] = keys
        lengths = {key: len(axes[key].values) for key in keys}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{key} has {count}" for key, count in lengths.items())
            raise LearningError(f"axes that step together differ: {told}", where, "equal lengths")
    groups = dict.fromkeys(home.get(key, (key,)) for key in axes)
    found = tuple(tuple(axes[key] for key in keys) for keys in groups)
    for group in found:
        rows = [repr(row) for row in _rows(group)]
        if len(set(rows)) < len(rows):
            what = "a value stands" if len(group) == 1 else "values stand"
            place = places.get(group[0].key, where)
            raise LearningError(f"{what} here twice", place, "each value once")
    return found


def combinations(groups: tuple[tuple[Axis, ...], ...]) -> Iterator[dict[str, object]]:
    """Every combination of the groups' values.

    Args:
        groups: From `grouped`.

    Yields:
        A value for every key, the last group's changing fastest.
    """
    rows = [
        [dict(zip((a.key for a in group), row, strict=True)) for row in _rows(group)]
        for group in groups
    ]
    for parts in product(*rows):
        yield {key: value for part in parts for key, value in part.items()}


def _rows(group: tuple[Axis, ...]) -> Iterator[Values]:
    return zip(*(axis.values for axis in group), strict=True)
