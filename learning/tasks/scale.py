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
        LearningError: When a column never changes in the training rows, or its numbers are too
            great or too small to be scaled.
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
    with np.errstate(all="ignore"):  # judged by what comes of it
        span = high - low
        scaled: NDArray[np.float64] = volts[0] + (values - low) / span * (volts[1] - volts[0])
        slope = (volts[1] - volts[0]) / span
        offset_V = volts[0] - slope * low
    # Below the smallest normal number digits are lost, above the greatest all of them.
    kept = (span >= np.finfo(float).tiny) & np.isfinite([span, slope, offset_V]).all(axis=0)
    wrong = np.flatnonzero(~(kept & np.isfinite(scaled).all(axis=0)))
    if wrong.size:
        of = values[:, wrong[0]]
        raise LearningError(
            f"column {names[int(wrong[0])]!r} goes from {of.min():g} to {of.max():g}, which no "
            "scale brings to volts",
            where,
            "correct the numbers, or write them in another unit",
        )
    return scaled, slope, offset_V
