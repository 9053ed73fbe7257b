"""The two label voltages of a classification task, or the range labels are scaled to.

Unlike a regression's, a class label need not be reachable from every example: the answer is the
largest target, and a label that only pulls the right way teaches it just as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.design.sections import TaskSpec
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
    spec: TaskSpec, classes: NDArray[np.int64], class_names: tuple[str, ...]
) -> NDArray[np.float64]:
    """What the targets are asked to show: the design's row for the class, or high on its own one.

    Args:
        spec: Uses `class_labels_V`, else `label_low_V` and `label_high_V`.
        classes: (n_example,), the column of each example's own target.
        class_names: Name of each class, one per target.

    Returns:
        (n_example, n_target), volts.

    Raises:
        LearningError: When the levels are out of order or of reach, or `class_labels_V` is not a
            row per class in which the class's own target is the highest.
    """
    n_class = len(class_names)
    if not spec.class_labels_V:
        low, high = label_levels_V(spec)
        return np.where(classes[:, None] == np.arange(n_class), high, low)
    codes = np.array(spec.class_labels_V)
    if codes.shape != (n_class, n_class):
        raise LearningError(
            f"{' by '.join(map(str, codes.shape))} label voltages for {n_class} classes",
            "task.class_labels_V",
            f"{n_class} rows of {n_class} voltages, a row per class: {', '.join(class_names)}",
        )
    _require_codes(spec, codes, class_names)
    labels: NDArray[np.float64] = codes[classes]
    return labels


def _require_codes(
    spec: TaskSpec, codes: NDArray[np.float64], class_names: tuple[str, ...]
) -> None:
    low, high = (
        min(0.0, spec.input_low_V, *spec.constants_V),
        max(0.0, spec.input_high_V, *spec.constants_V),
    )
    for row, name in enumerate(class_names):
        others = np.delete(codes[row], row)
        if codes[row, row] <= others.max() or codes[row].min() < low or codes[row].max() > high:
            raise LearningError(
                f"the labels of class {name!r}, {codes[row].tolist()} V, are not highest on its "
                f"own target ({row}) and between {low:g} and {high:g} V",
                "task.class_labels_V",
                "the answer of a network is its highest target, within the range of the sources",
            )
