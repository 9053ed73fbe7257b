"""The one array type of this package, for signatures that a person can read."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
"""Real numbers; their shape and unit stand where they are used."""
