"""The digital learner: a linear map taught by least mean squares, in floating or fixed point.

Run, not estimated: how many examples a processor must see until it does as well as the circuit is
found by letting it learn the circuit's own examples. Weights begin at zero. Steps are powers of
two, which a digital engine shifts by instead of multiplying; the one that needs the fewest epochs
counts, as a designer would have tuned it.
"""

from __future__ import annotations

import numpy as np

from learning.arrays import Floats
from learning.studies.digital.goal import Goal
from learning.tasks.examples import Examples

_RANGE_V = 2.0
"""Fixed-point numbers go from minus this to just below it."""

_STEPS = 6
"""Step sizes tried, each half the one before; the first is at the edge of what converges."""


_LEAST_BITS = 2


def epochs_to(
    examples: Examples, goal: Goal, most_epochs: int, bits: int | None = None
) -> int | None:
    """How many epochs a digital learner needs.

    Args:
        examples: What it learns from, in a new order each epoch.
        goal: What it has to reach at the end of an epoch, as the circuit is measured.
        most_epochs: After which it is given up.
        bits: Of every number; None for floating point.

    Returns:
        The epochs; None when no step size reaches the goal.
    """
    inputs, labels = _rounded(examples.inputs, bits), examples.labels
    power_V2 = float(np.max(np.sum(inputs**2, axis=1)))
    if power_V2 == 0.0:
        return None
    largest = 2.0 ** np.floor(np.log2(2.0 / power_V2))
    best: int | None = None
    for halvings in range(_STEPS):
        few = most_epochs if best is None else best - 1
        found = _learn((inputs, labels), goal, largest / 2.0**halvings, few, bits)
        best = best if found is None else found
    return best


def widths_reaching(
    examples: Examples, goal: Goal, most_epochs: int, most_bits: int
) -> tuple[tuple[int, int], ...]:
    """Every width of numbers with which a digital learner gets there, from the most bits down.

    Args:
        examples: As for `epochs_to`.
        goal: As for `epochs_to`.
        most_epochs: As for `epochs_to`.
        most_bits: Where the search begins.

    Returns:
        Bits and the epochs needed with them, down to the first width that does not do; empty when
        not even the most bits do.
    """
    found: list[tuple[int, int]] = []
    for bits in range(most_bits, _LEAST_BITS - 1, -1):
        epochs = epochs_to(examples, goal, most_epochs, bits)
        if epochs is None:
            break
        found.append((bits, epochs))
    return tuple(found)


def _learn(
    taught: tuple[Floats, Floats], goal: Goal, step: float, most: int, bits: int | None
) -> int | None:
    inputs, labels = taught
    asked = _rounded(goal.examples.inputs, bits)
    weights = np.zeros((labels.shape[1], inputs.shape[1]))
    wanted = _rounded(labels, bits)
    rng = np.random.default_rng(0)
    for epoch in range(1, most + 1):
        for row in rng.permutation(len(inputs)):
            error = _rounded(wanted[row] - weights @ inputs[row], bits)
            weights = _rounded(weights + step * np.outer(error, inputs[row]), bits)
        if goal.reached(_rounded(asked @ weights.T, bits)):
            return epoch
    return None


def _rounded(values: Floats, bits: int | None) -> Floats:
    """Values as numbers of so many bits hold them."""
    if bits is None:
        return values
    unit = _RANGE_V / 2.0 ** (bits - 1)
    held: Floats = np.clip(np.round(values / unit) * unit, -_RANGE_V, _RANGE_V - unit)
    return held
