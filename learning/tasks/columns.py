"""How a table became voltages: which column went where, by which straight line, and what was left.

A table's reader decides several things on its own (the separator, the decimal mark, whether
labels are classes, whether numbers are volts already). All of it is kept here and told wherever the
task is told, so that nobody has to guess what was guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netlist.printable import counted

INPUT, LABEL, CLASS, UNUSED = "input", "label", "class", "left out"
"""What a column is for."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table was taken.

    Attributes:
        name: Its name.
        role: "input", "label", "class" (names of classes) or "left out".
        volts_per_unit: Slope of the line from the column's unit to volts; 1 where its numbers were
            taken as volts.
        offset_V: What 0 of its unit becomes, volts.
        clipped: Cells beyond the range of the training rows, set to its end; inputs only.
    """

    name: str
    role: str
    volts_per_unit: float = 1.0
    offset_V: float = 0.0
    clipped: int = 0

    @property
    def scaled(self) -> bool:
        """Whether its unit is not taken to be the volt."""
        return (self.volts_per_unit, self.offset_V) != (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class TableUse:
    """How a table was taken.

    Attributes:
        separator: "comma", "semicolon" or "tab".
        decimal: "point" or "comma".
        header: Whether its first line holds the names of the columns.
        rows: Rows that became examples.
        blank_lines: Lines left out because nothing is on them.
        columns: In the order of the file.
    """

    separator: str
    decimal: str
    header: bool
    rows: int
    blank_lines: int
    columns: tuple[Column, ...]

    def of(self, role: str) -> tuple[Column, ...]:
        """The columns of one role, in the order of the sources or targets."""
        return tuple(column for column in self.columns if column.role == role)


def in_units(volts: NDArray[np.float64], columns: tuple[Column, ...]) -> NDArray[np.float64]:
    """Voltages in the units their columns came in.

    Args:
        volts: (n_example, n_column), volts.
        columns: One per column.

    Returns:
        (n_example, n_column), each in its column's unit.
    """
    slopes = np.array([column.volts_per_unit for column in columns])
    offsets = np.array([column.offset_V for column in columns])
    values: NDArray[np.float64] = (volts - offsets) / slopes
    return values


def clipped(columns: tuple[Column, ...], beyond: NDArray[np.int64]) -> tuple[Column, ...]:
    """The columns, with how many of their cells were clipped.

    Args:
        columns: Of the inputs.
        beyond: Number of clipped cells, one per column.
    """
    return tuple(replace(c, clipped=int(n)) for c, n in zip(columns, beyond, strict=True))


def told(use: TableUse) -> Iterator[str]:
    """How a table was taken, in lines for a person.

    Args:
        use: How it was.

    Yields:
        One line for the form of the file, and one for every column.
    """
    form = f"cells parted by {use.separator}s, decimal {use.decimal}"
    first = "its first line names the columns" if use.header else "no names, columns are numbered"
    blank = f", {counted(use.blank_lines, 'blank line')} left out" if use.blank_lines else ""
    yield f"{counted(use.rows, 'row')}{blank}; {form}; {first}"
    for column in use.columns:
        yield f"{column.name}: {_taken(column)}"


def _taken(column: Column) -> str:
    if column.role == UNUSED:
        return UNUSED
    if column.role == CLASS:
        return "names of classes"
    if not column.scaled:
        return f"{column.role}, taken as volts"
    line = f"V = {column.volts_per_unit:.6g} · value {column.offset_V:+.6g}"
    beyond = f", {counted(column.clipped, 'cell')} beyond the training rows clipped"
    return f"{column.role}, scaled: {line}{beyond if column.clipped else ''}"
