"""A CSV file as text cells that remember their line, so that an error can point at one.

The standard `csv` module rather than pandas: pandas gives no line numbers, and guesses types and
missing values where this must refuse.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learning.errors import LearningError
from netlist.errors import NetlistError
from netlist.reading import TABLE, read_text


@dataclass(frozen=True, slots=True)
class Records:
    """A table of text.

    Attributes:
        name: File name, for messages.
        header: Column names.
        rows: Cells without surrounding blanks, each row as long as the header.
        lines: 1-based line on which each row starts.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def where(self, row: int) -> str:
        """``file:line`` of a row."""
        return f"{self.name}:{self.lines[row]}"

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
                number = as_number(text)
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


def as_number(text: str) -> float | None:
    """A finite number, or None; Python's own ``1_000`` and ``nan`` are no numbers in a table."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def read_records(file: Traversable | Path, name: str) -> Records:
    """Read a CSV file with a header; blank lines are skipped.

    Args:
        file: The file, UTF-8.
        name: What messages call it.

    Raises:
        LearningError: When the file cannot be read, is empty, repeats a column or has a row of
            another length than its header.
    """
    try:
        text = read_text(Path(str(file)), TABLE)
    except NetlistError as error:
        raise LearningError(error.message, name, error.hint) from error
    numbered = _numbered_rows(text, name)
    if not numbered[1:]:
        what = "has a header but no rows" if numbered else "is empty"
        raise LearningError(f"the file {what}", name, "give a header line and a row per example")
    (_, header), *body = numbered
    _require_distinct(header, name)
    for line, row in body:
        _require_length(row, header, f"{name}:{line}")
    return Records(name, header, tuple(row for _, row in body), tuple(line for line, _ in body))


def _numbered_rows(text: str, name: str) -> list[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=None), strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    start = 1
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells) or len(cells) > 1:  # else a blank line
                rows.append((start, cells))
            # a quoted cell may span lines: line_num is the last line read, not the row's first
            start = reader.line_num + 1
    except csv.Error as error:
        raise LearningError(
            f"this is no CSV row: {error}", f"{name}:{start}", "check the quotes of this row"
        ) from error
    return rows


def _require_distinct(header: tuple[str, ...], name: str) -> None:
    for index, column in enumerate(header):
        if column in header[:index]:
            raise LearningError(
                f"column {column!r} appears twice in the header",
                f"{name}:1",
                "give every column a name of its own",
            )


def _require_length(row: tuple[str, ...], header: tuple[str, ...], where: str) -> None:
    if len(row) != len(header):
        raise LearningError(
            f"{len(row)} cells under a header of {len(header)} columns",
            where,
            "separate cells by commas, with a point for decimals, one cell per column",
        )
