"""What a design wants taught, before there is a network to teach it to.

A lesson is read once: it first says how many sources and targets it asks for, so that a design
whose roles say "task" fits itself to whatever table it is handed, and is then made a task for the
network as that was built. A new kind of task is a file beside this one and a row of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.allostery import Allostery
from learning.tasks.digits import Digits
from learning.tasks.examples import Task
from learning.tasks.iris import Iris
from learning.tasks.regression import Regression
from learning.tasks.table import read_table
from learning.tasks.xor import Xor


class Lesson(Protocol):
    """What every kind of task offers."""

    def ports(self) -> tuple[int, int]:
        """Count the nodes that the lesson asks for when the network does not say.

        Returns:
            Sources, constant ones included, and targets.

        Raises:
            LearningError: When it does not say either.
        """

    def task(self, n_source: int, n_target: int, rng: np.random.Generator) -> Task:
        """Make the lesson a task for a network.

        Args:
            n_source: Number of sources of the network.
            n_target: Number of targets of the network.
            rng: All that is random about the task is drawn from it.

        Returns:
            The task, in volts.

        Raises:
            LearningError: When it does not fit the network.
        """


KINDS: dict[str, Callable[[TaskSpec], Lesson]] = {
    "regression": Regression,
    "allostery": Allostery,
    "xor": Xor,
    "iris": Iris,
    "digits": Digits,
    "csv": read_table,
}
"""The kinds of task by the name a design gives them."""


def lesson(spec: TaskSpec) -> Lesson:
    """Read what a design wants taught.

    Args:
        spec: The ``[task]`` of the design.

    Returns:
        The lesson.

    Raises:
        LearningError: When the kind is unknown, or its table cannot be read.
    """
    if spec.kind not in KINDS:
        raise LearningError(
            f"there is no task of kind {spec.kind!r}",
            "task.kind",
            f"use one of {', '.join(KINDS)}",
        )
    return KINDS[spec.kind](spec)
