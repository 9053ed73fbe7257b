"""Which voltages a network of resistors can show at all.

With positive conductances every node voltage is a weighted mean of the voltages held at the
boundary (the discrete maximum principle), so that a target can only lie between the lowest and the
highest source, ground at 0 V included. Asking for more would drive the gates to the rails for ever.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from learning.errors import LearningError

_TOLERANCE_V = 1e-9  # rounding in a sum of products, far below what any cell resolves


def require_reachable(
    sources: NDArray[np.float64],
    labels: NDArray[np.float64],
    where: Callable[[int], str],
    hint: str,
) -> None:
    """Check every label against the sources of its own example.

    Args:
        sources: (n_example, n_source), volts.
        labels: (n_example, n_target), volts.
        where: The place to report for the example with a given 0-based number.
        hint: What to try.

    Raises:
        LearningError: For the first label outside the reach of its example.
    """
    low = np.minimum(sources.min(axis=1), 0.0)[:, None]
    high = np.maximum(sources.max(axis=1), 0.0)[:, None]
    outside = (labels < low - _TOLERANCE_V) | (labels > high + _TOLERANCE_V)
    if not outside.any():
        return
    row, column = (int(index) for index in np.argwhere(outside)[0])
    raise LearningError(
        f"target {column} of example {row} is asked for {labels[row, column]:.4g} V, but with "
        f"these sources a network of resistors reaches {low[row, 0]:.4g} to {high[row, 0]:.4g} V",
        where(row),
        hint,
    )
