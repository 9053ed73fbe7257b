"""When a digital learner has done as well as the circuit.

A classification is as good as the share of its answers that are right, of examples held out where
there are any: a squared error there says how far targets are from labels that nobody reads. Every
other task is as good as its error over the examples taught.
"""

from __future__ import annotations

from dataclasses import dataclass

from learning.arrays import Floats
from learning.result.result import Accuracy
from learning.tasks.examples import Examples, Task
from learning.tasks.score import accuracy, mean_squared_error_V2


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """What has to be reached, and on which examples.

    Attributes:
        examples: Asked at the end of an epoch.
        error_V2: What their error must not exceed, squared, summed over targets, mean over
            examples, V².
        right: Share of them that has to be right; with it the error is not asked for. None where
            the task has no classes.
        held_out: Whether they were kept from learning.
    """

    examples: Examples
    error_V2: float
    right: float | None = None
    held_out: bool = False

    def reached(self, outputs_V: Floats) -> bool:
        """Whether answers are good enough.

        Args:
            outputs_V: To the examples, (n_example, n_target), volts.

        Returns:
            Whether they are.
        """
        classes = self.examples.classes
        if self.right is not None and classes is not None:
            return accuracy(outputs_V, classes) >= self.right
        return mean_squared_error_V2(outputs_V, self.examples.labels) <= self.error_V2


def goal_of(task: Task, error_V2: float, told: Accuracy | None) -> Goal:
    """What a circuit reached, as a goal for others.

    Args:
        task: Its examples.
        error_V2: Its error at the end, over the examples taught, V².
        told: How often it was right; None without classes.

    Returns:
        The goal: its share of right answers among those held out, or else among those taught, or
        else its error.
    """
    if told is None or task.train.classes is None:
        return Goal(task.train, error_V2)
    if task.test is not None and told.test is not None:
        return Goal(task.test, error_V2, told.test, held_out=True)
    return Goal(task.train, error_V2, told.train)
