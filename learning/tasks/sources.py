"""The sources of a task: its inputs first, then the sources held at constant voltages.

Every kind counts its columns against the network here, so that a mismatch reads the same for all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.errors import LearningError
from netlist.printable import counted


def count_inputs(constants_V: tuple[float, ...], n_source: int) -> int:
    """The number of sources left for inputs once each constant voltage has its own.

    Args:
        constants_V: Voltages of the constant sources.
        n_source: Number of sources of the network.

    Returns:
        The number of inputs, at least 1.

    Raises:
        LearningError: When the constants leave no source for an input.
    """
    n_input = n_source - len(constants_V)
    if n_input < 1:
        raise LearningError(
            f"no source is left for an input: {counted(len(constants_V), 'constant')} and "
            f"{counted(n_source, 'source')}",
            "task.constants_V",
            "name more nodes in network.roles.sources or give fewer constants",
        )
    return n_input


def require_inputs(
    n_input: int, constants_V: tuple[float, ...], n_source: int, where: str = "task.kind"
) -> None:
    """Check that a task with a fixed number of inputs fits the network's sources.

    Raises:
        LearningError: When inputs and constants together are not as many as the sources.
    """
    needed = n_input + len(constants_V)
    if needed != n_source:
        raise LearningError(
            f"the task has {counted(needed, 'source voltage')} ({counted(n_input, 'input')} and "
            f"{counted(len(constants_V), 'constant')}) but the network has "
            f"{counted(n_source, 'source')}",
            where,
            f"name {counted(needed, 'node')} in network.roles.sources or change task.constants_V",
        )


def require_targets(n_wanted: int, n_target: int, where: str = "task.kind") -> None:
    """Check that a task with a fixed number of outputs fits the network's targets.

    Raises:
        LearningError: When the two numbers differ.
    """
    if n_wanted != n_target:
        raise LearningError(
            f"the task has {counted(n_wanted, 'output')} but the network has "
            f"{counted(n_target, 'target')}",
            where,
            f"name {counted(n_wanted, 'node')} in network.roles.targets",
        )


def with_constants(
    inputs: NDArray[np.float64], constants_V: tuple[float, ...]
) -> NDArray[np.float64]:
    """Append a column for each constant source.

    Args:
        inputs: (n_example, n_input), volts.
        constants_V: Voltages of the constant sources.

    Returns:
        (n_example, n_source), volts.
    """
    constants = np.tile(np.asarray(constants_V, dtype=float), (len(inputs), 1))
    return np.hstack([inputs, constants.reshape(len(inputs), len(constants_V))])
