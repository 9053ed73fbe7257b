"""Which characters part the cells of a table and mark its decimals, found out or asked for.

Spreadsheets of half the world write ``0,5;1,25``. A separator is the one character that cuts every
row into the same number of cells; where two do, or where ``1,250`` may be a thousand, the reader
asks instead of choosing.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from learning.errors import LearningError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
"""By the name a design gives them."""

_TRIED_ROWS = 200
"""Rows on which separators are tried; a table that changes after them is refused at its line."""

_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?|[+-]?\d+\.(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_EXCEL = re.compile(r'("?sep=([,;\t]))"?(?=\r?\n)', re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text cells, without surrounding blanks, and the 1-based line it starts on."""

    line: int
    cells: tuple[str, ...]


def rows_of(text: str, separator: str, name: str) -> tuple[list[Row], int]:
    """Cut a text into rows; blank lines are left out.

    Args:
        text: The table.
        separator: A name of `SEPARATORS`.
        name: File name, for the error.

    Returns:
        The rows, and how many lines were blank.

    Raises:
        LearningError: When quotes do not fit.
    """
    mark = SEPARATORS[separator]
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=mark, strict=True)
    rows, blank, start = list[Row](), 0, 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped) or len(stripped) > 1:
                rows.append(Row(start, stripped))
            else:
                blank += 1
            # a quoted cell may span lines: line_num is the last line read, not the row's first
            start = reader.line_num + 1
    except csv.Error as error:
        raise LearningError(
            f"this is no CSV row: {error}", f"{name}:{start}", "check the quotes of this row"
        ) from error
    return rows, blank


def without_excel_line(text: str) -> tuple[str, str]:
    """A table without the first line ``sep=;``, in which Excel is told what parts the cells.

    Args:
        text: The table.

    Returns:
        The table, its lines numbered as before, and a name of `SEPARATORS`; empty without one.
    """
    found = _EXCEL.match(text)
    if found is None:
        return text, ""
    names = {mark: name for name, mark in SEPARATORS.items()}
    return text[found.end(1) :].removeprefix('"'), names[found[2]]


def without_empty_end(rows: list[Row]) -> list[Row]:
    """Rows without a last cell that is empty in each of them: a separator ended every line.

    Args:
        rows: The rows, the header's included.

    Returns:
        The rows.
    """
    ends = rows and all(len(row.cells) > 1 and not row.cells[-1] for row in rows)
    return [Row(row.line, row.cells[:-1]) for row in rows] if ends else rows


def find_separator(text: str, name: str) -> str:
    """Find out what parts a table's cells.

    Args:
        text: The table.
        name: File name, for the error.

    Returns:
        A name of `SEPARATORS`; "comma" when nothing parts anything.

    Raises:
        LearningError: When several would do.
    """
    head = "\n".join(text.splitlines()[: _TRIED_ROWS + 1])
    fitting = [each for each in SEPARATORS if _cuts_evenly(head, each)]
    if "comma" in fitting and len(fitting) > 1:
        # A comma inside every cell is a decimal mark; a semicolon inside a cell is nothing.
        others = [each for each in fitting if each != "comma"]
        plain = [each for each in others if not _has_commas(head, each)]
        fitting = plain or [each for each in others if _all_decimal(head, each)]
        fitting = fitting or ["comma", *others]
    if len(fitting) > 1:
        raise LearningError(
            f"{' and '.join(fitting)} both cut this table into even rows",
            name,
            " or ".join(f'task.separator = "{each}"' for each in fitting),
        )
    return fitting[0] if fitting else _most_used(head)


def find_decimal(cells: Sequence[str], name: str) -> str:
    """Find out how a table marks decimals.

    Args:
        cells: Of all rows below the header.
        name: File name, for the error.

    Returns:
        "point" or "comma".

    Raises:
        LearningError: When it could be either.
    """
    commas = [cell for cell in cells if _COMMA.fullmatch(cell)]
    if not commas:
        return "point"
    points = next((cell for cell in cells if _POINT.fullmatch(cell)), "")
    if points or all(_THOUSANDS.fullmatch(cell) for cell in commas):
        what = f"{commas[0]} and {points}" if points else commas[0]
        raise LearningError(
            f"{what} can be read with a decimal comma or without",
            name,
            'task.decimal = "comma", or task.decimal = "point" (and no commas within numbers)',
        )
    return "comma"


def as_number(text: str, decimal: str = "point") -> float | None:
    """A finite number, or None; Python's own ``1_000`` and ``nan`` are no numbers in a table.

    Args:
        text: A cell.
        decimal: "point" or "comma".
    """
    if decimal == "comma":
        text = text.replace(",", ".") if _COMMA.fullmatch(text) else text
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _tried(head: str, separator: str) -> list[tuple[str, ...]]:
    try:
        return [row.cells for row in rows_of(head, separator, "")[0]]
    except LearningError:  # a quote that another separator, or a row further down, may explain
        return []


def _cuts_evenly(head: str, separator: str) -> bool:
    widths = {len(cells) for cells in _tried(head, separator)}
    return len(widths) == 1 and widths != {1}


def _has_commas(head: str, separator: str) -> bool:
    return any("," in cell for cells in _tried(head, separator) for cell in cells)


def _all_decimal(head: str, separator: str) -> bool:
    """Whether every cell with a comma, the header's aside, is a number with a decimal comma."""
    body = _tried(head, separator)[1:]
    return all(_COMMA.fullmatch(cell) for cells in body for cell in cells if "," in cell)


def _most_used(head: str) -> str:
    """Where rows are uneven: what parts the first of them, so that the error points at a row."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=lambda each: first.count(SEPARATORS[each]))
