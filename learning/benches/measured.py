"""What a bench finds: figures with units and meaning, curves to draw, and at which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning.arrays import Floats


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a cell.

    Attributes:
        name: Its key, with the unit at the end, such as ``offset_A``.
        value: In that unit, without prefix.
        unit: Such as "A"; "" for a ratio.
        meaning: What it is and how it was found, in a clause.
    """

    name: str
    value: float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Lines over a common kind of axis.

    Attributes:
        name: Its key, and that of its files.
        title: For readers.
        x: Name and unit of what is varied.
        y: Name and unit of what was measured.
        lines: By what sets a line apart ("" for a single one): x and y values, (n,) each.
        stacked: Whether lines are logic, drawn one above the other.
    """

    name: str
    title: str
    x: tuple[str, str]
    y: tuple[str, str]
    lines: Mapping[str, tuple[Floats, Floats]]
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Where a cell was measured.

    Attributes:
        corner: Of the process.
        temperature_C: Degrees Celsius.
        draw: Which chip; None for one whose devices are as designed.
    """

    corner: str
    temperature_C: float
    draw: int | None = None

    def __str__(self) -> str:
        chip = "" if self.draw is None else f", chip {self.draw}"
        return f"{self.corner}, {self.temperature_C:g} °C{chip}"


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was found at one condition.

    Attributes:
        condition: Which.
        figures: In the order of tables.
        curves: In the order of pages.
    """

    condition: Condition
    figures: tuple[Figure, ...]
    curves: tuple[Curve, ...]

    def value(self, name: str) -> float | None:
        """A figure's value; None where it was not found."""
        return next((one.value for one in self.figures if one.name == name), None)
