"""Exclusive or on two targets, O+ and O-: the smallest task no linear network can do.

Dillavou et al. (PNAS 2024) show it to a transistor network, whose edges are nonlinear. The answer
is the sign of O+ - O-, so a class is the target that ought to be larger: column 0 (O+) for "1",
column 1 (O-) for "0". `Task.class_names` says so, as ``("1", "0")``.
"""

from __future__ import annotations

import numpy as np

from learning.design import TaskSpec
from learning.tasks.examples import Examples, Task
from learning.tasks.levels import class_labels, label_levels_V
from learning.tasks.reach import require_reachable
from learning.tasks.sources import require_inputs, require_targets, with_constants

_BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def xor(
    spec: TaskSpec,
    n_source: int,
    n_target: int,
    rng: np.random.Generator,  # noqa: ARG001  every kind of task is called alike
) -> Task:
    """Lay out the truth table in volts.

    Args:
        spec: Uses `input_low_V`, `input_high_V`, `constants_V`, `label_low_V`, `label_high_V`.
        n_source: Number of sources of the network: two and the constants.
        n_target: Number of targets of the network: two.
        rng: Not drawn from.

    Returns:
        The task: four examples, no test set.

    Raises:
        LearningError: When counts do not match or a label is out of reach, as with both inputs at
            0 V and no constant source.
    """
    require_inputs(2, spec.constants_V, n_source)
    require_targets(2, n_target)
    levels_V = np.array([spec.input_low_V, spec.input_high_V])
    sources = with_constants(levels_V[_BITS], spec.constants_V)
    classes = (_BITS[:, 0] == _BITS[:, 1]).astype(np.int64)
    labels = class_labels(classes, 2, label_levels_V(spec))
    require_reachable(
        sources,
        labels,
        lambda row: f"task.label_high_V (example {row})",
        "hold one more source at a constant voltage above the labels (task.constants_V)",
    )
    return Task("xor", Examples(sources, labels, classes), class_names=("1", "0"))
