"""Columns that number the rows, which programs write beside the data and nobody means to teach.

pandas writes them in front of a table, without a name; spreadsheets and databases call them ``id``.
Taken for an input such a column would be learned, and tested on numbers that never came before.
"""

from __future__ import annotations

from collections.abc import Iterable

from learning.errors import LearningError
from learning.tasks.records import Records

_NAMES = frozenset({"unnamed: 0", "index", "idx", "id", "row", "row_id", "no", "no.", "nr", "#"})
"""What such a column is called, in small letters."""


def require_data(records: Records, columns: Iterable[int]) -> None:
    """Ask about columns that nobody chose and that hold no data by the look of them.

    Args:
        records: The table.
        columns: Columns that would be used because the design names none.

    Raises:
        LearningError: When one has no name, or is called a number of the row and counts them.
    """
    for column in columns:
        name = records.header[column]
        if not name or (name.lower() in _NAMES and _counts(records, column)):
            what = (
                f"column {name!r} counts the rows" if name else f"column {column + 1} has no name"
            )
            raise LearningError(
                f"{what}: is it data?",
                f"{records.name}:{records.header_line}",
                "columns chosen with task.input_columns and task.label_columns, or a file without "
                "it (pandas: index=False)",
            )


def _counts(records: Records, column: int) -> bool:
    numbers = [records.number(row[column]) for row in records.rows]
    first = numbers[0]
    return first is not None and numbers == [first + place for place in range(len(numbers))]
