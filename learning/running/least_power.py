"""The practical procedure: the least power within a given error, found while learning.

The source paper lowers power by a constant λ, chosen beforehand by a sweep (Stern et al., APL
Mach. Learn. 2, 016114, 2024). Here the run chooses for itself. The error grows as λ² at small λ,
hence an error of e under λ asks for λ·√(aim/e) to come out at the aim; the aim lies a little below
the tolerance. While λ is above zero the network goes on losing power at nearly the same error, for
many weights fit the same task; so the rule holds the error at the aim until the run is over, and
lets the last epochs learn without λ if the error is not safely under the tolerance by then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from learning.errors import LearningError


class Measured(Protocol):
    """An evaluation."""

    @property
    def error_V2(self) -> float:
        """Squared target error, V²."""

    @property
    def epoch(self) -> int:
        """Epochs learned before it."""


class Past(Protocol):
    """What a run knows when it asks for the next power weight."""

    @property
    def epoch(self) -> int:
        """The epoch about to be learned, from 0."""

    @property
    def errors(self) -> Sequence[Measured]:
        """Every evaluation so far."""

    @property
    def power_weights(self) -> Sequence[float]:
        """λ of every epoch before."""


@dataclass(frozen=True, slots=True)
class LeastPower:
    """Chooses λ of every epoch from the measured errors, to end just under a tolerance.

    Attributes:
        tolerance_V2: The error not to exceed at the end, V².
        epochs: Epochs of the run, to know when the end is near.
        aim: What the error is held at, as a share of the tolerance.
        first: The λ to begin with once the error is under the aim.
        highest: The largest λ.
        closing: Epochs at the end in which λ is zero unless the error is safe.
        safe: The error that is safe at the end, as a share of the tolerance.
    """

    tolerance_V2: float
    epochs: int
    aim: float = 0.75
    first: float = 0.01
    highest: float = 0.2
    closing: int = 2
    safe: float = 0.85

    def __post_init__(self) -> None:
        """Refuse a tolerance that nothing can meet."""
        if not 0.0 < self.tolerance_V2 < math.inf:
            raise LearningError(
                f"a tolerance of {self.tolerance_V2:g} V² leaves no room to save power",
                "learning.tolerance_V2",
                "give the error that is good enough, in V²",
            )

    def require_room(self) -> None:
        """Refuse a run too short for any power weight.

        Raises:
            LearningError: When the last epochs begin with the first.
        """
        if self.epochs <= self.closing + 1:
            raise LearningError(
                f"no epoch of {self.epochs} is left for a power weight: the first learns without, "
                f"and the last {self.closing} may have to",
                "schedule.epochs",
                "some fifteen epochs, --set schedule.epochs=15",
            )

    def __call__(self, past: Past) -> float:
        """The power weight of the epoch about to be learned.

        Args:
            past: What was measured.

        Returns:
            λ.
        """
        if not past.errors:
            return 0.0
        error, aim = past.errors[-1].error_V2, self.aim * self.tolerance_V2
        before = past.power_weights[-1] if past.power_weights else 0.0
        if past.errors[-1].epoch != past.epoch:
            return before  # nothing new was measured
        near_the_end = self.epochs - past.epoch <= self.closing
        if near_the_end and error > self.safe * self.tolerance_V2:
            return 0.0
        if before == 0.0:
            return self.first if error < aim and not near_the_end else 0.0
        step = min(max((aim / error) ** 0.5, _SLOWEST), _FASTEST) if error > 0.0 else _FASTEST
        return min(before * step, self.highest)


_SLOWEST, _FASTEST = 0.3, 1.6
"""How much λ may change in an epoch: the error answers with a delay of an epoch or two."""
