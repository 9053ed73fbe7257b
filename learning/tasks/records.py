"""A CSV file as text cells that remember their line, so that an error can point at one.

The standard `csv` module rather than pandas: pandas gives no line numbers, and guesses types and
missing values where this must refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learning.errors import LearningError
from learning.tasks.separated import (
    Row,
    as_number,
    find_decimal,
    find_separator,
    rows_of,
    without_empty_end,
    without_excel_line,
)
from netlist.errors import NetlistError
from netlist.printable import counted
from netlist.reading import TABLE, read_text

MOST_ROWS = 1_000_000
"""Every row is a presentation per epoch; a million take nine hours on 32 edges, every epoch."""

MOST_COLUMNS = 1_000
"""Every column is a source or a target with an amplifier of its own."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a design says of a table's form; None leaves it to the reader, which asks when unsure.

    Attributes:
        separator: "comma", "semicolon" or "tab".
        decimal: "point" or "comma".
        header: Whether the first line holds the names of the columns.
    """

    separator: str | None = None
    decimal: str | None = None
    header: bool | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """A table of text.

    Attributes:
        name: File name, for messages.
        header: Column names; their numbers, from 1, where the file gives none.
        rows: Cells without surrounding blanks, each row as long as the header.
        lines: 1-based line on which each row starts.
        separator: What parts cells: "comma", "semicolon" or "tab".
        decimal: What marks decimals: "point" or "comma".
        named: Whether the header is the file's own.
        blank_lines: Lines left out because nothing is on them.
        header_line: 1-based line of the header, or of the first row where there is none.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    separator: str = "comma"
    decimal: str = "point"
    named: bool = True
    blank_lines: int = 0
    header_line: int = 1

    def where(self, row: int) -> str:
        """``file:line`` of a row."""
        return f"{self.name}:{self.lines[row]}"

    def number(self, cell: str) -> float | None:
        """A cell as a finite number, or None."""
        return as_number(cell, self.decimal)

    def column(self, name: str, key: str) -> int:
        """The number of a named column.

        Args:
            name: Column name.
            key: Design key that asks for it, for the error.

        Raises:
            LearningError: When there is none of that name.
        """
        if name not in self.header:
            raise LearningError(
                f"there is no column {name!r}, which {key} asks for",
                f"{self.name}:1",
                f"use one of {', '.join(self.header)}",
            )
        return self.header.index(name)

    def text(self, column: int) -> tuple[str, ...]:
        """The cells of a column.

        Raises:
            LearningError: When a cell is empty.
        """
        for index, row in enumerate(self.rows):
            if not row[column]:
                raise self._bad_cell(index, column, "is empty", "fill it in or delete the row")
        return tuple(row[column] for row in self.rows)

    def numbers(self, columns: tuple[int, ...]) -> NDArray[np.float64]:
        """The cells of some columns as numbers, (n_row, n_column).

        Raises:
            LearningError: When a cell is empty or no finite number.
        """
        values = np.empty((len(self.rows), len(columns)))
        for place, column in enumerate(columns):
            for index, text in enumerate(self.text(column)):
                number = self.number(text)
                if number is None:
                    raise self._bad_cell(
                        index,
                        column,
                        f"holds {text!r}, which is not a number",
                        "write a plain number such as 0.25, or leave the column out with "
                        "task.input_columns and task.label_columns",
                    )
                values[index, place] = number
        return values

    def _bad_cell(self, row: int, column: int, what: str, hint: str) -> LearningError:
        return LearningError(f"column {self.header[column]!r} {what}", self.where(row), hint)


def read_records(file: Traversable | Path, name: str, form: Form = Form()) -> Records:
    """Read a CSV file; blank lines are left out.

    Args:
        file: The file, UTF-8; cells parted by commas, semicolons or tabs.
        name: What messages call it.
        form: What is known of its form.

    Raises:
        LearningError: When the file cannot be read, is empty, is too large, repeats a column, has a
            row of another length than its header, or can be read in two ways.
    """
    try:
        text = read_text(Path(str(file)), TABLE)
    except NetlistError as error:
        raise LearningError(error.message, name, error.hint) from error
    text, said = without_excel_line(text)
    separator = form.separator or said or find_separator(text, name)
    rows, blank_lines = rows_of(text, separator, name)
    rows = without_empty_end(rows)
    named = form.header is not False
    if len(rows) < 1 + named:
        what = "has a header but no rows" if rows else "is empty"
        raise LearningError(f"the file {what}", name, "give a header line and a row per example")
    _require_size(rows, name)
    header = rows[0].cells if named else tuple(str(1 + i) for i in range(len(rows[0].cells)))
    body = rows[1:] if named else rows
    _require_distinct(header, f"{name}:{rows[0].line}")
    for row in body:
        _require_length(row, header, f"{name}:{row.line}")
    decimal = form.decimal or find_decimal([cell for row in body for cell in row.cells], name)
    records = Records(
        name=name,
        header=header,
        rows=tuple(row.cells for row in body),
        lines=tuple(row.line for row in body),
        separator=separator,
        decimal=decimal,
        named=named,
        blank_lines=blank_lines,
        header_line=rows[0].line,
    )
    if form.header is None:
        _require_header(records, rows[0])
    return records


def _require_header(records: Records, first: Row) -> None:
    """Ask when every column of numbers has a number for its name, too."""
    names = [
        name
        for column, name in enumerate(records.header)
        if all(records.number(row[column]) is not None for row in records.rows)
    ]
    if names and all(records.number(name) is not None for name in names):
        raise LearningError(
            f"the first line looks like data and not like names: {', '.join(names[:3])}",
            f"{records.name}:{first.line}",
            "task.header = false, when it is data (columns are then called 1, 2, …); "
            "task.header = true, when these are names",
        )


def _require_size(rows: list[Row], name: str) -> None:
    columns = len(rows[0].cells)
    for count, most, what in ((len(rows), MOST_ROWS, "rows"), (columns, MOST_COLUMNS, "columns")):
        if count > most:
            raise LearningError(
                f"a table of {count} {what} is more than the {most} a network can be taught",
                name,
                f"fewer {what}",
            )


def _require_distinct(header: tuple[str, ...], where: str) -> None:
    seen: set[str] = set()
    for column in header:
        if column in seen:
            raise LearningError(
                f"column {column!r} appears twice in the header",
                where,
                "give every column a name of its own; task.header = false, when these are data",
            )
        seen.add(column)


def _require_length(row: Row, header: tuple[str, ...], where: str) -> None:
    if len(row.cells) != len(header):
        raise LearningError(
            f"{counted(len(row.cells), 'cell')} under a header of {counted(len(header), 'column')}",
            where,
            "separate cells by commas, with a point for decimals, or by semicolons or tabs; one "
            "cell per column",
        )
