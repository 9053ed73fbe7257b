"""How often the network is right: the class of an answer is its largest target.

For two targets this is the sign of their difference. A tie is no answer: a network that shows the
same voltage everywhere, as one that is switched off does, is never right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.arrays import Floats
from learning.errors import LearningError


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
    if outputs.shape[1] == 1:
        return float(np.mean(np.where(classes == 1, outputs[:, 0], -outputs[:, 0]) > 0))
    rows = np.arange(len(outputs))
    own = outputs[rows, classes]
    others = outputs.copy()
    others[rows, classes] = -np.inf
    return float(np.mean(own > others.max(axis=1)))


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
