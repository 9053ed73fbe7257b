"""Coupled learning on a linear resistor network, as the source paper simulates it, only faster.

The rule is k ← k - (α/η)·⟨ΔV_clamped² - (1-λ)·ΔV_free²⟩, clipped to bounds (Stern, Dillavou,
Jayaraman, Durian, Liu, "Training self-learning circuits for power-efficient solutions", APL Mach.
Learn. 2, 016114, 2024). Written as ΔV_clamped = ΔV_free + δ, the update is
⟨δ·(2·ΔV_free + δ)⟩ + λ·⟨ΔV_free²⟩: the two large squares that nearly cancel at a small nudge never
meet, so errors far below the square root of rounding stay visible. δ and ΔV_free are a few columns
times the examples, hence the averages are a small matrix, whatever the number of examples.

Example:
    A divider of two unit resistors learns to give a quarter of its input instead of half:

    >>> import networkx as nx
    >>> learned = train_linear(nx.path_graph(3), sources=[0], targets=[1], ground=2,
    ...                        inputs=[[1.0]], labels=[[0.25]], steps=2000)
    >>> bool(learned.final_error < 1e-9)
    True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from learning.arrays import Floats
from learning.errors import LearningError
from learning.twin.constraint import Ints
from learning.twin.linear_network import LinearNetwork
from learning.twin.stepper import Lesson, stepper_for
from learning.twin.training import Recorder, Training

PowerWeight: TypeAlias = float | Sequence[float] | Callable[[int], float]
"""λ: one for all steps, one per step, or a function of the step."""

Order: TypeAlias = Literal["batch", "cyclic", "shuffled"]
"""All examples at every step, or one per step: in turn, or in a new order every epoch."""


def train_linear(
    graph: Any,
    *,
    sources: Sequence[Any],
    targets: Sequence[Any],
    ground: Any,
    inputs: ArrayLike,
    labels: ArrayLike,
    k0: ArrayLike = 1.0,
    alpha: float = 0.5,
    eta: float = 1e-3,
    power_weight: PowerWeight = 0.0,
    steps: int = 1000,
    bounds: tuple[ArrayLike, ArrayLike] = (1e-4, 1e6),
    record_every: int = 1,
    order: Order = "batch",
    rng: np.random.Generator | None = None,
) -> Training:
    """Train a network by coupled learning.

    Args:
        graph: Any networkx graph; edges are counted in the order of ``graph.edges()``.
        sources: Each a node (its voltage against ground) or an (i, j) pair (its drop, i positive).
        targets: The same.
        ground: Node or nodes at 0 V.
        inputs: (n_example, n_source), volts.
        labels: (n_example, n_target), volts.
        k0: Initial conductances, one for all edges or (n_edge,), siemens.
        alpha: Learning rate, siemens per square volt.
        eta: Nudge: the clamped target is free + eta·(label - free).
        power_weight: λ, constant, per step or as a function of the step.
        steps: Number of updates.
        bounds: Lowest and highest conductance, for all edges or (n_edge,) each, siemens; equal
            bounds freeze an edge.
        record_every: Steps between two rows of the record; the first is before the first update.
        order: All examples at once, or one by one.
        rng: Draws the order when "shuffled".

    Returns:
        The record.

    Raises:
        LearningError: For arguments that do not fit together or a network that cannot be solved.
    """
    network = LinearNetwork(graph, sources, targets, ground)
    lesson = _lesson(network, inputs, labels, eta, alpha)
    low, high = (_per_edge(bound, network.n_edge, "bounds") for bound in bounds)
    k = np.clip(_per_edge(k0, network.n_edge, "k0"), low, high)
    _check(low, high, steps, record_every)
    weights = _weights(power_weight, steps)
    shown = _shown(order, len(lesson.inputs), steps, rng)
    recorder = Recorder(record_every, steps, network.n_edge)
    stepper = stepper_for(network, lesson, (low, high))
    for begin in range(0, steps, record_every):
        recorder.add(*lesson.judge(network.respond(k), k), k)
        part = slice(begin, min(begin + record_every, steps))
        stepper.advance(k, weights[part], shown[part])
    return recorder.done(*lesson.judge(network.respond(k), k), k)


def _lesson(
    network: LinearNetwork, inputs: ArrayLike, labels: ArrayLike, eta: float, alpha: float
) -> Lesson:
    shown, wanted = np.array(inputs, dtype=float), np.array(labels, dtype=float)
    for name, array, columns in (
        ("inputs", shown, network.n_source),
        ("labels", wanted, network.n_target),
    ):
        if array.ndim != 2 or array.shape[1] != columns or len(array) != len(shown):  # noqa: PLR2004
            raise LearningError(
                f"{name} of shape {array.shape} for {columns} {name[:-1]}s per example and "
                f"{len(shown)} examples",
                name,
                "one row per example, one column per source or target",
            )
    if not len(shown) or not columns or not shown.shape[1]:
        raise LearningError(
            "nothing is taught", "inputs", "one example, source and target at least"
        )
    if not 0.0 < eta <= 1.0:
        raise LearningError(f"a nudge of {eta:g} is not in 0 to 1", "eta", "1e-3 is the paper's")
    return Lesson(shown, wanted, shown.T @ shown / len(shown), eta, alpha / eta)


def _per_edge(value: ArrayLike, n_edge: int, name: str) -> Floats:
    try:
        return np.array(np.broadcast_to(np.asarray(value, dtype=float), (n_edge,)))
    except ValueError as error:
        raise LearningError(
            f"{np.shape(value)} values for {n_edge} edges", name, "one number, or one per edge"
        ) from error


def _check(low: Floats, high: Floats, steps: int, record_every: int) -> None:
    if not np.all((low > 0.0) & (high >= low)):
        raise LearningError(
            "the bounds are not 0 < low <= high", "bounds", "such as (1e-4, 1e6) siemens"
        )
    if steps < 0 or record_every < 1:
        raise LearningError(
            f"{steps} steps, recorded every {record_every}",
            "steps" if steps < 0 else "record_every",
            "0 steps or more, recorded every 1 or more",
        )


def _weights(power_weight: PowerWeight, steps: int) -> Floats:
    if callable(power_weight):
        return np.array([float(power_weight(step)) for step in range(steps)])
    if np.ndim(power_weight) and np.shape(power_weight) != (steps,):
        raise LearningError(
            f"{np.size(power_weight)} power weights for {steps} steps",
            "power_weight",
            "one number, one per step, or a function of the step",
        )
    return np.array(np.broadcast_to(np.asarray(power_weight, dtype=float), (steps,)))


def _shown(order: str, n_example: int, steps: int, rng: np.random.Generator | None) -> Ints:
    epochs = -(-steps // n_example)
    if order == "batch":
        return np.full(steps, -1)
    if order == "cyclic":
        return np.tile(np.arange(n_example), epochs)
    if order != "shuffled" or rng is None:
        raise LearningError(
            "order 'shuffled' without rng" if order == "shuffled" else f"unknown order {order!r}",
            "order",
            "batch, cyclic, or shuffled with rng=np.random.default_rng(0)",
        )
    return np.array([example for _ in range(epochs) for example in rng.permutation(n_example)])
