"""The best that resistors can do: a convex fit, as a yardstick for what was learned.

In a network of positive conductances every node voltage is a weighted mean of the voltages held at
its boundary, with weights that are not negative and add up to 1 and do not depend on the inputs
(the discrete maximum principle, and superposition). Every such set of weights can be had: join the
target to each held node by one resistor. So the least squared error over all of them is the bound
for every linear network, whatever its topology. Edges made of transistors are not linear and may
beat it.

The least-squares problem over weights on a simplex is the point nearest to the origin in a convex
hull, which non-negative least squares finds exactly (Lawson and Hanson, Solving Least Squares
Problems, 1974, chapter 23): no solver tolerance stands between a figure and its bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats

_STEPS_PER_COLUMN = 30
"""Ten times what `nnls` allows itself: columns that are nearly alike make it change its mind."""


@dataclass(frozen=True, slots=True, eq=False)
class Passive:
    """A linear network of positive conductances, as far as its targets show.

    Attributes:
        weights: What each target (row) owes each held node (column): (n_target, n_held). A row of
            a differential target is the difference of two nodes' weights.
    """

    weights: Floats

    def outputs_V(self, held_V: Floats) -> Floats:
        """What its targets show.

        Args:
            held_V: Voltages at the held nodes, (n_example, n_held), volts.

        Returns:
            (n_example, n_target), volts.
        """
        shown: Floats = held_V @ self.weights.T
        return shown


def best_passive(held_V: Floats, labels_V: Floats, paired: tuple[bool, ...]) -> Passive:
    """Fit the best linear network of positive conductances.

    Args:
        held_V: Voltages at the held nodes (sources and ground), (n_example, n_held), volts.
        labels_V: What the targets ought to show, (n_example, n_target), volts.
        paired: For each target, whether it is the difference of two nodes.

    Returns:
        The network with the least squared error on these examples.
    """
    rows = [
        _difference(held_V, labels) if pair else _mean(held_V, labels)
        for labels, pair in zip(labels_V.T, paired, strict=True)
    ]
    return Passive(np.array(rows))


def _mean(held_V: Floats, labels_V: Floats) -> Floats:
    """Weights, not negative and adding up to 1, of the nearest weighted mean: (n_held,)."""
    away = held_V - labels_V[:, None]
    scale_V = float(np.abs(away).max()) or 1.0
    system = np.vstack([away / scale_V, np.ones(away.shape[1])])
    wanted = np.zeros(len(system))
    wanted[-1] = 1.0
    # Imported when needed: it takes a third of a second, and most of a run's life nobody asks.
    from scipy.optimize import nnls  # noqa: PLC0415

    found, _ = nnls(system, wanted, maxiter=_STEPS_PER_COLUMN * system.shape[1])
    weights: Floats = found / found.sum()
    return weights


def _difference(held_V: Floats, labels_V: Floats) -> Floats:
    """The same for a difference of two nodes, each a weighted mean of its own: (n_held,)."""
    n_held = held_V.shape[1]
    plus, minus = (each.ravel() for each in np.indices((n_held, n_held)))
    weights = _mean(held_V[:, plus] - held_V[:, minus], labels_V)
    total = np.zeros(n_held)
    np.add.at(total, plus, weights)
    np.add.at(total, minus, -weights)
    return total
