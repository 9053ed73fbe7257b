"""The classes a column of a table names, in the order in which targets have them.

People count: class 10 comes after class 9, and c10 after c9. Two spellings of one number, or words
that differ in capitals alone, would quietly be classes of their own with a target each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from learning.errors import LearningError
from learning.tasks.records import Records

_DIGITS = re.compile(r"([0-9]+)")


def class_names(records: Records, column: int, *, said: bool) -> tuple[str, ...]:
    """Name the classes of a column.

    Args:
        records: The table.
        column: Its column of labels.
        said: Whether the design says that these are classes.

    Returns:
        Each class once: numbers by their size, words in alphabetical order with numbers in them by
        their size.

    Raises:
        LearningError: When a cell is empty, a number is written in two ways, or two words differ in
            capitals alone and the design does not say that these are classes.
    """
    names = set(records.text(column))
    numbers = {name: records.number(name) for name in names}
    if all(number is not None for number in numbers.values()):
        _require_distinct(records, column, names, lambda name: numbers[name])
        return tuple(sorted(names, key=lambda name: float(numbers[name] or 0.0)))
    if not said:
        _require_distinct(records, column, names, str.casefold)
    return tuple(sorted(names, key=_counted))


def _require_distinct(
    records: Records, column: int, names: Iterable[str], same: Callable[[str], object]
) -> None:
    seen: dict[object, str] = {}
    for name in sorted(names):
        other = seen.setdefault(same(name), name)
        if other != name:
            raise LearningError(
                f"column {records.header[column]!r} holds {other!r} and {name!r}: one class?",
                records.name,
                'one spelling; task.labels = "classes", when words that differ in capitals are two',
            )


def _counted(name: str) -> tuple[list[tuple[int, str]], str]:
    """Text and digits in turn, digits by their number; the name itself where all that is equal."""
    parts = list[tuple[int, str]]()
    for place, part in enumerate(_DIGITS.split(name)):
        digits = part.lstrip("0")
        parts.append((len(digits), digits) if place % 2 else (0, part))
    return parts, name
