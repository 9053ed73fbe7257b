"""A task for a network: the design's kind of task, made to the network's sources and targets."""

from __future__ import annotations

import numpy as np

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks import KINDS
from learning.tasks.examples import Examples, Task

__all__ = ["Examples", "Task", "make_task"]


def make_task(spec: TaskSpec, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
    """Make the task of a design.

    Args:
        spec: The ``[task]`` of the design.
        n_source: Number of sources of the network.
        n_target: Number of targets of the network.
        rng: All that is random about the task is drawn from it.

    Returns:
        The task, in volts.

    Raises:
        LearningError: When the kind is unknown, or the task does not fit the network.
    """
    if spec.kind not in KINDS:
        raise LearningError(
            f"there is no task of kind {spec.kind!r}",
            "task.kind",
            f"use one of {', '.join(KINDS)}",
        )
    return KINDS[spec.kind](spec, n_source, n_target, rng)
