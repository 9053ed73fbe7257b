"""Learning in the twin with the characterised edge: what the circuit would do with ideal updates.

Gate voltages move as V̇ = g·((1-λ)·ΔV_free² - ΔV_clamped²) during each presentation, g being the
update cell's gain over the storage capacitor. A presentation is cut into a few Euler steps. There
is no settling here, and no offset but what is asked for: what the twin reaches and the circuit does
not is the update cells' and amplifiers' share of the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import Floats
from learning.tasks.examples import Examples
from learning.tasks.score import mean_squared_error_V2
from learning.twin.cell_network import CellNetwork

SUBSTEPS = 4
"""Euler steps per presentation; more change the course of learning by less than its offsets."""


@dataclass(frozen=True, slots=True)
class Point:
    """An evaluation.

    Attributes:
        epoch: Epochs learned before it.
        error_V2: Squared target error, summed over targets, mean over examples, V².
        power_W: The free network's, watts.
    """

    epoch: int
    error_V2: float
    power_W: float


@dataclass(frozen=True, slots=True, eq=False)
class CellHistory:
    """What a rule that chooses λ sees, in the words of the circuit's run.

    Attributes:
        epoch: The epoch about to be learned.
        errors: Every evaluation so far.
        power_weights: λ of every epoch before.
    """

    epoch: int
    errors: tuple[Point, ...]
    power_weights: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CellTraining:
    """A training.

    Attributes:
        points: One evaluation before every epoch and one at the end.
        power_weights: λ of every epoch.
        gates_V: At the end: (n_edge,), volts.
    """

    points: tuple[Point, ...]
    power_weights: tuple[float, ...]
    gates_V: Floats


def train_cells(
    network: CellNetwork,
    examples: Examples,
    gates_V: Sequence[float] | Floats,
    *,
    gain: float,
    nudge: float,
    epochs: int,
    choose: Callable[[CellHistory], float],
    rail_V: float,
    rng: np.random.Generator,
    offset_V2: Floats | float = 0.0,
) -> CellTraining:
    """Train the twin with the characterised edge.

    Args:
        network: The network.
        examples: What to learn.
        gates_V: Where to start: (n_edge,), volts.
        gain: Change of a gate per presentation and square volt of contrast, 1/V.
        nudge: η.
        epochs: Epochs, each in a new order.
        choose: Chooses λ for every epoch.
        rail_V: Gates stay between 0 and this, volts.
        rng: Draws the orders.
        offset_V2: What each update cell adds to its contrast, its offset over its gain: (n_edge,)
            or one for all, square volts.

    Returns:
        The training.

    Raises:
        LearningError: When the network has no state.
    """
    gates, points, weights = np.array(gates_V, dtype=float), list[Point](), list[float]()
    for epoch in range(epochs):
        points.append(evaluate(network, examples, gates, epoch))
        weights.append(choose(CellHistory(epoch, tuple(points), tuple(weights))))
        for example in rng.permutation(len(examples)):
            shown, wanted = examples.inputs[[example]], examples.labels[[example]]
            for _ in range(SUBSTEPS):
                free = network.free(gates, shown)
                outputs = free.volts[:, network.targets]
                nudged = outputs + nudge * (wanted - outputs)
                clamped = network.clamped(gates, shown, nudged)
                contrast = (1.0 - weights[-1]) * free.drops**2 - clamped.drops**2
                gates = np.clip(gates + gain / SUBSTEPS * (contrast[0] + offset_V2), 0.0, rail_V)
    points.append(evaluate(network, examples, gates, epochs))
    return CellTraining(tuple(points), tuple(weights), gates)


def evaluate(network: CellNetwork, examples: Examples, gates_V: Floats, epoch: int) -> Point:
    """Error and power of the free state over all examples.

    Args:
        network: The network.
        examples: With labels.
        gates_V: (n_edge,), volts.
        epoch: Epochs learned before.

    Returns:
        The evaluation.
    """
    free = network.free(gates_V, examples.inputs)
    outputs = free.volts[:, network.targets]
    return Point(epoch, mean_squared_error_V2(outputs, examples.labels), free.power_W)
