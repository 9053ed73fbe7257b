"""A task from a CSV file: measured voltages, or any table scaled to voltages.

Numbers are taken as volts when they already are in range, and scaled otherwise; a design that sets
label levels always gets scaled labels. A label column without a single number holds class names,
and each class then has a target of its own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.examples import Examples, Task
from learning.tasks.levels import class_labels, label_levels_V
from learning.tasks.reach import require_reachable
from learning.tasks.records import Records, as_number, read_records
from learning.tasks.scale import scale
from learning.tasks.sources import require_inputs, require_targets, with_constants
from learning.tasks.split import split_rows


def table(spec: TaskSpec, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
    """Read the file of a design and make it a task.

    Args:
        spec: Uses `csv`, `input_columns`, `label_columns`, the input and label voltages,
            `constants_V` and `test_fraction`.
        n_source: Number of sources of the network: the input columns and the constants.
        n_target: Number of targets of the network: the label columns, or the classes.
        rng: Draws the split.

    Returns:
        The task.

    Raises:
        LearningError: When the file cannot be used as it stands, or does not fit the network.
    """
    if not spec.csv:
        raise LearningError("a csv task needs a file", "task.csv", "name a CSV file")
    records = read_records(Path(spec.csv), str(spec.csv))
    labels = _label_columns(spec, records, n_target)
    inputs = _input_columns(spec, records, labels)
    require_inputs(len(inputs), spec.constants_V, n_source, "task.input_columns")
    if _is_text(records, labels[0]) and len(labels) == 1:
        n_class = len(set(records.text(labels[0])))
        require_targets(n_class, n_target, f"{records.name}: {records.header[labels[0]]}")
        return classification(spec, records, inputs, labels[0], rng)
    require_targets(len(labels), n_target, "task.label_columns")
    return _regression(spec, records, inputs, labels, rng)


def classification(
    spec: TaskSpec,
    records: Records,
    inputs: tuple[int, ...],
    label: int,
    rng: np.random.Generator,
) -> Task:
    """Make a task of some number columns and one column of class names.

    Args:
        spec: Voltages and `test_fraction`.
        records: The table.
        inputs: Columns of the inputs.
        label: Column of the class names; classes are numbered in alphabetical order.
        rng: Draws the split, stratified by class.

    Returns:
        The task; it has one target per class.

    Raises:
        LearningError: When there are not at least two classes.
    """
    names, classes = np.unique(records.text(label), return_inverse=True)
    class_names = tuple(str(each) for each in names)
    if len(names) < 2:  # noqa: PLR2004  one class leaves nothing to tell apart
        raise LearningError(
            f"every row of column {records.header[label]!r} says {class_names[0]!r}",
            records.name,
            "name a column with at least two classes in task.label_columns",
        )
    classes = classes.astype(np.int64)
    train, test = split_rows(classes, spec.test_fraction, rng)
    sources = _sources(spec, records, inputs, train)
    labels = class_labels(spec, classes, class_names)
    return _task(Examples(sources, labels, classes), train, test, class_names)


def _regression(
    spec: TaskSpec,
    records: Records,
    inputs: tuple[int, ...],
    labels: tuple[int, ...],
    rng: np.random.Generator,
) -> Task:
    values = records.numbers(labels)
    train, test = split_rows(np.zeros(len(values), dtype=np.int64), spec.test_fraction, rng)
    sources = _sources(spec, records, inputs, train)
    unset = spec.label_low_V is None and spec.label_high_V is None
    low, high = min(0.0, float(sources.min())), max(0.0, float(sources.max()))
    if unset and _within(values, low, high):
        require_reachable(
            sources,
            values,
            records.where,
            "set task.label_low_V and task.label_high_V to scale the labels, or hold a source at "
            "a higher voltage with task.constants_V",
        )
    else:
        names = tuple(records.header[column] for column in labels)
        values = scale(values, train, label_levels_V(spec), names, records.name)
    return _task(Examples(sources, values), train, test, ())


def _sources(
    spec: TaskSpec, records: Records, columns: tuple[int, ...], train: NDArray[np.int64]
) -> NDArray[np.float64]:
    values = records.numbers(columns)
    if not _within(values, spec.input_low_V, spec.input_high_V):
        names = tuple(records.header[column] for column in columns)
        volts = (spec.input_low_V, spec.input_high_V)
        # a source cannot leave the input range, a wanted label can
        values = np.clip(scale(values, train, volts, names, records.name), *volts)
    return with_constants(values, spec.constants_V)


def _within(values: NDArray[np.float64], low: float, high: float) -> bool:
    return bool(((values >= low) & (values <= high)).all())


def _task(
    examples: Examples,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    class_names: tuple[str, ...],
) -> Task:
    tested = _pick(examples, test) if test.size else None
    return Task("csv", _pick(examples, train), tested, class_names)


def _pick(examples: Examples, rows: NDArray[np.int64]) -> Examples:
    classes = None if examples.classes is None else examples.classes[rows]
    return Examples(examples.inputs[rows], examples.labels[rows], classes)


def _is_text(records: Records, column: int) -> bool:
    return all(as_number(cell) is None for cell in records.text(column))


def column_roles(spec: TaskSpec, records: Records) -> tuple[int, int]:
    """Count the inputs and targets that a table asks for when the network does not say.

    Without `label_columns` the last column is the label.

    Args:
        spec: Uses `input_columns` and `label_columns`.
        records: The table.

    Returns:
        Number of inputs and of targets.

    Raises:
        LearningError: When a named column is not there, or no column is left for an input.
    """
    labels = _label_columns(spec, records, 1)
    inputs = _input_columns(spec, records, labels)
    if len(labels) == 1 and _is_text(records, labels[0]):
        return len(inputs), len(set(records.text(labels[0])))
    return len(inputs), len(labels)


def _label_columns(spec: TaskSpec, records: Records, n_target: int) -> tuple[int, ...]:
    if spec.label_columns:
        return tuple(records.column(name, "task.label_columns") for name in spec.label_columns)
    last = len(records.header) - 1
    if last > 0 and _is_text(records, last):
        return (last,)
    if n_target > last:
        raise LearningError(
            f"{last + 1} columns leave no input beside {n_target} labels, one for each target",
            f"{records.name}:1",
            "add columns to the file or change network.roles.targets",
        )
    return tuple(range(last + 1 - n_target, last + 1))


def _input_columns(spec: TaskSpec, records: Records, labels: tuple[int, ...]) -> tuple[int, ...]:
    if not spec.input_columns:
        return tuple(i for i in range(len(records.header)) if i not in labels)
    columns = tuple(records.column(name, "task.input_columns") for name in spec.input_columns)
    for column in columns:
        if column in labels:
            raise LearningError(
                f"column {records.header[column]!r} is both an input and a label",
                "task.input_columns",
                "name it in task.input_columns or in task.label_columns, not in both",
            )
    return columns
