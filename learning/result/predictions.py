"""Predicted against wanted, for every example learned from and every one held out.

Also the figures that put an error into proportion: the mean predictor, which knows no inputs, and
the best linear network of positive conductances, which knows no transistors.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import numpy as np

from learning.arrays import Floats
from learning.experiment.experiment import Experiment
from learning.fidelity.kept import digest, kept, text_of
from learning.result.result import (
    Confusion,
    Errors,
    Predicted,
    Predictions,
    Score,
    Shares,
)
from learning.tasks.columns import LABEL, in_units
from learning.tasks.examples import Examples, Task
from learning.tasks.passive import Passive, best_passive
from learning.tasks.score import Counts, answered, confusion, mean_squared_error_V2, r2

_NOTE = (
    "mean_predictor: the mean training label, whatever the inputs. best_passive: least squares on "
    "the training examples over all weights that are not negative and add up to 1 on sources and "
    "ground, which is what every linear network of positive conductances, of any topology, shows; "
    "edges of transistors are not linear and may do better."
)

Rows = tuple[tuple[float, ...], ...]


def predictions(experiment: Experiment, train_V: Floats, test_V: Floats | None) -> Predictions:
    """Put answers beside what was wanted.

    Args:
        experiment: The experiment.
        train_V: Answers to the training examples, (n_example, n_target), volts.
        test_V: Answers to the held-out ones; None without any.

    Returns:
        Both, in volts and in the units of the task's table.
    """
    task, test = experiment.task, None
    if task.test is not None and test_V is not None:
        test = _predicted(task, task.test, test_V)
    return Predictions(_target_names(experiment), _predicted(task, task.train, train_V), test)


def _target_names(experiment: Experiment) -> tuple[str, ...]:
    task, n_target = experiment.task, len(experiment.network.targets)
    if len(task.class_names) == n_target:
        return task.class_names
    columns = task.table.of(LABEL) if task.table else ()
    if len(columns) == n_target:
        return tuple(column.name for column in columns)
    return tuple(f"node {port}" for port in experiment.network.targets)


def _predicted(task: Task, examples: Examples, outputs_V: Floats) -> Predicted:
    columns = task.table.of(LABEL) if task.table else ()
    scaled = any(column.scaled for column in columns)
    classes = examples.classes if task.class_names else None
    names = (*task.class_names, "")  # the last one, at -1, is a tie
    return Predicted(
        lines=examples.lines,
        wanted_V=_rows(examples.labels),
        predicted_V=_rows(outputs_V),
        wanted=_rows(in_units(examples.labels, columns)) if scaled else (),
        predicted=_rows(in_units(outputs_V, columns)) if scaled else (),
        wanted_class=() if classes is None else tuple(names[c] for c in classes),
        predicted_class=() if classes is None else tuple(names[c] for c in answered(outputs_V)),
    )


def _rows(values: Floats) -> Rows:
    return tuple(tuple(row) for row in values.tolist())


def score(experiment: Experiment, train_V: Floats, test_V: Floats | None) -> Score:
    """Judge the answers.

    Args:
        experiment: The experiment.
        train_V: Answers to the training examples, (n_example, n_target), volts.
        test_V: Answers to the held-out ones; None without any.

    Returns:
        Their errors, and those of what needs no learning circuit.
    """
    train, test = experiment.task.train, experiment.task.test
    mean_V = train.labels.mean(axis=0)
    paired = tuple(port.negative is not None for port in experiment.network.targets)
    passive = _best_passive(_held_V(experiment, train), train.labels, paired)
    told = test if test_V is not None else None

    def errors(shown_V: Callable[[Examples], Floats]) -> Errors:
        return Errors(
            mean_squared_error_V2(shown_V(train), train.labels),
            None if told is None else mean_squared_error_V2(shown_V(told), told.labels),
        )

    def shown(examples: Examples) -> Floats:
        return train_V if test_V is None or examples is train else test_V

    return Score(
        r2=Shares(
            r2(train_V, train.labels),
            None if told is None or test_V is None else r2(test_V, told.labels),
        ),
        error=errors(shown),
        mean_predictor=errors(lambda examples: np.tile(mean_V, (len(examples), 1))),
        best_passive=errors(lambda examples: passive.outputs_V(_held_V(experiment, examples))),
        confusion=_confusion(experiment.task, train_V, test_V),
        note=_NOTE,
    )


def _best_passive(held_V: Floats, labels_V: Floats, paired: tuple[bool, ...]) -> Passive:
    """As `best_passive`, kept: its solver takes longer to load than to run."""
    told = (held_V.tolist(), labels_V.tolist(), paired)
    name = digest("best passive", text_of("learning.tasks.passive"), told)
    return kept(name, lambda: best_passive(held_V, labels_V, paired), (Passive,))


def _held_V(experiment: Experiment, examples: Examples) -> Floats:
    """Voltages at sources and ground, (n_example, n_held); a pair is driven about its middle."""
    network, middle_V = experiment.network, experiment.middle_V
    held = []
    for port, volts in zip(network.sources, examples.inputs.T, strict=True):
        if port.negative is None:
            held.append(volts)
        else:
            held += [middle_V + 0.5 * volts, middle_V - 0.5 * volts]
    held += [np.zeros(len(examples)) for _ in network.ground[:1]]
    return np.column_stack(held)


def _confusion(task: Task, train_V: Floats, test_V: Floats | None) -> Confusion | None:
    if task.train.classes is None or not task.class_names:
        return None
    tested = None
    if task.test is not None and task.test.classes is not None and test_V is not None:
        tested = _counts(confusion(answered(test_V), task.test.classes, len(task.class_names)))
    trained = confusion(answered(train_V), task.train.classes, len(task.class_names))
    return Confusion(task.class_names, _counts(trained), tested)


def _counts(counts: Counts) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())


def predictions_csv(found: Predictions) -> str:
    """All predictions as a CSV file.

    Args:
        found: The predictions.

    Returns:
        A header and a row per example: which set, line of the table, and for every target the
        wanted and the predicted value, in volts and in the table's units.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_header(found))
    for name, shown in (("train", found.train), ("test", found.test)):
        if shown is not None:
            writer.writerows(_csv_rows(name, shown))
    return text.getvalue()


def _header(found: Predictions) -> list[str]:
    units = ("_V",) + (("",) if found.train.wanted else ())
    header = ["set", "line"]
    for target in found.targets:
        header += [f"{what} {target}{unit}" for unit in units for what in ("wanted", "predicted")]
    return header + (["wanted class", "predicted class"] if found.train.wanted_class else [])


def _csv_rows(name: str, shown: Predicted) -> Iterator[list[object]]:
    for index, (wanted_V, predicted_V) in enumerate(
        zip(shown.wanted_V, shown.predicted_V, strict=True)
    ):
        row: list[object] = [name, shown.lines[index] if shown.lines else ""]
        for target, volts in enumerate(wanted_V):
            row += [volts, predicted_V[target]]
            if shown.wanted:
                row += [shown.wanted[index][target], shown.predicted[index][target]]
        if shown.wanted_class:
            row += [shown.wanted_class[index], shown.predicted_class[index]]
        yield row
