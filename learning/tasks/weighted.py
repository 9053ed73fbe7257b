"""Labels as weighted sums of the sources: the coefficients of a task, checked and applied."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from netlist.printable import counted

_KEY = "task.coefficients"


def weighted_ports(spec: TaskSpec) -> tuple[int, int]:
    """Count the sources and targets that coefficients ask for.

    Args:
        spec: Uses `kind` and `coefficients`.

    Returns:
        Sources, constant ones included, and targets.

    Raises:
        LearningError: When there are no coefficients.
    """
    if not spec.coefficients:
        raise LearningError(
            f"a {spec.kind} without coefficients does not say how many nodes it needs",
            _KEY,
            "one row per target, each with one number per source",
        )
    return len(spec.coefficients[0]), len(spec.coefficients)


def weighted_labels(
    coefficients: tuple[tuple[float, ...], ...], sources: NDArray[np.float64], n_target: int
) -> NDArray[np.float64]:
    """Compute ``labels = sources @ coefficients.T``.

    Args:
        coefficients: One row per target, one number per source (constant sources included).
        sources: (n_example, n_source), volts.
        n_target: Number of targets of the network.

    Returns:
        (n_example, n_target), volts.

    Raises:
        LearningError: When rows and columns do not match targets and sources.
    """
    if len(coefficients) != n_target:
        raise LearningError(
            f"{counted(len(coefficients), 'row')} of coefficients for a network with "
            f"{counted(n_target, 'target')}",
            _KEY,
            f"give {counted(n_target, 'row')} or change network.roles.targets",
        )
    n_source = sources.shape[1]
    for index, row in enumerate(coefficients):
        if len(row) != n_source:
            raise LearningError(
                f"row {index} has {counted(len(row), 'coefficient')} for a network with "
                f"{counted(n_source, 'source')} (constant sources count)",
                f"{_KEY}[{index}]",
                f"give {counted(n_source, 'number')} or change network.roles.sources",
            )
    labels: NDArray[np.float64] = sources @ np.asarray(coefficients, dtype=float).T
    return labels
