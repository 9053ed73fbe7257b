"""A stretch of a run as it streams out of the simulator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Accepted time points in order.

    Attributes:
        scale: (n,), seconds in a transient; the swept value in a sweep.
        values: (n, n_probe), volts or amperes, in the order the probes were asked for.
    """

    scale: NDArray[np.float64]
    values: NDArray[np.float64]
