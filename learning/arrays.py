"""The one spelling of an array of real numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers of double precision; a docstring gives shape and unit."""
