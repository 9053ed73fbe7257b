"""The two label voltages of a classification task, or the range labels are scaled to.

Unlike a regression's, a class label need not be reachable from every example: the answer is the
largest target, and a label that only pulls the right way teaches it just as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.design import TaskSpec
from learning.errors import LearningError


def label_levels_V(spec: TaskSpec) -> tuple[float, float]:
    """The label voltages ``(low, high)``.

    An unset level takes a third and two thirds of the way from 0 V to the highest source: both can
    be reached from either side, which a label at the very end of the range cannot.

    Raises:
        LearningError: When the levels are out of order or beyond what any example reaches.
    """
    top = max(0.0, spec.input_high_V, *spec.constants_V)
    bottom = min(0.0, spec.input_low_V, *spec.constants_V)
    low = top / 3.0 if spec.label_low_V is None else spec.label_low_V
    high = 2.0 * top / 3.0 if spec.label_high_V is None else spec.label_high_V
    if not bottom <= low < high <= top:
        raise LearningError(
            f"label levels {low:.4g} and {high:.4g} V are not in rising order between "
            f"{bottom:.4g} and {top:.4g} V, the range of the sources",
            "task.label_low_V",
            "set task.label_low_V < task.label_high_V within the range of the sources",
        )
    return low, high


def class_labels(
    classes: NDArray[np.int64], n_target: int, levels_V: tuple[float, float]
) -> NDArray[np.float64]:
    """High on the target of an example's own class, low on the others.

    Args:
        classes: (n_example,), the column of each example's own target.
        n_target: Number of targets.
        levels_V: Low and high label voltage.

    Returns:
        (n_example, n_target), volts.
    """
    low, high = levels_V
    return np.where(classes[:, None] == np.arange(n_target), high, low)
