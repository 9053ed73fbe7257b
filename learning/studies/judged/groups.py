"""A study's table cut as its statistics need it: candidates, and under each the conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from learning.studies.kept.opened import OpenStudy
from learning.studies.kept.record import Status
from learning.studies.planned.read_study import chip_axes, condition_axes


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of planned points.

    Attributes:
        planned: All of them.
        done: With figures.
        reasons: How many have none, by reason; those not run included.
    """

    planned: int
    done: int
    reasons: Mapping[str, int]

    @property
    def unknown(self) -> int:
        """Without figures, for whatever reason."""
        return self.planned - self.done


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Planned points of one candidate: one design, at one value of every axis but chips' ones.

    Attributes:
        name: For people.
        design: The study's name of its design.
        values: Its values on the axes that tell candidates apart.
        table: Its rows of the study's table.
    """

    name: str
    design: str
    values: Mapping[str, object]
    table: pd.DataFrame

    @property
    def counts(self) -> Counts:
        """What became of its points."""
        return count(self.table)


def candidates(opened: OpenStudy) -> tuple[Group, ...]:
    """What a study compares: designs, and values of axes that are neither chips nor conditions.

    Args:
        opened: The study.

    Returns:
        In the order of the plan.
    """
    axes = choice_axes(opened)
    found = []
    for key, rows in opened.table.groupby(["design", *axes], sort=False):
        design, *values = key if isinstance(key, tuple) else (key,)
        at = dict(zip(axes, values, strict=True))
        found.append(Group(told(str(design), at), str(design), at, rows))
    return tuple(found)


def choice_axes(opened: OpenStudy) -> tuple[str, ...]:
    """Axes that tell candidates apart."""
    study = opened.planned.study
    others = {*chip_axes(study), *condition_axes(study)}
    return tuple(axis for axis in opened.axes if axis not in others)


def conditions(opened: OpenStudy, group: Group) -> Iterator[tuple[str, pd.DataFrame]]:
    """A candidate's rows at each combination of the conditions.

    Args:
        opened: The study.
        group: The candidate.

    Yields:
        The condition in words, empty when there is but one, and the rows.
    """
    axes = list(condition_axes(opened.planned.study))
    if not axes:
        yield "", group.table
        return
    for key, rows in group.table.groupby(axes, sort=False):
        values = key if isinstance(key, tuple) else (key,)
        yield told("", dict(zip(axes, values, strict=True))), rows


def count(rows: pd.DataFrame) -> Counts:
    """What became of some planned points.

    Args:
        rows: Of a study's table.

    Returns:
        Numbers by reason, the most frequent first.
    """
    found = rows["status"].value_counts()
    done = int(found.get(Status.DONE.value, 0))
    reasons = {str(k): int(n) for k, n in found.items() if k != Status.DONE.value}
    return Counts(len(rows), done, reasons)


def told(design: str, values: Mapping[str, object]) -> str:
    """A place in words."""
    parts = [f"{key.rpartition('.')[2]} {spoken_value(value)}" for key, value in values.items()]
    return ", ".join(filter(None, (design, *parts)))


def spoken_value(value: object) -> str:
    """A value of an axis for people: a list by its words, a file by its name."""
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    if text.startswith('["') and text.endswith('"]'):
        return text[2:-2].replace('", "', " and ")
    return text.rpartition("/")[2] if text.endswith(".cir") else text
