"""Steering: the power weight λ of every epoch, chosen by a rule that sees the run so far.

What was chosen is kept in the tally, so that the deck left behind plays it again by itself and a
resumed run knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from learning.arrays import Floats
from learning.fidelity.plant import Choose
from learning.measure.ledger import by_block
from learning.running.tally import ErrorPoint, Tally


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A run so far, as the rule that chooses the next power weight sees it.

    Attributes:
        epoch: The epoch about to be learned, from 0.
        errors: Every evaluation so far, the free network's mean power with it.
        power_weights: λ of every epoch before.
        energy_J: By block and in "total", since the start, joules.
        gates_V: (n_gate,), the latest that were kept, volts.
    """

    epoch: int
    errors: tuple[ErrorPoint, ...]
    power_weights: tuple[float, ...]
    energy_J: Mapping[str, float]
    gates_V: Floats


PowerWeight: TypeAlias = Callable[[History], float]
"""Chooses λ, from 0 to 1, for the epoch about to be learned. It should depend on the history alone,
for then a resumed run chooses as an undisturbed one would."""


def chooser(rule: PowerWeight, tally: Tally, chosen: Callable[[float], None]) -> Choose:
    """A rule as a plant asks it.

    Args:
        rule: Chooses from the history.
        tally: The run so far; every λ chosen is added to it.
        chosen: Told the λ of the first epoch.

    Returns:
        Chooses from an epoch's number.
    """

    def choose(epoch: int) -> float:
        history = History(
            epoch,
            tuple(tally.history),
            tuple(tally.power_weights[:epoch]),
            by_block(tally.energy_J),
            tally.gates_V[-1].copy(),
        )
        weight = float(rule(history))
        tally.power_weights[epoch:] = [weight]
        if epoch == 0:
            chosen(weight)
        return weight

    return choose
