"""A task from a CSV file: measured voltages, or any table scaled to voltages.

Numbers are taken as volts when they already are in range, and scaled otherwise; a design that sets
label levels always gets scaled labels. A label column without a single number holds class names,
and each class then has a target of its own; labels that are few whole numbers could be either, and
the design has to say which. What was decided is kept as `learning.tasks.columns.TableUse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.classes import class_names
from learning.tasks.columns import CLASS, INPUT, LABEL, UNUSED, Column, TableUse, clipped
from learning.tasks.examples import Examples, Task
from learning.tasks.levels import class_labels, label_levels_V
from learning.tasks.reach import require_reachable
from learning.tasks.records import Form, Records, read_records
from learning.tasks.row_numbers import require_data
from learning.tasks.scale import scale
from learning.tasks.sources import require_inputs, require_targets, with_constants
from learning.tasks.split import split_rows
from netlist.printable import counted

_MOST_CLASSES = 10
"""So few whole numbers, each of them in several rows, may be the numbers of classes."""

_NUMBERLIKE = re.compile(r"[+-]?[\d.,\s]*\d[\d.,\s]*%?")
"""Digits with marks between them: 1.234,5 or 3,000 or 12 %."""

_HOW_LABELS = 'task.labels = "classes", a target for each; task.labels = "numbers", one to regress'


@dataclass(frozen=True, slots=True, eq=False)
class _Volts:
    """Voltages of some columns, (n_row, n_column), and how each column became them."""

    values: NDArray[np.float64]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of somebody's, read.

    Attributes:
        spec: Uses `input_columns`, `label_columns`, `labels`, the input and label voltages,
            `constants_V` and `test_fraction`.
        records: What its file holds.
    """

    spec: TaskSpec
    records: Records

    def ports(self) -> tuple[int, int]:
        """Count what the table asks for when the network does not say.

        Without `label_columns` the last column is the label.

        Returns:
            Sources, constant ones included, and targets.

        Raises:
            LearningError: When a named column is not there, no column is left for an input, or the
                labels could be classes or numbers.
        """
        spec, records = self.spec, self.records
        labels = _label_columns(spec, records, 1)
        n_source = len(_input_columns(spec, records, labels)) + len(spec.constants_V)
        if _are_classes(spec, records, labels):
            return n_source, len(_classes(spec, records, labels[0]))
        return n_source, len(labels)

    def task(self, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
        """Make the table a task.

        Args:
            n_source: Number of sources of the network: the input columns and the constants.
            n_target: Number of targets of the network: the label columns, or the classes.
            rng: Draws the split.

        Returns:
            The task.

        Raises:
            LearningError: When the table cannot be used as it stands, or does not fit the network.
        """
        spec, records = self.spec, self.records
        labels = _label_columns(spec, records, n_target)
        inputs = _input_columns(spec, records, labels)
        require_inputs(len(inputs), spec.constants_V, n_source, "task.input_columns")
        if _are_classes(spec, records, labels):
            n_class = len(_classes(spec, records, labels[0]))
            require_targets(n_class, n_target, f"{records.name}: {records.header[labels[0]]}")
            return classification(spec, records, inputs, labels[0], rng)
        require_targets(len(labels), n_target, "task.label_columns")
        return _regression(spec, records, inputs, labels, rng)


def read_table(spec: TaskSpec) -> Table:
    """Read the file of a design's task, once.

    Args:
        spec: Uses `csv`, `separator`, `decimal` and `header`, and what `Table` uses.

    Returns:
        The table.

    Raises:
        LearningError: When there is none, or it cannot be read, or in two ways.
    """
    if not spec.csv:
        raise LearningError("a csv task needs a file", "task.csv", "name a CSV file")
    form = Form(spec.separator, spec.decimal, spec.header)
    return Table(spec, read_records(Path(spec.csv), str(spec.csv), form))


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
        label: Column of the class names; classes are numbered as
            `learning.tasks.classes` orders them.
        rng: Draws the split, stratified by class.

    Returns:
        The task; it has one target per class.

    Raises:
        LearningError: When there are not at least two classes.
    """
    names = _classes(spec, records, label)
    if len(names) < 2:  # noqa: PLR2004  one class leaves nothing to tell apart
        raise LearningError(
            f"every row of column {records.header[label]!r} says {names[0]!r}",
            records.name,
            "name a column with at least two classes in task.label_columns",
        )
    number = {name: index for index, name in enumerate(names)}
    classes = np.array([number[cell] for cell in records.text(label)], dtype=np.int64)
    train, test = split_rows(classes, spec.test_fraction, rng)
    sources = _sources(spec, records, inputs, train)
    labels = class_labels(spec, classes, names)
    examples = Examples(
        with_constants(sources.values, spec.constants_V), labels, classes, records.lines
    )
    use = _use(records, (*sources.columns, Column(records.header[label], CLASS)))
    return _task(examples, train, test, names, use)


def _regression(
    spec: TaskSpec,
    records: Records,
    inputs: tuple[int, ...],
    labels: tuple[int, ...],
    rng: np.random.Generator,
) -> Task:
    values, names = records.numbers(labels), _names(records, labels)
    train, test = split_rows(np.zeros(len(values), dtype=np.int64), spec.test_fraction, rng)
    read = _sources(spec, records, inputs, train)
    sources = with_constants(read.values, spec.constants_V)
    unset = spec.label_low_V is None and spec.label_high_V is None
    low, high = min(0.0, float(sources.min())), max(0.0, float(sources.max()))
    columns = tuple(Column(name, LABEL) for name in names)
    if unset and _within(values, low, high):
        require_reachable(
            sources,
            values,
            records.where,
            "set task.label_low_V and task.label_high_V to scale the labels, or hold a source at "
            "a higher voltage with task.constants_V",
        )
    else:
        scaled = _scaled(values, train, label_levels_V(spec), (names, LABEL), records)
        values, columns = scaled.values, scaled.columns
    examples = Examples(sources, values, lines=records.lines)
    return _task(examples, train, test, (), _use(records, (*read.columns, *columns)))


def _sources(
    spec: TaskSpec, records: Records, columns: tuple[int, ...], train: NDArray[np.int64]
) -> _Volts:
    """The inputs in volts, without the constants."""
    values, names = records.numbers(columns), _names(records, columns)
    if _within(values, spec.input_low_V, spec.input_high_V):
        return _Volts(values, tuple(Column(name, INPUT) for name in names))
    volts = (spec.input_low_V, spec.input_high_V)
    scaled = _scaled(values, train, volts, (names, INPUT), records)
    # a source cannot leave the input range, a wanted label can
    inside = np.clip(scaled.values, *volts)
    beyond = (np.abs(inside - scaled.values) > 1e-12 * (volts[1] - volts[0])).sum(axis=0)
    return _Volts(inside, clipped(scaled.columns, beyond))


def _scaled(
    values: NDArray[np.float64],
    train: NDArray[np.int64],
    volts: tuple[float, float],
    named: tuple[tuple[str, ...], str],
    records: Records,
) -> _Volts:
    names, role = named
    scaled, slopes, offsets = scale(values, train, volts, names, records.name)
    lines = zip(names, slopes.tolist(), offsets.tolist(), strict=True)
    return _Volts(scaled, tuple(Column(name, role, slope, at_0) for name, slope, at_0 in lines))


def _names(records: Records, columns: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(records.header[column] for column in columns)


def _use(records: Records, taken: tuple[Column, ...]) -> TableUse:
    """What became of every column, in the order in which sources and targets have them."""
    names = {column.name for column in taken}
    unused = tuple(Column(name, UNUSED) for name in records.header if name not in names)
    return TableUse(
        separator=records.separator,
        decimal=records.decimal,
        header=records.named,
        rows=len(records.rows),
        blank_lines=records.blank_lines,
        columns=(*taken, *unused),
    )


def _within(values: NDArray[np.float64], low: float, high: float) -> bool:
    return bool(((values >= low) & (values <= high)).all())


def _task(
    examples: Examples,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    class_names: tuple[str, ...],
    use: TableUse,
) -> Task:
    tested = _pick(examples, test) if test.size else None
    return Task("csv", _pick(examples, train), tested, class_names, use)


def _pick(examples: Examples, rows: NDArray[np.int64]) -> Examples:
    classes = None if examples.classes is None else examples.classes[rows]
    lines = tuple(examples.lines[row] for row in rows)
    return Examples(examples.inputs[rows], examples.labels[rows], classes, lines)


def _classes(spec: TaskSpec, records: Records, label: int) -> tuple[str, ...]:
    return class_names(records, label, said=spec.labels == "classes")


def _are_classes(spec: TaskSpec, records: Records, labels: tuple[int, ...]) -> bool:
    """Whether the labels name classes.

    Raises:
        LearningError: When the design does not say and they could be either, or every row has a
            class of its own.
    """
    if spec.labels == "classes" and len(labels) > 1:
        raise LearningError(
            f"{len(labels)} columns of classes",
            "task.labels",
            "one column in task.label_columns; each of its classes has a target of its own",
        )
    if spec.labels is not None or len(labels) > 1:
        return spec.labels == "classes"
    column = records.header[labels[0]]
    if _is_text(records, labels[0]):
        cells = records.text(labels[0])
        if len(cells) > 2 and len(set(cells)) == len(cells):  # noqa: PLR2004  both of two may be
            raise LearningError(
                f"column {column!r} holds another word in every row",
                records.name,
                "name the column of the labels in task.label_columns; or task.labels = "
                '"classes", when every row is a class of its own',
            )
        odd = next((cell for cell in cells if _NUMBERLIKE.fullmatch(cell)), None)
        if odd is not None:
            raise LearningError(
                f"column {column!r} holds {odd!r}, which looks like a number and is none here",
                records.name,
                'plain numbers, or task.decimal for their mark; task.labels = "classes", when '
                "these are names of classes",
            )
        return True
    if _looks_like_classes(records, labels[0]):
        found = ", ".join(_classes(spec, records, labels[0])[:4])
        raise LearningError(
            f"column {column!r} holds only {found}, which may be classes or numbers",
            records.name,
            _HOW_LABELS,
        )
    return False


def _looks_like_classes(records: Records, column: int) -> bool:
    cells = records.text(column)
    numbers = [records.number(cell) for cell in cells]
    kinds = set(numbers)
    few = 2 <= len(kinds) <= min(_MOST_CLASSES, len(cells) // 2)  # noqa: PLR2004
    return few and all(number is not None and number == int(number) for number in kinds)


def _is_text(records: Records, column: int) -> bool:
    return all(records.number(cell) is None for cell in records.text(column))


def _label_columns(spec: TaskSpec, records: Records, n_target: int) -> tuple[int, ...]:
    if spec.label_columns:
        return tuple(records.column(name, "task.label_columns") for name in spec.label_columns)
    last = len(records.header) - 1
    if last > 0 and (_is_text(records, last) or spec.labels == "classes"):
        return (last,)
    if n_target > last:
        raise LearningError(
            f"no input is left: the table has {counted(last + 1, 'column')}, and "
            f"{counted(n_target, 'target')} to give a label each",
            f"{records.name}:1",
            "cells parted by commas, semicolons or tabs; add columns to the file, or change "
            "network.roles.targets",
        )
    return tuple(range(last + 1 - n_target, last + 1))


def _input_columns(spec: TaskSpec, records: Records, labels: tuple[int, ...]) -> tuple[int, ...]:
    if not spec.input_columns:
        columns = tuple(i for i in range(len(records.header)) if i not in labels)
        require_data(records, columns if spec.label_columns else (*columns, *labels))
        return columns
    columns = tuple(records.column(name, "task.input_columns") for name in spec.input_columns)
    for column in columns:
        if column in labels:
            raise LearningError(
                f"column {records.header[column]!r} is both an input and a label",
                "task.input_columns",
                "name it in task.input_columns or in task.label_columns, not in both",
            )
    return columns
