"""What a network is taught and tested with: rows of source and target voltages.

Every kind of task ends in these two classes, so that schedules, twins and reports never ask where
the voltages came from. A source held constant is a column of `Examples.inputs` like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.tasks.columns import TableUse


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """A set of examples, one a row.

    Attributes:
        inputs: Source voltages, constant sources last: (n_example, n_source), volts.
        labels: Wanted target voltages: (n_example, n_target), volts.
        classes: For classification the column of the target that ought to be the largest:
            (n_example,) int. None for regression.
        lines: Line of the table on which each example starts, from 1; empty without a table.
    """

    inputs: NDArray[np.float64]
    labels: NDArray[np.float64]
    classes: NDArray[np.int64] | None = None
    lines: tuple[int, ...] = ()

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.inputs)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What to learn, and what to test it on.

    Attributes:
        name: The kind of task.
        train: The examples to learn from.
        test: Examples never learned from, or None.
        class_names: Name of the class of each target, in target order; empty for regression.
        table: How the table it came from was taken; None without one.
    """

    name: str
    train: Examples
    test: Examples | None = None
    class_names: tuple[str, ...] = ()
    table: TableUse | None = None


def first(examples: Examples, count: int) -> Examples:
    """The first few of some examples.

    Args:
        examples: The examples.
        count: How many at most.

    Returns:
        Them, in their order.
    """
    few = slice(count)
    classes = None if examples.classes is None else examples.classes[few]
    return Examples(examples.inputs[few], examples.labels[few], classes, examples.lines[few])
