"""Exclusive or: the smallest task no linear network can do.

The output of a linear network is an affine function of its inputs, so that its answers to 00 and
11 add up to as much as those to 01 and 10, and never can all four be on the right side of one
threshold. Dillavou et al. (PNAS 2024) teach it to a transistor network, whose edges are nonlinear,
with a differential target whose sign is the answer; two targets O+ and O- whose larger one is the
answer are offered too. `Task.class_names` says which class is which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.design.sections import TaskSpec
from learning.errors import LearningError
from learning.tasks.examples import Examples, Task
from learning.tasks.levels import class_labels
from learning.tasks.reach import require_reachable
from learning.tasks.sources import require_inputs, require_targets, with_constants

_BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
_N_INPUT, _N_CLASS = 2, 2
_DIFFERENCE_V = 0.03
"""How far from zero a differential target is asked to go, unless the design says."""


@dataclass(frozen=True, slots=True)
class Xor:
    """The truth table in volts.

    Attributes:
        spec: Uses `input_low_V`, `input_high_V`, `constants_V`, `label_low_V`, `label_high_V`,
            `class_labels_V`.
    """

    spec: TaskSpec

    def ports(self) -> tuple[int, int]:
        """Sources and targets: two inputs and the constants, and a target for each answer."""
        return _N_INPUT + len(self.spec.constants_V), _N_CLASS

    def task(
        self,
        n_source: int,
        n_target: int,
        rng: np.random.Generator,  # noqa: ARG002  every kind of task is called alike
    ) -> Task:
        """Lay out the truth table in volts.

        Args:
            n_source: Number of sources of the network: two and the constants.
            n_target: Number of targets of the network: one, positive for "1", or two.
            rng: Not drawn from.

        Returns:
            The task: four examples, no test set.

        Raises:
            LearningError: When counts do not match or a label is out of reach, as with both inputs
                at 0 V and no constant source.
        """
        spec = self.spec
        require_inputs(_N_INPUT, spec.constants_V, n_source)
        levels_V = np.array([spec.input_low_V, spec.input_high_V])
        sources = with_constants(levels_V[_BITS], spec.constants_V)
        odd = _BITS[:, 0] != _BITS[:, 1]
        if n_target == 1:
            low_V, high_V = _difference_levels_V(spec)
            labels = np.where(odd, high_V, low_V)[:, None]
            return Task(
                "xor", Examples(sources, labels, odd.astype(np.int64)), class_names=("0", "1")
            )
        require_targets(_N_CLASS, n_target)
        classes = (~odd).astype(np.int64)
        labels = class_labels(spec, classes, ("1", "0"))
        require_reachable(
            sources,
            labels,
            lambda row: f"task.label_high_V (example {row})",
            "hold one more source at a constant voltage above the labels (task.constants_V)",
        )
        return Task("xor", Examples(sources, labels, classes), class_names=("1", "0"))


def _difference_levels_V(spec: TaskSpec) -> tuple[float, float]:
    low = -_DIFFERENCE_V if spec.label_low_V is None else spec.label_low_V
    high = _DIFFERENCE_V if spec.label_high_V is None else spec.label_high_V
    voltages = (0.0, spec.input_low_V, spec.input_high_V, *spec.constants_V)
    span = max(voltages) - min(voltages)
    if not -span <= low < 0 < high <= span:
        raise LearningError(
            f"label levels {low:g} and {high:g} V of a difference are not on both sides of zero "
            f"and within {span:g} V, the range of the sources",
            "task.label_low_V",
            "set task.label_low_V below and task.label_high_V above zero",
        )
    return low, high
