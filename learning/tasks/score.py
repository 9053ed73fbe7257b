"""How often the network is right: the class of an answer is its largest target.

For two targets this is the sign of their difference. A tie is no answer: a network that shows the
same voltage everywhere, as one that is switched off does, is never right.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from learning.errors import LearningError

Counts: TypeAlias = NDArray[np.int64]


def accuracy(outputs: NDArray[np.float64], classes: NDArray[np.int64]) -> float:
    """The fraction of examples whose own target is larger than every other.

    With a single target its sign is the answer: positive is class 1, negative class 0.

    Args:
        outputs: Target voltages in the free state, (n_example, n_target), volts.
        classes: Column of each example's own target, (n_example,).

    Returns:
        A fraction from 0 to 1.

    Raises:
        LearningError: When the shapes do not belong together or there are no examples.

    Example:
        >>> accuracy(np.array([[0.3, 0.1], [0.2, 0.2]]), np.array([0, 1]))
        0.5
    """
    if outputs.ndim != 2 or len(outputs) != len(classes) or not len(classes):  # noqa: PLR2004
        raise LearningError(
            f"outputs of shape {outputs.shape} do not fit {len(classes)} classes",
            "accuracy",
            "give one row of target voltages per example, and at least one example",
        )
    return float(np.mean(answered(outputs) == classes))


def squared_errors_V2(outputs: NDArray[np.float64], labels: NDArray[np.float64]) -> Floats:
    """The squared target error of every example, summed over its targets.

    Args:
        outputs: Target voltages in the free state, (n_example, n_target), volts.
        labels: What they ought to be, (n_example, n_target), volts.

    Returns:
        (n_example,), square volts.
    """
    return np.asarray(np.sum((outputs - labels) ** 2, axis=1))


def mean_squared_error_V2(outputs: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    """The one measure of what was learned: `squared_errors_V2`, mean over the examples.

    Args:
        outputs: Target voltages in the free state, (n_example, n_target), volts.
        labels: What they ought to be, (n_example, n_target), volts.

    Returns:
        Square volts.

    Example:
        >>> shown = np.array([[0.5, 0.25], [0.0, 1.0]])
        >>> mean_squared_error_V2(shown, np.array([[0.0, 0.25], [0.0, 1.5]]))
        0.25
    """
    return float(np.mean(squared_errors_V2(outputs, labels)))


def r2(outputs: NDArray[np.float64], labels: NDArray[np.float64]) -> float | None:
    """Share of the labels' variance that the outputs explain, all targets together.

    1 is perfect, 0 is what the labels' own mean would do, less than 0 is worse than that.

    Args:
        outputs: (n_example, n_target), any unit.
        labels: (n_example, n_target), the same unit.

    Returns:
        The share; None where the labels do not vary.

    Example:
        >>> r2(np.array([[0.0], [2.0]]), np.array([[0.0], [4.0]]))
        0.5
    """
    around = float(np.sum((labels - labels.mean(axis=0)) ** 2))
    return 1.0 - float(np.sum((outputs - labels) ** 2)) / around if around > 0.0 else None


def answered(outputs: NDArray[np.float64]) -> NDArray[np.int64]:
    """The class of every answer: its largest target, or of a single target its sign.

    Args:
        outputs: Target voltages in the free state, (n_example, n_target), volts.

    Returns:
        (n_example,), the class; -1 for a tie, which is no answer.

    Example:
        >>> answered(np.array([[0.3, 0.1], [0.2, 0.2]])).tolist()
        [0, -1]
    """
    if outputs.shape[1] == 1:
        sign = np.sign(outputs[:, 0])
        return np.where(np.abs(sign) == 1.0, sign > 0.0, -1).astype(np.int64)
    alone = (outputs == outputs.max(axis=1, keepdims=True)).sum(axis=1) == 1
    return np.where(alone, outputs.argmax(axis=1), -1).astype(np.int64)


def confusion(answers: NDArray[np.int64], classes: NDArray[np.int64], n_class: int) -> Counts:
    """Count the examples of each class by the class of their answer.

    Args:
        answers: From `answered`, (n_example,).
        classes: What each ought to be, (n_example,).
        n_class: Number of classes.

    Returns:
        (n_class, n_class + 1): a row per class; the last column counts ties.
    """
    counts = np.zeros((n_class, n_class + 1), dtype=np.int64)
    np.add.at(counts, (classes, answers), 1)
    return counts
