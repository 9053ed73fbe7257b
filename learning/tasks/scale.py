"""From the units of a table to volts: one straight line per column, fitted to training rows only.

Test rows never take part, or the test would know what it is to predict. A test value beyond the
training range therefore lands beyond the voltage range; the caller decides whether to clip it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from learning.errors import LearningError


def scale(
    values: NDArray[np.float64],
    train: NDArray[np.int64],
    volts: tuple[float, float],
    names: tuple[str, ...],
    where: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Map each column's training minimum and maximum to the two ends of a voltage range.

    Args:
        values: (n_row, n_column), any unit.
        train: Row numbers whose minimum and maximum count.
        volts: Lowest and highest voltage.
        names: Name of each column.
        where: File name, for the error.

    Returns:
        (n_row, n_column), volts, within the range for training rows; and of each column the slope
        in volts per unit and the offset in volts, both (n_column,).

    Raises:
        LearningError: When a column never changes in the training rows.
    """
    low, high = values[train].min(axis=0), values[train].max(axis=0)
    flat = np.flatnonzero(high <= low)
    if flat.size:
        name = names[int(flat[0])]
        raise LearningError(
            f"column {name!r} is {low[flat[0]]:g} in every training row and cannot be scaled",
            where,
            "leave it out of task.input_columns; task.constants_V holds a source constant",
        )
    scaled: NDArray[np.float64] = volts[0] + (values - low) / (high - low) * (volts[1] - volts[0])
    slope = (volts[1] - volts[0]) / (high - low)
    return scaled, slope, volts[0] - slope * low
