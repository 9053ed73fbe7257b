"""What streams out of a run: stretches of probes, and now and then everything at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from spice_backend.arrays import Floats
from spice_backend.protocol.probe_names import is_node


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Accepted time points in order.

    Attributes:
        scale: (n,), seconds in a transient; the swept value in a sweep.
        values: (n, n_probe), volts or amperes, in the order the probes were asked for; complex
            where the analysis is.
    """

    scale: Floats
    values: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Vectors:
    """What an analysis is about to deliver, its scale first.

    Attributes:
        names: Vector names in lower case.
        units: "s", "V", "A", "Hz" or "".
        real: Whether the values are real.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    real: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every vector a deck saves, at one accepted point.

    Attributes:
        time_s: When, seconds.
        values: By vector name: volts for a node, amperes for ``source#branch``.
    """

    time_s: float
    values: Mapping[str, float]

    def nodes_V(self) -> dict[str, float]:
        """Node voltages alone, volts."""
        return {name: value for name, value in self.values.items() if is_node(name)}
